"""Threads share the work and change no bit of it: parts cover all rows once, cut no block, and keep levels in order."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from engine_cases import Case, cases
from hypothesis import given
from hypothesis import strategies as st

from passport.carbon import SupplyGraph, threads
from passport.carbon.kernels import has_numba
from passport.carbon.order import find_topology
from passport.carbon.solve import Solver
from passport.errors import GraphError, UnproductiveError

compiled_only = pytest.mark.skipif(not has_numba(), reason="numba is not installed")


def _solved(case: Case, workers: int) -> tuple[Any, float]:
    from passport.carbon.compiled_sweep import Plan, gathered, solve

    topology = find_topology(case.supplier, case.consumer, n_products=case.n)
    solver = Solver(topology)
    amounts, is_finite = gathered(topology, case.amount)
    assert is_finite
    plan = Plan(topology, workers=workers, worth=1)
    return solve(plan, amounts, case.direct, solve_block=solver._block_solver(amounts, str))


@compiled_only
@given(cases(signed=True), st.integers(2, 5))
def test_any_number_of_threads_finds_the_same_bits(case: Case, workers: int) -> None:
    found, worst = _solved(case, workers)
    alone, alone_worst = _solved(case, 1)
    assert np.array_equal(found, alone)
    assert worst == alone_worst
    assert np.allclose(found, np.linalg.solve(case.system().T, case.direct), rtol=1e-9, atol=1e-9)


@given(cases(), st.integers(1, 5), st.integers(1, 6))
def test_stretches_cover_every_row_once_and_cut_no_block(case: Case, workers: int, worth: int) -> None:
    topology = find_topology(case.supplier, case.consumer, n_products=case.n, kernel="numpy")
    found = threads.stretches(topology, workers, worth=worth)
    parts = [part for stretch in found for part in stretch]
    assert [parts[0][0], parts[-1][1]] == [0, case.n]
    assert all(one[1] == other[0] for one, other in pairwise(parts))
    cuts = {first for first, _ in parts}
    for start, end in zip(topology.block_start.tolist(), topology.block_end.tolist(), strict=True):
        assert not cuts & set(range(start + 1, end))
    for stretch in found:
        assert len(stretch) <= workers
        if len(stretch) > 1:  # one level, so that none of its parts needs another
            assert {stretch[0][0], stretch[-1][1]} <= set(topology.level_ptr.tolist())
            assert np.searchsorted(topology.level_ptr, stretch[0][0]) + 1 == np.searchsorted(
                topology.level_ptr, stretch[-1][1]
            )


def test_a_wide_level_is_cut_evenly_and_narrow_ones_are_left_together() -> None:
    # A raw material; a chain of three on it; then a level of eight products that each use the chain's end, the first
    # of them four times over.
    supplier = [0, 1, 2, 3, 3, 3, 3, *[3] * 7]
    consumer = [1, 2, 3, 4, 4, 4, 4, *range(5, 12)]
    topology = find_topology(np.array(supplier), np.array(consumer), n_products=12, kernel="numpy")
    assert threads.stretches(topology, 1, worth=1) == [[(0, 12)]]
    # 8 rows and 11 edges: 5 for the first row, 2 for each other; half of 19 is passed after the fourth row.
    assert threads.stretches(topology, 2, worth=4) == [[(0, 4)], [(4, 8), (8, 12)]]
    assert threads.stretches(topology, 2, worth=10) == [[(0, 12)]]


def test_rows_are_shared_evenly_where_that_is_worth_it() -> None:
    assert threads.even_parts(10, 2, worth=5) == [(0, 5), (5, 10)]
    assert threads.even_parts(10, 4, worth=3) == [(0, 3), (3, 6), (6, 10)]
    assert threads.even_parts(9, 2, worth=5) == [(0, 9)]
    assert threads.even_parts(0, 2, worth=5) == [(0, 0)]
    assert 1 <= threads.processors() <= 8


def test_what_a_task_raises_stands_in_its_place() -> None:
    def fail() -> int:
        raise GraphError("no result")

    first, second, third = threads.together([lambda: 1, fail, lambda: 3])
    assert (first, third) == (1, 3)
    assert isinstance(second, GraphError)
    assert isinstance(threads.together([fail])[0], GraphError)


def test_where_there_are_no_more_threads_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pool: object, task: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threads.ThreadPoolExecutor, "submit", refuse)
    assert threads.together([lambda: 1, lambda: 2, lambda: 3]) == [1, 2, 3]


@compiled_only
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_loop_that_is_named_is_the_first(workers: int) -> None:
    """Two loops of one level need as much of themselves as they make; whoever is quicker, the answer is the same."""
    ends = np.array([0, 1, 2, 3]), np.array([1, 0, 3, 2])
    case = Case(*ends, np.ones(4), np.ones((4, 1)))
    with pytest.raises(UnproductiveError) as caught:
        _solved(case, workers)
    assert sorted(caught.value.loop) == [0, 1]


@compiled_only
def test_one_solve_does_not_write_on_the_proofs_that_another_reads() -> None:
    """A loop of two without emissions: only a vector v = 1 + |A|^T v shows that it is productive."""
    from passport.carbon.compiled_sweep import Plan, gathered, solve

    ends = np.array([0, 1]), np.array([1, 0])
    topology = find_topology(*ends, n_products=2)
    plan = Plan(topology, workers=1)
    held = plan.proof
    amounts, _ = gathered(topology, np.array([4.0, 0.1]))
    found, _ = solve(plan, amounts, np.zeros(2), solve_block=Solver(topology)._block_solver(amounts, str))
    assert found.tolist() == [0.0, 0.0]
    assert held.tolist() == [1.0, 1.0]
    proof = plan.proof[plan.seat]  # kept for the next numbers: product 1 takes 4 of product 0
    assert 4.0 * proof[topology.rank[0]] < proof[topology.rank[1]]


N_LARGE = 120_000


def _large(*, has_loops: bool, is_shuffled: bool) -> tuple[Any, ...]:
    """Five inputs a product, each from a lower number, but for loops; enough edges that threads are asked."""
    random = np.random.default_rng(5)
    consumer = np.repeat(np.arange(1, N_LARGE), 5)
    supplier = (consumer * random.random(len(consumer))).astype(np.int64)
    if has_loops:
        supplier[::997] = np.minimum(consumer[::997] + 40, N_LARGE - 1)
    amount = random.random(len(consumer)) / 6
    rows = random.permutation(len(consumer)) if is_shuffled else np.arange(len(consumer))
    return supplier[rows], consumer[rows], amount[rows], random.random(N_LARGE)


@compiled_only
@pytest.mark.parametrize("is_shuffled", [False, True])
@pytest.mark.parametrize("has_loops", [False, True])
def test_a_large_graph_is_the_same_whoever_does_it(
    monkeypatch: pytest.MonkeyPatch, has_loops: bool, is_shuffled: bool
) -> None:
    from passport.carbon import compiled_order, compiled_sweep

    edges = _large(has_loops=has_loops, is_shuffled=is_shuffled)
    found, residuals, topologies = [], [], []
    for workers in (1, 2, 3, 7):
        for module in (compiled_order, compiled_sweep):
            monkeypatch.setattr(module, "processors", lambda workers=workers: workers)
        cold = SupplyGraph.from_edges(*edges)
        found.append(cold.footprints())
        residuals.append(cold.residual())
        topologies.append(cold.topology)
        warm = cold.with_numbers(edges[2], edges[3])
        assert np.allclose(warm.footprints(), cold.footprints(), rtol=1e-12, atol=0)
    assert all(np.array_equal(found[0], other) for other in found[1:])
    assert len(set(residuals)) == 1
    for name in ("order", "rank", "indptr", "indices", "edge", "level_ptr", "block_start", "block_end"):
        first = getattr(topologies[0], name)
        assert all(np.array_equal(first, getattr(other, name)) for other in topologies[1:])
    plain = SupplyGraph.from_edges(*edges, kernel="numpy")
    assert np.array_equal(topologies[0].edge, plain.topology.edge)
    assert np.allclose(found[0], plain.footprints(), rtol=1e-9, atol=0)


@compiled_only
def test_a_wrong_footprint_is_found_in_whichever_part_it_stands() -> None:
    from passport.carbon.compiled_order import disagreement

    supplier, consumer, amount, direct = _large(has_loops=False, is_shuffled=False)
    found = SupplyGraph.from_edges(supplier, consumer, amount, direct).footprints()
    for product in (1, N_LARGE // 2, N_LARGE - 1):
        wrong = found.copy()
        wrong[product] *= 1 + 1e-6
        for is_grouped in (True, False):  # the flag spares a look at all edges and changes nothing
            worst = disagreement(supplier, consumer, amount, direct, wrong, is_grouped=is_grouped)
            assert worst == pytest.approx(1e-6, rel=0.5)
            assert disagreement(supplier, consumer, amount, direct, found, is_grouped=is_grouped) < 1e-14
    wrong[0] = np.nan
    assert np.isnan(disagreement(supplier, consumer, amount, direct, wrong, is_grouped=True))
