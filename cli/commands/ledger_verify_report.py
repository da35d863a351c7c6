"""`passport ledger verify-report`: who signed an account of a ledger, and whether its numbers hold together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.exit_codes import ExitCode
from cli.ledger_footprint import DataOption, catalogue_of
from cli.ledger_statements import Judged, Refused, of_kind, read_kept, read_signed
from cli.output import plain
from cli.session import Session, TrustOption, command
from passport.errors import PassportError, UsageError

if TYPE_CHECKING:
    from cli.output import Output
    from passport.ledger_reports import Evidence, Redone

EXAMPLES = """\
passport ledger verify-report report.json --trust trust.json
passport ledger verify-report report.json readings/*.json --trust trust.json      redo the sum of its readings too
passport ledger verify-report handover.signed.json receipt.signed.json --trust trust.json
passport ledger verify-report --kept --about ours --trust trust.json      what publications brought, and our own
"""


@command()
def ledger_verify_report(
    session: Session,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Signed reports, readings, handovers and receipts.", metavar="[FILE...]")
    ] = None,
    *,
    kept: Annotated[
        bool, typer.Option("--kept", help="All that are kept: our own with a leaf, and those of imported publications.")
    ] = False,
    about: Annotated[
        str | None,
        typer.Option("--about", help="With --kept: only those about the chain of this name.", metavar="NAME"),
    ] = None,
    trust: TrustOption = None,
    data: DataOption = None,
) -> None:
    """Exit code 0: everything holds; 1: something does not; 3: who signed, or what is added up, could not be decided.

    DID documents come from the workspace, who is registered from its chain, and which registrars count from the trust
    file. A report is redone out of the readings, handovers and receipts that are given with it, and out of the data
    that ship with the program or are named by --data; what is taken as stated is said, and leaves it undecided. Two
    readings of one node for the same days that differ do not hold.
    """
    from passport.ledger_reports import (
        Evidence,
        HardwareHandover,
        HardwareReceipt,
        MeterReading,
        contradicting,
        follow_custody,
    )

    if bool(files) == kept:
        raise UsageError("name files, or say --kept", expected="one of the two")
    if about is not None and not kept:
        raise UsageError("files are judged as they are given", where="--about", hint="it goes with --kept")
    output, refused = session.output, list[Refused]()
    with session.open() as workspace:
        known = session.trust(trust)
        if kept:
            judged, refused = read_kept(workspace, known, about=about)
        else:
            judged = read_signed(files or (), workspace, known)
    readings, catalogue = of_kind(judged, MeterReading), catalogue_of(data)
    handovers, receipts = of_kind(judged, HardwareHandover), of_kind(judged, HardwareReceipt)
    evidence = Evidence(readings, handovers, receipts, catalogue)
    said = [_said(output, each, evidence, is_strict=not kept) for each in judged]
    if not said:
        output.result(output.word("ledger.none_kept"))
    for each in refused:
        output.remark(output.word("ledger.left_out", file=each.file, reason=each.reason), style="yellow")
    # What is kept may be a stranger's word in somebody's name: it convicts nobody before who signed it is proven.
    counted = [each for each in judged if not kept or each.open_reason is None]
    contradictions = contradicting(of_kind(counted, MeterReading))
    for group in contradictions:
        output.remark(output.word("ledger.contradiction", digests=", ".join(group)), style="red")
    custody, custody_failed = None, None
    if handovers or receipts:
        try:
            found = follow_custody(handovers, receipts)
        except PassportError as error:
            if not kept:
                raise
            custody_failed = str(error)
            output.remark(output.word("ledger.custody_failed", reason=custody_failed), style="red")
        else:
            custody = {
                name: str(getattr(found, name))
                for name in ("handed_kg", "received_kg", "reused_kg", "recycled_kg", "disposed_kg", "missing_kg")
            }
            output.result(output.word("ledger.custody", **custody))
    is_custody_proven = not kept or all(
        each.open_reason is None
        for each in judged
        if isinstance(each.signed.statement, HardwareHandover | HardwareReceipt)
    )
    is_custody_broken = custody_failed is not None and is_custody_proven
    is_failed = bool(contradictions) or is_custody_broken or any(each["failed"] for each in said)
    is_open = not said or any(each["open"] is not None for each in said)
    code = ExitCode.REFUSED if is_failed else ExitCode.UNDECIDED if is_open else ExitCode.DONE
    output.document(
        {
            "statements": said,
            "left_out": [{"file": each.file, "reason": each.reason} for each in refused],
            "contradictions": [list(group) for group in contradictions],
            "custody": custody,
            "custody_failed": custody_failed,
            "outcome": {ExitCode.REFUSED: "failed", ExitCode.UNDECIDED: "undecided", ExitCode.DONE: "passed"}[code],
        }
    )
    raise typer.Exit(code)


def _said(output: Output, each: Judged, evidence: Evidence, *, is_strict: bool) -> dict[str, Any]:
    """Print what is found of one statement, and the same as JSON values."""
    from passport.ledger_footprint import Catalogue
    from passport.ledger_footprint.metered import strange_power
    from passport.ledger_reports import LedgerFootprintReport, MeterReading, check_report, node_reading
    from verifier.outcome import time_words

    statement, left = each.signed.statement, each.open_reason
    redone: Redone | None = None
    failed = note = word = None
    try:
        if isinstance(statement, LedgerFootprintReport):
            redone = check_report(statement, evidence)
            if statement.metering is not None:
                metered = sum(len(participant.readings) for participant in statement.participants)
                counted = {"metered": metered, "nodes": statement.metering.nodes_in_all}
                word = output.word("ledger.nodes_stated", **counted)
        if isinstance(statement, MeterReading):
            note = strange_power(node_reading(each.signed), classes=Catalogue.shipped().hardware_classes())
    except PassportError as error:
        if is_strict:
            raise
        failed = str(error)
    if redone is not None and redone.stated:
        reasons = "; ".join(f"{name} as stated: {reason}" for name, reason in redone.stated.items())
        left = f"{left}; {reasons}" if left else reasons
    state = output.word("ledger.open", reason=left) if left else output.word("ledger.holds")
    if failed is not None:
        state = output.word("ledger.does_not_hold", reason=failed)
    if each.anchored_at is not None:
        state = f"{state}, {output.word('ledger.anchored', time=time_words(each.anchored_at))}"
    elif each.signed.place is None:
        state = f"{state}, {output.word('ledger.not_anchored')}"
    signer = f"{statement.signed_by.name} ({statement.signed_by.key})"
    output.result(plain(f"{each.file}: {statement.format}, {signer}: {state}"))  # a name is the signer's own word
    output.result(f"  {each.signed.digest}")
    if redone is not None:
        output.result(f"  {output.word('ledger.redone', what='; '.join(redone.redone))}")
    if word is not None:
        output.result(f"  {word}")
    if note is not None:
        output.remark(f"  {output.word('ledger.strange', note=note)}", style="yellow")
    return {
        "file": each.file,
        "format": statement.format,
        "digest": each.signed.digest,
        "signed_by": statement.signed_by.to_json(),
        "did": each.signed.did,
        "created": each.signed.created.isoformat(),
        "failed": failed,
        "open": left,
        "anchored_at": None if each.anchored_at is None else time_words(each.anchored_at),
        "redone": [] if redone is None else list(redone.redone),
        "as_stated": {} if redone is None else dict(redone.stated),
        "note": note,
    }
