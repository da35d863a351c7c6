"""The emission and removal fields of a PACT v3 footprint: sign, place in the total, and unit of each.

Source: PACT Technical Specifications 3.0 (OpenAPI 3.0.4), `CarbonFootprint`, and the sum rule in its notes:
the total excluding biogenic uptake is the sum of the `SUMMED` fields, the total including it adds `UPTAKE`.
Fields that PACT calls "of which" (land management fossil, aircraft, packaging) are carried and never added; land
carbon leakage and land area lie outside the footprint. Outbound logistics is not carried: it becomes a fossil row
of the buyer. Carbon contents are declared per product and not summed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from passport.errors import ArithmeticRuleError


class Place(StrEnum):
    """Where a component stands relative to the total excluding biogenic uptake."""

    SUMMED = "summed"
    UPTAKE = "uptake"
    OF_WHICH = "of which"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Component:
    """One PACT field that is multiplied and summed up the chain.

    Attributes:
        name: The field's name in PACT v3.
        sign: +1 if the field may not be negative, -1 if it may not be positive.
        place: Its place relative to the total.
        unit: The unit per declared unit.
        part_of: For "of which" fields, the field (or total) it is part of.
    """

    name: str
    sign: int
    place: Place
    unit: str = "kg CO2e"
    part_of: str | None = None


COMPONENTS: dict[str, Component] = {
    component.name: component
    for component in (
        Component("fossilGhgEmissions", 1, Place.SUMMED),
        Component("landUseChangeGhgEmissions", 1, Place.SUMMED),
        Component("landManagementBiogenicCO2Emissions", 1, Place.SUMMED),
        Component("landManagementBiogenicCO2Removals", -1, Place.SUMMED),
        Component("technologicalCO2Removals", -1, Place.SUMMED),
        Component("ccsTechnologicalCO2Capture", -1, Place.SUMMED),
        Component("biogenicNonCO2Emissions", 1, Place.SUMMED),
        Component("biogenicCO2Uptake", -1, Place.UPTAKE),
        Component("landManagementFossilGhgEmissions", 1, Place.OF_WHICH, part_of="fossilGhgEmissions"),
        Component("aircraftGhgEmissions", 1, Place.OF_WHICH, part_of="pcfExcludingBiogenicUptake"),
        Component("packagingGhgEmissions", 1, Place.OF_WHICH, part_of="pcfExcludingBiogenicUptake"),
        Component("landCarbonLeakage", 1, Place.OUTSIDE),
        Component("landAreaOccupation", 1, Place.OUTSIDE, unit="m2 year"),
    )
}
"""Every component by its PACT name, in the order in which they are listed and reported."""

SUMMED = tuple(name for name, component in COMPONENTS.items() if component.place is Place.SUMMED)
REMOVALS = frozenset(name for name in SUMMED if COMPONENTS[name].sign < 0)
FOSSIL = "fossilGhgEmissions"
UPTAKE = "biogenicCO2Uptake"
TOTAL_EXCLUDING = "pcfExcludingBiogenicUptake"
TOTAL_INCLUDING = "pcfIncludingBiogenicUptake"

CARBON_CONTENTS: tuple[str, ...] = (
    "fossilCarbonContent",
    "biogenicCarbonContent",
    "recycledCarbonContent",
    "ccuCarbonContent",
    "packagingBiogenicCarbonContent",
)
"""Fields in kg carbon per declared unit that an issuer declares and nobody sums."""


def check_sign(name: str, amount: Decimal | Fraction, *, where: str | None = None) -> None:
    """Refuse an amount whose sign PACT does not allow for its component.

    Raises:
        ArithmeticRuleError: The component is unknown or the sign is wrong.
    """
    component = COMPONENTS.get(name)
    if component is None:
        raise ArithmeticRuleError(
            "unknown component", where=where, expected=f"one of {', '.join(COMPONENTS)}", found=name
        )
    if amount * component.sign < 0:
        raise ArithmeticRuleError(
            f"{name} has the wrong sign",
            where=where,
            expected="zero or more" if component.sign > 0 else "zero or less",
            found=amount,
            hint="removals and uptake are negative, emissions positive",
        )
