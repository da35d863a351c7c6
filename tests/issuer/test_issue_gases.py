"""Issuing masses of gases, and the sets of potentials that weigh them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from accounting_inventories import burnt, calculated, factor, rows_of, statement_of
from issuer_world import World, bought, inventory
from pydantic import ValidationError

from passport.errors import ArithmeticRuleError, IssueError

# --- masses of gases -------------------------------------------------------------------------------------------------


def gases(*masses: dict[str, Any]) -> dict[str, Any]:
    return {**burnt("leaks", 0), "kind": "gases", "emissions": None, "gases": list(masses)}


def test_masses_of_gases_become_co2e() -> None:
    """2 kg of fossil methane at 29.8, 500 g of other methane at 27 and 1 kg of N2O at 273, over 1000 kg."""
    entry = gases(
        {"gas": "CH4-fossil", "quantity": 2},
        {"gas": "CH4-non-fossil", "quantity": 500, "unit": "gram", "component": "biogenicNonCO2Emissions"},
        {"gas": "N2O", "quantity": 1},
    )
    del entry["emissions"]
    found = calculated(inventory("https://id.example/x", entry))
    assert found.footprint.components == {"fossilGhgEmissions": "0.3326", "biogenicNonCO2Emissions": "0.0135"}
    row = rows_of(found)["leaks"]
    assert row["emissions"] == {"biogenicNonCO2Emissions": "13.5", "fossilGhgEmissions": "332.6"}
    assert row["gases"]["set"] == "AR6-GWP100/1"


@pytest.mark.parametrize(
    ("mass", "reason"),
    [
        ({"gas": "CH4", "quantity": 1}, "methane of unsaid origin"),
        ({"gas": "CO", "quantity": 1}, "no global warming potential of this gas in the set"),
        ({"gas": "CH4-fossil", "quantity": "0.000000000000001"}, "masses of gases that do not give an exact amount"),
    ],
)
def test_gases_that_cannot_be_counted(mass: dict[str, Any], reason: str) -> None:
    entry = gases(mass)
    del entry["emissions"]
    with pytest.raises(ArithmeticRuleError, match=reason):
        calculated(inventory("https://id.example/x", entry))


# --- sets of potentials ----------------------------------------------------------------------------------------------

IN_GRACE = {"start": "2022-01-01T00:00:00Z", "end": "2023-01-01T00:00:00Z"}


def test_pacts_grace_year_lets_a_sum_speak_two_sets(world: World) -> None:
    supplier = world.product()
    old = inventory(supplier, gwp=["AR5"], period=IN_GRACE)
    product = world.product()
    new = inventory(product, bought(product=supplier), gwp=["AR5", "AR6"], gwpRule="PACT grace year", period=IN_GRACE)
    without_rule = inventory(world.product(), bought(product=supplier), gwp=["AR6"], period=IN_GRACE)
    issuer = world.issuer(world.rival)
    with world.clock.at(datetime(2023, 6, 1, tzinfo=UTC)):
        issuer.issue(old)
        with pytest.raises(IssueError, match="the upstream uses another set of global warming potentials"):
            issuer.issue(without_rule)
        statement = statement_of(world.rival, issuer.issue(new))
    assert statement["pcf"]["ipccCharacterizationFactors"] == ["AR5", "AR6"]
    assert statement["extensions"][0]["data"]["gwpRule"] == "PACT grace year"


def test_outside_the_grace_year_two_sets_are_refused() -> None:
    with pytest.raises(ArithmeticRuleError, match="the grace year of AR6 does not cover this period"):
        calculated(inventory("https://id.example/x", gwp=["AR5", "AR6"], gwpRule="PACT grace year"))


@pytest.mark.parametrize(
    ("gwp", "reason"),
    [(["AR5", "AR6"], "one set of global warming potentials is expected"), (["AR6", "AR5"], "one set of")],
)
def test_two_sets_without_the_rule_are_refused(gwp: list[str], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        inventory("https://id.example/x", gwp=gwp)
    with pytest.raises(ValidationError, match="stand once and in order"):
        inventory("https://id.example/x", gwp=["AR6", "AR5"], gwpRule="PACT grace year")


def test_a_factor_of_another_set_is_refused() -> None:
    entry = {
        **burnt("f", 0),
        "kind": "factor",
        "quantity": 1,
        "unit": "kilowatt hour",
        "factor": factor("1", gwp="AR5"),
    }
    del entry["emissions"]
    with pytest.raises(ArithmeticRuleError, match="input f: the factor uses another set of global warming potentials"):
        calculated(inventory("https://id.example/x", entry))
