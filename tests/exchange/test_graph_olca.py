"""`olca-schema` packages as graphs: written by its own library, checked by hand and against a plain solve."""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import olca_schema as olca
import olca_schema.zipio
import pytest

from passport.errors import BoundError, DocumentError, PassportError, UnitError
from passport.exchange import olca_zip
from passport.exchange.graphs import read_graph
from passport.exchange.named_graph import Column


def unit(name: str, factor: float) -> olca.Unit:
    """A unit; `olca.new_unit` of olca-schema 2.4.0 writes 1 whatever factor it is given."""
    return olca.Unit(id=str(uuid.uuid4()), name=name, conversion_factor=factor, is_ref_unit=False)


class World:
    """A bakery: 0.7 kg of flour and 1.8 MJ a loaf; the mill takes 0.05 kWh a kilogram; bran goes to a pit."""

    def __init__(self) -> None:
        self.mass_units = olca.new_unit_group("Units of mass", "kg")
        self.gram = unit("g", 0.001)
        self.ton = unit("t", 1000)
        self.mass_units.units += [self.gram, self.ton]
        self.energy_units = olca.new_unit_group("Units of energy", "MJ")
        self.kilowatt_hour = unit("kWh", 3.6)
        self.energy_units.units.append(self.kilowatt_hour)
        self.item_units = olca.new_unit_group("Units of items", "Item(s)")
        self.mass = olca.new_flow_property("Mass", self.mass_units)
        self.energy = olca.new_flow_property("Energy", self.energy_units)
        self.items = olca.new_flow_property("Number of items", self.item_units)
        self.bread = olca.new_product("Bread", self.items)
        self.bread.flow_properties.append(
            olca.FlowPropertyFactor(conversion_factor=0.5, flow_property=self.mass.to_ref(), is_ref_flow_property=False)
        )
        self.flour = olca.new_product("Flour", self.mass)
        self.bran = olca.new_waste("Bran", self.mass)
        self.power = olca.new_product("Power", self.energy)
        self.salt = olca.new_product("Salt", self.mass)
        self.heat = olca.new_product("Heat", self.energy)
        self.co2 = olca.new_elementary_flow("Carbon dioxide", self.mass)
        self.methane = olca.new_elementary_flow("Methane", self.mass)
        self.uptake = olca.new_elementary_flow("Carbon dioxide, in air", self.mass)
        self.place = olca.new_location("Germany", "DE")
        self.plant = self.process("Power plant", self.power, 1, self.kilowatt_hour)
        olca.new_output(self.plant, self.co2, 400, self.gram)
        self.mill = self.process("Mill", self.flour, 1, self.ton)
        self.mill.location = self.place.to_ref()
        self.mill.category = "Food/Milling"
        olca.new_input(self.mill, self.power, 50, self.kilowatt_hour).default_provider = self.plant.to_ref()
        olca.new_input(self.mill, self.uptake, 1.5, self.ton)
        olca.new_output(self.mill, self.bran, 200)
        self.pit = olca.new_process("Pit")
        olca.new_input(self.pit, self.bran, 1).is_quantitative_reference = True
        olca.new_output(self.pit, self.methane, 0.01)
        self.bakery = self.process("Bakery", self.bread, 2)
        self.takes_flour = olca.new_input(self.bakery, self.flour, 1400, self.gram)
        olca.new_input(self.bakery, self.power, 3.6)
        olca.new_input(self.bakery, self.salt, 0.01)
        olca.new_output(self.bakery, self.heat, 1)

    def process(self, name: str, flow: olca.Flow, amount: float, unit: olca.Unit | None = None) -> olca.Process:
        made = olca.new_process(name)
        olca.new_output(made, flow, amount, unit).is_quantitative_reference = True
        return made

    def method(self) -> olca.ImpactCategory:
        category = olca.new_impact_category("Climate change")
        category.ref_unit = "kg CO2e"
        olca.new_impact_factor(category, self.co2, 1)
        olca.new_impact_factor(category, self.methane, 0.0298, self.gram)
        olca.new_impact_factor(category, self.uptake, -1)
        return category

    def write(self, path: Path, *more: olca.RootEntity) -> Path:
        with olca_schema.zipio.ZipWriter(path) as writer:
            for entity in (*vars(self).values(), *more):
                if isinstance(entity, olca.RootEntity):
                    writer.write(entity)
        return path


FLOUR = np.array([0.05 * 0.4, 0.2 * 0.01, -1.5])
"""kg of CO2, methane, CO2 taken up, per kg of flour."""
BREAD = 0.7 * FLOUR + np.array([0.5 * 0.4, 0, 0])


@pytest.fixture
def world() -> World:
    return World()


def test_a_bakery_by_hand(world: World, tmp_path: Path) -> None:
    graph = read_graph(world.write(tmp_path / "bakery.zip"))
    assert set(graph.columns) == {
        Column("Carbon dioxide", "kg"),
        Column("Methane", "kg"),
        Column("Carbon dioxide, in air", "kg"),
    }
    order = [graph.column(name) for name in ("Carbon dioxide", "Methane", "Carbon dioxide, in air")]
    found = graph.graph.footprints()[:, order]
    assert found[graph.product("Power plant")] == pytest.approx([0.4 / 3.6, 0, 0], rel=1e-15)
    assert found[graph.product("Mill")] == pytest.approx(FLOUR, rel=1e-14)
    assert found[graph.product("Bakery")] == pytest.approx(BREAD, rel=1e-14)
    assert graph.units[graph.product("Bakery")] == "Item(s)"
    assert graph.units[graph.product("Power plant")] == "MJ"
    assert graph.tags["location"][graph.product("Mill")] == "DE"
    assert graph.tags["category"][graph.product("Mill")] == "Food/Milling"
    assert graph.notes == (
        "1 co-products carry nothing: all stands on the reference product",
        "1 inputs or wastes that no process here supplies or treats count as nothing",
    )


def test_impact_categories_become_columns(world: World, tmp_path: Path) -> None:
    """A factor per gram counts a thousandfold per kilogram; what is taken up counts by its factor."""
    graph = read_graph(world.write(tmp_path / "bakery.zip", world.method()))
    assert graph.columns == (Column("Climate change", "kg CO2e"),)
    bread = graph.graph.footprints()[graph.product("Bakery"), 0]
    assert bread == pytest.approx(BREAD @ [1, 29.8, 1], rel=1e-14)


def test_a_folder_reads_like_its_zip_and_processes_may_form_loops(world: World, tmp_path: Path) -> None:
    """Bread at the mill's canteen: f = e + A^T f solved plainly."""
    olca.new_input(world.mill, world.bread, 20, world.gram).flow_property = world.mass.to_ref()
    path = world.write(tmp_path / "bakery.zip", world.method())
    graph = read_graph(path)
    amounts = np.zeros((4, 4))
    np.add.at(amounts, (graph.graph.supplier, graph.graph.consumer), graph.graph.amount)
    assert amounts[graph.product("Bakery"), graph.product("Mill")] == pytest.approx(0.02 / 0.5 / 1000, rel=1e-15)
    plain = np.linalg.solve(np.eye(4) - amounts.T, graph.graph.direct)
    assert graph.graph.footprints() == pytest.approx(plain, rel=1e-14)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "unpacked")
    unpacked = read_graph(tmp_path / "unpacked")
    assert unpacked.graph.footprints()[unpacked.product("Bakery")] == graph.graph.footprints()[graph.product("Bakery")]


def test_avoided_products_count_as_taken_less(world: World, tmp_path: Path) -> None:
    olca.new_input(world.bakery, world.power, 0.36).is_avoided_product = True
    graph = read_graph(world.write(tmp_path / "bakery.zip"))
    bread = graph.graph.footprints()[graph.product("Bakery"), graph.column("Carbon dioxide")]
    assert bread == pytest.approx(BREAD[0] - 0.05 * 0.4, rel=1e-14)


def test_the_default_provider_is_taken_and_without_one_nobody_is_guessed(world: World, tmp_path: Path) -> None:
    other = world.process("Other mill", world.flour, 1)
    olca.new_output(other, world.co2, 7)
    world.takes_flour.default_provider = other.to_ref()
    graph = read_graph(world.write(tmp_path / "named.zip", other))
    bread = graph.graph.footprints()[graph.product("Bakery"), graph.column("Carbon dioxide")]
    assert bread == pytest.approx(0.7 * 7 + 0.2, rel=1e-14)
    world.takes_flour.default_provider = None
    with pytest.raises(DocumentError, match=r"exchange \d+, Flour: an input that several processes supply.*a default"):
        read_graph(world.write(tmp_path / "several.zip", other))


def no_reference(world: World) -> None:
    world.mill.exchanges[0].is_quantitative_reference = False


def two_references(world: World) -> None:
    world.mill.exchanges[1].is_quantitative_reference = True


def nothing_made(world: World) -> None:
    world.mill.exchanges[0].amount = 0.0


def less_than_nothing_made(world: World) -> None:
    world.mill.exchanges[0].amount = -1.0


def gas_as_product(world: World) -> None:
    world.plant.exchanges[0].is_quantitative_reference = False
    world.plant.exchanges[1].is_quantitative_reference = True


def other_dimension(world: World) -> None:
    world.takes_flour.unit = world.kilowatt_hour.to_ref()


def unknown_flow(world: World) -> None:
    world.takes_flour.flow = olca.new_product("Rye", world.mass).to_ref()


def no_amount(world: World) -> None:
    world.takes_flour.amount = None


def no_exchanges(world: World) -> None:
    world.mill.exchanges = None


def no_factor(world: World) -> None:
    world.mass_units.units[1].conversion_factor = 0.0


def no_units(world: World) -> None:
    world.mass_units.units = []


FAULTS: list[tuple[Callable[[World], None], type[PassportError], str, str]] = [
    (no_reference, DocumentError, "a process whose product is not clear", "found 0"),
    (two_references, DocumentError, "a process whose product is not clear", "found 2"),
    (nothing_made, DocumentError, "a reference amount that is not above 0", "found 0.0"),
    (less_than_nothing_made, DocumentError, "a reference amount that is not above 0", "found -1000.0"),
    (gas_as_product, DocumentError, "a reference that is no product", "Carbon dioxide"),
    (other_dimension, UnitError, "exchange 2: a unit in which Flour is not measured", "found kWh"),
    (unknown_flow, DocumentError, "exchange 2: a flow that is not there", "a file in flows/"),
    (no_amount, DocumentError, "exchange 2: amount: not a number", "None"),
    (no_exchanges, DocumentError, "a process without exchanges", "NoneType"),
    (no_factor, DocumentError, "a conversion factor that is not above 0", "0.0"),
    (no_units, DocumentError, "a flow whose units are not there", "unit group"),
]


@pytest.mark.parametrize(("spoil", "kind", "message", "fact"), FAULTS, ids=[f[0].__name__ for f in FAULTS])
def test_wrong_packages_are_refused(
    world: World, tmp_path: Path, spoil: Callable[[World], None], kind: type[PassportError], message: str, fact: str
) -> None:
    spoil(world)
    path = world.write(tmp_path / "bakery.zip")
    with pytest.raises(kind) as caught:
        read_graph(path)
    assert message in str(caught.value)
    assert fact in str(caught.value)
    assert str(path) in str(caught.value.where)


def test_damaged_zips_and_bombs_are_refused(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = world.write(tmp_path / "bakery.zip")
    whole = path.read_bytes()
    for part in (whole[: len(whole) // 2], whole[:-20]):
        path.write_bytes(part)
        with pytest.raises(DocumentError, match="not a whole zip file"):
            read_graph(path)
    for place in range(0, len(whole), 91):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read_graph(path)
        except PassportError:
            continue
    path.write_bytes(whole)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("flows/bomb.json", b" " * 10**7)
    assert path.stat().st_size < 10**5
    monkeypatch.setattr(olca_zip, "MAX_MEMBER_BYTES", 10**6)
    with pytest.raises(BoundError, match=r"flows/bomb\.json: a file that is too large"):
        read_graph(path)


TEXTS: list[tuple[Any, str]] = [
    ("", "not JSON"),
    ("[" * 5000, "not JSON"),
    ("[]", "not an entity"),
    ({"@id": 1}, "not an entity"),
    ({"@id": "x"}, "a process without exchanges"),
    ({"@id": "x", "exchanges": [1]}, "a process without exchanges"),
    ({"@id": "x", "exchanges": [{"isQuantitativeReference": True, "flow": "f"}]}, "a flow that is not there"),
]


@pytest.mark.parametrize(("told", "message"), TEXTS)
def test_strange_entities_are_refused(world: World, tmp_path: Path, told: Any, message: str) -> None:
    path = world.write(tmp_path / "bakery.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("processes/x.json", told if isinstance(told, str) else json.dumps(told))
    with pytest.raises(DocumentError, match=message) as caught:
        read_graph(path)
    assert "processes/x.json" in str(caught.value.where)


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "Dear reader")
    with pytest.raises(DocumentError, match=r"no processes; expected files processes/\*.json"):
        read_graph(path)
