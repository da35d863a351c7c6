"""US LCI unit processes as inventories: totals against a published-data peer, and what cannot be stated is refused."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from passport.arithmetic.contribution import Contribution, StatedFootprint, contribute, emit
from passport.arithmetic.quanta import ONE, from_decimal
from passport.arithmetic.scale import passport_scale, period_scale
from passport.arithmetic.totals import Totals, sum_contributions
from passport.errors import BoundError, DocumentError, NotFoundError, UnitError
from passport.exchange import csv_rows, uslci_tables
from passport.exchange.uslci import GWP100, UNCOUNTED, UsLci, inventories_for, read_uslci
from passport.model.inventory import DirectInput, Inventory, PassportInput, Stage
from passport.model.units import Unit

LONGWALL = "33072bbf-19ee-4ed6-a1eb-b9ad5c4d0d97"
"""Longwall mining system; Equipment assembly; Production mix, at underground coal mine: the deepest product of the
database whose upstream is free of loops (3 tiers, 8 processes, 12 links; six machines share one steel plate)."""
STEEL_PLATE = "e0243fb9-6002-447c-b878-ac90d826c22e"
BASE = "https://uslci.example/processes/"

AR6 = {
    "CO2_fossil": "1",
    "CO2_land_transformation": "1",
    "CO2_biogenic": "0",
    "CO2_in_air_uptake": "0",
    "CH4_fossil": "29.8",
    "CH4_biogenic": "27",
    "N2O": "273",
    "CF4": "7380",
    "CFC11": "6230",
    "CFC12": "12500",
    "HCFC22": "1960",
    "HFC23": "14600",
    "HFC32": "771",
    "SF6": "25200",
}
"""The peer's warming potentials, as its direct emissions show them."""


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data" / "uslci_2018"


@pytest.fixture(scope="module")
def database(folder: Path) -> UsLci:
    return read_uslci(folder)


def table(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def peer(folder: Path) -> dict[str, dict[str, str]]:
    """The totals that bw2calc computed, by process."""
    with (folder / "reference_gwp100_AR6_bw2calc.csv").open(encoding="utf-8", newline="") as file:
        return {row["process_id"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def exact(folder: Path) -> Callable[[str], Fraction]:
    """Totals of loop-free processes from the tables alone, without our reader: kg CO2e per reference unit."""
    outputs: dict[str, Fraction] = {}
    direct: defaultdict[str, Fraction] = defaultdict(Fraction)
    for row in table(folder / "exchanges.csv.gz"):
        if row["reference"] == "1":
            outputs[row["process_id"]] = Fraction(row["amount"])
        elif row["ghg"]:
            sign = -1 if row["direction"] == "in" else 1
            direct[row["process_id"]] += sign * Fraction(row["amount"]) * Fraction(AR6[row["ghg"]])
    links: defaultdict[str, dict[str, Fraction]] = defaultdict(dict)
    for row in table(folder / "linked_edges.csv.gz"):
        links[row["output_process_id"]][row["input_process_id"]] = Fraction(row["amount"])

    def total(process_id: str) -> Fraction:
        upstream = sum((share * total(supplier) for supplier, share in links[process_id].items()), Fraction(0))
        return direct[process_id] / outputs[process_id] + upstream

    return total


def total_of(inventories: list[Inventory]) -> Fraction:
    """The exact total per declared unit of the last inventory, from what the inventories say alone."""
    totals: dict[str, tuple[Unit, Fraction]] = {}
    for inventory in inventories:
        total = Fraction(0)
        for entry in inventory.inputs:
            if isinstance(entry, DirectInput):
                total += sum(map(Fraction, entry.emissions.values()))
            else:
                assert isinstance(entry, PassportInput)
                unit, each = totals[str(entry.product)]
                assert entry.unit == unit
                total += Fraction(entry.quantity) * each
        totals[inventory.product.id] = (inventory.declared_unit, total / Fraction(inventory.covered_quantity))
    return totals[inventories[-1].product.id][1]


def issued_total(inventories: list[Inventory]) -> Fraction:
    """The total per declared unit of the last inventory, rounded row by row as passports are."""
    stated: dict[str, tuple[Inventory, Totals]] = {}
    for inventory in inventories:
        declared = from_decimal(inventory.declared_amount)
        scale = period_scale(declared, from_decimal(inventory.covered_quantity))
        rows: list[Contribution] = []
        for entry in inventory.inputs:
            if isinstance(entry, DirectInput):
                rows.append(emit({name: from_decimal(kg) for name, kg in entry.emissions.items()}, scale))
            elif isinstance(entry, PassportInput):
                child, totals = stated[str(entry.product)]
                taken = passport_scale(
                    from_decimal(entry.quantity),
                    entry.unit,
                    from_decimal(child.declared_amount),
                    child.declared_unit,
                    from_decimal(child.mass_per_declared_unit),
                )
                footprint = StatedFootprint(totals.components, totals.excluding, totals.unattributed)
                rows.append(contribute(footprint, scale.times(taken)))
        stated[inventory.product.id] = (inventory, sum_contributions(rows))
    last, totals = stated[inventories[-1].product.id]
    return Fraction(totals.excluding, ONE) / Fraction(last.declared_amount)


def off_by(ours: Fraction, reference: str) -> float:
    """Relative difference; of nothing to nothing it is none."""
    stated = Fraction(reference)
    return float(abs(ours - stated) / abs(stated)) if stated else float(abs(ours))


@pytest.mark.shared
def test_the_longwall_system_agrees_with_the_peer(
    database: UsLci, peer: dict[str, dict[str, str]], exact: Callable[[str], Fraction]
) -> None:
    inventories = inventories_for(database, LONGWALL)
    assert len(inventories) == 8
    assert sum(len(inventory.passport_inputs) for inventory in inventories) == 12
    assert peer[LONGWALL]["total_kgCO2e_per_unit"] == "6650123.138472187"
    for total in (exact(LONGWALL), total_of(inventories), issued_total(inventories)):
        assert off_by(total, "6650123.138472187") < 1e-12
    assert total_of(inventories) == exact(LONGWALL)


@pytest.mark.shared
def test_every_product_that_can_be_stated_agrees_with_the_peer(
    database: UsLci, peer: dict[str, dict[str, str]], exact: Callable[[str], Fraction]
) -> None:
    outcomes: Counter[str] = Counter()
    per_unit = {"t": 1000, "ha": 10_000}  # the peer's reference units in our declared ones
    for process_id in database.processes:
        try:
            inventories = inventories_for(database, process_id)
        except DocumentError as error:
            outcomes[error.message] += 1
            continue
        outcomes["stated"] += 1
        ratio = per_unit.get(peer[process_id]["reference_unit"], 1)
        reference = peer[process_id]["total_kgCO2e_per_unit"]
        assert total_of(inventories) * ratio == exact(process_id)
        assert off_by(exact(process_id), reference) < 1e-12
        assert off_by(issued_total(inventories) * ratio, reference) < 1e-9, process_id
    assert outcomes == {
        "stated": 90,
        "processes that supply each other": 643,
        "a process of which nothing is counted": 30,
        "an exchange with the wrong sign": 3,
    }


@pytest.mark.shared
def test_our_links_are_those_of_the_database(folder: Path, database: UsLci) -> None:
    """Amounts in suppliers' units per reference unit, all 3,473 of them, whatever units the exchanges have."""
    ours: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for process in database.processes.values():
        for entry in process.exchanges:
            if entry.provider:
                supplier = database.processes[entry.provider]
                in_its_unit = Fraction(uslci_tables.UNITS[supplier.reference.unit][1])
                share = database.taken(entry, process) / in_its_unit / Fraction(process.reference.quantity)
                ours[process.id, supplier.id] += share
    published = {
        (row["output_process_id"], row["input_process_id"]): row["amount"]
        for row in table(folder / "linked_edges.csv.gz")
    }
    assert len(published) == 3473
    assert set(ours) == set(published)
    for link, amount in published.items():
        assert abs(float(ours[link]) - float(amount)) <= 1e-15 * abs(float(amount)), link


@pytest.mark.shared
def test_an_inventory_says_what_the_process_says(database: UsLci) -> None:
    steel, top = inventories_for(database, LONGWALL)[0], inventories_for(database, LONGWALL)[-1]
    assert steel.product.id == BASE + STEEL_PLATE
    assert (steel.declared_unit, steel.declared_amount, steel.mass_per_declared_unit) == (Unit.KILOGRAM, 1, 1)
    assert steel.covered_quantity == 100_000_000  # 6 machines, 1000 of the shields and 1000 of the pans: 27.8e6 kg
    methane, carbon_dioxide, nitrous_oxide = steel.inputs
    assert isinstance(methane, DirectInput)
    assert isinstance(carbon_dioxide, DirectInput)
    assert isinstance(nitrous_oxide, DirectInput)
    assert methane.emissions == {"fossilGhgEmissions": Decimal("0.000878377702") * Decimal("29.8") * 10**8}
    assert carbon_dioxide.emissions == {"fossilGhgEmissions": Decimal("115799863.4")}
    assert nitrous_oxide.emissions == {"fossilGhgEmissions": Decimal("0.000060159722") * 273 * 10**8}
    assert "GLO is no country" in str(steel.comment)
    assert "until 2004-12-31" in str(steel.comment)
    shields = next(entry for entry in top.passport_inputs if entry.name.startswith("Hydraulic shield"))
    assert (shields.quantity, shields.unit, shields.stage) == (176, Unit.PIECE, Stage.RAW_MATERIAL)
    assert shields.product == BASE + "0de15d06-983f-4c9c-a2b9-b6ba9aa23321"
    assert top.country == "US"


@pytest.mark.shared
def test_nothing_is_taken_beyond_what_is_covered(database: UsLci) -> None:
    for top in (LONGWALL, "a8eb9a6a-e8e6-3da6-a3ab-20dcf68e883a"):
        inventories = inventories_for(database, top)
        taken: defaultdict[str, Decimal] = defaultdict(Decimal)
        for inventory in inventories:
            for entry in inventory.passport_inputs:
                taken[str(entry.product)] += entry.quantity
        for inventory in inventories[:-1]:
            assert 0 < taken[inventory.product.id] <= inventory.covered_quantity


@pytest.mark.shared
def test_what_the_database_cuts_off_is_declared_as_missing(database: UsLci) -> None:
    cut_off = 0
    for process_id in ("a8eb9a6a-e8e6-3da6-a3ab-20dcf68e883a", "2250f2f2-7faa-3307-9534-ca78b371b4dd"):
        for inventory in inventories_for(database, process_id):
            process = database.processes[inventory.product.id.removeprefix(BASE)]
            unlinked = [
                entry.name
                for entry in process.exchanges
                if not entry.provider and (entry.kind == "waste" or (entry.kind == "product" and entry.is_input))
            ]
            assert [entry.name for entry in inventory.missing] == unlinked
            cut_off += len(unlinked)
    assert cut_off > 10


@pytest.mark.shared
def test_a_loop_of_processes_is_refused_by_its_names(database: UsLci) -> None:
    with pytest.raises(DocumentError, match="processes that supply each other") as caught:
        inventories_for(database, "0073ee84-5cb1-3e11-b647-95e2e9d36c5b")  # grid electricity of a US region
    loop = str(caught.value.found).split(" <- ")
    assert len(loop) > 2
    assert loop[0] == loop[-1]


# A database of two processes: what each table holds.
PROCESSES = """process_id,name,location,category,type,valid_until
p1,Wire,US,Metals,UNIT_PROCESS,2010-01-01
p2,Copper,RNA,Metals,UNIT_PROCESS,
"""
FLOWS = """flow_id,name,type,ghg
f1,Wire,product,
f2,Copper,product,
f3,Lacquer,product,
f4,Methane,elementary,CH4_biogenic
f5,Sludge,waste,
f6,Carbon dioxide,elementary,CO2_biogenic
"""
EXCHANGES = """process_id,flow_id,ghg,kind,direction,reference,amount,unit,distribution,geometric_sd
p1,f1,,product,out,1,0.25,kg,,
p1,f2,,product,in,0,0.51,sh tn,,
p1,f3,,product,in,0,3,t*km,,
p1,f5,,waste,out,0,1,kg,,
p1,f4,CH4_biogenic,elementary,out,0,1.3E-19,kg,,
p2,f2,,product,out,1,1,t,,
p2,f4,CH4_biogenic,elementary,out,0,2e-3,kg,,
p2,f6,CO2_biogenic,elementary,out,0,7,kg,,
"""
EDGES = """input_process_id,output_process_id,amount
p2,p1,0.0004626642
"""


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Writes the small database with changes: name of a table, old text, new text."""

    def write(*changes: tuple[str, str, str]) -> Path:
        tables = {"processes": PROCESSES, "flows": FLOWS, "exchanges": EXCHANGES, "linked_edges": EDGES}
        for name, old, new in changes:
            assert old in tables[name]
            tables[name] = tables[name].replace(old, new)
        for name, text in tables.items():
            (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
        return tmp_path

    return write


def test_a_small_database_by_hand(small: Callable[..., Path]) -> None:
    copper, wire = inventories_for(read_uslci(small()), "p1", product_base="https://x.example/")
    assert copper.declared_unit == Unit.KILOGRAM  # a tonne is 1000 of what footprints are declared in
    assert (copper.country, wire.country) == ("US", "US")
    assert "RNA is no country" in str(copper.comment)
    # 1.3e-19 kg x 27.0 = 3.51e-18 kg CO2e has 20 decimals, 15 of them fit: everything stands times 1e5.
    assert wire.covered_quantity == 25_000
    short_tons, gas = wire.inputs
    assert isinstance(short_tons, PassportInput)
    assert isinstance(gas, DirectInput)
    assert (short_tons.quantity, short_tons.unit) == (102_000_000, Unit.POUND)  # 0.51 x 2000 lb x 1e5
    assert gas.emissions == {"biogenicNonCO2Emissions": Decimal("351e-15")}
    assert [(entry.name, entry.stage) for entry in wire.missing] == [
        ("Lacquer", Stage.INBOUND_TRANSPORT),  # counted in tonne-kilometres
        ("Sludge", Stage.PRODUCTION),
    ]
    # 1.02e8 lb x 0.45359237 kg/lb = 46,266,421.74 kg: the next power of ten of a tonne is 100,000 t.
    assert copper.covered_quantity == 10**8
    (methane,) = copper.inputs
    assert isinstance(methane, DirectInput)
    assert methane.emissions == {"biogenicNonCO2Emissions": 5400}  # 0.002 kg x 27.0 x 1e5
    # The row of 3.51e-18 kg CO2e for 0.25 kg, 1.404e-17 a kg, keeps its digits from a declared amount of 1e8 kg.
    assert (wire.declared_amount, copper.declared_amount) == (10**8, 1)


# What cannot be read or stated: name, changes, part of the message, a fact in it.
FAULTS: list[tuple[str, list[tuple[str, str, str]], str, str]] = [
    ("column missing", [("processes", "location", "place")], "a table without a column", "location"),
    ("short row", [("flows", "f3,Lacquer,product,", "f3,Lacquer")], "a row of another length", "flows"),
    ("long row", [("flows", "f3,", "f3,,,,,")], "a row of another length", "flows.csv.gz:4"),
    ("open quote", [("flows", "Sludge", '"Sludge')], "not CSV", "unexpected end"),
    ("no number", [("exchanges", "0.51", "0,51")], "a row of another length", "exchanges"),
    ("no reference", [("exchanges", "out,1,1,t", "out,0,1,t")], "a process without reference", "p2"),
    ("no output", [("exchanges", "out,1,1,t", "out,1,0,t")], "a process without output", "p2"),
    ("unknown unit", [("exchanges", "sh tn", "USD")], "a unit that is not read here", "USD of Copper"),
    ("other dimension", [("exchanges", "sh tn", "kWh")], "kilowatt hour does not convert", "Wire: Copper"),
    ("unit nobody declares", [("exchanges", "0.25,kg", "0.25,p*km")], "a product in a unit", "passenger"),
    ("negative input", [("exchanges", "0.51", "-0.51")], "an exchange with the wrong sign", "-0.51"),
    (
        "gas taken in",
        [("exchanges", "elementary,out,0,2e-3", "elementary,in,0,2e-3")],
        "an exchange with the wrong sign",
        "in",
    ),
    ("gas in tonnes", [("exchanges", "2e-3,kg", "2e-3,t")], "an emission that is not in kg", "t"),
    ("unknown gas", [("exchanges", "CO2_biogenic", "NF3")], "a gas whose warming potential is not known", "NF3"),
    (
        "nothing counted",
        [("exchanges", "p2,f4,CH4_biogenic,elementary,out,0,2e-3,kg,,\n", "")],
        "a process of which nothing is counted",
        "Copper",
    ),
    ("too much", [("exchanges", "0.51", "0.51e20")], "an amount that does not fit", "Copper"),
    ("nameless", [("processes", "Wire", "")], "cannot be stated as an inventory", "product.name"),
    (
        "loop of one",
        [("linked_edges", "p2,p1", "p2,p1,1\np1,p1"), ("exchanges", "p1,f3,", "p1,f1,")],
        "processes that supply each other",
        "Wire <- Wire",
    ),
]


@pytest.mark.parametrize(("changes", "message", "fact"), [c[1:] for c in FAULTS], ids=[c[0] for c in FAULTS])
def test_what_cannot_be_stated_is_refused(
    small: Callable[..., Path], changes: list[Any], message: str, fact: str
) -> None:
    folder = small(*changes)
    with pytest.raises((DocumentError, UnitError)) as caught:
        inventories_for(read_uslci(folder), "p1")
    assert message in str(caught.value)
    assert fact in str(caught.value)


def test_damaged_tables_are_refused(small: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small()
    path = folder / "flows.csv.gz"
    whole = path.read_bytes()
    for data in (b"", b"plain", whole[:-12], whole[:30] + b"\0\0" + whole[32:], gzip.compress(b"\xff")):
        path.write_bytes(data)
        with pytest.raises(DocumentError, match=r"a table (that cannot be read|without a column)") as caught:
            read_uslci(folder)
        assert caught.value.where == str(path)
    path.unlink()
    with pytest.raises(DocumentError, match="No such file"):
        read_uslci(folder)
    path.write_bytes(whole)
    monkeypatch.setattr(csv_rows, "MAX_TABLE_CHARACTERS", 100)
    with pytest.raises(BoundError, match="a table that is too large"):
        read_uslci(folder)


def test_an_unknown_process_is_named(small: Callable[..., Path]) -> None:
    with pytest.raises(NotFoundError, match=r"no process of that id.*p9"):
        inventories_for(read_uslci(small()), "p9")


def test_the_potentials_are_those_of_the_report() -> None:
    """Table 7.15 (methane, fossil and non-fossil) and 7.SM.7 of IPCC AR6 WG1, compared with what the peer used."""
    assert {gas: Fraction(potential) for gas, (potential, _) in GWP100.items()} == {
        gas: Fraction(potential) for gas, potential in AR6.items() if gas not in UNCOUNTED
    }
    assert {gas for gas, potential in AR6.items() if potential == "0"} == UNCOUNTED
