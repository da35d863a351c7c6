"""Published models as graphs: USEEIO's own totals, and a peer's totals of every US LCI process."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from passport.errors import DocumentError, NotFoundError, UnproductiveError, UsageError
from passport.exchange.graphs import read_graph
from passport.exchange.named_graph import NamedGraph
from passport.exchange.uslci import GWP100
from passport.exchange.uslci_graph import TOTAL
from passport.exchange.uslci_tables import UNITS, read_uslci


@pytest.fixture(scope="module")
def useeio_folder(shared: Path) -> Path:
    return shared / "data" / "useeio_v2.0.1-411"


@pytest.fixture(scope="module")
def useeio(useeio_folder: Path) -> NamedGraph:
    return read_graph(useeio_folder)


@pytest.fixture(scope="module")
def uslci(shared: Path) -> NamedGraph:
    return read_graph(shared / "data" / "uslci_2018")


def published(folder: Path, name: str) -> tuple[list[str], list[str], NDArray[np.float64]]:
    """Headings, ids and numbers of a published table."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        heading, *rows = list(csv.reader(file))
    return heading[1:], [row[0] for row in rows], np.array([[float(text) for text in row[1:]] for row in rows])


def test_useeio_totals_are_the_published_ones(useeio: NamedGraph, useeio_folder: Path) -> None:
    """N of USEEIO v2.0.1-411, 411 commodities by 23 indicators, to the digits that float64 carries.

    The largest deviation is 5.1e-15 of the number; the 73 that are published as 0 come out as 0.
    """
    headings, ids, totals = published(useeio_folder, "N_total_intensity_PUBLISHED.csv")
    assert totals.shape == (411, 23)
    assert list(useeio.ids) == ids
    assert [f"{column.name} [{column.unit}] per USD" for column in useeio.columns] == headings
    assert useeio.graph.n_edges == 92_527
    found = useeio.graph.footprints()
    stated = totals != 0
    assert np.count_nonzero(~stated) == 73
    assert not found[~stated].any()
    deviation = np.abs(found[stated] / totals[stated] - 1)
    assert deviation.max() < 2e-14


def test_useeio_has_names_places_and_units(useeio: NamedGraph) -> None:
    oilseeds = useeio.product("1111A0/US")
    assert useeio.names[oilseeds] == "Fresh soybeans, canola, flaxseeds, and other oilseeds"
    assert useeio.product("Fresh soybeans, canola, flaxseeds, and other oilseeds") == oilseeds
    assert useeio.units[oilseeds] == "USD"
    assert useeio.tags["location"][oilseeds] == "US"
    category = useeio.tags["category"][oilseeds]
    assert category is not None
    assert category.startswith("11: Agriculture")
    assert useeio.columns[useeio.column("GHG")].unit == "kg CO2 eq"


def test_uslci_totals_are_those_of_the_peer(uslci: NamedGraph, shared: Path) -> None:
    """bw2calc 3.1.0 for all 766 processes, in the database's units; two loops among them (32 and 2 processes)."""
    found = uslci.graph.footprints()
    total = uslci.column(TOTAL)
    with (shared / "data" / "uslci_2018" / "reference_gwp100_AR6_bw2calc.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == uslci.graph.n_products == 766
    for row in rows:
        number = uslci.product(row["process_id"])
        unit, in_ours = UNITS[row["reference_unit"]]
        assert uslci.units[number] == unit
        direct, whole = (float(row[f"{name}_kgCO2e_per_unit"]) for name in ("direct", "total"))
        assert uslci.graph.direct[number, total] * float(in_ours) == pytest.approx(direct, rel=1e-14)
        assert found[number, total] * float(in_ours) == pytest.approx(whole, rel=1e-11)


def test_uslci_components_and_gases_add_up_to_the_total(uslci: NamedGraph) -> None:
    found = uslci.graph.footprints()
    total = found[:, uslci.column(TOTAL)]
    gases = sum(float(Fraction(potential)) * found[:, uslci.column(gas)] for gas, (potential, _) in GWP100.items())
    components = sum(found[:, uslci.column(name)] for name in {component for _, component in GWP100.values()})
    scale = np.abs(found).max(axis=1)
    assert np.all(np.abs(gases - total) <= 1e-12 * scale)
    assert np.all(np.abs(components - total) <= 1e-12 * scale)


def test_uslci_says_what_it_cuts_off(uslci: NamedGraph, shared: Path) -> None:
    database = read_uslci(shared / "data" / "uslci_2018")
    cut = sum(
        entry.provider is None and (entry.kind == "waste" or (entry.kind == "product" and entry.is_input))
        for process in database.processes.values()
        for entry in process.exchanges
    )
    assert uslci.notes == (
        f"{cut} product and waste flows that no process of the database supplies or treats count as nothing",
        "203 lognormal spreads with a geometric standard deviation of 1 or less say nothing: not stated",
        "97 spreads without parameters, or of an amount of zero, say nothing: not stated",
    )


EDGES = "input_id,output_id,amount_usd_per_usd\na,b,0.5\nb,a,0.25\n"
DIRECT = "id,GHG [kg CO2 eq] per USD,LAND [m2*yr] per USD\na,1,0\nb,2,1e-3\n"


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Two commodities that use each other; any table may be replaced."""

    def write(edges: str = EDGES, direct: str = DIRECT, sectors: str | None = None) -> Path:
        (tmp_path / "A_edges.csv").write_text(edges, "utf-8")
        (tmp_path / "D_direct_intensity.csv").write_text(direct, "utf-8")
        if sectors is not None:
            (tmp_path / "sectors.csv").write_text(sectors, "utf-8")
        return tmp_path

    return write


def test_two_commodities_by_hand(small: Callable[..., Path]) -> None:
    """f_a = 1 + f_b / 4 and f_b = 2 + f_a / 2: f_a = 12/7, f_b = 20/7."""
    found = read_graph(small())
    assert found.graph.footprints()[:, 0] == pytest.approx([12 / 7, 20 / 7], rel=1e-15)
    assert list(found.names) == ["a", "b"]
    assert found.tags == {}


FAULTS = [
    ("unknown input", {"edges": EDGES + "c,a,1\n"}, "A_edges.csv:4: no such commodity", "'c'"),
    ("id with a space", {"edges": EDGES + "a ,b,1\n"}, "A_edges.csv:4: no such commodity", "'a '"),
    ("not a number", {"edges": EDGES + "a,a,nan\n"}, "A_edges.csv:4: not a number", "'nan'"),
    ("infinite", {"edges": EDGES + "a,a,1e999\n"}, "A_edges.csv:4: a number out of range", "1e999"),
    ("needs itself", {"edges": EDGES + "a,a,1\n"}, "A_edges.csv:4: a needs at least one unit of itself", "1.0"),
    ("short row", {"edges": EDGES + "a,b\n"}, "A_edges.csv:4: a row of another length", "3 fields"),
    ("cut in the middle", {"edges": EDGES + "a,b,0.1"}, "A_edges.csv: the last line does not end", "line break"),
    ("empty file", {"edges": ""}, "A_edges.csv: a table without a column", "an empty file"),
    ("no amounts", {"edges": "input_id,output_id\n"}, "a table without a column", "amount_usd_per_usd"),
    ("a column twice", {"direct": DIRECT.replace("LAND [m2*yr]", "GHG [kg CO2 eq]")}, "two columns of one name", "GHG"),
    ("an id twice", {"direct": DIRECT + "a,1,1\n"}, "D_direct_intensity.csv:4: not a new id", "'a'"),
    ("heading without unit", {"direct": DIRECT.replace(" [m2*yr]", "")}, "not an indicator", "LAND per USD"),
    ("no commodities", {"direct": DIRECT.splitlines()[0] + "\n"}, "a table without indicators", "commodities"),
    ("no sector", {"sectors": "id,name,location,category\na,A,US,x\n"}, "a commodity without its row", "b"),
]


@pytest.mark.parametrize(("tables", "message", "fact"), [c[1:] for c in FAULTS], ids=[c[0] for c in FAULTS])
def test_wrong_tables_are_refused(small: Callable[..., Path], tables: dict[str, str], message: str, fact: str) -> None:
    with pytest.raises((DocumentError, UnproductiveError)) as caught:
        read_graph(small(**tables))
    assert message in str(caught.value)
    assert fact in str(caught.value)


def test_a_table_cut_in_half_is_refused(small: Callable[..., Path]) -> None:
    folder = small()
    (folder / "A_edges.csv").unlink()
    whole = gzip.compress(EDGES.encode() * 50)
    (folder / "A_edges.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DocumentError, match=r"a table that cannot be read.*gzip of CSV") as caught:
        read_graph(folder)
    assert caught.value.where == str(folder / "A_edges.csv.gz")


def test_a_product_that_is_not_there_is_named_with_its_likes(small: Callable[..., Path]) -> None:
    sectors = "id,name,location,category\na,Fresh wheat,US,x\nb,Fresh wheat,US,x\n"
    graph = read_graph(small(sectors=sectors))
    with pytest.raises(NotFoundError, match=r"no product of that id or name.*did you mean Fresh wheat\?"):
        graph.product("Fresh weat")
    with pytest.raises(NotFoundError, match=r"several products of that name.*give an id: a, b"):
        graph.product("Fresh wheat")
    with pytest.raises(NotFoundError, match=r"no column of that name; expected GHG, LAND; found CO2"):
        graph.column("CO2")


def test_what_is_no_graph_is_refused(tmp_path: Path, small: Callable[..., Path]) -> None:
    with pytest.raises(DocumentError, match="no such file or folder"):
        read_graph(tmp_path / "nowhere")
    (tmp_path / "letter.txt").write_text("Dear reader", "utf-8")
    with pytest.raises(DocumentError, match="not a graph that is read here"):
        read_graph(tmp_path / "letter.txt")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DocumentError, match="not a graph that is read here"):
        read_graph(empty)
    with pytest.raises(UsageError, match="only an edge table has nodes of its own"):
        read_graph(small(), nodes=tmp_path / "nodes.csv")


def test_without_numpy_one_line_says_what_to_do(small: Callable[..., Path]) -> None:
    """In a process that lacks it; the front itself is imported without it."""
    program = (
        "import sys\n"
        "from passport.exchange.graphs import read_graph\n"
        "from passport.errors import UsageError\n"
        "assert 'numpy' not in sys.modules\n"
        "sys.modules['numpy'] = None\n"
        "try:\n"
        "    read_graph(sys.argv[1])\n"
        "except UsageError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(small())], capture_output=True, text=True, check=True)
    assert done.stdout == ("graphs need numpy, which is not installed (hint: pip install 'carbon-passport[engine]')\n")
