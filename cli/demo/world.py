"""A world of the demonstration: a chain, a registrar, and companies that each have a workspace and keys of their own.

Only publications and the chain pass between them. Passphrases are random and lie in a file in each workspace, and key
files are quick to guess: good for a demonstration and nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.acceptance import Acceptance
from cli.demo.data import Cast, Company
from passport.credentials import FilePassphrase, KeyRing, Role
from passport.credentials.key_files import write_private_file
from passport.credentials.key_ring import KeyEntry
from passport.credentials.keys import Ed25519Signer
from passport.credentials.passphrases import Passphrase
from passport.issuer import Accept, IssuedPassport, order_inventories, suggested_ceiling
from passport.ledger import Account
from passport.model.inventory import Inventory
from passport.store import Store
from passport.workspace import CHAIN_FILE, REGISTRATION_FILE, Workspace, create_chain
from verifier.policy import upstream_policy
from verifier.trust import KnownBlock, Trust, trust_in

if TYPE_CHECKING:
    from passport.model.footprint import UpstreamFacts

PHRASE_FILE: Final = "passphrase-of-the-demonstration.txt"
STORE_FILE: Final = "passport.db"
CHAIN_FOLDER: Final = "chain"
KDF_PASSES: Final = 1
_THREADS: Final = 2

Clock = Callable[[], datetime]
Tick = Callable[[int, int | None], None]


def no_tick(done: int, total: int | None) -> None:
    """Nobody watches."""


class _OpenKeyRing(KeyRing):
    """Keys that stay open in memory once they were opened: each opening costs 50 ms and more by design."""

    def __init__(self, directory: Path, *, clock: Clock) -> None:
        super().__init__(directory, clock=clock, kdf_passes=KDF_PASSES)
        self._accounts: dict[KeyEntry, bytes] = {}
        self._signers: dict[tuple[KeyEntry, str | None], Ed25519Signer] = {}

    def open_account(self, entry: KeyEntry, passphrase: Passphrase) -> bytes:
        """Open an account key, the first time."""
        if entry not in self._accounts:
            self._accounts[entry] = super().open_account(entry, passphrase)
        return self._accounts[entry]

    def open_signer(
        self, entry: KeyEntry, passphrase: Passphrase, *, verification_method: str | None = None
    ) -> Ed25519Signer:
        """Open a credential key, the first time."""
        name = (entry, verification_method)
        if name not in self._signers:
            self._signers[name] = super().open_signer(entry, passphrase, verification_method=verification_method)
        return self._signers[name]


class DemoWorkspace(Workspace):
    """A workspace whose keys stay open while the demonstration runs."""

    _ring: KeyRing | None = None

    def keys(self) -> KeyRing:
        """The key directory, one object for as long as the workspace is open."""
        if self._ring is None:
            self._ring = _OpenKeyRing(self.folder / "keys", clock=self._clock)
        return self._ring

    @property
    def passphrase(self) -> Passphrase:
        """The demonstration's passphrase, out of the file beside the keys."""
        return FilePassphrase(self.folder / PHRASE_FILE)


@dataclass(slots=True)
class World:
    """A folder with a chain and everybody's workspaces.

    Attributes:
        folder: Where.
        cast: Who is in it.
        clock: The time, aware, UTC.
        workspaces: The opened workspaces, by company key.
        issued: What was issued last for each product.
        checkpoints: How many checkpoints were anchored.
    """

    folder: Path
    cast: Cast
    clock: Clock
    workspaces: dict[str, DemoWorkspace] = field(default_factory=dict)
    issued: dict[str, IssuedPassport] = field(default_factory=dict)
    checkpoints: int = 0

    @property
    def chain_file(self) -> Path:
        """How others join the chain."""
        return self.folder / CHAIN_FOLDER / CHAIN_FILE

    def workspace(self, key: str) -> DemoWorkspace:
        """A company's workspace, opened on first use."""
        if key not in self.workspaces:
            self.workspaces[key] = DemoWorkspace.open(self.folder / key, clock=self.clock)
        return self.workspaces[key]

    def close(self) -> None:
        """Close every workspace, so that the folder can be copied."""
        while self.workspaces:
            self.workspaces.popitem()[1].close()

    def found(self, tick: Tick = no_tick) -> None:
        """Make the workspaces, start the chain, register everybody and bind their keys."""
        registrar, companies = self.cast.registrar, self.cast.companies
        for company in (registrar, *companies):  # one after the other: migrations share the process
            (self.folder / company.key).mkdir(parents=True)
            Store.open(self.folder / company.key / STORE_FILE, clock=self.clock).close()
        with ThreadPoolExecutor(_THREADS) as pool:  # stretching passphrases leaves Python's lock to others
            for workspace in pool.map(self._make, (registrar, *companies)):
                self.workspaces[workspace.folder.name] = workspace
        office = self.workspace(registrar.key)
        root = Account(office.keys().open_account(office.keys().active(Role.CONTROLLER), office.passphrase))
        create_chain(self.folder / CHAIN_FOLDER / "chain.db", root, office.party, clock=self.clock)
        office.join_chain(self.chain_file)
        for done, company in enumerate(companies, 1):
            workspace = self.workspace(company.key)
            workspace.join_chain(self.chain_file)
            office.register(workspace.folder / REGISTRATION_FILE, office.passphrase)
            workspace.bind_keys(workspace.passphrase)
            tick(done, len(companies))

    def _make(self, company: Company) -> DemoWorkspace:
        """A workspace with its keys, made and opened."""
        folder = self.folder / company.key
        write_private_file(folder / PHRASE_FILE, secrets.token_urlsafe(24).encode() + b"\n")
        workspace = DemoWorkspace.create(
            folder,
            clock=self.clock,
            party=company.party,
            host=company.host,
            passphrase=FilePassphrase(folder / PHRASE_FILE),
            kdf_passes=KDF_PASSES,
        )
        ring = workspace.keys()
        for role in (Role.CONTROLLER, Role.ANCHORING):
            ring.open_account(ring.active(role), workspace.passphrase)
        ring.open_signer(ring.active(Role.CREDENTIAL), workspace.passphrase)
        return workspace

    def issue_everything(self, tick: Tick = no_tick) -> None:
        """Issue in rounds, suppliers' first; a company's passports of one round share one checkpoint."""
        rounds = rounds_of(self.cast)
        total = sum(len(inventories) for part in rounds for inventories in part.values())
        for part in rounds:
            for key, inventories in part.items():
                self.receive_suppliers(key, inventories)
                self.issue(key, inventories, accept=self.acceptance(key))
                tick(len(self.issued), total)

    def issue(self, key: str, inventories: Iterable[Inventory], *, accept: Accept) -> None:
        """Let a company issue, anchor in one checkpoint, and publish."""
        workspace = self.workspace(key)
        ceiling = suggested_ceiling(workspace.chain.chain, at=workspace.clock().date())
        issuer = workspace.issuer(workspace.passphrase, accept=accept, ledger_ceiling=ceiling)
        for inventory in inventories:
            self.issued[inventory.product.id] = issuer.issue(inventory)
        self.checkpoints += len(issuer.anchor())
        workspace.publish()

    def receive_suppliers(self, key: str, inventories: Iterable[Inventory]) -> None:
        """Let a company take in what its suppliers publish, and theirs in turn: an audit goes all the way down."""
        waiting = [entry.product for inventory in inventories for entry in inventory.passport_inputs if entry.product]
        products: set[str] = set()
        while waiting:
            product = waiting.pop()
            if product not in products:
                products.add(product)
                waiting += [e.product for e in self.cast.inventory_of(product).passport_inputs if e.product]
        for maker in sorted({self.cast.maker_of(product).key for product in products} - {key}):
            self.workspace(key).receive(self.folder / maker / "public")

    def acceptance(self, key: str) -> Acceptance:
        """What a company demands of its suppliers' passports: a full audit, with the trust file of this world."""
        return Acceptance(self.workspace(key), trust=self.trust(), policy=upstream_policy(), clock=self.clock)

    def trust(self) -> Trust:
        """The trust file of somebody who trusts this world's chain and registrar."""
        office = self.workspace(self.cast.registrar.key)
        chain, head = office.chain, office.ledger.final_head()
        return trust_in(chain, KnownBlock(number=head.number, hash="0x" + head.hash.hex()))

    def auditor(self, name: str = "auditor") -> Workspace:
        """A workspace without keys that has taken in everybody's publications; the caller closes it."""
        workspace = Workspace.create(self.folder / name, clock=self.clock, chain=self.chain_file)
        for company in self.cast.companies:
            workspace.receive(self.folder / company.key / "public")
        return workspace

    @property
    def top(self) -> IssuedPassport:
        """The passport of the product that nobody in this world builds on."""
        used = {
            entry.product
            for company in self.cast.companies
            for inventory in company.inventories
            for entry in inventory.passport_inputs
        }
        return next(passport for product, passport in self.issued.items() if product not in used)


def rounds_of(cast: Cast) -> list[dict[str, list[Inventory]]]:
    """Inventories by round and company: a product's round is one after its latest supplier's.

    What a company builds on its own products needs no new round: they go into one checkpoint together.
    """
    inventories = [inventory for company in cast.companies for inventory in company.inventories]
    number: dict[str, int] = {}
    rounds: list[dict[str, list[Inventory]]] = []
    for inventory in order_inventories(inventories):
        maker = cast.maker_of(inventory.product.id).key
        own = 0
        for entry in inventory.passport_inputs:
            if entry.product:
                supplier = cast.maker_of(entry.product).key
                own = max(own, number[entry.product] + (supplier != maker))
        number[inventory.product.id] = own
        while len(rounds) <= own:
            rounds.append({})
        rounds[own].setdefault(maker, []).append(inventory)
    return rounds


def unsafe_accept_anything(upstream: UpstreamFacts) -> None:
    """Refuses nothing: for drills that need a cheat's buyers to look away; never for trust."""
