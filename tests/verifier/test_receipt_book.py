"""Which receipts count: of that log, that entity and that checkpoint, in a block that is known; and for how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from receipt_blocks import Log, block_of, sealed

from passport.errors import LedgerUnavailableError, ProofError
from passport.ledger import Address, StatusKind, StatusRecord, Successor
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.log_events import COMMITTED, RANGE_REVOKED, STATUS_SET
from passport.ledger.protocol import BlockRef
from passport.ledger.receipt_proof import MAX_TRANSACTIONS, ReceiptEvidence, collect_receipt
from passport.ledger_footprint.log_gas import commit_gas, status_gas
from passport.ledger_footprint.receipted import NOTHING, Use, UseRange
from verifier.bundle_receipts import receipt_key
from verifier.ledger_gas import LedgerGas
from verifier.receipt_book import CommitBasis, ReceiptBook, StatusBasis

LOG = Address("0x" + "11" * 20)
OTHER_LOG = Address("0x" + "22" * 20)
US = "0x" + "01" * 32
THEM = "0x" + "02" * 32
ROOT = b"\x0a" * 32
BLOCK = 700
CHECKPOINT = LogCheckpoint(seq=3, prev_size=512, size=768, root=ROOT, time=1_790_000_700, block_number=BLOCK, key_no=1)
DEAREST = Fraction(status_gas().high)


def word(value: int | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.to_bytes(32, "big")


def committed(
    issuer: str = US, root: bytes = ROOT, *, size: int = 768, seq: int = 3, key_no: int = 1, log: str = LOG
) -> Log:
    topics = [COMMITTED, bytes.fromhex(issuer[2:]), root]
    return bytes.fromhex(log[2:]), topics, word(key_no) + word(size) + word(seq)


def status(leaf: int, kind: StatusKind, *, issuer: str = US, next_leaf: int = 0, log: str = LOG) -> Log:
    topics = [STATUS_SET, bytes.fromhex(issuer[2:]), word(leaf), word(int(kind))]
    return bytes.fromhex(log[2:]), topics, word(next_leaf) + bytes(64)


def ranged(first_word: int, mask: int, *, issuer: str = US) -> Log:
    return bytes.fromhex(LOG[2:]), [RANGE_REVOKED, bytes.fromhex(issuer[2:]), word(first_word)], word(mask) + word(1)


def receipt(logs: Sequence[Log], *, gas: int = 60_000, number: int = BLOCK, before: int = 0) -> ReceiptEvidence:
    """Of the second transaction of a block if `before` is above zero, else of its only one."""
    receipts = [sealed(before)] if before else []
    block, nodes = block_of(number, [*receipts, sealed(before + gas, logs)])
    return collect_receipt(block, len(receipts), node_of=nodes.__getitem__)


class Handed:
    """A source that hands out what it is told to, and knows the blocks that it is told."""

    def __init__(self, *evidence: ReceiptEvidence, known: bool = True, error: bool = False) -> None:
        self.evidence = evidence
        self.known = known
        self.error = error
        self.counted: list[ReceiptEvidence] = []
        self.asked = 0

    def commits(self, checkpoint: LogCheckpoint) -> Sequence[ReceiptEvidence]:
        self.asked += 1
        if self.error:
            raise LedgerUnavailableError("the node does not answer")
        return self.evidence

    def statuses(self, issuer_id: str, first_block: int) -> Sequence[ReceiptEvidence]:
        return self.commits(CHECKPOINT)

    def is_known(self, block: BlockRef) -> bool:
        return self.known

    def used(self, evidence: ReceiptEvidence) -> None:
        self.counted.append(evidence)


def earlier(issuer_id: str, root: bytes) -> LogCheckpoint | None:
    """The checkpoint before ours, by the state."""
    if (issuer_id, root) != (US, b"\x09" * 32):
        return None
    return replace(CHECKPOINT, seq=2, prev_size=500, size=512, root=root)


def basis(source: Handed, checkpoint: LogCheckpoint = CHECKPOINT) -> CommitBasis:
    return ReceiptBook(source, LOG, earlier).commit(US, checkpoint)


def exact(gas: int | Fraction, transactions: int | Fraction = 1) -> UseRange:
    use = Use(Fraction(gas), Fraction(transactions))
    return UseRange(use, use, use)


def test_every_position_has_a_key() -> None:
    """Six digits in a bundle."""
    last = replace(receipt([]), index=MAX_TRANSACTIONS - 1)
    assert receipt_key(last) == "000000000000700:999999"
    with pytest.raises(ProofError, match="not a position in a block"):
        replace(last, index=MAX_TRANSACTIONS)


def test_a_checkpoint_of_its_own() -> None:
    """Its gas is what its transaction used, however much stood before it in the block."""
    for before in (0, 21_000, 5_000_000):
        source = Handed(receipt([committed()], gas=63_250, before=before))
        found = basis(source)
        assert found.use is not None
        assert (found.use.use, found.use.leaves) == (exact(63_250), 256)
        assert (found.block, found.position, found.gas_used) == (BLOCK, 1 if before else 0, 63_250)
        assert (found.issuers, found.reason) == (1, None)
        assert source.counted == list(source.evidence)


LIES: dict[str, tuple[Any, str]] = {
    "of another log": (lambda: receipt([committed(log=OTHER_LOG)]), "no receipt at hand is of this checkpoint"),
    "of another issuer": (lambda: receipt([committed(THEM)]), "no receipt at hand is of this checkpoint"),
    "of a cheaper checkpoint": (lambda: receipt([committed(root=b"\x0b" * 32)]), "of this checkpoint"),
    "of another size": (lambda: receipt([committed(size=769)]), "of this checkpoint"),
    "of another number": (lambda: receipt([committed(seq=2)]), "of this checkpoint"),
    "of another account": (lambda: receipt([committed(key_no=2)]), "of this checkpoint"),
    "of another transaction": (lambda: receipt([status(1, StatusKind.REVOKED)]), "of this checkpoint"),
    "of a transaction without events": (lambda: receipt([]), "of this checkpoint"),
    "of another block": (lambda: receipt([committed()], number=BLOCK - 1), "of this checkpoint"),
    "with nodes of another": (
        lambda: replace(receipt([committed()]), nodes=receipt([committed()], gas=1).nodes),
        "a receipt does not hold: block 700: not proven: the evidence lacks a node",
    ),
    "at another position": (lambda: replace(receipt([committed()], before=9), index=0), "a receipt does not hold"),
    "with events of another shape": (
        lambda: receipt([(bytes.fromhex(LOG[2:]), [COMMITTED], b"")]),
        "an event of another shape than the passport log's",
    ),
}


@pytest.mark.parametrize(("lie", "reason"), LIES.values(), ids=LIES.keys())
def test_receipts_that_do_not_count(lie: Any, reason: str) -> None:
    """The gas stays bounded, and the reason is said; whoever handed it out is not told that it was of use."""
    source = Handed(lie())
    found = basis(source)
    assert found.use is None
    assert reason in str(found.reason)
    assert source.counted == []


def test_a_block_that_nobody_knows() -> None:
    """Anybody can write a block in which it cost less: only a block of the trusted chain counts."""
    source = Handed(receipt([committed()], gas=1), known=False)
    assert basis(source) == CommitBasis(None, reason="a receipt's block is not tied to one that is trusted: block 700")
    assert source.counted == list(source.evidence)


def test_none_at_hand_and_none_to_be_had() -> None:
    assert basis(Handed()).reason == "no receipt is at hand"
    assert basis(Handed(error=True)).reason == "the node does not answer"


def test_judged_once_whatever_number_of_passports() -> None:
    source = Handed(receipt([committed()]))
    book = ReceiptBook(source, LOG, earlier)
    found = [book.commit(US, CHECKPOINT) for _ in range(1000)]
    assert all(each is found[0] for each in found)
    assert source.asked == len(source.counted) == 1


def test_a_transaction_of_many_issuers() -> None:
    """In equal parts: a checkpoint costs the same however many leaves it adds."""
    others = [committed(f"0x{n:064x}", word(n), size=n, seq=1) for n in range(10, 13)]
    found = basis(Handed(receipt([*others, committed()], gas=200_000)))
    assert found.use is not None
    assert (found.use.use, found.use.leaves, found.issuers) == (exact(50_000, Fraction(1, 4)), 256, 4)


def test_several_checkpoints_of_one_issuer_in_a_transaction() -> None:
    """As one of all their leaves: a second one is cheap, and must not take half of the gas off the first."""
    tail = committed(root=b"\x0b" * 32, size=769, seq=4)
    found = basis(Handed(receipt([committed(), tail], gas=95_000)))
    assert found.use is not None
    assert (found.use.use, found.use.leaves, found.issuers) == (exact(95_000), 257, 1)
    first = committed(root=b"\x09" * 32, size=512, seq=2)
    found = basis(Handed(receipt([first, committed()], gas=95_000)))
    assert found.use is not None
    assert (found.use.use, found.use.leaves) == (exact(95_000), 268)  # 500 to 768
    unknown = committed(root=b"\x08" * 32, size=512, seq=2)
    assert "names a checkpoint that the state does not hold" in str(
        basis(Handed(receipt([unknown, committed()]))).reason
    )


def test_a_stranger_makes_no_honest_ceiling_understated() -> None:
    """Anybody who has a signed order can send it in a transaction that burns gas: it may cost that, and surely less."""
    most = Fraction(commit_gas(is_first=False).high)
    found = basis(Handed(receipt([committed()], gas=30_000_000)))
    assert found.use is not None
    dear = Use(Fraction(30_000_000), Fraction(1))
    assert found.use.use == UseRange(Use(most, Fraction(1)), dear, dear)
    words = LedgerGas(found, StatusBasis(NOTHING, 0, 0)).in_words()
    assert words == "30000000 gas by the receipt at position 0 of block 700, more than the contract's calls take"
    tail = committed(root=b"\x0b" * 32, size=769, seq=4)
    found = basis(Handed(receipt([committed(), tail], gas=30_000_000)))
    assert found.use is not None
    assert found.use.use.low.gas == 2 * most
    revoked = said(receipt([status(LEAF, StatusKind.REVOKED)], gas=30_000_000), held=record(revoked=True))
    assert revoked.use == UseRange(Use(DEAREST, Fraction(1)), dear, dear)


def test_a_transaction_with_statuses_as_well() -> None:
    """What the checkpoint bears of it nobody can say: never less than the state's upper end, nor less than its gas."""
    bound = commit_gas(is_first=False)
    for gas in (500_000, 50_000):
        found = basis(Handed(receipt([status(1, StatusKind.REVOKED), committed()], gas=gas)))
        assert found.use is not None
        assert found.use.use.low.gas == min(gas, bound.low)
        assert found.use.use.high == Use(Fraction(max(gas, bound.high)), Fraction(1))


# --- statuses ---

LEAF = 600


def record(*, revoked: bool = False, suspended: bool = False, successor: Successor | None = None) -> StatusRecord:
    return StatusRecord(LEAF, revoked, suspended, successor)


def said(*evidence: ReceiptEvidence, known: bool = True, held: StatusRecord, first_block: int = BLOCK) -> Any:
    return ReceiptBook(Handed(*evidence, known=known), LOG, earlier).statuses(US, first_block, held)


def test_revoked_by_itself() -> None:
    """The contract revokes once: that transaction it was."""
    found = said(receipt([status(LEAF, StatusKind.REVOKED)], gas=42_740), held=record(revoked=True))
    assert found == (exact(42_740), 1, 0)


def test_revoked_with_many() -> None:
    """A recall of 513 leaves: its part at least, and at most what a call of its own would take."""
    everything = (1 << 256) - 1
    logs = [ranged(1, everything), ranged(2, everything), ranged(3, 1)]
    found = said(receipt(logs, gas=1_026_000), held=record(revoked=True))
    part = Use(Fraction(2000), Fraction(1, 513))
    assert found == (UseRange(part, part, Use(DEAREST, Fraction(1))), 1, 0)


def test_a_void_leaf_takes_nothing_off_several_statuses() -> None:
    """Suspended, reinstated and revoked at once, with a cheap word on a void leaf beside: it may be the leaf's own."""
    kinds = (StatusKind.SUSPENDED, StatusKind.REINSTATED, StatusKind.REVOKED)
    logs = [*(status(LEAF, kind) for kind in kinds), status(LEAF + 1, StatusKind.REVOKED)]
    found = said(receipt(logs, gas=int(4 * DEAREST)), held=record(revoked=True))
    assert found.use.high.gas == 3 * DEAREST
    assert found.use.low.gas == 2 * DEAREST
    found = said(receipt(logs, gas=100_000), held=record(revoked=True))
    assert found.use.high.gas == 100_000  # no more than all of it


def test_a_cheap_repetition_hides_no_dear_revocation() -> None:
    """A range revokes what is revoked already, for little: shown alone it may not have been what revoked."""
    found = said(receipt([ranged(2, 1 << LEAF % 256)], gas=30_000), held=record(revoked=True))
    part = Use(Fraction(30_000), Fraction(1))
    assert found == (UseRange(part, part, Use(DEAREST, Fraction(1))), 1, 0)


def test_a_suspension_that_was_lifted() -> None:
    """The state holds nothing of it; its receipts show two transactions."""
    both = (
        receipt([status(LEAF, StatusKind.SUSPENDED)], gas=60_000),
        receipt([status(LEAF, StatusKind.REINSTATED)], gas=40_000, number=BLOCK + 1),
    )
    assert said(*both, held=record()) == (exact(100_000, 2), 2, 0)


def test_a_suspension_that_lasts() -> None:
    """Shown is one; it may be an earlier one, so the upper end stays what any takes."""
    found = said(receipt([status(LEAF, StatusKind.SUSPENDED)], gas=42_000), held=record(suspended=True))
    part = Use(Fraction(42_000), Fraction(1))
    assert found == (UseRange(part, part, Use(DEAREST, Fraction(1))), 1, 0)


def test_superseded() -> None:
    """By that leaf and at the time that the state holds; another one is not what superseded it."""
    time = 1_790_000_000 + BLOCK
    held = record(successor=Successor(StatusKind.SUPERSEDED, 700, time))
    right = receipt([status(LEAF, StatusKind.SUPERSEDED, next_leaf=700)], gas=62_674)
    assert said(right, held=held) == (exact(62_674), 1, 0)
    for wrong in (
        receipt([status(LEAF, StatusKind.SUPERSEDED, next_leaf=701)], gas=62_674),
        receipt([status(LEAF, StatusKind.CORRECTED, next_leaf=700)], gas=62_674),
        receipt([status(LEAF, StatusKind.SUPERSEDED, next_leaf=700)], gas=62_674, number=BLOCK + 1),
    ):
        assert said(wrong, held=held) == (exact(62_674), 1, 1)


STRANGE: dict[str, Any] = {
    "of another leaf": lambda: receipt([status(LEAF + 1, StatusKind.REVOKED)]),
    "of another issuer": lambda: receipt([status(LEAF, StatusKind.REVOKED, issuer=THEM)]),
    "of another log": lambda: receipt([status(LEAF, StatusKind.REVOKED, log=OTHER_LOG)]),
    "of another leaf of its word": lambda: receipt([ranged(2, 1)]),
    "of another word": lambda: receipt([ranged(1, 1 << LEAF % 256)]),
    "of a range of another issuer": lambda: receipt([ranged(2, 1 << LEAF % 256, issuer=THEM)]),
    "of checkpoints as well": lambda: receipt([status(LEAF, StatusKind.REVOKED), committed()]),
    "that does not hold": lambda: replace(receipt([status(LEAF, StatusKind.REVOKED)]), nodes=()),
}


@pytest.mark.parametrize("make", STRANGE.values(), ids=STRANGE.keys())
def test_statuses_that_do_not_count(make: Any) -> None:
    """What the state holds stays bounded."""
    assert said(make(), held=record(revoked=True)) == (NOTHING, 0, 1)


def test_statuses_in_a_block_that_nobody_knows() -> None:
    found = said(receipt([status(LEAF, StatusKind.REVOKED)], gas=1), known=False, held=record(revoked=True))
    assert found == (NOTHING, 0, 1)


def test_nothing_said_nothing_shown() -> None:
    assert said(held=record()) == (NOTHING, 0, 0)
    book = ReceiptBook(Handed(error=True), LOG, earlier)
    assert book.statuses(US, BLOCK, record(revoked=True, suspended=True)) == (NOTHING, 0, 2)


def test_leaves_from_the_newest_to_the_oldest() -> None:
    """Receipts are read some times, and not once for each leaf."""
    source = Handed(receipt([status(LEAF, StatusKind.REVOKED)], gas=42_740))
    book = ReceiptBook(source, LOG, earlier)
    for block in range(100_000, 0, -10):
        assert book.statuses(US, block, record(revoked=True)) == (exact(42_740), 1, 0)
    assert source.asked <= 18  # 1 + log2(100,000)


def test_ten_thousand_leaves_of_one_recall() -> None:
    """Read once, and looked up leaf by leaf."""
    logs = [ranged(number, (1 << 256) - 1) for number in range(40)]
    source = Handed(receipt(logs, gas=1_042_135))
    book = ReceiptBook(source, LOG, earlier)
    for leaf in range(0, 10_240, 97):
        found = book.statuses(US, BLOCK, StatusRecord(leaf, True, False, None))
        assert found.use.low.gas == Fraction(1_042_135, 10_240)
        assert (found.receipts, found.bounded) == (1, 0)
    assert source.asked == 1
