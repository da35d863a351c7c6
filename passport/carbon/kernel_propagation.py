"""The compiled road of an update: follow a change from supplier to consumer, then sweep if it has spread too far.

Waiting products are bits of a word array over ranks, with two arrays of summary bits above it. Taking out the lowest
rank, adding one, and adding one that is already there each touch at most three words, whatever waits, so that nothing
as long as the graph is cleared or allocated per update.

A row is summed from its own suppliers in the order of the matrix, never corrected by a difference: what an update
leaves is bit for bit what computing everything anew by the same rows would give, after however many updates.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

DONE = -1
"""`propagate` returns this when nothing waits any more; a block's number when that block is to be solved first."""
NOT_FINITE = -2
"""... and this when a footprint left the range of numbers; its rank is `state[RANK]`."""

COUNT, TOP, WORK, IS_SWEEPING, IS_SETTLING, RANK = range(6)
"""Places in `state`: records made, lowest summary word in use, work done, whether it sweeps, whether it does so to
settle (every row is computed, and only what follows from those that wait is recorded), and where it stands."""
STATE_LENGTH = 6

_ONE = np.uint64(1)
_LOW = np.int64(63)
# The lowest bit of a word times this constant has a different top six bits for each of the 64 bits (de Bruijn).
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_PLACE = np.argsort((_ONE << np.arange(64, dtype=np.uint64)) * _DE_BRUIJN >> np.uint64(58))


@njit(cache=True)
def _lowest(word: Any) -> Any:
    """The place of a word's lowest bit."""
    return _PLACE[np.int64(((word & (~word + _ONE)) * _DE_BRUIJN) >> np.uint64(58))]


@njit(cache=True)
def _add(rank: Any, words: Any, sums: Any, tops: Any) -> None:
    """Let a rank wait."""
    at = rank >> 6
    word = words[at]
    bit = _ONE << np.uint64(rank & _LOW)
    if (word & bit) == 0:
        words[at] = word | bit
        if word == 0:
            above = sums[at >> 6]
            sums[at >> 6] = above | (_ONE << np.uint64(at & _LOW))
            if above == 0:
                tops[at >> 12] |= _ONE << np.uint64((at >> 6) & _LOW)


@njit(cache=True)
def _drop(rank: Any, words: Any, sums: Any, tops: Any) -> None:
    """Let a rank wait no longer, if it does."""
    at = rank >> 6
    words[at] &= ~(_ONE << np.uint64(rank & _LOW))
    if words[at] == 0:
        sums[at >> 6] &= ~(_ONE << np.uint64(at & _LOW))
        if sums[at >> 6] == 0:
            tops[at >> 12] &= ~(_ONE << np.uint64((at >> 6) & _LOW))


@njit(cache=True)
def _waits(rank: Any, words: Any) -> Any:
    return (words[rank >> 6] >> np.uint64(rank & _LOW)) & _ONE != 0


@njit(cache=True)
def _row(rank: Any, low: Any, high: Any, matrix: Any, found: Any, sums: Any) -> Any:
    """Compute a row into `sums` from its suppliers outside low:high, and say whether it is what `found` has."""
    indptr, indices, amounts, direct = matrix
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
        sums[column] = 0.0
    for at in range(indptr[rank], indptr[rank + 1]):
        supplier = indices[at]
        if supplier < low or supplier >= high:
            for column in range(found.shape[1]):
                sums[column] += amounts[at] * found[supplier, column]
    is_new = False
    for column in range(found.shape[1]):
        sums[column] = direct[rank, column] + sums[column]
        is_new |= sums[column] != found[rank, column]
    return is_new


@njit(cache=True)
def _is_finite(found: Any, sums: Any) -> Any:
    if found.ndim == 1:
        return np.isfinite(sums[0])
    is_finite = True
    for column in range(found.shape[1]):
        is_finite &= np.isfinite(sums[column])
    return is_finite


@njit(cache=True)
def _put(target: Any, at: Any, source: Any) -> None:
    """Write a row of numbers, be it one or several."""
    if target.ndim == 1:
        target[at] = source[0]
    else:
        for column in range(target.shape[1]):
            target[at, column] = source[column]


@njit(cache=True)
def _record(rank: Any, found: Any, sums: Any, ranks: Any, old: Any, state: Any) -> None:
    """Keep what was and write what is."""
    count = state[COUNT]
    ranks[count] = rank
    if found.ndim == 1:
        old[count] = found[rank]
    else:
        for column in range(found.shape[1]):
            old[count, column] = found[rank, column]
    state[COUNT] = count + 1
    _put(found, rank, sums)


@njit(cache=True)
def _is_new_outside(block: Any, blocks: Any, matrix: Any, found: Any, sums: Any) -> Any:
    """Compute what comes into a block from outside, and say whether it, or the block itself, is another than before."""
    _, start, end, outside, is_touched = blocks
    is_new = is_touched[block]
    is_touched[block] = False
    for rank in range(start[block], end[block]):
        _row(rank, start[block], end[block], matrix, found, sums)
        if found.ndim == 1:
            is_new |= outside[rank] != sums[0]
        else:
            for column in range(found.shape[1]):
                is_new |= outside[rank, column] != sums[column]
        _put(outside, rank, sums)
    return is_new


@njit(cache=True)
def propagate(
    matrix: Any,
    users: Any,
    blocks: Any,
    waiting: Any,
    found: Any,
    ranks: Any,
    old: Any,
    sums: Any,
    state: Any,
    most: Any,
) -> Any:
    """Compute what waits, in order of rank, and whatever follows from it.

    Args:
        matrix: `(indptr, indices, amounts, direct)`, by consumer, in rank order.
        users: `(indptr, indices)`: the consumers of each supplier.
        blocks: `(block of each rank or -1, start, end, outside, is_touched)`; the first empty if there are none.
        waiting: The three arrays of bits.
        found: Footprints in rank order, changed in place.
        ranks: Takes the ranks whose footprint changed, ascending.
        old: Takes what they were.
        sums: Room for one row.
        state: See above; zeros at the beginning.
        most: Work after which the rest is swept instead: a row, an edge into it and an edge out of it count one each.

    Returns:
        `DONE`, `NOT_FINITE`, or the number of a block to solve and hand to `accept` before calling again.
    """
    indptr = matrix[0]
    user_indptr, user_indices = users
    block_of, start, end, _, is_touched = blocks
    words, above, tops = waiting
    has_blocks = len(block_of) > 0
    while not state[IS_SWEEPING]:
        top = state[TOP]
        while top < len(tops) and tops[top] == 0:
            top += 1
        state[TOP] = top
        if top == len(tops):
            return DONE
        place = (top << 6) | _lowest(tops[top])
        at = (place << 6) | _lowest(above[place])
        rank = (at << 6) | _lowest(words[at])
        if state[WORK] > most:
            words[at:] = 0
            above[place:] = 0
            tops[top:] = 0
            state[IS_SWEEPING] = 1
            state[RANK] = rank
            break
        _drop(rank, words, above, tops)
        if has_blocks and block_of[rank] >= 0:
            block = np.int64(block_of[rank])
            for member in range(rank, end[block]):
                _drop(member, words, above, tops)
            state[WORK] += end[block] - start[block] + indptr[end[block]] - indptr[start[block]]
            if _is_new_outside(block, blocks, matrix, found, sums):
                return block
            continue
        state[WORK] += 1 + indptr[rank + 1] - indptr[rank]
        if _row(rank, rank, rank, matrix, found, sums):
            if not _is_finite(found, sums):
                state[RANK] = rank
                return NOT_FINITE
            _record(rank, found, sums, ranks, old, state)
            state[WORK] += user_indptr[rank + 1] - user_indptr[rank]
            for at in range(user_indptr[rank], user_indptr[rank + 1]):
                _add(user_indices[at], words, above, tops)
    rank = state[RANK]
    while rank < len(indptr) - 1:
        if has_blocks and block_of[rank] >= 0:
            block = np.int64(block_of[rank])
            is_due = is_touched[block]
            for member in range(start[block], end[block]):
                is_due |= _waits(member, words)
            is_new = _is_new_outside(block, blocks, matrix, found, sums)
            rank = end[block]
            if is_due or (is_new and not state[IS_SETTLING]):
                state[RANK] = rank
                return block
            continue
        if _row(rank, rank, rank, matrix, found, sums):
            if not _is_finite(found, sums):
                state[RANK] = rank
                return NOT_FINITE
            if not state[IS_SETTLING]:
                _record(rank, found, sums, ranks, old, state)
            elif _waits(rank, words):
                _record(rank, found, sums, ranks, old, state)
                for at in range(user_indptr[rank], user_indptr[rank + 1]):
                    _add(user_indices[at], words, above, tops)
            else:
                _put(found, rank, sums)
        rank += 1
    return DONE


@njit(cache=True)
def accept(
    block: Any,
    solved: Any,
    users: Any,
    blocks: Any,
    waiting: Any,
    found: Any,
    ranks: Any,
    old: Any,
    sums: Any,
    state: Any,
) -> None:
    """Take in the footprints of a block's products, and let those wait that use what changed."""
    user_indptr, user_indices = users
    _, start, end, _, _ = blocks
    words, above, tops = waiting
    for rank in range(start[block], end[block]):
        is_new = False
        for column in range(len(sums)):
            sums[column] = solved[rank - start[block], column]
            if found.ndim == 1:
                is_new |= sums[0] != found[rank]
            else:
                is_new |= sums[column] != found[rank, column]
        if is_new:
            _record(rank, found, sums, ranks, old, state)
            if not state[IS_SWEEPING] or state[IS_SETTLING]:
                state[WORK] += user_indptr[rank + 1] - user_indptr[rank]
                for at in range(user_indptr[rank], user_indptr[rank + 1]):
                    if user_indices[at] >= end[block]:
                        _add(user_indices[at], words, above, tops)


@njit(cache=True)
def wait_for(seeds: Any, waiting: Any) -> None:
    """Let ranks wait."""
    words, above, tops = waiting
    for rank in seeds:
        _add(rank, words, above, tops)
