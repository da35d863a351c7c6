"""Issuing electricity by grid and by instruments: rows that can be re-done, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from accounting_inventories import (
    AT_AVERAGE,
    AT_RESIDUAL,
    JOINT,
    SELLER,
    amounts,
    burnt,
    calculated,
    certificate,
    factor,
    power,
    rows_of,
)
from hypothesis import given
from hypothesis import strategies as st
from issuer_world import inventory
from pydantic import ValidationError

from passport.carbon.electricity import grid_intensity, instrument_key
from passport.errors import ArithmeticRuleError


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
