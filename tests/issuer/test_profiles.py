"""Issuing by profile: what follows it is issued with its name, what does not is refused, and readers judge it again."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from issuer_world import World, direct, inventory
from pydantic import ValidationError

from passport.credentials import parse_canonical, read_secured
from passport.credentials.role_view import Disclosed
from passport.errors import IssueError, UsageError
from passport.issuer.presenting import openings_of, present
from passport.model.content import ContentSets
from passport.model.facts import PassportFacts, passport_facts
from passport.model.inventory import Inventory
from passport.model.role_map import ANNEX_XIII
from passport.store import DocumentKind
from verifier.contents import judge_contents
from verifier.layered_source import EmptySource
from verifier.outcome import CheckId, Outcome
from verifier.presentation import judge_presentation
from verifier.report import Verdict
from verifier.store_source import StoreSource

BATTERY: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "profiles" / "battery_contents.json").read_text("utf-8")
)
PIECE = {"declaredUnit": "piece", "massPerDeclaredUnit": "450"}


def content(sets: dict[str, Any]) -> dict[str, Any]:
    return {"roleMap": ANNEX_XIII, "sets": sets}


def own(stage: str, amount: str) -> dict[str, Any]:
    return {**direct(fossilGhgEmissions=amount), "id": stage, "stage": stage}


STAGES = (own("rawMaterialAcquisition", "2080"), own("mainProduction", "600"))
"""0.052 and 0.015 kg CO2e/kWh times 40000 kWh, as the contents state."""


def battery(world: World, sets: dict[str, Any] = BATTERY, *inputs: Any, **fields: Any) -> Any:
    return inventory(
        world.product(), *(inputs or STAGES), **(PIECE | fields), profile="battery/1", contentSets=content(sets)
    )


@pytest.fixture(scope="module")
def facts(world: World) -> PassportFacts:
    """A passport of a battery model that follows its profile."""
    store = world.mill.store
    made = world.issuer(world.mill).issue(battery(world))
    secured = read_secured(store.get_document(DocumentKind.PASSPORT, made.digest), canonical=True)
    opened = openings_of(store, made.id)["sets"]["1"]["attributes"]
    assert opened["profile"]["value"] == "battery/1"
    assert opened["ratedCapacity"]["value"] == "94 Ah"
    assert set(opened) == {*BATTERY["1"], "profile"}
    kept = store.get_document(
        DocumentKind.INVENTORY, store.find_documents(DocumentKind.INVENTORY, document_id=made.id)[-1].digest
    )
    assert parse_canonical(kept)["profile"] == "battery/1"
    assert "profile" not in json.dumps(secured.document["credentialSubject"]["characteristics"]["carbonPassport"])
    return passport_facts(secured.document, secured.doc_hash)


def test_what_does_not_follow_is_not_issued(world: World) -> None:
    """All of it is said at once."""
    sets = copy.deepcopy(BATTERY)
    sets["1"]["ratedCapacity"] = "94 kWh"
    del sets["2"]["safetyInstructions"]
    with pytest.raises(IssueError) as caught:
        world.issuer(world.mill).issue(battery(world, sets))
    error = caught.value
    assert error.message == "does not follow the profile battery/1: set 1: ratedCapacity: another unit"
    assert error.expected == "an exact number in Ah, above 0"
    assert "'94 kWh'; and 1 more: set 2: safetyInstructions: missing, by Regulation (EU) 2023/1542" in str(error.found)


def test_units_and_stages_are_the_profiles(world: World) -> None:
    with pytest.raises(IssueError, match=r"declaredUnit: not a unit of the profile; expected one of piece, kilowatt"):
        world.issuer(world.mill).issue(battery(world, declaredUnit="kilogram"))
    with pytest.raises(IssueError, match=r"input own: a stage outside the profile.*found use"):
        world.issuer(world.mill).issue(battery(world, BATTERY, {**direct(), "stage": "use"}))
    missing = [{"name": "Charging", "stage": "use", "reason": "Nobody knows"}]
    with pytest.raises(IssueError, match=r"missing Charging: a stage outside the profile"):
        world.issuer(world.mill).issue(battery(world, missing=missing))


def stated(**first: Any) -> dict[str, Any]:
    sets = copy.deepcopy(BATTERY)
    sets["1"] |= first
    return sets


def by_stage(raw: str, main: str) -> list[dict[str, str]]:
    amounts = {"RawMaterialExtraction": raw, "MainProduction": main, "Distribution": "0.001", "Recycling": "0.003"}
    return [{"lifecycleStage": name, "carbonFootprint": f"{kg} kg CO2e/kWh"} for name, kg in amounts.items()]


LESS = stated(batteryCarbonFootprint="0.061 kg CO2e/kWh", carbonFootprintPerLifecycleStage=by_stage("0.042", "0.015"))
"""A hundredth of a kilogram less than the rows give, and whole and parts in agreement about it."""
SHIFTED = stated(carbonFootprintPerLifecycleStage=by_stage("0.042", "0.025"))
STRETCHED = stated(
    energyOverServiceLife="50000 kWh",
    batteryCarbonFootprint="0.0576 kg CO2e/kWh",
    carbonFootprintPerLifecycleStage=by_stage("0.0416", "0.012"),
)


def test_another_footprint_than_the_rows_give_is_refused_with_both_figures(world: World) -> None:
    with pytest.raises(IssueError) as caught:
        world.issuer(world.mill).issue(battery(world, LESS))
    error = caught.value
    assert error.message == (
        "contents and footprint differ: carbonFootprintPerLifecycleStage: RawMaterialExtraction + MainProduction: "
        "not the total that the passport computes"
    )
    assert error.expected == "0.067 kg CO2e/kWh"
    assert str(error.found).startswith("0.057 kg CO2e/kWh; and 1 more: carbonFootprintPerLifecycleStage: RawMaterial")
    with pytest.raises(
        IssueError, match=r"MainProduction: not the sum of the stage's rows.*expected 0.015.*found 0.025"
    ):
        world.issuer(world.mill).issue(battery(world, SHIFTED))
    with pytest.raises(IssueError, match=r"batteryMass: not the mass.*expected 12 kg; found 450 kg"):
        world.issuer(world.mill).issue(battery(world, massPerDeclaredUnit="12"))
    with pytest.raises(IssueError, match=r"the stages do not add up"):
        world.issuer(world.mill).issue(battery(world, stated(batteryCarbonFootprint="0.061 kg CO2e/kWh")))
    with pytest.raises(IssueError, match=r"RawMaterialExtraction: no row of the stage.*unknown is not zero"):
        world.issuer(world.mill).issue(battery(world, BATTERY, own("mainProduction", "2680")))
    assert world.issuer(world.mill).issue(battery(world, STRETCHED)).total == "2680"


@pytest.mark.parametrize(
    ("sets", "roles", "reason"),
    [
        (
            LESS,
            ("public", "authority"),
            "RawMaterialExtraction + MainProduction: not the total that the passport computes",
        ),
        (SHIFTED, ("authority",), "RawMaterialExtraction: not the sum of the stage's rows"),
    ],
    ids=["less", "shifted"],
)
def test_a_reader_finds_another_footprint_that_an_issuer_signed(
    world: World, monkeypatch: pytest.MonkeyPatch, sets: dict[str, Any], roles: tuple[str, ...], reason: str
) -> None:
    """An issuer whose own program does not refuse; whoever is shown all rows sees more than who is shown none."""
    with monkeypatch.context() as changed:
        changed.setattr("passport.issuer.issuing.check_stated_footprint", lambda *_: None)
        wanted = battery(world, sets).to_json()
        wanted["contentSets"]["rowAudiences"] = {"authority": [each["id"] for each in wanted["inputs"]]}
        lied = world.issuer(world.mill).issue(Inventory.model_validate(wanted))
    for role in ("public", "authority"):
        shown = present(world.mill.store, lied.digest, role)
        judged = judge_presentation(shown, role, EmptySource(), trust=None, at=world.clock())
        assert judged.disclosure.outcome is Outcome.PASSED
        assert judged.contents.outcome is Outcome.PASSED
        row = judged.report.top_record.row(CheckId.AGREEMENT)
        assert row is not None
        if role in roles:
            assert (row.outcome, row.reason) == (
                Outcome.FAILED,
                f"contents and footprint: carbonFootprintPerLifecycleStage: {reason}",
            )
            assert judged.verdict is Verdict.FAILED
        else:
            assert row.outcome is Outcome.PASSED


def test_what_was_not_compared_is_said(world: World) -> None:
    """The public sees no rows, and nobody computes what is beyond the gate."""
    issued = world.issuer(world.mill).issue(battery(world))
    shown = present(world.mill.store, issued.digest, "public")
    judged = judge_presentation(shown, "public", EmptySource(), trust=None, at=world.clock())
    notes = [note.text for note in judged.report.top_record.notes if note.code == "footprint_not_compared"]
    assert notes == [
        "not all rows are at hand, so the stages were compared together and not one by one",
        "Distribution, Recycling: stated, and beyond what the passport computes",
    ]
    known = judge_presentation(shown, "public", StoreSource(world.mill.store, None), trust=None, at=world.clock())
    notes = [note.text for note in known.report.top_record.notes if note.code == "footprint_not_compared"]
    assert notes == ["Distribution, Recycling: stated, and beyond what the passport computes"]


def test_a_footprint_by_no_profile_is_not_taken_for_compared(world: World) -> None:
    """The attributes of a battery without the profile that holds them to the rows: nothing fails, and it is said."""
    for fields in ({}, {"profile": "product/1"}):
        sets = copy.deepcopy(LESS) | {"4": {}}
        sets["1"] |= {
            "manufacturer": {"name": "Mill", "address": "Mill lane"},
            "materials": [{"name": "Steel", "share": "100 %"}],
            "expectedLifetime": "9 years",
            "endOfLife": "https://mill.example/back",
        }
        wanted = inventory(world.product(), direct(), contentSets=content(sets), **fields)
        issued = world.issuer(world.mill).issue(wanted)
        shown = present(world.mill.store, issued.digest, "public")
        judged = judge_presentation(shown, "public", EmptySource(), trust=None, at=world.clock())
        notes = [note.text for note in judged.report.top_record.notes if note.code == "footprint_not_compared"]
        assert notes == ["batteryCarbonFootprint is stated, and the contents do not follow battery/1"]


def test_a_reader_judges_unit_and_rows_too(facts: PassportFacts) -> None:
    """Of a passport that no program of ours would have issued: per kilogram, with a row of the use."""
    row = {"id": "charging", "stage": "use"}
    other = facts._replace(upstream=facts.upstream._replace(declared_unit="kilogram"))
    finding = judge_contents(Disclosed("authority", {"1": {**BATTERY["1"], "profile": "battery/1"}}, (row,)), other)
    assert finding.outcome is Outcome.FAILED
    assert str(finding.found).startswith(
        "declaredUnit: not a unit of the profile; expected one of piece, kilowatt hour"
    )
    assert "row charging: a stage outside the profile, or beyond the gate" in str(finding.found)
    shapeless = judge_contents(Disclosed("authority", {"1": {**BATTERY["1"], "profile": "battery/1"}}, ({},)), facts)
    assert shapeless.outcome is Outcome.FAILED


def test_nobody_issues_by_a_profile_that_is_not_known(world: World) -> None:
    wanted = inventory(world.product(), profile="battery/2", contentSets=content(BATTERY))
    with pytest.raises(UsageError, match=r"a profile that nobody here knows.*found battery/2"):
        world.issuer(world.mill).issue(wanted)


def test_a_profile_is_of_contents_and_named_once(world: World) -> None:
    with pytest.raises(ValidationError, match="the profile product/1 says what `contentSets` holds"):
        inventory(world.product(), profile="product/1")
    with pytest.raises(ValidationError, match="no attribute is named `profile`"):
        inventory(world.product(), contentSets=content({"1": {"profile": "battery/1"}}))


def judged(facts: PassportFacts, *names: str, **first: Any) -> tuple[Outcome, str | None, str | None]:
    sets = {name: {**BATTERY[name], **(first if name == "1" else {})} for name in names}
    finding = judge_contents(Disclosed("public", sets, ()), facts)
    return finding.outcome, finding.reason, finding.found


def test_a_reader_judges_what_is_shown(facts: PassportFacts) -> None:
    assert judged(facts, "1", profile="battery/1") == (Outcome.PASSED, None, "battery/1")
    assert judged(facts, "1", "2", "3", profile="battery/1")[0] is Outcome.PASSED
    outcome, reason, found = judged(facts, "1", profile="battery/1", ratedCapacity="much")
    assert (outcome, reason) == (Outcome.FAILED, "the contents do not follow their profile")
    assert found is not None
    assert found.startswith("set 1: ratedCapacity: not a number with its unit")


def test_an_unknown_profile_is_unknown_and_none_is_skipped(facts: PassportFacts) -> None:
    unknown = (Outcome.UNKNOWN, "the contents name a profile that nobody here knows")
    assert judged(facts, "1", profile="battery/9") == (*unknown, "battery/9")
    assert judged(facts, "1", profile=["battery/1"]) == (*unknown, "['battery/1']")
    assert judged(facts, "1") == (Outcome.SKIPPED, "the contents name no profile", None)
    nothing = judge_contents(None, facts)
    assert (nothing.outcome, nothing.reason) == (
        Outcome.SKIPPED,
        "the disclosure did not pass, so there are no contents to judge",
    )


def test_the_day_is_that_of_the_passport(facts: PassportFacts) -> None:
    """Classes of a later act say nothing of an older passport."""
    day = datetime.fromtimestamp(facts.valid_from, UTC).date()
    _, _, found = judged(facts, "1", profile="battery/1", carbonFootprintPerformanceClass="A")
    assert f"no classes apply to 'ev' on {day}" in str(found)


def test_contents_without_a_profile_are_what_they_were() -> None:
    stated = ContentSets.model_validate(content({"2": {"x": "y"}}))
    assert stated.values_of("1") == {}
    assert stated.following("product/1").values_of("1") == {"profile": "product/1"}
    assert stated.following("product/1").values_of("2") == {"x": "y"}
