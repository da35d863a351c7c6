"""The footprint of a ledger as one signed document: method, inputs with sources, participants, totals, and per unit.

Whoever reads it can redo it (`passport.ledger_reports.redone`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from passport.errors import UsageError
from passport.ledger_footprint.figures import Figure, Input
from passport.ledger_footprint.metered import NodeReading
from passport.ledger_footprint.network import Network
from passport.ledger_footprint.profiles import Consensus
from passport.ledger_footprint.quantities import CarbonIntensity, Energy, Ratio
from passport.ledger_footprint.rule import Rule
from passport.ledger_reports.custody import Custody
from passport.ledger_reports.signing import SignedStatement
from passport.ledger_reports.statements import Days, DigestText, Entity, MeterReading, NotNegative, exact_sum
from passport.model.base import DocumentModel, Text

MAX_INPUTS: Final = 10_000
MAX_PARTICIPANTS: Final = 10_000
_DIGITS: Final = 12
Number = Annotated[str, StringConstraints(pattern=r"^(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{0,39}[1-9])?$")]
"""A number of an estimate: twelve significant digits in plain digits, one spelling each."""


class Range(DocumentModel):
    """Low, central and high."""

    low: Number
    central: Number
    high: Number

    @model_validator(mode="after")
    def _in_order(self) -> Range:
        if not Decimal(self.low) <= Decimal(self.central) <= Decimal(self.high):
            raise ValueError(f"bounds are out of order: {self.low}, {self.central}, {self.high}")
        return self

    @property
    def exact(self) -> tuple[Fraction, Fraction, Fraction]:
        """The three as fractions."""
        return Fraction(self.low), Fraction(self.central), Fraction(self.high)


class ReportSource(DocumentModel):
    """Where an input is from."""

    id: Text
    title: Text
    date: Text
    licence: Text
    status: Text


class ReportInput(DocumentModel):
    """One number that the report rests on; its ends as the estimator read them."""

    name: Text
    unit: Text
    values: Range
    filled_in: bool
    source: ReportSource


class Method(DocumentModel):
    """How it was found.

    Attributes:
        energy: How the network's energy was found.
        rule: The rule of allocation for what stands per unit.
        data_sha256: The data, by hash.
    """

    energy: Text
    rule: Rule
    data_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Participant(DocumentModel):
    """Who runs nodes, and which of their readings are in the energy."""

    entity: Entity
    readings: Annotated[tuple[DigestText, ...], Field(max_length=MAX_PARTICIPANTS)]
    kwh: NotNegative


class Metering(DocumentModel):
    """How the energy was made of the participants' readings.

    Attributes:
        nodes_in_all: Nodes of the chain; those without a reading are taken to be like the others.
        pue: Overhead of the buildings, for meters that stand at the machine.
    """

    nodes_in_all: int = Field(ge=1, le=10**9)
    pue: Range

    @classmethod
    def of(cls, nodes_in_all: int, pue: Figure[Ratio]) -> Metering:
        """The same out of an estimate."""
        return cls(nodes_in_all=nodes_in_all, pue=range_of(pue))

    def figure(self) -> Figure[Ratio]:
        """The overhead as a figure again."""
        low, central, high = (Ratio(float(each)) for each in self.pue.exact)
        return Figure(low, central, high)


class Totals(DocumentModel):
    """Of the whole network in the period's year; what nobody can say is absent, with its reason under `missing`."""

    energy_kwh: Range
    intensity_kg_per_kwh: Range
    ghg_location_kg: Range
    embodied_kg: Range | None = None
    ewaste_kg: Range | None = None
    water_l: Range | None = None


class PerUnit(DocumentModel):
    """Of one unit, by the rule of allocation: the totals over so many units a year."""

    unit: Literal["passport", "transaction", "unit of gas"]
    units_a_year: Range
    energy_kwh: Range
    ghg_location_kg: Range


class EWasteCustody(DocumentModel):
    """Retired hardware, followed to recyclers."""

    handed_kg: NotNegative
    received_kg: NotNegative
    reused_kg: NotNegative
    recycled_kg: NotNegative
    disposed_kg: NotNegative
    handovers: tuple[DigestText, ...]
    receipts: tuple[DigestText, ...]


class LedgerFootprintReport(DocumentModel):
    """The footprint of a ledger."""

    format: Literal["carbon-passport/ledger-footprint-report/1.0"] = "carbon-passport/ledger-footprint-report/1.0"
    signed_by: Entity
    chain: Text
    edition: Text
    period: Days
    period_kind: Literal["total", "annualised snapshot"]
    at: date
    method: Method
    inputs: Annotated[tuple[ReportInput, ...], Field(min_length=1, max_length=MAX_INPUTS)]
    participants: Annotated[tuple[Participant, ...], Field(max_length=MAX_PARTICIPANTS)] = ()
    metering: Metering | None = None
    totals: Totals
    per_unit: PerUnit | None = None
    custody: EWasteCustody | None = None
    missing: dict[str, Text] = Field(default_factory=dict)


UNITS: Final[dict[Rule, Literal["transaction", "unit of gas"]]] = {
    Rule.PER_TRANSACTION: "transaction",
    Rule.PER_GAS: "unit of gas",
}
"""What stands per unit by which rule, if it is not passports."""


def build_report(
    network: Network,
    *,
    signed_by: Entity,
    rule: Rule,
    at: date,
    data_sha256: str,
    passports_a_year: int | None = None,
    readings: Sequence[tuple[SignedStatement[MeterReading], NodeReading]] = (),
    metering: Metering | None = None,
    custody: Custody | None = None,
) -> LedgerFootprintReport:
    """The report of one network.

    Args:
        network: A year of it.
        signed_by: Who will sign.
        rule: The rule of allocation for what stands per unit.
        at: The day it was estimated for.
        data_sha256: The data, by hash.
        passports_a_year: Of a chain of one's own: among how many it is shared.
        readings: Those that the network's energy was made of.
        metering: How that was done.
        custody: Of retired hardware.

    Raises:
        UsageError: A rule that gives nothing per unit, or readings without how they were used.
    """
    profile = network.profile
    if rule not in UNITS:
        raise UsageError("nothing stands per unit by this rule", where="rule", expected=" or ".join(UNITS), found=rule)
    if passports_a_year is not None and profile.consensus is not Consensus.PROOF_OF_AUTHORITY:
        raise UsageError(
            "others use this chain too, so it is not shared among one's own passports",
            where="passports a year",
            expected=f"a chain of {Consensus.PROOF_OF_AUTHORITY.value}",
            found=f"{profile.label}, {profile.consensus.value}",
        )
    if bool(readings) != (metering is not None):
        raise UsageError("readings go with how they were used", where="metering", found=f"{len(readings)} readings")
    ghg = _times(network.energy, network.intensity)
    missing = dict(network.missing)
    counted = profile.gas if rule is Rule.PER_GAS else profile.transactions
    units: Range | None = range_of(counted) if counted is not None else None
    if passports_a_year is not None:
        number = _number(passports_a_year)
        units = Range(low=number, central=number, high=number)
    energy = range_of(network.energy)
    per_unit = None
    if units is None:
        missing["per_unit"] = f"the account states no number of units for {rule}"
    else:
        per_unit = PerUnit(
            unit="passport" if passports_a_year is not None else UNITS[rule],
            units_a_year=units,
            energy_kwh=_over(energy.exact, units),
            ghg_location_kg=_over(ghg.exact, units),
        )
    if profile.water is None:
        missing["water"] = "not published of this network"
    figures = (network.energy, network.intensity, network.embodied, network.waste, profile.water, counted)
    return LedgerFootprintReport(
        signed_by=signed_by,
        chain=profile.chain,
        edition=profile.edition,
        period=Days(first=profile.period.first, last=profile.period.last),
        period_kind=profile.period.kind.value,
        at=at,
        method=Method(energy=network.method.value, rule=rule, data_sha256=data_sha256),
        inputs=tuple(_input(each) for each in _inputs(figures)),
        participants=_participants(readings),
        metering=metering,
        totals=Totals(
            energy_kwh=energy,
            intensity_kg_per_kwh=range_of(network.intensity),
            ghg_location_kg=ghg,
            embodied_kg=_optional(network.embodied),
            ewaste_kg=_optional(network.waste),
            water_l=_optional(profile.water),
        ),
        per_unit=per_unit,
        custody=None if custody is None else custody_of(custody),
        missing=missing,
    )


def _participants(
    readings: Sequence[tuple[SignedStatement[MeterReading], NodeReading]],
) -> tuple[Participant, ...]:
    by_entity: dict[str, list[SignedStatement[MeterReading]]] = {}
    for signed, _ in readings:
        by_entity.setdefault(signed.statement.signed_by.key, []).append(signed)
    return tuple(
        Participant(
            entity=group[0].statement.signed_by,
            readings=tuple(sorted(each.digest for each in group)),
            kwh=exact_sum(each.statement.kwh for each in group),
        )
        for _, group in sorted(by_entity.items())
    )


def custody_of(found: Custody) -> EWasteCustody:
    """What a report says of hardware that was followed."""
    return EWasteCustody(
        handed_kg=found.handed_kg,
        received_kg=found.received_kg,
        reused_kg=found.reused_kg,
        recycled_kg=found.recycled_kg,
        disposed_kg=found.disposed_kg,
        handovers=tuple(handover for handover, _ in found.pairs),
        receipts=tuple(receipt for _, receipt in found.pairs if receipt is not None),
    )


def _inputs(figures: Iterable[Figure[Any] | None]) -> tuple[Input, ...]:
    return tuple(dict.fromkeys(each for figure in figures if figure is not None for each in figure.inputs))


def _input(said: Input) -> ReportInput:
    return ReportInput(
        name=said.name,
        unit=said.unit,
        values=Range(low=_number(said.low), central=_number(said.central), high=_number(said.high)),
        filled_in=said.is_filled_in,
        source=ReportSource(**said.source.to_json()),
    )


def range_of(figure: Figure[Any]) -> Range:
    """The three numbers of a figure as a report writes them."""
    return Range(
        low=_number(figure.low.amount), central=_number(figure.central.amount), high=_number(figure.high.amount)
    )


def _optional(figure: Figure[Any] | None) -> Range | None:
    return None if figure is None else range_of(figure)


def _times(energy: Figure[Energy], intensity: Figure[CarbonIntensity]) -> Range:
    """End by end, of the numbers as they are written: whoever redoes it has no others."""
    numbers = (one * other for one, other in zip(range_of(energy).exact, range_of(intensity).exact, strict=True))
    low, central, high = map(_fraction_text, numbers)
    return Range(low=low, central=central, high=high)


def _over(whole: tuple[Fraction, Fraction, Fraction], units: Range) -> Range:
    """The more units, the less for each: the low end over the most."""
    numbers = (total / number for total, number in zip(whole, reversed(units.exact), strict=True))
    low, central, high = map(_fraction_text, numbers)
    return Range(low=low, central=central, high=high)


def _fraction_text(number: Fraction) -> str:
    return _number(float(number))


def _number(amount: float) -> str:
    text = format(Decimal(f"{amount:.{_DIGITS}g}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
