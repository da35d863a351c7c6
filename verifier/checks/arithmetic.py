"""`arithmetic`: every opened row gives the contribution it claims, and the rows add up to what the passport states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from passport.arithmetic import (
    Contribution,
    data_quality,
    exempted_percent,
    primary_data_share,
    sum_contributions,
    total_of,
)
from passport.arithmetic.parts import part_above_whole
from passport.arithmetic.quality import RATINGS
from passport.arithmetic.quanta import from_text, to_text
from passport.arithmetic.rows import quality_input, quanta_of, ratings_of, recompute_row, texts_of
from passport.arithmetic.uncertainty import agrees, combined_uncertainty
from passport.errors import PassportError
from passport.model.components import UPTAKE
from passport.model.facts import PassportFacts
from passport.model.footprint import FootprintTexts
from verifier.outcome import Check, CheckId, failed, passed, unknown


class _Stated(NamedTuple):
    """What the passport states, in quanta; a rating or share that it does not state is None."""

    components: dict[str, int]
    total: int
    including: int
    unattributed: int
    primary_share: int | None
    ratings: tuple[int, int, int] | None
    exempted: int


def check_arithmetic(
    facts: PassportFacts,
    rows: Sequence[Mapping[str, Any]] | None,
    claims: Sequence[Contribution],
    *,
    withheld_rows: int,
    own_exempted_percent: str | None,
) -> Check:
    """Re-do one passport's sum.

    Args:
        facts: What the passport states.
        rows: Its opened rows, or None when the statement is withheld.
        claims: The contribution that each of them states (`stated_contribution`).
        withheld_rows: How many rows of the statement are not opened.
        own_exempted_percent: What the statement says the issuer left out itself, or None when it is withheld.
    """
    try:
        stated = _stated(facts.upstream.footprint)
        wrong = _wrong_sum(stated)
        if wrong:
            return wrong
        if (rows is None or withheld_rows) and stated.unattributed < 0:
            return _unexplained(stated)
        if rows is None or own_exempted_percent is None:
            return unknown(CheckId.ARITHMETIC, "the statement is withheld")
        wrong = _wrong_rows(facts, rows, claims)
        if wrong:
            return wrong
        if withheld_rows:
            return unknown(CheckId.ARITHMETIC, f"{withheld_rows} of {withheld_rows + len(rows)} rows are withheld")
        return (
            _wrong_total(stated, claims)
            or _wrong_quality(stated, facts.upstream.footprint, rows, claims, from_text(own_exempted_percent))
            or _wrong_uncertainty(facts.upstream.footprint, rows, claims)
            or passed(CheckId.ARITHMETIC)
        )
    except PassportError as error:
        return failed(CheckId.ARITHMETIC, str(error), expected=error.expected, found=error.found)


def _stated(footprint: FootprintTexts) -> _Stated:
    components, total, including, unattributed, share, ratings, exempted, _ = footprint
    return _Stated(
        quanta_of(components),
        from_text(total),
        from_text(including),
        from_text(unattributed),
        None if share is None else from_text(share),
        None if ratings is None else ratings_of(ratings),
        from_text(exempted),
    )


def _wrong_sum(stated: _Stated) -> Check | None:
    """PACT's sum rule on what the passport itself states; holds with or without the statement."""
    components = stated.components
    excluding = total_of(components)
    if excluding != stated.total:
        return failed(
            CheckId.ARITHMETIC,
            "the components do not add up to the total",
            expected=f"{to_text(excluding)} kg CO2e",
            found=f"{to_text(stated.total)} kg CO2e",
        )
    including = excluding + components.get(UPTAKE, 0)
    if including != stated.including:
        return failed(
            CheckId.ARITHMETIC,
            "total and uptake do not add up",
            expected=f"{to_text(including)} kg CO2e",
            found=f"{to_text(stated.including)} kg CO2e",
        )
    excess = part_above_whole(components, stated.unattributed)
    if excess is not None:
        return failed(
            CheckId.ARITHMETIC,
            f"{excess.name} exceeds what it is part of",
            expected=f"at most {to_text(excess.whole)} kg CO2e",
            found=f"{to_text(excess.amount)} kg CO2e",
        )
    return None


def _unexplained(stated: _Stated) -> Check:
    """Below zero by the rounding of imports at most; stated without rows it would cancel what others cannot explain."""
    return failed(
        CheckId.ARITHMETIC,
        "unattributed is negative, and the rows that could show why are withheld",
        expected="0 or more",
        found=f"{to_text(stated.unattributed)} kg CO2e",
    )


def _wrong_rows(
    facts: PassportFacts, rows: Sequence[Mapping[str, Any]], claims: Sequence[Contribution]
) -> Check | None:
    """The first row whose inputs do not give what it claims."""
    declared = from_text(facts.upstream.declared_amount)
    covered = from_text(facts.covered_amount)
    for row, claimed in zip(rows, claims, strict=True):
        if row["kind"] == "passport" and not _speaks(row["upstream"]["gwp"], facts.upstream.gwp):
            return failed(
                CheckId.ARITHMETIC,
                f"row {row['id']} mixes sets of global warming potentials",
                expected=", ".join(facts.upstream.gwp),
                found=", ".join(row["upstream"]["gwp"]),
            )
        redone = recompute_row(row, declared, covered)
        if redone != claimed:
            names = [name for name in redone._fields if getattr(redone, name) != getattr(claimed, name)]
            return failed(
                CheckId.ARITHMETIC,
                f"row {row['id']}: quantity x footprint does not give the contribution ({', '.join(names)})",
                expected=f"{to_text(redone.total)} kg CO2e",
                found=f"{to_text(claimed.total)} kg CO2e",
            )
    return None


def _speaks(used: Sequence[str], stated: Sequence[str]) -> bool:
    """Whether an upstream's sets of potentials are the passport's; where it states several, any of them are."""
    return tuple(used) == tuple(stated) if len(stated) == 1 else set(used) <= set(stated)


def _wrong_total(stated: _Stated, claims: Sequence[Contribution]) -> Check | None:
    totals = sum_contributions(claims)
    expected = (totals.excluding, totals.including, totals.components, totals.unattributed)
    found = (stated.total, stated.including, stated.components, stated.unattributed)
    if expected == found:
        return None
    names = ("total", "total including uptake", "components", "unattributed")
    at = next(at for at, value in enumerate(expected) if value != found[at])
    reason = f"the rows do not add up to the stated {names[at]}"
    return failed(CheckId.ARITHMETIC, reason, expected=_in_words(expected[at]), found=_in_words(found[at]))


def _wrong_quality(
    stated: _Stated,
    footprint: FootprintTexts,
    rows: Sequence[Mapping[str, Any]],
    claims: Sequence[Contribution],
    own_exempted: int,
) -> Check | None:
    inputs = [quality_input(row, claimed) for row, claimed in zip(rows, claims, strict=True)]
    expected = (primary_data_share(inputs), data_quality(inputs), exempted_percent(inputs, own_exempted))
    found = (stated.primary_share, stated.ratings, stated.exempted)
    if expected == found:
        return None
    names = ("primary data share", "data quality", "exempted percent")
    texts = (footprint.primary_data_share, footprint.data_quality, footprint.exempted_percent)
    at = next(at for at, value in enumerate(expected) if value != found[at])
    reason = f"the rows do not give the stated {names[at]}"
    return failed(CheckId.ARITHMETIC, reason, expected=_in_words(expected[at]), found=texts[at])


def _in_words(figure: object) -> object:
    """Quanta as amounts, alone, by component or as ratings."""
    if isinstance(figure, int):
        return to_text(figure)
    if isinstance(figure, dict):
        return texts_of(figure)
    if isinstance(figure, tuple):
        return dict(zip(RATINGS, map(to_text, figure), strict=True))
    return figure


def _wrong_uncertainty(
    footprint: FootprintTexts, rows: Sequence[Mapping[str, Any]], claims: Sequence[Contribution]
) -> Check | None:
    """An understated spread, one that no row bears out, and silence about what rows state."""
    redone = combined_uncertainty(rows, claims)
    if agrees(footprint.uncertainty, redone):
        return None
    return failed(
        CheckId.ARITHMETIC,
        "the rows do not give the stated uncertainty",
        expected=redone or "none",
        found=dict(footprint.uncertainty) if footprint.uncertainty else "none",
    )
