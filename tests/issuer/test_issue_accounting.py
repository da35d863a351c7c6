"""Issuing joint processes, masses of gases and electricity: rows that can be re-done, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from issuer_world import World, bought, direct, inventory
from pydantic import ValidationError

from passport.arithmetic.quanta import ONE
from passport.carbon.allocation import cut_off_recycling
from passport.carbon.electricity import grid_intensity, instrument_key
from passport.credentials import parse_canonical
from passport.errors import ArithmeticRuleError, IssueError, PassportError, UnitError, UnproductiveError
from passport.exchange.internal_levels import check_levels
from passport.exchange.material_rows import RECYCLING_WORDS
from passport.exchange.row_inputs import row_plans
from passport.issuer import IssuedPassport
from passport.issuer.calculation import Calculated, calculate
from passport.issuer.succession import still_supplies
from passport.model.inventory import Inventory
from passport.store import DocumentKind, Store
from passport.workspace import Workspace


def price(amount: int, year: int = 2025) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR", "year": year}


JOINT: dict[str, Any] = {
    "method": "pact",
    "reason": "No sector rule",
    "product": "oil",
    "outputs": [
        {"id": "oil", "name": "Oil", "quantity": 400, "unit": "kilogram", "price": price(3)},
        {"id": "cake", "name": "Cake", "quantity": "0.6", "unit": "tonne", "price": price(1000)},
        {"id": "hulls", "name": "Hulls", "quantity": 50, "unit": "kilogram", "waste": True},
    ],
}


def calculated(document: Inventory) -> Calculated:
    """As `issue` calculates it, without chain or store."""

    def nothing_upstream(_: object) -> Any:
        raise AssertionError("no upstream here")

    return calculate(document, nothing_upstream, random_bytes=lambda length: bytes(length))


def rows_of(found: Calculated) -> dict[str, dict[str, Any]]:
    rows = [parse_canonical(body)["row"] for body in found.rows]
    return {row["id"]: row for row in rows}


def burnt(name: str, kg: object, **more: Any) -> dict[str, Any]:
    return {**direct(fossilGhgEmissions=str(kg)), "id": name, "per": "period", **more}


def factor(kg: object, unit: str = "kilowatt hour", **more: Any) -> dict[str, Any]:
    return {
        "name": "A factor",
        "unit": unit,
        "components": {"fossilGhgEmissions": kg},
        "source": {"name": "Table", "version": "1"},
        "year": 2024,
        "geography": "NL",
        **more,
    }


def certificate(quantity: object, number: str = "1", **more: Any) -> dict[str, Any]:
    return {
        "instrument": "certificate",
        "registry": "EECS",
        "trackingId": f"GO-{number}",
        "issuedQuantity": 1000,
        "quantity": quantity,
        "unit": "kilowatt hour",
        "period": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        "country": "NL",
        "factor": factor("0.01"),
        **more,
    }


def power(quantity: object, *instruments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "power",
        "kind": "electricity",
        "name": "Power",
        "stage": "mainProduction",
        "known": "measured",
        "per": "period",
        "quantity": quantity,
        "unit": "kilowatt hour",
        "country": "NL",
        "grid": factor("0.4"),
        "instruments": list(instruments),
        **more,
    }


SELLER = {"scheme": "LEI", "identifier": "999900KITANAMI000191"}
AT_RESIDUAL = {"rest": {"basis": "residualMix", "factor": factor("0.7")}}
AT_AVERAGE = {"rest": {"basis": "gridAverage"}}


# --- joint processes -------------------------------------------------------------------------------------------------


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


HEAT = {"name": "Heat from gas", "unit": "megajoule", "perUnit": "2.5", "factor": factor("0.06", "megajoule")}


def credit(quantity: object, unit: str = "megajoule", **more: Any) -> dict[str, Any]:
    entry = {
        **burnt("credit", 0),
        "kind": "factor",
        "quantity": quantity,
        "unit": unit,
        "factor": HEAT["factor"],
        "substitutes": "steam",
        **more,
    }
    del entry["emissions"]
    return entry


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


amounts = st.decimals(min_value=1, max_value=100000, places=3)


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


# --- recycled materials ----------------------------------------------------------------------------------------------


def material(quantity: object, content: object, at_end: object = None, **more: Any) -> dict[str, Any]:
    """At 8 virgin, 0.5 recycled and 0.02 disposed of."""
    entry: dict[str, Any] = {
        "id": "foil",
        "kind": "material",
        "name": "Foil",
        "stage": "rawMaterialAcquisition",
        "known": "measured",
        "per": "period",
        "quantity": quantity,
        "unit": "kilogram",
        "recycledContent": content,
        **({"virgin": factor("8", "kilogram")} if content not in (1, "1") else {}),
        **({"recycling": factor("0.5", "kilogram")} if content not in (0, "0") else {}),
    }
    if at_end is not None:
        disposal = {"disposal": factor("0.02", "kilogram")} if at_end not in (1, "1") else {}
        entry["endOfLife"] = {"recycled": at_end, **disposal}
    return entry | more


def test_recycled_content_by_cut_off() -> None:
    """Of 1000 kg 700 are virgin, 300 recycled; 400 are disposed of, 600 leave without: 5600 + 150 + 8, over 1000 kg."""
    found = calculated(inventory("https://id.example/x", material(1000, "0.3", "0.6")))
    rows = rows_of(found)
    assert {name: (row["quantity"], row["stage"]) for name, row in rows.items()} == {
        "foil.virgin": ("700", "rawMaterialAcquisition"),
        "foil.recycled": ("300", "rawMaterialAcquisition"),
        "foil.disposed": ("400", "endOfLife"),
    }
    assert found.footprint.total == "5.758"
    assert found.accounting.extension["recycling"] == {"rule": "cutOff"}
    assert found.accounting.allocation_rules == RECYCLING_WORDS
    assert rows["foil.disposed"]["recycling"] == {
        "input": "foil",
        "part": "disposed",
        "rule": "cutOff",
        "quantity": "1000",
        "unit": "kilogram",
        "recycledContent": "0.3",
        "recycledAtEnd": "0.6",
    }


def test_a_material_of_a_joint_process_is_divided_and_said_in_words() -> None:
    oil = inventory("https://id.example/oil", material(1000, "0.3"), coveredQuantity="400", allocation=JOINT)
    found = calculated(oil)
    assert {row["share"] for row in rows_of(found).values()} == {"2/5"}
    assert found.accounting.allocation_rules is not None
    assert found.accounting.allocation_rules.endswith(f"No sector rule {RECYCLING_WORDS}")
    whole = calculated(
        inventory("https://id.example/oil", material(1000, "0.3"), allocation=JOINT | {"subdivided": ["foil"]})
    )
    assert all("share" not in row for row in rows_of(whole).values())
    in_words = calculated(inventory("https://id.example/oil", material(1000, "0.3"), allocation="w" * 2000))
    assert in_words.accounting.allocation_rules is not None
    assert len(in_words.accounting.allocation_rules) == 2000
    assert in_words.accounting.allocation_rules.endswith(f"w {RECYCLING_WORDS}")


@pytest.mark.parametrize(("content", "at_end", "parts"), [(0, 1, ["virgin"]), (1, 0, ["recycled", "disposed"])])
def test_a_part_that_is_nothing_has_no_row(content: int, at_end: int, parts: list[str]) -> None:
    rows = rows_of(calculated(inventory("https://id.example/x", material(10, content, at_end))))
    assert list(rows) == [f"foil.{part}" for part in parts]


_share = st.decimals(0, 1, places=4)


@given(_share, _share, st.decimals(0, 1000, places=3))
def test_two_roads_to_a_recycled_material(content: Decimal, at_end: Decimal, quantity: Decimal) -> None:
    """Its rows, and the formula of the cut-off approach per kilogram."""
    entry = material(str(quantity), str(content), str(at_end))
    for part, share in (("virgin", 1 - content), ("recycling", content)):
        if not share:
            entry.pop(part, None)
        else:
            entry.setdefault(part, factor({"virgin": "8"}.get(part, "0.5"), "kilogram"))
    entry["endOfLife"] = {
        "recycled": str(at_end),
        **({"disposal": factor("0.02", "kilogram")} if at_end != 1 else {}),
    }
    found = calculated(inventory("https://id.example/x", entry, coveredQuantity="1"))
    per_kg = cut_off_recycling(
        virgin=Fraction(8),
        recycling=Fraction(1, 2),
        disposal=Fraction(1, 50),
        recycled_content=Fraction(content),
        recycled_at_end=Fraction(at_end),
    )
    assert Fraction(found.footprint.total) == per_kg * Fraction(quantity)


def test_rows_of_one_material_are_one_unknown() -> None:
    """700 x 8 and 300 x 0.5 at 10 % each are 10 % of the sum, and not the root of two squares."""
    spread = {"distribution": "normal", "spread": 10}
    found = calculated(inventory("https://id.example/x", material(1000, "0.3", uncertainty=spread)))
    assert found.footprint.uncertainty is not None
    assert found.footprint.uncertainty["spread"] == "10"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (material(1, "1.1"), "a share lies between 0 and 1, found 1.1"),
        (material(1, "0.3", "30"), "a share lies between 0 and 1, found 30"),
        (material(1, "0.3", virgin=None), "the factor `virgin` is needed: its share of foil is 0.7"),
        (
            material(1, 0, recycling=factor(1, "kilogram")),
            "the factor `recycling` is of nothing: its share of foil is 0",
        ),
        (
            material(1, "0.3", endOfLife={"recycled": "0.5"}),
            "the factor `disposal` is needed: its share of foil is 0.5",
        ),
        (material(1, "0.3", unit="piece"), "input foil: virgin: piece does not convert to kilogram"),
        (material(1, "0.3", id="p" * 81), "the id of a material has at most 80 characters"),
    ],
)
def test_a_material_that_cannot_be_stated(entry: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        inventory("https://id.example/x", entry)


def test_a_part_of_a_material_that_is_no_exact_amount() -> None:
    entry = material("0.00000001", "0.333333333")
    with pytest.raises(ArithmeticRuleError, match="input foil: what is virgin of a material is no exact amount"):
        calculated(inventory("https://id.example/x", entry))
    other = material(1, 0, virgin=factor("8", "kilogram", gwp="AR5"))
    with pytest.raises(ArithmeticRuleError, match="the factor uses another set of global warming potentials"):
        calculated(inventory("https://id.example/x", other))


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


# --- internal processes ----------------------------------------------------------------------------------------------


def uses(name: str, process: str, quantity: object, unit: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "internal", "process": process, "quantity": quantity, "unit": unit, **more}


def burnt_in(name: str, kg: object) -> dict[str, Any]:
    return burnt(name, kg, per="declaredUnit")


STEAM = {
    "id": "steam",
    "name": "Boiler",
    "amount": 1,
    "unit": "tonne",
    "inputs": [burnt_in("gas", 60), uses("pumps", "power", 40, "kilowatt hour")],
}
POWER = {
    "id": "power-plant",
    "name": "Turbine",
    "amount": 100,
    "unit": "kilowatt hour",
    "inputs": [burnt_in("coal", 90), uses("turbine", "steam", 500, "kilogram")],
}
LOOP: list[dict[str, Any]] = [STEAM, {**POWER, "id": "power"}]


def looped(*more: dict[str, Any], internal: list[dict[str, Any]] | None = None, **changes: Any) -> Inventory:
    """A kilogram of product that takes half a tonne of steam."""
    inputs = more or (uses("drying", "steam", 500, "kilogram"),)
    return inventory("https://id.example/x", *inputs, internal=LOOP if internal is None else internal, **changes)


def test_processes_in_a_loop_are_solved() -> None:
    """0.5 t of steam; a tonne takes 0.4 of 100 kWh, and those 0.5 t: levels 0.625 and 0.25, 37.5 + 22.5 kg CO2e."""
    found = calculated(looped())
    rows = rows_of(found)
    assert {name: (row["process"], row["level"], row["contribution"]["total"]) for name, row in rows.items()} == {
        "gas": ("steam", "0.625", "37.5"),
        "coal": ("power", "0.25", "22.5"),
    }
    assert found.footprint.total == "60"
    assert found.accounting.extension["internal"] == {
        "uses": [{"id": "drying", "process": "steam", "quantity": "500", "unit": "kilogram", "per": "declaredUnit"}],
        "processes": [
            {
                "id": "steam",
                "name": "Boiler",
                "amount": "1",
                "unit": "tonne",
                "level": "0.625",
                "uses": [{"id": "pumps", "process": "power", "quantity": "40", "unit": "kilowatt hour"}],
            },
            {
                "id": "power",
                "name": "Turbine",
                "amount": "100",
                "unit": "kilowatt hour",
                "level": "0.25",
                "uses": [{"id": "turbine", "process": "steam", "quantity": "500", "unit": "kilogram"}],
            },
        ],
    }


def test_a_use_of_the_period_is_scaled_to_the_declared_amount() -> None:
    """500 t of steam for 1000 kg of product are half a tonne for one; its own emissions beside them."""
    found = calculated(looped(uses("drying", "steam", 500, "tonne", per="period"), burnt("own", 1000)))
    assert found.footprint.total == "61"


def test_levels_are_rounded_to_15_decimals_and_their_balance_holds() -> None:
    """Half a tonne at a gain of 1/50: 0.5 / 0.98."""
    internal = [{**STEAM, "inputs": [burnt_in("gas", 60), uses("pumps", "power", 4, "kilowatt hour")]}, LOOP[1]]
    found = calculated(looped(internal=internal))
    stated = found.accounting.extension["internal"]
    assert [each["level"] for each in stated["processes"]] == ["0.510204081632653", "0.020408163265306"]
    check_levels(stated, ONE, 1000 * ONE)
    stated["processes"][0]["level"] = "0.510204081632655"
    with pytest.raises(ArithmeticRuleError, match="process steam does not run as much as is used of it"):
        check_levels(stated, ONE, 1000 * ONE)


@given(
    st.lists(st.decimals(0, 1, places=2), min_size=9, max_size=9),
    st.lists(st.decimals("0.01", 9, places=2), min_size=3, max_size=3),
)
def test_every_solution_that_is_stated_passes_the_check(amounts: list[Decimal], demand: list[Decimal]) -> None:
    names = ("a", "b", "c")
    internal = [
        {
            "id": consumer,
            "name": consumer,
            "amount": 1,
            "unit": "kilogram",
            "inputs": [
                burnt_in(f"own-{consumer}", 1),
                *(
                    uses(f"{consumer}{supplier}", supplier, amounts[3 * at + number] / 3, "kilogram")
                    for number, supplier in enumerate(names)
                    if amounts[3 * at + number] and (amounts[3 * at + number] / 3).as_tuple().exponent >= -15
                ),
            ],
        }
        for at, consumer in enumerate(names)
    ]
    document = looped(
        *(uses(f"use-{name}", name, asked, "kilogram") for name, asked in zip(names, demand, strict=True)),
        internal=internal,
    )
    check_levels(calculated(document).accounting.extension["internal"], ONE, 1000 * ONE)


def test_instruments_of_a_process_are_spent_at_its_level() -> None:
    """10 kWh for 100 kWh of the plant, which runs 0.25 times for a kilogram: 2500 kWh for 1000 kg."""
    grid = power(10, certificate(10, issuedQuantity=9000), per="declaredUnit")
    plant = {**LOOP[1], "inputs": [{**grid, "id": "grid"}, LOOP[1]["inputs"][1]]}
    found = calculated(looped(internal=[STEAM, plant]))
    (use,) = found.spent
    assert use.spent_kwh == 2500
    assert found.accounting.extension["electricity"]["locationBased"] == "1"


def test_a_loop_that_eats_what_it_makes_is_refused_by_name() -> None:
    greedy = {**LOOP[1], "inputs": [uses("turbine", "steam", 2500, "kilogram"), burnt_in("coal", 90)]}
    with pytest.raises(
        UnproductiveError, match="a loop of internal processes needs as much of itself as it makes"
    ) as raised:
        calculated(looped(internal=[STEAM, greedy]))
    assert raised.value.found in ("steam supplies power supplies steam", "power supplies steam supplies power")


@pytest.mark.parametrize(
    ("document", "error", "reason"),
    [
        (
            lambda: looped(burnt("own", 1)),
            ArithmeticRuleError,
            "process steam: nothing uses the process",
        ),
        (
            lambda: looped(uses("drying", "steam", "0.00000001", "gram")),
            ArithmeticRuleError,
            "process steam: the activity level keeps fewer than six significant digits",
        ),
        (lambda: looped(uses("drying", "steam", 1, "piece")), UnitError, "use drying: piece does not convert to tonne"),
    ],
)
def test_processes_that_cannot_be_solved(document: Any, error: type[PassportError], reason: str) -> None:
    with pytest.raises(error, match=reason):
        calculated(document())


@pytest.mark.parametrize(
    ("internal", "reason"),
    [
        ([STEAM], "input pumps uses no internal process 'power': steam"),
        ([STEAM, STEAM], "two inputs have the id"),
        ([{**STEAM, "inputs": [burnt("gas", 1)]}], "input gas of process steam is for the process's amount, not for a"),
        (
            [{**STEAM, "inputs": [credit(1, per="declaredUnit")]}],
            "input credit: credits are inputs of the product, not of process steam",
        ),
        ([{**STEAM, "inputs": [burnt_in("a", 1)]}, {**STEAM, "inputs": [burnt_in("b", 1)]}], "processes go by one id"),
        ([], "at least 1 item"),
    ],
)
def test_processes_that_cannot_be_stated(internal: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        looped(internal=internal)


def test_an_inventory_without_processes_is_written_as_before() -> None:
    document = inventory("https://id.example/x", power(10, certificate(10)), allocation=JOINT)
    written = str(document.to_json())
    for name in ("internal", "usedIn", "matching", "keeper", "displaces'", "substitutes"):
        assert name not in written


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


# --- electricity -----------------------------------------------------------------------------------------------------


def test_electricity_by_both_methods() -> None:
    """1000 kWh, 600 of them wind at 0.01, the rest at a residual mix of 0.7: 6 + 280; by location 400; per 1000 kg."""
    found = calculated(inventory("https://id.example/x", power(1000, certificate(600), **AT_RESIDUAL)))
    rows = rows_of(found)
    assert {name: row["contribution"]["total"] for name, row in rows.items()} == {
        "power.1": "0.006",
        "power.rest": "0.28",
    }
    assert rows["power.1"]["electricity"]["instrument"]["trackingId"] == "GO-1"
    assert found.footprint.total == "0.286"
    assert found.accounting.extension["electricity"] == {
        "locationBased": "0.4",
        "marketBased": "0.286",
        "restAtGridAverage": False,
    }
    (use,) = found.spent
    assert (use.key, use.issued_kwh, use.spent_kwh) == (instrument_key("EECS", "GO-1"), 1000, 600)


def test_a_contract_goes_by_who_sells_under_it() -> None:
    contract = certificate(600, instrument="powerPurchaseAgreement", keeper=SELLER)
    del contract["registry"]
    found = calculated(inventory("https://id.example/x", power(600, contract)))
    stated = rows_of(found)["power.1"]["electricity"]["instrument"]
    assert stated["keeper"] == SELLER
    assert "registry" not in stated
    (use,) = found.spent
    assert use.key == "lei:999900kitanami000191/go-1"


def test_a_rest_without_a_residual_mix_is_marked() -> None:
    found = calculated(inventory("https://id.example/x", power(1000, certificate(600), **AT_AVERAGE)))
    assert found.accounting.extension["electricity"] == {
        "locationBased": "0.4",
        "marketBased": "0.166",
        "restAtGridAverage": True,
    }


def test_without_instruments_electricity_is_at_the_grids_average() -> None:
    """With the figure that comes with the program, of the Netherlands in the newest year it has."""
    entry = power(1000)
    del entry["grid"]
    found = calculated(inventory("https://id.example/x", entry))
    average = grid_intensity("NL", 2025)
    assert Decimal(found.footprint.total) == average.kg_co2e_per_kwh
    row = rows_of(found)["power"]
    assert row["factor"]["source"] == {"name": average.name, "url": average.url, "version": average.version}
    assert row["factor"]["year"] == average.year
    assert found.accounting.extension["electricity"]["restAtGridAverage"] is False


JANUARY = {"start": "2025-01-01T00:00:00Z", "end": "2025-02-01T00:00:00Z"}


def test_a_month_covers_a_months_share_of_the_years_use() -> None:
    """31 of 365 days: of 3650 kWh at most 310; all of it if the input says that it was used in that month."""
    covered = power(3650, certificate(310, period=JANUARY), **AT_RESIDUAL)
    assert set(rows_of(calculated(inventory("https://id.example/x", covered)))) == {"power.1", "power.rest"}
    too_much = power(3650, certificate("310.001", period=JANUARY), **AT_RESIDUAL)
    with pytest.raises(ArithmeticRuleError, match="input power: instruments cover more electricity than is used in th"):
        calculated(inventory("https://id.example/x", too_much))
    in_january = power(900, certificate(900, period=JANUARY), usedIn=JANUARY)
    row = rows_of(calculated(inventory("https://id.example/x", in_january)))["power.1"]
    assert row["electricity"]["usedIn"] == JANUARY


def test_annual_matching_is_a_rule_that_the_statement_names() -> None:
    entry = power(900, certificate(900, period=JANUARY), matching="calendarYear")
    found = calculated(inventory("https://id.example/x", entry))
    assert rows_of(found)["power.1"]["electricity"]["matching"] == "calendarYear"
    assert found.accounting.extension["electricity"]["matching"] == ["calendarYear"]
    without = calculated(inventory("https://id.example/x", power(900, certificate(900))))
    assert "matching" not in without.accounting.extension["electricity"]


def test_annual_matching_ends_with_the_year() -> None:
    """A business year from October: of 3650 kWh, a certificate of 2025 covers the 273 days in 2025 alone."""
    year = {"start": "2024-10-01T00:00:00Z", "end": "2025-10-01T00:00:00Z"}

    def entry(kwh: int) -> dict[str, Any]:
        return power(
            3650, certificate(kwh, period=JANUARY, issuedQuantity=3000), matching="calendarYear", **AT_RESIDUAL
        )

    calculated(inventory("https://id.example/x", entry(2730), period=year))
    with pytest.raises(ArithmeticRuleError, match=r"at most 2730 from 2025-01-01 to 2025-10-01.*found 2731"):
        calculated(inventory("https://id.example/x", entry(2731), period=year))


def test_the_grids_average_is_that_of_the_time_of_use() -> None:
    """A year that began in 2022, of which no figure comes with the program; it was used in 2023, of which one does."""
    period = {"start": "2022-07-01T00:00:00Z", "end": "2023-07-01T00:00:00Z"}
    entry = power(10, usedIn={"start": "2023-03-01T00:00:00Z", "end": "2023-04-01T00:00:00Z"})
    del entry["grid"]
    row = rows_of(calculated(inventory("https://id.example/x", entry, period=period)))["power"]
    assert (row["factor"]["year"], row["factor"]["components"]) == (2023, {"fossilGhgEmissions": "0.267622"})
    with pytest.raises(ArithmeticRuleError, match="no grid average of this country and year"):
        calculated(inventory("https://id.example/x", {**entry, "usedIn": None}, period=period))


def test_instruments_of_a_joint_process_are_spent_by_share() -> None:
    """Of 600 kWh of certificates the oil's passport uses up 2/5; the cake's may use up the others."""
    entry = power(600, certificate(600))
    (use,) = calculated(inventory("https://id.example/oil", entry, allocation=JOINT, coveredQuantity="400")).spent
    assert use.spent_kwh == 240


def test_instruments_per_declared_unit_are_spent_for_the_covered_quantity() -> None:
    (use,) = calculated(
        inventory("https://id.example/x", power("0.5", certificate("0.5"), per="declaredUnit"), coveredQuantity="1000")
    ).spent
    assert use.spent_kwh == 500


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (power(1000, certificate(600)), "input power: no factor for what no instrument covers; .*unknown is not zero"),
        (power(500, certificate(600), **AT_RESIDUAL), "instruments cover more electricity than is used"),
        (
            power(
                1000,
                certificate(6, period={"start": "2024-01-01T00:00:00Z", "end": "2025-01-01T00:00:00Z"}),
                **AT_RESIDUAL,
            ),
            "input power: instrument GO-1: the instrument is for electricity of another time",
        ),
        (
            power(10, usedIn={"start": "2024-12-31T00:00:00Z", "end": "2025-02-01T00:00:00Z"}),
            "input power: electricity that was used outside the reference period",
        ),
        (power(10, country="CF", grid=None), "no grid average of this country and year; .* found CF 2025"),
        (power(10, grid=factor("1", gwp="AR5")), "the factor uses another set of global warming potentials"),
    ],
)
def test_electricity_that_is_refused(entry: dict[str, Any], reason: str) -> None:
    with pytest.raises(ArithmeticRuleError, match=reason):
        calculated(inventory("https://id.example/x", entry))


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (
            power(10, certificate(10, country="NO")),
            "instrument GO-1 is of NO, the electricity of NL: name the `market`",
        ),
        (power(10, certificate(1001)), "uses 1001 of an instrument for 1000 kilowatt hour"),
        (power(10, certificate(10, registry="AIB")), "Input should be 'EECS', 'I-REC'"),
        (power(10, certificate(10, registry="eecs")), "Input should be 'EECS', 'I-REC'"),
        (power(10, certificate(10, registry=None)), "a certificate goes by the `registry` that tracks it"),
        (power(10, certificate(10, instrument="supplierContract")), "a contract by its `keeper`, who sells"),
        (power(10, certificate(10, keeper=SELLER)), "a certificate goes by the `registry` that tracks it"),
        (
            power(10, certificate(10, instrument="supplierContract", registry=None, keeper={**SELLER, "scheme": "x"})),
            "Input should be 'LEI', 'EUID', 'VAT', 'GLN' or 'USCC'",
        ),
        (power(10, certificate(10, registry="GEC-CN")), "GEC-CN tracks plants in CN, not in NL"),
        (power(10, unit="kilogram"), "electricity is counted in units of energy"),
        (power(10, rest={"basis": "residualMix"}), "a residual mix needs its factor"),
        (power(10, rest={"basis": "gridAverage", "factor": factor("1")}), "the grid's average has that of `grid`"),
        (power(10, matching="calendarYear"), "`matching` is a rule for instruments, and there are none"),
        (power(10, certificate(10), matching="anyYear"), "Input should be 'calendarYear'"),
        (power(10, id="p" * 81), "the id of an electricity input has at most 80 characters"),
    ],
)
def test_electricity_that_cannot_be_stated(entry: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        inventory("https://id.example/x", entry)


def test_rows_of_electricity_may_not_take_anothers_id() -> None:
    with pytest.raises(ArithmeticRuleError, match=r"two rows go by one id; found power\.1"):
        calculated(inventory("https://id.example/x", power(6, certificate(6)), burnt("power.1", 1)))


@given(amounts, amounts, st.sampled_from(["kilowatt hour", "megawatt hour", "megajoule"]))
def test_the_unit_that_electricity_is_counted_in_changes_nothing(used: Decimal, rest: Decimal, unit: str) -> None:
    """3.6 MJ are one kWh: covered and rest in one unit, the factors per kWh."""
    per_kwh = {"kilowatt hour": Fraction(1), "megawatt hour": Fraction(1000), "megajoule": Fraction(5, 18)}[unit]
    entry = power(used + rest, certificate(used, unit=unit, issuedQuantity=200000), unit=unit, **AT_RESIDUAL)
    found = calculated(inventory("https://id.example/x", entry, coveredQuantity="1"))
    exact = (Fraction(used) * Fraction("0.01") + Fraction(rest) * Fraction("0.7")) * per_kwh
    assert abs(Fraction(found.footprint.total) - exact) <= Fraction(1, 10**15)
    (use,) = found.spent
    assert use.spent_kwh == Fraction(used) * per_kwh


# --- a certificate is spent once -------------------------------------------------------------------------------------


def statement_of(company: Workspace, issued: IssuedPassport) -> dict[str, Any]:
    statement: dict[str, Any] = parse_canonical(
        company.store.get_document(DocumentKind.STATEMENT, issued.statement_digest)
    )
    return statement


def test_a_certificate_is_spent_once_over_all_inventories(world: World) -> None:
    issuer = world.issuer(world.mill)
    one = issuer.issue(inventory(world.product(), power(700, certificate(700, "once"))))
    data = statement_of(world.mill, one)["extensions"][0]["data"]
    assert data["electricity"]["marketBased"] == "0.007"
    product = world.product()
    with pytest.raises(IssueError, match="eecs/go-once: the instrument is spent") as raised:
        issuer.issue(inventory(product, power(301, certificate(301, "ONCE"))))
    assert raised.value.expected == "at most 300 kWh of 1000"
    assert raised.value.found == f"301 kWh, spent by {one.id}"
    assert world.mill.store.find_documents(DocumentKind.PASSPORT, subject_id=product) == []
    issuer.issue(inventory(product, power(300, certificate(300, "once"))))


def test_stating_more_for_a_certificate_gains_nothing(world: World) -> None:
    issuer = world.issuer(world.mill)
    issuer.issue(inventory(world.product(), power(700, certificate(700, "more"))))
    with pytest.raises(IssueError, match="the instrument was stated with another quantity"):
        issuer.issue(inventory(world.product(), power(700, certificate(700, "more", issuedQuantity=9000))))


def test_a_successor_takes_over_what_its_predecessor_spent(world: World) -> None:
    issuer = world.issuer(world.mill)
    product = world.product()
    first = issuer.issue(inventory(product, power(900, certificate(900, "again"))))
    second = issuer.issue(inventory(product, power(950, certificate(950, "again")), predecessor=first.id))
    key = instrument_key("EECS", "GO-again")
    assert [(use.by, use.spent_kwh) for use in world.mill.store.uses_of(key)] == [(second.id, 950)]


def test_a_predecessor_that_still_supplies_gives_nothing_back_for_other_goods(world: World) -> None:
    """The flour of the first version, with 900 kWh, is in somebody's bread: the second spends 300 for the same."""
    issuer = world.issuer(world.mill)
    product, bread = world.product(), world.product()
    first = issuer.issue(inventory(product, power(900, certificate(900, "held"))))
    bought_from_it = issuer.issue(inventory(bread, bought(passport=first.id), upstreamPublic=True))
    second = issuer.issue(inventory(product, power(300, certificate(300, "held")), predecessor=first.id))
    key = instrument_key("EECS", "GO-held")
    assert [(use.by, use.spent_kwh) for use in world.mill.store.uses_of(key)] == [(first.id, 600), (second.id, 300)]
    with pytest.raises(IssueError, match="the instrument is spent") as raised:
        issuer.issue(inventory(world.product(), power(101, certificate(101, "held"))))
    assert raised.value.expected == "at most 100 kWh of 1000"
    assert still_supplies(world.mill.store, first.digest)
    assert not still_supplies(world.mill.store, second.digest)
    assert not still_supplies(world.mill.store, bought_from_it.digest)


def test_a_pin_in_public_shows_who_is_still_supplied(world: World, tmp_path: Path) -> None:
    """Of somebody else only the passports are at hand: a pin below counts, the link to what is replaced does not."""
    issuer = world.issuer(world.mill)
    product = world.product()
    first = issuer.issue(inventory(product))
    second = issuer.issue(inventory(product, predecessor=first.id))
    built = issuer.issue(inventory(world.product(), bought(passport=second.id), upstreamPublic=True))
    with Store.open(tmp_path / "theirs.db") as store:
        for issued in (second, built):
            body = world.mill.store.get_document(DocumentKind.PASSPORT, issued.digest)
            store.put_document(DocumentKind.PASSPORT, issued.digest, body, document_id=issued.id)
        assert not still_supplies(store, first.digest)
        assert still_supplies(store, second.digest)


@pytest.mark.parametrize(
    "other_goods",
    [
        {"period": {"start": "2024-01-01T00:00:00Z", "end": "2025-01-01T00:00:00Z"}},
        {"facility": {"id": "https://id.example/414/elsewhere", "name": "Another plant"}},
    ],
    ids=["another period", "another plant"],
)
def test_a_predecessor_of_other_goods_gives_nothing_back(world: World, other_goods: dict[str, Any]) -> None:
    issuer = world.issuer(world.mill)
    product = world.product()
    number = f"goods-{next(iter(other_goods))}"
    first = issuer.issue(inventory(product, power(900, certificate(900, number))))
    with pytest.raises(IssueError, match="the instrument is spent; expected at most 100 kWh of 1000"):
        issuer.issue(
            inventory(
                product,
                power(
                    101,
                    certificate(101, number, period={"start": "2024-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}),
                ),
                predecessor=first.id,
                **other_goods,
            )
        )
