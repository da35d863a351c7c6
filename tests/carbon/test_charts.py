"""Numbers behind charts: by hand on a small system, and adding up on any, node by node."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.carbon import SupplyGraph
from passport.carbon.charts import (
    Basis,
    Captions,
    StepKind,
    sankey_chart,
    tree_chart,
    treemap_chart,
    waterfall_chart,
)
from passport.carbon.contributions import by_supplier, by_tier
from passport.carbon.paths import follow
from passport.errors import GraphError

BASIS = Basis("car", "kg CO2e", "1 piece", "cradle to gate")
POWER, STEEL, BOLT, CAR = range(4)


def car() -> SupplyGraph:
    """The car of the other tests: power 0.5, steel 3, bolt 0.4, car 19."""
    return SupplyGraph.from_edges(
        [1, 2, 0, 1, 0, 0],
        [3, 3, 3, 2, 2, 1],
        [2, 10, 8, 0.1, 0.2, 4],
        [0.5, 1.0, 0.0, 5.0],
        products=["power", "steel", "bolt", "car"],
    )


def test_a_sankey_by_hand() -> None:
    """3 units of steel pass 9 on, 6 to the car and 3 to bolts; 22 units of power 11: 4, 1 and 6."""
    graph = car()
    chart = sankey_chart(graph, "car", BASIS, Captions.of(graph), cutoff=0)
    assert [(node.name, node.value, node.own) for node in chart.nodes] == [
        ("car", 19, 5),
        ("power", 11, 11),
        ("steel", pytest.approx(9), 3),
        ("bolt", 4, 0),
    ]
    flows = {(chart.nodes[flow.source].name, chart.nodes[flow.target].name): flow.value for flow in chart.flows}
    assert flows == pytest.approx(
        {
            ("steel", "car"): 6,
            ("steel", "bolt"): 3,
            ("power", "car"): 4,
            ("power", "bolt"): 1,
            ("power", "steel"): 6,
            ("bolt", "car"): 4,
        }
    )
    assert all(node.hidden_in == node.hidden_out == 0 for node in chart.nodes)


def test_what_a_sankey_leaves_out_stays_in_its_sums() -> None:
    """Without bolts (4 of 19, below 30 %) the car has 4 from what is hidden; steel hands 3 and power 1 to them."""
    graph = car()
    chart = sankey_chart(graph, "car", BASIS, Captions.of(graph), cutoff=0.3)
    hidden = {node.name: (node.hidden_in, node.hidden_out) for node in chart.nodes}
    assert hidden["car"] == pytest.approx((4, 0))
    assert hidden["steel"] == pytest.approx((0, 3))
    assert hidden["power"] == pytest.approx((0, 1))
    assert chart.imbalances() == pytest.approx([0, 0, 0])


def test_what_could_not_be_broken_down_is_shown_before_what_is_larger() -> None:
    graph = car()
    names = Captions.of(graph).names
    chart = sankey_chart(graph, "car", BASIS, Captions(names, {BOLT: "withheld"}), cutoff=0.1, max_nodes=2)
    assert [(node.name, node.mark) for node in chart.nodes] == [("car", None), ("bolt", "withheld")]


def test_a_tree_by_hand() -> None:
    chart = tree_chart(follow(car(), "car", cutoff=0.2), BASIS, Captions.of(car()))
    shown = [(place.parent, place.depth, place.name, place.value, place.hidden) for place in chart.places]
    assert shown == [
        (None, 0, "car", 19, 0),
        (0, 1, "steel", 6, 0),
        (1, 2, "power", 4, 0),
        (0, 1, "bolt", 4, pytest.approx(4)),
        (0, 1, "power", 4, 0),
    ]
    assert sum(place.direct + place.hidden for place in chart.places) == pytest.approx(19)


def test_a_waterfall_by_hand() -> None:
    found = by_supplier(car(), "car").largest(2)
    chart = waterfall_chart(found, BASIS, ["steel", "bolt"], marks=[None, "withheld"])
    assert [(step.kind, step.name, step.start, step.end) for step in chart.steps] == [
        (StepKind.OWN, "car", 0, 5),
        (StepKind.PART, "steel", 5, 11),
        (StepKind.PART, "bolt", 11, pytest.approx(15)),
        (StepKind.REST, "", pytest.approx(15), pytest.approx(19)),
        (StepKind.TOTAL, "car", 0, 19),
    ]
    assert chart.steps[2].mark == "withheld"


def test_a_waterfall_goes_down_for_credits() -> None:
    graph = SupplyGraph.from_edges([0, 1], [2, 2], [2, -1], [3.0, 4.0, 1.0])
    chart = waterfall_chart(by_supplier(graph, 2), BASIS, ["metal", "credit"])
    assert [(step.start, step.end) for step in chart.steps] == [(0, 1), (1, 7), (7, 3), (0, 3)]


def test_a_treemap_by_hand() -> None:
    """The steel that comes with bolts is a tile of bolts; power of steel and of its own are one tile there."""
    chart = treemap_chart(follow(car(), "car", cutoff=0), BASIS, Captions.of(car()))
    tiles = {(tile.group, tile.name): tile.value for tile in chart.tiles}
    assert tiles == pytest.approx(
        {
            ("steel", "power"): 4,
            ("steel", "steel"): 2,
            ("car", "car"): 5,
            ("power", "power"): 4,
            ("bolt", "power"): 3,
            ("bolt", "steel"): 1,
        }
    )
    assert chart.tiles[0].group == "steel"


def test_what_a_treemap_does_not_show_is_a_tile_without_a_name() -> None:
    chart = treemap_chart(follow(car(), "car", cutoff=0.2), BASIS, Captions(["p", "s", "b", "c"], {POWER: "imported"}))
    assert [(tile.value, tile.name) for tile in chart.tiles if tile.group == "b"] == [(pytest.approx(4), None)]
    assert {tile.mark for tile in chart.tiles if tile.name == "p"} == {"imported"}


def test_unit_and_basis_travel_with_the_numbers() -> None:
    graph = car()
    tree = follow(graph, "car")
    charts = [
        sankey_chart(graph, "car", BASIS, Captions.of(graph)),
        tree_chart(tree, BASIS, Captions.of(graph)),
        treemap_chart(tree, BASIS, Captions.of(graph)),
        waterfall_chart(by_tier(graph, "car"), BASIS, ["1", "2", "3"]),
    ]
    for chart in charts:
        read = json.loads(json.dumps(chart.to_json()))
        assert read["total"] == 19
        assert read["basis"] == {
            "subject": "car",
            "unit": "kg CO2e",
            "per": "1 piece",
            "boundary": "cradle to gate",
            "column": None,
        }


def test_no_such_column() -> None:
    with pytest.raises(GraphError, match="no column of that name"):
        sankey_chart(car(), "car", BASIS, Captions.of(car()), column="methane")


@st.composite
def graphs(draw: st.DrawFn) -> SupplyGraph:
    """Up to eight products with loops, credits and two columns; each needs at most 0.8 units, signs aside."""
    n = draw(st.integers(1, 8))
    m = draw(st.integers(0, 24))
    ends = st.integers(0, n - 1)
    supplier = np.array(draw(st.lists(ends, min_size=m, max_size=m)), dtype=int)
    consumer = np.array(draw(st.lists(ends, min_size=m, max_size=m)), dtype=int)
    amount = np.array(draw(st.lists(st.floats(-1, 1), min_size=m, max_size=m)), dtype=float)
    needs = np.bincount(consumer, weights=np.abs(amount), minlength=n)
    amount = amount * 0.8 / np.maximum(needs, 0.8)[consumer] if m else amount
    direct = np.array(draw(st.lists(st.floats(-100, 100), min_size=2 * n, max_size=2 * n))).reshape(n, 2)
    return SupplyGraph.from_edges(supplier, consumer, amount, direct, columns=["a", "b"])


@given(graphs(), st.data())
def test_every_chart_adds_up(graph: SupplyGraph, data: st.DataObject) -> None:
    """To the total, and at every node and place; whatever is cut off."""
    product = data.draw(st.integers(0, graph.n_products - 1))
    column = data.draw(st.integers(0, 1))
    captions = Captions.of(graph)
    aside = SupplyGraph.from_edges(graph.supplier, graph.consumer, np.abs(graph.amount), np.abs(graph.direct))
    bound = 1e-10 * float(np.asarray(aside.footprint(product))[column]) + 1e-300
    total = float(graph.footprints()[product, column])
    cutoff, nodes = data.draw(st.sampled_from([0.0, 0.05, 0.5])), data.draw(st.integers(1, 9))

    sankey = sankey_chart(graph, product, BASIS, captions, cutoff=cutoff, max_nodes=nodes, column=column)
    assert sankey.nodes[0].product == product
    assert sankey.total == total
    # Loops make more pass through a node than reaches the product.
    assert max(map(abs, sankey.imbalances())) <= 100 * bound

    tree = follow(graph, product, cutoff=cutoff, max_nodes=nodes, column=column)
    places = tree_chart(tree, BASIS, captions).places
    assert abs(sum(place.direct + place.hidden for place in places) - total) <= bound
    for place in places:
        below = sum(other.value for other in places if other.parent == place.number)
        assert abs(place.direct + place.hidden + below - place.value) <= bound

    assert abs(sum(tile.value for tile in treemap_chart(tree, BASIS, captions).tiles) - total) <= bound

    for found in (
        by_supplier(graph, product),
        by_tier(graph, product, max_tiers=3),
        by_supplier(graph, product).largest(1),
    ):
        steps = waterfall_chart(found, BASIS, [str(key) for key in found.keys], column=column).steps
        assert all(one.end == other.start for one, other in pairwise(steps[:-1]))
        assert steps[-1].value == total
        if len(steps) > 1:
            assert abs(steps[-2].end - total) <= bound
