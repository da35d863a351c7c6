"""`Workspace`: a company's (or auditor's) folder, opened."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import ValidationError

from passport.credentials import KeyRing, Passphrase, Role, Signer, parse
from passport.credentials.plain_file import read_plain_file
from passport.errors import ConflictError, IssueError, NotFoundError
from passport.issuer import Accept, ChainStanding, Issuer, LogPlace
from passport.issuer.status_lists import SignedList, sign_status_lists
from passport.ledger import (
    Account,
    Address,
    Call,
    IssuerId,
    Ledger,
    LedgerAnchor,
    LogWriter,
    PassportLogView,
    Receipt,
    StatusKind,
    Transactor,
    issuer_id,
)
from passport.ledger.account_statement import AccountStatement
from passport.ledger.checkpoint import log_key
from passport.ledger.merkle import DEFAULT_PADDING_LEAVES
from passport.ledger.outbox import DEFAULT_PATIENCE_S, Outbox
from passport.ledger.outbox_ports import CheckpointAnchor
from passport.ledger.relay_anchor import RelayAnchor
from passport.ledger.relay_client import RelayClient
from passport.model.inventory import LedgerCeiling
from passport.model.party import Party
from passport.publication import Received, publish, receive
from passport.store import Store
from passport.workspace.chain import OpenedChain, open_chain
from passport.workspace.founding import found
from passport.workspace.keys_on_chain import (
    OpenedKeys,
    Registered,
    bind_keys,
    complete_did_document,
    register,
    rotate,
    state_account,
    write_did_document,
)
from passport.workspace.relaying import order_status
from passport.workspace.settings import (
    MAX_SETTINGS_BYTES,
    WORKSPACE_FILE,
    ChainSettings,
    Clock,
    WorkspaceSettings,
    read_chain_settings,
    save_settings,
    schema_error,
)


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
        self._ledger: OpenedChain | None = None

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
        settings = found(
            folder, clock=clock, party=party, host=host, passphrase=passphrase, chain=chain, kdf_passes=kdf_passes
        )
        workspace = cls(folder, settings, clock=clock)
        if party is not None:
            write_did_document(workspace)
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
            settings = WorkspaceSettings.model_validate(
                parse(read_plain_file(path, max_bytes=MAX_SETTINGS_BYTES, what="workspace file"))
            )
        except ValidationError as error:
            raise schema_error(error, str(path)) from None
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
            issuer_id=self.issuer_id,
        )

    @property
    def issuer_id(self) -> IssuerId:
        """The company's id on the registry: of the registration that this workspace goes by."""
        return issuer_id(self.party.scheme, self.party.identifier, self.settings.generation or 0)

    @property
    def log_key(self) -> str:
        """The name of the company's log."""
        return log_key(self.place.log, self.place.issuer_id)

    def keys(self) -> KeyRing:
        """The key directory."""
        return KeyRing(self.folder / "keys", clock=self._clock)

    def register(
        self,
        request: Path,
        passphrase: Passphrase,
        *,
        evidence_uri: str = "",
        with_identity_anchor: bool = False,
    ) -> Registered:
        """As a registrar: register the company that asks; a digest is kept on chain as evidence.

        Args:
            request: The company's registration file.
            passphrase: Opens the registrar's keys.
            evidence_uri: Where the evidence can be read.
            with_identity_anchor: Sign a Digital Identity Anchor, whose hash is then the evidence in place of the
                request's digest.

        Raises:
            SchemaError: Not a registration request.
            TransactionError: The registry refuses.
        """
        return register(self, request, passphrase, evidence_uri=evidence_uri, with_identity_anchor=with_identity_anchor)

    def bind_keys(self, passphrase: Passphrase) -> None:
        """As a registered company: bind the keys in use to the entity; what is bound already is left alone.

        After an annulment and a new registration the workspace goes on as the new one: with a log of its own, and with
        a new anchoring account where the old one is bound to what was annulled.

        Raises:
            NotFoundError: The company is not registered yet.
            ConflictError: The identifier is registered anew, for another controller.
            TransactionError: The registry refuses.
        """
        bind_keys(self, passphrase)

    def rotate(self, role: Role, passphrase: Passphrase) -> None:
        """Put a new key in use, bind it, and retire the old one on the registry.

        Raises:
            IssueError: The role is the controller's, which only the registry can replace.
        """
        rotate(self, role, passphrase)

    def save(self) -> None:
        """Write down the public facts as they are now."""
        save_settings(self.settings, self.folder)

    def signer(self, passphrase: Passphrase) -> Signer:
        """The credential key in use, under its name in the company's DID document.

        Raises:
            SignerError: A wrong passphrase.
        """
        ring = self.keys()
        active = ring.active(Role.CREDENTIAL)
        return ring.open_signer(
            active, passphrase, verification_method=f"{self.settings.did or ''}#key-{active.number}"
        )

    def issuer(
        self,
        passphrase: Passphrase,
        *,
        accept: Accept,
        padding_leaves: int = DEFAULT_PADDING_LEAVES,
        ledger_ceiling: LedgerCeiling | None = None,
        relay: RelayClient | None = None,
        names_status_list: bool = False,
    ) -> Issuer:
        """The issuer of this company.

        Args:
            passphrase: Opens credential and anchoring key.
            accept: Judges upstream documents before they are built on.
            padding_leaves: Checkpoints end at a multiple of this.
            ledger_ceiling: What is promised of the ledger's own footprint where an inventory promises nothing.
            relay: Who sends and pays for checkpoints; None: the anchoring account does.
            names_status_list: Passports name an entry of a status list, for readers who know no chain.
        """
        party, signer = self.party, self.signer(passphrase)
        outbox = self.outbox(passphrase, padding_leaves=padding_leaves, relay=relay)
        complete_did_document(self, signer)
        return Issuer(
            party=party,
            did=self.settings.did or "",
            base_url=f"https://{self.settings.host}",
            store=self.store,
            outbox=outbox,
            signer=signer,
            place=self.place,
            accept=accept,
            clock=self._clock,
            standing=ChainStanding(self.ledger, self.place, clock=self._clock),
            ledger_ceiling=ledger_ceiling,
            names_status_list=names_status_list,
        )

    def sign_status_lists(self, passphrase: Passphrase) -> list[SignedList]:
        """Sign the status lists that our passports name, as the newest final block says.

        Raises:
            SignerError: A wrong passphrase.
            LedgerError: The chain is out of reach.
        """
        log = PassportLogView(self.ledger.state(), Address(self.chain.log))
        return sign_status_lists(
            self.store,
            log,
            party=self.party,
            did=self.settings.did or "",
            signer=self.signer(passphrase),
            now=self._clock(),
        )

    def relay_client(self, url: str | None = None) -> RelayClient | None:
        """The way to the relay that is named, else to the one in the settings; None: there is none.

        Args:
            url: Where it is.

        Raises:
            LedgerError: Not the address of a relay.
        """
        named = url or self.settings.relay
        return None if named is None else RelayClient(named)

    def outbox(
        self, passphrase: Passphrase, *, padding_leaves: int = DEFAULT_PADDING_LEAVES, relay: RelayClient | None = None
    ) -> Outbox:
        """The way of this company's documents into its log.

        Args:
            passphrase: Opens the anchoring key.
            padding_leaves: Checkpoints end at a multiple of this.
            relay: Who sends and pays for checkpoints; None: the anchoring account does.
        """
        account, log = OpenedKeys(self.keys(), passphrase).account(Role.ANCHORING), Address(self.chain.log)
        anchor: CheckpointAnchor = (
            LedgerAnchor(self.ledger, account, log) if relay is None else RelayAnchor(self.ledger, account, log, relay)
        )
        return Outbox(
            self.store,
            anchor,
            log_key=self.log_key,
            clock=self._clock,
            padding_leaves=padding_leaves,
            patience_s=self.chain.outbid_after_s or DEFAULT_PATIENCE_S,
        )

    def set_status(
        self,
        passphrase: Passphrase,
        *,
        index: int,
        kind: StatusKind,
        next_index: int = 0,
        reason: bytes = bytes(32),
        relay: RelayClient | None = None,
    ) -> None:
        """Say something of one of our own leaves: revoked, suspended, reinstated, superseded or corrected.

        Args:
            passphrase: Opens the anchoring key.
            index: The leaf.
            kind: What is said.
            next_index: The later leaf that takes its place.
            reason: Hash of a document saying why.
            relay: Who sends and pays; None: the anchoring account does.

        Raises:
            TransactionError: The contract refuses, or the relay does.
            LedgerUnavailableError: In no block yet.
        """
        account = OpenedKeys(self.keys(), passphrase).account(Role.ANCHORING)
        if relay is not None:
            order_status(self, account, relay, index=index, kind=kind, next_index=next_index, reason=reason)
            return
        writer = LogWriter(Address(self.chain.log), self.ledger.chain)
        call = writer.set_status(
            self.place.issuer_id, index=index, kind=kind, next_index=next_index, reason_hash=reason
        )
        self.transactor(account).send(call)

    def send_as_controller(self, passphrase: Passphrase, call: Call) -> Receipt:
        """Send a call of the registry from the account that controls this company.

        Raises:
            SignerError: A wrong passphrase.
            TransactionError: The registry refuses.
        """
        return self.transactor(OpenedKeys(self.keys(), passphrase).account(Role.CONTROLLER)).send(call)

    def state_account(self, role: Role, passphrase: Passphrase) -> AccountStatement:
        """Let an account of this company sign that it belongs to its DID, and carry that in the DID document.

        Raises:
            UsageError: A role whose key is no account.
            SignerError: A wrong passphrase.
        """
        return state_account(self, role, passphrase, issued=int(self._clock().timestamp()))

    def transactor(self, account: Account) -> Transactor:
        """Sends with an account of this workspace, one process at a time."""
        return Transactor(self.ledger, account, turn=lambda: self.store.sending(account.address))

    def withhold(self, passport_ids: tuple[str, ...]) -> None:
        """Keep the statements of these passports to ourselves when publishing."""
        kept = tuple(dict.fromkeys((*self.settings.withheld, *passport_ids)))
        self.settings = self.settings.model_copy(update={"withheld": kept})
        self.save()

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
        """Take somebody's publication into the store; our own brings an old copy of the workspace up to date."""
        ledger = self.ledger if self.has_chain else None
        own_log = self.log_key if self.has_chain and self.settings.party is not None else None
        return receive(self.store, folder, ledger=ledger, own_log=own_log)

    def use_relay(self, url: str) -> None:
        """Have a relay send and pay from now on, unless a command is told otherwise.

        Raises:
            LedgerError: Not the address of a relay.
            SchemaError: Not one that settings hold.
        """
        RelayClient(url)
        try:
            self.settings = WorkspaceSettings.model_validate({**self.settings.to_json(), "relay": url})
        except ValidationError as error:
            raise schema_error(error, "--relay") from None
        self.save()

    def join_chain(self, chain: Path) -> None:
        """Speak to a chain from now on.

        Args:
            chain: The chain's `chain.json`.

        Raises:
            ConflictError: The workspace speaks to another chain already.
            DocumentError: No settings of a chain.
        """
        settings = read_chain_settings(chain, self.folder)
        if self.settings.chain is not None and self.settings.chain.genesis != settings.genesis:
            raise ConflictError(
                "the workspace speaks to another chain already",
                where=str(self.folder),
                expected=self.settings.chain.genesis,
                found=settings.genesis,
                hint="one workspace stays with one chain: make another workspace",
            )
        self.settings = self.settings.model_copy(update={"chain": settings})
        self.save()
