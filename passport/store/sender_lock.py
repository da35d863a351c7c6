"""One process at a time signs and sends with an account, so that no nonce is given to two transactions.

Not the store's own writers' lock: that one is held for moments, this one while a chain is asked. It goes with the
process that holds it, however that ends.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256

from sqlalchemy import Engine, text

from passport.errors import StoreError
from passport.store.engine import store_errors

WAIT_S = 60.0
"""How long one process waits for another's turn."""


@contextmanager
def hold_sender(engine: Engine, sender: str, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Keep everybody else who uses this database from sending with an account.

    Args:
        engine: The store's database.
        sender: The account.
        wait_s: How long to wait for another's turn.

    Raises:
        StoreError: another process did not come to an end with it in time.
    """
    name = sha256(sender.encode()).digest()[:8]
    held = _hold_file(engine, name, wait_s) if engine.dialect.name == "sqlite" else _hold_row(engine, name, wait_s)
    with held:
        yield


def _busy(sender_name: bytes, error: Exception) -> StoreError:
    return StoreError(
        "another process is sending with this account",
        where=f"account lock {sender_name.hex()}",
        found=error,
        hint="run again when it is done",
    )


@contextmanager
def _hold_file(engine: Engine, name: bytes, wait_s: float) -> Iterator[None]:
    """A file beside the database whose only use is to be locked: SQLite does so on every system."""
    path = f"{engine.url.database}.{name.hex()}.sending"
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None, check_same_thread=False)
    try:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise _busy(name, error) from error
        yield
    finally:
        connection.close()


@contextmanager
def _hold_row(engine: Engine, name: bytes, wait_s: float) -> Iterator[None]:
    """An advisory lock of PostgreSQL, in a transaction of its own: it ends with the connection."""
    number = int.from_bytes(name, "big", signed=True)
    with store_errors(engine):
        connection = engine.connect()
    try:
        with store_errors(engine):
            connection.execute(text(f"SET LOCAL lock_timeout = {int(wait_s * 1000)}"))
        try:
            with store_errors(engine):
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
        except StoreError as error:
            raise _busy(name, error) from error
        yield
    finally:
        connection.close()
