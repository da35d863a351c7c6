"""The product's footprint as the exact sum of its rows, by PACT's sum rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from passport.arithmetic.contribution import Contribution, total_of
from passport.model.components import COMPONENTS, FOSSIL, UPTAKE


@dataclass(frozen=True, slots=True)
class Totals:
    """A product's footprint per declared unit; all amounts in quanta.

    Attributes:
        components: Present if any row states the component; fossil is always present and includes `gap`.
        excluding: Total excluding biogenic uptake.
        including: Total including it.
        unattributed: The part of fossil that no component at any level explains.
        gross: Sum of the rows' absolute totals, the weight that shares are taken of.
    """

    components: dict[str, int]
    excluding: int
    including: int
    unattributed: int
    gross: int


def sum_contributions(rows: Iterable[Contribution]) -> Totals:
    """Add up rows exactly; the order does not matter."""
    sums: dict[str, int] = {FOSSIL: 0}
    total = unattributed = gross = 0
    for components, row_total, row_unattributed in rows:
        for name, amount in components.items():
            sums[name] = sums.get(name, 0) + amount
        total += row_total
        unattributed += row_unattributed
        gross += abs(row_total)
    sums[FOSSIL] += total - total_of(sums)  # what the rows' totals hold beyond their components
    ordered = {name: sums[name] for name in COMPONENTS if name in sums}
    return Totals(ordered, total, total + sums.get(UPTAKE, 0), unattributed, gross)
