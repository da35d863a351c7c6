"""What the commands about signed accounts of a ledger share: reading files, finding keys, and asking the registry."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from passport.errors import NotFoundError, SignatureError

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
    """

    file: str
    signed: SignedStatement[Any]
    open_reason: str | None


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
        found.append(Judged(str(file), signed, _registered(signed, workspace, trust)))
    return found


def of_kind(judged: Sequence[Judged], kind: type[M]) -> list[SignedStatement[M]]:
    """The statements of one kind."""
    return [each.signed for each in judged if isinstance(each.signed.statement, kind)]


def sign_own(statement: Any, workspace: Workspace, passphrase: Passphrase) -> bytes:
    """A statement signed with the workspace's credential key."""
    from passport.credentials import Role
    from passport.ledger_reports import sign_statement

    did, ring = workspace.settings.did or "", workspace.keys()
    active = ring.active(Role.CREDENTIAL)
    signer = ring.open_signer(active, passphrase, verification_method=f"{did}#key-{active.number}")
    return sign_statement(
        statement,
        signer=signer,
        did=did,
        party=workspace.party,
        statement_id=f"urn:uuid:{uuid.uuid4()}",
        now=workspace.clock(),
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


def _registered(signed: SignedStatement[Any], workspace: Workspace, trust: Trust | None) -> str | None:
    from passport.ledger import Address, RegistryView
    from passport.ledger_reports import check_registered

    if trust is None:
        return "no trust file says which chain counts"
    if not workspace.has_chain:
        return "the workspace knows no chain"
    chain = workspace.chain
    trusted = trust.chain_of(f"{chain.chain}:{chain.registry}", f"{chain.chain}:{chain.log}", chain.genesis)
    if trusted is None:
        return "not the chain in the trust file"
    registry = RegistryView(workspace.ledger.state(), Address(chain.registry))
    roots = [Address(root) for root in trusted.root_registrars]
    check_registered(signed, signed.statement.signed_by, registry, roots=roots)
    return None
