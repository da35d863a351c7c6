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
from passport.issuer.presenting import openings_of
from passport.model.content import ContentSets
from passport.model.facts import PassportFacts, passport_facts
from passport.model.role_map import ANNEX_XIII
from passport.store import DocumentKind
from verifier.contents import judge_contents
from verifier.outcome import Outcome

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
