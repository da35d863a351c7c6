"""After any sequence of changes a graph has the footprints that its numbers have, and each update tells them truly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sound_topology import assert_sound

from passport.carbon import Changes, SupplyGraph

MAX_AMOUNT = 0.04  # at most 20 edges: no product uses 0.8 units in all, so that every loop is productive
MAX_EDGES = 20

amounts = st.floats(-MAX_AMOUNT, MAX_AMOUNT)
emissions = st.floats(-1e6, 1e6)


@dataclass
class Books:
    """What the graph must hold, kept apart from it as plain lists, with footprints by elimination in a full matrix."""

    direct: list[list[float]]
    edges: list[list[Any]] = field(default_factory=list)

    def footprints(self) -> np.ndarray:
        system = np.eye(len(self.direct))
        for supplier, consumer, amount in self.edges:
            system[consumer, supplier] -= amount
        return np.linalg.solve(system, np.array(self.direct))


def _shaped(rows: list[list[float]], columns: int) -> list[Any]:
    return [row if columns > 1 else row[0] for row in rows]


@st.composite
def changes(draw: st.DrawFn, books: Books, columns: int) -> dict[str, Any]:
    """One update that fits the books; it is entered into them."""
    n, m = len(books.direct), len(books.edges)
    row = st.lists(emissions, min_size=columns, max_size=columns)
    change: dict[str, Any] = {}
    new_direct = draw(st.dictionaries(st.integers(0, n - 1), row, max_size=2))
    new_amounts = draw(st.dictionaries(st.integers(0, m - 1), amounts, max_size=2)) if m else {}
    added = draw(st.lists(row, max_size=2)) if draw(st.booleans()) else []
    ends = st.integers(0, n + len(added) - 1)
    room = MAX_EDGES - m
    new_edges = draw(st.lists(st.tuples(ends, ends, amounts), max_size=min(3, room))) if draw(st.booleans()) else []
    gone = draw(st.sets(st.integers(0, m - 1), max_size=2)) - set(new_amounts) if m and draw(st.booleans()) else set()
    product = draw(st.none() | st.integers(0, n - 1)) if n > 1 else None
    if product is not None:
        touching = {at for at, (supplier, consumer, _) in enumerate(books.edges) if product in (supplier, consumer)}
        new_direct.pop(product, None)
        new_amounts = {at: amount for at, amount in new_amounts.items() if at not in touching}
        new_edges = [edge for edge in new_edges if product not in edge[:2]]
        gone |= touching
    if new_direct:
        change["direct"] = {each: row if columns > 1 else row[0] for each, row in new_direct.items()}
    if new_amounts:
        change["amounts"] = new_amounts
    if added:
        change["add_products"] = _shaped(added, columns)
    if new_edges:
        change["add_edges"] = tuple(map(list, zip(*new_edges, strict=True)))
    if gone:
        change["remove_edges"] = sorted(gone)
    if product is not None:
        change["remove_products"] = [product]
    for each, numbers in new_direct.items():
        books.direct[each] = numbers
    for at, amount in new_amounts.items():
        books.edges[at][2] = amount
    kept = [edge for at, edge in enumerate(books.edges) if at not in gone] + [list(edge) for edge in new_edges]
    books.direct += added
    if product is not None:
        del books.direct[product]
        kept = [[supplier - (supplier > product), consumer - (consumer > product), a] for supplier, consumer, a in kept]
    books.edges = kept
    return change


def _graph(books: Books, columns: int, kernel: str) -> SupplyGraph:
    ends = [[edge[place] for edge in books.edges] for place in range(3)]
    integers = [np.array(column, dtype=int) for column in ends[:2]]
    return SupplyGraph.from_edges(*integers, ends[2], _shaped(books.direct, columns), kernel=kernel)


def _check(changes: Changes, before: np.ndarray, after: np.ndarray, kept: list[int]) -> None:
    """`kept`: the number before of each product, -1 for an added one."""
    listed = dict(zip(changes.products.tolist(), range(len(changes.products)), strict=True))
    assert len(listed) == changes.n_affected == len(changes.old) == len(changes.new) == len(changes.delta)
    for product, number in enumerate(kept):
        if product in listed:
            place = listed[product]
            assert np.array_equal(changes.new[place], after[product])
            assert np.array_equal(changes.delta[place], changes.new[place] - changes.old[place], equal_nan=True)
            if number < 0:
                assert np.isnan(changes.old[place]).all()
            else:
                assert np.array_equal(changes.old[place], before[number])
        else:
            assert number >= 0
            assert after[product] == pytest.approx(before[number], rel=1e-11, abs=1e-9)


@pytest.mark.parametrize("kernel", ["numba", "numpy"])
@given(data=st.data(), columns=st.sampled_from([1, 2]), n=st.integers(1, 6))
@settings(deadline=None, max_examples=60)
def test_updates_equal_full_solves(kernel: str, data: st.DataObject, columns: int, n: int) -> None:
    books = Books([[1.0 + place] * columns for place in range(n)])
    graph = _graph(books, columns, kernel)
    for _ in range(data.draw(st.integers(1, 5))):
        before = graph.footprints().copy()
        change = data.draw(changes(books, columns))
        told = graph.update(**change)
        after = graph.footprints()
        expected = books.footprints()
        scale = np.abs(expected).max(initial=1.0)
        assert after.reshape(len(after), -1) == pytest.approx(expected, rel=1e-12, abs=1e-12 * scale)
        stayed = [number for number in range(len(before)) if number not in change.get("remove_products", ())]
        _check(told, before, after, stayed + [-1] * (len(after) - len(stayed)))
        assert [list(edge) for edge in zip(graph.supplier, graph.consumer, graph.amount, strict=True)] == books.edges
        if change:
            assert_sound(graph)


@pytest.mark.parametrize("kernel", ["numba", "numpy"])
@given(data=st.data(), n=st.integers(2, 7), has_loop=st.booleans())
@settings(deadline=None, max_examples=60)
def test_edges_along_the_order_keep_it(kernel: str, data: st.DataObject, n: int, has_loop: bool) -> None:
    """A chain has a level per product, so that any edge downstream keeps the order; or any into a loop of two."""
    books = Books([[1.0]] * n, [[place, place + 1, MAX_AMOUNT] for place in range(n - 1)])
    if has_loop:
        books.edges.append([1, 0, MAX_AMOUNT])
    graph = _graph(books, 1, kernel)
    graph.update(direct={0: 1.0})
    order = graph.topology.order
    fixed = len(books.edges)
    for _ in range(data.draw(st.integers(1, 3))):
        ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda pair: pair[0] < pair[1])
        new = data.draw(st.lists(st.tuples(ends, amounts), max_size=5))
        gone = data.draw(st.sets(st.integers(fixed, len(books.edges) - 1))) if len(books.edges) > fixed else set()
        gone = {at for at in gone if not (has_loop and books.edges[at][:2] == [0, 1])}  # it might open the loop
        columns = [edge[0][0] for edge in new], [edge[0][1] for edge in new], [edge[1] for edge in new]
        changes = graph.update(add_edges=columns, remove_edges=gone)
        books.edges = [edge for at, edge in enumerate(books.edges) if at not in gone]
        books.edges += [[*pair, amount] for pair, amount in new]
        assert changes.road != "reordered"
        assert graph.topology.order is order
        assert_sound(graph)
        assert graph.footprints() == pytest.approx(books.footprints()[:, 0], rel=1e-12)
        assert [list(edge) for edge in zip(graph.supplier, graph.consumer, graph.amount, strict=True)] == books.edges


@pytest.mark.parametrize("kernel", ["numba", "numpy"])
@given(data=st.data(), seed=st.integers(0, 10_000), has_loops=st.booleans())
@settings(deadline=None, max_examples=40)
def test_updating_back_gives_the_old_numbers(kernel: str, data: st.DataObject, seed: int, has_loops: bool) -> None:
    """To the last bit without loops, and the deltas are the old ones with the other sign."""
    random = np.random.default_rng(seed)
    n, m = 30, 60
    ends = random.integers(0, n, (2, m))
    supplier, consumer = ends if has_loops else np.sort(ends, axis=0)[:, np.not_equal(*ends)]
    graph = SupplyGraph.from_edges(
        supplier, consumer, random.random(len(supplier)) * 0.1, random.random(n), kernel=kernel
    )
    graph.update(direct={0: 0.5})
    footprints, direct, amount = graph.footprints().copy(), graph.direct.copy(), graph.amount.copy()
    products = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=3, unique=True))
    edges = data.draw(st.lists(st.integers(0, len(supplier) - 1), max_size=3, unique=True))
    there = graph.update(
        direct=(products, random.random(len(products))), amounts=(edges, random.random(len(edges)) * 0.1)
    )
    back = graph.update(direct=(products, direct[products]), amounts=(edges, amount[edges]))
    assert graph.footprints() == pytest.approx(footprints, rel=1e-12 if has_loops else 0, abs=0)
    if not has_loops:
        assert np.array_equal(back.products, there.products)
        assert np.array_equal(back.delta, -there.delta)
        assert np.array_equal(back.new, there.old)


@given(seed=st.integers(0, 10_000), has_loops=st.booleans(), product=st.integers(0, 39), factor=st.floats(0.1, 10))
@settings(deadline=None, max_examples=40)
def test_both_roads_agree(seed: int, has_loops: bool, product: int, factor: float) -> None:
    random = np.random.default_rng(seed)
    n, m = 40, 80
    ends = random.integers(0, n, (2, m))
    supplier, consumer = ends if has_loops else np.sort(ends, axis=0)[:, np.not_equal(*ends)]
    columns = (supplier, consumer, random.random(len(supplier)) * 0.1, random.random(n))
    graphs = [SupplyGraph.from_edges(*columns, kernel=kernel) for kernel in ("numba", "numpy")]
    first, second = (graph.update(direct={product: factor}) for graph in graphs)
    if has_loops:
        assert first.new == pytest.approx(graphs[1].footprints()[first.products], rel=1e-12)
        assert second.new == pytest.approx(graphs[0].footprints()[second.products], rel=1e-12)
    else:
        assert np.array_equal(first.products, second.products)
        assert np.array_equal(first.delta, second.delta)


@given(seed=st.integers(0, 10_000), product=st.integers(0, 39))
@settings(deadline=None, max_examples=40)
def test_only_what_depends_is_affected(seed: int, product: int) -> None:
    """With loops and amounts below zero too; what depends changes by its units of the product."""
    random = np.random.default_rng(seed)
    n, m = 40, 70
    supplier, consumer = random.integers(0, n, (2, m))
    amount = (random.random(m) - 0.3) * 0.1
    graph = SupplyGraph.from_edges(supplier, consumer, amount, random.random(n))
    dependents = graph.dependents(product)
    units = dict(zip(dependents.products.tolist(), dependents.units.tolist(), strict=True))
    changes = graph.update(direct={product: float(graph.direct[product]) + 2.0}, absolute=1e-9)
    assert set(changes.products.tolist()) <= set(units)
    for listed, delta in zip(changes.products.tolist(), changes.delta.tolist(), strict=True):
        assert delta == pytest.approx(2.0 * units[listed], rel=1e-5, abs=1e-13)
    assert {each for each, unit in units.items() if abs(unit) > 1e-9} <= set(changes.products.tolist())
