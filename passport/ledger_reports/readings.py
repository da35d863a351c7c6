"""Signed readings of meters as measured inputs of an estimate."""

from __future__ import annotations

from collections.abc import Iterable

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.figures import Source, Status
from passport.ledger_footprint.metered import NodeReading, metered_energy
from passport.ledger_footprint.period import Period
from passport.ledger_reports.signing import SignedStatement
from passport.ledger_reports.statements import Boundary, MeterReading


def node_reading(signed: SignedStatement[MeterReading]) -> NodeReading:
    """What a node's meter read; its source is the signed reading, by digest.

    Raises:
        ArithmeticRuleError: A reading that cannot be, or that was signed before its days had passed.
    """
    said = signed.statement
    if signed.created.date() < said.period.last:
        raise ArithmeticRuleError(
            "signed before its days had passed",
            where=f"{said.signed_by.key} {said.node}",
            expected=f"{said.period.last} or later",
            found=str(signed.created.date()),
        )
    source = Source(
        id=signed.digest,
        title=f"meter {said.meter.serial} of node {said.node}, read and signed by {said.signed_by.name}",
        date=said.period.last.isoformat(),
        licence="the signer's own",
        status=Status.USER,
    )
    return NodeReading(
        operator=said.signed_by.key,
        node=said.node,
        period=Period(said.period.first, said.period.last),
        energy=metered_energy(
            float(said.kwh),
            accuracy_percent=float(said.meter.accuracy_percent),
            name=f"{said.signed_by.key} {said.node}: meter",
            source=source,
        ),
        country=said.country,
        is_of_building=said.meter.boundary is Boundary.BUILDING,
        meter=said.meter.serial,
    )


def contradicting(readings: Iterable[SignedStatement[MeterReading]]) -> tuple[tuple[str, ...], ...]:
    """Readings of one node for the same days that are not the same: whoever signed them says two things.

    A reading that was corrected is taken back in its signer's log, and so is not among them.

    Args:
        readings: Signed readings.

    Returns:
        The digests of those that contradict each other, a group each.
    """
    groups: dict[tuple[str, ...], list[SignedStatement[MeterReading]]] = {}
    for each in readings:
        said = each.statement
        days = (said.period.first.isoformat(), said.period.last.isoformat())
        groups.setdefault((said.signed_by.key, said.chain, said.node, *days), []).append(each)
    return tuple(
        tuple(sorted(each.digest for each in group))
        for _, group in sorted(groups.items())
        if len({(each.statement.kwh, each.statement.meter.boundary, each.statement.country) for each in group}) > 1
    )
