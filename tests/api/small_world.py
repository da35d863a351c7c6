"""A world of two companies and an auditor: a maker builds on a supplier's open passport and on one it withholds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from passport.credentials import KnownPassphrase, Role
from passport.issuer import IssuedPassport
from passport.ledger import Account
from passport.model.inventory import Inventory
from passport.model.party import Party
from passport.workspace import Workspace, create_chain
from verifier.trust import Trust, trust_in

BUILT_AT = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
JUDGED_AT = BUILT_AT + timedelta(hours=1)
PASSPHRASE = KnownPassphrase(b"correct horse battery staple")
FOIL, COATING, CELL = (f"https://id.{name}.example/1" for name in ("foil", "coating", "cell"))


OpenService = Callable[..., TestClient]
"""Starts a service over a workspace: its folder, then `trust` and limits by name."""


def judged_at() -> datetime:
    """The moment at which the service of the tests stands."""
    return JUDGED_AT


@dataclass(frozen=True)
class SmallWorld:
    """Folders of everybody's workspaces, the trust file, and what was issued."""

    folder: Path
    trust: Trust
    foil: IssuedPassport
    coating: IssuedPassport
    cell: IssuedPassport

    @property
    def auditor(self) -> Path:
        """Has no keys and all that was published."""
        return self.folder / "auditor"

    @property
    def maker(self) -> Path:
        """Issued the cell."""
        return self.folder / "maker"

    @property
    def supplier(self) -> Path:
        """Issued the foil, openly, and the coating, whose statement it withholds."""
        return self.folder / "supplier"

    @property
    def trust_file(self) -> Path:
        """What the auditor trusts."""
        return self.folder / "trust.json"

    @property
    def chain_file(self) -> Path:
        """The chain itself."""
        return self.folder / "chain" / "chain.db"

    def signed(self, passport: IssuedPassport) -> bytes:
        """A passport's signed bytes as its issuer published them."""
        issuer = self.maker if passport is self.cell else self.supplier
        return (issuer / "public" / "passports" / f"{passport.id.rsplit('/', 1)[1]}.signed.json").read_bytes()


def build(folder: Path) -> SmallWorld:
    """Make the world in a folder; takes about two seconds."""
    clock = _clock()
    registrar = _company(folder / "registrar", "REGISTRAR", clock)
    root = Account(registrar.keys().open_account(registrar.keys().active(Role.CONTROLLER), PASSPHRASE))
    chain = create_chain(folder / "chain" / "chain.db", root, registrar.party, clock=clock)
    chain_file = folder / "chain" / "chain.json"
    registrar.join_chain(chain_file)
    trust = trust_in(chain)
    (folder / "trust.json").write_text(trust.model_dump_json(by_alias=True), encoding="utf-8")
    companies = {name: _company(folder / name, name.upper(), clock) for name in ("supplier", "maker")}
    for company in companies.values():
        company.join_chain(chain_file)
        registrar.register(company.folder / "registration.json", PASSPHRASE)
        company.bind_keys(PASSPHRASE)
    supplier, maker = companies["supplier"], companies["maker"]
    foil, coating = _issue(
        supplier,
        small_inventory(FOIL, [small_direct("smelter", "4.5")]),
        small_inventory(COATING, [small_direct("dryer", "0.5")], "withheld"),
    )
    maker.receive(supplier.public)
    inputs = [small_direct("oven", "1.25"), _passport("foil", FOIL, "2"), _passport("coating", COATING, "0.5")]
    (cell,) = _issue(maker, small_inventory(CELL, inputs))
    auditor = Workspace.create(folder / "auditor", clock=clock, chain=chain_file)
    for company in (supplier, maker):
        auditor.receive(company.public)
    for workspace in (registrar, supplier, maker, auditor):
        workspace.close()
    return SmallWorld(folder, trust, foil, coating, cell)


def _clock() -> Callable[[], datetime]:
    return lambda: BUILT_AT


def _company(folder: Path, name: str, clock: Callable[[], datetime]) -> Workspace:
    party = Party.model_validate(
        {"scheme": "VAT", "identifier": f"DE{name}", "name": f"{name.title()} AG", "country": "DE"}
    )
    return Workspace.create(
        folder, clock=clock, party=party, host=f"{name.lower()}.example", passphrase=PASSPHRASE, kdf_passes=1
    )


def _issue(company: Workspace, *inventories: Inventory) -> list[IssuedPassport]:
    issuer = company.issuer(PASSPHRASE, accept=lambda upstream: None)
    issued = [issuer.issue(inventory) for inventory in inventories]
    issuer.anchor()
    company.publish()
    return issued


def small_inventory(product: str, inputs: list[dict[str, Any]], disclosure: str = "open") -> Inventory:
    """An account of a kilogram of something."""
    name = product.split(".")[1]
    return Inventory.model_validate(
        {
            "format": "carbon-passport/inventory/1.0",
            "product": {
                "id": product,
                "pactIds": [f"urn:pact:{name}.example:product-id:1"],
                "name": f"{name.title()} 箔",
                "description": f"{name.title()} for cells",
                "idScheme": {"id": "https://id.example", "name": "Ids"},
                "granularity": "model",
                "category": [
                    {"code": "464", "name": "Cells", "schemeId": "https://unstats.un.org/", "schemeName": "UN CPC 2.1"}
                ],
            },
            "declaredUnit": "kilogram",
            "declaredAmount": 1,
            "massPerDeclaredUnit": 1,
            "period": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
            "country": "DE",
            "facility": {"id": "https://id.example/plants/1", "name": "Plant 1"},
            "companyIds": [f"urn:pact:{name}.example:company-id:1"],
            "standards": ["ISO14067", "PACT-3.0"],
            "gwp": ["AR6"],
            "boundary": "Cradle to gate",
            "exempted": {"percent": 0, "reason": "Nothing"},
            "carbonContents": {"fossilCarbonContent": 0},
            "packagingEmissionsIncluded": False,
            "coveredQuantity": 1000 if product == CELL else 2000,  # of foil the cells take all
            "disclosure": disclosure,
            "upstreamPublic": True,
            "inputs": inputs,
        }
    )


def small_direct(name: str, kilograms: str) -> dict[str, Any]:
    """An input that burns fuel."""
    return {
        "id": name,
        "kind": "direct",
        "name": f"Fuel burnt in the {name}",
        "stage": "mainProduction",
        "known": "measured",
        "dataQuality": {"technological": 1, "geographical": 1, "temporal": 1},
        "emissions": {"fossilGhgEmissions": kilograms},
    }


def _passport(name: str, product: str, kilograms: str) -> dict[str, Any]:
    return {
        "id": name,
        "kind": "passport",
        "name": name.title(),
        "stage": "rawMaterialAcquisition",
        "known": "measured",
        "quantity": kilograms,
        "unit": "kilogram",
        "product": product,
    }
