"""Indicators under MiCA: published disclosures, units, the threshold, rounding, and what must not be stated."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint import Catalogue, ChainProfile, Consensus, Period, Source, figure
from passport.ledger_footprint.disclosures import needs_supplementary
from passport.ledger_footprint.mica import Indicators, Provider, indicators
from passport.ledger_footprint.mica_fields import FIELDS, SOURCES_OF, Form, Group, rounded, unrounded
from passport.ledger_footprint.network import Network, network_of
from passport.ledger_footprint.quantities import CarbonIntensity, Count, Energy, Ratio, WasteMass, Water

AT = date(2026, 1, 1)
DATA = Catalogue.shipped()
WE = Provider("Example AG", "529900T8BM49AURSDO55", "TEST", "fees", is_platform=True)
OURS = Source("tests", "a round number", "2025", "ours")


def network(kwh: float, **more: object) -> Network:
    """A year of a network at 400 g/kWh."""
    profile = ChainProfile(
        chain="tests",
        edition="2025",
        consensus=Consensus.PROOF_OF_STAKE,
        period=Period.year(2025),
        energy=figure(Energy, "kWh", kwh, name="energy", source=OURS, low=kwh / 2, high=kwh * 2),
        intensity=figure(CarbonIntensity, "g/kWh", 400, name="intensity", source=OURS),
        **more,  # type: ignore[arg-type]  # each test says which
    )
    return network_of(profile, catalogue=DATA, at=AT)


def value(found: Indicators, field: str) -> str | None:
    """What is stated under a number."""
    return next(each.value for each in found.fields if each.field == field)


def test_a_disclosure_by_hand() -> None:
    """1 GWh at 400 g: 400 t; 2 million transactions: 0.5 kWh and 0.2 kg each; 3 t of waste, a third reused; 7 m3."""
    found = indicators(
        network(
            1e6,
            transactions=figure(Count, "1", 2e6, name="tx", source=OURS),
            waste=figure(WasteMass, "t", 3, name="waste", source=OURS),
            reuse=figure(Ratio, "%", 25, name="reuse", source=OURS),
            water=figure(Water, "m3", 7, name="water", source=OURS),
        ),
        provider=replace(WE, scope1_t=0.0, renewable_percent=26.538687083),
    )
    said = {each.field: (each.value, each.unit) for each in found.fields if each.value is not None}
    assert said["S.8"] == ("1000000", "kWh per calendar year")
    assert said["S.10"] == ("26.538687083", "% of the energy used per calendar year")
    assert said["S.11"] == ("0.5", "kWh per validated transaction")
    assert said["S.12"] == ("0", "t CO2e per calendar year")
    assert said["S.13"] == ("400", "t CO2e per calendar year")
    assert said["S.14"] == ("0.2", "kg CO2e per validated transaction")
    assert said["S.19"] == ("0.4", "kg CO2e per kWh")
    assert said["S.22"] == ("3", "t per calendar year")
    assert said["S.23"] == ("75", "%")
    assert said["S.27"] == ("1.5", "g per validated transaction")
    assert said["S.31"] == ("7", "m3")
    assert (said["S.6"][0], said["S.7"][0]) == ("2025-01-01", "2025-12-31")
    assert (found.is_supplementary_due, found.lacking) == (True, ())
    assert found.identity is not None
    assert not found.identity.is_flagged
    spread = next(each for each in found.fields if each.field == "S.13")
    assert (spread.low, spread.high) == ("200", "800")


def test_scope_1_is_in_the_intensity() -> None:
    """100 t of generators beside 400 t of electricity, over 2 million transactions: 0.25 kg each, and one account."""
    counted = figure(Count, "1", 2e6, name="tx", source=OURS)
    found = indicators(network(1e6, transactions=counted), provider=replace(WE, scope1_t=100.0))
    assert (value(found, "S.12"), value(found, "S.13"), value(found, "S.14")) == ("100", "400", "0.25")
    assert found.identity is not None
    assert not found.identity.is_flagged
    assert found.identity.expected == pytest.approx(0.5)
    without = indicators(network(1e6, transactions=counted), provider=WE)
    assert (value(without, "S.12"), value(without, "S.14")) == (None, "0.2")
    assert "S.14 is of scope 2 alone: S.12 is not stated, and unknown is not zero" in without.warnings
    with pytest.raises(ArithmeticRuleError, match="emissions cannot be negative"):
        indicators(network(1e6), provider=replace(WE, scope1_t=-1.0))
    with pytest.raises(ArithmeticRuleError, match="not a finite number"):
        indicators(network(1e6), provider=replace(WE, scope1_t=float("inf")))


def test_the_fields_are_those_of_the_annex() -> None:
    """S.1 to S.36, each once: nine mandatory, seven supplementary, twenty optional."""
    fields = indicators(network(1), provider=WE).fields
    assert [each.field for each in fields] == [f"S.{number}" for number in range(1, 37)]
    groups = [each.group for each in fields]
    assert [groups.count(group) for group in Group] == [9, 7, 20]
    assert all((each.value is None) == (each.reason is not None) for each in fields)


@pytest.mark.parametrize(
    ("kwh", "is_platform", "due"),
    [(500_000, True, False), (500_000.1, True, True), (500_000.1, False, False), (501, True, False)],
)
def test_the_threshold_is_500000_kwh(kwh: float, is_platform: bool, due: bool) -> None:
    """Above it, and for platforms alone; 501 kWh is far below, whatever a well-read explainer says."""
    found = indicators(network(kwh), provider=replace(WE, is_platform=is_platform))
    assert found.is_supplementary_due is due
    assert found.lacking == (("S.10", "S.11", "S.12", "S.14", "S.15") if due else ())
    with pytest.raises(ArithmeticRuleError, match="not the regulation's threshold"):
        needs_supplementary(Energy(501), is_platform=True, threshold=Energy(500))


def test_what_is_published(shared: Path) -> None:
    """S.8 of happycoins for Ethereum at the intensity that its own S.13 implies: S.13 again, to its five digits."""
    path = shared / "data" / "ledger" / "mica_disclosures.csv"
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    row = next(each for each in rows if (each["publisher"], each["asset"]) == ("happycoins", "ETH"))
    kwh, tonnes = float(row["S8_kwh"]), float(row["S13_t"])
    year = network(kwh)
    intensity = figure(CarbonIntensity, "kg/kWh", tonnes * 1000 / kwh, name="implied", source=OURS)
    found = indicators(replace(year, intensity=intensity), provider=WE)
    assert (value(found, "S.8"), value(found, "S.13")) == (row["S8_kwh"], row["S13_t"])
    counted = figure(Count, "1", kwh / float(row["S11_kwh_per_tx"]), name="implied", source=OURS)
    each = indicators(replace(year, intensity=intensity), provider=WE, transactions=counted)
    assert value(each, "S.11") == "0.00009"
    assert value(each, "S.14") == "0.00003" or float(value(each, "S.14") or 0) == pytest.approx(3e-5, rel=0.01)


ROUNDED = {
    "half to even, down": (0.000025, "0.00002"),
    "half to even, up": (0.000035, "0.00004"),
    "five digits": (1.234567, "1.23457"),
    "rounded, not cut": (0.999999, "1"),
    "below the last digit": (1.23456e-9, "0"),
    "zero is zero": (0.0, "0"),
    "large": (139547581185.99, "139547581185.99"),
    "S.13 of a disclosure": (790.842934, "790.84293"),
}


@pytest.mark.parametrize(("number", "text"), ROUNDED.values(), ids=ROUNDED.keys())
def test_rounding(number: float, text: str) -> None:
    """As the regulation's technical standards want numbers."""
    assert rounded(number) == text


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_rounding_is_off_by_half_a_unit_at_most(number: float) -> None:
    """Five digits after the point and eighteen in all; of what that swallows the number itself is said."""
    text = rounded(number)
    whole, _, part = text.partition(".")
    assert len(part) <= 5
    assert len(whole) + len(part) <= 18
    assert abs(Decimal(text) - Decimal(repr(number))) <= Decimal("0.5e-5")
    said = unrounded(number)
    assert float(said or text) == pytest.approx(number, rel=0.005, abs=0)


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        (26.538687083, Form.PERCENTAGE, "26.538687083"),
        (2.00000000049, Form.PERCENTAGE, "2.0000000005"),
        (33.333333333333336, Form.PERCENTAGE, "33.333333333"),
        (100.0, Form.PERCENTAGE, "100"),
        (12345678901234.56, Form.AMOUNT, "12345678901234.56"),
        (99999999999999.0, Form.AMOUNT, "99999999999999"),
        (9.99999999999, Form.PERCENTAGE, "10"),
    ],
)
def test_as_many_digits_as_the_form_has(number: float, form: Form, text: str) -> None:
    """Eleven digits in all of a percentage, of which ten may stand after the point; eighteen and five of an amount."""
    assert rounded(number, form) == text


def test_more_digits_than_the_form_has() -> None:
    with pytest.raises(ArithmeticRuleError, match="more digits than the field has"):
        rounded(1e18)
    assert rounded(9e17) == "900000000000000000"


def test_what_five_digits_swallow_is_said() -> None:
    """A kWh among a billion transactions: 0 kWh each in the annex's form, and 1e-9 beside it, in one account."""
    counted = figure(Count, "1", 1e9, name="tx", source=OURS)
    found = indicators(network(1.5, transactions=counted), provider=WE)
    each = next(field for field in found.fields if field.field == "S.11")
    assert (each.value, each.unrounded) == ("0", "0.0000000015")
    assert any("S.11 is 0.0000000015 kWh per validated transaction" in said for said in found.warnings)
    assert found.identity is not None
    assert not found.identity.is_flagged


def test_sources_go_with_what_they_are_about() -> None:
    """Articles 4 and 5: whoever states an optional number states its sources; of what is not stated there are none."""
    with_water = network(1e6, water=figure(Water, "m3", 7, name="water", source=OURS))
    found = {each.field: each for each in indicators(with_water, provider=WE).fields}
    assert "estimated: S.31" in (found["S.36"].value or "")
    assert "no offsets are taken into account" in (found["S.9"].value or "")
    assert "location-based" in (found["S.34"].value or "")
    assert (found["S.35"].value, found["S.33"].reason) == (None, "none of S.17, S.18 is stated")
    stated = {each.field: each for each in indicators(network(1e6), provider=replace(WE, scope1_t=3.0)).fields}
    assert "as whoever discloses states it: S.12" in (stated["S.16"].value or "")
    numbers = {field.number for field in FIELDS}
    assert {name for about in SOURCES_OF.values() for name in about} | SOURCES_OF.keys() <= numbers


def test_what_nobody_states_is_no_share_of_waste() -> None:
    """The estimator takes nothing to be reused where nothing is known; a disclosure may not call that 100 %."""
    waste = figure(WasteMass, "t", 3, name="waste", source=OURS)
    found = {each.field: each for each in indicators(network(1e6, waste=waste), provider=WE).fields}
    assert found["S.22"].value == "3"
    assert found["S.23"].value is None
    assert "unknown is not nothing" in (found["S.23"].reason or "")


def test_a_white_paper_needs_them_whoever_draws_it_up() -> None:
    """Article 4: energy alone decides; article 5 asks on websites what is run as well."""
    neither = replace(WE, is_platform=False)
    assert not indicators(network(500_001), provider=neither).is_supplementary_due
    assert indicators(network(500_001), provider=replace(neither, is_white_paper=True)).is_supplementary_due
    assert not indicators(network(500_000), provider=replace(neither, is_white_paper=True)).is_supplementary_due


def test_no_year() -> None:
    """An annualised snapshot is no year's total: refused, or stated as what it is."""
    profile = DATA.chain("ethereum", at=AT, edition="after the merge")
    snapshot = network_of(profile, catalogue=DATA, at=AT)
    with pytest.raises(ArithmeticRuleError, match="not a year's total"):
        indicators(snapshot, provider=WE)
    found = indicators(snapshot, provider=WE, accept_snapshot=True)
    assert any("annualised snapshot of 2022-09-15" in each for each in found.warnings)
    shifted = network_of(DATA.chain("ethereum", at=AT), catalogue=DATA, at=AT)
    assert any("no calendar year" in each for each in indicators(shifted, provider=WE).warnings)
    with pytest.raises(ArithmeticRuleError, match="not a percentage"):
        indicators(network(1), provider=replace(WE, renewable_percent=101))


def test_the_table() -> None:
    """RFC 4180, a line a field; what a spreadsheet would run is text."""
    found = indicators(network(1e6), provider=replace(WE, name="=cmd|' /C calc'!A0", asset='a "b", c'))
    rows = list(csv.DictReader(io.StringIO(found.to_csv(), newline="")))
    assert [row["field"] for row in rows] == [each.field for each in found.fields]
    assert rows[0]["value"] == "'=cmd|' /C calc'!A0"
    assert rows[2]["value"] == 'a "b", c'
    assert rows[10]["value"] == ""
    assert rows[10]["reason"] == "the transactions of the year are not stated"
    document = found.to_json()
    assert document["fields"][7]["value"] == "1000000"
    assert document["lacking"] == ["S.10", "S.11", "S.12", "S.14", "S.15"]
