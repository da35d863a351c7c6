"""Monte Carlo: closed forms, one supplier being one supplier, and the same numbers on every road."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.carbon import AmountIs, Spreads, SupplyGraph
from passport.carbon.first_order import InputKind
from passport.carbon.monte_carlo import MonteCarlo
from passport.errors import GraphError

SAMPLES = 4000
ROADS = [pytest.param(True, id="compiled"), pytest.param(False, id="numpy")]


def graph_and_spreads(seed: int, *, columns: int = 1, loops: bool = False) -> tuple[SupplyGraph, Spreads, Spreads]:
    """Sixty products with two hundred edges, some spreads normal, some zero, some inputs sharing a parameter."""
    random = np.random.default_rng(seed)
    n, m = 60, 200
    ends = np.sort(random.choice(n, (m, 2)), axis=1)
    ends = ends[ends[:, 0] < ends[:, 1]]
    if loops:
        ends = np.concatenate((ends, [[5, 3], [3, 4], [4, 5], [20, 20], [59, 40]]))
    m = len(ends)
    amount = random.lognormal(-2, 0.5, m) * np.where(random.random(m) < 0.05, -1, 1)
    direct = random.lognormal(0, 1, (n, columns) if columns > 1 else n)
    graph = SupplyGraph.from_edges(ends[:, 0], ends[:, 1], amount, direct)
    gsd = np.where(random.random(m) < 0.2, 1.0, random.uniform(1.05, 1.5, m))
    edges = Spreads.lognormal(gsd=gsd).sharing(np.where(random.random(m) < 0.2, random.integers(0, 3, m), -1))
    return graph, edges, Spreads.normal(random.uniform(0, 0.3, direct.shape))


def test_linear_in_independent_emissions_both_are_exact() -> None:
    """Only emissions uncertain: mean and variance are the analytical ones, within 5 standard errors."""
    graph, _, direct = graph_and_spreads(1)
    found = graph.monte_carlo(samples=SAMPLES, seed=3, direct=direct)
    for product in range(graph.n_products):
        exact = graph.variance(product, direct=direct)
        error = exact.standard_deviation[0] / math.sqrt(SAMPLES)
        assert found.mean[product] == pytest.approx(exact.mean[0], abs=5 * error + 1e-12)
        assert found.standard_deviation[product] == pytest.approx(
            exact.standard_deviation[0], rel=5 / math.sqrt(2 * SAMPLES)
        )
        assert exact.mean[0] == pytest.approx(graph.footprints()[product])


@pytest.mark.parametrize("amount_is", AmountIs)
def test_a_product_of_lognormals_is_lognormal(amount_is: AmountIs) -> None:
    """A chain of three: E = prod of means, ln f normal with the sum of variances, so Var = E^2 (e^S - 1)."""
    graph = SupplyGraph.from_edges([0, 1], [1, 2], [2, 0.5], [3, 0, 0])
    edges = Spreads.lognormal(gsd=[1.2, 1.3], amount_is=amount_is)
    direct = Spreads.lognormal(gsd=[1.1, 1, 1], amount_is=amount_is)
    found = graph.monte_carlo(samples=40_000, seed=11, edges=edges, direct=direct, products=[2])
    s = sum(math.log(gsd) ** 2 for gsd in (1.2, 1.3, 1.1))
    mean = 3 * (math.exp(s / 2) if amount_is is AmountIs.MEDIAN else 1)
    deviation = mean * math.sqrt(math.expm1(s))
    assert found.mean[2] == pytest.approx(mean, abs=5 * deviation / math.sqrt(40_000))
    assert found.standard_deviation[2] == pytest.approx(deviation, rel=0.03)
    median = 3 * (1 if amount_is is AmountIs.MEDIAN else math.exp(-s / 2))
    expected = [median * math.exp(-1.959964 * math.sqrt(s)), median, median * math.exp(1.959964 * math.sqrt(s))]
    assert found.quantiles(2) == pytest.approx(expected, rel=0.02)


def test_a_shared_supplier_is_drawn_once_a_sample() -> None:
    """Two ways to one uncertain supplier: f_3 = (1 + 0.75) f_0 in every single sample, so variance (a + b)^2 u^2."""
    graph = SupplyGraph.from_edges([0, 0, 1, 2], [1, 2, 3, 3], [0.5, 0.25, 2, 3], [4, 0, 0, 0])
    found = graph.monte_carlo(samples=1000, seed=5, direct=Spreads.normal([0.1, 0, 0, 0]), products=[0, 3])
    assert found.of(3) == pytest.approx(1.75 * found.of(0))
    assert found.standard_deviation[3] == pytest.approx(1.75 * found.standard_deviation[0])
    assert found.standard_deviation[0] == pytest.approx(0.4, rel=0.12)


def test_an_uncertain_amount_of_a_shared_supplier_is_one_amount() -> None:
    """The supplier's own recipe is off: both ways to it see the same drawn recipe."""
    graph = SupplyGraph.from_edges([0, 1, 1, 2, 3], [1, 2, 3, 4, 4], [2, 1, 1, 0.3, 0.7], [1, 0, 0, 0, 0])
    found = graph.monte_carlo(samples=100, seed=5, edges=Spreads.lognormal(gsd=[1.5, 1, 1, 1, 1]), products=[1, 4])
    assert found.of(4) == pytest.approx(found.of(1))


def test_inputs_of_one_parameter_are_drawn_once() -> None:
    """One grid factor at work in two products' emissions and one amount; others stay apart."""
    graph = SupplyGraph.from_edges([0], [3], [10], [1, 2, 2, 0])
    direct = Spreads.lognormal(gsd=[1, 1.4, 1.4, 1]).sharing([-1, 8, 8, -1])
    edges = Spreads.lognormal(gsd=[1.4]).sharing([8])
    found = graph.monte_carlo(samples=50, seed=1, edges=edges, direct=direct, products=range(4))
    assert found.of(1) == pytest.approx(found.of(2))
    assert found.of(3) == pytest.approx(5 * found.of(1))
    apart = graph.monte_carlo(samples=50, seed=1, direct=Spreads.lognormal(gsd=[1, 1.4, 1.4, 1]), products=[1, 2])
    assert abs(np.corrcoef(apart.of(1), apart.of(2))[0, 1]) < 0.7


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("loops", [False, True])
def test_both_roads_draw_the_same_worlds(columns: int, loops: bool) -> None:
    """The compiled road and NumPy's agree sample by sample, moments included."""
    pytest.importorskip("numba")
    graph, edges, direct = graph_and_spreads(2, columns=columns, loops=loops)
    one, two = (
        graph.monte_carlo(
            samples=130, seed=9, edges=edges, direct=direct, products=range(graph.n_products), compiled=compiled
        )
        for compiled in (True, False)
    )
    np.testing.assert_allclose(one.drawn, two.drawn, rtol=1e-10)
    np.testing.assert_allclose(one.mean, two.mean, rtol=1e-10)
    np.testing.assert_allclose(one.standard_deviation, two.standard_deviation, rtol=1e-8)


@pytest.mark.parametrize("compiled", ROADS)
def test_moments_are_those_of_the_samples(compiled: bool) -> None:
    """Mean and standard deviation that the tiles leave are NumPy's over all samples kept."""
    if compiled:
        pytest.importorskip("numba")
    graph, edges, direct = graph_and_spreads(4, columns=2)
    found = graph.monte_carlo(
        samples=203, seed=1, edges=edges, direct=direct, products=range(graph.n_products), compiled=compiled
    )
    np.testing.assert_allclose(found.mean, found.drawn.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.standard_deviation, found.drawn.std(axis=0, ddof=1), rtol=1e-9)
    assert found.used.tolist() == [203] * graph.n_products
    assert found.unproductive == 0


def same_bits(one: MonteCarlo, two: MonteCarlo) -> bool:
    """Whether two simulations are one, bit by bit."""
    return all(
        getattr(one, name).tobytes() == getattr(two, name).tobytes() for name in ("mean", "standard_deviation", "drawn")
    )


@pytest.mark.parametrize("compiled", ROADS)
def test_the_seed_alone_decides(compiled: bool) -> None:
    """The same seed gives the same bits on any number of threads; another seed gives others."""
    if compiled:
        pytest.importorskip("numba")
    graph, edges, direct = graph_and_spreads(3, loops=True)

    def run(seed: int, threads: int) -> MonteCarlo:
        return graph.monte_carlo(
            samples=300, seed=seed, edges=edges, direct=direct, products=[59], threads=threads, compiled=compiled
        )

    first = run(7, 1)
    assert all(same_bits(first, run(7, threads)) for threads in (2, 3, 8))
    assert not same_bits(first, run(8, 1))


def test_more_samples_begin_with_the_same_ones() -> None:
    """A simulation of 100 samples is the beginning of one of 1,000."""
    graph, edges, direct = graph_and_spreads(3)
    few, many = (
        graph.monte_carlo(samples=samples, seed=7, edges=edges, direct=direct, products=[59]).of(59)
        for samples in (100, 1000)
    )
    assert np.array_equal(few, many[:100])


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_rows_does_not_matter(random: object, by_name: bool) -> None:
    """Shuffled edges with their ids, and renumbered products with their names or keys, to 1e-9."""
    graph, edges, direct = graph_and_spreads(5, loops=True)
    n, m = graph.n_products, graph.n_edges
    places, rows = list(range(n)), list(range(m))
    random.shuffle(places)  # type: ignore[attr-defined]
    random.shuffle(rows)  # type: ignore[attr-defined]
    number, row = np.array(places), np.array(rows)
    back = np.argsort(number)
    ids, names = np.arange(m) * 17 + 5, [f"product {k}" for k in range(n)]
    one_direct, two_direct = (
        direct,
        Spreads(*(getattr(direct, f)[back] for f in ("kind", "scale", "is_mean", "parameter"))),
    )
    if not by_name:
        one_direct, two_direct = one_direct.keyed(np.arange(n)), two_direct.keyed(back)
    one = SupplyGraph.from_edges(
        graph.supplier, graph.consumer, graph.amount, graph.direct, edge_ids=ids, products=names if by_name else None
    )
    two = SupplyGraph.from_edges(
        number[graph.supplier[row]],
        number[graph.consumer[row]],
        graph.amount[row],
        graph.direct[back],
        edge_ids=ids[row],
        products=[names[k] for k in back] if by_name else None,
    )
    moved = Spreads(*(getattr(edges, f)[row] for f in ("kind", "scale", "is_mean", "parameter")))
    first = one.monte_carlo(samples=12, seed=2, edges=edges, direct=one_direct)
    second = two.monte_carlo(samples=12, seed=2, edges=moved, direct=two_direct)
    np.testing.assert_allclose(second.mean[number], first.mean, rtol=1e-9)
    np.testing.assert_allclose(second.standard_deviation[number], first.standard_deviation, rtol=1e-7)


def test_without_spreads_every_sample_is_the_footprint() -> None:
    """Nothing is off: no variance, and the solved footprint everywhere."""
    graph, _, _ = graph_and_spreads(6, loops=True)
    found = graph.monte_carlo(samples=5, seed=0, products=[59])
    np.testing.assert_allclose(found.mean, graph.footprints(), rtol=1e-11)
    assert np.ptp(found.of(59)) == pytest.approx(0, abs=1e-12)


def test_signs_are_kept() -> None:
    """A credit stays a credit in every sample, however wide it is spread; zero stays zero."""
    graph = SupplyGraph.from_edges([0], [1], [-2], [1, 0])
    found = graph.monte_carlo(
        samples=500, seed=1, edges=Spreads.lognormal(gsd=[5]), direct=Spreads.lognormal(gsd=[1, 3]), products=[1]
    )
    assert (found.of(1) < 0).all()
    assert np.median(found.of(1)) == pytest.approx(-2, rel=0.4)


def test_both_roads_give_the_same_shares() -> None:
    """A nearly linear product: squared correlations of the drawn inputs are the first-order shares."""
    graph = SupplyGraph.from_edges([0, 1, 2, 0], [3, 3, 3, 1], [1, 2, 1, 0.1], [4, 1, 1, 0])
    edges = Spreads.normal([0.05, 0.02, 0, 0])
    direct = Spreads.normal([0, 0.1, 0.2, 0]).sharing([-1, 4, 4, -1])
    found = graph.monte_carlo(samples=20_000, seed=4, edges=edges, direct=direct, products=[3])
    shares = found.shares(3)
    assert [(share.first_order.kind, share.first_order.number) for share in shares] == [
        (InputKind.PARAMETER, 4),
        (InputKind.EDGE, 0),
        (InputKind.EDGE, 1),
    ]
    for share in shares:
        assert share.sampled == pytest.approx(share.first_order.share, abs=0.02)
    graph.update(direct={0: 5.0})
    with pytest.raises(GraphError, match="graph: the graph was changed since"):
        found.shares(3)


def test_both_agree_where_first_order_is_good() -> None:
    """Small spreads everywhere, shared parameters included: deviation within 5 %, of the emissions' spread too."""
    graph, edges, direct = graph_and_spreads(8)
    small = Spreads(edges.kind, edges.scale / 4, edges.is_mean, edges.parameter)
    found = graph.monte_carlo(samples=SAMPLES, seed=1, edges=small, direct=direct)
    for product in (20, 40, 59):
        exact = graph.variance(product, edges=small, direct=direct)
        assert found.mean[product] == pytest.approx(exact.mean[0], rel=0.02)
        assert found.standard_deviation[product] == pytest.approx(exact.standard_deviation[0], rel=0.07)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"samples": 1}, "samples: out of range"),
        ({"samples": 2.5}, "samples: out of range"),
        ({"seed": -1}, "seed: out of range"),
        ({"seed": 2**64}, "seed: out of range"),
        ({"threads": 0}, "threads: out of range"),
        ({"edges": Spreads.normal([0.1])}, r"edges: the spreads do not fit the graph; expected shape \(2,\)"),
        ({"direct": Spreads.normal([0.1])}, "direct: the spreads do not fit the graph"),
        ({"products": [3]}, "product: no such product"),
        ({"products": [0, 1], "max_bytes": 100}, "products: the samples asked for do not fit; expected at most 1 prod"),
        ({"unproductive": "drop"}, "unproductive: unknown rule; expected refuse or count; found 'drop'"),
    ],
)
def test_what_cannot_be_simulated_is_refused(arguments: dict[str, object], message: str) -> None:
    """Each with its reason."""
    graph = SupplyGraph.from_edges([0, 1], [1, 2], [1, 1], [1, 1, 1])
    with pytest.raises(GraphError, match=message):
        graph.monte_carlo(**{"samples": 10, "seed": 0, **arguments})  # type: ignore[arg-type]


def test_samples_that_are_not_kept_are_not_made_up() -> None:
    """Asking for another product's samples says how to keep them."""
    graph = SupplyGraph.from_edges([0, 1], [1, 2], [1, 1], [1, 1, 1], products=["ore", "steel", "car"])
    found = graph.monte_carlo(samples=10, seed=0, products=["car"])
    assert found.of("car").tolist() == [3.0] * 10
    with pytest.raises(GraphError, match=r"steel: the samples of this product are not kept \(hint: name it in `prod"):
        found.quantiles("steel")


def test_without_numba_the_wish_for_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for, its absence names the extra; not asked for, the other road is taken."""
    import sys

    monkeypatch.setitem(sys.modules, "passport.carbon.kernels_monte_carlo", None)
    monkeypatch.delattr("passport.carbon.kernels_monte_carlo", raising=False)
    graph = SupplyGraph.from_edges([0], [1], [1], [1, 1])
    with pytest.raises(GraphError, match=r"compiled: Numba is not installed \(hint: pip install carbon-passport\[fast"):
        graph.monte_carlo(samples=4, seed=0, compiled=True)
    assert graph.monte_carlo(samples=4, seed=0).mean.tolist() == [1, 2]
