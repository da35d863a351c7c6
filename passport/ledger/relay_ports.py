"""What a relay keeps of each order that it has taken, and the database it keeps it in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from passport.ledger.account import SignedTransaction
from passport.ledger.relay_client import RelayedState

OrderKind = Literal["commit", "status"]


@dataclass(frozen=True, slots=True)
class RelayedOrder:
    """One order on its way to the chain.

    Args:
        digest: Its EIP-712 digest, 32 bytes: its name.
        kind: What is ordered.
        issuer_id: For whom.
        slot: What one order at a time may be under way for: the next checkpoint of a log, the next nonce of a lane.
        body: The order document.
        deadline: The last second (unix) in which it may be included.
        accepted_at: When it was taken, UTC.
        state: How far it has come.
        gas: What it counts against the budget: the limits of its transactions, and what was charged once that is known.
        transaction: What was signed for it last.
        signed_at: The chain's time when that was, unix seconds.
        earlier: What was signed for it before, oldest first.
        block_number: The block that holds it, from `included` on.
        reason: Why it failed, if it did.
    """

    digest: bytes
    kind: OrderKind
    issuer_id: str
    slot: str
    body: bytes
    deadline: int
    accepted_at: datetime
    state: RelayedState
    gas: int
    transaction: SignedTransaction
    signed_at: int
    earlier: tuple[SignedTransaction, ...] = ()
    block_number: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken since a moment.

    Args:
        count: How many orders.
        gas: What they count against the budget.
        oldest: When the first of them was taken; None: there is none.
    """

    count: int
    gas: int
    oldest: datetime | None


class RelayStore(Protocol):
    """What a relay needs of a database."""

    def transaction(self) -> AbstractContextManager[object]:
        """All or nothing, one writer at a time; may be nested."""
        ...

    def sending(self, sender: str) -> AbstractContextManager[object]:
        """One at a time, across threads and processes: who signs and sends with an account; may be nested."""
        ...

    def next_nonce(self, sender: str) -> int:
        """One more than the highest nonce signed for with this account in what is not in a block yet; else 0."""
        ...

    def relayed_order(self, digest: bytes) -> RelayedOrder | None:
        """One order."""
        ...

    def relayed_in_slot(self, slot: str) -> RelayedOrder | None:
        """The order for a slot that is in no block yet, as far as is known."""
        ...

    def unfinished_orders(self) -> Sequence[RelayedOrder]:
        """Orders that are neither final nor failed, by the nonces of their transactions."""
        ...

    def taken_since(self, moment: datetime, *, kind: OrderKind | None = None, issuer_id: str | None = None) -> Taken:
        """What was taken since a moment, failed orders among it; of one kind, for one issuer."""
        ...

    def put_relayed(self, order: RelayedOrder) -> None:
        """Store an order, in the place of an earlier state of it."""
        ...
