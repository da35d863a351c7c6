"""Follow what a relay sent: send again, bid more, sign anew, and see what is in the chain, until it is final or failed.

An order never gets more gas than the limit of the transaction that it was taken with: what needs more by then (an
account that is a contract may change its mind) is not sent again, and an empty transaction takes its place.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

from passport.errors import LedgerError, LedgerUnavailableError, TransactionError
from passport.ledger.account import Account, SignedTransaction
from passport.ledger.chain_id import Address
from passport.ledger.log_writer import CommitOrder, LogWriter, Order
from passport.ledger.order import order_of, read_order
from passport.ledger.passport_log import PassportLogView
from passport.ledger.protocol import Ledger, Receipt
from passport.ledger.raw_transaction import read_transaction
from passport.ledger.refusals import refused_by_contract
from passport.ledger.relay_client import RelayedState
from passport.ledger.relay_limits import Budget
from passport.ledger.relay_ports import RelayedOrder, RelayStore
from passport.ledger.transactions import Call, Transactor


class RelayFollower:
    """Follows the orders of one relay.

    Args:
        store: Where orders are kept.
        ledger: The chain.
        account: Who pays.
        log: The log contract.
        budget: What is given at most.
        patience_s: After how long in no block a transaction is given a higher bid, in seconds of the chain's time.
    """

    def __init__(
        self, store: RelayStore, ledger: Ledger, account: Account, *, log: Address, budget: Budget, patience_s: int
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._account = account
        self._log = log
        self._budget = budget
        self._patience_s = patience_s
        self._writer = LogWriter(log, ledger.chain)
        self._transactor = Transactor(ledger, account)

    def run(self) -> tuple[RelayedOrder, ...]:
        """Follow all that is under way.

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

    def follow(self, relayed: RelayedOrder) -> RelayedOrder:
        """Look for whichever of the order's transactions is in a block, and keep what was seen."""
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
        gas = relayed.gas - limit_of(relayed.transaction) + receipt.gas_used
        if took_effect:
            return self._keep(
                replace(relayed, state=RelayedState.FINAL, block_number=receipt.block_number, gas=max(gas, 0))
            )
        return self._keep(
            replace(relayed, state=RelayedState.FAILED, reason=self._why_failed(relayed, receipt), gas=max(gas, 0))
        )

    def send(self, relayed: RelayedOrder) -> None:
        """Hand its transaction to the chain; it is stored, so whatever a node says the next run sends it again."""
        with suppress(TransactionError, LedgerUnavailableError):
            self._ledger.send_raw(relayed.transaction.raw)

    def now(self) -> int:
        """The chain's time, unix seconds."""
        return self._ledger.known_until(self._ledger.head())

    def _push(self, relayed: RelayedOrder) -> RelayedOrder:
        relayed = self.follow(relayed)
        if relayed.state is not RelayedState.SUBMITTED or self._found(relayed) is not None:
            return relayed  # done, or in vain in a block that might still be replaced
        if self._ledger.sealed_nonce(self._account.address) > relayed.transaction.nonce:
            relayed = self._sign_again(relayed)
        elif self.now() - relayed.signed_at >= self._patience_s:
            relayed = self._bid_more(relayed)
        if relayed.state is not RelayedState.SUBMITTED:
            return relayed
        self.send(relayed)
        return self.follow(relayed)

    def _sign_again(self, relayed: RelayedOrder) -> RelayedOrder:
        """Something else has spent the nonce: sign with another, if the order can still get in and limits allow it."""
        account, most = self._account.address, self._budget.limits.max_fee_wei_per_gas
        try:
            call, gas = self._tried(relayed)
            nonce = max(self._store.next_nonce(account), self._ledger.nonce(account))
            signed = self._transactor.prepare(call, nonce=nonce, gas=gas)
        except TransactionError as error:
            return self._keep(replace(relayed, state=RelayedState.FAILED, reason=str(error.found or error.message)))
        except LedgerUnavailableError:
            return relayed  # gas costs more than may be bid: the next run tries again
        bid = read_transaction(signed.raw)
        if most is not None and bid.fees.max_fee_wei_per_gas > most:
            return relayed
        if not self._budget.has_left(bid.gas):
            return relayed
        return self._keep(self._with(relayed, signed))

    def _bid_more(self, relayed: RelayedOrder) -> RelayedOrder:
        """Take the transaction's place with a higher bid; with an empty one when the order can no longer get in."""
        last, most = relayed.transaction, self._budget.limits.max_fee_wei_per_gas
        try:
            try:
                call, gas = self._tried(relayed)
                signed = self._transactor.replace(call, last, gas=gas, max_fee_wei_per_gas=most)
            except TransactionError:
                # Those behind it wait for its nonce, so it is spent on nothing.
                empty = Call(self._account.address, b"")
                signed = self._transactor.replace(empty, last, max_fee_wei_per_gas=most)
        except LedgerUnavailableError:
            return relayed  # above the limit: it stays and may still get in
        return self._keep(self._with(relayed, signed))

    def _tried(self, relayed: RelayedOrder) -> tuple[Call, int]:
        """The order's call and its gas limit, after trying it out once more within that limit.

        Raises:
            TransactionError: it would fail now.
        """
        call = self._writer.order_call(_order(relayed))
        sent = (read_transaction(each.raw) for each in (relayed.transaction, *relayed.earlier))
        gas = max(each.gas for each in sent if each.to == self._log)
        execution = self._ledger.simulate(self._account.address, call.to, call.data, gas=gas)
        if not execution.success:
            raise refused_by_contract("the contract would refuse the order", execution.output, *call.errors)
        return call, gas

    def _with(self, relayed: RelayedOrder, signed: SignedTransaction) -> RelayedOrder:
        earlier = relayed.earlier if signed == relayed.transaction else (*relayed.earlier, relayed.transaction)
        added = limit_of(signed)
        if signed.nonce == relayed.transaction.nonce:  # only one of the two is ever charged
            added = max(0, added - limit_of(relayed.transaction))
        return replace(relayed, transaction=signed, earlier=earlier, signed_at=self.now(), gas=relayed.gas + added)

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
        order = _order(relayed)
        if isinstance(order, CommitOrder):
            held = PassportLogView(self._ledger.state(), self._log).checkpoint(order.issuer_id, order.root)
            if held is not None:
                return "another transaction had brought the checkpoint in"
        return "the transaction was reverted" if not receipt.status else "it could no longer get in"

    def _keep(self, relayed: RelayedOrder) -> RelayedOrder:
        if self._store.relayed_order(relayed.digest) != relayed:
            self._store.put_relayed(relayed)
        return relayed


def limit_of(signed: SignedTransaction) -> int:
    """The gas limit of a transaction."""
    return read_transaction(signed.raw).gas


def _order(relayed: RelayedOrder) -> Order:
    return order_of(read_order(json.loads(relayed.body)))
