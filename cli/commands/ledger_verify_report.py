"""`passport ledger verify-report`: who signed an account of a ledger, and whether its numbers hold together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.ledger_footprint import DataOption, catalogue_of
from cli.ledger_statements import of_kind, read_signed
from cli.session import Session, TrustOption, command

EXAMPLES = """\
passport ledger verify-report report.json --trust trust.json
passport ledger verify-report report.json readings/*.json --trust trust.json      redo the sum of its readings too
passport ledger verify-report handover.signed.json receipt.signed.json --trust trust.json
"""


@command()
def ledger_verify_report(
    session: Session,
    files: Annotated[
        list[Path], typer.Argument(help="Signed reports, readings, handovers and receipts.", metavar="FILE...")
    ],
    *,
    trust: TrustOption = None,
    data: DataOption = None,
) -> None:
    """Exit code 0: everything holds; 1: something does not; 3: who signed, or what is added up, could not be decided.

    DID documents come from the workspace, who is registered from its chain, and which registrars count from the trust
    file. A report is redone out of the readings, handovers and receipts that are given with it, and out of the data
    that ship with the program or are named by --data; what is taken as stated is said, and leaves it undecided.
    """
    from passport.ledger_footprint import Catalogue
    from passport.ledger_footprint.metered import strange_power
    from passport.ledger_reports import (
        Evidence,
        HardwareHandover,
        HardwareReceipt,
        LedgerFootprintReport,
        MeterReading,
        check_report,
        follow_custody,
        node_reading,
    )
    from verifier.outcome import time_words

    output = session.output
    with session.open() as workspace:
        judged = read_signed(files, workspace, session.trust(trust))
    handovers, receipts = of_kind(judged, HardwareHandover), of_kind(judged, HardwareReceipt)
    evidence = Evidence(of_kind(judged, MeterReading), handovers, receipts, catalogue_of(data))
    classes = Catalogue.shipped().hardware_classes()
    is_open = any(each.open_reason is not None for each in judged)
    said = []
    for each in judged:
        statement, left, redone = each.signed.statement, each.open_reason, None
        if isinstance(statement, LedgerFootprintReport):
            redone = check_report(statement, evidence)
            if redone.stated:
                reasons = "; ".join(f"{name} as stated: {reason}" for name, reason in redone.stated.items())
                left = f"{left}; {reasons}" if left else reasons
                is_open = True
        note = None
        if isinstance(statement, MeterReading):
            note = strange_power(node_reading(each.signed), classes=classes)
        state = output.word("ledger.open", reason=left) if left else output.word("ledger.holds")
        if each.anchored_at is not None:
            state = f"{state}, {output.word('ledger.anchored', time=time_words(each.anchored_at))}"
        elif each.signed.place is None:
            state = f"{state}, {output.word('ledger.not_anchored')}"
        output.result(
            f"{each.file}: {statement.format}, {statement.signed_by.name} ({statement.signed_by.key}): {state}"
        )
        output.result(f"  {each.signed.digest}")
        if redone is not None:
            output.result(f"  {output.word('ledger.redone', what='; '.join(redone.redone))}")
        if note is not None:
            output.remark(f"  {output.word('ledger.strange', note=note)}", style="yellow")
        said.append(
            {
                "file": each.file,
                "format": statement.format,
                "digest": each.signed.digest,
                "signed_by": statement.signed_by.to_json(),
                "did": each.signed.did,
                "created": each.signed.created.isoformat(),
                "open": left,
                "anchored_at": None if each.anchored_at is None else time_words(each.anchored_at),
                "redone": [] if redone is None else list(redone.redone),
                "as_stated": {} if redone is None else dict(redone.stated),
                "note": note,
            }
        )
    custody = None
    if handovers or receipts:
        found = follow_custody(handovers, receipts)
        custody = {
            name: str(getattr(found, name))
            for name in ("handed_kg", "received_kg", "reused_kg", "recycled_kg", "disposed_kg", "missing_kg")
        }
        output.result(output.word("ledger.custody", **custody))
    output.document({"statements": said, "custody": custody, "outcome": "undecided" if is_open else "passed"})
    raise typer.Exit(ExitCode.UNDECIDED if is_open else ExitCode.DONE)
