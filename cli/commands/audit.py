"""`passport audit`: judge a passport through every tier, out of the workspace or out of a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.judging import (
    Demands,
    LedgerProfileOption,
    exit_code_of_verdict,
    find_passport,
    ledger_profiles,
    moment_of,
    resolving,
    say_unresolved,
    source_of,
)
from cli.output import write_json
from cli.progress import progress
from cli.session import ResolveOption, Session, TrustOption, command
from passport.errors import DocumentError, NotFoundError, UsageError

if TYPE_CHECKING:
    from verifier.audit import Settings
    from verifier.report import Report
    from verifier.trust import Trust
    from verifier.witnessed import WitnessedLogs

EXAMPLES = """\
passport audit https://acme.example/passports/0b6e...       out of this workspace and its chain
passport audit top.bundle --trust trust.json                offline, out of one file
passport audit top.bundle --trust trust.json --json | jq .verdict
passport audit ID --strict --at 2026-12-31T00:00:00Z
passport audit top.bundle --trust trust.json --witnessed mirror/acme --accept-witnessed
passport audit --log LEI:549300EXAMPLE000LE01 --documents received/acme
passport audit ID --resolve-dids                            fetch issuers' DID documents from their hosts too
"""
_SECONDS_A_DAY = 86_400
_CENTURY_DAYS = 36_525


@command()
def audit(
    session: Session,
    name: Annotated[
        str | None,
        typer.Argument(help="A passport's id or digest, a product's id, or a bundle.", metavar="ID_OR_FILE"),
    ] = None,
    *,
    trust: TrustOption = None,
    at: Annotated[str | None, typer.Option("--at", help="Judge this moment instead of now.", metavar="TIME")] = None,
    max_status_age: Annotated[
        float,
        typer.Option(
            "--max-status-age", min=0, max=_CENTURY_DAYS, help="How old the chain's state may be, days.", metavar="DAYS"
        ),
    ] = 30.0,
    min_recomputed: Annotated[
        float, typer.Option("--min-recomputed", min=0, max=1, help="Share of gross emissions that must be re-done.")
    ] = 0.8,
    accept_imported: Annotated[
        bool, typer.Option("--accept-imported", help="Accept footprints that nobody signed.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Demand every check at every passport.")] = False,
    resolve_dids: ResolveOption = False,
    witnessed: Annotated[
        list[Path] | None,
        typer.Option(
            "--witnessed", help="An exported log with cosignatures, for places without a chain.", metavar="FOLDER"
        ),
    ] = None,
    accept_witnessed: Annotated[
        bool,
        typer.Option(
            "--accept-witnessed",
            help="Do without the chain where trusted witnesses show the place; identity and status stay unknown.",
        ),
    ] = False,
    log: Annotated[
        str | None,
        typer.Option("--log", help="Open a whole log: its issuer's id, or SCHEME:IDENTIFIER.", metavar="ISSUER"),
    ] = None,
    documents: Annotated[
        Path | None, typer.Option("--documents", help="What opens the leaves of --log.", metavar="FOLDER")
    ] = None,
    ledger_profile: LedgerProfileOption = None,
) -> None:
    """Exit code 0: passed, 1: failed, 3: undecided. Only hashes, signatures and the trust file are believed."""
    from verifier.audit import Settings

    if log is not None and documents is not None and name is None:
        from cli.open_log import audit_log

        raise typer.Exit(audit_log(session, log, documents, session.trust(trust)))
    if name is None or log is not None or documents is not None:
        raise UsageError("Missing argument or option", expected="ID_OR_FILE, or --log ISSUER with --documents FOLDER")
    demands = Demands(min_recomputed, accept_imported, strict, accept_witnessed)
    moment = moment_of(at)
    settings = Settings(
        at=moment or session.clock(),
        is_now=moment is None,
        max_status_age_s=int(max_status_age * _SECONDS_A_DAY),
        ledger_profiles=ledger_profiles(ledger_profile),
    )
    file = Path(name)
    if file.exists() and not file.is_file() and not file.is_dir():
        raise DocumentError("not a plain file", where=name, hint="pipes and devices are not read: save it first")
    trusted = session.trust(trust)
    logs = _witnessed(witnessed or (), trusted)
    if file.is_file():
        report = _bundle(session, file, demands, trusted, settings, resolve_dids, logs)
    else:
        report = _workspace(session, name, demands, trusted, settings, moment, resolve_dids, logs)
    show(session, report)
    if not file.is_file() and _lacks_checkpoints(report) and not session.output.as_json:
        session.output.remark(f"{session.output.word('hint')}: {session.output.word('audit.import_newer')}")
    if trusted is None and not session.output.as_json:
        session.output.remark(f"{session.output.word('hint')}: {session.output.word('audit.no_trust')}")
    raise typer.Exit(exit_code_of_verdict(report))


def show(session: Session, report: Report) -> None:
    """The report as a page, or exactly as JSON."""
    if session.output.as_json:
        write_json(report.to_json())
        return
    from cli.tree import show_report

    show_report(session.output, report)


def _lacks_checkpoints(report: Report) -> bool:
    """Whether checkpoints or paths were not at hand that the chain knows of: what we received is older than it."""
    from verifier.outcome import CheckId, Outcome

    asked = (CheckId.INCLUSION, CheckId.CONSISTENCY)
    rows = [record.row(check) for record in report.records.values() for check in asked]
    return any(
        row is not None and row.outcome is Outcome.UNKNOWN and str(row.reason).endswith("at hand") for row in rows
    )


def _witnessed(folders: Sequence[Path], trust: Trust | None) -> WitnessedLogs | None:
    """The exported logs that were named, each of which must be cosigned by the witnesses in the trust file."""
    if not folders:
        return None
    quorum = trust.quorum() if trust else None
    if quorum is None:
        raise UsageError("the trust file names no witnesses", where="--witnessed", hint="docs/transparency-log.md")
    from passport.ledger.tile_folder import TileFolder
    from verifier.witnessed import WitnessedLogs

    return WitnessedLogs([TileFolder(folder).fetch for folder in folders], quorum)


def _bundle(
    session: Session,
    file: Path,
    demands: Demands,
    trust: Trust | None,
    settings: Settings,
    resolve_dids: bool,
    witnessed: WitnessedLogs | None,
) -> Report:
    from verifier.audit import audit as run_audit
    from verifier.bundle import BundleFile
    from verifier.bundle_source import BundleSource

    with BundleFile(file) as bundle, progress(session.output, "audit") as tick:
        source = BundleSource(bundle)
        asked = resolving(source, resolve_dids)
        report = run_audit(
            asked,
            bundle.header.top,
            policy=demands.policy(),
            trust=trust,
            settings=replace(settings, is_snapshot=True),
            progress=tick,
            witnessed=witnessed,
        )
        source.refuse_surplus(report)
    say_unresolved(session.output, asked)
    return report


def _workspace(
    session: Session,
    name: str,
    demands: Demands,
    trust: Trust | None,
    settings: Settings,
    moment: datetime | None,
    resolve_dids: bool,
    witnessed: WitnessedLogs | None,
) -> Report:
    from passport.workspace import WORKSPACE_FILE
    from verifier.audit import audit as run_audit

    if not (session.folder / WORKSPACE_FILE).exists() and ("/" not in name or Path(name).suffix):
        raise NotFoundError("no such file, and no workspace to look in", where=name, hint="--workspace names one")
    with session.open() as workspace, progress(session.output, "audit") as tick:
        digest = find_passport(workspace.store, name)
        kept = source_of(workspace, moment)
        source = resolving(kept, resolve_dids)
        report = run_audit(
            source,
            digest,
            policy=demands.policy(),
            trust=trust,
            settings=settings,
            progress=tick,
            witnessed=witnessed,
        )
    say_unresolved(session.output, source)
    return kept.noted(report)
