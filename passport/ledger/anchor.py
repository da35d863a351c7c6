"""Anchor checkpoints of one account's issuer in the log contract: what the outbox needs of a chain."""

from __future__ import annotations

from passport.ledger.account import Account, SignedTransaction
from passport.ledger.chain_id import Address
from passport.ledger.log_writer import LogWriter
from passport.ledger.outbox_ports import ChainLook
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

    @property
    def sender(self) -> str:
        """The account's address."""
        return self._transactor.account.address

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
        """Try a commit out and sign it; nothing is sent.

        Raises:
            TransactionError: the contract would refuse it.
            LedgerUnavailableError: the chain cannot be asked right now, or gas costs more than may be bid.
        """
        call = self._writer.commit(issuer_id, prev_size=prev_size, root=root, size=size)
        if instead_of is not None:
            return self._transactor.replace(call, instead_of)
        return self._transactor.prepare(
            call, nonce=max(min_nonce, self._ledger.nonce(self._transactor.account.address))
        )

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

    def sealed_nonce(self) -> int:
        """How many transactions of the account are in blocks."""
        return self._ledger.sealed_nonce(self._transactor.account.address)

    def look(self, issuer_id: str, root: bytes) -> ChainLook:
        """What the contract holds under this root."""
        return look_at(self._ledger, self._log, issuer_id, root)


def look_at(ledger: Ledger, log: Address, issuer_id: str, root: bytes) -> ChainLook:
    """What the contract holds under a root: in its state after two blocks, each named by its hash.

    Args:
        ledger: The chain.
        log: The log contract.
        issuer_id: Whose log.
        root: The checkpoint's root.
    """
    head, final = ledger.head(), ledger.final_head()
    if final.number >= head.number:  # where blocks are final at once, one may have come between the two questions
        head = final
    view = PassportLogView(ledger.state(head), log)
    place, held = view.head(issuer_id), view.checkpoint(issuer_id, root)
    # Final only if the head agrees: should a final block have been replaced after all, that must be seen.
    is_final = held is not None and (
        final.hash == head.hash or held == PassportLogView(ledger.state(final), log).checkpoint(issuer_id, root)
    )
    return ChainLook(held, is_final, place.size if place else 0, head.timestamp)
