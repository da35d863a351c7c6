"""Issuing products of joint processes: shares, credits for what is displaced, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from accounting_inventories import HEAT, JOINT, amounts, burnt, calculated, credit, factor, power, price, rows_of
from hypothesis import given
from hypothesis import strategies as st
from issuer_world import World, bought, inventory
from pydantic import ValidationError

from passport.errors import ArithmeticRuleError, PassportError, UnitError
from passport.exchange.row_inputs import row_plans
from passport.issuer.calculation import Calculated


def test_a_joint_process_by_pacts_rule() -> None:
    """400 kg of oil at 3 and 600 kg of cake at 1: 1200 to 600 is a ratio of 2, so mass: 2/5 of 1000 kg is 400."""
    oil = inventory("https://id.example/oil", burnt("joint", 1000), coveredQuantity="400", allocation=JOINT)
    found = calculated(oil)
    assert rows_of(found)["joint"]["share"] == "2/5"
    assert found.footprint.total == "1"  # 1000 x 2/5 / 400 kg
    said = found.accounting.extension["allocation"]
    assert (said["applied"], said["share"], said["method"]) == ("mass", "2/5", "pact")
    assert [output["id"] for output in said["outputs"]] == ["oil", "cake", "hulls"]
    assert found.accounting.allocation_rules == (
        "Method pact: by mass. Ratio of values 2, at most 5. Share of the product 2/5 of what is joint, of 3 outputs. "
        "No sector rule"
    )


def test_above_the_ratio_it_is_economic() -> None:
    """Oil at 8: 3200 to 600 is above 5, so 3200/3800 = 16/19 of 1900 kg over 400 kg: 4."""
    outputs = [{**JOINT["outputs"][0], "price": price(8)}, *JOINT["outputs"][1:]]
    document = inventory(
        "https://id.example/oil", burnt("joint", 1900), coveredQuantity="400", allocation={**JOINT, "outputs": outputs}
    )
    found = calculated(document)
    assert (rows_of(found)["joint"]["share"], found.footprint.total) == ("16/19", "4")


def test_by_unit_price_as_pacts_guide_weighs_it() -> None:
    """Prices 3 and 1 per kg, whatever the amounts: 3/4; the cake's price is per tonne here, and is brought to kg."""
    outputs = [JOINT["outputs"][0], JOINT["outputs"][1]]
    process = {**JOINT, "method": "economic", "valueBase": "unitPrice", "outputs": outputs}
    found = calculated(inventory("https://id.example/oil", burnt("joint", 4), allocation=process))
    assert rows_of(found)["joint"]["share"] == "3/4"


def test_subdivided_inputs_are_not_divided() -> None:
    """The filter serves the oil alone: 1000 x 2/5 + 200 = 600 over 400 kg."""
    document = inventory(
        "https://id.example/oil",
        burnt("joint", 1000),
        burnt("filter", 200),
        coveredQuantity="400",
        allocation={**JOINT, "subdivided": ["filter"]},
    )
    found = calculated(document)
    assert "share" not in rows_of(found)["filter"]
    assert found.footprint.total == "1.5"


def test_system_expansion_counts_off_what_is_displaced() -> None:
    """The cake (600 kg) replaces 0.9 kg of soy meal each, at 0.5: 1000 - 270 = 730 over 400 kg."""
    outputs = [
        JOINT["outputs"][0],
        {**JOINT["outputs"][1], "quantity": 600, "unit": "kilogram", "displacedPerUnit": "0.9"},
    ]
    credit = {
        **burnt("credit", 0),
        "kind": "factor",
        "quantity": 540,
        "unit": "kilogram",
        "factor": factor("0.5", "kilogram"),
        "substitutes": "cake",
    }
    del credit["emissions"]
    process = {**JOINT, "method": "systemExpansion", "outputs": outputs}
    document = inventory(
        "https://id.example/oil", burnt("joint", 1000), credit, coveredQuantity="400", allocation=process
    )
    found = calculated(document)
    assert rows_of(found)["credit"]["contribution"]["total"] == "-0.675"
    assert found.footprint.total == "1.825"
    assert "applied" not in found.accounting.extension["allocation"]
    too_much = {**credit, "quantity": "540.001"}
    with pytest.raises(ArithmeticRuleError, match="a credit for more than the co-product displaces") as raised:
        calculated(
            inventory(
                "https://id.example/oil", burnt("joint", 1000), too_much, coveredQuantity="400", allocation=process
            )
        )
    assert raised.value.expected == "at most 540 kilogram for the covered quantity"


def expanded(displaces: dict[str, Any] | None, **output: Any) -> dict[str, Any]:
    """Oil, with steam of 600 kg that displaces something."""
    steam = {"id": "steam", "name": "Steam", "quantity": 600, "unit": "kilogram", "displaces": displaces, **output}
    return {**JOINT, "method": "systemExpansion", "outputs": [JOINT["outputs"][0], steam]}


def credited(process: dict[str, Any], entry: dict[str, Any]) -> Calculated:
    return calculated(
        inventory("https://id.example/oil", burnt("own", 1000), entry, coveredQuantity="400", allocation=process)
    )


def test_what_is_displaced_is_counted_in_its_own_unit() -> None:
    """600 kg of steam replace 2.5 MJ of heat each, 1500 MJ at 0.06 kg: 90 of 1000 kg, over 400 kg of oil."""
    found = credited(expanded(HEAT), credit(1500))
    assert rows_of(found)["credit"]["contribution"]["total"] == "-0.225"
    assert found.footprint.total == "2.275"
    stated = found.accounting.extension["allocation"]["outputs"][1]["displaces"]
    assert stated == {**HEAT, "factor": rows_of(found)["credit"]["factor"]}
    assert credited(expanded(HEAT), credit("1.5", "gigajoule")).footprint.total == "2.275"


@pytest.mark.parametrize(
    ("process", "entry", "error", "reason"),
    [
        (
            expanded(HEAT),
            credit("1500.001"),
            ArithmeticRuleError,
            "row credit: a credit for more than the co-product displaces; expected at most 1500 megajoule",
        ),
        (
            expanded(HEAT),
            credit(1500, factor=factor("0.07", "megajoule")),
            ArithmeticRuleError,
            "row credit: a credit by another factor than that of what is displaced",
        ),
        (
            expanded(HEAT),
            credit(600, "kilogram", factor=factor(1, "kilogram")),
            ArithmeticRuleError,
            "by another factor",
        ),
        (
            expanded(HEAT | {"factor": None, "passport": "urn:uuid:1"}),
            credit(1500),
            ArithmeticRuleError,
            "by another passport than that of what is displaced; expected urn:uuid:1; found a row of kind factor",
        ),
        (
            expanded(None, displacedPerUnit="2.5"),
            credit(1500),
            ArithmeticRuleError,
            "in units that `displacedPerUnit` does not speak of; expected a unit like kilogram; found megajoule",
        ),
        (
            expanded(None),
            credit(1500),
            ArithmeticRuleError,
            "a credit for a co-product that does not say what it displaces",
        ),
    ],
)
def test_a_credit_that_is_not_of_what_is_displaced(
    process: dict[str, Any], entry: dict[str, Any], error: type[PassportError], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        credited(process, entry)


@pytest.mark.parametrize(
    ("process", "reason"),
    [
        (expanded(HEAT | {"passport": "urn:uuid:1"}), "is counted off by its `factor` or by its `passport`"),
        (expanded(HEAT | {"factor": None}), "is counted off by its `factor` or by its `passport`"),
        (expanded(HEAT | {"unit": "kilogram"}), "displaced Heat from gas: kilogram does not convert to megajoule"),
        (expanded(HEAT, displacedPerUnit="2.5"), "output steam says twice what it displaces"),
    ],
)
def test_a_displaced_product_that_does_not_hold(process: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        credited(process, credit(1500))


def test_what_is_displaced_by_its_passport(world: World) -> None:
    """The steam replaces 0.5 kg of a product of 2 kg CO2e each: 600 kg x 0.5 x 2 = 600 of 1000 kg, over 400 kg."""
    product, upstream = world.sell()
    displaced = {"name": "Their product", "unit": "kilogram", "perUnit": "0.5", "passport": upstream.id}
    entry = {**bought("300", product=product), "per": "period", "substitutes": "steam"}
    oil = {"coveredQuantity": "400", "allocation": expanded(displaced)}
    issued = world.issuer(world.mill).issue(inventory(world.product(), burnt("own", 1000), entry, **oil))
    assert issued.total == "1"
    _, other = world.sell()
    with pytest.raises(ArithmeticRuleError, match="a credit by another passport than that of what is displaced"):
        world.issuer(world.mill).issue(
            inventory(world.product(), burnt("own", 1000), {**entry, "product": None, "passport": other.id}, **oil)
        )


@given(amounts, amounts, amounts, st.sampled_from(["mass", "economic", "pact"]))
def test_the_passports_of_all_outputs_hold_the_whole_process(
    oil: Decimal, cake: Decimal, emitted: Decimal, method: str
) -> None:
    """Two roads: each output's own inventory, and the unallocated process; exact but for one rounding a row."""
    outputs = [
        {"id": "oil", "name": "Oil", "quantity": oil, "unit": "kilogram", "price": price(3)},
        {"id": "cake", "name": "Cake", "quantity": cake, "unit": "kilogram", "price": price(1)},
    ]
    shares = []
    whole = Fraction(0)
    for product, made in (("oil", oil), ("cake", cake)):
        process = {"method": method, "reason": "-", "product": product, "outputs": outputs}
        document = inventory(
            "https://id.example/x",
            burnt("joint", emitted),
            coveredQuantity=str(made),
            declaredAmount=str(made),
            allocation=process,
        )
        (plan,) = row_plans(document)
        shares.append(Fraction(plan.extra["share"]))
        whole += Fraction(calculated(document).footprint.total)
    assert sum(shares) == 1
    assert abs(whole - Fraction(emitted)) <= Fraction(2, 10**15)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"product": "hulls"}, "`product` is one of the outputs that are no waste, found 'hulls'"),
        ({"product": "soap"}, "`product` is one of the outputs"),
        ({"outputs": [JOINT["outputs"][0]] * 2}, "two outputs go by one id"),
        ({"subdivided": ["nothing"]}, "`subdivided` names no input 'nothing'"),
        ({"method": "systemExpansion"}, "system expansion credits each co-product once.* expected cake, found none"),
        (
            {"outputs": [JOINT["outputs"][0], {**JOINT["outputs"][1], "price": price(1, 2024)}]},
            "prices are compared in one currency of one year",
        ),
        (
            {"outputs": [{**JOINT["outputs"][0], "massPerUnit": 1}]},
            "output oil is counted in a unit of mass, which needs none stated",
        ),
    ],
)
def test_a_process_that_does_not_hold_together(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        inventory("https://id.example/oil", burnt("joint", 1), allocation={**JOINT, **change})


def test_a_credit_without_an_expanded_system() -> None:
    credit = {**power(1), "kind": "factor", "factor": factor("1"), "substitutes": "cake"}
    for name in ("country", "grid", "instruments"):
        del credit[name]
    with pytest.raises(ValidationError, match="`substitutes` belongs to `allocation` with the method systemExpansion"):
        inventory("https://id.example/oil", credit, allocation=JOINT)


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        ({"method": "energy"}, ArithmeticRuleError, "the energy of output oil is not known"),
        (
            {"outputs": [{**JOINT["outputs"][0], "price": None}]},
            ArithmeticRuleError,
            "the value of output oil is not known",
        ),
        (
            {
                "method": "economic",
                "valueBase": "unitPrice",
                "outputs": [JOINT["outputs"][0], {**JOINT["outputs"][1], "unit": "piece"}],
            },
            UnitError,
            "output cake: piece does not convert to kilogram",
        ),
    ],
)
def test_a_share_that_cannot_be_told(change: dict[str, Any], error: type[PassportError], reason: str) -> None:
    with pytest.raises(error, match=reason):
        calculated(inventory("https://id.example/oil", burnt("joint", 1), allocation={**JOINT, **change}))


def test_allocation_in_words_stays_words() -> None:
    found = calculated(inventory("https://id.example/oil", allocation="By mass, see the report"))
    assert found.accounting.allocation_rules == "By mass, see the report"
    assert "allocation" not in found.accounting.extension
    assert "share" not in rows_of(found)["own"]
