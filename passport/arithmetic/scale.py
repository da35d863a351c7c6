"""How much of an upstream footprint, factor or period total goes into one declared unit: an exact ratio."""

from __future__ import annotations

from typing import NamedTuple

from passport.errors import ArithmeticRuleError, UnitError
from passport.model.units import Dimension, Unit, conversion, dimension


class Scale(NamedTuple):
    """An exact, non-negative ratio of whole numbers; the denominator is positive."""

    numerator: int
    denominator: int

    def times(self, other: Scale) -> Scale:
        """The product of two ratios, not reduced."""
        return Scale(self.numerator * other.numerator, self.denominator * other.denominator)


UNITY = Scale(1, 1)


def period_scale(declared_amount: int, covered_quantity: int, *, where: str | None = None) -> Scale:
    """From an amount per reference period to one per declared amount: declared amount / covered quantity.

    Args:
        declared_amount: Quanta of the declared unit.
        covered_quantity: Quanta of the declared unit that the period's (or batch's) output is.
        where: The input meant, for the error.

    Raises:
        ArithmeticRuleError: Nothing is declared or covered.
    """
    return Scale(
        _positive(declared_amount, "declared amount", where), _positive(covered_quantity, "covered quantity", where)
    )


def factor_scale(
    quantity: int, unit: Unit, factor_amount: int, factor_unit: Unit, *, where: str | None = None
) -> Scale:
    """Activity over the amount that an emission factor is stated for, converted exactly.

    Args:
        quantity: Activity in quanta of `unit`.
        unit: The activity's unit.
        factor_amount: Quanta of `factor_unit` that the factor's emissions are stated for.
        factor_unit: The factor's unit.
        where: The input meant, for the error.

    Raises:
        UnitError: The units do not convert.
        ArithmeticRuleError: Negative activity, or a factor per nothing.
    """
    ratio = conversion(unit, factor_unit, where=where)
    if quantity < 0:
        raise ArithmeticRuleError("negative quantity", where=where, expected="zero or more")
    return Scale(quantity * ratio.numerator, _positive(factor_amount, "factor's amount", where) * ratio.denominator)


def passport_scale(
    quantity: int, unit: Unit, child_amount: int, child_unit: Unit, child_mass: int, *, where: str | None = None
) -> Scale:
    """Quantity used over the child's declared amount, converted exactly.

    A mass of a product that is declared otherwise (per piece, say) is converted by the mass per declared unit that the
    child's own passport signs, and by nothing else.

    Args:
        quantity: Quanta of `unit`.
        unit: The unit the buyer counts in.
        child_amount: The child's declared amount, quanta of `child_unit`.
        child_unit: The child's declared unit.
        child_mass: The child's mass per declared unit (kg quanta per declared amount), 0 if it has none.
        where: The input meant, for the error.

    Raises:
        UnitError: The units do not convert and the child states no mass.
        ArithmeticRuleError: Negative quantity, or a child declared for nothing.
    """
    if dimension(unit) is Dimension.MASS and dimension(child_unit) is not Dimension.MASS:
        if child_mass <= 0:
            raise UnitError(
                f"{unit} does not convert to {child_unit}",
                where=where,
                expected=f"the upstream's declared unit ({child_unit}), or its mass per declared unit",
                found=str(unit),
                hint="the upstream passport states no mass; give the quantity in its declared unit",
            )
        return factor_scale(quantity, unit, child_mass, Unit.KILOGRAM, where=where)
    return factor_scale(quantity, unit, child_amount, child_unit, where=where)


def _positive(amount: int, name: str, where: str | None) -> int:
    if amount <= 0:
        raise ArithmeticRuleError(f"{name} must be more than zero", where=where, found=amount)
    return amount
