"""Loops that need as much of themselves as they make: refused by name, however reasonable their solution looks."""

from __future__ import annotations

import numpy as np
import pytest
from engine_cases import KERNELS, Case, cases
from hypothesis import given
from hypothesis import strategies as st

from passport.carbon import SupplyGraph
from passport.errors import GraphError, UnproductiveError

pytestmark = pytest.mark.parametrize("kernel", KERNELS)


def test_finite_nonsense_with_a_small_residual_is_refused(kernel: str) -> None:
    """f1 = 1 + 2 f2, f2 = 1 + 2 f1 is solved by -1 and -1, exactly; each unit would need four of itself."""
    assert np.linalg.solve([[1, -2], [-2, 1]], [1, 1]).tolist() == [-1.0, -1.0]
    graph = SupplyGraph.from_edges([0, 1], [1, 0], [2, 2], [1, 1], products=["hen", "egg"], kernel=kernel)
    with pytest.raises(UnproductiveError, match=r"hen -> egg -> hen|egg -> hen -> egg") as caught:
        graph.footprints()
    assert sorted(caught.value.loop) == [0, 1]
    assert "4 units" in str(caught.value)


def test_positive_nonsense_is_refused_too(kernel: str) -> None:
    """f1 = 1 + 2 f2, f2 = -5 + 2 f1 (an uptake) is solved by 3 and 1: nothing in the solution shows what is wrong."""
    assert np.linalg.solve([[1, -2], [-2, 1]], [1, -5]) == pytest.approx([3, 1])
    with pytest.raises(UnproductiveError, match="as much of each other as they make"):
        SupplyGraph.from_edges([0, 1], [1, 0], [2, 2], [1, -5], kernel=kernel).footprints()


def test_without_emissions_there_is_no_footprint_either(kernel: str) -> None:
    """Zeros solve the equations, and are no less nonsense."""
    with pytest.raises(UnproductiveError):
        SupplyGraph.from_edges([0, 1], [1, 0], [2, 2], [0, 0], kernel=kernel).footprints()


def test_the_edge_of_productivity(kernel: str) -> None:
    """A loop of gain exactly one has no footprint; one just below has a large one."""
    with pytest.raises(UnproductiveError):
        SupplyGraph.from_edges([0, 1], [1, 0], [4, 0.25], [1, 1], kernel=kernel).footprints()
    near = SupplyGraph.from_edges([0, 1], [1, 0], [1, 1 - 2.0**-10], [1, 0], kernel=kernel)
    assert near.footprints()[0] == pytest.approx(1024, rel=1e-10)


def test_the_loop_is_named_among_thousands(kernel: str) -> None:
    """A ring of 2,500 that is fine, with one bad pair inside: the pair is the loop, in any units."""
    n = 2500
    ring = np.arange(n)
    unit = 10.0 ** np.random.default_rng(0).uniform(-3, 3, n)
    supplier, consumer = np.append(ring, [8, 7]), np.append((ring + 1) % n, [7, 8])
    amount = np.append(np.full(n, 0.5), [3.0, 0.1]) * unit[consumer] / unit[supplier]
    graph = SupplyGraph.from_edges(supplier, consumer, amount, np.ones(n), kernel=kernel)
    with pytest.raises(UnproductiveError) as caught:
        graph.footprints()
    assert sorted(caught.value.loop) == [7, 8]


def test_a_loop_reads_from_supplier_to_consumer(kernel: str) -> None:
    graph = SupplyGraph.from_edges([4, 2, 0], [2, 0, 4], [2, 2, 2], np.ones(5), kernel=kernel)
    for question in (graph.footprints, lambda: graph.requirements(2), lambda: graph.dependents(2)):
        with pytest.raises(UnproductiveError) as caught:
            question()
        loop = caught.value.loop
        assert set(zip(loop, loop[1:] + loop[:1], strict=True)) == {(4, 2), (2, 0), (0, 4)}


@given(case=cases(), gain=st.floats(1.0, 50.0), data=st.data())
def test_any_loop_made_too_heavy_is_refused(kernel: str, case: Case, gain: float, data: st.DataObject) -> None:
    """To a productive graph is added an edge there and one back, whose product is one or more."""
    if case.n == 1:
        return
    first, second = data.draw(st.permutations(range(case.n)).map(lambda order: order[:2]))
    bad = Case(
        np.append(case.supplier, [first, second]),
        np.append(case.consumer, [second, first]),
        np.append(case.amount, [gain, 1.0]),
        case.direct,
    )
    with pytest.raises(UnproductiveError) as caught:
        bad.graph(kernel).footprints()
    loop = caught.value.loop
    edges = set(zip(bad.supplier.tolist(), bad.consumer.tolist(), strict=True))
    assert set(zip(loop, loop[1:] + loop[:1], strict=True)) <= edges


def test_displaced_products_beyond_convergence(kernel: str) -> None:
    """f1 = 1 - 3 f2, f2 = 2 + f1 / 2: the series diverges (|A| has 1.22), the answer is 1 - 3 x 1 = -2 and 1."""
    graph = SupplyGraph.from_edges([1, 0], [0, 1], [-3, 0.5], [1, 2], kernel=kernel)
    assert graph.footprints() == pytest.approx([-2, 1], rel=1e-14)


def test_displacing_each_other_too_much_is_refused(kernel: str) -> None:
    """f1 = 1 - 2 f2, f2 = 1 - 2 f1 is solved by 1/3 each, but what one displaces, the other displaces four times."""
    with pytest.raises(UnproductiveError):
        SupplyGraph.from_edges([0, 1], [1, 0], [-2, -2], [1, 1], kernel=kernel).footprints()


def test_displacing_oneself_is_no_loop(kernel: str) -> None:
    """With f = 3 - 2 f, a product whose making displaces two of it has a third of its emissions."""
    assert SupplyGraph.from_edges([0], [0], [-2], [3], kernel=kernel).footprints().tolist() == [1.0]


def test_self_loops_that_add_up_are_refused(kernel: str) -> None:
    """Each edge alone is below one; together they are not."""
    with pytest.raises(UnproductiveError) as caught:
        SupplyGraph.from_edges([0, 0], [0, 0], [0.5, 0.5], [1], kernel=kernel).footprints()
    assert caught.value.loop == (0,)


def test_a_self_loop_of_one_is_refused_by_its_row(kernel: str) -> None:
    with pytest.raises(UnproductiveError, match=r"amount\[1\].*expected less than 1; found 1.0") as caught:
        SupplyGraph.from_edges([0, 1], [1, 1], [2, 1], [1, 1], kernel=kernel)
    assert caught.value.loop == (1,)


def test_numbers_that_overflow_are_refused(kernel: str) -> None:
    graph = SupplyGraph.from_edges([0, 1], [1, 2], [1e200, 1e200], [1, 0, 0], products=["a", "b", "c"], kernel=kernel)
    with pytest.raises(GraphError, match="c: a footprint is beyond the range of numbers"):
        graph.footprints()


def test_other_amounts_are_judged_anew(kernel: str) -> None:
    """The proof that held for the first amounts does not hold for others, nor the other way round."""
    graph = SupplyGraph.from_edges([0, 1], [1, 0], [0.5, 0.5], [1, 1], kernel=kernel)
    assert graph.footprints() == pytest.approx([2, 2], rel=1e-14)
    with pytest.raises(UnproductiveError):
        graph.with_numbers([2, 2]).footprints()
    assert graph.with_numbers([0.5, 1]).footprints() == pytest.approx([4, 3], rel=1e-13)


def test_a_loop_that_gains_beyond_numbers_is_named_without_a_warning(kernel: str) -> None:
    places = np.arange(800)
    with pytest.raises(UnproductiveError, match="inf units of each for one unit of itself"):
        SupplyGraph.from_edges(places, (places + 1) % 800, np.full(800, 3.0), np.ones(800), kernel=kernel).footprints()
