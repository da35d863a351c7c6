"""A small world to measure in: a chain, a registrar, and one company that issues for real."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from passport.credentials import KnownPassphrase, Role
from passport.issuer import IssuedPassport, Issuer
from passport.ledger import Account
from passport.model.inventory import Inventory
from passport.model.party import Party
from passport.store import DocumentKind
from passport.workspace import Workspace, create_chain
from verifier.bundling import make_bundle
from verifier.policy import default_policy
from verifier.report import Report
from verifier.store_source import StoreSource
from verifier.trust import KnownBlock, Trust, TrustedChain

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
"""The moment at which everything in this world happens."""

JUDGED_AT = NOW + timedelta(hours=1)
"""The moment that audits judge."""

_PASSPHRASE = KnownPassphrase(b"benchmarks keep no secrets")
_KDF_PASSES = 1


def now() -> datetime:
    """The clock of this world stands still, so that every run signs the same times."""
    return NOW


class Company:
    """A registered company with bound keys, its store in a file, on a chain of its own.

    Args:
        folder: An empty folder, or one to be made.
    """

    def __init__(self, folder: Path) -> None:
        registrar = _workspace(folder / "registrar", "Registrar", "DE999999990")
        root = Account(registrar.keys().open_account(registrar.keys().active(Role.CONTROLLER), _PASSPHRASE))
        self._chain = create_chain(folder / "chain" / "chain.db", root, registrar.party, clock=now)
        shared = self._chain.model_copy(update={"file": "../chain/chain.db"})
        registrar = Workspace(registrar.folder, registrar.settings.model_copy(update={"chain": shared}), clock=now)
        self.workspace = _workspace(folder / "company", "Company", "DE999999991", chain=folder / "chain" / "chain.json")
        with registrar:
            registrar.register(self.workspace.folder / "registration.json", _PASSPHRASE)
        self.workspace.bind_keys(_PASSPHRASE)
        self.issuer: Issuer = self.workspace.issuer(_PASSPHRASE, accept=lambda upstream: None)

    def __enter__(self) -> Self:
        """The company itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of its files."""
        self.workspace.close()

    def issue(self, inventory: Inventory) -> IssuedPassport:
        """Issue one passport."""
        return self.issuer.issue(inventory)

    def signed(self, issued: IssuedPassport) -> bytes:
        """The signed bytes of a passport."""
        return self.workspace.store.get_document(DocumentKind.PASSPORT, issued.digest)

    def trust(self) -> Trust:
        """What a verifier trusts who knows the chain's newest block."""
        head = self.workspace.ledger.head()
        chain = self._chain
        trusted = TrustedChain(
            chain=chain.chain,
            genesis=chain.genesis,
            registry=chain.registry,
            log=chain.log,
            root_registrars=(chain.root,),
            blocks=(KnownBlock(number=head.number, hash="0x" + head.hash.hex()),),
        )
        return Trust(chains=(trusted,))

    def bundle(self, path: Path, top: IssuedPassport) -> Report:
        """Write the bundle of a passport; everything must be anchored."""
        workspace = self.workspace
        source = StoreSource(workspace.store, workspace.ledger)
        policy, trust = default_policy(), self.trust()
        return make_bundle(path, source, top.digest, trust=trust, ledger=workspace.ledger, policy=policy, at=JUDGED_AT)


def _workspace(folder: Path, name: str, vat: str, *, chain: Path | None = None) -> Workspace:
    party = Party.model_validate(
        {"scheme": "VAT", "identifier": vat, "name": name, "country": "DE", "companyIds": [f"urn:vat:{vat}"]}
    )
    host = f"{name.lower()}.example"
    return Workspace.create(
        folder, clock=now, party=party, host=host, passphrase=_PASSPHRASE, chain=chain, kdf_passes=_KDF_PASSES
    )
