"""Refuse contents that state another footprint than the passport computes: every reader would be told two."""

from __future__ import annotations

from fractions import Fraction

from passport.arithmetic.quanta import ONE, from_text
from passport.errors import IssueError
from passport.issuer.calculation import Calculated
from passport.model.inventory import Inventory
from passport.model.profile import profile
from passport.model.profile_check import misfits_of_frame, stated_sets
from passport.model.profile_footprint import Computed, compare_footprint


def check_stated_footprint(inventory: Inventory, calculated: Calculated) -> None:
    """Refuse an inventory whose contents state another footprint than its rows give, or that cannot be compared.

    Args:
        inventory: The account, which follows the profile that it names.
        calculated: What its rows give.

    Raises:
        IssueError: The two differ; says both figures. Or nobody could compare them; says what is lacking.
    """
    if inventory.profile is None:
        return
    known = profile(inventory.profile)
    values = {name: value for stated in stated_sets(inventory).values() for name, value in stated.items()}
    rows = [(stage, Fraction(amount, ONE)) for stage, amount in calculated.stages]
    computed = Computed(
        declared_amount=Fraction(inventory.declared_amount),
        declared_unit=str(inventory.declared_unit),
        mass_kg=Fraction(inventory.mass_per_declared_unit),
        total_kg_co2e=Fraction(from_text(calculated.footprint.total), ONE),
        rows=rows,
    )
    stages = [(f"row {number}", stage) for number, (stage, _) in enumerate(rows, start=1)]
    misfits = misfits_of_frame(known, declared_unit=computed.declared_unit, role_map=None, stages=stages)
    compared = compare_footprint(known, values, computed)
    misfits += compared.misfits
    where = inventory.product.id
    hint = f"`passport profile show {known.name}` says how the two belong together"
    if misfits:
        first, *more = misfits
        others = f"; and {len(more)} more: {'; '.join(map(str, more[:_MAX_MISFITS]))}" if more else ""
        message = f"contents and footprint differ: {first.where}: {first.message}"
        raise IssueError(message, where=where, expected=first.expected, found=f"{first.found}{others}", hint=hint)
    if compared.is_left_open:
        found = "; ".join(compared.unknown)
        raise IssueError("the stated footprint cannot be compared", where=where, found=found, hint=hint)


_MAX_MISFITS = 20
