"""What the commands about signed accounts of a ledger share: reading them, finding keys, and asking the registry."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from passport.errors import BoundError, NotFoundError, PassportError, SignatureError

AnchorOption = Annotated[
    bool,
    typer.Option("--anchor", help="Give it a leaf in the company's log; `passport anchor` takes it to the chain."),
]

if TYPE_CHECKING:
    from passport.credentials import Passphrase
    from passport.ledger_reports import SignedStatement
    from passport.model.base import DocumentModel
    from passport.store import Store
    from passport.workspace import Workspace
    from verifier.trust import Trust

MAX_FILE_BYTES: Final = 4 << 20
MAX_KEPT: Final = 10_000
"""No more statements out of the store than that are judged together."""

M = TypeVar("M", bound="DocumentModel")


@dataclass(frozen=True, slots=True)
class Judged:
    """A signed statement whose signature holds.

    Attributes:
        file: Where it was read.
        signed: What it says and who signed.
        open_reason: Why it is not proven that a registered entity signed; None if it is.
        anchored_at: Time of the checkpoint that holds it, unix seconds; None if it is not anchored or that is open.
    """

    file: str
    signed: SignedStatement[Any]
    open_reason: str | None
    anchored_at: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Bytes that are no statement that somebody signed.

    Attributes:
        file: Where they were read.
        reason: Why.
    """

    file: str
    reason: str


def read_signed(files: Sequence[Path], workspace: Workspace, trust: Trust | None) -> list[Judged]:
    """Read signed statements and judge who signed them.

    Args:
        files: The files.
        workspace: Holds DID documents and names the chain.
        trust: Says which registrars count; without it who signed stays open.

    Raises:
        SignatureError: A signature that does not hold, or a signer that the registry does not know.
        PassportError: A file that cannot be read or is no such statement.
    """
    from passport.credentials.plain_file import read_plain_file

    judge, found = _Judge(workspace, trust), []
    for file in files:
        data = read_plain_file(file, max_bytes=MAX_FILE_BYTES, what="signed statement").rstrip(b"\r\n")
        found.append(judge.judged(str(file), _read(data, workspace.store)))
    return found


def read_kept(
    workspace: Workspace, trust: Trust | None, *, about: str | None = None
) -> tuple[list[Judged], list[Refused]]:
    """The same of every statement that the store keeps, our own and those that were taken in.

    Anybody's publication may hold bytes that nobody signed: they are told apart and bar nothing.

    Args:
        workspace: Holds the statements, DID documents, logs, and names the chain.
        trust: Says which registrars count; without it who signed stays open.
        about: Only statements about the chain of this name, and receipts for hardware of it.

    Raises:
        BoundError: More than are judged together.
    """
    judge, judged = _Judge(workspace, trust), dict[str, Judged]()
    refused: list[Refused] = []
    for name, data in _some(workspace.store):
        try:
            signed = _read(data, workspace.store)
            if signed.digest in judged:
                continue  # another copy
            judged[signed.digest] = judge.judged(name, signed)
        except PassportError as error:
            refused.append(Refused(name, str(error)))
    return (list(judged.values()) if about is None else list(_about(judged.values(), about))), refused


def of_kind(judged: Iterable[Judged], kind: type[M]) -> list[SignedStatement[M]]:
    """The statements of one kind."""
    return [each.signed for each in judged if isinstance(each.signed.statement, kind)]


def sign_own(statement: Any, workspace: Workspace, passphrase: Passphrase, *, anchor: bool = False) -> bytes:
    """A statement signed with the workspace's credential key.

    Args:
        statement: What is said.
        workspace: Whose keys.
        passphrase: Opens them.
        anchor: Give it a leaf in the company's log, which the next `passport anchor` takes to the chain.
    """
    from passport.ledger_reports import sign_and_reserve, sign_statement

    did, signer = workspace.settings.did or "", workspace.signer(passphrase)
    name, now = f"urn:uuid:{uuid.uuid4()}", workspace.clock()
    if not anchor:
        party = workspace.party
        return sign_statement(statement, signer=signer, did=did, party=party, statement_id=name, now=now).body
    return sign_and_reserve(
        statement,
        outbox=workspace.outbox(passphrase),
        store=workspace.store,
        place_of=workspace.place.leaf,
        signer=signer,
        did=did,
        party=workspace.party,
        statement_id=name,
        now=now,
    )


def _some(store: Store) -> Iterator[tuple[str, bytes]]:
    from passport.ledger_reports import kept_statements

    for count, (name, data) in enumerate(kept_statements(store), start=1):
        if count > MAX_KEPT:
            raise BoundError(
                "too many statements about ledgers are kept to judge them together",
                expected=f"at most {MAX_KEPT:,}",
                hint="name those that matter by their files",
            )
        yield name, data


def _about(judged: Iterable[Judged], chain: str) -> Iterator[Judged]:
    """Those about a chain; a receipt names none, so it goes with its handover."""
    from passport.ledger_reports import HardwareReceipt

    found = list(judged)
    said = {each.signed.digest for each in found if getattr(each.signed.statement, "chain", None) == chain}
    for each in found:
        statement = each.signed.statement
        if each.signed.digest in said or (isinstance(statement, HardwareReceipt) and statement.handover in said):
            yield each


def _read(data: bytes, store: Store) -> SignedStatement[Any]:
    """Anybody may have written any DID document on file, so each is asked; the registry says whose the key is."""
    from passport.credentials import key_for, read_did_document, read_secured
    from passport.ledger_reports import KINDS, read_statement
    from passport.store import DocumentKind

    method = read_secured(data, canonical=True).verification_method
    did = method.partition("#")[0]
    problem: PassportError | None = None
    for ref in reversed(store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did)):
        document = read_did_document(store.get_document(DocumentKind.DID_DOCUMENT, ref.digest), did=did)
        try:
            return read_statement(data, KINDS, key_lookup=lambda name, of=document: key_for(of, name))  # type: ignore[misc]  # bound at once
        except PassportError as error:  # somebody's document may lack the key, or have another one under its name
            problem = problem if isinstance(problem, SignatureError) else error
    if problem is not None:
        raise problem
    raise NotFoundError(
        "the signer's DID document is not at hand", found=did, hint="take in its publication with `passport import`"
    )


class _Judge:
    """Says of signed statements whether registered entities signed them, by one state of one chain.

    Args:
        workspace: Holds logs and names the chain.
        trust: Says which registrars count.
    """

    def __init__(self, workspace: Workspace, trust: Trust | None) -> None:
        from passport.ledger import Address, RegistryView
        from verifier.store_source import StoreSource

        self._trust, self._why_open = trust, None
        if trust is None:
            self._why_open = "no trust file says which chain counts"
        elif not workspace.has_chain:
            self._why_open = "the workspace knows no chain"
        else:
            chain = workspace.chain
            trusted = trust.chain_of(f"{chain.chain}:{chain.registry}", f"{chain.chain}:{chain.log}", chain.genesis)
            if trusted is None:
                self._why_open = "not the chain in the trust file"
            else:
                self._registry = RegistryView(workspace.ledger.state(), Address(chain.registry))
                self._roots = [Address(root) for root in trusted.root_registrars]
                self._source = StoreSource(workspace.store, workspace.ledger)

    def judged(self, file: str, signed: SignedStatement[Any]) -> Judged:
        """A statement with what is known of who signed it.

        Raises:
            SignatureError: No registered entity signed it, or its log does not bear it out.
        """
        if self._why_open is not None:
            return Judged(file, signed, self._why_open)
        anchored_at = None
        if signed.place is not None:
            why_open, anchored_at = self._anchored(file, signed)
            if why_open is not None:
                return Judged(file, signed, why_open)
        from passport.ledger_reports import check_registered, why_not_now

        entity = signed.statement.signed_by
        check_registered(signed, entity, self._registry, roots=self._roots, anchored_at=anchored_at)
        if anchored_at is None:
            reason = why_not_now(signed, entity, self._registry, roots=self._roots)
            if reason is not None:
                return Judged(file, signed, f"the signing time is not proven, and {reason}")
        return Judged(file, signed, None, anchored_at)

    def _anchored(self, file: str, signed: SignedStatement[Any]) -> tuple[str | None, int | None]:
        """Why it is open whether its leaf holds it, or None; and the time of the checkpoint that covers it."""
        from verifier.outcome import Outcome
        from verifier.statement import judge_place

        found = judge_place(signed, self._source, self._trust)
        if found.worst.outcome is Outcome.FAILED:
            raise SignatureError(
                f"not in the signer's log as it says: {found.worst.reason}",
                where=file,
                expected=found.worst.expected,
                found=found.worst.found,
            )
        if found.worst.outcome is not Outcome.PASSED or found.checkpoint is None:
            return f"its place in the signer's log: {found.worst.reason}", None
        return None, found.checkpoint.time
