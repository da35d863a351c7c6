"""How an input may be spread around the amount that is stated: lognormal or normal.

A lognormal input is its stated amount times exp(sigma Z), Z standard normal, where the amount is stated as the median;
where it is stated as the mean, times exp(sigma Z - sigma^2 / 2). Nobody can tell which of the two was meant from the
number, so it is chosen and kept (ecoinvent states medians). A normal input is its amount times (1 + r Z). Either way
the spread is relative, so a negative amount keeps its sign and a zero stays zero; only a normal input may cross zero,
in a share Phi(-1/r) of cases: it is not cut off, because that would change the mean and variance that were stated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from passport.carbon.pedigree import Exchange, Pedigree
from passport.errors import GraphError

Z_95 = 1.959963984540054
"""Standard deviations on either side of the mean between which 95 % of a normal distribution lie."""

ECOINVENT_COVERAGE_FACTOR = 2.0
"""ecoinvent gives m / GSD^2 to m GSD^2 as its 95 % range: two standard deviations, which hold 95.45 %."""

MAX_SIGMA = 20.0
"""The largest spread of a logarithm that is taken: beyond it amounts leave the range of floating-point numbers."""

_RANGE_TOLERANCE = 0.05


class Kind(IntEnum):
    """What distribution an input has."""

    FIXED = 0
    LOGNORMAL = 1
    NORMAL = 2


class AmountIs(StrEnum):
    """What the stated amount of a lognormal input is."""

    MEDIAN = "median"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Spread:
    """The spread of one input; made by its class methods.

    Attributes:
        kind: The distribution.
        scale: Lognormal: sigma, the standard deviation of the logarithm. Normal: the relative standard deviation.
        amount_is: What the stated amount is; for a normal input median and mean are one.
    """

    kind: Kind
    scale: float
    amount_is: AmountIs = AmountIs.MEDIAN

    def __post_init__(self) -> None:
        """Refuse what is no spread."""
        if not 0 <= self.scale <= MAX_SIGMA:
            raise GraphError("not a spread", expected=f"0 to {MAX_SIGMA:g}", found=self.scale)
        check_amount_is(self.amount_is)

    @classmethod
    def none(cls) -> Spread:
        """An input that is exactly its amount."""
        return cls(Kind.FIXED, 0.0)

    @classmethod
    def lognormal(cls, *, gsd: float, amount_is: AmountIs = AmountIs.MEDIAN) -> Spread:
        """Lognormal with a geometric standard deviation, 1 or more.

        Raises:
            GraphError: The geometric standard deviation is below 1.
        """
        if not gsd >= 1:
            raise GraphError("not a geometric standard deviation", where="gsd", expected="1 or more", found=gsd)
        return cls(Kind.LOGNORMAL, math.log(gsd), amount_is)

    @classmethod
    def lognormal_with_variation(cls, variation: float, *, amount_is: AmountIs = AmountIs.MEDIAN) -> Spread:
        """Lognormal with a coefficient of variation, standard deviation / mean: sigma^2 = ln(1 + variation^2).

        Raises:
            GraphError: The coefficient is negative.
        """
        _check_variation(variation)
        return cls(Kind.LOGNORMAL, math.sqrt(math.log1p(variation * variation)), amount_is)

    @classmethod
    def normal(cls, variation: float) -> Spread:
        """Normal with a coefficient of variation, standard deviation / |mean|.

        Raises:
            GraphError: The coefficient is negative.
        """
        _check_variation(variation)
        return cls(Kind.NORMAL, variation)

    @classmethod
    def from_pedigree(
        cls, scores: Pedigree, *, basic: Exchange | float, amount_is: AmountIs = AmountIs.MEDIAN
    ) -> Spread:
        """Lognormal with the variance that pedigree scores and the kind of exchange give.

        Args:
            scores: The five scores.
            basic: The kind of exchange, or its basic variance.
            amount_is: What the stated amount is.
        """
        return cls(Kind.LOGNORMAL, math.sqrt(scores.variance(basic)), amount_is)

    @classmethod
    def from_range(
        cls,
        amount: float,
        low: float,
        high: float,
        *,
        kind: Kind = Kind.LOGNORMAL,
        amount_is: AmountIs = AmountIs.MEDIAN,
        coverage_factor: float = Z_95,
    ) -> Spread:
        """From a stated range around a stated amount.

        Args:
            amount: The stated amount.
            low: The lower end of the range.
            high: The upper end.
            kind: The distribution.
            amount_is: What the stated amount of a lognormal input is.
            coverage_factor: Standard deviations from the middle to either end: `Z_95` for 95 %,
                `ECOINVENT_COVERAGE_FACTOR` for ranges in ecoinvent's manner.

        Raises:
            GraphError: No such distribution has that range and amount: the ends are swapped or of two signs, or the
                amount lies elsewhere than in the range's middle by more than 5 % of the distance to its ends.
        """
        where = "range"
        if not (math.isfinite(low) and math.isfinite(high) and low <= amount <= high):
            raise GraphError("the amount is not in its range", where=where, expected=f"{low} to {high}", found=amount)
        if low == high:
            return cls(kind, 0.0, amount_is)
        if kind is Kind.NORMAL:
            if amount == 0:
                raise GraphError(
                    "a spread relative to zero", where=where, hint="state the parts it is the difference of"
                )
            middle, end = amount, (high - low) / 2
            spread = cls(kind, end / (abs(amount) * coverage_factor), amount_is)
            off = abs(middle - (low + high) / 2)
        else:
            if low * high <= 0:
                raise GraphError(
                    "a lognormal input has one sign", where=where, expected="both ends of one sign", found=(low, high)
                )
            end = abs(math.log(high / low)) / 2
            spread = cls(kind, end / coverage_factor, amount_is)
            off = abs(math.log(spread.median(amount) / math.copysign(math.sqrt(low * high), amount)))
        if off > _RANGE_TOLERANCE * end:
            raise GraphError(
                "the amount is not in the middle of its range",
                where=where,
                expected="for lognormal inputs the median is sqrt(low high), for normal ones (low + high) / 2",
                found=f"{amount} in {low} to {high}",
                hint="choose the other distribution, or say that the amount is the mean",
            )
        return spread

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm; of a normal input that of the lognormal one with the same variation."""
        return self.scale if self.kind is not Kind.NORMAL else math.sqrt(math.log1p(self.scale * self.scale))

    @property
    def gsd(self) -> float:
        """Geometric standard deviation, exp(sigma)."""
        return math.exp(self.sigma)

    @property
    def variation(self) -> float:
        """Coefficient of variation, standard deviation / |mean|."""
        return self.scale if self.kind is Kind.NORMAL else math.sqrt(math.expm1(self.scale * self.scale))

    def median(self, amount: float) -> float:
        """The median of an input with that stated amount."""
        is_shifted = self.kind is Kind.LOGNORMAL and self.amount_is == AmountIs.MEAN
        return amount * math.exp(-self.scale * self.scale / 2) if is_shifted else amount

    def mean(self, amount: float) -> float:
        """The mean of an input with that stated amount."""
        is_shifted = self.kind is Kind.LOGNORMAL and self.amount_is == AmountIs.MEDIAN
        return amount * math.exp(self.scale * self.scale / 2) if is_shifted else amount

    def standard_deviation(self, amount: float) -> float:
        """The standard deviation of an input with that stated amount."""
        return abs(self.mean(amount)) * self.variation

    def interval(self, amount: float, *, coverage_factor: float = Z_95) -> tuple[float, float]:
        """The range around the median that holds 95 % of cases, the lower end first."""
        middle = self.median(amount)
        if self.kind is Kind.NORMAL:
            end = abs(amount) * self.scale * coverage_factor
            return middle - end, middle + end
        ends = (middle * math.exp(-self.scale * coverage_factor), middle * math.exp(self.scale * coverage_factor))
        return min(ends), max(ends)


def check_amount_is(word: str) -> None:
    """Refuse what is neither `median` nor `mean`.

    Raises:
        GraphError: It is neither.
    """
    if word not in tuple(AmountIs):
        raise GraphError("not what an amount can be", where="amount_is", expected="median or mean", found=repr(word))


def _check_variation(variation: float) -> None:
    if not variation >= 0:
        raise GraphError("not a coefficient of variation", where="variation", expected="0 or more", found=variation)
