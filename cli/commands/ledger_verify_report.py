"""`passport ledger verify-report`: who signed an account of a ledger, and whether its numbers hold together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
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
) -> None:
    """Exit code 0: everything holds; 1: something does not; 3: who signed, or what is added up, could not be decided.

    DID documents come from the workspace, who is registered from its chain, and which registrars count from the trust
    file. A report that names readings is redone if they are given with it.
    """
    from passport.ledger_reports import (
        HardwareHandover,
        HardwareReceipt,
        LedgerFootprintReport,
        MeterReading,
        check_report,
        follow_custody,
    )

    output = session.output
    with session.open() as workspace:
        judged = read_signed(files, workspace, session.trust(trust))
    readings = of_kind(judged, MeterReading)
    is_open = any(each.open_reason is not None for each in judged)
    said = []
    for each in judged:
        statement, left = each.signed.statement, each.open_reason
        if isinstance(statement, LedgerFootprintReport):
            named = {digest for participant in statement.participants for digest in participant.readings}
            check_report(statement, readings if readings or not named else None)
            if named and not readings:
                left = left or "the readings that it adds up are not at hand"
                is_open = True
        state = output.word("ledger.open", reason=left) if left else output.word("ledger.holds")
        output.result(
            f"{each.file}: {statement.format}, {statement.signed_by.name} ({statement.signed_by.key}): {state}"
        )
        output.result(f"  {each.signed.digest}")
        said.append(
            {
                "file": each.file,
                "format": statement.format,
                "digest": each.signed.digest,
                "signed_by": statement.signed_by.to_json(),
                "did": each.signed.did,
                "created": each.signed.created.isoformat(),
                "open": left,
            }
        )
    handovers, receipts = of_kind(judged, HardwareHandover), of_kind(judged, HardwareReceipt)
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
