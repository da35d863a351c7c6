"""A chain on disk with its registrar, and companies registered on it: to try things out without asking anybody.

    sandbox = Sandbox.create(Path("sandbox"))
    mill = sandbox.company("Mill", host="mill.example", country="FI")
    issuer = mill.issuer(sandbox.passphrase, accept=...)

Keys, signatures, contracts and proofs are what they are anywhere else. What is missing is a reason to trust it: one
person holds every key, including the registrar's, and one random passphrase, kept in memory only, opens them all.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from passport.credentials import KnownPassphrase, Role
from passport.credentials.passphrases import Passphrase
from passport.ledger import Account
from passport.model.party import Party, Scheme
from passport.workspace import CHAIN_FILE, REGISTRATION_FILE, ChainSettings, Clock, Workspace, create_chain

_KDF_PASSES = 1
_REGISTRAR = "ZZSANDBOX.REGISTRAR"


def system_clock() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


class Sandbox:
    """A folder with a local chain, its registrar and everybody's workspaces.

    Args:
        folder: Where it is.
        registrar: The workspace of the root registrar.
        passphrase: Opens everybody's keys.
        clock: The time, aware, UTC.
    """

    def __init__(self, folder: Path, *, registrar: Workspace, passphrase: Passphrase, clock: Clock) -> None:
        self.folder = folder
        self.registrar = registrar
        self.passphrase = passphrase
        self._clock = clock
        self._opened = [registrar]

    @classmethod
    def create(cls, folder: Path, *, clock: Clock | None = None) -> Self:
        """Start a chain with both contracts and a root registrar.

        Args:
            folder: Where; must not hold a sandbox yet.
            clock: The time, aware, UTC; the machine's by default.

        Raises:
            ConflictError: There is one already.
            LedgerError: The embedded chain cannot be started, for example because the extra `chain` is missing.
        """
        time = clock or system_clock
        passphrase = KnownPassphrase(secrets.token_urlsafe(24).encode())
        registrar = Workspace.create(
            folder / "registrar",
            clock=time,
            party=_party("Sandbox registrar", _REGISTRAR, "ZZ"),
            host="registrar.example",
            passphrase=passphrase,
            kdf_passes=_KDF_PASSES,
        )
        ring = registrar.keys()
        root = Account(ring.open_account(ring.active(Role.CONTROLLER), passphrase))
        create_chain(folder / "chain" / "chain.db", root, registrar.party, clock=time)
        registrar.join_chain(folder / "chain" / CHAIN_FILE)
        return cls(folder, registrar=registrar, passphrase=passphrase, clock=time)

    @property
    def chain(self) -> ChainSettings:
        """How its chain is reached: what a trust file for this sandbox names."""
        return self.registrar.chain

    def company(self, name: str, *, host: str, country: str, identifier: str | None = None) -> Workspace:
        """Make a company's workspace, register the company, and bind its keys.

        Args:
            name: The company's name.
            host: Its web host, which makes its DID; its workspace's folder goes by it too.
            country: Two letters.
            identifier: Its EUID; without it one of the country code ZZ, which is nobody's, is made up.

        Raises:
            ConflictError: The host is taken.
            LedgerError: Not an EUID.
            TransactionError: The identifier is registered already.
        """
        workspace = Workspace.create(
            self.folder / host,
            clock=self._clock,
            party=_party(name, identifier or f"ZZSANDBOX.{len(self._opened)}", country),
            host=host,
            passphrase=self.passphrase,
            chain=self.folder / "chain" / CHAIN_FILE,
            kdf_passes=_KDF_PASSES,
        )
        self._opened.append(workspace)
        self.registrar.register(workspace.folder / REGISTRATION_FILE, self.passphrase)
        workspace.bind_keys(self.passphrase)
        return workspace

    def auditor(self, name: str = "auditor") -> Workspace:
        """Make a workspace without legal entity and keys, which can only read and judge."""
        workspace = Workspace.create(self.folder / name, clock=self._clock, chain=self.folder / "chain" / CHAIN_FILE)
        self._opened.append(workspace)
        return workspace

    def close(self) -> None:
        """Let go of every workspace."""
        while self._opened:
            self._opened.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _party(name: str, identifier: str, country: str) -> Party:
    return Party(scheme=Scheme.EUID, identifier=identifier, name=name, country=country)
