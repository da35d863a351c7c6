"""Energy of nodes: proof of stake, and chains of a known few; from how many machines there are and what each draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.figures import Figure, derive, exact, total
from passport.ledger_footprint.profiles import HardwareProfile, NodeGroup
from passport.ledger_footprint.quantities import Count, Duration, Energy, GhgMass, Power, Q, Ratio, WasteMass


@dataclass(frozen=True, slots=True)
class NodeTotals:
    """What all nodes take in a time.

    Attributes:
        count: How many they are.
        it_energy: Energy of the machines.
        energy: Energy of the buildings: machines and overhead.
        embodied: The time's share of the GHG of making them.
        waste: The time's share of their mass.
    """

    count: Figure[Count]
    it_energy: Figure[Energy]
    energy: Figure[Energy]
    embodied: Figure[GhgMass]
    waste: Figure[WasteMass]


def node_totals(
    groups: Sequence[NodeGroup], *, hardware: Callable[[str], HardwareProfile], duration: Duration
) -> NodeTotals:
    """All nodes over a time, each class by itself.

    Energy counts the buildings' overhead, and the intensity is then applied to the same energy: a model that puts the
    overhead into one of the two only (as one published one does) contradicts itself.

    Args:
        groups: How many nodes of which class.
        hardware: Finds a class by its name.
        duration: The time.
    """
    it_energy, energy, embodied, waste = [], [], [], []
    for group in groups:
        profile = hardware(group.hardware)
        machines = derive(lambda watts: watts.over(duration), profile.power).times(group.count)
        it_energy.append(machines)
        energy.append(machines.times(profile.pue))
        embodied.append(_worn(profile.embodied, profile.life, duration).times(group.count))
        waste.append(_worn(profile.mass, profile.life, duration).times(group.count))
    return NodeTotals(
        count=total((group.count for group in groups), Count),
        it_energy=total(it_energy, Energy),
        energy=total(energy, Energy),
        embodied=total(embodied, GhgMass),
        waste=total(waste, WasteMass),
    )


def client_power(
    idle: Power, *, added: Sequence[tuple[Mapping[str, Power], Mapping[str, float]]], name: str = "node"
) -> Power:
    """Power of one machine: idle, and what its clients add on the average (Cambridge's proof-of-stake index).

    Args:
        idle: Of the machine.
        added: For each layer (execution, consensus): what each client adds, and how common it is; renormalised.
        name: The machine, for errors.

    Raises:
        ArithmeticRuleError: A client's power is not known, or no client is common.
    """
    whole = idle
    for watts, shares in added:
        weight = sum(shares.values())
        if weight <= 0 or min(shares.values()) < 0:
            raise ArithmeticRuleError("no client is in use", where=name, expected="shares above 0", found=shares)
        for client, share in shares.items():
            if client not in watts:
                raise ArithmeticRuleError("no power of this client", where=name, found=client)
            whole = whole + watts[client] * (share / weight)
    return whole


def mean_power(powers: Mapping[str, Power], *, weights: Mapping[str, float]) -> Figure[Power]:
    """Machines of several kinds as one: the frugal one as low, the weighted mean, the hungry one as high.

    Args:
        powers: By kind of machine.
        weights: How common each is; they add up to 1.

    Raises:
        ArithmeticRuleError: Weights that are no whole, or of other machines.
    """
    if set(weights) != set(powers) or abs(sum(weights.values()) - 1) > 1e-6:
        raise ArithmeticRuleError("weights are no whole", expected="shares of all machines, 1 in all", found=weights)
    mean = Power(sum(powers[name].amount * weights[name] for name in powers))
    ordered = sorted(powers.values(), key=lambda each: each.amount)
    return Figure(ordered[0], mean, ordered[-1])


def with_hidden_nodes(observed: int, *, seen_once: int, seen_twice: int) -> Count:
    """Nodes with those that no crawl saw: S + f1^2 / (2 f2) (Chao 1), a lower bound of the true number.

    Args:
        observed: Different nodes seen.
        seen_once: Of them, seen in one crawl only.
        seen_twice: Of them, seen in two crawls only.

    Raises:
        ArithmeticRuleError: Numbers that cannot be, or none seen twice, when there is no estimate.
    """
    if min(observed, seen_once, seen_twice) < 0 or seen_once + seen_twice > observed:
        raise ArithmeticRuleError("counts of nodes that cannot be", found=(observed, seen_once, seen_twice))
    if seen_once == 0:
        return Count(observed)
    if seen_twice == 0:
        raise ArithmeticRuleError("no node was seen twice, so nothing can be said of those never seen")
    return Count(observed + seen_once**2 / (2 * seen_twice))


def energy_per_transaction(
    validators: Figure[Count], *, power: Figure[Power], transactions_per_second: Figure[Ratio]
) -> Figure[Energy]:
    """Platt and others' generic model: nodes times watts over throughput. It falls with load: say which was used.

    Args:
        validators: How many.
        power: Of each.
        transactions_per_second: The throughput.
    """
    second = Duration.of(1, "s")
    return derive(
        lambda number, watts, rate: watts.over(second) * (number.amount / rate.amount),
        validators,
        power,
        falling=(transactions_per_second,),
    )


def _worn(whole: Figure[Q], life: Figure[Duration], duration: Duration) -> Figure[Q]:
    """The part of a machine that a time uses up."""
    return derive(lambda mass, time, lasts: mass * time.ratio(lasts), whole, exact(duration), falling=(life,))
