"""When two passports speak of the same thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import UnitError
from passport.model.sameness import SameProduct, overlap, same_product

PERIODS = st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(lambda period: period[0] < period[1])


def _product(**changes: object) -> SameProduct:
    facts = {"granularity": "model", "numbers": ("m", None, None), "facility_id": "plant", "declared_unit": "kilogram"}
    return same_product("https://id.example/1", **(facts | changes))  # type: ignore[arg-type]


@given(PERIODS, PERIODS)
def test_two_periods_overlap_if_they_have_a_second_in_common(one: tuple[int, int], other: tuple[int, int]) -> None:
    """Checked against the seconds themselves, and the same from either side."""
    seconds = set(range(*one)) & set(range(*other))
    assert overlap(one, other) is overlap(other, one) is bool(seconds)


@pytest.mark.parametrize("unit", ["kilogram", "gram", "tonne", "pound"])
def test_units_of_one_dimension_are_one_product(unit: str) -> None:
    assert _product(declared_unit=unit) == _product()


@pytest.mark.parametrize(
    "changes",
    [
        {"declared_unit": "liter"},
        {"declared_unit": "piece"},
        {"granularity": "batch"},
        {"numbers": ("m", "b", None)},
        {"facility_id": "another plant"},
    ],
    ids=str,
)
def test_what_makes_another_product(changes: dict[str, object]) -> None:
    assert _product(**changes) != _product()


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(UnitError, match="unknown unit"):
        _product(declared_unit="stone")
