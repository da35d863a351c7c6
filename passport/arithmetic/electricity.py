"""Electricity rows: what they would be at the grid's average, and what they spend of contracts and certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from passport.arithmetic.contribution import Contribution
from passport.arithmetic.level import level_scale
from passport.arithmetic.quanta import ONE, from_text
from passport.arithmetic.rows import recompute_row
from passport.arithmetic.share import share_scale
from passport.model.inputs import Per
from passport.model.units import Unit, conversion


@dataclass(frozen=True, slots=True)
class ElectricityTotals:
    """A product's electricity by both methods of the GHG Protocol, per declared amount; quanta of kg CO2e.

    Attributes:
        location: At the grid's average throughout.
        market: At what contracts and certificates say, the rest at the residual mix; this is in the footprint.
        is_rest_at_average: Whether, for want of a residual mix, a rest beside instruments counts at the grid's average.
    """

    location: int
    market: int
    is_rest_at_average: bool


@dataclass(frozen=True, slots=True)
class InstrumentSpent:
    """What one row uses up of a contract or certificate, for the product's whole covered quantity; kWh, exactly.

    `registry` is the system that tracks a certificate, or who keeps a contract, as `scheme:identifier`.
    """

    registry: str
    tracking_id: str
    issued_kwh: Fraction
    spent_kwh: Fraction


def electricity_totals(
    rows: Sequence[Mapping[str, Any]],
    contributions: Sequence[Contribution],
    declared_amount: int,
    covered_quantity: int,
) -> ElectricityTotals | None:
    """Both totals over the electricity among the rows; None when there is none.

    Args:
        rows: All rows of a calculation.
        contributions: What each of them contributes, in the same order.
        declared_amount: The product's declared amount, quanta.
        covered_quantity: The product's covered quantity in its declared unit, quanta.
    """
    location = market = 0
    with_instruments: set[str] = set()
    at_average: set[str] = set()
    found = False
    for row, contribution in zip(rows, contributions, strict=True):
        said = row.get("electricity")
        if said is None:
            continue
        found = True
        market += contribution.total
        at_grid = {**row, "factor": said["grid"]}
        location += recompute_row(at_grid, declared_amount, covered_quantity).total
        if said["basis"] == "instrument":
            with_instruments.add(said["input"])
        elif said["basis"] == "gridAverage":
            at_average.add(said["input"])
    return ElectricityTotals(location, market, bool(with_instruments & at_average)) if found else None


def instrument_spent(row: Mapping[str, Any], declared_amount: int, covered_quantity: int) -> InstrumentSpent | None:
    """What a row uses up of its instrument; None for a row without one.

    Raises:
        UnitError: Not a unit of energy.
        ArithmeticRuleError: A share that is none.
    """
    said = row.get("electricity")
    if said is None or said["basis"] != "instrument":
        return None
    where = f"row {row['id']}"
    spent = _kwh(row["quantity"], row["unit"], where)
    if row["per"] != Per.PERIOD:
        spent = spent * covered_quantity / declared_amount
    level = level_scale(row)
    if level is not None:
        spent = spent * level.numerator / level.denominator
    share = share_scale(row, where=where)
    if share is not None:
        spent = spent * share.numerator / share.denominator
    instrument = said["instrument"]
    issued = _kwh(instrument["issuedQuantity"], instrument["unit"], where)
    keeper = instrument.get("keeper")
    registry = f"{keeper['scheme']}:{keeper['identifier']}" if keeper else instrument["registry"]
    return InstrumentSpent(registry, instrument["trackingId"], issued, spent)


def _kwh(amount: str, unit: str, where: str) -> Fraction:
    return Fraction(from_text(amount), ONE) * conversion(Unit(unit), Unit.KILOWATT_HOUR, where=where)
