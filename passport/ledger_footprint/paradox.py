"""Green paradox: whether announcing a rule raises emissions before it is in force, and whether it does in all.

Sinn's weak paradox is that emissions rise until the rule is in force; the strong one, after Gerlagh (2011), that the
damage of all years together does, discounted. A tonne is taken to do the same damage in each year before discounting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.quantities import GhgMass
from passport.ledger_footprint.record import Record, check_format, refusing

FORMAT: Final = "carbon-passport/ledger-announcement/1.0"
MAX_BYTES: Final = 1_000_000
MAX_YEARS: Final = 200
LARGEST: Final = 1e15


@dataclass(frozen=True, slots=True)
class Year:
    """One year.

    Attributes:
        year: Which.
        without: GHG as it would be without the rule.
        announced: GHG with the rule announced, and from some year on in force.
        source: Who says so.
    """

    year: int
    without: GhgMass
    announced: GhgMass
    source: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """A rule that was announced.

    Attributes:
        rule: What it is.
        in_force: The year from which on it holds.
        discount_percent: A year, of damage; None where nobody states it.
        years: One after the other.
    """

    rule: str
    in_force: int
    discount_percent: float | None
    years: tuple[Year, ...]


@dataclass(frozen=True, slots=True)
class Paradox:
    """What an announcement does.

    Attributes:
        before: What it adds until the rule is in force; negative: it saves.
        in_all: What it adds in all years that are stated, not discounted.
        discounted: The same, discounted to the first year; None where no rate or no year in force is stated.
        is_weak: Whether emissions rise until it is in force.
        is_strong: Whether the discounted whole does, or None: unknown.
    """

    before: GhgMass
    in_all: GhgMass
    discounted: GhgMass | None
    is_weak: bool
    is_strong: bool | None


def is_green_paradox(baseline: Sequence[GhgMass], *, announced: Sequence[GhgMass]) -> bool:
    """Whether announcing a rule raises emissions until it is in force (Sinn's weak green paradox).

    Args:
        baseline: GHG of each year before the rule is in force, without it.
        announced: And with it announced, for the same years.

    Raises:
        ArithmeticRuleError: Other years.
    """
    if len(baseline) != len(announced) or not baseline:
        raise ArithmeticRuleError("not the same years", expected=len(baseline), found=len(announced))
    return math.fsum(new.amount - old.amount for new, old in zip(announced, baseline, strict=True)) > 0


def judge_announcement(said: Announcement) -> Paradox:
    """What an announcement does, before the rule is in force and in all.

    Raises:
        ArithmeticRuleError: No year before the rule is in force.
    """
    early = [each for each in said.years if each.year < said.in_force]
    if not early:
        raise ArithmeticRuleError(
            "no year before the rule is in force", where="years", expected=f"a year before {said.in_force}"
        )
    added = [each.announced.amount - each.without.amount for each in said.years]
    discounted = None
    if said.discount_percent is not None and len(early) < len(said.years):
        rate = 1 + said.discount_percent / 100
        first = said.years[0].year
        parts = (each / rate ** (year.year - first) for each, year in zip(added, said.years, strict=True))
        discounted = GhgMass(math.fsum(parts))
    return Paradox(
        before=GhgMass(math.fsum(added[: len(early)])),
        in_all=GhgMass(math.fsum(added)),
        discounted=discounted,
        is_weak=is_green_paradox([each.without for each in early], announced=[each.announced for each in early]),
        is_strong=None if discounted is None else discounted.amount > 0,
    )


def parse_announcement(body: Any, *, name: str) -> Announcement:
    """An announcement out of a file's values.

    Args:
        body: What the file holds.
        name: The file, for errors.

    Raises:
        DocumentError: Not a file of this format.
        SchemaError: Something in it is missing or wrong; all of it is said.
    """
    check_format(body, FORMAT, what="a file of an announced rule", where=name)
    with refusing(name) as problems:
        whole = Record(body, where=name, problems=problems, sources={})
        whole.take("format")
        whole.take("notes", required=False)
        rule, in_force = whole.text("rule"), _year(whole, "in_force")
        discount = None
        if whole.data.get("discount_percent") is not None:
            discount = _number(whole, "discount_percent", most=100)
        whole.take("discount_percent", required=False)
        years: list[Year] = []
        listed = list(whole.records("years", required=True))
        if not 1 <= len(listed) <= MAX_YEARS:
            whole.problem("years", f"expected 1 to {MAX_YEARS}, found {len(listed):,}")
        for each in listed[:MAX_YEARS]:
            year = Year(
                _year(each, "year"),
                GhgMass(_number(each, "without_kg_co2e", most=LARGEST)),
                GhgMass(_number(each, "announced_kg_co2e", most=LARGEST)),
                each.text("source"),
            )
            if years and year.year != years[-1].year + 1:
                each.problem("year", f"expected {years[-1].year + 1}, one year after the other, found {year.year}")
            years.append(year)
            each.finish()
        whole.finish()
    return Announcement(rule, in_force, discount, tuple(years))


def _year(record: Record, key: str) -> int:
    """A year; JSON and YAML readers may give a whole number as a float."""
    found = record.take(key)
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    if not is_number or not 1900 <= found <= 2200 or found != int(found):
        if found is not None:
            record.problem(key, f"expected a year, found {found!r:.60}")
        return 2000
    return int(found)


def _number(record: Record, key: str, *, most: float) -> float:
    found = record.take(key)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= most:
        if found is not None:
            record.problem(key, f"expected a number from 0 to {most:g}, found {found!r:.60}")
        return 0.0
    return float(found)
