"""Primary data share, data quality ratings and nested cut-off: PACT's weighted means over the rows.

Weights are absolute contributions excluding uptake (PACT Methodology 3.0, 4.2.2 and 4.2.3); results are rounded once,
half to even, to 6 decimals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from passport.arithmetic.quanta import ONE, divide_half_even
from passport.errors import ArithmeticRuleError

RATINGS = ("technological", "geographical", "temporal")
WORST_RATING = 5 * ONE
ALL_PRIMARY = 100 * ONE
PACT_EXEMPTION_LIMIT_PERCENT = 3
_STEP = 10**9  # quanta in a millionth


class QualityInput(NamedTuple):
    """What one row brings to the weighted means; amounts in quanta.

    Attributes:
        weight: Absolute contribution excluding uptake.
        primary_share: Percent of it that rests on primary data (0 if the supplier states none).
        ratings: Technological, geographical, temporal rating, 5 where unknown.
        exempted: Percent that was left out below this row.
    """

    weight: int
    primary_share: int
    ratings: tuple[int, int, int]
    exempted: int


def primary_data_share(rows: Iterable[QualityInput]) -> int | None:
    """The primary data share in percent (quanta), or None for a product without emissions."""
    weight = share = 0
    for row_weight, primary_share, _, _ in rows:
        weight += row_weight
        share += row_weight * primary_share
    return _round(share, weight) if weight else None


def data_quality(rows: Sequence[QualityInput]) -> tuple[int, int, int] | None:
    """The three data quality ratings (quanta), or None for a product without emissions."""
    weight = technological = geographical = temporal = 0
    for row_weight, _, ratings, _ in rows:
        weight += row_weight
        technological += row_weight * ratings[0]
        geographical += row_weight * ratings[1]
        temporal += row_weight * ratings[2]
    if not weight:
        return None
    return _round(technological, weight), _round(geographical, weight), _round(temporal, weight)


def exempted_percent(rows: Iterable[QualityInput], own_percent: int) -> int:
    """The share of the cradle-to-gate total that was left out, here and below, in percent (quanta).

    Each row's gross is its weight / (1 - e_i); what this issuer left out itself is a percentage of the whole, so the
    whole is the rows' gross / (1 - own) and the exempted share is 1 - sum of weights / whole.

    Args:
        rows: The rows with the percentages exempted below them.
        own_percent: Percent this issuer left out itself, quanta.

    Raises:
        ArithmeticRuleError: A percentage outside 0 <= p < 100.
    """
    hundred = ALL_PRIMARY
    weight = 0
    grouped: dict[int, int] = {}
    for row_weight, _, _, percent in rows:
        weight += row_weight
        grouped[percent] = grouped.get(percent, 0) + row_weight
    for percent in (own_percent, *grouped):
        if not 0 <= percent < hundred:
            raise ArithmeticRuleError("exempted percent outside 0 to 100", expected="0 <= p < 100", found=percent / ONE)
    if not weight or grouped.keys() == {0}:
        return divide_half_even(own_percent, _STEP) * _STEP
    gross = sum((Fraction(amount * hundred, hundred - percent) for percent, amount in grouped.items()), Fraction(0))
    share = 1 - Fraction(weight * (hundred - own_percent), hundred) / gross
    return round(share * 100 * 10**6) * _STEP


def _round(numerator: int, denominator: int) -> int:
    """A weighted mean in quanta, rounded once to 6 decimals."""
    return divide_half_even(numerator, denominator * _STEP) * _STEP
