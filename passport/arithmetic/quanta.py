"""Amounts as whole numbers of quanta: 1 quantum is 1e-15 of the amount's unit.

Every amount of our documents has at most 15 decimals, so it is a whole number of quanta, sums are integer sums, and no
decimal context can round anything behind our back.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from passport.errors import AmountError

DECIMALS = 15
ONE: int = 10**DECIMALS
_QUANTA_IN: dict[int, int] = {decimals: 10 ** (DECIMALS - decimals) for decimals in range(DECIMALS + 1)}
"""Quanta in a unit of the last place, by how many decimals there are."""


@lru_cache(maxsize=2048)  # zero, ratings, and what statement, rows and the buyer's copy repeat
def from_text(text: str) -> int:
    """The quanta of an amount in its one spelling.

    The spelling is not checked again: documents reach this only through a schema that admits one spelling a number.

    Raises:
        AmountError: `text` is no number, or has more than 15 decimals.
    """
    whole, _, decimals = text.partition(".")
    try:
        return int(whole + decimals) * _QUANTA_IN[len(decimals)]  # "-0.5": -05 times 10^14
    except (ValueError, KeyError):
        expected = "decimal digits, at most 15 after the point"
        raise AmountError("not an amount", expected=expected, found=repr(text)) from None


def to_text(quanta: int) -> str:
    """The one spelling of an amount given in quanta.

    Raises:
        AmountError: More than 15 digits before the point.
    """
    whole, fraction = divmod(abs(quanta), ONE)
    if whole >= ONE:
        raise AmountError("amount does not fit", expected="at most 15 digits before the point", found=f"{whole} ...")
    sign = "-" if quanta < 0 else ""
    if not fraction:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{fraction:015d}".rstrip("0")


def from_decimal(amount: Decimal) -> int:
    """The quanta of an exact decimal.

    Raises:
        AmountError: Not finite, or more than 15 decimals.
    """
    if amount.is_finite():
        numerator, denominator = amount.as_integer_ratio()
        quanta, rest = divmod(numerator * ONE, denominator)
        if not rest:
            return quanta
    raise AmountError("not an exact amount", expected="a finite decimal with at most 15 decimals", found=amount)


def to_decimal(quanta: int) -> Decimal:
    """The exact decimal of an amount given in quanta."""
    return Decimal(to_text(quanta))


def divide_half_even(numerator: int, denominator: int) -> int:
    """The quotient rounded to the nearest whole number, ties to the even one.

    Raises:
        AmountError: The denominator is not positive.
    """
    if denominator <= 0:
        raise AmountError("division by an amount that is not positive", found=denominator)
    quotient, rest = divmod(numerator, denominator)
    if not rest:
        return quotient
    double = 2 * rest
    if double > denominator or (double == denominator and quotient & 1):
        return quotient + 1
    return quotient
