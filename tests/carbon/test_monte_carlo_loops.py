"""Monte Carlo in loops: every sample solved like a graph of its own, and samples without footprints never lost."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from passport.carbon import Spreads, SupplyGraph, Unproductive
from passport.carbon.normals import exp, normals, sample_numbers
from passport.errors import UnproductiveError

ROADS = [pytest.param(True, id="compiled"), pytest.param(False, id="numpy")]


def drawn_factors(gsd: float, key: int, stream: int, samples: int, seed: int) -> np.ndarray:
    """exp(sigma Z) of one unknown, in the order of the samples."""
    blocks = -(-samples // 4)
    z = normals(np.array([key], np.uint64), np.array([stream], np.uint64), 0, blocks, seed)[0]
    return exp(math.log(gsd) * z)[np.argsort(sample_numbers(0, blocks))][:samples]


@pytest.mark.parametrize("compiled", ROADS)
def test_every_sample_is_its_own_graph_solved(compiled: bool) -> None:
    """A loop of two with a self-loop and a customer: the drawn amounts, put into a graph, give its footprints."""
    if compiled:
        pytest.importorskip("numba")
    ends = ([0, 1, 1, 2, 0], [1, 0, 1, 0, 3])
    amount, direct = np.array([0.5, 0.4, 0.1, 2, 3]), np.array([1.0, 2, 3, 4])
    graph = SupplyGraph.from_edges(*ends, amount, direct)
    gsd = [1.2, 1.3, 1.1, 1.5, 1.4]
    found = graph.monte_carlo(
        samples=50, seed=6, edges=Spreads.lognormal(gsd=gsd), products=range(4), compiled=compiled
    )
    factors = np.array([drawn_factors(gsd[k], k, 0, 50, 6) for k in range(5)])
    for sample in range(50):
        world = SupplyGraph.from_edges(*ends, amount * factors[:, sample], direct)
        assert found.drawn[sample, :, 0] == pytest.approx(world.footprints(), rel=1e-11)


@pytest.mark.parametrize("compiled", ROADS)
@given(st.integers(2, 8), st.floats(0.05, 0.98), st.integers(0, 2**32), st.sampled_from([1.0, 1e-6, 1e6]))
def test_loops_of_any_size_gain_and_unit(compiled: bool, n: int, gain: float, seed: int, unit: float) -> None:
    """A ring and chords, scaled so that one more loop around needs `gain`; the unit of one product does not matter."""
    if compiled:
        pytest.importorskip("numba")
    random = np.random.default_rng(seed)
    supplier = np.concatenate((np.arange(n), random.integers(0, n, n)))
    consumer = np.concatenate((np.roll(np.arange(n), -1), random.integers(0, n, n)))
    weights = random.uniform(0.1, 1, 2 * n)
    matrix = np.zeros((n, n))
    np.add.at(matrix, (consumer, supplier), weights)
    weights *= gain / np.abs(np.linalg.eigvals(matrix)).max()
    scale = np.ones(n)
    scale[0] = unit
    amount = weights * scale[supplier] / scale[consumer]
    direct = random.uniform(0, 1, n) / scale
    graph = SupplyGraph.from_edges(supplier, consumer, amount, direct)
    found = graph.monte_carlo(samples=4, seed=1, products=range(n), compiled=compiled)
    used = np.zeros((n, n))
    np.add.at(used, (consumer, supplier), amount)
    exact = np.linalg.solve(np.eye(n) - used, direct)
    np.testing.assert_allclose(found.drawn[3, :, 0], exact, rtol=1e-9)


@pytest.mark.parametrize("compiled", ROADS)
def test_an_unproductive_sample_is_refused_with_its_loop(compiled: bool) -> None:
    """A loop of gain 0.81 at its medians: which samples reach 1 is known, and the first of them is named."""
    if compiled:
        pytest.importorskip("numba")
    graph = SupplyGraph.from_edges([0, 1, 2], [1, 0, 0], [0.9, 0.9, 1], [1, 1, 1], products=["steel", "machine", "ore"])
    edges = Spreads.lognormal(gsd=[1.3, 1, 1])
    factors = drawn_factors(1.3, 0, 0, 400, 12)
    wrong = np.flatnonzero(0.81 * factors >= 1)
    assert 0 < len(wrong) < 200
    with pytest.raises(UnproductiveError, match=f"found sample {wrong[0]} ") as error:
        graph.monte_carlo(samples=400, seed=12, edges=edges, compiled=compiled)
    assert sorted(error.value.loop) == [0, 1]
    assert error.value.where in ("steel -> machine", "machine -> steel")


@pytest.mark.parametrize("compiled", ROADS)
def test_unproductive_samples_are_counted_and_left_out(compiled: bool) -> None:
    """What depends on the loop has no footprint in them; what does not has them all."""
    if compiled:
        pytest.importorskip("numba")
    graph = SupplyGraph.from_edges([0, 1, 2, 1], [1, 0, 0, 3], [0.9, 0.9, 1, 1], [1, 1, 1, 1])
    edges = Spreads.lognormal(gsd=[1.3, 1, 1, 1])
    found = graph.monte_carlo(
        samples=400,
        seed=12,
        edges=edges,
        direct=Spreads.normal([0, 0, 0.1, 0]),
        products=range(4),
        unproductive=Unproductive.COUNT,
        compiled=compiled,
    )
    wrong = 0.81 * drawn_factors(1.3, 0, 0, 400, 12) >= 1
    assert found.unproductive == wrong.sum()
    assert found.used.tolist() == [400 - wrong.sum()] * 2 + [400, 400 - wrong.sum()]
    for product in (0, 1, 3):
        assert np.array_equal(np.isnan(found.of(product)), wrong)
        kept = found.of(product)[~wrong]
        assert found.mean[product] == pytest.approx(kept.mean())
        assert found.standard_deviation[product] == pytest.approx(kept.std(ddof=1))
        assert found.quantiles(product, [0.5])[0] == pytest.approx(np.median(kept))
    assert not np.isnan(found.of(2)).any()


def test_how_often_a_loop_is_unproductive_is_the_distributions() -> None:
    """P(0.81 e^(sigma Z) >= 1) = Phi(ln 0.81 / sigma): about 211 of 1,000 with GSD 1.3."""
    graph = SupplyGraph.from_edges([0, 1], [1, 0], [0.9, 0.9], [1, 1])
    found = graph.monte_carlo(
        samples=4000, seed=2, edges=Spreads.lognormal(gsd=[1.3, 1]), unproductive=Unproductive.COUNT
    )
    expected = stats.norm.cdf(math.log(0.81) / math.log(1.3))
    assert found.unproductive / 4000 == pytest.approx(expected, abs=5 * math.sqrt(expected / 4000))


@pytest.mark.parametrize("compiled", ROADS)
def test_a_loop_without_emissions_is_still_judged(compiled: bool) -> None:
    """Zero times an impossible loop is not zero: there is no footprint."""
    if compiled:
        pytest.importorskip("numba")
    graph = SupplyGraph.from_edges([0, 1], [1, 0], [0.9, 0.9], [0, 0])
    found = graph.monte_carlo(
        samples=400,
        seed=12,
        edges=Spreads.lognormal(gsd=[1.3, 1]),
        unproductive=Unproductive.COUNT,
        products=[0],
        compiled=compiled,
    )
    wrong = 0.81 * drawn_factors(1.3, 0, 0, 400, 12) >= 1
    assert np.array_equal(np.isnan(found.of(0)), wrong)
    assert (found.of(0)[~wrong] == 0).all()


@pytest.mark.parametrize("compiled", ROADS)
def test_a_loop_with_credits_is_solved_where_a_solution_is(compiled: bool) -> None:
    """Amounts of two signs whose sizes alone would not be productive: 1 - 1.2 * (-1.5) = 2.8."""
    if compiled:
        pytest.importorskip("numba")
    graph = SupplyGraph.from_edges([0, 1], [1, 0], [1.2, -1.5], [1, 1])
    found = graph.monte_carlo(
        samples=20, seed=3, edges=Spreads.lognormal(gsd=[1.1, 1]), products=[0], compiled=compiled
    )
    factor = drawn_factors(1.1, 0, 0, 20, 3)
    assert found.of(0) == pytest.approx((1 - 1.5) / (1 + 1.5 * 1.2 * factor))


def test_a_loop_that_stands_on_the_edge_is_undone_neither_way() -> None:
    """Gain 1 - 1e-9, beyond what sweeps can settle: the solver that judges the stated amounts decides every sample."""
    graph = SupplyGraph.from_edges([0, 1], [1, 0], [1 - 1e-9, 1], [1, 1])
    found = graph.monte_carlo(samples=4, seed=0, products=[0])
    assert found.of(0) == pytest.approx(graph.footprints()[0], rel=1e-6)
