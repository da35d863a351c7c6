"""The compiled sweep and march of several columns, each row of them side by side in the processor's registers."""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon.kernel_blocks import is_proof, prove, relax, relax_for
from passport.carbon.kernel_march import FIRST_PASSES, residual
from passport.carbon.kernels import TINY, compiled
from passport.carbon.lanes import is_apart, plus, read, settle, sizes, stream, times, write, zeros
from passport.carbon.prefetch import prefetch_outer

LANES = 8
"""Columns that are summed at a time, a line of memory; fewer than that are summed by twos."""

_EDGES_AHEAD = np.uint64(16)
_ROWS_AHEAD, _LINE = 6, 8
_NONE, _ONE = np.uint64(0), np.uint64(1)


@compiled()
def _sweep(
    indptr: Any,
    suppliers: Any,
    amounts: Any,
    order: Any,
    direct: Any,
    found: Any,
    width: Any,
    first: Any,
    last: Any,
    is_streamed: Any,
    none: Any,
    lanes: Any,
) -> Any:
    """Compute rows first:last, none of which is in a block, in the order of the products instead of ranks.

    A row fills its memory lines, so the products' order is as good as any. Columns are summed `lanes` at a time; the
    last ones of a row reach back over some that are done, which come out the same.

    Args:
        indptr: Of the topology.
        suppliers: (m,) products, `order[indices]` of the topology.
        amounts: (m,) in the topology's order.
        order: Of the topology.
        direct: (n * K,) a row per product, in product order.
        found: (n * K,) in product order; filled.
        width: K, at least `lanes`.
        first: The first row.
        last: The row after the last.
        is_streamed: Whether to write past the caches: `found` is at the beginning of a line, and rows are whole lines.
        none: `zeros(lanes)`.
        lanes: How many.

    Returns:
        The largest residual of a row relative to what its sum is made of; not a number if one is none.
    """
    worst = 0.0
    room = np.empty(3 * lanes)
    # Unsigned places spare the compiler a test for counting from the end.
    wide, count, n_edges = np.uint64(width), np.uint64(lanes), np.uint64(len(suppliers))
    for row in range(first, last):
        if row + _ROWS_AHEAD < last:
            coming = np.int64(order[row + _ROWS_AHEAD]) * width
            for line in range(0, width, _LINE):
                prefetch_outer(direct, coming + line)
            prefetch_outer(direct, coming + width - 1)
        own = np.uint64(order[row]) * wide
        low, high = np.uint64(indptr[row]), np.uint64(indptr[row + 1])
        begin = _NONE
        while begin < wide:
            column = min(begin, wide - count)
            total = even = odd = none
            for at in range(low, high):
                if at + _EDGES_AHEAD < n_edges:
                    ahead = np.uint64(suppliers[at + _EDGES_AHEAD]) * wide + column
                    if begin == _NONE:
                        prefetch_outer(found, ahead)
                    prefetch_outer(found, ahead + count - _ONE)
                part = times(read(none, found, np.uint64(suppliers[at]) * wide + column), amounts[at])
                total = plus(total, part)
                even, odd = odd, plus(even, part)
            emitted = read(none, direct, own + column)
            new, again = plus(emitted, total), plus(emitted, plus(even, odd))
            if is_streamed:
                stream(new, found, own + column)
            else:
                write(new, found, own + column)
            # |f| is at most what the sum is made of, so this lets nothing pass.
            if is_apart(new, again, worst, TINY):
                size = sizes(emitted)
                for at in range(low, high):
                    taken = read(none, found, np.uint64(suppliers[at]) * wide + column)
                    size = plus(size, sizes(times(taken, amounts[at])))
                write(new, room, _NONE)
                write(again, room, count)
                write(size, room, count + count)
                for lane in range(count):
                    difference = abs(room[lane] - room[count + lane])
                    if not difference <= worst * room[count + count + lane] + TINY:
                        worst = difference / room[count + count + lane]
                        if not worst < np.inf:
                            return np.nan
            begin += count
    if is_streamed:
        settle()
    return worst


@compiled()
def _from_outside(matrix: Any, direct: Any, found: Any, order: Any, width: Any, column: Any, row: Any, at: Any) -> Any:
    """What a row takes from suppliers outside start:end."""
    indptr, indices, amounts = matrix
    start, end = at
    total = 0.0
    for place in range(indptr[row], indptr[row + 1]):
        supplier = indices[place]
        if supplier < start or supplier >= end:
            total += amounts[place] * found[np.int64(order[supplier]) * width + column]
    return direct[np.int64(order[row]) * width + column] + total


@compiled(nogil=True)
def march_wide(
    matrix: Any,
    direct: Any,
    found: Any,
    order: Any,
    suppliers_of_rows: Any,
    width: Any,
    is_streamed: Any,
    bounds: Any,
    blocks: Any,
    rooms: Any,
    state: Any,
    stop: Any,
) -> Any:
    """Compute rows and blocks of several columns in order of rank, until a row or a block that does not give in.

    Args:
        matrix: `(indptr, indices, amounts)` of the topology.
        direct: (n * K,) in product order.
        found: As `direct`; filled.
        order: Of the topology.
        suppliers_of_rows: (m,) products, `order[indices]`.
        width: K, at least two.
        is_streamed: Whether rows are written past the caches: K is a multiple of `LANES`, and `found` begins a line.
        bounds: `(start, end)` of the blocks.
        blocks: `(first, member, ends, suppliers, amounts, kept, proof, seat)`.
        rooms: Three (b,) arrays of room.
        state: Where to begin, kept up to date: the next block; the row to begin with.
        stop: The row after the last, which is in no block that begins before it.

    Returns:
        The largest residual of the rows done now.
    """
    start, end = bounds
    indptr, _, edges = matrix
    first, member, ends, suppliers, amounts, kept, proof, _ = blocks
    outside, solved, _ = rooms
    worst = 0.0
    while True:
        block = state[0]
        last = start[block] if block < len(start) and start[block] < stop else stop
        rows = (state[1], last)
        if width >= LANES:
            part = _sweep(
                indptr, suppliers_of_rows, edges, order, direct, found, width, *rows, is_streamed, zeros(8), LANES
            )
        else:
            part = _sweep(indptr, suppliers_of_rows, edges, order, direct, found, width, *rows, False, zeros(2), 2)
        if not part < np.inf:
            return np.nan
        worst = max(worst, part)
        state[1] = last
        if last == stop:
            return worst
        low, high = first[block], first[block + 1]
        is_proved = False
        for column in range(width):
            for here in range(low, high):
                outside[here] = _from_outside(
                    matrix, direct, found, order, width, column, member[here], (start[block], end[block])
                )
            is_solved = relax_for(ends, suppliers, amounts, kept, outside, solved, low, high, FIRST_PASSES)
            # Footprints are a proof themselves where amounts are zero or more and every product adds something.
            if is_solved and not is_proved:
                is_proved = is_proof(ends, suppliers, amounts, kept, solved, low, high)
            if not is_proved:
                is_proved = prove(ends, suppliers, amounts, kept, proof, low, high)
            if is_proved and not is_solved:
                is_solved = relax(ends, suppliers, amounts, kept, outside, solved, low, high)
            if not (is_proved and is_solved):
                return worst
            for here in range(low, high):
                found[np.int64(order[member[here]]) * width + column] = solved[here]
        part = residual(matrix, direct, found, order, width, start[block], end[block])
        if not part < np.inf:
            return np.nan
        worst = max(worst, part)
        state[0] = block + 1
        state[1] = end[block]
