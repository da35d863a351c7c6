"""The sweep with NumPy and SciPy alone: level after level, each product from its suppliers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import spsolve_triangular

from passport.carbon.kernels import TINY
from passport.carbon.order import Topology

BlockSolver = Callable[[int, int, NDArray[np.float64]], NDArray[np.float64]]
"""Solves ranks start:end of a block for what comes from outside it (direct emissions and earlier suppliers)."""

_MANY_LEVELS = 10_000

Floats = NDArray[np.float64]
Matrix = csr_array[Any, tuple[int, int]]


def sweep(topology: Topology, matrix: Matrix, direct: Floats, *, solve_block: BlockSolver) -> Floats:
    """Footprints f = e + A^T f of all products, suppliers first.

    Args:
        topology: The order.
        matrix: `topology.matrix(amount)`.
        direct: (n, K) direct emissions, in rank order.
        solve_block: What is asked for the products of each block.

    Returns:
        (n, K) footprints, in rank order.
    """
    n = topology.n_products
    if topology.n_levels > _MANY_LEVELS and not topology.n_blocks:
        # A chain: a step per level would cost more than SciPy's own substitution, which is slow but does not mind.
        system = (eye_array(n, format="csr") - matrix).tocsr()
        return np.asarray(spsolve_triangular(system, direct, lower=True, unit_diagonal=True))
    found = direct.copy()
    block = 0
    for first, last in zip(topology.level_ptr[:-1].tolist(), topology.level_ptr[1:].tolist(), strict=True):
        rows = rows_of(matrix, first, last)
        inner = block
        while block < topology.n_blocks and topology.block_start[block] < last:
            found[topology.block_start[block] : topology.block_end[block]] = 0.0
            block += 1
        if rows.nnz:
            found[first:last] = direct[first:last] + rows @ found
        for start, end in zip(
            topology.block_start[inner:block].tolist(), topology.block_end[inner:block].tolist(), strict=True
        ):
            found[start:end] = solve_block(start, end, found[start:end])
    return found


def climb(topology: Topology, matrix: Matrix, rank: int, *, solve_block: BlockSolver) -> Floats:
    """What one unit of a product needs of every product: s = d + A s, consumers first.

    Args:
        topology: The order.
        matrix: `topology.matrix(amount)`.
        rank: The product's.
        solve_block: Solves a block the other way round, for what is needed of it from outside.

    Returns:
        (n,) in rank order.
    """
    n = topology.n_products
    need = np.zeros(n)
    need[rank] = 1.0
    if topology.n_levels > _MANY_LEVELS and not topology.n_blocks:
        system = (eye_array(n, format="csr") - matrix.T).tocsr()
        return np.asarray(spsolve_triangular(system, need, lower=False, unit_diagonal=True))
    level = int(np.searchsorted(topology.level_ptr, rank, side="right")) - 1
    for first, last in zip(
        topology.level_ptr[level::-1].tolist(), topology.level_ptr[level + 1 : 0 : -1].tolist(), strict=True
    ):
        blocks = range(*np.searchsorted(topology.block_start, (first, last)).tolist())
        for start, end in ((int(topology.block_start[each]), int(topology.block_end[each])) for each in blocks):
            if need[start:end].any():
                need[start:end] = solve_block(start, end, need[start:end, None])[:, 0]
        if need[first:last].any():
            need[:first] += (need[first:last] @ rows_of(matrix, first, last))[:first]
    return need


def rows_of(matrix: Matrix, first: int, last: int) -> Matrix:
    """Rows first:last of a matrix, which share its memory.

    Args:
        matrix: The matrix.
        first: The first row.
        last: The row after the last.
    """
    low, high = int(matrix.indptr[first]), int(matrix.indptr[last])
    shape = (last - first, matrix.shape[1])
    ends = matrix.indptr[first : last + 1] - matrix.indptr.dtype.type(low)
    return csr_array((matrix.data[low:high], matrix.indices[low:high], ends), shape=shape)


def residual(matrix: Matrix, direct: Floats, found: Floats) -> float:
    """The largest |f - e - A^T f| of a product relative to what its sum is made of.

    Args:
        matrix: (n, n) amounts, a row per consumer.
        direct: (n, K) direct emissions.
        found: (n, K) footprints.

    Returns:
        The largest ratio; not a number where a footprint is none.
    """
    # Not `abs(matrix)`, which would sum duplicates in place, in memory that is shared with the topology.
    sizes = csr_array((np.abs(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape)
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(direct + matrix @ found - found)
        size = np.abs(direct) + sizes @ np.abs(found)
        ratio = np.divide(difference, size, out=np.zeros_like(size), where=~(difference <= TINY))
    return float(ratio.max(initial=0.0))
