"""Several columns at once: the bits of each column alone, a residual of every one, and the lanes they are summed in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from engine_cases import KERNELS
from numpy.typing import NDArray

from passport.carbon import SupplyGraph
from passport.carbon.kernels import has_numba
from passport.carbon.order import Topology, find_topology
from passport.carbon.solve import Solver
from passport.errors import GraphError

both_kernels = pytest.mark.parametrize("kernel", KERNELS)
compiled_only = pytest.mark.skipif(not has_numba(), reason="numba is not installed")
WIDTHS = [1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 63, 64, 65]
N = 90


def _edges(*, is_signed: bool = False, has_loops: bool = False) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """None to eight inputs a product, each from a lower number; with loops, some back from higher ones."""
    random = np.random.default_rng(3)
    consumer = np.repeat(np.arange(1, N), random.integers(0, 9, N - 1))
    supplier = (consumer * random.random(len(consumer))).astype(np.int64)
    amount = random.random(len(consumer)) / 9
    if is_signed:
        amount *= random.choice([-1.0, 1.0], len(amount))
    if has_loops:
        back = random.integers(0, N, (2, 12))
        supplier, consumer = np.append(supplier, back[0]), np.append(consumer, back[1])
        amount = np.append(amount, np.full(12, 0.01))
    return supplier, consumer, amount


def _direct(width: int, *, is_signed: bool = False) -> NDArray[np.float64]:
    random = np.random.default_rng(width)
    return random.random((N, width)) - (0.5 if is_signed else 0.0)


@both_kernels
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("is_signed", [False, True])
def test_columns_together_have_the_bits_of_each_alone(kernel: Any, width: int, is_signed: bool) -> None:
    direct = _direct(width, is_signed=is_signed)
    graph = SupplyGraph.from_edges(*_edges(is_signed=is_signed), direct, kernel=kernel)
    found = graph.footprints()
    assert found.shape == (N, width)
    for column in range(width):
        alone = graph.with_numbers(direct=direct[:, column]).footprints()
        assert np.array_equal(found[:, column], alone)


@both_kernels
@pytest.mark.parametrize("width", WIDTHS)
def test_columns_together_solve_what_each_alone_does_in_loops(kernel: Any, width: int) -> None:
    supplier, consumer, amount = _edges(has_loops=True)
    direct = _direct(width)
    found = SupplyGraph.from_edges(supplier, consumer, amount, direct, kernel=kernel).footprints()
    system = np.eye(N)
    np.subtract.at(system, (consumer, supplier), amount)
    np.testing.assert_allclose(found, np.linalg.solve(system, direct), rtol=1e-12)


@both_kernels
@pytest.mark.parametrize("width", [2, 8, 11])
def test_products_without_inputs_have_what_they_emit(kernel: Any, width: int) -> None:
    direct = _direct(width)
    assert np.array_equal(SupplyGraph.from_edges([], [], [], direct, kernel=kernel).footprints(), direct)
    one = SupplyGraph.from_edges([], [], [], direct[:1], kernel=kernel)
    assert np.array_equal(one.with_numbers(direct=direct[:1]).footprints(), direct[:1])


@both_kernels
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("is_signed", [False, True])
def test_the_residual_is_the_largest_of_any_row_and_column(kernel: Any, width: int, is_signed: bool) -> None:
    """Each column alone has its residual taken row by row; all together have the largest of these, and tell it.

    NumPy takes the same sum again in the same order, so its residual of a graph without loops is nothing.
    """
    supplier, consumer, amount = _edges(is_signed=is_signed)
    direct = _direct(width, is_signed=is_signed)
    topology = _topology(supplier, consumer)
    solver = Solver(topology, kernel=kernel)
    amounts, _ = solver.amounts(amount)
    each = [solver.solve(amounts, direct[:, [column]], name_of=str)[1] for column in range(width)]
    worst = solver.solve(amounts, direct, name_of=str)[1]
    assert 0 < worst < 1e-14 if kernel == "numba" else worst == 0
    assert worst == pytest.approx(max(each), rel=1e-12, abs=0)
    graph = SupplyGraph.from_edges(supplier, consumer, amount, direct, kernel=kernel)
    assert graph.with_numbers(direct=direct).residual() == pytest.approx(worst, rel=1e-12, abs=0)


@both_kernels
@pytest.mark.parametrize("width", [2, 7, 8, 13, 64])
@pytest.mark.parametrize("consumer", [1, 45, N - 1])
def test_a_footprint_beyond_numbers_is_found_in_every_column(kernel: Any, width: int, consumer: int) -> None:
    """1e308 used tenfold is no footprint, in whatever row and column it stands."""
    for column in range(width):
        direct = np.ones((N, width))
        direct[consumer - 1, column] = 1e308
        graph = SupplyGraph.from_edges([consumer - 1], [consumer], [10.0], direct, kernel=kernel)
        with pytest.raises(GraphError, match=f"^{consumer}: a footprint is beyond the range of numbers"):
            graph.footprints()


@compiled_only
def test_what_is_written_past_the_caches_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where levels are large, rows that are whole lines of memory are; here every level counts as large."""
    from passport.carbon import compiled_sweep

    supplier, consumer, amount = _edges()
    topology = _topology(supplier, consumer)
    looped = _topology(*_edges(has_loops=True)[:2])
    assert not compiled_sweep._is_streamed(topology, 64)
    monkeypatch.setattr(compiled_sweep, "_KEPT_BYTES", 0)
    assert [width for width in range(2, 66) if compiled_sweep._is_streamed(topology, width)] == list(range(8, 66, 8))
    assert not compiled_sweep._is_streamed(looped, 64)
    for width in WIDTHS:
        direct = _direct(width)
        found = SupplyGraph.from_edges(supplier, consumer, amount, direct, kernel="numba").footprints()
        plain = SupplyGraph.from_edges(supplier, consumer, amount, direct, kernel="numpy").footprints()
        assert np.array_equal(found, plain)
        assert width == 1 or found.ctypes.data % 64 == 0


def _topology(supplier: NDArray[Any], consumer: NDArray[Any]) -> Topology:
    return find_topology(supplier.astype(np.int32), consumer.astype(np.int32), n_products=N)


@compiled_only
@pytest.mark.parametrize(
    ("one", "other", "share", "rest", "expected"),
    [
        (4.0, 4.0, 0.0, 0.0, False),
        (4.0, 5.0, 0.25, 0.0, False),
        (-4.0, -5.0, 0.25, 0.0, False),
        (4.0, 5.0, 0.2, 0.0, True),
        (4.0, 5.0, 0.2, 0.25, False),
        (np.nan, np.nan, 1.0, 1.0, True),
        (np.inf, np.inf, 1.0, 1.0, True),
    ],
)
def test_one_lane_that_is_apart_is_found(one: float, other: float, share: float, rest: float, expected: bool) -> None:
    """|one - other| <= share * |one| + rest, in each of the lanes."""
    from numba import njit

    from passport.carbon.lanes import is_apart, read, zeros

    @njit
    def apart(first: Any, second: Any, share: Any, rest: Any) -> Any:
        return is_apart(read(zeros(8), first, 0), read(zeros(8), second, 0), share, rest)

    for lane in range(8):
        first, second = np.zeros(8), np.zeros(8)
        first[lane], second[lane] = one, other
        assert apart(first, second, share, rest) is expected
