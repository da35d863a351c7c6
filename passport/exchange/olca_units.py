"""Amounts of flows in an `olca-schema` package, in the reference unit of each flow, by the factors of the package."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from passport.errors import DocumentError, UnitError

Entity = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FlowUnits:
    """In what a flow may be measured.

    Attributes:
        kind: `PRODUCT_FLOW`, `WASTE_FLOW` or `ELEMENTARY_FLOW`.
        name: Its name.
        unit: The name of its reference unit.
        default: The key of its reference unit.
        factors: How many reference units one is, by property and unit id.
    """

    kind: str
    name: str
    unit: str
    default: tuple[str, str]
    factors: Mapping[tuple[str, str], float]

    def in_reference_unit(self, amount: float, entry: Entity, *, where: str) -> float:
        """An amount of an exchange or factor, which names its property and unit if they are not the reference ones.

        Raises:
            UnitError: The flow is not measured in that.
        """
        chosen = reference(entry, "flowProperty") or self.default[0]
        unit = reference(entry, "unit")
        key = (chosen, unit) if unit else next((k for k in self.factors if k[0] == chosen), (chosen, ""))
        if unit is None and chosen == self.default[0]:
            key = self.default
        if key not in self.factors:
            told = (entry.get("unit") or {}).get("name") or unit or chosen
            raise UnitError(
                f"a unit in which {self.name} is not measured",
                where=where,
                expected=f"a unit of the flow's own properties, such as {self.unit}",
                found=told,
                hint="give the flow that property, with its conversion factor",
            )
        return amount * self.factors[key]


def flow_units(
    flow: Entity, properties: Mapping[str, Entity], groups: Mapping[str, Entity], *, where: str
) -> FlowUnits:
    """What a flow may be measured in.

    Raises:
        DocumentError: A property or unit group is missing, or a factor is not above 0.
    """
    factors: dict[tuple[str, str], float] = {}
    default, default_unit = ("", ""), ""
    kept = flow.get("flowProperties") or []
    for number, entry in enumerate(kept):
        property_id = reference(entry, "flowProperty") or ""
        group = groups.get(reference(properties.get(property_id, {}), "unitGroup") or "", {})
        units = group.get("units") or []
        per_reference = _factor(entry, where=where)
        is_reference = entry.get("isRefFlowProperty", entry.get("referenceFlowProperty", len(kept) == 1))
        for unit in units:
            factors[property_id, str(unit.get("@id"))] = _factor(unit, where=where) / per_reference
            is_first = unit.get("isRefUnit", unit.get("referenceUnit", len(units) == 1))
            if is_reference and is_first:
                default, default_unit = (property_id, str(unit.get("@id"))), str(unit.get("name"))
        if is_reference and not units:
            raise DocumentError(
                "a flow whose units are not there", where=where, expected="its property's unit group", found=number
            )
    if default not in factors:
        raise DocumentError("a flow without reference unit", where=where, expected="a reference property and unit")
    return FlowUnits(str(flow.get("flowType")), str(flow.get("name")), default_unit, default, factors)


def reference(entry: Entity, name: str) -> str | None:
    """The id of another entity that is named in this one."""
    named = entry.get(name)
    return str(named["@id"]) if isinstance(named, dict) and named.get("@id") else None


def number_of(entry: Entity, name: str, *, where: str) -> float:
    """A finite number.

    Raises:
        DocumentError: It is none.
    """
    value = entry.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DocumentError("not a number", where=f"{where}: {name}", expected="a finite number", found=repr(value))
    return float(value)


def _factor(entry: Entity, *, where: str) -> float:
    factor = number_of(entry, "conversionFactor", where=where)
    if factor <= 0:
        raise DocumentError("a conversion factor that is not above 0", where=where, found=factor)
    return factor
