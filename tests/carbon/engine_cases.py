"""Graphs for the tests of the engine: small ones out of hypothesis, and the dense road that judges them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from passport.carbon import SupplyGraph
from passport.carbon.kernels import has_numba

KERNELS: list[Any] = [
    pytest.param("numba", marks=pytest.mark.skipif(not has_numba(), reason="numba is not installed")),
    "numpy",
]
"""Both roads; every test of the engine takes both."""


@dataclass(frozen=True, slots=True)
class Case:
    """A graph as arrays.

    Attributes:
        supplier: (m,).
        consumer: (m,).
        amount: (m,).
        direct: (n, K).
    """

    supplier: NDArray[np.int64]
    consumer: NDArray[np.int64]
    amount: NDArray[np.float64]
    direct: NDArray[np.float64]

    @property
    def n(self) -> int:
        """Products."""
        return len(self.direct)

    def graph(self, kernel: Literal["auto", "numba", "numpy"] = "auto") -> SupplyGraph:
        """The graph."""
        return SupplyGraph.from_edges(self.supplier, self.consumer, self.amount, self.direct, kernel=kernel)

    def system(self) -> NDArray[np.float64]:
        """I - A as a full matrix."""
        used = np.zeros((self.n, self.n))
        np.add.at(used, (self.supplier, self.consumer), self.amount)
        return np.eye(self.n) - used


@st.composite
def cases(draw: st.DrawFn, *, acyclic: bool = False, signed: bool = False) -> Case:
    """Productive graphs: each product uses less than 0.9 of others in all, taken without sign."""
    n = draw(st.integers(1, 12))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))
    edges = draw(st.lists(ends, max_size=40))
    supplier = np.array([edge[0] for edge in edges], dtype=np.int64)
    consumer = np.array([edge[1] for edge in edges], dtype=np.int64)
    if acyclic:
        kept = supplier != consumer
        supplier, consumer = np.minimum(supplier, consumer)[kept], np.maximum(supplier, consumer)[kept]
        number = np.array(draw(st.permutations(range(n))), dtype=np.int64)
        supplier, consumer = number[supplier], number[consumer]
    m = len(supplier)
    sizes = np.array(draw(st.lists(st.integers(0, 1000), min_size=m, max_size=m)), dtype=np.float64)
    used = np.bincount(consumer, weights=sizes, minlength=n)
    amount = 0.9 * sizes / np.maximum(used[consumer], 1)
    if signed:
        amount *= np.array(draw(st.lists(st.sampled_from([1.0, -1.0]), min_size=m, max_size=m)), dtype=np.float64)
    columns = draw(st.integers(1, 3))
    flat = draw(st.lists(st.integers(-50 if signed else 0, 1000), min_size=n * columns, max_size=n * columns))
    return Case(supplier, consumer, amount, np.array(flat, dtype=np.float64).reshape(n, columns))
