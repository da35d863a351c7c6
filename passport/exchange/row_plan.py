"""One row to be, and what all kinds of inputs that become rows have in common."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from passport.errors import ArithmeticRuleError
from passport.model.amount import MAX_DECIMALS
from passport.model.inputs import Factor, InputBase, RowInput
from passport.model.inventory import Inventory

_SHARED = ("name", "stage", "per", "known", "uncertainty", "data_quality", "evidence")


class RowPlan(NamedTuple):
    """One row to be: the input it has, and what it says beside.

    Attributes:
        entry: The input.
        extra: Members of the row: `share`, `gases`, `electricity`, `recycling`, `process`, `level`.
    """

    entry: RowInput
    extra: dict[str, Any]


def base_of(entry: InputBase) -> dict[str, Any]:
    """What each row of an input has of it, but for its id."""
    return {name: getattr(entry, name) for name in _SHARED}


def check_gwp(factor: Factor, inventory: Inventory, name: str) -> None:
    """Refuse a factor by another set of global warming potentials than the inventory's.

    Raises:
        ArithmeticRuleError: It is by another.
    """
    if factor.gwp is not None and factor.gwp not in inventory.gwp:
        raise ArithmeticRuleError(
            "the factor uses another set of global warming potentials",
            where=f"input {name}",
            expected=", ".join(inventory.gwp),
            found=factor.gwp,
        )


def is_exact(amount: Fraction) -> bool:
    """Whether an amount can be written with as many decimals as amounts have."""
    return int(10**MAX_DECIMALS) % amount.denominator == 0
