"""E-waste of mining machines: their mass per speed, over the time that they pay (de Vries and Stoll 2021)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.figures import Figure, derive, union
from passport.ledger_footprint.profiles import AsicModel
from passport.ledger_footprint.quantities import Duration, HashEnergy, Hashrate, Ratio, WasteMass


def fleet_mass(
    hashrate: Figure[Hashrate], *, models: Sequence[AsicModel], weights: Mapping[str, float] | None = None
) -> Figure[WasteMass]:
    """Mass of all machines.

    Args:
        hashrate: Of all miners.
        models: The machines.
        weights: Share of the speed by machine; all alike without. Low and high are the lightest and heaviest machine.

    Raises:
        ArithmeticRuleError: No machines, or weights that are no whole.
    """
    if not models:
        raise ArithmeticRuleError("no machines", expected="one at least", found="none")
    shares = weights or {model.name: 1 / len(models) for model in models}
    if abs(sum(shares.values()) - 1) > 1e-6 or set(shares) != {model.name for model in models}:
        raise ArithmeticRuleError("weights are no whole", expected="shares of all machines, 1 in all", found=shares)
    per_rate = {model.name: model.mass.central.amount / model.rate.central.amount for model in models}
    mean = sum(shares[name] * per_rate[name] for name in shares)
    kappa = Figure(
        Ratio(min(min(per_rate.values()), mean)),
        Ratio(mean),
        Ratio(max(max(per_rate.values()), mean)),
        union(*((*model.mass.inputs, *model.rate.inputs) for model in models)),
    )
    return derive(lambda rate, kg_per_rate: WasteMass(rate.amount * kg_per_rate.amount), hashrate, kappa)


def yearly_waste(mass: Figure[WasteMass], *, economic_life: Figure[Duration]) -> Figure[WasteMass]:
    """Mass that falls out of use a year: the whole over how long it pays.

    Args:
        mass: Of all machines.
        economic_life: Until a machine costs more than it earns.
    """
    return derive(lambda whole, life: whole / life.years, mass, falling=(economic_life,))


def fleet_of_waste(waste: Figure[WasteMass], *, economic_life: Figure[Duration]) -> Figure[WasteMass]:
    """The mass of all machines that so much waste a year implies.

    Args:
        waste: A year.
        economic_life: See `yearly_waste`.
    """
    return derive(lambda yearly, life: yearly * life.years, waste, economic_life)


def net_of_reuse(gross: Figure[WasteMass], *, reuse: Figure[Ratio]) -> Figure[WasteMass]:
    """What is left when a share is resold, reused or recycled; stands beside the gross mass, never for it.

    Args:
        gross: All that falls out of use.
        reuse: The share, 0 to 1.

    Raises:
        ArithmeticRuleError: More than all is reused.
    """
    if reuse.high.amount > 1:
        raise ArithmeticRuleError("more than all is reused", expected="0 to 1", found=reuse.high.amount)
    return derive(lambda mass, share: mass * (1 - share.amount), gross, falling=(reuse,))


def economic_life(per_hash: HashEnergy, *, threshold: HashEnergy, yearly_fall: float) -> Duration:
    """How long a machine still pays when revenue per hash falls by the same share every year.

    Args:
        per_hash: The machine's energy per hash.
        threshold: Where it would cost what it earns, today; see `proof_of_work.paying_threshold`.
        yearly_fall: Share by which the threshold falls a year, between 0 and 1.

    Raises:
        ArithmeticRuleError: The fall is not between 0 and 1.
    """
    if not 0 < yearly_fall < 1:
        raise ArithmeticRuleError("the fall is a share between 0 and 1", found=yearly_fall)
    headroom = threshold.ratio(per_hash)
    return Duration.of(max(0.0, math.log(headroom) / -math.log(1 - yearly_fall)) if headroom > 0 else 0.0, "a")
