"""Electricity: what a consumption emits by location and by market, and certificates that are spent once.

>>> grid_intensity("DE", 2025).year
2023
>>> uses = cover(Fraction(1000), [Fraction(600)])
>>> uses.covered, uses.rest
(Fraction(600, 1), Fraction(400, 1))

GHG Protocol Scope 2 Guidance (2015): by location, all of a consumption counts at the grid's average; by market, what
contracts and certificates cover counts at theirs, the rest at the residual mix. A residual mix that is not known is
not zero: then the rest counts at the grid's average, and that is said. Grid averages stand in `data/grid.json`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any, assert_never

from passport.carbon.spelling import plain
from passport.errors import ArithmeticRuleError

G_PER_KG = 1000

Span = tuple[datetime, datetime]
"""Start and end of a time, aware; the end is outside."""

_MICROSECOND = timedelta(microseconds=1)


class InstrumentKind(StrEnum):
    """By what a consumption claims the emissions of certain plants."""

    CERTIFICATE = "certificate"
    POWER_PURCHASE_AGREEMENT = "powerPurchaseAgreement"
    SUPPLIER_CONTRACT = "supplierContract"


class RestBasis(StrEnum):
    """At what the part of a consumption counts that no instrument covers."""

    RESIDUAL_MIX = "residualMix"
    GRID_AVERAGE = "gridAverage"


class MatchingRule(StrEnum):
    """By what rule an instrument covers use at other moments than those in which its electricity was made.

    `calendarYear`: electricity of a calendar year covers use in the same year, whenever; the annual matching of markets
    whose certificates bear a year as their vintage (Scope 2 Guidance, quality criterion 4: as close as possible).
    """

    CALENDAR_YEAR = "calendarYear"


@dataclass(frozen=True, slots=True)
class GridIntensity:
    """The average of one country's grid in one year.

    Attributes:
        country: ISO 3166-1 alpha-2.
        year: That the figure is for.
        kg_co2e_per_kwh: Of what is generated.
        name: Of the data.
        version: Of the data.
        url: Where they are published.
        licence: SPDX.
        citation: As their licence asks for it.
        basis: What is in the figure.
    """

    country: str
    year: int
    kg_co2e_per_kwh: Decimal
    name: str
    version: str
    url: str
    licence: str
    citation: str
    basis: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a consumption instruments cover, and what is left; kWh."""

    covered: Fraction
    rest: Fraction


@dataclass(frozen=True, slots=True)
class BothTotals:
    """One consumption's emissions by both methods, kg CO2e."""

    location_kg_co2e: Fraction
    market_kg_co2e: Fraction


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody spends of an instrument.

    Attributes:
        key: The instrument: its registry and its number there, see `instrument_key`.
        issued_kwh: What the instrument is for in all, as this user states it.
        spent_kwh: What is used up here.
        by: Who uses it: a passport.
    """

    key: str
    issued_kwh: Fraction
    spent_kwh: Fraction
    by: str


@dataclass(frozen=True, slots=True)
class Overspent:
    """An instrument that more is claimed of than there is.

    Attributes:
        key: The instrument.
        issued_kwh: The least that any of its users says it is for.
        spent_kwh: What all of them use up.
        by: Its users, in the order given.
    """

    key: str
    issued_kwh: Fraction
    spent_kwh: Fraction
    by: tuple[str, ...]


def grid_intensity(country: str, year: int) -> GridIntensity:
    """A country's grid average for a year: the newest figure that is not younger.

    Args:
        country: ISO 3166-1 alpha-2.
        year: In which the electricity was used.

    Raises:
        ArithmeticRuleError: No figure of that country, or only younger ones; unknown is not zero.
    """
    data = _grid()
    years = data["intensities"].get(country, {})
    fitting = [int(each) for each in years if int(each) <= year]
    if not fitting:
        raise ArithmeticRuleError(
            "no grid average of this country and year",
            where="data/grid.json",
            expected=f"a year from {min(years)}" if years else "an ISO 3166-1 alpha-2 code that is listed",
            found=f"{country} {year}",
            hint="state the factor yourself, with its source",
        )
    newest = max(fitting)
    return GridIntensity(
        country=country,
        year=newest,
        kg_co2e_per_kwh=Decimal(years[str(newest)]).scaleb(-3),
        name=data["name"],
        version=data["version"],
        url=data["url"],
        licence=data["licence"],
        citation=data["citation"],
        basis=data["basis"],
    )


def grid_countries() -> tuple[str, ...]:
    """The countries whose grid average is known, by their alpha-2 codes."""
    return tuple(_grid()["intensities"])


def cover(consumption: Fraction, instruments: Sequence[Fraction], *, where: str | None = None) -> Coverage:
    """Split a consumption into what instruments cover and the rest.

    Args:
        consumption: All that is used, kWh (or any other unit, the same for all).
        instruments: What each instrument covers of it.
        where: The consumption meant, for the error.

    Raises:
        ArithmeticRuleError: Something is negative, or more is covered than used.
    """
    if consumption < 0 or any(each < 0 for each in instruments):
        raise ArithmeticRuleError("a negative quantity of electricity", where=where, expected="zero or more")
    covered = sum(instruments, Fraction(0))
    if covered > consumption:
        raise ArithmeticRuleError(
            "instruments cover more electricity than is used",
            where=where,
            expected=f"at most {_words(consumption)}",
            found=_words(covered),
        )
    return Coverage(covered, consumption - covered)


def both_totals(
    consumption_kwh: Fraction,
    *,
    grid: Fraction,
    instruments: Sequence[tuple[Fraction, Fraction]],
    rest: Fraction | None,
    where: str | None = None,
) -> BothTotals:
    """One consumption by location and by market.

    Args:
        consumption_kwh: All that is used.
        grid: The grid's average, kg CO2e per kWh.
        instruments: Of each, the kWh it covers and its kg CO2e per kWh.
        rest: kg CO2e per kWh of what no instrument covers; None when it is not known.
        where: The consumption meant, for the error.

    Raises:
        ArithmeticRuleError: More is covered than used, or something is left and its factor is not known.
    """
    coverage = cover(consumption_kwh, [kwh for kwh, _ in instruments], where=where)
    if coverage.rest and rest is None:
        raise ArithmeticRuleError(
            "no factor for what no instrument covers",
            where=where,
            expected="a residual mix, or the grid's average by name",
            found=f"{_words(coverage.rest)} kWh without one",
            hint="unknown is not zero",
        )
    market = sum((kwh * factor for kwh, factor in instruments), coverage.rest * (rest or 0))
    return BothTotals(consumption_kwh * grid, market)


def matched_period(issued_for: Span, rule: MatchingRule | None) -> Span:
    """When the electricity may be used that an instrument is for: when it was made, or longer by a rule of its name.

    Args:
        issued_for: When the instrument's electricity was made, start and end, aware.
        rule: None for the same moments.
    """
    match rule:
        case None:
            return issued_for
        case MatchingRule.CALENDAR_YEAR:
            start, end = (moment.astimezone(UTC) for moment in issued_for)
            last = (end - timedelta(microseconds=1)).year
            return datetime(start.year, 1, 1, tzinfo=UTC), _new_year(last + 1)
        case _:
            assert_never(rule)


def check_period(
    issued_for: Span, used_in: Span, *, rule: MatchingRule | None = None, where: str | None = None
) -> None:
    """Refuse an instrument for electricity of another time (Scope 2 Guidance, quality criterion 4).

    Args:
        issued_for: When the instrument's electricity was made, start and end.
        used_in: When the electricity was used.
        rule: By which use at other moments counts too.
        where: The instrument meant, for the error.

    Raises:
        ArithmeticRuleError: The two have no moment in common.
    """
    usable = matched_period(issued_for, rule)
    if usable[0] >= used_in[1] or usable[1] <= used_in[0]:
        raise ArithmeticRuleError(
            "the instrument is for electricity of another time",
            where=where,
            expected=f"a period that meets {used_in[0].date()} to {used_in[1].date()}",
            found=f"{issued_for[0].date()} to {issued_for[1].date()}",
        )


def check_covered_in_time(
    consumption: Fraction, covered: Sequence[tuple[Span, Fraction]], used_in: Span, *, where: str | None = None
) -> None:
    """Refuse instruments that cover more than is used within their periods, taken as used evenly.

    For every span of time, what instruments cover that can be used in it alone is no more than what is used in it; for
    spans on a line that is also enough for each to find its use (Hall's condition).

    Args:
        consumption: All that is used, in any unit.
        covered: Of each instrument, when its electricity may be used and what it covers, in the same unit.
        used_in: When the electricity is used.
        where: The consumption meant, for the error.

    Raises:
        ArithmeticRuleError: They cover more; names the span.
    """
    begin, end = used_in
    spans = [((max(span[0], begin), min(span[1], end)), amount) for span, amount in covered]
    spans = sorted((each for each in spans if each[0] != used_in), key=lambda each: each[0][1])
    for start in sorted({span[0] for span, _ in spans}):
        inside = Fraction(0)
        for (first, last), amount in spans:
            if first < start:
                continue
            inside += amount
            most = consumption * Fraction((last - start) // _MICROSECOND, (end - begin) // _MICROSECOND)
            if inside > most:
                raise ArithmeticRuleError(
                    "instruments cover more electricity than is used in their time",
                    where=where,
                    expected=f"at most {_words(most)} from {start.date()} to {last.date()}, taken as used evenly",
                    found=_words(inside),
                    hint="state by finer inputs when it was used (`usedIn`), or the rule of the market (`matching`)",
                )


def instrument_key(registry: str, tracking_id: str) -> str:
    """One spelling for an instrument, so that writing its number otherwise does not make it another one.

    Blanks, case, the kind of dash and what is not seen do not tell two instruments apart, nor do letters and digits of
    other scripts that look the same; other signs do.
    """
    return f"{plain(registry)}/{plain(tracking_id)}"


def overspent(uses: Iterable[Use]) -> dict[str, Overspent]:
    """The instruments of which all uses together take more than there is, by their key.

    Where users state different amounts for one instrument, the least counts: nobody gains by stating more.
    """
    by_key: defaultdict[str, list[Use]] = defaultdict(list)
    for use in uses:
        by_key[use.key].append(use)
    found = {}
    for key, same in by_key.items():
        issued = min(use.issued_kwh for use in same)
        spent = sum((use.spent_kwh for use in same), Fraction(0))
        if spent > issued:
            found[key] = Overspent(key, issued, spent, tuple(dict.fromkeys(use.by for use in same)))
    return found


def _new_year(year: int) -> datetime:
    """The first moment of a year; of the year 10000, which has none, the last of the year before."""
    return datetime(year, 1, 1, tzinfo=UTC) if year <= MAXYEAR else datetime.max.replace(tzinfo=UTC)


def _words(amount: Fraction) -> str:
    return f"{float(amount):.6g}"


@cache
def _grid() -> Mapping[str, Any]:
    text = resources.files("passport.carbon").joinpath("data", "grid.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data
