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

from typing import TYPE_CHECKING, Any

from passport.first_use import on_first_use

if TYPE_CHECKING:
    from passport.carbon.changes import Changes
    from passport.carbon.distributions import AmountIs, Kind, Spread
    from passport.carbon.first_order import FirstOrder, Variance
    from passport.carbon.graph import Dependents, SupplyGraph
    from passport.carbon.monte_carlo import MonteCarlo, Unproductive
    from passport.carbon.order import Topology
    from passport.carbon.pedigree import Exchange, Pedigree
    from passport.carbon.spreads import Spreads

__all__ = [
    "AmountIs",
    "Changes",
    "Dependents",
    "Exchange",
    "FirstOrder",
    "Kind",
    "MonteCarlo",
    "Pedigree",
    "Spread",
    "Spreads",
    "SupplyGraph",
    "Topology",
    "Unproductive",
    "Variance",
]

_load, __dir__ = on_first_use(
    __name__,
    {
        "changes": "Changes",
        "distributions": "AmountIs Kind Spread",
        "first_order": "FirstOrder Variance",
        "graph": "Dependents SupplyGraph",
        "monte_carlo": "MonteCarlo Unproductive",
        "order": "Topology",
        "pedigree": "Exchange Pedigree",
        "spreads": "Spreads",
    },
)


def __getattr__(name: str) -> Any:
    """A public name, out of its module; the exact modules beside need no arrays.

    Raises:
        UsageError: What the engine is built on is not installed.
    """
    from passport.errors import UsageError

    try:
        return _load(name)
    except ModuleNotFoundError as error:
        if error.name not in ("numpy", "scipy"):
            raise
        raise UsageError(
            "the engine needs NumPy and SciPy", found=f"no {error.name}", hint='pip install "carbon-passport[engine]"'
        ) from error
