"""The order of all products out of their inputs: levels and strongly connected blocks by one walk (Tarjan's algorithm).

Rows are read where the caller has them, if each consumer's stand together as in most tables.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon.kernels import compiled
from passport.carbon.prefetch import prefetch

_NEAR, _FAR, _FARTHEST, _MOST = 4, 8, 16, 16  # products ahead, and edges of one of them at most
_FEW = 32
_EDGE_BITS = np.int64(32)
_EDGE = np.int64(2**32 - 1)


@compiled()
def find_rows(consumer: Any, starts: Any) -> Any:
    """Count each product's inputs.

    Args:
        consumer: (m,) of each edge.
        starts: (n + 1,) zeros; then the inputs of product j are `starts[j]:starts[j + 1]` of the grouped edges.

    Returns:
        Whether the edges are grouped as they stand.
    """
    is_grouped = True
    before = -1
    for edge in range(len(consumer)):
        product = consumer[edge]
        is_grouped &= product >= before
        before = product
        starts[product] += 1
    total = 0
    for product in range(len(starts)):
        count = starts[product]
        starts[product] = total
        total += count
    return is_grouped


@compiled()
def group(supplier: Any, consumer: Any, starts: Any, suppliers: Any, edges: Any) -> None:
    """Put each consumer's edges together, in the order in which they stand.

    Args:
        supplier: (m,) of each edge.
        consumer: (m,) of each edge.
        starts: Of `find_rows`.
        suppliers: (m,) filled.
        edges: (m,) filled with the edges' rows.
    """
    after = starts[:-1].copy()
    m = len(supplier)
    for edge in range(m):
        if edge + 2 * _FARTHEST < m:
            prefetch(after, consumer[edge + 2 * _FARTHEST])
        if edge + _FARTHEST < m:
            place = after[consumer[edge + _FARTHEST]]
            prefetch(suppliers, place)
            prefetch(edges, place)
        place = after[consumer[edge]]
        after[consumer[edge]] = place + 1
        suppliers[place] = supplier[edge]
        edges[place] = edge


@compiled()
def tie(suppliers: Any, starts: Any, marks: Any, block: Any, tied: Any, path: Any) -> Any:
    """Find levels and blocks.

    A depth-first walk from consumer to supplier leaves a block when it has seen all that the block needs; so blocks
    come suppliers first, and their levels with them. A mark is 0 for a product not yet seen, above 0 the lowest place
    in the walk that is known to be within reach, and below 0, for those that are done, -1 less the level.

    Args:
        suppliers: (m,) grouped by consumer.
        starts: (n + 1,) of `find_rows`.
        marks: (n,) 0, or what is known of products that are done; then the marks of all.
        block: (n,) filled with -1; takes the number of each product's block, where it is in one.
        tied: (n,) room.
        path: (n, 4) room.

    Returns:
        How many blocks there are.
    """
    n_blocks = seen = top = 0
    for root in range(len(marks)):
        if marks[root] != 0:
            continue
        depth = 0
        seen += 1
        marks[root] = seen
        product, least, level, place, stop = root, seen, 0, starts[root], starts[root + 1]
        tied[top] = root
        top += 1
        while True:
            if place < stop:
                supplier = suppliers[place]
                place += 1
                mark = marks[supplier]
                if mark < 0:
                    level = max(level, -mark)
                elif mark == 0:
                    path[depth, 0], path[depth, 1], path[depth, 2], path[depth, 3] = product, place, least, level
                    depth += 1
                    seen += 1
                    marks[supplier] = seen
                    product, least, level = supplier, seen, 0
                    place, stop = starts[supplier], starts[supplier + 1]
                    tied[top] = supplier
                    top += 1
                    for ahead in range(place, min(stop, place + _MOST)):
                        prefetch(marks, suppliers[ahead])
                        prefetch(starts, suppliers[ahead])
                elif mark < least:
                    least = mark
                continue
            is_left = least >= marks[product]
            if is_left:
                is_block = tied[top - 1] != product
                if not is_block:
                    for at in range(starts[product], stop):
                        is_block |= suppliers[at] == product
                while True:
                    top -= 1
                    member = tied[top]
                    marks[member] = -1 - level
                    if is_block:
                        block[member] = n_blocks
                    if member == product:
                        break
                n_blocks += is_block
            else:
                marks[product] = least
            if depth == 0:
                break
            depth -= 1
            product, place = path[depth, 0], path[depth, 1]
            stop = starts[product + 1]
            # What a product left within the block needs, the block needs; a block that is done is a level below.
            level = max(path[depth, 3], level + 1 if is_left else level)
            least = path[depth, 2] if is_left else min(least, path[depth, 2])
    return n_blocks


@compiled()
def arrange(marks: Any, block: Any, sizes: Any, level_ptr: Any, order: Any, rank: Any, firsts: Any) -> None:
    """Order products by level, then by number, each block where its first product stands.

    Args:
        marks: Of `tie`.
        block: Of `tie`.
        sizes: (B,) products of each block.
        level_ptr: (L + 1,) ranks at which the levels begin.
        order: (n,) filled.
        rank: (n,) filled.
        firsts: (B,) filled with -1; takes the first rank of each block.
    """
    after = level_ptr[:-1].copy()
    inside = np.zeros(len(sizes), dtype=np.int64)
    for product in range(len(marks)):
        level = -1 - marks[product]
        own = block[product]
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
def _sort(keys: Any, count: Any) -> None:
    """Put the first keys in ascending order: short rows by insertion, long ones by a heap."""
    if count <= _FEW:
        for here in range(1, count):
            key = keys[here]
            place = here - 1
            while place >= 0 and keys[place] > key:
                keys[place + 1] = keys[place]
                place -= 1
            keys[place + 1] = key
        return
    first, last = count // 2, count
    while last > 1:
        if first > 0:
            first -= 1
            key = keys[first]
        else:
            last -= 1
            key = keys[last]
            keys[last] = keys[0]
        hole = first
        child = 2 * hole + 1
        while child < last:
            if child + 1 < last and keys[child + 1] > keys[child]:
                child += 1
            if keys[child] <= key:
                break
            keys[hole] = keys[child]
            hole = child
            child = 2 * hole + 1
        keys[hole] = key


@compiled(nogil=True)
def write_rows(
    suppliers: Any,
    edges: Any,
    starts: Any,
    order: Any,
    rank: Any,
    indptr: Any,
    indices: Any,
    positions: Any,
    first: Any,
    last: Any,
) -> None:
    """Write rows first:last of the graph in rank numbering, a row per consumer, its suppliers ascending.

    Args:
        suppliers: (m,) grouped by consumer.
        edges: (m,) rows of the grouped edges; empty if they are grouped as they stand.
        starts: (n + 1,) of `find_rows`.
        order: Of `arrange`.
        rank: Of `arrange`.
        indptr: (n + 1,) where each row begins.
        indices: (m,) takes the suppliers' ranks.
        positions: (m,) takes the caller's edge rows.
        first: The first row.
        last: The row after the last.
    """
    is_grouped = len(edges) == 0
    most = 0
    for here in range(first, last):
        most = max(most, indptr[here + 1] - indptr[here])
    keys = np.empty(most, dtype=np.int64)
    at = indptr[first]
    for here in range(first, last):
        if here + _FARTHEST < last:
            prefetch(starts, order[here + _FARTHEST])
        if here + _FAR < last:
            prefetch(suppliers, starts[order[here + _FAR]])
            if not is_grouped:
                prefetch(edges, starts[order[here + _FAR]])
        if here + _NEAR < last:
            other = order[here + _NEAR]
            for place in range(starts[other], min(starts[other + 1], starts[other] + _MOST)):
                prefetch(rank, suppliers[place])
        product = order[here]
        count = 0
        for place in range(starts[product], starts[product + 1]):
            edge = np.int64(place) if is_grouped else np.int64(edges[place])
            keys[count] = (np.int64(rank[suppliers[place]]) << _EDGE_BITS) | edge
            count += 1
        _sort(keys, count)
        for place in range(count):
            indices[at] = keys[place] >> _EDGE_BITS
            positions[at] = keys[place] & _EDGE
            at += 1
