"""One product: its footprint, what it needs, and who depends on it, without solving the rest."""

from __future__ import annotations

import numpy as np
import pytest
from engine_cases import KERNELS, Case, cases
from hypothesis import given

from passport.carbon import SupplyGraph
from passport.errors import GraphError, UnproductiveError

pytestmark = pytest.mark.parametrize("kernel", KERNELS)


def test_a_chain_by_hand(kernel: str) -> None:
    """A car takes 4 steel and 0.5 ore, steel 1.5 ore: 4 x 1.5 + 0.5 = 6.5 ore in a car."""
    names = ["car", "steel", "ore", "tree"]
    arrays = ([2, 1, 2], [1, 0, 0], [1.5, 4, 0.5], [1, 0.5, 2, 9])
    graph = SupplyGraph.from_edges(*arrays, products=names, kernel=kernel)
    assert graph.footprint("car") == 16.0
    assert graph.requirements("car").tolist() == [1.0, 4.0, 6.5, 0.0]
    found = graph.dependents("ore")
    assert found.products.tolist() == [2, 1, 0]
    assert found.units.tolist() == [1.0, 1.5, 6.5]
    assert graph.dependents("tree").products.tolist() == [3]


@given(case=cases())
def test_the_inverse_has_it_all(kernel: str, case: Case) -> None:
    """Column p of (I - A)^-1 is what p needs, row p where it is in, and the column times emissions its footprint."""
    inverse = np.linalg.inv(case.system())
    for product in (0, case.n // 2, case.n - 1):
        graph = case.graph(kernel)
        np.testing.assert_allclose(graph.requirements(product), inverse[:, product], rtol=1e-11, atol=1e-15)
        found = graph.dependents(product)
        units = np.zeros(case.n)
        units[found.products] = found.units
        np.testing.assert_allclose(units, inverse[product], rtol=1e-11, atol=1e-15)
        assert np.all(found.units != 0)
        assert np.all(np.diff(graph.topology.rank[found.products]) > 0)
        np.testing.assert_allclose(graph.footprint(product), inverse[:, product] @ case.direct, rtol=1e-11)


@given(case=cases(signed=True))
def test_alone_or_among_all_it_is_the_same(kernel: str, case: Case) -> None:
    size = np.abs(np.linalg.inv(case.system())).T @ np.abs(case.direct)
    whole = case.graph(kernel).footprints()
    for product in range(case.n):
        assert np.all(np.abs(case.graph(kernel).footprint(product) - whole[product]) <= 1e-11 * size[product])


def test_an_unproductive_loop_elsewhere_is_no_matter(kernel: str) -> None:
    """Products 2 and 3 need too much of each other; 0 and 1 do not need them, so they have footprints all the same."""
    graph = SupplyGraph.from_edges([0, 2, 3], [1, 3, 2], [2, 1, 1], [1, 1, 1, 1], kernel=kernel)
    assert graph.footprint(1) == 3.0
    assert graph.dependents(0).units.tolist() == [1.0, 2.0]
    with pytest.raises(UnproductiveError, match=r"2 -> 3 -> 2|3 -> 2 -> 3"):
        graph.footprint(3)


def test_a_column_each(kernel: str) -> None:
    graph = SupplyGraph.from_edges([0], [1], [2], [[1, 10], [3, 0]], kernel=kernel)
    found = graph.footprint(1)
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [5.0, 20.0]


@pytest.mark.parametrize(
    ("product", "message"),
    [(2, "expected 0 to 1; found 2"), (-1, "expected 0 to 1; found -1"), ("flour", "no product of that name")],
)
def test_a_product_that_is_not_there(kernel: str, product: int | str, message: str) -> None:
    graph = SupplyGraph.from_edges([0], [1], [2], [1, 3], kernel=kernel)
    for question in (graph.footprint, graph.requirements, graph.dependents):
        with pytest.raises(GraphError, match=message):
            question(product)


def test_what_a_product_gets_nothing_of_is_exactly_none(kernel: str) -> None:
    """Edges of nothing close loops that elimination leaves dust in, which is no reason to refuse an answer."""
    supplier = [0, 4, 2, 4, 0, 6, 2, 2, 4, 4, 1, 5, 4, 5, 6, 1, 6, 4, 5, 5, 7, 7]
    consumer = [1, 0, 0, 2, 3, 0, 5, 6, 1, 4, 0, 0, 1, 4, 2, 0, 3, 0, 1, 7, 0, 7]
    amount = [0.2, 0, 0.5, -1.5, -1.5, 0.1, 0, 1.2, -0.2, 0, -0.2, -1.5, 0, 1.2, 0.3, 0, 0.3, 0.3, 0.3, 0.2, 0.1, 0.3]
    graph = SupplyGraph.from_edges(supplier, consumer, amount, np.ones(8), kernel=kernel)
    matrix = np.zeros((8, 8))
    np.add.at(matrix, (consumer, supplier), amount)
    inverse = np.linalg.inv(np.eye(8) - matrix)
    for product in range(8):
        users = graph.dependents(product)
        units = np.zeros(8)
        units[users.products] = users.units
        np.testing.assert_allclose(units, inverse[:, product], rtol=1e-11, atol=1e-15)
        np.testing.assert_allclose(graph.requirements(product), inverse[product], rtol=1e-11, atol=1e-15)
    assert not {4, 5, 7} & set(graph.dependents(6).products.tolist())
