"""A statement's uncertainty out of its rows: by hand, by properties, and what must not be said."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from passport.arithmetic.contribution import Contribution
from passport.arithmetic.quanta import ONE
from passport.arithmetic.uncertainty import MAX_PERCENT, agrees, check_spread, combined_uncertainty
from passport.errors import ArithmeticRuleError
from passport.model.inputs import SPREAD_RANGE, Uncertainty

FACTOR = {"name": "grid", "source": {"name": "ember", "version": "1"}, "year": 2024, "geography": "CN"}


def spread(distribution: str, amount: str) -> dict[str, str]:
    """How far an input is off."""
    return {"distribution": distribution, "spread": amount}


def upstream(digest: str, stated: dict[str, str] | None = None, *, document: str = "passport") -> dict[str, Any]:
    """What a row copies of an upstream document, as far as uncertainty goes."""
    copied: dict[str, Any] = {"digest": digest, "document": document}
    if stated:
        copied["uncertainty"] = {"coveredPercent": "100", **stated}
    return copied


def of(*rows: tuple[float | int, dict[str, Any]]) -> dict[str, str] | None:
    """What rows with these totals (kg CO2e) and members give."""
    made = [{"id": f"row-{number}", "kind": "direct", **row} for number, (_, row) in enumerate(rows)]
    contributions = [Contribution({}, int(Fraction(total) * ONE), 0) for total, _ in rows]
    return combined_uncertainty(made, contributions)


def gsd(*logarithms: float) -> str:
    """Six digits of exp of the square root of a sum of squares."""
    return f"{Decimal(repr(math.exp(math.hypot(*logarithms)))):.6g}".rstrip("0").rstrip(".")


def test_nothing_stated_says_nothing() -> None:
    """Unknown is not zero: no object, rather than one with no spread."""
    assert of((1, {}), (2, {})) is None


def test_one_lognormal_input_is_its_own_spread() -> None:
    """All of the total is one input with GSD 1.2: the footprint has GSD 1.2, around the median."""
    assert of((5, {"uncertainty": spread("lognormal", "1.2")})) == {
        "method": "first-order",
        "distribution": "lognormal",
        "amountIs": "median",
        "spread": "1.2",
        "coveredPercent": "100",
        "upstreamVariancePercent": "0",
    }


def test_independent_inputs_add_their_squares() -> None:
    """3 of 4 with GSD 1.2, 1 of 4 with GSD 2: ln GSD = sqrt((0.75 ln 1.2)^2 + (0.25 ln 2)^2) = 0.220741, so 1.247."""
    found = of((3, {"uncertainty": spread("lognormal", "1.2")}), (1, {"uncertainty": spread("lognormal", "2")}))
    assert found is not None
    assert found["spread"] == gsd(0.75 * math.log(1.2), 0.25 * math.log(2)) == "1.247"


def test_normal_inputs_stay_normal() -> None:
    """3 +- 10 % and 1 +- 40 %: sqrt(0.3^2 + 0.4^2) / 4 = 12.5 %."""
    found = of((3, {"uncertainty": spread("normal", "10")}), (1, {"uncertainty": spread("normal", "40")}))
    assert found is not None
    assert (found["distribution"], found["amountIs"], found["spread"]) == ("normal", "mean", "12.5")


def test_a_normal_input_among_lognormal_ones_counts_by_its_variation() -> None:
    """Its logarithm's variance is ln(1 + v^2): 30 % counts like GSD 1.341."""
    found = of((1, {"uncertainty": spread("lognormal", "1.2")}), (1, {"uncertainty": spread("normal", "30")}))
    assert found is not None
    assert found["spread"] == gsd(math.log(1.2) / 2, math.sqrt(math.log1p(0.09)) / 2)


def test_what_is_not_stated_lowers_the_cover_not_the_spread() -> None:
    """1 of 4 stated: a quarter is covered, and the spread is what that quarter makes of the whole."""
    found = of((1, {"uncertainty": spread("lognormal", "1.5")}), (3, {}))
    assert found is not None
    assert found["coveredPercent"] == "25"
    assert found["spread"] == gsd(0.25 * math.log(1.5))


def test_removals_count_in_the_gross_that_is_covered() -> None:
    """3 emitted, 1 removed without a spread: 3 / 4 of the gross is covered."""
    found = of((3, {"uncertainty": spread("lognormal", "1.1")}), (-1, {}))
    assert found is not None
    assert found["coveredPercent"] == "75"
    assert found["spread"] == gsd(1.5 * math.log(1.1))


def test_a_supplier_used_twice_is_one_supplier() -> None:
    """Two rows of one passport: (a + b)^2 rather than a^2 + b^2; two passports: a^2 + b^2."""
    stated = spread("lognormal", "1.2")
    same = of(
        (1, {"kind": "passport", "upstream": upstream("uA", stated)}),
        (1, {"kind": "passport", "upstream": upstream("uA", stated)}),
    )
    apart = of(
        (1, {"kind": "passport", "upstream": upstream("uA", stated)}),
        (1, {"kind": "passport", "upstream": upstream("uB", stated)}),
    )
    assert same is not None
    assert apart is not None
    assert same["spread"] == "1.2"
    assert apart["spread"] == gsd(math.log(1.2) / 2, math.log(1.2) / 2)
    assert same["upstreamVariancePercent"] == apart["upstreamVariancePercent"] == "100"


def test_quantity_and_passport_are_two_unknowns() -> None:
    """Quantity GSD 1.1 and passport GSD 1.2: squares add, and the upstream's part is ln^2 1.2 of the sum."""
    row = {"kind": "passport", "uncertainty": spread("lognormal", "1.1")}
    found = of((7, row | {"upstream": upstream("uA", spread("lognormal", "1.2") | {"coveredPercent": "80"})}))
    assert found is not None
    assert found["spread"] == gsd(math.log(1.1), math.log(1.2))
    share = 100 * math.log(1.2) ** 2 / (math.log(1.1) ** 2 + math.log(1.2) ** 2)
    assert float(found["upstreamVariancePercent"]) == pytest.approx(share, abs=1e-6)
    assert found["coveredPercent"] == "80"


def test_a_quantity_alone_covers_nothing_of_a_passport() -> None:
    """Who knows the quantity does not know the footprint; of an imported one the estimate is the issuer's own."""
    row = {"kind": "passport", "uncertainty": spread("normal", "5")}
    passport, imported = (
        of((1, row | {"upstream": upstream("uA")})),
        of((1, row | {"upstream": upstream("uA", document="imported")})),
    )
    assert passport is not None
    assert imported is not None
    assert (passport["spread"], passport["coveredPercent"]) == ("5", "0")
    assert (imported["spread"], imported["coveredPercent"]) == ("5", "100")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, math.log(1.2)),
        ({"year": 2023}, math.hypot(math.log(1.2) / 2, math.log(1.2) / 2)),
        ({"geography": "DE"}, math.hypot(math.log(1.2) / 2, math.log(1.2) / 2)),
        ({"source": {"name": "ember", "version": "2"}}, math.hypot(math.log(1.2) / 2, math.log(1.2) / 2)),
    ],
    ids=["the same", "another year", "another place", "another version"],
)
def test_a_factor_used_twice_is_one_unknown(change: dict[str, Any], expected: float) -> None:
    """One grid factor in two rows is off in both alike; another year, place or version is another factor."""
    row = {"kind": "factor", "uncertainty": spread("lognormal", "1.2")}
    found = of((1, row | {"factor": FACTOR}), (1, row | {"factor": {**FACTOR, **change}}))
    assert found is not None
    assert found["spread"] == gsd(expected)


def test_rows_of_one_electricity_input_are_one_unknown() -> None:
    """Two instruments cover one input: its spread is one; what is linked by factor and by input is linked."""

    def row(name: str, year: int) -> dict[str, Any]:
        return {
            "kind": "factor",
            "factor": {**FACTOR, "year": year},
            "electricity": {"input": name},
            "uncertainty": spread("lognormal", "1.2"),
        }

    found = of((1, row("hall", 2023)), (1, row("hall", 2024)), (2, row("oven", 2024)))
    assert found is not None
    assert found["spread"] == "1.2"


def test_a_credit_by_the_same_factor_does_not_cancel_its_spread() -> None:
    """3 used and 1 credited by one factor: sqrt(3^2 + 1^2) / 2, not (3 - 1) / 2; it may cross zero, so it is normal."""
    row = {"kind": "factor", "factor": FACTOR, "uncertainty": spread("normal", "10")}
    found = of((3, row), (-1, row))
    assert found is not None
    assert (found["distribution"], found["spread"]) == ("normal", "15.8114")
    lognormal = row | {"uncertainty": spread("lognormal", "1.1")}
    mixed = of((3, lognormal), (-1, lognormal))
    assert mixed is not None
    variation = math.sqrt(math.expm1(math.log(1.1) ** 2))
    assert mixed["distribution"] == "normal"
    assert float(mixed["spread"]) == pytest.approx(100 * variation * math.sqrt(10) / 2, rel=1e-5)


def test_a_total_near_zero_says_a_percentage_or_nothing() -> None:
    """A GSD above 1000 becomes a percentage, a percentage above 1e9 nothing; neither does a total of zero."""
    wide = {"uncertainty": spread("lognormal", "2")}
    found = of((100, wide), (-99, {}))
    assert found is not None
    assert found["distribution"] == "normal"
    assert float(found["spread"]) == pytest.approx(1e4 * math.sqrt(math.expm1(math.log(2) ** 2)), rel=1e-5)
    assert of((10**12, wide), (1 - 10**12, {})) is None
    assert of((1, wide), (-1, {})) is None


def test_extremes_are_written_as_amounts() -> None:
    """Spreads from nearly nothing to the largest keep to 15 digits on each side of the point."""
    smallest = of((1, {"uncertainty": spread("normal", "0.000000000000001")}), (10**9, {}))
    assert smallest is not None
    assert smallest["spread"] == "0"
    largest = of((1, {"uncertainty": spread("normal", str(MAX_PERCENT))}))
    assert largest is not None
    assert largest["spread"] == "1000000000"
    widest = of((1, {"uncertainty": spread("lognormal", "1000")}))
    assert widest is not None
    assert widest["spread"] == "1000"


spreads = st.one_of(
    st.integers(1000, 3000).map(lambda k: spread("lognormal", _text(k))),
    st.integers(1, 90_000).map(lambda k: spread("normal", _text(k))),
)


def _text(thousandths: int) -> str:
    return (
        f"{Decimal(thousandths) / 1000:f}".rstrip("0").rstrip(".") if thousandths % 1000 else str(thousandths // 1000)
    )


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.none() | spreads), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_order_and_unit_do_not_matter(rows: list[tuple[int, dict[str, str] | None]], random: Any) -> None:
    """Rows in another order, or all totals in another unit, say the same."""
    made = [(total, {"uncertainty": stated} if stated else {}) for total, stated in rows]
    found = of(*made)
    shuffled = list(made)
    random.shuffle(shuffled)
    assert agrees(of(*shuffled), found)
    assert of(*((total * 1000, row) for total, row in made)) == found


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1001, 3000)), min_size=1, max_size=8))
def test_floating_point_gives_the_same(rows: list[tuple[int, int]]) -> None:
    """The formula in float64 by a second road."""
    found = of(*((total, {"uncertainty": spread("lognormal", _text(k))}) for total, k in rows))
    assert found is not None
    whole = sum(total for total, _ in rows)
    sigma = math.sqrt(sum((total / whole * math.log(k / 1000)) ** 2 for total, k in rows))
    assert float(found["spread"]) == pytest.approx(math.exp(sigma), rel=1e-5)


@given(st.integers(1001, 2000), st.integers(1001, 2000), st.integers(1, 99))
def test_handing_a_passport_on_changes_nothing(one: int, other: int, part: int) -> None:
    """A product made of one passport alone is as uncertain as it is, up to the sixth digit."""
    first = of(
        (part, {"uncertainty": spread("lognormal", _text(one))}),
        (100 - part, {"uncertainty": spread("lognormal", _text(other))}),
    )
    assert first is not None
    row = {"kind": "passport", "upstream": {"digest": "uA", "document": "passport", "uncertainty": first}}
    again = of((7, row))
    assert agrees(again, {**first, "upstreamVariancePercent": "100"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spread", "1.19998"),
        ("spread", "1.20002"),
        ("coveredPercent", "99.99999"),
        ("upstreamVariancePercent", "1"),
        ("distribution", "normal"),
        ("amountIs", "mean"),
        ("method", "guess"),
    ],
)
def test_what_differs_is_another_statement(name: str, value: str) -> None:
    """Beyond one unit in the last digit of each number."""
    found = of((5, {"uncertainty": spread("lognormal", "1.2")}))
    assert found is not None
    assert agrees(found, found)
    assert agrees({**found, "spread": "1.20001"}, found)
    assert not agrees({**found, name: value}, found)
    assert not agrees(None, found)
    assert not agrees(found, None)


@pytest.mark.parametrize(
    ("distribution", "amount", "words"),
    [
        ("lognormal", "0.9", "row row-0: a geometric standard deviation out of range; expected 1 to 1000; found 0.9"),
        ("lognormal", "1000.1", "row row-0: a geometric standard deviation out of range"),
        ("normal", "1000000001", "row row-0: a relative standard deviation, percent, out of range"),
    ],
)
def test_a_spread_that_is_none_is_refused(distribution: str, amount: str, words: str) -> None:
    """In a row as in an inventory."""
    with pytest.raises(ArithmeticRuleError) as error:
        of((1, {"uncertainty": spread(distribution, amount)}))
    assert str(error.value).startswith(words)
    with pytest.raises(ValueError, match=rf"a {distribution} spread is"):
        Uncertainty.model_validate(spread(distribution, amount))


@given(st.sampled_from(sorted(SPREAD_RANGE)), st.decimals(0, 10**10, places=3))
def test_inventory_and_arithmetic_take_the_same_spreads(distribution: str, amount: Decimal) -> None:
    """What the one refuses the other does."""
    assume(amount > 0)
    try:
        check_spread(distribution, amount)
        is_taken = True
    except ArithmeticRuleError:
        is_taken = False
    low, high = SPREAD_RANGE[distribution]
    assert is_taken == (low <= amount <= high)


@pytest.mark.parametrize(
    "name", ["Grid", " gr id", "gr\N{ZERO WIDTH SPACE}id", "grid.", "\N{FULLWIDTH LATIN SMALL LETTER G}rid"]
)
def test_another_spelling_of_a_factor_is_the_same_unknown(name: str) -> None:
    """Halves of one factor are off together: apart, GSD 2 would come out as 1.63."""
    rows = [
        (1, {"kind": "factor", "factor": {**FACTOR, "name": each}, "uncertainty": spread("lognormal", "2")})
        for each in ("grid", name)
    ]
    found = of(*rows)
    assert found is not None
    assert found["spread"] == "2"
