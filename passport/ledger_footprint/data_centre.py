"""Terms of data centres: PUE, DCiE, CUE and WUE (ISO/IEC 30134), water, and ceilings that policies set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from passport.errors import ArithmeticRuleError, NotFoundError
from passport.ledger_footprint.figures import Figure, derive
from passport.ledger_footprint.quantities import CarbonIntensity, Energy, Ratio, Storage, Water, WaterIntensity


@dataclass(frozen=True, slots=True)
class WaterUse:
    """Water, by where it is taken if that is known.

    Attributes:
        direct: At the site, for cooling; None where only the whole is published.
        indirect: Where the electricity is made; None likewise.
        whole: Both together.
    """

    direct: Figure[Water] | None
    indirect: Figure[Water] | None
    whole: Figure[Water]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What a policy allows at most: below, not at.

    Attributes:
        name: The policy.
        pue: Bound of the PUE.
        wue: Bound of the WUE, in litres per kWh of IT.
    """

    name: str
    pue: float | None = None
    wue: float | None = None


@dataclass(frozen=True, slots=True)
class CeilingVerdict:
    """One bound, judged; None where nobody states the number.

    Attributes:
        ceiling: Name of the policy.
        term: `PUE` or `WUE`.
        bound: The number must be below.
        found: The number.
        passes: Whether it is.
    """

    ceiling: str
    term: str
    bound: float
    found: float | None
    passes: bool | None


CEILINGS: Final[Mapping[str, Ceiling]] = MappingProxyType(
    {
        "beijing": Ceiling("beijing", pue=1.4),
        "shanghai": Ceiling("shanghai", pue=1.3, wue=1.4),
    }
)
"""PUE < 1.4 for new data centres in Beijing; PUE < 1.3 and WUE < 1.4 in Shanghai."""


def check_pue(pue: Figure[Ratio]) -> Figure[Ratio]:
    """The PUE, if it can be one.

    Raises:
        ArithmeticRuleError: Below 1: the building would take less than the computers in it.
    """
    if pue.low.amount < 1:
        raise ArithmeticRuleError(
            "a PUE is 1 or more: the building includes its computers",
            where=pue.inputs[0].name if pue.inputs else "pue",
            expected="1 or more",
            found=pue.low.amount,
            hint="DCiE, its inverse, is 1 or less",
        )
    return pue


def facility_energy(it_energy: Figure[Energy], *, pue: Figure[Ratio]) -> Figure[Energy]:
    """Energy of the whole site."""
    return it_energy.times(check_pue(pue))


def it_energy_of(energy: Figure[Energy], *, pue: Figure[Ratio]) -> Figure[Energy]:
    """Energy of the computers in a site that takes so much."""
    return energy.shared_among(check_pue(pue))


def dcie(pue: Figure[Ratio]) -> Figure[Ratio]:
    """Data centre infrastructure efficiency: 1 / PUE."""
    return derive(lambda one: Ratio(1 / one.amount), falling=(check_pue(pue),))


def cue(pue: Figure[Ratio], *, intensity: Figure[CarbonIntensity]) -> Figure[CarbonIntensity]:
    """Carbon usage effectiveness: kg CO2e per kWh of IT."""
    return intensity.times(check_pue(pue))


def water_use(
    it_energy: Figure[Energy],
    *,
    pue: Figure[Ratio],
    wue: Figure[WaterIntensity],
    grid_water: Figure[WaterIntensity],
) -> WaterUse:
    """Water at the site and at the power plants.

    WUE is litres per kWh of **IT** (ISO/IEC 30134-9): multiplied by the site's energy, as one widespread tool does, it
    counts the overhead twice.

    Args:
        it_energy: Of the computers, before overhead.
        pue: Overhead of the site.
        wue: Litres at the site per kWh of IT.
        grid_water: Litres per kWh generated.
    """
    direct = derive(lambda energy, litres: energy.wetting(litres), it_energy, wue)
    site = facility_energy(it_energy, pue=pue)
    indirect = derive(lambda energy, litres: energy.wetting(litres), site, grid_water)
    return WaterUse(direct=direct, indirect=indirect, whole=direct + indirect)


def judge(
    ceiling: str, *, pue: Figure[Ratio] | None = None, wue: Figure[WaterIntensity] | None = None
) -> tuple[CeilingVerdict, ...]:
    """Whether central values are below a policy's bounds.

    Args:
        ceiling: Name of the policy, see `CEILINGS`.
        pue: The site's, if known.
        wue: The site's, if known.

    Raises:
        NotFoundError: No such policy.
    """
    policy = CEILINGS.get(ceiling)
    if policy is None:
        raise NotFoundError("no such ceiling", expected=f"one of {', '.join(CEILINGS)}", found=ceiling)
    found = {
        "PUE": (policy.pue, None if pue is None else check_pue(pue).central.amount),
        "WUE": (policy.wue, None if wue is None else wue.central.amount),
    }
    return tuple(
        CeilingVerdict(policy.name, term, bound, number, None if number is None else number < bound)
        for term, (bound, number) in found.items()
        if bound is not None
    )


def after_cut(energy: Energy, *, cut: Ratio) -> Energy:
    """What is left of an energy after a share is saved: 5G sites of 65 kWh a day, cut by a fifth.

    Raises:
        ArithmeticRuleError: More than all is saved.
    """
    if cut.amount > 1:
        raise ArithmeticRuleError("more than all is saved", expected="0 to 1", found=cut.amount)
    return energy * (1 - cut.amount)


def access_energy(traffic: Storage, *, site_energy: Figure[Energy], site_traffic: Figure[Ratio]) -> Figure[Energy]:
    """The last mile of a scan: a site's energy by its share of the traffic.

    Args:
        traffic: Of the scans.
        site_energy: Of the site, in some time.
        site_traffic: GB of the site in the same time.
    """
    return derive(
        lambda energy, gigabytes: energy * (traffic.in_unit("GB") / gigabytes.amount),
        site_energy,
        falling=(site_traffic,),
    )
