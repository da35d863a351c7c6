"""A small real world to judge: six companies on one embedded chain, a diamond, a withheld statement and an import.

    pack (maker)  <- housing (parts) <- metal (smelter) <- ore (mine)
                  <- metal (smelter)                    <- grid (power)
                  <- cable (cables, statement withheld) <- metal
    housing       <- grid, and a coating that nobody signed (a PACT footprint)

Everything is made by the real issuer, signed with real keys and anchored in the real contracts.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from memory_source import Log, MemorySource
from verifier_products import WITHHELD, inventories, pact_footprint, product_id

from passport.credentials import (
    Ed25519Signer,
    build_did_web_document,
    create_key_binding,
    jcs,
    key_hash,
    read_secured,
)
from passport.credentials.untp_credential import sign_credential
from passport.exchange.pact import read_footprints
from passport.filing import file_event
from passport.issuer import IssuedPassport, Issuer, LogPlace
from passport.ledger import (
    Account,
    AccountPurpose,
    Address,
    Call,
    EmbeddedChain,
    LedgerAnchor,
    LogWriter,
    PassportLogView,
    RegistryView,
    RegistryWriter,
    Transactor,
    deploy,
    issuer_id,
)
from passport.ledger.checkpoint import log_key
from passport.ledger.outbox import Outbox
from passport.model.digest import digest_of
from passport.model.inventory import Inventory, LedgerCeiling
from passport.model.party import Party
from passport.model.traceability_event import SCHEMA as EVENT
from passport.model.traceability_event import Counterparty, EventProduct, Site, build_move_event
from passport.model.untp import Issued
from passport.publication import publish, receive
from passport.store import DocumentKind, Store
from verifier.audit import Settings, audit
from verifier.policy import Policy, default_policy
from verifier.report import Report
from verifier.source import Source
from verifier.trust import KnownBlock, Trust, TrustedChain

NOW = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
SEED = sha256(b"the world of the verifier's tests").digest()
PADDING = 4
BOTH = AccountPurpose.ANCHOR | AccountPurpose.STATUS
TOP = "pack"

# Check digits hold; VAT numbers and EUIDs have none.
ENTITIES = {
    "registrar": ("EUID", "DEX9999X.HRB900000", "Registrar of the tests", "DE"),
    "mine": ("VAT", "CL999999901", "Minera de Prueba S.A.", "CL"),
    "power": ("VAT", "DE999999902", "Probestrom AG", "DE"),
    "smelter": ("EUID", "FIFPRO.9999903-1", "Koesulatto Oy", "FI"),
    "parts": ("VAT", "CZ99999904", "Díly s.r.o.", "CZ"),
    "cables": ("VAT", "PL9999999905", "Kable Sp. z o.o.", "PL"),
    "maker": ("EUID", "DEX9999X.HRB900006", "Packwerk GmbH", "DE"),
}
COMPANIES = tuple(key for key in ENTITIES if key != "registrar")


def account_of(name: str) -> Account:
    """The same account for a name in every run."""
    return Account(sha256(f"account {name}".encode()).digest())


def signer_of(name: str, verification_method: str) -> Ed25519Signer:
    """The same credential key for a name in every run."""
    key = Ed25519PrivateKey.from_private_bytes(sha256(f"credential {name}".encode()).digest())
    return Ed25519Signer(key, verification_method=verification_method)


@dataclass
class Company:
    """A legal entity with its keys."""

    key: str
    party: Party
    controller: Account
    anchorer: Account
    signer: Ed25519Signer
    place: LogPlace
    key_number: int = 1

    @property
    def did(self) -> str:
        """Its DID."""
        return f"did:web:{self.key}.example"

    @property
    def base_url(self) -> str:
        """Where it publishes."""
        return f"https://{self.key}.example"

    @property
    def issuer_id(self) -> str:
        """Its id on the registry."""
        return self.place.issuer_id

    @property
    def log_key(self) -> str:
        """Its log's name."""
        return log_key(self.place.log, self.place.issuer_id)

    @property
    def key_hash(self) -> bytes:
        """The name of its credential key on the registry."""
        return key_hash(self.signer.multikey)


class World:
    """The chain with everything that stands on it.

    Args:
        folder: Where chain and stores are.
        chain: The chain, opened.
        trust: What a verifier of this world trusts.
        companies: By key.
        issued: The honest passports by product.
        source: All documents and logs.

    Attributes:
        papers: What each issuer keeps of each product: statement and rows, handed out or not.
    """

    def __init__(
        self,
        folder: Path,
        chain: EmbeddedChain,
        trust: Trust,
        companies: dict[str, Company],
        issued: dict[str, IssuedPassport],
        source: MemorySource,
    ) -> None:
        self.folder = folder
        self.chain = chain
        self.trust = trust
        self.companies = companies
        self.issued = issued
        self.source = source
        self.papers: dict[str, tuple[bytes, list[bytes]]] = {}

    @property
    def trusted(self) -> TrustedChain:
        """The one chain of the trust file."""
        return self.trust.chains[0]

    @property
    def registry(self) -> RegistryWriter:
        """Calls of the registry."""
        return RegistryWriter(Address(self.trusted.registry), self.chain.chain)

    @property
    def log(self) -> LogWriter:
        """Calls of the log."""
        return LogWriter(Address(self.trusted.log), self.chain.chain)

    @property
    def root(self) -> Account:
        """The root registrar."""
        return account_of("registrar")

    @property
    def top(self) -> str:
        """Digest of the honest top passport."""
        return self.issued[TOP].digest

    @property
    def time(self) -> int:
        """Time of the newest block."""
        return self.chain.head().timestamp

    def company_of(self, product: str) -> Company:
        """Who makes a product."""
        return self.companies[
            next(company for company, entry in inventories() if entry["product"]["id"] == product_id(product))
        ]

    def send(self, sender: Account, call: Call) -> None:
        """Send one transaction."""
        Transactor(self.chain, sender).send(call)

    def audit(
        self,
        digest: str | None = None,
        source: Source | None = None,
        *,
        trust: Trust | None = None,
        without_trust: bool = False,
        policy: Policy | None = None,
        at: datetime | None = None,
        **settings: Any,
    ) -> Report:
        """Judge a passport, by default the honest top one as the default policy does, imports accepted."""
        return audit(
            source or self.source,
            digest or self.top,
            policy=policy or default_policy(accept_imported=True),
            trust=None if without_trust else trust or self.trust,
            settings=Settings(at=at or self.now(), **settings),
        )

    def now(self) -> datetime:
        """The moment of the newest block, which is when tests judge."""
        return datetime.fromtimestamp(self.time, UTC)

    def trust_with(self, *blocks: KnownBlock) -> Trust:
        """The trust file with these blocks as known ones; the head when none is given."""
        head = self.chain.head()
        known = blocks or (KnownBlock(number=head.number, hash="0x" + head.hash.hex()),)
        return Trust(chains=(self.trusted.model_copy(update={"blocks": known}),))

    def auditor_store(self) -> Store:
        """The store of an auditor who has received everything."""
        return Store.open(self.folder / "auditor.db", clock=lambda: NOW)

    def new_entity(self, name: str, number: str, *, registrar: Account | None = None) -> Company:
        """Register another company, not yet bound to any key."""
        company = make_company(name, ("VAT", f"DE{number}", f"{name} GmbH", "DE"), self.trusted)
        call = self.registry.register_issuer(
            "VAT", f"DE{number}", controller=company.controller.address, evidence_hash=bytes(31) + b"\x07"
        )
        self.send(registrar or self.root, call)
        return company

    def bind(self, company: Company, **window: int) -> None:
        """Bind a company's two keys and file its key's statement and its DID document in the source."""
        signature = self.registry.sign_binding(company.anchorer, company.issuer_id, purposes=BOTH)
        self.send(
            company.controller,
            self.registry.bind_account_key(
                company.issuer_id, company.anchorer.address, purposes=BOTH, signature=signature
            ),
        )
        self.bind_credential(company, **window)

    def bind_credential(self, company: Company, *, valid_from: int = 0, valid_until: int = 0) -> None:
        """Bind a company's credential key and file its own statement."""
        call = self.registry.bind_credential_key(
            company.issuer_id, company.key_hash, valid_from=valid_from, valid_until=valid_until
        )
        self.send(company.controller, call)
        file_binding(self.source, company, self.chain)

    def set_status(self, company: Company, index: int, kind: Any, *, next_index: int = 0) -> None:
        """Say something of one leaf."""
        self.send(company.anchorer, self.log.set_status(company.issuer_id, index, kind, next_index=next_index))


def file_binding(source: MemorySource, company: Company, chain: EmbeddedChain, **changes: Any) -> None:
    """File a DID document and the key's own statement of what the registry holds of it."""
    record = RegistryView(chain.state(), Address(company.place.registry.rpartition(":")[2])).credential_key(
        company.issuer_id, company.key_hash
    )
    assert record is not None
    stated = {
        "issuer_id": company.issuer_id,
        "chain": chain.chain.caip2,
        "genesis": chain.chain.genesis_hash,
        "registry": company.place.registry,
        "valid_from": record.window.valid_from,
        "valid_until": record.window.valid_until or 0,
    }
    binding = create_key_binding(company.signer, **{**stated, **changes})
    source.bindings[f"{company.issuer_id}:{company.key_hash.hex()}"] = binding.to_bytes()
    source.dids[company.did] = build_did_web_document(company.did, multikeys=[company.signer.multikey])


def make_company(key: str, entity: tuple[str, str, str, str], trusted: TrustedChain) -> Company:
    """A company's parties and keys; nothing is registered."""
    scheme, identifier, name, country = entity
    party = Party.model_validate({"scheme": scheme, "identifier": identifier, "name": name, "country": country})
    place = LogPlace(trusted.registry_caip10(), trusted.log_caip10(), trusted.genesis, issuer_id(scheme, identifier))
    return Company(
        key,
        party,
        account_of(f"{key} controller"),
        account_of(f"{key} anchoring"),
        signer_of(key, f"did:web:{key}.example#key-1"),
        place,
    )


def ticking(start: datetime = NOW) -> Callable[[], datetime]:
    """A clock for the chain, whose blocks need rising times; it stands still, and the chain adds a second a block."""
    return lambda: start


def build(folder: Path, chain_seed: bytes = SEED) -> None:
    """Make the world in a folder: `chain.db`, a store a company, `auditor.db`."""
    with EmbeddedChain.create(folder / "chain.db", clock=ticking(), seed=chain_seed) as chain:
        scheme, identifier, _, _ = ENTITIES["registrar"]
        placed = deploy(
            chain, account_of("registrar"), scheme=scheme, identifier=identifier, evidence_hash=b"\x01" * 32
        )
        (folder / "contracts.txt").write_text(f"{placed.registry} {placed.log}", "ascii")
        trusted = trusted_chain(chain, placed.registry, placed.log)
        world = World(folder, chain, Trust(chains=(trusted,)), {}, {}, MemorySource(chain))
        for key in COMPANIES:
            company = make_company(key, ENTITIES[key], trusted)
            world.companies[key] = company
            world.send(
                world.root,
                world.registry.register_issuer(
                    company.party.scheme,
                    company.party.identifier,
                    controller=company.controller.address,
                    evidence_hash=b"\x02" * 32,
                ),
            )
            world.bind(company)
        footprint = read_footprints(jcs(pact_footprint()))[0]
        stores = {key: Store.open(folder / f"{key}.db", clock=lambda: NOW) for key in COMPANIES}
        auditor = Store.open(folder / "auditor.db", clock=lambda: NOW)
        for store in (stores["parts"], auditor):
            store.put_document(
                DocumentKind.IMPORTED,
                footprint.digest,
                footprint.body,
                document_id=f"urn:uuid:{footprint.id}",
                subject_id=footprint.product_ids[0],
            )
        for key, store in stores.items():
            _file_own(store, world.companies[key], world.source)
        for key, document in inventories():
            _issue(world, stores, key, document)
        for key, store in stores.items():
            company = world.companies[key]
            withheld = [passport.id for name, passport in world.issued.items() if name == WITHHELD]
            publish(store, folder / "public" / key, did=company.did, log=company.log_key, withheld=withheld)
            assert receive(auditor, folder / "public" / key).refused == ()
            store.close()
        auditor.close()


def trusted_chain(chain: EmbeddedChain, registry: str, log: str) -> TrustedChain:
    """The trust file's entry of a chain of these tests."""
    return TrustedChain(
        chain=chain.chain.caip2,
        genesis=chain.chain.genesis_hash,
        registry=registry,
        log=log,
        root_registrars=(account_of("registrar").address,),
    )


def _issue(world: World, stores: dict[str, Store], key: str, document: dict[str, Any]) -> None:
    company, store = world.companies[key], stores[key]
    for other, foreign in stores.items():
        if other != key:
            hand_over(foreign, store)
    if document["product"]["id"] == product_id("metal"):
        _name_delivery(world, store, document)
    issuer = issuer_for(company, store, world.chain)
    issued = issuer.issue(Inventory.model_validate(document))
    issuer.anchor()
    world.issued[document["product"]["id"].rpartition("/")[2]] = issued


def delivery_of(
    world: World, product: str, buyer: str, quantity: str, unit: str = "kilogram", *, at: datetime = NOW, **more: Any
) -> dict[str, Any]:
    """A product's maker's account of a delivery to a company, without proof."""
    supplier, issued, taker = world.company_of(product), world.issued[product], world.companies[buyer]
    moved = EventProduct(product_id(product), issued.name, "batch", quantity, unit, issued.id, issued.digest)
    return build_move_event(
        Issued(f"{supplier.base_url}/deliveries/{more.pop('name', '1')}", supplier.did, supplier.party, at),
        moved=[more.pop("moved", moved)],
        at=more.pop("delivered", at),
        buyer=more.pop("to", Counterparty(taker.did, taker.party)),
        origin=Site(f"https://id.example/414/{product}", f"plant of {product}"),
        destination=Site(f"https://id.example/414/{buyer}", f"plant of {buyer}"),
        consignment=more.pop("consignment", f"urn:example:consignment:{product}:{buyer}"),
    )


def _name_delivery(world: World, store: Store, document: dict[str, Any]) -> None:
    """Let the smelter name a delivery of 9.5 t of ore, of which it uses 9,000 kg."""
    mine = world.company_of("ore")
    signed = sign_credential(delivery_of(world, "ore", "smelter", "9.5", "tonne"), EVENT, mine.signer, NOW)
    body = world.source.dids[mine.did]
    store.put_document(DocumentKind.DID_DOCUMENT, digest_of(body), body, document_id=mine.did)
    assert file_event(store, signed.body)
    next(entry for entry in document["inputs"] if entry["id"] == "ore")["delivery"] = signed.doc_hash


def issuer_for(
    company: Company, store: Store, chain: EmbeddedChain, *, ledger_ceiling: LedgerCeiling | None = None
) -> Issuer:
    """The real issuer of a company, which accepts whatever it is told to build on."""
    anchor = LedgerAnchor(chain, company.anchorer, Address(company.place.log.rpartition(":")[2]))
    return Issuer(
        party=company.party,
        did=company.did,
        base_url=company.base_url,
        store=store,
        outbox=Outbox(store, anchor, log_key=company.log_key, clock=lambda: NOW, padding_leaves=PADDING),
        signer=company.signer,
        place=company.place,
        accept=lambda upstream: None,
        clock=lambda: NOW,
        ledger_ceiling=ledger_ceiling,
    )


def hand_over(giver: Store, taker: Store) -> None:
    for ref in giver.find_documents(DocumentKind.PASSPORT, own=True):
        taker.put_document(
            DocumentKind.PASSPORT,
            ref.digest,
            giver.get_document(DocumentKind.PASSPORT, ref.digest),
            document_id=ref.document_id,
            issuer_id=ref.issuer_id,
            subject_id=ref.subject_id,
        )


def _file_own(store: Store, company: Company, source: MemorySource) -> None:
    """What a company's own workspace would keep beside its passports."""
    for kind, name, body in (
        (DocumentKind.DID_DOCUMENT, company.did, source.dids[company.did]),
        (
            DocumentKind.KEY_BINDING,
            f"{company.issuer_id}:{company.key_hash.hex()}",
            source.bindings[f"{company.issuer_id}:{company.key_hash.hex()}"],
        ),
    ):
        store.put_document(kind, digest_of(body), body, document_id=name, own=True)


def reopen(folder: Path, chain: EmbeddedChain) -> World:
    """The world that `build` made in a folder (or in the one this is a copy of)."""
    registry, log = _contracts(folder)
    trusted = trusted_chain(chain, registry, log)
    source = MemorySource(chain)
    companies = {key: make_company(key, ENTITIES[key], trusted) for key in COMPANIES}
    world = World(folder, chain, Trust(chains=(trusted,)), companies, {}, source)
    for key, company in companies.items():
        with Store.open(folder / f"{key}.db", clock=lambda: NOW) as store:
            _gather(store, company, world)
    return world


def opened(original: Path, copy: Path) -> Iterator[World]:
    """A copy of a world in a folder of its own, until the fixture that yields from this is done."""
    shutil.copytree(original, copy)
    with EmbeddedChain.open(copy / "chain.db", clock=ticking()) as chain:
        yield reopen(copy, chain)


def _contracts(folder: Path) -> tuple[str, str]:
    registry, log = (folder / "contracts.txt").read_text("ascii").split()
    return registry, log


def _gather(store: Store, company: Company, world: World) -> None:
    """Take everything of a company into the source, its withheld statement left out."""
    source, chain = world.source, world.chain
    for ref in store.find_documents(DocumentKind.PASSPORT, own=True):
        body = store.get_document(DocumentKind.PASSPORT, ref.digest)
        source.put(body)
        document = read_secured(body).document
        stated = document["credentialSubject"]["characteristics"]["carbonPassport"]
        name = str(ref.subject_id).rpartition("/")[2]
        statement = document["credentialSubject"]["performanceClaim"][0]["evidence"][0]["digestMultibase"]
        world.issued[name] = IssuedPassport(
            ref.document_id,
            ref.digest,
            statement,
            stated["total"],
            f"{stated['declaredAmount']} {stated['declaredUnit']}",
            stated["place"]["leafIndex"],
            document["credentialSubject"]["name"],
        )
        body, rows = store.get_document(DocumentKind.STATEMENT, statement), list(store.rows(statement).values())
        world.papers[name] = (body, rows)
        if name != WITHHELD:
            source.statements[statement] = body
            source.rows[statement] = list(rows)
    for ref in store.find_documents(DocumentKind.IMPORTED):
        source.imports[ref.digest] = store.get_document(DocumentKind.IMPORTED, ref.digest)
    for ref in store.find_documents(DocumentKind.TRACEABILITY_EVENT):
        source.deliveries[ref.document_id] = store.get_document(DocumentKind.TRACEABILITY_EVENT, ref.digest)
    for ref in store.find_documents(DocumentKind.DID_DOCUMENT, own=True):
        source.pinned[ref.digest] = store.get_document(DocumentKind.DID_DOCUMENT, ref.digest)
    view = PassportLogView(chain.state(), Address(company.place.log.rpartition(":")[2]))
    log = Log(store.log_entries(company.log_key))
    for checkpoint in store.log_checkpoints(company.log_key):
        assert view.checkpoint(company.issuer_id, checkpoint.root) == checkpoint
        log.checkpoints.append((checkpoint.prev_size, checkpoint.size, checkpoint.root))
    log.entries = log.entries[: log.checkpoints[-1][1]]
    source.logs[company.log_key] = log
    file_binding(source, company, chain)
