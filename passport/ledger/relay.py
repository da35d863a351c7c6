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
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from passport.errors import LedgerError, LedgerUnavailableError, OrderRefusedError, TransactionError
from passport.ledger.account import Account, SignedTransaction
from passport.ledger.chain_id import Address
from passport.ledger.log_writer import CommitOrder, LogWriter, Order
from passport.ledger.order import CommitOrderDocument, StatusOrderDocument, order_bytes, order_of, read_order
from passport.ledger.outbox import DEFAULT_PATIENCE_S
from passport.ledger.passport_log import PassportLogView
from passport.ledger.protocol import Ledger, Receipt
from passport.ledger.raw_transaction import read_transaction
from passport.ledger.relay_client import RelayedState
from passport.ledger.relay_judge import RelayJudge, SignedOrder
from passport.ledger.relay_ports import OrderKind, RelayedOrder, RelayStore
from passport.ledger.transactions import Call, Transactor
from passport.model.keccak import keccak

_GAS_MARGIN_PERCENT = 25
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """What a relay gives at most. Whatever it takes counts, failed orders too.

    Args:
        commits_per_hour: Checkpoints that it takes of one issuer in any hour.
        statuses_per_hour: Statuses that it takes of one issuer in any hour.
        gas_per_day: Gas of all its transactions in any 24 hours; what is not charged yet counts with its limit.
        max_fee_wei_per_gas: The most it bids for a unit of gas; None: what the chain's settings allow.
    """

    commits_per_hour: int
    statuses_per_hour: int
    gas_per_day: int
    max_fee_wei_per_gas: int | None = None


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
        self._log = log
        self._limits = limits
        self._clock = clock
        self._patience_s = patience_s
        self._writer = LogWriter(log, ledger.chain)
        self._transactor = Transactor(ledger, account)

    # --- taking ------------------------------------------------------------------------------------------------------

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
        self._judge.judge(signed)
        with self._store.sending(self._account.address):
            known = self._known(signed) or self._same_under_way(signed)
            if known is not None:
                return known, signed.digest
            relayed = self._sign(signed, order_bytes(document))
            with self._store.transaction():
                self._put_aside(signed.digest)
                self._store.put_relayed(relayed)
            self._send(relayed)
            with suppress(LedgerError):  # it is taken, whether or not the chain can be asked once more
                relayed = self._follow(relayed)
            return relayed, signed.digest

    def find(self, digest: bytes) -> RelayedOrder | None:
        """An order that was taken, as it stood when the chain was last looked at."""
        return self._store.relayed_order(digest)

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
        if other is None or self._follow(other).state is not RelayedState.SUBMITTED:
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
        charged = self._judge.gas_of(signed, account)
        gas = charged * (100 + _GAS_MARGIN_PERCENT) // 100 + 10_000
        order = signed.order
        kind: OrderKind = "commit" if isinstance(order, CommitOrder) else "status"
        self._check_limits(kind, order.issuer_id, gas)
        fees, most = ledger.fees(), self._limits.max_fee_wei_per_gas
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
            signed_at=self._now(),
        )

    def _check_limits(self, kind: OrderKind, issuer_id: str, gas: int) -> None:
        now, limits = self._clock(), self._limits
        allowed = limits.commits_per_hour if kind == "commit" else limits.statuses_per_hour
        hour = self._store.taken_since(now - _HOUR, kind=kind, issuer_id=issuer_id)
        if hour.count >= allowed:
            raise OrderRefusedError(
                "as much was taken of this issuer within an hour as is allowed",
                reason="rate-exceeded",
                expected=f"at most {allowed} orders of kind {kind} an hour",
                found=hour.count,
                retry_after_s=_left(hour.oldest, _HOUR, now),
            )
        if not self._has_left(gas, now):
            day = self._store.taken_since(now - _DAY)
            raise OrderRefusedError(
                "this relay's budget is spent for now",
                reason="budget-spent",
                expected=f"at most {limits.gas_per_day} gas in 24 hours",
                retry_after_s=_left(day.oldest, _DAY, now),
            )

    def _has_left(self, gas: int, now: datetime) -> bool:
        """Whether the day's budget has so much gas left."""
        return self._store.taken_since(now - _DAY).gas + gas <= self._limits.gas_per_day

    # --- following ---------------------------------------------------------------------------------------------------

    def run(self) -> tuple[RelayedOrder, ...]:
        """Follow all that is under way: send again, bid more, sign anew, see what is in the chain.

        Returns:
            Those that were unfinished, as they stand now; call again for what is not final yet.

        Raises:
            LedgerUnavailableError: the chain is out of reach; run again later.
            LedgerError: one of them could not be followed; the others were.
        """
        if not self._store.unfinished_orders():
            return ()
        moved: list[RelayedOrder] = []
        problem: LedgerError | None = None
        with self._store.sending(self._account.address):
            for each in self._store.unfinished_orders():
                try:
                    moved.append(self._push(each))
                except LedgerUnavailableError:
                    raise
                except LedgerError as error:  # holds up no other order
                    problem = problem or error
        if problem is not None:
            raise problem
        return tuple(moved)

    def _push(self, relayed: RelayedOrder) -> RelayedOrder:
        relayed = self._follow(relayed)
        if relayed.state is not RelayedState.SUBMITTED or self._found(relayed) is not None:
            return relayed  # done, or in vain in a block that might still be replaced
        if self._ledger.sealed_nonce(self._account.address) > relayed.transaction.nonce:
            relayed = self._sign_again(relayed)
        elif self._now() - relayed.signed_at >= self._patience_s:
            relayed = self._bid_more(relayed)
        if relayed.state is not RelayedState.SUBMITTED:
            return relayed
        self._send(relayed)
        return self._follow(relayed)

    def _sign_again(self, relayed: RelayedOrder) -> RelayedOrder:
        """Something else has spent the nonce: sign with another, if the order can still get in and limits allow it."""
        account, most = self._account.address, self._limits.max_fee_wei_per_gas
        try:
            signed = self._transactor.prepare(
                self._call(relayed), nonce=max(self._store.next_nonce(account), self._ledger.nonce(account))
            )
        except TransactionError as error:
            return self._keep(replace(relayed, state=RelayedState.FAILED, reason=str(error.found or error.message)))
        except LedgerUnavailableError:
            return relayed  # gas costs more than may be bid: the next run tries again
        bid = read_transaction(signed.raw)
        if most is not None and bid.fees.max_fee_wei_per_gas > most:
            return relayed
        if not self._has_left(bid.gas, self._clock()):
            return relayed
        return self._keep(self._with(relayed, signed))

    def _bid_more(self, relayed: RelayedOrder) -> RelayedOrder:
        """Take the transaction's place with a higher bid; with an empty one when the order can no longer get in."""
        last, most = relayed.transaction, self._limits.max_fee_wei_per_gas
        try:
            try:
                signed = self._transactor.replace(self._call(relayed), last, max_fee_wei_per_gas=most)
            except TransactionError:
                # Those behind it wait for its nonce, so it is spent on nothing.
                empty = Call(self._account.address, b"")
                signed = self._transactor.replace(empty, last, max_fee_wei_per_gas=most)
        except LedgerUnavailableError:
            return relayed  # above the limit: it stays and may still get in
        return self._keep(self._with(relayed, signed))

    def _with(self, relayed: RelayedOrder, signed: SignedTransaction) -> RelayedOrder:
        earlier = relayed.earlier if signed == relayed.transaction else (*relayed.earlier, relayed.transaction)
        added = _limit_of(signed)
        if signed.nonce == relayed.transaction.nonce:  # only one of the two is ever charged
            added = max(0, added - _limit_of(relayed.transaction))
        return replace(relayed, transaction=signed, earlier=earlier, signed_at=self._now(), gas=relayed.gas + added)

    def _follow(self, relayed: RelayedOrder) -> RelayedOrder:
        """Look for whichever of the order's transactions is in a block."""
        found = self._found(relayed)
        if found is None:
            # Not there, or no longer: its block was replaced, and it goes out again.
            return self._keep(replace(relayed, state=RelayedState.SUBMITTED, block_number=None))
        signed, receipt = found
        is_final = self._ledger.final_head().number >= receipt.block_number
        took_effect = receipt.status and read_transaction(signed.raw).to == self._log
        if not is_final:
            state = RelayedState.INCLUDED if took_effect else RelayedState.SUBMITTED
            block = receipt.block_number if took_effect else None
            return self._keep(replace(relayed, state=state, block_number=block))
        gas = relayed.gas - _limit_of(relayed.transaction) + receipt.gas_used
        if took_effect:
            return self._keep(
                replace(relayed, state=RelayedState.FINAL, block_number=receipt.block_number, gas=max(gas, 0))
            )
        return self._keep(
            replace(relayed, state=RelayedState.FAILED, reason=self._why_failed(relayed, receipt), gas=max(gas, 0))
        )

    def _found(self, relayed: RelayedOrder) -> tuple[SignedTransaction, Receipt] | None:
        in_vain: tuple[SignedTransaction, Receipt] | None = None
        for signed in (relayed.transaction, *reversed(relayed.earlier)):
            receipt = self._ledger.receipt(signed.hash)
            if receipt is None:
                continue
            if receipt.status:
                return signed, receipt
            if signed.nonce == relayed.transaction.nonce:
                in_vain = signed, receipt
        return in_vain

    def _why_failed(self, relayed: RelayedOrder, receipt: Receipt) -> str:
        order = order_of(read_order(json.loads(relayed.body)))
        if isinstance(order, CommitOrder):
            held = PassportLogView(self._ledger.state(), self._log).checkpoint(order.issuer_id, order.root)
            if held is not None:
                return "another transaction had brought the checkpoint in"
        return "the transaction was reverted" if not receipt.status else "it could no longer get in"

    def _call(self, relayed: RelayedOrder) -> Call:
        return self._writer.order_call(order_of(read_order(json.loads(relayed.body))))

    def _send(self, relayed: RelayedOrder) -> None:
        # Stored before, so whatever a node says of it the next run sends it again.
        with suppress(TransactionError, LedgerUnavailableError):
            self._ledger.send_raw(relayed.transaction.raw)

    def _keep(self, relayed: RelayedOrder) -> RelayedOrder:
        if self._store.relayed_order(relayed.digest) != relayed:
            self._store.put_relayed(relayed)
        return relayed

    def _now(self) -> int:
        return self._ledger.known_until(self._ledger.head())


def _meaning(order: Order) -> Order:
    """An order without what differs when the same is signed anew."""
    return replace(order, deadline=0, signature=b"")


def _limit_of(signed: SignedTransaction) -> int:
    return read_transaction(signed.raw).gas


def _left(oldest: datetime | None, window: timedelta, now: datetime) -> int:
    """In how many seconds the oldest of what counts has left the window."""
    if oldest is None:
        return int(window.total_seconds())
    return max(1, -int((now - oldest - window).total_seconds()))
