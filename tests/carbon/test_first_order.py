"""First-order variance: systems computed by hand, shared suppliers and parameters, and finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.carbon import AmountIs, FirstOrder, Spreads, SupplyGraph
from passport.carbon.first_order import InputKind, Share
from passport.errors import GraphError, UnproductiveError


def diamond() -> SupplyGraph:
    """Product 3 uses 2 of product 1 and 3 of product 2, which use 0.5 and 0.25 of product 0: f_3 = 1.75 f_0 + 2 + 3."""
    return SupplyGraph.from_edges(
        supplier=[0, 0, 1, 2], consumer=[1, 2, 3, 3], amount=[0.5, 0.25, 2, 3], direct=[4, 1, 1, 0]
    )


def graphs() -> st.SearchStrategy[SupplyGraph]:
    """Small graphs without loops, edges running from lower to higher numbers, some amounts negative."""

    @st.composite
    def make(draw: st.DrawFn) -> SupplyGraph:
        n = draw(st.integers(2, 7))
        pairs = [(i, j) for j in range(n) for i in range(j)]
        edges = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=14))
        number = st.floats(0.1, 2) | st.floats(-0.5, -0.1)
        amounts = [draw(number) for _ in edges]
        direct = [draw(number) for _ in range(n)]
        return SupplyGraph.from_edges([i for i, _ in edges], [j for _, j in edges], amounts, direct)

    return make()


def test_a_shared_supplier_is_one_supplier() -> None:
    """Variance (1 + 0.75)^2 u^2 where product 0's own emissions are off, not (1^2 + 0.75^2) u^2."""
    found = diamond().variance(3, direct=Spreads.normal([0.1, 0, 0, 0]))
    assert found.mean == pytest.approx([12.0])
    assert found.variance == pytest.approx([(1.75 * 0.4) ** 2])
    assert found.shares() == (Share(InputKind.DIRECT, 0, 1.0),)


def test_independent_inputs_add_their_squares() -> None:
    """All of it by hand: df/da = s_j f_i and df/de = s_j with s = (1.75, 2, 3, 1), f = (4, 3, 2, 12)."""
    found = diamond().variance(3, edges=Spreads.normal([0.1, 0.2, 0.3, 0.4]), direct=Spreads.normal([0, 0.5, 0, 0]))
    edges = np.array([2 * 4 * 0.05, 3 * 4 * 0.05, 1 * 3 * 0.6, 1 * 2 * 1.2])
    assert found.edge_terms[:, 0] == pytest.approx(edges)
    assert found.direct_terms[:, 0] == pytest.approx([0, 1.0, 0, 0])
    variance = float((edges**2).sum() + 1)
    assert found.variance == pytest.approx([variance])
    assert found.standard_deviation == pytest.approx([math.sqrt(variance)])
    assert found.variation == pytest.approx([math.sqrt(variance) / 12])
    shares = found.shares(top=3)
    assert [(share.kind, share.number) for share in shares] == [
        (InputKind.EDGE, 3),
        (InputKind.EDGE, 2),
        (InputKind.DIRECT, 1),
    ]
    assert [share.share for share in shares] == pytest.approx([5.76 / variance, 3.24 / variance, 1 / variance])
    assert sum(share.share for share in found.shares(top=100)) == pytest.approx(1)


def test_inputs_of_one_parameter_add_before_squaring() -> None:
    """Edges 0 and 1 are one unknown: (0.4 + 0.6)^2; with opposite signs they would cancel."""
    spreads = Spreads.normal([0.1, 0.2, 0, 0]).sharing([7, 7, -1, -1])
    found = diamond().variance(3, edges=spreads)
    assert found.variance == pytest.approx([(2 * 4 * 0.05 + 3 * 4 * 0.05) ** 2])
    assert found.shares() == (Share(InputKind.PARAMETER, 7, 1.0),)
    against = SupplyGraph.from_edges([0, 1], [2, 2], [1, -1], [5, 5, 0])
    cancelled = against.variance(2, edges=Spreads.normal([0.1, 0.1]).sharing([0, 0]))
    assert cancelled.variance == pytest.approx([0])
    assert cancelled.shares() == ()


def test_edges_and_emissions_may_share_a_parameter() -> None:
    """One grid factor in an amount and in a product's own emissions: terms 8 * 0.05 and 2 * 0.5 add to 1.4."""
    graph = diamond()
    edges = Spreads.normal([0.1, 0, 0, 0]).sharing([3, -1, -1, -1])
    direct = Spreads.normal([0, 0.5, 0, 0.1]).sharing([-1, 3, -1, -1])
    assert graph.variance(3, edges=edges, direct=direct).variance == pytest.approx([1.4**2])


def test_each_column_has_its_own_variance() -> None:
    """Two gases, of which only the second is uncertain; its share is asked for by column."""
    graph = SupplyGraph.from_edges([0], [1], [2], [[1, 3], [4, 5]])
    found = graph.variance(1, direct=Spreads.normal([[0, 0.1], [0, 0.2]]))
    assert found.mean == pytest.approx([6, 11])
    assert found.variance == pytest.approx([0, (2 * 0.3) ** 2 + 1])
    assert found.shares(column=0) == ()
    assert found.shares(column=1)[0].number == 1
    together = graph.variance(1, direct=Spreads.normal([0.1, 0]))
    assert together.variance == pytest.approx([(2 * 0.1) ** 2, (2 * 0.3) ** 2])


def test_the_mean_is_taken_at_the_inputs_means() -> None:
    """Stated as medians, the mean of a chain is the product of means: 2 e^(s^2/2) * 3 e^(s^2/2)."""
    sigma = math.log(1.5)
    graph = SupplyGraph.from_edges([0], [1], [2], [3, 0])
    edges, direct = Spreads.lognormal(gsd=[1.5]), Spreads.lognormal(gsd=[1.5, 1])
    assert graph.variance(1, edges=edges, direct=direct).mean == pytest.approx([6 * math.exp(sigma**2)])
    stated = Spreads.lognormal(gsd=[1.5], amount_is=AmountIs.MEAN)
    assert graph.variance(1, edges=stated).mean == pytest.approx([6])


def test_the_logarithmic_form_is_exact_for_chains() -> None:
    """A product of lognormals is lognormal: (ln GSD)^2 is the sum of the squares."""
    graph = SupplyGraph.from_edges([0, 1, 2], [1, 2, 3], [2, 0.3, 7], [3, 0, 0, 0])
    found = FirstOrder(
        graph, edges=Spreads.lognormal(gsd=[1.5, 1.2, 1.1]), direct=Spreads.lognormal(gsd=[1.3, 1, 1, 1])
    )
    expected = sum(math.log(gsd) ** 2 for gsd in (1.5, 1.2, 1.1, 1.3))
    assert found.log_variance(3) == pytest.approx(expected)
    assert found.gsd(3) == pytest.approx(math.exp(math.sqrt(expected)))
    shared = FirstOrder(graph, edges=Spreads.lognormal(gsd=[1.5, 1.2, 1.1]).sharing([0, 0, -1]))
    assert shared.log_variance(3) == pytest.approx((math.log(1.5) + math.log(1.2)) ** 2 + math.log(1.1) ** 2)


@given(graphs(), st.data())
def test_sensitivities_are_finite_differences(graph: SupplyGraph, data: st.DataObject) -> None:
    """Every term is the change of the footprint per change of its input, times its standard deviation."""
    product = data.draw(st.integers(0, graph.n_products - 1))
    found = graph.variance(
        product,
        edges=Spreads.normal(np.full(graph.n_edges, 0.1)),
        direct=Spreads.normal(np.full(graph.n_products, 0.1)),
    )
    base = graph.footprints()[product]
    row = data.draw(st.integers(0, graph.n_edges - 1))
    moved = graph.amount.copy()
    moved[row] *= 1 + 1e-6
    after = graph.with_numbers(moved, graph.direct).footprints()[product]
    assert found.edge_terms[row, 0] == pytest.approx((after - base) / 1e-6 * 0.1, rel=1e-3, abs=1e-7)
    own = data.draw(st.integers(0, graph.n_products - 1))
    emissions = graph.direct.copy()
    emissions[own] *= 1 + 1e-6
    after = graph.with_numbers(graph.amount, emissions).footprints()[product]
    assert found.direct_terms[own, 0] == pytest.approx((after - base) / 1e-6 * 0.1, rel=1e-3, abs=1e-7)


@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_products_does_not_matter(graph: SupplyGraph, random: object) -> None:
    """Renumbered products and shuffled edges have the same variance."""
    n, m = graph.n_products, graph.n_edges
    places, rows = list(range(n)), list(range(m))
    random.shuffle(places)  # type: ignore[attr-defined]
    random.shuffle(rows)  # type: ignore[attr-defined]
    number = np.array(places)
    direct = np.empty(n)
    direct[number] = graph.direct
    other = SupplyGraph.from_edges(
        number[graph.supplier[rows]], number[graph.consumer[rows]], graph.amount[rows], direct
    )
    gsd_edges, gsd_direct = 1 + np.arange(m) / 20, 1 + np.arange(n) / 20
    moved = np.empty(n)
    moved[number] = gsd_direct
    one = graph.variance(0, edges=Spreads.lognormal(gsd=gsd_edges), direct=Spreads.lognormal(gsd=gsd_direct))
    two = other.variance(places[0], edges=Spreads.lognormal(gsd=gsd_edges[rows]), direct=Spreads.lognormal(gsd=moved))
    assert two.mean == pytest.approx(one.mean)
    assert two.variance == pytest.approx(one.variance)


def test_what_does_not_fit_is_refused() -> None:
    """Spreads of the wrong length, a footprint of zero, and means at which a loop cannot produce."""
    graph = diamond()
    with pytest.raises(GraphError, match=r"edges: the spreads do not fit the graph; expected \(4,\); found \(3,\)"):
        graph.variance(3, edges=Spreads.normal([0.1, 0.1, 0.1]))
    with pytest.raises(GraphError, match="direct: the spreads do not fit the graph"):
        graph.variance(3, direct=Spreads.normal([0.1]))
    empty = SupplyGraph.from_edges([0], [1], [1], [0, 0])
    with pytest.raises(GraphError, match="1: a footprint of zero has no logarithm"):
        FirstOrder(empty).log_variance(1)
    assert math.isnan(empty.variance(1).variation[0])
    loop = SupplyGraph.from_edges([0, 1], [1, 0], [0.9, 0.9], [1, 1])
    with pytest.raises(UnproductiveError):
        loop.variance(0, edges=Spreads.lognormal(gsd=[2, 2]))
