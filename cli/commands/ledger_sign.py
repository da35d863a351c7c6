"""`passport ledger sign`: a meter's reading, or hardware handed over or received, as a credential of this company."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.ledger_statements import MAX_FILE_BYTES, AnchorOption, sign_own
from cli.session import Session, command
from passport.errors import SchemaError

EXAMPLES = """\
passport ledger sign reading.json > reading.signed.json
passport ledger sign handover.json > handover.signed.json
passport ledger sign receipt.json > receipt.signed.json
"""


@command(passphrase=True)
def ledger_sign(
    session: Session,
    file: Annotated[Path, typer.Argument(help="The statement as JSON; `signedBy` may be left out.", metavar="FILE")],
    *,
    anchor: AnchorOption = False,
) -> None:
    """Formats: carbon-passport/meter-reading/1.0, hardware-handover/1.0 and hardware-receipt/1.0.

    The statement names its format; whoever signs it is this workspace's company. A receipt pins the digest of the
    signed handover, which `passport ledger verify-report` prints.
    """
    from passport.credentials import parse
    from passport.credentials.plain_file import read_plain_file
    from passport.ledger_reports import KINDS, Entity, LedgerFootprintReport
    from passport.ledger_reports.signing import shaped

    data = read_plain_file(file, max_bytes=MAX_FILE_BYTES, what="statement")
    document: Any = parse(data, max_bytes=MAX_FILE_BYTES)
    said = document.get("format") if isinstance(document, dict) else None
    kind = KINDS.get(str(said))
    if kind is None or kind is LedgerFootprintReport:
        expected = ", ".join(name for name, each in KINDS.items() if each is not LedgerFootprintReport)
        raise SchemaError("another kind of statement", where=f"{file}: format", expected=expected, found=said)
    with session.open_company() as workspace:
        own = Entity.of(workspace.party).to_json()
        statement = shaped(kind, {"signedBy": own, **document}, where=str(file))
        session.output.raw(sign_own(statement, workspace, session.passphrase(), anchor=anchor) + b"\n")
