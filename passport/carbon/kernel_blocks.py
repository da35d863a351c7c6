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

from passport.carbon.kernel_sweep import sweep, sweep_wide
from passport.carbon.kernels import TINY, compiled

MARGIN = 1e-9
"""How far below v the sums |A|^T v must stay, relative to v: far above what rounding does to them."""

LIMIT = 1.0 - 1e-6
"""The spectral radius up to which a proof is looked for: v = 1 + |A|^T v / LIMIT is one in whatever units."""

TOLERANCE = 1e-14
"""Passes end when no footprint of the block changes by more than this part of itself."""

_PROOF_PASSES = 400
_FIRST_PASSES, _PASSES = 50, 500
_HUGE = 1e150


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
                    path[depth], following[depth] = supplier, indptr[supplier]
        for here in range(first[block], first[block + 1]):
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
def _is_proof(ends: Any, suppliers: Any, amounts: Any, kept: Any, proof: Any, low: Any, high: Any) -> Any:
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
    if _is_proof(ends, suppliers, amounts, kept, proof, low, high):
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
        if turn % 4 == 0 and _is_proof(ends, suppliers, amounts, kept, proof, low, high):
            return True
    return False


@compiled()
def _relax(
    ends: Any, suppliers: Any, amounts: Any, kept: Any, outside: Any, found: Any, low: Any, high: Any, passes: Any
) -> Any:
    """`relax` with a bound of its own on passes."""
    base, stop = np.uint64(low), np.uint64(high)
    for here in range(base, stop):
        found[here] = outside[here] / kept[here]
    for _ in range(passes):
        is_moving = False
        at = np.uint64(ends[base])
        for here in range(base, stop):
            last = np.uint64(ends[here + np.uint64(1)])
            total = 0.0
            while at < last:
                total += amounts[at] * found[base + np.uint64(suppliers[at])]
                at += np.uint64(1)
            new = (outside[here] + total) / kept[here]
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
    return _relax(ends, suppliers, amounts, kept, outside, found, low, high, _PASSES)


@compiled()
def _from_outside(matrix: Any, direct: Any, found: Any, order: Any, width: Any, column: Any, row: Any, at: Any) -> Any:
    """What a row takes from suppliers outside start:end."""
    indptr, indices, amounts = matrix
    start, end = at
    total = 0.0
    for place in range(indptr[row], indptr[row + 1]):
        supplier = indices[place]
        if supplier < start or supplier >= end:
            if width:
                total += amounts[place] * found[np.int64(order[supplier]) * width + column]
            else:
                total += amounts[place] * found[supplier]
    if width:
        return direct[np.int64(order[row]) * width + column] + total
    return direct[row] + total


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
def march(
    matrix: Any, direct: Any, found: Any, order: Any, width: Any, bounds: Any, blocks: Any, rooms: Any, state: Any
) -> Any:
    """Compute rows and blocks in order of rank, until the end or a block that does not give in.

    Args:
        matrix: `(indptr, indices, amounts)` of the topology.
        direct: (n,) in rank order, or (n * K,) in product order.
        found: As `direct`; filled.
        order: Of the topology.
        width: K, or 0 where `direct` and `found` are in rank order.
        bounds: `(start, end)` of the blocks.
        blocks: `(first, member, ends, suppliers, amounts, kept, proof)`.
        rooms: Two (b,) arrays of room.
        state: Where to begin, kept up to date: the next block; the row to begin with.

    Returns:
        The largest residual of the rows done now.
    """
    start, end = bounds
    first, member, ends, suppliers, amounts, kept, proof = blocks
    outside, solved = rooms
    worst = 0.0
    while True:
        block = state[0]
        last = start[block] if block < len(start) else len(order)
        if width:
            part = sweep_wide(matrix[0], matrix[1], matrix[2], order, direct, found, width, state[1], last)
        else:
            part = sweep(matrix[0], matrix[1], matrix[2], direct, found, state[1], last)
        if not part < np.inf:
            return np.nan
        worst = max(worst, part)
        state[1] = last
        if block == len(start):
            return worst
        low, high = first[block], first[block + 1]
        is_proved = False
        for column in range(max(1, width)):
            for here in range(low, high):
                outside[here] = _from_outside(
                    matrix, direct, found, order, width, column, member[here], (start[block], end[block])
                )
            is_solved = _relax(ends, suppliers, amounts, kept, outside, solved, low, high, _FIRST_PASSES)
            # Footprints are a proof themselves where amounts are zero or more and every product adds something.
            if is_solved and not is_proved:
                is_proved = _is_proof(ends, suppliers, amounts, kept, solved, low, high)
            if not is_proved:
                is_proved = prove(ends, suppliers, amounts, kept, proof, low, high)
            if is_proved and not is_solved:
                is_solved = relax(ends, suppliers, amounts, kept, outside, solved, low, high)
            if not (is_proved and is_solved):
                return worst
            for here in range(low, high):
                if width:
                    found[np.int64(order[member[here]]) * width + column] = solved[here]
                else:
                    found[member[here]] = solved[here]
        part = residual(matrix, direct, found, order, width, start[block], end[block])
        if not part < np.inf:
            return np.nan
        worst = max(worst, part)
        state[0] = block + 1
        state[1] = end[block]
