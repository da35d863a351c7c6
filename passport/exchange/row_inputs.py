"""What of an inventory becomes rows: each input in its way, and joint processes by their shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, assert_never

from passport.arithmetic.quanta import from_decimal
from passport.arithmetic.share import share_text
from passport.carbon.gwp import GwpSet, check_mixture, gwp_set
from passport.errors import ArithmeticRuleError
from passport.exchange.electricity_rows import electricity_rows
from passport.exchange.internal_levels import internal_statement
from passport.exchange.material_rows import material_rows
from passport.exchange.process_shares import check_credit, product_share
from passport.exchange.row_plan import RowPlan, base_of, check_gwp, is_exact
from passport.model.amount import MAX_DECIMALS, from_text, round_fraction, to_text
from passport.model.electricity import ElectricityInput
from passport.model.inputs import DirectInput, FactorInput, GasesInput, PassportInput
from passport.model.internal import Input, InternalUse
from passport.model.inventory import Inventory
from passport.model.material import MaterialInput
from passport.model.units import Unit, conversion

_HORIZON = "GWP100"


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
    for entry, running in _entries(inventory):
        for plan in _plans(entry, inventory):
            plan.extra.update(running)
            is_credit = not isinstance(plan.entry, DirectInput) and plan.entry.substitutes is not None
            if share is not None and entry.id not in whole and not is_credit:
                plan.extra["share"] = share
            plans.append(plan)
    _check_ids(plans)
    return tuple(plans)


def _entries(inventory: Inventory) -> Iterator[tuple[Input, dict[str, str]]]:
    """Every input, with the internal process it is of and that process's level."""
    for entry in inventory.inputs:
        yield entry, {}
    declared, covered = from_decimal(inventory.declared_amount), from_decimal(inventory.covered_quantity)
    stated = internal_statement(inventory, declared, covered)
    if stated is not None:
        for process, said in zip(inventory.internal or (), stated["processes"], strict=True):
            for entry in process.inputs:
                yield entry, {"process": process.id, "level": said["level"]}


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
        if not is_exact(amount):
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
            check_gwp(entry.factor, inventory, entry.id)
            yield RowPlan(entry, {})
        case GasesInput():
            yield _gases(entry, inventory)
        case ElectricityInput():
            yield from electricity_rows(entry, inventory)
        case InternalUse():
            return  # a part of its process's level
        case MaterialInput():
            yield from material_rows(entry, inventory)
        case _:
            assert_never(entry)


def _gases(entry: GasesInput, inventory: Inventory) -> RowPlan:
    used = gwp_set(f"{inventory.gwp[-1]}-{_HORIZON}")
    masses = [mass.model_dump(mode="json", by_alias=True) for mass in entry.gases]
    emissions = gas_emissions(masses, used, where=f"input {entry.id}")
    direct = DirectInput.model_validate({**base_of(entry), "id": entry.id, "kind": "direct", "emissions": emissions})
    return RowPlan(direct, {"gases": {"set": used.label, "masses": masses}})


def _check_ids(plans: Sequence[RowPlan]) -> None:
    seen: set[str] = set()
    for plan in plans:
        if plan.entry.id in seen:
            raise ArithmeticRuleError(
                "two rows go by one id",
                found=plan.entry.id,
                hint="rows of electricity or of a material have its id, a point and a number or word",
            )
        seen.add(plan.entry.id)
