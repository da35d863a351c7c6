"""Two periods of use of some ledgers, as a file states them, for the split of the change between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from passport.ledger_footprint.period import Period
from passport.ledger_footprint.quantities import Count, GhgMass
from passport.ledger_footprint.rebound import Use
from passport.ledger_footprint.record import Record, check_format, refusing

FORMAT: Final = "carbon-passport/ledger-use/1.0"
MAX_BYTES: Final = 1_000_000
MAX_LEDGERS: Final = 1000
SMALLEST: Final = 1e-15
LARGEST: Final = 1e15
_UNLIKE: Final = 0.1
"""Periods whose lengths are further apart than this share of the longer are not compared: time is not growth."""


class Basis(StrEnum):
    """How the electricity's emissions were counted."""

    LOCATION = "location-based"
    MARKET = "market-based"


@dataclass(frozen=True, slots=True)
class PeriodOfUse:
    """What ledgers carried and took in one period.

    Attributes:
        period: The days.
        uses: By ledger.
        sources: By ledger: who says so.
    """

    period: Period
    uses: Mapping[str, Use]
    sources: Mapping[str, str]

    @property
    def whole(self) -> Use:
        """All ledgers together."""
        return Use(
            Count(sum(each.passports.amount for each in self.uses.values())),
            GhgMass(sum(each.ghg.amount for each in self.uses.values())),
        )


@dataclass(frozen=True, slots=True)
class UsePeriods:
    """Two periods of the same ledgers, counted alike.

    Attributes:
        basis: How emissions were counted.
        before: The first.
        after: The second.
    """

    basis: Basis
    before: PeriodOfUse
    after: PeriodOfUse


def parse_use_periods(body: Any, *, name: str) -> UsePeriods:
    """Two periods out of a file's values.

    Args:
        body: What the file holds.
        name: The file, for errors.

    Raises:
        DocumentError: Not a file of this format.
        SchemaError: Something in it is missing or wrong; all of it is said.
    """
    check_format(body, FORMAT, what="a file of two periods of use", where=name)
    with refusing(name) as problems:
        whole = Record(body, where=name, problems=problems, sources={})
        whole.take("format")
        whole.take("notes", required=False)
        made = UsePeriods(
            whole.member("basis", Basis, otherwise=Basis.LOCATION),
            _period(whole.record("before")),
            _period(whole.record("after")),
        )
        whole.finish()
        if not problems:
            _comparable(made, whole)
    return made


def _period(record: Record) -> PeriodOfUse:
    period = record.period("period")
    uses: dict[str, Use] = {}
    sources = {}
    found = list(record.records("ledgers", required=True))
    if not 1 <= len(found) <= MAX_LEDGERS:
        record.problem("ledgers", f"expected 1 to {MAX_LEDGERS:,}, found {len(found):,}")
    for each in found[:MAX_LEDGERS]:
        name = each.text("ledger")
        if name in uses:
            each.problem("ledger", f"{name!r:.60} stands twice in one period")
        uses[name] = Use(Count(_number(each, "passports")), GhgMass(_number(each, "ghg_kg_co2e")))
        sources[name] = each.text("source")
        each.finish()
    record.finish()
    return PeriodOfUse(period, MappingProxyType(uses), MappingProxyType(sources))


def _number(record: Record, key: str) -> float:
    """A number that can be split; logarithms have no zero."""
    found = record.take(key)
    if found is None:
        return 1.0
    if isinstance(found, bool) or not isinstance(found, int | float):
        record.problem(key, f"expected a number, found {found!r:.60}")
        return 1.0
    if not SMALLEST <= found <= LARGEST:
        record.problem(
            key,
            f"expected {SMALLEST:g} to {LARGEST:g}, found {found:g}: a ledger that is not used in one of the periods "
            "cannot be split by logarithms; leave it out of both and say so",
        )
        return 1.0
    return float(found)


def _comparable(said: UsePeriods, whole: Record) -> None:
    before, after = said.before.period, said.after.period
    if before.kind is not after.kind:
        whole.problem("after.period", f"expected the kind of the first, {before.kind.value}, found {after.kind.value}")
    if after.first <= before.last:
        whole.problem("after.period", f"expected a first day after {before.last}, found {after.first}")
    if abs(before.days - after.days) > _UNLIKE * max(before.days, after.days):
        whole.problem(
            "after.period", f"expected about {before.days} days as in the first, found {after.days}: time is not growth"
        )
    unlike = sorted(said.before.uses.keys() ^ said.after.uses.keys())
    if unlike:
        shown = ", ".join(f"{name:.60}" for name in unlike[:10])
        whole.problem("after.ledgers", f"expected the ledgers of the first period, found in one period only: {shown}")
