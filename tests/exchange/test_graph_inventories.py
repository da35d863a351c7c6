"""Inventories as a graph: the totals of issuing them one by one, and loops that nobody could issue one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from passport.errors import DocumentError, PassportError, UnitError, UnproductiveError
from passport.exchange.graphs import read_graph
from passport.exchange.uslci import inventories_for
from passport.exchange.uslci_graph import TOTAL
from passport.exchange.uslci_tables import UNITS, read_uslci
from passport.model.components import COMPONENTS, SUMMED

ROOT = Path(__file__).resolve().parents[2]
LONGWALL = "33072bbf-19ee-4ed6-a1eb-b9ad5c4d0d97"
"""Longwall mining system of the US LCI: three tiers, eight processes."""

BASE: dict[str, Any] = {
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
}


def inventory(name: str, *inputs: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A plain inventory of a product."""
    product = {
        "id": f"https://mill.example/{name}",
        "pactIds": [f"urn:example:{name}"],
        "name": name.title(),
        "description": name,
        "idScheme": {"id": "https://mill.example/", "name": "Own"},
        "granularity": "model",
        "category": [{"code": "1", "name": "Food", "schemeId": "https://mill.example/c", "schemeName": "Own"}],
    }
    return {**BASE, "product": product, "inputs": list(inputs), **changes}


def emits(kg: str, **changes: Any) -> dict[str, Any]:
    entry = {"id": "own", "kind": "direct", "name": "Fuel", "stage": "mainProduction", "known": "measured"}
    return {**entry, "emissions": {"fossilGhgEmissions": kg}, **changes}


def takes(name: str, quantity: str, unit: str = "kilogram", **changes: Any) -> dict[str, Any]:
    entry = {
        "id": f"in-{name}",
        "kind": "passport",
        "name": name,
        "stage": "rawMaterialAcquisition",
        "known": "measured",
    }
    return {**entry, "quantity": quantity, "unit": unit, "product": f"https://mill.example/{name}", **changes}


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """A folder of these inventories."""

    def write(*inventories: dict[str, Any]) -> Path:
        for number, told in enumerate(inventories):
            (tmp_path / f"{number}.yaml").write_text(yaml.safe_dump(told), "utf-8")
        return tmp_path

    return write


def test_the_battery_has_the_footprint_that_its_own_sums_give() -> None:
    """93.05 kg CO2e per kWh of 60.1344 kWh, which the fixture's tests compute a second time from the files."""
    graph = read_graph(ROOT / "fixtures" / "battery" / "inventories")
    found = graph.graph.footprints()
    pack = graph.product("Traction battery pack WT-60, 60 kWh")
    assert round(found[pack, 0] / 60.1344, 2) == 93.05
    assert graph.units[pack] == "1 piece"
    assert graph.tags["country"][pack] == "DE"
    summed = [graph.column(name) for name in SUMMED if name in {column.name for column in graph.columns}]
    assert found[:, summed].sum(axis=1) == pytest.approx(found[:, 0], rel=1e-12)
    assert graph.columns[graph.column("landAreaOccupation")].unit == COMPONENTS["landAreaOccupation"].unit == "m2 year"


@pytest.mark.shared
def test_inventories_of_a_database_have_the_totals_of_its_graph(shared: Path, tmp_path: Path) -> None:
    """Two ways from the US LCI's tables: inventories, scaled for rounding, and the process graph."""
    database = read_uslci(shared / "data" / "uslci_2018")
    for number, each in enumerate(inventories_for(database, LONGWALL)):
        (tmp_path / f"{number}.json").write_text(each.model_dump_json(by_alias=True, exclude_none=True), "utf-8")
    ours, whole = read_graph(tmp_path), read_graph(shared / "data" / "uslci_2018")
    assert ours.graph.n_products == 8
    totals = whole.graph.footprints()[:, whole.column(TOTAL)]
    for number, product in enumerate(ours.ids):
        process = whole.product(product.rpartition("/")[2])
        declared, _, unit = (ours.units[number] or "").partition(" ")
        assert unit == whole.units[process] == UNITS[database.processes[whole.ids[process]].reference.unit][0]
        assert ours.graph.footprints()[number, 0] == pytest.approx(totals[process] * float(declared), rel=1e-9)


def test_what_is_declared_as_missing_is_said(folder: Callable[..., Path]) -> None:
    missing = [{"name": "Salt", "stage": "rawMaterialAcquisition", "reason": "not known"}]
    graph = read_graph(folder(inventory("bread", emits("1"), missing=missing), inventory("rye", emits("1"))))
    assert graph.notes == ("1 inputs that are declared as missing count as nothing",)


def test_a_loop_of_two_by_hand(folder: Callable[..., Path]) -> None:
    """A kilogram of flour takes 0.75 kg of bread, a quarter of six loaves; these take 3 kg of flour.

    With f = 1 + b / 4 and b = 2 + 3 f: f = 6 and b = 20. Amounts of the period are for 1,000 times six loaves.
    """
    flour = inventory("flour", emits("1"), takes("bread", "0.75", "kilogram"))
    bread = inventory(
        "bread",
        emits("2000", per="period"),
        takes("flour", "3000", per="period"),
        declaredUnit="piece",
        declaredAmount="6",
        massPerDeclaredUnit="3",
        coveredQuantity="6000",
    )
    graph = read_graph(folder(flour, bread))
    assert graph.units == ["1 kilogram", "6 piece"]
    assert list(graph.edge_tags["stage"]) == ["rawMaterialAcquisition"] * 2
    assert graph.graph.amount == pytest.approx([0.25, 3], rel=1e-15)
    assert graph.graph.footprints()[:, 0] == pytest.approx([6, 20], rel=1e-14)


FAULTS: list[tuple[str, list[dict[str, Any]], type[PassportError], str]] = [
    (
        "nobody makes it",
        [inventory("bread", takes("rye", "1"))],
        DocumentError,
        r"0.yaml: input in-rye: an input that no inventory here is of.*https://mill.example/rye",
    ),
    (
        "only a passport",
        [inventory("bread", {**takes("rye", "1"), "product": None, "passport": "urn:uuid:1"})],
        DocumentError,
        r"found the passport urn:uuid:1",
    ),
    (
        "two of one product",
        [inventory("bread", emits("1")), inventory("bread", emits("2"))],
        DocumentError,
        r"1.yaml: two inventories of one product; expected another product than that of .*0.yaml",
    ),
    (
        "units",
        [inventory("bread", takes("rye", "1", "liter")), inventory("rye", emits("1"))],
        UnitError,
        r"0.yaml: input in-rye.*liter does not convert to kilogram",
    ),
    (
        "other potentials",
        [inventory("bread", emits("1")), inventory("rye", emits("1"), gwp=["AR5"])],
        DocumentError,
        r"different sets of global warming potentials.*AR6 in .*0.yaml; AR5 in .*1.yaml",
    ),
    (
        "feeds on itself",
        [inventory("bread", emits("1"), takes("bread", "1"))],
        UnproductiveError,
        r"0.yaml: input in-bread: https://mill.example/bread needs at least one unit of itself",
    ),
]


@pytest.mark.parametrize(("inventories", "kind", "message"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_wrong_sets_are_refused(
    folder: Callable[..., Path], inventories: list[dict[str, Any]], kind: Any, message: str
) -> None:
    for told in inventories:
        told["inputs"] = [
            {name: value for name, value in entry.items() if value is not None} for entry in told["inputs"]
        ]
    with pytest.raises(kind, match=message):
        read_graph(folder(*inventories))


def test_a_file_that_is_no_inventory_names_its_line(folder: Callable[..., Path]) -> None:
    path = folder(inventory("bread", emits("one"))) / "0.yaml"
    with pytest.raises(DocumentError, match=r"0.yaml:\d+: inputs\[0\].emissions.fossilGhgEmissions"):
        read_graph(path)
