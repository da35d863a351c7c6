"""Columns that make no graph: each is refused for its own reason, with its row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from passport.carbon import SupplyGraph
from passport.carbon.columns import INT32_MAX, check_count
from passport.errors import GraphError

GOOD: dict[str, Any] = {"supplier": [0, 1], "consumer": [1, 2], "amount": [1.0, 2.0], "direct": [1.0, 2.0, 3.0]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"supplier": [0, 3]}, r"supplier\[1\]: no such product; expected a whole number from 0 to 2.*found 3"),
        ({"consumer": [-1, 2]}, r"consumer\[0\]: no such product.*found -1"),
        ({"supplier": np.array([0, 2**40])}, r"supplier\[1\]: no such product.*found 1099511627776"),
        ({"supplier": np.array([0, 2**32], dtype=np.uint64)}, r"supplier\[1\]: no such product.*found 4294967296"),
        ({"supplier": [0.0, 1.0]}, "supplier: not whole numbers.*found dtype float64"),
        ({"supplier": ["a", "b"]}, "supplier: not whole numbers"),
        ({"supplier": [[0], [1]]}, r"supplier: wrong shape; expected one dimension; found shape \(2, 1\)"),
        ({"supplier": [0]}, "consumer: columns of different lengths; expected 1 rows.*found 2"),
        ({"amount": [1.0]}, "amount: columns of different lengths; expected 2 rows.*found 1"),
        ({"amount": [1.0, np.nan]}, r"amount\[1\]: not a finite number.*found nan"),
        ({"amount": [np.inf, 1.0]}, r"amount\[0\]: not a finite number.*found inf"),
        ({"amount": [np.inf, -np.inf]}, r"amount\[0\]: not a finite number.*found inf"),
        ({"amount": np.ma.array([1.0, 2.0], mask=[0, 1])}, r"amount\[1\]: a masked number"),
        ({"direct": np.ma.array([[1.0], [2], [3]], mask=[[0], [1], [0]])}, r"direct\[1\]: a masked number"),
        ({"supplier": np.ma.array([0, 1], mask=[1, 0])}, r"supplier\[0\]: a masked number"),
        ({"amount": ["1", "2"]}, "amount: not numbers"),
        ({"amount": [1j, 2]}, "amount: not numbers.*complex"),
        ({"amount": [[1.0, 2.0]]}, "amount: wrong shape; expected one dimension"),
        ({"direct": [1.0, np.nan, 3.0]}, r"direct\[1\]: not a finite number"),
        ({"direct": [[1, 2], [3, -np.inf], [5, 6]]}, r"direct\[1, 1\]: not a finite number.*found -inf"),
        ({"direct": [[1], [2, 3], [4]]}, "direct: not a column"),
        ({"direct": np.zeros((3, 1, 1))}, "direct: wrong shape; expected one dimension or two dimensions"),
        ({"direct": 1.0}, "direct: wrong shape"),
        ({"direct": []}, "direct: a graph without products or columns"),
        ({"direct": np.zeros((3, 0))}, "direct: a graph without products or columns"),
        ({"columns": ["a", "b"]}, "columns: not a name for each; expected 1 names; found 2"),
        ({"direct": np.ones((3, 2)), "columns": ["a", "a"]}, r"columns\[1\]: a name that stands there twice"),
        ({"products": ["a", "b"]}, "products: not a name for each; expected 3 names; found 2"),
        ({"products": "abc"}, "products: not a name for each"),
        ({"products": ["a", "b", "a"]}, r"products\[2\]: a name that stands there twice; found 'a'"),
        ({"edge_ids": [1]}, r"edge_ids: wrong shape; expected 2 rows"),
        ({"edge_ids": [1, -5]}, r"edge_ids\[1\]: a key below zero; found -5"),
        ({"edge_ids": [0.5, 1]}, "edge_ids: not whole numbers"),
    ],
)
def test_a_bad_column_is_refused_with_its_row(change: dict[str, Any], message: str) -> None:
    with pytest.raises(GraphError, match=message):
        SupplyGraph.from_edges(**{**GOOD, **change})


def test_the_good_columns_are_good() -> None:
    """What the table above changes is accepted as it stands, as any whole or floating type."""
    graph = SupplyGraph.from_edges(**GOOD)
    assert graph.footprints().tolist() == [1.0, 3.0, 9.0]
    other = SupplyGraph.from_edges(
        np.array([0, 1], np.uint8), np.array([1, 2], np.int64), np.array([1, 2], np.float32), (1, 2, 3)
    )
    assert other.footprints().tolist() == [1.0, 3.0, 9.0]


def test_only_what_nobody_can_write_to_is_shared() -> None:
    """An array that is frozen, view and owner, is taken as it is; every other one is copied. Updates spare both."""
    frozen, open_one = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0])
    view = open_one.view()
    frozen.flags.writeable = view.flags.writeable = False
    for direct, is_shared in ((frozen, True), (open_one, False), (view, False), (frozen[::-1], False)):
        graph = SupplyGraph.from_edges(**{**GOOD, "direct": direct})
        assert np.shares_memory(graph.direct, direct) is is_shared
        graph.update(direct={0: 9.0})
        assert graph.direct[0] == 9.0
    assert frozen.tolist() == open_one.tolist() == [1.0, 2.0, 3.0]


def test_keys_are_the_rows_unless_given() -> None:
    assert SupplyGraph.from_edges(**GOOD).edge_ids.tolist() == [0, 1]
    largest = np.array([2**64 - 1, 7], dtype=np.uint64)
    assert SupplyGraph.from_edges(**GOOD, edge_ids=largest).edge_ids.tolist() == [2**64 - 1, 7]


def test_large_numbers_whose_sum_overflows_are_finite() -> None:
    assert SupplyGraph.from_edges([], [], [], [1.7e308, 1.7e308]).footprints().tolist() == [1.7e308, 1.7e308]


def test_more_than_32_bits_count_is_refused() -> None:
    check_count(INT32_MAX, what="edges", name="supplier")
    with pytest.raises(GraphError, match=f"supplier: too many edges; expected at most {INT32_MAX}; found 2147483648"):
        check_count(INT32_MAX + 1, what="edges", name="supplier")


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"amount": [1.0]}, "amount: wrong shape; expected 2 rows; found 1"),
        ({"amount": [1.0, np.nan]}, r"amount\[1\]: not a finite number"),
        ({"direct": [1.0, 2.0]}, "direct: wrong shape; expected 3 rows"),
        ({"direct": [1.0, 2.0, np.inf]}, r"direct\[2\]: not a finite number"),
    ],
)
def test_other_numbers_are_checked_as_the_first_were(numbers: dict[str, Any], message: str) -> None:
    graph = SupplyGraph.from_edges(**GOOD)
    with pytest.raises(GraphError, match=message):
        graph.with_numbers(**numbers)
    assert graph.footprints().tolist() == [1.0, 3.0, 9.0]


def test_masked_numbers_change_nothing_either() -> None:
    """What stands behind a mask is nobody's number, new or first."""
    graph = SupplyGraph.from_edges(**GOOD)
    masked = np.ma.array([5.0, 6.0], mask=[1, 0])
    with pytest.raises(GraphError, match=r"amount\[0\]: a masked number"):
        graph.with_numbers(amount=masked)
    with pytest.raises(GraphError, match=r"amounts\[0\]: a masked number"):
        graph.update(amounts=([0, 1], masked))
    assert graph.footprints().tolist() == [1.0, 3.0, 9.0]
    assert graph.with_numbers(amount=np.ma.array([1.0, 1.0])).footprints().tolist() == [1.0, 3.0, 6.0]


@pytest.mark.parametrize("product", [1.9, np.float64(1.0), None, [1]])
def test_what_is_no_product_is_no_other_product(product: Any) -> None:
    graph = SupplyGraph.from_edges(**GOOD)
    for ask in (graph.footprint, graph.requirements, graph.dependents, graph.contributions):
        with pytest.raises(GraphError, match="product: neither a product's number nor its name"):
            ask(product)
    assert graph.footprint(np.int32(1)) == 3.0
