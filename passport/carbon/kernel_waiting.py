"""Which products wait to be computed: a bit each, by rank.

Waiting products are bits of a word array over ranks, with two arrays of summary bits above it. Taking out the lowest
rank, adding one, and adding one that is already there each touch at most three words, whatever waits, so that nothing
as long as the graph is cleared or allocated per update.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon.kernel_single import lowest
from passport.carbon.kernels import compiled

_ONE = np.uint64(1)
_LOW = np.int64(63)


@compiled()
def add(rank: Any, words: Any, sums: Any, tops: Any) -> None:
    """Let a rank wait."""
    at = rank >> 6
    word = words[at]
    bit = _ONE << np.uint64(rank & _LOW)
    words[at] = word | bit
    if word == 0:
        above = sums[at >> 6]
        sums[at >> 6] = above | (_ONE << np.uint64(at & _LOW))
        if above == 0:
            tops[at >> 12] |= _ONE << np.uint64((at >> 6) & _LOW)


@compiled()
def drop(rank: Any, words: Any, sums: Any, tops: Any) -> None:
    """Let a rank wait no longer, if it does."""
    at = rank >> 6
    words[at] &= ~(_ONE << np.uint64(rank & _LOW))
    if words[at] == 0:
        sums[at >> 6] &= ~(_ONE << np.uint64(at & _LOW))
        if sums[at >> 6] == 0:
            tops[at >> 12] &= ~(_ONE << np.uint64((at >> 6) & _LOW))


@compiled()
def first(top: Any, words: Any, sums: Any, tops: Any) -> Any:
    """The lowest rank that waits, in or behind a summary word; -1 if there is none."""
    while top < len(tops):
        if tops[top] != 0:
            place = (top << 6) | lowest(tops[top])
            at = (place << 6) | lowest(sums[place])
            return (at << 6) | lowest(words[at])
        top += 1
    return -1


@compiled()
def waits(rank: Any, words: Any) -> Any:
    """Whether a rank waits."""
    return (words[rank >> 6] >> np.uint64(rank & _LOW)) & _ONE != 0


@compiled()
def add_users(rank: Any, after: Any, user_indptr: Any, user_indices: Any, words: Any, sums: Any, tops: Any) -> None:
    """Let the users of a rank wait that come after another one."""
    for at in range(user_indptr[rank], user_indptr[rank + 1]):
        user = user_indices[at]
        if user > after:
            add(user, words, sums, tops)
