"""Updates: what changed, by hand and by closed forms; and that no number of them drifts from a full solve."""

from __future__ import annotations

import numpy as np
import pytest

from passport.carbon import SupplyGraph
from passport.errors import GraphError, UnproductiveError

KERNELS = ("numba", "numpy")


@pytest.fixture(params=KERNELS)
def kernel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _chain(kernel: str) -> SupplyGraph:
    """Ore 2 kg; steel 1 kg + 1.5 ore = 4; car 3 kg + 10 steel + 2 glass = 45; glass 1 kg."""
    return SupplyGraph.from_edges(
        [0, 1, 3],
        [1, 2, 2],
        [1.5, 10.0, 2.0],
        [2.0, 1.0, 3.0, 1.0],
        products=["ore", "steel", "car", "glass"],
        kernel=kernel,
    )


def _random(n: int, m: int, *, seed: int, kernel: str, columns: int | None = None) -> SupplyGraph:
    """An acyclic graph whose products are numbered at random, every product using 0.9 units in all."""
    random = np.random.default_rng(seed)
    ends = np.sort(random.integers(0, n, (2, m)), axis=0)
    supplier, consumer = ends[:, ends[0] < ends[1]]
    amount = random.random(len(supplier))
    amount *= 0.9 / np.bincount(consumer, amount, n)[consumer]
    number = random.permutation(n)
    direct = random.random(n if columns is None else (n, columns))
    return SupplyGraph.from_edges(number[supplier], number[consumer], amount, direct, kernel=kernel)


def _anew(graph: SupplyGraph) -> np.ndarray:
    """Footprints of the same numbers in a graph that has never been updated."""
    fresh = SupplyGraph.from_edges(graph.supplier, graph.consumer, graph.amount, graph.direct, kernel=graph.kernel)
    return fresh.footprints()


def test_direct_emissions_by_hand(kernel: str) -> None:
    graph = _chain(kernel)
    changes = graph.update(direct={"steel": 2.0})
    assert changes.products.tolist() == [1, 2]
    assert changes.old.tolist() == [4.0, 45.0]
    assert changes.new.tolist() == [5.0, 55.0]
    assert changes.delta.tolist() == [1.0, 10.0]
    assert (changes.n_affected, changes.tolerance, changes.kernel) == (2, 0.0, kernel)
    assert graph.footprints().tolist() == [2.0, 5.0, 55.0, 1.0]
    assert graph.footprint("car") == 55.0
    assert graph.direct.tolist() == [2.0, 2.0, 3.0, 1.0]


def test_amounts_by_hand(kernel: str) -> None:
    """By row and by ends, alone and together with direct emissions."""
    graph = _chain(kernel)
    assert graph.update(amounts={0: 1.0}).new.tolist() == [3.0, 35.0]
    assert graph.update(amounts={("glass", "car"): 4.0}).new.tolist() == [37.0]
    changes = graph.update(amounts={(1, 2): 1.0}, direct={3: 2.0})
    assert dict(zip(changes.products.tolist(), changes.new.tolist(), strict=True)) == {3: 2.0, 2: 3 + 3 + 8}
    assert graph.amount.tolist() == [1.0, 1.0, 4.0]


def test_a_batch_as_columns(kernel: str) -> None:
    graph = _chain(kernel)
    changes = graph.update(direct=(np.array([0, 3]), [4.0, 0.0]), amounts=([2, 0], [1.0, 2.0]))
    assert dict(zip(changes.products.tolist(), changes.new.tolist(), strict=True)) == {0: 4.0, 3: 0.0, 1: 9.0, 2: 93.0}


def test_nothing_changed_is_nothing_listed(kernel: str) -> None:
    graph = _chain(kernel)
    for changes in (graph.update(), graph.update(direct={0: 2.0}), graph.update(amounts={1: 10.0})):
        assert changes.n_affected == len(changes.products) == len(changes.old) == 0


def test_columns_of_emissions(kernel: str) -> None:
    """Two gases; a product is listed when either of its columns changed."""
    graph = SupplyGraph.from_edges([0], [1], [2.0], [[1.0, 5.0], [0.0, 1.0]], kernel=kernel)
    changes = graph.update(direct={0: [1.0, 6.0]})
    assert changes.old.tolist() == [[1.0, 5.0], [2.0, 11.0]]
    assert changes.new.tolist() == [[1.0, 6.0], [2.0, 13.0]]
    assert changes.delta.tolist() == [[0.0, 1.0], [0.0, 2.0]]


def test_a_loop_by_hand(kernel: str) -> None:
    """Two products: a = 1 + 0.5 b, b = 1 + 0.5 a, both 2; with a's own emissions at 4 a = 6, b = 4; c = 2 a."""
    graph = SupplyGraph.from_edges([0, 1, 0], [1, 0, 2], [0.5, 0.5, 2.0], [1.0, 1.0, 0.0], kernel=kernel)
    changes = graph.update(direct={0: 4.0})
    by_product = dict(zip(changes.products.tolist(), changes.new.tolist(), strict=True))
    assert by_product == pytest.approx({0: 6.0, 1: 4.0, 2: 12.0}, rel=1e-13)
    assert changes.tolerance == 1e-10
    # b = 1 + 0.25 a instead: a = (4 + 0.5) / (1 - 0.125)
    graph.update(amounts={0: 0.25})
    assert graph.footprints().tolist() == pytest.approx([4.5 / 0.875, 1 + 0.25 * 4.5 / 0.875, 9 / 0.875], rel=1e-13)


def test_thresholds_say_what_is_listed_and_not_what_is_computed(kernel: str) -> None:
    """Changes: ore by 1 of 2, steel by 1.5 of 4, car by 15 of 45."""
    graph = _chain(kernel)
    changes = graph.update(direct={"ore": 3.0}, absolute=1.0)
    assert (changes.products.tolist(), changes.n_affected, changes.absolute) == ([1, 2], 3, 1.0)
    graph.update(direct={"ore": 2.0})
    changes = graph.update(direct={"ore": 3.0}, relative=0.35)
    assert (changes.products.tolist(), changes.n_affected, changes.relative) == ([0, 1], 3, 0.35)
    assert graph.footprints().tolist() == [3.0, 5.5, 60.0, 1.0]
    graph.update(direct={"ore": 2.0})
    assert graph.update(direct={"ore": 3.0}, absolute=1.0, relative=0.35).products.tolist() == [1]


def test_what_is_affected_is_what_depends(kernel: str) -> None:
    """`dependents` and `update` are two roads to one answer, and its units are the change per unit of emissions."""
    graph = _random(400, 900, seed=4, kernel=kernel)
    for product in (3, 77, 200):
        dependents = graph.dependents(product)
        changes = graph.update(direct={product: float(graph.direct[product]) + 1.0})
        assert sorted(changes.products.tolist()) == sorted(dependents.products.tolist())
        units = dict(zip(dependents.products.tolist(), dependents.units.tolist(), strict=True))
        assert changes.delta.tolist() == pytest.approx([units[each] for each in changes.products.tolist()], rel=1e-9)


def test_a_small_change_is_followed_and_a_large_one_swept(kernel: str) -> None:
    """Of 20,000 products, all but two use one; the last is used by none."""
    n = 20_000
    supplier, consumer = np.zeros(n - 2, dtype=int), np.arange(1, n - 1)
    graph = SupplyGraph.from_edges(supplier, consumer, np.full(n - 2, 0.5), np.ones(n), kernel=kernel)
    changes = graph.update(direct={n - 1: 2.0})
    assert (changes.road, changes.products.tolist()) == ("pushed", [n - 1])
    changes = graph.update(direct={0: 3.0})
    assert (changes.road, changes.n_affected) == ("swept", n - 1)
    assert sorted(changes.products.tolist()) == list(range(n - 1))
    assert set(changes.delta[1:].tolist()) == {1.0}
    assert np.array_equal(graph.footprints(), [3.0] + [2.5] * (n - 2) + [2.0])


@pytest.mark.parametrize("columns", [None, 3])
def test_thousands_of_updates_do_not_drift(kernel: str, columns: int | None) -> None:
    """Not by a bit: rows are summed again, not corrected."""
    graph = _random(300, 700, seed=5, kernel=kernel, columns=columns)
    random = np.random.default_rng(6)
    shape = () if columns is None else (columns,)
    roads = set()
    for turn in range(1500 if columns is None else 300):
        product, edge = int(random.integers(graph.n_products)), int(random.integers(graph.n_edges))
        scale = 10.0 ** random.integers(-9, 9)
        if turn % 2:
            roads.add(graph.update(direct={product: random.random(shape) * scale}).road)
        else:
            roads.add(graph.update(amounts={edge: float(random.random())}).road)
    assert np.array_equal(graph.footprints(), _anew(graph))
    assert roads == {"pushed", "swept"}


def test_both_kernels_report_the_same_bits() -> None:
    graphs = [_random(3000, 6000, seed=7, kernel=kernel) for kernel in KERNELS]
    random = np.random.default_rng(8)
    for _ in range(40):
        product, emission = int(random.integers(3000)), float(random.random())
        first, second = (graph.update(direct={product: emission}) for graph in graphs)
        assert first.n_affected == second.n_affected
        for name in ("products", "old", "new", "delta"):
            assert np.array_equal(getattr(first, name), getattr(second, name))
    assert {first.kernel, second.kernel} == set(KERNELS)


def test_arrays_handed_out_before_the_first_update_stay(kernel: str) -> None:
    graph = _chain(kernel)
    direct, amount, footprints = graph.direct, graph.amount, graph.footprints()
    graph.update(direct={0: 7.0}, amounts={0: 1.0})
    assert (direct[0], amount[0], footprints[0]) == (2.0, 1.5, 2.0)
    with pytest.raises(ValueError, match="read-only"):
        graph.direct[0] = 1.0


REFUSED = {
    "a product that is not there": ({"direct": {4: 1.0}}, "no such product; expected 0 to 3; found 4"),
    "a product below zero": ({"direct": {-1: 1.0}}, "no such product; expected 0 to 3; found -1"),
    "a product by a wrong name": ({"direct": {"tin": 1.0}}, "no product of that name; found 'tin'"),
    "half a product": ({"direct": {0.5: 1.0}}, "not whole numbers"),
    "emissions that are no number": ({"direct": {0: float("nan")}}, "not a finite number; found nan"),
    "emissions without end": ({"direct": {0: float("inf")}}, "not a finite number; found inf"),
    "emissions in words": ({"direct": {0: "two"}}, "not numbers"),
    "two columns for one": ({"direct": {0: [1.0, 2.0]}}, "wrong shape"),
    "a product twice": ({"direct": {0: 1.0, "ore": 2.0}}, "given twice; found 0"),
    "columns of different lengths": ({"direct": ([0, 1], [1.0])}, "wrong shape"),
    "neither mapping nor columns": ({"direct": [1.0]}, "neither a mapping nor two columns"),
    "an edge that is not there": ({"amounts": {3: 1.0}}, "no such edge; expected 0 to 2; found 3"),
    "products without an edge": (
        {"amounts": {("ore", "car"): 1.0}},
        "no edge between these products; found ore -> car",
    ),
    "an amount that is no number": ({"amounts": {0: float("nan")}}, "not a finite number"),
    "a threshold below zero": ({"direct": {0: 1.0}, "absolute": -1.0}, "a threshold below zero"),
    "a good change beside a bad one": ({"direct": {0: 9.0}, "amounts": {7: 1.0}}, "no such edge"),
    "beyond the range of numbers": (
        {"direct": {0: 1e308}, "amounts": {0: 10.0}},
        "steel: a footprint leaves the range",
    ),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_refused_update_leaves_the_graph_as_it_was(wrong: str, kernel: str) -> None:
    change, reason = REFUSED[wrong]
    for is_started in (False, True):
        graph = _chain(kernel)
        if is_started:
            graph.update(direct={0: 2.5})
            graph.update(direct={0: 2.0})
        with pytest.raises(GraphError) as refused:
            graph.update(**change)
        assert reason in str(refused.value)
        assert graph.footprints().tolist() == [2.0, 4.0, 45.0, 1.0]
        assert (graph.amount.tolist(), graph.direct.tolist()) == ([1.5, 10.0, 2.0], [2.0, 1.0, 3.0, 1.0])
        assert graph.update(direct={1: 2.0}).new.tolist() == [5.0, 55.0]


def test_several_edges_between_two_products_need_a_row(kernel: str) -> None:
    graph = SupplyGraph.from_edges([0, 0], [1, 1], [1.0, 2.0], [1.0, 0.0], kernel=kernel)
    with pytest.raises(GraphError, match=r"several edges between these products; .* 0 -> 1: \[0, 1\]"):
        graph.update(amounts={(0, 1): 5.0})
    assert graph.update(amounts={1: 5.0}).new.tolist() == [6.0]


@pytest.mark.parametrize("columns", [1, 2])
def test_a_loop_that_becomes_unproductive_is_refused(kernel: str, columns: int) -> None:
    """One uses 2 of the other, which uses 0.5 of it: a unit for a unit. What came before it in the order is undone."""
    direct = np.ones((4, columns))
    graph = SupplyGraph.from_edges([0, 1, 2, 0], [1, 2, 1, 3], [1.0, 0.5, 0.5, 1.0], direct, kernel=kernel)
    before = graph.footprints().copy()
    for _ in range(2):
        with pytest.raises(UnproductiveError) as refused:
            graph.update(direct={0: [3.0] * columns}, amounts={(2, 1): 2.0})
        assert set(refused.value.loop) == {1, 2}
        assert np.array_equal(graph.footprints(), before)
        assert graph.amount.tolist() == [1.0, 0.5, 0.5, 1.0]
        assert graph.direct[0].tolist() == [1.0] * columns
    graph.update(direct={0: [3.0] * columns})
    assert graph.footprints() == pytest.approx(_anew(graph), rel=1e-13)
