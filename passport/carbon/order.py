"""The order in which products can be computed, suppliers first, found once per topology."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

INT32_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Topology:
    """Who supplies whom, renumbered so that suppliers come first; it depends on the edges' ends only, not on numbers.

    The rank of a product is its place in that order. Ranks are sorted by level: the products of a level need only
    products of earlier levels, or of their own block. A block is a strongly connected set: products that each need all
    the others, directly or through them (or a product that needs itself). Its ranks are contiguous, within one level.

    Attributes:
        order: (n,) int32, `order[rank]` is the product.
        rank: (n,) int32, `rank[product]` is its place.
        indptr: (n+1,) int64, the row of rank r is `indptr[r]:indptr[r+1]`.
        indices: (m,) int32, ranks of the suppliers of each row, ascending within a row.
        edge: (m,) int32, the caller's edge row of each position: `amount[edge]` are the numbers of the matrix.
        level_ptr: (L+1,) int64, ranks `level_ptr[l]:level_ptr[l+1]` form level l.
        block_start: (B,) int64, first rank of each block, ascending.
        block_end: (B,) int64, the rank after each block's last.
    """

    order: NDArray[np.int32]
    rank: NDArray[np.int32]
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    edge: NDArray[np.int32]
    level_ptr: NDArray[np.int64]
    block_start: NDArray[np.int64]
    block_end: NDArray[np.int64]

    @property
    def n_products(self) -> int:
        """Number of products."""
        return len(self.order)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.indices)

    @property
    def n_levels(self) -> int:
        """Number of levels."""
        return len(self.level_ptr) - 1

    @property
    def n_blocks(self) -> int:
        """Number of blocks; without any the graph is acyclic."""
        return len(self.block_start)

    def matrix(self, amount: NDArray[np.float64]) -> csr_array[Any, tuple[int, int]]:
        """The amounts as a matrix in rank numbering, a row per consumer (so: transposed A).

        Args:
            amount: (m,) amounts in the caller's order of edges.
        """
        n = self.n_products
        return csr_array((amount[self.edge], self.indices, self.indptr), shape=(n, n))


def find_topology(supplier: NDArray[np.int32], consumer: NDArray[np.int32], *, n_products: int) -> Topology:
    """Order products suppliers-first.

    Args:
        supplier: (m,) the product that is used.
        consumer: (m,) the product that uses it.
        n_products: How many products there are.
    """
    n, m = n_products, len(supplier)
    ones = np.ones(m, dtype=np.int8)
    by_consumer = csr_array((ones, (consumer, supplier)), shape=(n, n))
    n_components, component = connected_components(by_consumer, directed=True, connection="strong")
    level = _levels(component[supplier], component[consumer], n_components)
    order = np.lexsort((component, level[component])).astype(np.int32)
    rank = np.empty(n, dtype=np.int32)
    rank[order] = np.arange(n, dtype=np.int32)

    consumer_rank, supplier_rank = rank[consumer], rank[supplier]
    edge = np.lexsort((supplier_rank, consumer_rank)).astype(np.int32)
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(consumer_rank, minlength=n), out=indptr[1:])
    level_ptr = np.zeros(int(level.max()) + 2, dtype=np.int64)
    np.cumsum(np.bincount(level[component]), out=level_ptr[1:])
    start, end = _blocks(component[order], rank[supplier[supplier == consumer]])
    return Topology(order, rank, indptr, supplier_rank[edge], edge, level_ptr, start, end)


def _levels(supplier: NDArray[Any], consumer: NDArray[Any], n: int) -> NDArray[np.int64]:
    """The longest way from a raw material to each component, counted in components."""
    between = supplier != consumer
    uses = csr_array(
        (np.ones(np.count_nonzero(between), np.int8), (supplier[between], consumer[between])), shape=(n, n)
    )
    waiting = np.bincount(uses.indices, minlength=n)
    level = np.zeros(n, dtype=np.int64)
    ready = np.flatnonzero(waiting == 0)
    number = 0
    while len(ready):
        level[ready] = number
        number += 1
        starts, counts = uses.indptr[ready], np.diff(uses.indptr)[ready]
        positions = np.repeat(starts - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) + np.arange(counts.sum())
        users, times = np.unique(uses.indices[positions], return_counts=True)
        waiting[users] -= times
        ready = users[waiting[users] == 0]
    return level


def _blocks(component: NDArray[Any], loops: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First rank and end of each run of one component that is longer than one, or that supplies itself."""
    n = len(component)
    bounds = np.concatenate(([0], np.flatnonzero(np.diff(component)) + 1, [n])).astype(np.int64)
    start, end = bounds[:-1], bounds[1:]
    supplies_itself = np.zeros(n, dtype=bool)
    supplies_itself[loops] = True
    is_block = (end - start > 1) | supplies_itself[start]
    return start[is_block], end[is_block]
