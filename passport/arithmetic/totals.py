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
    unattributed = gross = 0
    for row in rows:
        for name, amount in row.components.items():
            sums[name] = sums.get(name, 0) + amount
        sums[FOSSIL] += row.gap
        unattributed += row.unattributed
        gross += abs(row.total)
    components = {name: sums[name] for name in COMPONENTS if name in sums}
    excluding = total_of(components)
    return Totals(components, excluding, excluding + components.get(UPTAKE, 0), unattributed, gross)
