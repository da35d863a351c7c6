"""What proven receipts say of one log contract: each judged once, whatever number of passports it speaks of.

A receipt counts if its proof holds, its block is one that the audit's block rests on, and its events are the log
contract's own of that very checkpoint or leaf. Whatever does not count leaves what the state bounds, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from passport.errors import DocumentError, LedgerError
from passport.ledger.chain_id import Address, parse_address
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.entity import issuer_id_bytes
from passport.ledger.log_events import Committed, LogEvents, StatusSet, read_log_events
from passport.ledger.passport_log import LEAVES_PER_WORD, StatusKind, StatusRecord
from passport.ledger.receipt_proof import ProvenReceipt, ReceiptEvidence, prove_receipt
from passport.ledger_footprint.receipted import NOTHING, CommitUse, UseRange, commit_use, status_use
from verifier.source import ReceiptSource

NO_RECEIPT: Final = "no receipt is at hand"
NOT_TIED: Final = "a receipt's block is not tied to one that is trusted"
NOT_SHOWN: Final = "a receipt does not hold"
OTHER_EVENTS: Final = "no receipt at hand is of this checkpoint"

_REFUSALS = (LedgerError, DocumentError)
"""What a chain or a bundle hands out instead of a receipt takes nothing from what the state shows."""

MAX_SCANNED: Final = 100_000
"""Receipts of one entity's statuses that an audit looks at."""


class CommitBasis(NamedTuple):
    """What is known of the gas of a checkpoint.

    Attributes:
        use: What its leaves bear; None where it stays bounded from the state.
        block: Where its transaction stands.
        position: Its position there.
        gas_used: What that took in all.
        issuers: Entities that committed in it.
        reason: Why no receipt counts; None where one does.
    """

    use: CommitUse | None
    block: int | None = None
    position: int | None = None
    gas_used: int | None = None
    issuers: int | None = None
    reason: str | None = None


class StatusBasis(NamedTuple):
    """What is known of the gas of what was said of a leaf.

    Attributes:
        use: Of transactions whose receipts count.
        receipts: How many those are.
        bounded: Changes that the state holds and no receipt shows.
    """

    use: UseRange
    receipts: int
    bounded: int


class _Read(NamedTuple):
    """A receipt whose proof holds, with what it said to the log, and of how many leaves it said something."""

    evidence: ReceiptEvidence
    proven: ProvenReceipt
    said: LogEvents
    leaves: int


class _InBlock(NamedTuple):
    """Checkpoints that receipts of one block show, and why others have none."""

    commits: dict[Committed, _Read]
    problem: str


class _About(NamedTuple):
    """Receipts that say something of one entity's leaves: by leaf, and by the word of a range with its mask.

    Attributes:
        since: The first block that was asked for.
        first_since: That of the first question.
        leaves: By leaf.
        words: By word of a range, with its mask.
    """

    since: int
    first_since: int
    leaves: dict[int, list[tuple[_Read, StatusSet]]]
    words: dict[int, list[tuple[_Read, int]]]


class ReceiptBook:
    """Receipts of one log contract.

    Args:
        source: Where they come from.
        log: The contract.
        checkpoint: The stored checkpoint of an entity with a root, by the chain's state.
    """

    def __init__(
        self,
        source: ReceiptSource,
        log: Address,
        checkpoint: Callable[[str, bytes], LogCheckpoint | None],
    ) -> None:
        self._source = source
        self._log = parse_address(log)
        self._checkpoint = checkpoint
        self._commits: dict[tuple[str, bytes], CommitBasis] = {}
        self._read: dict[tuple[bytes, int], tuple[ReceiptEvidence, _Read | None]] = {}
        self._problems: dict[tuple[bytes, int], str] = {}
        self._blocks: dict[int, _InBlock] = {}
        self._said: dict[str, _About] = {}
        self._tied: dict[bytes, bool] = {}

    def commit(self, issuer_id: str, checkpoint: LogCheckpoint) -> CommitBasis:
        """What a checkpoint's leaves bear of the transaction that stored it."""
        key = (issuer_id, checkpoint.root)
        if key not in self._commits:
            try:
                self._commits[key] = self._judge_commit(issuer_id, checkpoint)
            except _REFUSALS as error:
                self._commits[key] = CommitBasis(None, reason=str(error))
        return self._commits[key]

    def _judge_commit(self, issuer_id: str, checkpoint: LogCheckpoint) -> CommitBasis:
        issuer, block = issuer_id_bytes(issuer_id), self._in_block(checkpoint)
        wanted = Committed(issuer, checkpoint.root, checkpoint.key_no, checkpoint.size, checkpoint.seq)
        read = block.commits.get(wanted)
        if read is None:
            return CommitBasis(None, reason=block.problem)
        self._source.used(read.evidence)
        if not self._is_tied(read):
            return CommitBasis(None, reason=f"{NOT_TIED}: block {read.proven.block.number}")
        return self._shared_out(issuer_id, issuer, checkpoint, read)

    def _in_block(self, checkpoint: LogCheckpoint) -> _InBlock:
        """The checkpoints that receipts of its block show, read once for all of them."""
        number = checkpoint.block_number
        if number not in self._blocks:
            handed = self._source.commits(checkpoint)
            problem, found = (OTHER_EVENTS if handed else NO_RECEIPT), dict[Committed, _Read]()
            for evidence in handed:
                read = self._open(evidence)
                if read is None:
                    problem = f"{NOT_SHOWN}: {self._problems[_name(evidence)]}"
                elif read.proven.block.number == number:
                    found.update(dict.fromkeys(read.said.commits, read))
            self._blocks[number] = _InBlock(found, problem)
        return self._blocks[number]

    def _shared_out(self, issuer_id: str, issuer: bytes, checkpoint: LogCheckpoint, read: _Read) -> CommitBasis:
        said, proven = read.said, read.proven
        own = sorted((each for each in said.commits if each.issuer == issuer), key=lambda each: each.seq)
        first = checkpoint if own[0].seq == checkpoint.seq else self._checkpoint(issuer_id, own[0].root)
        if first is None or first.seq != own[0].seq:
            return CommitBasis(None, reason=f"{NOT_SHOWN}: it names a checkpoint that the state does not hold")
        use = commit_use(
            gas_used=proven.gas_used,
            issuers=len(said.issuers),
            leaves=own[-1].size - first.prev_size,
            commits=len(own),
            with_statuses=bool(said.statuses or said.ranges),
            is_first=checkpoint.seq == 1,
        )
        return CommitBasis(use, proven.block.number, proven.index, proven.gas_used, len(said.issuers))

    def statuses(self, issuer_id: str, first_block: int, status: StatusRecord) -> StatusBasis:
        """What a leaf bears of the transactions that said something of it.

        Args:
            issuer_id: Whose log it stands in.
            first_block: The block that anchored it: the contract lets nothing be said of it before.
            status: What the chain's state holds of it.
        """
        changes = (status.revoked, "revoked"), (status.suspended, "suspended"), (status.successor is not None, "next")
        bounded = {name for is_set, name in changes if is_set}
        use, receipts = NOTHING, 0
        for read, said, ranged in self._of_leaf(issuer_id, first_block, status.index):
            self._source.used(read.evidence)
            if not self._is_tied(read) or read.said.commits:
                continue
            kinds = {each.kind for each in said}
            receipts += 1
            # A range revokes what is revoked already, too, and a suspension may be one that was lifted.
            may_be_another = ranged or (status.suspended and StatusKind.SUSPENDED in kinds)
            borne = status_use(
                gas_used=read.proven.gas_used,
                leaves=read.leaves,
                changes=len(said) + ranged,
                may_be_another=may_be_another,
            )
            use = use.plus(borne)
            if ranged or StatusKind.REVOKED in kinds:
                bounded.discard("revoked")
            if StatusKind.SUSPENDED in kinds:
                bounded.discard("suspended")
            if _is_successor(read, said, status):
                bounded.discard("next")
        return StatusBasis(use, receipts, len(bounded))

    def _of_leaf(self, issuer_id: str, first_block: int, leaf: int) -> Iterable[tuple[_Read, list[StatusSet], bool]]:
        """Each receipt about a leaf, with what it says of it by itself and whether it revoked it in a range."""
        about = self._about(issuer_id, first_block)
        found: dict[tuple[bytes, int], tuple[_Read, list[StatusSet], bool]] = {}
        for read, said in about.leaves.get(leaf, ()):
            found.setdefault(_name(read.evidence), (read, [], False))[1].append(said)
        word, bit = divmod(leaf, LEAVES_PER_WORD)
        for read, mask in about.words.get(word, ()):
            if mask >> bit & 1:
                _, singly, _ = found.get(_name(read.evidence), (read, [], False))
                found[_name(read.evidence)] = read, singly, True
        return found.values()

    def _about(self, issuer_id: str, first_block: int) -> _About:
        """Receipts that say something of an entity's leaves; none where the chain cannot say."""
        known = self._said.get(issuer_id)
        if known is not None and known.since <= first_block:
            return known
        # Twice as far back each time: leaves may be asked for from the newest to the oldest.
        first_since = first_block if known is None else known.first_since
        since = max(2 * first_block - first_since, 0)
        try:
            handed: Sequence[ReceiptEvidence] = self._source.statuses(issuer_id, since)
        except _REFUSALS:
            handed = ()
        about, issuer = _About(since, first_since, {}, {}), issuer_id_bytes(issuer_id)
        for read in filter(None, map(self._open, handed[:MAX_SCANNED])):
            for said in read.said.statuses:
                if said.issuer == issuer:
                    about.leaves.setdefault(said.leaf, []).append((read, said))
            for revoked in read.said.ranges:
                if revoked.issuer == issuer:
                    about.words.setdefault(revoked.word, []).append((read, revoked.mask))
        self._said[issuer_id] = about
        return about

    def _open(self, evidence: ReceiptEvidence) -> _Read | None:
        """A receipt read once, or None: its proof does not hold."""
        name = _name(evidence)
        known = self._read.get(name)
        if known is not None and known[0] == evidence:
            return known[1]
        read: _Read | None
        try:
            proven = prove_receipt(evidence)
            said = read_log_events(proven.events, self._log)
            read = _Read(evidence, proven, said, said.changed_leaves())
        except LedgerError as error:
            read, self._problems[name] = None, str(error)
        self._read[name] = evidence, read
        return read

    def _is_tied(self, read: _Read) -> bool:
        block = read.proven.block
        if block.hash not in self._tied:
            try:
                self._tied[block.hash] = self._source.is_known(block)
            except _REFUSALS:
                self._tied[block.hash] = False
        return self._tied[block.hash]


def _name(evidence: ReceiptEvidence) -> tuple[bytes, int]:
    return evidence.header_rlp, evidence.index


def _is_successor(read: _Read, said: Sequence[StatusSet], status: StatusRecord) -> bool:
    """Whether a transaction set the successor that the state holds: there is one ever, and the state has its time."""
    if status.successor is None or read.proven.block.timestamp != status.successor.time:
        return False
    wanted = (status.successor.kind, status.successor.next_index)
    return any((each.kind, each.next_index) == wanted for each in said)
