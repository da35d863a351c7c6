"""The compiled way up: what one unit of a product needs, from consumer to supplier."""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon.kernel_blocks import TOLERANCE, prove
from passport.carbon.kernels import TINY, compiled

_PASSES = 500


@compiled()
def relax_up(ends: Any, suppliers: Any, amounts: Any, kept: Any, coming: Any, need: Any, low: Any, high: Any) -> Any:
    """Pass on what is needed inside a block, until what is still to be passed on no longer counts.

    Args:
        ends: Of `kernel_blocks.plan`.
        suppliers: Of `kernel_blocks.plan`.
        amounts: (edges,) of those edges.
        kept: (b,) 1 less what each member uses of itself.
        coming: (b,) what is needed from outside; used up.
        need: (b,) takes what is needed.
        low: Where the block's members begin.
        high: Where they end.

    Returns:
        Whether passes came to an end.
    """
    need[low:high] = 0.0
    for _ in range(_PASSES):
        is_moving = False
        for here in range(high - 1, low - 1, -1):
            if coming[here] != 0.0:
                more = coming[here] / kept[here]
                coming[here] = 0.0
                need[here] += more
                is_moving |= not abs(more) <= TOLERANCE * abs(need[here])
                for at in range(ends[here], ends[here + 1]):
                    coming[low + suppliers[at]] += amounts[at] * more
        if not is_moving:
            return True
    return False


@compiled()
def climb(matrix: Any, need: Any, bounds: Any, blocks: Any, rooms: Any, state: Any) -> None:
    """Pass on what is needed, consumers first, until the end or a block that does not give in.

    Args:
        matrix: `(indptr, indices, amounts)` of the topology.
        need: (n,) in rank order: what is asked for; becomes what is needed.
        bounds: `(start, end)` of the blocks.
        blocks: As of `kernel_blocks.march`.
        rooms: Two (b,) arrays of room.
        state: Where to begin, kept up to date: the number of blocks below, the row after the one to begin with, and
            whether the block just below is solved.
    """
    indptr, indices, amounts = matrix
    start, end = bounds
    first, member, ends, suppliers, inner, kept, proof, _ = blocks
    coming, solved = rooms
    while True:
        block = state[0] - 1
        last = end[block] if block >= 0 else 0
        for row in range(state[1] - 1, last - 1, -1):
            if need[row] != 0.0:
                for at in range(indptr[row], indptr[row + 1]):
                    need[indices[at]] += amounts[at] * need[row]
        state[1] = last
        if block < 0:
            return
        low, high = first[block], first[block + 1]
        if not state[2]:
            is_needed = False
            for here in range(low, high):
                coming[here] = need[member[here]]
                is_needed |= coming[here] != 0.0
            if is_needed:
                if not prove(ends, suppliers, inner, kept, proof, low, high):
                    return
                if not relax_up(ends, suppliers, inner, kept, coming, solved, low, high):
                    return
                for here in range(low, high):
                    need[member[here]] = solved[here]
        for row in range(start[block], end[block]):
            if need[row] != 0.0:
                for at in range(indptr[row], indptr[row + 1]):
                    if indices[at] < start[block]:
                        need[indices[at]] += amounts[at] * need[row]
        state[0], state[1], state[2] = block, start[block], 0


@compiled()
def residual_up(matrix: Any, asked: Any, need: Any, last: Any) -> Any:
    """The largest |s - d - A s| of a product relative to what its sum is made of.

    Args:
        matrix: `(indptr, indices, amounts)` of the topology.
        asked: The rank of the product of which one unit is asked for.
        need: (n,) what is needed.
        last: The rank after the highest with a need.

    Returns:
        The largest ratio; not a number where a need is none.
    """
    indptr, indices, amounts = matrix
    sums, sizes = np.zeros(last), np.zeros(last)
    sums[asked] = sizes[asked] = 1.0
    for row in range(last):
        if need[row] != 0.0:
            for at in range(indptr[row], indptr[row + 1]):
                part = amounts[at] * need[row]
                sums[indices[at]] += part
                sizes[indices[at]] += abs(part)
    worst = 0.0
    for row in range(last):
        difference = abs(need[row] - sums[row])
        if not difference <= worst * sizes[row] + TINY:
            worst = difference / sizes[row]
            if not worst < np.inf:
                return np.nan
    return worst
