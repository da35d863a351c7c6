"""The share of an input that falls to the product, where a process makes several: an exact ratio in its one spelling.

A row without `share` falls to the product whole. How shares come about is no matter of rows: the statement says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import gcd
from typing import Any

from passport.arithmetic.scale import Scale
from passport.errors import ArithmeticRuleError

MAX_DIGITS = 300
"""Digits of a share's numerator or denominator; the row's schema says the same."""


def share_text(share: Fraction) -> str | None:
    """The one spelling of a share, `2/3`; None for all of it, which is not written.

    Raises:
        ArithmeticRuleError: Not above zero, above one, or with more digits than a row holds.
    """
    if not 0 < share <= 1:
        raise ArithmeticRuleError("not a share", expected="above 0, at most 1", found=share)
    if share == 1:
        return None
    text = f"{share.numerator}/{share.denominator}"
    if share.denominator >= 10**MAX_DIGITS:
        raise ArithmeticRuleError("a share with too many digits", expected=f"at most {MAX_DIGITS}", found=len(text))
    return text


def share_scale(row: Mapping[str, Any], *, where: str | None = None) -> Scale | None:
    """The share that a row states; None for all of it.

    Raises:
        ArithmeticRuleError: Not in lowest terms, or not below one.
    """
    text = row.get("share")
    if text is None:
        return None
    numerator, denominator = map(int, text.split("/"))
    if numerator >= denominator or gcd(numerator, denominator) != 1:
        raise ArithmeticRuleError(
            "not a share in its one spelling", where=where, expected="lowest terms, below one", found=text
        )
    return Scale(numerator, denominator)
