"""The engine over columns of numbers, usable without any passport.

Graph, solve, update, uncertainty, contributions, allocation and the sets of global warming potentials belong here;
documents, chain and HTTP do not.

A bakery's bread takes 0.7 kg of flour, a kilogram of which takes 0.02 kg of bread (breakfast at the mill):

>>> from passport.carbon import SupplyGraph
>>> graph = SupplyGraph.from_edges(
...     supplier=[0, 1], consumer=[1, 0], amount=[0.7, 0.02], direct=[0.4, 0.1], products=["flour", "bread"]
... )
>>> graph.footprints().round(4).tolist()
[0.4077, 0.3854]
>>> round(graph.footprint("bread"), 4)
0.3854
"""

from __future__ import annotations

from passport.carbon.graph import Dependents, SupplyGraph
from passport.carbon.order import Topology

__all__ = ["Dependents", "SupplyGraph", "Topology"]
