"""A certificate is spent once, over the passports of an audit, whoever issued them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pytest
from accounting_world import draft_of, lie
from forge import Draft, Forged
from hypothesis import given
from hypothesis import strategies as st
from judged import only_failure, row, rows_of
from verifier_world import World, opened

from passport.model.sameness import overlap
from verifier.checks.double_counting import most_at_once
from verifier.outcome import Outcome


@pytest.fixture(scope="module")
def world(accounting_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world of one module, with the products of `accounting_world`."""
    yield from opened(accounting_folder, tmp_path_factory.mktemp("module") / "world")


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
