"""From what an inventory or statement says of a joint process to exact shares: documents' words into the engine's."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from passport.arithmetic.quanta import ONE, from_text
from passport.arithmetic.share import share_text
from passport.carbon.allocation import PACT_VALUE_RATIO, Allocation, Basis, Method, Output, allocate
from passport.errors import ArithmeticRuleError, DocumentError
from passport.model.inputs import Per
from passport.model.process import AllocationMethod, PhysicalRelation, Process, ProcessOutput, ValueBase
from passport.model.units import Dimension, Unit, conversion, dimension

_DIMENSIONS = (
    (Basis.MASS, Dimension.MASS, Unit.KILOGRAM),
    (Basis.VOLUME, Dimension.VOLUME, Unit.LITER),
    (Basis.ENERGY, Dimension.ENERGY, Unit.MEGAJOULE),
)
MAX_WORDS = 2000
"""Characters of PACT's `allocationRulesDescription`, as our schema has it."""

_COMPUTED = ("applied", "share")


def allocate_process(process: Process) -> Allocation:
    """The shares of a stated process.

    Raises:
        ArithmeticRuleError: The method needs an amount that is not stated.
        UnitError: Prices of a unit that do not compare, because the units do not convert.
    """
    reference = next(output.unit for output in process.outputs if output.id == process.product)
    physical = None if process.physical is PhysicalRelation.NONE else Basis(process.physical)
    outputs = [
        Output(output.id, _amounts(output, process.value_base, reference), output.waste) for output in process.outputs
    ]
    return allocate(
        outputs, Method(process.method), physical=physical, main=process.product, where=f"process of {process.product}"
    )


def product_share(process: Process) -> Fraction:
    """The share of a process that falls to the inventory's own product."""
    return allocate_process(process).shares[process.product]


def process_statement(process: Process) -> dict[str, Any]:
    """A process as a statement says it: what was stated, the basis that was applied, and the product's share."""
    allocation = allocate_process(process)
    stated: dict[str, Any] = {
        **process.to_json(),
        "share": share_text(allocation.shares[process.product]) or "1",
    }
    if allocation.applied is not None:
        stated["applied"] = str(allocation.applied)
    return stated


def process_words(process: Process) -> str:
    """A process in a sentence or two, for PACT's `allocationRulesDescription`."""
    allocation = allocate_process(process)
    basis = f"by {allocation.applied}" if allocation.applied else "all on the main product, co-products credited"
    said = f"Method {process.method}: {basis}."
    if allocation.value_ratio is not None:
        side = "above" if allocation.value_ratio > PACT_VALUE_RATIO else "at most"
        said += f" Ratio of values {float(allocation.value_ratio):.6g}, {side} {PACT_VALUE_RATIO}."
    share = allocation.shares[process.product]
    said += f" Share of the product {share.numerator}/{share.denominator} of what is joint"
    said += f", of {len(process.outputs)} outputs. {process.reason}"
    return said[:MAX_WORDS]


def read_process(stated: Mapping[str, Any]) -> Process:
    """The process that a statement states.

    Raises:
        DocumentError: It breaks a rule of the model.
    """
    try:
        return Process.model_validate({name: value for name, value in stated.items() if name not in _COMPUTED})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise DocumentError(
            "the stated process does not hold", where=".".join(map(str, first["loc"])), found=first["msg"]
        ) from error


def check_credit(
    process: Process, row: Mapping[str, Any], *, declared_unit: Unit, declared_amount: int, covered_quantity: int
) -> None:
    """Refuse a credit for more than the co-product displaces.

    Args:
        process: As stated.
        row: A row that `substitutes` an output of it.
        declared_unit: The product's.
        declared_amount: The product's, quanta.
        covered_quantity: The product's, quanta of its declared unit.

    Raises:
        ArithmeticRuleError: Not an expanded system, not one of its co-products, or more than comes of it.
        UnitError: The main output is not counted in what the product is declared in.
    """
    where = f"row {row['id']}"
    outputs = {output.id: output for output in process.outputs}
    co_product = outputs.get(row["substitutes"])
    if process.method is not AllocationMethod.SYSTEM_EXPANSION or co_product is None or co_product.waste:
        raise ArithmeticRuleError(
            "a credit for what is no co-product of an expanded system", where=where, found=row["substitutes"]
        )
    if co_product.id == process.product:
        raise ArithmeticRuleError("a credit for the main product", where=where, found=row["substitutes"])
    unit = Unit(row["unit"])
    per_unit = _displaced_per_unit(co_product, row, unit, where)
    main = outputs[process.product]
    made = Fraction(main.quantity) * conversion(main.unit, declared_unit, where=where)
    per_covered = Fraction(covered_quantity, ONE) / made
    most = Fraction(co_product.quantity) * per_unit * per_covered
    credited = Fraction(from_text(row["quantity"]), ONE)
    if row["per"] != Per.PERIOD:
        credited = credited * covered_quantity / declared_amount
    if credited > most:
        raise ArithmeticRuleError(
            "a credit for more than the co-product displaces",
            where=where,
            expected=f"at most {float(most):.6g} {row['unit']} for the covered quantity",
            found=f"{float(credited):.6g}",
        )


def _displaced_per_unit(co_product: ProcessOutput, row: Mapping[str, Any], unit: Unit, where: str) -> Fraction:
    """How many of a credit's units one unit of a co-product displaces; the credit is held to what that is."""
    stated = co_product.displaces
    if stated is None:
        if co_product.displaced_per_unit is None:
            raise ArithmeticRuleError(
                "a credit for a co-product that does not say what it displaces",
                where=where,
                expected="`displaces`, or `displacedPerUnit` in the co-product's own unit",
                found=co_product.id,
            )
        if dimension(unit) is not dimension(co_product.unit):
            raise ArithmeticRuleError(
                "a credit in units that `displacedPerUnit` does not speak of",
                where=where,
                expected=f"a unit like {co_product.unit}",
                found=unit,
                hint="state with `displaces` what is displaced, in its own unit",
            )
        # A ratio says what it is of where both are counted alike: 0.9 is kilograms for a kilogram, not tonnes.
        return Fraction(co_product.displaced_per_unit) * conversion(co_product.unit, unit, where=where)
    if stated.factor is not None and row.get("factor") != stated.factor.to_json():
        raise ArithmeticRuleError(
            "a credit by another factor than that of what is displaced",
            where=where,
            expected=stated.factor.to_json(),
            found=row.get("factor", f"a row of kind {row['kind']}"),
        )
    if stated.passport is not None and row.get("upstream", {}).get("id") != stated.passport:
        raise ArithmeticRuleError(
            "a credit by another passport than that of what is displaced",
            where=where,
            expected=stated.passport,
            found=row.get("upstream", {}).get("id", f"a row of kind {row['kind']}"),
        )
    return Fraction(stated.per_unit) * conversion(stated.unit, unit, where=where)


def _amounts(output: ProcessOutput, value_base: ValueBase, reference: Unit) -> dict[Basis, Fraction]:
    """What is known of a whole output."""
    quantity = Fraction(output.quantity)
    amounts = {
        basis: quantity * conversion(output.unit, unit)
        for basis, measured, unit in _DIMENSIONS
        if dimension(output.unit) is measured
    }
    for basis, per_unit in ((Basis.MASS, output.mass_per_unit), (Basis.ENERGY, output.energy_per_unit)):
        if per_unit is not None:
            amounts[basis] = quantity * Fraction(per_unit)
    if output.price is not None and not output.waste:
        price = Fraction(output.price.amount)
        if value_base is ValueBase.REVENUE:
            amounts[Basis.VALUE] = price * quantity
        else:
            amounts[Basis.VALUE] = price / conversion(output.unit, reference, where=f"output {output.id}")
    return amounts
