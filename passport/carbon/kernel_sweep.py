"""The compiled sweep: rows in order of rank, each summed from its suppliers in the order of the matrix.

Every row's residual is taken a few hundred rows later, summed from the other end, while its numbers are still near: by
then its suppliers, which have lower ranks, stand as they will be handed out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon.kernels import TINY, compiled
from passport.carbon.prefetch import prefetch

_CHUNK = np.uint64(512)
_ONE = np.uint64(1)
_FAR = np.uint64(64)
_AHEAD = np.uint64(32)
_ROWS_AHEAD, _LINE = 4, 8


@compiled()
def gather(places: Any, values: Any, gathered: Any) -> None:
    """`values[places]`, with the memory asked for ahead."""
    n = np.uint64(len(places))
    for at in range(n):
        if at + _FAR < n:
            prefetch(values, places[at + _FAR])
        gathered[at] = values[np.uint64(places[at])]


@compiled()
def scatter(places: Any, values: Any, scattered: Any) -> None:
    """`scattered[places] = values`, with the memory asked for ahead."""
    n = np.uint64(len(places))
    for at in range(n):
        if at + _AHEAD < n:
            prefetch(scattered, places[at + _AHEAD])
        scattered[np.uint64(places[at])] = values[at]


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
    while start < end:
        stop = min(end, start + _CHUNK)
        at = np.uint64(indptr[start])
        for row in range(start, stop):
            high = np.uint64(indptr[row + _ONE])
            total = 0.0
            while at < high:
                total += amounts[at] * found[np.uint64(indices[at])]
                at += _ONE
            found[row] = direct[row] + total
        at = np.uint64(indptr[stop])
        for back in range(stop - start):
            behind = stop - np.uint64(back) - _ONE
            low = np.uint64(indptr[behind])
            total, size = 0.0, abs(direct[behind])
            while at > low:
                at -= _ONE
                part = amounts[at] * found[np.uint64(indices[at])]
                total += part
                size += abs(part)
            residual = abs(found[behind] - (direct[behind] + total))
            if not residual <= worst * size + TINY:
                worst = residual / size
                if not worst < np.inf:
                    return np.nan
        start = stop
    return worst


@compiled()
def sweep_wide(
    indptr: Any, indices: Any, amounts: Any, order: Any, direct: Any, found: Any, width: Any, first: Any, last: Any
) -> Any:
    """The same for several columns, in the order of the products instead of ranks: a row fills its memory lines anyway.

    Args:
        indptr: Of the topology.
        indices: Of the topology.
        amounts: (m,) in the topology's order.
        order: Of the topology.
        direct: (n * K,) a row per product, in product order.
        found: (n * K,) in product order; filled.
        width: K.
        first: The first row.
        last: The row after the last.

    Returns:
        As `sweep`.
    """
    worst = 0.0
    wide = np.uint64(width)
    totals = np.empty(width)
    for row in range(first, last):
        if row + _ROWS_AHEAD < last:
            coming = row + _ROWS_AHEAD
            for at in range(indptr[coming], indptr[coming + 1]):
                begin = np.int64(order[indices[at]]) * width
                for column in range(0, width, _LINE):
                    prefetch(found, begin + column)
            begin = np.int64(order[coming]) * width
            for column in range(0, width, _LINE):
                prefetch(direct, begin + column)
        # Unsigned places spare the compiler a test for counting from the end, so that it writes vector instructions.
        own = np.uint64(order[row]) * wide
        totals[:] = 0.0
        for at in range(indptr[row], indptr[row + 1]):
            supplier, amount = np.uint64(order[indices[at]]) * wide, amounts[at]
            for column in range(wide):
                totals[column] += amount * found[supplier + column]
        for column in range(wide):
            found[own + column] = direct[own + column] + totals[column]
            totals[column] = 0.0
        for at in range(indptr[row + 1] - 1, indptr[row] - 1, -1):
            supplier, amount = np.uint64(order[indices[at]]) * wide, amounts[at]
            for column in range(wide):
                totals[column] += amount * found[supplier + column]
        is_looked_at = False
        for column in range(wide):
            new = found[own + column]
            # |f| is at most what the sum is made of, so this lets nothing pass.
            is_looked_at |= not abs(new - (direct[own + column] + totals[column])) <= worst * abs(new) + TINY
        if is_looked_at:
            for column in range(wide):
                size = abs(direct[own + column])
                for at in range(indptr[row], indptr[row + 1]):
                    size += abs(amounts[at] * found[np.uint64(order[indices[at]]) * wide + column])
                residual = abs(found[own + column] - (direct[own + column] + totals[column]))
                if not residual <= worst * size + TINY:
                    worst = residual / size
                    if not worst < np.inf:
                        return np.nan
    return worst
