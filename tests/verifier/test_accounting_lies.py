"""Joint processes, gases, electricity: each lie is found for its own reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from accounting_world import (
    NEW_YEAR,
    SAND,
    all_lighter,
    dropped,
    dropped_ratio,
    gas,
    greener_rest,
    heavier_matte,
    lie,
    share_of,
    stated,
)
from forge import Draft
from judged import only_failure, row
from verifier_products import factor
from verifier_world import World, opened

from verifier.outcome import Outcome


@pytest.fixture(scope="module")
def world(accounting_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world of one module, with the products of `accounting_world`."""
    yield from opened(accounting_folder, tmp_path_factory.mktemp("module") / "world")


def process_of(draft: Draft, number: int) -> dict[str, Any]:
    process: dict[str, Any] = draft.data["internal"]["processes"][number]
    return process


def running(steam: str, turbine: str) -> Callable[[Draft], None]:
    """Other levels, and every row after them."""

    def change(draft: Draft) -> None:
        process_of(draft, 0)["level"] = draft.row("boiler-gas")["level"] = steam
        process_of(draft, 1)["level"] = draft.row("bought-steam")["level"] = turbine

    return change


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
