"""Uncertainty in an audit: what rows state is re-done, copies are their originals, and no lie about it passes.

Every cheat here is complete: whatever the issuer can make agree with the lie agrees with it, signed and anchored.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from forge import Draft, Forged, draft_of
from judged import only_failure, row, rows_of
from verifier_world import World

from verifier.outcome import Outcome
from verifier.report import Report

Change = Callable[[Draft], None]

COATING = {"distribution": "lognormal", "spread": "1.3"}
SAID = {
    "method": "first-order",
    "distribution": "lognormal",
    "amountIs": "median",
    "spread": "1.1",
    "coveredPercent": "100",
    "upstreamVariancePercent": "0",
}


def uncertain_housing(world: World) -> Forged:
    """The housing, whose coating, imported, is off by GSD 1.3; its maker says the same everywhere."""
    draft = draft_of(world, "housing")
    draft.row("coating")["uncertainty"] = COATING
    draft.settle()
    return draft.publish()


def pack_of(world: World, housing: Forged) -> Draft:
    """A pack of that housing, with a welding that is off by 10 % and everything said as it is."""
    draft = draft_of(world, "pack")
    draft.build_on("housing", housing)
    draft.row("welding")["uncertainty"] = {"distribution": "normal", "spread": "10"}
    draft.recompute()
    draft.settle()
    return draft


def _audit(world: World, change: Change | None = None) -> tuple[Report, Draft]:
    housing = uncertain_housing(world)
    draft = pack_of(world, housing)
    if change is not None:
        change(draft)
    forged = draft.publish(source=housing.source)
    return world.audit(forged.digest, forged.source), draft


def _stated(**facts: Any) -> Change:
    """Say another uncertainty in every place."""

    def change(draft: Draft) -> None:
        draft.state_everywhere(uncertainty={**draft.stated["uncertainty"], **facts})

    return change


def _copied(**facts: Any) -> Change:
    """Copy another uncertainty of the housing, and be honest about what follows."""

    def change(draft: Draft) -> None:
        draft.row("housing")["upstream"]["uncertainty"].update(facts)
        draft.settle()

    return change


def _silent(draft: Draft) -> None:
    draft.state_everywhere(uncertainty=None)


def _copied_without(draft: Draft) -> None:
    del draft.row("housing")["upstream"]["uncertainty"]
    draft.settle()


def _two_words(draft: Draft) -> None:
    draft.data["uncertainty"] = {**draft.stated["uncertainty"], "spread": "1.01"}


def _out_of_range(draft: Draft) -> None:
    draft.row("welding")["uncertainty"] = {"distribution": "lognormal", "spread": "0.5"}


def test_what_is_said_is_what_the_rows_give(world: World) -> None:
    """By hand: the housing's ln GSD is its coating's share of ln 1.3; the pack's adds its and the welding's."""
    report, draft = _audit(world)
    assert rows_of(report, Outcome.FAILED) == {}
    assert row(report, "pack", "arithmetic").outcome is Outcome.PASSED
    upstream, said = draft.row("housing")["upstream"], draft.stated["uncertainty"]
    coating, of_housing = 0.15 * 2.5, float(upstream["total"])
    spread, covered = (float(upstream["uncertainty"][name]) for name in ("spread", "coveredPercent"))
    assert spread == pytest.approx(math.exp(coating / of_housing * math.log(1.3)), abs=5e-6)
    assert covered == pytest.approx(100 * coating / of_housing, abs=1e-6)
    total, housing = float(draft.stated["total"]), float(draft.row("housing")["contribution"]["total"])
    terms = housing / total * math.log(spread), 2 / total * math.sqrt(math.log1p(0.01))
    assert said["distribution"] == "lognormal"
    assert float(said["spread"]) == pytest.approx(math.exp(math.hypot(*terms)), abs=5e-6)
    assert float(said["upstreamVariancePercent"]) == pytest.approx(100 * terms[0] ** 2 / math.hypot(*terms) ** 2)
    assert float(said["coveredPercent"]) == pytest.approx((housing * covered + 200) / total, abs=1e-6)


def test_a_statement_that_no_row_bears_out(world: World) -> None:
    """No row states anything, and the statement does, in every place."""
    draft = draft_of(world, "pack")
    draft.state_everywhere(uncertainty=SAID)
    forged = draft.publish()
    failure = only_failure(world.audit(forged.digest, forged.source), "pack", "arithmetic")
    assert failure.reason == "the rows do not give the stated uncertainty"
    assert failure.expected == "none"
    assert "'spread': '1.1'" in str(failure.found)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_stated(spread="1.0001"), "1.0001"),
        (_stated(coveredPercent="100"), "100"),
        (_stated(upstreamVariancePercent="0"), "'upstreamVariancePercent': '0'"),
        (_stated(distribution="normal", amountIs="mean"), "normal"),
        (_silent, "none"),
    ],
    ids=["understated", "covers more", "calls it its own", "another distribution", "silent"],
)
def test_a_statement_that_the_rows_do_not_give(world: World, change: Change, found: str) -> None:
    """Said alike everywhere, and still not what the rows give."""
    report, _ = _audit(world, change)
    failure = only_failure(report, "pack", "arithmetic")
    assert failure.reason == "the rows do not give the stated uncertainty"
    assert found in str(failure.found)


@pytest.mark.parametrize(
    "change",
    [_copied(spread="1.0001"), _copied(coveredPercent="99"), _copied_without],
    ids=["a lower spread", "a higher cover", "nothing"],
)
def test_a_copy_that_is_not_the_suppliers_word(world: World, change: Change) -> None:
    """The buyer's own sum is right over what it copied; the copy is not what the supplier signed."""
    report, _ = _audit(world, change)
    failed = rows_of(report, Outcome.FAILED)
    assert set(failed) == {("pack", "agreement")}
    assert "housing" in str(failed["pack", "agreement"].reason)


def test_passport_and_statement_say_one_thing(world: World) -> None:
    """The claim's characteristics and the statement differ in the spread."""
    report, _ = _audit(world, _two_words)
    failure = only_failure(report, "pack", "agreement")
    assert failure.reason == "characteristics and statement: uncertainty differ"


def test_a_spread_that_is_none_fails(world: World) -> None:
    """A geometric standard deviation below one has no meaning."""
    report, _ = _audit(world, _out_of_range)
    failure = only_failure(report, "pack", "arithmetic")
    assert str(failure.reason).startswith("row welding: a geometric standard deviation out of range")


def test_with_rows_withheld_it_cannot_be_told(world: World) -> None:
    """An understated spread over rows that are not all open is unknown, like the sum itself."""

    def change(draft: Draft) -> None:
        _stated(spread="1.0001")(draft)
        draft.opened = lambda entry: entry["id"] != "welding"

    report, _ = _audit(world, change)
    assert row(report, "pack", "arithmetic").outcome is Outcome.UNKNOWN


def _measure(draft: Draft, **tolerance: float) -> None:
    claim = draft.credential["credentialSubject"]["performanceClaim"][0]
    claim["claimedPerformance"][0]["measure"].update(tolerance)


def test_a_tolerance_is_what_the_stated_uncertainty_gives(world: World) -> None:
    """The pack's total with GSD 1.1, as if it were all of it: agreement alone, for no row bears that out."""

    def outcome(**tolerance: float) -> tuple[Outcome, str]:
        draft = draft_of(world, "pack")
        draft.state_everywhere(uncertainty=SAID)
        _measure(draft, **tolerance)
        forged = draft.publish()
        found = row(world.audit(forged.digest, forged.source), "pack", "agreement")
        return found.outcome, str(found.reason)

    total = float(draft_of(world, "pack").stated["total"])
    factor = 1.1**1.959963984540054
    upper, lower = (float(f"{each:.6g}") for each in (total * factor - total, total - total / factor))
    assert outcome(upperTolerance=upper, lowerTolerance=lower)[0] is Outcome.PASSED
    assert outcome()[0] is Outcome.PASSED, "passports from before have none"
    for tolerance in (
        {"upperTolerance": upper / 2, "lowerTolerance": lower},
        {"upperTolerance": upper, "lowerTolerance": 0},
        {"upperTolerance": upper},
    ):
        assert outcome(**tolerance) == (Outcome.FAILED, "claim and characteristics: tolerance differ")


def test_a_tolerance_about_a_part_is_none(world: World) -> None:
    """Nothing is stated, or of a part of the total alone: the claim must not look surer than that."""

    def change(draft: Draft) -> None:
        _measure(draft, upperTolerance=0.1, lowerTolerance=0.1)

    report, _ = _audit(world, change)
    failure = only_failure(report, "pack", "agreement")
    assert failure.reason == "claim and characteristics: tolerance differ"
    assert failure.expected == "none: no uncertainty is stated of all of the total"
    draft = draft_of(world, "pack")
    change(draft)
    forged = draft.publish()
    failure = only_failure(world.audit(forged.digest, forged.source), "pack", "agreement")
    assert failure.reason == "claim and characteristics: tolerance differ"
