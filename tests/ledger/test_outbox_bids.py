"""Transactions that no block takes: higher bids, whichever gets in, nonces given back, and one sender at a time."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest
from log_chain import LogChain
from test_outbox import ISSUER, KEY, Counter, put, states

from passport.errors import ConflictError, LedgerUnavailableError, StoreError
from passport.ledger.checkpoint import CheckpointState
from passport.ledger.outbox import Outbox
from passport.ledger.protocol import Fees, Receipt
from passport.store import Store
from passport.store.sender_lock import hold_sender

PATIENCE_S = 60  # five blocks of `LogChain`


@pytest.fixture
def store(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db", clock=clock) as store:
        yield store


@pytest.fixture
def chain(tmp_path: Path) -> LogChain:
    return LogChain(tmp_path / "chain", is_instant=False, finality_blocks=2)


@pytest.fixture
def outbox(store: Store, chain: LogChain, clock: Callable[[], datetime]) -> Outbox:
    return Outbox(
        store, chain, log_key=KEY, clock=clock, random_bytes=Counter(), padding_leaves=8, patience_s=PATIENCE_S
    )


def test_an_eighth_more_each_time() -> None:
    """100 wei, then 112.5 rounded up, then 127.125 rounded up; a wei more where an eighth is none."""
    bid = Fees(100, 8)
    assert bid.raised() == Fees(113, 9)
    assert bid.raised().raised() == Fees(128, 11)
    assert Fees(1, 0).raised() == Fees(2, 1)
    assert Fees(100, 100, is_legacy=True).raised().at_least(Fees(500, 3)) == Fees(500, 500, is_legacy=True)


def test_a_transaction_that_no_block_takes_is_outbid(outbox: Outbox, chain: LogChain, store: Store) -> None:
    put(outbox, 1)
    (first,) = outbox.anchor_batch()
    chain.price = 110  # above the 100 that were bid
    chain.mine(4)
    assert outbox.run() == (first,)  # 48 s: within patience
    chain.mine()
    (second,) = outbox.run()
    assert second.transaction.nonce == first.transaction.nonce
    assert second.earlier == (first.transaction,)
    assert second.transaction.hash != first.transaction.hash
    assert (second.signed_at - first.signed_at, second.state) == (60, CheckpointState.SUBMITTED)
    chain.mine(3)
    (final,) = outbox.run()
    assert (final.state, final.transaction, final.earlier) == (
        CheckpointState.FINAL,
        second.transaction,
        (first.transaction,),
    )
    assert chain.sealed() == 1
    assert store.outbox(KEY) == [final]


def test_no_blocks_no_bids(outbox: Outbox, chain: LogChain) -> None:
    """The chain's time is what counts: while it stands still, nothing is outbid, whatever the clock here says."""
    put(outbox, 1)
    (first,) = outbox.anchor_batch()
    for _ in range(5):
        assert outbox.run() == (first,)


def test_the_first_one_may_get_in_after_all(outbox: Outbox, chain: LogChain) -> None:
    """Outbid here, but a block elsewhere held the first: its receipt is found by its hash."""
    put(outbox, 1)
    (first,) = outbox.anchor_batch()
    chain.price = 200
    chain.mine(5)
    (second,) = outbox.run()
    chain.forget_pool()
    chain.price = 0
    chain.send(first.transaction.raw)
    chain.mine(3)
    assert chain.receipt(second.transaction.hash) is None
    (final,) = outbox.run()
    assert final.state is CheckpointState.FINAL
    assert chain.sealed() == 1


def test_a_nonce_that_a_replaced_block_gave_back_is_used(outbox: Outbox, chain: LogChain) -> None:
    """Somebody else's transaction spent our nonce, so the next was signed for; then both were undone.

    Nobody sends theirs again: were ours with the lower nonce not sent too, the higher one would wait for ever.
    """
    put(outbox, 1)
    (first,) = outbox.anchor_batch()
    chain.forget_pool()
    other = chain.prepare("0x" + "77" * 32, 0, bytes(32), 8)
    chain.send(other.raw)
    chain.mine()
    (second,) = outbox.run()
    assert second.transaction.nonce == first.transaction.nonce + 1
    chain.replace_blocks(1)
    chain.forget_pool()
    outbox.run()
    chain.mine(3)
    assert states(outbox) == [CheckpointState.FINAL]
    assert [each.size for each in chain.checkpoints(ISSUER)] == [8]


@pytest.mark.parametrize("is_lost", [True, False], ids=["lost by the pool", "in the pool"])
def test_the_nonce_of_a_later_checkpoint_is_taken(outbox: Outbox, chain: LogChain, is_lost: bool) -> None:
    """The first one's block was replaced and its nonce spent in vain, when the second had signed for the next one.

    The second waits for the first; with a nonce above the second's the first would wait for the second, for ever.
    """
    put(outbox, 1)
    (first,) = outbox.anchor_batch()
    chain.mine()
    put(outbox, 2)
    _, second = outbox.anchor_batch()
    assert (first.transaction.nonce, second.transaction.nonce) == (0, 1)
    chain.replace_blocks(1)
    chain.forget_pool()
    other = chain.prepare("0x" + "77" * 32, 0, bytes(32), 8)
    assert other.nonce == 0
    chain.send(other.raw)
    if not is_lost:
        chain.send(second.transaction.raw)
    chain.mine()
    for _ in range(4):
        outbox.run()
        chain.mine(3)
    assert [each.state for each in outbox.checkpoints()] == [CheckpointState.FINAL, CheckpointState.FINAL]
    assert [each.size for each in chain.checkpoints(ISSUER)] == [8, 16]


def test_one_that_was_reverted_does_not_keep_the_next_from_being_sent(outbox: Outbox, chain: LogChain) -> None:
    """Ours reverted, as somebody relayed the root first; then the relayed one was undone, and ours was not."""
    put(outbox, 1)
    (first,) = outbox.anchor_batch()
    chain.forget_pool()
    relayer = LogChain(chain.path, account="relayer", is_instant=False)
    relayer.send(relayer.prepare("0x" + "77" * 32, 0, first.root, 8).raw)
    chain.mine()

    class Reverted(LogChain):
        """Its block holds our first transaction, which failed there."""

        def receipt(self, tx_hash: bytes) -> Receipt | None:
            if tx_hash == first.transaction.hash:
                return Receipt(tx_hash, 1, bytes(32), False, 30_000, None)
            return super().receipt(tx_hash)

        def sealed_nonce(self) -> int:
            return max(1, super().sealed_nonce())

        def _nonce(self, file: sqlite3.Connection, account: str) -> int:
            return super()._nonce(file, account) + (account == self.account)

    outbox._anchor = spent = Reverted(chain.path, is_instant=False, finality_blocks=2)
    (second,) = outbox.run()
    assert (second.transaction.nonce, second.earlier) == (1, (first.transaction,))
    spent.mine(3)
    assert states(outbox) == [CheckpointState.FINAL]


def test_two_logs_of_one_account_get_nonces_of_their_own(
    store: Store, chain: LogChain, clock: Callable[[], datetime]
) -> None:
    """The node has forgotten the first, which is signed for all the same."""
    boxes = [
        Outbox(store, chain, log_key=KEY[:-2] + digits, clock=clock, padding_leaves=4, patience_s=PATIENCE_S)
        for digits in ("01", "02")
    ]
    signed = []
    for number, box in enumerate(boxes):
        put(box, number)
        signed += box.anchor_batch()
        chain.forget_pool()
    assert [each.transaction.nonce for each in signed] == [0, 1]
    assert store.next_nonce("A") == 2
    assert store.next_nonce("B") == 0
    for box in boxes:
        box.run()
    chain.mine(3)
    assert [states(box) for box in boxes] == [[CheckpointState.FINAL]] * 2
    assert store.next_nonce("A") == 0


def test_a_bid_above_the_limit_keeps_what_was_sent(outbox: Outbox, chain: LogChain) -> None:
    put(outbox, 1)
    (first,) = outbox.anchor_batch()
    chain.forget_pool()
    chain.price = 110
    chain.mine(5)

    class Capped(LogChain):
        def prepare(self, *_place: object, **_how: object) -> object:
            raise LedgerUnavailableError("above the limit of the settings")

    outbox._anchor = Capped(chain.path, is_instant=False, finality_blocks=2)
    with pytest.raises(LedgerUnavailableError, match="above the limit"):
        outbox.run()
    chain.price = 0
    chain.mine(3)  # it had been sent again before anything was bid
    assert outbox.run()[0].state is CheckpointState.FINAL
    assert outbox.checkpoints()[0].transaction == first.transaction


def test_a_chain_that_lost_what_was_final_is_told(outbox: Outbox, chain: LogChain) -> None:
    put(outbox, 1)
    outbox.anchor_batch()
    chain.mine(3)
    assert states(outbox) == [CheckpointState.FINAL]
    chain.replace_blocks(3)
    put(outbox, 2)
    outbox.close_batch()
    chain.mine()
    with pytest.raises(
        ConflictError, match=r"lost checkpoints that were final; expected 8 leaves in the log; found 0 leaves"
    ):
        outbox.run()
    assert chain.sealed() == 0


def test_a_copied_database_is_refused_and_the_first_goes_on(
    outbox: Outbox, chain: LogChain, store: Store, tmp_path: Path, clock: Callable[[], datetime]
) -> None:
    """Both machines sign for the same leaf; the log takes one of them, and the other is told."""
    put(outbox, 1)
    outbox.anchor_batch()
    chain.mine(3)
    outbox.run()
    store.close()
    shutil.copy(tmp_path / "store.db", tmp_path / "copy.db")
    with Store.open(tmp_path / "copy.db", clock=clock) as copy, Store.open(tmp_path / "store.db") as original:
        theirs = Outbox(copy, chain, log_key=KEY, clock=clock, random_bytes=Counter(), padding_leaves=8)
        ours = Outbox(original, chain, log_key=KEY, clock=clock, padding_leaves=8)
        put(ours, 2)
        put(theirs, 3)
        ours.anchor_batch()
        theirs.anchor_batch()  # the same nonce: whichever the pool keeps
        chain.mine(3)
        outcomes = []
        for box in (ours, theirs):
            try:
                outcomes.append(states(box))
            except ConflictError as error:
                outcomes.append(error.message)
    told = "another copy of this workspace has anchored in its log"
    assert sorted(outcomes, key=str) == sorted([[CheckpointState.FINAL], told], key=str)
    assert [each.size for each in chain.checkpoints(ISSUER)] == [8, 16]


def test_one_at_a_time_sends_with_an_account(store: Store, tmp_path: Path) -> None:
    """Another store of the same file waits its turn; other accounts and other files do not."""
    with Store.open(tmp_path / "store.db") as other, Store.open(tmp_path / "else.db") as elsewhere:
        entered, leave = Event(), Event()

        def occupy() -> None:
            with store.sending("A"), store.sending("A"):
                entered.set()
                assert leave.wait(timeout=30)

        with ThreadPoolExecutor(2) as pool:
            busy = pool.submit(occupy)
            assert entered.wait(timeout=30)
            with other.sending("B"), elsewhere.sending("A"):
                pass
            with (
                pytest.raises(StoreError, match=r"another process is sending with this account.*run again when"),
                hold_sender(other._engine, "A", wait_s=0.05),
            ):
                pass
            leave.set()
            busy.result(timeout=30)
        with other.sending("A"):
            pass
