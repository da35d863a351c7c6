"""`passport verify`: judge one passport file by itself, without the tree below it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.commands.audit import show
from cli.judging import exit_code_of_verdict, ledger_of
from cli.session import Session, TrustOption, command
from passport.errors import BoundError, DocumentError

if TYPE_CHECKING:
    from passport.ledger.protocol import StateView
    from passport.model.credential import Place
    from verifier.source import InclusionEvidence, LogHistory, Source
    from verifier.trust import TrustedChain

EXAMPLES = """\
passport verify pack.signed.json --trust trust.json
passport verify - < pack.signed.json
"""
MAX_FILE_BYTES = 16 << 20


class FileSource:
    """One passport from a file; everything else from the workspace's source.

    Args:
        source: The workspace's store and chain.
        digest: The passport's digest.
        body: Its signed bytes.
        passport_id: Its id.
    """

    def __init__(self, source: Source, *, digest: str, body: bytes, passport_id: str) -> None:
        self._source = source
        self._digest = digest
        self._body = body
        self._id = passport_id

    def passport(self, digest: str) -> bytes | None:
        """The file's passport, or one of the store."""
        return self._body if digest == self._digest else self._source.passport(digest)

    def passports_named(self, passport_id: str) -> Sequence[str]:
        """Digests under that id, the file's among them."""
        known = list(self._source.passports_named(passport_id))
        return known if passport_id != self._id or self._digest in known else [*known, self._digest]

    def statement(self, digest: str) -> bytes | None:
        """The statement, if the store has it."""
        return self._source.statement(digest)

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        """Its opened rows, if the store has them."""
        return self._source.opened_rows(statement_digest)

    def imported(self, digest: str) -> bytes | None:
        """An imported footprint of the store."""
        return self._source.imported(digest)

    def did_documents(self, did: str) -> Sequence[bytes]:
        """The DID documents that the store has."""
        return self._source.did_documents(did)

    def key_binding(self, issuer_id: str, key_hash: bytes) -> bytes | None:
        """The key's own statement, if the store has it."""
        return self._source.key_binding(issuer_id, key_hash)

    def inclusion(self, place: Place, entry: bytes) -> InclusionEvidence | None:
        """The audit path, if the store has the log."""
        return self._source.inclusion(place, entry)

    def history(self, place: Place, first_seq: int) -> LogHistory | None:
        """The checkpoints, if the store has the log."""
        return self._source.history(place, first_seq)

    def state(self, chain: TrustedChain) -> StateView | None:
        """The chain in reach."""
        return self._source.state(chain)

    def known_until(self, chain: TrustedChain) -> int | None:
        """As the chain in reach says."""
        return self._source.known_until(chain)

    def same_product(self, issuer_id: str, subject_id: str) -> Sequence[str]:
        """Other passports of the product in the store."""
        return self._source.same_product(issuer_id, subject_id)


@command()
def verify(
    session: Session,
    file: Annotated[str, typer.Argument(help="A signed passport as JSON; - is stdin.", metavar="FILE")],
    *,
    trust: TrustOption = None,
) -> None:
    """DID document, log and statement come from the workspace; what it lacks is unknown, and the exit code 3.

    For the passports below it use `passport audit`.
    """
    from passport.credentials import read_secured
    from verifier.audit import Settings
    from verifier.audit import audit as run_audit
    from verifier.examine import Limits
    from verifier.policy import AllOf, NothingFailed, TopDecided
    from verifier.store_source import StoreSource

    body = _read(file)
    secured = read_secured(body, canonical=True)
    named = secured.document.get("id") if isinstance(secured.document, dict) else None
    with session.open() as workspace:
        source = FileSource(
            StoreSource(workspace.store, ledger_of(workspace)),
            digest=secured.doc_hash,
            body=body,
            passport_id=named if isinstance(named, str) else "",
        )
        report = run_audit(
            source,
            secured.doc_hash,
            policy=AllOf((NothingFailed(), TopDecided())),
            trust=session.trust(trust),
            settings=Settings(at=session.clock(), is_now=True, limits=Limits(depth=0)),
        )
    show(session, report)
    raise typer.Exit(exit_code_of_verdict(report))


def _read(name: str) -> bytes:
    if name == "-":
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    else:
        try:
            with Path(name).open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise DocumentError("cannot be read", where=name, found=error.strerror) from error
    if len(data) > MAX_FILE_BYTES:
        raise BoundError("too large for a passport", where=name, expected=f"at most {MAX_FILE_BYTES} bytes")
    return data.rstrip(b"\r\n")  # editors and shells end files with a line end
