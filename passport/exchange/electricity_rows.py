"""Electricity inputs as rows: one for each instrument and one for the rest, held to when the electricity was used."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from passport.carbon.electricity import (
    MatchingRule,
    Span,
    check_covered_in_time,
    check_period,
    cover,
    grid_intensity,
    matched_period,
)
from passport.errors import ArithmeticRuleError
from passport.exchange.row_plan import RowPlan, base_of, check_gwp, is_exact
from passport.model.amount import round_fraction, to_text
from passport.model.base import time_text
from passport.model.electricity import ElectricityInput, InstrumentUse, Rest
from passport.model.inputs import Factor, FactorInput, Period, Source
from passport.model.inventory import Inventory
from passport.model.units import Unit, conversion


def electricity_rows(entry: ElectricityInput, inventory: Inventory) -> Iterator[RowPlan]:
    """The rows of electricity that was used.

    Args:
        entry: The input.
        inventory: That it is of.

    Raises:
        ArithmeticRuleError: More electricity covered than used, in all or in the time of the instruments; a rest
            without a factor; no average of the grid.
        UnitError: Units that do not convert.
    """
    where = f"input {entry.id}"
    used_in = _used_in(entry, inventory, where)
    grid = entry.grid or _grid_factor(entry, used_in[0].year)
    said = {"input": entry.id, "country": entry.country, "grid": grid.to_json()}
    if entry.used_in is not None:
        said["usedIn"] = _period(entry.used_in)
    if entry.matching is not None:
        said["matching"] = str(entry.matching)
    rule = MatchingRule(entry.matching) if entry.matching else None
    covered = [Fraction(each.quantity) * conversion(each.unit, entry.unit, where=where) for each in entry.instruments]
    rest = cover(Fraction(entry.quantity), covered, where=where).rest
    for number, each in enumerate(entry.instruments, start=1):
        check_period(_span(each.period), used_in, rule=rule, where=f"{where}: instrument {each.tracking_id}")
        yield _part(
            entry,
            inventory,
            f"{entry.id}.{number}",
            (each.quantity, each.unit, each.factor),
            {**said, "basis": "instrument", "instrument": _instrument(each)},
            {"evidence": each.evidence or entry.evidence},
        )
    usable = [matched_period(_span(each.period), rule) for each in entry.instruments]
    check_covered_in_time(Fraction(entry.quantity), list(zip(usable, covered, strict=True)), used_in, where=where)
    if not rest and entry.instruments:
        return
    basis, factor = _rest(entry, grid, where)
    if not is_exact(rest):
        raise ArithmeticRuleError(
            "what no instrument covers is no exact amount", where=where, hint="count instruments in the input's unit"
        )
    name = f"{entry.id}.rest" if entry.instruments else entry.id
    yield _part(entry, inventory, name, (round_fraction(rest), entry.unit, factor), {**said, "basis": str(basis)}, {})


def _rest(entry: ElectricityInput, grid: Factor, where: str) -> tuple[Rest, Factor]:
    """At what the part counts that no instrument covers; beside instruments it has to be said."""
    if entry.rest is None:
        if entry.instruments:
            raise ArithmeticRuleError(
                "no factor for what no instrument covers",
                where=where,
                expected="`rest` with a residual mix and its factor, or with `basis: gridAverage` where none is known",
                hint="unknown is not zero",
            )
        return Rest.GRID_AVERAGE, grid
    return entry.rest.basis, entry.rest.factor or grid


def _part(
    entry: ElectricityInput,
    inventory: Inventory,
    name: str,
    activity: tuple[Decimal, Unit, Factor],
    electricity: dict[str, Any],
    changes: dict[str, Any],
) -> RowPlan:
    quantity, unit, factor = activity
    check_gwp(factor, inventory, name)
    said = {**base_of(entry), **changes, "id": name, "kind": "factor"}
    row = FactorInput.model_validate({**said, "quantity": quantity, "unit": unit, "factor": factor})
    return RowPlan(row, {"electricity": electricity})


def _instrument(each: InstrumentUse) -> dict[str, Any]:
    kept_by: dict[str, Any] = {"registry": str(each.registry)} if each.registry else {}
    if each.keeper is not None:
        kept_by = {"keeper": each.keeper.to_json()}
    said = {
        "instrument": str(each.instrument),
        **kept_by,
        "trackingId": each.tracking_id,
        "issuedQuantity": to_text(each.issued_quantity),
        "unit": str(each.unit),
        "period": _period(each.period),
        "country": each.country,
    }
    return said if each.market is None else {**said, "market": each.market}


def _used_in(entry: ElectricityInput, inventory: Inventory, where: str) -> Span:
    """When it was used: in the whole reference period, or in a part of it that the input states."""
    period, stated = _span(inventory.period), entry.used_in
    if stated is None:
        return period
    if stated.start < period[0] or stated.end > period[1]:
        raise ArithmeticRuleError(
            "electricity that was used outside the reference period",
            where=where,
            expected=f"{time_text(period[0])} to {time_text(period[1])}",
            found=f"{time_text(stated.start)} to {time_text(stated.end)}",
        )
    return _span(stated)


def _span(period: Period) -> Span:
    return period.start, period.end


def _period(period: Period) -> dict[str, str]:
    return {"start": time_text(period.start), "end": time_text(period.end)}


def _grid_factor(entry: ElectricityInput, year: int) -> Factor:
    """The grid's average that comes with the program, for the year in which its use begins."""
    average = grid_intensity(entry.country, year)
    return Factor(
        name=f"Grid average {entry.country} {average.year}, lifecycle, {average.licence}",
        unit=Unit.KILOWATT_HOUR,
        components={"fossilGhgEmissions": average.kg_co2e_per_kwh},
        source=Source(name=average.name, version=average.version, url=average.url),
        year=average.year,
        geography=entry.country,
    )
