"""The estimate: what one passport's place on a ledger takes, with its range, its sources and its rule.

>>> from datetime import date
>>> from passport.ledger_footprint import Method, Transaction, Usage, estimate
>>> usage = Usage(transactions=(Transaction(gas=50_000, batch=1_000),))
>>> found = estimate("ethereum", usage=usage, method=Method(rule="per_gas"), at=date(2026, 1, 1))
>>> print(found.rule, round(found.energy.central.in_unit("Wh"), 4), "Wh")
per_gas 0.0095 Wh
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from passport.errors import NotFoundError, UsageError
from passport.ledger_footprint.allocation import share_of_passport
from passport.ledger_footprint.catalogue import Catalogue
from passport.ledger_footprint.disclosures import check_magnitude
from passport.ledger_footprint.electricity import Draw, location_based
from passport.ledger_footprint.estimated import Component, Estimate, Perspective
from passport.ledger_footprint.figures import Figure, Status, derive, total, union
from passport.ledger_footprint.network import Network, network_of
from passport.ledger_footprint.nodes import node_totals
from passport.ledger_footprint.parts import Setting, access_part, compute_part, network_part, storage_part
from passport.ledger_footprint.period import PeriodKind
from passport.ledger_footprint.profiles import ChainProfile, Consensus
from passport.ledger_footprint.quantities import (
    CarbonIntensity,
    Duration,
    Energy,
    GhgMass,
    Q,
    Ratio,
    WasteMass,
    Water,
)
from passport.ledger_footprint.question import Method, Usage
from passport.ledger_footprint.rollup import layer1_share, with_blobs
from passport.ledger_footprint.rule import rule_of

OLD_GRID_YEARS = 3
"""A country's electricity of more years ago than that is said to be so."""

WIDE_SPAN = 2.0
"""High over low of an energy from which on it is said that accounts disagree."""


def estimate(
    chain: str | ChainProfile, *, usage: Usage, method: Method, at: date, catalogue: Catalogue | None = None
) -> Estimate:
    """What one passport's place on a chain takes.

    Args:
        chain: Name of a chain, or an account of one.
        usage: What the passport asks of it.
        method: How to estimate; its rule must be named.
        at: The day to estimate for.
        catalogue: The data; what ships with the project without.

    Raises:
        UsageError: No rule, or the account or the usage lacks what the rule needs.
        NotFoundError: An unknown chain, or none of its accounts speaks for the day.
        ArithmeticRuleError: Numbers that cannot be, or that do not go together.
    """
    rule = rule_of(method.rule)
    data = catalogue or Catalogue.shipped()
    setting = Setting(data, method)
    profile = chain if isinstance(chain, ChainProfile) else data.chain(chain, at=at, edition=method.edition)
    parts: list[Component] = []
    draws: tuple[Draw, ...] = ()
    share: Figure[Ratio] | None = None
    network: Network | None = None
    warnings = list(_warnings(profile, at, data))
    if method.intensity is None:
        warnings += _old_grids(profile, at, data)
    if profile.consensus is Consensus.EMBEDDED:
        if usage.issuer is None and usage.verifier is None:
            raise UsageError(
                "a chain of this process takes its computing, which is not stated",
                where="usage.issuer",
                expected="measured or stated computing",
            )
    else:
        share = share_of_passport(
            rule,
            profile=profile,
            transactions=usage.transactions,
            passports_per_year=usage.passports_per_year,
            held_share=usage.held_share,
        )
        network = _network(profile, setting, at)
        countries = tuple(profile.grid or ())
        part, draws, is_average = network_part("consensus", network, share=share, setting=setting, countries=countries)
        parts.append(part)
        if is_average:
            warnings.append("market-based: the grid's average stands in for the residual mix, which nobody states")
        if profile.layer1 is not None:
            parts.append(_layer1(profile, share, setting, at, warnings))
        if usage.passports_per_year is not None:
            warnings.append(f"shared among {usage.passports_per_year:,} passports a year, so {rule} divides nothing")
        if usage.kept.amount:
            parts.append(storage_part(usage, network, setting=setting))
    if usage.issuer is not None:
        parts.append(compute_part("issuer", usage.issuer, times=1, usage=usage, setting=setting))
    if usage.verifier is not None:
        parts.append(compute_part("verifier", usage.verifier, times=usage.verifications, usage=usage, setting=setting))
    if usage.access is not None:
        parts.append(access_part(usage.access, usage=usage, setting=setting))

    missing = dict(network.missing) if network else {"embodied": _NO_MACHINE, "waste": _NO_MACHINE}
    on_network = [each for each in parts if each.name in ("consensus", "layer1")]
    energy = total((each.energy for each in parts), Energy)
    location = total((each.ghg_location for each in parts), GhgMass)
    market = total((each.ghg_market for each in parts), GhgMass)
    embodied = _known([each.embodied for each in on_network], GhgMass)
    waste = _known([each.waste for each in on_network], WasteMass)
    waste_net = _known([each.waste_net for each in on_network], WasteMass)
    water = total((each.water.whole for each in parts), Water)
    if network is not None:
        missing |= {f"{each.name}.embodied": _NO_MACHINE for each in parts if each not in on_network}
        for each in on_network:
            if each.name == "layer1" and each.embodied is None:
                missing["embodied"] = missing["waste"] = "unknown of the chain that this one settles on"
    warnings += _mixed_sets(parts, network, setting, at)
    marginal = _marginal(network, parts)
    if marginal is None:
        missing["marginal"] = "the profile does not state which share of its energy depends on load"
    price = None if method.carbon_market is None else data.price(method.carbon_market)
    if price is None:
        missing["shadow_cost"] = "no carbon market was named"
    priced = location if embodied is None else location + embodied
    cost = None if price is None else derive(lambda mass, per: mass.priced(per), priced, price.price)
    if price is not None and embodied is None:
        warnings.append("shadow cost: of the electricity alone, for embodied GHG is unknown")
    said: list[Figure[Any] | None] = [energy, location, market, embodied, waste, waste_net, water, cost, share]
    inputs = union(*(each.inputs for each in said if each is not None))
    unsure = sorted({i.source.id for i in inputs if i.source.status in (Status.UNVERIFIED, Status.ASSUMED)})
    if unsure:
        warnings.append(f"rests on numbers that are assumed or from memory: {', '.join(unsure)}")
    bare = sorted({i.name for i in inputs if i.low == i.high and i.source.status is not Status.USER})
    if bare:
        warnings.append(f"stated without a range, so the true one is wider: {', '.join(bare)}")
    return Estimate(
        chain=profile.chain,
        edition=profile.edition,
        period=profile.period,
        at=at,
        rule=rule,
        energy_method=network.method if network else None,
        share=share,
        components=tuple(parts),
        energy=energy,
        ghg_location=location,
        ghg_market=market,
        embodied=embodied,
        waste_gross=waste,
        waste_net=waste_net,
        water=water,
        shadow_cost=cost,
        price=price,
        attributional=Perspective(energy, location),
        marginal=marginal,
        network_total=_whole(network),
        draws=draws,
        inputs=inputs,
        missing=missing,
        warnings=tuple(warnings),
        data_digest=data.digest,
    )


_NO_MACHINE = "what machine it runs on is not stated"


def _network(profile: ChainProfile, setting: Setting, at: date) -> Network:
    method = setting.method
    return network_of(
        profile,
        catalogue=setting.catalogue,
        at=at,
        method=method.energy,
        pue=method.pue,
        price=method.price,
        intensity=method.intensity,
        factor_set=method.factor_set,
    )


def _layer1(profile: ChainProfile, share: Figure[Ratio], setting: Setting, at: date, warnings: list[str]) -> Component:
    """The part on the chain below, as that chain is on the day asked about: a merge there shows here."""
    said = profile.layer1
    if said is None:
        raise UsageError("settles on no other chain", where=profile.label)
    lower = setting.catalogue.chain(said.chain, at=at)
    if lower.gas is None:
        raise UsageError("the account of the chain below states no gas", where=lower.label)
    warnings.extend(f"{lower.label}: {text}" for text in _warnings(lower, at, setting.catalogue))
    of_lower = layer1_share(said.gas, layer1_gas=lower.gas)
    if said.blob_share is not None and said.blob_weight is not None and said.blob_split is not None:
        of_lower = with_blobs(of_lower, blobs=said.blob_share, blob_weight=said.blob_weight, split=said.blob_split)
        warnings.append(f"{lower.label}: split between execution and blobs {said.blob_split}")
    both = derive(lambda one, other: Ratio(one.amount * other.amount), share, of_lower)
    network = network_of(lower, catalogue=setting.catalogue, at=at, factor_set=setting.method.factor_set)
    return network_part("layer1", network, share=both, setting=setting)[0]


def _marginal(network: Network | None, parts: Sequence[Component]) -> Perspective | None:
    """What the passport adds: the load's part of the network, and all of storage and own computing."""
    own = [each for each in parts if each.name not in ("consensus", "layer1")]
    energy = total((each.energy for each in own), Energy)
    location = total((each.ghg_location for each in own), GhgMass)
    if network is not None:
        load = network.profile.load_share
        if load is None or any(each.name == "layer1" for each in parts):
            return None
        (on_network,) = (each for each in parts if each.name == "consensus")
        energy = energy + on_network.energy.times(load)
        location = location + on_network.ghg_location.times(load)
    return Perspective(energy, location)


def _whole(network: Network | None) -> Perspective | None:
    if network is None:
        return None
    return Perspective(network.energy, location_based(network.energy, intensity=network.intensity))


def _known(parts: Sequence[Figure[Q] | None], kind: type[Q]) -> Figure[Q] | None:
    """The sum, or None if one part or all are unknown: unknown is not zero."""
    known = [each for each in parts if each is not None]
    return total(known, kind) if known and len(known) == len(parts) else None


def _mixed_sets(parts: Sequence[Component], network: Network | None, setting: Setting, at: date) -> tuple[str, ...]:
    """By whose factors each part's electricity is, if they are not all the same one's."""
    used: dict[str, str] = {}
    for part in parts:
        if part.name == "consensus" and network is not None:
            grid, method = network.profile.grid, setting.method
            if method.intensity is None and network.profile.intensity is None and grid:
                first = setting.catalogue.grid(next(iter(grid)), year=at.year, factor_set=method.factor_set)
                used[part.name] = first.factor_set
                continue
        cited = sorted({i.source.id for i in part.ghg_location.inputs if i.unit in CarbonIntensity.FACTORS})
        used[part.name] = ", ".join(cited) or "stated"
    if len(set(used.values())) < 2:
        return ()
    listed = "; ".join(f"{name}: {each}" for name, each in used.items())
    return (f"sets of factors are mixed between the parts: {listed}",)


def _out_of_order(profile: ChainProfile, data: Catalogue) -> tuple[str, ...]:
    """Whether a published energy is a thousandfold off: from its own nodes, or from other accounts of the chain."""
    if profile.energy is None or not profile.energy.central.amount:
        return ()
    others = {
        each.label: each.energy
        for each in data.chains()
        if (each.chain, each.consensus) == (profile.chain, profile.consensus)
        and each.key != profile.key
        and each.energy is not None
        and each.energy.central.amount
    }
    if profile.nodes:
        nodes = node_totals(profile.nodes, hardware=data.hardware, duration=Duration.of(1, "a"))
        others |= {"its own nodes": nodes.energy} if nodes.energy.central.amount else {}
    return tuple(
        f"energy beside {name}: {finding.reason}"
        for name, energy in others.items()
        if (finding := check_magnitude(profile.energy.central, expected=energy)).is_flagged
    )


def _warnings(profile: ChainProfile, at: date, data: Catalogue) -> tuple[str, ...]:
    found = []
    if profile.consensus is Consensus.EMBEDDED:
        return ()
    if profile.period.is_stale(at):
        found.append(f"stale: the account is of {profile.period}, more than 18 months before {at}")
    if profile.period.kind is PeriodKind.SNAPSHOT:
        found.append("annualised snapshot: a rate of some days as if it lasted a year, not a year's total")
    if profile.energy is not None and profile.energy.low.amount * WIDE_SPAN < profile.energy.high.amount:
        found.append("accounts of the network's energy lie more than twice apart")
    found += _out_of_order(profile, data)
    return tuple(found)


def _old_grids(profile: ChainProfile, at: date, data: Catalogue) -> tuple[str, ...]:
    """Of which year the electricity of countries is, where it is long past or the day asked about is to come."""
    if profile.intensity is not None:
        return ()
    found = []
    for country in profile.grid or ():
        try:
            year = data.grid(country, year=at.year).year
        except NotFoundError:
            continue  # whoever needs it says so
        if at.year - year > OLD_GRID_YEARS:
            found.append(f"the electricity of {country} is that of {year}, not of {at.year}")
    return tuple(found)
