"""Two operators, a recycler and a stranger on one chain, and what they sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from passport.credentials import Ed25519Signer, KeyLookup, Role, key_for, read_did_document
from passport.ledger import Address, RegistryView
from passport.ledger_reports import (
    Entity,
    HardwareHandover,
    HardwareReceipt,
    LedgerFootprintReport,
    MeterReading,
    SignedStatement,
    read_statement,
    sign_statement,
)
from passport.sandbox import Sandbox
from passport.store import DocumentKind
from passport.workspace import Workspace

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
KINDS: dict[str, type[Any]] = {
    "carbon-passport/meter-reading/1.0": MeterReading,
    "carbon-passport/hardware-handover/1.0": HardwareHandover,
    "carbon-passport/hardware-receipt/1.0": HardwareReceipt,
    "carbon-passport/ledger-footprint-report/1.0": LedgerFootprintReport,
}


@dataclass
class LedgerWorld:
    """A sandbox with its companies.

    Attributes:
        sandbox: The chain.
        companies: By host name's first word.
    """

    sandbox: Sandbox
    companies: dict[str, Workspace]

    @classmethod
    def build(cls, folder: Path) -> LedgerWorld:
        """Start the chain and register everybody."""
        sandbox = Sandbox.create(folder, clock=lambda: NOW)
        names = {"north": "FI", "south": "SE", "recycler": "DE"}
        made = {
            name: sandbox.company(f"{name.title()} Oy", host=f"{name}.example", country=country)
            for name, country in names.items()
        }
        return cls(sandbox, made)

    @property
    def registry(self) -> RegistryView:
        """The registry at the head of the chain."""
        north = self.companies["north"]
        return RegistryView(north.ledger.state(), Address(self.sandbox.chain.registry))

    @property
    def roots(self) -> list[Address]:
        """The registrars that are trusted."""
        return [Address(self.sandbox.chain.root)]

    @property
    def now(self) -> datetime:
        """The newest block's moment: a burst of blocks runs ahead of the clock."""
        return datetime.fromtimestamp(self.companies["north"].ledger.head().timestamp, UTC)

    def entity(self, name: str) -> Entity:
        """A company as statements name it."""
        return Entity.of(self.companies[name].party)

    def signer(self, name: str) -> Ed25519Signer:
        """A company's credential key."""
        company = self.companies[name]
        ring = company.keys()
        active = ring.active(Role.CREDENTIAL)
        method = f"{company.settings.did}#key-{active.number}"
        return ring.open_signer(active, self.sandbox.passphrase, verification_method=method)

    def lookup(self, name: str) -> KeyLookup:
        """The keys of a company's own DID document."""
        company = self.companies[name]
        did = company.settings.did or ""
        (ref,) = company.store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did)
        body = company.store.get_document(DocumentKind.DID_DOCUMENT, ref.digest)
        return lambda method: key_for(read_did_document(body, did=did), method)

    def sign(self, name: str, statement: Any, *, now: datetime | None = None) -> bytes:
        """A statement signed by a company."""
        company = self.companies[name]
        return sign_statement(
            statement,
            signer=self.signer(name),
            did=company.settings.did or "",
            party=company.party,
            statement_id="urn:uuid:00000000-0000-4000-8000-000000000001",
            now=now or self.now,
        ).body

    def signed(self, name: str, statement: Any, *, now: datetime | None = None) -> SignedStatement[Any]:
        """The same, read back."""
        return read_statement(self.sign(name, statement, now=now), KINDS, key_lookup=self.lookup(name))

    def reading(self, name: str, node: str, kwh: str, **changes: Any) -> MeterReading:
        """A week of a node."""
        return MeterReading.model_validate(
            {
                "signedBy": self.entity(name).to_json(),
                "chain": "ours",
                "node": node,
                "period": {"first": date(2026, 11, 2), "last": date(2026, 11, 8)},
                "kwh": kwh,
                "meter": {"serial": f"EM-{node}", "accuracyPercent": "1", "boundary": "machine"},
                "country": self.companies[name].party.country,
                **changes,
            }
        )

    def handover(self, name: str, *masses: str, **changes: Any) -> HardwareHandover:
        """Machines handed to the recycler."""
        return HardwareHandover.model_validate(
            {
                "signedBy": self.entity(name).to_json(),
                "recycler": self.entity("recycler").to_json(),
                "chain": "ours",
                "day": "2026-11-10",
                "items": [{"kind": "server", "count": 1, "massKg": mass} for mass in masses],
                **changes,
            }
        )

    def receipt(self, name: str, handover: str, masses: tuple[str, str, str], **changes: Any) -> HardwareReceipt:
        """What the recycler says of it: reused, recycled, disposed of."""
        reused, recycled, disposed = masses
        return HardwareReceipt.model_validate(
            {
                "signedBy": self.entity("recycler").to_json(),
                "operator": self.entity(name).to_json(),
                "handover": handover,
                "day": "2026-11-12",
                "reusedKg": reused,
                "recycledKg": recycled,
                "disposedKg": disposed,
                **changes,
            }
        )
