"""`passport bundle`: everything an audit needs in one file, chain facts included, for years without any network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.judging import Demands, LedgerProfileOption, find_passport, ledger_of, ledger_profiles
from cli.progress import progress
from cli.reasons import verdict_reason_text
from cli.session import Session, TrustOption, command
from passport.errors import UsageError

EXAMPLES = """\
passport bundle https://acme.example/passports/0b6e... -o top.bundle
passport audit top.bundle --trust trust.json
"""


@command()
def bundle(
    session: Session,
    name: Annotated[str, typer.Argument(help="A passport's id or digest, or a product's id.", metavar="ID")],
    *,
    out: Annotated[Path, typer.Option("--output", "-o", help="The file to write.", metavar="FILE")],
    trust: TrustOption = None,
    ledger_profile: LedgerProfileOption = None,
) -> None:
    """The trust file says which chain's facts go in.

    Neither it nor a profile of what a chain emits travels with the bundle: readers bring their own.
    """
    from verifier.bundling import make_bundle
    from verifier.store_source import StoreSource

    trusted = session.trust(trust)
    if trusted is None:
        raise UsageError(
            "a bundle proves facts of a chain, and no trust file names one",
            hint="name one with --trust, or write one with `passport trust -o trust.json`",
        )
    output = session.output
    with session.open() as workspace, progress(output, "bundle") as tick:
        ledger = ledger_of(workspace)
        report = make_bundle(
            out,
            StoreSource(workspace.store, ledger),
            find_passport(workspace.store, name),
            trust=trusted,
            ledger=ledger,
            policy=Demands().policy(),
            at=session.clock(),
            is_now=True,
            progress=tick,
            ledger_profiles=ledger_profiles(ledger_profile),
        )
    size = out.stat().st_size
    output.result(output.word("bundle.done", file=out, size=f"{size:,}", block=report.as_of.block))
    because = "; ".join(verdict_reason_text(reason, output.language) for reason in report.reasons)
    output.remark(f"{output.word(f'verdict.{report.verdict}')} {because}".rstrip())
    output.document(
        {
            "file": str(out),
            "bytes": size,
            "top": report.top_record.id,
            "as_of": report.as_of.to_json(),
            "verdict": str(report.verdict),
            "reasons": list(report.reasons),
        }
    )
