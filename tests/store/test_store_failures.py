"""Disks that are full, files that are damaged, other processes: each has its reason, and what was kept stays."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from passport.errors import StoreError, UsageError
from passport.model.digest import digest_of
from passport.store import DocumentKind, Store

P = DocumentKind.PASSPORT
PROCESS = Path(__file__).with_name("writing_process.py")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path, clock: Callable[[], datetime]) -> Iterator[Store]:
    with Store.open(path, clock=clock) as store:
        yield store


def put(store: Store, text: str) -> None:
    body = text.encode()
    store.put_document(P, digest_of(body), body, document_id=f"urn:{text[:20]}")


def ids(store: Store) -> list[str]:
    return [ref.document_id for ref in store.find_documents(P)]


# --- a full disk -----------------------------------------------------------------------------------------------------


@pytest.fixture
def full_store(path: Path, clock: Callable[[], datetime]) -> Iterator[Store]:
    """A store whose file may grow by 40 pages (160 kB) and no further."""
    with Store.open(path, clock=clock) as store:

        @event.listens_for(store._engine, "connect")
        def _limit(connection: sqlite3.Connection, _record: object) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 40}")

        store._engine.dispose()  # the connections from now on have the limit
        yield store


BIG = 50_000


def test_a_full_disk_loses_nothing_that_was_stored(full_store: Store, path: Path) -> None:
    for number in range(3):
        put(full_store, f"{number}" * BIG)
    with pytest.raises(StoreError, match=r"store\.db: the disk is full \(hint: nothing of this transaction was kept"):
        put(full_store, "3" * BIG)
    put(full_store, "small")
    kept = [f"urn:{str(number) * 20}" for number in range(3)] + ["urn:small"]
    assert ids(full_store) == kept
    full_store.close()
    with Store.open(path) as store:
        put(store, "room")
        put(store, "4" * BIG)
        assert ids(store) == [*kept, "urn:room", "urn:" + "4" * 20]
        assert store.get_document(P, digest_of(b"2" * BIG)) == b"2" * BIG


def test_a_full_disk_ends_the_whole_transaction(full_store: Store) -> None:
    put(full_store, "before")

    def work() -> None:
        with full_store.transaction():
            put(full_store, "first")
            with pytest.raises(StoreError, match="the disk is full"):
                put(full_store, "x" * 1_000_000)
            # SQLite may have rolled back "first" by now, so what follows must not be kept either.
            with pytest.raises(StoreError, match="an earlier step of this transaction failed"):
                put(full_store, "second")

    with pytest.raises(StoreError, match="an earlier step of this transaction failed, so none of it is kept"):
        work()
    assert ids(full_store) == ["urn:before"]
    put(full_store, "after")
    assert ids(full_store) == ["urn:before", "urn:after"]


def test_a_full_disk_in_an_inner_transaction_keeps_its_reason(full_store: Store) -> None:
    def work() -> None:
        with full_store.transaction():
            put(full_store, "first")
            with full_store.transaction():
                put(full_store, "x" * 1_000_000)

    with pytest.raises(StoreError, match="the disk is full"):
        work()
    assert ids(full_store) == []
    put(full_store, "after")
    assert ids(full_store) == ["urn:after"]


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_bytes(b"This is a letter, not a database.\n" * 200)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"store\.db: the file is not a database \(hint: is this the right file"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_damaged_file(store: Store, path: Path) -> None:
    with store.transaction():
        for number in range(200):
            put(store, f"document {number} " * 100)
    store.close()
    damaged = bytearray(path.read_bytes())
    damaged[4096:] = os.urandom(len(damaged) - 4096)
    path.write_bytes(damaged)
    with pytest.raises(StoreError, match="the database file is damaged"):
        Store.open(path)


def test_somebody_elses_database(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE recipes (name TEXT)")
    file.close()
    with pytest.raises(StoreError, match=r"store\.db: the database belongs to another program; found recipes"):
        Store.open(path)


def test_a_read_only_database_is_read_and_not_written(store: Store, path: Path) -> None:
    put(store, "a")
    with Store.open(f"sqlite:///file:{path}?mode=ro&uri=true") as reader:
        assert ids(reader) == ["urn:a"]
        with pytest.raises(StoreError, match="the database is read-only"):
            put(reader, "b")
    assert ids(store) == ["urn:a"]


def test_no_folder_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot make the database file; found No such file or directory"):
        Store.open(tmp_path / "nowhere" / "store.db")


@pytest.mark.parametrize(
    "place", [":memory:", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"]
)
def test_a_store_is_not_in_memory(place: str) -> None:
    with pytest.raises(UsageError, match="a store is a file"):
        Store.open(place)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nosuch://host/db", "cannot open this kind of database; found nosuch"),
        ("postgresql+nosuch://host/db", "cannot open this kind of database; found postgresql"),
        ("://", "not the URL of a database"),
    ],
)
def test_urls_we_do_not_know(url: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        Store.open(url)


def test_the_file_is_its_owners_alone(store: Store, path: Path) -> None:
    put(store, "a")
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["store.db", "store.db-shm", "store.db-wal"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_commits_are_synced_to_the_disk(store: Store) -> None:
    with store._reading() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]  # 2 is FULL


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_text_that_no_database_holds(store: Store, text: str) -> None:
    with pytest.raises(StoreError, match="the database refused; found 'utf-8' codec can't encode"):
        store.put_document(P, digest_of(b"a"), b"a", document_id=text)
    assert ids(store) == []


def test_a_callers_own_error_passes_as_it_is(store: Store) -> None:
    def work() -> None:
        with store.transaction():
            put(store, "a")
            raise sqlite3.OperationalError("of another database")

    with pytest.raises(sqlite3.OperationalError, match="of another database"):
        work()
    assert ids(store) == []


# --- others ----------------------------------------------------------------------------------------------------------


def test_a_database_that_stays_busy(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passport.store.engine.BUSY_TIMEOUT_S", 0.05)
    with Store.open(path) as other, store.transaction():
        put(store, "a")
        with pytest.raises(StoreError, match=r"another process keeps the database busy \(hint: try again"):
            put(other, "b")
        assert ids(other) == []  # readers do not wait
    assert ids(store) == ["urn:a"]


def test_threads_share_a_store(store: Store) -> None:
    errors: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(20):
                with store.transaction():
                    count = store.get_setting("count", 0)
                    put(store, f"{name} {number}")
                    store.set_setting("count", count + 1)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.get_setting("count") == len(ids(store)) == 60


def _start(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(PROCESS), str(path), name, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_open_a_new_database_and_write_at_once(path: Path) -> None:
    """Both migrate the same empty file, then count up one number: no step is lost, none is refused."""
    processes = [_start(path, name, 40) for name in ("a", "b")]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert output.split() == [str(number) for number in range(40)]
    with Store.open(path) as store:
        assert store.get_setting("counter") == 80
        assert set(ids(store)) == {f"urn:{name}:{number}" for name in "ab" for number in range(40)}


def test_kill_9_keeps_what_was_acknowledged(path: Path) -> None:
    process = _start(path, "a", 100_000)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    lines = [process.stdout.readline() for _ in range(25)]
    process.kill()
    lines += process.stdout.readlines()
    process.stdin.close()
    process.stdout.close()
    assert process.wait() == -9
    told = sum(line.endswith("\n") for line in lines)
    with Store.open(path) as store:
        assert told <= len(ids(store)) <= told + 1  # one may be stored that nobody was told of
        assert store.get_setting("counter") == len(ids(store))
