"""The compiled road to a topology, and the one to footprints that needs none."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.carbon import kernel_order, kernel_peel
from passport.carbon.order import Topology
from passport.carbon.threads import WORTH, even_parts, parts_of, processors, results

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]

_COUNTERS = 4
"""Threads that count at most: each of them needs eight bytes a product."""


def peel(supplier: Integers, consumer: Integers, amount: Floats, direct: Floats) -> tuple[Floats, Integers, bool]:
    """Footprints of the products that do not wait for a loop, from the edges as they stand.

    Args:
        supplier: (m,) the product that is used.
        consumer: (m,) the product that uses it.
        amount: (m,) amounts.
        direct: (n,) direct emissions.

    Returns:
        (n,) footprints; nothing (0,) if all of them are there, else (n,) marks as `topology_of` takes them: whose
        level is known; and whether each consumer's edges are known to stand together, consumers ascending.
    """
    n = len(direct)
    starts = np.empty(n + 1, dtype=np.int32)
    products = np.zeros(n, dtype=kernel_peel.PRODUCT)
    uses, is_grouped = _linked(supplier, consumer, amount, starts, products)
    found = np.empty(n)
    queue, spare = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    if kernel_peel.peel(uses, starts, products, direct, found, queue, spare) == n:
        return found, np.empty(0, dtype=np.int32), is_grouped
    return found, np.where(products["waits_for"] == 0, -1 - products["level"], 0).astype(np.int32), is_grouped


def _linked(
    supplier: Integers, consumer: Integers, amount: Floats, starts: Integers, products: NDArray[Any]
) -> tuple[NDArray[Any], bool]:
    """Each product's uses, and whether consumers ascend; fills `starts` and `products` as `kernel_peel.share` does."""
    parts = even_parts(len(supplier), min(processors(), _COUNTERS))
    counts, waits = (np.zeros((len(parts), len(products)), dtype=np.int32) for _ in range(2))
    is_grouped = results(
        [
            partial(kernel_peel.count, supplier, consumer, counts[number], waits[number], *part)
            for number, part in enumerate(parts)
        ]
    )
    kernel_peel.share(counts, waits, starts, products)
    del waits
    uses = np.empty(len(supplier), dtype=kernel_peel.USE)
    results(
        [
            partial(kernel_peel.link, supplier, consumer, amount, counts[number], uses, *part)
            for number, part in enumerate(parts)
        ]
    )
    is_joined = all(consumer[first - 1] <= consumer[first] for first, _ in parts[1:])
    return uses, is_joined and all(is_grouped)


def disagreement(
    supplier: Integers, consumer: Integers, amount: Floats, direct: Floats, found: Floats, *, is_grouped: bool
) -> float:
    """The largest residual of a product, as of `kernel_peel.disagreement`, taken from the edges as they stand.

    Args:
        supplier: (m,) the product that is used.
        consumer: (m,) the product that uses it.
        amount: (m,) amounts.
        direct: (n,) direct emissions.
        found: (n,) footprints.
        is_grouped: Of `peel`.
    """
    n, m = len(direct), len(supplier)
    sums = np.zeros(2 * n)
    parts = even_parts(n, processors() if m >= WORTH else 1, worth=1)
    spans = [tuple(np.searchsorted(consumer, part).tolist()) if is_grouped else (0, m) for part in parts]
    found_worst = results(
        [
            partial(kernel_peel.disagreement, supplier, consumer, amount, direct, found, sums, span, *part)
            for span, part in zip(spans, parts, strict=True)
        ]
    )
    return float(np.max(found_worst))  # not a number if one is none


def topology_of(supplier: Integers, consumer: Integers, *, n_products: int, marks: Integers | None = None) -> Topology:
    """The order of all products.

    Args:
        supplier: (m,) the product that is used.
        consumer: (m,) the product that uses it.
        n_products: How many products there are.
        marks: (n,) of `peel`, used up; without it everything is looked at.
    """
    n, m = n_products, len(supplier)
    starts = np.zeros(n + 1, dtype=np.int32)
    suppliers, edges = supplier, np.empty(0, dtype=np.int32)
    if not kernel_order.find_rows(consumer, starts):
        suppliers, edges = np.empty(m, dtype=np.int32), np.empty(m, dtype=np.int32)
        kernel_order.group(supplier, consumer, starts, suppliers, edges)
    levels = np.zeros(n, dtype=np.int32) if marks is None else marks
    block = np.full(n, -1, dtype=np.int32)
    tied, path = np.empty(n, dtype=np.int32), np.empty((n, 4), dtype=np.int32)
    n_blocks = kernel_order.tie(suppliers, starts, levels, block, tied, path)
    del tied, path
    sizes = np.bincount(block[block >= 0], minlength=n_blocks).astype(np.int64)
    level_ptr = np.concatenate(([0], np.cumsum(np.bincount(-1 - levels)))).astype(np.int64)
    order, rank = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    start = np.full(n_blocks, -1, dtype=np.int64)
    kernel_order.arrange(levels, block, sizes, level_ptr, order, rank, start)
    del levels, block
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.diff(starts)[order], out=indptr[1:])
    indices, positions = np.empty(m, dtype=np.int32), np.empty(m, dtype=np.int32)
    results(
        [
            partial(kernel_order.write_rows, suppliers, edges, starts, order, rank, indptr, indices, positions, *part)
            for part in parts_of(indptr, processors())
        ]
    )
    by_rank = np.argsort(start)
    start, end = start[by_rank], (start + sizes)[by_rank]
    return Topology(order, rank, indptr, indices, positions, level_ptr, start, end)
