"""The outbox step by step: reserving, filling, freezing, and the ways a chain may answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from log_chain import GENESIS_TIME, LogChain

from passport.errors import (
    ConflictError,
    LedgerError,
    LedgerUnavailableError,
    ReservationError,
    StoreError,
    TransactionError,
    UsageError,
)
from passport.ledger import merkle
from passport.ledger.account import SignedTransaction
from passport.ledger.checkpoint import CheckpointState, log_key, parse_log_key
from passport.ledger.outbox import Outbox
from passport.ledger.outbox_ports import Reservation
from passport.store import Store

ISSUER = "0x" + "5a" * 32
CONTRACT = "eip155:1337:0x52908400098527886E0F7030069857D2E4169EE7"  # an address from EIP-55
KEY = log_key(CONTRACT, ISSUER)
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def entry(number: int) -> bytes:
    return sha256(b"document %d" % number).digest()


class Counter:
    """Bytes that never repeat and are the same every time."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, length: int) -> bytes:
        self.count += 1
        return sha256(b"random %d" % self.count).digest()[:length]


@pytest.fixture
def store(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db", clock=clock) as store:
        yield store


@pytest.fixture
def chain(tmp_path: Path) -> LogChain:
    return LogChain(tmp_path / "chain", is_instant=False, finality_blocks=2)


@pytest.fixture
def outbox(store: Store, chain: LogChain, clock: Callable[[], datetime]) -> Outbox:
    return Outbox(store, chain, log_key=KEY, clock=clock, random_bytes=Counter(), padding_leaves=8)


def put(outbox: Outbox, *numbers: int) -> None:
    for number in numbers:
        outbox.fill(outbox.reserve(), entry(number))


# --- reserving and filling -------------------------------------------------------------------------------------------


def test_indexes_are_given_out_in_order_and_filled_in_any(outbox: Outbox) -> None:
    reservations = [outbox.reserve() for _ in range(3)]
    assert [each.index for each in reservations] == [0, 1, 2]
    assert len({each.token for each in reservations}) == 3
    for number in (2, 0, 1):
        outbox.fill(reservations[number], entry(number))
    outbox.close_batch()
    assert list(outbox.entries()[:3]) == [entry(0), entry(1), entry(2)]


def test_a_reservation_dies_with_its_checkpoint(outbox: Outbox) -> None:
    late = outbox.reserve()
    put(outbox, 1)
    outbox.close_batch()
    with pytest.raises(ReservationError, match=r"leaf 0: the reservation died with its checkpoint.*sign the document"):
        outbox.fill(late, entry(0))
    assert outbox.void_nonce(0) is not None
    assert outbox.reserve().index == 8


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_reservation_is_good_for_one(outbox: Outbox, is_closed: bool) -> None:
    reservation = outbox.reserve()
    outbox.fill(reservation, entry(1))
    if is_closed:
        outbox.close_batch()
    with pytest.raises(ReservationError, match="leaf 0: the leaf is filled already"):
        outbox.fill(reservation, entry(2))
    outbox.close_batch()
    assert outbox.entries()[0] == entry(1)


def test_nobody_fills_what_is_not_theirs(outbox: Outbox) -> None:
    with pytest.raises(ReservationError, match="leaf 0: nobody reserved this leaf"):
        outbox.fill(Reservation(0, bytes(16)), entry(1))
    reservation = outbox.reserve()
    with pytest.raises(ReservationError, match="leaf 0: the leaf is reserved for somebody else"):
        outbox.fill(Reservation(0, bytes(16)), entry(1))
    with pytest.raises(ReservationError, match="leaf 1: nobody reserved this leaf"):
        outbox.fill(Reservation(1, reservation.token), entry(1))
    with pytest.raises(UsageError, match="expected 32 bytes; found 31 bytes"):
        outbox.fill(reservation, entry(1)[1:])
    outbox.fill(reservation, entry(1))


def test_a_document_that_is_not_stored_is_not_in_the_log(outbox: Outbox, store: Store) -> None:
    reservation = outbox.reserve()

    def issue() -> None:
        with store.transaction():
            outbox.fill(reservation, entry(1))
            raise RuntimeError("signing failed")

    with pytest.raises(RuntimeError, match="signing failed"):
        issue()
    assert outbox.close_batch() is None
    outbox.fill(reservation, entry(1))
    assert outbox.close_batch() is not None


def test_a_log_begun_in_an_inner_transaction_that_failed_is_begun_again(outbox: Outbox, store: Store) -> None:
    def inner() -> None:
        with store.transaction():
            outbox.reserve()
            raise RuntimeError("inner")

    with store.transaction():
        with pytest.raises(RuntimeError, match="inner"):
            inner()
        put(outbox, 1)
    outbox.close_batch()
    assert outbox.entries()[0] == entry(1)


# --- freezing --------------------------------------------------------------------------------------------------------


def test_a_checkpoint_covers_documents_voids_and_padding(outbox: Outbox) -> None:
    put(outbox, 0)
    outbox.reserve()
    put(outbox, 2)
    checkpoint = outbox.close_batch()
    assert checkpoint is not None
    assert (checkpoint.seq, checkpoint.prev_size, checkpoint.size) == (1, 0, 8)
    assert (checkpoint.state, checkpoint.prepared_at) == (CheckpointState.PREPARED, NOW)
    entries = outbox.entries()
    assert (entries[0], entries[2]) == (entry(0), entry(2))
    for index in (1, 3, 4, 5, 6, 7):
        nonce = outbox.void_nonce(index)
        assert nonce is not None
        assert entries[index] == merkle.void_entry(nonce)
    assert outbox.void_nonce(0) is outbox.void_nonce(2) is outbox.void_nonce(8) is None
    assert len(set(entries)) == 8
    assert checkpoint.root == merkle.root(entries)
    assert outbox.checkpoints() == [checkpoint]


def test_the_default_padding_is_256(store: Store, chain: LogChain, clock: Callable[[], datetime]) -> None:
    outbox = Outbox(store, chain, log_key=KEY, clock=clock)
    put(outbox, 1)
    checkpoint = outbox.close_batch()
    assert checkpoint is not None
    assert checkpoint.size == 256
    for _ in range(257):
        reservation = outbox.reserve()
    outbox.fill(reservation, entry(2))
    checkpoint = outbox.close_batch()
    assert checkpoint is not None
    assert (checkpoint.prev_size, checkpoint.size) == (256, 768)
    with pytest.raises(UsageError, match="at least 1 leaf"):
        Outbox(store, chain, log_key=KEY, clock=clock, padding_leaves=0)


def test_no_documents_no_checkpoint_and_reservations_stay_good(outbox: Outbox) -> None:
    assert outbox.close_batch() is None
    reservation = outbox.reserve()
    assert outbox.close_batch() is None
    outbox.fill(reservation, entry(0))
    assert outbox.close_batch() is not None
    assert outbox.close_batch() is None


def test_a_steady_checkpoint_grows_by_the_padding_alone(outbox: Outbox) -> None:
    sizes = [outbox.close_batch(steady=True).size for _ in range(3)]
    assert sizes == [8, 16, 24]
    assert all(outbox.void_nonce(index) is not None for index in range(24))


def test_every_root_is_that_of_the_whole_log(outbox: Outbox, store: Store) -> None:
    for count in (1, 9, 3, 8, 16, 0, 25):
        put(outbox, *range(count))
        outbox.close_batch(steady=True)
    log = store.merkle_log(KEY)
    checkpoints = outbox.checkpoints()
    assert [each.size for each in checkpoints] == [8, 24, 32, 40, 56, 64, 96]
    for old, new in zip([None, *checkpoints], checkpoints, strict=False):
        assert new.root == log.root(new.size)
        assert new.prev_size == (old.size if old else 0)
        if old:
            proof = log.consistency_proof(old.size, new.size)
            merkle.verify_consistency(old.size, old.root, new.size, new.root, proof)


def test_a_store_that_contradicts_itself_is_not_built_upon(outbox: Outbox, store: Store) -> None:
    put(outbox, 1)
    checkpoint = outbox.close_batch()
    from sqlalchemy import text

    with store.transaction(), store._step() as connection:
        connection.execute(text("UPDATE log_checkpoints SET frontier = :other"), {"other": bytes(32)})
    put(outbox, 2)
    with pytest.raises(StoreError, match="does not fit its last checkpoint"):
        outbox.close_batch()
    assert store.log_size(KEY) == checkpoint.size


def test_a_log_as_long_as_the_contract_counts_is_full(
    store: Store, chain: LogChain, clock: Callable[[], datetime]
) -> None:
    outbox = Outbox(store, chain, log_key=KEY, clock=clock, padding_leaves=2**48)
    put(outbox, 1)
    with pytest.raises(LedgerError, match="the log is full; expected at most 281474976710655 leaves"):
        outbox.close_batch()


# --- the chain -------------------------------------------------------------------------------------------------------


def states(outbox: Outbox) -> list[CheckpointState]:
    return [each.state for each in outbox.run()]


def test_from_prepared_to_final(outbox: Outbox, chain: LogChain, store: Store) -> None:
    put(outbox, 1)
    (submitted,) = outbox.anchor_batch()
    assert submitted.state is CheckpointState.SUBMITTED
    assert submitted.transaction is not None
    assert sha256(submitted.transaction.raw).digest() == submitted.transaction.hash
    assert store.log_checkpoints(KEY) == []
    assert states(outbox) == [CheckpointState.SUBMITTED]
    chain.mine()
    (included,) = outbox.run()
    assert included.state is CheckpointState.INCLUDED
    assert included.anchored == chain.checkpoints(ISSUER)[0]
    assert included.anchored.time == GENESIS_TIME + 12
    chain.mine(2)
    assert states(outbox) == [CheckpointState.FINAL]
    assert outbox.run() == ()
    assert store.log_checkpoints(KEY) == chain.checkpoints(ISSUER)
    assert chain.sealed() == 1


def test_an_instant_chain_is_final_in_one_run(outbox: Outbox, chain: LogChain) -> None:
    chain.is_instant, chain.finality_blocks = True, 0
    put(outbox, 1)
    outbox.close_batch()
    put(outbox, 2)
    assert [each.state for each in outbox.anchor_batch()] == [CheckpointState.FINAL] * 2
    assert [each.size for each in chain.checkpoints(ISSUER)] == [8, 16]


def test_checkpoints_go_one_after_the_other(outbox: Outbox, chain: LogChain) -> None:
    for number in range(3):
        put(outbox, number)
        outbox.close_batch()
    S, P, I, F = (CheckpointState(name) for name in ("submitted", "prepared", "included", "final"))  # noqa: E741, N806
    assert states(outbox) == [S, P, P]
    chain.mine()
    assert states(outbox) == [I, S, P]
    chain.mine()
    assert states(outbox) == [I, I, S]
    chain.mine(3)
    assert states(outbox) == [F, F, F]


def test_out_of_reach_is_no_loss(outbox: Outbox, chain: LogChain) -> None:
    put(outbox, 1)
    chain.is_reachable = False
    with pytest.raises(LedgerUnavailableError, match="out of reach"):
        outbox.anchor_batch()
    assert [each.state for each in outbox.checkpoints()] == [CheckpointState.PREPARED]
    chain.is_reachable = True
    outbox.run()
    chain.mine(3)
    assert states(outbox) == [CheckpointState.FINAL]
    assert chain.sealed() == 1


def test_a_forgotten_transaction_is_sent_again_as_it_was(outbox: Outbox, chain: LogChain) -> None:
    put(outbox, 1)
    (submitted,) = outbox.anchor_batch()
    chain.forget_pool()
    chain.mine()
    assert outbox.run() == (submitted,)
    chain.mine(3)
    (final,) = outbox.run()
    assert final.state is CheckpointState.FINAL
    assert final.transaction == submitted.transaction


def test_a_replaced_block_sets_its_checkpoints_back(outbox: Outbox, chain: LogChain) -> None:
    put(outbox, 1)
    outbox.anchor_batch()
    chain.mine()
    put(outbox, 2)
    outbox.anchor_batch()
    chain.mine()
    assert states(outbox) == [CheckpointState.INCLUDED] * 2
    chain.replace_blocks(2)
    back = outbox.run()
    assert [each.state for each in back] == [CheckpointState.SUBMITTED] * 2
    assert [each.anchored for each in back] == [None, None]
    chain.mine()
    (first, _) = outbox.run()
    assert first.anchored.block_number == 3
    chain.mine(4)
    assert states(outbox) == [CheckpointState.FINAL] * 2
    assert [each.size for each in chain.checkpoints(ISSUER)] == [8, 16]
    assert chain.sealed() == 2


def test_a_nonce_somebody_took_is_signed_for_anew(outbox: Outbox, chain: LogChain, tmp_path: Path) -> None:
    put(outbox, 1)
    (submitted,) = outbox.anchor_batch()
    chain.forget_pool()
    # The same account commits for another issuer meanwhile.
    other = chain.prepare("0x" + "77" * 32, 0, bytes(32), 8)
    chain.send(other.raw)
    chain.mine()
    (again,) = outbox.run()
    assert again.transaction.nonce == submitted.transaction.nonce + 1
    chain.mine(3)
    assert states(outbox) == [CheckpointState.FINAL]


def test_a_checkpoint_somebody_relayed_is_done(
    outbox: Outbox, chain: LogChain, store: Store, clock: Callable[[], datetime]
) -> None:
    put(outbox, 1)
    checkpoint = outbox.close_batch()
    relayer = LogChain(chain.path, account="relayer", is_instant=True)
    relayer.send(relayer.prepare(ISSUER, 0, checkpoint.root, checkpoint.size).raw)
    (included,) = outbox.run()
    assert (included.state, included.transaction) == (CheckpointState.INCLUDED, None)
    chain.mine(2)
    assert states(outbox) == [CheckpointState.FINAL]
    assert chain.sealed() == 1


def test_a_reverted_transaction_whose_root_is_there_is_done(outbox: Outbox, chain: LogChain) -> None:
    put(outbox, 1)
    (submitted,) = outbox.anchor_batch()
    relayer = LogChain(chain.path, account="relayer", is_instant=False)
    chain.forget_pool()
    relayer.send(relayer.prepare(ISSUER, 0, submitted.root, submitted.size).raw)
    relayer.mine()
    chain.send(submitted.transaction.raw)
    chain.mine(3)
    assert chain.receipt(submitted.transaction.hash).status is False
    assert states(outbox) == [CheckpointState.FINAL]


def test_what_the_contract_refuses_stays_in_the_outbox(outbox: Outbox, chain: LogChain) -> None:
    put(outbox, 1)
    chain.is_suspended = True
    with pytest.raises(
        TransactionError, match=r"checkpoint 1 of eip155.*refuses a checkpoint.*IssuerSuspended.*hint: nothing is lost"
    ):
        outbox.anchor_batch()
    chain.is_suspended = False
    outbox.run()
    chain.mine(3)
    assert states(outbox) == [CheckpointState.FINAL]


def test_another_log_in_our_place_is_named(outbox: Outbox, chain: LogChain) -> None:
    stranger = LogChain(chain.path, account="copy of the workspace", is_instant=True)
    stranger.send(stranger.prepare(ISSUER, 0, bytes(32), 8).raw)
    put(outbox, 1)
    with pytest.raises(
        ConflictError,
        match=r"another copy of this workspace has anchored.*expected 0 leaves in the log; found 8 leaves.*never run",
    ):
        outbox.anchor_batch()
    assert len(chain.checkpoints(ISSUER)) == chain.sealed() == 1
    assert [each.transaction for each in outbox.checkpoints()] == [None]


def test_our_root_under_other_numbers_is_a_conflict(outbox: Outbox, chain: LogChain) -> None:
    put(outbox, 1)
    checkpoint = outbox.close_batch()
    stranger = LogChain(chain.path, account="B", is_instant=True)
    stranger.send(stranger.prepare(ISSUER, 0, checkpoint.root, 9).raw)
    with pytest.raises(ConflictError, match=r"expected seq, prevSize, size = 1, 0, 8; found 1, 0, 9.*two copies"):
        outbox.run()


def test_refused_every_time(outbox: Outbox, chain: LogChain) -> None:
    class Stubborn(LogChain):
        """A node that takes nothing of this account."""

        signed = 0

        def prepare(self, *place: Any, **how: Any) -> SignedTransaction:
            self.signed += 1
            return super().prepare(*place, **how)

        def send(self, raw: bytes) -> None:
            raise TransactionError(self.why, where="funds" if self.why == "insufficient funds" else None)

        why = "the pool is full"

    put(outbox, 1)
    outbox._anchor = stubborn = Stubborn(chain.path)
    with pytest.raises(TransactionError, match="the pool is full") as caught:
        outbox.anchor_batch()
    assert isinstance(caught.value.__cause__, TransactionError)
    assert stubborn.signed == 4  # a higher bid each time
    stubborn.why = "insufficient funds"
    with pytest.raises(TransactionError, match="insufficient funds"):
        outbox.run()
    assert stubborn.signed == 4  # which no bid mends
    outbox._anchor = chain
    outbox.run()
    chain.mine(3)
    assert states(outbox) == [CheckpointState.FINAL]


def test_two_outboxes_at_once_anchor_once(
    tmp_path: Path, store: Store, chain: LogChain, clock: Callable[[], datetime]
) -> None:
    """The second acts between the steps of the first: whatever it does, there is one transaction and one checkpoint."""
    other = Outbox(store, chain, log_key=KEY, clock=clock, padding_leaves=8)

    class Interrupted(LogChain):
        def prepare(self, *place: Any, **how: Any) -> SignedTransaction:
            signed = super().prepare(*place, **how)
            other.run()
            return signed

    outbox = Outbox(store, Interrupted(chain.path, is_instant=False), log_key=KEY, clock=clock, padding_leaves=8)
    put(outbox, 1)
    outbox.anchor_batch()
    chain.mine(3)
    outbox._anchor = chain
    assert states(outbox) == [CheckpointState.FINAL]
    assert chain.sealed() == 1


def test_nothing_is_sent_before_it_is_stored_for_good(outbox: Outbox, store: Store, chain: LogChain) -> None:
    put(outbox, 1)
    outbox.close_batch()
    with store.transaction(), pytest.raises(UsageError, match="cannot be sent inside a transaction"):
        outbox.run()
    chain.mine()
    assert chain.sealed() == 0


def test_one_store_two_issuers(store: Store, chain: LogChain, clock: Callable[[], datetime]) -> None:
    chain.is_instant, chain.finality_blocks = True, 0
    keys = [log_key(CONTRACT, "0x" + digits * 32) for digits in ("01", "02")]
    boxes = [Outbox(store, chain, log_key=key, clock=clock, padding_leaves=4) for key in keys]
    for number, box in enumerate(boxes):
        put(box, number)
    for box in boxes:
        assert [each.state for each in box.anchor_batch()] == [CheckpointState.FINAL]
    assert [store.log_entries(key)[0] for key in keys] == [entry(0), entry(1)]
    assert store.log_keys() == keys


@pytest.mark.parametrize(
    ("contract", "issuer", "reason"),
    [
        (CONTRACT, ISSUER[:-1], "not an issuer id"),
        (CONTRACT, ISSUER.upper(), "not an issuer id"),
        (CONTRACT.replace("eip155", "solana"), ISSUER, "CAIP-2"),
        (CONTRACT.replace("0x52", "0x53"), ISSUER, "EIP-55"),
    ],
)
def test_names_of_logs_have_one_spelling(contract: str, issuer: str, reason: str) -> None:
    with pytest.raises(LedgerError, match=reason):
        log_key(contract, issuer)
    with pytest.raises(LedgerError, match=reason):
        parse_log_key(f"{contract}#{issuer}")


def test_a_log_key_comes_apart_again() -> None:
    assert parse_log_key(KEY) == (CONTRACT, ISSUER)
