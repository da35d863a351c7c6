"""A company's folder: who it is, its keys, its store, the chain it speaks to, and what it publishes.

workspace.json            public facts: party, DID, chain, contracts; nothing secret
keys/                     encrypted key files (controller, anchoring and credential key apart)
passport.db               the store
public/                   what the company's web server serves
registration.json         what a registrar needs to register the company
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError

from passport.credentials import (
    KeyRing,
    KeyState,
    Passphrase,
    Role,
    build_did_web_document,
    create_key_binding,
    jcs,
    key_hash,
    parse,
)
from passport.errors import ConflictError, DocumentError, IssueError, NotFoundError, SchemaError, WrongChainError
from passport.issuer import Accept, Issuer, LogPlace
from passport.ledger import (
    Account,
    AccountPurpose,
    Address,
    EmbeddedChain,
    KeyPurpose,
    Ledger,
    LedgerAnchor,
    LogWriter,
    RegistryView,
    RegistryWriter,
    StatusKind,
    Transactor,
    address_of,
    deploy,
    issuer_id,
    open_deployment,
)
from passport.ledger.checkpoint import log_key
from passport.ledger.embedded import DEFAULT_CHAIN_ID
from passport.ledger.merkle import DEFAULT_PADDING_LEAVES
from passport.ledger.outbox import Outbox
from passport.model.base import DocumentModel
from passport.model.digest import digest_of
from passport.model.party import Party
from passport.publication import Received, publish, receive
from passport.store import DocumentKind, Store

WORKSPACE_FILE = "workspace.json"
REGISTRATION_FILE = "registration.json"
CHAIN_FILE = "chain.json"
MAX_SETTINGS_BYTES = 1 << 20
_PAGE = 1000

Clock = Callable[[], datetime]
HostName = Annotated[
    str, StringConstraints(max_length=253, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$")
]


class ChainSettings(DocumentModel):
    """How to reach a chain and its contracts.

    Attributes:
        driver: Which driver reaches it.
        file: The chain's file for the embedded driver, relative to where these settings stand.
        chain: CAIP-2.
        genesis: Hash of the first block.
        registry: The IssuerRegistry.
        log: The PassportLog.
        root: The root registrar of that registry.
    """

    format: Literal["carbon-passport/chain/1.0"] = "carbon-passport/chain/1.0"
    driver: Literal["embedded"]
    file: str
    chain: str
    genesis: str
    registry: str
    log: str
    root: str


class WorkspaceSettings(DocumentModel):
    """The public facts of a workspace."""

    format: Literal["carbon-passport/workspace/1.0"] = "carbon-passport/workspace/1.0"
    party: Party | None = None
    host: HostName | None = None
    controller: str | None = None
    anchoring: str | None = None
    chain: ChainSettings | None = None
    withheld: tuple[str, ...] = Field(default=())

    @property
    def did(self) -> str | None:
        """The company's DID."""
        return f"did:web:{self.host}" if self.host else None


class Registration(DocumentModel):
    """What a company asks a registrar to register."""

    format: Literal["carbon-passport/registration/1.0"] = "carbon-passport/registration/1.0"
    party: Party
    did: str
    controller: str


@dataclass(frozen=True, slots=True)
class _Keys:
    ring: KeyRing
    passphrase: Passphrase

    def account(self, role: Role) -> Account:
        return Account(self.ring.open_account(self.ring.active(role), self.passphrase))


class Workspace:
    """One company's (or auditor's) folder, opened.

    Args:
        folder: Where it is.
        settings: Its public facts.
        clock: The time, aware, UTC.
    """

    def __init__(self, folder: Path, settings: WorkspaceSettings, *, clock: Clock) -> None:
        self.folder = folder
        self.settings = settings
        self._clock = clock
        self._store: Store | None = None
        self._ledger: EmbeddedChain | None = None

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        clock: Clock,
        party: Party | None = None,
        host: str | None = None,
        passphrase: Passphrase | None = None,
        chain: Path | None = None,
        kdf_passes: int | None = None,
    ) -> Self:
        """Make a workspace; one without a party (an auditor's) has no keys.

        Args:
            folder: Where; must not hold a workspace.
            clock: The time, aware, UTC.
            party: The legal entity.
            host: Its web host, which makes its `did:web`.
            passphrase: Encrypts the keys.
            chain: The `chain.json` of the chain to speak to.
            kdf_passes: How hard key files are to guess; only tests and demonstrations choose less.

        Raises:
            ConflictError: There is a workspace already.
            DocumentError: A party without host or passphrase, or settings that do not hold.
            LedgerError: An identifier that is none of its scheme.
        """
        if (folder / WORKSPACE_FILE).exists():
            raise ConflictError("there is a workspace already", where=str(folder), hint="choose another folder")
        if party is not None and (host is None or passphrase is None):
            raise DocumentError("a company needs a host for its DID and a passphrase for its keys", where=str(folder))
        if party is not None:
            issuer_id(party.scheme, party.identifier)  # before any key is made for an entity that cannot be registered
        try:
            settings = WorkspaceSettings.model_validate(
                {"party": party, "host": host, "chain": _chain_settings(chain, folder) if chain else None}
            )
        except ValidationError as error:
            raise _schema_error(error, str(folder)) from None
        folder.mkdir(parents=True, exist_ok=True)
        addresses: dict[str, str] = {}
        if party is not None and passphrase is not None:
            options = {} if kdf_passes is None else {"kdf_passes": kdf_passes}
            ring = KeyRing(folder / "keys", clock=clock, **options)
            for role in (Role.CONTROLLER, Role.ANCHORING, Role.CREDENTIAL):
                entry = ring.generate(role, passphrase)
                if role is not Role.CREDENTIAL:
                    addresses[role.value] = address_of(bytes.fromhex(entry.public))
            settings = settings.model_copy(update=addresses)
        workspace = cls(folder, settings, clock=clock)
        workspace._save()
        if party is not None:
            workspace._write_did_document()
            request = Registration(party=party, did=settings.did or "", controller=addresses["controller"])
            (folder / REGISTRATION_FILE).write_bytes(jcs(request.to_json()))
        return workspace

    @classmethod
    def open(cls, folder: Path, *, clock: Clock) -> Self:
        """Open a workspace.

        Raises:
            NotFoundError: There is none.
            SchemaError: Its settings do not hold.
        """
        path = folder / WORKSPACE_FILE
        if not path.exists():
            raise NotFoundError("no workspace here", where=str(folder), hint="make one with `passport init`")
        try:
            settings = WorkspaceSettings.model_validate(parse(path.read_bytes(), max_bytes=MAX_SETTINGS_BYTES))
        except ValidationError as error:
            raise _schema_error(error, str(path)) from None
        return cls(folder, settings, clock=clock)

    def close(self) -> None:
        """Let go of store and chain."""
        if self._store is not None:
            self._store.close()
            self._store = None
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def clock(self) -> Clock:
        """The time that everything of this workspace goes by."""
        return self._clock

    @property
    def store(self) -> Store:
        """The store, opened on first use."""
        if self._store is None:
            self._store = Store.open(self.folder / "passport.db", clock=self._clock)
        return self._store

    @property
    def public(self) -> Path:
        """The folder that the company's web server serves."""
        return self.folder / "public"

    @property
    def party(self) -> Party:
        """The legal entity.

        Raises:
            IssueError: The workspace has none.
        """
        if self.settings.party is None:
            raise IssueError("this workspace has no legal entity and no keys", where=str(self.folder))
        return self.settings.party

    @property
    def chain(self) -> ChainSettings:
        """How the chain is reached.

        Raises:
            NotFoundError: The workspace knows no chain.
        """
        if self.settings.chain is None:
            raise NotFoundError(
                "the workspace knows no chain", where=str(self.folder), hint="name one with `passport init --chain`"
            )
        return self.settings.chain

    @property
    def ledger(self) -> Ledger:
        """The chain, opened on first use and checked to be the one in the settings.

        Raises:
            WrongChainError: Another chain or other contracts stand there.
        """
        if self._ledger is None:
            self._ledger = open_chain(self.chain, self.folder, clock=self._clock)
        return self._ledger

    @property
    def has_chain(self) -> bool:
        """Whether a chain is named."""
        return self.settings.chain is not None

    @property
    def place(self) -> LogPlace:
        """The company's log on the chain."""
        chain = self.chain
        return LogPlace(
            registry=f"{chain.chain}:{chain.registry}",
            log=f"{chain.chain}:{chain.log}",
            genesis=chain.genesis,
            issuer_id=issuer_id(self.party.scheme, self.party.identifier),
        )

    @property
    def log_key(self) -> str:
        """The name of the company's log."""
        return log_key(self.place.log, self.place.issuer_id)

    def keys(self) -> KeyRing:
        """The key directory."""
        return KeyRing(self.folder / "keys", clock=self._clock)

    def register(self, request: Path, passphrase: Passphrase, *, evidence_uri: str = "") -> str:
        """As a registrar: register the company that asks; the request's digest is kept on chain as evidence.

        Returns:
            The company's id on the registry.

        Raises:
            SchemaError: Not a registration request.
            TransactionError: The registry refuses.
        """
        data = request.read_bytes()
        try:
            asked = Registration.model_validate(parse(data, max_bytes=MAX_SETTINGS_BYTES))
        except ValidationError as error:
            raise _schema_error(error, str(request)) from None
        writer = RegistryWriter(Address(self.chain.registry), self.ledger.chain)
        call = writer.register_issuer(
            asked.party.scheme,
            asked.party.identifier,
            controller=Address(asked.controller),
            evidence_hash=sha256(data).digest(),
            evidence_uri=evidence_uri,
        )
        account = _Keys(self.keys(), passphrase).account(Role.CONTROLLER)
        Transactor(self.ledger, account).send(call)
        return issuer_id(asked.party.scheme, asked.party.identifier)

    def bind_keys(self, passphrase: Passphrase) -> None:
        """As a registered company: bind the keys in use to the entity; what is bound already is left alone."""
        keys = _Keys(self.keys(), passphrase)
        place, ledger = self.place, self.ledger
        controller = Transactor(ledger, keys.account(Role.CONTROLLER))
        writer = RegistryWriter(Address(self.chain.registry), ledger.chain)
        view = RegistryView(ledger.state(), Address(self.chain.registry))
        if view.issuer(place.issuer_id) is None:
            raise NotFoundError(
                "the company is not registered yet",
                where=f"{self.party.scheme} {self.party.identifier}",
                hint=f"give {REGISTRATION_FILE} to a registrar",
            )
        anchoring = keys.account(Role.ANCHORING)
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
            chain=self.chain.chain,
            genesis=self.chain.genesis,
            registry=place.registry,
            valid_from=known.window.valid_from,
            valid_until=known.window.valid_until or 0,
            purposes=int(known.purposes),
        )
        body = binding.to_bytes()
        self.store.put_document(
            DocumentKind.KEY_BINDING,
            digest_of(body),
            body,
            document_id=f"{place.issuer_id}:{hashed.hex()}",
            issuer_id=place.issuer_id,
            own=True,
        )

    def rotate(self, role: Role, passphrase: Passphrase) -> None:
        """Put a new key in use, bind it, and retire the old one on the registry."""
        ring = self.keys()
        if role is Role.CONTROLLER:
            raise IssueError(
                "a controller is replaced by its entity's own transaction",
                hint="hand the entity to the new account first: registry function setController",
            )
        keys = _Keys(ring, passphrase)
        controller = keys.account(Role.CONTROLLER)  # a wrong passphrase, like a chain out of reach, changes nothing
        ledger = self.ledger if self.has_chain else None
        ring.rotate(role, passphrase)
        if role is Role.ANCHORING:
            self.settings = self.settings.model_copy(update={"anchoring": keys.account(Role.ANCHORING).address})
            self._save()
        else:
            self._write_did_document()
        if ledger is not None:
            self.bind_keys(passphrase)
            self._retire_replaced(role, Transactor(ledger, controller))

    def _retire_replaced(self, role: Role, controller: Transactor) -> None:
        """Retire every replaced key that the registry still takes, those of an interrupted rotation among them."""
        registry = Address(self.chain.registry)
        writer, view = RegistryWriter(registry, self.ledger.chain), RegistryView(self.ledger.state(), registry)
        for entry in self.keys().entries():
            if entry.role is not role or entry.state is KeyState.ACTIVE:
                continue
            if role is Role.ANCHORING:
                address = address_of(bytes.fromhex(entry.public))
                account = view.account_key(address)
                if account is not None and not account.window.valid_until:
                    controller.send(writer.retire_account_key(address))
            else:
                hashed = key_hash(entry.public)
                key = view.credential_key(self.place.issuer_id, hashed)
                if key is not None and not key.window.valid_until:
                    controller.send(writer.retire_credential_key(self.place.issuer_id, hashed))

    def issuer(self, passphrase: Passphrase, *, accept: Accept, padding_leaves: int = DEFAULT_PADDING_LEAVES) -> Issuer:
        """The issuer of this company.

        Args:
            passphrase: Opens credential and anchoring key.
            accept: Judges upstream documents before they are built on.
            padding_leaves: Checkpoints end at a multiple of this.
        """
        party, keys = self.party, _Keys(self.keys(), passphrase)
        did = self.settings.did or ""
        active = keys.ring.active(Role.CREDENTIAL)
        signer = keys.ring.open_signer(active, passphrase, verification_method=f"{did}#key-{active.number}")
        anchor = LedgerAnchor(self.ledger, keys.account(Role.ANCHORING), Address(self.chain.log))
        outbox = Outbox(self.store, anchor, log_key=self.log_key, clock=self._clock, padding_leaves=padding_leaves)
        return Issuer(
            party=party,
            did=did,
            base_url=f"https://{self.settings.host}",
            store=self.store,
            outbox=outbox,
            signer=signer,
            place=self.place,
            accept=accept,
            clock=self._clock,
        )

    def set_status(
        self, passphrase: Passphrase, *, index: int, kind: StatusKind, next_index: int = 0, reason: bytes = bytes(32)
    ) -> None:
        """Say something of one of our own leaves: revoked, suspended, reinstated, superseded or corrected."""
        account = _Keys(self.keys(), passphrase).account(Role.ANCHORING)
        writer = LogWriter(Address(self.chain.log), self.ledger.chain)
        call = writer.set_status(
            self.place.issuer_id, index=index, kind=kind, next_index=next_index, reason_hash=reason
        )
        Transactor(self.ledger, account).send(call)

    def withhold(self, passport_ids: tuple[str, ...]) -> None:
        """Keep the statements of these passports to ourselves when publishing."""
        kept = tuple(dict.fromkeys((*self.settings.withheld, *passport_ids)))
        self.settings = self.settings.model_copy(update={"withheld": kept})
        self._save()

    def publish(self) -> int:
        """Write what the world may see into `public/`; returns how many files changed."""
        return publish(
            self.store,
            self.public,
            did=self.settings.did or "",
            log=self.log_key,
            withheld=self.settings.withheld,
        )

    def receive(self, folder: Path) -> Received:
        """Take somebody's publication into the store."""
        return receive(self.store, folder, ledger=self.ledger if self.has_chain else None)

    def join_chain(self, chain: Path) -> None:
        """Speak to a chain from now on.

        Args:
            chain: The chain's `chain.json`.

        Raises:
            ConflictError: The workspace speaks to another chain already.
            DocumentError: No settings of a chain.
        """
        settings = _chain_settings(chain, self.folder)
        if self.settings.chain is not None and self.settings.chain.genesis != settings.genesis:
            raise ConflictError(
                "the workspace speaks to another chain already",
                where=str(self.folder),
                expected=self.settings.chain.genesis,
                found=settings.genesis,
                hint="one workspace stays with one chain: make another workspace",
            )
        self.settings = self.settings.model_copy(update={"chain": settings})
        self._save()

    def _write_did_document(self) -> None:
        """File the DID document of all credential keys, in the order of their numbers."""
        multikeys = [entry.public for entry in self.keys().entries() if entry.role is Role.CREDENTIAL]
        body = build_did_web_document(self.settings.did or "", multikeys=multikeys, also_known_as=(self.party.uri,))
        self.store.put_document(
            DocumentKind.DID_DOCUMENT, digest_of(body), body, document_id=self.settings.did or "", own=True
        )

    def _save(self) -> None:
        path = self.folder / WORKSPACE_FILE
        temporary = path.with_suffix(".writing")
        temporary.write_bytes(jcs(self.settings.to_json()))
        temporary.replace(path)


def create_chain(
    path: Path, account: Account, party: Party, *, clock: Clock, chain_id: int = DEFAULT_CHAIN_ID
) -> ChainSettings:
    """Start a local chain with both contracts; `account` becomes its root registrar, for which `party` answers.

    Args:
        path: The chain's file; its settings are written beside it as `chain.json`.
        account: The root registrar.
        party: The legal entity behind it.
        clock: The time, aware, UTC.
        chain_id: EIP-155 number.

    Returns:
        How to reach it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with EmbeddedChain.create(path, clock=clock, chain_id=chain_id) as ledger:
        evidence = sha256(jcs(party.to_json())).digest()
        placed = deploy(ledger, account, scheme=party.scheme, identifier=party.identifier, evidence_hash=evidence)
        settings = ChainSettings(
            driver="embedded",
            file=path.name,
            chain=ledger.chain.caip2,
            genesis=ledger.chain.genesis_hash,
            registry=placed.registry,
            log=placed.log,
            root=placed.root,
        )
    (path.parent / CHAIN_FILE).write_bytes(jcs(settings.to_json()))
    return settings


def open_chain(settings: ChainSettings, beside: Path, *, clock: Clock) -> EmbeddedChain:
    """Reach a chain and check that it is the one meant.

    Raises:
        LedgerError: There is no such chain.
        WrongChainError: Another genesis, or other contracts.
    """
    ledger = EmbeddedChain.open((beside / settings.file).resolve(), clock=clock)
    try:
        if (ledger.chain.caip2, ledger.chain.genesis_hash) != (settings.chain, settings.genesis):
            found = f"{ledger.chain.caip2} from genesis {ledger.chain.genesis_hash}"
            expected = f"{settings.chain} from genesis {settings.genesis}"
            raise WrongChainError("another chain than the settings name", expected=expected, found=found)
        open_deployment(ledger, registry=Address(settings.registry), log=Address(settings.log))
    except BaseException:
        ledger.close()
        raise
    return ledger


def _chain_settings(path: Path, folder: Path) -> ChainSettings:
    """Read a `chain.json` and make its file relative to the workspace."""
    try:
        settings = ChainSettings.model_validate(parse(path.read_bytes(), max_bytes=MAX_SETTINGS_BYTES))
    except OSError as error:
        raise DocumentError("the chain settings cannot be read", where=str(path), found=error.strerror) from error
    except ValidationError as error:
        raise _schema_error(error, str(path)) from None
    file = os.path.relpath((path.parent / settings.file).resolve(), folder.resolve())
    return settings.model_copy(update={"file": file})


def _schema_error(error: ValidationError, where: str) -> SchemaError:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return SchemaError(first["msg"], where=f"{where}: {place}", found=first.get("input"))
