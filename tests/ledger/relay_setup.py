"""A relay over the consortium's chain, and orders for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from consortium_setup import GENESIS_TIME, Consortium, account

from passport.ledger import Account, CommitOrder, StatusKind, StatusOrder
from passport.ledger.order import CommitOrderDocument, StatusOrderDocument, order_document
from passport.ledger.protocol import Ledger
from passport.ledger.relay import Relay
from passport.ledger.relay_judge import RelayJudge
from passport.ledger.relay_limits import RelayLimits
from passport.ledger.relay_ports import RelayedOrder
from passport.store import Store

PAYER = account(77)
PLENTY = RelayLimits(commits_per_hour=100, statuses_per_hour=100, gas_per_day=10**9)


@dataclass
class Relaying:
    """A relay that a test starts, stops and feeds."""

    consortium: Consortium
    store: Store
    now: datetime = GENESIS_TIME
    ledger: Ledger | None = None
    limits: RelayLimits = field(default=PLENTY)

    @property
    def relay(self) -> Relay:
        """A relay as it is after a restart: nothing is kept but what is stored."""
        ledger, place = self.ledger or self.consortium.chain, self.consortium.place
        judge = RelayJudge(ledger, log=place.log, registry=place.registry, root=self.consortium.root.address)
        return Relay(
            self.store,
            ledger,
            PAYER,
            judge,
            log=place.log,
            limits=self.limits,
            clock=lambda: self.now,
            patience_s=60,
        )

    def later(self, **time: int) -> None:
        """Let the relay's clock go on."""
        self.now += timedelta(**time)

    def commit(self, size: int = 256, *, prev_size: int = 0, by: Account | None = None, **changes: Any) -> CommitOrder:
        """A signed order to commit a checkpoint whose root is its size."""
        signer = by or self.consortium.anchorer
        terms: dict[str, Any] = {
            "prev_size": prev_size,
            "root": size.to_bytes(32, "big"),
            "size": size,
            "deadline": self.consortium.now + 600,
            **changes,
        }
        signature = self.consortium.log.sign_commit(signer, self.consortium.issuer_id, **terms)
        return CommitOrder(self.consortium.issuer_id, account=signer.address, signature=signature, **terms)

    def status(self, index: int, kind: StatusKind, *, nonce: int = 0, by: Account | None = None) -> StatusOrder:
        """A signed order to say something of an entry."""
        signer, deadline = by or self.consortium.anchorer, self.consortium.now + 600
        issuer_id = self.consortium.issuer_id
        signature = self.consortium.log.sign_status(signer, issuer_id, index, kind, nonce=nonce, deadline=deadline)
        return StatusOrder(issuer_id, index, kind, 0, bytes(32), nonce, deadline, signer.address, signature)

    def document(self, order: CommitOrder | StatusOrder) -> CommitOrderDocument | StatusOrderDocument:
        """An order as it travels."""
        return order_document(order, chain=self.consortium.chain.chain, log=self.consortium.place.log)

    def accept(self, order: CommitOrder | StatusOrder) -> RelayedOrder:
        """Hand an order in."""
        return self.relay.accept(self.document(order))[0]

    def sent(self) -> int:
        """How many transactions the relay's account has in blocks."""
        return self.consortium.chain.sealed_nonce(PAYER.address)


def changed(order: CommitOrder, **members: Any) -> CommitOrder:
    """An order in which somebody has changed something."""
    return replace(order, **members)
