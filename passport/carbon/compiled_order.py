"""The compiled road to a topology, and the one to footprints that needs none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from passport.carbon import kernel_order, kernel_peel
from passport.carbon.order import Topology

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


def peel(supplier: Integers, consumer: Integers, amount: Floats, direct: Floats) -> tuple[Floats, Integers]:
    """Footprints of the products that do not wait for a loop, from the edges as they stand.

    Args:
        supplier: (m,) the product that is used.
        consumer: (m,) the product that uses it.
        amount: (m,) amounts.
        direct: (n,) direct emissions.

    Returns:
        (n,) footprints; nothing (0,) if all of them are there, else (n,) marks as `topology_of` takes them: whose
        level is known.
    """
    n = len(direct)
    uses = np.empty(len(supplier), dtype=kernel_peel.USE)
    starts = np.zeros(n + 1, dtype=np.int32)
    products = np.zeros(n, dtype=kernel_peel.PRODUCT)
    kernel_peel.link(supplier, consumer, amount, uses, starts, products)
    found = np.empty(n)
    queue, spare = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    if kernel_peel.peel(uses, starts, products, direct, found, queue, spare) == n:
        return found, np.empty(0, dtype=np.int32)
    return found, np.where(products["waits_for"] == 0, -1 - products["level"], 0).astype(np.int32)


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
    indptr = np.empty(n + 1, dtype=np.int64)
    indices, positions = np.empty(m, dtype=np.int32), np.empty(m, dtype=np.int32)
    kernel_order.write_rows(suppliers, edges, starts, order, rank, indptr, indices, positions)
    by_rank = np.argsort(start)
    start, end = start[by_rank], (start + sizes)[by_rank]
    return Topology(order, rank, indptr, indices, positions, level_ptr, start, end)
