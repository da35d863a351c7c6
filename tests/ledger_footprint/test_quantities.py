"""Quantities: units by type, ranges in order, periods that match, and every mixture refused with its reason."""

from __future__ import annotations

from datetime import date
from typing import Self, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ArithmeticRuleError, UnitError
from passport.ledger_footprint.figures import Figure, Source, derive, exact, figure, spanning, total
from passport.ledger_footprint.period import Period, PeriodKind, check_same
from passport.ledger_footprint.quantities import (
    CarbonIntensity,
    CarbonPrice,
    Count,
    Duration,
    Energy,
    GhgMass,
    HashEnergy,
    Hashrate,
    Power,
    Quantity,
    Ratio,
    WasteMass,
)

HERE = Source("here", "a test", "2026", "our own")
NUMBERS = st.floats(min_value=1e-6, max_value=1e9)


def test_a_kwh_is_not_added_to_a_kw() -> None:
    with pytest.raises(UnitError, match=r"quantities of different kinds.*Power.*added to Energy"):
        Energy.of(1, "kWh") + Power.of(1, "kW")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: GhgMass(1) - WasteMass(1), "quantities of different kinds"),
        (lambda: Energy(1) < Power(1), "quantities of different kinds"),
        (lambda: Energy(1).ratio(GhgMass(1)), "quantities of different kinds"),
        (lambda: Energy(1) * Power(1), "multiplied by the method that names the result"),
        (lambda: Energy(1) / Energy(2), r"use ratio\(\) between quantities"),
        (lambda: Energy(1).emitting(Ratio(1)), "another kind of quantity"),
        (lambda: Power(1).over(Energy(1)), "another kind of quantity"),
        (lambda: Energy.of(1, "kW"), "not a unit of Energy; expected one of kWh, Wh"),
        (lambda: CarbonIntensity.of(1, "g"), "not a unit of CarbonIntensity"),
        (lambda: Hashrate.of(1, "H"), "not a unit of Hashrate"),
    ],
)
def test_units_that_do_not_go_together(wrong: object, said: str) -> None:
    with pytest.raises(UnitError, match=said):
        wrong()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: Hashrate(-1), "Hashrate cannot be negative"),
        (lambda: Energy(float("nan")), "not a finite number of kWh"),
        (lambda: Energy(float("inf")), "not a finite number of kWh"),
        (lambda: Energy(True), "not a finite number of kWh"),
        (lambda: Energy(1) - Energy(2), "Energy cannot be negative"),
        (lambda: Energy(1) / 0, "divided by zero"),
        (lambda: Energy(1).ratio(Energy(0)), "divided by zero"),
        (lambda: GhgMass(1).per(Energy(0)), "no intensity without energy"),
    ],
)
def test_numbers_that_cannot_be(wrong: object, said: str) -> None:
    with pytest.raises(ArithmeticRuleError, match=said):
        wrong()  # type: ignore[operator]


@pytest.mark.parametrize("name", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__", "ratio"])
def test_a_type_checker_can_refuse_it_too(name: str) -> None:
    """The other operand is declared as of the same kind, and no kind says otherwise."""
    assert get_type_hints(getattr(Quantity, name))["other"] is Self
    assert [kind.__name__ for kind in Quantity.__subclasses__() if name in vars(kind)] == []


@pytest.mark.parametrize("kind", sorted(Quantity.__subclasses__(), key=lambda each: each.__name__))
@given(number=NUMBERS)
def test_units_lead_back(kind: type[Quantity], number: float) -> None:
    for unit in kind.FACTORS:
        assert kind.of(number, unit).in_unit(unit) == pytest.approx(number, rel=1e-12)
    assert kind.FACTORS[kind.UNIT] == 1


def test_hours_of_a_year() -> None:
    """8,766 h: one published tool counts 12 x 30 x 24 = 8,640 instead, and so takes 1.5 % too much of each machine."""
    assert Power(1000).over(Duration.of(1, "a")) == Energy(8766)
    assert Duration.of(1, "a").amount / (12 * 30 * 24) - 1 == pytest.approx(0.0146, abs=1e-4)


def test_conversions_by_hand() -> None:
    assert Energy.of(3.6e6, "J").amount == pytest.approx(1, rel=1e-15)
    assert Power(48).over(Duration(1000)).amount == pytest.approx(48)
    assert HashEnergy.of(0.03, "J/GH").at_rate(Hashrate.of(100, "EH/s")).in_unit("GW") == pytest.approx(3)
    assert GhgMass.of(3.5, "g").priced(CarbonPrice(68.38)).amount == pytest.approx(0.00024, abs=1e-6)


def test_bounds_in_order() -> None:
    with pytest.raises(ArithmeticRuleError, match=r"test: bounds are out of order.*found 2, 1, 3 W"):
        figure(Power, "W", 1, low=2, high=3, name="test", source=HERE)


@given(low=NUMBERS, up=st.floats(1, 10), upper=st.floats(1, 10), times=st.floats(0, 1e6))
def test_figures_scale_and_add(low: float, up: float, upper: float, times: float) -> None:
    one = figure(Energy, "kWh", low * up, low=low, high=low * up * upper, name="one", source=HERE)
    twice = one + one
    assert twice.low.amount == 2 * one.low.amount
    assert twice.inputs == one.inputs
    assert (one * times).high.amount == one.high.amount * times
    assert total([one, one, one], Energy).central.amount == pytest.approx(3 * one.central.amount)


def test_what_falls_takes_the_other_end() -> None:
    whole = figure(Energy, "kWh", 10, low=5, high=20, name="energy", source=HERE)
    parts = figure(Count, "1", 4, low=2, high=5, name="parts", source=HERE, is_filled_in=True)
    each = whole.shared_among(parts)
    assert (each.low.amount, each.central.amount, each.high.amount) == (1, 2.5, 10)
    assert each.filled_in == ("parts",)
    assert [said.name for said in each.inputs] == ["energy", "parts"]
    assert derive(lambda one, number: one * number.amount, each, parts).high.amount == 50


def test_providers_span_a_range_and_are_not_averaged() -> None:
    one, other = exact(Energy(189_603)), exact(Energy(479_169))
    spanned = spanning([one, other], central=one)
    assert (spanned.low.amount, spanned.central.amount, spanned.high.amount) == (189_603, 189_603, 479_169)


def test_a_figure_is_not_turned_around() -> None:
    with pytest.raises(ArithmeticRuleError, match="not turned around"):
        exact(Energy(1)) * -1


def test_json_names_unit_and_sources() -> None:
    said = figure(WasteMass, "kg", 2, name="mass", source=HERE).to_json("g")
    assert said == {
        "unit": "g",
        "low": 2000.0,
        "central": 2000.0,
        "high": 2000.0,
        "inputs": ["mass"],
        "sources": ["here"],
        "filled_in": [],
    }


def test_periods() -> None:
    assert Period.year(2024).days == 366
    assert Period.year(2023).is_yearly
    assert not Period(date(2023, 1, 1), date(2023, 3, 31)).is_yearly
    assert Period.snapshot(date(2023, 1, 1)).is_yearly
    assert Period.year(2023).is_stale(date(2025, 7, 3))
    assert not Period.year(2023).is_stale(date(2025, 7, 1))
    with pytest.raises(ArithmeticRuleError, match="ends before it begins"):
        Period(date(2024, 1, 2), date(2024, 1, 1))


def test_periods_that_do_not_match() -> None:
    check_same(Period.year(2021), Period.year(2021), what="x")
    with pytest.raises(ArithmeticRuleError, match=r"x: the periods do not match.*2021.*2020"):
        check_same(Period.year(2021), Period.year(2020), what="x")
    blown_up = Period(date(2021, 1, 1), date(2021, 12, 31), PeriodKind.SNAPSHOT)
    with pytest.raises(ArithmeticRuleError, match="an annualised snapshot is not a year's total"):
        check_same(Period.year(2021), blown_up, what="x")


def test_a_figure_of_another_kind_is_not_added() -> None:
    mixed: Figure[Energy] = exact(Energy(1))
    with pytest.raises(UnitError, match="quantities of different kinds"):
        mixed + exact(Power(1))  # type: ignore[operator]
