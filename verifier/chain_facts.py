"""What the chain says as of one block, read from its state and remembered for the length of an audit."""

from __future__ import annotations

from dataclasses import dataclass

from passport.errors import LedgerUnavailableError, ProofError
from passport.ledger.chain_id import Address
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.entity import IssuerId
from passport.ledger.merkle import verify_consistency
from passport.ledger.passport_log import LogHead, PassportLogView, StatusRecord
from passport.ledger.protocol import StateView
from passport.ledger.registry import RegistryView
from passport.model.credential import Place
from verifier.receipt_book import ReceiptBook
from verifier.source import Source
from verifier.trust import TrustedChain


@dataclass(frozen=True, slots=True)
class BrokenLog:
    """Why a log is not one growing log from a checkpoint to its head, or why that could not be decided."""

    reason: str
    is_proven: bool


class ChainFacts:
    """Registry and log of one trusted chain at one block.

    Args:
        chain: The chain as the trust file names it.
        state: Its state, live or proven.
        source: Where checkpoint histories come from.
    """

    def __init__(self, chain: TrustedChain, state: StateView, source: Source) -> None:
        self.chain = chain
        self.state = state
        self._source = source
        self._registry = RegistryView(state, Address(chain.registry))
        self._log = PassportLogView(state, Address(chain.log))
        self._receipts: ReceiptBook | None = None
        self._has_receipts: bool | None = None
        self._known_until: int | LedgerUnavailableError | None = None
        self._checkpoints: dict[tuple[str, bytes], LogCheckpoint | None] = {}
        self._heads: dict[str, LogHead | None] = {}
        self._primaries: dict[str, str] = {}
        self._broken: dict[tuple[str, int], BrokenLog | None] = {}
        # Numbers of the checkpoints from which each log is known to lead to its head; the chain has one root for each.
        self._sound: dict[str, set[int]] = {}

    @property
    def known_until(self) -> int:
        """Up to which moment the state is known to be the chain's, unix seconds.

        Raises:
            LedgerUnavailableError: the chain was asked once and gave no answer.
        """
        if self._known_until is None:
            try:
                self._known_until = max(self.state.block.timestamp, self._source.known_until(self.chain) or 0)
            except LedgerUnavailableError as error:
                self._known_until = error
        if isinstance(self._known_until, LedgerUnavailableError):
            raise self._known_until
        return self._known_until

    @property
    def registry(self) -> RegistryView:
        """The registry's records."""
        return self._registry

    @property
    def receipts(self) -> ReceiptBook | None:
        """What proven receipts say of the log; None where there are none at hand. Asked for when it is needed first.

        Raises:
            LedgerUnavailableError: the chain gives no answer.
        """
        if self._has_receipts is None:
            source = self._source.receipts(self.chain)
            self._has_receipts = source is not None
            if source is not None:
                self._receipts = ReceiptBook(source, Address(self.chain.log), self.checkpoint)
        return self._receipts

    def head(self, issuer_id: str) -> LogHead | None:
        """The head of an issuer's log, or None if it never committed."""
        if issuer_id not in self._heads:
            self._heads[issuer_id] = self._log.head(issuer_id)
        return self._heads[issuer_id]

    def primary_of(self, issuer_id: str) -> str:
        """The id that stands for all identifiers of a legal entity that the registry has linked."""
        if issuer_id not in self._primaries:
            self._primaries[issuer_id] = self._registry.primary_of(IssuerId(issuer_id))
        return self._primaries[issuer_id]

    def checkpoint(self, issuer_id: str, root: bytes) -> LogCheckpoint | None:
        """The stored checkpoint with that root, or None."""
        key = (issuer_id, root)
        if key not in self._checkpoints:
            self._checkpoints[key] = self._log.checkpoint(issuer_id, root)
        return self._checkpoints[key]

    def status(self, place: Place) -> StatusRecord:
        """What the chain says of one leaf."""
        return self._log.status(place.issuer_id, place.leaf_index)

    def broken_since(self, place: Place, first_seq: int) -> BrokenLog | None:
        """Why the log is not consistent from that checkpoint to its head; None if it is."""
        key = (place.issuer_id, first_seq)
        if first_seq in self._sound.get(place.issuer_id, ()):
            return None  # on the way from an earlier leaf to the head
        if key not in self._broken:
            self._broken[key] = self._follow(place, first_seq)
        return self._broken[key]

    def _follow(self, place: Place, first_seq: int) -> BrokenLog | None:
        head = self.head(place.issuer_id)
        if head is None:
            return BrokenLog("the log has no checkpoint on the chain", is_proven=True)
        history = self._source.history(place, first_seq)
        if history is None or history.first_seq != first_seq:
            return BrokenLog("the checkpoints after the leaf are not at hand", is_proven=False)
        if history.first_seq + len(history.checkpoints) - 1 < head.seq:
            last = history.first_seq + len(history.checkpoints) - 1
            return BrokenLog(f"checkpoints {last + 1} to {head.seq} are not at hand", is_proven=False)
        if len(history.consistency) < len(history.checkpoints) - 1:
            return BrokenLog("consistency proofs are missing", is_proven=False)
        sound = self._sound.setdefault(place.issuer_id, set())
        followed = []
        previous: tuple[bytes, int] | None = None
        for offset, (root, size) in enumerate(history.checkpoints[: head.seq - first_seq + 1]):
            seq = first_seq + offset
            record = self.checkpoint(place.issuer_id, root)
            if record is None:
                return BrokenLog(f"checkpoint {seq} as supplied is not the one on the chain", is_proven=False)
            if (record.seq, record.size) != (seq, size):
                return BrokenLog(f"checkpoint {seq} is numbered {record.seq} on the chain", is_proven=False)
            if previous is not None:
                if record.prev_size != previous[1]:
                    return BrokenLog(f"checkpoint {seq} does not follow the one before it", is_proven=True)
                try:
                    verify_consistency(previous[1], previous[0], size, root, history.consistency[offset - 1])
                except ProofError as error:
                    return BrokenLog(f"checkpoints {seq - 1} and {seq}: {error}", is_proven=False)
            previous = (root, size)
            if seq in sound:  # followed to the head before, for a later leaf
                break
            followed.append(seq)
        else:
            if previous is None or previous[1] != head.size:
                return BrokenLog("the last checkpoint is not the log's head", is_proven=False)
        sound.update(followed)
        return None
