"""A company's store and chain as the source of an audit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from passport.credentials import read_key_binding, verify_key_binding
from passport.errors import LedgerUnavailableError, PassportError, UsageError
from passport.filing import find_events, newest_status_list, pinned_did_document
from passport.ledger.chain_id import Address
from passport.ledger.checkpoint import LogCheckpoint, log_key
from passport.ledger.merkle import MerkleLog
from passport.ledger.protocol import BlockRef, Ledger, StateView
from passport.ledger.providers import Disagreement, ProviderQuorum
from passport.model.credential import Place
from passport.model.digest import Digest
from passport.store import DocumentKind, DocumentRef, Store
from passport.store.documents import MAX_PAGE
from verifier.live_receipts import LiveReceipts
from verifier.outcome import Note, Severity, time_words
from verifier.report import Report
from verifier.source import InclusionEvidence, LogHistory
from verifier.trust import TrustedChain

MAX_DISAGREEMENTS_NOTED = 10
"""A provider that lies lies in every word; the first few show who it is."""


class StoreSource:
    """Reads documents and logs from a store and the state from a chain.

    Args:
        store: Where documents and logs are kept.
        ledger: The chain, or None when none is in reach.
        block_number: Judge as of this block instead of the newest final one.
        problem: Why the chain is out of reach, where it is: what needs it is unknown for that reason.
    """

    def __init__(
        self,
        store: Store,
        ledger: Ledger | None,
        *,
        block_number: int | None = None,
        problem: LedgerUnavailableError | None = None,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._block_number = block_number
        self._problem = problem
        self._judged: BlockRef | None = None
        self._logs: dict[str, tuple[MerkleLog, list[LogCheckpoint]]] = {}

    @property
    def problem(self) -> LedgerUnavailableError | None:
        """Why the chain is out of reach; None while it is not."""
        return self._problem

    def passport(self, digest: str) -> bytes | None:
        """The signed passport filed under that digest."""
        return self._document(DocumentKind.PASSPORT, digest)

    def passports_named(self, passport_id: str) -> Sequence[str]:
        """Digests of every passport filed under that id."""
        return self._found(document_id=passport_id)

    def statement(self, digest: str) -> bytes | None:
        """The footprint statement filed under that digest."""
        return self._document(DocumentKind.STATEMENT, digest)

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        """The opened rows of that statement, as far as they are stored."""
        return list(self._store.rows(Digest(statement_digest)).values())

    def imported(self, digest: str) -> bytes | None:
        """The imported footprint filed under that digest."""
        return self._document(DocumentKind.IMPORTED, digest)

    def delivery(self, digest: str) -> bytes | None:
        """The traceability event of that document hash: a copy that a key of its issuer signed, if there is one."""
        return next(find_events(self._store, digest), None)

    def status_list(self, did: str, url: str) -> bytes | None:
        """The newest status list of an issuer under a URL that a key of its DID documents signed, if there is one."""
        return newest_status_list(self._store, did, url)

    def did_documents(self, did: str) -> Sequence[bytes]:
        """Every DID document stored for that DID, the newest first."""
        return list(self._newest_first(DocumentKind.DID_DOCUMENT, did))

    def pinned_did_document(self, did: str, digest: str) -> bytes | None:
        """The DID document filed under that digest, whichever version it is."""
        return pinned_did_document(self._store, digest)

    def key_binding(self, issuer_id: str, key_hash: bytes) -> bytes | None:
        """The key's own signed statement that it belongs to the issuer: the newest that the key did sign.

        Anybody can file a statement in a key's name; one that the key did not sign must not stand before one it did.
        """
        newest: bytes | None = None
        for body in self._newest_first(DocumentKind.KEY_BINDING, f"{issuer_id}:{key_hash.hex()}"):
            newest = newest or body
            try:
                verify_key_binding(read_key_binding(body))
            except PassportError:
                continue
            return body
        return newest

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
        """The state of the chain if it is the one in reach.

        Raises:
            LedgerUnavailableError: it cannot be asked.
        """
        if self._problem is not None:
            raise self._problem
        ledger = self._reached(chain)
        if ledger is None:
            return None
        self._judged = self._block(ledger)
        return ledger.state(self._judged)

    def known_until(self, chain: TrustedChain) -> int | None:
        """As the chain says of the block whose state was handed out: its final head may have gone on meanwhile."""
        ledger = self._reached(chain)
        return ledger.known_until(self._judged or self._block(ledger)) if ledger else None

    def receipts(self, chain: TrustedChain) -> LiveReceipts | None:
        """Receipts of the chain if it is the one in reach, as of the block whose state was handed out."""
        ledger = self._reached(chain)
        if ledger is None or self._judged is None:
            return None
        return LiveReceipts(ledger, Address(chain.log), self._judged)

    def noted(self, report: Report) -> Report:
        """The report, with what several providers of the chain said differently or did not answer while it was made.

        And that the chain was out of reach, where it was.
        """
        notes = chain_notes(self._ledger, self._problem)
        return replace(report, notes=(*report.notes, *notes)) if notes else report

    def _reached(self, chain: TrustedChain) -> Ledger | None:
        """The chain in reach if it is that one."""
        if self._ledger is None:
            return None
        reached = self._ledger.chain
        return self._ledger if (reached.caip2, reached.genesis_hash) == (chain.chain, chain.genesis) else None

    def _block(self, ledger: Ledger) -> BlockRef:
        return ledger.final_head() if self._block_number is None else ledger.block(self._block_number)

    def same_product(self, issuer_id: str, subject_id: str) -> Sequence[str]:
        """Digests of every stored passport of that issuer for that product."""
        return self._found(issuer_id=issuer_id, subject_id=subject_id)

    def _found(
        self, *, document_id: str | None = None, issuer_id: str | None = None, subject_id: str | None = None
    ) -> list[str]:
        refs = self._refs(DocumentKind.PASSPORT, document_id=document_id, issuer_id=issuer_id, subject_id=subject_id)
        return [ref.digest for ref in refs]

    def _refs(
        self,
        kind: DocumentKind,
        *,
        document_id: str | None = None,
        issuer_id: str | None = None,
        subject_id: str | None = None,
    ) -> list[DocumentRef]:
        """All documents so described, page by page: who floods a store must not hide what came later."""
        found: list[DocumentRef] = []
        after: int | None = None
        while page := self._store.find_documents(
            kind, document_id=document_id, issuer_id=issuer_id, subject_id=subject_id, limit=MAX_PAGE, after=after
        ):
            found.extend(page)
            after = page[-1].sequence
        return found

    def _document(self, kind: DocumentKind, digest: str) -> bytes | None:
        return self._store.documents(kind, [Digest(digest)]).get(Digest(digest))

    def _newest_first(self, kind: DocumentKind, document_id: str) -> Iterator[bytes]:
        for ref in reversed(self._refs(kind, document_id=document_id)):
            yield self._store.get_document(kind, ref.digest)

    def _log(self, place: Place) -> tuple[MerkleLog, list[LogCheckpoint]]:
        key = log_key(place.log, place.issuer_id)
        if key not in self._logs:
            self._logs[key] = (self._store.merkle_log(key), self._store.log_checkpoints(key))
        return self._logs[key]


def chain_notes(ledger: Ledger | None, problem: LedgerUnavailableError | None = None) -> list[Note]:
    """What is to be said of the chain that was asked: who said otherwise, who said nothing, or that none was in reach.

    Args:
        ledger: The chain that was asked.
        problem: Why it was out of reach.
    """
    notes: list[Note] = []
    if problem is not None:
        notes.append(Note("chain_out_of_reach", Severity.WARNING, f"what needs the chain was not decided: {problem}"))
    if isinstance(ledger, ProviderQuorum):
        notes += map(_disagreement, ledger.disagreements[:MAX_DISAGREEMENTS_NOTED])
        left = len(ledger.disagreements) - MAX_DISAGREEMENTS_NOTED
        if left > 0:
            notes.append(Note("providers_disagree", Severity.WARNING, f"and {left} more questions"))
        silent = ledger.problems.items()
        notes += [Note("provider_silent", Severity.WARNING, f"{name} gave no answer: {why}") for name, why in silent]
    return notes


def _disagreement(told: Disagreement) -> Note:
    outcome = "enough agree" if told.settled else "too few agree"
    return Note("providers_disagree", Severity.WARNING, f"{told} ({outcome})")


def block_at(ledger: Ledger, moment: datetime, *, where: str) -> int:
    """The number of the last final block that was there at a moment.

    Args:
        ledger: The chain.
        moment: When (aware).
        where: Who asked for that moment, for the error.

    Raises:
        UsageError: The chain is younger.
    """
    wanted = int(moment.timestamp())
    first = ledger.block(0)
    if first.timestamp > wanted:
        expected = f"at or after {time_words(first.timestamp)}"
        raise UsageError("the chain began after that moment", where=where, expected=expected, found=moment)
    low, high = 0, ledger.final_head().number
    while low < high:
        middle = (low + high + 1) // 2
        if ledger.block(middle).timestamp <= wanted:
            low = middle
        else:
            high = middle - 1
    return low
