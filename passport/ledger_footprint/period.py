"""The time that a figure is for: a year's total, or a moment's power blown up to a year, which is not the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.quantities import Duration

STALE_AFTER = timedelta(days=548)
"""A profile whose period ended more than 18 months before the moment asked about is out of date."""

_YEAR_DAYS = (360, 367)


class PeriodKind(StrEnum):
    """What a number of a period is."""

    TOTAL = "total"
    SNAPSHOT = "annualised snapshot"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included.

    Attributes:
        first: The first day.
        last: The last day.
        kind: Whether numbers are totals of these days, or a rate of these days as if it lasted a year.
    """

    first: date
    last: date
    kind: PeriodKind = PeriodKind.TOTAL

    def __post_init__(self) -> None:
        """Refuse what ends before it begins.

        Raises:
            ArithmeticRuleError: The last day is before the first.
        """
        if self.last < self.first:
            raise ArithmeticRuleError(
                "a period ends before it begins", expected="first day, last day", found=f"{self.first}..{self.last}"
            )

    @classmethod
    def year(cls, year: int) -> Period:
        """A calendar year's total."""
        return cls(date(year, 1, 1), date(year, 12, 31))

    @classmethod
    def snapshot(cls, day: date) -> Period:
        """A day's rate as if it lasted a year."""
        return cls(day, day, PeriodKind.SNAPSHOT)

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    @property
    def duration(self) -> Duration:
        """The time itself; of a snapshot, the year that it is blown up to."""
        return Duration.of(1, "a") if self.kind is PeriodKind.SNAPSHOT else Duration.of(self.days, "d")

    @property
    def is_yearly(self) -> bool:
        """Whether numbers are per year."""
        return self.kind is PeriodKind.SNAPSHOT or _YEAR_DAYS[0] <= self.days <= _YEAR_DAYS[1]

    def is_stale(self, at: date) -> bool:
        """Whether it ended too long before a day to speak for it."""
        return at - self.last > STALE_AFTER

    def to_json(self) -> dict[str, str]:
        """The period as JSON values."""
        return {"first": self.first.isoformat(), "last": self.last.isoformat(), "kind": self.kind.value}

    def __str__(self) -> str:
        return f"{self.first}..{self.last} ({self.kind.value})"


def check_same(one: Period, other: Period, *, what: str) -> None:
    """Refuse to divide a number of one period by one of another.

    Args:
        one: The period of the number that is divided.
        other: The period of the number that it is divided by.
        what: What is divided, for the error.

    Raises:
        ArithmeticRuleError: A snapshot where a total is meant, or other days.
    """
    if one.kind is not other.kind:
        raise ArithmeticRuleError(
            "an annualised snapshot is not a year's total",
            where=what,
            expected=str(one),
            found=str(other),
            hint="give both for the same days and of the same kind",
        )
    if (one.first, one.last) != (other.first, other.last):
        raise ArithmeticRuleError("the periods do not match", where=what, expected=str(one), found=str(other))
