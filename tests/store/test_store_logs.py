"""The logs of others: they only ever extend, and whoever tells another story is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ConflictError, LedgerError, StoreError
from passport.ledger import merkle
from passport.ledger.checkpoint import LogCheckpoint, OutboxCheckpoint, log_key
from passport.store import Store

CONTRACT = "eip155:1337:0x52908400098527886E0F7030069857D2E4169EE7"
KEY = log_key(CONTRACT, "0x" + "5a" * 32)
ENTRIES = [sha256(b"entry %d" % number).digest() for number in range(1100)]
FIRST = LogCheckpoint(1, 0, 256, merkle.root(ENTRIES[:256]), 1_790_000_012, 7, 3)
SECOND = LogCheckpoint(2, 256, 512, merkle.root(ENTRIES[:512]), 1_790_000_024, 9, 3)


@pytest.fixture
def store(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db", clock=clock) as store:
        yield store


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("kept") / "store.db") as store:
        yield store


def test_a_log_and_its_checkpoints_come_back(store: Store) -> None:
    store.put_foreign_log(KEY, ENTRIES[:512], [SECOND, FIRST])
    assert store.log_entries(KEY) == ENTRIES[:512]
    assert store.log_checkpoints(KEY) == [FIRST, SECOND]
    assert store.log_size(KEY) == 512
    assert store.log_keys() == [KEY]
    assert store.merkle_log(KEY).root() == SECOND.root
    assert store.merkle_log(KEY, size=256).root() == FIRST.root
    assert store.outbox(KEY) == []


@given(st.lists(st.integers(0, 1100), max_size=6), st.data())
def test_it_grows_to_the_longest_copy_told(kept: Store, sizes: list[int], data: st.DataObject) -> None:
    key = log_key(CONTRACT, "0x" + data.draw(st.binary(min_size=32, max_size=32)).hex())
    for size in sizes:
        kept.put_foreign_log(key, ENTRIES[:size])
    longest = max([kept.log_size(key), *sizes])
    assert kept.log_entries(key) == ENTRIES[:longest]
    start, stop = data.draw(st.integers(0, 1200)), data.draw(st.integers(0, 1200))
    assert kept.log_entries(key, start=start, stop=stop) == ENTRIES[:longest][start:stop]


@pytest.mark.parametrize("index", [0, 255, 256, 511, 599])
def test_an_entry_that_differs_is_named(store: Store, index: int) -> None:
    store.put_foreign_log(KEY, ENTRIES[:600], [FIRST])
    told = [*ENTRIES[:index], bytes(32), *ENTRIES[index + 1 : 700]]
    with pytest.raises(ConflictError, match=f"leaf {index}: the log's entry differs") as caught:
        store.put_foreign_log(KEY, told, [FIRST, SECOND])
    assert (caught.value.expected, caught.value.found) == (ENTRIES[index].hex(), "00" * 32)
    assert store.log_entries(KEY) == ENTRIES[:600]
    assert store.log_checkpoints(KEY) == [FIRST]


@pytest.mark.parametrize(
    "change", [{"size": 512}, {"root": bytes(32)}, {"time": 1}, {"block_number": 8}, {"key_no": 4}, {"prev_size": 1}]
)
def test_a_checkpoint_that_differs_is_refused_with_what_came_along(store: Store, change: dict[str, int]) -> None:
    store.put_foreign_log(KEY, ENTRIES[:256], [FIRST])
    with pytest.raises(ConflictError, match="checkpoint 1: the log's checkpoint differs"):
        store.put_foreign_log(KEY, ENTRIES[:512], [replace(FIRST, **change), SECOND])
    assert store.log_entries(KEY) == ENTRIES[:256]
    assert store.log_checkpoints(KEY) == [FIRST]


def test_two_checkpoints_of_one_number_in_one_telling_are_refused(store: Store) -> None:
    with pytest.raises(ConflictError, match="checkpoint 1: the log's checkpoint differs"):
        store.put_foreign_log(KEY, [], [FIRST, replace(FIRST, root=bytes(32))])
    assert store.log_keys() == []


def test_an_entry_is_32_bytes(store: Store) -> None:
    with pytest.raises(ConflictError, match="leaf 1: not an entry of a log; expected 32 bytes"):
        store.put_foreign_log(KEY, [ENTRIES[0], ENTRIES[1][1:]])
    assert store.log_size(KEY) == 0


def test_a_log_has_a_proper_name(store: Store) -> None:
    with pytest.raises(LedgerError, match="not an issuer id"):
        store.put_foreign_log(f"{CONTRACT}#0x12", ENTRIES[:1])
    assert store.log_keys() == []


def test_an_unknown_log_is_empty(store: Store) -> None:
    assert store.log_entries(KEY) == []
    assert store.log_checkpoints(KEY) == []
    assert store.void_nonce(KEY, 0) is None
    assert store.outbox_checkpoint(KEY) is None


# --- our own ---------------------------------------------------------------------------------------------------------


def own_log(store: Store, now: datetime) -> OutboxCheckpoint:
    checkpoint = OutboxCheckpoint(1, 0, 256, FIRST.root, b"", now)
    with store.transaction():
        store.open_own_log(KEY)
        store.reserve_leaf(KEY, bytes(16))
        store.freeze(KEY, checkpoint, ENTRIES[:256], {})
    return checkpoint


def test_what_others_tell_of_our_log_is_compared(store: Store, now: datetime) -> None:
    own_log(store, now)
    store.put_foreign_log(KEY, ENTRIES[:100], [FIRST])
    with pytest.raises(ConflictError, match="leaf 5: the log's entry differs"):
        store.put_foreign_log(KEY, [*ENTRIES[:5], bytes(32)])
    with pytest.raises(ConflictError, match="leaf 256: somebody knows more entries of our own log than we do"):
        store.put_foreign_log(KEY, ENTRIES[:257])
    with pytest.raises(ConflictError, match="checkpoint 2: somebody knows a checkpoint of our own log that we never"):
        store.put_foreign_log(KEY, ENTRIES[:256], [FIRST, SECOND])
    with pytest.raises(ConflictError, match="checkpoint 1: the log's checkpoint differs"):
        store.put_foreign_log(KEY, [], [replace(FIRST, root=bytes(32))])
    assert store.log_entries(KEY) == ENTRIES[:256]


def test_a_foreign_log_cannot_be_written_to(store: Store) -> None:
    store.put_foreign_log(KEY, ENTRIES[:3])
    with pytest.raises(ConflictError, match="stored as somebody else's"):
        store.open_own_log(KEY)
    with pytest.raises(StoreError, match="not a log of our own"):
        store.reserve_leaf(KEY, bytes(16))


def test_the_store_refuses_steps_out_of_order(store: Store, now: datetime) -> None:
    checkpoint = own_log(store, now)
    with pytest.raises(StoreError, match="not the log's next checkpoint; found checkpoint 1"):
        store.freeze(KEY, checkpoint, ENTRIES[:256], {})
    assert store.fill_leaf(KEY, 256, bytes(16), ENTRIES[0]) is False
    assert store.advance(KEY, replace(checkpoint, root=bytes(32)), checkpoint) is False
    assert store.outbox(KEY) == [checkpoint]


def test_missing_entries_are_noticed(store: Store) -> None:
    from sqlalchemy import text

    store.put_foreign_log(KEY, ENTRIES[:600])
    with store.transaction(), store._step() as connection:
        connection.execute(text("DELETE FROM log_tiles WHERE tile = 2"))
    with pytest.raises(StoreError, match="entries of a log are missing"):
        store.log_entries(KEY)
    assert store.log_entries(KEY, stop=512) == ENTRIES[:512]
