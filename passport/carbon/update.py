"""Change a graph's numbers, edges or products, and compute again only what follows.

Numbers (direct emissions, amounts): the rows they stand in are computed again, then those of the users of every product
whose footprint came out different, in the order of the graph, until nothing is different. Products that need each other
are solved together. Where a change spreads to a large part of the graph, following it costs more than computing every
row, so then the rest is swept.

Edges and products: see `restructure`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passport.carbon import restructure
from passport.carbon.blocks import RESIDUAL
from passport.carbon.change_request import NONE, Floats, Numbers, amount_changes, direct_changes
from passport.carbon.changes import Changes
from passport.carbon.live import Live
from passport.carbon.propagation import Propagation, Road
from passport.carbon.roads import road_for
from passport.carbon.structure_request import read
from passport.errors import GraphError

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph

_FEW_EDGES = 1000
_NO_AMOUNTS: NDArray[np.float64] = np.zeros(0)


def update(
    graph: SupplyGraph,
    *,
    direct: Mapping[Any, ArrayLike] | tuple[ArrayLike, ArrayLike] | None = None,
    amounts: Mapping[Any, ArrayLike] | tuple[ArrayLike, ArrayLike] | None = None,
    absolute: float = 0.0,
    relative: float = 0.0,
    **structure: Any,
) -> Changes:
    """Do what `SupplyGraph.update` says."""
    if not (absolute >= 0 and relative >= 0):
        raise GraphError("a threshold below zero", where="absolute, relative", found=(absolute, relative))
    if amounts is None and type(direct) is dict and len(direct) == 1 and not structure:
        quick = _one_emission(graph, direct, float(absolute), float(relative))
        if quick is not None:
            return quick
    products, emissions = (NONE, graph._direct[:0]) if direct is None else direct_changes(graph, direct)
    edges, values = (NONE, _NO_AMOUNTS) if amounts is None else amount_changes(graph, amounts)
    if structure:
        return _restructure(graph, products, emissions, edges, values, float(absolute), float(relative), structure)
    road = started(graph)
    live = road.live
    seeds = live.topology.rank[products]
    old_emissions, old_values = graph._direct[products], graph._amount[edges]

    def take_back() -> None:
        graph._direct[products] = old_emissions
        graph._amount[edges] = old_values

    graph._direct[products] = emissions
    live.direct[seeds] = emissions
    if len(edges):
        positions = _positions(live, edges, graph._consumer)
        graph._amount[edges] = values
        live.amounts[positions] = values
        rows = live.topology.rank[graph._consumer[edges]]
        live.touch(positions, rows)
        seeds = np.concatenate((seeds, rows))
    return _follow(graph, road, seeds, float(absolute), float(relative), take_back)


def _one_emission(graph: SupplyGraph, direct: dict[Any, Any], absolute: float, relative: float) -> Changes | None:
    """One product's direct emissions, without making arrays of them; None where this is not that simple."""
    road = graph._road
    ((product, emission),) = direct.items()
    if road is None or type(product) is not int or type(emission) is not float or not isfinite(emission):
        return None
    if not 0 <= product < len(graph._direct) or graph._direct.ndim != 1:
        return None
    live = road.live
    seed = live.seed
    rank = seed[0] = live.topology.rank[product]
    old_emission = graph._direct[product]

    def take_back() -> None:
        graph._direct[product] = old_emission

    graph._direct[product] = live.direct[rank] = emission
    return _follow(graph, road, seed, absolute, relative, take_back)


def _follow(
    graph: SupplyGraph,
    road: Road,
    seeds: NDArray[np.int32],
    absolute: float,
    relative: float,
    take_back: Callable[[], None],
) -> Changes:
    """Find out what follows; where nothing can, leave the graph as it was."""
    footprints = graph._footprints
    graph._footprints = None
    try:
        found = road.propagate(seeds, absolute=absolute, relative=relative, name_of=graph.product_name)
    except BaseException:
        take_back()
        road.take_back()
        graph._footprints = road.live.in_product_order() if footprints is None else footprints
        graph._road = None
        raise
    return _changes(road, found, absolute, relative, "swept" if found.is_swept else "pushed")


def _restructure(
    graph: SupplyGraph,
    products: Numbers,
    emissions: Floats,
    edges: Numbers,
    values: Floats,
    absolute: float,
    relative: float,
    structure: dict[str, Any],
) -> Changes:
    change = read(graph, products=products, emissions=emissions, edges=edges, amounts=values, **structure)
    thresholds = {"absolute": absolute, "relative": relative}
    spliced = restructure.splice_edges(graph, started(graph), change, **thresholds)
    road, found = spliced or restructure.reorder(graph, change, **thresholds)
    n, m = graph.n_products, graph.n_edges
    return _changes(
        road,
        found,
        absolute,
        relative,
        "reordered" if spliced is None else "swept" if found.is_swept else "pushed",
        np.arange(n - len(change.added), n),
        np.arange(m - len(change.supplier), m),
        change.removed_products,
        change.removed_edges,
    )


def _changes(
    road: Road,
    found: Propagation,
    absolute: float,
    relative: float,
    way: Literal["pushed", "swept", "reordered"],
    added_products: Numbers = NONE,
    added_edges: Numbers = NONE,
    removed_products: Numbers = NONE,
    removed_edges: Numbers = NONE,
) -> Changes:
    # By position: it is half as long as by name, and this is part of the shortest updates.
    return Changes(
        found.products,
        found.old,
        found.new,
        found.delta,
        found.n_affected,
        absolute,
        relative,
        RESIDUAL if len(road.live.is_touched) else 0.0,
        way,
        road.kernel,
        added_products,
        added_edges,
        removed_products,
        removed_edges,
    )


def started(graph: SupplyGraph) -> Road:
    """The road of a graph's updates; made from the footprints as they are."""
    if graph._road is None:
        footprints = graph.footprints()
        # Views of the old arrays are in other hands: they stay as they are.
        graph._direct, graph._amount = graph._direct.copy(), graph._amount.copy()
        road = road_for(Live(graph.topology, graph._amount, graph._direct, footprints), kernel=graph._kernel)
        road.settle(np.zeros(0, dtype=np.int32), absolute=0.0, relative=0.0, name_of=graph.product_name)
        graph._road = road
    return graph._road


def _positions(live: Live, edges: Numbers, consumer: NDArray[np.int32]) -> Numbers:
    """Where the amounts of edges stand in the matrix."""
    if len(edges) <= _FEW_EDGES:
        found = [live.position(edge, int(consumer[edge])) for edge in edges.tolist()]
        return np.array(found, dtype=np.int64)
    position = np.empty(live.topology.n_edges, dtype=np.int64)
    position[live.topology.edge] = np.arange(live.topology.n_edges)
    return position[edges]
