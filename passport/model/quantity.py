"""Quantities as contents state them, `94 Ah`: an exact number and its unit, read without losing a digit."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final, NamedTuple

MAX_DECIMALS: Final = 60
_ABOUT: Final = Context(prec=12)

NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,39})(\.[0-9]{1,40})?", re.ASCII)
"""A number of a document: plain digits in one spelling."""


class Quantity(NamedTuple):
    """An exact number, its digits after the point, and its unit."""

    amount: Decimal
    decimals: int
    unit: str

    @property
    def exact(self) -> Fraction:
        """The number: sums of many digits are exact, as those of decimals are not."""
        return Fraction(self.amount)

    @property
    def slack(self) -> Fraction:
        """Half a unit of its last digit: what rounding may have taken from it."""
        return Fraction(1, 2 * 10**self.decimals)


def read_quantity(value: object) -> Quantity | None:
    """Read `94 Ah`; None where that is no number, one space and a unit."""
    if not isinstance(value, str):
        return None
    number, space, unit = value.partition(" ")
    if not space or not NUMBER.fullmatch(number) or unit != unit.strip() or not unit:
        return None
    return Quantity(Decimal(number), len(number.partition(".")[2]), unit)


def decimal_text(value: Fraction, *, exact: bool = True) -> str:
    """An exact sum of decimals in plain digits; what has no end, to twelve significant digits with a mark.

    Args:
        value: The number.
        exact: Write all its digits; otherwise twelve, with the mark, whatever it is.
    """
    rest = value.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if exact and rest == 1 and max(twos, fives) <= MAX_DECIMALS:
        places = max(twos, fives)
        digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
        whole, part = digits[: len(digits) - places], digits[len(digits) - places :]
        return ("-" if value < 0 else "") + whole + (f".{part}" if part else "")
    return f"about {_ABOUT.divide(Decimal(value.numerator), Decimal(value.denominator)):f}"
