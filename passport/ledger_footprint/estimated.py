"""What an estimate says: parts and totals with low, central and high, and everything that they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from passport.ledger_footprint.data_centre import WaterUse
from passport.ledger_footprint.electricity import Draw
from passport.ledger_footprint.figures import Figure, Input
from passport.ledger_footprint.network import EnergyMethod
from passport.ledger_footprint.period import Period
from passport.ledger_footprint.profiles import PriceProfile
from passport.ledger_footprint.quantities import Cost, Energy, GhgMass, Ratio, WasteMass, Water
from passport.ledger_footprint.rule import Rule


@dataclass(frozen=True, slots=True)
class Component:
    """One part of an estimate.

    Attributes:
        name: `consensus`, `layer1`, `storage`, `issuer`, `verifier` or `access`.
        energy: At the meter of the building.
        ghg_location: By the grid's average.
        ghg_market: By certificates and residual mix.
        water: At the site, and for the electricity.
        embodied: GHG of making the hardware, or None: unknown.
        waste: E-waste, gross, or None: unknown.
        waste_net: Without what is resold, reused or recycled, or None.
        method: How the energy was found.
    """

    name: str
    energy: Figure[Energy]
    ghg_location: Figure[GhgMass]
    ghg_market: Figure[GhgMass]
    water: WaterUse
    embodied: Figure[GhgMass] | None
    waste: Figure[WasteMass] | None
    waste_net: Figure[WasteMass] | None
    method: str

    def to_json(self) -> dict[str, Any]:
        """The part as JSON values."""
        return {
            "name": self.name,
            "method": self.method,
            **_quantities(self),
            "water_direct": None if self.water.direct is None else self.water.direct.to_json(),
            "water_indirect": None if self.water.indirect is None else self.water.indirect.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Perspective:
    """Energy and GHG from one point of view.

    Attributes:
        energy: The energy.
        ghg_location: Its GHG by location.
    """

    energy: Figure[Energy]
    ghg_location: Figure[GhgMass]

    def to_json(self) -> dict[str, Any]:
        """The perspective as JSON values."""
        return {"energy": self.energy.to_json(), "ghg_location": self.ghg_location.to_json()}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one passport's place on a ledger takes.

    Attributes:
        chain: The chain.
        edition: The account of it that was used.
        period: What that account is for.
        at: The day that was asked about.
        rule: The rule of allocation.
        energy_method: How the network's energy was found.
        share: Of a year of the network, or None for a chain that is no network.
        components: The parts.
        energy: All parts' energy.
        ghg_location: All parts' GHG by location.
        ghg_market: All parts' GHG by market.
        embodied: GHG of making the hardware, or None: unknown.
        waste_gross: E-waste, or None: unknown.
        waste_net: E-waste without what is reused, or None: unknown.
        water: All parts' water.
        shadow_cost: Location-based and embodied GHG at a price, or None when no market was named.
        price: That price.
        attributional: The passport's share of the whole.
        marginal: What the passport adds to the whole, or None: unknown.
        network_total: The whole, a year.
        draws: What was taken from certificates, to be noted as spent.
        inputs: Every number that it rests on.
        missing: What is unknown, with the reason.
        warnings: What a reader must know.
        data_digest: SHA-256 of the data.
    """

    chain: str
    edition: str
    period: Period
    at: date
    rule: Rule
    energy_method: EnergyMethod | None
    share: Figure[Ratio] | None
    components: tuple[Component, ...]
    energy: Figure[Energy]
    ghg_location: Figure[GhgMass]
    ghg_market: Figure[GhgMass]
    embodied: Figure[GhgMass] | None
    waste_gross: Figure[WasteMass] | None
    waste_net: Figure[WasteMass] | None
    water: Figure[Water]
    shadow_cost: Figure[Cost] | None
    price: PriceProfile | None
    attributional: Perspective
    marginal: Perspective | None
    network_total: Perspective | None
    draws: tuple[Draw, ...]
    inputs: tuple[Input, ...]
    missing: Mapping[str, str]
    warnings: tuple[str, ...]
    data_digest: str

    @property
    def filled_in(self) -> tuple[str, ...]:
        """Names of inputs that stand in for what nobody stated."""
        return tuple(each.name for each in self.inputs if each.is_filled_in)

    def to_json(self) -> dict[str, Any]:
        """The estimate as JSON values."""
        cost = None
        if self.shadow_cost is not None and self.price is not None:
            cost = {
                **self.shadow_cost.to_json(),
                "unit": self.price.currency,
                "currency": self.price.currency,
                "market": self.price.market,
                "date": self.price.date,
                "price_per_t_co2e": self.price.price.central.amount,
            }
        return {
            "functional_unit": "1 passport over its life",
            "chain": self.chain,
            "edition": self.edition,
            "period": self.period.to_json(),
            "at": self.at.isoformat(),
            "rule": self.rule.value,
            "energy_method": None if self.energy_method is None else self.energy_method.value,
            "share": None if self.share is None else self.share.to_json(),
            "quantities": {**_quantities(self), "shadow_cost": cost},
            "perspectives": {
                name: None if each is None else each.to_json()
                for name, each in (
                    ("attributional", self.attributional),
                    ("marginal", self.marginal),
                    ("network_total", self.network_total),
                )
            },
            "components": [each.to_json() for each in self.components],
            "certificates_drawn": [{"certificate": each.certificate, "kwh": each.energy.amount} for each in self.draws],
            "inputs": [each.to_json() for each in self.inputs],
            "filled_in": list(self.filled_in),
            "missing": dict(self.missing),
            "warnings": list(self.warnings),
            "data_sha256": self.data_digest,
        }


def _quantities(said: Component | Estimate) -> dict[str, Any]:
    """The quantities that parts and totals have in common; null is unknown, not zero."""
    water = said.water.whole if isinstance(said.water, WaterUse) else said.water
    gross = said.waste if isinstance(said, Component) else said.waste_gross
    return {
        "energy": said.energy.to_json(),
        "ghg_location": said.ghg_location.to_json(),
        "ghg_market": said.ghg_market.to_json(),
        "embodied": None if said.embodied is None else said.embodied.to_json(),
        "ewaste_gross": None if gross is None else gross.to_json("g"),
        "ewaste_net": None if said.waste_net is None else said.waste_net.to_json("g"),
        "water": water.to_json(),
    }
