"""What the commands about signed accounts of a ledger share: reading files, finding keys, and asking the registry."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from passport.errors import NotFoundError, SignatureError

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

MAX_FILE_BYTES = 4 << 20
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


def kinds() -> dict[str, type[DocumentModel]]:
    """Every kind of statement by its format."""
    from passport.ledger_reports import HardwareHandover, HardwareReceipt, LedgerFootprintReport, MeterReading

    listed: tuple[type[DocumentModel], ...] = (MeterReading, HardwareHandover, HardwareReceipt, LedgerFootprintReport)
    return {str(each.model_fields["format"].default): each for each in listed}


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

    found = []
    for file in files:
        data = read_plain_file(file, max_bytes=MAX_FILE_BYTES, what="signed statement").rstrip(b"\r\n")
        signed = _read(data, workspace.store)
        found.append(Judged(str(file), signed, *_registered(signed, workspace, trust, file)))
    return found


def of_kind(judged: Sequence[Judged], kind: type[M]) -> list[SignedStatement[M]]:
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


def _read(data: bytes, store: Store) -> SignedStatement[Any]:
    """Anybody may have written any DID document on file, so each is asked; the registry says whose the key is."""
    from passport.credentials import key_for, read_did_document, read_secured
    from passport.ledger_reports import read_statement
    from passport.store import DocumentKind

    method = read_secured(data, canonical=True).verification_method
    did = method.partition("#")[0]
    problem: SignatureError | None = None
    for ref in reversed(store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did)):
        document = read_did_document(store.get_document(DocumentKind.DID_DOCUMENT, ref.digest), did=did)
        try:
            return read_statement(data, kinds(), key_lookup=lambda name, of=document: key_for(of, name))  # type: ignore[misc]  # bound at once
        except SignatureError as error:
            problem = error
    if problem is not None:
        raise problem
    raise NotFoundError(
        "the signer's DID document is not at hand", found=did, hint="take in its publication with `passport import`"
    )


def _registered(
    signed: SignedStatement[Any], workspace: Workspace, trust: Trust | None, file: Path
) -> tuple[str | None, int | None]:
    """Why it is open who signed, or None; and the time of the checkpoint that holds it, if it names one that does."""
    from passport.ledger import Address, RegistryView
    from passport.ledger_reports import check_registered, why_not_now
    from verifier.outcome import Outcome
    from verifier.statement import judge_place
    from verifier.store_source import StoreSource

    if trust is None:
        return "no trust file says which chain counts", None
    if not workspace.has_chain:
        return "the workspace knows no chain", None
    chain = workspace.chain
    trusted = trust.chain_of(f"{chain.chain}:{chain.registry}", f"{chain.chain}:{chain.log}", chain.genesis)
    if trusted is None:
        return "not the chain in the trust file", None
    registry = RegistryView(workspace.ledger.state(), Address(chain.registry))
    roots = [Address(root) for root in trusted.root_registrars]
    anchored_at = None
    if signed.place is not None:
        judged = judge_place(signed, StoreSource(workspace.store, workspace.ledger), trust)
        if judged.worst.outcome is Outcome.FAILED:
            raise SignatureError(
                f"not in the signer's log as it says: {judged.worst.reason}",
                where=str(file),
                expected=judged.worst.expected,
                found=judged.worst.found,
            )
        if judged.worst.outcome is not Outcome.PASSED or judged.checkpoint is None:
            return f"its place in the signer's log: {judged.worst.reason}", None
        anchored_at = judged.checkpoint.time
    entity = signed.statement.signed_by
    check_registered(signed, entity, registry, roots=roots, anchored_at=anchored_at)
    if anchored_at is None:
        reason = why_not_now(signed, entity, registry, roots=roots)
        if reason is not None:
            return f"the signing time is not proven, and {reason}", None
    return None, anchored_at
