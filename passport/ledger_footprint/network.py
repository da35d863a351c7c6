"""What a whole network takes in a year, by one of the methods, and what of that nobody can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from passport.errors import UsageError
from passport.ledger_footprint.catalogue import Catalogue
from passport.ledger_footprint.data_centre import check_pue, facility_energy, it_energy_of
from passport.ledger_footprint.figures import Figure, derive
from passport.ledger_footprint.mining_waste import fleet_mass, yearly_waste
from passport.ledger_footprint.nodes import NodeTotals, node_totals
from passport.ledger_footprint.profiles import ChainProfile, Mining
from passport.ledger_footprint.proof_of_work import (
    bottom_up_power,
    economic_energy,
    over_time,
    paying_threshold,
    running_models,
)
from passport.ledger_footprint.quantities import (
    CarbonIntensity,
    Duration,
    Energy,
    EnergyPrice,
    GhgMass,
    Ratio,
    WasteMass,
)

YEAR = Duration.of(1, "a")


class EnergyMethod(StrEnum):
    """How a network's energy is found; goes with every result."""

    PUBLISHED = "published"
    METERED = "meters of the nodes"
    NODES = "nodes times watts"
    MACHINES = "machines that pay"
    ECONOMIC = "revenue over price of electricity"


@dataclass(frozen=True, slots=True)
class Network:
    """A year of one network, alone (what it rests on is another network).

    Attributes:
        profile: The account it is from.
        method: How its energy was found.
        energy: At the meters of the buildings.
        it_energy: Of the machines.
        pue: The one over the other.
        intensity: Location-based average of its electricity.
        embodied: GHG of making what was used up, or None: unknown.
        waste: E-waste, gross, or None: unknown.
        reuse: Share of it that is resold, reused or recycled.
        nodes: How many keep the chain, or None: unknown.
        missing: What is unknown, with the reason.
    """

    profile: ChainProfile
    method: EnergyMethod
    energy: Figure[Energy]
    it_energy: Figure[Energy]
    pue: Figure[Ratio]
    intensity: Figure[CarbonIntensity]
    embodied: Figure[GhgMass] | None
    waste: Figure[WasteMass] | None
    reuse: Figure[Ratio]
    nodes: NodeTotals | None
    missing: Mapping[str, str] = field(default_factory=dict)


def network_of(
    profile: ChainProfile,
    *,
    catalogue: Catalogue,
    at: date,
    method: EnergyMethod | None = None,
    pue: Figure[Ratio] | None = None,
    price: Figure[EnergyPrice] | None = None,
    intensity: Figure[CarbonIntensity] | None = None,
    factor_set: str | None = None,
) -> Network:
    """A year of one network.

    Args:
        profile: The account.
        catalogue: Classes of nodes, machines, grids and what is filled in.
        at: The day, for grids and machines.
        method: How the energy is found; the account's own way without: published, else nodes, else machines.
        pue: Of the buildings, where it is known better.
        price: Of electricity, for the methods of mining.
        intensity: Of the electricity, where it is known better.
        factor_set: Only grid figures made with this set.

    Raises:
        UsageError: The account does not hold what the method needs.
        ArithmeticRuleError: A number that cannot be.
        NotFoundError: A class of node, a machine or a grid that is not in the catalogue.
    """
    chosen = method or _own_method(profile)
    nodes = node_totals(profile.nodes, hardware=catalogue.hardware, duration=YEAR) if profile.nodes else None
    if nodes is not None and pue is not None:
        nodes = NodeTotals(
            nodes.count, nodes.it_energy, facility_energy(nodes.it_energy, pue=pue), nodes.embodied, nodes.waste
        )
    if chosen is EnergyMethod.NODES:
        if nodes is None:
            raise _lacking(profile, chosen, "nodes")
        energy, it_energy, over = nodes.energy, nodes.it_energy, pue or _mean_pue(nodes)
    else:
        energy, known = _other_energy(profile, chosen, catalogue=catalogue, at=at, price=price, pue=pue)
        over = check_pue(known or (_mean_pue(nodes) if nodes else catalogue.default("pue")))
        it_energy = it_energy_of(energy, pue=over)
    missing: dict[str, str] = {}
    return Network(
        profile=profile,
        method=chosen,
        energy=energy,
        it_energy=it_energy,
        pue=over,
        intensity=intensity or _intensity(profile, catalogue, at, factor_set),
        embodied=_embodied(profile, nodes, missing),
        waste=_waste(profile, nodes, catalogue, missing),
        reuse=profile.reuse or catalogue.default("reuse"),
        nodes=nodes,
        missing=missing,
    )


def _own_method(profile: ChainProfile) -> EnergyMethod:
    if profile.energy is not None:
        return EnergyMethod.METERED if profile.is_metered else EnergyMethod.PUBLISHED
    return EnergyMethod.NODES if profile.nodes else EnergyMethod.MACHINES


def _other_energy(
    profile: ChainProfile,
    method: EnergyMethod,
    *,
    catalogue: Catalogue,
    at: date,
    price: Figure[EnergyPrice] | None,
    pue: Figure[Ratio] | None,
) -> tuple[Figure[Energy], Figure[Ratio] | None]:
    if method in (EnergyMethod.PUBLISHED, EnergyMethod.METERED):
        if profile.energy is None or profile.is_metered is not (method is EnergyMethod.METERED):
            raise _lacking(profile, method, "energy")
        return profile.energy, pue or (profile.mining.pue if profile.mining else None)
    mining = profile.mining
    if mining is None:
        raise _lacking(profile, method, "mining")
    if price is None:
        raise UsageError("methods of mining need a price of electricity", where="price", expected="USD per kWh")
    if method is EnergyMethod.ECONOMIC:
        share = catalogue.default("electricity_share")
        return economic_energy(mining.revenue, electricity_share=share, price=price), pue or mining.pue
    return _machines(mining, price, catalogue, min(at, profile.period.last), pue or mining.pue), pue or mining.pue


def _machines(
    mining: Mining, price: Figure[EnergyPrice], catalogue: Catalogue, day: date, pue: Figure[Ratio]
) -> Figure[Energy]:
    threshold = paying_threshold(mining.revenue.central, hashrate=mining.hashrate.central, price=price.central)
    models = running_models([catalogue.asic(name) for name in mining.asics], threshold=threshold, at=day)
    power = bottom_up_power(mining.hashrate, models=models, pue=pue)
    energy = over_time(power, duration=YEAR)
    decided = tuple(dict.fromkeys((*energy.inputs, *price.inputs, *mining.revenue.inputs)))  # which machines pay
    return Figure(energy.low, energy.central, energy.high, decided)


def _mean_pue(nodes: NodeTotals) -> Figure[Ratio]:
    """Overhead of all nodes together: each bound of the site's energy over the same bound of the machines'."""
    ends = sorted(
        (
            nodes.energy.low.ratio(nodes.it_energy.low),
            nodes.energy.central.ratio(nodes.it_energy.central),
            nodes.energy.high.ratio(nodes.it_energy.high),
        )
    )
    middle = nodes.energy.central.ratio(nodes.it_energy.central)
    inputs = tuple(each for each in nodes.energy.inputs if each.name.endswith(": pue"))
    return Figure(Ratio(ends[0]), Ratio(middle), Ratio(ends[2]), inputs)


def _intensity(
    profile: ChainProfile, catalogue: Catalogue, at: date, factor_set: str | None
) -> Figure[CarbonIntensity]:
    if profile.intensity is not None:
        return profile.intensity
    return catalogue.grid_mix(dict(profile.grid or {}), year=at.year, factor_set=factor_set)


def _embodied(profile: ChainProfile, nodes: NodeTotals | None, missing: dict[str, str]) -> Figure[GhgMass] | None:
    if profile.embodied is not None:
        return profile.embodied
    if nodes is not None:
        return nodes.embodied
    missing["embodied"] = "neither published nor are the nodes known"
    return None


def _waste(
    profile: ChainProfile, nodes: NodeTotals | None, catalogue: Catalogue, missing: dict[str, str]
) -> Figure[WasteMass] | None:
    if profile.waste is not None:
        return profile.waste
    if nodes is not None:
        return nodes.waste
    if profile.mining is not None:
        models = [catalogue.asic(name) for name in profile.mining.asics]
        mass = fleet_mass(profile.mining.hashrate, models=models)
        return derive(lambda each: each, yearly_waste(mass, economic_life=profile.mining.economic_life))
    missing["waste"] = "neither published nor are the nodes or machines known"
    return None


def _lacking(profile: ChainProfile, method: EnergyMethod, name: str) -> UsageError:
    return UsageError(f"the chain's profile does not state {name}, which {method.value!r} needs", where=profile.label)
