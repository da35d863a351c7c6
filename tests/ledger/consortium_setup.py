"""A small consortium on an embedded chain, its accounts, and a contract that stores what it is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from passport.ledger import (
    Account,
    AccountPurpose,
    Call,
    Deployment,
    EmbeddedChain,
    IssuerId,
    LogWriter,
    Receipt,
    RegistryWriter,
    Transactor,
)

# LEIs of GLEIF and of Bloomberg Finance L.P., as published by GLEIF; they stand here for a root and an issuer.
ROOT_LEI = "506700GE1G29325QX363"
ISSUER_LEI = "5493001KJTIIGC8Y1R12"
GENESIS_TIME = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
KEY_HASH = sha256(b"z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQXJPt4swbTQ2").digest()
BOTH = AccountPurpose.ANCHOR | AccountPurpose.STATUS


def account(number: int) -> Account:
    """The same account in every run."""
    return Account(number.to_bytes(32, "big"))


@dataclass
class Consortium:
    """A chain with both contracts, a root, an issuer, its bound account and credential key."""

    chain: EmbeddedChain
    place: Deployment
    root: Account
    controller: Account
    anchorer: Account
    stranger: Account
    issuer_id: IssuerId

    @property
    def registry(self) -> RegistryWriter:
        """Calls of the registry."""
        return RegistryWriter(self.place.registry, self.chain.chain)

    @property
    def log(self) -> LogWriter:
        """Calls of the log."""
        return LogWriter(self.place.log, self.chain.chain)

    @property
    def now(self) -> int:
        """Time of the head."""
        return self.chain.head().timestamp

    def send(self, sender: Account, call: Call) -> Receipt:
        """Send one call."""
        return Transactor(self.chain, sender).send(call)

    def bind(self, controller: Account, entity: IssuerId, key: Account, purposes: AccountPurpose = BOTH) -> Receipt:
        """Bind an account with its agreement."""
        signature = self.registry.sign_binding(key, entity, purposes=purposes)
        return self.send(
            controller,
            self.registry.bind_account_key(entity, key.address, purposes=purposes, signature=signature),
        )

    def commit(self, size: int, *, prev_size: int = 0) -> bytes:
        """Commit a checkpoint of the issuer whose root is its size."""
        root = size.to_bytes(32, "big")
        self.send(self.anchorer, self.log.commit(self.issuer_id, prev_size=prev_size, root=root, size=size))
        return root


# Stores calldata[32:64] under the slot calldata[0:32], or, called with 4 bytes, reverts with those; made by hand so
# that a chain can be tested without the compiled contracts.
STORE_CODE = bytes.fromhex("3660041460 0e57 6020355f3555 00 5b 60045f5f37 60045ffd".replace(" ", ""))
STORE_CREATION = bytes.fromhex(f"60{len(STORE_CODE):02x}600a5f39" + f"60{len(STORE_CODE):02x}5ff3") + STORE_CODE


def stored(slot: int, word: int) -> bytes:
    """Calldata for `STORE_CODE`."""
    return slot.to_bytes(32, "big") + word.to_bytes(32, "big")
