"""What peeling leaves, as strongly connected blocks with levels (Tarjan's algorithm), and the order of all products."""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon.kernels import compiled
from passport.carbon.prefetch import prefetch

_DONE = np.iinfo(np.int32).max
_AHEAD, _FURTHER, _FURTHEST, _MOST_AHEAD = 4, 8, 16, 16  # products, products, products, edges


@compiled()
def tie(uses: Any, starts: Any, products: Any, block: Any, tied: Any, bounds: Any, low: Any, path: Any) -> Any:
    """Find the blocks among the products that still wait.

    A depth-first walk from supplier to consumer leaves a block when it has seen all that follows from it; so the blocks
    come consumers first.

    Args:
        uses: Of `link`.
        starts: Of `link`.
        products: As `peel` leaves them.
        block: (n,) filled with -1; takes the number of each product's block, where it is in one.
        tied: (n,) takes the products that still wait, block by block.
        bounds: (n + 1,) takes where each begins in `tied`, single products included.
        low: (n,) zeros; room.
        path: (n, 3) room.

    Returns:
        How many parts `bounds` tells apart, and how many of them are blocks.
    """
    n = len(products)
    n_tied = n_parts = n_blocks = seen = 0
    top = n  # the stack of those not yet assigned grows down from the end of `tied`
    for root in range(n):
        if products[root].waits_for == 0 or low[root] != 0:
            continue
        depth = 0
        seen += 1
        low[root] = seen
        product, least, place, stop = root, seen, starts[root], starts[root + 1]
        top -= 1
        tied[top] = root
        while True:
            if place < stop:
                consumer = uses[place].consumer
                place += 1
                mark = low[consumer]
                if mark == 0:
                    path[depth, 0], path[depth, 1], path[depth, 2] = product, place, least
                    depth += 1
                    seen += 1
                    low[consumer] = seen
                    product, least, place, stop = consumer, seen, starts[consumer], starts[consumer + 1]
                    top -= 1
                    tied[top] = consumer
                    for ahead in range(place, min(stop, place + _MOST_AHEAD)):
                        prefetch(low, uses[ahead].consumer)
                        prefetch(starts, uses[ahead].consumer)
                elif mark < least:
                    least = mark
                continue
            if least < low[product]:
                low[product] = least
            else:
                bounds[n_parts] = n_tied
                while True:
                    member = tied[top]
                    top += 1
                    low[member] = _DONE
                    tied[n_tied] = member
                    n_tied += 1
                    if member == product:
                        break
                is_block = n_tied - bounds[n_parts] > 1
                if not is_block:
                    for at in range(starts[product], stop):
                        is_block |= uses[at].consumer == product
                if is_block:
                    for at in range(bounds[n_parts], n_tied):
                        block[tied[at]] = n_blocks
                    n_blocks += 1
                n_parts += 1
            if depth == 0:
                break
            depth -= 1
            product, place = path[depth, 0], path[depth, 1]
            stop = starts[product + 1]
            least = min(least, path[depth, 2])
    bounds[n_parts] = n_tied
    return n_parts, n_blocks


@compiled()
def raise_levels(uses: Any, starts: Any, products: Any, block: Any, tied: Any, bounds: Any, n_parts: Any) -> None:
    """Give the products that `tie` has found their levels, suppliers first.

    Args:
        uses: Of `link`.
        starts: Of `link`.
        products: As `peel` leaves them.
        block: Of `tie`.
        tied: Of `tie`.
        bounds: Of `tie`.
        n_parts: Of `tie`.
    """
    for part in range(n_parts - 1, -1, -1):
        level = 0
        for at in range(bounds[part], bounds[part + 1]):
            level = max(level, products[tied[at]].level)
        for at in range(bounds[part + 1] - 1, bounds[part] - 1, -1):
            product = tied[at]
            if at >= _FURTHEST:
                prefetch(starts, tied[at - _FURTHEST])
            if at >= _FURTHER:
                place = starts[tied[at - _FURTHER]]
                prefetch(uses, place)
                prefetch(uses, place + 4)
            if at >= _AHEAD:
                other = tied[at - _AHEAD]
                for place in range(starts[other], min(starts[other + 1], starts[other] + _MOST_AHEAD)):
                    prefetch(products, uses[place].consumer)
            products[product].level = level
            for place in range(starts[product], starts[product + 1]):
                consumer = uses[place].consumer
                is_inside = block[product] >= 0 and block[consumer] == block[product]
                if not is_inside and products[consumer].level <= level:
                    products[consumer].level = level + 1


@compiled()
def arrange(products: Any, block: Any, sizes: Any, level_ptr: Any, order: Any, rank: Any, firsts: Any) -> None:
    """Order products by level, then by number, each block where its first product stands.

    Args:
        products: With their levels.
        block: Of `tie`; empty if nothing was left to tie.
        sizes: (B,) products of each block.
        level_ptr: (L + 1,) ranks at which the levels begin.
        order: (n,) filled.
        rank: (n,) filled.
        firsts: (B,) filled with -1; takes the first rank of each block.
    """
    after = level_ptr[:-1].copy()
    inside = np.zeros(len(sizes), dtype=np.int64)
    for product in range(len(products)):
        level = products[product].level
        own = block[product] if len(block) else -1
        if own < 0:
            place = after[level]
            after[level] += 1
        else:
            if firsts[own] < 0:
                firsts[own] = after[level]
                after[level] += sizes[own]
            place = firsts[own] + inside[own]
            inside[own] += 1
        order[place] = product
        rank[product] = place


@compiled()
def count_rows(consumer: Any, order: Any, counts: Any, indptr: Any) -> None:
    """Say where each row begins.

    Args:
        consumer: (m,) of each edge.
        order: Of `arrange`.
        counts: (n,) zeros; room.
        indptr: (n + 1,) filled.
    """
    for edge in range(len(consumer)):
        counts[consumer[edge]] += 1
    total = 0
    for row in range(len(order)):
        indptr[row] = total
        total += counts[order[row]]
    indptr[len(order)] = total


@compiled()
def renumber(uses: Any, starts: Any, order: Any, rank: Any, after: Any, indices: Any, edges: Any) -> None:
    """Write the graph's rows in rank numbering, a row per consumer, its suppliers ascending.

    Args:
        uses: Of `link`.
        starts: Of `link`.
        order: Of `arrange`.
        rank: Of `arrange`.
        after: (n,) where each row begins; used up.
        indices: (m,) takes the suppliers' ranks.
        edges: (m,) takes the caller's edge rows.
    """
    n = len(order)
    for here in range(n):
        # Five things to fetch, each named by the one before, so each is asked for a few products later.
        if here + 16 < n:
            prefetch(starts, order[here + 16])
        if here + 12 < n:
            place = starts[order[here + 12]]
            prefetch(uses, place)
            prefetch(uses, place + 4)
        if here + 8 < n:
            other = order[here + 8]
            for place in range(starts[other], min(starts[other + 1], starts[other] + _MOST_AHEAD)):
                prefetch(rank, uses[place].consumer)
        if here + 4 < n:
            other = order[here + 4]
            for place in range(starts[other], min(starts[other + 1], starts[other] + _MOST_AHEAD)):
                prefetch(after, rank[uses[place].consumer])
        if here + 2 < n:
            other = order[here + 2]
            for place in range(starts[other], min(starts[other + 1], starts[other] + _MOST_AHEAD)):
                at = after[rank[uses[place].consumer]]
                prefetch(indices, at)
                prefetch(edges, at)
        product = order[here]
        for place in range(starts[product], starts[product + 1]):
            row = rank[uses[place].consumer]
            at = after[row]
            after[row] = at + 1
            indices[at] = here
            edges[at] = uses[place].edge
