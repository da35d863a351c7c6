"""`passport registry check-anchor`: an identity anchor against the registry's entry, point by point."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.session import Session, command

EXAMPLES = """\
passport registry check-anchor anchor.json
passport registry check-anchor anchor.json --json | jq '.findings[] | select(.outcome != "passed")'
"""


@command()
def check_anchor(
    session: Session, file: Annotated[Path, typer.Argument(help="A signed identity anchor.", metavar="FILE")]
) -> None:
    """As of the newest final block, with the DID documents of the workspace; `passport who` goes on to the root."""
    from cli.output import plain
    from cli.reasons import reason_text
    from passport.credentials.plain_file import read_plain_file
    from passport.ledger import Address, RegistryView
    from verifier.identity_anchor import MAX_ANCHOR_BYTES, judge_identity_anchor
    from verifier.outcome import Outcome
    from verifier.store_source import StoreSource

    output = session.output
    data = read_plain_file(file, max_bytes=MAX_ANCHOR_BYTES, what="identity anchor")
    with session.open() as workspace:
        block = workspace.ledger.final_head()
        judged = judge_identity_anchor(
            data.strip(),
            RegistryView(workspace.ledger.state(block), Address(workspace.chain.registry)),
            workspace.ledger.chain,
            StoreSource(workspace.store, None).did_documents,
            at=max(session.clock(), block.time),  # blocks on a local chain run ahead
        )
        output.result(f"{output.word(f'row.{judged.outcome}')}  {plain(judged.did)}  {judged.issuer_id}")
        for each in judged.findings:
            reason = reason_text(each.reason or "", output.language)
            output.result(f"  {each.asked:<11} {output.word(f'row.{each.outcome}')}  {reason}".rstrip())
        output.remark(output.word("who.as_of", block=block.number, time=f"{block.time:%Y-%m-%dT%H:%M:%SZ}"))
        output.document(
            {
                "did": judged.did,
                "issuer_id": judged.issuer_id,
                "outcome": str(judged.outcome),
                "findings": [
                    {
                        "asked": each.asked,
                        "outcome": str(each.outcome),
                        "reason": each.reason,
                        "expected": each.expected,
                        "found": each.found,
                    }
                    for each in judged.findings
                ],
                "as_of": {"chain": workspace.chain.chain, "block": block.number},
            }
        )
    if judged.outcome is Outcome.FAILED:
        raise typer.Exit(ExitCode.REFUSED)
    if judged.outcome is Outcome.UNKNOWN:
        raise typer.Exit(ExitCode.UNDECIDED)
