"""`arithmetic`: every opened row gives the contribution it claims, and the rows add up to what the passport states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from passport.arithmetic import (
    Contribution,
    Totals,
    data_quality,
    exempted_percent,
    primary_data_share,
    sum_contributions,
    total_of,
)
from passport.arithmetic.quality import RATINGS
from passport.arithmetic.quanta import from_text, to_text
from passport.arithmetic.rows import quality_input, quanta_of, recompute_row, stated_contribution, texts_of
from passport.errors import PassportError
from passport.model.components import COMPONENTS, FOSSIL, REMOVALS, SUMMED, UPTAKE
from passport.model.facts import PassportFacts
from passport.model.footprint import FootprintTexts
from verifier.outcome import Check, CheckId, failed, passed, unknown

ROUNDING = 10**6
"""Quanta that parts and wholes may drift apart because each is rounded for itself: 1e-9 kg CO2e."""


class Recomputation(NamedTuple):
    """What re-doing a node's sum gave: the row, and the contributions that were re-done."""

    check: Check
    contributions: tuple[Contribution, ...]


def check_arithmetic(
    facts: PassportFacts,
    rows: Sequence[Mapping[str, Any]] | None,
    *,
    withheld_rows: int,
    own_exempted_percent: str | None,
) -> Recomputation:
    """Re-do one passport's sum.

    Args:
        facts: What the passport states.
        rows: Its opened rows, or None when the statement is withheld.
        withheld_rows: How many rows of the statement are not opened.
        own_exempted_percent: What the statement says the issuer left out itself, or None when it is withheld.
    """
    try:
        wrong = _stated_sum(facts.upstream.footprint)
        if wrong:
            return Recomputation(wrong, ())
        if (rows is None or withheld_rows) and from_text(facts.upstream.footprint.unattributed) < 0:
            return Recomputation(_unexplained(facts.upstream.footprint), ())
        if rows is None or own_exempted_percent is None:
            return Recomputation(unknown(CheckId.ARITHMETIC, "the statement is withheld"), ())
        return _rows(facts, rows, withheld_rows, own_exempted_percent)
    except PassportError as error:
        return Recomputation(failed(CheckId.ARITHMETIC, str(error), expected=error.expected, found=error.found), ())


def _stated_sum(footprint: FootprintTexts) -> Check | None:
    """PACT's sum rule on what the passport itself states; holds with or without the statement."""
    components = quanta_of(footprint.components)
    excluding = total_of(components)
    if to_text(excluding) != footprint.total:
        return failed(
            CheckId.ARITHMETIC,
            "the components do not add up to the total",
            expected=f"{to_text(excluding)} kg CO2e",
            found=f"{footprint.total} kg CO2e",
        )
    including = to_text(excluding + components.get(UPTAKE, 0))
    if including != footprint.total_including_uptake:
        return failed(
            CheckId.ARITHMETIC,
            "total and uptake do not add up",
            expected=f"{including} kg CO2e",
            found=f"{footprint.total_including_uptake} kg CO2e",
        )
    return _wrong_part(components, from_text(footprint.unattributed))


def _wrong_part(components: Mapping[str, int], unattributed: int) -> Check | None:
    """What is "of which" may not exceed its whole; for the total that is what was emitted before removals."""
    gross = sum(components.get(name, 0) for name in SUMMED if name not in REMOVALS)
    parts = [(name, amount, COMPONENTS[name].part_of) for name, amount in components.items()]
    for name, amount, whole in (*parts, ("unattributed", unattributed, FOSSIL)):
        if whole is None:
            continue
        limit = components.get(FOSSIL, 0) if whole == FOSSIL else gross
        if amount > limit + ROUNDING:
            return failed(
                CheckId.ARITHMETIC,
                f"{name} exceeds what it is part of",
                expected=f"at most {to_text(limit)} kg CO2e",
                found=f"{to_text(amount)} kg CO2e",
            )
    return None


def _unexplained(footprint: FootprintTexts) -> Check:
    """Below zero by the rounding of imports at most; stated without rows it would cancel what others cannot explain."""
    return failed(
        CheckId.ARITHMETIC,
        "unattributed is negative, and the rows that could show why are withheld",
        expected="0 or more",
        found=f"{footprint.unattributed} kg CO2e",
    )


def _rows(
    facts: PassportFacts, rows: Sequence[Mapping[str, Any]], withheld_rows: int, own_exempted: str
) -> Recomputation:
    declared = from_text(facts.upstream.declared_amount)
    covered = from_text(facts.covered_amount)
    contributions = []
    for row in rows:
        if row["kind"] == "passport" and tuple(row["upstream"]["gwp"]) != facts.upstream.gwp:
            return Recomputation(
                failed(
                    CheckId.ARITHMETIC,
                    f"row {row['id']} mixes sets of global warming potentials",
                    expected=", ".join(facts.upstream.gwp),
                    found=", ".join(row["upstream"]["gwp"]),
                ),
                (),
            )
        redone = recompute_row(row, declared, covered)
        if redone != stated_contribution(row):
            return Recomputation(_wrong_row(row, redone), ())
        contributions.append(redone)
    if withheld_rows:
        reason = f"{withheld_rows} of {withheld_rows + len(rows)} rows are withheld"
        return Recomputation(unknown(CheckId.ARITHMETIC, reason), tuple(contributions))
    totals = sum_contributions(contributions)
    wrong = _wrong_total(facts.upstream.footprint, totals) or _wrong_quality(facts, rows, contributions, own_exempted)
    return Recomputation(wrong or passed(CheckId.ARITHMETIC), tuple(contributions))


def _wrong_row(row: Mapping[str, Any], redone: Contribution) -> Check:
    claimed = row["contribution"]
    expected = {"components": texts_of(redone.components), "total": to_text(redone.total)}
    expected["unattributed"] = to_text(redone.unattributed)
    names = [name for name in expected if expected[name] != claimed[name]]
    return failed(
        CheckId.ARITHMETIC,
        f"row {row['id']}: quantity x footprint does not give the contribution ({', '.join(names)})",
        expected=f"{expected['total']} kg CO2e",
        found=f"{claimed['total']} kg CO2e",
    )


def _wrong_total(footprint: FootprintTexts, totals: Totals) -> Check | None:
    expected: dict[str, object] = {
        "total": to_text(totals.excluding),
        "total including uptake": to_text(totals.including),
        "components": texts_of(totals.components),
        "unattributed": to_text(totals.unattributed),
    }
    found: dict[str, object] = {
        "total": footprint.total,
        "total including uptake": footprint.total_including_uptake,
        "components": dict(footprint.components),
        "unattributed": footprint.unattributed,
    }
    for name, value in expected.items():
        if found[name] != value:
            return failed(
                CheckId.ARITHMETIC, f"the rows do not add up to the stated {name}", expected=value, found=found[name]
            )
    return None


def _wrong_quality(
    facts: PassportFacts, rows: Sequence[Mapping[str, Any]], contributions: Sequence[Contribution], own_exempted: str
) -> Check | None:
    inputs = [quality_input(row, contribution) for row, contribution in zip(rows, contributions, strict=True)]
    footprint = facts.upstream.footprint
    share = primary_data_share(inputs)
    ratings = data_quality(inputs)
    expected: tuple[tuple[str, object, object], ...] = (
        ("primary data share", None if share is None else to_text(share), footprint.primary_data_share),
        (
            "data quality",
            None if ratings is None else dict(zip(RATINGS, map(to_text, ratings), strict=True)),
            None if footprint.data_quality is None else dict(footprint.data_quality),
        ),
        (
            "exempted percent",
            to_text(exempted_percent(inputs, from_text(own_exempted))),
            footprint.exempted_percent,
        ),
    )
    for name, value, found in expected:
        if value != found:
            return failed(CheckId.ARITHMETIC, f"the rows do not give the stated {name}", expected=value, found=found)
    return None
