"""Anchor checkpoints by a relay: the account signs an order, another pays, and the chain alone says what came of it."""

from __future__ import annotations

import json

from passport.errors import TransactionError
from passport.ledger.account import Account, SignedTransaction
from passport.ledger.anchor import look_at
from passport.ledger.chain_id import Address
from passport.ledger.log_writer import CommitOrder, LogWriter, Order
from passport.ledger.order import MIN_LEFT_S, order_bytes, order_document, order_of, read_order
from passport.ledger.outbox_ports import RELAY_SENDER, ChainLook
from passport.ledger.protocol import Ledger, Receipt
from passport.ledger.refusals import refused_by_contract
from passport.ledger.relay_client import RELAY_REFUSES, RelayClient, RelayedState

DEFAULT_LIFETIME_S = 3600
"""How long an order may be included, in seconds of the chain's time: a relay can hold it back for as long."""


class RelayAnchor:
    """A `CheckpointAnchor` that signs orders in place of transactions, and needs no gas.

    An order's place among others is its deadline: one that the chain's time has passed is spent, and another is signed.
    Nothing outbids an order; it is handed in again, which is harmless.

    Args:
        ledger: The chain, by a node of our own.
        account: A bound account with the purpose ANCHOR.
        log: The log contract.
        relay: Who sends and pays.
        lifetime_s: How long an order may be included.
    """

    def __init__(
        self,
        ledger: Ledger,
        account: Account,
        log: Address,
        relay: RelayClient,
        *,
        lifetime_s: int = DEFAULT_LIFETIME_S,
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._log = log
        self._writer = LogWriter(log, ledger.chain)
        self._relay = relay
        self._lifetime_s = lifetime_s

    @property
    def sender(self) -> str:
        """The account's address, marked: it signs orders, and its transactions are counted apart."""
        return RELAY_SENDER + self._account.address

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
        """Sign an order and try it out; nothing is sent.

        Args:
            issuer_id: Whose log.
            prev_size: Its size before.
            root: Its new root.
            size: Its new size.
            min_nonce: Of no account here: orders do not follow each other.
            instead_of: Comes back as it is.

        Raises:
            TransactionError: the contract would refuse it.
            LedgerUnavailableError: the chain cannot be asked right now.
        """
        if instead_of is not None:
            return instead_of
        deadline = now_on(self._ledger) + self._lifetime_s
        signature = self._writer.sign_commit(
            self._account, issuer_id, prev_size=prev_size, root=root, size=size, deadline=deadline
        )
        order = CommitOrder(issuer_id, prev_size, root, size, deadline, self._account.address, signature)
        return prepare_order(self._ledger, self._writer, order, sender=self.sender)

    def send(self, raw: bytes) -> None:
        """Hand in an order; doing so again is harmless.

        Raises:
            TransactionError: the relay refuses it, says it failed, or names a transaction that did not carry it out.
            LedgerUnavailableError: the relay may or may not have taken it.
        """
        order = order_of(read_order(json.loads(raw)))
        if not isinstance(order, CommitOrder):
            raise TransactionError("not an order to commit", where=RELAY_REFUSES)
        answer = self._relay.post(raw, self._writer.order_digest(order))
        if answer.state is RelayedState.FAILED:
            raise TransactionError("the relay says that the order failed", where=RELAY_REFUSES, found=answer.reason)
        if answer.transaction is None:
            return
        receipt = self._ledger.receipt(answer.transaction)
        # A node may have the receipt a moment before it has the block as its newest.
        if receipt is None or self._ledger.head().number < receipt.block_number:
            return
        if self.look(order.issuer_id, order.root).held is not None:
            return
        # In a block, and the log does not hold the checkpoint: whatever the relay says, this is not its commit.
        raise TransactionError(
            "the transaction that the relay names did not commit this checkpoint",
            where=RELAY_REFUSES,
            found="0x" + answer.transaction.hex(),
        )

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """None: an order has no receipt, and a relay's transaction is not ours. `look` says what came of it."""
        del tx_hash
        return None

    def sealed_nonce(self) -> int:
        """The first deadline with which a relay still takes an order: one with an earlier deadline is spent.

        Should it get in after all, the contract refuses the one signed in its place.
        """
        return now_on(self._ledger) + MIN_LEFT_S

    def look(self, issuer_id: str, root: bytes) -> ChainLook:
        """What the contract holds under this root."""
        return look_at(self._ledger, self._log, issuer_id, root)


def now_on(ledger: Ledger) -> int:
    """The chain's time, unix seconds: that of its newest block, or now where blocks come only on demand."""
    return ledger.known_until(ledger.head())


def prepare_order(ledger: Ledger, writer: LogWriter, order: Order, *, sender: str) -> SignedTransaction:
    """Try an order out, and write it down as what is to be sent.

    Args:
        ledger: The chain.
        writer: The log contract's.
        order: The signed order.
        sender: The name of who signed.

    Raises:
        TransactionError: the contract would refuse it.
    """
    call = writer.order_call(order)
    execution = ledger.simulate(order.account, writer.address, call.data)
    if not execution.success:
        raise refused_by_contract("the contract would refuse the order", execution.output, *call.errors)
    raw = order_bytes(order_document(order, chain=ledger.chain, log=writer.address))
    return SignedTransaction(raw, writer.order_digest(order), order.deadline, sender)
