"""What one input contributes to one declared unit of the product, per PACT component.

`contribution = quantity x conversion x child component / child declared amount`, one exact rational, rounded once,
half to even, to 15 decimals. What a child's total holds beyond its stated components (its gap) is multiplied like a
component and becomes fossil in the buyer's own sum, so that nothing is laundered away; `unattributed` carries the same
amount on as an "of which" of fossil through every further level.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from passport.arithmetic.quanta import divide_half_even
from passport.arithmetic.scale import Scale
from passport.errors import ArithmeticRuleError
from passport.model.components import SUMMED

_SUMMED = frozenset(SUMMED)

MIN_SIGNIFICANT = 10**5
"""Quanta below which a rounded number keeps fewer than six significant digits."""


class StatedFootprint(NamedTuple):
    """What a document states for its declared amount; all amounts in quanta.

    Attributes:
        components: The components that are stated (absent is unknown, not zero).
        total: The total excluding biogenic uptake.
        unattributed: The part of the total that no component of this document or below it explains.
    """

    components: Mapping[str, int]
    total: int
    unattributed: int

    @property
    def gap(self) -> int:
        """The total minus the sum of the stated components: zero for a document of ours."""
        return self.total - total_of(self.components)


class Contribution(NamedTuple):
    """One row's share of the product's footprint per declared unit; all amounts in quanta.

    Attributes:
        components: Per PACT component, those that the input states.
        total: Sum of the summed components and the gap's share.
        unattributed: Share of what nobody attributes to a component.
    """

    components: dict[str, int]
    total: int
    unattributed: int

    @property
    def gap(self) -> int:
        """The total minus the sum of the components: becomes fossil in the product's sum."""
        return self.total - total_of(self.components)


def total_of(components: Mapping[str, int]) -> int:
    """The total excluding biogenic uptake by PACT's sum rule, in quanta."""
    total = 0
    for name, amount in components.items():
        if name in _SUMMED:
            total += amount
    return total


def contribute(stated: StatedFootprint, scale: Scale, *, where: str | None = None) -> Contribution:
    """Multiply a stated footprint (or factor) by an exact ratio, rounding each amount once.

    Args:
        stated: The child's or factor's amounts, in quanta.
        scale: How many declared amounts of it go into one of ours.
        where: The input meant, for the error.

    Raises:
        ArithmeticRuleError: A total that is not zero keeps fewer than six significant digits.
    """
    numerator, denominator = scale
    amounts, stated_total, stated_unattributed = stated
    if numerator == denominator:
        return Contribution(dict(amounts), stated_total, stated_unattributed)
    components = {}
    summed = total = 0
    for name, amount in amounts.items():
        components[name] = share = divide_half_even(numerator * amount, denominator)
        if name in _SUMMED:
            summed += amount
            total += share
    if summed != stated_total:  # the gap
        total += divide_half_even(numerator * (stated_total - summed), denominator)
    unattributed = divide_half_even(numerator * stated_unattributed, denominator) if stated_unattributed else 0
    if -MIN_SIGNIFICANT < total < MIN_SIGNIFICANT and total * denominator != numerator * stated_total:
        raise ArithmeticRuleError(
            "the contribution keeps fewer than six significant digits",
            where=where,
            expected="at least 1e-10 kg CO2e, or an amount that is exact",
            found=f"{total}e-15",
            hint="choose a larger declared amount",
        )
    return Contribution(components, total, unattributed)


def emit(emissions: Mapping[str, int], scale: Scale, *, where: str | None = None) -> Contribution:
    """The contribution of emissions or of a factor that are stated by component only."""
    return contribute(StatedFootprint(emissions, total_of(emissions), 0), scale, where=where)
