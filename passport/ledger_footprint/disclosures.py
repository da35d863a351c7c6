"""What published figures must agree on: totals with counts, indicators with each other, units with their order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.figures import Figure, derive
from passport.ledger_footprint.period import Period, PeriodKind, check_same
from passport.ledger_footprint.quantities import CarbonIntensity, Count, Energy, GhgMass, Q, Ratio

MICA_THRESHOLD: Final = Energy(500_000)
"""S.8 above which supplementary indicators are due (Delegated Regulation (EU) 2025/422); not 500 kWh, as some say."""

IDENTITY_TOLERANCE: Final = 0.02
COUNT_TOLERANCE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Finding:
    """What a comparison of figures found.

    Attributes:
        rule: Which comparison.
        is_flagged: Whether the figures do not go together.
        reason: Why, in a sentence.
        expected: The one side.
        found: The other side.
    """

    rule: str
    is_flagged: bool
    reason: str
    expected: float
    found: float


def per_transaction(total: Figure[Q], *, period: Period, transactions: Figure[Count], counted_in: Period) -> Figure[Q]:
    """A total over all transactions of the same days.

    Args:
        total: Energy, GHG, waste or water.
        period: Its period.
        transactions: How many.
        counted_in: Their period.

    Raises:
        ArithmeticRuleError: The periods are not the same.
    """
    check_same(period, counted_in, what="total and transactions")
    return derive(lambda whole, number: whole / number.amount, total, falling=(transactions,))


def implied_count(total: Q, *, each: Q) -> Count:
    """How many a total and a figure for each of them imply."""
    return Count(total.ratio(each))


def check_pair(total: Q, *, each: Q, counted: Count, period: Period, tolerance: float = COUNT_TOLERANCE) -> Finding:
    """Whether a total and a figure per transaction belong to one count of the period that they are given for.

    A rate of some busy or quiet days, blown up to a year, passes only as what it is: an annualised snapshot.

    Args:
        total: Of the network.
        each: Of one transaction.
        counted: Transactions that were counted in the period.
        period: What the pair is said to be for.
        tolerance: Relative difference that rounding may make.
    """
    implied = implied_count(total, each=each)
    if period.kind is PeriodKind.SNAPSHOT:
        return Finding("pair", False, "an annualised snapshot implies no year's count", implied.amount, implied.amount)
    off = abs(implied.ratio(counted) - 1)
    reason = (
        f"the pair implies {implied.amount:,.0f} transactions, {counted.amount:,.0f} were counted: not a year's total"
        if off > tolerance
        else "the pair implies the count"
    )
    return Finding("pair", off > tolerance, reason, counted.amount, implied.amount)


def check_identity(
    *,
    energy: Energy,
    ghg: GhgMass,
    energy_each: Energy,
    ghg_each: GhgMass,
    tolerance: float = IDENTITY_TOLERANCE,
) -> Finding:
    """S.13 / S.8 = S.14 / S.11: one disclosure has one intensity of electricity, in total and per transaction.

    Args:
        energy: S.8.
        ghg: S.12 and S.13.
        energy_each: S.11.
        ghg_each: S.14.
        tolerance: Relative difference that rounding may make.
    """
    whole, single = ghg.per(energy), ghg_each.per(energy_each)
    off = abs(whole.ratio(single) - 1)
    grams = f"{whole.in_unit('g/kWh'):.1f} and {single.in_unit('g/kWh'):.1f} g/kWh"
    reason = f"total and per transaction imply {grams}" + (
        ": they are of different accounts" if off > tolerance else ""
    )
    return Finding("identity", off > tolerance, reason, whole.amount, single.amount)


def check_per_transaction(
    total: Energy, *, each: Energy, counted: Count, tolerance: float = COUNT_TOLERANCE
) -> Finding:
    """Whether S.11 is S.8 over transactions; often it is not, and the rule is not named.

    Args:
        total: S.8.
        each: S.11.
        counted: Transactions of the same period.
        tolerance: Relative difference that rounding may make.
    """
    plain = total / counted.amount
    off = abs(each.ratio(plain) - 1)
    reason = (
        "is the total per transaction" if off <= tolerance else "is shared out by another rule, which must be named"
    )
    return Finding("per transaction", off > tolerance, f"the figure {reason}", plain.amount, each.amount)


def check_magnitude(stated: Q, *, expected: Figure[Q]) -> Finding:
    """Whether a figure is off by a power of a thousand: the mark of a mistaken unit.

    Args:
        stated: What is said.
        expected: Where it should lie.
    """
    if stated.amount == 0 or expected.central.amount == 0:
        raise ArithmeticRuleError("zero has no order of magnitude", found=f"{stated!r}, {expected.central!r}")
    if expected.low <= stated <= expected.high:
        return Finding("magnitude", False, "within the range", expected.central.amount, stated.amount)
    thousands = round(math.log(stated.ratio(expected.central), 1000))
    if thousands == 0:
        return Finding(
            "magnitude", False, "outside the range, in the same unit", expected.central.amount, stated.amount
        )
    reason = f"off by 1000 to the power {thousands}: is it in another unit?"
    return Finding("magnitude", True, reason, expected.central.amount, stated.amount)


def needs_supplementary(
    energy: Energy, *, is_platform: bool, is_white_paper: bool = False, threshold: Energy = MICA_THRESHOLD
) -> bool:
    """Whether supplementary indicators are due: above 500,000 kWh, for trading platforms, exchanges and white papers.

    Args:
        energy: S.8, of a calendar year.
        is_platform: Services of article 3(1), point (16), letters (b), (c) or (d): on websites they decide (article 5).
        is_white_paper: It is for a white paper, where energy alone decides (article 4).
        threshold: The regulation's; another one is refused.

    Raises:
        ArithmeticRuleError: The threshold is off by a thousand, a known misprint.
    """
    if threshold != MICA_THRESHOLD:
        raise ArithmeticRuleError(
            "not the regulation's threshold", expected="500,000 kWh", found=f"{threshold.amount:,.0f} kWh"
        )
    return (is_platform or is_white_paper) and energy > threshold


def fall(before: Q, *, after: Q) -> Ratio:
    """By which share something fell: 0.99988 for Ethereum's energy at the merge.

    Raises:
        ArithmeticRuleError: It rose.
    """
    return Ratio(1 - after.ratio(before))


def implied_intensity(ghg: GhgMass, *, energy: Energy) -> CarbonIntensity:
    """The intensity of electricity that a pair of figures implies."""
    return ghg.per(energy)
