"""The keys of a company on the registry: registered by a registrar, bound by the company, retired when replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import ValidationError

from passport.credentials import (
    KeyRing,
    KeyState,
    Passphrase,
    Role,
    Signed,
    Signer,
    build_did_web_document,
    create_key_binding,
    key_hash,
    parse,
    read_did_document,
)
from passport.credentials.linked_account import account_statement_service, account_statements_in
from passport.credentials.plain_file import read_plain_file
from passport.credentials.untp_credential import sign_credential
from passport.errors import ConflictError, IssueError, NotFoundError, UsageError
from passport.issuer.did_pin import DidPin
from passport.ledger import (
    Account,
    AccountPurpose,
    Address,
    IssuerId,
    KeyPurpose,
    RegistryView,
    RegistryWriter,
    Transactor,
    address_of,
    issuer_id,
)
from passport.ledger.account_statement import AccountStatement, sign_account_statement
from passport.model import identity_anchor
from passport.model.digest import digest_of, to_sha256
from passport.model.identity_anchor import RegistryEntry, build_identity_anchor
from passport.model.untp import Issued
from passport.store import DocumentKind
from passport.workspace.settings import MAX_SETTINGS_BYTES, REGISTRATION_FILE, Registration, schema_error

if TYPE_CHECKING:
    from passport.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class OpenedKeys:
    """A key directory with what opens it."""

    ring: KeyRing
    passphrase: Passphrase

    def account(self, role: Role) -> Account:
        """The account key in use for a role."""
        return Account(self.ring.open_account(self.ring.active(role), self.passphrase))


@dataclass(frozen=True, slots=True)
class Registered:
    """A company as it was registered.

    Attributes:
        issuer_id: Its id on the registry.
        generation: How many registrations of its identifier were annulled before this one.
        identity_anchor: The signed credential whose hash is the evidence there; None where the request's digest is.
    """

    issuer_id: str
    generation: int
    identity_anchor: bytes | None = None


def register(
    workspace: Workspace,
    request: Path,
    passphrase: Passphrase,
    *,
    evidence_uri: str = "",
    with_identity_anchor: bool = False,
) -> Registered:
    """As a registrar: register the company that asks; a digest is kept on chain as evidence.

    Args:
        workspace: The registrar's.
        request: The company's registration file.
        passphrase: Opens the registrar's keys.
        evidence_uri: Where the evidence can be read.
        with_identity_anchor: Sign a Digital Identity Anchor, and take its document hash as evidence in place of the
            request's digest. The registrar says by it that the company has proven control of its DID.

    Raises:
        SchemaError: Not a registration request.
        TransactionError: The registry refuses.
    """
    data = read_plain_file(request, max_bytes=MAX_SETTINGS_BYTES, what="request")
    try:
        asked = Registration.model_validate(parse(data, max_bytes=MAX_SETTINGS_BYTES))
    except ValidationError as error:
        raise schema_error(error, str(request)) from None
    party, registry = asked.party, Address(workspace.chain.registry)
    generation = RegistryView(workspace.ledger.state(), registry).current_generation(party.scheme, party.identifier)
    subject = issuer_id(party.scheme, party.identifier, generation)
    anchor = _identity_anchor(workspace, asked, subject, passphrase) if with_identity_anchor else None
    writer = RegistryWriter(registry, workspace.ledger.chain)
    call = writer.register_issuer(
        party.scheme,
        party.identifier,
        controller=Address(asked.controller),
        evidence_hash=to_sha256(anchor.doc_hash) if anchor else sha256(data).digest(),
        evidence_uri=evidence_uri,
    )
    account = OpenedKeys(workspace.keys(), passphrase).account(Role.CONTROLLER)
    workspace.transactor(account).send(call)
    return Registered(subject, generation, anchor.body if anchor else None)


def _identity_anchor(workspace: Workspace, asked: Registration, subject: IssuerId, passphrase: Passphrase) -> Signed:
    now, chain = workspace.clock(), workspace.chain
    entry = RegistryEntry(
        workspace.place.registry,
        chain.genesis,
        subject,
        asked.controller,
    )
    issued = Issued(
        f"https://{workspace.settings.host}/identity-anchors/{uuid4()}",
        workspace.settings.did or "",
        workspace.party,
        now,
    )
    document = build_identity_anchor(issued, member_did=asked.did, member=asked.party, registered=now, entry=entry)
    signed = sign_credential(document, identity_anchor.SCHEMA, workspace.signer(passphrase), now)
    # Kept before its hash is on the chain: evidence that nobody can show any more is none.
    workspace.store.put_document(
        DocumentKind.IDENTITY_ANCHOR,
        signed.doc_hash,
        signed.body,
        document_id=issued.id,
        issuer_id=entry.issuer_id,
        subject_id=asked.did,
        own=True,
    )
    return signed


def bind_keys(workspace: Workspace, passphrase: Passphrase) -> None:
    """As a registered company: bind the keys in use to the entity; what is bound already is left alone."""
    keys = OpenedKeys(workspace.keys(), passphrase)
    ledger = workspace.ledger
    controller = workspace.transactor(keys.account(Role.CONTROLLER))
    writer = RegistryWriter(Address(workspace.chain.registry), ledger.chain)
    view = RegistryView(ledger.state(), Address(workspace.chain.registry))
    generation = registered_generation(workspace, view)
    if generation != (workspace.settings.generation or 0):
        workspace.settings = workspace.settings.model_copy(update={"generation": generation or None})
        workspace.save()
    place = workspace.place
    if _is_bound_elsewhere(view, keys.account(Role.ANCHORING).address, place.issuer_id):
        keys.ring.rotate(Role.ANCHORING, passphrase)
    anchoring = keys.account(Role.ANCHORING)
    if anchoring.address != workspace.settings.anchoring:
        workspace.settings = workspace.settings.model_copy(update={"anchoring": anchoring.address})
        workspace.save()
    if view.account_key(anchoring.address) is None:
        purposes = AccountPurpose.ANCHOR | AccountPurpose.STATUS
        signature = writer.sign_binding(anchoring, place.issuer_id, purposes=purposes)
        controller.send(
            writer.bind_account_key(place.issuer_id, anchoring.address, purposes=purposes, signature=signature)
        )
    signer = keys.ring.open_signer(keys.ring.active(Role.CREDENTIAL), passphrase)
    hashed = key_hash(signer.multikey)
    known = view.credential_key(place.issuer_id, hashed)
    if known is None:
        controller.send(writer.bind_credential_key(place.issuer_id, hashed, purposes=KeyPurpose.ASSERT))
        known = RegistryView(ledger.state(), view.address).credential_key(place.issuer_id, hashed)
    if known is None:
        raise NotFoundError("the registry does not hold the key that was just bound", where=signer.multikey)
    binding = create_key_binding(
        signer,
        issuer_id=place.issuer_id,
        chain=workspace.chain.chain,
        genesis=workspace.chain.genesis,
        registry=place.registry,
        valid_from=known.window.valid_from,
        valid_until=known.window.valid_until or 0,
        purposes=int(known.purposes),
    )
    body = binding.to_bytes()
    workspace.store.put_document(
        DocumentKind.KEY_BINDING,
        digest_of(body),
        body,
        document_id=f"{place.issuer_id}:{hashed.hex()}",
        issuer_id=place.issuer_id,
        own=True,
    )


def registered_generation(workspace: Workspace, view: RegistryView) -> int:
    """The generation that a company's identifier is registered under now, for this workspace's controller.

    Args:
        workspace: The company's.
        view: The registry.

    Raises:
        NotFoundError: It is not registered, or not again after an annulment.
        ConflictError: It is registered anew, for another controller.
    """
    party = workspace.party
    generation = view.current_generation(party.scheme, party.identifier)
    issuer = view.issuer(issuer_id(party.scheme, party.identifier, generation))
    where = f"{party.scheme} {party.identifier}"
    if issuer is None:
        raise NotFoundError(
            "the registration was annulled" if generation else "the company is not registered yet",
            where=where,
            hint=f"give {REGISTRATION_FILE} to a registrar",
        )
    if generation != (workspace.settings.generation or 0) and issuer.controller != workspace.settings.controller:
        # Not ours by a mere identifier: whoever was registered after an annulment may be somebody else.
        raise ConflictError(
            "the identifier was registered anew, for another controller",
            where=where,
            expected=workspace.settings.controller,
            found=issuer.controller,
            hint="ask the registrar; the registration that this workspace was made for is annulled",
        )
    return generation


def _is_bound_elsewhere(view: RegistryView, account: Address, issuer_id: str) -> bool:
    """Whether an account is bound to another entity: once, and for ever."""
    known = view.account_key(account)
    return known is not None and view.issuer_id_of(known.issuer_no) != issuer_id


def rotate(workspace: Workspace, role: Role, passphrase: Passphrase) -> None:
    """Put a new key in use, bind it, and retire the old one on the registry."""
    ring = workspace.keys()
    if role is Role.CONTROLLER:
        raise IssueError(
            "a controller is replaced by its entity's own transaction",
            hint="hand the entity to another account: `passport registry set-controller`",
        )
    keys = OpenedKeys(ring, passphrase)
    controller = keys.account(Role.CONTROLLER)  # a wrong passphrase, like a chain out of reach, changes nothing
    ledger = workspace.ledger if workspace.has_chain else None
    ring.rotate(role, passphrase)
    if role is Role.ANCHORING:
        workspace.settings = workspace.settings.model_copy(update={"anchoring": keys.account(Role.ANCHORING).address})
        workspace.save()
    else:
        write_did_document(workspace)
    if ledger is not None:
        bind_keys(workspace, passphrase)
        retire_replaced(workspace, role, workspace.transactor(controller))


def write_did_document(workspace: Workspace, *, statements: Sequence[dict[str, Any]] = ()) -> None:
    """File the DID document of all credential keys, in the order of their numbers, and of accounts that stated it.

    Args:
        workspace: The company's.
        statements: Statements of accounts to add, as JSON values; a newer one takes the place of an account's older.
    """
    multikeys = [entry.public for entry in workspace.keys().entries() if entry.role is Role.CREDENTIAL]
    did = workspace.settings.did or ""
    stated = {each["account"]: each for each in [*_filed_statements(workspace, did), *statements]}
    body = build_did_web_document(
        did,
        multikeys=multikeys,
        also_known_as=(workspace.party.uri, *stated),
        services=[account_statement_service(did, each) for each in stated.values()],
    )
    workspace.store.put_document(DocumentKind.DID_DOCUMENT, digest_of(body), body, document_id=did, own=True)


def complete_did_document(workspace: Workspace, signer: Signer) -> None:
    """Write the DID document anew where the filed one does not name the key that signs, or there is none.

    So it is after a rotation that was broken off, and in a store that was made anew.
    """
    did = workspace.settings.did or ""
    try:
        DidPin(workspace.store, did=did, base_url=None, signer=signer).current()
    except IssueError:
        write_did_document(workspace)


def state_account(workspace: Workspace, role: Role, passphrase: Passphrase, *, issued: int) -> AccountStatement:
    """Let an account of this company sign that it belongs to its DID, and name it in the DID document.

    Args:
        workspace: The company's.
        role: ANCHORING or CONTROLLER.
        passphrase: Opens the account's key.
        issued: Now, unix seconds.

    Raises:
        UsageError: A role whose key is no account.
        SignerError: A wrong passphrase.
    """
    if role is Role.CREDENTIAL:
        raise UsageError("a credential key is no account", expected="anchoring or controller", found=role.value)
    account = OpenedKeys(workspace.keys(), passphrase).account(role)
    did = workspace.settings.did or ""
    statement = sign_account_statement(account, chain=workspace.chain.chain, did=did, issued=issued)
    write_did_document(workspace, statements=[statement.to_json()])
    return statement


def _filed_statements(workspace: Workspace, did: str) -> list[dict[str, Any]]:
    """The statements that our DID document carries so far: they outlive the rotation of credential keys."""
    filed = workspace.store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did, own=True, limit=10_000)
    if not filed:
        return []
    body = workspace.store.get_document(DocumentKind.DID_DOCUMENT, filed[-1].digest)
    return account_statements_in(read_did_document(body, did=did))


def retire_replaced(workspace: Workspace, role: Role, controller: Transactor) -> None:
    """Retire every replaced key that the registry still takes, those of an interrupted rotation among them."""
    registry = Address(workspace.chain.registry)
    writer, view = RegistryWriter(registry, workspace.ledger.chain), RegistryView(workspace.ledger.state(), registry)
    for entry in workspace.keys().entries():
        if entry.role is not role or entry.state is KeyState.ACTIVE:
            continue
        if role is Role.ANCHORING:
            address = address_of(bytes.fromhex(entry.public))
            account = view.account_key(address)
            if account is not None and not account.window.valid_until:
                controller.send(writer.retire_account_key(address))
        else:
            hashed = key_hash(entry.public)
            key = view.credential_key(workspace.place.issuer_id, hashed)
            if key is not None and not key.window.valid_until:
                controller.send(writer.retire_credential_key(workspace.place.issuer_id, hashed))
