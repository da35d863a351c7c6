"""`passport trust`: write down the chain of this workspace as one that is trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.session import Session, command

EXAMPLES = """\
passport trust -o trust.json
passport trust -o -
"""


@command()
def trust(
    session: Session,
    *,
    out: Annotated[Path, typer.Option("--output", "-o", help="The file to write; - is stdout.", metavar="FILE")],
) -> None:
    """Names chain, contracts, root registrar and the newest block, for people who trust their own node."""
    from verifier.trust import KnownBlock, trust_in

    with session.open() as workspace:
        chain, head = workspace.chain, workspace.ledger.final_head()
        trusted = trust_in(chain, KnownBlock(number=head.number, hash="0x" + head.hash.hex()))
    output = session.output
    text = json.dumps(trusted.to_json(), indent=2) + "\n"
    if str(out) == "-":
        output.raw(text.encode())
    else:
        _write(out, text)
        done = output.word("trust.done", file=out, chain=chain.chain, block=head.number, root=chain.root)
        output.result(done)
        output.document({"file": str(out), "trust": trusted.to_json()})
    output.remark(output.word("trust.warning"), style="yellow")


def _write(path: Path, text: str) -> None:
    from passport.errors import DocumentError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DocumentError("cannot be written", where=str(path), found=error.strerror) from error
