"""Keep the receipts that counted in an audit, as a bundle writes them and within what its readers take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.proofs import block_of_header
from passport.ledger.protocol import BlockRef
from passport.ledger.receipt_proof import ReceiptEvidence
from verifier import bundle_receipts
from verifier.bundle_receipts import receipt_key, receipt_payload
from verifier.source import ReceiptSource


@dataclass
class KeptReceipts:
    """Receipts for a bundle.

    Attributes:
        lines: Its lines by key.
        headers: Headers of their blocks by height.
    """

    lines: dict[str, bytes] = field(default_factory=dict)
    headers: dict[int, bytes] = field(default_factory=dict)
    _bytes: int = 0

    def keep(self, evidence: ReceiptEvidence) -> None:
        """Keep one, unless no reader would take so many: what is not kept stays bounded."""
        key, payload = receipt_key(evidence), receipt_payload(evidence)
        total = self._bytes + len(payload)
        if key in self.lines or len(self.lines) >= bundle_receipts.MAX_RECEIPTS:
            return
        if total > bundle_receipts.MAX_RECEIPT_TEXT_BYTES:
            return
        self._bytes = total
        self.lines[key] = payload
        self.headers[block_of_header(evidence.header_rlp).number] = evidence.header_rlp


class RecordingReceipts:
    """A `ReceiptSource` whose receipts are kept when they count.

    Args:
        inner: The source behind it.
        kept: Where they are kept.
    """

    def __init__(self, inner: ReceiptSource, kept: KeptReceipts) -> None:
        self._inner = inner
        self._kept = kept

    def commits(self, checkpoint: LogCheckpoint) -> Sequence[ReceiptEvidence]:
        """Those in the block that took the checkpoint in."""
        return self._inner.commits(checkpoint)

    def statuses(self, issuer_id: str, first_block: int) -> Sequence[ReceiptEvidence]:
        """Those with statuses of the entity's leaves."""
        return self._inner.statuses(issuer_id, first_block)

    def is_known(self, block: BlockRef) -> bool:
        """Whether a block is the one at its height."""
        return self._inner.is_known(block)

    def used(self, evidence: ReceiptEvidence) -> None:
        """Keep it."""
        self._inner.used(evidence)
        self._kept.keep(evidence)
