"""The stated footprint beside the computed one: by hand, digit by digit, and each way to state another."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from passport.model.profile import Profile, profile
from passport.model.profile_footprint import Comparison, Computed, compare_footprint
from passport.model.quantity import decimal_text

BATTERY, LABEL = profile("battery/1"), profile("device-label/1")
CONTENTS: dict[str, Any] = json.loads(Path(__file__).with_name("battery_contents.json").read_text("utf-8"))["1"]
ROWS = (("rawMaterialAcquisition", "2000"), ("inboundTransport", "80"), ("mainProduction", "590"), ("packaging", "10"))
"""2080 kg and 600 kg of one battery that provides 40000 kWh: 0.052 and 0.015 kg CO2e/kWh."""
BEYOND = "Distribution, Recycling: stated, and beyond what the passport computes"


def compare(
    *,
    rows: tuple[tuple[str, str], ...] | None = ROWS,
    total: str | None = None,
    amount: str = "1",
    unit: str = "piece",
    mass: str = "450",
    of: Profile = BATTERY,
    **changed: Any,
) -> Comparison:
    values = {name: value for name, value in (copy.deepcopy(CONTENTS) | changed).items() if value is not None}
    read = None if rows is None else [(stage, Fraction(kg)) for stage, kg in rows]
    whole = Fraction(total) if total else sum((kg for _, kg in read or ()), Fraction(0))
    return compare_footprint(of, values, Computed(Fraction(amount), unit, Fraction(mass), whole, read))


def told(found: Comparison) -> list[str]:
    return [str(each) for each in found.misfits]


def stages(raw: str, main: str) -> list[dict[str, str]]:
    amounts = {"RawMaterialExtraction": raw, "MainProduction": main, "Distribution": "0.001", "Recycling": "0.003"}
    return [{"lifecycleStage": name, "carbonFootprint": f"{kg} kg CO2e/kWh"} for name, kg in amounts.items()]


def test_the_two_agree() -> None:
    assert compare() == Comparison((), (BEYOND,))


def test_the_declared_amount_may_be_any_and_the_unit_energy() -> None:
    """Ten batteries; and one kilowatt hour of what they provide, which 450 kg / 40000 weigh."""
    ten = tuple((stage, str(10 * int(kg))) for stage, kg in ROWS)
    assert compare(rows=ten, amount="10", mass="4500").misfits == ()
    per_kwh = tuple((stage, str(Fraction(kg) / 40000)) for stage, kg in ROWS)
    assert compare(rows=per_kwh, unit="kilowatt hour", mass="0.01125").misfits == ()


def test_a_kilowatt_hour_of_capacity_is_none_that_is_provided() -> None:
    """A pack of 33.37 kWh: 450 kg / 33.37 kWh is 13.485 kg, and not 0.01125 kg."""
    rows = tuple((stage, str(Fraction(kg) / Fraction("33.37"))) for stage, kg in ROWS)
    found = compare(rows=rows, unit="kilowatt hour", mass="13.485")
    assert told(found)[0] == (
        "batteryMass: not the mass that the passport counts with; expected 539400 kg, found 450 kg"
    )
    assert "not the total that the passport computes; expected about 80.3116571771 kg CO2e/kWh" in told(found)[1]


def test_rows_that_nobody_sees_leave_the_stages_open_and_not_the_total() -> None:
    found = compare(rows=None, total="2680")
    assert found.misfits == ()
    assert found.unknown[0] == "not all rows are at hand, so the stages were compared together and not one by one"
    (misfit,) = compare(rows=None, total="2800").misfits
    assert str(misfit) == (
        "carbonFootprintPerLifecycleStage: RawMaterialExtraction + MainProduction: not the total that the passport "
        "computes; expected 0.07 kg CO2e/kWh, found 0.067 kg CO2e/kWh"
    )


def test_a_shift_between_stages_is_found_where_rows_are_seen() -> None:
    lie = stages("0.042", "0.025")
    assert compare(rows=None, total="2680", carbonFootprintPerLifecycleStage=lie).misfits == ()
    assert told(compare(carbonFootprintPerLifecycleStage=lie)) == [
        "carbonFootprintPerLifecycleStage: RawMaterialExtraction: not the sum of the stage's rows; "
        "expected 0.052 kg CO2e/kWh, found 0.042 kg CO2e/kWh",
        "carbonFootprintPerLifecycleStage: MainProduction: not the sum of the stage's rows; "
        "expected 0.015 kg CO2e/kWh, found 0.025 kg CO2e/kWh",
    ]


def test_rounding_takes_half_a_unit_of_the_last_digit_and_no_more() -> None:
    """0.052 is good from 2060 to 2100 kg."""
    rest = ROWS[2:]
    assert compare(rows=(("rawMaterialAcquisition", "2100"), *rest)).misfits == ()
    (misfit,) = compare(rows=(("rawMaterialAcquisition", "2100.000000000000001"), *rest)).misfits
    assert misfit.expected.startswith("about 0.0525")


def test_unknown_is_not_zero() -> None:
    nothing = [
        {**each, "carbonFootprint": each["carbonFootprint"].replace(" kg", "0 kg")} for each in stages("0.000", "0.015")
    ]
    (misfit,) = compare(
        rows=ROWS[2:], carbonFootprintPerLifecycleStage=nothing, batteryCarbonFootprint="0.0190 kg CO2e/kWh"
    ).misfits
    assert str(misfit) == (
        "carbonFootprintPerLifecycleStage: RawMaterialExtraction: no row of the stage; expected an input of "
        "rawMaterialAcquisition or inboundTransport; unknown is not zero, found 0.0000 kg CO2e/kWh"
    )
    without = compare(energyOverServiceLife=None)
    assert without.is_left_open
    assert without.unknown == ("energyOverServiceLife is not stated, so that nobody knows how many kWh a piece gives",)
    assert without.misfits == ()
    assert compare(energyOverServiceLife="0 kWh").is_left_open
    assert compare(unit="kilogram").unknown == ("the declared unit is kilogram, and a footprint per kWh was stated",)
    assert compare(batteryCarbonFootprint=None).unknown == ("batteryCarbonFootprint is not stated as the profile asks",)
    assert compare(carbonFootprintPerLifecycleStage="x").is_left_open


def test_few_digits_hide_nothing() -> None:
    """0 for 0.067 would be right to half a unit of its last digit."""
    coarse = compare(
        carbonFootprintPerLifecycleStage=[{**each, "carbonFootprint": "0 kg CO2e/kWh"} for each in stages("0", "0")]
    )
    assert coarse.is_left_open
    assert coarse.unknown == ("0 kg CO2e/kWh has too few digits to be compared",)
    assert compare(batteryCarbonFootprint="0.1 kg CO2e/kWh").unknown[0].startswith("0.1 kg CO2e/kWh has too few digits")


def test_many_digits_are_compared_exactly() -> None:
    """A thousandth of a picogram more, on a figure that is given to 38 digits."""
    long = [
        {**each, "carbonFootprint": each["carbonFootprint"].replace(" kg", "0" * 35 + " kg")}
        for each in stages("0.052", "0.015")
    ]
    assert compare(carbonFootprintPerLifecycleStage=long).misfits == ()
    rows = (("rawMaterialAcquisition", "2080.000000000000001"), *ROWS[2:])
    found = compare(rows=rows, carbonFootprintPerLifecycleStage=long)
    assert [each.message for each in found.misfits] == [
        "not the total that the passport computes",
        "not the sum of the stage's rows",
    ]
    assert found.misfits[0].expected == "about 0.0670000000000 kg CO2e/kWh"


def test_a_device_is_one_functional_unit() -> None:
    label = {
        "carbonFootprint": "3960 kg CO2e",
        "carbonFootprintByStage": [
            {"stage": name, "carbonFootprint": f"{kg} kg CO2e"}
            for name, kg in (
                ("RawMaterials", 720),
                ("Production", 560),
                ("Distribution", 45),
                ("Use", 2628),
                ("EndOfLife", 7),
            )
        ],
        "deviceMass": "18 kg",
    }
    rows = (("rawMaterialAcquisition", "720"), ("mainProduction", "560"))
    assert compare(of=LABEL, rows=rows, mass="18", **label) == Comparison(
        (), ("Distribution, Use, EndOfLife: stated, and beyond what the passport computes",)
    )
    (total, stage) = compare(of=LABEL, rows=(rows[0], ("mainProduction", "600")), mass="18", **label).misfits
    assert (total.expected, total.found) == ("1320 kg CO2e", "1280 kg CO2e")
    assert (stage.expected, stage.found) == ("600 kg CO2e", "560 kg CO2e")
    assert told(compare(of=LABEL, rows=rows, mass="21", **label))[0].startswith("deviceMass: not the mass")


def test_a_profile_without_a_footprint_has_nothing_to_compare() -> None:
    assert compare(of=profile("product/1")) == Comparison((), ())


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(-67, 1000), "-0.067"),
        (Fraction(12), "12"),
        (Fraction(1, 8), "0.125"),
        (Fraction(1, 3), "about 0.333333333333"),
        (Fraction(10**30), "1" + "0" * 30),
    ],
)
def test_exact_numbers_in_plain_digits(number: Fraction, text: str) -> None:
    assert decimal_text(number) == text
