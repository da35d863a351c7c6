"""What each kind of entry of a data file must state, and what it makes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from passport.errors import PassportError
from passport.ledger_footprint.baseline import Baseline
from passport.ledger_footprint.figures import Figure, Source
from passport.ledger_footprint.profiles import (
    AsicModel,
    ChainProfile,
    Consensus,
    FactorSet,
    GenerationMix,
    GridProfile,
    HardwareProfile,
    Layer1,
    Mining,
    NodeGroup,
    PriceProfile,
)
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
    Q,
    Ratio,
    Revenue,
    Storage,
    StoragePower,
    WasteMass,
    Water,
    WaterIntensity,
)
from passport.ledger_footprint.record import Record
from passport.ledger_footprint.rollup import BlobSplit

_COUNTRY = re.compile(r"[A-Z]{2}|WORLD")
_MONTH = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?")
_KINDS_OF_DEFAULTS: Final[dict[str, type[Any]]] = {
    "pue": Ratio,
    "reuse": Ratio,
    "wue": WaterIntensity,
    "grid_water": WaterIntensity,
    "ssd_power": StoragePower,
    "hdd_power": StoragePower,
    "core_power": Power,
    "intensity_world": CarbonIntensity,
    "electricity_share": Ratio,
    "retention": Duration,
    "embedded_commit": Duration,
}


@dataclass(frozen=True, slots=True)
class Default:
    """What is filled in where nobody states a number; always flagged.

    Attributes:
        name: Which number.
        figure: The number.
    """

    name: str
    figure: Figure[Any]

    @property
    def key(self) -> tuple[str, ...]:
        """What no other entry of a file may share."""
        return (self.name,)


def _chain(record: Record) -> ChainProfile:
    chain, edition = record.text("chain"), record.text("edition")
    record.subject = chain
    consensus = record.member("consensus", Consensus, otherwise=Consensus.PROOF_OF_STAKE)
    made = ChainProfile(
        chain=chain,
        edition=edition,
        consensus=consensus,
        period=record.period("period"),
        energy=record.figure("energy", Energy, required=False),
        transactions=record.figure("transactions", Count, required=False),
        gas=record.figure("gas", Count, required=False),
        data=record.figure("data", Storage, required=False),
        fees=record.figure("fees", Count, required=False),
        subsidy=record.figure("subsidy", Count, required=False),
        load_share=record.figure("load_share", Ratio, required=False),
        nodes=tuple(_node_group(each) for each in record.records("nodes")),
        mining=_mining(record.record("mining")) if "mining" in record.data else None,
        intensity=record.figure("intensity", CarbonIntensity, required=False),
        grid=_shares(record),
        embodied=record.figure("embodied", GhgMass, required=False),
        waste=record.figure("waste", WasteMass, required=False),
        water=record.figure("water", Water, required=False),
        reuse=record.figure("reuse", Ratio, required=False),
        layer1=_layer1(record.record("layer1")) if "layer1" in record.data else None,
    )
    record.take("notes", required=False)
    _complete(made, record)
    return made


def _complete(made: ChainProfile, record: Record) -> None:
    """What a profile of its kind cannot do without."""
    if made.consensus is Consensus.EMBEDDED:
        return
    if made.energy is None and not made.nodes and made.mining is None:
        record.problem("energy", "is missing, and so are nodes and mining: one of them is needed")
    if made.intensity is None and made.grid is None:
        record.problem("intensity", "is missing, and so is grid: one of them is needed")
    if not made.period.is_yearly:
        record.problem("period", f"yearly numbers need a year's period or an annualised snapshot, found {made.period}")
    if made.consensus is Consensus.ROLLUP and made.layer1 is None:
        record.problem("layer1", "is missing: a rollup's or sidechain's largest part may be there")
    if made.consensus is Consensus.PROOF_OF_AUTHORITY and not made.nodes:
        record.problem("nodes", "is missing: a permissioned chain is its nodes")
    for key in ("load_share", "reuse"):
        part = getattr(made, key)
        if part is not None and part.high.amount > 1:
            record.problem(key, f"a share is 0 to 1 (0 to 100 %), found {part.high.amount:g}")
    if made.gas and made.transactions and made.transactions.central > made.gas.central:
        record.problem("transactions", "more transactions than gas: one of the two is of another unit or period")


def _shares(record: Record) -> MappingProxyType[str, float] | None:
    found = record.take("grid", required=False)
    if found is None:
        return None
    if not isinstance(found, dict) or not all(
        _COUNTRY.fullmatch(key) and isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share <= 1
        for key, share in found.items()
    ):
        record.problem("grid", "expected shares from 0 to 1 by country code")
        return None
    if abs(sum(found.values()) - 1) > 1e-6:
        record.problem("grid", f"shares add up to {sum(found.values()):g}, not to 1")
    return MappingProxyType(dict(found))


def _node_group(record: Record) -> NodeGroup:
    group = NodeGroup(record.text("hardware"), record.need("count", Count, instead=Count(0)))
    record.finish()
    return group


def _mining(record: Record) -> Mining:
    names = record.take("asics")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        record.problem("asics", "expected a list of names")
        names = []
    made = Mining(
        hashrate=record.need("hashrate", Hashrate, instead=Hashrate(0)),
        revenue=record.need("revenue", Revenue, instead=Revenue(0)),
        asics=tuple(names),
        economic_life=_above_zero(record, "economic_life", record.need("economic_life", Duration, instead=Duration(1))),
        pue=_at_least_one(record, record.need("pue", Ratio, instead=Ratio(1))),
    )
    record.finish()
    return made


def _layer1(record: Record) -> Layer1:
    made = Layer1(
        record.text("chain"),
        record.need("gas", Count, instead=Count(0)),
        record.figure("blob_share", Ratio, required=False),
        record.figure("blob_weight", Ratio, required=False),
        record.member("blob_split", BlobSplit, otherwise=BlobSplit.FEES) if "blob_split" in record.data else None,
    )
    said = [name for name in ("blob_share", "blob_weight", "blob_split") if getattr(made, name) is not None]
    if said and len(said) < 3:
        record.problem(
            "blob_share", f"blob_share, blob_weight and blob_split go together, found only {' and '.join(said)}"
        )
    for name in ("blob_share", "blob_weight"):
        part = getattr(made, name)
        if part is not None and part.high.amount > 1:
            record.problem(name, f"a share is 0 to 1 (0 to 100 %), found {part.high.amount:g}")
    record.finish()
    return made


def _above_zero(record: Record, key: str, said: Figure[Q]) -> Figure[Q]:
    """What is divided by."""
    if said.low.amount == 0:
        record.problem(key, "must be more than 0: it is divided by")
    return said


def _at_least_one(record: Record, pue: Figure[Ratio]) -> Figure[Ratio]:
    if pue.low.amount < 1:
        record.problem("pue", f"a PUE is 1 or more (the building includes its computers), found {pue.low.amount:g}")
    return pue


def _hardware(record: Record) -> HardwareProfile:
    name = record.subject = record.text("hardware")
    return HardwareProfile(
        name,
        power=record.need("power", Power, instead=Power(0)),
        pue=_at_least_one(record, record.need("pue", Ratio, instead=Ratio(1))),
        mass=record.need("mass", WasteMass, instead=WasteMass(0)),
        life=_above_zero(record, "life", record.need("life", Duration, instead=Duration(1))),
        embodied=record.need("embodied", GhgMass, instead=GhgMass(0)),
    )


def _asic(record: Record) -> AsicModel:
    name = record.subject = record.text("asic")
    released = record.text("released")
    if released and not _MONTH.fullmatch(released):
        record.problem("released", f"expected a month such as 2020-05, found {released!r:.60}")
    return AsicModel(
        name,
        released=released,
        rate=_above_zero(record, "rate", record.need("rate", Hashrate, instead=Hashrate(1))),
        per_hash=record.need("per_hash", HashEnergy, instead=HashEnergy(0)),
        mass=record.need("mass", WasteMass, instead=WasteMass(0)),
    )


def _year(record: Record) -> int:
    year = record.take("year")
    if not isinstance(year, int) or isinstance(year, bool) or not 1990 <= year <= 2100:
        record.problem("year", f"expected a year, found {year!r:.60}")
        return 0
    return year


def _country(record: Record) -> str:
    country = record.text("country")
    if not _COUNTRY.fullmatch(country):
        record.problem("country", f"expected an ISO 3166-1 alpha-2 code or WORLD, found {country!r:.60}")
    return country


def _grid(record: Record) -> GridProfile:
    country, year = _country(record), _year(record)
    record.subject = f"grid {country} {year}"
    return GridProfile(
        country,
        year,
        record.text("factor_set"),
        record.need("intensity", CarbonIntensity, instead=CarbonIntensity(0)),
        record.figure("residual", CarbonIntensity, required=False),
    )


def _factor_set(record: Record) -> FactorSet:
    name, unit, cited, found = record.text("factor_set"), record.text("unit"), record.text("source"), {}
    values = record.record("factors")
    for key in values.data:
        number = values.take(key)
        try:
            found[key] = CarbonIntensity.of(number, unit)
        except (PassportError, TypeError):
            values.problem(key, f"expected a number of {' or '.join(CarbonIntensity.FACTORS)}, found {number!r:.60}")
    source = record.sources.get(cited)
    if source is None:
        record.problem("source", f"no such source in this file: {cited!r:.60}")
        source = Source(cited, "", "", "")
    return FactorSet(name, MappingProxyType(found), source)


def _mix(record: Record) -> GenerationMix:
    country, year = _country(record), _year(record)
    record.subject = f"generation {country} {year}"
    return GenerationMix(
        country,
        year,
        record.need("fossil", Energy, instead=Energy(0)),
        record.need("clean", Energy, instead=Energy(1)),
    )


def _price(record: Record) -> PriceProfile:
    market = record.subject = record.text("market")
    currency, day = record.text("currency"), record.text("date")
    if currency and not _CURRENCY.fullmatch(currency):
        record.problem("currency", f"expected an ISO 4217 code such as CNY, found {currency!r:.60}")
    if day and not _DATE.fullmatch(day):
        record.problem("date", f"expected a day, month or year, ISO 8601, found {day!r:.60}")
    return PriceProfile(market, currency, day, record.need("price", CarbonPrice, instead=CarbonPrice(0)))


def _baseline(record: Record) -> Baseline:
    name = record.subject = record.text("baseline")
    made = Baseline(
        name,
        record.text("piece"),
        record.figure("ghg", GhgMass, required=False),
        tuple(_node_group(each) for each in record.records("nodes")),
        _shares(record),
    )
    if ("ghg" in record.data) is ("nodes" in record.data):
        record.problem("ghg", "one of ghg and nodes is needed, and not both")
    if bool(made.nodes) is not bool(made.grid):
        record.problem("grid", "nodes and grid go together")
    if made.ghg is not None and made.ghg.low.amount < 0:
        record.problem("ghg", f"must be 0 or more, found {made.ghg.low.amount:g}")
    return made


def _default(record: Record) -> Default:
    name = record.text("default")
    record.subject = f"default {name}"
    kind = _KINDS_OF_DEFAULTS.get(name)
    if kind is None:
        record.problem("default", f"expected one of {', '.join(_KINDS_OF_DEFAULTS)}, found {name!r:.60}")
        kind = Ratio
    return Default(name, record.need("figure", kind, instead=kind(1)))


READERS: Final[Mapping[str, Callable[[Record], Any]]] = {
    "chains": _chain,
    "hardware": _hardware,
    "asics": _asic,
    "grids": _grid,
    "factor_sets": _factor_set,
    "generation": _mix,
    "prices": _price,
    "defaults": _default,
    "baselines": _baseline,
}
"""Who reads which kind of entry."""
