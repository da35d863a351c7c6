"""Decisions: chains side by side, break-even, batches, what is replaced, rebound; and figures that contradict."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ArithmeticRuleError, UsageError
from passport.ledger_footprint import Method, Period, Transaction, Usage
from passport.ledger_footprint.decisions import (
    batch_for_target,
    break_even,
    break_even_volume,
    compare,
    net_benefit,
)
from passport.ledger_footprint.disclosures import (
    MICA_THRESHOLD,
    check_magnitude,
    check_pair,
    check_per_transaction,
    fall,
    needs_supplementary,
    per_transaction,
)
from passport.ledger_footprint.figures import Figure, exact
from passport.ledger_footprint.quantities import Count, Energy, GhgMass
from passport.ledger_footprint.rebound import (
    ReboundKind,
    Use,
    is_green_paradox,
    is_jevons,
    log_mean,
    split_change,
)

AT = date(2026, 1, 1)
USAGE = Usage(transactions=(Transaction(gas=50_000),))
METHOD = Method(rule="per_gas")
POSITIVE = st.floats(0.01, 1e6)


def test_side_by_side() -> None:
    """A quiet consortium takes more per passport than Ethereum; what has no gas is named and stands last."""
    rows = compare(
        ["consortium-qbft", "bitcoin", "ethereum"], usage=USAGE, passports_per_year=10_000, method=METHOD, at=AT
    )
    assert [row.chain for row in rows] == ["ethereum", "consortium-qbft", "bitcoin"]
    assert rows[1].estimate is not None
    assert rows[1].estimate.ghg_location.central.in_unit("g") == pytest.approx(155, rel=0.01)
    assert rows[1].yearly_ghg is not None
    assert rows[1].yearly_ghg.central.in_unit("t") == pytest.approx(1.55, rel=0.01)
    assert rows[2].estimate is None
    assert "does not state gas" in rows[2].reason
    with pytest.raises(ArithmeticRuleError, match="a volume is one passport a year or more"):
        compare(["ethereum"], usage=USAGE, passports_per_year=0, method=METHOD, at=AT)


def test_where_a_consortium_pays() -> None:
    """About 437,000 passports a year against one unbatched anchor each."""
    found = break_even("consortium-qbft", public="ethereum", usage=USAGE, method=METHOD, at=AT)
    assert found.passports_per_year.central.amount == pytest.approx(437_000, rel=0.005)
    at_that = compare(
        ["ethereum", "consortium-qbft"],
        usage=USAGE,
        passports_per_year=round(found.passports_per_year.central.amount),
        method=METHOD,
        at=AT,
    )
    one, other = (row.estimate.ghg_location.central for row in at_that if row.estimate)
    assert one.ratio(other) == pytest.approx(1, rel=1e-5)
    with pytest.raises(ArithmeticRuleError, match="not a chain of one's own; expected proof of authority"):
        break_even("ethereum", public="ethereum", usage=USAGE, method=METHOD, at=AT)
    with pytest.raises(UsageError, match="a rule of allocation must be named"):
        break_even("consortium-qbft", public="ethereum", usage=USAGE, method=Method(rule=None), at=AT)


def test_volume_that_pays_a_system_back() -> None:
    """1,000 kg a year against 10 g less 2 g each: 125,000."""
    found = break_even_volume(GhgMass(1000), avoided=GhgMass.of(10, "g"), variable=GhgMass.of(2, "g"))
    assert found.amount == pytest.approx(125_000)
    with pytest.raises(ArithmeticRuleError, match="no volume pays"):
        break_even_volume(GhgMass(1000), avoided=GhgMass(1), variable=GhgMass(1))


@given(unbatched=POSITIVE, target=POSITIVE, leaf=st.floats(0, 1))
def test_the_smallest_batch(unbatched: float, target: float, leaf: float) -> None:
    asked = {"target": GhgMass(target), "leaf": GhgMass(target * leaf * 0.99)}
    found = batch_for_target(GhgMass(unbatched), **asked)
    assert unbatched / found + asked["leaf"].amount <= target * (1 + 1e-9)
    assert found == 1 or unbatched / (found - 1) + asked["leaf"].amount > target * (1 - 1e-9)


def test_no_batch_is_large_enough() -> None:
    assert batch_for_target(GhgMass(3.5), target=GhgMass(0.01), leaf=GhgMass(0)) == 350
    with pytest.raises(ArithmeticRuleError, match="no batch reaches the target"):
        batch_for_target(GhgMass(3.5), target=GhgMass(0.01), leaf=GhgMass(0.01))


def test_net_of_what_is_replaced() -> None:
    """10,000 passports that save two sheets of 7 g and take 4 g, while growth takes back 20 kg: 80 kg."""
    found = net_benefit(Count(10_000), avoided=GhgMass.of(14, "g"), taken=GhgMass.of(4, "g"), rebound=GhgMass(20))
    assert found.net.amount == pytest.approx(80)
    assert found.per_passport.in_unit("g") == pytest.approx(10)


def use(passports: float, kg: float) -> Use:
    return Use(Count(passports), GhgMass(kg))


def test_split_by_hand() -> None:
    """One ledger, twice the passports at half the emission each: scale ln 2, technique -ln 2, no change."""
    found = split_change({"a": use(100, 10)}, after={"a": use(200, 10)})
    assert found.scale.amount == pytest.approx(10 * math.log(2))
    assert found.technique.amount == pytest.approx(-10 * math.log(2))
    assert found.structure.amount == pytest.approx(0)
    assert found.rebound == pytest.approx(1)
    assert found.change.amount == pytest.approx(0)


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (use(300, 15), ReboundKind.BACKFIRE),
        (use(150, 8), ReboundKind.PARTIAL),
        (use(90, 5), ReboundKind.NONE),
        (use(100, 12), ReboundKind.NO_SAVING),
    ],
)
def test_kinds_of_rebound(after: Use, kind: ReboundKind) -> None:
    found = split_change({"a": use(100, 10)}, after={"a": after})
    assert found.kind is kind
    assert is_jevons(before=use(100, 10), after=after) is (kind is ReboundKind.BACKFIRE)


@given(st.lists(st.tuples(POSITIVE, POSITIVE, POSITIVE, POSITIVE), min_size=1, max_size=5))
def test_the_split_adds_up(numbers: list[tuple[float, float, float, float]]) -> None:
    before = {str(key): use(each[0], each[1]) for key, each in enumerate(numbers)}
    after = {str(key): use(each[2], each[3]) for key, each in enumerate(numbers)}
    found = split_change(before, after=after)
    parts = found.scale.amount + found.structure.amount + found.technique.amount
    change = sum(each[3] - each[1] for each in numbers)
    size = sum(each[3] + each[1] for each in numbers)
    assert parts == pytest.approx(change, abs=1e-7 * size)


@given(one=POSITIVE, other=POSITIVE)
def test_log_mean_lies_between_geometric_and_arithmetic(one: float, other: float) -> None:
    found = log_mean(one, other)
    assert math.sqrt(one * other) * (1 - 1e-6) <= found <= (one + other) / 2 * (1 + 1e-6)
    assert found == pytest.approx(log_mean(other, one))


def test_what_cannot_be_split() -> None:
    with pytest.raises(ArithmeticRuleError, match="not the same ledgers"):
        split_change({"a": use(1, 1)}, after={"b": use(1, 1)})
    with pytest.raises(ArithmeticRuleError, match="a: a ledger without passports or emissions"):
        split_change({"a": use(1, 1)}, after={"a": use(0, 1)})


def test_green_paradox() -> None:
    """Announced for the third year, emissions of the first two rise by 3 and fall by 1: more in all."""
    baseline = [GhgMass(10), GhgMass(10)]
    assert is_green_paradox(baseline, announced=[GhgMass(13), GhgMass(9)])
    assert not is_green_paradox(baseline, announced=[GhgMass(11), GhgMass(9)])
    with pytest.raises(ArithmeticRuleError, match="not the same years"):
        is_green_paradox(baseline, announced=[GhgMass(1)])


def test_threshold_of_indicators_is_500_000() -> None:
    """One explainer says 500 kWh: a chain of 91,980 kWh would then owe what it does not."""
    assert MICA_THRESHOLD.amount == 500_000
    assert not needs_supplementary(Energy(91_980), is_platform=True)
    assert not needs_supplementary(Energy(500_000), is_platform=True)
    assert needs_supplementary(Energy(500_001), is_platform=True)
    assert not needs_supplementary(Energy(600_000), is_platform=False)
    with pytest.raises(ArithmeticRuleError, match="not the regulation's threshold; expected 500,000 kWh; found 500"):
        needs_supplementary(Energy(91_980), is_platform=True, threshold=Energy(500))


@pytest.mark.parametrize(
    ("stated", "flagged", "said"),
    [
        (7.5e6, False, "within the range"),
        (7.5e9, True, "off by 1000 to the power 1"),
        (7.5e3, True, "off by 1000 to the power -1"),
        (7.5e12, True, "off by 1000 to the power 2"),
        (15e6, False, "in the same unit"),
    ],
)
def test_orders_of_magnitude(stated: float, flagged: bool, said: str) -> None:
    expected = Figure(Energy(2.4e6), Energy(7.5e6), Energy(7.9e6))
    found = check_magnitude(Energy(stated), expected=expected)
    assert found.is_flagged is flagged
    assert said in found.reason
    with pytest.raises(ArithmeticRuleError, match="zero has no order of magnitude"):
        check_magnitude(Energy(0), expected=expected)


def test_per_transaction_figures_of_disclosures_hide_a_rule() -> None:
    """4.59 kWh where 140 TWh over 150 million transactions are 930: shared out by a rule that nobody names."""
    found = check_per_transaction(Energy.of(139.5, "TWh"), each=Energy(4.59), counted=Count(150e6))
    assert found.is_flagged
    assert "by another rule, which must be named" in found.reason
    assert not check_per_transaction(Energy(100), each=Energy(4), counted=Count(25)).is_flagged


def test_a_pair_that_belongs_to_its_year() -> None:
    found = check_pair(Energy(100), each=Energy(4), counted=Count(25), period=Period.year(2024))
    assert not found.is_flagged
    assert found.reason == "the pair implies the count"


def test_periods_of_total_and_count() -> None:
    with pytest.raises(ArithmeticRuleError, match="total and transactions: the periods do not match"):
        per_transaction(
            exact(Energy(1)), period=Period.year(2021), transactions=exact(Count(1)), counted_in=Period.year(2020)
        )


def test_a_fall_is_no_rise() -> None:
    with pytest.raises(ArithmeticRuleError, match="Ratio cannot be negative"):
        fall(Energy(1), after=Energy(2))
