"""Contributions of single rows by hand: units, periods, masses, ties, digits, signs, gaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from row_samples import contribution, direct, factor, passport, stated, sum_rows, total, upstream

from passport.arithmetic import sum_contributions
from passport.arithmetic.quanta import from_text, to_text
from passport.arithmetic.rows import quality_input, recompute_row, stated_contribution, texts_of
from passport.errors import ArithmeticRuleError, UnitError
from passport.exchange.pact import read_footprints
from passport.model.components import COMPONENTS, SUMMED, Place

FOSSIL = "fossilGhgEmissions"
LAND = "landUseChangeGhgEmissions"
REMOVAL = "technologicalCO2Removals"
UPTAKE = "biogenicCO2Uptake"


# --- by hand ---------------------------------------------------------------------------------------------------------


BY_HAND: dict[str, tuple[dict[str, Any], str]] = {
    "emissions as they stand": (direct({FOSSIL: "0.5"}), "0.5"),
    "2 kg at 3 kg/kg": (factor("2", "kilogram", {FOSSIL: "3"}, factor_unit="kilogram"), "6"),
    "2 t at 3 kg/kg": (factor("2", "tonne", {FOSSIL: "3"}, factor_unit="kilogram"), "6000"),
    "5 MJ at 0.4 kg/kWh: 5 / 3.6 x 0.4": (
        factor("5", "megajoule", {FOSSIL: "0.4"}, factor_unit="kilowatt hour"),
        "0.555555555555556",
    ),
    "7.2 MJ at 0.4 kg/kWh: 2 kWh": (
        factor("7.2", "megajoule", {FOSSIL: "0.4"}, factor_unit="kilowatt hour"),
        "0.8",
    ),
    "1 kWh at 0.1 kg/MJ: 3.6 x 0.1": (
        factor("1", "kilowatt hour", {FOSSIL: "0.1"}, factor_unit="megajoule"),
        "0.36",
    ),
    "1 lb at 1 kg/kg": (factor("1", "pound", {FOSSIL: "1"}, factor_unit="kilogram"), "0.45359237"),
    "500 kg km at 62 g/t km": (
        factor("500", "kilogram kilometer", {FOSSIL: "0.062"}, factor_unit="ton kilometer"),
        "0.031",
    ),
    "factor per 1000 kWh": (
        factor("250", "kilowatt hour", {FOSSIL: "40"}, per="1000", factor_unit="kilowatt hour"),
        "10",
    ),
    "nothing used": (factor("0", "kilogram", {FOSSIL: "3"}, factor_unit="kilogram"), "0"),
    "3 pieces": (passport("3", "piece", upstream({FOSSIL: "2"}, "2", unit="piece")), "6"),
    "3 of a dozen declared together": (
        passport("3", "piece", upstream({FOSSIL: "24"}, "24", unit="piece", amount="12")),
        "6",
    ),
    "0.5 kg of pieces of 2.5 kg: a fifth of a piece": (
        passport("0.5", "kilogram", upstream({FOSSIL: "10"}, "10", unit="piece", mass="2.5")),
        "2",
    ),
    "0.5 kg of a dozen that weighs 30 kg": (
        passport("0.5", "kilogram", upstream({FOSSIL: "120"}, "120", unit="piece", amount="12", mass="30")),
        "2",
    ),
    "250 g of a litre that weighs 0.8 kg": (
        passport("250", "gram", upstream({FOSSIL: "3.2"}, "3.2", unit="liter", mass="0.8")),
        "1",
    ),
    "mass against mass ignores the stated mass": (
        passport("2", "tonne", upstream({FOSSIL: "1"}, "1", unit="kilogram", mass="7")),
        "2000",
    ),
    "1/3 kg at 1 kg/kg": (
        factor("1", "kilogram", {FOSSIL: "1"}, per="3", factor_unit="kilogram"),
        "0.333333333333333",
    ),
}


@pytest.mark.parametrize(
    ("row", "expected"),
    BY_HAND.values(),
    ids=BY_HAND,
)
def test_totals_by_hand(row: dict[str, Any], expected: str) -> None:
    assert total(row) == expected


@pytest.mark.parametrize(
    ("row", "declared", "covered", "expected"),
    [
        (direct({FOSSIL: "1200"}, per="period"), "1", "400", "3"),
        (direct({FOSSIL: "1200"}, per="period"), "25", "400", "75"),
        (direct({FOSSIL: "1"}, per="period"), "1", "3", "0.333333333333333"),
        (factor("90", "gigajoule", {FOSSIL: "0.4"}, factor_unit="kilowatt hour"), "1", "1", "10000"),
        (
            passport("10", "tonne", upstream({FOSSIL: "2"}, "2"), per="period"),
            "1",
            "4000",
            "5",
        ),
    ],
)
def test_amounts_per_period_are_shared_by_the_output(
    row: dict[str, Any], declared: str, covered: str, expected: str
) -> None:
    """Declared amount / covered quantity, inside the one rounding."""
    assert total(row, declared=declared, covered=covered) == expected


def test_a_period_is_shared_inside_the_one_rounding() -> None:
    """10^-5 kg / 3 x 3 is exactly 10^-5; rounded in between it would be 0.000009999999999."""
    row = factor("1", "kilogram", {FOSSIL: "0.00001"}, per="3", factor_unit="kilogram")
    row["per"] = "period"
    assert total(row, declared="3", covered="1") == "0.00001"


@pytest.mark.parametrize(
    ("emitted", "covered", "expected"),
    [
        # 1.000000000000001 / 2 = 0.5000000000000005: a tie, to the even 0.500000000000000
        ("1.000000000000001", "2", "0.5"),
        # 1.000000000000003 / 2 = 0.5000000000000015: a tie, to the even 0.500000000000002
        ("1.000000000000003", "2", "0.500000000000002"),
        # 1.000000000000005 / 2 = 0.5000000000000025: a tie, to the even 0.500000000000002
        ("1.000000000000005", "2", "0.500000000000002"),
        # 2 / 3 is no tie
        ("2", "3", "0.666666666666667"),
    ],
)
def test_ties_go_to_the_even_neighbour(emitted: str, covered: str, expected: str) -> None:
    assert total(direct({FOSSIL: emitted}, per="period"), covered=covered) == expected
    removed = contribution(direct({FOSSIL: "9", REMOVAL: f"-{emitted}"}, per="period"), covered=covered)
    assert to_text(removed.components[REMOVAL]) == f"-{expected}"


# --- digits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("emitted", "covered", "found"),
    [
        ("0.000000000000001", "2", "0e-15"),  # would vanish
        ("0.0000000001", "3", "33333e-15"),  # would keep five digits
        ("0.0000000002", "3", "66667e-15"),
        ("0.00000001", "999", None),  # 1.001001e-11 kg: 10010 quanta
    ],
)
def test_a_contribution_that_keeps_too_few_digits_is_refused(emitted: str, covered: str, found: str | None) -> None:
    with pytest.raises(
        ArithmeticRuleError, match="row r: the contribution keeps fewer than six significant digits"
    ) as e:
        total(direct({FOSSIL: emitted}, per="period"), covered=covered)
    assert e.value.hint == "choose a larger declared amount"
    assert found is None or e.value.found == found


@pytest.mark.parametrize(
    ("emitted", "covered", "expected"),
    [
        ("0.000000000000001", "1", "0.000000000000001"),  # tiny, but exact
        ("0.000000000000004", "2", "0.000000000000002"),
        ("0.0000000001", "4", "0.000000000025"),
        ("0.0000000003", "3", "0.0000000001"),
        ("0.0000000005", "3", "0.000000000166667"),  # six digits
        ("0", "3", "0"),
    ],
)
def test_tiny_amounts_that_are_exact_or_have_six_digits_are_allowed(emitted: str, covered: str, expected: str) -> None:
    assert total(direct({FOSSIL: emitted}, per="period"), covered=covered) == expected


def test_the_residue_of_rounding_is_no_amount() -> None:
    """1 + 1 - 2 is nothing, but its thirds, rounded one by one, leave 10^-15 kg that nobody emitted."""
    row = direct({FOSSIL: "1", LAND: "1", REMOVAL: "-2"}, per="period")
    assert total(row, covered="2") == "0"
    with pytest.raises(ArithmeticRuleError, match=r"fewer than six significant digits; .* found -1e-15"):
        total(row, covered="3")


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMPONENTS)
@pytest.mark.parametrize("kind", ["direct", "factor", "passport"])
def test_a_wrong_sign_is_refused_in_every_kind_of_row(name: str, kind: str) -> None:
    right = "1" if COMPONENTS[name].sign > 0 else "-1"
    wrong = "-1" if COMPONENTS[name].sign > 0 else "1"

    def made(amount: str) -> dict[str, Any]:
        components = {FOSSIL: "5", name: amount}
        summed = sum(int(components[each]) for each in SUMMED if each in components)
        rows = {
            "direct": direct(components),
            "factor": factor("1", "piece", components, factor_unit="piece"),
            "passport": passport("1", "kilogram", upstream(components, str(summed))),
        }
        return rows[kind]

    assert to_text(contribution(made(right)).components[name]) == right
    assert to_text(contribution(made("0")).components[name]) == "0"
    with pytest.raises(ArithmeticRuleError, match=f"row r: {name} has the wrong sign"):
        contribution(made(wrong))


@pytest.mark.parametrize(
    ("row", "error", "words"),
    [
        (direct({"co2": "1"}), ArithmeticRuleError, "row r: unknown component; expected one of fossilGhgEmissions"),
        (
            factor("1", "kilogram", {FOSSIL: "1"}, factor_unit="liter"),
            UnitError,
            "row r: kilogram does not convert to liter; expected a unit of volume",
        ),
        (
            factor("-1", "kilogram", {FOSSIL: "1"}, factor_unit="kilogram"),
            ArithmeticRuleError,
            "row r: negative quantity; expected zero or more",
        ),
        (
            factor("1", "kilogram", {FOSSIL: "1"}, per="0", factor_unit="kilogram"),
            ArithmeticRuleError,
            "row r: factor's amount must be more than zero",
        ),
        (
            passport("1", "kilogram", upstream({FOSSIL: "1"}, "1", unit="piece", mass="0")),
            UnitError,
            r"row r: kilogram does not convert to piece; .* \(hint: the upstream passport states no mass",
        ),
        (
            passport("1", "piece", upstream({FOSSIL: "1"}, "1", unit="kilogram", mass="1")),
            UnitError,
            "row r: piece does not convert to kilogram",
        ),
        (
            passport("1", "liter", upstream({FOSSIL: "1"}, "1", unit="piece", mass="1")),
            UnitError,
            "row r: liter does not convert to piece",
        ),
        (
            passport("1", "kilogram", upstream({FOSSIL: "1"}, "1", amount="0")),
            ArithmeticRuleError,
            "row r: factor's amount must be more than zero",
        ),
    ],
)
def test_what_cannot_be_multiplied_is_refused(row: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        contribution(row)


@pytest.mark.parametrize(
    ("declared", "covered", "what"), [("0", "1", "declared amount"), ("1", "0", "covered quantity")]
)
def test_a_period_over_nothing_is_refused(declared: str, covered: str, what: str) -> None:
    with pytest.raises(ArithmeticRuleError, match=f"row r: {what} must be more than zero"):
        contribution(direct({FOSSIL: "1"}, per="period"), declared=declared, covered=covered)


@pytest.mark.parametrize(
    ("document", "total_stated", "unattributed", "expected"),
    [
        ("passport", "3", "0", "2 kg CO2e"),  # more than the components
        ("passport", "1", "0", "2 kg CO2e"),  # less
        ("passport", "3", "1", "2 kg CO2e"),  # ours has no gap of its own, whatever it says is unattributed
        ("imported", "3", "0", "2 kg CO2e"),  # a gap that it does not own up to
        ("imported", "3", "0.5", "2.5 kg CO2e"),
        ("imported", "2", "1", "3 kg CO2e"),
    ],
)
def test_a_copy_whose_total_is_not_the_sum_of_its_parts_is_refused(
    document: str, total_stated: str, unattributed: str, expected: str
) -> None:
    copied = upstream({FOSSIL: "1.5", LAND: "0.5"}, total_stated, unattributed=unattributed, document=document)
    words = "row r: the upstream's components do not add up to its total"
    with pytest.raises(ArithmeticRuleError, match=words) as caught:
        contribution(passport("1", "kilogram", copied))
    assert (caught.value.expected, caught.value.found) == (expected, f"{total_stated} kg CO2e")


# --- what nobody attributes ------------------------------------------------------------------------------------------


def test_a_gap_is_carried_through_three_levels() -> None:
    """An import of 10 with 8 fossil and 1 of land leaves 1 unexplained; 2 of it, half of that, 4 of that: 4 of 48."""
    bought = upstream({FOSSIL: "8", LAND: "1"}, "10", unattributed="1", document="imported")
    first = sum_rows([passport("2", "kilogram", bought), direct({FOSSIL: "3"})])
    assert texts_of(first.components) == {FOSSIL: "21", LAND: "2"}  # 16 + 3 + the gap of 2
    assert (to_text(first.excluding), to_text(first.unattributed)) == ("23", "2")

    second = sum_rows([passport("500", "gram", stated(first)), direct({FOSSIL: "0.5"})])
    assert texts_of(second.components) == {FOSSIL: "11", LAND: "1"}
    assert (to_text(second.excluding), to_text(second.unattributed)) == ("12", "1")

    third = sum_rows([passport("4", "kilogram", stated(second))])
    assert texts_of(third.components) == {FOSSIL: "44", LAND: "4"}
    assert (to_text(third.excluding), to_text(third.unattributed)) == ("48", "4")


def test_gaps_of_several_suppliers_add_up() -> None:
    one = upstream({FOSSIL: "1"}, "1.25", unattributed="0.25", document="imported")
    other = upstream({LAND: "2"}, "3", unattributed="1", document="imported")
    made = sum_rows([passport("2", "kilogram", one), passport("3", "kilogram", other)])
    assert texts_of(made.components) == {FOSSIL: "5.5", LAND: "6"}  # 2 + 0.5 + 3, and 6
    assert (to_text(made.excluding), to_text(made.unattributed)) == ("11.5", "3.5")


def test_a_gap_below_zero_is_rounding_of_the_import_and_is_carried_too() -> None:
    """1.06 + 1.05 = 2.11 beside a total of 2.1: the 0.01 too much is taken off fossil, and said."""
    bought = upstream({FOSSIL: "1.06", LAND: "1.05"}, "2.1", unattributed="-0.01", document="imported")
    made = sum_rows([passport("10", "kilogram", bought)])
    assert texts_of(made.components) == {FOSSIL: "10.5", LAND: "10.5"}
    assert (to_text(made.excluding), to_text(made.unattributed)) == ("21", "-0.1")


@pytest.mark.shared
def test_nothing_of_pacts_own_samples_is_laundered_away(shared: Path) -> None:
    """Each leaves a part of its total unexplained; on output fossil is the sum of fossil and of all gaps."""
    rows, gaps, fossil, totals = [], 0, 0, 0
    for file in sorted((shared / "standards/pact/samples").glob("*.json")):
        for footprint in read_footprints(file.read_bytes()):
            facts = footprint.upstream_facts()
            row = passport("3", facts.declared_unit, facts.copy_for_row())
            made = contribution(row)
            assert (
                made.gap
                == made.unattributed
                == 3 * from_text(facts.footprint.unattributed) // int(footprint.declared_amount)
            )
            rows.append(made)
            gaps += made.gap
            fossil += made.components[FOSSIL]
            totals += made.total
    assert len(rows) >= 8
    assert gaps > 0

    made_of_all = sum_contributions(rows)
    assert made_of_all.components[FOSSIL] == fossil + gaps
    assert made_of_all.unattributed == gaps
    assert made_of_all.excluding == totals


# --- sums ------------------------------------------------------------------------------------------------------------


def test_totals_by_pacts_sum_rule() -> None:
    """Every component once: "of which" and outside fields are carried and never added; uptake only in one total."""
    amounts = {name: str(component.sign * (index + 1)) for index, (name, component) in enumerate(COMPONENTS.items())}
    made = sum_rows([direct(amounts), direct(amounts)])
    assert texts_of(made.components) == {name: str(2 * int(amount)) for name, amount in amounts.items()}
    # 2 x (1 + 2 + 3 - 4 - 5 - 6 + 7) and then 2 x -8
    assert (to_text(made.excluding), to_text(made.including)) == ("-4", "-20")
    assert [name for name, each in COMPONENTS.items() if each.place is Place.OUTSIDE] == list(amounts)[-2:]


def test_unknown_is_not_zero_and_fossil_is_always_stated() -> None:
    made = sum_rows([direct({LAND: "1"})])
    assert texts_of(made.components) == {FOSSIL: "0", LAND: "1"}
    assert list(made.components) == [FOSSIL, LAND]


def test_gross_counts_removals_as_much_as_emissions() -> None:
    made = sum_rows([direct({FOSSIL: "5"}), direct({REMOVAL: "-3", FOSSIL: "1"})])
    assert (to_text(made.excluding), to_text(made.gross)) == ("3", "7")


def test_no_rows_are_nothing() -> None:
    made = sum_rows([])
    assert (made.components, made.excluding, made.including, made.unattributed, made.gross) == ({FOSSIL: 0}, 0, 0, 0, 0)


# --- what a row brings to the means ----------------------------------------------------------------------------------

RATED = {"technological": "1", "geographical": "2", "temporal": "3"}


@pytest.mark.parametrize(
    ("row", "share", "first_rating"),
    [
        (direct({FOSSIL: "1"}, known="measured"), "100", "5"),
        (direct({FOSSIL: "1"}, known="calculated", dataQuality=RATED), "100", "1"),
        (direct({FOSSIL: "1"}, known="estimated"), "0", "5"),
        (direct({FOSSIL: "1"}, known="default"), "0", "5"),
        (factor("1", "piece", {FOSSIL: "1"}, factor_unit="piece", dataQuality=RATED), "0", "1"),
        (passport("1", "kilogram", upstream({FOSSIL: "1"}, "1") | {"primaryDataShare": "36"}), "36", "5"),
        (passport("1", "kilogram", upstream({FOSSIL: "1"}, "1")), "0", "5"),
        (
            passport("1", "kilogram", upstream({FOSSIL: "1"}, "1") | {"primaryDataShare": "36"}, known="estimated"),
            "0",
            "5",
        ),
        (
            passport("1", "kilogram", upstream({FOSSIL: "1"}, "1") | {"dataQuality": RATED}, dataQuality={"x": "y"}),
            "0",
            "1",
        ),
    ],
)
def test_primary_is_what_rests_on_primary_activity_and_primary_factor(
    row: dict[str, Any], share: str, first_rating: str
) -> None:
    """PACT 4.2.2; ratings are those of the emission factor or of the supplier, never of the activity."""
    made = quality_input(row, contribution(row))
    assert (to_text(made.weight), to_text(made.primary_share), to_text(made.ratings[0])) == ("1", share, first_rating)


def test_a_primary_factor_counts_in_full() -> None:
    row = factor("1", "piece", {FOSSIL: "1"}, factor_unit="piece")
    row["factor"]["primary"] = True
    assert to_text(quality_input(row, contribution(row)).primary_share) == "100"


def test_a_removal_weighs_as_much_as_an_emission() -> None:
    row = direct({REMOVAL: "-2", FOSSIL: "0"})
    assert to_text(quality_input(row, contribution(row)).weight) == "2"


def test_what_a_row_claims_is_read_and_not_looked_at_when_it_is_redone() -> None:
    row = direct({FOSSIL: "1"})
    row["contribution"] = {"components": {FOSSIL: "999"}, "total": "999", "unattributed": "7"}
    assert to_text(recompute_row(row, from_text("1"), from_text("1")).total) == "1"
    claimed = stated_contribution(row)
    assert (to_text(claimed.total), to_text(claimed.unattributed)) == ("999", "7")
    assert texts_of(claimed.components) == {FOSSIL: "999"}
