"""Add and remove edges where the order of the products still holds: the columns are cut and joined, nothing is sorted.

An edge keeps the order if its supplier stands in an earlier level than its consumer, or in the same block. A removed
edge keeps it too, unless it may have held a block together. Levels need not be the tightest ones afterwards.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.carbon.change_request import Floats, Numbers
from passport.carbon.live import Live
from passport.carbon.order import Topology

MAX_EDGES = 1000
"""With more edges than this at once, a new order is found anyway: cutting takes a step per edge."""

_FEW = 8


def keeps_order(live: Live, supplier: Numbers, consumer: Numbers, removed_supplier: Any, removed_consumer: Any) -> bool:
    """Whether the order of the products holds.

    Args:
        live: The numbers as they are.
        supplier: Of the edges to add.
        consumer: Of the edges to add.
        removed_supplier: Of the edges to remove.
        removed_consumer: Of the edges to remove.
    """
    if len(supplier) + len(removed_supplier) > MAX_EDGES:
        return False
    rank, level_ptr = live.topology.rank, live.topology.level_ptr
    low, high = rank[supplier], rank[consumer]
    is_earlier = np.searchsorted(level_ptr, low, side="right") < np.searchsorted(level_ptr, high, side="right")
    is_kept = True
    if len(live.block_of):
        blocks = live.block_of
        is_earlier |= (blocks[low] >= 0) & (blocks[low] == blocks[high])
        ends = rank[removed_supplier], rank[removed_consumer]
        is_kept = not ((blocks[ends[0]] >= 0) & (blocks[ends[0]] == blocks[ends[1]])).any()
    return is_kept and bool(is_earlier.all())


def spliced(
    live: Live, *, supplier: Numbers, consumer: Numbers, amounts: Floats, removed: Numbers, removed_consumer: Any
) -> Live:
    """The same products in the same order with other edges; footprints and direct emissions are shared.

    Args:
        live: The numbers as they are.
        supplier: Of the edges to add.
        consumer: Of the edges to add.
        amounts: Of the edges to add.
        removed: Rows of the edges to remove, ascending.
        removed_consumer: Of these.
    """
    old = live.topology
    n, m = old.n_products, old.n_edges
    low, high = old.rank[supplier].astype(np.int64), old.rank[consumer].astype(np.int64)
    gone_rows = old.rank[removed_consumer].astype(np.int64)
    positions = [live.position(edge, int(user)) for edge, user in zip(removed.tolist(), removed_consumer, strict=True)]
    gone = np.array(positions, dtype=np.int64)
    gone_suppliers = old.indices[gone].astype(np.int64)

    cuts = np.sort(gone)
    before = _places(old.indptr, old.indices, high, low)
    sequence = np.lexsort((low, high, before))
    numbers = m - len(removed) + np.arange(len(supplier))
    indices = _joined(old.indices, cuts, before[sequence], low[sequence])
    edge = _joined(_renumbered(old.edge, removed), cuts, before[sequence], numbers[sequence])
    new_amounts = _joined(live.amounts, cuts, before[sequence], amounts[sequence])
    indptr = _shifted(old.indptr, high, gone_rows, n)

    user_cuts = np.sort(_user_positions(live, gone_suppliers, gone_rows))
    user_before = _places(live.user_indptr, live.users, low, high)
    sequence = np.lexsort((high, low, user_before))
    users = _joined(live.users, user_cuts, user_before[sequence], high[sequence])
    user_indptr = _shifted(live.user_indptr, low, gone_suppliers, n)

    blocks = old.block_start, old.block_end
    topology = Topology(old.order, old.rank, indptr, indices, edge, old.level_ptr, *blocks)
    return live.with_edges(topology, new_amounts, user_indptr, users)


def _places(indptr: NDArray[np.int64], indices: NDArray[np.int32], rows: Numbers, values: Numbers) -> Numbers:
    """Before which position each value goes so that its row stays ascending."""
    found = [
        indptr[row] + np.searchsorted(indices[indptr[row] : indptr[row + 1]], value, side="right")
        for row, value in zip(rows.tolist(), values.tolist(), strict=True)
    ]
    return np.array(found, dtype=np.int64)


def _user_positions(live: Live, suppliers: Numbers, consumers: Numbers) -> Numbers:
    """Where the users of removed edges stand; edges between the same two products are as good as each other."""
    seen: Counter[tuple[int, int]] = Counter()
    found = []
    for ends in zip(suppliers.tolist(), consumers.tolist(), strict=True):
        low, high = live.user_indptr[ends[0]], live.user_indptr[ends[0] + 1]
        found.append(int(low + np.searchsorted(live.users[low:high], ends[1])) + seen[ends])
        seen[ends] += 1
    return np.array(found, dtype=np.int64)


def _joined(old: NDArray[Any], cuts: Numbers, before: Numbers, values: NDArray[Any]) -> NDArray[Any]:
    """A column without some positions, and with values before others; both ascending."""
    pieces, at = [], 0
    steps = [(place, 0, value) for place, value in zip(before.tolist(), values, strict=True)]
    for place, is_cut, value in sorted([*steps, *((cut, 1, 0) for cut in cuts.tolist())], key=lambda step: step[:2]):
        pieces.append(old[at:place])
        at = place + is_cut
        if not is_cut:
            pieces.append(np.array([value], dtype=old.dtype))
    pieces.append(old[at:])
    return np.concatenate(pieces)


def _renumbered(edge: NDArray[np.int32], removed: Numbers) -> NDArray[np.int32]:
    """Edge rows after the removed ones have gone; at the removed ones, anything."""
    if not len(removed):
        return edge
    if len(removed) > _FEW:
        is_gone = np.zeros(len(edge), dtype=np.int32)
        is_gone[removed] = 1
        return edge - np.cumsum(is_gone, dtype=np.int32)[edge]
    moved = edge.copy()
    for row in removed[::-1].tolist():
        moved -= moved > row
    return moved


def _shifted(indptr: NDArray[np.int64], added: Numbers, removed: Numbers, n: int) -> NDArray[np.int64]:
    change = np.zeros(n + 1, dtype=np.int64)
    np.add.at(change, added + 1, 1)
    np.add.at(change, removed + 1, -1)
    np.cumsum(change, out=change)
    change += indptr
    return change
