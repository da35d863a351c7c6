"""Profiles: what is published of a chain, a kind of node, a mining machine, a grid, a carbon price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from passport.ledger_footprint.figures import Figure, Source
from passport.ledger_footprint.period import Period
from passport.ledger_footprint.quantities import (
    CarbonIntensity,
    CarbonPrice,
    Count,
    Duration,
    Energy,
    GhgMass,
    HashEnergy,
    Hashrate,
    Power,
    Ratio,
    Revenue,
    Storage,
    WasteMass,
    Water,
)
from passport.ledger_footprint.rollup import BlobSplit


class Consensus(StrEnum):
    """How a chain agrees."""

    PROOF_OF_WORK = "proof of work"
    PROOF_OF_STAKE = "proof of stake"
    PROOF_OF_AUTHORITY = "proof of authority"
    ROLLUP = "rollup or sidechain"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class HardwareProfile:
    """A class of node.

    Attributes:
        name: Its name.
        power: W at the wall of one machine, before the building's overhead.
        pue: Overhead of the buildings that such nodes stand in.
        mass: Mass of one machine.
        life: How long it is used.
        embodied: GHG of making one.
    """

    name: str
    power: Figure[Power]
    pue: Figure[Ratio]
    mass: Figure[WasteMass]
    life: Figure[Duration]
    embodied: Figure[GhgMass]

    @property
    def key(self) -> tuple[str, ...]:
        """What no other entry of a file may share."""
        return (self.name,)


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """Nodes of one class.

    Attributes:
        hardware: Name of the class.
        count: How many.
    """

    hardware: str
    count: Figure[Count]


@dataclass(frozen=True, slots=True)
class AsicModel:
    """A mining machine.

    Attributes:
        name: Its name.
        released: Year and month, `2020-05`.
        rate: Its speed.
        per_hash: Its energy per hash.
        mass: Its mass.
    """

    name: str
    released: str
    rate: Figure[Hashrate]
    per_hash: Figure[HashEnergy]
    mass: Figure[WasteMass]

    @property
    def key(self) -> tuple[str, ...]:
        """What no other entry of a file may share."""
        return (self.name,)


@dataclass(frozen=True, slots=True)
class Mining:
    """What is known of a proof-of-work chain's miners.

    Attributes:
        hashrate: Mean speed of all.
        revenue: What they earn a year.
        asics: Names of the machines that may be running.
        economic_life: Until a machine costs more than it earns.
        pue: Overhead of their buildings.
    """

    hashrate: Figure[Hashrate]
    revenue: Figure[Revenue]
    asics: tuple[str, ...]
    economic_life: Figure[Duration]
    pue: Figure[Ratio]


@dataclass(frozen=True, slots=True)
class Layer1:
    """The chain that a rollup or sidechain settles on.

    Attributes:
        chain: Its name.
        gas: Gas a year spent there.
        blob_share: Share of that chain's blobs that this one fills.
        blob_weight: What part of that chain blobs are; goes with `blob_share`.
        blob_split: By what that part is told: by fees or by bytes; goes with both.
    """

    chain: str
    gas: Figure[Count]
    blob_share: Figure[Ratio] | None = None
    blob_weight: Figure[Ratio] | None = None
    blob_split: BlobSplit | None = None


@dataclass(frozen=True, slots=True)
class ChainProfile:
    """One published account of one chain; accounts of several providers are never averaged.

    Attributes:
        chain: The chain's name.
        edition: The name of this account.
        consensus: How the chain agrees.
        period: What the yearly numbers are for.
        energy: Energy a year of the whole network, at the meter of the building.
        transactions: Transactions a year.
        gas: Gas used a year, of chains that have gas.
        data: Bytes a year that the chain takes in.
        fees: Fees a year, in the chain's own coin.
        subsidy: Coins newly made a year.
        load_share: Share of the energy that depends on load.
        nodes: Nodes by class.
        mining: Of proof of work.
        intensity: GHG of the network's electricity, location-based, if published.
        grid: Shares of countries, if the intensity is not.
        embodied: GHG a year of making the hardware, if published.
        waste: E-waste a year, if published.
        water: Water a year, if published.
        reuse: Share of retired hardware that is resold, reused or recycled.
        layer1: Of rollups and sidechains.
        is_metered: The energy is what meters of its nodes read.
    """

    chain: str
    edition: str
    consensus: Consensus
    period: Period
    energy: Figure[Energy] | None = None
    transactions: Figure[Count] | None = None
    gas: Figure[Count] | None = None
    data: Figure[Storage] | None = None
    fees: Figure[Count] | None = None
    subsidy: Figure[Count] | None = None
    load_share: Figure[Ratio] | None = None
    nodes: tuple[NodeGroup, ...] = ()
    mining: Mining | None = None
    intensity: Figure[CarbonIntensity] | None = None
    grid: Mapping[str, float] | None = None
    embodied: Figure[GhgMass] | None = None
    waste: Figure[WasteMass] | None = None
    water: Figure[Water] | None = None
    reuse: Figure[Ratio] | None = None
    layer1: Layer1 | None = None
    is_metered: bool = False

    @property
    def label(self) -> str:
        """Chain and edition."""
        return f"{self.chain}/{self.edition}"

    @property
    def key(self) -> tuple[str, ...]:
        """What no other entry of a file may share."""
        return (self.chain, self.edition)


@dataclass(frozen=True, slots=True)
class GridProfile:
    """A country's electricity in one year.

    Attributes:
        country: ISO 3166-1 alpha-2, or WORLD.
        year: The year.
        factor_set: Name of the set of factors that it was made with: one set per estimate.
        intensity: Location-based average.
        residual: Residual mix, for market-based accounts, if published.
    """

    country: str
    year: int
    factor_set: str
    intensity: Figure[CarbonIntensity]
    residual: Figure[CarbonIntensity] | None = None

    @property
    def key(self) -> tuple[str, int, str]:
        """What no other entry of a file may share."""
        return (self.country, self.year, self.factor_set)


@dataclass(frozen=True, slots=True)
class FactorSet:
    """Life-cycle GHG of electricity by what it is made from.

    Attributes:
        name: Its name.
        factors: By kind of source: coal, gas, hydro and so on.
        source: Where it is from.
    """

    name: str
    factors: Mapping[str, CarbonIntensity]
    source: Source

    @property
    def key(self) -> tuple[str, ...]:
        """What no other entry of a file may share."""
        return (self.name,)


@dataclass(frozen=True, slots=True)
class GenerationMix:
    """What a country makes its electricity from in a year, as an outlook sees it.

    Attributes:
        country: ISO 3166-1 alpha-2.
        year: The year.
        fossil: From coal, oil and gas.
        clean: From everything else.
    """

    country: str
    year: int
    fossil: Figure[Energy]
    clean: Figure[Energy]

    @property
    def key(self) -> tuple[str, int]:
        """What no other entry of a file may share."""
        return (self.country, self.year)


@dataclass(frozen=True, slots=True)
class PriceProfile:
    """A price of emitting.

    Attributes:
        market: The market's name.
        currency: ISO 4217.
        date: A day or a year.
        price: Per tonne.
    """

    market: str
    currency: str
    date: str
    price: Figure[CarbonPrice]

    @property
    def key(self) -> tuple[str, ...]:
        """What no other entry of a file may share."""
        return (self.market,)
