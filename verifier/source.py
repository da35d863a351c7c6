"""Where an audit reads from: the `Source` protocol that bundle, store and HTTP answer.

A source hands out bytes and proofs and is believed in nothing: every answer is checked against a hash, a signature or
the chain's state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.protocol import BlockRef, StateView
from passport.ledger.receipt_proof import ReceiptEvidence
from passport.model.credential import Place
from verifier.trust import TrustedChain


class InclusionEvidence(NamedTuple):
    """The audit path of one leaf in the first checkpoint that covers it."""

    root: bytes
    size: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LogHistory:
    """Checkpoints of one log in order, with the consistency path from each to the next.

    Attributes:
        first_seq: Sequence number of the first one listed (1 is the log's first).
        checkpoints: Root and size of each.
        consistency: One path fewer than checkpoints: from each to the next.
    """

    first_seq: int
    checkpoints: tuple[tuple[bytes, int], ...]
    consistency: tuple[tuple[bytes, ...], ...]


class ReceiptSource(Protocol):
    """Receipts of transactions with a log contract, as of the block that an audit is as of; proofs, from anyone.

    Every method raises `LedgerError` where a chain that is asked cannot say.
    """

    def commits(self, checkpoint: LogCheckpoint) -> Sequence[ReceiptEvidence]:
        """Those in the block that took the checkpoint in: its own and maybe others'."""
        ...

    def statuses(self, issuer_id: str, first_block: int) -> Sequence[ReceiptEvidence]:
        """Those from `first_block` on which say something of an entity's leaves, and maybe others; none twice."""
        ...

    def is_known(self, block: BlockRef) -> bool:
        """Whether a block is the one at its height, by what the audit's block rests on."""
        ...

    def used(self, evidence: ReceiptEvidence) -> None:
        """Called for each receipt that counted, or would if its block were known."""
        ...


class Source(Protocol):
    """Documents and proofs by name; None means that the source does not have it."""

    def passport(self, digest: str) -> bytes | None:
        """The signed passport filed under that digest."""
        ...

    def passports_named(self, passport_id: str) -> Sequence[str]:
        """Digests of every passport filed under that id."""
        ...

    def statement(self, digest: str) -> bytes | None:
        """The footprint statement filed under that digest."""
        ...

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        """The opened rows (`{"row", "salt"}`) of that statement, as far as they are disclosed."""
        ...

    def imported(self, digest: str) -> bytes | None:
        """The imported footprint filed under that digest."""
        ...

    def delivery(self, digest: str) -> bytes | None:
        """The traceability event filed under that digest, in either envelope."""
        ...

    def status_list(self, did: str, url: str) -> bytes | None:
        """The status list that an issuer signs under a URL, in either envelope."""
        ...

    def did_documents(self, did: str) -> Sequence[bytes]:
        """Every DID document filed under that DID, the newest first; anybody may have written any of them."""
        ...

    def pinned_did_document(self, did: str, digest: str) -> bytes | None:
        """The document of that DID with that digest; a version that its passports pin."""
        ...

    def key_binding(self, issuer_id: str, key_hash: bytes) -> bytes | None:
        """The key's own signed statement that it belongs to the issuer."""
        ...

    def inclusion(self, place: Place, entry: bytes) -> InclusionEvidence | None:
        """Proof that `entry` stands at the place's index in the issuer's log."""
        ...

    def history(self, place: Place, first_seq: int) -> LogHistory | None:
        """The issuer's checkpoints from `first_seq` on."""
        ...

    def state(self, chain: TrustedChain) -> StateView | None:
        """The state of that chain at the block the audit is as of."""
        ...

    def receipts(self, chain: TrustedChain) -> ReceiptSource | None:
        """Receipts of that chain's transactions; None where there are none at hand."""
        ...

    def known_until(self, chain: TrustedChain) -> int | None:
        """Up to which moment, unix seconds, that state is known to be the chain's; None: no longer than its block."""
        ...

    def same_product(self, issuer_id: str, subject_id: str) -> Sequence[str]:
        """Digests of every passport of that issuer for that product that the source holds."""
        ...
