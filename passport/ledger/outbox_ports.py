"""What the outbox stands between: a database that keeps leaves and checkpoints, and the way into the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from passport.ledger.account import SignedTransaction
from passport.ledger.checkpoint import LogCheckpoint, OutboxCheckpoint
from passport.ledger.protocol import Receipt

RELAY_SENDER = "relay:"
"""How the sender of an order for a relay begins; the account that signed it follows."""


@dataclass(frozen=True, slots=True)
class ChainLook:
    """What the chain says of one checkpoint, at one moment.

    Args:
        held: What the contract holds under the checkpoint's root, None: nothing.
        is_final: Whether it is held in a block that can no longer be replaced.
        log_size: Leaves in the issuer's log at the chain's head.
        time: The head's time, unix seconds.
    """

    held: LogCheckpoint | None
    is_final: bool
    log_size: int
    time: int


class CheckpointAnchor(Protocol):
    """The issuer's way to write into the log contract."""

    @property
    def sender(self) -> str:
        """The account that signs, by one name wherever it is used."""
        ...

    def prepare(
        self,
        issuer_id: str,
        prev_size: int,
        root: bytes,
        size: int,
        *,
        min_nonce: int = 0,
        instead_of: SignedTransaction | None = None,
    ) -> SignedTransaction:
        """Sign a commit without sending it; what is signed may never be sent, so no nonce may be remembered for it.

        Args:
            issuer_id: Whose log.
            prev_size: Its size before.
            root: Its new root.
            size: Its new size.
            min_nonce: At least this nonce: those below are signed for, though the chain may not know of them.
            instead_of: A transaction that is in no block: sign with its nonce and bid enough to take its place. Comes
                back as it is where gas costs nothing.

        Raises:
            TransactionError: the contract would refuse it.
            LedgerUnavailableError: the chain cannot be asked right now, or gas costs more than may be bid.
        """
        ...

    def send(self, raw: bytes) -> object:
        """Send a signed transaction; sending the same bytes again is harmless.

        Raises:
            TransactionError: refused; it is not waiting in the chain's pool either. `where` is `nonce`, `fee` or
                `funds` when only that is wrong.
            LedgerUnavailableError: it may or may not have arrived.
        """
        ...

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """The receipt of a transaction, None while it is in no block."""
        ...

    def sealed_nonce(self) -> int:
        """How many transactions of the account are in blocks: a lower nonce is spent."""
        ...

    def look(self, issuer_id: str, root: bytes) -> ChainLook:
        """What the chain says of the checkpoint with this root, all of it as of the same head."""
        ...


@dataclass(frozen=True, slots=True)
class Reservation:
    """The right to fill one leaf.

    Args:
        index: The leaf's index, which goes into the document.
        token: Tells this reservation from any other of the same leaf.
    """

    index: int
    token: bytes


@dataclass(frozen=True, slots=True)
class OpenLeaf:
    """A reserved leaf that is in no checkpoint yet.

    Args:
        index: Its index.
        token: Of the reservation.
        entry: The docHash, None until filled.
    """

    index: int
    token: bytes
    entry: bytes | None


class OutboxStore(Protocol):
    """What the outbox needs of a database. Every method may be called inside `transaction()`."""

    def transaction(self) -> AbstractContextManager[object]:
        """All or nothing, one writer at a time; may be nested."""
        ...

    @property
    def is_in_transaction(self) -> bool:
        """Whether the current thread is inside `transaction()`, so that nothing it does is durable yet."""
        ...

    def sending(self, sender: str) -> AbstractContextManager[object]:
        """One at a time, across threads and processes: who signs and sends with an account; may be nested.

        Raises:
            StoreError: another process did not come to an end with it in time.
        """
        ...

    def next_nonce(self, sender: str) -> int:
        """One more than the highest nonce signed for with this account in checkpoints still `submitted`; else 0."""
        ...

    def open_own_log(self, log_key: str) -> None:
        """Begin a log of our own unless it is there; inside a transaction, keep other writers from it until its end."""
        ...

    def log_size(self, log_key: str) -> int:
        """Leaves in frozen checkpoints."""
        ...

    def open_leaves(self, log_key: str) -> Sequence[OpenLeaf]:
        """Reserved leaves above `log_size`, by index."""
        ...

    def open_leaf(self, log_key: str, index: int) -> OpenLeaf | None:
        """One of them."""
        ...

    def reserve_leaf(self, log_key: str, token: bytes) -> int:
        """Reserve the lowest index not yet taken of a log that was opened, and return it."""
        ...

    def fill_leaf(self, log_key: str, index: int, token: bytes, entry: bytes) -> bool:
        """Set the entry of a leaf reserved with this token; False when there is no such leaf or it is filled.

        Until the transaction ends, no checkpoint may close over the leaf.
        """
        ...

    def freeze(
        self, log_key: str, checkpoint: OutboxCheckpoint, entries: Sequence[bytes], void_nonces: Mapping[int, bytes]
    ) -> None:
        """Append `entries` to the log, drop its open leaves, keep the nonces of the void ones, add the checkpoint."""
        ...

    def outbox(self, log_key: str, *, unfinished: bool = False) -> Sequence[OutboxCheckpoint]:
        """The log's checkpoints by `seq`; `unfinished`: those that are not final."""
        ...

    def outbox_checkpoint(self, log_key: str, seq: int | None = None) -> OutboxCheckpoint | None:
        """One of them; without `seq`, the last."""
        ...

    def advance(self, log_key: str, old: OutboxCheckpoint, new: OutboxCheckpoint) -> bool:
        """Replace `old` by `new`, unless another process has moved it on: then False, and nothing is changed."""
        ...

    def log_entries(self, log_key: str) -> Sequence[bytes]:
        """All frozen entries."""
        ...

    def void_nonce(self, log_key: str, index: int) -> bytes | None:
        """The nonce of a void leaf; None when the leaf is not void."""
        ...
