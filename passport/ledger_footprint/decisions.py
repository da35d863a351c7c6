"""Decisions: chains side by side, where a chain of one's own begins to pay, batches, and what it replaces."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from passport.errors import ArithmeticRuleError, PassportError, UsageError
from passport.ledger_footprint.catalogue import Catalogue
from passport.ledger_footprint.estimated import Estimate
from passport.ledger_footprint.estimating import estimate
from passport.ledger_footprint.figures import Figure, derive
from passport.ledger_footprint.measure import Measure, measured
from passport.ledger_footprint.network import Network, network_of
from passport.ledger_footprint.profiles import Consensus
from passport.ledger_footprint.quantities import Count, GhgMass
from passport.ledger_footprint.question import Method, Usage
from passport.ledger_footprint.rule import rule_of


@dataclass(frozen=True, slots=True)
class Row:
    """One chain of a comparison.

    Attributes:
        chain: Its name.
        estimate: For one passport, or None.
        each: Of one passport by the measure that chains are ranked by, or None: unknown.
        yearly: Of all passports of a year by that measure, or None: unknown.
        yearly_ghg: Of all passports of a year, by location, or None.
        reason: Why there is no estimate, or why the measure is unknown; else empty.
    """

    chain: str
    estimate: Estimate | None
    each: Figure[Any] | None
    yearly: Figure[Any] | None
    yearly_ghg: Figure[GhgMass] | None
    reason: str = ""


def compare(
    chains: Sequence[str],
    *,
    usage: Usage,
    passports_per_year: int,
    method: Method,
    at: date,
    by: Measure = Measure.GHG_LOCATION,
    catalogue: Catalogue | None = None,
) -> tuple[Row, ...]:
    """Chains side by side for a volume, the least by a measure first; what is unknown stands last with its reason.

    Unknown is not zero: a chain that can be estimated, but not by this measure, stands after all that can, and before
    those that cannot be estimated. A permissioned chain is shared among the volume, for it runs for its members alone.

    Args:
        chains: Their names.
        usage: What one passport asks.
        passports_per_year: The volume.
        method: How to estimate.
        at: The day.
        by: What to rank by, central values.
        catalogue: The data.

    Raises:
        ArithmeticRuleError: No volume.
        UsageError: No rule, or a cost to rank by and no market that has a price.
    """
    if passports_per_year < 1:
        raise ArithmeticRuleError("a volume is one passport a year or more", found=passports_per_year)
    rule_of(method.rule)  # named once for all, so its absence is no reason of a row
    if by is Measure.SHADOW_COST and method.carbon_market is None:
        raise UsageError("no cost without a price", where="carbon market", expected="the name of a market")
    data = catalogue or Catalogue.shipped()
    rows = []
    for name in chains:
        try:
            profile = data.chain(name, at=at, edition=method.edition)
            own = profile.consensus is Consensus.PROOF_OF_AUTHORITY
            asked = replace(usage, passports_per_year=passports_per_year if own else None)
            found = estimate(profile, usage=asked, method=method, at=at, catalogue=data)
        except PassportError as error:
            rows.append(Row(name, None, None, None, None, str(error)))
            continue
        each, why = measured(found, by)
        yearly = None if each is None else each * passports_per_year
        rows.append(Row(name, found, each, yearly, found.ghg_location * passports_per_year, why))
    return tuple(sorted(rows, key=_order))


def _order(row: Row) -> tuple[bool, bool, float, str]:
    return row.estimate is None, row.each is None, row.each.central.amount if row.each else 0.0, row.chain


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where a chain of one's own begins to take less than a public one.

    Attributes:
        passports_per_year: From this volume on; the range crosses the accounts of both chains.
        fixed: GHG a year of the chain of one's own.
        public: GHG of one passport on the public chain.
    """

    passports_per_year: Figure[Count]
    fixed: Figure[GhgMass]
    public: Figure[GhgMass]


def break_even(
    own: str, *, public: str, usage: Usage, method: Method, at: date, catalogue: Catalogue | None = None
) -> BreakEven:
    """The volume from which on a permissioned chain takes less than a public one.

    Args:
        own: Name of the permissioned chain.
        public: Name of the public chain.
        usage: What one passport asks of the public chain.
        method: How to estimate.
        at: The day.
        catalogue: The data.

    Raises:
        ArithmeticRuleError: The first chain is not permissioned: what it takes is not one's own.
    """
    data = catalogue or Catalogue.shipped()
    network = _of_ones_own(own, data, method, at)
    fixed = derive(lambda energy, intensity: energy.emitting(intensity), network.energy, network.intensity)
    each = estimate(public, usage=usage, method=method, at=at, catalogue=data).ghg_location
    volume = derive(lambda yearly, one: Count(yearly.ratio(one)), fixed, falling=(each,))
    return BreakEven(volume, fixed, each)


@dataclass(frozen=True, slots=True)
class PaidBack:
    """From which volume on a chain of one's own saves more than it takes.

    Attributes:
        passports_per_year: From this volume on.
        fixed: A year of the chain, over its life: electricity by location, and making its hardware.
        avoided: What one passport replaces.
        variable: What one passport takes besides the chain.
    """

    passports_per_year: Figure[Count]
    fixed: Figure[GhgMass]
    avoided: Figure[GhgMass]
    variable: GhgMass


def paid_back(
    own: str,
    *,
    avoided: Figure[GhgMass],
    variable: GhgMass,
    method: Method,
    at: date,
    catalogue: Catalogue | None = None,
) -> PaidBack:
    """The volume from which on a chain of one's own takes less than what its passports replace.

    Args:
        own: Name of the permissioned chain.
        avoided: What one passport replaces, over its life.
        variable: What one passport takes besides: issuing and verifying it.
        method: How to estimate.
        at: The day.
        catalogue: The data.

    Raises:
        ArithmeticRuleError: A chain that is not permissioned, hardware that nobody knows, or no volume that pays at the
            worst ends.
    """
    data = catalogue or Catalogue.shipped()
    network = _of_ones_own(own, data, method, at)
    if network.embodied is None:
        raise ArithmeticRuleError("hardware is unknown, and a baseline is over its life", where=own, expected="nodes")
    electricity = derive(lambda energy, intensity: energy.emitting(intensity), network.energy, network.intensity)
    fixed = electricity + network.embodied
    volume = derive(
        lambda yearly, each: break_even_volume(yearly, avoided=each, variable=variable), fixed, falling=(avoided,)
    )
    return PaidBack(volume, fixed, avoided, variable)


def _of_ones_own(own: str, data: Catalogue, method: Method, at: date) -> Network:
    """A year of a permissioned chain."""
    profile = data.chain(own, at=at)
    if profile.consensus is not Consensus.PROOF_OF_AUTHORITY:
        raise ArithmeticRuleError(
            "not a chain of one's own",
            where=own,
            expected=Consensus.PROOF_OF_AUTHORITY.value,
            found=profile.consensus.value,
        )
    return network_of(profile, catalogue=data, at=at, factor_set=method.factor_set)


def break_even_volume(fixed: GhgMass, *, avoided: GhgMass, variable: GhgMass) -> Count:
    """The volume from which on a fixed system is paid back: fixed over what one passport avoids less what it takes.

    Args:
        fixed: A year of the system.
        avoided: What one passport replaces.
        variable: What one passport takes besides.

    Raises:
        ArithmeticRuleError: Each passport takes as much as it avoids, or more: no volume pays.
    """
    gain = avoided - variable
    if gain.amount <= 0:
        raise ArithmeticRuleError(
            "no volume pays: a passport takes as much as it avoids", expected=f"less than {avoided!r}", found=variable
        )
    return Count(fixed.ratio(gain))


def batch_for_target(unbatched: GhgMass, *, target: GhgMass, leaf: GhgMass) -> int:
    """The smallest batch with which one passport stays within a target.

    Args:
        unbatched: Of the whole transaction.
        target: At most this for one passport.
        leaf: What each passport takes however large the batch is.

    Raises:
        ArithmeticRuleError: No batch is large enough.
    """
    room = target - leaf
    if room.amount <= 0:
        raise ArithmeticRuleError("no batch reaches the target", expected=f"more than {leaf!r}", found=f"{target!r}")
    return max(1, math.ceil(unbatched.ratio(room) * (1 - 1e-12)))


@dataclass(frozen=True, slots=True)
class NetBenefit:
    """What passports save against what they replace.

    Attributes:
        net: A year; negative: they take more.
        per_passport: For one, before what growth takes back.
    """

    net: GhgMass
    per_passport: GhgMass


def net_benefit(passports: Count, *, avoided: GhgMass, taken: GhgMass, rebound: GhgMass) -> NetBenefit:
    """Volume times (avoided less taken), less what growth takes back.

    Args:
        passports: A year.
        avoided: What one replaces: sheets, courier, portal; a number of the user.
        taken: What one takes on ledger and computers.
        rebound: GHG a year of use that would not have been without them.
    """
    each = avoided - taken
    return NetBenefit(each * passports.amount - rebound, each)
