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


@compiled(nogil=True)
def gather(places: Any, values: Any, gathered: Any, first: Any, last: Any) -> Any:
    """`values[places]` of places first:last, with the memory asked for ahead.

    Returns:
        Their sum, which is finite only if all of them are.
    """
    n = np.uint64(last)
    total = other = 0.0
    for at in range(np.uint64(first), n):
        if at + _FAR < n:
            prefetch(values, places[at + _FAR])
        value = values[np.uint64(places[at])]
        gathered[at] = value
        total, other = other, total + value
    return total + other


@compiled(nogil=True)
def scatter(places: Any, values: Any, scattered: Any, first: Any, last: Any) -> None:
    """`scattered[places] = values` of places first:last, with the memory asked for ahead."""
    n = np.uint64(last)
    for at in range(np.uint64(first), n):
        if at + _AHEAD < n:
            prefetch(scattered, places[at + _AHEAD])
        scattered[np.uint64(places[at])] = values[at]


@compiled(nogil=True)
def in_order(indptr: Any, indices: Any, block_start: Any, block_end: Any, block: Any, first: Any, last: Any) -> Any:
    """Whether the suppliers of rows first:last stand before the row, or in its block: then they are final when needed.

    Args:
        indptr: Of the topology.
        indices: Of the topology.
        block_start: Of the topology.
        block_end: Of the topology.
        block: The first block that ends after the first row.
        first: The first row.
        last: The row after the last.
    """
    n_blocks = len(block_start)
    for row in range(first, last):
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
