"""The store on a real PostgreSQL: a cluster of this test's own, on a socket in a folder of its own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import pytest
from sqlalchemy import create_engine, inspect, text

from passport.errors import ConflictError, StoreError
from passport.ledger.account import SignedTransaction
from passport.ledger.checkpoint import CheckpointState, LogCheckpoint, OutboxCheckpoint, log_key
from passport.ledger.merkle import Frontier, root
from passport.model.digest import digest_of
from passport.store import DocumentKind, Store
from passport.store.migrate import REVISIONS
from passport.store.schema import metadata
from passport.store.sender_lock import hold_sender

pytestmark = pytest.mark.postgres

P = DocumentKind.PASSPORT
KEY = log_key("eip155:1337:0xdee470194B5EB589FcD17d5b68abfb304A0D133e", "0x" + "ab" * 32)
ENTRIES = [sha256(str(number).encode()).digest() for number in range(600)]
FIRST = LogCheckpoint(1, 0, 256, root(ENTRIES[:256]), 100, 7, 1)


def _program(name: str) -> str | None:
    """One of PostgreSQL's programs: Debian keeps them off the path."""
    found = shutil.which(name)
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return found or (str(places[-1]) if places else None)


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The URL of a server, but for the name of the database; the server refuses root, who becomes nobody for it."""
    initdb, control = _program("initdb"), _program("pg_ctl")
    if initdb is None or control is None:
        pytest.skip("no PostgreSQL on this machine: apt-get install postgresql")
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("no driver for PostgreSQL: pip install 'psycopg[binary]'")
    folder = Path(mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path may not be long
    become = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
    if become:
        shutil.chown(folder, "nobody")

    def run(*command: str) -> None:
        done = subprocess.run(
            [*become, *command], cwd=folder, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, done.stderr

    data, log = str(folder / "data"), str(folder / "log")
    try:
        run(initdb, "-D", data, "-A", "trust", "-U", "passport", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        # The server keeps what it is given open: a pipe of ours would never end.
        run("sh", "-c", f'exec "{control}" -D "{data}" -w -o "{options}" -l "{log}" start >/dev/null 2>&1')
        yield f"postgresql+psycopg://passport@/{{}}?host={folder}"
        run(control, "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_NUMBERS = count(1)


@pytest.fixture
def url(cluster: str) -> str:
    """A new, empty database."""
    name = f"store{next(_NUMBERS)}"
    engine = create_engine(cluster.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return cluster.format(name)


@pytest.fixture
def store(url: str, clock: Callable[[], datetime]) -> Iterator[Store]:
    with Store.open(url, clock=clock) as opened:
        yield opened


def _put(store: Store, body: bytes, **described: str) -> bool:
    return store.put_document(P, digest_of(body), body, **({"document_id": "urn:x"} | described))


def test_the_migrations_make_the_tables(store: Store, url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == REVISIONS[-1]
    engine.dispose()
    Store.open(url).close()  # again: nothing is left to do


def test_a_document_is_new_once_and_never_another(store: Store) -> None:
    """What the database passes over because it is there must be told from what it takes."""
    assert _put(store, b"{}")
    assert not _put(store, b"{}")
    assert store.get_document(P, digest_of(b"{}")) == b"{}"
    with pytest.raises(ConflictError):
        store.put_document(P, digest_of(b"{}"), b"[]", document_id="urn:x")
    with pytest.raises(ConflictError):
        _put(store, b"{}", document_id="urn:y")
    assert [ref.document_id for ref in store.find_documents(P)] == ["urn:x"]


def test_passports_and_rows_that_mention_a_digest(store: Store) -> None:
    sought = digest_of(b"what is sought")
    _put(store, sought.encode())
    _put(store, b"{}", document_id="urn:y")
    row = b"..." + sought.encode()
    assert not store.is_in_a_row(sought)
    store.put_rows(sought, [(digest_of(row), row)])
    assert store.passports_that_mention(sought) == [digest_of(sought.encode())]
    assert store.is_in_a_row(sought)


def test_what_a_transaction_drops_was_never_there(store: Store) -> None:
    with suppress(RuntimeError), store.transaction():
        _put(store, b"{}")
        raise RuntimeError
    assert store.find_documents(P) == []
    with store.transaction():
        _put(store, b"1")
        with suppress(RuntimeError), store.transaction():
            _put(store, b"2")
            raise RuntimeError
    assert [ref.digest for ref in store.find_documents(P)] == [digest_of(b"1")]


def test_logs_extend_and_are_never_rewritten(store: Store) -> None:
    store.put_foreign_log(KEY, ENTRIES[:256], [FIRST])
    store.put_foreign_log(KEY, ENTRIES)
    assert store.log_entries(KEY) == ENTRIES
    assert store.log_checkpoints(KEY) == [FIRST]
    with pytest.raises(ConflictError, match="leaf 3: the log's entry differs"):
        store.put_foreign_log(KEY, [*ENTRIES[:3], bytes(32)])
    with pytest.raises(ConflictError, match="checkpoint 1: the log's checkpoint differs"):
        store.put_foreign_log(KEY, ENTRIES, [replace(FIRST, root=bytes(32))])
    assert store.log_entries(KEY) == ENTRIES


def test_writers_take_turns(store: Store, url: str) -> None:
    """Four stores reserve leaves of one log at once: each index is given out once, and none is left out."""

    def reserve(number: int) -> list[int]:
        with Store.open(url) as opened:
            taken = []
            for attempt in range(10):
                with opened.transaction():
                    opened.open_own_log(KEY)
                    taken.append(opened.reserve_leaf(KEY, sha256(f"{number} {attempt}".encode()).digest()[:16]))
            return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [index for part in pool.map(reserve, range(4)) for index in part]
    assert sorted(taken) == list(range(40))


def test_one_at_a_time_sends_with_an_account(store: Store, url: str) -> None:
    """Another process waits its turn, for that account alone, and is told when it waits too long."""
    with Store.open(url) as other, store.sending("A"), store.sending("A"):
        with other.sending("B"):
            pass
        with (
            pytest.raises(StoreError, match=r"another process is sending with this account.*run again when"),
            hold_sender(other._engine, "A", wait_s=0.05),
        ):
            pass
    with Store.open(url) as other, other.sending("A"):
        pass


def test_all_that_was_signed_is_kept(store: Store, now: datetime) -> None:
    """The way of a checkpoint with three transactions: each step from the one before, and from no other."""
    frontier = Frontier()
    frontier.extend(ENTRIES[:256])
    prepared = OutboxCheckpoint(1, 0, 256, root(ENTRIES[:256]), frontier.to_bytes(), now)
    with store.transaction():
        store.open_own_log(KEY)
        store.freeze(KEY, prepared, ENTRIES[:256], {})
    signed = [SignedTransaction(b"raw %d" % at, bytes([at]) * 32, 7, "A") for at in range(3)]
    step = prepared
    for at, each in enumerate(signed):
        following = replace(
            step,
            state=CheckpointState.SUBMITTED,
            transaction=each,
            earlier=tuple(signed[:at]),
            signed_at=100 + at,
        )
        assert store.advance(KEY, step, following)
        assert not store.advance(KEY, step, following)
        step = following
    assert store.outbox(KEY) == [step]
    assert store.outbox_checkpoint(KEY) == step
    assert step.earlier == tuple(signed[:2])
    assert (store.next_nonce("A"), store.next_nonce("B")) == (8, 0)
    final = replace(step, state=CheckpointState.FINAL, anchored=FIRST)
    assert store.advance(KEY, step, final)
    assert store.next_nonce("A") == 0


def test_a_database_of_somebody_else_is_left_alone(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id integer)"))
    with pytest.raises(StoreError, match="the database belongs to another program"):
        Store.open(url)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["theirs"]
    engine.dispose()
