"""A small world to issue in: a chain, a registrar, and three registered companies, all real, on a clock of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from passport.credentials import Role
from passport.credentials.passphrases import KnownPassphrase
from passport.issuer import Accept, IssuedPassport, Issuer
from passport.ledger import Account
from passport.model.footprint import UpstreamFacts
from passport.model.inventory import Inventory
from passport.model.party import Party
from passport.workspace import Workspace, create_chain

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SECRET = KnownPassphrase(b"correct horse battery")
COMPANIES = {"beans": "999900KITANAMI000191", "mill": "999900NOEULELY000122", "rival": "999900FJELLVIK000155"}
REGISTRAR = "999900NORTHQUA000161"


@dataclass
class MovableClock:
    """A clock that stands still until it is set."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Another moment for a while."""
        before, self.now = self.now, moment
        try:
            yield
        finally:
            self.now = before


def party(name: str, identifier: str) -> Party:
    return Party.model_validate({"scheme": "LEI", "identifier": identifier, "name": name.title(), "country": "NL"})


def accept_all(_: UpstreamFacts) -> None:
    """Builds on anything: judging is the verifier's, and tried there."""


@dataclass
class World:
    """Everything, with a supply of product names that nobody has used."""

    folder: Path
    clock: MovableClock = field(default_factory=MovableClock)
    companies: dict[str, Workspace] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    def create(cls, folder: Path) -> World:
        world = cls(folder)
        registrar = Workspace.create(
            folder / "registrar",
            clock=world.clock,
            party=party("registrar", REGISTRAR),
            host="registrar.example",
            passphrase=SECRET,
            kdf_passes=1,
        )
        keys = registrar.keys()
        root = Account(keys.open_account(keys.active(Role.CONTROLLER), SECRET))
        chain = create_chain(world.chain_file, root, registrar.party, clock=world.clock)
        settings = registrar.settings.model_copy(
            update={"chain": chain.model_copy(update={"file": "../chain/chain.db"})}
        )
        with Workspace(registrar.folder, settings, clock=world.clock) as registrar:
            for name, identifier in COMPANIES.items():
                company = world.company(name, identifier)
                registrar.register(company.folder / "registration.json", SECRET)
                company.bind_keys(SECRET)
        return world

    @property
    def chain_file(self) -> Path:
        return self.folder / "chain" / "chain.db"

    @property
    def chain_settings(self) -> Path:
        return self.folder / "chain" / "chain.json"

    def company(self, name: str, identifier: str) -> Workspace:
        """A company's workspace, not yet registered."""
        self.companies[name] = Workspace.create(
            self.folder / name,
            clock=self.clock,
            party=party(name, identifier),
            host=f"{name}.example",
            passphrase=SECRET,
            chain=self.chain_settings,
            kdf_passes=1,
        )
        return self.companies[name]

    @property
    def beans(self) -> Workspace:
        return self.companies["beans"]

    @property
    def mill(self) -> Workspace:
        return self.companies["mill"]

    @property
    def rival(self) -> Workspace:
        return self.companies["rival"]

    def issuer(self, company: Workspace, *, accept: Accept = accept_all) -> Issuer:
        return company.issuer(SECRET, accept=accept)

    def product(self) -> str:
        """The id of a product that nobody has spoken of."""
        return f"https://id.example/products/{next(self._numbers)}"

    def sell(self, **changes: Any) -> tuple[str, IssuedPassport]:
        """A new product of the bean grower with its passport, received by the mill: 2 kg CO2e per kg."""
        product = self.product()
        issuer = self.issuer(self.beans)
        issued = issuer.issue(inventory(product, **changes))
        issuer.anchor()
        self.beans.publish()
        self.mill.receive(self.beans.public)
        return product, issued

    def auditor(self, folder: Path) -> Workspace:
        """Somebody without keys who knows the chain."""
        return Workspace.create(folder, clock=self.clock, chain=self.chain_settings)

    def close(self) -> None:
        for company in self.companies.values():
            company.close()


def direct(**emissions: str) -> dict[str, Any]:
    """Emissions of its own; fossil unless named."""
    stated = emissions or {"fossilGhgEmissions": "2"}
    return {
        "id": "own",
        "kind": "direct",
        "name": "Own emissions",
        "stage": "mainProduction",
        "known": "measured",
        "emissions": stated,
    }


def bought(quantity: str = "1.5", *, unit: str = "kilogram", **reference: str) -> dict[str, Any]:
    """A quantity of an upstream product."""
    return {
        "id": "bought",
        "kind": "passport",
        "name": "Bought",
        "stage": "rawMaterialAcquisition",
        "known": "measured",
        "quantity": quantity,
        "unit": unit,
        **reference,
    }


def inventory(product: str, *inputs: dict[str, Any], **changes: Any) -> Inventory:
    """An inventory of 1 kg of a product; without inputs it emits 2 kg CO2e itself."""
    document = {
        "format": "carbon-passport/inventory/1.0",
        "product": {
            "id": product,
            "pactIds": [f"urn:pact:example:product-id:{product.rpartition('/')[2]}"],
            "name": f"Product {product.rpartition('/')[2]}",
            "description": "For tests",
            "idScheme": {"id": "https://id.example", "name": "Example"},
            "granularity": "model",
            "category": [{"code": "1", "name": "x", "schemeId": "https://x.example/", "schemeName": "x"}],
        },
        "declaredUnit": "kilogram",
        "declaredAmount": "1",
        "massPerDeclaredUnit": "1",
        "period": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        "country": "NL",
        "facility": {"id": "https://id.example/plants/1", "name": "Plant 1"},
        "standards": ["PACT-3.0"],
        "gwp": ["AR6"],
        "boundary": "Cradle to gate",
        "exempted": {"percent": "0", "reason": "Nothing"},
        "carbonContents": {"fossilCarbonContent": "0"},
        "packagingEmissionsIncluded": False,
        "coveredQuantity": "1000",
        "inputs": list(inputs) or [direct()],
    }
    return Inventory.model_validate(document | changes)
