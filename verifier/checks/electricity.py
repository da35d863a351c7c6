"""`arithmetic` of electricity: instruments fit what was used and when, averages are the grid's, totals come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from passport.arithmetic import Contribution
from passport.arithmetic.quanta import ONE, from_text
from passport.carbon.electricity import MatchingRule, Span, check_covered_in_time, check_period, matched_period
from passport.errors import ArithmeticRuleError
from passport.exchange.accounting import electricity_statement
from passport.model.electricity import MAX_INSTRUMENTS
from passport.model.facts import PassportFacts
from passport.model.tracking import check_country
from passport.model.units import Unit, conversion
from verifier.outcome import Check, CheckId, failed

_OF_ALL_ROWS = ("country", "grid", "usedIn", "matching")
"""What the rows of one input of electricity say alike."""


def check_electricity(
    facts: PassportFacts,
    said: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    claims: Sequence[Contribution],
    *,
    is_whole: bool,
) -> Check | None:
    """Re-do what rows of electricity rest on; None when nothing is wrong.

    Args:
        facts: What the passport states.
        said: Our extension of its statement.
        rows: Its opened rows.
        claims: What they claim to contribute.
        is_whole: No row is withheld.

    Raises:
        PassportError: Something is wrong that is told as an error.
    """
    period = _span({"start": facts.period[0], "end": facts.period[1]})
    inputs: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if "electricity" in row:
            _check_row(row, period)
            inputs.setdefault(row["electricity"]["input"], []).append(row)
    for name, parts in inputs.items():
        _check_input(name, parts, period, is_whole=is_whole)
    if not is_whole:
        return None
    declared, covered = from_text(facts.upstream.declared_amount), from_text(facts.covered_amount)
    redone = electricity_statement(rows, claims, declared, covered)
    if redone != said.get("electricity"):
        return failed(
            CheckId.ARITHMETIC,
            "the rows do not give the stated totals of electricity",
            expected=redone or "none",
            found=said.get("electricity") or "none",
        )
    return None


def _check_row(row: Mapping[str, Any], period: Span) -> None:
    where, electricity = f"row {row['id']}", row["electricity"]
    if electricity["basis"] == "gridAverage" and row["factor"] != electricity["grid"]:
        raise ArithmeticRuleError(f"{where} is at the grid's average, and has another factor than the grid")
    if electricity["basis"] != "instrument":
        return
    instrument = electricity["instrument"]
    check_period(_span(instrument["period"]), _used_in(electricity, period), rule=_rule(electricity), where=where)
    if instrument["country"] != electricity["country"] and "market" not in instrument:
        raise ArithmeticRuleError(
            f"{where} claims an instrument of another country without a common market",
            expected=electricity["country"],
            found=instrument["country"],
        )
    try:
        check_country(instrument.get("registry", ""), instrument["country"])
    except ValueError as error:
        raise ArithmeticRuleError(f"{where}: {error}") from None


def _check_input(name: str, parts: Sequence[Mapping[str, Any]], period: Span, *, is_whole: bool) -> None:
    """The rows of one input speak of one consumption, of which instruments cover no more than is used in their time."""
    where, first = f"input {name}", parts[0]
    for row in parts[1:]:
        differs = [each for each in _OF_ALL_ROWS if row["electricity"].get(each) != first["electricity"].get(each)]
        differs += [each for each in ("per", "process", "level") if row.get(each) != first.get(each)]
        if differs:
            raise ArithmeticRuleError(
                f"rows {first['id']} and {row['id']} are of one input of electricity and differ in {differs[0]}",
                where=where,
            )
    used_in = _used_in(first["electricity"], period)
    if used_in[0] < period[0] or used_in[1] > period[1]:
        raise ArithmeticRuleError("electricity that was used outside the reference period", where=where)
    if not is_whole:
        return
    amounts = [_kwh(row) for row in parts]
    covered = [
        (matched_period(_span(row["electricity"]["instrument"]["period"]), _rule(first["electricity"])), amount)
        for row, amount in zip(parts, amounts, strict=True)
        if row["electricity"]["basis"] == "instrument"
    ]
    if len(covered) > MAX_INSTRUMENTS:
        raise ArithmeticRuleError(
            "more instruments than one input has",
            where=where,
            expected=f"at most {MAX_INSTRUMENTS}",
            found=len(covered),
        )
    check_covered_in_time(sum(amounts, Fraction(0)), covered, used_in, where=where)


def _used_in(electricity: Mapping[str, Any], period: Span) -> Span:
    return _span(electricity["usedIn"]) if "usedIn" in electricity else period


def _rule(electricity: Mapping[str, Any]) -> MatchingRule | None:
    return MatchingRule(electricity["matching"]) if "matching" in electricity else None


def _kwh(row: Mapping[str, Any]) -> Fraction:
    return Fraction(from_text(row["quantity"]), ONE) * conversion(
        Unit(row["unit"]), Unit.KILOWATT_HOUR, where=f"row {row['id']}"
    )


def _span(period: Mapping[str, str]) -> Span:
    """Start and end; a document's times have a zone.

    Raises:
        ArithmeticRuleError: No days of the calendar, or an end that is not after the start.
    """
    try:
        start, end = datetime.fromisoformat(period["start"]), datetime.fromisoformat(period["end"])
    except ValueError:
        start = end = datetime.max
    if start >= end:
        found = f"{period['start']} to {period['end']}"
        raise ArithmeticRuleError("a period that is none", expected="an end after the start", found=found)
    return start, end
