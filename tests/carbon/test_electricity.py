"""Electricity by location and by market, the grid's averages as published, and what is spent twice."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.carbon.electricity import (
    Coverage,
    MatchingRule,
    Use,
    both_totals,
    check_covered_in_time,
    check_period,
    cover,
    grid_countries,
    grid_intensity,
    instrument_key,
    matched_period,
    overspent,
)
from passport.errors import ArithmeticRuleError

F = Fraction
YEAR_2024 = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))


@pytest.mark.shared
def test_every_grid_average_is_the_published_one(shared: Path) -> None:
    """Ember through Our World in Data; the one country that is given as zero is unknown, and left out."""
    with (shared / "data/grid/owid_ember_generation_mix.csv").open() as file:
        rows = list(csv.DictReader(file))
    published = sorted((int(row["year"]), Decimal(row["g_co2e_per_kwh"]) / 1000) for row in rows)
    ours = [grid_intensity(country, 2100) for country in grid_countries()]
    unknown = [(2022, Decimal(0))]
    assert sorted([(each.year, each.kg_co2e_per_kwh) for each in ours] + unknown) == published
    codes = {"DEU": "DE", "CHN": "CN", "SWE": "SE", "USA": "US", "POL": "PL", "CHE": "CH", "AUT": "AT", "AUS": "AU"}
    for row in rows:
        if row["iso3"] in codes:
            found = grid_intensity(codes[row["iso3"]], int(row["year"]))
            assert found.kg_co2e_per_kwh * 1000 == Decimal(row["g_co2e_per_kwh"])


@pytest.mark.shared
def test_another_release_of_the_same_source_is_near(shared: Path) -> None:
    """Ember's averages as another collection has them, of other years: most countries within a quarter."""
    with (shared / "data/grid/ember_average_gCO2e_per_kWh.csv").open() as file:
        other = {row["iso3_or_region"]: Decimal(row["g_co2e_per_kwh"]) for row in csv.DictReader(file)}
    pairs = [("DE", "DEU"), ("CN", "CHN"), ("SE", "SWE"), ("US", "USA"), ("FR", "FRA"), ("IN", "IND"), ("PL", "POL")]
    for ours, theirs in pairs:
        assert abs(grid_intensity(ours, 2100).kg_co2e_per_kwh * 1000 / other[theirs] - 1) < Decimal("0.3")


def test_a_grid_average_says_where_it_is_from() -> None:
    found = grid_intensity("SE", 2025)
    assert found.licence == "CC-BY-4.0"
    assert found.citation.startswith("Ember, Yearly Electricity Data")
    assert found.url.startswith("https://")
    assert "Lifecycle" in found.basis


@pytest.mark.parametrize(
    ("country", "year", "reason"),
    [
        ("DE", 1999, "no grid average of this country and year; expected a year from 20"),
        ("CF", 2025, "expected an ISO 3166-1 alpha-2 code that is listed; found CF 2025"),
        ("DEU", 2025, "state the factor yourself"),
    ],
)
def test_an_average_that_is_not_known_is_refused(country: str, year: int, reason: str) -> None:
    with pytest.raises(ArithmeticRuleError, match=reason):
        grid_intensity(country, year)


def test_by_location_and_by_market() -> None:
    """1000 kWh at 0.4; 600 of wind at 0.01, the rest at a residual mix of 0.7: 400, and 6 + 280 = 286."""
    found = both_totals(F(1000), grid=F("0.4"), instruments=[(F(600), F("0.01"))], rest=F("0.7"))
    assert (found.location_kg_co2e, found.market_kg_co2e) == (400, 286)


def test_all_covered_needs_no_residual_mix() -> None:
    found = both_totals(F(10), grid=F("0.4"), instruments=[(F(4), F(0)), (F(6), F("0.1"))], rest=None)
    assert (found.location_kg_co2e, found.market_kg_co2e) == (4, F("0.6"))


def test_what_is_left_without_a_factor_is_refused() -> None:
    with pytest.raises(ArithmeticRuleError, match=r"no factor for what no instrument covers; .*unknown is not zero"):
        both_totals(F(10), grid=F("0.4"), instruments=[(F(4), F(0))], rest=None)


def test_more_covered_than_used_is_refused() -> None:
    with pytest.raises(ArithmeticRuleError, match=r"more electricity than is used; expected at most 10; found 10\.5"):
        cover(F(10), [F(10), F("0.5")])


@pytest.mark.parametrize(("used", "covered"), [(-1, []), (5, [-1])])
def test_negative_quantities_are_refused(used: int, covered: list[int]) -> None:
    with pytest.raises(ArithmeticRuleError, match="a negative quantity of electricity"):
        cover(F(used), [F(each) for each in covered])


@pytest.mark.parametrize(
    ("start", "end"), [((2023, 1, 1), (2024, 1, 1)), ((2025, 1, 1), (2026, 1, 1)), ((2020, 5, 1), (2020, 6, 1))]
)
def test_an_instrument_of_another_time_is_refused(start: tuple[int, int, int], end: tuple[int, int, int]) -> None:
    issued_for = (datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC))
    with pytest.raises(ArithmeticRuleError, match="for electricity of another time; expected a period that meets 2024"):
        check_period(issued_for, YEAR_2024)


def test_an_instrument_of_the_same_time_is_taken() -> None:
    check_period((datetime(2024, 12, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)), YEAR_2024)


def test_a_rule_of_the_market_widens_the_time_to_whole_years() -> None:
    june = (datetime(2024, 6, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC))
    winter = (datetime(2023, 12, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
    assert matched_period(june, None) == june
    assert matched_period(june, MatchingRule.CALENDAR_YEAR) == YEAR_2024
    assert matched_period(YEAR_2024, MatchingRule.CALENDAR_YEAR) == YEAR_2024
    assert matched_period(winter, MatchingRule.CALENDAR_YEAR) == (datetime(2023, 1, 1, tzinfo=UTC), YEAR_2024[1])
    in_may = (datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC))
    check_period(june, in_may, rule=MatchingRule.CALENDAR_YEAR)
    with pytest.raises(ArithmeticRuleError, match="for electricity of another time"):
        check_period(june, in_may)


def test_an_hour_does_not_cover_a_year() -> None:
    """2024 has 8784 hours: of 8784 kWh used evenly one falls into the hour, whatever the instrument is for."""
    hour = (datetime(2024, 6, 1, 12, tzinfo=UTC), datetime(2024, 6, 1, 13, tzinfo=UTC))
    check_covered_in_time(F(8784), [(hour, F(1))], YEAR_2024)
    with pytest.raises(
        ArithmeticRuleError,
        match=r"more electricity than is used in their time; expected at most 1 from 2024-06-01 to 2024-06-01, taken",
    ):
        check_covered_in_time(F(8784), [(hour, F("1.001"))], YEAR_2024)


def test_instruments_of_one_time_share_its_use() -> None:
    """Half a year's use is 183 of 366: two of 100 for the first half are 17 too many; 183 for the other are well."""
    halves = [(YEAR_2024[0], datetime(2024, 7, 2, tzinfo=UTC)), (datetime(2024, 7, 2, tzinfo=UTC), YEAR_2024[1])]
    check_covered_in_time(F(366), [(halves[0], F(100)), (halves[1], F(183)), (halves[0], F(83))], YEAR_2024)
    with pytest.raises(ArithmeticRuleError, match=r"expected at most 183 .*; found 200"):
        check_covered_in_time(F(366), [(halves[0], F(100)), (halves[1], F(1)), (halves[0], F(100))], YEAR_2024)


def test_what_reaches_beyond_the_use_covers_what_they_share() -> None:
    """The last quarter of the use and the year after it: 92 of 366 days."""
    beyond = (datetime(2024, 10, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    check_covered_in_time(F(366), [(beyond, F(92))], YEAR_2024)
    with pytest.raises(ArithmeticRuleError, match=r"expected at most 92 from 2024-10-01 to 2025-01-01.*found 93"):
        check_covered_in_time(F(366), [(beyond, F(93))], YEAR_2024)


_days = st.tuples(st.integers(0, 9), st.integers(1, 10)).map(lambda each: (each[0], min(sum(each), 10)))


@given(st.lists(st.tuples(_days, st.integers(0, 6)), max_size=6), st.integers(1, 4))
def test_two_roads_to_whether_instruments_find_their_use(
    instruments: list[tuple[tuple[int, int], int]], per_day: int
) -> None:
    """Day by day, whoever ends first is used first: that finds a use for each if there is one."""
    start = datetime(2024, 1, 1, tzinfo=UTC)
    left = [[last, first, kwh] for (first, last), kwh in instruments]
    for day in range(10):
        room = per_day
        for each in sorted(each for each in left if each[1] <= day < each[0]):
            taken = min(room, each[2])
            each[2] -= taken
            room -= taken
    spans = [
        ((start + timedelta(days=first), start + timedelta(days=last)), F(kwh)) for (first, last), kwh in instruments
    ]
    used_in = (start, start + timedelta(days=10))
    fits = not any(kwh for _, _, kwh in left)

    def found_use() -> None:
        cover(F(10 * per_day), [kwh for _, kwh in spans])
        check_covered_in_time(F(10 * per_day), spans, used_in)

    if fits:
        found_use()
    else:
        with pytest.raises(ArithmeticRuleError, match="more electricity than is used"):
            found_use()


def use(key: str, spent: str, by: str, issued: str = "100") -> Use:
    return Use(key, F(issued), F(spent), by)


def test_a_certificate_is_spent_by_quantity() -> None:
    assert overspent([use("a", "60", "one"), use("a", "40", "two"), use("b", "100", "two")]) == {}
    found = overspent([use("a", "60", "one"), use("a", "40.5", "two"), use("b", "1", "one")])
    assert list(found) == ["a"]
    assert (found["a"].spent_kwh, found["a"].issued_kwh, found["a"].by) == (F("100.5"), 100, ("one", "two"))


def test_stating_more_for_a_certificate_gains_nothing() -> None:
    found = overspent([use("a", "60", "one"), use("a", "60", "two", issued="1000")])
    assert found["a"].issued_kwh == 100


def test_another_spelling_is_the_same_certificate() -> None:
    assert instrument_key("AIB / de", "GO-00 12") == instrument_key("aib/DE", "go-0012")
    assert instrument_key("AIB", "ＧＯ-１") == instrument_key("AIB", "GO-1")
    assert instrument_key("AIB", "GO-12-3") != instrument_key("AIB", "GO-1-23")


@pytest.mark.parametrize(
    ("registry", "number"),
    [
        ("AIB", "GO\N{HYPHEN}12"),
        ("AIB", "GO\N{EN DASH}12"),
        ("AIB", "GO\N{MINUS SIGN}12"),
        ("AIB", "GO-12\N{ZERO WIDTH SPACE}"),
        ("AIB", "GO-1\N{SOFT HYPHEN}2"),
        ("AIB", "GO-1\N{COMBINING ACUTE ACCENT}2"),
        ("A\N{ZERO WIDTH JOINER}IB\N{VARIATION SELECTOR-16}", "GO-12"),
        ("\N{CYRILLIC CAPITAL LETTER A}IB", "GO-12"),
        ("A\N{GREEK CAPITAL LETTER IOTA}B", "G\N{CYRILLIC SMALL LETTER O}-12"),
        ("AIB", "GO-\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT TWO}"),
    ],
)
def test_what_looks_the_same_is_the_same_instrument(registry: str, number: str) -> None:
    uses = [
        Use(instrument_key(*name), Fraction(100), Fraction(60), by)
        for name, by in (((registry, number), "a"), (("AIB", "GO-12"), "b"))
    ]
    [found] = overspent(uses).values()
    assert (found.spent_kwh, found.by) == (120, ("a", "b"))


_kwh = st.fractions(min_value=0, max_value=10**6, max_denominator=1000)
_factor = st.fractions(min_value=0, max_value=2, max_denominator=1000)


@given(st.lists(st.tuples(_kwh, _factor), max_size=5), _kwh, _factor, _factor, st.integers(1, 10**6))
def test_the_unit_counted_in_changes_nothing(
    instruments: list[tuple[Fraction, Fraction]], rest_kwh: Fraction, grid: Fraction, rest: Fraction, times: int
) -> None:
    used = sum((kwh for kwh, _ in instruments), rest_kwh)
    found = both_totals(used, grid=grid, instruments=instruments, rest=rest)
    in_another_unit = [(kwh * times, factor / times) for kwh, factor in instruments]
    assert both_totals(used * times, grid=grid / times, instruments=in_another_unit, rest=rest / times) == found
    assert cover(used, [kwh for kwh, _ in instruments]) == Coverage(used - rest_kwh, rest_kwh)


@given(st.lists(st.tuples(_kwh, _factor), max_size=5), _kwh, _factor)
def test_without_choices_both_methods_agree(
    instruments: list[tuple[Fraction, Fraction]], rest_kwh: Fraction, grid: Fraction
) -> None:
    """Where everything counts at the grid's average, location and market are one number."""
    used = sum((kwh for kwh, _ in instruments), rest_kwh)
    found = both_totals(used, grid=grid, instruments=[(kwh, grid) for kwh, _ in instruments], rest=grid)
    assert found.location_kg_co2e == found.market_kg_co2e == used * grid


@given(st.lists(st.tuples(st.sampled_from("abc"), _kwh, _kwh, st.sampled_from("xyz"))), st.randoms())
def test_overspending_does_not_depend_on_the_order(
    rows: list[tuple[str, Fraction, Fraction, str]], chance: object
) -> None:
    uses = [Use(*row) for row in rows]
    shuffled = list(uses)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands over a random.Random
    ours, other = overspent(uses), overspent(shuffled)
    assert {key: (each.spent_kwh, each.issued_kwh, set(each.by)) for key, each in ours.items()} == {
        key: (each.spent_kwh, each.issued_kwh, set(each.by)) for key, each in other.items()
    }
