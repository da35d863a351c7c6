"""Peel a graph off from its raw materials on, wave by wave, and compute footprints on the way (Kahn's algorithm).

Each product's uses are gathered in one place first: 16 bytes an edge, one line of memory touched. A wave is the
products whose last supplier was in the wave before, in order of number; so the waves one after the other are the ranks
of the topology, and a footprint's sum has the order it has there, bit for bit. What waits for itself is never peeled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from passport.carbon.kernels import TINY, compiled
from passport.carbon.prefetch import prefetch

USE = np.dtype([("consumer", "<i4"), ("edge", "<i4"), ("amount", "<f8")])
"""One edge, as its supplier sees it."""

PRODUCT = np.dtype([("sum", "<f8"), ("waits_for", "<i4"), ("level", "<i4")])
"""What a product has taken so far, how many of its edges are still to come, and one more than its suppliers' level."""

_FEW = 48
_STARTS_AHEAD, _PLACES_AHEAD = 32, 16
_ROW_AHEAD, _USES_AHEAD, _CONSUMERS_AHEAD, _MOST_AHEAD = 16, 8, 4, 16


@compiled(nogil=True)
def count(supplier: Any, consumer: Any, counts: Any, waits: Any, first: Any, last: Any) -> Any:
    """Count the uses and the inputs of each product among edges first:last.

    Args:
        supplier: (m,) of each edge.
        consumer: (m,) of each edge.
        counts: (n,) zeros; takes how often each product is used.
        waits: (n,) zeros; takes how many inputs each product has.
        first: The first edge.
        last: The edge after the last.

    Returns:
        Whether consumers ascend.
    """
    is_grouped = True
    before = -1
    for edge in range(first, last):
        counts[supplier[edge]] += 1
        product = consumer[edge]
        waits[product] += 1
        is_grouped &= product >= before
        before = product
    return is_grouped


@compiled()
def share(counts: Any, waits: Any, starts: Any, products: Any) -> None:
    """Say where each part of the edges puts its uses of each product: in order of edges.

    Args:
        counts: (parts, n) of `count`; then the places.
        waits: (parts, n) of `count`.
        starts: (n + 1,) filled: the uses of product i are `starts[i]:starts[i + 1]`.
        products: (n,) `PRODUCT`, zeros; then each waits for all its edges.
    """
    n = len(products)
    total = 0
    for product in range(n):
        starts[product] = total
        inputs = 0
        for part in range(len(counts)):
            uses = counts[part, product]
            counts[part, product] = total
            total += uses
            inputs += waits[part, product]
        products[product].waits_for = inputs
    starts[n] = total


@compiled(nogil=True)
def link(supplier: Any, consumer: Any, amount: Any, places: Any, uses: Any, first: Any, last: Any) -> None:
    """Gather each product's uses among edges first:last.

    Args:
        supplier: (m,) of each edge.
        consumer: (m,) of each edge.
        amount: (m,) of each edge.
        places: (n,) of `share`, used up.
        uses: (m,) `USE`, filled.
        first: The first edge.
        last: The edge after the last.
    """
    for edge in range(first, last):
        if edge + _STARTS_AHEAD < last:
            prefetch(places, supplier[edge + _STARTS_AHEAD])
        if edge + _PLACES_AHEAD < last:
            prefetch(uses, places[supplier[edge + _PLACES_AHEAD]])
        product = supplier[edge]
        place = places[product]
        places[product] = place + 1
        uses[place].consumer = consumer[edge]
        uses[place].edge = edge
        uses[place].amount = amount[edge]


@compiled()
def _sort(wave: Any, spare: Any, counts: Any) -> None:
    """Put the products of a wave in order of number."""
    size = len(wave)
    if size <= _FEW:
        for here in range(1, size):
            product = wave[here]
            place = here - 1
            while place >= 0 and wave[place] > product:
                wave[place + 1] = wave[place]
                place -= 1
            wave[place + 1] = product
        return
    highest = 0
    for product in wave:
        highest = max(highest, product)
    shift = 0
    while highest >> shift:
        counts[:] = 0
        for product in wave:
            counts[(product >> shift) & 255] += 1
        total = 0
        for digit in range(256):
            count = counts[digit]
            counts[digit] = total
            total += count
        for product in wave:
            digit = (product >> shift) & 255
            spare[counts[digit]] = product
            counts[digit] += 1
        wave[:] = spare[:size]
        shift += 8


@compiled()
def peel(uses: Any, starts: Any, products: Any, direct: Any, found: Any, queue: Any, spare: Any) -> Any:
    """Peel as far as there are products that wait for nothing.

    Args:
        uses: Of `link`.
        starts: Of `link`.
        products: Of `link`; its sums are used up.
        direct: (n,) direct emissions.
        found: (n,) takes the footprints.
        queue: (n,) takes the products in the order of the waves.
        spare: (n,) room.

    Returns:
        How many products were peeled.
    """
    n = len(products)
    counts = np.empty(256, dtype=np.int64)
    last = 0
    for product in range(n):
        if products[product].waits_for == 0:
            queue[last] = product
            last += 1
    first, level = 0, 1
    while first < last:
        end = last
        for here in range(first, end):
            if here + _ROW_AHEAD < end:
                prefetch(starts, queue[here + _ROW_AHEAD])
                prefetch(products, queue[here + _ROW_AHEAD])
            if here + _USES_AHEAD < end:
                place = starts[queue[here + _USES_AHEAD]]
                prefetch(uses, place)
                prefetch(uses, place + 4)
            if here + _CONSUMERS_AHEAD < end:
                other = queue[here + _CONSUMERS_AHEAD]
                for place in range(starts[other], min(starts[other + 1], starts[other] + _MOST_AHEAD)):
                    prefetch(products, uses[place].consumer)
            product = queue[here]
            footprint = direct[product] + products[product].sum
            found[product] = footprint
            for place in range(starts[product], starts[product + 1]):
                consumer = uses[place].consumer
                products[consumer].sum += uses[place].amount * footprint
                products[consumer].level = level
                waits_for = products[consumer].waits_for - 1
                products[consumer].waits_for = waits_for
                if waits_for == 0:
                    queue[last] = consumer
                    last += 1
        _sort(queue[end:last], spare, counts)
        first = end
        level += 1
    return last


@compiled(nogil=True)
def disagreement(
    supplier: Any, consumer: Any, amount: Any, direct: Any, found: Any, sums: Any, edges: Any, low: Any, high: Any
) -> Any:
    """The largest |f - e - A^T f| of products low:high relative to what its sum is made of.

    Sums are taken edge by edge in the caller's order.

    Args:
        supplier: (m,) of each edge.
        consumer: (m,) of each edge.
        amount: (m,) of each edge.
        direct: (n,) direct emissions.
        found: (n,) footprints.
        sums: (2 n,) zeros.
        edges: `(first, last)`, among which all inputs of these products are.
        low: The first product.
        high: The product after the last.

    Returns:
        The largest ratio; not a number where a footprint is none.
    """
    first, last = edges
    for edge in range(first, last):
        if not low <= consumer[edge] < high:
            continue
        part = amount[edge] * found[supplier[edge]]
        place = 2 * consumer[edge]
        sums[place] += part
        sums[place + 1] += abs(part)
    worst = 0.0
    for product in range(low, high):
        difference = abs((direct[product] - found[product]) + sums[2 * product])
        size = abs(direct[product]) + sums[2 * product + 1]
        if not difference <= worst * size + TINY:
            worst = difference / size
            if not worst < np.inf:
                return np.nan
    return worst
