"""Splits of a footprint: by hand on small systems, adding up on any, and with the reasons of what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.carbon import SupplyGraph
from passport.carbon.contributions import (
    Breakdown,
    by_input_tag,
    by_origin,
    by_supplier,
    by_tag,
    by_tier,
)
from passport.errors import GraphError

POWER, STEEL, BOLT, CAR = range(4)


def car() -> SupplyGraph:
    """A car of 2 steel, 10 bolts (0.1 steel each) and power for all.

    By hand: power 0.5;
    steel 1 + 4 x 0.5 = 3; bolt 0 + 0.1 x 3 + 0.2 x 0.5 = 0.4; car 5 + 2 x 3 + 10 x 0.4 + 8 x 0.5 = 19.
    """
    edges = [(STEEL, CAR, 2), (BOLT, CAR, 10), (POWER, CAR, 8), (STEEL, BOLT, 0.1), (POWER, BOLT, 0.2)]
    edges.append((POWER, STEEL, 4))
    supplier, consumer, amount = zip(*edges, strict=True)
    return SupplyGraph.from_edges(
        supplier, consumer, amount, [0.5, 1.0, 0.0, 5.0], products=["power", "steel", "bolt", "car"]
    )


def loop() -> SupplyGraph:
    """Two products that each take half a unit of the other, and emit 1 and 0: f0 = 1 / (1 - 1/4) = 4/3, f1 = 2/3."""
    return SupplyGraph.from_edges([0, 1], [1, 0], [0.5, 0.5], [1.0, 0.0])


def recycled() -> SupplyGraph:
    """A can of 1 virgin metal (10) less a credit for 0.6 of it as scrap; in two columns, fossil and methane."""
    return SupplyGraph.from_edges([0, 0], [1, 1], [1.0, -0.6], [[10.0, 1.0], [2.0, 0.0]], columns=["fossil", "methane"])


def parts(found: Breakdown) -> dict[object, float]:
    return dict(zip(found.keys, found.values.tolist(), strict=True))


def test_by_supplier_by_hand() -> None:
    found = by_supplier(car(), "car")
    assert parts(found) == pytest.approx({STEEL: 6, BOLT: 4, POWER: 4})
    assert found.keys[0] == STEEL
    assert (float(found.own), float(found.rest), float(found.total)) == (5, 0, 19)


def test_by_tier_by_hand() -> None:
    """Tier 1: 2 steel, 8 x 0.5 power. Tier 2: steel of bolts 1 x 1, power of bolts 2 x 0.5 and of steel 8 x 0.5."""
    found = by_tier(car(), CAR)
    assert found.keys == (1, 2, 3)
    assert found.values == pytest.approx([6, 1 + 1 + 4, 1 * 4 * 0.5])
    assert (float(found.own), float(found.rest)) == (5, 0)


def test_tiers_of_a_loop_have_a_rest() -> None:
    """4/3 = 1 + 0 + 1/4 + 0 + ... : after two tiers there is (1/4) x (4/3) - 1/4 = 1/12 left."""
    found = by_tier(loop(), 0, max_tiers=2)
    assert found.values == pytest.approx([0, 0.25])
    assert float(found.rest) == pytest.approx(1 / 12)
    assert float(found.gap) == pytest.approx(0, abs=1e-15)


def test_tiers_are_followed_to_the_tolerance() -> None:
    """Beyond tiers 0 and 1 there is 1/3, beyond 2 and 3 a quarter of it; beyond 8 it is 1/768, below 4/3 x 1e-3."""
    found = by_tier(loop(), 0, tolerance=1e-3)
    assert found.keys[-1] == 8
    assert float(found.rest) == pytest.approx(1 / 768)


def test_by_tag_by_hand() -> None:
    """Units in a car: power 8 + 2 + 12 = 22, steel 3, bolt 10. Power 11, steel 3, car 5."""
    found = by_tag(car(), CAR, ["CN", "DE", "DE", None])
    assert parts(found) == pytest.approx({"CN": 11, "DE": 3})
    assert float(found.rest) == 5
    assert float(found.own) == 0


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.uint8, object])
def test_numbers_are_tags_too(kind: type) -> None:
    found = by_tag(car(), CAR, np.array([3, 1, 1, 0], dtype=kind))
    assert parts(found) == pytest.approx({3: 11, 1: 3, 0: 5})


def test_numbers_below_zero_are_no_tag() -> None:
    found = by_tag(car(), CAR, np.array([3, -1, -7, 3]))
    assert parts(found) == pytest.approx({3: 16})
    assert float(found.rest) == pytest.approx(3)


def test_stages_by_hand() -> None:
    """Materials 6 + 4 are A1, power 4 is the car maker's own A3, as are its own emissions."""
    tags = ["A1", "A1", "A3", "A1", "A3", "A3"]
    assert parts(by_input_tag(car(), CAR, tags, own_tag="A3")) == pytest.approx({"A1": 10, "A3": 9})
    apart = by_input_tag(car(), CAR, tags)
    assert parts(apart) == pytest.approx({"A1": 10, "A3": 4})
    assert float(apart.own) == 5


def test_own_emissions_can_be_the_only_ones_of_their_stage() -> None:
    found = by_input_tag(car(), CAR, ["A1"] * 6, own_tag="A3")
    assert parts(found) == pytest.approx({"A1": 14, "A3": 5})


def test_inputs_without_a_stage_are_the_rest() -> None:
    found = by_input_tag(car(), CAR, ["A1", "", "", "A1", "", ""], own_tag="A3")
    assert parts(found) == pytest.approx({"A1": 6, "A3": 5})
    assert float(found.rest) == pytest.approx(8)


def test_by_origin_by_hand() -> None:
    found = by_origin(car(), CAR)
    assert parts(found) == pytest.approx({POWER: 11, CAR: 5, STEEL: 3})
    assert found.keys == (POWER, CAR, STEEL)


def test_both_signs_are_kept() -> None:
    """10 of metal less 6 of credit is 4, and both stand there, in both columns."""
    found = by_supplier(recycled(), 1)
    assert found.keys == (0,)
    assert found.values == pytest.approx(np.array([[4.0, 0.4]]))
    assert found.positive == pytest.approx(np.array([[10.0, 1.0]]))
    assert found.negative == pytest.approx(np.array([[-6.0, -0.6]]))
    assert found.total == pytest.approx(np.array([6.0, 0.4]))


def test_small_parts_go_into_the_rest() -> None:
    found = by_supplier(car(), CAR).largest(1)
    assert found.keys == (STEEL,)
    assert float(found.rest) == pytest.approx(8)
    assert float(found.gap) == pytest.approx(0)
    by_methane = by_origin(recycled(), 1).largest(1, column=1)
    assert by_methane.keys == (0,)
    assert by_methane.rest == pytest.approx([2.0, 0.0])


def test_tiers_keep_their_order_when_cut_short() -> None:
    found = by_tier(car(), CAR).largest(2)
    assert found.keys == (1, 2)
    assert float(found.rest) == pytest.approx(2)


def test_a_product_without_suppliers() -> None:
    for found in (by_supplier(car(), POWER), by_tier(car(), POWER)):
        assert found.keys == ()
        assert (float(found.own), float(found.gap)) == (0.5, 0)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda g: by_supplier(g, 4), "no such product"),
        (lambda g: by_supplier(g, -1), "no such product"),
        (lambda g: by_supplier(g, "van"), "no product of that name"),
        (lambda g: by_tier(g, CAR, max_tiers=-1), "bound below zero"),
        (lambda g: by_tier(g, CAR, tolerance=float("nan")), "bound below zero"),
        (lambda g: by_tag(g, CAR, ["CN"]), "not one tag per product"),
        (lambda g: by_tag(g, CAR, [["CN"] * 4]), "not one tag per product"),
        (lambda g: by_tag(g, CAR, [0.5, 1, 1, 1]), "neither texts nor whole numbers"),
        (lambda g: by_input_tag(g, CAR, ["A1"] * 4), "not one tag per edge"),
    ],
)
def test_refusals(call: object, reason: str) -> None:
    with pytest.raises(GraphError, match=reason):
        call(car())  # type: ignore[operator]


@st.composite
def graphs(draw: st.DrawFn) -> SupplyGraph:
    """Up to eight products with loops, credits and removals; each needs at most 0.9 units, signs aside."""
    n = draw(st.integers(1, 8))
    m = draw(st.integers(0, 24))
    ends = st.integers(0, n - 1)
    supplier = np.array(draw(st.lists(ends, min_size=m, max_size=m)), dtype=int)
    consumer = np.array(draw(st.lists(ends, min_size=m, max_size=m)), dtype=int)
    amount = np.array(draw(st.lists(st.floats(-1, 1), min_size=m, max_size=m)), dtype=float)
    needs = np.bincount(consumer, weights=np.abs(amount), minlength=n)
    amount = amount * 0.9 / np.maximum(needs, 0.9)[consumer] if m else amount
    width = draw(st.sampled_from([None, 1, 3]))
    numbers = st.floats(-100, 100)
    size = n if width is None else n * width
    direct = np.array(draw(st.lists(numbers, min_size=size, max_size=size)))
    return SupplyGraph.from_edges(supplier, consumer, amount, direct if width is None else direct.reshape(n, width))


def gross(graph: SupplyGraph, product: int) -> np.ndarray:
    """What all parts could add up to with signs aside: the yardstick of rounding."""
    aside = SupplyGraph.from_edges(graph.supplier, graph.consumer, np.abs(graph.amount), np.abs(graph.direct))
    return np.asarray(aside.footprint(product)) + 1e-300


@given(graphs(), st.data())
def test_every_split_adds_up(graph: SupplyGraph, data: st.DataObject) -> None:
    product = data.draw(st.integers(0, graph.n_products - 1))
    tags = data.draw(st.lists(st.sampled_from(["a", "b", None]), min_size=graph.n_products, max_size=graph.n_products))
    stages = data.draw(st.lists(st.integers(-1, 2), min_size=graph.n_edges, max_size=graph.n_edges))
    found = [
        by_supplier(graph, product),
        by_tier(graph, product),
        by_tier(graph, product, max_tiers=data.draw(st.integers(0, 5))),
        by_tag(graph, product, np.array(tags, dtype=object)),
        by_input_tag(graph, product, np.array(stages, dtype=int)),
        by_input_tag(graph, product, np.array(stages, dtype=int), own_tag=1),
        by_origin(graph, product),
    ]
    bound = 1e-11 * gross(graph, product)
    for split in found:
        for each in (split, split.largest(1)):
            assert np.all(np.abs(each.gap) <= bound), each
            assert np.all(np.abs(each.positive + each.negative - each.values) <= bound)
            assert np.all(each.positive >= 0)
            assert np.all(each.negative <= 0)
        assert np.array_equal(split.total, np.asarray(graph.footprints()[product]))


@given(graphs(), st.data())
def test_origins_are_the_inverse_matrix(graph: SupplyGraph, data: st.DataObject) -> None:
    """Two roads: requirements by sweeping, and a dense inverse; tiers as powers of the dense matrix."""
    product = data.draw(st.integers(0, graph.n_products - 1))
    n = graph.n_products
    dense = np.zeros((n, n))
    np.add.at(dense, (graph.supplier, graph.consumer), graph.amount)
    units = np.linalg.inv(np.eye(n) - dense)[:, product]
    bound = 1e-10 * gross(graph, product)
    expected = (units * graph.direct.T).T
    found = by_origin(graph, product)
    there = np.zeros_like(graph.direct)
    there[list(found.keys)] = found.values
    assert np.all(np.abs(there - expected) <= bound)
    tiers = by_tier(graph, product, max_tiers=3)
    demand = np.eye(n)[product]
    for value in tiers.values:
        demand = dense @ demand
        assert np.all(np.abs(value - demand @ graph.direct) <= bound)


def test_a_loop_that_grows_as_it_is_followed_leaves_the_sum_its_digits() -> None:
    """The answer of f = 6 - 5 f is 1; its tiers are 6, -30, 150, ... and would be 1e70 after a hundred."""
    found = by_tier(SupplyGraph.from_edges([0], [0], [-5.0], [6.0]), 0)
    assert parts(found)[1] == -30.0
    assert np.abs(found.values).max() < 1e8
    assert found.own + found.values.sum() + found.rest == pytest.approx(1.0, rel=1e-9)
