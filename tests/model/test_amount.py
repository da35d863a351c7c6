"""Amounts have one spelling each, and no digit is ever lost or made up."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from passport.errors import AmountError
from passport.model.amount import Amount, from_text, read_decimal, round_fraction, to_text

WIDEST = "9" * 15 + "." + "9" * 15
SPELLINGS = {
    "0": Decimal(0),
    "1": Decimal(1),
    "-1": Decimal(-1),
    "100": Decimal(100),
    "12.5": Decimal("12.5"),
    "-0.000000000000001": Decimal("-1e-15"),
    "0.1": Decimal("0.1"),
    WIDEST: Decimal(WIDEST),
    "-" + WIDEST: Decimal("-" + WIDEST),  # a minus in front would round to 28 digits
}
MISSPELT = [
    "", "-", "+1", "-0", "-0.0", "0.0", "1.0", "1.50", "01", "00", "0.", ".5", "1.", "1e3", "1E3", "1e-3", "1,5",
    " 1", "1 ", "1\n", "0x10", "1/2", "NaN", "Infinity", "inf", "--1", "1.2.3", "١٢", "１", "1" * 16, 
    "0." + "0" * 15 + "1", "one", "1_000",
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SPELLINGS.items())
def test_the_one_spelling_is_read_and_written(text: str, value: Decimal) -> None:
    assert from_text(text) == value
    assert to_text(value) == text


@pytest.mark.parametrize("text", MISSPELT, ids=repr)
def test_every_other_spelling_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(AmountError, match="not an amount in its one spelling") as caught:
        from_text(text, where="$.total")
    assert caught.value.where == "$.total"
    assert caught.value.found == repr(text)
    assert caught.value.hint == 'write amounts as text, for example "12.5"'


@pytest.mark.parametrize("value", [1, 1.5, None, b"1", ["1"]], ids=repr)
def test_what_is_no_text_is_no_amount(value: Any) -> None:
    with pytest.raises(AmountError, match="one spelling"):
        from_text(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.500"), "1.5"),
        (Decimal("-0.000"), "0"),
        (Decimal("0E+99999999"), "0"),
        (Decimal("0E-99999999"), "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("120E-1"), "12"),
        (Decimal("1.0000000000000000000000"), "1"),
    ],
    ids=str,
)
def test_decimals_of_any_form_are_written_in_the_one_spelling(value: Decimal, text: str) -> None:
    assert to_text(value) == text


@pytest.mark.parametrize(
    "value",
    [Decimal("1e15"), Decimal("-1e15"), Decimal("1e-16"), Decimal("1.0000000000000001")],
    ids=str,
)
def test_an_amount_that_needs_more_digits_is_refused(value: Decimal) -> None:
    with pytest.raises(AmountError, match="does not fit; expected at most 15 digits before and 15 after the point"):
        to_text(value)


@pytest.mark.parametrize("text", ["1e999999999999", "-1e999999999999", "1e-999999999999", "7e2000"])
def test_a_huge_exponent_is_refused_without_spelling_it_out(text: str) -> None:
    with pytest.raises(AmountError, match="amount does not fit") as caught:
        to_text(Decimal(text))
    assert len(str(caught.value.found)) < 30


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), 1, 1.0, "1"], ids=repr)
def test_what_is_no_finite_decimal_is_not_written(value: Any) -> None:
    with pytest.raises(AmountError, match="not a finite decimal"):
        to_text(value)


amounts = st.integers(-(10**30) + 1, 10**30 - 1).map(lambda quanta: Decimal(f"{quanta}E-15"))


@given(amounts)
def test_writing_then_reading_is_the_identity(amount: Decimal) -> None:
    text = to_text(amount)
    assert from_text(text) == amount
    assert to_text(from_text(text)) == text


@given(amounts, amounts)
def test_equal_amounts_and_only_they_are_spelled_alike(one: Decimal, other: Decimal) -> None:
    assert (to_text(one) == to_text(other)) == (one == other)


@given(st.text(alphabet="0123456789.-+eE _", max_size=34))
def test_what_is_read_is_written_as_it_was(text: str) -> None:
    try:
        amount = from_text(text)
    except AmountError:
        return
    assert to_text(amount) == text


# --- numbers as others write them ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_as", "value"),
    [
        ("12.50", "12.5"),
        ("+4", "4"),
        ("-182.84", "-182.84"),
        ("1e-3", "0.001"),
        ("2.5E2", "250"),
        ("007", "7"),
        ("-0", "0"),
        ("0e999", "0"),
        ("1e30", "1" + "0" * 30),
        ("1e-30", "0." + "0" * 29 + "1"),
        (7, "7"),
        (-(10**30), "-1" + "0" * 30),
        (Decimal("1.10"), "1.1"),
        ("9" * 30 + "." + "9" * 40, "9" * 30 + "." + "9" * 40),
    ],
)
def test_numbers_of_other_standards_are_read_exactly(given_as: Any, value: str) -> None:
    assert read_decimal(given_as) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "1_000", "1,5", "0x1", "abc", "1.", ".5", "NaN", "Infinity", "1e", "1e1000", "--1", "1\n", "１",
     "1" * 41, "0." + "1" * 41, Decimal("NaN"), Decimal("1e1000")],
    ids=repr,
)  # fmt: skip
def test_what_is_no_number_is_refused(text: Any) -> None:
    with pytest.raises(AmountError, match=r"not a number; expected decimal digits such as 12\.50"):
        read_decimal(text)


@pytest.mark.parametrize("value", ["1e31", "-1e31", "1e-31", "9e-999", 10**31, -(10**31), 10**39, Decimal("1e31")])
def test_a_number_beyond_thirty_digits_is_out_of_range(value: Any) -> None:
    with pytest.raises(AmountError, match=r"\$\.x: number out of range; expected between 1e-30 and 1e30"):
        read_decimal(value, where="$.x")


def test_an_integer_too_long_to_be_written_is_out_of_range() -> None:
    """Python writes no integer of more than 4300 digits; the reason has to be ours all the same."""
    with pytest.raises(AmountError, match=r"number out of range; .* found 16610 bits"):
        read_decimal(10**5000)


@pytest.mark.parametrize("value", [1.5, 0.0, True, None, b"1", [1]], ids=repr)
def test_a_float_or_no_number_at_all_is_not_exact(value: Any) -> None:
    with pytest.raises(AmountError, match="not an exact number") as caught:
        read_decimal(value)
    assert type(value).__name__ in str(caught.value)


# --- the one rounding ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exact", "decimals", "rounded"),
    [
        (Fraction(1, 3), 15, "0.333333333333333"),
        (Fraction(2, 3), 15, "0.666666666666667"),
        (Fraction(1, 2 * 10**15), 15, "0"),  # a tie goes to the even neighbour, 0
        (Fraction(3, 2 * 10**15), 15, "0.000000000000002"),
        (Fraction(5, 2 * 10**15), 15, "0.000000000000002"),
        (Fraction(-1, 2 * 10**15), 15, "0"),
        (Fraction(-3, 2 * 10**15), 15, "-0.000000000000002"),
        (Fraction(1, 2 * 10**15) + Fraction(1, 10**60), 15, "0.000000000000001"),
        (Fraction(1, 2 * 10**15) - Fraction(1, 10**60), 15, "0"),
        (Fraction(5, 2), 0, "2"),
        (Fraction(7, 2), 0, "4"),
        (Fraction(12345, 1000), 2, "12.34"),
        (Fraction(12355, 1000), 2, "12.36"),
    ],
)
def test_rounding_by_hand(exact: Fraction, decimals: int, rounded: str) -> None:
    assert to_text(round_fraction(exact, decimals)) == rounded


@given(st.integers(-(10**25), 10**25), st.integers(1, 10**20), st.integers(0, 15))
def test_rounding_is_what_decimal_gives_with_digits_to_spare(numerator: int, denominator: int, decimals: int) -> None:
    exact = Fraction(numerator, denominator)
    if abs(exact) >= 10**14:
        return
    ample = Context(prec=300)
    expected = ample.divide(Decimal(numerator), Decimal(denominator)).quantize(
        Decimal(f"1E-{decimals}"), rounding=ROUND_HALF_EVEN, context=ample
    )
    assert round_fraction(exact, decimals) == expected


@given(st.integers(-(10**29), 10**29))
def test_a_tie_goes_to_the_even_neighbour(quanta: int) -> None:
    rounded = round_fraction(Fraction(2 * quanta + 1, 2 * 10**15))
    even = quanta if quanta % 2 == 0 else quanta + 1
    assert rounded == Decimal(f"{even}E-15")


@pytest.mark.parametrize("exact", [Fraction(10**15), Fraction(-(10**15)), Fraction(10**15) - Fraction(1, 10**16)])
def test_what_rounds_to_sixteen_digits_is_refused(exact: Fraction) -> None:
    with pytest.raises(AmountError, match="does not fit; expected at most 15 digits before the point"):
        round_fraction(exact)


# --- the type of the models ------------------------------------------------------------------------------------------

ADAPTER: TypeAdapter[Decimal] = TypeAdapter(Amount)


def test_the_type_reads_and_writes_text() -> None:
    assert ADAPTER.validate_python("12.5") == Decimal("12.5")
    assert ADAPTER.validate_python(Decimal("12.50")) == Decimal("12.5")
    assert ADAPTER.dump_json(Decimal("12.50")) == b'"12.5"'
    assert ADAPTER.json_schema()["type"] == "string"


@pytest.mark.parametrize("value", [12.5, 12, "12.50", True, None, Decimal("1e-16")], ids=repr)
def test_the_type_takes_neither_floats_nor_other_spellings(value: Any) -> None:
    with pytest.raises(ValidationError, match=r"not an amount|does not fit"):
        ADAPTER.validate_python(value)
