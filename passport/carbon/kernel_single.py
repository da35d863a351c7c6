"""The hot loops of an update whose footprints are single numbers, each written out in one piece.

numba counts references to every array that is handed to a function, even one that is inlined: in these loops that would
take longer than the work itself. They do what `kernel_propagation` does for rows of several columns, bit for bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon.kernels import compiled
from passport.carbon.prefetch import prefetch

_ONE = np.uint64(1)
_LOW = np.int64(63)
# The lowest bit of a word times this constant has a different top six bits for each of the 64 bits (de Bruijn).
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_PLACE = np.argsort((_ONE << np.arange(64, dtype=np.uint64)) * _DE_BRUIJN >> np.uint64(58))

NOTHING, BLOCK, TOO_MUCH, NOT_FINITE = range(4)
"""Why `push` has stopped: nothing waits; a block comes next; it has done too much; a footprint is no number."""


@compiled()
def lowest(word: Any) -> Any:
    """The place of a word's lowest bit."""
    return _PLACE[np.int64(((word & (~word + _ONE)) * _DE_BRUIJN) >> np.uint64(58))]


@compiled()
def push(
    indptr: Any,
    indices: Any,
    amounts: Any,
    direct: Any,
    level_ptr: Any,
    user_indptr: Any,
    user_indices: Any,
    block_of: Any,
    words: Any,
    sums: Any,
    tops: Any,
    found: Any,
    batch: Any,
    ranks: Any,
    old: Any,
    count: Any,
    level: Any,
    work: Any,
    most: Any,
) -> Any:
    """Compute what waits, in order of rank, and let the users of what has changed wait.

    Args:
        indptr: Of the matrix by consumer.
        indices: Of the matrix.
        amounts: Of the matrix.
        direct: Direct emissions.
        level_ptr: Where levels begin: ranks of one level do not need each other.
        user_indptr: Of the users of each rank.
        user_indices: The users.
        block_of: The block of each rank or -1; empty if there are none.
        words: Which ranks wait, a bit each.
        sums: Which words have any.
        tops: Which words of `sums` have any.
        found: Footprints, changed in place.
        batch: Room for the ranks that are taken out together.
        ranks: Takes the ranks whose footprint changed.
        old: Takes what they were.
        count: How many have been taken so far.
        level: A level that no rank that waits is below.
        work: Done so far.
        most: When to stop.

    Returns:
        Why it stopped, at which rank, and `count`, `level` and `work` as they are now.
    """
    has_blocks = len(block_of) > 0
    top = level_ptr[level] >> 18
    while True:
        size, end = 0, 0
        while size < len(batch):
            while top < len(tops) and tops[top] == 0:
                top += 1
            if top == len(tops):
                break
            above = (top << 6) | lowest(tops[top])
            at = (above << 6) | lowest(sums[above])
            rank = (at << 6) | lowest(words[at])
            if size == 0:
                if work > most:
                    return TOO_MUCH, rank, count, level, work
                while level_ptr[level + 1] <= rank:
                    level += 1
                end = level_ptr[level + 1]
            if rank >= end:
                break
            if has_blocks and block_of[rank] >= 0:
                if size == 0:
                    return BLOCK, rank, count, level, work
                break
            rest = words[at] & (words[at] - _ONE)
            words[at] = rest
            if rest == 0:
                rest = sums[above] & (sums[above] - _ONE)
                sums[above] = rest
                if rest == 0:
                    tops[top] &= tops[top] - _ONE
            batch[size] = rank
            size += 1
        if size == 0:
            return NOTHING, np.int64(0), count, level, work
        top = batch[0] >> 18
        for place in range(size):
            rank = batch[place]
            prefetch(indices, indptr[rank])
            prefetch(amounts, indptr[rank])
            prefetch(amounts, indptr[rank] + 4)
            prefetch(user_indices, user_indptr[rank])
            prefetch(direct, rank)
            prefetch(found, rank)
        for place in range(size):
            for edge in range(indptr[batch[place]], indptr[batch[place] + 1]):
                prefetch(found, indices[edge])
        for place in range(size):
            rank = batch[place]
            total = 0.0
            for edge in range(indptr[rank], indptr[rank + 1]):
                total += amounts[edge] * found[indices[edge]]
            total = direct[rank] + total
            work += 1 + indptr[rank + 1] - indptr[rank]
            if total == found[rank]:
                continue
            if not np.isfinite(total):
                return NOT_FINITE, rank, count, level, work
            ranks[count] = rank
            old[count] = found[rank]
            count += 1
            found[rank] = total
            work += user_indptr[rank + 1] - user_indptr[rank]
            for use in range(user_indptr[rank], user_indptr[rank + 1]):
                user = user_indices[use]
                at = user >> 6
                word = words[at]
                bit = _ONE << np.uint64(user & _LOW)
                if (word & bit) == 0:
                    words[at] = word | bit
                    prefetch(indptr, user)
                    prefetch(user_indptr, user)
                    if word == 0:
                        word = sums[at >> 6]
                        sums[at >> 6] = word | (_ONE << np.uint64(at & _LOW))
                        if word == 0:
                            tops[at >> 12] |= _ONE << np.uint64((at >> 6) & _LOW)


@compiled()
def sweep(
    indptr: Any,
    indices: Any,
    amounts: Any,
    direct: Any,
    block_of: Any,
    found: Any,
    ranks: Any,
    old: Any,
    count: Any,
    rank: Any,
) -> Any:
    """Compute every row from a rank on, up to the next block.

    Args:
        indptr: Of the matrix by consumer.
        indices: Of the matrix.
        amounts: Of the matrix.
        direct: Direct emissions.
        block_of: The block of each rank or -1; empty if there are none.
        found: Footprints, changed in place.
        ranks: Takes the ranks whose footprint changed.
        old: Takes what they were.
        count: How many have been taken so far.
        rank: Where to begin.

    Returns:
        Why it stopped, at which rank, and `count` as it is now.
    """
    has_blocks = len(block_of) > 0
    n = len(indptr) - 1
    while rank < n:
        if has_blocks and block_of[rank] >= 0:
            return BLOCK, rank, count
        total = 0.0
        for edge in range(indptr[rank], indptr[rank + 1]):
            total += amounts[edge] * found[indices[edge]]
        total = direct[rank] + total
        if total != found[rank]:
            if not np.isfinite(total):
                return NOT_FINITE, rank, count
            ranks[count] = rank
            old[count] = found[rank]
            count += 1
            found[rank] = total
        rank += 1
    return NOTHING, rank, count
