"""The compiled road through blocks: Gauss-Seidel in the order of a depth-first walk, with proof that it converges.

Of the edges of a block, walked from consumer to supplier, only those back to a product still on the path point forward
in the order in which products are left; so one pass carries a change nearly everywhere, and a dozen passes are enough
where the plain series takes forty.

The proof is a vector v > 0 with v - |A|^T v > 0, which exists exactly if the spectral radius of |A| is below 1
(Collatz and Wielandt). It is checked against the amounts at hand on every run; finding one is a few passes.

Source: Berman, A. and Plemmons, R. J., Nonnegative matrices in the mathematical sciences, 1994, chapters 2 and 6.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon.kernels import compiled
from passport.carbon.prefetch import prefetch

MARGIN = 1e-9
"""How far below v the sums |A|^T v must stay, relative to v: far above what rounding does to them."""

LIMIT = 1.0 - 1e-6
"""The spectral radius up to which a proof is looked for: v = 1 + |A|^T v / LIMIT is one in whatever units."""

TOLERANCE = 1e-14
"""Passes end when no footprint of the block changes by more than this part of itself."""

_PROOF_PASSES = 400
_PASSES = 500
_HUGE = 1e150
_MOST, _FAR, _NEAR = 16, 12, 6  # edges of a product at most, and members ahead


@compiled()
def count_inner(indptr: Any, indices: Any, start: Any, end: Any) -> Any:
    """How many edges stand inside blocks, those of products with themselves left out, and how many of the latter."""
    inner = own = 0
    for block in range(len(start)):
        for row in range(start[block], end[block]):
            for at in range(indptr[row], indptr[row + 1]):
                if indices[at] == row:
                    own += 1
                elif start[block] <= indices[at] < end[block]:
                    inner += 1
    return inner, own


@compiled()
def plan(
    indptr: Any, indices: Any, start: Any, end: Any, first: Any, member: Any, ends: Any, inner: Any, own: Any
) -> None:
    """Choose each block's order of solving, and write its edges as rows of their own.

    Args:
        indptr: Of the topology.
        indices: Of the topology.
        start: First rank of each block.
        end: The rank after its last.
        first: (B + 1,) where each block's members begin.
        member: (b,) takes the ranks, block by block, in the order of solving.
        ends: (b + 1,) takes where each member's edges begin.
        inner: (2, edges) takes the supplier's place in its block and the edge's position in the matrix.
        own: (2, ...) takes members that use themselves, and the position of that edge.
    """
    most = 0
    for block in range(len(start)):
        most = max(most, end[block] - start[block])
    path, following = np.empty(most, np.int64), np.empty(most, np.int64)
    place = np.empty(most, np.int32)
    n_inner = n_own = 0
    for block in range(len(start)):
        low, high = start[block], end[block]
        size, after = high - low, first[block]
        place[:size] = -2
        for root in range(low, high):
            if place[root - low] != -2:
                continue
            depth = 0
            path[0], following[0] = root, indptr[root]
            place[root - low] = -1
            while depth >= 0:
                row = path[depth]
                if following[depth] == indptr[row + 1]:
                    place[row - low] = after - first[block]
                    member[after] = row
                    after += 1
                    depth -= 1
                    continue
                supplier = indices[following[depth]]
                following[depth] += 1
                if low <= supplier < high and place[supplier - low] == -2:
                    place[supplier - low] = -1
                    depth += 1
                    begin = indptr[supplier]
                    path[depth], following[depth] = supplier, begin
                    for ahead in range(begin, min(begin + _MOST, indptr[supplier + 1])):
                        other = indices[ahead]
                        if low <= other < high:
                            prefetch(place, other - low)
                            prefetch(indptr, other)
        for here in range(first[block], first[block + 1]):
            if here + _FAR < first[block + 1]:
                prefetch(indices, indptr[member[here + _FAR]])
            if here + _NEAR < first[block + 1]:
                begin = indptr[member[here + _NEAR]]
                for ahead in range(begin, min(begin + _MOST, indptr[member[here + _NEAR] + 1])):
                    if low <= indices[ahead] < high:
                        prefetch(place, indices[ahead] - low)
            row = member[here]
            ends[here] = n_inner
            for at in range(indptr[row], indptr[row + 1]):
                supplier = indices[at]
                if supplier == row:
                    own[0, n_own] = here
                    own[1, n_own] = at
                    n_own += 1
                elif low <= supplier < high:
                    inner[0, n_inner] = place[supplier - low]
                    inner[1, n_inner] = at
                    n_inner += 1
    ends[len(member)] = n_inner


@compiled()
def is_proof(ends: Any, suppliers: Any, amounts: Any, kept: Any, proof: Any, low: Any, high: Any) -> Any:
    """Whether a vector shows what `prove` wants shown; the arguments are those of `prove`."""
    for here in range(low, high):
        total = 0.0
        for at in range(ends[here], ends[here + 1]):
            total += abs(amounts[at]) * proof[low + suppliers[at]]
        if not (proof[here] > 0.0 and total <= (1.0 - abs(1.0 - kept[here]) - MARGIN) * proof[here]):
            return False
    return True


@compiled()
def prove(ends: Any, suppliers: Any, amounts: Any, kept: Any, proof: Any, low: Any, high: Any) -> Any:
    """Show that the spectral radius of a block is below 1, its amounts all taken as positive.

    Args:
        ends: Of `plan`.
        suppliers: Of `plan`.
        amounts: (edges,) of those edges.
        kept: (b,) 1 less what each member uses of itself.
        proof: (b,) the vector that did it before; changed if it does no longer.
        low: Where the block's members begin.
        high: Where they end.

    Returns:
        Whether it is shown.
    """
    for here in range(low, high):
        if not abs(1.0 - kept[here]) < LIMIT - MARGIN:
            return False
    if is_proof(ends, suppliers, amounts, kept, proof, low, high):
        return True
    proof[low:high] = 1.0
    for turn in range(1, _PROOF_PASSES + 1):
        for here in range(low, high):
            total = 0.0
            for at in range(ends[here], ends[here + 1]):
                total += abs(amounts[at]) * proof[low + suppliers[at]]
            proof[here] = (LIMIT + total) / (LIMIT - abs(1.0 - kept[here]))
            if not proof[here] < _HUGE:
                return False
        if turn % 4 == 0 and is_proof(ends, suppliers, amounts, kept, proof, low, high):
            return True
    return False


@compiled()
def relax_for(
    ends: Any, suppliers: Any, amounts: Any, kept: Any, outside: Any, found: Any, low: Any, high: Any, passes: Any
) -> Any:
    """`relax` for at most so many passes."""
    base, stop = np.uint64(low), np.uint64(high)
    for here in range(base, stop):
        found[here] = outside[here] / kept[here] if kept[here] != 1.0 else outside[here]
    for _ in range(passes):
        is_moving = False
        at = np.uint64(ends[base])
        for here in range(base, stop):
            last = np.uint64(ends[here + np.uint64(1)])
            total = 0.0
            while at < last:
                total += amounts[at] * found[base + np.uint64(suppliers[at])]
                at += np.uint64(1)
            new = outside[here] + total
            if kept[here] != 1.0:  # few products use themselves, and a division would hold up all the others
                new /= kept[here]
            is_moving |= not abs(new - found[here]) <= TOLERANCE * abs(new)
            found[here] = new
        if not is_moving:
            return True
    return False


@compiled()
def relax(ends: Any, suppliers: Any, amounts: Any, kept: Any, outside: Any, found: Any, low: Any, high: Any) -> Any:
    """Solve a block for what comes into it from outside.

    Args:
        ends: Of `plan`.
        suppliers: Of `plan`.
        amounts: (edges,) of those edges.
        kept: (b,) 1 less what each member uses of itself.
        outside: (b,) from outside, of this block's members at their places.
        found: (b,) takes footprints.
        low: Where the block's members begin.
        high: Where they end.

    Returns:
        Whether passes came to an end.
    """
    return relax_for(ends, suppliers, amounts, kept, outside, found, low, high, _PASSES)
