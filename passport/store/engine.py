"""Everything that depends on which database it is: opening it, its transactions, its errors, its own words in SQL."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from passport.errors import StoreError, UsageError

BUSY_TIMEOUT_S = 30.0
"""How long one process waits for another's transaction."""

DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error, UnicodeEncodeError, OverflowError)
"""What the database and its driver raise; the last two of text and numbers that no database holds."""

_WRITES = "passport_writes"
_MIGRATION_LOCK = 0x63617262  # any number that is always the same


def create_store_engine(url_or_path: str | os.PathLike[str]) -> Engine:
    """An engine for a database file or URL; nothing is opened yet.

    Raises:
        UsageError: an unusable URL, or a database in memory.
        StoreError: the database file cannot be made.
    """
    url = _url(url_or_path)
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(url)
        return create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise UsageError(
            "cannot open this kind of database",
            found=url.get_backend_name(),
            hint=f"is its driver installed? ({error})",
        ) from error


def _url(url_or_path: str | os.PathLike[str]) -> URL:
    place = os.fspath(url_or_path)
    if "://" not in place:
        return URL.create("sqlite+pysqlite", database=place)
    try:
        return make_url(place)
    except ArgumentError as error:
        raise UsageError("not the URL of a database", hint="give a file name, or e.g. postgresql://...") from error


def _sqlite_engine(url: URL) -> Engine:
    if not url.database or url.database == ":memory:" or url.query.get("mode") == "memory":
        raise UsageError("a store is a file: in memory nothing would be kept", expected="a file name")
    if "uri" not in url.query:
        # Documents hold trade secrets, so the file is made for its owner alone; SQLite's side files follow it.
        with suppress(FileExistsError):
            try:
                os.close(os.open(url.database, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                raise
            except OSError as error:
                raise StoreError("cannot make the database file", where=url.database, found=error.strerror) from error
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S}, max_overflow=-1)

    @event.listens_for(engine, "connect")
    def _on_connect(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.isolation_level = None  # transactions begin where we say, below
        _write_ahead(dbapi_connection)
        dbapi_connection.execute("PRAGMA synchronous = FULL")  # what was committed survives a power cut
        dbapi_connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A writer takes its place at once: a reader that turns into a writer later fails instead of waiting.
        immediate = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _write_ahead(dbapi_connection: Any) -> None:
    """Turn on write-ahead logging, waiting for others who do: SQLite itself does not wait here."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while dbapi_connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            dbapi_connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def begin_writing(engine: Engine) -> Connection:
    """A connection with a write transaction begun: commit it, or close it to take everything back."""
    connection = engine.connect().execution_options(**{_WRITES: True})
    try:
        connection.begin()
    except BaseException:
        connection.close()
        raise
    return connection


def lock_for_migration(connection: Connection) -> None:
    """Keep other processes from migrating until the transaction ends; SQLite's writers exclude each other anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATION_LOCK})


def insert_or_ignore(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that passes over rows whose key is taken."""
    return _insert_or_ignore(connection.dialect.name, table)


@cache
def _insert_or_ignore(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    # Made once: SQLAlchemy looks at a statement it knows for less time than at a new one like it.
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    # SQLAlchemy asks PostgreSQL for the new row's number, and then drops the count of rows unless told to keep it.
    return postgresql.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


_SQLITE_REASONS = {
    "SQLITE_FULL": ("the disk is full", "nothing of this transaction was kept, all before it was; make room"),
    "SQLITE_READONLY": ("the database is read-only", "check the file's and its folder's permissions"),
    "SQLITE_BUSY": ("another process keeps the database busy", "try again when it is done"),
    "SQLITE_LOCKED": ("another process keeps the database busy", "try again when it is done"),
    "SQLITE_CANTOPEN": ("the database file cannot be opened", "check that its folder exists and its permissions"),
    "SQLITE_NOTADB": ("the file is not a database", "is this the right file? restore it from a backup"),
    "SQLITE_CORRUPT": ("the database file is damaged", "restore it from a backup"),
    "SQLITE_IOERR": ("the disk fails", "check the disk and its free space"),
}


def _describe(error: BaseException, where: str) -> StoreError:
    name = getattr(error, "sqlite_errorname", "")
    for prefix, (message, hint) in _SQLITE_REASONS.items():
        if name.startswith(prefix):
            return StoreError(message, where=where, hint=hint)
    return StoreError("the database refused", where=where, found=error)


@contextmanager
def store_errors(engine: Engine) -> Iterator[None]:
    """Turn what the database and its driver raise into `StoreError`."""
    try:
        yield
    except DBAPIError as error:
        raise _describe(error.orig or error, place_of(engine)) from error
    except DATABASE_ERRORS as error:
        raise _describe(error, place_of(engine)) from error


def place_of(engine: Engine) -> str:
    """The database's name for messages, without a password."""
    url = engine.url
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).name
    return url.render_as_string(hide_password=True)
