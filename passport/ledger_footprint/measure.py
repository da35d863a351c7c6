"""Measures to rank chains by: the quantities of an estimate, under the names that its JSON gives them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from passport.ledger_footprint.estimated import Estimate
from passport.ledger_footprint.figures import Figure


class Measure(StrEnum):
    """A quantity of an estimate."""

    ENERGY = "energy"
    GHG_LOCATION = "ghg_location"
    GHG_MARKET = "ghg_market"
    EMBODIED = "embodied"
    EWASTE_GROSS = "ewaste_gross"
    EWASTE_NET = "ewaste_net"
    WATER = "water"
    SHADOW_COST = "shadow_cost"


def measured(found: Estimate, by: Measure) -> tuple[Figure[Any] | None, str]:
    """One passport by a measure.

    Args:
        found: The estimate.
        by: The measure.

    Returns:
        The figure and an empty text, or None and why it is unknown. A shadow cost of the electricity alone is none to
        rank by: beside the whole cost of others it would count the unknown embodied GHG as zero.
    """
    figures: dict[Measure, Figure[Any] | None] = {
        Measure.ENERGY: found.energy,
        Measure.GHG_LOCATION: found.ghg_location,
        Measure.GHG_MARKET: found.ghg_market,
        Measure.EMBODIED: found.embodied,
        Measure.EWASTE_GROSS: found.waste_gross,
        Measure.EWASTE_NET: found.waste_net,
        Measure.WATER: found.water,
        Measure.SHADOW_COST: found.shadow_cost,
    }
    figure = figures[by]
    if by is Measure.SHADOW_COST and figure is not None and found.embodied is None:
        return None, f"of the electricity alone, for embodied GHG is unknown: {found.missing['embodied']}"
    if figure is not None:
        return figure, ""
    name = "waste" if by in (Measure.EWASTE_GROSS, Measure.EWASTE_NET) else by.value
    return None, found.missing[name]
