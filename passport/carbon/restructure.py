"""Add and remove edges and products of a graph, and compute again only what follows.

Rows and numbers behave as columns do: what is added goes to the end, and what is behind something removed moves up.
Keys of random draws and names stay with their edges and products.

Where the order of the products still holds (see `splice`) it is kept. Else a new one is found: new edges may close a
loop or run against the old order, and removed ones may open a loop. All rows are computed once in that order; what
follows from the change is told apart from what only rounds differently, because it is summed in another order now, by
following it from the rows that have changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from passport.carbon.change_request import Numbers
from passport.carbon.live import Live
from passport.carbon.order import find_topology
from passport.carbon.propagation import Propagation, Road
from passport.carbon.roads import road_for
from passport.carbon.splice import MAX_EDGES, keeps_order, spliced
from passport.carbon.structure_request import Restructuring

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph


def splice_edges(
    graph: SupplyGraph, road: Road, change: Restructuring, *, absolute: float, relative: float
) -> tuple[Road, Propagation] | None:
    """Keep the order of the products, if it holds.

    Args:
        graph: The graph.
        road: Of its updates.
        change: What is wanted.
        absolute: As of `SupplyGraph.update`.
        relative: As of `SupplyGraph.update`.

    Returns:
        The new road and what followed; None where another order is needed.

    Raises:
        GraphError: There is no answer; the graph is as it was.
    """
    live, removed = road.live, change.removed_edges
    gone = graph._supplier[removed], graph._consumer[removed]
    if len(change.added) or len(change.removed_products) or len(change.edges) > MAX_EDGES:
        return None
    if not keeps_order(live, change.supplier, change.consumer, *gone):
        return None
    joined = _joining(removed, graph.n_edges)
    edge_ids = _edge_ids(graph, change, joined)
    changed_amounts = graph._amount.copy()
    changed_amounts[change.edges] = change.amounts
    supplier, consumer = joined(graph._supplier, change.supplier), joined(graph._consumer, change.consumer)
    amount = joined(changed_amounts, change.added_amounts)
    new = spliced(
        live,
        supplier=change.supplier,
        consumer=change.consumer,
        amounts=change.added_amounts,
        removed=removed,
        removed_consumer=gone[1],
    )
    touched = np.concatenate(
        (
            change.edges - np.searchsorted(removed, change.edges),
            np.arange(len(supplier) - len(change.supplier), len(supplier)),
        )
    )
    positions = np.array([new.position(edge, int(consumer[edge])) for edge in touched.tolist()], dtype=np.int64)
    new.amounts[positions] = amount[touched]
    rank = live.topology.rank
    seeds = np.concatenate((rank[change.products], rank[gone[1]], rank[consumer[touched]]))
    old_emissions, footprints = graph._direct[change.products], graph.footprints()
    new_road = road_for(new, kernel=graph._kernel)
    try:
        graph._direct[change.products] = new.direct[rank[change.products]] = change.emissions
        new.touch(positions, rank[consumer[touched]])
        found = new_road.propagate(seeds, absolute=absolute, relative=relative, name_of=graph.product_name)
    except BaseException:
        graph._direct[change.products] = old_emissions
        graph._footprints, graph._road = footprints, None
        raise
    graph._supplier, graph._consumer, graph._amount = supplier, consumer, amount
    graph._edge_ids, graph._topology, graph._solver = edge_ids, new.topology, None
    graph._footprints, graph._road = None, new_road
    return new_road, found


def reorder(graph: SupplyGraph, change: Restructuring, *, absolute: float, relative: float) -> tuple[Road, Propagation]:
    """Make the new columns beside the old ones, compute, and only then put them in place.

    Args:
        graph: The graph.
        change: What is wanted.
        absolute: As of `SupplyGraph.update`.
        relative: As of `SupplyGraph.update`.

    Returns:
        The new road, and what followed.

    Raises:
        GraphError: There is no answer; the graph is as it was.
    """
    n, k = graph.n_products, len(change.added)
    keeps_product = np.ones(n + k, dtype=np.bool_)
    keeps_product[change.removed_products] = False
    number = (np.cumsum(keeps_product) - 1).astype(np.int32)
    joined = _joining(change.removed_edges, graph.n_edges)
    supplier = number[joined(graph._supplier, change.supplier)]
    consumer = number[joined(graph._consumer, change.consumer)]
    amount = graph._amount.copy()
    amount[change.edges] = change.amounts
    amount = joined(amount, change.added_amounts)
    direct = graph._direct.copy()
    direct[change.products] = change.emissions
    direct = np.concatenate((direct, change.added))[keeps_product]
    unknown = np.full_like(change.added, np.nan)
    footprints = np.concatenate((graph.footprints(), unknown))[keeps_product]
    products = graph._products
    if products is not None and (k or len(change.removed_products)):
        named = (*products, *(change.names or ()))
        products = tuple(name for name, is_kept in zip(named, keeps_product.tolist(), strict=True) if is_kept)

    def name_of(product: int) -> str:
        return str(product) if products is None else products[product]

    topology = find_topology(supplier, consumer, n_products=len(direct), kernel=graph._kernel)
    changed_rows = (change.consumer, graph._consumer[change.removed_edges], graph._consumer[change.edges])
    seeds = np.unique(np.concatenate((change.products, np.arange(n, n + k), *changed_rows)))
    seeds = seeds[keeps_product[seeds]]
    road = road_for(Live(topology, amount, direct, footprints), kernel=graph._kernel)
    found = road.settle(topology.rank[number[seeds]], absolute=absolute, relative=relative, name_of=name_of)

    edge_ids = _edge_ids(graph, change, joined)
    graph._supplier, graph._consumer, graph._amount, graph._direct = supplier, consumer, amount, direct
    graph._edge_ids, graph._products, graph._number_of = edge_ids, products, None
    graph._topology, graph._solver, graph._footprints, graph._road = topology, None, None, road
    return road, found


_Joining: TypeAlias = Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]


def _joining(removed: Numbers, m: int) -> _Joining:
    """How a column loses the removed edges' rows and gets the added ones'."""
    bounds = [0, *(removed + 1).tolist()] if len(removed) <= MAX_EDGES else []
    ends = [*removed.tolist(), m]

    def joined(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        if not bounds:
            return np.concatenate((np.delete(old, removed), new.astype(old.dtype)))
        pieces = [old[first:last] for first, last in zip(bounds, ends, strict=True)]
        return np.concatenate((*pieces, new.astype(old.dtype)))

    return joined


def _edge_ids(graph: SupplyGraph, change: Restructuring, joined: _Joining) -> NDArray[np.uint64] | None:
    if graph._edge_ids is None and change.edge_ids is None and not len(change.removed_edges):
        return None
    old = graph.edge_ids
    new = change.edge_ids
    if new is None:
        first = int(old.max()) + 1 if len(old) else 0
        new = np.arange(first, first + len(change.supplier), dtype=np.uint64)
    ids: NDArray[np.uint64] = joined(old, new)
    return ids
