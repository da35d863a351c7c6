"""Issuing internal processes in loops: levels that are solved and stated, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from accounting_inventories import JOINT, burnt, calculated, certificate, credit, power, rows_of
from hypothesis import given
from hypothesis import strategies as st
from issuer_world import inventory
from pydantic import ValidationError

from passport.arithmetic.quanta import ONE
from passport.errors import ArithmeticRuleError, PassportError, UnitError, UnproductiveError
from passport.exchange.internal_levels import check_levels
from passport.model.inventory import Inventory


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
