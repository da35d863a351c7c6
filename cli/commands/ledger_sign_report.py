"""`passport ledger sign-report`: the footprint of a ledger as a credential that anybody can redo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.ledger_footprint import MAX_COUNT, AtOption, DataOption, RuleOption, catalogue_of, day_of, stated
from cli.ledger_statements import AnchorOption, of_kind, read_signed, sign_own
from cli.session import Session, TrustOption, command
from passport.errors import SchemaError, SignatureError, UsageError

EXAMPLES = """\
passport ledger sign-report --chain ethereum --rule per_gas > report.json
passport ledger sign-report --chain ours --rule per_transaction --volume 10000 --nodes 4 --statement a.json
"""


@command(passphrase=True)
def ledger_sign_report(
    session: Session,
    *,
    chain: Annotated[str, typer.Option("--chain", help="The chain, by the name of its profile.", metavar="NAME")],
    rule: RuleOption = None,
    volume: Annotated[
        int | None,
        typer.Option(
            "--volume", min=1, max=MAX_COUNT, help="Of a chain of one's own: all passports of a year.", metavar="N"
        ),
    ] = None,
    statement: Annotated[
        list[Path] | None,
        typer.Option("--statement", help="A signed reading, handover or receipt; may be repeated.", metavar="FILE"),
    ] = None,
    nodes: Annotated[
        int | None,
        typer.Option("--nodes", min=1, max=10**9, help="With readings: nodes of the chain in all.", metavar="N"),
    ] = None,
    pue: Annotated[float | None, typer.Option("--pue", help="Overhead of the buildings, 1 or more.")] = None,
    edition: Annotated[
        str | None, typer.Option("--edition", help="A certain account of the chain.", metavar="NAME")
    ] = None,
    anchor: AnchorOption = False,
    trust: TrustOption = None,
    at: AtOption = None,
    data: DataOption = None,
) -> None:
    """With readings the chain's energy is what the meters read, and the profile of the chain is not asked.

    Readings and receipts count only if registered entities signed them, as the trust file and the chain say.
    """
    from passport.ledger_footprint.metered import metered_profile, strange_power
    from passport.ledger_footprint.network import network_of
    from passport.ledger_footprint.quantities import Ratio
    from passport.ledger_footprint.rule import rule_of
    from passport.ledger_reports import (
        Entity,
        HardwareHandover,
        HardwareReceipt,
        Metering,
        MeterReading,
        build_report,
        follow_custody,
        node_reading,
    )

    day, catalogue = day_of(session, at), catalogue_of(data)
    known_pue = stated(Ratio, "1", pue, name="pue", at=day)
    with session.open_company() as workspace:
        judged = read_signed(statement or (), workspace, session.trust(trust))
        for each in judged:
            if each.open_reason is not None:
                raise SignatureError(f"who signed is not proven: {each.open_reason}", where=each.file)
        readings = [(each, node_reading(each)) for each in of_kind(judged, MeterReading)]
        strange = next((each.statement.chain for each, _ in readings if each.statement.chain != chain), None)
        if strange is not None:
            raise SchemaError("a reading of another chain", where="--statement", expected=chain, found=strange)
        handovers, receipts = of_kind(judged, HardwareHandover), of_kind(judged, HardwareReceipt)
        strange = next((each.statement.chain for each in handovers if each.statement.chain != chain), strange)
        if strange is not None:
            raise SchemaError("hardware of another chain", where="--statement", expected=chain, found=strange)
        for _, read in readings:
            note = strange_power(read, classes=catalogue.hardware_classes())
            if note is not None:
                said = f"{read.operator} {read.node} {note}"
                session.output.remark(session.output.word("ledger.strange", note=said), style="yellow")
        metering = None
        if readings:
            if nodes is None:
                raise UsageError("how many nodes the chain has is not stated", where="--nodes", expected="a number")
            of_buildings = known_pue or catalogue.default("pue")
            metering = Metering.of(nodes, of_buildings)
            profile = metered_profile([each for _, each in readings], chain=chain, nodes_in_all=nodes, pue=of_buildings)
        else:
            profile = catalogue.chain(chain, at=day, edition=edition)
        report = build_report(
            network_of(profile, catalogue=catalogue, at=day, pue=None if readings else known_pue),
            signed_by=Entity.of(workspace.party),
            rule=rule_of(rule),
            at=day,
            data_sha256=catalogue.digest,
            passports_a_year=volume,
            readings=readings,
            metering=metering,
            custody=follow_custody(handovers, receipts) if handovers or receipts else None,
        )
        session.output.raw(sign_own(report, workspace, session.passphrase(), anchor=anchor) + b"\n")
