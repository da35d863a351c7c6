"""The order of products: what a topology promises, and that both kernels find the same one."""

from __future__ import annotations

import numpy as np
import pytest
from engine_cases import KERNELS
from hypothesis import given
from hypothesis import strategies as st

from passport.carbon import Topology
from passport.carbon.order import find_topology

ENDS = st.integers(1, 15).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=40))
)


def topology(n: int, edges: list[tuple[int, int]], kernel: str) -> Topology:
    supplier = np.array([edge[0] for edge in edges], dtype=np.int32)
    consumer = np.array([edge[1] for edge in edges], dtype=np.int32)
    return find_topology(supplier, consumer, n_products=n, kernel=kernel)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_loop_and_its_neighbours_by_hand(kernel: str) -> None:
    """5 supplies the loop 0 <-> 4, which supplies 2; 1 stands alone, and 3 is bought by 2 alone."""
    found = topology(6, [(5, 0), (0, 4), (4, 0), (4, 2), (3, 2)], kernel)
    assert found.order.tolist() == [1, 3, 5, 0, 4, 2]
    assert found.rank.tolist() == [3, 0, 5, 1, 4, 2]
    assert found.level_ptr.tolist() == [0, 3, 5, 6]
    assert (found.block_start.tolist(), found.block_end.tolist()) == ([3], [5])
    assert found.indptr.tolist() == [0, 0, 0, 0, 2, 3, 5]
    assert found.indices.tolist() == [2, 4, 3, 1, 4]
    assert found.edge.tolist() == [0, 2, 1, 4, 3]


@pytest.mark.parametrize("kernel", KERNELS)
@given(graph=ENDS)
def test_suppliers_come_first(kernel: str, graph: tuple[int, list[tuple[int, int]]]) -> None:
    n, edges = graph
    found = topology(n, edges, kernel)
    assert sorted(found.order.tolist()) == list(range(n))
    assert found.order[found.rank].tolist() == list(range(n))
    rows = np.repeat(np.arange(n), np.diff(found.indptr))
    level = np.searchsorted(found.level_ptr, np.arange(n), side="right") - 1
    block = np.full(n, -1)
    for number, (start, end) in enumerate(zip(found.block_start, found.block_end, strict=True)):
        block[start:end] = number
        assert level[start] == level[end - 1]
    is_inside = (block[rows] >= 0) & (block[rows] == block[found.indices])
    assert np.all(is_inside | (level[found.indices] < level[rows]))
    suppliers, consumers = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    assert found.order[found.indices].tolist() == suppliers[found.edge].tolist()
    assert found.order[rows].tolist() == consumers[found.edge].tolist()
    for row in range(n):
        inputs = slice(found.indptr[row], found.indptr[row + 1])
        assert found.indices[inputs].tolist() == sorted(found.indices[inputs].tolist())
        needed = level[found.indices[inputs]][~is_inside[inputs]]
        if block[row] < 0:
            assert level[row] == (needed.max() + 1 if len(needed) else 0)


@pytest.mark.parametrize("kernel", KERNELS)
@given(graph=ENDS)
def test_blocks_are_those_who_need_each_other(kernel: str, graph: tuple[int, list[tuple[int, int]]]) -> None:
    """Against the reachability of every product from every other, by repeated squaring."""
    n, edges = graph
    found = topology(n, edges, kernel)
    reaches = np.zeros((n, n), dtype=bool)
    for supplier, consumer in edges:
        reaches[supplier, consumer] = True
    for _ in range(n):
        reaches |= (reaches.astype(int) @ reaches.astype(int)) > 0
    expected = {
        tuple(sorted(np.flatnonzero(reaches[product] & reaches[:, product]).tolist()))
        for product in range(n)
        if reaches[product, product]
    }
    bounds = zip(found.block_start, found.block_end, strict=True)
    assert {tuple(found.order[start:end].tolist()) for start, end in bounds} == expected


@pytest.mark.parametrize("kernel", KERNELS)
@given(graph=ENDS)
def test_kernels_find_the_same_order(kernel: str, graph: tuple[int, list[tuple[int, int]]]) -> None:
    ours, plain = topology(*graph, kernel), topology(*graph, "numpy")
    for name in Topology.__slots__:
        assert getattr(ours, name).dtype == getattr(plain, name).dtype
        assert np.array_equal(getattr(ours, name), getattr(plain, name)), name


@pytest.mark.parametrize("kernel", KERNELS)
def test_wide_waves_are_sorted_too(kernel: str) -> None:
    """Thousands of products in a wave, in no order of number when they become ready."""
    random = np.random.default_rng(0)
    n = 5000
    supplier = random.integers(0, n // 2, 20_000).astype(np.int32)
    consumer = random.integers(n // 2, n, 20_000).astype(np.int32)
    number = random.permutation(n).astype(np.int32)
    found = find_topology(number[supplier], number[consumer], n_products=n, kernel=kernel)
    plain = find_topology(number[supplier], number[consumer], n_products=n, kernel="numpy")
    assert np.array_equal(found.order, plain.order)
    assert np.array_equal(found.edge, plain.edge)
    assert found.n_levels == 2
