"""Redo a report of a ledger's footprint: what follows from what it states, from its readings, and from data at hand.

What cannot be redone is named with the reason and is never taken for redone: readings or handovers that are not at
hand, and figures that were made with other data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from passport.errors import ArithmeticRuleError, PassportError
from passport.ledger_footprint.catalogue import Catalogue
from passport.ledger_footprint.figures import Figure, Source, Status, figure
from passport.ledger_footprint.metered import metered_profile
from passport.ledger_footprint.network import network_of
from passport.ledger_footprint.period import Period, PeriodKind
from passport.ledger_footprint.quantities import Ratio
from passport.ledger_reports.custody import follow_custody
from passport.ledger_reports.readings import node_reading
from passport.ledger_reports.report import (
    UNITS,
    EWasteCustody,
    LedgerFootprintReport,
    Metering,
    ReportInput,
    build_report,
    custody_of,
    range_of,
)
from passport.ledger_reports.signing import SignedStatement
from passport.ledger_reports.statements import HardwareHandover, HardwareReceipt, MeterReading, exact_sum

TOLERANCE: Final = Fraction(1, 10**9)
"""Relative difference that writing floats with twelve digits may make."""

_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,40})?")
"""As a report writes one (`report.Number`)."""

STATED_PUE: Final = "stated: pue"
_FROM_DATA: Final = ("edition", "period", "periodKind", "method", "inputs", "totals", "perUnit", "missing")
_ABSENT: Final = {"embodied_kg": "embodied", "ewaste_kg": "waste", "water_l": "water"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is at hand to redo a report with.

    Attributes:
        readings: Signed readings.
        handovers: Signed handovers of retired hardware.
        receipts: Signed receipts for it.
        catalogue: Data of chains and grids, or None.
    """

    readings: Sequence[SignedStatement[MeterReading]] = ()
    handovers: Sequence[SignedStatement[HardwareHandover]] = ()
    receipts: Sequence[SignedStatement[HardwareReceipt]] = ()
    catalogue: Catalogue | None = None


@dataclass(frozen=True, slots=True)
class Redone:
    """What came of it.

    Attributes:
        redone: What was redone and is right.
        stated: What is taken as stated, with the reason.
    """

    redone: tuple[str, ...]
    stated: Mapping[str, str] = field(default_factory=dict)


def check_report(report: LedgerFootprintReport, evidence: Evidence | None = None) -> Redone:
    """Redo a report as far as that can be done.

    Args:
        report: The report.
        evidence: What is at hand; nothing without.

    Returns:
        What was redone, and what is taken as stated.

    Raises:
        ArithmeticRuleError: A figure that does not follow from the others, from its readings, handovers and receipts,
            or from the data that the report names and that are at hand.
    """
    at_hand = evidence or Evidence()
    _check_itself(report)
    redone, stated = ["what follows from what it states"], dict[str, str]()
    # 1. Meters.
    named = {digest for each in report.participants for digest in each.readings}
    readings: dict[str, SignedStatement[MeterReading]] = {each.digest: each for each in at_hand.readings}
    missing = len(named - readings.keys())
    have_readings = bool(named) and not missing
    if named:
        _check_readings(report, readings)
    if have_readings:
        redone.append("energy, out of the readings")
    elif missing == len(named) and named:
        stated["energy"] = "the readings that it adds up are not at hand"
    elif named:
        stated["energy"] = f"{missing} of the {len(named)} readings that it adds up are not at hand"
    # 2. Retired hardware.
    if report.custody is not None:
        reason = _check_custody(report, report.custody, at_hand)
        if reason is None:
            redone.append("custody of retired hardware, out of handovers and receipts")
        else:
            stated["custody"] = reason
    # 3. Data.
    if named and not have_readings:
        stated["data"] = "intensity and inputs rest on the readings too, which are not at hand"
    elif at_hand.catalogue is None:
        stated["data"] = "no data of chains and grids are at hand"
    else:
        reason = _check_data(report, readings, at_hand.catalogue)
        if reason is None:
            redone.append("intensity, totals and inputs, out of the data")
        else:
            stated["data"] = reason
    return Redone(tuple(redone), stated)


def _check_itself(report: LedgerFootprintReport) -> None:
    totals, per_unit = report.totals, report.per_unit
    for got, energy, intensity in zip(
        totals.ghg_location_kg.exact, totals.energy_kwh.exact, totals.intensity_kg_per_kwh.exact, strict=True
    ):
        _same(got, energy * intensity, "totals.ghgLocationKg", "energy times intensity")
    if per_unit is not None:
        if per_unit.unit not in ("passport", UNITS.get(report.method.rule)):
            expected = f"passport or {UNITS.get(report.method.rule)}"
            raise ArithmeticRuleError(
                "is not the unit of the rule", where="perUnit.unit", expected=expected, found=per_unit.unit
            )
        units = per_unit.units_a_year.exact
        if not units[0]:
            raise ArithmeticRuleError("shared among nobody", where="perUnit.unitsAYear", found="0")
        for name, each, whole in (
            ("perUnit.energyKwh", per_unit.energy_kwh.exact, totals.energy_kwh.exact),
            ("perUnit.ghgLocationKg", per_unit.ghg_location_kg.exact, totals.ghg_location_kg.exact),
        ):
            for got, total, number in zip(each, whole, reversed(units), strict=True):
                _same(got, total / number, name, "the total over the units")
    period = Period(report.period.first, report.period.last, PeriodKind(report.period_kind))
    if not period.is_yearly:
        raise ArithmeticRuleError(
            "a rate of some days is not a year's total",
            where="periodKind",
            expected=PeriodKind.SNAPSHOT.value,
            found=str(period),
        )
    absent = {reason: getattr(totals, name) is None for name, reason in _ABSENT.items()}
    for reason, is_absent in {**absent, "per_unit": per_unit is None}.items():
        if is_absent is not (reason in report.missing):
            said = "absent without a reason" if is_absent else "stated, and said to be unknown"
            raise ArithmeticRuleError(said, where=f"missing.{reason}")
    named = [digest for each in report.participants for digest in each.readings]
    if len(set(named)) < len(named):
        raise ArithmeticRuleError("a reading is counted twice", where="participants.readings")
    for participant in report.participants:
        if not participant.readings:
            raise ArithmeticRuleError("energy without a reading", where=f"participants: {participant.entity.key}")
    if bool(named) != (report.metering is not None):
        raise ArithmeticRuleError(
            "readings go with how they were used", where="metering", found=f"{len(named)} readings"
        )
    if report.custody is not None:
        said_masses = report.custody
        parts = exact_sum((said_masses.reused_kg, said_masses.recycled_kg, said_masses.disposed_kg))
        if parts != said_masses.received_kg or said_masses.received_kg > said_masses.handed_kg:
            raise ArithmeticRuleError(
                "the masses do not add up",
                where="custody",
                expected="reused + recycled + disposed = received <= handed",
                found=f"{parts}, {said_masses.received_kg}, {said_masses.handed_kg} kg",
            )


def _check_readings(report: LedgerFootprintReport, at_hand: Mapping[str, SignedStatement[MeterReading]]) -> None:
    """Each participant's readings that are at hand, and the energy once more if all of them are."""
    named: list[SignedStatement[MeterReading]] = []
    for participant in report.participants:
        read: list[Decimal] = []
        for digest in participant.readings:
            signed = at_hand.get(digest)
            if signed is None:
                continue
            said = signed.statement
            if (said.signed_by.key, said.chain, said.period) != (participant.entity.key, report.chain, report.period):
                raise ArithmeticRuleError(
                    "a reading of another operator, chain or time",
                    where=f"participants: {participant.entity.key}",
                    expected=f"{participant.entity.key}, {report.chain}, {report.period.first}..{report.period.last}",
                    found=f"{said.signed_by.key}, {said.chain}, {said.period.first}..{said.period.last}",
                )
            read.append(said.kwh)
            named.append(signed)
        if len(read) < len(participant.readings):
            if exact_sum(read) > participant.kwh:
                raise ArithmeticRuleError(
                    "some readings come to more than all of them",
                    where=participant.entity.key,
                    expected=f"at least {exact_sum(read)} kWh",
                    found=participant.kwh,
                )
            continue
        if exact_sum(read) != participant.kwh:
            raise ArithmeticRuleError(
                "the readings do not add up",
                where=participant.entity.key,
                expected=f"{exact_sum(read)} kWh",
                found=participant.kwh,
            )
    if report.metering is None or len(named) < sum(len(each.readings) for each in report.participants):
        return
    redone = metered_profile(
        [node_reading(each) for each in named],
        chain=report.chain,
        nodes_in_all=report.metering.nodes_in_all,
        pue=report.metering.figure(),
    ).energy
    if redone is None:
        raise ArithmeticRuleError("the readings give no energy", where="totals.energyKwh")
    for got, expected in zip(report.totals.energy_kwh.exact, range_of(redone).exact, strict=True):
        _same(got, expected, "totals.energyKwh", "what the readings give")


def _check_custody(report: LedgerFootprintReport, said: EWasteCustody, at_hand: Evidence) -> str | None:
    """Follow the hardware once more; why that cannot be done, or None."""
    handovers = [each for each in at_hand.handovers if each.digest in said.handovers]
    receipts = [each for each in at_hand.receipts if each.digest in said.receipts]
    missing = len(set(said.handovers)) + len(set(said.receipts)) - len(handovers) - len(receipts)
    if missing:
        return f"{missing} of the handovers and receipts that it follows are not at hand"
    strange = next((each for each in handovers if each.statement.chain != report.chain), None)
    if strange is not None:
        raise ArithmeticRuleError(
            "hardware of another chain", where="custody", expected=report.chain, found=strange.statement.chain
        )
    expected = custody_of(follow_custody(handovers, receipts))
    if expected != said:
        raise ArithmeticRuleError(
            "is not what handovers and receipts give",
            where="custody",
            expected=expected.to_json(),
            found=said.to_json(),
        )
    return None


def _check_data(
    report: LedgerFootprintReport, readings: Mapping[str, SignedStatement[MeterReading]], data: Catalogue
) -> str | None:
    """The whole report once more out of data; why that says nothing, or None if it comes to the same."""
    is_same_data = report.method.data_sha256 == data.digest
    try:
        expected = _rebuilt(report, readings, data)
    except PassportError as error:
        if is_same_data:
            raise ArithmeticRuleError(
                "the data that it names do not give such a report", where="method.dataSha256", found=error
            ) from error
        return f"made with other data than are at hand, which do not know of it ({error})"
    got, wanted = report.to_json(), expected.to_json()
    for name in _FROM_DATA:
        difference = _difference(got.get(name), wanted.get(name), name)
        if difference is None:
            continue
        where, found, other = difference
        if is_same_data:
            raise ArithmeticRuleError("is not what the data give", where=where, expected=other, found=found)
        return f"made with other data than are at hand, by which {where} is {other}, and not {found}"
    return None


def _rebuilt(
    report: LedgerFootprintReport, readings: Mapping[str, SignedStatement[MeterReading]], data: Catalogue
) -> LedgerFootprintReport:
    named = [readings[digest] for participant in report.participants for digest in participant.readings]
    pairs = [(each, node_reading(each)) for each in named]
    overhead, pue = None, None
    if report.metering is not None:
        of_buildings = _overhead(report, report.metering, data)
        overhead = Metering.of(report.metering.nodes_in_all, of_buildings)
        profile = metered_profile(
            [each for _, each in pairs],
            chain=report.chain,
            nodes_in_all=report.metering.nodes_in_all,
            pue=of_buildings,
        )
    else:
        pue = next((_ratio(each) for each in report.inputs if each.name == STATED_PUE), None)
        profile = data.chain(report.chain, at=report.at, edition=report.edition)
    per_unit = report.per_unit
    is_own = per_unit is not None and per_unit.unit == "passport"
    return build_report(
        network_of(profile, catalogue=data, at=report.at, pue=None if pairs else pue),
        signed_by=report.signed_by,
        rule=report.method.rule,
        at=report.at,
        data_sha256=report.method.data_sha256,
        passports_a_year=int(Decimal(per_unit.units_a_year.central)) if per_unit is not None and is_own else None,
        readings=pairs,
        metering=overhead,
    )


def _overhead(report: LedgerFootprintReport, metering: Metering, data: Catalogue) -> Figure[Ratio]:
    """The overhead that the metering states: the default, or an input that whoever signed stated."""
    filled_in: Figure[Ratio] = data.default("pue")
    if range_of(filled_in) == metering.pue:
        return filled_in
    for each in report.inputs:
        if each.name.endswith("pue") and each.unit == "1" and each.values == metering.pue and not each.filled_in:
            return _ratio(each)
    return metering.figure()


def _ratio(said: ReportInput) -> Figure[Ratio]:
    """An input that whoever signed stated; what it stands on is theirs."""
    low, central, high = (float(end) for end in said.values.exact)
    try:
        status = Status(said.source.status)
    except ValueError as error:
        raise ArithmeticRuleError("no such status of a source", where=f"inputs: {said.name}", found=error) from error
    source = Source(said.source.id, said.source.title, said.source.date, said.source.licence, status)
    return figure(Ratio, "1", central, low=low, high=high, name=said.name, source=source)


def _difference(got: Any, wanted: Any, where: str) -> tuple[str, Any, Any] | None:
    """The first place where two documents differ by more than writing numbers makes; lists in any order."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        for key in sorted(got.keys() | wanted.keys()):
            found = _difference(got.get(key), wanted.get(key), f"{where}.{key}")
            if found is not None:
                return found
        return None
    if isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        for one, other in zip(sorted(got, key=str), sorted(wanted, key=str), strict=True):
            found = _difference(one, other, where)
            if found is not None:
                return found
        return None
    if got == wanted or _are_near(got, wanted):
        return None
    return where, got, wanted


def _are_near(got: object, wanted: object) -> bool:
    if not isinstance(got, str) or not isinstance(wanted, str):
        return False
    if not _NUMBER.fullmatch(got) or not _NUMBER.fullmatch(wanted):
        return False  # an exponent or a quotient in a text of somebody's could be of any size
    one, other = Fraction(got), Fraction(wanted)
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))


def _same(got: Fraction, expected: Fraction, where: str, what: str) -> None:
    if abs(got - expected) > TOLERANCE * max(abs(got), abs(expected)):
        raise ArithmeticRuleError(f"is not {what}", where=where, expected=float(expected), found=float(got))
