"""Whole trees by a second road: written here in fractions, from the rules alone, and compared with the library's."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from row_samples import contribution, direct, factor, passport, stated, sum_rows, upstream

from passport.arithmetic import Totals, sum_contributions
from passport.arithmetic.quanta import ONE, to_text
from passport.errors import ArithmeticRuleError

# The rules, typed in once more (PACT 3.0, note on the sum rule), so that a slip in the library's table shows.
ADDED = (
    "fossilGhgEmissions",
    "landUseChangeGhgEmissions",
    "landManagementBiogenicCO2Emissions",
    "landManagementBiogenicCO2Removals",
    "technologicalCO2Removals",
    "ccsTechnologicalCO2Capture",
    "biogenicNonCO2Emissions",
)
BELOW_ZERO = {
    "landManagementBiogenicCO2Removals",
    "technologicalCO2Removals",
    "ccsTechnologicalCO2Capture",
    "biogenicCO2Uptake",
}
CARRIED = (*ADDED, "biogenicCO2Uptake", "packagingGhgEmissions", "landAreaOccupation")
KG = {"kilogram": Fraction(1), "gram": Fraction(1, 1000), "tonne": Fraction(1000), "pound": Fraction("0.45359237")}
GRAIN = Fraction(1, 10**15)


@dataclass(frozen=True)
class Leaf:
    """An imported footprint, with a gap."""

    components: Mapping[str, Fraction]
    gap: Fraction
    declared: Fraction


@dataclass(frozen=True)
class Use:
    """How much of which product below."""

    child: int
    quantity: Fraction
    unit: str
    per_period: bool


@dataclass(frozen=True)
class Product:
    """Emissions of its own, and what it is made of."""

    own: Mapping[str, Fraction]
    own_per_period: bool
    uses: Sequence[Use]
    declared: Fraction
    covered: Fraction


@dataclass
class Footprint:
    """What the second road finds."""

    components: dict[str, Fraction] = field(default_factory=dict)
    total: Fraction = Fraction()
    unattributed: Fraction = Fraction()


class TooFewDigitsError(Exception):
    """A contribution that must be refused."""


def grains(exact: Fraction) -> Fraction:
    """To 15 decimals, half to even."""
    return Fraction(round(exact / GRAIN)) * GRAIN


def added(components: Mapping[str, Fraction]) -> Fraction:
    return sum((components.get(name, Fraction()) for name in ADDED), Fraction())


def add_row(into: Footprint, below: Footprint, ratio: Fraction) -> None:
    """One row: every component rounded once, the gap made fossil, and what is not attributed carried along."""
    gap = below.total - added(below.components)
    row = {name: grains(ratio * amount) for name, amount in below.components.items()}
    row_total = added(row) + grains(ratio * gap)
    if abs(row_total) < Fraction(1, 10**10) and row_total != ratio * below.total:
        raise TooFewDigitsError
    for name, amount in row.items():
        into.components[name] = into.components.get(name, Fraction()) + amount
    into.components[ADDED[0]] = into.components.get(ADDED[0], Fraction()) + grains(ratio * gap)
    into.unattributed += grains(ratio * below.unattributed)
    into.total = added(into.components)


def second_road(world: Sequence[Leaf | Product]) -> list[Footprint]:
    """Every product's footprint, from the rules."""
    found: list[Footprint] = []
    for node in world:
        if isinstance(node, Leaf):
            found.append(Footprint(dict(node.components), added(node.components) + node.gap, node.gap))
            continue
        made = Footprint({ADDED[0]: Fraction()})
        share = node.declared / node.covered
        add_row(made, Footprint(dict(node.own), added(node.own)), share if node.own_per_period else Fraction(1))
        for use in node.uses:
            child = world[use.child]
            ratio = use.quantity * KG[use.unit] / child.declared * (share if use.per_period else 1)
            add_row(made, found[use.child], ratio)
        found.append(made)
    return found


def text(value: Fraction) -> str:
    """An exact decimal as documents write it."""
    quanta = value / GRAIN
    assert quanta.denominator == 1
    return to_text(quanta.numerator)


def rows_of(world: Sequence[Leaf | Product], node: Product, below: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that an issuer would write."""
    own = {name: text(amount) for name, amount in node.own.items()}
    made = [direct(own, per="period" if node.own_per_period else "declaredUnit")]
    for use in node.uses:
        per = "period" if use.per_period else "declaredUnit"
        made.append(passport(text(use.quantity), use.unit, below[use.child], per=per))
    return made


def first_road(world: Sequence[Leaf | Product]) -> list[Totals | None]:
    """Every product's footprint by the library, each document read from the text of those below it."""
    documents: list[dict[str, Any]] = []
    found: list[Totals | None] = []
    for node in world:
        if isinstance(node, Leaf):
            components = {name: text(amount) for name, amount in node.components.items()}
            total = text(added(node.components) + node.gap)
            amount = text(node.declared)
            documents.append(
                upstream(components, total, unattributed=text(node.gap), amount=amount, document="imported")
            )
            found.append(None)
            continue
        rows = rows_of(world, node, documents)
        made = sum_rows(rows, declared=text(node.declared), covered=text(node.covered))
        documents.append(stated(made, amount=text(node.declared)))
        found.append(made)
    return found


def thousandths(low: int, high: int) -> st.SearchStrategy[Fraction]:
    return st.integers(low, high).map(lambda value: Fraction(value, 1000))


@st.composite
def emissions(draw: st.DrawFn) -> dict[str, Fraction]:
    """Fossil and some others, each with its sign, more emitted than removed."""
    names = draw(st.sets(st.sampled_from(CARRIED[1:]), max_size=4))
    made = {ADDED[0]: draw(thousandths(5000, 9_999_999))}
    for name in sorted(names):
        amount = draw(thousandths(0, 1000))
        made[name] = -amount if name in BELOW_ZERO else amount
    return made


@st.composite
def worlds(draw: st.DrawFn) -> list[Leaf | Product]:
    """Products that use any of those before them: chains, diamonds, one product used several times, and imports."""
    world: list[Leaf | Product] = []
    for number in range(draw(st.integers(2, 7))):
        if number == 0 or draw(st.integers(0, 3)) == 0:
            world.append(Leaf(draw(emissions()), draw(thousandths(0, 3000)), draw(thousandths(1, 5000))))
            continue
        uses = [
            Use(
                draw(st.integers(0, number - 1)),
                draw(thousandths(0, 4000)),
                draw(st.sampled_from(sorted(KG))),
                draw(st.booleans()),
            )
            for _ in range(draw(st.integers(0, 4)))
        ]
        own = draw(emissions())
        world.append(Product(own, draw(st.booleans()), uses, draw(thousandths(1, 5000)), draw(thousandths(1, 9000))))
    return world


def digits(footprint: Footprint) -> bool:
    """Whether everything fits into 15 digits before the point."""
    amounts = (footprint.total, footprint.unattributed, *footprint.components.values())
    return all(abs(amount) < 10**15 for amount in amounts)


@given(worlds())
def test_both_roads_lead_to_the_same_footprints(world: list[Leaf | Product]) -> None:
    try:
        expected = second_road(world)
    except TooFewDigitsError:
        with pytest.raises(ArithmeticRuleError, match="fewer than six significant digits"):
            first_road(world)
        return
    assume(all(map(digits, expected)))
    for footprint, made in zip(expected, first_road(world), strict=True):
        if made is None:
            continue
        assert {name: Fraction(amount, ONE) for name, amount in made.components.items()} == footprint.components
        assert Fraction(made.excluding, ONE) == footprint.total
        assert Fraction(made.unattributed, ONE) == footprint.unattributed
        uptake = footprint.components.get("biogenicCO2Uptake", Fraction())
        assert Fraction(made.including, ONE) == footprint.total + uptake


@given(worlds())
def test_nothing_grows_or_vanishes_on_the_way(world: list[Leaf | Product]) -> None:
    """Without any rounding the totals are the same but for the roundings: half a grain for each amount, multiplied."""
    exact: list[tuple[Fraction, Fraction, Fraction]] = []  # total, unattributed, and how far they may be off
    for node in world:
        if isinstance(node, Leaf):
            exact.append((added(node.components) + node.gap, node.gap, Fraction()))
            continue
        share = node.declared / node.covered
        total = added(node.own) * (share if node.own_per_period else 1)
        unattributed, off = Fraction(), 5 * GRAIN
        for use in node.uses:
            ratio = use.quantity * KG[use.unit] / world[use.child].declared * (share if use.per_period else 1)
            total += ratio * exact[use.child][0]
            unattributed += ratio * exact[use.child][1]
            off += ratio * exact[use.child][2] + 5 * GRAIN
        exact.append((total, unattributed, off))
    try:
        made = second_road(world)
        assume(all(map(digits, made)))
        found = first_road(world)
    except (TooFewDigitsError, ArithmeticRuleError):
        assume(False)
    for (total, unattributed, off), totals in zip(exact, found, strict=True):
        if totals is not None:
            assert abs(Fraction(totals.excluding, ONE) - total) <= off
            assert abs(Fraction(totals.unattributed, ONE) - unattributed) <= off


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_and_they_sum_to_the_total(
    world: list[Leaf | Product], shuffle: random.Random
) -> None:
    node = world[-1]
    assume(isinstance(node, Product))
    documents = [
        upstream({"fossilGhgEmissions": "2", "technologicalCO2Removals": "-0.5"}, "1.5", amount=text(each.declared))
        for each in world
    ]
    rows = rows_of(world, node, documents)  # type: ignore[arg-type]  # the assumption above
    declared, covered = text(node.declared), text(node.covered)  # type: ignore[union-attr]
    try:
        parts = [contribution(row, declared=declared, covered=covered) for row in rows]
    except ArithmeticRuleError:
        assume(False)
    whole = sum_contributions(parts)
    shuffle.shuffle(parts)
    assert sum_contributions(parts) == whole
    assert list(sum_contributions(parts).components) == list(whole.components)
    assert sum(part.total for part in parts) == whole.excluding
    assert sum(part.unattributed for part in parts) == whole.unattributed
    assert sum(abs(part.total) for part in parts) == whole.gross
    for name in whole.components:
        gaps = sum(part.gap for part in parts) if name == ADDED[0] else 0
        assert sum(part.components.get(name, 0) for part in parts) + gaps == whole.components[name]


@given(emissions(), thousandths(1, 10**9), st.integers(2, 10**6), thousandths(1, 9000))
def test_a_contribution_is_linear_in_the_quantity_up_to_its_rounding(
    components: dict[str, Fraction], quantity: Fraction, times: int, declared: Fraction
) -> None:
    below = upstream(
        {name: text(amount) for name, amount in components.items()},
        text(added(components)),
        amount=text(declared),
    )
    once = contribution(passport(text(quantity), "kilogram", below))
    often = contribution(passport(text(quantity * times), "kilogram", below))
    for name in components:
        assert abs(times * once.components[name] - often.components[name]) <= Fraction(times + 1, 2)
    assert abs(times * once.total - often.total) <= Fraction(times + 1, 2) * len(components)


@given(emissions(), st.sampled_from(sorted(KG)), thousandths(1, 10**6))
def test_the_unit_that_is_chosen_changes_nothing(
    components: dict[str, Fraction], unit: str, kilograms: Fraction
) -> None:
    below = upstream({name: text(amount) for name, amount in components.items()}, text(added(components)))
    quantity = kilograms / KG[unit]
    assume((quantity / GRAIN).denominator == 1)
    assert contribution(passport(text(quantity), unit, below)) == contribution(
        passport(text(kilograms), "kilogram", below)
    )


def test_a_chain_of_a_thousand_levels_reaches_its_limit_exactly() -> None:
    """Each level adds 1 kg and passes a third on: 1 / (1 - 1/3) = 1.5 kg in the limit."""
    document = stated(sum_rows([direct({"fossilGhgEmissions": "1"})]))
    for _ in range(1000):
        rows = [direct({"fossilGhgEmissions": "1"}), factor_of_third(document)]
        document = stated(sum_rows(rows))
    assert document["total"] == "1.5"


def factor_of_third(document: Mapping[str, Any]) -> dict[str, Any]:
    """A third of a declared amount: 1 kg of what is declared for 3."""
    return passport("1", "kilogram", dict(document) | {"declaredAmount": "3", "massPerDeclaredUnit": "3"})


def test_products_are_exact_where_a_decimal_context_is_not() -> None:
    """9 digits before and 15 after the point, twice: the product is exact before it is rounded once."""
    wide = "123456789.123456789123457"
    row = factor(wide, "kilogram", {"fossilGhgEmissions": "987654.321987654321989"}, factor_unit="kilogram")
    exact = Fraction(Decimal(wide)) * Fraction(Decimal("987654.321987654321989"))
    made = contribution(row).total
    assert made == round(exact * ONE)
    assert made != int(Decimal(wide) * Decimal("987654.321987654321989") * ONE), "28 digits are not enough"
