"""The acyclic sweep: level after level, each product from its suppliers, with SciPy alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from passport.carbon.order import Topology

BlockSolver = Callable[[int, int, NDArray[np.float64]], NDArray[np.float64]]
"""Solves ranks start:end of a block for what comes from outside it (direct emissions and earlier suppliers)."""


def sweep(
    topology: Topology,
    matrix: csr_array[Any, tuple[int, int]],
    direct: NDArray[np.float64],
    *,
    solve_block: BlockSolver,
) -> NDArray[np.float64]:
    """Footprints f = e + A^T f of all products, suppliers first.

    Args:
        topology: The order.
        matrix: `topology.matrix(amount)`.
        direct: (n, K) direct emissions, in rank order.
        solve_block: What is asked for the products of each block.

    Returns:
        (n, K) footprints, in rank order.
    """
    found = direct.copy()
    indptr, n = topology.indptr, topology.n_products
    block = 0
    for first, last in zip(topology.level_ptr[:-1].tolist(), topology.level_ptr[1:].tolist(), strict=True):
        low, high = indptr[first], indptr[last]
        if low == high:
            continue
        ends = indptr[first : last + 1] - low
        rows = csr_array((matrix.data[low:high], matrix.indices[low:high], ends), shape=(last - first, n))
        # Rows of this level are still zero beyond their own emissions where a block's products need each other.
        inner = block
        while block < topology.n_blocks and topology.block_start[block] < last:
            found[topology.block_start[block] : topology.block_end[block]] = 0.0
            block += 1
        found[first:last] = direct[first:last] + rows @ found
        for start, end in zip(
            topology.block_start[inner:block].tolist(), topology.block_end[inner:block].tolist(), strict=True
        ):
            found[start:end] = solve_block(start, end, found[start:end])
    return found
