"""Rows of an update, be a footprint one number or several: compute one, compare it, keep what was and write what is."""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon.kernels import compiled


@compiled()
def row(
    rank: Any,
    low: Any,
    high: Any,
    indptr: Any,
    indices: Any,
    amounts: Any,
    direct: Any,
    found: Any,
    sums: Any,
) -> Any:
    """Compute a row into `sums[0]` from its suppliers outside low:high; whether that is not what `found` has."""
    if found.ndim == 1:
        total = 0.0
        for at in range(indptr[rank], indptr[rank + 1]):
            supplier = indices[at]
            if supplier < low or supplier >= high:
                total += amounts[at] * found[supplier]
        total = direct[rank] + total
        sums[0] = total
        return total != found[rank]
    for column in range(found.shape[1]):
        sums[0, column] = 0.0
    for at in range(indptr[rank], indptr[rank + 1]):
        supplier = indices[at]
        if supplier < low or supplier >= high:
            for column in range(found.shape[1]):
                sums[0, column] += amounts[at] * found[supplier, column]
    is_new = False
    for column in range(found.shape[1]):
        sums[0, column] = direct[rank, column] + sums[0, column]
        is_new |= sums[0, column] != found[rank, column]
    return is_new


@compiled()
def is_finite(sums: Any) -> Any:
    """Whether a row is all numbers."""
    if sums.ndim == 1:
        return np.isfinite(sums[0])
    answer = True
    for column in range(sums.shape[1]):
        answer &= np.isfinite(sums[0, column])
    return answer


@compiled()
def is_other(one: Any, at: Any, other: Any, place: Any) -> Any:
    """Whether a row of one is not a row of the other."""
    if one.ndim == 1:
        return one[at] != other[place]
    answer = False
    for column in range(one.shape[1]):
        answer |= one[at, column] != other[place, column]
    return answer


@compiled()
def copy(target: Any, at: Any, source: Any, place: Any) -> None:
    """Write a row of numbers, be it one or several."""
    if target.ndim == 1:
        target[at] = source[place]
    else:
        for column in range(target.shape[1]):
            target[at, column] = source[place, column]


@compiled()
def record(rank: Any, sums: Any, place: Any, found: Any, ranks: Any, old: Any, count: Any) -> None:
    """Keep what was and write what is."""
    ranks[count] = rank
    copy(old, count, found, rank)
    copy(found, rank, sums, place)


@compiled()
def is_new_outside(block: Any, blocks: Any, matrix: Any, found: Any, sums: Any) -> Any:
    """Compute what comes into a block from outside, and say whether it, or the block itself, is another than before."""
    indptr, indices, amounts, direct = matrix
    _, start, end, outside, is_touched = blocks
    is_new = is_touched[block]
    is_touched[block] = False
    for rank in range(start[block], end[block]):
        row(rank, start[block], end[block], indptr, indices, amounts, direct, found, sums)
        is_new |= is_other(outside, rank, sums, 0)
        copy(outside, rank, sums, 0)
    return is_new
