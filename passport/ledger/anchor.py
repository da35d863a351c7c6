"""Anchor checkpoints of one account's issuer in the log contract: what the outbox needs of a chain."""

from __future__ import annotations

from passport.ledger.account import Account, SignedTransaction
from passport.ledger.chain_id import Address
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.log_writer import LogWriter
from passport.ledger.passport_log import PassportLogView
from passport.ledger.protocol import Ledger, Receipt
from passport.ledger.transactions import Transactor


class LedgerAnchor:
    """A `CheckpointAnchor` over any `Ledger`.

    Args:
        ledger: The chain.
        account: A bound account with the purpose ANCHOR.
        log: The log contract.
    """

    def __init__(self, ledger: Ledger, account: Account, log: Address) -> None:
        self._ledger = ledger
        self._log = log
        self._writer = LogWriter(log, ledger.chain)
        self._transactor = Transactor(ledger, account)

    def prepare(self, issuer_id: str, prev_size: int, root: bytes, size: int) -> SignedTransaction:
        """Try a commit out and sign it; nothing is sent.

        Raises:
            TransactionError: the contract would refuse it.
            LedgerUnavailableError: the chain cannot be asked right now.
        """
        return self._transactor.prepare(self._writer.commit(issuer_id, prev_size=prev_size, root=root, size=size))

    def send(self, raw: bytes) -> bytes:
        """Send a signed transaction; sending the same bytes again is harmless. Returns its hash.

        Raises:
            TransactionError: refused.
            LedgerUnavailableError: it may or may not have arrived.
        """
        return self._ledger.send_raw(raw)

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """The receipt of a transaction, None while it is in no block."""
        return self._ledger.receipt(tx_hash)

    def anchored(self, issuer_id: str, root: bytes, *, final: bool = False) -> LogCheckpoint | None:
        """What the contract holds under this root, at the head or (`final`) at the newest final block."""
        block = self._ledger.final_head() if final else self._ledger.head()
        return PassportLogView(self._ledger.state(block), self._log).checkpoint(issuer_id, root)
