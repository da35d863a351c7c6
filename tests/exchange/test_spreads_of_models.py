"""Spreads that openLCA's and Brightway's files state, against draws of the peer and by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import bw2calc
import bw_processing
import numpy as np
import olca_schema as olca
import olca_schema.zipio
import pytest
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem
from spread_measures import BOUND, NAN, error_of_deviation, error_of_mean, lacking, stated_direct, stated_edges

from passport.carbon import Kind
from passport.errors import DocumentError
from passport.exchange.bw_datapackage import read_datapackage
from passport.exchange.graphs import read_graph
from passport.exchange.lca_distributions import (
    AS_NORMAL,
    EMPTY,
    LOGNORMAL,
    NO_SPREAD,
)
from passport.exchange.named_graph import NamedGraph
from passport.exchange.spread_coverage import drawn_spreads, unstated_shares

# The peer does not close the files that it writes and reads.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


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
