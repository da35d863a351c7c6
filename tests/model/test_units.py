"""Conversions are exact, from the definitions, and never leave a dimension."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import UnitError
from passport.model.schema import load_schema
from passport.model.units import PACT_UNITS, Dimension, Unit, conversion, dimension, read_unit, symbol

# Each from its definition, worked out here without the table: SI prefixes (SI Brochure, 9th edition, table 7);
# watt = joule per second, so 1 kWh = 1000 W x 3600 s; litre = cubic decimetre, minute, hour, day (table 8);
# the international yard and pound agreement of 1959: 1 ft = 0.3048 m, 1 lb = 0.45359237 kg, 1 mile = 5280 ft,
# 1 in = 2.54 cm; the US gallon is 231 cubic inches (NIST Handbook 44, appendix C).
DEFINITIONS: list[tuple[Unit, Unit, Fraction]] = [
    (Unit.KILOWATT_HOUR, Unit.MEGAJOULE, Fraction(1000 * 3600, 10**6)),
    (Unit.WATT_HOUR, Unit.KILOJOULE, Fraction(3600, 1000)),
    (Unit.MEGAWATT_HOUR, Unit.KILOWATT_HOUR, Fraction(1000)),
    (Unit.GIGAWATT_HOUR, Unit.TERAJOULE, Fraction(10**9 * 3600, 10**12)),
    (Unit.GIGAJOULE, Unit.MEGAJOULE, Fraction(1000)),
    (Unit.KILOGRAM, Unit.GRAM, Fraction(1000)),
    (Unit.TONNE, Unit.KILOGRAM, Fraction(1000)),
    (Unit.POUND, Unit.GRAM, Fraction("453.59237")),
    (Unit.CUBIC_METER, Unit.LITER, Fraction(1000)),
    (Unit.LITER, Unit.MILLILITER, Fraction(1000)),
    (Unit.US_GALLON, Unit.MILLILITER, 231 * Fraction("2.54") ** 3),
    (Unit.TON_KILOMETER, Unit.KILOGRAM_KILOMETER, Fraction(1000)),
    (Unit.KILOMETER, Unit.METER, Fraction(1000)),
    (Unit.MILE, Unit.METER, 5280 * Fraction("0.3048")),
    (Unit.HOUR, Unit.MINUTE, Fraction(60)),
    (Unit.MINUTE, Unit.SECOND, Fraction(60)),
    (Unit.DAY, Unit.HOUR, Fraction(24)),
]
units = st.sampled_from(list(Unit))


@pytest.mark.parametrize(("source", "target", "ratio"), DEFINITIONS, ids=lambda case: str(case))
def test_the_definitions(source: Unit, target: Unit, ratio: Fraction) -> None:
    assert conversion(source, target) == ratio
    assert conversion(target, source) == 1 / ratio


def test_every_unit_is_defined_or_alone_in_its_dimension() -> None:
    """So that no factor of the table goes unlooked at."""
    looked_at = {unit for source, target, _ in DEFINITIONS for unit in (source, target)}
    alone = {Unit.SQUARE_METER, Unit.PIECE, Unit.MEGABIT_SECOND, Unit.PASSENGER_KILOMETER}
    assert set(Unit) == looked_at | alone
    assert [len([u for u in Unit if dimension(u) is dimension(one)]) for one in sorted(alone)] == [1, 1, 1, 1]


@given(units, units, units)
def test_conversions_compose_exactly(one: Unit, two: Unit, three: Unit) -> None:
    if dimension(one) is dimension(two) is dimension(three):
        assert conversion(one, two) * conversion(two, three) == conversion(one, three)
        assert conversion(one, two) * conversion(two, one) == 1
        assert conversion(one, one) == 1


def alike(one: Unit, two: Unit) -> bool:
    return dimension(one) is dimension(two)


def test_no_two_units_are_the_same_size() -> None:
    """8 units of energy, 4 each of volume, mass and time, 3 of distance, 2 of freight: 28 + 3 x 6 + 3 + 1 pairs."""
    ratios = [conversion(one, two) for one, two in combinations(Unit, 2) if alike(one, two)]
    assert len(ratios) == 50
    assert 1 not in ratios


@pytest.mark.parametrize(
    ("source", "target", "measures"),
    [
        (Unit.PIECE, Unit.KILOGRAM, Dimension.MASS),
        (Unit.LITER, Unit.KILOGRAM, Dimension.MASS),
        (Unit.KILOGRAM, Unit.MEGAJOULE, Dimension.ENERGY),
        (Unit.PASSENGER_KILOMETER, Unit.TON_KILOMETER, Dimension.FREIGHT),
        (Unit.HOUR, Unit.KILOWATT_HOUR, Dimension.ENERGY),
        (Unit.METER, Unit.SQUARE_METER, Dimension.AREA),
    ],
)
def test_other_dimensions_are_refused(source: Unit, target: Unit, measures: Dimension) -> None:
    with pytest.raises(UnitError, match=f"row r1: {source} does not convert to {target}") as caught:
        conversion(source, target, where="row r1")
    assert caught.value.expected == f"a unit of {measures}"
    assert caught.value.found == f"{source} ({dimension(source)})"
    assert caught.value.hint == "state the quantity in the supplier's declared unit"


@given(units, units)
def test_a_conversion_exists_exactly_inside_a_dimension(one: Unit, two: Unit) -> None:
    if alike(one, two):
        assert conversion(one, two) > 0
    else:
        with pytest.raises(UnitError, match="does not convert"):
            conversion(one, two)


@pytest.mark.parametrize("name", ["kg", "Kilogram", "kilogram ", "", "tonnes", "mile\n", None, 7, ["piece"]], ids=repr)
def test_an_unknown_unit_is_refused_with_the_known_ones(name: object) -> None:
    with pytest.raises(UnitError, match=r"\$\.unit: unknown unit; expected one of liter, kilogram, .*day") as caught:
        read_unit(name, where="$.unit")
    assert caught.value.found == repr(name)


def test_units_are_read_by_their_names_and_shown_by_their_signs() -> None:
    assert [read_unit(str(unit)) for unit in Unit] == list(Unit)
    assert (symbol(Unit.KILOWATT_HOUR), symbol(Unit.CUBIC_METER), symbol(Unit.MILE)) == ("kWh", "m3", "mile")


@pytest.mark.shared
def test_the_declared_units_are_those_of_pact(shared: Path) -> None:
    api = yaml.safe_load((shared / "standards/pact/openapi_v3_0.yaml").read_text(encoding="utf-8"))
    published = api["components"]["schemas"]["CarbonFootprint"]["properties"]["declaredUnitOfMeasurement"]
    published = api["components"]["schemas"].get(str(published.get("$ref", "")).rpartition("/")[2], published)
    assert sorted(published["enum"]) == sorted(map(str, PACT_UNITS))
    for kind in ("row-1.0", "statement-1.0-issuing", "untp-dpp-0.7.0-issuing"):
        assert load_schema(kind)["$defs"]["pactUnit"]["enum"] == published["enum"]
    assert load_schema("row-1.0")["$defs"]["unit"]["enum"] == list(map(str, Unit))
