"""What of an inventory becomes rows: gases as CO2e, electricity by its instruments, joint processes by their shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple, assert_never

from passport.arithmetic.share import share_text
from passport.carbon.electricity import check_period, cover, grid_intensity
from passport.carbon.gwp import GwpSet, check_mixture, gwp_set
from passport.errors import ArithmeticRuleError
from passport.exchange.process_shares import check_credit, product_share
from passport.model.amount import MAX_DECIMALS, from_text, round_fraction, to_text
from passport.model.base import time_text
from passport.model.electricity import ElectricityInput, InstrumentUse, Rest
from passport.model.inputs import DirectInput, Factor, FactorInput, GasesInput, PassportInput, RowInput, Source
from passport.model.inventory import Input, Inventory
from passport.model.units import Unit, conversion

_SHARED = ("name", "stage", "per", "known", "uncertainty", "data_quality", "evidence")
_HORIZON = "GWP100"


class RowPlan(NamedTuple):
    """One row to be: the input it has, and what it says beside.

    Attributes:
        entry: The input.
        extra: Members of the row: `share`, `gases`, `electricity`.
    """

    entry: RowInput
    extra: dict[str, Any]


def row_plans(inventory: Inventory) -> tuple[RowPlan, ...]:
    """The rows of an inventory, in its order; an electricity input has one for each instrument and one for the rest.

    Raises:
        ArithmeticRuleError: Potentials that must not be mixed or are not known, more electricity covered than used, a
            rest without a factor, an instrument of another time, a share that cannot be told.
        UnitError: Units that do not convert.
    """
    check_mixture(
        inventory.gwp,
        rule=inventory.gwp_rule,
        period_start=inventory.period.start.date(),
        where=inventory.product.id,
    )
    process = inventory.process
    share = share_text(product_share(process)) if process else None
    whole = frozenset(process.subdivided) if process else frozenset()
    plans = []
    for entry in inventory.inputs:
        for plan in _plans(entry, inventory):
            is_credit = isinstance(plan.entry, FactorInput) and plan.entry.substitutes is not None
            if share is not None and entry.id not in whole and not is_credit:
                plan.extra["share"] = share
            plans.append(plan)
    _check_ids(plans)
    return tuple(plans)


def check_credits(inventory: Inventory, rows: Sequence[Mapping[str, Any]], declared: int, covered: int) -> None:
    """Refuse credits for more than the co-products of the inventory's process displace.

    Args:
        inventory: The issuer's account.
        rows: Its rows.
        declared: Its declared amount, quanta.
        covered: Its covered quantity, quanta.

    Raises:
        ArithmeticRuleError: As `check_credit`.
        UnitError: As `check_credit`.
    """
    if inventory.process is None:
        return
    for row in rows:
        if "substitutes" in row:
            check_credit(
                inventory.process,
                row,
                declared_unit=inventory.declared_unit,
                declared_amount=declared,
                covered_quantity=covered,
            )


def gas_emissions(masses: Sequence[Mapping[str, Any]], used: GwpSet, *, where: str) -> dict[str, str]:
    """Kg CO2e by component, exactly.

    Args:
        masses: As a row has them: gas, quantity, unit, component.
        used: The set of potentials.
        where: The row or input meant, for the error.

    Raises:
        ArithmeticRuleError: A gas that the set does not know, or a product with more digits than amounts have.
    """
    sums: defaultdict[str, Fraction] = defaultdict(Fraction)
    for mass in masses:
        kilograms = Fraction(from_text(mass["quantity"])) * conversion(Unit(mass["unit"]), Unit.KILOGRAM, where=where)
        sums[mass["component"]] += used.kg_co2e({mass["gas"]: kilograms})
    for component, amount in sums.items():
        if (amount * 10**MAX_DECIMALS).denominator != 1:
            raise ArithmeticRuleError(
                "masses of gases that do not give an exact amount of CO2e",
                where=where,
                expected=f"at most {MAX_DECIMALS} decimals",
                found=f"{component} {float(amount)}",
                hint="state the masses with fewer decimals",
            )
    return {component: to_text(round_fraction(amount)) for component, amount in sorted(sums.items())}


def _plans(entry: Input, inventory: Inventory) -> Iterator[RowPlan]:
    match entry:
        case DirectInput() | PassportInput():
            yield RowPlan(entry, {})
        case FactorInput():
            _check_gwp(entry.factor, inventory, entry.id)
            yield RowPlan(entry, {})
        case GasesInput():
            yield _gases(entry, inventory)
        case ElectricityInput():
            yield from _electricity(entry, inventory)
        case _:
            assert_never(entry)


def _gases(entry: GasesInput, inventory: Inventory) -> RowPlan:
    used = gwp_set(f"{inventory.gwp[-1]}-{_HORIZON}")
    masses = [mass.model_dump(mode="json", by_alias=True) for mass in entry.gases]
    emissions = gas_emissions(masses, used, where=f"input {entry.id}")
    direct = DirectInput.model_validate({**_base(entry), "id": entry.id, "kind": "direct", "emissions": emissions})
    return RowPlan(direct, {"gases": {"set": used.label, "masses": masses}})


def _electricity(entry: ElectricityInput, inventory: Inventory) -> Iterator[RowPlan]:
    where = f"input {entry.id}"
    grid = entry.grid or _grid_factor(entry, inventory)
    said = {"input": entry.id, "country": entry.country, "grid": grid.to_json()}
    covered = [Fraction(each.quantity) * conversion(each.unit, entry.unit, where=where) for each in entry.instruments]
    rest = cover(Fraction(entry.quantity), covered, where=where).rest
    for number, each in enumerate(entry.instruments, start=1):
        check_period(
            (each.period.start, each.period.end),
            (inventory.period.start, inventory.period.end),
            where=f"{where}: instrument {each.tracking_id}",
        )
        yield _part(
            entry,
            inventory,
            f"{entry.id}.{number}",
            (each.quantity, each.unit, each.factor),
            {**said, "basis": "instrument", "instrument": _instrument(each)},
            {"evidence": each.evidence or entry.evidence},
        )
    if not rest and entry.instruments:
        return
    basis, factor = _rest(entry, grid, where)
    if (rest * 10**MAX_DECIMALS).denominator != 1:
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
    _check_gwp(factor, inventory, name)
    said = {**_base(entry), **changes, "id": name, "kind": "factor"}
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
        "period": {"start": time_text(each.period.start), "end": time_text(each.period.end)},
        "country": each.country,
    }
    return said if each.market is None else {**said, "market": each.market}


def _grid_factor(entry: ElectricityInput, inventory: Inventory) -> Factor:
    """The grid's average that comes with the program, for the year in which the period begins."""
    average = grid_intensity(entry.country, inventory.period.start.year)
    return Factor(
        name=f"Grid average {entry.country} {average.year}, lifecycle, {average.licence}",
        unit=Unit.KILOWATT_HOUR,
        components={"fossilGhgEmissions": average.kg_co2e_per_kwh},
        source=Source(name=average.name, version=average.version, url=average.url),
        year=average.year,
        geography=entry.country,
    )


def _check_gwp(factor: Factor, inventory: Inventory, name: str) -> None:
    if factor.gwp is not None and factor.gwp not in inventory.gwp:
        raise ArithmeticRuleError(
            "the factor uses another set of global warming potentials",
            where=f"input {name}",
            expected=", ".join(inventory.gwp),
            found=factor.gwp,
        )


def _base(entry: ElectricityInput | GasesInput) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _SHARED}


def _check_ids(plans: Sequence[RowPlan]) -> None:
    seen: set[str] = set()
    for plan in plans:
        if plan.entry.id in seen:
            raise ArithmeticRuleError(
                "two rows go by one id",
                found=plan.entry.id,
                hint="rows of electricity have its id, a point and a number",
            )
        seen.add(plan.entry.id)
