"""Edge tables in Parquet and CSV: read rightly, converted exactly, cached safely, and refused with file and row."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import DocumentError, GraphError, PassportError, UnitError, UnproductiveError, UsageError
from passport.exchange import array_cache, edge_table, table_batches
from passport.exchange.graphs import read_graph
from passport.exchange.named_graph import Column
from passport.exchange.packed_texts import PackedTexts, TextIndex
from passport.exchange.table_units import TABLE_UNITS, ratio

EDGES: dict[str, list[Any]] = {
    "supplier": ["grid", "mill", "grid", "mill"],
    "consumer": ["mill", "bakery", "bakery", "bakery"],
    "amount": [30.0, 600.0, 1.8, 0.1],
    "unit": ["kWh", "g", "MJ", "kg"],
    "stage": ["mainProduction", "rawMaterialAcquisition", "mainProduction", "packaging"],
}
NODES: dict[str, list[Any]] = {
    "id": ["grid", "mill", "bakery"],
    "name": ["Electricity", "Flour", "Bread"],
    "unit": ["kilowatt hour", "kilogram", "piece"],
    "amount": [1.0, 1000.0, 2.0],
    "country": ["DE", "", "FR"],
    "direct": [0.4, 50.0, 0.2],
    "direct:CH4 [kg]": [0.0, 1.0, 0.0],
}
BREAD = 0.1 + 0.35 * (0.05 + 0.03 * 0.4) + 0.25 * 0.4
"""Half of what two loaves take: 0.7 kg of flour at 0.05 + 0.03 kWh of 0.4, 1.8 MJ = 0.5 kWh, and 0.2 kg direct."""

FORMATS = ["parquet", "csv", "csv.gz"]


def write(path: Path, columns: dict[str, list[Any]]) -> Path:
    """A table in the format of its name."""
    table = pa.table(columns)
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(table, path)
    else:
        sink = pa.BufferOutputStream()
        pyarrow.csv.write_csv(table, sink)
        data = sink.getvalue().to_pybytes()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.fixture
def tables(tmp_path: Path) -> Callable[..., Path]:
    """A folder with both tables; columns may be replaced, added, or left out with None."""

    def make(suffix: str = "parquet", edges: dict[str, Any] | None = None, nodes: dict[str, Any] | None = None) -> Path:
        for name, base, changed in (("edges", EDGES, edges), ("nodes", NODES, nodes)):
            columns = {column: values for column, values in (base | (changed or {})).items() if values is not None}
            write(tmp_path / f"{name}.{suffix}", columns)
        return tmp_path

    return make


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_bakery_by_hand(tables: Callable[..., Path], suffix: str) -> None:
    graph = read_graph(tables(suffix))
    assert graph.columns == (Column("direct", "kg CO2e"), Column("CH4", "kg"))
    assert list(graph.ids) == NODES["id"]
    assert list(graph.names) == NODES["name"]
    assert list(graph.units) == NODES["unit"]
    assert list(graph.tags["country"]) == ["DE", None, "FR"]
    assert list(graph.edge_tags["stage"]) == EDGES["stage"]
    assert graph.graph.amount == pytest.approx([0.03, 0.3, 0.25, 0.05], rel=1e-15)
    bread = graph.graph.footprints()[graph.product("Bread")]
    assert bread == pytest.approx([BREAD, 0.35 * 0.001], rel=1e-15)


def test_without_units_names_and_reference_amounts(tables: Callable[..., Path]) -> None:
    """Then amounts are in the supplier's unit, per one unit of the consumer's."""
    bare = dict.fromkeys(["unit", "stage"]), dict.fromkeys(["name", "unit", "amount", "country", "direct:CH4 [kg]"])
    graph = read_graph(tables("parquet", *bare))
    assert graph.graph.amount.tolist() == EDGES["amount"]
    assert graph.names is graph.ids
    assert list(graph.units) == [None] * 3
    assert graph.columns == (Column("direct", "kg CO2e"),)


@pytest.mark.parametrize("use_cache", [False, True])
def test_ids_of_any_kind_and_other_shapes_of_columns(tmp_path: Path, use_cache: bool) -> None:
    """Whole numbers, dictionaries, large strings and views are ids as well, nodes may stand elsewhere."""
    write(tmp_path / "elsewhere.csv", {"id": ["10", "2", "33"], "direct": [1, 2, 3]})
    for kind in (pa.int64(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int16(), pa.string())):
        supplier, consumer = pa.array([10, 2, 33]).cast(pa.string()), pa.array([2, 33, 33]).cast(pa.string())
        columns = {"supplier": supplier.cast(kind), "consumer": consumer.cast(kind), "amount": pa.array([1, 1, 0])}
        pyarrow.parquet.write_table(pa.table(columns), tmp_path / "links.parquet")
        graph = read_graph(tmp_path / "links.parquet", nodes=tmp_path / "elsewhere.csv", use_cache=use_cache)
        assert graph.graph.footprints()[:, 0].tolist() == [1, 3, 6]


def test_rows_of_the_same_two_products_add_up(tables: Callable[..., Path]) -> None:
    doubled = {name: values * 2 for name, values in EDGES.items()}
    graph = read_graph(tables("parquet", doubled))
    bread = graph.graph.footprint(graph.product("bakery"))
    assert isinstance(bread, np.ndarray)
    assert bread[0] == pytest.approx(0.1 + 0.7 * (0.05 + 0.06 * 0.4) + 0.5 * 0.4, rel=1e-15)


FAULTS: list[tuple[str, dict[str, Any], dict[str, Any], type[PassportError], str, str]] = [
    (
        "supplier that is no node",
        {"supplier": ["grid", "mill", "sun", "mill"]},
        {},
        DocumentError,
        "edges.{0}: row 3, supplier: no node of that id",
        "'sun'",
    ),
    (
        "consumer that is no node",
        {"consumer": ["mill", "", "bakery", "bakery"]},
        {},
        DocumentError,
        "edges.{0}: row 2, consumer: no node of that id",
        "''",
    ),
    (
        "only white space is different",
        {"supplier": ["grid", "mill", "grid", " mill"]},
        {},
        DocumentError,
        "row 4, supplier: no node",
        "it differs from 'mill' only by white space",
    ),
    (
        "other dimension",
        {"unit": ["kWh", "MJ", "MJ", "kg"]},
        {},
        UnitError,
        "edges.{0}: row 2, unit: a unit that does not convert to that of mill",
        "expected kilogram (mass); found MJ (energy)",
    ),
    (
        "unknown unit",
        {"unit": ["kWh", "g", "MJ", "bags"]},
        {},
        UnitError,
        "row 4, unit: a unit that does not convert",
        "bags (not a unit known here)",
    ),
    (
        "no unit",
        {"unit": ["kWh", "g", "", "kg"]},
        {},
        DocumentError,
        "row 3, unit: an amount without unit",
        "an empty field",
    ),
    (
        "products have no unit",
        {},
        {"unit": None},
        DocumentError,
        "amounts have units, products have none",
        "a column unit",
    ),
    (
        "infinite amount",
        {"amount": [30.0, 600.0, float("inf"), 0.1]},
        {},
        GraphError,
        "edges.{0}: row 3: not a finite amount",
        "inf",
    ),
    (
        "amount not a number",
        {"amount": [30.0, float("nan"), 1.8, 0.1]},
        {},
        GraphError,
        "edges.{0}: row 2: not a finite amount",
        "nan",
    ),
    (
        "needs itself",
        {"supplier": ["mill", "mill", "grid", "mill"], "unit": ["t", "g", "MJ", "kg"]},
        {},
        UnproductiveError,
        "edges.{0}: row 1: mill needs at least one unit of itself",
        "30.0",
    ),
    (
        "reference amount 0",
        {},
        {"amount": [1.0, 0.0, 2.0]},
        DocumentError,
        "nodes.{0}: row 2, amount: a reference amount that is not above 0",
        "0.0",
    ),
    (
        "reference amount below 0",
        {},
        {"amount": [1.0, 1000.0, -2.0]},
        DocumentError,
        "nodes.{0}: row 3, amount: a reference amount",
        "-2.0",
    ),
    (
        "infinite emission",
        {},
        {"direct": [0.4, float("inf"), 0.2]},
        DocumentError,
        "nodes.{0}: row 2, direct: not a finite number",
        "inf",
    ),
    (
        "an id twice",
        {},
        {"id": ["grid", "mill", "grid"]},
        DocumentError,
        "nodes.{0}: row 3, id: an id that is there already",
        "than that of row 1",
    ),
    (
        "ids alike but for a space",
        {},
        {"id": ["grid", "gr id", "mill"]},
        DocumentError,
        "row 2, id: two ids that differ only by white space",
        "row 1, 'grid'",
    ),
    (
        "space around an id",
        {},
        {"id": ["grid", "mill ", "bakery"]},
        DocumentError,
        "row 2, id: white space around an id",
        "'mill '",
    ),
    (
        "wide space around an id",
        {},
        {"id": ["grid", "mill\u3000", "bakery"]},
        DocumentError,
        "row 2, id: white space around an id",
        "mill",
    ),
    (
        "empty id",
        {},
        {"id": ["grid", "", "bakery"]},
        DocumentError,
        "nodes.{0}: row 2, id: a product without id",
        "an empty field",
    ),
    (
        "id that is too long",
        {},
        {"id": ["grid", "m" * 1001, "bakery"]},
        DocumentError,
        "row 2, id: an id that is too long",
        "1001",
    ),
    (
        "product without unit",
        {},
        {"unit": ["kWh", "", "piece"]},
        DocumentError,
        "nodes.{0}: row 2, unit: a product without unit",
        "an empty field",
    ),
    (
        "column unknown to edges",
        {"comment": ["x"] * 4},
        {},
        DocumentError,
        "edges.{0}: a column that is not read here",
        "comment",
    ),
    (
        "column unknown to nodes",
        {},
        {"directly": [1, 2, 3]},
        DocumentError,
        "nodes.{0}: a column that is not read here",
        "directly",
    ),
    ("no amounts", {"amount": None}, {}, DocumentError, "edges.{0}: a table without a column", "expected amount"),
    (
        "no emissions",
        {},
        {"direct": None, "direct:CH4 [kg]": None},
        DocumentError,
        "nodes.{0}: no direct emissions",
        "unknown is not zero",
    ),
    (
        "no nodes",
        {},
        {name: pa.array([], pa.float64() if name[0] in "ad" else pa.string()) for name in NODES},
        DocumentError,
        "nodes.{0}: no nodes",
        "at least one row",
    ),
]


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
@pytest.mark.parametrize(
    ("edges", "nodes", "kind", "message", "fact"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_wrong_rows_are_refused(
    tables: Callable[..., Path], suffix: str, edges: Any, nodes: Any, kind: Any, message: str, fact: str
) -> None:
    folder = tables(suffix, edges, nodes)
    with pytest.raises(kind) as caught:
        read_graph(folder)
    assert message.format(suffix) in str(caught.value)
    assert fact in str(caught.value)
    assert not list(folder.glob("*.arrays"))


def test_nothing_there_is_not_zero(tables: Callable[..., Path]) -> None:
    with pytest.raises(DocumentError, match=r"edges.parquet: row 2, amount: nothing there; expected a number"):
        read_graph(tables("parquet", {"amount": [30.0, None, 1.8, 0.1]}))
    with pytest.raises(DocumentError, match=r"nodes.parquet: row 3, direct: nothing there"):
        read_graph(tables("parquet", nodes={"direct": [0.4, 50.0, None]}))
    path = write_text(tables("csv") / "edges.csv", "supplier,consumer,amount\ngrid,mill,1\nmill,bakery,\n")
    with pytest.raises(DocumentError, match=r"edges.csv: row 2, amount: not a number; found ''"):
        read_graph(path, nodes=path.with_name("nodes.csv"))


def write_text(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


TEXTS = [
    ("words for numbers", "grid,mill,1\nmill,bakery,two\n", "row 2, amount: not a number; found 'two'"),
    ("short row", "grid,mill,1\nmill,bakery\n", "row 2: a row of another length; expected 3 fields; found 2"),
    ("long row", "grid,mill,1\nmill,bakery,1,1\n", "row 2: a row of another length; expected 3 fields; found 4"),
    ("cut in a number", "grid,mill,1\nmill,bakery,0.12", "the last line does not end"),
    ("cut in an id", "grid,mill,1\nmill,bak", "the last line does not end"),
]


@pytest.mark.parametrize(("text", "message"), [t[1:] for t in TEXTS], ids=[t[0] for t in TEXTS])
def test_damaged_csv_names_the_row(tables: Callable[..., Path], text: str, message: str) -> None:
    path = write_text(tables("csv") / "edges.csv", "supplier,consumer,amount\n" + text)
    with pytest.raises(DocumentError) as caught:
        read_graph(path)
    assert f"{path}: " in str(caught.value)
    assert message in str(caught.value)


def test_empty_and_cut_files_are_refused(tables: Callable[..., Path]) -> None:
    for suffix, message in (
        ("parquet", "a table that cannot be read; expected a whole Parquet file"),
        ("csv.gz", "a table that cannot be read; expected a whole CSV file"),
    ):
        edges = tables(suffix) / f"edges.{suffix}"
        whole = edges.read_bytes()
        for part in (whole[: len(whole) // 2], whole[:-1], whole[10:]):
            edges.write_bytes(part)
            with pytest.raises(DocumentError) as caught:
                read_graph(edges)
            assert message in str(caught.value)
            assert caught.value.where == str(edges)
    for suffix in ("csv", "csv.gz"):
        edges = tables(suffix) / f"edges.{suffix}"
        edges.write_bytes(b"" if suffix == "csv" else gzip.compress(b""))
        with pytest.raises(DocumentError, match=r"a table without a column.*an empty file"):
            read_graph(edges)
    edges = tables("parquet") / "edges.parquet"
    edges.write_bytes(b"")
    with pytest.raises(DocumentError, match="a table that cannot be read"):
        read_graph(edges)


def test_a_page_with_a_changed_byte_is_refused_or_read_whole(tables: Callable[..., Path]) -> None:
    """Whatever byte of a Parquet file is changed: an error of ours, or a graph, and never another exception."""
    edges = tables("parquet") / "edges.parquet"
    whole = edges.read_bytes()
    refused = 0
    for place in range(0, len(whole), 61):
        edges.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read_graph(edges, use_cache=False)
        except PassportError:
            refused += 1
    assert refused > 10


def test_tables_that_are_not_there(tables: Callable[..., Path]) -> None:
    folder = tables("csv")
    with pytest.raises(DocumentError, match=r"a table that cannot be read.*No such file"):
        read_graph(folder, nodes=folder / "knots.csv", use_cache=False)
    (folder / "nodes.csv").unlink()
    with pytest.raises(DocumentError, match=r"an edge table without nodes.*edges.nodes.parquet, nodes.parquet"):
        read_graph(folder)
    write(folder / "edges.parquet", EDGES)
    with pytest.raises(DocumentError, match=r"not one edge table.*edges.parquet, edges.csv"):
        read_graph(folder)


def test_arrays_are_taken_from_the_cache_for_the_same_tables_only(
    tables: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tables("parquet")
    first = read_graph(folder)
    cache = folder / "edges.parquet.arrays"
    assert cache.is_file()

    def fail(*_: object) -> None:
        raise AssertionError("the table was read")

    with monkeypatch.context() as context:
        context.setattr(edge_table, "open_table", fail)
        again = read_graph(folder)
    for name in ("supplier", "consumer", "amount", "direct"):
        assert np.array_equal(getattr(again.graph, name), getattr(first.graph, name))
    assert list(again.ids) == list(first.ids)
    assert list(again.names) == list(first.names)
    assert list(again.units) == list(first.units)
    assert again.columns == first.columns
    assert {name: list(tag) for name, tag in again.tags.items()} == {
        name: list(tag) for name, tag in first.tags.items()
    }
    assert list(again.edge_tags["stage"]) == EDGES["stage"]
    assert again.source == first.source
    changed = read_graph(tables("parquet", {"amount": [30.0, 600.0, 1.8, 0.2]}))
    assert changed.graph.amount[3] == 0.1
    other_nodes = read_graph(tables("parquet", {"amount": [30.0, 600.0, 1.8, 0.2]}, {"direct": [0.5, 50.0, 0.2]}))
    assert other_nodes.graph.direct[0, 0] == 0.5


def test_a_damaged_cache_is_made_anew(tables: Callable[..., Path]) -> None:
    folder = tables("parquet")
    right = read_graph(folder).graph.footprints()
    cache = folder / "edges.parquet.arrays"
    whole = cache.read_bytes()
    for place in range(0, len(whole), 97):
        cache.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert np.array_equal(read_graph(folder).graph.footprints(), right)
        assert cache.read_bytes() == whole
    for part in (b"", whole[: len(whole) // 2], whole[:-1], whole + b"\0"):
        cache.write_bytes(part)
        assert np.array_equal(read_graph(folder).graph.footprints(), right)
        assert cache.read_bytes() == whole


def test_a_cache_of_another_version_is_not_used(tables: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tables("parquet")
    cache = folder / "edges.parquet.arrays"
    with monkeypatch.context() as context:
        context.setattr(array_cache, "CACHE_FORMAT", "carbon-passport/graph-arrays/0.9")
        read_graph(folder)
    old = cache.read_bytes()
    read_graph(folder)
    assert cache.read_bytes() != old
    assert array_cache.CACHE_FORMAT.encode() in cache.read_bytes()


def test_no_cache_where_none_is_wanted_or_can_be(tables: Callable[..., Path]) -> None:
    folder = tables("parquet")
    read_graph(folder, use_cache=False)
    assert not list(folder.glob("*.arrays*"))
    (folder / "edges.parquet.arrays").mkdir()  # in the way
    assert read_graph(folder).graph.n_products == 3
    assert sorted(entry.name for entry in folder.iterdir()) == [
        "edges.parquet",
        "edges.parquet.arrays",
        "nodes.parquet",
    ]


def test_without_pyarrow_one_line_says_what_to_do(tables: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tables("csv")
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"need pyarrow.*pip install 'carbon-passport\[tables\]'"):
        read_graph(folder)


def test_batches_do_not_show(tables: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_graph(tables("parquet"), use_cache=False)
    monkeypatch.setattr(table_batches, "BATCH_ROWS", 3)
    for suffix in FORMATS:
        folder = tables(suffix)
        found = read_graph(folder / f"edges.{suffix}", nodes=folder / f"nodes.{suffix}", use_cache=False)
        assert np.array_equal(found.graph.amount, whole.graph.amount)
        assert list(found.edge_tags["stage"]) == EDGES["stage"]
    wrong = tables("parquet", {"supplier": ["grid", "mill", "grid", "sun"]}) / "edges.parquet"
    with pytest.raises(DocumentError, match="row 4, supplier: no node of that id"):
        read_graph(wrong)


@given(st.lists(st.text(max_size=30)), st.lists(st.text(max_size=30)))
def test_an_index_finds_what_a_dictionary_finds(known: list[str], asked: list[str]) -> None:
    place: dict[str, int] = {}
    for number, text in enumerate(known):
        place.setdefault(text, number)
    texts, wanted = PackedTexts.of(known), PackedTexts.of([*asked, *known])
    index = TextIndex(texts)
    assert list(texts) == known
    assert index.first.tolist() == [place[text] for text in known]
    assert index.find(wanted.data, wanted.offsets).tolist() == [place.get(text, -1) for text in wanted]
    for text in asked:
        assert texts.places(text) == [number for number, each in enumerate(known) if each == text]


def test_long_texts_and_zeros_are_told_apart() -> None:
    known = PackedTexts.of(["", "\0", "\0\0", "a" * 8, "a" * 8 + "\0", "b" * 1000, "b" * 999])
    asked = PackedTexts.of([*known, "b" * 1001, "c" * 5000, "\0\0\0", "b" * 1000])
    found = TextIndex(known).find(asked.data, asked.offsets)
    assert found.tolist() == [0, 1, 2, 3, 4, 5, 6, -1, -1, -1, 5]


def test_units_of_tables_convert_exactly() -> None:
    """1 short ton = 2000 lb of 0.45359237 kg; 1 kWh = 3.6 MJ; a text that is no unit only equals itself."""
    assert ratio("sh tn", "kg") == Fraction(2000 * 45359237, 10**8)
    assert ratio("kWh", "MJ") == Fraction(36, 10)
    assert ratio("MJ", "kilowatt hour") == Fraction(10, 36)
    assert ratio("USD", "USD") == 1
    assert ratio("USD", "EUR") is None
    assert ratio("kg", "kWh") is None
    for text in TABLE_UNITS:
        assert ratio(text, text) == 1
