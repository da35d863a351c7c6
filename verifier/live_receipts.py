"""Receipts out of a chain in reach: asked for when a ceiling is judged, each block once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from passport.errors import LedgerError
from passport.ledger.chain_id import Address
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.entity import issuer_id_bytes
from passport.ledger.log_events import RANGE_REVOKED, STATUS_SET
from passport.ledger.protocol import BlockRef, Ledger
from passport.ledger.receipt_proof import ReceiptEvidence

MAX_UNANSWERED = 3
"""A node without receipts has none of any checkpoint, and each question may wait half a minute."""

T = TypeVar("T")


class LiveReceipts:
    """A `ReceiptSource` over a chain.

    Args:
        ledger: The chain.
        log: Its log contract.
        as_of: The block that is judged as of: what came later does not count.
    """

    def __init__(self, ledger: Ledger, log: Address, as_of: BlockRef) -> None:
        self._ledger = ledger
        self._log = log
        self._as_of = as_of
        self._blocks: dict[int, tuple[ReceiptEvidence, ...]] = {}
        self._hashes: dict[int, bytes] = {as_of.number: as_of.hash}
        self._scanned: dict[str, tuple[int, list[ReceiptEvidence]]] = {}
        self._refused = 0
        self._problem: LedgerError | None = None

    def commits(self, checkpoint: LogCheckpoint) -> Sequence[ReceiptEvidence]:
        """Those of the log contract in the block that took the checkpoint in."""
        return self._of_block(checkpoint.block_number)

    def statuses(self, issuer_id: str, first_block: int) -> Sequence[ReceiptEvidence]:
        """Those with statuses of the entity's leaves, as far as the chain names their blocks."""
        start, found = self._scanned.get(issuer_id, (self._as_of.number + 1, []))
        if first_block < start:
            topics = (frozenset((STATUS_SET, RANGE_REVOKED)), frozenset((issuer_id_bytes(issuer_id),)))
            blocks = self._ask(
                lambda: self._ledger.blocks_with_events(self._log, topics, first=first_block, last=start - 1)
            )
            found = [*found, *(each for number in blocks for each in self._of_block(number))]
            self._scanned[issuer_id] = first_block, found
        return found

    def is_known(self, block: BlockRef) -> bool:
        """Whether the chain has that block at its height, not after the one that is judged as of."""
        if block.number > self._as_of.number:
            return False
        if block.number not in self._hashes:
            self._hashes[block.number] = self._ask(lambda: self._ledger.block(block.number)).hash
        return self._hashes[block.number] == block.hash

    def used(self, evidence: ReceiptEvidence) -> None:
        """Nothing is kept."""

    def _of_block(self, number: int) -> tuple[ReceiptEvidence, ...]:
        if number not in self._blocks:
            self._blocks[number] = self._ask(lambda: self._ledger.receipts_touching(self._log, number))
        return self._blocks[number]

    def _ask(self, question: Callable[[], T]) -> T:
        """Ask, unless it was refused `MAX_UNANSWERED` times running."""
        if self._problem is not None and self._refused >= MAX_UNANSWERED:
            raise self._problem
        try:
            answer = question()
        except LedgerError as error:
            self._refused, self._problem = self._refused + 1, error
            raise
        self._refused = 0
        return answer
