"""Joint processes, gases, electricity: honest ones pass every check, by hand; and PACT's grace year."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from accounting_world import draft_of
from judged import node, row, rows_of
from verifier_world import World, opened

from passport.arithmetic.quanta import ONE
from passport.carbon.gwp import GRACE_RULE
from passport.exchange.material_rows import RECYCLING_WORDS
from passport.model.facts import passport_facts
from verifier.checks.accounting import check_accounting
from verifier.outcome import Outcome


@pytest.fixture(scope="module")
def world(accounting_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world of one module, with the products of `accounting_world`."""
    yield from opened(accounting_folder, tmp_path_factory.mktemp("module") / "world")


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


def test_withheld_rows_leave_the_totals_open(world: World) -> None:
    draft = draft_of(world, "alloy")
    draft.opened = lambda entry: entry["id"] != "power.rest"
    forged = draft.publish()
    assert row(world.audit(forged.digest, forged.source), "alloy", "arithmetic").outcome is Outcome.UNKNOWN


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
