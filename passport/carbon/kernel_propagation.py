"""The compiled road of an update: follow a change from supplier to consumer, then sweep if it has spread too far.

A row is summed from its own suppliers in the order of the matrix, never corrected by a difference: what an update
leaves is bit for bit what computing everything anew by the same rows would give, after however many updates.
Footprints that are single numbers take the loops of `kernel_single`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon import kernel_loops as loops
from passport.carbon import kernel_single as single
from passport.carbon.kernel_rows import copy, is_finite, is_new_outside, is_other, record, row
from passport.carbon.kernel_waiting import add, add_users, drop, first, waits
from passport.carbon.kernels import compiled

DONE = -1
"""`propagate` returns this when nothing waits any more; the number of a block that is hard to solve, which
is then the caller's task."""
NOT_FINITE = -2
"""... and this when a footprint left the range of numbers; its rank is `state[RANK]`."""

COUNT, LEVEL, WORK, IS_SWEEPING, IS_SETTLING, RANK, LISTED, AFFECTED, IS_SWEPT = range(9)
"""Places in `state`: records made, the level it has come to, work done, whether it sweeps, whether it does so to
settle (every row is computed, and only what follows from those that wait is recorded), and where it stands; these are
zero between updates. And of the last update: changes listed, changes in all, and whether it swept."""
STATE_LENGTH = 9

BATCH = 64
"""How many ranks are taken out together."""


@compiled()
def accept(
    block: Any,
    solved: Any,
    users: Any,
    blocks: Any,
    waiting: Any,
    found: Any,
    records: Any,
    state: Any,
) -> None:
    """Take in the footprints of a block's products, and let those wait that use what changed.

    Args:
        block: Its number.
        solved: (b,) or (b, K), its footprints by rank.
        users: As of `propagate`.
        blocks: As of `propagate`.
        waiting: As of `propagate`.
        found: As of `propagate`.
        records: As of `propagate`.
        state: As of `propagate`.
    """
    _, start, end, _, _ = blocks
    ranks, old = records
    user_indptr, user_indices = users
    words, sums, tops = waiting
    for rank in range(start[block], end[block]):
        place = rank - start[block]
        if is_other(found, rank, solved, place):
            record(rank, solved, place, found, ranks, old, state[COUNT])
            state[COUNT] += 1
            if not state[IS_SWEEPING] or state[IS_SETTLING]:
                state[WORK] += user_indptr[rank + 1] - user_indptr[rank]
                add_users(rank, end[block] - 1, user_indptr, user_indices, words, sums, tops)


@compiled()
def _propagate(
    seeds: Any,
    matrix: Any,
    level_ptr: Any,
    users: Any,
    blocks: Any,
    plan: Any,
    waiting: Any,
    found: Any,
    room: Any,
    records: Any,
    state: Any,
    most: Any,
) -> Any:
    """Compute what waits, in order of rank, and whatever follows from it; see `propagate`."""
    indptr, indices, amounts, direct = matrix
    user_indptr, user_indices = users
    block_of, start, end, outside, is_touched = blocks
    words, above, tops = waiting
    batch, sums, solved = room
    ranks, old = records
    has_blocks = len(block_of) > 0
    for seed in seeds:
        add(np.int64(seed), words, above, tops)
    why, top = single.NOTHING, 0
    while not state[IS_SWEEPING]:
        if found.ndim == 1:
            why, rank, state[COUNT], state[LEVEL], state[WORK] = single.push(
                indptr,
                indices,
                amounts,
                direct,
                level_ptr,
                user_indptr,
                user_indices,
                block_of,
                words,
                above,
                tops,
                found,
                batch,
                ranks,
                old,
                state[COUNT],
                state[LEVEL],
                state[WORK],
                most,
            )
            if why == single.NOTHING:
                return DONE
            if why == single.NOT_FINITE:
                state[RANK] = rank
                return NOT_FINITE
        else:
            rank = first(top, words, above, tops)
            if rank < 0:
                return DONE
            top = rank >> 18
        if state[WORK] > most:
            words[rank >> 6 :] = 0
            above[rank >> 12 :] = 0
            tops[rank >> 18 :] = 0
            state[IS_SWEEPING] = 1
            state[RANK] = rank
            break
        if has_blocks and block_of[rank] >= 0:
            block = np.int64(block_of[rank])
            for member in range(rank, end[block]):
                drop(member, words, above, tops)
            state[WORK] += end[block] - start[block] + indptr[end[block]] - indptr[start[block]]
            if is_new_outside(block, blocks, matrix, found, sums):
                if not loops.solve(block, amounts, outside, start, plan, solved):
                    return block
                accept(block, solved, users, blocks, waiting, found, records, state)
            continue
        drop(rank, words, above, tops)
        state[WORK] += 1 + indptr[rank + 1] - indptr[rank]
        if row(rank, rank, rank, indptr, indices, amounts, direct, found, sums):
            if not is_finite(sums):
                state[RANK] = rank
                return NOT_FINITE
            record(rank, sums, 0, found, ranks, old, state[COUNT])
            state[COUNT] += 1
            state[WORK] += user_indptr[rank + 1] - user_indptr[rank]
            add_users(rank, rank, user_indptr, user_indices, words, above, tops)
    rank = state[RANK]
    while rank < len(indptr) - 1:
        if found.ndim == 1 and not state[IS_SETTLING]:
            why, rank, state[COUNT] = single.sweep(
                indptr, indices, amounts, direct, block_of, found, ranks, old, state[COUNT], rank
            )
            state[RANK] = rank
            if why == single.NOTHING:
                return DONE
            if why == single.NOT_FINITE:
                return NOT_FINITE
        if has_blocks and block_of[rank] >= 0:
            block = np.int64(block_of[rank])
            is_due = is_touched[block]
            for member in range(start[block], end[block]):
                is_due |= waits(member, words)
            is_new = is_new_outside(block, blocks, matrix, found, sums)
            rank = end[block]
            state[RANK] = rank
            if is_due or (is_new and not state[IS_SETTLING]):
                if not loops.solve(block, amounts, outside, start, plan, solved):
                    return block
                accept(block, solved, users, blocks, waiting, found, records, state)
            continue
        if row(rank, rank, rank, indptr, indices, amounts, direct, found, sums):
            if not is_finite(sums):
                state[RANK] = rank
                return NOT_FINITE
            if state[IS_SETTLING] and not waits(rank, words):
                copy(found, rank, sums, 0)
            else:
                record(rank, sums, 0, found, ranks, old, state[COUNT])
                state[COUNT] += 1
                if state[IS_SETTLING]:
                    add_users(rank, rank, user_indptr, user_indices, words, above, tops)
        rank += 1
    return DONE


@compiled()
def _report(order: Any, found: Any, records: Any, lists: Any, state: Any, absolute: Any, relative: Any) -> None:
    """List what has changed by more than the thresholds, and be ready for another change."""
    ranks, before = records
    products, told = lists
    old, new, delta = told[0], told[1], told[2]
    listed = 0
    for place in range(state[COUNT]):
        rank = ranks[place]
        is_small = True
        if found.ndim == 1:
            size = found[rank] - before[place]
            # An added product's NaN is not small.
            is_small = abs(size) <= absolute or abs(size) <= relative * abs(before[place])
            if not is_small:
                old[listed] = before[place]
                new[listed] = found[rank]
                delta[listed] = size
        else:
            for column in range(found.shape[1]):
                was = before[place, column]
                size = found[rank, column] - was
                is_small &= abs(size) <= absolute or abs(size) <= relative * abs(was)
                old[listed, column] = was
                new[listed, column] = found[rank, column]
                delta[listed, column] = size
        products[listed] = order[rank]
        if not is_small:
            listed += 1
    state[LISTED] = listed
    state[AFFECTED] = state[COUNT]
    state[IS_SWEPT] = state[IS_SWEEPING]
    state[:LISTED] = 0


@compiled()
def propagate(
    seeds: Any,
    matrix: Any,
    order: Any,
    level_ptr: Any,
    users: Any,
    blocks: Any,
    plan: Any,
    waiting: Any,
    found: Any,
    room: Any,
    records: Any,
    lists: Any,
    state: Any,
    most: Any,
    absolute: Any,
    relative: Any,
) -> Any:
    """Compute what waits, in order of rank, and whatever follows from it.

    Args:
        seeds: Ranks that are to wait too.
        matrix: `(indptr, indices, amounts, direct)`, by consumer, in rank order.
        order: The product of each rank.
        level_ptr: Where levels begin: ranks of one level do not need each other.
        users: `(indptr, indices)`: the consumers of each supplier.
        blocks: `(block of each rank or -1, start, end, outside, is_touched)`; the first empty if there are none.
        plan: Of `kernel_loops.solve`.
        waiting: The three arrays of bits.
        found: Footprints in rank order, changed in place.
        room: `(batch, sums, solved)`: for `BATCH` ranks, for one row, and for the rows of the largest block.
        records: `(ranks, old)`: takes the ranks whose footprint changed, ascending, and what they were.
        lists: `(products, told)`: takes the changes above the thresholds, `state[LISTED]` of them; of `told`, which is
            (3, n) or (3, n, K), the old, new and difference.
        state: See above.
        most: Work after which the rest is swept instead: a row, an edge into it and an edge out of it count one each.
        absolute: A change is listed above this, in the unit of the footprints ...
        relative: ... and above this share of the old footprint.

    Returns:
        `DONE`, `NOT_FINITE`, or the number of a block that is hard: to be solved and handed to `accept` before
        calling again.
    """
    result = _propagate(seeds, matrix, level_ptr, users, blocks, plan, waiting, found, room, records, state, most)
    if result == DONE:
        _report(order, found, records, lists, state, absolute, relative)
    return result


@compiled()
def propagate_single(
    seeds: Any,
    absolute: Any,
    relative: Any,
    indptr: Any,
    indices: Any,
    amounts: Any,
    direct: Any,
    order: Any,
    level_ptr: Any,
    user_indptr: Any,
    users: Any,
    block_of: Any,
    words: Any,
    above: Any,
    tops: Any,
    found: Any,
    batch: Any,
    ranks: Any,
    old: Any,
    products: Any,
    told: Any,
    state: Any,
    most: Any,
) -> Any:
    """As `propagate`, for single numbers in a graph without blocks: half the arrays, handed over in half the time."""
    for seed in seeds:
        add(np.int64(seed), words, above, tops)
    why, rank, state[COUNT], _, _ = single.push(
        indptr,
        indices,
        amounts,
        direct,
        level_ptr,
        user_indptr,
        users,
        block_of,
        words,
        above,
        tops,
        found,
        batch,
        ranks,
        old,
        0,
        0,
        0,
        most,
    )
    if why == single.TOO_MUCH:
        words[rank >> 6 :] = 0
        above[rank >> 12 :] = 0
        tops[rank >> 18 :] = 0
        state[IS_SWEEPING] = 1
        why, rank, state[COUNT] = single.sweep(
            indptr, indices, amounts, direct, block_of, found, ranks, old, state[COUNT], rank
        )
    if why == single.NOT_FINITE:
        state[RANK] = rank
        return NOT_FINITE
    _report(order, found, (ranks, old), (products, told), state, absolute, relative)
    return DONE
