"""The footprint among the contents, as part of `agreement`: what they state is what the passport computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from passport.arithmetic import Contribution
from passport.arithmetic.quanta import ONE, from_text
from passport.errors import UsageError
from passport.model.facts import PassportFacts
from passport.model.profile import profile
from passport.model.profile_check import profile_of
from passport.model.profile_footprint import Computed, compare_footprint
from verifier.outcome import Check, CheckId, Note, Severity, failed

Contents = Mapping[str, Mapping[str, Any]]
"""Attributes and values by set, as a reader was shown them and the passport commits to them."""


def check_stated_footprint(
    facts: PassportFacts,
    rows: Sequence[Mapping[str, Any]],
    claims: Sequence[Contribution],
    contents: Contents,
    *,
    are_all: bool,
) -> tuple[Check | None, list[Note]]:
    """Compare the footprint that contents state with the passport's own.

    Args:
        facts: What the passport states.
        rows: The opened rows.
        claims: What each contributes, as it says; `arithmetic` re-does that.
        contents: What is shown.
        are_all: Whether these are all rows of the statement.

    Returns:
        The first difference, and a note of what could not be compared; neither where the contents name no profile that
        is known here, which is for another row to say.
    """
    name = profile_of(contents)
    if name is None:
        return None, []
    try:
        known = profile(name)
    except UsageError:
        return None, []
    upstream = facts.upstream
    computed = Computed(
        declared_amount=_exact(upstream.declared_amount),
        declared_unit=upstream.declared_unit,
        mass_kg=_exact(upstream.mass_per_declared_unit),
        total_kg_co2e=_exact(upstream.footprint.total),
        rows=[(row["stage"], Fraction(claim.total, ONE)) for row, claim in zip(rows, claims, strict=True)]
        if are_all
        else None,
    )
    values = {attribute: value for stated in contents.values() for attribute, value in stated.items()}
    compared = compare_footprint(known, values, computed)
    notes = [Note("footprint_not_compared", Severity.INFO, text) for text in compared.unknown]
    if not compared.misfits:
        return None, notes
    first = compared.misfits[0]
    reason = f"contents and footprint: {first.where}: {first.message}"
    return failed(CheckId.AGREEMENT, reason, expected=first.expected, found=first.found), notes


def _exact(text: str) -> Fraction:
    return Fraction(from_text(text), ONE)
