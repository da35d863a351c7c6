"""The order in which products can be computed, suppliers first, found once per topology."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components

from passport.carbon.kernels import Kernel, chosen

INT32_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Topology:
    """Who supplies whom, renumbered so that suppliers come first; it depends on the edges' ends only, not on numbers.

    The rank of a product is its place in that order. Ranks are sorted by level, then by the product's number. The
    products of a level need only products of earlier levels, or of their own block. A block is a strongly connected
    set: products that each need all the others, directly or through them (or a product that needs itself). Its ranks
    are contiguous, within one level, in the place of its lowest number.

    All kernels find the same topology, so sums have the same order on all of them.

    Attributes:
        order: (n,) int32, `order[rank]` is the product.
        rank: (n,) int32, `rank[product]` is its place.
        indptr: (n+1,) int64, the row of rank r is `indptr[r]:indptr[r+1]`.
        indices: (m,) int32, ranks of the suppliers of each row, ascending within a row.
        edge: (m,) int32, the caller's edge row of each position: `amount[edge]` are the numbers of the matrix; edges
            between the same two products stand in the caller's order.
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
        return self.matrix_of(amount[self.edge])

    def matrix_of(self, amounts: NDArray[np.float64]) -> csr_array[Any, tuple[int, int]]:
        """The same from amounts that stand in the order of the topology.

        Args:
            amounts: (m,) `amount[edge]`.
        """
        n = self.n_products
        return csr_array((amounts, self.indices, self.indptr.astype(np.int32)), shape=(n, n))


def find_topology(
    supplier: NDArray[np.int32], consumer: NDArray[np.int32], *, n_products: int, kernel: Kernel = "auto"
) -> Topology:
    """Order products suppliers-first.

    Args:
        supplier: (m,) the product that is used.
        consumer: (m,) the product that uses it.
        n_products: How many products there are.
        kernel: What does it; the topology is the same.
    """
    if chosen(kernel) == "numba":
        from passport.carbon.compiled_order import topology_of

        return topology_of(supplier, consumer, n_products=n_products)
    return _plainly(supplier, consumer, n_products)


def _plainly(supplier: NDArray[np.int32], consumer: NDArray[np.int32], n: int) -> Topology:
    """The same with SciPy's strongly connected components and stable sorts."""
    m = len(supplier)
    ones = np.ones(m, dtype=np.int8)
    n_components, component = connected_components(
        csr_array((ones, (consumer, supplier)), shape=(n, n)), directed=True, connection="strong"
    )
    first = np.empty(n_components, dtype=np.int32)  # the lowest number in each component
    first[component[::-1]] = np.arange(n - 1, -1, -1, dtype=np.int32)
    level = _levels(component[supplier], component[consumer], n_components)[component]
    order = np.lexsort((first[component], level)).astype(np.int32)  # stable: by number within a component
    rank = np.empty(n, dtype=np.int32)
    rank[order] = np.arange(n, dtype=np.int32)

    edge = _sorted_by(rank[supplier], n)
    edge = edge[_sorted_by(rank[consumer[edge]], n)]
    indptr = np.concatenate(([0], np.cumsum(np.bincount(rank[consumer], minlength=n)))).astype(np.int64)
    level_ptr = np.concatenate(([0], np.cumsum(np.bincount(level)))).astype(np.int64)
    start, end = _blocks(component[order], rank[supplier[supplier == consumer]])
    return Topology(order, rank, indptr, rank[supplier[edge]], edge, level_ptr, start, end)


def _sorted_by(keys: NDArray[np.int32], n: int) -> NDArray[np.int32]:
    """Places of keys below n in ascending order, equal ones as they stand: SciPy's transposition is a counting sort."""
    m = len(keys)
    column_each = csc_array((np.ones(m, dtype=np.int8), keys, np.arange(m + 1, dtype=np.int32)), shape=(n, m))
    return np.asarray(column_each.tocsr().indices, dtype=np.int32)


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
