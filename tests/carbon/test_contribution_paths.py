"""Path analysis: by hand, against every path enumerated by brute force, against bw_graph_tools, and its bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.carbon import SupplyGraph
from passport.carbon.paths import PathTree, follow
from passport.errors import GraphError


def car() -> SupplyGraph:
    """The car of the other tests: power 0.5, steel 3, bolt 0.4, car 19."""
    return SupplyGraph.from_edges(
        [1, 2, 0, 1, 0, 0],
        [3, 3, 3, 2, 2, 1],
        [2, 10, 8, 0.1, 0.2, 4],
        [0.5, 1.0, 0.0, 5.0],
        products=["power", "steel", "bolt", "car"],
    )


def loop() -> SupplyGraph:
    """f0 = 4/3, f1 = 2/3."""
    return SupplyGraph.from_edges([0, 1], [1, 0], [0.5, 0.5], [1.0, 0.0])


def paths_of(tree: PathTree) -> dict[tuple[int, ...], float]:
    return {tree.path(place): float(tree.values[place]) for place in range(len(tree))}


def test_every_path_of_a_car() -> None:
    """All of 19, place by place: bolts' steel is 1 unit (3), its power 4 (2)."""
    tree = follow(car(), "car", cutoff=0)
    assert paths_of(tree) == pytest.approx(
        {
            (3,): 19,
            (3, 1): 6,
            (3, 1, 0): 4,
            (3, 2): 4,
            (3, 2, 1): 3,
            (3, 2, 1, 0): 2,
            (3, 2, 0): 1,
            (3, 0): 4,
        }
    )
    assert float(tree.coverage) == pytest.approx(1)
    assert float(tree.unexplained) == 0
    assert tree.stopped_by == frozenset()


def test_a_cut_off_leaves_a_rest_that_is_stated() -> None:
    """At 20 % (3.8): steel 6 with its power 4, bolts 4 without theirs (3, 1), power 4. Shown: 5 + 2 + 4 + 0 + 4."""
    tree = follow(car(), 3, cutoff=0.2)
    assert set(paths_of(tree)) == {(3,), (3, 1), (3, 1, 0), (3, 2), (3, 0)}
    assert float(tree.explained) == pytest.approx(15)
    assert float(tree.unexplained) == pytest.approx(4)
    assert float(tree.coverage) == pytest.approx(15 / 19)
    (bolt,) = np.flatnonzero(tree.products == 2)
    assert float(tree.hidden[bolt]) == pytest.approx(4)
    assert tree.stopped_by == {"cutoff"}


def test_heavier_places_come_first() -> None:
    tree = follow(car(), 3, cutoff=0)
    assert tree.values.tolist() == sorted(tree.values.tolist(), reverse=True)
    assert [tree.path(int(child)) for child in tree.children(0)] == [(3, 1), (3, 2), (3, 0)]


def test_the_order_in_which_it_is_read() -> None:
    tree = follow(car(), 3, cutoff=0)
    assert [tree.path(place) for place in tree.depth_first()] == [
        (3,),
        (3, 1),
        (3, 1, 0),
        (3, 2),
        (3, 2, 1),
        (3, 2, 1, 0),
        (3, 2, 0),
        (3, 0),
    ]


def test_depth_and_count_are_bounds() -> None:
    deep = follow(car(), 3, cutoff=0, max_depth=1)
    assert deep.depths.max() == 1
    assert deep.stopped_by == {"depth"}
    few = follow(car(), 3, cutoff=0, max_nodes=2)
    assert set(paths_of(few)) == {(3,), (3, 1)}
    assert few.stopped_by == {"count"}
    assert float(few.unexplained) == pytest.approx(19 - 5 - 2)
    alone = follow(car(), 3, cutoff=0, max_nodes=1)
    assert float(alone.coverage) == pytest.approx(5 / 19)


def test_loops_unroll() -> None:
    """0 <- 1 <- 0 ...: 4/3, 1/2 x 2/3 = 1/3, 1/4 x 4/3 = 1/3, 1/12, 1/12 ...; 5 % of 4/3 is 1/15: five places."""
    tree = follow(loop(), 0, cutoff=0.05)
    assert tree.products.tolist() == [0, 1, 0, 1, 0]
    assert tree.values == pytest.approx([4 / 3, 1 / 3, 1 / 3, 1 / 12, 1 / 12])
    assert float(tree.explained) == pytest.approx(1 + 1 / 4 + 1 / 16)
    assert float(tree.unexplained) == pytest.approx(1 / 48)


def test_a_loop_of_which_nothing_comes_ends() -> None:
    tree = follow(SupplyGraph.from_edges([0, 1], [1, 0], [0.5, 0.5], [0.0, 0.0]), 0, cutoff=0)
    assert len(tree) == 1
    assert math.isnan(tree.coverage)


def test_what_cancels_is_seen_as_gross() -> None:
    """10 and -9.99 units of the same 1 leave 0.01, which a cut-off of 10 % hides, and says how much it hides."""
    graph = SupplyGraph.from_edges([0, 1, 2], [2, 2, 3], [10, -9.99, 1], [1.0, 1.0, 0.0, 1.0])
    tree = follow(graph, 3, cutoff=0.1)
    assert len(tree) == 1
    assert float(tree.hidden[0]) == pytest.approx(0.01)
    below = follow(graph, 2, cutoff=0.1)
    assert below.values == pytest.approx([0.01, 10, -9.99])
    hidden = follow(graph, 2, cutoff=0.1, max_depth=0)
    assert (float(hidden.hidden[0]), float(hidden.hidden_gross[0])) == pytest.approx((0.01, 19.99))


def test_a_total_of_zero_is_followed_all_the_same() -> None:
    graph = SupplyGraph.from_edges([0, 1], [2, 2], [1, -1], [5.0, 5.0, 0.0])
    tree = follow(graph, 2)
    assert float(tree.total) == 0
    assert tree.values.tolist() == [0, 5, -5]
    assert float(tree.unexplained) == 0


def test_edges_between_the_same_two_are_one_place() -> None:
    graph = SupplyGraph.from_edges([0, 0, 1], [2, 2, 2], [1, 2, 1], [1.0, 5.0, 0.0])
    tree = follow(graph, 2)
    assert paths_of(tree) == {(2,): 8, (2, 1): 5, (2, 0): 3}
    assert tree.edges.tolist() == [-1, 2, 0]


def test_a_column_decides_and_all_are_there() -> None:
    graph = SupplyGraph.from_edges(
        [0, 1], [2, 2], [1, 1], [[9.0, 1.0], [1.0, 8.0], [0.0, 0.0]], columns=["fossil", "methane"]
    )
    assert follow(graph, 2, column="fossil").products.tolist() == [2, 0, 1]
    by_methane = follow(graph, 2, column="methane", cutoff=0.5)
    assert by_methane.products.tolist() == [2, 1]
    assert by_methane.values.tolist() == [[10, 9], [1, 8]]
    assert by_methane.unexplained.tolist() == [9, 1]


def test_the_graph_answers_too() -> None:
    tree = car().contributions("car", cutoff=0.2)
    assert len(tree) == 5


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"product": 9}, "no such product"),
        ({"product": "van"}, "no product of that name"),
        ({"cutoff": -0.1}, "a bound that is none"),
        ({"cutoff": float("nan")}, "a bound that is none"),
        ({"max_depth": -1}, "a bound that is none"),
        ({"max_nodes": 0}, "a bound that is none"),
        ({"column": 1}, "no such column"),
        ({"column": "methane"}, "no column of that name"),
    ],
)
def test_refusals(arguments: dict[str, object], reason: str) -> None:
    given_arguments = {"product": 3, **arguments}
    with pytest.raises(GraphError, match=reason):
        follow(car(), **given_arguments)  # type: ignore[arg-type]


@st.composite
def graphs(draw: st.DrawFn, *, negative: bool = True) -> SupplyGraph:
    """Up to six products with loops; each needs at most 0.9 units, signs aside."""
    n = draw(st.integers(1, 6))
    m = draw(st.integers(0, 14))
    ends = st.integers(0, n - 1)
    supplier = np.array(draw(st.lists(ends, min_size=m, max_size=m)), dtype=int)
    consumer = np.array(draw(st.lists(ends, min_size=m, max_size=m)), dtype=int)
    low = -1 if negative else 0
    amount = np.array(draw(st.lists(st.floats(low, 1), min_size=m, max_size=m)), dtype=float)
    needs = np.bincount(consumer, weights=np.abs(amount), minlength=n)
    amount = amount * 0.9 / np.maximum(needs, 0.9)[consumer] if m else amount
    direct = np.array(draw(st.lists(st.floats(100 * low, 100), min_size=n, max_size=n)))
    return SupplyGraph.from_edges(supplier, consumer, amount, direct)


@given(graphs(), st.data())
def test_what_is_shown_and_what_is_not_is_everything(graph: SupplyGraph, data: st.DataObject) -> None:
    """Whatever the bounds, at the top and at every place by itself."""
    product = data.draw(st.integers(0, graph.n_products - 1))
    tree = follow(
        graph,
        product,
        cutoff=data.draw(st.sampled_from([0.0, 0.001, 0.1, 1.0])),
        max_depth=data.draw(st.integers(0, 8)),
        max_nodes=data.draw(st.integers(1, 60)),
    )
    aside = SupplyGraph.from_edges(graph.supplier, graph.consumer, np.abs(graph.amount), np.abs(graph.direct))
    bound = 1e-11 * float(aside.footprint(product)) + 1e-300
    assert abs(tree.explained + tree.unexplained - tree.total) <= bound
    below = np.zeros(len(tree))
    np.add.at(below, tree.parents[1:], tree.values[1:])
    assert np.all(np.abs(tree.direct + tree.hidden + below - tree.values) <= bound)
    assert np.all(np.abs(tree.hidden) <= tree.hidden_gross + bound)


def every_path(graph: SupplyGraph, product: int, threshold: float) -> Iterator[tuple[tuple[int, ...], float]]:
    """By brute force: every path whose every place holds at least so much."""
    dense = np.zeros((graph.n_products, graph.n_products))
    np.add.at(dense, (graph.supplier, graph.consumer), graph.amount)
    footprints = np.linalg.solve(np.eye(graph.n_products) - dense.T, graph.direct)

    def below(path: tuple[int, ...], quantity: float) -> Iterator[tuple[tuple[int, ...], float]]:
        yield path, quantity * footprints[path[-1]]
        for supplier in range(graph.n_products):
            more = quantity * dense[supplier, path[-1]]
            if abs(more * footprints[supplier]) >= threshold and more * footprints[supplier]:
                yield from below((*path, supplier), more)

    yield from below((product,), 1.0)


@given(graphs(), st.data())
def test_the_same_paths_as_by_brute_force(graph: SupplyGraph, data: st.DataObject) -> None:
    """Paths within rounding of the cut-off may fall on either side."""
    product = data.draw(st.integers(0, graph.n_products - 1))
    share = 0.0437
    threshold = share * abs(float(graph.footprint(product)))
    if threshold < 0.1:  # everything cancels: the tree is as good as endless, and only its bounds end it
        return
    found = paths_of(follow(graph, product, cutoff=share))
    low = dict(every_path(graph, product, threshold * (1 + 1e-9)))
    high = dict(every_path(graph, product, threshold * (1 - 1e-9)))
    assert set(low) <= set(found) <= set(high)
    for path, value in found.items():
        assert value == pytest.approx(high[path], rel=1e-9, abs=1e-9 * threshold)


@pytest.fixture(scope="module")
def looped() -> SupplyGraph:
    """Sixty products in one net of loops, with credits."""
    random = np.random.default_rng(20)
    n, m = 60, 300
    supplier, consumer = random.integers(0, n, m), random.integers(0, n, m)
    pairs = np.unique(supplier * n + consumer)
    supplier, consumer = pairs // n, pairs % n
    kept = supplier != consumer
    supplier, consumer = supplier[kept], consumer[kept]
    amount = random.lognormal(-1, 1, len(supplier))
    amount *= 0.8 / np.bincount(consumer, weights=amount, minlength=n)[consumer]
    amount[:: len(amount) // 7] *= -1
    return SupplyGraph.from_edges(supplier, consumer, amount, random.lognormal(0, 1, n))


@pytest.mark.parametrize("product", [0, 17, 59])
def test_the_same_tree_as_bw_graph_tools(looped: SupplyGraph, product: int) -> None:
    """The peer solves once for each product it meets; the same places with the same numbers come out."""
    pytest.importorskip("bw_graph_tools")
    from benchmarks.paths import Peer, places

    theirs = Peer(looped, product).places(0.01)
    tree = follow(looped, product, cutoff=0.01)
    ours = places(tree)
    assert len(ours) == len(theirs) > 20
    assert np.array(ours) == pytest.approx(np.array(theirs), rel=1e-9)


def test_a_loop_that_grows_as_it_is_followed_leaves_the_sum_its_digits() -> None:
    """The answer of f = 6 - 5 f is 1, and each turn around the loop takes five times as much as the one before."""
    tree = follow(SupplyGraph.from_edges([0], [0], [-5.0], [6.0]), 0)
    assert tree.stopped_by == {"growth"}
    assert tree.quantities[:3].tolist() == [1.0, -5.0, 25.0]
    assert np.abs(tree.values).max() < 1e8
    assert tree.explained + tree.unexplained == pytest.approx(1.0, rel=1e-9)
