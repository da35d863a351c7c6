"""Spreads that edge tables and the US LCI state, against draws and by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from spread_measures import BOUND, error_of_deviation, error_of_mean, lacking, stated_direct, stated_edges

from passport.carbon import Kind, Pedigree
from passport.errors import DocumentError
from passport.exchange.graphs import read_graph
from passport.exchange.named_graph import NamedGraph
from passport.exchange.spread_coverage import count_stated, drawn_spreads, unstated_shares
from passport.exchange.uslci_graph import TOTAL

# Edge tables.

EDGES: dict[str, list[Any]] = {
    "supplier": ["power", "power", "steel", "steel"],
    "consumer": ["steel", "car", "car", "car"],
    "amount": [4.0, 8.0, 2.0, 0.5],
    "distribution": ["lognormal", "normal", "", ""],
    "spread": [1.2, 10.0, None, None],
    "pedigree": ["", "", "(2, 1, 3, 1, 1)", ""],
    "basic": [None, None, 0.0006, None],
}
NODES: dict[str, list[Any]] = {
    "id": ["power", "steel", "car"],
    "direct": [0.5, 1.0, 5.0],
    "distribution": ["lognormal", "normal", ""],
    "spread": [1.0, 5.0, None],
}


@pytest.fixture
def tables(tmp_path: Path) -> Callable[..., Path]:
    """A folder with both tables; columns may be replaced, or left out with None."""

    def make(suffix: str = "csv", edges: dict[str, Any] | None = None, nodes: dict[str, Any] | None = None) -> Path:
        for name, base, changed in (("edges", EDGES, edges), ("nodes", NODES, nodes)):
            columns = {each: values for each, values in (base | (changed or {})).items() if values is not None}
            path = tmp_path / f"{name}.{suffix}"
            if suffix == "parquet":
                pyarrow.parquet.write_table(pa.table(columns), path)
            else:
                lines = [columns, *zip(*columns.values(), strict=True)]
                texts = [",".join(f'"{"" if field is None else field}"' for field in line) for line in lines]
                path.write_text("\n".join(texts) + "\n", "utf-8")
        return tmp_path

    return make


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_tables_state_spreads_and_kept_arrays_have_them(tables: Callable[..., Path], suffix: str) -> None:
    folder = tables(suffix)
    sigma = math.sqrt(Pedigree(2, 1, 3, 1, 1).variance(0.0006))
    for _ in range(2):
        named = read_graph(folder)
        edges, direct = stated_edges(named), stated_direct(named)
        assert edges.kind.tolist() == [Kind.LOGNORMAL, Kind.NORMAL, Kind.LOGNORMAL, Kind.FIXED]
        assert edges.scale == pytest.approx([math.log(1.2), 0.1, sigma, 0], rel=1e-15)
        assert direct.kind.tolist() == [Kind.FIXED, Kind.NORMAL, Kind.FIXED]
        assert direct.scale.tolist() == [0, 0.05, 0]
        assert lacking(named) == ([0, 0, 0, 1], [0, 0, 1])  # 1 is stated to be exact, nothing is not
        assert (folder / f"edges.{suffix}.arrays").is_file()
    counts = count_stated(named, column=0)
    assert (counts.amounts, counts.amounts_stated, counts.emissions, counts.emissions_stated) == (4, 3, 3, 2)


def test_nulls_are_empty_fields(tables: Callable[..., Path]) -> None:
    named = read_graph(tables("parquet", {"distribution": ["lognormal", "normal", None, None]}))
    assert lacking(named)[0] == [0, 0, 0, 1]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_columns_that_are_empty_state_nothing(tables: Callable[..., Path], suffix: str) -> None:
    empty: dict[str, Any] = {
        "distribution": ["", "", "", ""],
        "spread": [None] * 4,
        "pedigree": [""] * 4,
        "basic": [None] * 4,
    }
    bare = {"distribution": None, "spread": None}
    for _ in range(2):
        named = read_graph(tables(suffix, empty, bare))
        assert (named.edge_spreads, named.edge_unstated, named.direct_spreads) == (None, None, None)


ODD: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    (
        "word",
        {"distribution": ["lognormal", "beta", "", ""]},
        {},
        "edges.{0}: row 2, distribution: not a distribution",
        "'beta'",
    ),
    (
        "below one",
        {"spread": [0.9, 10.0, None, None]},
        {},
        "edges.{0}: row 1, spread: a spread out of range",
        "1 to 1000",
    ),
    ("below zero", {"spread": [1.2, -1.0, None, None]}, {}, "row 2, spread: a spread out of range", "0 to 2000"),
    ("too large", {}, {"spread": [1.0, 2001.0, None]}, "nodes.{0}: row 2, spread: a spread out of range", "2001"),
    ("infinite", {"spread": [math.inf, 10.0, None, None]}, {}, "row 1, spread: a spread out of range", "inf"),
    ("no spread", {"spread": [1.2, None, None, None]}, {}, "row 2, spread: a distribution without its spread", "empty"),
    (
        "only a spread",
        {"spread": [1.2, 10.0, None, 2.0]},
        {},
        "row 4, distribution: a spread without its distr",
        "empty",
    ),
    ("six", {"pedigree": ["", "", "(2, 1, 6, 1, 1)", ""]}, {}, "edges.{0}: row 3, pedigree: not pedigree scores", "6"),
    ("four scores", {"pedigree": ["", "", "2;1;3;1", ""]}, {}, "row 3, pedigree: not pedigree scores", "five scores"),
    ("no basic", {"basic": [None, None, None, None]}, {}, "row 3, basic: a pedigree without its basic", "empty"),
    ("basic below zero", {"basic": [None, None, -0.1, None]}, {}, "row 3, basic: not a basic variance", "-0.1"),
    (
        "both",
        {"pedigree": ["1;1;1;1;1", "", "", ""], "basic": [0.1, None, None, None]},
        {},
        "row 1, pedigree: two spreads",
        "both",
    ),
    ("column lacking", {"spread": None}, {}, "edges.{0}: a column distribution without spread", "a column spread"),
]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("edges", "nodes", "message", "fact"), [each[1:] for each in ODD], ids=[each[0] for each in ODD]
)
def test_spreads_that_cannot_be_are_refused_by_row(
    tables: Callable[..., Path], suffix: str, edges: dict[str, Any], nodes: dict[str, Any], message: str, fact: str
) -> None:
    folder = tables(suffix, edges, nodes)
    with pytest.raises(DocumentError) as caught:
        read_graph(folder)
    assert message.format(suffix) in str(caught.value)
    assert fact in str(caught.value)
    assert not list(folder.glob("*.arrays"))


def test_words_and_not_a_number_are_no_spreads(tables: Callable[..., Path]) -> None:
    with pytest.raises(DocumentError, match=r"edges.csv: row 1, spread: not a number; found 'much'"):
        read_graph(tables("csv", {"spread": ["much", 10.0, None, None]}))
    with pytest.raises(DocumentError, match=r"edges.csv: row 2, amount: nothing there; expected a number"):
        read_graph(tables("csv", {"amount": [4.0, None, 2.0, 0.5]}))
    for path in tables("csv").iterdir():
        path.unlink()
    with pytest.raises(DocumentError, match=r"edges.parquet: row 2, spread: not a number; .*found nan"):
        read_graph(tables("parquet", {"spread": pa.array([1.2, math.nan, None, None], from_pandas=False)}))
    with pytest.raises(DocumentError, match=r"edges.parquet: spread: not a column of numbers"):
        read_graph(tables("parquet", {"spread": ["1.2", "10", None, None]}))


def test_shares_without_a_spread_by_hand(tables: Callable[..., Path]) -> None:
    """Car: 5 of its own, states none; 8 power of 0.5; 2.5 steel of 1 + 4 x 0.5, of which 0.5 over an amount without."""
    shares = unstated_shares(read_graph(tables()), column=0)
    assert shares.emissions == pytest.approx([0, 0, 5 / 16.5])
    assert shares.anywhere == pytest.approx([0, 0, (5 + 0.5 * 3) / 16.5])


def test_shares_of_loops_that_only_credits_hold_are_not_known(tables: Callable[..., Path]) -> None:
    edges: dict[str, Any] = dict.fromkeys(["spread", "pedigree", "basic", "distribution"])
    edges |= {"supplier": ["power", "steel"], "consumer": ["steel", "power"], "amount": [4.0, -1.0]}
    shares = unstated_shares(read_graph(tables("csv", edges)), column=0)
    assert np.isnan(shares.emissions).all()
    assert np.isnan(shares.anywhere).all()


# US LCI.


@pytest.fixture(scope="module")
def uslci(shared: Path) -> NamedGraph:
    return read_graph(shared / "data" / "uslci_2018")


def test_uslci_states_five_of_its_amounts(uslci: NamedGraph) -> None:
    """All others of the 301 lognormal exchanges have 0 or 1 for a geometric standard deviation."""
    edges = stated_edges(uslci)
    moving = np.flatnonzero(edges.sigma)
    assert sorted(np.exp(edges.sigma[moving])) == pytest.approx([1.044030650891055] * 3 + [1.445683229480096] * 2)
    assert uslci.direct_spreads is None
    counts = count_stated(uslci, column=uslci.column(TOTAL))
    assert (counts.amounts_stated, counts.emissions_stated) == (5, 0)


@pytest.mark.parametrize("gsd", [None, 1.03])
def test_uslci_variance_against_draws(uslci: NamedGraph, gsd: float | None) -> None:
    """First order against 3,000 draws, of those that take what is stated; with a small spread of all else too."""
    total = uslci.column(TOTAL)
    moving = np.flatnonzero(stated_edges(uslci).sigma)
    products = sorted({int(each) for each in uslci.graph.consumer[moving]})
    edges, direct = drawn_spreads(uslci, gsd=gsd)
    graph = uslci.graph.with_numbers(direct=uslci.graph.direct[:, [total]])
    drawn = graph.monte_carlo(samples=3_000, seed=11, edges=edges, direct=direct, products=products)
    assert products
    for product in products:
        exact = graph.variance(product, edges=edges, direct=direct)
        sample = drawn.of(product)
        assert exact.standard_deviation[0] > 0
        assert abs(sample.mean() - exact.mean[0]) < BOUND * error_of_mean(sample)
        deviation = float(sample.std(ddof=1))
        assert abs(deviation - exact.standard_deviation[0]) < BOUND * error_of_deviation(sample)
