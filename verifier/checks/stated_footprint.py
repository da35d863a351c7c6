"""The footprint among the contents, as part of `agreement`: what they state is what the passport computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from passport.arithmetic import Contribution
from passport.arithmetic.quanta import ONE, from_text
from passport.errors import UsageError
from passport.model.facts import PassportFacts
from passport.model.profile import Profile, profile, profile_names
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
        The first difference, and a note of what could not be compared. Where the contents name no profile that is known
        here nothing is: that is for another row to say.
    """
    values = {attribute: value for stated in contents.values() for attribute, value in stated.items()}
    known = _named(contents)
    strange = [_unknown(text) for text in _by_no_profile(known, values)]
    if known is None:
        return None, strange
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
    compared = compare_footprint(known, values, computed)
    notes = [*strange, *map(_unknown, compared.unknown)]
    if not compared.misfits:
        return None, notes
    first = compared.misfits[0]
    reason = f"contents and footprint: {first.where}: {first.message}"
    return failed(CheckId.AGREEMENT, reason, expected=first.expected, found=first.found), notes


def _named(contents: Contents) -> Profile | None:
    """The profile that contents name, where it is known here."""
    name = profile_of(contents)
    try:
        return None if name is None else profile(name)
    except UsageError:
        return None


def _by_no_profile(known: Profile | None, values: Mapping[str, Any]) -> Iterator[str]:
    """Footprints under the names of a profile that the contents do not follow: they look compared, and are not."""
    own = known.footprint.whole if known is not None and known.footprint is not None else None
    for each in map(profile, profile_names()):
        if each.footprint is not None and each.footprint.whole in values and each.footprint.whole != own:
            yield f"{each.footprint.whole} is stated, and the contents do not follow {each.name}"


def _unknown(text: str) -> Note:
    return Note("footprint_not_compared", Severity.INFO, text)


def _exact(text: str) -> Fraction:
    return Fraction(from_text(text), ONE)
