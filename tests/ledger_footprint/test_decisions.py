"""Decisions: chains side by side, break-even, batches, what is replaced, rebound; and figures that contradict."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ArithmeticRuleError, NotFoundError, UsageError
from passport.ledger_footprint import Catalogue, Method, Period, Transaction, Usage, estimate
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
from passport.ledger_footprint.figures import Figure, Status, exact
from passport.ledger_footprint.measure import Measure
from passport.ledger_footprint.paradox import is_green_paradox
from passport.ledger_footprint.quantities import Count, Energy, GhgMass
from passport.ledger_footprint.rebound import (
    ReboundKind,
    Use,
    is_jevons,
    log_mean,
    split_change,
)
from passport.ledger_footprint.replaced import Replaced, against

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


def test_by_what_chains_are_ranked() -> None:
    """Rows rise by the measure that was asked for; a chain whose hardware nobody knows comes after those, by name.

    Nothing is known of the machines of algorand, polygon and solana, and of solana only what making them emitted.
    """
    method = Method(rule="per_transaction", carbon_market="CN")
    names = ["solana", "polygon", "consortium-qbft", "bitcoin", "avalanche", "algorand"]
    last = {
        Measure.ENERGY: [],
        Measure.GHG_LOCATION: [],
        Measure.GHG_MARKET: [],
        Measure.WATER: [],
        Measure.EMBODIED: ["algorand", "polygon"],
        Measure.EWASTE_GROSS: ["algorand", "polygon", "solana"],
        Measure.EWASTE_NET: ["algorand", "polygon", "solana"],
        Measure.SHADOW_COST: ["algorand", "polygon"],
    }
    assert set(last) == set(Measure)
    for by, unknown in last.items():
        rows = compare(names, usage=USAGE, passports_per_year=1000, method=method, at=AT, by=by)
        known = [row.each.central.amount for row in rows if row.each is not None]
        assert known == sorted(known)
        assert [row.chain for row in rows[len(known) :]] == [*unknown, "bitcoin"], by
        for row in rows[len(known) :]:
            assert (row.each, row.yearly, bool(row.reason)) == (None, None, True)
        for row in rows[: len(known)]:
            assert row.each is not None
            assert row.yearly is not None
            assert row.yearly.central.ratio(row.each.central) == pytest.approx(1000)
            assert row.reason == ""


def test_a_cost_of_a_part_is_no_cost_of_the_whole() -> None:
    """Polygon's electricity costs little; its hardware is unknown, not free, so it is not the cheapest."""
    method = Method(rule="per_gas", carbon_market="CN")
    asked = {"usage": USAGE, "passports_per_year": 10, "at": AT, "by": Measure.SHADOW_COST}
    first, second = compare(["polygon", "ethereum"], method=method, **asked)
    assert (first.chain, second.chain) == ("ethereum", "polygon")
    assert second.estimate is not None
    assert second.estimate.shadow_cost is not None
    assert second.reason.startswith("of the electricity alone, for embodied GHG is unknown: neither published")
    with pytest.raises(UsageError, match="carbon market: no cost without a price; expected the name of a market"):
        compare(["ethereum"], method=METHOD, **asked)


def replaced(baseline: str, pieces: float, volume: int, *chains: str) -> Replaced:
    rows = compare(chains, usage=USAGE, passports_per_year=volume, method=METHOD, at=AT)
    data = Catalogue.shipped()
    return against(rows, baseline=baseline, pieces=pieces, passports_per_year=volume, at=AT, catalogue=data)


@pytest.mark.parametrize(
    ("baseline", "grams"),
    [
        ("paper", (2 * 5.4, 2 * 6.5, 2 * 7.6)),
        ("letter", (2 * 26, 2 * 37.2, 2 * 37.2)),
        ("courier", (2 * 205, 2 * 439.9, 2 * 520)),
        ("web", (2 * 0.1482, 2 * 0.1482, 2 * 0.1482)),
    ],
)
def test_pieces_are_replaced_by_the_passport(baseline: str, grams: tuple[float, ...]) -> None:
    """Two pieces for each of 1,000 passports: g for one are kg a year."""
    found = replaced(baseline, 2, 1000, "ethereum")
    assert [each.in_unit("g") for each in (found.each.low, found.each.central, found.each.high)] == pytest.approx(grams)
    assert found.yearly.central.amount == pytest.approx(grams[1])
    (said,) = found.each.inputs
    assert said.source.status is Status.VERIFIED


def test_the_published_figures_of_a_piece() -> None:
    """A ream of 500 sheets has 2.5 kg, at 1.08, 1.3 and 1.52 kg per kg; the model adds up its six parts."""
    assert [2500 / 500 * factor for factor in (1.08, 1.3, 1.52)] == pytest.approx([5.4, 6.5, 7.6])
    paper = replaced("paper", 1, 10, "ethereum").each
    assert [each.in_unit("g") for each in (paper.low, paper.central, paper.high)] == pytest.approx([5.4, 6.5, 7.6])
    use, making = 0.055 + 0.059 + 0.080, 0.012 + 0.013 + 0.081
    assert replaced("web", 1, 10, "ethereum").each.central.in_unit("g") == pytest.approx((use + making) / 1000 * 494)


def test_a_portal_is_shared_among_the_volume() -> None:
    """174.5 W x 8.766 h x PUE 1.58 x 475 g/kWh, and 1,234 kg over 4 years: 1,456.5 kg a year, whatever the volume."""
    kg = 174.5 * 8.766 * 1.58 * 0.475 + 1234 / 4
    assert kg == pytest.approx(1456.5, abs=0.1)
    for volume in (10, 10_000):
        found = replaced("portal", 1, volume, "ethereum")
        assert found.yearly.central.amount == pytest.approx(kg)
        assert found.each.central.amount == pytest.approx(kg / volume)
    assert replaced("portal", 3, 10, "ethereum").yearly.central.amount == pytest.approx(3 * kg)


def test_what_is_saved_counts_the_hardware_of_the_chain() -> None:
    """Net by hand; the worst end takes the least baseline and the most of the chain; unknown hardware is unknown."""
    found = replaced("paper", 1, 10_000, "ethereum", "polygon", "solana")
    estimated = estimate("ethereum", usage=USAGE, method=METHOD, at=AT)
    net = found.net["ethereum"]
    assert net is not None
    assert estimated.embodied is not None
    taken = estimated.ghg_location + estimated.embodied
    assert net.central.amount == pytest.approx(10_000 * (0.0065 - taken.central.amount))
    assert net.low.amount == pytest.approx(10_000 * (0.0054 - taken.high.amount))
    assert net.high.amount == pytest.approx(10_000 * (0.0076 - taken.low.amount))
    assert (found.net["polygon"], found.net["solana"]) == (None, None)
    assert found.unknown["polygon"] == "embodied GHG: neither published nor are the nodes known"
    assert "does not state gas" in found.unknown["solana"]
    said = found.to_json()["net_per_year"]
    assert [each["ghg"] is None for each in said] == [each["reason"] is not None for each in said]


def test_baselines_that_cannot_be() -> None:
    with pytest.raises(
        NotFoundError, match="no such baseline; expected one of courier, letter, paper, portal, web; found fax"
    ):
        replaced("fax", 1, 1, "ethereum")
    with pytest.raises(ArithmeticRuleError, match="paper: a baseline without pieces or passports"):
        replaced("paper", 0, 1, "ethereum")


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
