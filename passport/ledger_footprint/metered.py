"""Metered nodes: an account of a chain of one's own, made of what its operators' meters read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from passport.errors import ArithmeticRuleError, UsageError
from passport.ledger_footprint.data_centre import check_pue
from passport.ledger_footprint.disclosures import check_magnitude
from passport.ledger_footprint.figures import Figure, Input, Source, Status, total, union
from passport.ledger_footprint.period import Period, PeriodKind, check_same
from passport.ledger_footprint.profiles import ChainProfile, Consensus, HardwareProfile
from passport.ledger_footprint.quantities import HOURS_PER_YEAR, Energy, Power, Ratio

SHORTEST_DAYS: Final = 7
"""Nodes' watts follow the week; what is read for less says little of a year."""


@dataclass(frozen=True, slots=True)
class NodeReading:
    """What one node's meter read.

    Attributes:
        operator: The legal entity, `scheme:identifier`.
        node: The node's name among the operator's.
        period: The days that it was read for.
        energy: What it read, with the meter's accuracy as its range.
        country: Where it draws its electricity.
        is_of_building: The meter stands before the building's overhead, not at the machine.
        meter: The meter's number.
    """

    operator: str
    node: str
    period: Period
    energy: Figure[Energy]
    country: str
    is_of_building: bool
    meter: str

    @property
    def power(self) -> Power:
        """The mean power that it means."""
        return Power(self.energy.central.amount * 1000 / self.period.duration.amount)


def metered_energy(kwh: float, *, accuracy_percent: float, name: str, source: Source) -> Figure[Energy]:
    """A reading with its meter's accuracy, which is one error of that meter and no scatter.

    Args:
        kwh: What it read.
        accuracy_percent: Its class, percent of the reading either way (class 1 of IEC 62053-21: 1).
        name: What it is.
        source: The signed reading.

    Raises:
        ArithmeticRuleError: A negative reading, or no accuracy.
    """
    if not 0 <= accuracy_percent < 100:
        raise ArithmeticRuleError(
            "not the accuracy of a meter", where=name, expected="0 to 100 %", found=accuracy_percent
        )
    part = accuracy_percent / 100
    low, high = kwh * (1 - part), kwh * (1 + part)
    said = Input(name, "kWh", low, kwh, high, source=source)
    return Figure(Energy(low), Energy(kwh), Energy(high), (said,))


def strange_power(reading: NodeReading, *, classes: Sequence[HardwareProfile]) -> str | None:
    """Why a reading is hardly one node's: its mean power is a thousandfold off all classes of node; None if it is not.

    Args:
        reading: The reading.
        classes: Classes of node that there are.
    """
    watts = sorted(end.amount for each in classes for end in (each.power.low, each.power.high))
    middle = sorted(each.power.central.amount for each in classes)[len(classes) // 2]
    usual = Figure(Power(watts[0]), Power(middle), Power(watts[-1]))
    if not reading.power.amount:
        return "reads nothing: is it another unit, or was the node off?"
    finding = check_magnitude(reading.power, expected=usual)
    return f"means {reading.power.amount:.3g} W, {finding.reason}" if finding.is_flagged else None


def metered_profile(
    readings: Sequence[NodeReading],
    *,
    chain: str,
    nodes_in_all: int,
    pue: Figure[Ratio],
    consensus: Consensus = Consensus.PROOF_OF_AUTHORITY,
) -> ChainProfile:
    """The account of a chain whose nodes are metered; those that are not are taken to be like the others.

    Args:
        readings: One of each metered node, all for the same days.
        chain: The chain's name.
        nodes_in_all: How many nodes the chain has.
        pue: Overhead of the buildings, for meters that stand at the machine.
        consensus: How the chain agrees.

    Returns:
        Its energy a year. Without a reading of some nodes the low end has none of them, the central their mean, and the
        high end each as much as the thirstiest that is metered.

    Raises:
        UsageError: No readings.
        ArithmeticRuleError: A node or a meter twice, other days, less than a week, or fewer nodes than are metered.
    """
    if not readings:
        raise UsageError("no meter was read", where="readings", expected="one at least")
    check_pue(pue)
    names = [(each.operator, each.node) for each in readings]
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise ArithmeticRuleError("a node is counted twice", where="readings", found=" ".join(twice))
    meters = [(each.operator, each.meter) for each in readings]
    twice = next((name for at, name in enumerate(meters) if name in meters[:at]), None)
    if twice is not None:
        raise ArithmeticRuleError("one meter is read for two nodes", where="readings", found=" ".join(twice))
    if nodes_in_all < len(readings):
        raise ArithmeticRuleError(
            "more nodes are metered than there are", expected=f"{len(readings)} or more", found=nodes_in_all
        )
    period = readings[0].period
    for each in readings:
        check_same(each.period, period, what=f"the reading of {each.operator} {each.node}")
    if period.days < SHORTEST_DAYS:
        raise ArithmeticRuleError(
            "too short to speak for a year",
            where="readings",
            expected=f"{SHORTEST_DAYS} days or more",
            found=str(period),
        )
    at_building = [each.energy if each.is_of_building else each.energy.times(pue) for each in readings]
    known = total(at_building, Energy)
    others = nodes_in_all - len(readings)
    most = max(each.high.amount for each in at_building)
    whole = Figure(
        known.low,
        known.central * (nodes_in_all / len(readings)),
        Energy(known.high.amount + others * most),
        known.inputs,
    )
    if others:
        source = Source(
            "unmetered", "nodes without a meter, like those with one", str(period.last), "ours", Status.ASSUMED
        )
        said = Input(f"{chain}: unmetered nodes", "1", 0, others, others, source=source, is_filled_in=True)
        whole = Figure(whole.low, whole.central, whole.high, union(whole.inputs, (said,)))
    a_year = period if period.is_yearly else Period(period.first, period.last, PeriodKind.SNAPSHOT)
    if a_year.kind is PeriodKind.SNAPSHOT:
        whole = whole * (HOURS_PER_YEAR / (period.days * 24))
    drawn: dict[str, float] = {}
    for each, energy in zip(readings, at_building, strict=True):
        drawn[each.country] = drawn.get(each.country, 0.0) + energy.central.amount
    if not known.central.amount:
        raise ArithmeticRuleError("all meters read nothing", where="readings", found="0 kWh")
    return ChainProfile(
        chain=chain,
        edition=f"metered {period.first}..{period.last}",
        consensus=consensus,
        period=a_year,
        energy=whole,
        grid={country: kwh / known.central.amount for country, kwh in drawn.items()},
        is_metered=True,
    )
