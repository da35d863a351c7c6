"""The uncertainty of a footprint out of its rows, to first order, with the same digits on every machine.

A row states how far its whole input may be off, a row with an upstream passport how far its quantity may be off; how
far the passport itself may be off is its supplier's statement, copied into the row. For each unknown k let X_k be the
sum of the totals of the rows that it is in. The statement's spread is then

    sigma^2 = sum over k of (sum over its rows of X sigma_k / total)^2

with sigma the standard deviation of the logarithm (lognormal), or the relative standard deviation (normal). Rows that
are one unknown are added before squaring: those of one upstream document, of one factor, of one input of electricity or
of one material.
Their terms of different sign are taken apart, because a spread does not say how much of it is theirs in common.

What no row states is unknown, not zero: `coveredPercent` says of how much of the gross total the spread speaks, and
`upstreamVariancePercent` how much of the variance is other issuers' statement. Nothing is said where nothing is stated,
where the total is zero, or where it is so small against what cancels in it that the spread would exceed `MAX_PERCENT`.

The method is the law of propagation of uncertainty: JCGM 100:2008, 5.1.2 and 5.2.2. Logarithm, exponential and square
root are those of `decimal`, correctly rounded to 50 digits; results keep six.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Any

from passport.arithmetic.contribution import Contribution
from passport.arithmetic.quality import ALL_PRIMARY
from passport.arithmetic.quanta import divide_half_even, from_text, to_text
from passport.errors import ArithmeticRuleError
from passport.model.amount import to_text as decimal_text
from passport.model.inputs import SPREAD_RANGE

METHOD = "first-order"
LOGNORMAL = "lognormal"
NORMAL = "normal"
MAX_GSD = SPREAD_RANGE[LOGNORMAL][1]
"""The largest geometric standard deviation that is taken or stated."""

MAX_PERCENT = SPREAD_RANGE[NORMAL][1]
"""The largest relative standard deviation that is taken or stated, percent."""

SIGNIFICANT_DIGITS = 6

_CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN)
_SIX = Context(prec=SIGNIFICANT_DIGITS, rounding=ROUND_HALF_EVEN)
_HUNDRED = Decimal(100)
_PERCENT_STEP = Decimal("0.000001")
_MILLIONTH = 10**9  # quanta
_SMALLEST = Decimal("1e-15")


@dataclass(slots=True)
class _Unknown:
    """One unknown: sums of (row's total x spread) of its rows, above and below zero, in both measures."""

    is_upstream: bool
    logarithmic: list[Decimal] = field(default_factory=lambda: [Decimal(0), Decimal(0)])
    relative: list[Decimal] = field(default_factory=lambda: [Decimal(0), Decimal(0)])

    def add(self, total: int, stated: Mapping[str, str], where: str) -> None:
        spread = Decimal(stated["spread"])
        check_spread(stated["distribution"], spread, where=where)
        sigma, variation = _measures(stated["distribution"], spread)
        side = int(total < 0)
        self.logarithmic[side] = _CONTEXT.fma(Decimal(total), sigma, self.logarithmic[side])
        self.relative[side] = _CONTEXT.fma(Decimal(total), variation, self.relative[side])


def combined_uncertainty(
    rows: Sequence[Mapping[str, Any]], contributions: Sequence[Contribution]
) -> dict[str, str] | None:
    """What a statement says of its own uncertainty, or None when it must not say anything.

    Args:
        rows: All rows of the statement, in its order.
        contributions: What each contributes.

    Raises:
        ArithmeticRuleError: A spread that is none.
    """
    if not any(_states(row) for row in rows):
        return None
    unknowns, covered = _unknowns(rows, contributions)
    total = sum(contribution.total for contribution in contributions)
    gross = sum(abs(contribution.total) for contribution in contributions)
    if not total:
        return None
    stated = _spread(rows, contributions, unknowns, total)
    if stated is None:
        return None
    distribution, spread, upstream_percent = stated
    return {
        "method": METHOD,
        "distribution": distribution,
        "amountIs": "median" if distribution == LOGNORMAL else "mean",
        "spread": spread,
        "coveredPercent": to_text(divide_half_even(covered, gross * _MILLIONTH) * _MILLIONTH),
        "upstreamVariancePercent": upstream_percent,
    }


def agrees(stated: Mapping[str, str] | None, redone: Mapping[str, str] | None) -> bool:
    """Whether two statements of one uncertainty are the same but for the last digit of their numbers.

    Another implementation's logarithm may round otherwise in the end; a spread that is lower by more is another one.
    """
    if stated is None or redone is None:
        return stated is redone
    if any(stated[name] != redone[name] for name in ("method", "distribution", "amountIs")):
        return False
    spread = Decimal(redone["spread"])
    last = Decimal(1).scaleb(max(spread.adjusted() - SIGNIFICANT_DIGITS + 1, -15))
    if abs(Decimal(stated["spread"]) - spread) > last:
        return False
    names = ("coveredPercent", "upstreamVariancePercent")
    return all(abs(Decimal(stated[name]) - Decimal(redone[name])) <= _PERCENT_STEP for name in names)


def unknowns_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the own spread of each row is one of: rows of one name are one unknown.

    Args:
        rows: Rows of one statement; those with a passport have their `upstream`.
    """
    return _one_name([_names(row) for row in rows])


def check_spread(distribution: str, spread: Decimal, *, where: str | None = None) -> None:
    """Refuse a spread that is none.

    Args:
        distribution: `lognormal` or `normal`.
        spread: The geometric standard deviation, or the relative standard deviation in percent.
        where: What states it.

    Raises:
        ArithmeticRuleError: A geometric standard deviation outside 1 to 1000, or a percentage outside 0 to 1e9.
    """
    low, high = SPREAD_RANGE[distribution]
    if not low <= spread <= high:
        name = "geometric standard deviation" if distribution == LOGNORMAL else "relative standard deviation, percent,"
        raise ArithmeticRuleError(
            f"a {name} out of range", where=where, expected=f"{low} to {high}", found=spread, hint="1.2 is 20 % or so"
        )


def _states(row: Mapping[str, Any]) -> bool:
    return "uncertainty" in row or "uncertainty" in row.get("upstream", ())


def _unknowns(rows: Sequence[Mapping[str, Any]], contributions: Sequence[Contribution]) -> tuple[list[_Unknown], int]:
    """The unknowns of some rows, and what of the gross total they speak of, times 100 % in quanta."""
    found: dict[str, _Unknown] = {}
    names = unknowns_of(rows)
    covered = 0
    for row, contribution, name in zip(rows, contributions, names, strict=True):
        where = f"row {row['id']}"
        total = contribution.total
        upstream = row.get("upstream")
        share = 0
        if upstream is not None and "uncertainty" in upstream:
            stated = upstream["uncertainty"]
            found.setdefault(f"passport {upstream['digest']}", _Unknown(is_upstream=True)).add(total, stated, where)
            share = from_text(stated["coveredPercent"])
        if "uncertainty" in row:
            found.setdefault(name, _Unknown(is_upstream=False)).add(total, row["uncertainty"], where)
            if upstream is None or upstream["document"] == "imported":
                share = ALL_PRIMARY
        covered += abs(total) * share
    return list(found.values()), covered


def _names(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What a row's own unknown goes by: rows that have a name in common are one unknown, however it is spelled."""
    if "electricity" in row:
        return f"input {row['electricity']['input']}", _factor_name(row["factor"])
    if "recycling" in row:
        return f"input {row['recycling']['input']}", _factor_name(row["factor"])
    if row["kind"] == "factor":
        return (_factor_name(row["factor"]),)
    if row["kind"] == "passport" and row["upstream"]["document"] == "imported":
        return (f"imported {row['upstream']['digest']}",)
    return (f"input {row['id']}",)


def _factor_name(factor: Mapping[str, Any]) -> str:
    source = factor["source"]
    stated = (factor["name"], source["name"], source["version"], factor["geography"])
    parts = (factor["year"], *map(_plain, stated))
    return f"factor {parts!r}"


def _plain(text: str) -> str:
    """Letters and digits in one case and width: blanks, signs and what is not seen make no factor another one."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text).casefold()))


def _one_name(names: Sequence[tuple[str, ...]]) -> list[str]:
    """One name for each row, the same for rows that are linked by names in common."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    for first, *others in names:
        for other in others:
            leader[find(other)] = find(first)
    return [find(first) for first, *_ in names]


def _spread(
    rows: Sequence[Mapping[str, Any]], contributions: Sequence[Contribution], unknowns: Sequence[_Unknown], total: int
) -> tuple[str, str, str] | None:
    """Distribution, spread and the upstream's percentage of the variance."""
    if _is_lognormal(rows, contributions, total):
        variance, upstream = _variance([(each.is_upstream, each.logarithmic) for each in unknowns])
        sigma = _CONTEXT.divide(_CONTEXT.sqrt(variance), Decimal(abs(total)))
        if sigma <= _CONTEXT.ln(MAX_GSD):
            return LOGNORMAL, _six(_CONTEXT.exp(sigma)), _percent(upstream, variance)
    variance, upstream = _variance([(each.is_upstream, each.relative) for each in unknowns])
    percent = _CONTEXT.multiply(_CONTEXT.divide(_CONTEXT.sqrt(variance), Decimal(abs(total))), _HUNDRED)
    return (NORMAL, _six(percent), _percent(upstream, variance)) if percent <= MAX_PERCENT else None


def _is_lognormal(rows: Sequence[Mapping[str, Any]], contributions: Sequence[Contribution], total: int) -> bool:
    """Some input is lognormal, and no uncertain one counts against the total's sign, which could then change."""
    is_any = False
    for row, contribution in zip(rows, contributions, strict=True):
        for stated in (row.get("uncertainty"), row.get("upstream", {}).get("uncertainty")):
            if stated is not None:
                is_any = is_any or stated["distribution"] == LOGNORMAL
                if contribution.total * total < 0:
                    return False
    return is_any


def _variance(terms: Sequence[tuple[bool, Sequence[Decimal]]]) -> tuple[Decimal, Decimal]:
    """Sum of squares of all terms, and of those that are upstream."""
    whole = upstream = Decimal(0)
    for is_upstream, sides in terms:
        for side in sides:
            whole = _CONTEXT.fma(side, side, whole)
            if is_upstream:
                upstream = _CONTEXT.fma(side, side, upstream)
    return whole, upstream


def _percent(part: Decimal, whole: Decimal) -> str:
    if not whole:
        return "0"
    percent = _CONTEXT.multiply(_CONTEXT.divide(part, whole), _HUNDRED)
    return decimal_text(percent.quantize(_PERCENT_STEP, context=_CONTEXT))


def _six(number: Decimal) -> str:
    rounded = _SIX.plus(number)
    if rounded.adjusted() - SIGNIFICANT_DIGITS + 1 < -15:
        rounded = number.quantize(_SMALLEST, context=_CONTEXT)
    return decimal_text(rounded)


@lru_cache(maxsize=4096)
def _measures(distribution: str, spread: Decimal) -> tuple[Decimal, Decimal]:
    """Standard deviation of the logarithm, and relative standard deviation, of a stated spread.

    A lognormal input with standard deviation s of its logarithm has the relative one v with v^2 = exp(s^2) - 1.
    """
    one = Decimal(1)
    if distribution == LOGNORMAL:
        sigma = _CONTEXT.ln(spread)
        return sigma, _CONTEXT.sqrt(_CONTEXT.subtract(_CONTEXT.exp(_CONTEXT.multiply(sigma, sigma)), one))
    variation = _CONTEXT.divide(spread, _HUNDRED)
    return _CONTEXT.sqrt(_CONTEXT.ln(_CONTEXT.fma(variation, variation, one))), variation
