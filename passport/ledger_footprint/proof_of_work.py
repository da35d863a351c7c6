"""Energy of proof of work: from machines that still pay, from graphics cards by the day, or from miners' revenue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.figures import Figure, derive, union
from passport.ledger_footprint.profiles import AsicModel
from passport.ledger_footprint.quantities import (
    JOULES_PER_KWH,
    Duration,
    Energy,
    EnergyPrice,
    HashEnergy,
    Hashrate,
    Power,
    Ratio,
    Revenue,
)

MAX_AGE_YEARS: Final = 5
"""Cambridge's index 1.3.1 counts machines younger than this."""

GPU_EFFICIENCY_PER_SECOND: Final = 1.3744e-9
GPU_EFFICIENCY_AT_EPOCH: Final = -1.8105
"""MH/s per W of cards that mine Ethereum, as a line over Unix time (K. McDonald, ethereum-emissions, MIT)."""


def paying_threshold(revenue: Revenue, *, hashrate: Hashrate, price: EnergyPrice) -> HashEnergy:
    """The energy per hash above which a machine costs more than it earns: revenue per hash over price per joule.

    Args:
        revenue: Of all miners.
        hashrate: Of all miners.
        price: Of electricity.

    Raises:
        ArithmeticRuleError: No hashing, or free electricity.
    """
    if hashrate.amount == 0 or price.amount == 0:
        raise ArithmeticRuleError(
            "no threshold", expected="more than 0 of hashrate and price", found=f"{hashrate!r}, {price!r}"
        )
    usd_per_day = revenue.in_unit("USD/d")
    usd_per_terahash = usd_per_day / (hashrate.amount * 86_400)
    return HashEnergy(usd_per_terahash / (price.amount / JOULES_PER_KWH))


def running_models(models: Iterable[AsicModel], *, threshold: HashEnergy, at: date) -> tuple[AsicModel, ...]:
    """Machines that are out, not too old, and still pay.

    Args:
        models: All machines.
        threshold: See `paying_threshold`.
        at: The day.
    """
    month = at.year * 12 + at.month
    kept = []
    for model in models:
        year, released = (int(part) for part in model.released.split("-"))
        age_months = month - (year * 12 + released)
        if 0 <= age_months < MAX_AGE_YEARS * 12 and model.per_hash.central < threshold:
            kept.append(model)
    return tuple(kept)


def bottom_up_power(hashrate: Figure[Hashrate], *, models: Sequence[AsicModel], pue: Figure[Ratio]) -> Figure[Power]:
    """Power of all miners: their speed times the energy per hash of what pays, times the buildings' overhead.

    Low is the best machine everywhere, high the worst, central the plain mean of the models: delivery data, by which
    Cambridge weighs since 2023, are not published.

    Args:
        hashrate: Of all miners.
        models: Machines that pay; see `running_models`.
        pue: Overhead of the buildings.

    Raises:
        ArithmeticRuleError: No machine pays.
    """
    if not models:
        raise ArithmeticRuleError("no machine pays", expected="one at least", found="none", where="running models")
    each = [model.per_hash for model in models]
    mean = sum(one.central.amount for one in each) / len(each)
    per_hash = Figure(
        min((one.low for one in each), key=lambda q: q.amount),
        HashEnergy(mean),
        max((one.high for one in each), key=lambda q: q.amount),
        union(*(one.inputs for one in each)),
    )
    return derive(lambda rate, joules, over: joules.at_rate(rate) * over.amount, hashrate, per_hash, pue)


def over_time(power: Figure[Power], *, duration: Duration) -> Figure[Energy]:
    """The energy of a power over a time, as an annualised snapshot is made.

    Args:
        power: The power.
        duration: The time.
    """
    return derive(lambda watts: watts.over(duration), power)


def economic_energy(
    revenue: Figure[Revenue], *, electricity_share: Figure[Ratio], price: Figure[EnergyPrice]
) -> Figure[Energy]:
    """Energy a year that miners could pay for (de Vries): a cross-check, for it follows prices late.

    Args:
        revenue: Of all miners, a year.
        electricity_share: Share of it that goes into electricity.
        price: Of electricity.
    """
    return derive(
        lambda earned, share, cost: (earned * share.amount).buys(cost), revenue, electricity_share, falling=(price,)
    )


@dataclass(frozen=True, slots=True)
class GpuParameters:
    """How much more than its cards a mining site draws.

    Attributes:
        efficiency_offset: Added to the efficiency of the line, MH/s per W.
        datacenter_overhead: PUE of the site.
        hardware_overhead: Other parts of the machine.
        grid_loss: Losses of the grid, 1 or more; a choice: other providers leave it out (1).
        psu_efficiency: Of the power supply, above 0 up to 1.
    """

    efficiency_offset: float
    datacenter_overhead: float
    hardware_overhead: float
    grid_loss: float
    psu_efficiency: float

    def __post_init__(self) -> None:
        """Refuse factors that cannot be.

        Raises:
            ArithmeticRuleError: Such a factor.
        """
        for name in ("datacenter_overhead", "hardware_overhead", "grid_loss"):
            if getattr(self, name) < 1:
                raise ArithmeticRuleError("an overhead is 1 or more", where=name, found=getattr(self, name))
        if not 0 < self.psu_efficiency <= 1:
            raise ArithmeticRuleError(
                "an efficiency is above 0 up to 1", where="psu_efficiency", found=self.psu_efficiency
            )


def gpu_power(hashrate: Hashrate, *, unix_time: float, parameters: GpuParameters) -> Power:
    """Power of cards that hash so fast on a day.

    Args:
        hashrate: Of the network.
        unix_time: The day, seconds since 1970.
        parameters: See `GpuParameters`.

    Raises:
        ArithmeticRuleError: The line gives no positive efficiency at that time.
    """
    efficiency = GPU_EFFICIENCY_PER_SECOND * unix_time + GPU_EFFICIENCY_AT_EPOCH + parameters.efficiency_offset
    if efficiency <= 0:
        raise ArithmeticRuleError("no efficiency at that time", expected="more than 0 MH/s per W", found=efficiency)
    over = parameters.datacenter_overhead * parameters.hardware_overhead * parameters.grid_loss
    return Power(hashrate.in_unit("MH/s") * over / (efficiency * parameters.psu_efficiency))


def gpu_energy(days: Iterable[tuple[float, Hashrate]], *, parameters: GpuParameters) -> Energy:
    """Energy over days.

    Args:
        days: Each day's Unix time and hashrate.
        parameters: See `GpuParameters`.
    """
    day = Duration.of(1, "d")
    total = Energy(0)
    for unix_time, rate in days:
        total = total + gpu_power(rate, unix_time=unix_time, parameters=parameters).over(day)
    return total
