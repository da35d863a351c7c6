"""Joint processes, gases, electricity: honest ones pass every check, and each lie is found for its own reason."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from forge import Draft, Forged
from hypothesis import given
from hypothesis import strategies as st
from judged import node, only_failure, row, rows_of
from verifier_products import direct, factor, inventory, used
from verifier_world import NOW, World, _gather, _hand_over, issuer_for, reopen, ticking

from passport.arithmetic.quanta import ONE
from passport.carbon.gwp import GRACE_RULE
from passport.credentials import parse_canonical, read_secured
from passport.exchange.material_rows import RECYCLING_WORDS
from passport.exchange.process_shares import process_words, read_process
from passport.ledger import EmbeddedChain
from passport.model.facts import passport_facts
from passport.model.inventory import Inventory
from passport.model.sameness import overlap
from passport.store import Store
from verifier.checks.accounting import check_accounting
from verifier.checks.double_counting import most_at_once
from verifier.outcome import Outcome

YEAR = {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}


NEW_YEAR = {"start": "2025-01-01T00:00:00Z", "end": "2025-01-02T00:00:00Z"}


def certificate(quantity: str, **more: Any) -> dict[str, Any]:
    return {
        "instrument": "certificate",
        "registry": "EECS",
        "trackingId": "GO-1",
        "issuedQuantity": "1000",
        "quantity": quantity,
        "unit": "kilowatt hour",
        "period": YEAR,
        "country": "FI",
        "factor": factor({"fossilGhgEmissions": "0.01"}),
        **more,
    }


def power(quantity: str, country: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "power",
        "kind": "electricity",
        "name": "power",
        "stage": "mainProduction",
        "per": "period",
        "known": "measured",
        "quantity": quantity,
        "unit": "kilowatt hour",
        "country": country,
        "grid": factor({"fossilGhgEmissions": "0.4"}),
        **more,
    }


RESIDUAL = {"basis": "residualMix", "factor": factor({"fossilGhgEmissions": "0.7"})}
JOINT = {
    "method": "mass",
    "reason": "for the tests",
    "product": "alloy",
    "subdivided": ["casting"],
    "outputs": [
        {"id": "alloy", "name": "Alloy", "quantity": "3000", "unit": "kilogram"},
        {"id": "matte", "name": "Matte", "quantity": "1", "unit": "tonne"},
    ],
}
EXPANDED = {
    "method": "systemExpansion",
    "reason": "for the tests",
    "product": "steam",
    "outputs": [
        {"id": "steam", "name": "Steam", "quantity": "10000", "unit": "kilogram"},
        {"id": "ash", "name": "Ash", "quantity": "100", "unit": "kilogram", "displacedPerUnit": "0.5"},
        {
            "id": "heat",
            "name": "Heat",
            "quantity": "1000",
            "unit": "kilogram",
            "displaces": {"name": "Power", "unit": "kilowatt hour", "perUnit": "0.2", "passport": None},
        },
    ],
}
CREDIT = {
    "id": "credit",
    "kind": "factor",
    "name": "sand that the ash replaces",
    "stage": "mainProduction",
    "per": "period",
    "known": "calculated",
    "quantity": "50",
    "unit": "kilogram",
    "factor": factor({"fossilGhgEmissions": "2"}, "kilogram"),
    "substitutes": "ash",
}

GLASS = {
    "id": "glass",
    "kind": "material",
    "name": "glass",
    "stage": "rawMaterialAcquisition",
    "known": "measured",
    "quantity": "4",
    "unit": "kilogram",
    "recycledContent": "0.25",
    "virgin": factor({"fossilGhgEmissions": "1.2"}, "kilogram"),
    "recycling": factor({"fossilGhgEmissions": "0.4"}, "kilogram"),
    "endOfLife": {"recycled": "0.5", "disposal": factor({"fossilGhgEmissions": "0.01"}, "kilogram")},
}


def internal_use(name: str, process: str, quantity: str, unit: str) -> dict[str, Any]:
    return {"id": name, "kind": "internal", "process": process, "quantity": quantity, "unit": unit}


# A tonne of steam takes 0.4 of 100 kWh, and those 0.5 t of steam; a door takes 0.5 t: levels 0.625 and 0.25.
LOOP = [
    {
        "id": "steam-plant",
        "name": "Boiler",
        "amount": "1",
        "unit": "tonne",
        "inputs": [
            direct("boiler-gas", {"fossilGhgEmissions": "60"}),
            internal_use("pumps", "turbine", "40", "kilowatt hour"),
        ],
    },
    {
        "id": "turbine",
        "name": "Turbine",
        "amount": "100",
        "unit": "kilowatt hour",
        "inputs": [
            used("steam", "2", "kilogram") | {"id": "bought-steam"},
            internal_use("turbine-steam", "steam-plant", "500", "kilogram"),
        ],
    },
]
HEAT_CREDIT = {**used("grid", "200", "kilowatt hour", per="period"), "id": "heat-credit", "substitutes": "heat"}

# alloy: joint, with electricity of which 600 kWh are certified; 3/4 of that is the alloy's: 450 of 1000 kWh.
# sheet: electricity that spends 550 kWh, the rest of the same certificate. steam: an expanded system, and a gas.
PRODUCTS = [
    (
        "smelter",
        inventory(
            "alloy",
            "FI",
            [
                used("ore", "3", "kilogram"),
                power("1000", "FI", instruments=[certificate("600")], rest=RESIDUAL),
                direct("casting", {"fossilGhgEmissions": "300"}, per="period"),
            ],
            coveredQuantity="3000",
            allocation=JOINT,
        ),
    ),
    (
        "parts",
        inventory(
            "sheet",
            "CZ",
            [
                used("alloy", "1.5", "kilogram"),
                power("550", "CZ", instruments=[certificate("550", country="FI", market="European Union")]),
            ],
            coveredQuantity="500",
        ),
    ),
    (
        "power",
        inventory(
            "steam",
            "DE",
            [
                direct("boiler", {"fossilGhgEmissions": "5000", "biogenicNonCO2Emissions": "1"}, per="period"),
                {
                    "id": "leak",
                    "kind": "gases",
                    "name": "leak",
                    "stage": "mainProduction",
                    "per": "period",
                    "known": "measured",
                    "gases": [{"gas": "CH4-fossil", "quantity": "10"}],
                },
                CREDIT,
                HEAT_CREDIT,
            ],
            allocation=EXPANDED,
        ),
    ),
    (
        "maker",
        inventory(
            "door",
            "DE",
            [
                used("alloy", "1", "kilogram"),
                used("sheet", "2", "kilogram"),
                used("steam", "1", "kilogram"),
                GLASS,
                internal_use("drying", "steam-plant", "0.5", "tonne"),
            ],
            internal=LOOP,
            coveredQuantity="100",
        ),
    ),
]
MAKERS = {document["product"]["id"].rpartition("/")[2]: company for company, document in PRODUCTS}


@pytest.fixture(scope="module")
def world(world_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The verifier's world with four more products, issued and anchored as all others are."""
    folder = tmp_path_factory.mktemp("accounting") / "world"
    shutil.copytree(world_folder, folder)
    with EmbeddedChain.open(folder / "chain.db", clock=ticking()) as chain:
        world = reopen(folder, chain)
        stores = {key: Store.open(folder / f"{key}.db", clock=lambda: NOW) for key in world.companies}
        for key, document in PRODUCTS:
            for other, foreign in stores.items():
                if other != key:
                    _hand_over(foreign, stores[key])
            issuer = issuer_for(world.companies[key], stores[key], chain)
            if document["product"]["id"].endswith("/steam"):  # its heat displaces what the passport of the grid is of
                document = copy.deepcopy(document)
                document["allocation"]["outputs"][2]["displaces"]["passport"] = world.issued["grid"].id
            issuer.issue(Inventory.model_validate(document))
            issuer.anchor()
        for key, store in stores.items():
            _gather(store, world.companies[key], world)
            store.close()
        yield world


def draft_of(world: World, product: str) -> Draft:
    """The honest passport of one of the four products, taken apart."""
    issued = world.issued[product]
    document = read_secured(world.source.passports[issued.digest]).document
    statement, rows = world.papers[product]
    draft = Draft(
        world,
        world.companies[MAKERS[product]],
        document,
        parse_canonical(statement),
        [parse_canonical(row) for row in rows],
        issued.digest,
    )
    hashes = draft.data["rows"]
    draft.rows.sort(key=lambda entry: hashes.index(_hash(entry)))
    draft.rename()
    return draft


def _hash(entry: dict[str, Any]) -> str:
    from passport.credentials import jcs
    from passport.model.digest import digest_of

    return digest_of(jcs(entry))


def lie(world: World, product: str, change: Callable[[Draft], None]) -> Forged:
    """An honest passport with something changed, its rows and sums re-done over the lie."""
    draft = draft_of(world, product)
    change(draft)
    draft.recompute()
    draft.settle()
    return draft.publish()


def test_the_honest_ones_pass(world: World) -> None:
    report = world.audit(world.issued["door"].digest)
    assert rows_of(report, Outcome.FAILED) == {}
    assert report.verdict == "passed"


def test_the_honest_figures_are_those_of_a_calculation_by_hand(world: World) -> None:
    """Alloy: ore 3 x 2.5 x 3/4; power (600 x .01 + 400 x .7) x 3/4 / 3000; casting 300 / 3000, not divided."""
    rows = {entry["row"]["id"]: entry["row"] for entry in draft_of(world, "alloy").rows}
    assert {name: each.get("share") for name, each in rows.items()} == {
        "ore": "3/4",
        "power.1": "3/4",
        "power.rest": "3/4",
        "casting": None,
    }
    assert [rows[name]["contribution"]["total"] for name in ("ore", "power.1", "power.rest", "casting")] == [
        "5.625",
        "0.0015",
        "0.07",
        "0.1",
    ]
    assert draft_of(world, "alloy").data["electricity"] == {
        "locationBased": "0.1",
        "marketBased": "0.0715",
        "restAtGridAverage": False,
    }


def test_a_recycled_material_by_hand(world: World) -> None:
    """Of 4 kg of glass 3 are virgin (3.6 kg CO2e), 1 is recycled (0.4), 2 are disposed of (0.02), 2 leave without."""
    rows = {entry["row"]["id"]: entry["row"] for entry in draft_of(world, "door").rows}
    found = {name: rows[f"glass.{name}"] for name in ("virgin", "recycled", "disposed")}
    assert {name: each["contribution"]["total"] for name, each in found.items()} == {
        "virgin": "3.6",
        "recycled": "0.4",
        "disposed": "0.02",
    }
    assert [each["stage"] for each in found.values()] == ["rawMaterialAcquisition"] * 2 + ["endOfLife"]
    assert draft_of(world, "door").data["recycling"] == {"rule": "cutOff"}
    assert draft_of(world, "door").pcf["allocationRulesDescription"] == RECYCLING_WORDS


def test_internal_processes_by_hand(world: World) -> None:
    """60 kg a tonne at a level of 0.625; 2 kg of bought steam for 100 kWh at 0.25: 50 kg for 100 doors."""
    rows = {entry["row"]["id"]: entry["row"] for entry in draft_of(world, "door").rows}
    assert (rows["boiler-gas"]["level"], rows["boiler-gas"]["contribution"]["total"]) == ("0.625", "37.5")
    assert (rows["bought-steam"]["process"], rows["bought-steam"]["level"]) == ("turbine", "0.25")
    record = node(world.audit(world.issued["door"].digest), "door")
    (drawn,) = (edge.drawn for edge in record.edges if edge.row_id == "bought-steam")
    assert drawn == 50 * ONE


def process_of(draft: Draft, number: int) -> dict[str, Any]:
    process: dict[str, Any] = draft.data["internal"]["processes"][number]
    return process


def running(steam: str, turbine: str) -> Callable[[Draft], None]:
    """Other levels, and every row after them."""

    def change(draft: Draft) -> None:
        process_of(draft, 0)["level"] = draft.row("boiler-gas")["level"] = steam
        process_of(draft, 1)["level"] = draft.row("bought-steam")["level"] = turbine

    return change


def share_of(name: str, share: str | None) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        row = draft.row(name)
        row.pop("share", None)
        if share is not None:
            row["share"] = share

    return change


def stated(section: str, **members: Any) -> Callable[[Draft], None]:
    return lambda draft: draft.data[section].update(members)


def dropped(section: str) -> Callable[[Draft], None]:
    return lambda draft: draft.data.pop(section)


def heavier_matte(draft: Draft) -> None:
    draft.data["allocation"]["outputs"][1]["quantity"] = "2"


def all_lighter(draft: Draft) -> None:
    """More co-product than there was, and every share after it: nothing here says how much there really was."""
    heavier_matte(draft)
    draft.data["allocation"]["share"] = "3/5"
    for name in ("ore", "power.1", "power.rest"):
        draft.row(name)["share"] = "3/5"
    draft.data["electricity"] = {"locationBased": "0.08", "marketBased": "0.0572", "restAtGridAverage": False}
    draft.pcf["allocationRulesDescription"] = process_words(read_process(draft.data["allocation"]))


def greener_rest(draft: Draft) -> None:
    electricity = draft.row("power.rest")["electricity"]
    electricity["basis"] = "gridAverage"
    draft.data["electricity"]["restAtGridAverage"] = True


SAND = {
    "name": "Sand",
    "unit": "kilogram",
    "perUnit": "0.5",
    "factor": factor({"fossilGhgEmissions": "1"}, "kilogram"),
}


def dropped_ratio(draft: Draft) -> None:
    del draft.data["allocation"]["outputs"][1]["displacedPerUnit"]


def gas(**members: Any) -> Callable[[Draft], None]:
    return lambda draft: draft.row("leak")["gases"]["masses"][0].update(members)


LIES: dict[str, tuple[str, Callable[[Draft], None], str]] = {
    "a smaller share of one row": ("alloy", share_of("ore", "1/2"), "row ore has another share than its process"),
    "a subdivided input divided": ("alloy", share_of("casting", "3/4"), "row casting has another share"),
    "a share that its outputs do not give": (
        "alloy",
        stated("allocation", share="1/2"),
        "the stated outputs do not give the stated `share`",
    ),
    "a basis that was not applied": (
        "alloy",
        stated("allocation", applied="value"),
        "the stated outputs do not give the stated `applied`",
    ),
    "another rule in PACT's words": (
        "alloy",
        lambda draft: draft.pcf.update(allocationRulesDescription="Method mass: by mass."),
        "allocationRulesDescription does not describe the stated process",
    ),
    "more co-product than the share is for": ("alloy", heavier_matte, "do not give the stated `share`"),
    "no process for the shares": ("alloy", dropped("allocation"), "row ore has another share than its process"),
    "a product that is no output": (
        "alloy",
        stated("allocation", product="gold"),
        "the stated process does not hold",
    ),
    "totals of electricity that are not the rows'": (
        "alloy",
        stated("electricity", locationBased="0.01"),
        "the rows do not give the stated totals of electricity",
    ),
    "no totals of electricity": ("alloy", dropped("electricity"), "the rows do not give the stated totals"),
    "a rest at an average that is not the grid's": (
        "alloy",
        greener_rest,
        "row power.rest is at the grid's average, and has another factor",
    ),
    "a certificate of another year": (
        "sheet",
        lambda draft: draft.row("power.1")["electricity"]["instrument"].update(
            period={"start": "2020-01-01T00:00:00Z", "end": "2021-01-01T00:00:00Z"}
        ),
        "the instrument is for electricity of another time",
    ),
    "a certificate of a day for the use of a year": (
        "sheet",
        lambda draft: draft.row("power.1")["electricity"]["instrument"].update(period=NEW_YEAR),
        "input power: instruments cover more electricity than is used in their time",
    ),
    "a rule of matching that the statement does not name": (
        "sheet",
        lambda draft: draft.row("power.1")["electricity"].update(matching="calendarYear"),
        "the rows do not give the stated totals of electricity",
    ),
    "a rule of matching that no row follows": (
        "sheet",
        stated("electricity", matching=["calendarYear"]),
        "the rows do not give the stated totals of electricity",
    ),
    "electricity used outside the period": (
        "sheet",
        lambda draft: draft.row("power.1")["electricity"].update(
            usedIn={"start": "2025-12-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}
        ),
        "input power: electricity that was used outside the reference period",
    ),
    "one input used at two times": (
        "alloy",
        lambda draft: draft.row("power.1")["electricity"].update(usedIn=NEW_YEAR),
        "rows power.1 and power.rest are of one input of electricity and differ in usedIn",
    ),
    "one input of two grids": (
        "alloy",
        lambda draft: draft.row("power.rest")["electricity"].update(country="SE"),
        "rows power.1 and power.rest are of one input of electricity and differ in country",
    ),
    "a period that is none": (
        "sheet",
        lambda draft: draft.row("power.1")["electricity"]["instrument"].update(
            period={"start": "2025-02-30T00:00:00Z", "end": "2026-01-01T00:00:00Z"}
        ),
        "a period that is none",
    ),
    "a certificate of a country without common market": (
        "sheet",
        lambda draft: draft.row("power.1")["electricity"]["instrument"].pop("market"),
        "row power.1 claims an instrument of another country without a common market",
    ),
    "a certificate of a country that its registry does not track": (
        "sheet",
        lambda draft: draft.row("power.1")["electricity"]["instrument"].update(registry="REGO"),
        "row power.1: REGO tracks plants in GB, not in FI",
    ),
    "a credit for more than is displaced": (
        "steam",
        lambda draft: draft.row("credit").update(quantity="51"),
        "a credit for more than the co-product displaces",
    ),
    "a credit for as many tonnes as kilograms are displaced": (
        "steam",
        lambda draft: draft.row("credit").update(
            quantity="50", unit="tonne", factor=factor({"fossilGhgEmissions": "2"}, "tonne")
        ),
        "a credit for more than the co-product displaces",
    ),
    "a credit for nothing": (
        "steam",
        lambda draft: draft.row("credit").update(substitutes="gold"),
        "a credit for what is no co-product",
    ),
    "more of the displaced product": (
        "steam",
        lambda draft: draft.row("heat-credit").update(quantity="201"),
        "a credit for more than the co-product displaces",
    ),
    "another passport than that of the displaced product": (
        "steam",
        lambda draft: draft.data["allocation"]["outputs"][2]["displaces"].update(passport="urn:uuid:1"),
        "row heat-credit: a credit by another passport than that of what is displaced",
    ),
    "a dirtier product displaced": (
        "steam",
        lambda draft: draft.data["allocation"]["outputs"][1].update(displaces=SAND) or dropped_ratio(draft),
        "row credit: a credit by another factor than that of what is displaced",
    ),
    "a displaced product of other units": (
        "steam",
        lambda draft: (
            draft.data["allocation"]["outputs"][2].update(displacedPerUnit="0.2", displaces=None)
            or draft.data["allocation"]["outputs"][2].pop("displaces")
        ),
        "a credit in units that `displacedPerUnit` does not speak of",
    ),
    "a credit without a process": ("steam", dropped("allocation"), "row credit is a credit, and no process is stated"),
    "an expanded system without its credit": (
        "steam",
        lambda draft: draft.rows.remove(next(each for each in draft.rows if each["row"]["id"] == "credit")),
        "the system is not expanded by all its co-products",
    ),
    "the main product credited": (
        "steam",
        lambda draft: draft.row("credit").update(substitutes="steam"),
        "a credit for the main product",
    ),
    "less gas than the emissions": (
        "steam",
        gas(quantity="9"),
        "row leak: its masses of gases do not give its emissions",
    ),
    "a milder gas": ("steam", gas(gas="CH4-non-fossil"), "row leak: its masses of gases do not give its emissions"),
    "gases by another set": (
        "steam",
        lambda draft: draft.row("leak")["gases"].update(set="AR5-GWP100/1"),
        "row leak counts gases by another set of global warming potentials",
    ),
    "gases over another horizon": (
        "steam",
        lambda draft: draft.row("leak")["gases"].update(set="AR6-GWP20/1"),
        "row leak counts gases by another set of global warming potentials",
    ),
    "a process that runs less than is used of it": (
        "door",
        running("0.6", "0.24"),
        "process steam-plant does not run as much as is used of it",
    ),
    "a level that is off in its last digit": (
        "door",
        running("0.624999999999999", "0.25"),
        "process steam-plant does not run as much as is used of it",
    ),
    "a loop that is left out": (
        "door",
        running("0.5", "0.2"),
        "process steam-plant does not run as much as is used of it",
    ),
    "a row at another level than its process": (
        "door",
        lambda draft: draft.row("boiler-gas").update(level="0.5"),
        "row boiler-gas runs at another level than its process",
    ),
    "a row of another process": (
        "door",
        lambda draft: draft.row("boiler-gas").update(process="turbine"),
        "row boiler-gas runs at another level than its process",
    ),
    "no processes for rows that are of some": (
        "door",
        dropped("internal"),
        "row boiler-gas runs at another level than its process",
    ),
    "an input of a process by the period": (
        "door",
        lambda draft: draft.row("boiler-gas").update(per="period"),
        "row boiler-gas is of an internal process, whose inputs are for its own amount",
    ),
    "a use of no process": (
        "door",
        lambda draft: process_of(draft, 0)["uses"][0].update(process="nothing"),
        "use pumps: no internal process of that id",
    ),
    "two processes by one id": (
        "door",
        lambda draft: process_of(draft, 1).update(id="steam-plant"),
        "two internal processes go by one id",
    ),
    "a use in other units": (
        "door",
        lambda draft: process_of(draft, 0)["uses"][0].update(unit="megajoule"),
        "process turbine does not run as much as is used of it",
    ),
    "less of a material virgin than its content says": (
        "door",
        lambda draft: draft.row("glass.virgin").update(quantity="2"),
        "row glass.virgin is not the part of the material that its shares give",
    ),
    "a part of a material in other units": (
        "door",
        lambda draft: draft.row("glass.virgin").update(unit="gram"),
        "row glass.virgin is not the part of the material that its shares give",
    ),
    "a material without its virgin part": (
        "door",
        lambda draft: draft.rows.remove(next(each for each in draft.rows if each["row"]["id"] == "glass.virgin")),
        "the parts of a material do not add up to it",
    ),
    "a recycled part in place of the virgin one": (
        "door",
        lambda draft: (
            draft.row("glass.virgin").update(quantity="1")
            or draft.row("glass.virgin")["recycling"].update(part="recycled")
        ),
        "the parts of a material do not add up to it",
    ),
    "one material of two contents": (
        "door",
        lambda draft: draft.row("glass.recycled")["recycling"].update(recycledContent="1"),
        "rows glass.virgin and glass.recycled are of one material and differ in what they say of it",
    ),
    "no rule for recycled material": (
        "door",
        dropped("recycling"),
        "rows of recycled material, and no rule for it is stated",
    ),
    "a rule for recycled material of which there is none": (
        "sheet",
        lambda draft: draft.data.update(recycling={"rule": "cutOff"}),
        "a rule for recycled material is stated, and no row is of any",
    ),
    "a rule of recycling that PACT's words do not name": (
        "door",
        lambda draft: draft.pcf.update(allocationRulesDescription="By mass"),
        "allocationRulesDescription does not name the rule of recycling",
    ),
    "a factor of another set": (
        "steam",
        lambda draft: draft.row("credit")["factor"].update(gwp="AR5"),
        "row credit uses a factor of another set",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_every_lie_is_found(world: World, name: str) -> None:
    product, change, reason = LIES[name]
    forged = lie(world, product, change)
    assert reason in only_failure(world.audit(forged.digest, forged.source), product, "arithmetic").reason


def test_what_no_arithmetic_can_find(world: World) -> None:
    """Outputs stated wrongly throughout are consistent: they need an assurer, not a sum."""
    forged = lie(world, "alloy", all_lighter)
    assert world.audit(forged.digest, forged.source).verdict == "passed"


def test_a_later_table_of_potentials_is_not_the_issuers_fault(world: World) -> None:
    forged = lie(world, "steam", lambda draft: draft.row("leak")["gases"].update(set="AR6-GWP100/9"))
    found = row(world.audit(forged.digest, forged.source), "steam", "arithmetic")
    assert found.outcome is Outcome.UNKNOWN
    assert found.reason == "row leak: no such set of global warming potentials"


def test_a_day_by_the_rule_of_the_market_or_in_its_own_time(world: World) -> None:
    """What the lie above claims is true where the rule is named, or where all was used on that day."""

    def by_rule(draft: Draft) -> None:
        electricity = draft.row("power.1")["electricity"]
        electricity["instrument"]["period"] = NEW_YEAR
        electricity["matching"] = "calendarYear"
        draft.data["electricity"]["matching"] = ["calendarYear"]

    def in_time(draft: Draft) -> None:
        electricity = draft.row("power.1")["electricity"]
        electricity["instrument"]["period"] = electricity["usedIn"] = NEW_YEAR

    for change in (by_rule, in_time):
        forged = lie(world, "sheet", change)
        assert row(world.audit(forged.digest, forged.source), "sheet", "arithmetic").outcome is Outcome.PASSED


def test_withheld_rows_leave_the_totals_open(world: World) -> None:
    draft = draft_of(world, "alloy")
    draft.opened = lambda entry: entry["id"] != "power.rest"
    forged = draft.publish()
    assert row(world.audit(forged.digest, forged.source), "alloy", "arithmetic").outcome is Outcome.UNKNOWN


# --- a certificate is spent once, over the passports of an audit -----------------------------------------------------


def door_over(world: World, sheet: Forged) -> Forged:
    """The door built on another sheet."""
    draft = draft_of(world, "door")
    draft.build_on("sheet", sheet)
    draft.recompute()
    draft.settle()
    return draft.publish(source=sheet.source.clone())


def more_spent(draft: Draft) -> None:
    """A kilowatt hour more of the certificate than the alloy's 450 have left."""
    draft.row("power.1")["quantity"] = "551"
    draft.data["electricity"] = {"locationBased": "0.4408", "marketBased": "0.01102", "restAtGridAverage": False}


def test_a_certificate_that_two_issuers_spend(world: World) -> None:
    """Each store knows its own uses alone; whoever sees both passports sees 450 and 551 of 1000 kWh."""
    sheet = lie(world, "sheet", more_spent)
    assert row(world.audit(sheet.digest, sheet.source), "sheet", "double_counting").outcome is Outcome.FAILED
    report = world.audit((door := door_over(world, sheet)).digest, door.source)
    failed = rows_of(report, Outcome.FAILED)
    assert set(failed) == {("alloy", "double_counting"), ("sheet", "double_counting")}
    for found in failed.values():
        assert "the contract or certificate eecs/go-1 is spent more than once, by " in found.reason
        assert (found.expected, found.found) == ("at most 1000 kWh", "1001 kWh")
        assert sheet.id in found.reason
        assert world.issued["alloy"].id in found.reason
    assert report.verdict == "failed"


def test_stating_more_for_it_gains_nothing(world: World) -> None:
    def change(draft: Draft) -> None:
        more_spent(draft)
        draft.row("power.1")["electricity"]["instrument"]["issuedQuantity"] = "100000"

    sheet = lie(world, "sheet", change)
    found = row(world.audit(sheet.digest, sheet.source), "alloy", "double_counting")
    assert (found.outcome, found.expected) == (Outcome.FAILED, "at most 1000 kWh")


def test_another_spelling_of_it_is_found(world: World) -> None:
    def change(draft: Draft) -> None:
        more_spent(draft)
        draft.row("power.1")["electricity"]["instrument"].update(trackingId="go\N{EN DASH}1")

    sheet = lie(world, "sheet", change)
    assert row(world.audit(sheet.digest, sheet.source), "sheet", "double_counting").outcome is Outcome.FAILED


def successor_of(world: World, sheet: Forged | None, change: Callable[[Draft], None]) -> Forged:
    """Another sheet that takes the place of one, in a source that holds both."""
    honest = world.issued["sheet"]
    draft = draft_of(world, "sheet")
    change(draft)
    draft.recompute()
    draft.settle()
    draft.name_predecessor(sheet.digest if sheet else honest.digest, sheet.id if sheet else honest.id)
    return draft.publish(source=sheet.source.clone() if sheet else None, keeps_honest=sheet is None)


def door_over_both(world: World, old: Forged | None, new: Forged, *, each: str = "2") -> Forged:
    """A door that is made of two versions of the sheet, so much of each."""
    door = draft_of(world, "door")
    door.row("sheet")["quantity"] = each
    extra = {**door.row("sheet"), "id": "sheet-new"}
    door.rows.append({"row": extra, "salt": door.rows[0]["salt"]})
    if old is not None:
        door.build_on("sheet", old)
    door.build_on("sheet-new", new)
    door.recompute()
    door.settle()
    return door.publish(source=new.source.clone())


def as_it_was(_: Draft) -> None:
    """Nothing is changed."""


def spends(number: str, kwh: str, totals: tuple[str, str]) -> Callable[[Draft], None]:
    """So much electricity, all of it of one certificate; the totals it comes to per kilogram of sheet."""

    def change(draft: Draft) -> None:
        draft.row("power.1")["quantity"] = kwh
        draft.row("power.1")["electricity"]["instrument"]["trackingId"] = number
        draft.data["electricity"] = {"locationBased": totals[0], "marketBased": totals[1], "restAtGridAverage": False}

    return change


def test_a_successor_may_spend_what_its_predecessor_spent(world: World) -> None:
    """One buyer holds the old sheet, another the new one: both speak of the same 550 kWh."""
    both = door_over_both(world, None, successor_of(world, None, as_it_was))
    report = world.audit(both.digest, both.source)
    assert sum(record.subject_name == "Product sheet" for record in report.records.values()) == 2
    assert row(report, "alloy", "double_counting").outcome is Outcome.PASSED


def test_a_predecessor_that_still_supplies_gives_nothing_back(world: World) -> None:
    """The new sheet takes another certificate; the old one is built on, with 551 where the alloy left 550."""
    old = lie(world, "sheet", more_spent)
    new = successor_of(world, old, spends("GO-2", "550", ("0.44", "0.011")))
    both = door_over_both(world, old, new)
    failed = row(world.audit(both.digest, both.source), "alloy", "double_counting")
    assert failed.outcome is Outcome.FAILED
    assert (failed.expected, failed.found) == ("at most 1000 kWh", "1001 kWh")
    assert old.id in failed.reason
    assert new.id not in failed.reason


@pytest.mark.parametrize(("each", "outcome", "found"), [("2", Outcome.PASSED, None), ("5", Outcome.FAILED, "1050 kWh")])
def test_goods_that_two_versions_supply_in_full_count_twice(
    world: World, each: str, outcome: Outcome, found: str | None
) -> None:
    """Both versions spend 300 kWh for 500 kg. Doors draw 200 kg of each, or all 500: then 600, beside 450."""
    change = spends("GO-1", "300", ("0.24", "0.006"))
    old = lie(world, "sheet", change)
    both = door_over_both(world, old, successor_of(world, old, change), each=each)
    judged = row(world.audit(both.digest, both.source), "alloy", "double_counting")
    assert (judged.outcome, judged.found) == (outcome, found)


_period = st.tuples(st.integers(-5, 12), st.integers(1, 6)).map(lambda each: (each[0], each[0] + each[1]))


@given(st.lists(st.tuples(_period, st.fractions(0, 100, max_denominator=7)), max_size=6))
def test_the_most_at_once_is_that_of_the_best_choice(spent: list[tuple[tuple[int, int], Fraction]]) -> None:
    """Two roads: every choice of versions whose periods do not overlap."""
    best = Fraction(0)
    for size in range(len(spent) + 1):
        for chosen in combinations(spent, size):
            if not any(overlap(one[0], other[0]) for one, other in combinations(chosen, 2)):
                best = max(best, sum((kwh for _, kwh in chosen), Fraction(0)))
    assert most_at_once(spent) == best


def test_a_registry_on_no_list_leaves_it_open(world: World) -> None:
    """It may be a registry of tomorrow; it may be another name for one of today."""
    sheet = lie(
        world, "sheet", lambda draft: draft.row("power.1")["electricity"]["instrument"].update(registry="AIB-EECS")
    )
    report = world.audit(sheet.digest, sheet.source)
    found = row(report, "sheet", "double_counting")
    assert found.outcome is Outcome.UNKNOWN
    assert found.reason == "certificates of a registry that is on no list may go by other names too: AIB-EECS"
    assert row(report, "sheet", "arithmetic").outcome is Outcome.PASSED
    assert report.verdict == "undecided"


def test_a_registry_in_free_text_has_no_place_in_a_row(world: World) -> None:
    sheet = lie(
        world, "sheet", lambda draft: draft.row("power.1")["electricity"]["instrument"].update(registry="AIB EECS")
    )
    reason = only_failure(world.audit(sheet.digest, sheet.source), "sheet", "arithmetic").reason
    assert "text in the wrong form (schema row-1.0)" in reason


def test_a_contract_is_spent_once_by_who_sells_under_it(world: World) -> None:
    """Alloy and sheet name one contract of one seller, and spend 450 + 550 of 999 kWh."""
    seller = {"scheme": "EUID", "identifier": "FIFPRO.9999903-1"}

    def contract(draft: Draft) -> None:
        instrument = draft.row("power.1")["electricity"]["instrument"]
        del instrument["registry"]
        instrument.update(instrument="supplierContract", keeper=seller, trackingId="7", issuedQuantity="999")

    alloy = lie(world, "alloy", contract)
    sheet = draft_of(world, "sheet")
    contract(sheet)
    sheet.build_on("alloy", alloy)
    sheet.recompute()
    sheet.settle()
    forged = sheet.publish(source=alloy.source.clone())
    failed = row(world.audit(forged.digest, forged.source), "alloy", "double_counting")
    assert (failed.outcome, failed.found) == (Outcome.FAILED, "1000 kWh")
    assert "certificate euid:fifpro.9999903-1/7 is spent" in failed.reason


# --- PACT's grace year -----------------------------------------------------------------------------------------------


def mixed(world: World, rule: str | None, start: str) -> Any:
    draft = draft_of(world, "steam")
    facts = passport_facts(draft.credential, "x")
    facts = facts._replace(period=(start, facts.period[1]), upstream=facts.upstream._replace(gwp=("AR5", "AR6")))
    if rule is not None:
        draft.data["gwpRule"] = rule
    return check_accounting(facts, draft.statement, None, (), withheld_rows=0)


def test_two_sets_within_the_grace_year_by_name(world: World) -> None:
    assert mixed(world, GRACE_RULE, "2022-01-01T00:00:00Z") is None


@pytest.mark.parametrize(
    ("rule", "start", "reason"),
    [
        (None, "2022-01-01T00:00:00Z", "sets of global warming potentials are mixed"),
        (GRACE_RULE, "2025-01-01T00:00:00Z", "the grace year of AR6 does not cover this period"),
    ],
)
def test_two_sets_otherwise(world: World, rule: str | None, start: str, reason: str) -> None:
    found = mixed(world, rule, start)
    assert found.outcome is Outcome.FAILED
    assert reason in found.reason
