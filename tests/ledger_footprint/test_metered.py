"""Accounts made of meters: by hand, and with readings that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from passport.errors import ArithmeticRuleError, PassportError, UsageError
from passport.ledger_footprint import (
    Catalogue,
    ChainProfile,
    Method,
    Period,
    PeriodKind,
    Source,
    Transaction,
    Usage,
    figure,
)
from passport.ledger_footprint import estimate as estimate_of
from passport.ledger_footprint.figures import Status
from passport.ledger_footprint.metered import NodeReading, metered_energy, metered_profile, strange_power
from passport.ledger_footprint.quantities import Ratio

WEEK = Period(date(2026, 11, 2), date(2026, 11, 8))
METER = Source("meter", "a meter of the tests", "2026-11-08", "ours", Status.USER)
PUE = figure(Ratio, "1", 1.5, name="pue", source=METER)


def reading(node: str, kwh: float, **changes: Any) -> NodeReading:
    """One node's week, by a meter of class 1."""
    return NodeReading(
        **{
            "operator": "LEI:A",
            "node": node,
            "period": WEEK,
            "energy": metered_energy(kwh, accuracy_percent=1, name=node, source=METER),
            "country": "FI",
            "is_of_building": False,
            "meter": f"EM-{node}",
            **changes,
        }
    )


def account(*readings: NodeReading, nodes: int | None = None, pue: Any = PUE) -> ChainProfile:
    """Their account."""
    return metered_profile(readings, chain="ours", nodes_in_all=nodes or len(readings), pue=pue)


def test_a_week_by_hand() -> None:
    """10 kWh at the machine and 9 at the building: 24 kWh a week, a percent either way, 8766/168 weeks a year."""
    made = account(reading("a", 10), reading("b", 9, is_of_building=True, country="SE"))
    assert made.energy is not None
    a_year = 8766 / 168
    assert [each.amount for each in (made.energy.low, made.energy.central, made.energy.high)] == pytest.approx(
        [24 * 0.99 * a_year, 24 * a_year, 24 * 1.01 * a_year]
    )
    assert made.period.kind is PeriodKind.SNAPSHOT
    assert made.grid == {"FI": pytest.approx(15 / 24), "SE": pytest.approx(9 / 24)}
    assert {each.source for each in made.energy.inputs} == {METER}


def test_nodes_without_a_meter() -> None:
    """Two of four are metered: 15 + 30 of at least; twice that; and each other one like the thirstier."""
    made = account(reading("a", 10), reading("b", 20), nodes=4)
    assert made.energy is not None
    a_year = 8766 / 168
    assert made.energy.low.amount == pytest.approx(45 * 0.99 * a_year)
    assert made.energy.central.amount == pytest.approx(90 * a_year)
    assert made.energy.high.amount == pytest.approx((45 + 2 * 30) * 1.01 * a_year)
    assert made.energy.filled_in == ("ours: unmetered nodes",)


def test_a_whole_year_is_a_total() -> None:
    """Not blown up, not a snapshot."""
    year = Period.year(2025)
    made = account(reading("a", 420, period=year))
    assert made.energy is not None
    assert (made.period.kind, made.energy.central.amount) == (PeriodKind.TOTAL, pytest.approx(630))


def test_an_estimate_rests_on_the_meters() -> None:
    """Four nodes of 48 W for a week: what the template says, now with the meters as sources."""
    kwh = 48 * 168 / 1000
    pue = Catalogue.shipped().default("pue")
    made = account(*(reading(name, kwh, country="CN") for name in "abcd"), pue=pue)
    usage = Usage((Transaction(),), passports_per_year=10_000)
    found = estimate_of(made, usage=usage, method=Method(rule="per_transaction"), at=date(2026, 11, 22))
    template = estimate_of("consortium-qbft", usage=usage, method=Method(rule="per_transaction"), at=date(2026, 11, 22))
    assert found.ghg_location.central.amount == pytest.approx(template.ghg_location.central.amount, rel=0.02)
    assert METER in {each.source for each in found.inputs}


BAD: dict[str, tuple[Callable[[], object], type[PassportError], str]] = {
    "no reading": (lambda: account(nodes=1), UsageError, "no meter was read"),
    "a node twice": (lambda: account(reading("a", 1), reading("a", 2)), ArithmeticRuleError, "a node is counted twice"),
    "fewer nodes than meters": (
        lambda: account(reading("a", 1), reading("b", 2), nodes=1),
        ArithmeticRuleError,
        "more nodes are metered than there are",
    ),
    "other days": (
        lambda: account(reading("a", 1), reading("b", 2, period=Period(date(2026, 11, 1), date(2026, 11, 8)))),
        ArithmeticRuleError,
        "the periods do not match",
    ),
    "less than a week": (
        lambda: account(reading("a", 1, period=Period(date(2026, 11, 2), date(2026, 11, 7)))),
        ArithmeticRuleError,
        "too short to speak for a year",
    ),
    "nothing read": (lambda: account(reading("a", 0)), ArithmeticRuleError, "all meters read nothing"),
    "a negative reading": (lambda: reading("a", -1), ArithmeticRuleError, "Energy cannot be negative"),
    "no accuracy": (
        lambda: metered_energy(1, accuracy_percent=100, name="a", source=METER),
        ArithmeticRuleError,
        "not the accuracy of a meter",
    ),
    "a PUE below 1": (
        lambda: account(reading("a", 1), pue=figure(Ratio, "1", 0.9, name="pue", source=METER)),
        ArithmeticRuleError,
        "a PUE is 1 or more",
    ),
}


@pytest.mark.parametrize(("make", "error", "match"), BAD.values(), ids=BAD.keys())
def test_no_account(make: Callable[[], object], error: type[PassportError], match: str) -> None:
    """Refused, with the reason."""
    with pytest.raises(error, match=match):
        make()


def test_one_meter_for_two_nodes() -> None:
    """Whoever reads one meter under two names has half the energy twice."""
    with pytest.raises(ArithmeticRuleError, match="one meter is read for two nodes"):
        account(reading("a", 10, meter="EM-1"), reading("b", 10, meter="EM-1"))


def test_readings_a_thousandfold_off() -> None:
    """8.064 kWh a week are 48 W; 8,064 were Wh, and 0.008 were MWh."""
    classes = Catalogue.shipped().hardware_classes()
    assert strange_power(reading("a", 8.064), classes=classes) is None
    assert reading("a", 8.064).power.amount == pytest.approx(48)
    assert "off by 1000 to the power 1" in str(strange_power(reading("a", 8064), classes=classes))
    assert "off by 1000 to the power -1" in str(strange_power(reading("a", 0.008064), classes=classes))
    assert "reads nothing" in str(strange_power(reading("a", 0), classes=classes))
