"""The compiled sweep: rows in order of rank, each summed from its suppliers in the order of the matrix.

Every row's residual is taken as it is summed, by a second sum that adds in another order. That its suppliers stand by
then as they will be handed out is what `in_order` shows of a topology, once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon.kernels import TINY, compiled
from passport.carbon.prefetch import prefetch

_ONE = np.uint64(1)
_FAR = np.uint64(256)
_AHEAD = np.uint64(32)
_ROWS_AHEAD, _LINE = 4, 8
_LOOK_EVERY = 64


@compiled()
def gather(places: Any, values: Any, gathered: Any) -> Any:
    """`values[places]`, with the memory asked for ahead; returns their sum, which is finite only if all of them are."""
    n = np.uint64(len(places))
    total = other = 0.0
    for at in range(n):
        if at + _FAR < n:
            prefetch(values, places[at + _FAR])
        value = values[np.uint64(places[at])]
        gathered[at] = value
        total, other = other, total + value
    return total + other


@compiled()
def scatter(places: Any, values: Any, scattered: Any) -> None:
    """`scattered[places] = values`, with the memory asked for ahead."""
    n = np.uint64(len(places))
    for at in range(n):
        if at + _AHEAD < n:
            prefetch(scattered, places[at + _AHEAD])
        scattered[np.uint64(places[at])] = values[at]


@compiled()
def in_order(indptr: Any, indices: Any, block_start: Any, block_end: Any) -> Any:
    """Whether each row's suppliers stand before it, or in its block: then they are final when the row is summed."""
    n_blocks = len(block_start)
    block = 0
    for row in range(len(indptr) - 1):
        if block < n_blocks and row >= block_end[block]:
            block += 1
        before = block_end[block] if block < n_blocks and row >= block_start[block] else row
        for at in range(indptr[row], indptr[row + 1]):
            if not 0 <= indices[at] < before:
                return False
    return True


@compiled()
def sweep(indptr: Any, indices: Any, amounts: Any, direct: Any, found: Any, first: Any, last: Any) -> Any:
    """Compute rows first:last, none of which is in a block.

    Args:
        indptr: Of the topology.
        indices: Of the topology.
        amounts: (m,) in the topology's order.
        direct: (n,) in rank order.
        found: (n,) in rank order; filled.
        first: The first row.
        last: The row after the last.

    Returns:
        The largest residual of a row relative to what its sum is made of; not a number if one is none.
    """
    worst = 0.0
    start, end = np.uint64(first), np.uint64(last)
    at = np.uint64(indptr[start])
    for row in range(start, end):
        low, high = at, np.uint64(indptr[row + _ONE])
        total = even = odd = 0.0
        while at < high:
            part = amounts[at] * found[np.uint64(indices[at])]
            total += part
            even, odd = odd, even + part
            at += _ONE
        new = direct[row] + total
        found[row] = new
        residual = abs(new - (direct[row] + (even + odd)))
        # |f| is at most what the sum is made of, so this lets nothing pass.
        if not residual <= worst * abs(new) + TINY:
            size = abs(direct[row])
            for back in range(low, high):
                size += abs(amounts[back] * found[np.uint64(indices[back])])
            if not residual <= worst * size + TINY:
                worst = residual / size
                if not worst < np.inf:
                    return np.nan
    return worst


@compiled()
def sweep_wide(
    indptr: Any, suppliers: Any, amounts: Any, order: Any, direct: Any, found: Any, width: Any, first: Any, last: Any
) -> Any:
    """The same for several columns, in the order of the products instead of ranks: a row fills its memory lines anyway.

    The time goes into waiting for suppliers' rows, and a second look at each would take half as long again. So that
    every number is finite is looked at everywhere, and the residual is taken of one row in `_LOOK_EVERY`.

    Args:
        indptr: Of the topology.
        suppliers: (m,) products, `order[indices]` of the topology.
        amounts: (m,) in the topology's order.
        order: Of the topology.
        direct: (n * K,) a row per product, in product order.
        found: (n * K,) in product order; filled.
        width: K.
        first: The first row.
        last: The row after the last.

    Returns:
        As `sweep`, of those rows.
    """
    worst = 0.0
    wide = np.uint64(width)
    totals = np.empty(width)
    for row in range(first, last):
        if row + _ROWS_AHEAD < last:
            coming = row + _ROWS_AHEAD
            for at in range(indptr[coming], indptr[coming + 1]):
                begin = np.int64(suppliers[at]) * width
                for column in range(0, width, _LINE):
                    prefetch(found, begin + column)
            begin = np.int64(order[coming]) * width
            for column in range(0, width, _LINE):
                prefetch(direct, begin + column)
        # Unsigned places spare the compiler a test for counting from the end, so that it writes vector instructions.
        own = np.uint64(order[row]) * wide
        totals[:] = 0.0
        for at in range(indptr[row], indptr[row + 1]):
            supplier, amount = np.uint64(suppliers[at]) * wide, amounts[at]
            for column in range(wide):
                totals[column] += amount * found[supplier + column]
        is_beyond = False
        for column in range(wide):
            new = direct[own + column] + totals[column]
            found[own + column] = new
            is_beyond |= not abs(new) < np.inf
        if is_beyond:
            return np.nan
        if row % _LOOK_EVERY == 0:
            worst = max(worst, row_residual(indptr, suppliers, amounts, order, direct, found, width, row))
    return worst


@compiled()
def row_residual(
    indptr: Any, suppliers: Any, amounts: Any, order: Any, direct: Any, found: Any, width: Any, row: Any
) -> Any:
    """The largest residual of one row's columns, summed from the other end; the arguments are those of `sweep_wide`."""
    worst = 0.0
    for column in range(width):
        own = np.int64(order[row]) * width + column
        total, size = 0.0, abs(direct[own])
        for at in range(indptr[row + 1] - 1, indptr[row] - 1, -1):
            part = amounts[at] * found[np.int64(suppliers[at]) * width + column]
            total += part
            size += abs(part)
        residual = abs(found[own] - (direct[own] + total))
        if not residual <= worst * size + TINY:
            worst = residual / size
            if not worst < np.inf:
                return np.nan
    return worst
