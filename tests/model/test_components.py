"""The table of components agrees with PACT: names, signs, units, and the sum rule by the guide's example."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from passport.arithmetic.contribution import total_of
from passport.arithmetic.quanta import to_text
from passport.arithmetic.rows import quanta_of
from passport.errors import ArithmeticRuleError
from passport.model.components import CARBON_CONTENTS, COMPONENTS, REMOVALS, SUMMED, UPTAKE, Place, check_sign
from passport.model.schema import load_schema

# PACT's note on the sum rule, as listed in the OpenAPI file of version 3.0.
SUM_RULE = [
    "fossilGhgEmissions", "landUseChangeGhgEmissions", "landManagementBiogenicCO2Emissions",
    "landManagementBiogenicCO2Removals", "technologicalCO2Removals", "ccsTechnologicalCO2Capture",
    "biogenicNonCO2Emissions",
]  # fmt: skip


def test_the_guides_cocoa() -> None:
    """PACT How-to Guide 3.0, 1 kg of cocoa.

    Land use change 5, fossil emissions of land 0.7 (they are part of fossil), other fossil 1, methane 0.2, uptake -0.5:
    6.9 without the uptake and 6.4 with it.
    """
    stated = {
        "landUseChangeGhgEmissions": "5",
        "fossilGhgEmissions": "1.7",
        "landManagementFossilGhgEmissions": "0.7",
        "biogenicNonCO2Emissions": "0.2",
        "biogenicCO2Uptake": "-0.5",
    }
    amounts = quanta_of(stated)
    excluding = total_of(amounts)
    assert to_text(excluding) == "6.9"
    assert to_text(excluding + amounts[UPTAKE]) == "6.4"


def test_the_places() -> None:
    assert list(SUMMED) == SUM_RULE
    assert {name for name in COMPONENTS if COMPONENTS[name].place is Place.UPTAKE} == {UPTAKE}
    assert {name: COMPONENTS[name].part_of for name in COMPONENTS if COMPONENTS[name].place is Place.OF_WHICH} == {
        "landManagementFossilGhgEmissions": "fossilGhgEmissions",
        "aircraftGhgEmissions": "pcfExcludingBiogenicUptake",
        "packagingGhgEmissions": "pcfExcludingBiogenicUptake",
    }
    assert {name for name in COMPONENTS if COMPONENTS[name].place is Place.OUTSIDE} == {
        "landCarbonLeakage",
        "landAreaOccupation",
    }
    assert {name for name, each in COMPONENTS.items() if each.sign < 0} == REMOVALS | {UPTAKE}


@pytest.mark.parametrize("name", COMPONENTS)
def test_the_sign_of_each(name: str) -> None:
    right = Decimal(COMPONENTS[name].sign)
    for amount in (right, Fraction(right) / 3, Decimal(0), Decimal("-0")):
        check_sign(name, amount)
    words = "zero or more" if right > 0 else "zero or less"
    with pytest.raises(ArithmeticRuleError, match=rf"row a: {name} has the wrong sign; expected {words}; found"):
        check_sign(name, -right, where="row a")
    with pytest.raises(ArithmeticRuleError, match="wrong sign"):
        check_sign(name, -right / 10**15)


@pytest.mark.parametrize("name", ["", "fossilGHGEmissions", "fossilCarbonContent", "outboundLogisticsGhgEmissions"])
def test_an_unknown_component_is_refused(name: str) -> None:
    with pytest.raises(
        ArithmeticRuleError, match=r"unknown component; expected one of fossilGhgEmissions, .*Occupation"
    ):
        check_sign(name, Decimal(0))


def test_our_schemas_have_the_same_table() -> None:
    signs = {1: "#/$defs/nonNegative", -1: "#/$defs/nonPositive"}
    expected = {name: {"$ref": signs[component.sign]} for name, component in COMPONENTS.items()}
    row, passport = load_schema("row-1.0"), load_schema("untp-dpp-0.7.0-issuing")
    assert row["$defs"]["components"]["properties"] == expected
    assert passport["$defs"]["components"]["properties"] == expected
    assert list(row["$defs"]["signedComponents"]["properties"]) == list(COMPONENTS)
    pcf = load_schema("statement-1.0-issuing")["properties"]["pcf"]["properties"]
    assert {name: pcf[name] for name in COMPONENTS} == expected
    assert all(pcf[name] == {"$ref": signs[1]} for name in CARBON_CONTENTS)


@pytest.mark.shared
def test_names_signs_and_units_are_those_that_pact_publishes(shared: Path) -> None:
    api = yaml.safe_load((shared / "standards/pact/openapi_v3_0.yaml").read_text(encoding="utf-8"))
    published: dict[str, Any] = api["components"]["schemas"]["CarbonFootprint"]["properties"]
    units = {"kg CO2e": "kgCO2e/declared unit", "m2 year": "(m2/year) / declared unit"}
    for name, component in COMPONENTS.items():
        field = published[name]
        assert field["type"] == "string"
        assert re.sub(r"\s+", " ", field["x-unit"]) == units[component.unit], name
        if "x-comment" in field:
            assert field["x-comment"].split()[0] == (">=" if component.sign > 0 else "<="), name
    contents = {name for name in published if name.endswith("CarbonContent")}
    assert contents == set(CARBON_CONTENTS)
    amounts = {name for name in published if "Emissions" in name and published[name].get("format") == "decimal"}
    assert amounts - set(COMPONENTS) == {"exemptedEmissionsPercent", "outboundLogisticsGhgEmissions"}
