"""The battery chain of fixtures/battery: sound identifiers, inventories that are taken, a source for every number."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from battery_chain import CONVERSIONS, FIXTURE, companies, company_of, named, raw

from passport.exchange.inventory_file import read_inventories
from passport.model.inventory import Inventory
from passport.model.party import Party

USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def amounts() -> Iterator[tuple[str, str, str, str]]:
    """File, field, value and unit of every amount in every inventory."""
    for name, document in raw().items():
        file = f"{company_of()[name]}/{name}.yaml"
        unit = document["declaredUnit"]
        yield file, "declaredAmount", document["declaredAmount"], unit
        yield file, "massPerDeclaredUnit", document["massPerDeclaredUnit"], "kilogram"
        yield file, "exempted.percent", document["exempted"]["percent"], "percent"
        for content, value in document["carbonContents"].items():
            yield file, f"carbonContents.{content}", value, "kg C per declared unit"
        yield file, "coveredQuantity", document["coveredQuantity"], unit
        for entry in document["inputs"]:
            for field, value, entry_unit in _entry_amounts(entry):
                yield file, f"inputs[{entry['id']}].{field}", value, entry_unit


def _entry_amounts(entry: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Field, value and unit of every amount of one input; an amount nobody thought of is an error."""
    seen = {"id", "kind", "name", "stage", "per", "known", "dataQuality", "unit", "product"}
    if "quantity" in entry:
        yield "quantity", entry["quantity"], entry["unit"]
    for component, value in entry.get("emissions", {}).items():
        basis = "m2 year" if component == "landAreaOccupation" else "kg CO2e"
        per = "period" if entry.get("per") == "period" else "declared unit"
        yield f"emissions.{component}", value, f"{basis} per {per}"
    if "factor" in entry:
        factor = entry["factor"]
        assert set(factor) <= {"name", "amount", "unit", "components", "source", "year", "geography", "primary"}
        if "amount" in factor:
            yield "factor.amount", factor["amount"], factor["unit"]
        for component, value in factor["components"].items():
            yield f"factor.components.{component}", value, f"kg CO2e per {factor['unit']}"
    if "uncertainty" in entry:
        yield "uncertainty.spread", entry["uncertainty"]["spread"], "geometric standard deviation"
    assert set(entry) <= seen | {"quantity", "emissions", "factor", "uncertainty"}, entry["id"]


@cache
def source_rows() -> tuple[tuple[str, ...], ...]:
    """The rows of SOURCES.md: file, field, value, unit, source."""
    _, _, table = (FIXTURE / "SOURCES.md").read_text("utf-8").partition("\n## Rows\n")
    lines = [line for line in table.splitlines() if line.startswith("|")]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    assert rows[0] == ("file", "field", "value", "unit", "source")
    return tuple(rows[2:])


@cache
def references() -> frozenset[str]:
    """The keys of the references in SOURCES.md."""
    text = (FIXTURE / "SOURCES.md").read_text("utf-8")
    return frozenset(re.findall(r"^\| \[([A-Z0-9-]+)\] \|", text, re.MULTILINE))


def luhn_mod_10_gs1(digits: str) -> bool:
    """Whether the last digit is the GS1 check digit of the others."""
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits))) % 10 == 0


def identifier_is_sound(scheme: str, identifier: str) -> bool:
    """Whether an identifier obeys its register's rule of form."""
    if scheme == "LEI":  # ISO 17442: ISO 7064 mod 97-10 over 20 characters
        numbers = "".join(str(int(character, 36)) for character in identifier)
        return re.fullmatch(r"[A-Z0-9]{18}[0-9]{2}", identifier) is not None and int(numbers) % 97 == 1
    if scheme == "USCC":  # GB 32100-2015, over GB 11714 for the organisation code inside
        weighed = sum(USCC_CHARACTERS.index(sign) * pow(3, place, 31) for place, sign in enumerate(identifier[:17]))
        weights = (3, 7, 9, 10, 5, 8, 4, 2)
        check = -sum(int(sign, 36) * weight for sign, weight in zip(identifier[8:16], weights, strict=True)) % 11
        code = "X" if check == 10 else str(check)
        return len(identifier) == 18 and identifier[16] == code and identifier[17] == USCC_CHARACTERS[-weighed % 31]
    if scheme == "GLN":
        return re.fullmatch(r"[0-9]{13}", identifier) is not None and luhn_mod_10_gs1(identifier)
    if scheme == "VAT":  # the Finnish rule: FI and eight digits, weights 7 9 10 5 8 4 2 1 give a multiple of 11
        weights = (7, 9, 10, 5, 8, 4, 2, 1)
        shaped = re.fullmatch(r"FI[0-9]{8}", identifier) is not None
        return shaped and sum(int(d) * w for d, w in zip(identifier[2:], weights, strict=True)) % 11 == 0
    return re.fullmatch(r"[A-Z]{2}[A-Z0-9]+\.[A-Z0-9]+", identifier) is not None  # EUID: country, register, number


def test_there_are_fourteen_companies_and_twenty_four_products() -> None:
    """As many as the demonstration promises; every company has at least one product, and nobody else has any."""
    keys = [company["key"] for company in companies()["companies"]]
    assert len(keys) == len(set(keys)) == 14
    assert len(raw()) == len(named()) == 24
    assert set(company_of().values()) == set(keys)
    everyone = [*companies()["companies"], companies()["registrar"], companies()["auditor"]]
    assert len({company["country"] for company in companies()["companies"]}) >= 10
    assert len({(company["scheme"], company["identifier"]) for company in everyone}) == 16
    assert {company["scheme"] for company in everyone} == {"LEI", "EUID", "VAT", "GLN", "USCC"}


@pytest.mark.parametrize("key", [c["key"] for c in companies()["companies"]] + ["registrar", "auditor"])
def test_a_company_is_well_formed_and_made_up(key: str) -> None:
    """Identifiers pass their register's check, and show that nobody real has them."""
    entries = {company["key"]: company for company in companies()["companies"]}
    entry = entries.get(key) or companies()[key]
    made_up = {"LEI": "9999", "USCC": "919999", "GLN": "952", "VAT": "FI999999", "EUID": "DEX9999X."}
    assert identifier_is_sound(entry["scheme"], entry["identifier"])
    assert entry["identifier"].startswith(made_up[entry["scheme"]])
    assert entry["host"] == f"{entry['key']}.example"
    assert entry["companyIds"] == [f"urn:{entry['scheme'].lower()}:{entry['identifier']}"]
    assert re.search(r"[\u4e00-\u9fff]", entry["names"]["zh"])
    party = {field: value for field, value in entry.items() if field not in {"key", "host"}}
    assert Party.model_validate(party).identifier == entry["identifier"]


def test_checks_of_identifiers_notice_a_changed_digit() -> None:
    """The check characters are checked, not only the shape; the codes are those of published examples."""
    sound = [
        ("LEI", "529900T8BM49AURSDO55"),
        ("USCC", "91350100M000100Y43"),
        ("GLN", "4012345000009"),
        ("VAT", "FI20774740"),
    ]
    assert [scheme for scheme, code in sound if not identifier_is_sound(scheme, code)] == []
    changed = [(scheme, code[:-3] + str((int(code[-3], 36) + 1) % 10) + code[-2:]) for scheme, code in sound]
    assert [scheme for scheme, code in changed if identifier_is_sound(scheme, code)] == []


@pytest.mark.parametrize("name", sorted(raw()))
def test_an_inventory_is_valid_and_belongs_to_its_company(name: str) -> None:
    """The model takes it; its ids lie under the company's host; nothing is declared missing in this chain."""
    document = raw()[name]
    company = next(entry for entry in companies()["companies"] if entry["key"] == company_of()[name])
    inventory = Inventory.model_validate(document)
    match = re.fullmatch(rf"https://id\.{company['host']}/01/([0-9]{{14}})(?:/10/(.+))?", inventory.product.id)
    assert match is not None
    assert luhn_mod_10_gs1(match[1])
    assert match[2] == inventory.product.batch_number
    assert (match[2] is None) == (inventory.product.granularity == "model")
    assert inventory.product.pact_ids == (f"urn:pact:{company['host']}:product-id:{name}",)
    assert luhn_mod_10_gs1(inventory.facility.id.removeprefix("https://id.gs1.org/414/"))
    assert inventory.country == company["country"]
    assert list(inventory.company_ids) == company["companyIds"]
    assert re.search(r"[\u4e00-\u9fff]", inventory.product.names["zh"])
    assert inventory.missing == ()


def test_the_reader_takes_the_whole_folder() -> None:
    """The files as an issuer hands them in, read by the package's own reader, say what they say to PyYAML."""
    read = {Path(file.path).stem: file.inventory for file in read_inventories([FIXTURE / "inventories"])}
    assert read == {name: Inventory.model_validate(document) for name, document in raw().items()}


def test_every_number_has_its_source_and_no_row_is_stale() -> None:
    """SOURCES.md lists exactly the amounts of the inventories, each once, with the same value and unit."""
    listed = [row[:4] for row in source_rows()]
    assert len(listed) == len(set(listed))
    needed = set(amounts())
    assert sorted(needed - set(listed)) == []
    assert sorted(set(listed) - needed) == []
    assert len(needed) > 350


def test_every_source_is_named_or_called_an_assumption() -> None:
    """A source is a known reference with a place in it, a formula, or an assumption with a reason; none is unused."""
    cited: set[str] = set()
    for row in source_rows():
        keys = set(re.findall(r"\[([A-Z][A-Z0-9-]+)\]", row[4]))
        assert keys <= references(), row
        cited |= keys
        head, _, rest = row[4].partition("]" if row[4].startswith("[") else ": ")
        assert head.lstrip("[") in references() | {"assumed", "calculated"}, row
        assert len(rest.strip()) >= 3, row
    assert cited == references()


@pytest.mark.shared
def test_values_said_to_be_from_published_data_are_those_of_the_data(shared: Path) -> None:
    """Rows that quote USLCI or Ember are compared with the files, to the digits given."""
    with (shared / "data" / "uslci_2018" / "reference_gwp100_AR6_bw2calc.csv").open(encoding="utf-8") as file:
        processes = {row["name"].strip(): row for row in csv.DictReader(file)}
    with (shared / "data" / "grid" / "ember_average_gCO2e_per_kWh.csv").open(encoding="utf-8") as file:
        grids = {row["iso3_or_region"]: row["g_co2e_per_kwh"] for row in csv.DictReader(file)}
    compared = 0
    for _, field, value, _, source in source_rows():
        if match := re.fullmatch(r'\[USLCI\] "(.+)" (direct|total)', source):
            published = Fraction(processes[match[1]][f"{match[2]}_kgCO2e_per_unit"])
            assert abs(Fraction(value) - published) <= Fraction(1, 2 * 10**6), (field, source)
            compared += 1
        elif match := re.fullmatch(r"\[EMBER\] ([A-Z]{3})", source):
            assert Fraction(value) == Fraction(grids[match[1]]) / 1000, (field, source)
            compared += 1
    assert compared >= 60


@pytest.mark.shared
def test_amounts_of_published_processes_are_those_of_the_data(shared: Path) -> None:
    """The aluminium smelter's alumina, anodes, electricity and the soda ash plant's coal stand in the database."""
    folder = shared / "data" / "uslci_2018"
    with gzip.open(folder / "processes.csv.gz", "rt", encoding="utf-8") as file:
        ids = {row["process_id"]: row["name"] for row in csv.DictReader(file)}
    with gzip.open(folder / "exchanges.csv.gz", "rt", encoding="utf-8") as file:
        published = {(ids[row["process_id"]], Fraction(row["amount"]), row["unit"]) for row in csv.DictReader(file)}
    smelter, soda = "Aluminum, primary, smelt, at plant", "Natural soda ash (Sodium carbonate), at plant"
    ingot = {
        entry["id"]: Fraction(entry["quantity"]) for entry in raw()["aluminium-ingot"]["inputs"] if "quantity" in entry
    }
    ash = {entry["id"]: Fraction(entry["quantity"]) for entry in raw()["soda-ash"]["inputs"] if "quantity" in entry}
    assert (smelter, ingot["alumina"], "kg") in published
    assert (smelter, ingot["anodes"], "kg") in published
    assert (smelter, ingot["electricity"] * 1000, "kWh") in published
    assert (soda, ash["lignite"] / 1000, "kg") in published
    assert (soda, ash["electricity"], "kWh") in published


def test_the_chain_uses_what_an_inventory_can_say() -> None:
    """Batches and models, both bases of amounts, measured emissions, ratings, spreads and many units."""
    entries = [entry for document in raw().values() for entry in document["inputs"]]
    assert {document["product"]["granularity"] for document in raw().values()} == {"batch", "model"}
    assert {document["declaredUnit"] for document in raw().values()} == {
        "kilogram",
        "piece",
        "kilowatt hour",
        "ton kilometer",
    }
    assert {entry["kind"] for entry in entries} == {"direct", "factor", "passport"}
    assert {entry.get("per") for entry in entries} == {None, "period"}
    assert {entry["known"] for entry in entries} == {"measured", "calculated", "estimated"}
    assert {entry["unit"] for entry in entries if "unit" in entry} >= {
        *(source for source, _ in CONVERSIONS),
        *("kilogram", "kilowatt hour", "ton kilometer", "piece", "cubic meter", "liter"),
    }
    assert [entry["id"] for entry in entries if ("dataQuality" in entry) == (entry["kind"] == "passport")] == []
    assert sum("uncertainty" in entry for entry in entries) >= 10
