"""The activity levels of an inventory's internal processes: solved at issue, and checked as a solution by verifiers.

A statement says each process with the amount that it is stated for, what it uses of others, and its level: how many
of its amounts run for one declared amount of the product, to 15 decimals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from passport.arithmetic.contribution import MIN_SIGNIFICANT
from passport.arithmetic.quanta import ONE, divide_half_even, from_decimal, from_text, to_text
from passport.carbon.activity_levels import activity_levels
from passport.errors import ArithmeticRuleError, UnproductiveError
from passport.model.inputs import Per
from passport.model.internal import InternalUse
from passport.model.inventory import Inventory
from passport.model.units import Unit, conversion

_HALF_PLACE = Fraction(1, 2 * ONE)


def internal_statement(inventory: Inventory, declared: int, covered: int) -> dict[str, Any] | None:
    """What a statement says of the internal processes; None where there are none.

    Args:
        inventory: The issuer's account.
        declared: Its declared amount, quanta.
        covered: Its covered quantity, quanta.

    Raises:
        ArithmeticRuleError: A process that nothing uses, or a level with too few digits.
        UnitError: A use in units that do not convert to those of the process.
        UnproductiveError: A loop of processes that needs as much of itself as it makes; names them.
    """
    if not inventory.internal:
        return None
    stated: dict[str, Any] = {
        "uses": _uses(inventory.inputs, with_per=True),
        "processes": [
            {
                "id": each.id,
                "name": each.name,
                "amount": to_text(from_decimal(each.amount)),
                "unit": str(each.unit),
                "uses": _uses(each.inputs, with_per=False),
            }
            for each in inventory.internal
        ],
    }
    demand, uses = _system(stated, declared, covered)
    names = [each.id for each in inventory.internal]
    try:
        levels = activity_levels(demand, uses)
    except UnproductiveError as error:
        loop = [names[number] for number in error.loop]
        raise UnproductiveError(
            "a loop of internal processes needs as much of itself as it makes",
            loop=error.loop,
            where=inventory.product.id,
            found=" supplies ".join((*loop, loop[0])) if loop else None,
            hint="check the amounts and units of what they use of each other",
        ) from error
    for process, level in zip(stated["processes"], levels, strict=True):
        quanta = divide_half_even(level.numerator * ONE, level.denominator)
        if not quanta or (quanta < MIN_SIGNIFICANT and level * ONE != quanta):
            raise ArithmeticRuleError(
                "nothing uses the process"
                if not level
                else "the activity level keeps fewer than six significant digits",
                where=f"process {process['id']}",
                found=f"{float(level):.6g}",
                hint="leave it out" if not level else "state the process for a smaller amount, or declare a larger one",
            )
        process["level"] = to_text(quanta)
    return stated


def check_levels(stated: Mapping[str, Any], declared: int, covered: int) -> None:
    """Refuse levels that do not solve the balance of their processes within half a unit of their last place each.

    Args:
        stated: As `internal_statement` says it.
        declared: The product's declared amount, quanta.
        covered: The product's covered quantity, quanta.

    Raises:
        ArithmeticRuleError: A balance that does not hold, a process that is there twice or not at all.
        UnitError: A use in units that do not convert to those of the process.
    """
    demand, uses = _system(stated, declared, covered)
    levels = [Fraction(from_text(each["level"]), ONE) for each in stated["processes"]]
    needed = list(demand)
    allowed = [_HALF_PLACE] * len(levels)
    for (supplier, consumer), amount in uses.items():
        needed[supplier] += amount * levels[consumer]
        allowed[supplier] += amount * _HALF_PLACE
    for process, level, need, most in zip(stated["processes"], levels, needed, allowed, strict=True):
        if abs(level - need) > most:
            raise ArithmeticRuleError(
                f"process {process['id']} does not run as much as is used of it",
                expected=f"a level of {float(need):.9g}",
                found=process["level"],
            )


def _system(
    stated: Mapping[str, Any], declared: int, covered: int
) -> tuple[list[Fraction], dict[tuple[int, int], Fraction]]:
    """Demand and uses of the processes by number, in their amounts."""
    processes: Sequence[Mapping[str, Any]] = stated["processes"]
    numbers = {each["id"]: number for number, each in enumerate(processes)}
    if len(numbers) < len(processes):
        raise ArithmeticRuleError(
            "two internal processes go by one id", found=", ".join(each["id"] for each in processes)
        )
    demand = [Fraction(0)] * len(processes)
    for use in stated["uses"]:
        number, amount = _amount(use, processes, numbers)
        demand[number] += amount * declared / covered if use["per"] == Per.PERIOD else amount
    uses: dict[tuple[int, int], Fraction] = {}
    for consumer, process in enumerate(processes):
        for use in process["uses"]:
            supplier, amount = _amount(use, processes, numbers)
            uses[supplier, consumer] = uses.get((supplier, consumer), Fraction(0)) + amount
    return demand, uses


def _amount(
    use: Mapping[str, Any], processes: Sequence[Mapping[str, Any]], numbers: Mapping[str, int]
) -> tuple[int, Fraction]:
    """Which process is used, and how many of its amounts."""
    where = f"use {use['id']}"
    number = numbers.get(use["process"])
    if number is None:
        raise ArithmeticRuleError(
            "no internal process of that id", where=where, expected=", ".join(numbers), found=use["process"]
        )
    process = processes[number]
    ratio = conversion(Unit(use["unit"]), Unit(process["unit"]), where=where)
    return number, Fraction(from_text(use["quantity"]), from_text(process["amount"])) * ratio


def _uses(inputs: Sequence[object], *, with_per: bool) -> list[dict[str, str]]:
    found = []
    for entry in inputs:
        if isinstance(entry, InternalUse):
            said = {
                "id": entry.id,
                "process": entry.process,
                "quantity": to_text(from_decimal(entry.quantity)),
                "unit": str(entry.unit),
            }
            found.append({**said, "per": str(entry.per)} if with_per else said)
    return found
