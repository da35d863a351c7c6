"""What the engine is measured against: SciPy's own steps, and twenty lines of SciPy that are hard to beat cold."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from benchmarks.engine_graphs import Edges

TOLERANCE = 1e-12
_MAX_TERMS = 100_000


def matrix(edges: Edges) -> csr_array[Any, tuple[int, int]]:
    """The amounts as a CSR matrix, a row per consumer."""
    n = edges.n_products
    return coo_array((edges.amount, (edges.consumer, edges.supplier)), shape=(n, n)).tocsr()


def neumann(by_consumer: csr_array[Any, tuple[int, int]], direct: NDArray[np.float64]) -> NDArray[np.float64]:
    """Footprints as the series e + A^T e + A^T A^T e + ... until its terms no longer count."""
    total, term = direct.copy(), direct
    for _ in range(_MAX_TERMS):
        term = by_consumer @ term
        total += term
        if np.abs(term).max() <= TOLERANCE * np.abs(total).max():
            return total
    raise ValueError("the series does not end")


def neumann_cold(edges: Edges) -> NDArray[np.float64]:
    """The series from the edge arrays on: what SciPy needs to get there counts too."""
    return neumann(matrix(edges), edges.direct)


def components_and_product(
    by_consumer: csr_array[Any, tuple[int, int]], direct: NDArray[np.float64]
) -> NDArray[np.float64]:
    """SciPy's strongly connected components and one product of the same matrix with a vector."""
    connected_components(by_consumer, directed=True, connection="strong")
    return by_consumer @ direct
