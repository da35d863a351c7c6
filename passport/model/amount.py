"""Exact decimal amounts and the one spelling each of them has in our documents."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from passport.errors import AmountError

MAX_INTEGER_DIGITS = 15
MAX_DECIMALS = 15

AMOUNT_PATTERN = r"^(?:0|-?(?:[1-9][0-9]{0,14}(?:\.[0-9]{0,14}[1-9])?|0\.[0-9]{0,14}[1-9]))$"
"""One spelling per number: plain digits, no exponent, no trailing zeros, no `-0`, at most 15 digits on each side."""

_AMOUNT = re.compile(AMOUNT_PATTERN[:-1] + r"\Z")
_LENIENT = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?\Z")
MAX_EXPONENT = 30
_LIMIT = 10**MAX_INTEGER_DIGITS
_RANGE = f"between 1e-{MAX_EXPONENT} and 1e{MAX_EXPONENT}"
_MAX_INT_BITS = 128  # more than 1e30 has; Python refuses to write integers of thousands of digits
_NEAR = 1000


def from_text(text: str, *, where: str | None = None) -> Decimal:
    """Read an amount of our own documents, which has exactly one spelling.

    Args:
        text: The digits.
        where: The field that is read, for the error.

    Returns:
        The exact value.

    Raises:
        AmountError: `text` is no amount or not in its one spelling.
    """
    if not isinstance(text, str) or not _AMOUNT.match(text):
        raise AmountError(
            "not an amount in its one spelling",
            where=where,
            expected="plain decimal digits, no exponent, no trailing zeros, at most 15 on each side of the point",
            found=repr(text),
            hint='write amounts as text, for example "12.5"',
        )
    return Decimal(text)


def to_text(amount: Decimal) -> str:
    """Write an amount in its one spelling.

    Raises:
        AmountError: The amount is not finite or needs more than 15 digits on a side.
    """
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise AmountError("not a finite decimal", found=repr(amount))
    # Zeros of any exponent are 0; what is far out of range is not spelled out, which would take its exponent in digits.
    is_near = not amount or -_NEAR <= _exponent(amount) <= amount.adjusted() <= _NEAR
    text = format(amount if amount else Decimal(0), "f") if is_near else str(amount)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text in ("-0", ""):
        text = "0"
    if not is_near or not _AMOUNT.match(text):
        raise AmountError(
            "amount does not fit",
            expected=f"at most {MAX_INTEGER_DIGITS} digits before and {MAX_DECIMALS} after the point",
            found=text,
            hint="choose another unit or declared amount",
        )
    return text


def read_decimal(text: object, *, where: str | None = None) -> Decimal:
    """Read a number as other standards and people write it (`12.50`, `1e-3`, `+4`), exactly and within bounds.

    Args:
        text: Text, an `int` or a `Decimal`; never a `float`, whose digits are already lost.
        where: The field that is read, for the error.

    Returns:
        The exact value, not normalised to our limits of digits.

    Raises:
        AmountError: Not a number, a float, or an exponent beyond 30.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        raise AmountError(
            "not an exact number",
            where=where,
            expected="a decimal number as text",
            found=f"{text!r} ({type(text).__name__})",
        )
    if isinstance(text, int) and text.bit_length() > _MAX_INT_BITS:
        raise AmountError("number out of range", where=where, expected=_RANGE, found=f"{text.bit_length()} bits")
    plain = str(text)
    if not _LENIENT.match(plain):
        raise AmountError("not a number", where=where, expected="decimal digits such as 12.50", found=repr(text))
    value = Decimal(plain)
    if value and not -MAX_EXPONENT <= value.adjusted() <= MAX_EXPONENT:
        raise AmountError("number out of range", where=where, expected=_RANGE, found=plain)
    return value


def round_fraction(exact: Fraction, decimals: int = MAX_DECIMALS) -> Decimal:
    """Round an exact rational once, half to even, to `decimals` places.

    Raises:
        AmountError: The result has more than 15 digits before the point.
    """
    scale = 10**decimals
    rounded = round(exact * scale)  # Fraction.__round__ is half-even and exact
    if abs(rounded) >= _LIMIT * scale:
        raise AmountError("amount does not fit", expected=f"at most {MAX_INTEGER_DIGITS} digits before the point")
    return Decimal(f"{rounded}E-{decimals}")  # construction is exact; `scaleb` would round to the context


def _exponent(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _validate(value: object) -> Decimal:
    """Take our own spelling from documents, and exact numbers from Python callers."""
    if isinstance(value, Decimal):
        return from_text(to_text(value))
    if isinstance(value, str):
        return from_text(value)
    raise AmountError("not an amount", expected="text", found=f"{value!r} ({type(value).__name__})")


Amount = Annotated[
    Decimal,
    BeforeValidator(_validate),
    PlainSerializer(to_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": AMOUNT_PATTERN}),
]
"""A `Decimal` that is read and written in its one spelling."""
