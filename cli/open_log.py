"""`passport audit --log`: open a whole log with the documents and nonces in a folder, and say what each leaf is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cli.entities import entity_of_log
from cli.judging import exit_code_of_verdict, source_of
from cli.output import write_json
from cli.session import Session
from cli.tree import verdict_text
from passport.errors import BoundError, DocumentError, LedgerError, NotFoundError, PassportError

if TYPE_CHECKING:
    from cli.output import Output
    from passport.model.credential import Place
    from verifier.chain_facts import ChainFacts
    from verifier.open_log import LogReport
    from verifier.store_source import StoreSource
    from verifier.trust import Trust

MAX_FILES = 400_000
MAX_FILE_BYTES = 16 << 20
MAX_SHOWN = 50


def audit_log(session: Session, issuer: str, folder: Path, trust: Trust | None) -> int:
    """Open a log and print what was found.

    Args:
        session: Of the command.
        issuer: Id on the registry, or the scheme and identifier that are in force.
        folder: Documents and nonces.
        trust: The trust file.

    Returns:
        The exit code.

    Raises:
        NotFoundError: The workspace knows no such log, or nobody is registered by that identifier.
        ConflictError: Several registrations may be meant, and no chain is in reach to tell.
        DocumentError: The folder cannot be read.
    """
    from passport.ledger.checkpoint import log_key, parse_log_key
    from passport.model.credential import Place
    from verifier.open_log import open_log, read_void_nonces

    with session.open() as workspace:
        settings = workspace.chain
        contract = f"{settings.chain}:{settings.log}"
        at_hand = [id_ for log, id_ in map(parse_log_key, workspace.store.log_keys()) if log == contract]
        issuer_id = entity_of_log(session.output, workspace, issuer, at_hand)
        key = log_key(contract, issuer_id)
        entries = workspace.store.log_entries(key)
        source = source_of(workspace)
        place = Place(f"{settings.chain}:{settings.registry}", contract, settings.genesis, issuer_id, 0)
        chain = _chain(source, place, trust)
        if not entries and (chain is None or chain.head(issuer_id) is None):
            raise NotFoundError(
                "no such log in the workspace", where=key, hint="`passport import` takes in what the issuer published"
            )
        nonces: dict[int, bytes] = {}
        documents = []
        for name, body in _files(folder):
            try:
                found = read_void_nonces(body, key)
            except PassportError:
                found = None
            if found is None:
                documents.append((name, body))
            else:
                nonces.update(found)
        report = open_log(key, place, entries, documents=documents, void_nonces=nonces, source=source, chain=chain)
    if session.output.as_json:
        write_json(report.to_json())
    else:
        _show(session.output, report)
    return exit_code_of_verdict(report)


def _chain(source: StoreSource, place: Place, trust: Trust | None) -> ChainFacts | None:
    """The trusted chain of the log, or None: then nothing is shown of the log as a whole."""
    from verifier.chain_facts import ChainFacts

    trusted = trust.chain_of(place.registry, place.log, place.genesis) if trust else None
    if trusted is None:
        return None
    try:
        state = source.state(trusted)
    except LedgerError:
        return None
    return ChainFacts(trusted, state, source) if state else None


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The JSON files below a folder by name, in order."""
    from passport.credentials.plain_file import read_plain_file

    if not folder.is_dir():
        raise DocumentError("not a folder", where=str(folder))
    paths = sorted(folder.rglob("*.json"))
    if len(paths) > MAX_FILES:
        raise BoundError("too many files", where=str(folder), expected=f"at most {MAX_FILES}", found=len(paths))
    for path in paths:
        yield str(path.relative_to(folder)), read_plain_file(path, max_bytes=MAX_FILE_BYTES)


def _show(output: Output, report: LogReport) -> None:
    from verifier.open_log import LeafKind

    output.result(report.log)
    output.result(output.word("log.opened", size=len(report.leaves), **report.counts))
    shown = [leaf for leaf in report.leaves if leaf.kind in (LeafKind.WITHHELD, LeafKind.CONTRADICTED)]
    shown.sort(key=lambda leaf: leaf.kind is not LeafKind.CONTRADICTED)
    for leaf in shown[:MAX_SHOWN]:
        output.result(
            "  " + output.word("log.leaf", index=leaf.index, kind=leaf.kind, reason=leaf.reason or "").rstrip()
        )
    if len(shown) > MAX_SHOWN:
        output.result("  " + output.word("log.more", count=len(shown) - MAX_SHOWN))
    for name in report.pending[:MAX_SHOWN]:
        output.result("  " + output.word("log.beyond", name=name))
    consistency = report.consistency
    outcome = output.word(f"row.{consistency.outcome}")
    output.result(output.word("log.consistency", outcome=outcome, reason=consistency.reason or "").rstrip())
    for name, reason in report.unread:
        output.detail(f"{name}: {reason}")
    output.result(verdict_text(output, report))
