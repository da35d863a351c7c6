"""PACT's "of which" fields: none may exceed the whole that it is part of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from passport.model.components import COMPONENTS, FOSSIL, REMOVALS, SUMMED

ROUNDING = 10**6
"""Quanta that parts and wholes may drift apart because each is rounded for itself: 1e-9 kg CO2e."""

_PART_OF = {name: component.part_of for name, component in COMPONENTS.items() if component.part_of}
_EMISSIONS = tuple(name for name in SUMMED if name not in REMOVALS)


class Excess(NamedTuple):
    """A part that is more than its whole, in quanta."""

    name: str
    amount: int
    whole: int


def part_above_whole(components: Mapping[str, int], unattributed: int) -> Excess | None:
    """The first part of a footprint that exceeds what it is part of; None if none does.

    Args:
        components: Amounts by component, in quanta.
        unattributed: The part of fossil that no component explains, in quanta.
    """
    parts = [(name, components[name], whole) for name, whole in _PART_OF.items() if name in components]
    for name, amount, whole_name in (*parts, ("unattributed", unattributed, FOSSIL)):
        whole = _whole(whole_name, components)
        if amount > whole + ROUNDING:
            return Excess(name, amount, whole)
    return None


def _whole(name: str, components: Mapping[str, int]) -> int:
    """What "of which" fields may not exceed; for the total that is what was emitted before removals."""
    if name == FOSSIL:
        return components.get(FOSSIL, 0)
    return sum(components.get(emission, 0) for emission in _EMISSIONS)
