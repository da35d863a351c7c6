"""How far amounts may be off, as every format states it: read, combined, drawn, compared with peers, and counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bw2calc
import bw_processing
import numpy as np
import olca_schema as olca
import olca_schema.zipio
import pyarrow as pa
import pyarrow.parquet
import pytest
import yaml
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from passport.arithmetic.quanta import from_text
from passport.arithmetic.rows import recompute_row
from passport.arithmetic.uncertainty import combined_uncertainty
from passport.carbon import Kind, Pedigree, Spreads
from passport.errors import DocumentError
from passport.exchange.bw_datapackage import read_datapackage
from passport.exchange.graphs import read_graph
from passport.exchange.inventory_file import read_inventories
from passport.exchange.lca_distributions import (
    AS_NORMAL,
    CUT,
    ELSEWHERE,
    EMPTY,
    EXACT,
    LOGNORMAL,
    NO_SPREAD,
    NORMAL,
    OTHER,
    TRIANGULAR,
    UNDEFINED,
    UNIFORM,
    Distributions,
    around,
)
from passport.exchange.named_graph import NamedGraph
from passport.exchange.row_inputs import row_plans
from passport.exchange.spread_coverage import count_stated, drawn_spreads, unstated_shares
from passport.exchange.stated_spreads import StatedSpreads, combined, filled
from passport.exchange.uslci_graph import TOTAL

# The peer does not close the files that it writes and reads.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

Floats = NDArray[np.float64]

NAN = math.nan
BOUND = 4.5
"""Standard errors that two estimates of one number may differ by: once in 150 000 draws by chance."""


def stated_edges(named: NamedGraph) -> Spreads:
    """The spreads of the edges, which are there."""
    assert named.edge_spreads is not None
    return named.edge_spreads


def stated_direct(named: NamedGraph) -> Spreads:
    """The spreads of the emissions, which are there."""
    assert named.direct_spreads is not None
    return named.direct_spreads


def lacking(named: NamedGraph) -> tuple[Any, Any]:
    """Of what share of amounts and emissions nothing is said; None where it is said of none."""
    edges, direct = named.edge_unstated, named.direct_unstated
    return None if edges is None else edges.tolist(), None if direct is None else direct.tolist()


def error_of_deviation(drawn: Floats) -> float:
    """The standard error of a sample's standard deviation, by its own fourth moment: sd sqrt((k - 1) / 4N)."""
    off = drawn - drawn.mean()
    variance = float((off**2).mean())
    kurtosis = float((off**4).mean()) / variance**2
    return math.sqrt(variance * (kurtosis - 1) / (4 * len(drawn)))


def error_of_mean(drawn: Floats) -> float:
    """The standard error of a sample's mean."""
    return float(drawn.std(ddof=1)) / math.sqrt(len(drawn))


def column(*rows: tuple[Kind, float, float]) -> StatedSpreads:
    """Spreads by kind, scale and what share states none."""
    kind, scale, unstated = zip(*rows, strict=True)
    return StatedSpreads(
        np.array(kind, np.uint8), np.array(scale, float), np.zeros(len(rows), np.bool_), np.array(unstated, float)
    )


# Combining to first order.


def test_a_single_term_keeps_its_spread_and_terms_add_in_squares() -> None:
    rows = column((Kind.LOGNORMAL, 0.3, 0), (Kind.NORMAL, 0.2, 0), (Kind.LOGNORMAL, 0.3, 0), (Kind.LOGNORMAL, 0.4, 0))
    found = combined(np.array([0, 1, 2, 2]), np.array([5.0, -2, 1, 3]), rows, count=4)
    assert found.kind.tolist() == [Kind.LOGNORMAL, Kind.NORMAL, Kind.LOGNORMAL, Kind.FIXED]
    assert found.scale == pytest.approx([0.3, 0.2, math.hypot(0.3, 1.2) / 4, 0], rel=1e-15)
    assert found.unstated.tolist() == [0, 0, 0, 1]


def test_one_unknown_adds_before_it_is_squared_and_signs_stand_apart() -> None:
    rows = column(*[(Kind.NORMAL, 0.1, 0)] * 4)
    target, value = np.array([0, 0, 1, 1]), np.array([3.0, 4, 3, -1])
    same = combined(target, value, rows, count=2, unknown=np.array([7, 7, 7, 7]))
    apart = combined(target, value, rows, count=2)
    assert same.scale == pytest.approx([0.1, 0.1 * math.hypot(3, 1) / 2], rel=1e-15)
    assert apart.scale == pytest.approx([0.1 * 5 / 7, 0.1 * math.hypot(3, 1) / 2], rel=1e-15)


def test_what_counts_against_a_sum_makes_it_normal_and_what_cancels_says_nothing() -> None:
    rows = column((Kind.LOGNORMAL, 0.3, 0), (Kind.LOGNORMAL, 0.3, 0), (Kind.NORMAL, 1.0, 0), (Kind.NORMAL, 1.0, 0))
    found = combined(np.array([0, 0, 1, 1]), np.array([3.0, -1, 1, -1]), rows, count=2)
    variation = math.sqrt(math.expm1(0.09))
    assert found.kind.tolist() == [Kind.NORMAL, Kind.FIXED]
    assert found.scale == pytest.approx([variation * math.sqrt(10) / 2, 0], rel=1e-14)
    assert found.unstated.tolist() == [0, 1]


def test_the_part_without_a_spread_is_kept_and_can_be_filled() -> None:
    rows = column((Kind.LOGNORMAL, 0.3, 0), (Kind.FIXED, 0, 1), (Kind.FIXED, 0, 0))
    found = combined(np.array([0, 0, 0]), np.array([2.0, 1, 1]), rows, count=1)
    assert found.scale == pytest.approx([0.15])
    assert found.unstated == pytest.approx([0.25])
    assert filled(found.spreads, found.unstated, gsd=1.2).scale == pytest.approx(
        [math.hypot(0.15, 0.25 * math.log(1.2))]
    )
    nothing = StatedSpreads.nothing(1)
    assert filled(nothing.spreads, nothing.unstated, gsd=1.2).sigma == pytest.approx([math.log(1.2)])
    exact = column((Kind.FIXED, 0, 0))
    assert filled(exact.spreads, exact.unstated, gsd=1.2).sigma.tolist() == [0]


@given(
    st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.001, 0.5), st.booleans()), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_combining_does_not_depend_on_order_or_unit(terms: list[tuple[float, float, bool]], random: Any) -> None:
    def of(chosen: list[tuple[float, float, bool]], unit: float) -> tuple[float, float]:
        rows = column(*[(Kind.NORMAL if is_normal else Kind.LOGNORMAL, scale, 0) for _, scale, is_normal in chosen])
        target = np.zeros(len(chosen), dtype=np.int64)
        found = combined(target, np.array([value * unit for value, _, _ in chosen]), rows, count=1)
        return float(found.kind[0]), float(found.scale[0])

    shuffled = list(terms)
    random.shuffle(shuffled)
    assert of(shuffled, -1000.0) == pytest.approx(of(terms, 1.0), rel=1e-12)


# Distributions of LCA data.


def test_distributions_become_spreads_around_the_amount_and_the_rest_is_counted() -> None:
    rows = [  # amount, kind, loc, scale, minimum, maximum
        (4.0, LOGNORMAL, math.log(4), 0.5, NAN, NAN),
        (4.0 * math.exp(0.125), LOGNORMAL, math.log(4), 0.5, NAN, NAN),  # the amount is the mean
        (5.0, LOGNORMAL, math.log(4), 0.5, NAN, NAN),  # it is neither
        (-2.0, NORMAL, -2.0, 0.5, NAN, NAN),
        (2.0, UNIFORM, NAN, NAN, 1.0, 3.0),
        (2.0, TRIANGULAR, 2.0, NAN, 1.0, 6.0),  # mode 2, mean 3
        (2.0, LOGNORMAL, math.log(2), 0.0, NAN, NAN),
        (2.0, TRIANGULAR, NAN, NAN, NAN, NAN),
        (0.0, NORMAL, 0.0, 1.0, NAN, NAN),
        (2.0, UNDEFINED, NAN, NAN, NAN, NAN),
        (2.0, EXACT, NAN, NAN, NAN, NAN),
        (2.0, 8, 1.0, 1.0, NAN, NAN),
        (2.0, NORMAL, 2.0, 0.5, 0.0, NAN),
        (2.0, TRIANGULAR, 9.0, NAN, 1.0, 6.0),  # the mode is not between its ends
    ]
    amounts, kind, loc, scale, low, high = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    notes = Counter[str]()
    found = around(amounts, Distributions(kind, loc, scale, low, high), notes)
    triangle = math.sqrt((4 + 1 + 36 - 2 - 12 - 6) / 18)
    assert found.scale == pytest.approx(
        [0.5, 0.5, 0.5, 0.25, 2 / math.sqrt(12) / 2, triangle / 2, 0, 0, 0, 0, 0, 0, 0.25, 0], rel=1e-12
    )
    assert np.flatnonzero(found.is_mean).tolist() == [1]
    assert np.flatnonzero(found.unstated).tolist() == [6, 7, 8, 9, 11, 13]
    assert found.kind[:6].tolist() == [Kind.LOGNORMAL] * 3 + [Kind.NORMAL] * 3
    assert notes == {AS_NORMAL: 2, ELSEWHERE: 2, CUT: 1, NO_SPREAD: 1, EMPTY: 3, OTHER: 1}


@pytest.mark.parametrize("kind", [UNIFORM, TRIANGULAR])
def test_a_normal_of_the_same_deviation(kind: int) -> None:
    """The standard deviations, against draws of the distributions themselves."""
    random = np.random.default_rng(5)
    drawn = random.uniform(2, 5, 20_000) if kind == UNIFORM else random.triangular(2, 3, 5, 20_000)
    one = np.ones(1)
    found = around(3 * one, Distributions(np.array([kind]), 3 * one, NAN * one, 2 * one, 5 * one), Counter())
    assert abs(found.scale[0] * 3 - drawn.std(ddof=1)) < BOUND * error_of_deviation(drawn)


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


# openLCA.


def bakery(path: Path, spreads: dict[str, olca.Uncertainty]) -> NamedGraph:
    """Two loaves take 1.4 kg of flour and emit 1 kg of CO2 and 0.2 of methane; the mill emits 0.5 of CO2 a kilogram."""
    units = olca.new_unit_group("Units of mass", "kg")
    mass = olca.new_flow_property("Mass", units)
    gram = olca.Unit(id="g", name="g", conversion_factor=0.001, is_ref_unit=False)
    assert units.units is not None
    units.units.append(gram)
    flour, bread = olca.new_product("Flour", mass), olca.new_product("Bread", mass)
    co2, methane = olca.new_elementary_flow("Carbon dioxide", mass), olca.new_elementary_flow("Methane", mass)
    mill, oven = olca.new_process("Mill"), olca.new_process("Bakery")
    made = [olca.new_output(mill, flour, 1), olca.new_output(oven, bread, 2)]
    for each in made:
        each.is_quantitative_reference = True
    exchanges = {
        "mill": olca.new_output(mill, co2, 0.5),
        "flour": olca.new_input(oven, flour, 1400, gram),
        "oven": olca.new_output(oven, co2, 1),
        "leak": olca.new_output(oven, methane, 0.2),
        "bread": made[1],
    }
    for name, uncertainty in spreads.items():
        exchanges[name].uncertainty = uncertainty
    category = olca.new_impact_category("Climate change")
    category.ref_unit = "kg CO2e"
    olca.new_impact_factor(category, co2, 1)
    olca.new_impact_factor(category, methane, 30)
    with olca_schema.zipio.ZipWriter(path) as writer:
        for entity in (units, mass, flour, bread, co2, methane, mill, oven, category):
            writer.write(entity)
    return read_graph(path)


def lognormal(geom_mean: float, geom_sd: float) -> olca.Uncertainty:
    return olca.Uncertainty(olca.UncertaintyType.LOG_NORMAL_DISTRIBUTION, geom_mean=geom_mean, geom_sd=geom_sd)


def test_exchanges_of_openlca_by_hand(tmp_path: Path) -> None:
    """Flour lognormal in grams; the oven's CO2 normal and its leak uniform, together to first order."""
    normal = olca.Uncertainty(olca.UncertaintyType.NORMAL_DISTRIBUTION, mean=1, sd=0.1)
    uniform = olca.Uncertainty(olca.UncertaintyType.UNIFORM_DISTRIBUTION, minimum=0.1, maximum=0.3)
    named = bakery(tmp_path / "x.zip", {"flour": lognormal(1400, 1.3), "oven": normal, "leak": uniform})
    mill, oven = named.product("Mill"), named.product("Bakery")
    assert stated_edges(named).scale == pytest.approx([math.log(1.3)])
    direct = stated_direct(named)
    assert direct.shape == (2, 1)
    assert direct.kind[oven] == [Kind.NORMAL]
    assert direct.scale[oven, 0] == pytest.approx(math.hypot(0.1, 30 * 0.2 / math.sqrt(12)) / 7)
    assert lacking(named)[1][mill] == [1]
    assert named.notes == (f"1 {AS_NORMAL}",)
    assert unstated_shares(named, column=0).emissions[oven] == pytest.approx(0.7 * 0.5 / (0.7 * 0.5 + 3.5))


def test_what_openlca_does_not_say_is_not_zero(tmp_path: Path) -> None:
    triangle = olca.Uncertainty(olca.UncertaintyType.TRIANGLE_DISTRIBUTION, mode=1)
    named = bakery(tmp_path / "x.zip", {"flour": lognormal(1400, 1.0), "oven": triangle, "bread": lognormal(2, 1.1)})
    assert (named.edge_spreads, named.direct_spreads) == (None, None)
    assert named.notes == (
        f"1 {NO_SPREAD}",
        "1 spreads of reference amounts are not read: taken as exact",
        f"1 {EMPTY}",
    )


def test_a_parameter_of_openlca_that_is_no_number_is_refused(tmp_path: Path) -> None:
    broken: Any = lognormal(1400, 1.3)
    broken.geom_sd = "wide"
    with pytest.raises(DocumentError, match=r"Bakery|exchange 2: uncertainty: geomSd: not a number"):
        bakery(tmp_path / "x.zip", {"flour": broken})


# Brightway.

Row = tuple[int, int, float, int, float, float, float, float]
"""Row, column, value (inputs below zero), distribution, loc, scale, minimum, maximum."""

TECHNOSPHERE: list[Row] = [
    (100, 100, 1, 0, NAN, NAN, NAN, NAN),
    (101, 101, 2, 0, NAN, NAN, NAN, NAN),
    (102, 102, 1, 0, NAN, NAN, NAN, NAN),
    (100, 101, -3, 2, math.log(3), 0.25, NAN, NAN),
    (101, 102, -1.5, 3, 1.5, 0.2, NAN, NAN),
    (100, 102, -0.5, 4, NAN, NAN, 0.3, 0.7),
    (102, 101, -0.04, 5, 0.04, NAN, 0.02, 0.06),
]
BIOSPHERE: list[Row] = [
    (7, 100, 0.4, 2, math.log(0.4), 0.3, NAN, NAN),
    (7, 101, 0.5, 3, 0.5, 0.1, NAN, NAN),
    (8, 101, 0.01, 2, math.log(0.01), 0.2, NAN, NAN),
    (7, 102, 3, 1, NAN, NAN, NAN, NAN),
]
FACTORS: list[Row] = [(7, 0, 1, 0, NAN, NAN, NAN, NAN), (8, 0, 29.8, 0, NAN, NAN, NAN, NAN)]


def datapackage(path: Path, *, has_spreads: bool = True, **matrices: list[Row]) -> Path:
    """A datapackage written by its own library; inputs are flipped as Brightway does."""
    path.mkdir()
    package = bw_processing.create_datapackage(fs=DirFileSystem(path=str(path), fs=LocalFileSystem()), name="test")
    for name, rows in ({"technosphere": TECHNOSPHERE, "biosphere": BIOSPHERE} | matrices).items():
        values = np.array([row[2] for row in rows], dtype=float)
        is_flipped = (values < 0) & (name == "technosphere")
        told = np.zeros(len(rows), dtype=bw_processing.UNCERTAINTY_DTYPE)
        for field, place in (("uncertainty_type", 3), ("loc", 4), ("scale", 5), ("minimum", 6), ("maximum", 7)):
            told[field] = [row[place] for row in rows]
        undefined = told["uncertainty_type"] < LOGNORMAL
        told["loc"] = np.where(undefined, np.abs(values), told["loc"])
        package.add_persistent_vector(
            matrix=f"{name}_matrix",
            name=name,
            indices_array=np.array([row[:2] for row in rows], dtype=bw_processing.INDICES_DTYPE),
            data_array=np.abs(values) if name == "technosphere" else values,
            flip_array=is_flipped,
            **({"distributions_array": told} if has_spreads else {}),
        )
    package.finalize_serialization()
    return path


def test_draws_agree_with_the_peers_on_the_same_package(tmp_path: Path) -> None:
    """bw2calc 3.1.0 with the distributions themselves, ours as spreads, a loop among them; bounds are of the samples.

    Mean and standard deviation of three products; the peer draws 1,000 worlds, we draw 20,000.
    """
    path = datapackage(tmp_path / "package", characterization=FACTORS)
    named = read_graph(path)
    assert named.notes == (f"2 {AS_NORMAL}",)
    assert lacking(named)[0] == [0] * 4
    edges, direct = drawn_spreads(named)
    ours = named.graph.monte_carlo(samples=20_000, seed=3, edges=edges, direct=direct, products=[0, 1, 2])
    system = DirFileSystem(path=str(path), fs=LocalFileSystem())
    lca = bw2calc.LCA(
        demand={100: 1}, data_objs=[bw_processing.load_datapackage(system)], use_distributions=True, seed_override=17
    )
    lca.lci()
    lca.lcia()
    theirs = np.empty((1_000, 3))
    for world in range(len(theirs)):
        if world < 3:
            next(lca)  # draws the matrices and solves for the one product
        else:
            next(lca.technosphere_mm)
            next(lca.biosphere_mm)
        dense = lca.technosphere_mm.matrix.toarray()
        emitted = np.asarray((lca.characterization_mm.matrix @ lca.biosphere_mm.matrix).sum(axis=0)).ravel()
        found = np.linalg.solve(dense.T, emitted)  # of all three products in this world
        theirs[world] = [found[lca.dicts.product[product]] for product in (100, 101, 102)]
        if world < 3:
            assert lca.score == pytest.approx(theirs[world, 0], rel=1e-12)
    for product in range(3):
        mine, peers = ours.of(product), theirs[:, product]
        assert abs(mine.mean() - peers.mean()) < BOUND * math.hypot(error_of_mean(mine), error_of_mean(peers))
        bound = BOUND * math.hypot(error_of_deviation(mine), error_of_deviation(peers))
        assert abs(mine.std(ddof=1) - peers.std(ddof=1)) < bound


def test_a_package_without_distributions_states_nothing(tmp_path: Path) -> None:
    named = read_graph(datapackage(tmp_path / "package", has_spreads=False, characterization=FACTORS))
    assert (named.edge_spreads, named.direct_spreads, named.notes) == (None, None, ())


def test_each_flow_keeps_its_own_spread_and_places_that_add_up_are_combined(tmp_path: Path) -> None:
    twice: list[Row] = [*TECHNOSPHERE, (100, 102, -1.5, 3, 1.5, 0.3, NAN, NAN)]
    path = datapackage(tmp_path / "package", technosphere=twice)
    named = read_datapackage(path)
    flour = named.product("101")
    assert stated_direct(named).scale[flour] == pytest.approx([0.2, 0.2], rel=1e-6)
    assert stated_direct(named).kind[flour].tolist() == [Kind.NORMAL, Kind.LOGNORMAL]
    graph = named.graph
    (place,) = np.flatnonzero((graph.supplier == named.product("100")) & (graph.consumer == named.product("102")))
    assert stated_edges(named).scale[place] == pytest.approx(math.hypot(0.4 / math.sqrt(12), 0.3) / 2, rel=1e-6)


def test_spreads_without_a_place_in_the_graph_are_counted(tmp_path: Path) -> None:
    makes: list[Row] = [(100, 100, 1, 2, 0.0, 0.1, NAN, NAN), *TECHNOSPHERE[1:]]
    factors: list[Row] = [(7, 0, 1, 3, 1.0, 0.1, NAN, NAN), FACTORS[1]]
    named = read_graph(datapackage(tmp_path / "package", technosphere=makes, characterization=factors))
    assert named.notes == (
        "1 spreads of characterization factors are not read: taken as exact",
        "1 spreads of what activities make are not read: taken as exact",
        f"2 {AS_NORMAL}",
    )


def test_distributions_that_are_none_are_refused(tmp_path: Path) -> None:
    path = datapackage(tmp_path / "package", characterization=FACTORS)
    array = next(path.glob("technosphere*.distributions.npy"))
    told = np.load(array)
    for wrong in (told[:-1], told["loc"]):
        np.save(array, wrong)
        with pytest.raises(
            DocumentError, match=r"technosphere: not distributions; expected 7 rows of uncertainty_type"
        ):
            read_graph(path)


# Inventories.


def inventory(name: str, *inputs: dict[str, Any]) -> dict[str, Any]:
    """A plain inventory of a product."""
    return {
        "format": "carbon-passport/inventory/1.0",
        "declaredUnit": "kilogram",
        "declaredAmount": "1",
        "massPerDeclaredUnit": "1",
        "period": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        "country": "DE",
        "facility": {"id": "https://mill.example/plant", "name": "Plant"},
        "standards": ["ISO14067"],
        "gwp": ["AR6"],
        "boundary": "Cradle to gate",
        "exempted": {"percent": "0", "reason": "Nothing is left out."},
        "carbonContents": {"fossilCarbonContent": "0"},
        "packagingEmissionsIncluded": False,
        "coveredQuantity": "1",
        "product": {
            "id": f"https://mill.example/{name}",
            "pactIds": [f"urn:example:{name}"],
            "name": name.title(),
            "description": name,
            "idScheme": {"id": "https://mill.example/", "name": "Own"},
            "granularity": "model",
            "category": [{"code": "1", "name": "Food", "schemeId": "https://mill.example/c", "schemeName": "Own"}],
        },
        "inputs": list(inputs),
    }


def entry(name: str, spread: tuple[str, str] | None = None, **told: Any) -> dict[str, Any]:
    """An input: `emissions`, a `factor` of so much a kilogram, or a `product`."""
    found: dict[str, Any] = {"id": name, "name": name, "stage": "mainProduction", "known": "measured"}
    if spread is not None:
        found["uncertainty"] = dict(zip(("distribution", "spread"), spread, strict=True))
    if "emissions" in told:
        return {**found, "kind": "direct", "emissions": told["emissions"]}
    found |= {"quantity": told["quantity"], "unit": "kilogram"}
    if "product" in told:
        return {**found, "kind": "passport", "product": f"https://mill.example/{told['product']}"}
    factor = {
        "name": told["factor"],
        "unit": "kilogram",
        "components": {"fossilGhgEmissions": "2", "biogenicNonCO2Emissions": "0.5"},
        "source": {"name": "Handbook", "version": "1"},
        "year": 2024,
        "geography": "DE",
    }
    return {**found, "kind": "factor", "factor": factor}


FLOUR = inventory(
    "flour",
    entry("own", ("normal", "20"), emissions={"fossilGhgEmissions": "1"}),
    entry("coal", ("lognormal", "1.5"), quantity="2", factor="Coal"),
    entry("more-coal", ("lognormal", "1.5"), quantity="1", factor="Coal"),
    entry("oil", quantity="1", factor="Oil"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    def write(*inventories: dict[str, Any]) -> Path:
        for number, told in enumerate(inventories):
            (tmp_path / f"{number}.yaml").write_text(yaml.safe_dump(told), "utf-8")
        return tmp_path

    return write


def test_the_emissions_of_an_inventory_have_the_spread_of_its_statement(folder: Callable[..., Path]) -> None:
    """The engine's floats against the statement's decimals of 50 digits; and one column by hand."""
    path = folder(FLOUR)
    named = read_graph(path)
    direct = stated_direct(named)
    assert direct.kind[0].tolist() == [Kind.LOGNORMAL] * len(named.columns)
    (file,) = read_inventories([path])
    rows = [
        plan.entry.model_dump(mode="json", by_alias=True, exclude_none=True) | plan.extra
        for plan in row_plans(file.inventory)
    ]
    one = from_text("1")
    statement = combined_uncertainty(rows, [recompute_row(row, one, one) for row in rows])
    assert statement is not None
    assert math.exp(direct.scale[0, 0]) == pytest.approx(float(statement["spread"]), rel=1e-5)
    share = 1 - lacking(named)[1][0][0]
    assert 100 * share == pytest.approx(float(statement["coveredPercent"]), rel=1e-6)
    fossil = named.column("fossilGhgEmissions")
    normal = math.sqrt(math.log1p(0.2**2))
    assert direct.scale[0, fossil] == pytest.approx(math.hypot(1 * normal, 6 * math.log(1.5)) / 9)
    assert direct.scale[0, named.column("biogenicNonCO2Emissions")] == pytest.approx(1.5 * math.log(1.5) / 2)


def test_an_input_with_a_product_gives_its_spread_to_the_edge(folder: Callable[..., Path]) -> None:
    bread = inventory(
        "bread",
        entry("flour", ("lognormal", "1.1"), quantity="0.7", product="flour"),
        entry("oven", quantity="1", factor="Oil"),
    )
    named = read_graph(folder(FLOUR, bread))
    assert stated_edges(named).scale == pytest.approx([math.log(1.1)])
    edges, unstated = lacking(named)
    assert edges == [0]
    assert unstated[named.product("Bread")][0] == 1
    bare = inventory("bread", entry("flour", quantity="0.7", product="flour"))
    assert read_graph(folder(FLOUR, bare)).edge_spreads is None


def test_a_factor_that_two_inventories_share_is_noted(folder: Callable[..., Path]) -> None:
    bread = inventory("bread", entry("oven", ("lognormal", "1.5"), quantity="1", factor="Coal"))
    assert read_graph(folder(FLOUR, bread)).notes == (
        "1 factors with a spread that several inventories use are drawn for each of them by itself",
    )


def test_a_spread_beyond_what_is_drawn_is_refused(folder: Callable[..., Path]) -> None:
    wild = inventory("flour", entry("own", ("normal", "2001"), emissions={"fossilGhgEmissions": "1"}))
    with pytest.raises(
        DocumentError, match=r"0.yaml: input own: a spread that cannot be drawn; expected at most 2000 %"
    ):
        read_graph(folder(wild))
