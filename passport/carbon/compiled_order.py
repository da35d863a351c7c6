"""The compiled road to a topology, which can leave the footprints behind as it passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.carbon import kernel_order, kernel_peel
from passport.carbon.order import Topology

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]

_NOTHING: Floats = np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Peeled:
    """A graph's edges gathered by supplier, and what peeling has found.

    Attributes:
        uses: (m,) edges by supplier.
        starts: (n + 1,) where each supplier's edges begin.
        products: (n,) what is known of each product.
        n_peeled: How many products wait for no loop.
    """

    uses: NDArray[Any]
    starts: Integers
    products: NDArray[Any]
    n_peeled: int

    @property
    def is_acyclic(self) -> bool:
        """Whether nothing waits for itself."""
        return self.n_peeled == len(self.products)


def peel(
    supplier: Integers, consumer: Integers, *, n_products: int, amount: Floats = _NOTHING, direct: Floats = _NOTHING
) -> tuple[Peeled, Floats]:
    """Peel a graph; with amounts and direct emissions, compute footprints by the way.

    Args:
        supplier: (m,) the product that is used.
        consumer: (m,) the product that uses it.
        n_products: How many products there are.
        amount: (m,) amounts, or nothing.
        direct: (n,) direct emissions, or nothing.

    Returns:
        What was found, and (n,) footprints: of the products that are peeled, if there were numbers.
    """
    n = n_products
    uses = np.empty(len(supplier), dtype=kernel_peel.USE)
    starts = np.zeros(n + 1, dtype=np.int32)
    products = np.zeros(n, dtype=kernel_peel.PRODUCT)
    kernel_peel.link(supplier, consumer, amount, uses, starts, products)
    found = np.empty(len(direct))
    queue, spare = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    n_peeled = kernel_peel.peel(uses, starts, products, direct, found, queue, spare)
    return Peeled(uses, starts, products, int(n_peeled)), found


def topology_of(peeled: Peeled, consumer: Integers) -> Topology:
    """The order of all products.

    Args:
        peeled: What peeling has found.
        consumer: (m,) the product that uses each edge.
    """
    uses, starts, products = peeled.uses, peeled.starts, peeled.products
    n, m = len(products), len(uses)
    block, sizes = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)
    if not peeled.is_acyclic:
        block = np.full(n, -1, dtype=np.int32)
        low, path = np.zeros(n, dtype=np.int32), np.empty((n, 3), dtype=np.int32)
        tied, bounds = np.empty(n, dtype=np.int32), np.empty(n + 1, dtype=np.int32)
        n_parts, n_blocks = kernel_order.tie(uses, starts, products, block, tied, bounds, low, path)
        del low, path
        kernel_order.raise_levels(uses, starts, products, block, tied, bounds, n_parts)
        sizes = np.bincount(block[block >= 0], minlength=n_blocks).astype(np.int64)
    level_ptr = _ends(products["level"])
    order, rank = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    start = np.full(len(sizes), -1, dtype=np.int64)
    kernel_order.arrange(products, block, sizes, level_ptr, order, rank, start)
    indptr = np.empty(n + 1, dtype=np.int64)
    kernel_order.count_rows(consumer, order, np.zeros(n, dtype=np.int32), indptr)
    indices, edges = np.empty(m, dtype=np.int32), np.empty(m, dtype=np.int32)
    kernel_order.renumber(uses, starts, order, rank, indptr[:-1].astype(np.int32), indices, edges)
    by_rank = np.argsort(start)
    start, end = start[by_rank], (start + sizes)[by_rank]
    return Topology(order, rank, indptr, indices, edges, level_ptr, start, end)


def _ends(level: Integers) -> NDArray[np.int64]:
    counts = np.bincount(level)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
