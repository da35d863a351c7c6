"""Factors whose source states no set of global warming potentials: said with their share, and judged as before."""

from __future__ import annotations

from typing import Any

from forge import draft_of
from judged import node
from verifier_world import World

from passport.arithmetic import Contribution
from verifier.checks.potentials import potential_notes
from verifier.outcome import Note, Severity


def rows(*factors: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [{} if factor is None else {"factor": factor} for factor in factors]


def claims(*totals: int) -> list[Contribution]:
    return [Contribution({"fossilGhgEmissions": total}, total, 0) for total in totals]


def test_the_share_is_that_of_the_gross_emissions() -> None:
    """Of 60 direct, 30 by AR6, 20 by nobody knows what and a credit of 10 so: 30 of 120 are 25 %, in 2 of 4 rows."""
    (note,) = potential_notes(rows(None, {"gwp": "AR6"}, {}, {}), claims(60, 30, 20, -10))
    assert note == Note(
        "factor_gwp_unstated",
        Severity.INFO,
        "25 % of the gross emissions rest on factors whose source states no set of global warming potentials, "
        "in 2 of 4 rows",
    )


def test_where_every_factor_says_it_nothing_is_said() -> None:
    assert potential_notes(rows(None, {"gwp": "AR6"}), claims(1, 2)) == ()
    assert potential_notes([], []) == ()


def test_a_factor_that_adds_nothing_is_named_all_the_same() -> None:
    (note,) = potential_notes(rows({}), claims(0))
    assert note.text.startswith("0 % of the gross emissions")


def test_an_audit_says_so_and_judges_as_before(world: World) -> None:
    """The power of this world is coal alone, by a factor without a set."""
    report = world.audit(world.top)
    assert report.verdict == "passed"
    (note,) = node(report, "grid").notes
    assert (note.code, note.text[:6]) == ("factor_gwp_unstated", "100 % ")
    assert [note.code for note in node(report, "metal").notes] == ["delivery_not_stated"]


def test_a_factor_that_states_its_set_is_not_noted(world: World) -> None:
    draft = draft_of(world, "grid")
    draft.row("coal")["factor"]["gwp"] = "AR6"
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    assert node(report, "grid").notes == ()
