"""The parts of an estimate: a share of a network, bytes that are kept, own computing; each in all its quantities."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from passport.errors import UsageError
from passport.ledger_footprint.catalogue import Catalogue
from passport.ledger_footprint.compute import OwnCompute
from passport.ledger_footprint.data_centre import WaterUse, check_pue, facility_energy, water_use
from passport.ledger_footprint.electricity import Draw, location_based, market_based
from passport.ledger_footprint.estimated import Component
from passport.ledger_footprint.figures import Figure, derive, exact
from passport.ledger_footprint.mining_waste import net_of_reuse
from passport.ledger_footprint.network import Network
from passport.ledger_footprint.quantities import CarbonIntensity, Energy, Q, Ratio, WaterIntensity
from passport.ledger_footprint.question import Method, Usage
from passport.ledger_footprint.storage import storage_energy


@dataclass(frozen=True, slots=True)
class Setting:
    """What all parts of one estimate share.

    Attributes:
        catalogue: The data.
        method: How to estimate.
    """

    catalogue: Catalogue
    method: Method

    @property
    def wue(self) -> Figure[WaterIntensity]:
        """Litres at the site per kWh of IT; filled in and flagged where nobody states them."""
        return self.method.wue or self.catalogue.default("wue")

    @property
    def grid_water(self) -> Figure[WaterIntensity]:
        """Litres per kWh generated; filled in and flagged where nobody states them."""
        return self.method.grid_water or self.catalogue.default("grid_water")


def network_part(
    name: str, network: Network, *, share: Figure[Ratio], setting: Setting, countries: Collection[str] = ()
) -> tuple[Component, tuple[Draw, ...], bool]:
    """A share of a network's year.

    Certificates cover what is used on the network's own grid; the lower chain's have none.

    Args:
        name: `consensus` or `layer1`.
        network: The network.
        share: The share.
        setting: Data and method.
        countries: Grids that certificates may be of.

    Returns:
        The part, what it draws from certificates, and whether the grid's average stands in for the residual mix.
    """
    energy = network.energy.times(share)
    is_own = name == "consensus"
    account = market_based(
        energy,
        location=network.intensity,
        residual=setting.method.residual if is_own else None,
        certificates=setting.method.certificates if is_own else (),
        period=network.profile.period,
        countries=countries,
    )
    gross = _shared(network.waste, share)
    part = Component(
        name=name,
        energy=energy,
        ghg_location=location_based(energy, intensity=network.intensity),
        ghg_market=account.ghg,
        water=_water(network, share, setting),
        embodied=_shared(network.embodied, share),
        waste=gross,
        waste_net=None if gross is None else net_of_reuse(gross, reuse=network.reuse),
        method=network.method.value,
    )
    return part, account.draws, account.is_residual_filled_in


def storage_part(usage: Usage, network: Network, *, setting: Setting) -> Component:
    """Keeping bytes on all nodes in the years after the first, which the nodes' own watts hold already.

    Raises:
        UsageError: Nobody knows how many nodes there are.
    """
    if network.nodes is None:
        raise UsageError(
            "how many nodes keep the bytes is unknown", where=network.profile.label, hint="a profile that states nodes"
        )
    retention = setting.method.retention
    kept_for = exact(retention) if retention is not None else setting.catalogue.default("retention")
    it_energy = storage_energy(
        usage.kept,
        nodes=network.nodes.count,
        power=setting.catalogue.default("ssd_power"),
        retention=kept_for.central,
        is_first_year_in=False,
    )
    it_energy = Figure(it_energy.low, it_energy.central, it_energy.high, (*it_energy.inputs, *kept_for.inputs))
    return _plain("storage", it_energy, network.pue, network.intensity, "bytes times watts per TB", setting)


def compute_part(name: str, own: OwnCompute, *, times: int, usage: Usage, setting: Setting) -> Component:
    """Own computing, as often as it is done.

    Args:
        name: `issuer` or `verifier`.
        own: The energy of the machine for one time.
        times: How often.
        usage: Says the intensity, if anybody does.
        setting: Data and method.
    """
    intensity = usage.compute_intensity or setting.catalogue.default("intensity_world")
    pue = check_pue(setting.method.pue or setting.catalogue.default("pue"))
    return _plain(name, own.energy * times, pue, intensity, own.method.value, setting)


def access_part(access: Figure[Energy], *, usage: Usage, setting: Setting) -> Component:
    """The access network of all verifications; a site's meter holds its overhead already.

    Args:
        access: Of one verification.
        usage: Says how often, and the intensity, if anybody does.
        setting: Data and method.
    """
    intensity = usage.compute_intensity or setting.catalogue.default("intensity_world")
    energy = access * usage.verifications
    return _plain("access", energy, exact(Ratio(1)), intensity, "share of a site's traffic", setting)


def _plain(
    name: str,
    it_energy: Figure[Energy],
    pue: Figure[Ratio],
    intensity: Figure[CarbonIntensity],
    method: str,
    setting: Setting,
) -> Component:
    energy = facility_energy(it_energy, pue=pue)
    location = location_based(energy, intensity=intensity)
    water = water_use(it_energy, pue=pue, wue=setting.wue, grid_water=setting.grid_water)
    return Component(
        name=name,
        energy=energy,
        ghg_location=location,
        ghg_market=location,
        water=water,
        embodied=None,
        waste=None,
        waste_net=None,
        method=method,
    )


def _water(network: Network, share: Figure[Ratio], setting: Setting) -> WaterUse:
    """What is published, which does not tell sites from plants, else what the energy implies."""
    published = _shared(network.profile.water, share)
    if published is not None:
        return WaterUse(direct=None, indirect=None, whole=published)
    direct = derive(lambda energy, litres: energy.wetting(litres), network.it_energy.times(share), setting.wue)
    indirect = derive(lambda kwh, litres: kwh.wetting(litres), network.energy.times(share), setting.grid_water)
    return WaterUse(direct=direct, indirect=indirect, whole=direct + indirect)


def _shared(whole: Figure[Q] | None, share: Figure[Ratio]) -> Figure[Q] | None:
    return None if whole is None else whole.times(share)
