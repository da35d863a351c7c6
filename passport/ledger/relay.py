"""A relay: takes orders that issuers signed, pays for transactions that carry them out, and follows these to the end.

    judge -> limits -> sign -> store -> send         an order is stored with its transaction before anybody can send it
    run                                              submitted -> included -> final, or failed

Whatever costs nothing is looked at first. What was taken is kept, so limits hold over restarts, and an order that is
handed in again is answered with what became of it. One process at a time signs and sends with the account. What no
block takes for long is bid more for; once the order itself can no longer get in, an empty transaction takes its place,
so that those behind it do not wait for ever.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from passport.errors import LedgerError, OrderRefusedError
from passport.ledger.account import Account
from passport.ledger.chain_id import Address
from passport.ledger.log_writer import CommitOrder, Order
from passport.ledger.order import CommitOrderDocument, StatusOrderDocument, order_bytes, order_of, read_order
from passport.ledger.outbox import DEFAULT_PATIENCE_S
from passport.ledger.protocol import Ledger
from passport.ledger.relay_client import RelayedState
from passport.ledger.relay_follow import RelayFollower
from passport.ledger.relay_judge import RelayJudge, SignedOrder
from passport.ledger.relay_limits import Budget, RelayLimits
from passport.ledger.relay_ports import OrderKind, RelayedOrder, RelayStore
from passport.ledger.transactions import Transactor
from passport.model.keccak import keccak


class Relay:
    """Carries out orders for one log.

    Args:
        store: Where orders are kept.
        ledger: The chain.
        account: Who pays.
        judge: Judges orders for that log.
        log: The log contract.
        limits: What is given at most.
        clock: The time, aware, UTC.
        patience_s: After how long in no block a transaction is given a higher bid, in seconds of the chain's time.
    """

    def __init__(
        self,
        store: RelayStore,
        ledger: Ledger,
        account: Account,
        judge: RelayJudge,
        *,
        log: Address,
        limits: RelayLimits,
        clock: Callable[[], datetime],
        patience_s: int = DEFAULT_PATIENCE_S,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._account = account
        self._judge = judge
        self._clock = clock
        self._patience_s = patience_s
        self._budget = Budget(store, limits, clock)
        self._transactor = Transactor(ledger, account)
        self._follower = RelayFollower(store, ledger, account, log=log, budget=self._budget, patience_s=patience_s)

    def accept(self, document: CommitOrderDocument | StatusOrderDocument) -> tuple[RelayedOrder, bytes]:
        """Take an order, sign for it and send that; one that was taken before is answered with what became of it.

        Args:
            document: The signed order.

        Returns:
            The order under way, and the digest of the one handed in: another where the same was signed anew.

        Raises:
            OrderRefusedError: it is not taken; nothing was spent.
            LedgerError: the chain cannot be asked right now; nothing was spent.
        """
        signed = self._judge.read(document)
        known = self._known(signed)
        if known is not None:
            return known, signed.digest
        self._judge.judge(signed, wallet_gas=self._budget.limits.wallet_gas)
        with self._store.sending(self._account.address):
            known = self._known(signed) or self._same_under_way(signed)
            if known is not None:
                return known, signed.digest
            relayed = self._sign(signed, order_bytes(document))
            with self._store.transaction():
                self._put_aside(signed.digest)
                self._store.put_relayed(relayed)
            self._follower.send(relayed)
            with suppress(LedgerError):  # it is taken, whether or not the chain can be asked once more
                relayed = self._follower.follow(relayed)
            return relayed, signed.digest

    def find(self, digest: bytes) -> RelayedOrder | None:
        """An order that was taken, as it stood when the chain was last looked at."""
        return self._store.relayed_order(digest)

    def run(self) -> tuple[RelayedOrder, ...]:
        """Follow all that is under way: send again, bid more, sign anew, see what is in the chain.

        Returns:
            Those that were unfinished, as they stand now; call again for what is not final yet.

        Raises:
            LedgerUnavailableError: the chain is out of reach; run again later.
            LedgerError: one of them could not be followed; the others were.
        """
        return self._follower.run()

    def _known(self, signed: SignedOrder) -> RelayedOrder | None:
        known = self._store.relayed_order(signed.digest)
        return None if known is None or known.state is RelayedState.FAILED else known

    def _put_aside(self, digest: bytes) -> None:
        """Keep a failed attempt under a name of its own when its order is taken again: limits count both."""
        failed = self._store.relayed_order(digest)
        if failed is not None:
            self._store.put_relayed(replace(failed, digest=keccak(failed.digest + failed.transaction.hash)))

    def _same_under_way(self, signed: SignedOrder) -> RelayedOrder | None:
        """The order under way in this one's place, if it orders the same; signed anew it has another deadline.

        Raises:
            OrderRefusedError: it orders something else.
        """
        other = self._store.relayed_in_slot(signed.slot)
        if other is None or self._follower.follow(other).state is not RelayedState.SUBMITTED:
            return None  # or its block came since the chain was last looked at
        if _meaning(order_of(read_order(json.loads(other.body)))) == _meaning(signed.order):
            return other
        raise OrderRefusedError(
            "another order of this issuer is under way",
            reason="order-waits",
            found="0x" + other.digest.hex(),
            hint="its state is at /v1/orders/ and that digest: send this one when it is done",
            retry_after_s=self._patience_s,
        )

    def _sign(self, signed: SignedOrder, body: bytes) -> RelayedOrder:
        """Look at cost and limits, and sign a transaction; nothing is stored or sent."""
        account, ledger = self._account.address, self._ledger
        gas = self._judge.gas_limit_of(signed, account)
        order = signed.order
        kind: OrderKind = "commit" if isinstance(order, CommitOrder) else "status"
        self._budget.check(kind, order.issuer_id, gas)
        fees, most = ledger.fees(), self._budget.limits.max_fee_wei_per_gas
        if most is not None and fees.max_fee_wei_per_gas > most:
            raise OrderRefusedError(
                "gas costs more than this relay pays",
                reason="gas-too-dear",
                expected=f"at most {most} wei per gas",
                found=fees.max_fee_wei_per_gas,
                retry_after_s=self._patience_s,
            )
        waiting = sum(each.gas for each in self._store.unfinished_orders())
        if ledger.balance(account) < (gas + waiting) * fees.max_fee_wei_per_gas:
            raise OrderRefusedError(
                "this relay cannot pay at present", reason="relay-cannot-pay", retry_after_s=self._patience_s
            )
        nonce = max(self._store.next_nonce(account), ledger.nonce(account))
        return RelayedOrder(
            digest=signed.digest,
            kind=kind,
            issuer_id=order.issuer_id,
            slot=signed.slot,
            body=body,
            deadline=order.deadline,
            accepted_at=self._clock(),
            state=RelayedState.SUBMITTED,
            gas=gas,
            transaction=self._transactor.prepare(signed.call, nonce=nonce, gas=gas, fees=fees),
            signed_at=self._follower.now(),
        )


def _meaning(order: Order) -> Order:
    """An order without what differs when the same is signed anew."""
    return replace(order, deadline=0, signature=b"")
