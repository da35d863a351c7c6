"""Change a graph's numbers, edges or products, and compute again only what follows.

Numbers (direct emissions, amounts): the rows they stand in are computed again, then those of the users of every product
whose footprint came out different, in the order of the graph, until nothing is different. Products that need each other
are solved together. Where a change spreads to a large part of the graph, following it costs more than computing every
row, so then the rest is swept.

Edges and products: see `restructure`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passport.carbon.change_request import NONE, Numbers, amount_changes, direct_changes
from passport.carbon.changes import Changes
from passport.carbon.live import Live
from passport.carbon.propagation import PlainRoad, Propagation, Road
from passport.errors import GraphError

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph

LOOP_TOLERANCE = 1e-12
"""Relative residual to which loops of products are solved."""

_FEW_EDGES = 1000
_NO_AMOUNTS: NDArray[np.float64] = np.zeros(0)


def update(
    graph: SupplyGraph,
    *,
    direct: Mapping[Any, ArrayLike] | tuple[ArrayLike, ArrayLike] | None = None,
    amounts: Mapping[Any, ArrayLike] | tuple[ArrayLike, ArrayLike] | None = None,
    absolute: float = 0.0,
    relative: float = 0.0,
) -> Changes:
    """Do what `SupplyGraph.update` says."""
    if not (absolute >= 0 and relative >= 0):
        raise GraphError("a threshold below zero", where="absolute, relative", found=(absolute, relative))
    products, emissions = (NONE, graph._direct[:0]) if direct is None else direct_changes(graph, direct)
    edges, values = (NONE, _NO_AMOUNTS) if amounts is None else amount_changes(graph, amounts)
    road = graph._road
    if road is None:
        road = graph._road = _start(graph)
    live = road.live
    seeds = live.topology.rank[products]
    old_emissions, old_values = graph._direct[products], graph._amount[edges]
    footprints = graph._footprints
    graph._footprints = None
    try:
        graph._direct[products] = emissions
        live.direct[seeds] = emissions
        if len(edges):
            positions = _positions(live, edges, graph._consumer)
            graph._amount[edges] = values
            live.amounts[positions] = values
            rows = live.topology.rank[graph._consumer[edges]]
            live.touch(positions, rows)
            seeds = np.concatenate((seeds, rows))
        propagation = road.propagate(seeds, name_of=graph.product_name)
    except BaseException:
        graph._direct[products] = old_emissions
        graph._amount[edges] = old_values
        road.take_back()
        graph._footprints = live.in_product_order() if footprints is None else footprints
        graph._road = None
        raise
    return changes(road, propagation, absolute=absolute, relative=relative)


def changes(
    road: Road,
    propagation: Propagation,
    *,
    absolute: float,
    relative: float,
    way: Literal["reordered"] | None = None,
    added_products: Numbers = NONE,
    added_edges: Numbers = NONE,
    removed_products: Numbers = NONE,
    removed_edges: Numbers = NONE,
) -> Changes:
    """Say what a road has found."""
    live = road.live
    ranks, old = propagation.ranks, propagation.old
    n_affected = len(ranks)
    new = live.found[ranks]
    delta = new - old
    if absolute or relative:
        size = np.abs(delta)
        # Told apart this way round, because an added product's NaN is to be listed.
        is_small = (size <= absolute) | (size <= relative * np.abs(old))
        kept = ~(is_small if is_small.ndim == 1 else is_small.all(axis=1))
        ranks, old, new, delta = ranks[kept], old[kept], new[kept], delta[kept]
    return Changes(
        products=live.topology.order[ranks],
        old=old,
        new=new,
        delta=delta,
        n_affected=n_affected,
        absolute=float(absolute),
        relative=float(relative),
        tolerance=LOOP_TOLERANCE if live.topology.n_blocks else 0.0,
        road=way or ("swept" if propagation.is_swept else "pushed"),
        kernel=road.kernel,
        added_products=added_products,
        added_edges=added_edges,
        removed_products=removed_products,
        removed_edges=removed_edges,
    )


def road_for(live: Live) -> Road:
    """The compiled road where numba is installed, else the plain one."""
    try:
        from passport.carbon.compiled_road import CompiledRoad  # the import is slow, and numba an extra
    except ImportError:
        return PlainRoad(live)
    return CompiledRoad(live)


def _start(graph: SupplyGraph) -> Road:
    """Everything in rank order, from the footprints as they are."""
    footprints = graph.footprints()
    # Views of the old arrays are in other hands: they stay as they are.
    graph._direct, graph._amount = graph._direct.copy(), graph._amount.copy()
    road = road_for(Live(graph.topology, graph._amount, graph._direct, footprints))
    road.settle((), name_of=graph.product_name)
    return road


def _positions(live: Live, edges: Numbers, consumer: NDArray[np.int32]) -> Numbers:
    """Where the amounts of edges stand in the matrix."""
    if len(edges) <= _FEW_EDGES:
        found = [live.position(edge, int(consumer[edge])) for edge in edges.tolist()]
        return np.array(found, dtype=np.int64)
    position = np.empty(live.topology.n_edges, dtype=np.int64)
    position[live.topology.edge] = np.arange(live.topology.n_edges)
    return position[edges]
