"""Databases of every version open, are brought up to date once, and those of the future are left alone."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Barrier

import alembic.command
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from make_store_0001 import ENTRIES, KEY, fill
from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from passport.errors import StoreError
from passport.ledger.checkpoint import CheckpointState
from passport.ledger.merkle import root
from passport.model.digest import digest_of
from passport.store import DocumentKind, Store
from passport.store.migrate import MIGRATIONS, REVISIONS
from passport.store.schema import metadata

DATA = Path(__file__).with_name("data")


def dump(path: Path) -> str:
    file = sqlite3.connect(path)
    try:
        return "\n".join(file.iterdump()) + "\n"
    finally:
        file.close()


def load(path: Path) -> None:
    file = sqlite3.connect(path)
    file.executescript((DATA / "store_0001.sql").read_text("utf-8"))
    file.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_a_database_of_the_first_version_is_read(path: Path, now: datetime) -> None:
    """`data/store_0001.sql` was written by `make_store_0001.py` when revision 0001 was the newest."""
    load(path)
    with Store.open(path) as store:
        body = b'{"id":"urn:uuid:1"}'
        assert store.get_document(DocumentKind.PASSPORT, digest_of(body)) == body
        (ref,) = store.find_documents(DocumentKind.PASSPORT, issuer_id="did:web:a.example")
        assert (ref.document_id, ref.subject_id, ref.own, ref.added_at) == ("urn:uuid:1", "urn:item:1", True, now)
        row = b'{"row":{"stage":"production"},"salt":"AAAA"}'
        assert store.rows(digest_of(b"statement")) == {digest_of(row): row}
        assert store.get_setting("language") == {"first": "zh", "then": ["en"]}
        assert store.log_entries(KEY)[0] == sha256(b"document").digest()
        assert store.void_nonce(KEY, 1) is not None
        final, prepared = store.outbox(KEY)
        assert (final.state, prepared.state) == (CheckpointState.FINAL, CheckpointState.PREPARED)
        assert final.transaction is not None
        assert (final.transaction.raw, final.transaction.nonce) == (b"raw", 7)
        assert store.log_checkpoints(KEY) == [final.anchored]
        assert prepared.root == root(store.log_entries(KEY))
        (leaf,) = store.open_leaves(KEY)
        assert (leaf.index, leaf.entry) == (prepared.size, None)
        foreign = next(key for key in store.log_keys() if key != KEY)
        assert store.log_entries(foreign) == ENTRIES
        assert [each.key_no for each in store.log_checkpoints(foreign)] == [3]


def test_the_fixture_is_what_its_generator_writes(path: Path, clock: Callable[[], datetime]) -> None:
    """As long as 0001 is the newest revision; afterwards the file stands as it is."""
    assert REVISIONS[0] == "0001"
    if REVISIONS[-1] == "0001":
        fill(path, clock)
        fixture = path.with_name("fixture.db")
        load(fixture)
        assert dump(path) == dump(fixture)  # not its text: that differs a little between versions of Python


def test_the_migrations_make_the_tables_that_the_code_uses(path: Path) -> None:
    with Store.open(path) as store, store._reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_the_list_of_revisions_is_complete() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert tuple(reversed([each.revision for each in script.walk_revisions()])) == REVISIONS
    assert script.get_heads() == [REVISIONS[-1]]


def test_a_database_of_the_future_is_left_alone(path: Path) -> None:
    Store.open(path).close()
    file = sqlite3.connect(path)
    with file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.close()
    before = dump(path)
    with pytest.raises(
        StoreError,
        match=r"store\.db: the database was written by a newer version of this program; "
        r"expected revision 0006 or older; found 9999 \(hint: upgrade carbon-passport\)",
    ):
        Store.open(path)
    assert dump(path) == before


def test_a_migration_that_fails_leaves_no_trace(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash before the tables are committed: the file is as empty as before, and opens the next time."""

    class Crash(Exception):  # noqa: N818
        pass

    upgrade = alembic.command.upgrade

    def upgrade_then_crash(config: Config, revision: str) -> None:
        upgrade(config, revision)
        raise Crash

    monkeypatch.setattr(alembic.command, "upgrade", upgrade_then_crash)
    with pytest.raises(Crash):
        Store.open(path)
    assert re.sub(r"\s", "", dump(path)) == "BEGINTRANSACTION;COMMIT;"
    monkeypatch.undo()
    with Store.open(path) as store:
        assert store.find_documents(DocumentKind.PASSPORT) == []


def test_opening_again_changes_nothing(path: Path) -> None:
    Store.open(path).close()
    before = dump(path)
    Store.open(path).close()
    assert dump(path) == before


def test_threads_that_open_new_files_at_once(tmp_path: Path) -> None:
    """Each its own file; whoever migrates keeps what runs in globals, so they take turns."""
    together = Barrier(6)

    def opened(number: int) -> int:
        together.wait(timeout=30)
        with Store.open(tmp_path / f"{number}.db") as store:
            return len(store.find_documents(DocumentKind.PASSPORT))

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(opened, range(6))) == [0] * 6
    assert len({dump(tmp_path / f"{number}.db") for number in range(6)}) == 1


def test_a_folder_with_a_percent_sign(tmp_path: Path) -> None:
    folder = tmp_path / "100% ours"
    folder.mkdir()
    with Store.open(folder / "store.db") as store:
        store.set_setting("a", 1)
        assert store.get_setting("a") == 1


def test_the_tables_can_be_made_on_postgresql() -> None:
    """No server here: that its dialect can say them all is what can be shown."""
    dialect = postgresql.dialect()
    statements = [str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables]
    statements += [str(CreateIndex(i).compile(dialect=dialect)) for t in metadata.sorted_tables for i in t.indexes]
    assert len(statements) == len(metadata.tables) + 9
    assert "sequence BIGSERIAL NOT NULL" in statements[0] + statements[1] + statements[2]
    assert "body BYTEA NOT NULL" in " ".join(statements)


def test_watched_blocks_of_the_fifth_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their validators stood in every block; they are kept where they change, and a maker of zeros is none."""
    upgrade = alembic.command.upgrade
    monkeypatch.setattr(alembic.command, "upgrade", lambda config, _: upgrade(config, "0005"))
    Store.open(path).close()
    monkeypatch.undo()
    maker, other = "0x" + "0A" * 20, "0x" + "0B" * 20
    said = {1: None, 2: f'["{maker}"]', 3: f'["{maker}"]', 4: None, 5: f'["{other}"]', 6: f'["{maker}"]'}
    file = sqlite3.connect(path)
    with file:
        for number, validators in said.items():
            producer = "0x" + "00" * 20 if number == 1 else maker
            row = ("eip155:7 0x00", number, bytes(32), number, 21_000, 30_000, 1, producer, validators)
            file.execute("INSERT INTO observed_blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    file.close()
    with Store.open(path) as store:
        assert store.observed_validators("eip155:7 0x00") == (maker,)
        assert store.observed_sets("eip155:7 0x00") == 3
        assert store.observed_producers("eip155:7 0x00", first=1) == 1
        assert store.observed_count("eip155:7 0x00") == 6
