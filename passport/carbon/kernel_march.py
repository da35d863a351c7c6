"""The compiled march of one column through a topology: rows and blocks in order of rank, each with its residual."""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon.kernel_blocks import is_proof, prove, relax, relax_for
from passport.carbon.kernel_sweep import sweep
from passport.carbon.kernels import TINY, compiled

FIRST_PASSES = 50
"""Passes over a block before it has to be proved productive."""

_HARD = -1.0
_ONE = np.uint64(1)


@compiled()
def residual(matrix: Any, direct: Any, found: Any, order: Any, width: Any, start: Any, end: Any) -> Any:
    """The largest residual of rows start:end, as of `sweep`."""
    indptr, indices, amounts = matrix
    worst = 0.0
    for row in range(start, end):
        for column in range(max(1, width)):
            here = np.int64(order[row]) * width + column if width else row
            total, size = 0.0, abs(direct[here])
            for at in range(indptr[row + 1] - 1, indptr[row] - 1, -1):
                place = np.int64(order[indices[at]]) * width + column if width else indices[at]
                part = amounts[at] * found[place]
                total += part
                size += abs(part)
            difference = abs(found[here] - (direct[here] + total))
            if not difference <= worst * size + TINY:
                worst = difference / size
                if not worst < np.inf:
                    return np.nan
    return worst


@compiled()
def _collect(
    matrix: Any, direct: Any, found: Any, seat: Any, start: Any, low: Any, high: Any, outside: Any, again: Any
) -> None:
    """What the members of a block emit and take from outside, summed in two orders.

    Suppliers outside stand before the block, and so before those inside in each row.
    """
    indptr, indices, amounts = matrix
    for step in range(high - low):  # in the order of the matrix, which is read once, from one end to the other
        row, here = start + step, seat[low + step]
        at, last = np.uint64(indptr[row]), np.uint64(indptr[row + 1])
        total = even = odd = 0.0
        while at < last and indices[at] < start:
            part = amounts[at] * found[np.uint64(indices[at])]
            total += part
            even, odd = odd, even + part
            at += _ONE
        outside[here] = direct[row] + total
        again[here] = direct[row] + (even + odd)


@compiled()
def _block(matrix: Any, direct: Any, found: Any, start: Any, low: Any, high: Any, blocks: Any, rooms: Any) -> Any:
    """Solve one block by passes, one column: its largest residual, not a number, or `_HARD` if passes do not do it."""
    _, member, ends, suppliers, amounts, kept, proof, seat = blocks
    outside, solved, again = rooms
    _collect(matrix, direct, found, seat, start, low, high, outside, again)
    is_solved = relax_for(ends, suppliers, amounts, kept, outside, solved, low, high, FIRST_PASSES)
    # Footprints are a proof themselves where amounts are zero or more and every product adds something.
    is_proved = is_solved and is_proof(ends, suppliers, amounts, kept, solved, low, high)
    if not is_proved:
        is_proved = prove(ends, suppliers, amounts, kept, proof, low, high)
    if is_proved and not is_solved:
        is_solved = relax(ends, suppliers, amounts, kept, outside, solved, low, high)
    if not (is_proved and is_solved):
        return _HARD
    worst = 0.0
    for here in range(low, high):
        new = solved[here]
        found[member[here]] = new
        total = 0.0
        for at in range(ends[here + 1] - 1, ends[here] - 1, -1):
            total += amounts[at] * solved[low + suppliers[at]]
        residual = abs(new - (again[here] + total + (1.0 - kept[here]) * new))
        # |f| is at most what the sum is made of, so this lets nothing pass.
        if not residual <= worst * abs(new) + TINY:
            size = _size(matrix, direct, found, member[here], start) + abs((1.0 - kept[here]) * new)
            for at in range(ends[here], ends[here + 1]):
                size += abs(amounts[at] * solved[low + suppliers[at]])
            if not residual <= worst * size + TINY:
                worst = residual / size
                if not worst < np.inf:
                    return np.nan
    return worst


@compiled()
def _size(matrix: Any, direct: Any, found: Any, row: Any, start: Any) -> Any:
    """What the sum of a row is made of before the block at `start`, all of it taken as positive."""
    indptr, indices, amounts = matrix
    size = abs(direct[row])
    for at in range(indptr[row], indptr[row + 1]):
        if indices[at] < start:
            size += abs(amounts[at] * found[indices[at]])
    return size


@compiled(nogil=True)
def march(matrix: Any, direct: Any, found: Any, bounds: Any, blocks: Any, rooms: Any, state: Any, stop: Any) -> Any:
    """Compute rows and blocks in order of rank, until a row or a block that does not give in.

    Args:
        matrix: `(indptr, indices, amounts)` of the topology.
        direct: (n,) in rank order.
        found: (n,) in rank order; filled.
        bounds: `(start, end)` of the blocks.
        blocks: `(first, member, ends, suppliers, amounts, kept, proof, seat)`.
        rooms: Three (b,) arrays of room.
        state: Where to begin, kept up to date: the next block; the row to begin with.
        stop: The row after the last, which is in no block that begins before it.

    Returns:
        The largest residual of the rows done now.
    """
    indptr, indices, amounts = matrix
    start, end = bounds
    first = blocks[0]
    worst = 0.0
    while True:
        block = state[0]
        last = start[block] if block < len(start) and start[block] < stop else stop
        part = sweep(indptr, indices, amounts, direct, found, state[1], last)
        if not part < np.inf:
            return np.nan
        worst = max(worst, part)
        state[1] = last
        if last == stop:
            return worst
        part = _block(matrix, direct, found, start[block], first[block], first[block + 1], blocks, rooms)
        if part == _HARD:
            return worst
        if not part < np.inf:
            return np.nan
        worst = max(worst, part)
        state[0] = block + 1
        state[1] = end[block]
