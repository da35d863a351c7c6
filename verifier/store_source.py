"""A company's store and chain as the source of an audit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from passport.ledger.checkpoint import LogCheckpoint, log_key
from passport.ledger.merkle import MerkleLog
from passport.ledger.protocol import Ledger, StateView
from passport.model.credential import Place
from passport.model.digest import Digest
from passport.store import DocumentKind, Store
from verifier.source import InclusionEvidence, LogHistory
from verifier.trust import TrustedChain

_MANY = 10_000


class StoreSource:
    """Reads documents and logs from a store and the state from a chain.

    Args:
        store: Where documents and logs are kept.
        ledger: The chain, or None when none is in reach.
        block_number: Judge as of this block instead of the newest final one.
    """

    def __init__(self, store: Store, ledger: Ledger | None, *, block_number: int | None = None) -> None:
        self._store = store
        self._ledger = ledger
        self._block_number = block_number
        self._logs: dict[str, tuple[MerkleLog, list[LogCheckpoint]]] = {}

    def passport(self, digest: str) -> bytes | None:
        """The signed passport filed under that digest."""
        return self._document(DocumentKind.PASSPORT, digest)

    def passports_named(self, passport_id: str) -> Sequence[str]:
        """Digests of every passport filed under that id."""
        refs = self._store.find_documents(DocumentKind.PASSPORT, document_id=passport_id, limit=_MANY)
        return [ref.digest for ref in refs]

    def statement(self, digest: str) -> bytes | None:
        """The footprint statement filed under that digest."""
        return self._document(DocumentKind.STATEMENT, digest)

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        """The opened rows of that statement, as far as they are stored."""
        return list(self._store.rows(Digest(statement_digest)).values())

    def imported(self, digest: str) -> bytes | None:
        """The imported footprint filed under that digest."""
        return self._document(DocumentKind.IMPORTED, digest)

    def did_document(self, did: str) -> bytes | None:
        """The newest DID document stored for that DID."""
        return self._newest(DocumentKind.DID_DOCUMENT, did)

    def key_binding(self, issuer_id: str, key_hash: bytes) -> bytes | None:
        """The key's own signed statement that it belongs to the issuer."""
        return self._newest(DocumentKind.KEY_BINDING, f"{issuer_id}:{key_hash.hex()}")

    def inclusion(self, place: Place, entry: bytes) -> InclusionEvidence | None:
        """Proof that the log holds what it holds at the place's index, in the first checkpoint that covers it."""
        log, checkpoints = self._log(place)
        for checkpoint in checkpoints:
            if checkpoint.prev_size <= place.leaf_index < checkpoint.size <= len(log):
                path = log.inclusion_proof(place.leaf_index, checkpoint.size)
                return InclusionEvidence(checkpoint.root, checkpoint.size, path)
        return None

    def history(self, place: Place, first_seq: int) -> LogHistory | None:
        """The issuer's stored checkpoints from `first_seq` on, without a gap, with consistency paths."""
        log, checkpoints = self._log(place)
        kept: list[LogCheckpoint] = []
        for checkpoint in checkpoints:
            if checkpoint.seq == first_seq + len(kept) and checkpoint.size <= len(log):
                kept.append(checkpoint)
        if not kept:
            return None
        return LogHistory(
            first_seq=first_seq,
            checkpoints=tuple((checkpoint.root, checkpoint.size) for checkpoint in kept),
            consistency=tuple(log.consistency_proof(old.size, new.size) for old, new in pairwise(kept)),
        )

    def state(self, chain: TrustedChain) -> StateView | None:
        """The state of the chain if it is the one in reach."""
        if self._ledger is None:
            return None
        reached = self._ledger.chain
        if (reached.caip2, reached.genesis_hash) != (chain.chain, chain.genesis):
            return None
        if self._block_number is not None:
            return self._ledger.state(self._ledger.block(self._block_number))
        return self._ledger.state(self._ledger.final_head())

    def same_product(self, issuer_id: str, subject_id: str) -> Sequence[str]:
        """Digests of every stored passport of that issuer for that product."""
        refs = self._store.find_documents(
            DocumentKind.PASSPORT, issuer_id=issuer_id, subject_id=subject_id, limit=_MANY
        )
        return [ref.digest for ref in refs]

    def _document(self, kind: DocumentKind, digest: str) -> bytes | None:
        return self._store.documents(kind, [Digest(digest)]).get(Digest(digest))

    def _newest(self, kind: DocumentKind, document_id: str) -> bytes | None:
        refs = self._store.find_documents(kind, document_id=document_id, limit=_MANY)
        return self._store.get_document(kind, refs[-1].digest) if refs else None

    def _log(self, place: Place) -> tuple[MerkleLog, list[LogCheckpoint]]:
        key = log_key(place.log, place.issuer_id)
        if key not in self._logs:
            self._logs[key] = (self._store.merkle_log(key), self._store.log_checkpoints(key))
        return self._logs[key]
