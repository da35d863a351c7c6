"""Updates that add and remove edges and products: by hand, with their numbering, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from sound_topology import assert_sound

from passport.carbon import SupplyGraph
from passport.errors import GraphError, UnproductiveError


@pytest.fixture(params=("numba", "numpy"))
def kernel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _chain(kernel: str, *, has_names: bool = True) -> SupplyGraph:
    """Ore 2 kg; steel 1 kg + 1.5 ore = 4; car 3 kg + 10 steel + 2 glass = 45; glass 1 kg."""
    names = ["ore", "steel", "car", "glass"] if has_names else None
    columns = ([0, 1, 3], [1, 2, 2], [1.5, 10.0, 2.0], [2.0, 1.0, 3.0, 1.0])
    return SupplyGraph.from_edges(*columns, products=names, kernel=kernel)


def test_an_edge_is_added(kernel: str) -> None:
    """Ore into glass: 1 + 0.5 x 2 = 2, and the car 47."""
    graph = _chain(kernel)
    changes = graph.update(add_edges=(["ore"], ["glass"], [0.5]))
    assert (changes.products.tolist(), changes.delta.tolist()) == ([3, 2], [1.0, 2.0])
    assert (changes.road, changes.added_edges.tolist(), changes.removed_edges.tolist()) == ("reordered", [3], [])
    assert graph.footprints().tolist() == [2.0, 4.0, 47.0, 2.0]
    assert graph.supplier.tolist() == [0, 1, 3, 0]


def test_an_edge_along_the_order_keeps_it(kernel: str) -> None:
    """Ore into the car, twice, and out again; nothing is ordered anew, and the topology is what the columns say."""
    graph = _chain(kernel)
    order = graph.topology.order
    changes = graph.update(add_edges=([0, 0, 3], [2, 2, 1], [0.5, 0.25, 1.0]), amounts={0: 1.0}, direct={3: 2.0})
    assert graph.footprints().tolist() == [2.0, 5.0, 3 + 50 + 4 + 1.5, 2.0]
    assert dict(zip(changes.products.tolist(), changes.old.tolist(), strict=True)) == {3: 1.0, 1: 4.0, 2: 45.0}
    assert (changes.added_edges.tolist(), changes.road != "reordered") == ([3, 4, 5], True)
    changes = graph.update(remove_edges=[3, 5, 0], amounts={4: 0.5})
    assert graph.footprints().tolist() == [2.0, 1.0, 3 + 10 + 4 + 1.0, 2.0]
    assert (changes.removed_edges.tolist(), changes.road != "reordered") == ([0, 3, 5], True)
    assert (graph.supplier.tolist(), graph.amount.tolist()) == ([1, 3, 0], [10.0, 2.0, 0.5])
    assert graph.topology.order is order
    assert_sound(graph)
    assert sorted(graph.dependents("ore").products.tolist()) == [0, 2]


def test_edges_that_go_in_large_numbers(kernel: str) -> None:
    """Twenty of forty parallel edges out, by a cut each; and more than are cut one by one, by a new order."""
    for n_edges, road in ((40, False), (4000, True)):
        ends = np.zeros(n_edges, dtype=int), np.ones(n_edges, dtype=int)
        graph = SupplyGraph.from_edges(*ends, np.arange(n_edges) / n_edges, [1.0, 0.0], kernel=kernel)
        changes = graph.update(remove_edges=np.arange(0, n_edges, 2))
        assert (changes.road == "reordered") is road
        kept = np.arange(1, n_edges, 2)
        assert changes.new.tolist() == pytest.approx([kept.sum() / n_edges], rel=1e-13)
        assert (graph.edge_ids.tolist(), graph.amount.tolist()) == (kept.tolist(), (kept / n_edges).tolist())
        assert_sound(graph)


def test_an_edge_against_the_order_is_added(kernel: str) -> None:
    """The car into ore would be a loop through steel: 0.01 of it, so ore = (2 + 0.01 x 5 + 0.1) / (1 - 0.15)."""
    graph = _chain(kernel)
    assert graph.topology.n_blocks == 0
    changes = graph.update(add_edges=([2], [0], [0.01]))
    ore = (2.0 + 0.01 * (3.0 + 2.0 + 10.0)) / (1.0 - 0.01 * 10.0 * 1.5)
    assert graph.footprints().tolist() == pytest.approx([ore, 1 + 1.5 * ore, 15 + 15 * ore, 1.0], rel=1e-13)
    assert sorted(changes.products.tolist()) == [0, 1, 2]
    assert graph.topology.n_blocks == 1
    graph.update(remove_edges=[("car", "ore")])
    assert graph.footprints().tolist() == [2.0, 4.0, 45.0, 1.0]
    assert graph.topology.n_blocks == 0


def test_an_edge_is_removed_and_those_behind_it_move_up(kernel: str) -> None:
    graph = SupplyGraph.from_edges([0, 1, 3], [1, 2, 2], [1.5, 10.0, 2.0], [2.0, 1.0, 3.0, 1.0], kernel=kernel)
    changes = graph.update(remove_edges=[1])
    assert (changes.products.tolist(), changes.new.tolist()) == ([2], [5.0])
    assert changes.removed_edges.tolist() == [1]
    assert (graph.supplier.tolist(), graph.amount.tolist()) == ([0, 3], [1.5, 2.0])
    assert graph.edge_ids.tolist() == [0, 2]
    graph.update(add_edges=([1], [2], [10.0]))
    assert graph.edge_ids.tolist() == [0, 2, 3]
    assert graph.footprints().tolist() == [2.0, 4.0, 45.0, 1.0]


def test_keys_of_random_draws_are_taken_and_kept(kernel: str) -> None:
    graph = SupplyGraph.from_edges([0, 1], [1, 2], [1.0, 1.0], np.ones(3), edge_ids=[70, 50], kernel=kernel)
    graph.update(add_edges=([0, 0], [2, 2], [1.0, 1.0]), add_edge_ids=[7, 8], remove_edges=[0])
    assert graph.edge_ids.tolist() == [50, 7, 8]
    graph.update(add_edges=([0], [1], [1.0]))
    assert graph.edge_ids.tolist() == [50, 7, 8, 51]


def test_a_product_is_added_with_its_edges(kernel: str) -> None:
    """Recycled steel, 0.5 kg + 1.2 scrap of 0.25: 0.8; half of the car's steel: 3 + 5 x 4 + 5 x 0.8 + 2 = 29."""
    graph = _chain(kernel)
    changes = graph.update(
        add_products=[0.5, 0.25],
        add_names=["recycled steel", "scrap"],
        add_edges=(["scrap", "recycled steel"], ["recycled steel", "car"], [1.2, 5.0]),
        amounts={("steel", "car"): 5.0},
    )
    by_name = {graph.product_name(int(product)): place for place, product in enumerate(changes.products)}
    assert set(by_name) == {"recycled steel", "scrap", "car"}
    assert np.isnan(changes.old[[by_name["recycled steel"], by_name["scrap"]]]).all()
    assert changes.new[by_name["recycled steel"]] == pytest.approx(0.8, rel=1e-15)
    assert (changes.old[by_name["car"]], changes.new[by_name["car"]]) == (45.0, pytest.approx(29.0, rel=1e-15))
    assert (changes.added_products.tolist(), changes.added_edges.tolist()) == ([4, 5], [3, 4])
    assert (graph.n_products, graph.n_edges, graph.footprint("scrap")) == (6, 5, 0.25)


def test_added_products_are_listed_whatever_the_thresholds(kernel: str) -> None:
    changes = _chain(kernel).update(add_products=[0.0], add_names=["air"], absolute=1e9)
    assert (changes.products.tolist(), changes.new.tolist(), changes.n_affected) == ([4], [0.0], 1)


def test_a_product_is_removed_and_those_behind_it_move_up(kernel: str) -> None:
    """Nothing uses steel when its edge into the car goes too; its own edge from ore goes with it."""
    graph = _chain(kernel)
    changes = graph.update(remove_products=["steel"], remove_edges=[("steel", "car")])
    assert (changes.removed_products.tolist(), changes.removed_edges.tolist()) == ([1], [0, 1])
    assert (changes.products.tolist(), changes.old.tolist(), changes.new.tolist()) == ([1], [45.0], [5.0])
    assert (graph.products, graph.n_edges) == (("ore", "car", "glass"), 1)
    assert graph.footprints().tolist() == [2.0, 5.0, 1.0]
    assert (graph.footprint("car"), graph.product_number("glass")) == (5.0, 2)
    with pytest.raises(GraphError, match="no product of that name"):
        graph.footprint("steel")


def test_two_products_in_a_loop_become_one_block_and_two(kernel: str) -> None:
    graph = SupplyGraph.from_edges([0, 1, 2], [1, 2, 3], [0.5, 0.5, 1.0], np.ones(4), kernel=kernel)
    graph.update(add_edges=([2, 3], [1, 0], [0.5, 0.1]))
    assert graph.topology.n_blocks == 1
    expected = np.linalg.solve([[1, 0, 0, -0.1], [-0.5, 1, -0.5, 0], [0, -0.5, 1, 0], [0, 0, -1, 1]], np.ones(4))
    assert graph.footprints() == pytest.approx(expected, rel=1e-13)
    graph.update(remove_edges=[4])
    assert (graph.topology.n_blocks, graph.footprints().tolist()) == (1, pytest.approx([1.0, 8 / 3, 7 / 3, 10 / 3]))


REFUSED = {
    "an edge from nowhere": ({"add_edges": ([4], [0], [1.0])}, "no such product; expected 0 to 3; found 4"),
    "an edge without amount": ({"add_edges": ([0], [1])}, "not three columns"),
    "edges of different lengths": ({"add_edges": ([0, 1], [1], [1.0])}, "columns of different lengths"),
    "an amount that is no number": ({"add_edges": ([0], [3], [float("nan")])}, "not a finite number"),
    "too few keys": ({"add_edges": ([0], [3], [1.0]), "add_edge_ids": []}, "not a key for each edge"),
    "an edge removed twice": ({"remove_edges": [0, (0, 1)]}, "given twice; found 0"),
    "an edge that is not there removed": ({"remove_edges": [("glass", "ore")]}, "no edge between these products"),
    "a product that is used removed": ({"remove_products": [3]}, "glass, which car uses (edge 2)"),
    "emissions of a removed product": (
        {"remove_products": [2], "direct": {2: 1.0}},
        "direct: a product that is removed; found 2",
    ),
    "an amount of a removed edge": ({"remove_edges": [2], "amounts": {2: 1.0}}, "an edge that is removed; found 2"),
    "an amount of what a removed product uses": (
        {"remove_products": [2], "amounts": {1: 1.0}},
        "amounts: an edge that is removed; found 1",
    ),
    "an edge to a removed product": (
        {"remove_products": [2], "add_edges": ([0], [2], [1.0])},
        "add_edges: a product that is removed",
    ),
    "every product removed": ({"remove_products": [0, 1, 2, 3]}, "no product would be left"),
    "a product without a name": ({"add_products": [1.0]}, "not a name for each added product"),
    "a name that there is": ({"add_products": [1.0], "add_names": ["ore"]}, "add_names[0]: a name that there is"),
    "emissions that are no number": ({"add_products": [float("inf")], "add_names": ["x"]}, "not a finite number"),
    "a footprint beyond numbers": ({"add_edges": ([2, 2], [3, 3], [1e308, 1e308]), "remove_edges": [2]}, "the range"),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_refused_change_leaves_the_graph_as_it_was(wrong: str, kernel: str) -> None:
    change, reason = REFUSED[wrong]
    graph = _chain(kernel)
    with pytest.raises(GraphError) as refused:
        graph.update(**change)
    assert reason in str(refused.value)
    assert (graph.n_products, graph.n_edges, graph.products) == (4, 3, ["ore", "steel", "car", "glass"])
    assert (graph.supplier.tolist(), graph.amount.tolist()) == ([0, 1, 3], [1.5, 10.0, 2.0])
    assert graph.footprints().tolist() == [2.0, 4.0, 45.0, 1.0]
    assert graph.update(direct={1: 2.0}).new.tolist() == [5.0, 55.0]


def test_names_in_a_graph_without_names_are_refused(kernel: str) -> None:
    with pytest.raises(GraphError, match="names in a graph without names"):
        _chain(kernel, has_names=False).update(add_products=[1.0], add_names=["x"])


@pytest.mark.parametrize("loop", [{0}, {0, 1, 2}], ids=["of one", "of three"])
def test_an_unproductive_loop_is_named_and_refused(loop: set[int], kernel: str) -> None:
    """A unit of the car takes 15 of ore: a tenth of a car in ore takes 1.5 of itself. Or ore needs 2 of itself."""
    graph = _chain(kernel)
    graph.update(direct={0: 2.0})
    with pytest.raises(UnproductiveError) as refused:
        graph.update(add_edges=([max(loop)], [0], [0.1 if len(loop) > 1 else 2.0]))
    assert set(refused.value.loop) == loop
    assert "ore" in str(refused.value)
    assert graph.n_edges == 3
    assert graph.footprints().tolist() == [2.0, 4.0, 45.0, 1.0]
