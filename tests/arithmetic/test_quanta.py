"""Amounts as whole quanta: exact both ways, and one division that rounds half to even."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.arithmetic.quanta import ONE, divide_half_even, from_decimal, from_text, to_decimal, to_text
from passport.errors import AmountError
from passport.model import amount

WIDEST = ONE * ONE - 1
quanta = st.integers(-WIDEST, WIDEST)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("1", 10**15),
        ("-0.5", -5 * 10**14),
        ("-0.000000000000001", -1),
        ("12.25", 1225 * 10**13),
        ("9" * 15 + "." + "9" * 15, WIDEST),
        ("-10.000000000000001", -(10**16 + 1)),
    ],
)
def test_by_hand(text: str, expected: int) -> None:
    assert from_text(text) == expected
    assert to_text(expected) == text
    assert to_decimal(expected) == Decimal(text)
    assert from_decimal(Decimal(text)) == expected


@given(quanta)
def test_both_spellings_are_the_same(value: int) -> None:
    """Here and in `passport.model.amount`, by two implementations."""
    text = to_text(value)
    assert from_text(text) == value
    assert amount.to_text(amount.from_text(text)) == text
    assert from_decimal(amount.from_text(text)) == value
    assert amount.to_text(to_decimal(value)) == text


@pytest.mark.parametrize("text", ["", "-", ".", "one", "1.5.2", "0." + "0" * 16, "1e3"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(
        AmountError, match="not an amount; expected decimal digits, at most 15 after the point"
    ) as caught:
        from_text(text)
    assert caught.value.found == repr(text)


@pytest.mark.parametrize("value", [ONE * ONE, -ONE * ONE])
def test_what_is_too_large_is_not_written(value: int) -> None:
    with pytest.raises(AmountError, match="does not fit; expected at most 15 digits before the point"):
        to_text(value)


@pytest.mark.parametrize("value", [Decimal("1e-16"), Decimal("NaN"), Decimal("Infinity")], ids=str)
def test_a_decimal_that_is_no_whole_number_of_quanta_is_refused(value: Decimal) -> None:
    with pytest.raises(AmountError, match="not an exact amount; expected a finite decimal with at most 15 decimals"):
        from_decimal(value)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(1, 2, 0), (3, 2, 2), (5, 2, 2), (7, 2, 4), (-1, 2, 0), (-3, 2, -2), (-5, 2, -2), (1, 3, 0), (2, 3, 1),
     (-2, 3, -1), (10**40 + 1, 2 * 10**40, 1), (10**40 - 1, 2 * 10**40, 0), (6, 3, 2), (0, 7, 0)],
)  # fmt: skip
def test_halves_go_to_the_even_neighbour(numerator: int, denominator: int, expected: int) -> None:
    assert divide_half_even(numerator, denominator) == expected


@given(st.integers(-(10**40), 10**40), st.integers(1, 10**30))
def test_division_is_what_a_fraction_rounds_to(numerator: int, denominator: int) -> None:
    assert divide_half_even(numerator, denominator) == round(Fraction(numerator, denominator))
    assert divide_half_even(-numerator, denominator) == -divide_half_even(numerator, denominator)


@pytest.mark.parametrize("denominator", [0, -1])
def test_nothing_is_divided_by_what_is_not_positive(denominator: int) -> None:
    with pytest.raises(AmountError, match="division by an amount that is not positive"):
        divide_half_even(1, denominator)
