"""Transactions of a store: one at a time in each thread, all or nothing, and no half-failed one ever commits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from passport.errors import StoreError
from passport.store.engine import DATABASE_ERRORS, begin_writing, place_of, store_errors
from passport.store.sender_lock import hold_sender

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_us(microseconds: int) -> datetime:
    """The inverse of `to_us`, UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


class _Open(threading.local):
    """The transaction that the current thread is in."""

    connection: Connection | None = None
    failed: bool = False

    def __init__(self) -> None:
        # Logs this transaction has locked: row number and whether it is our own, by key.
        self.locked_logs: dict[str, tuple[int, bool]] = {}
        # Accounts this thread may send with.
        self.senders: set[str] = set()


class Session:
    """The ground on which the store's repositories stand.

    Args:
        engine: A migrated database.
        clock: The time, aware.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._open = _Open()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything put inside is kept together, durably, or not at all; one writer at a time across processes.

        May be nested: an inner one that raises takes back only its own part.

        Raises:
            StoreError: the database refused a step; then nothing of the outermost transaction is kept, even if the
                step's error was caught.
        """
        if self._open.connection is not None:
            with self._savepoint():
                yield
            return
        # The caller's own errors pass as they are: only our steps are wrapped.
        with store_errors(self._engine):
            connection = begin_writing(self._engine)
        self._open.connection = connection
        self._open.failed = False
        self._open.locked_logs.clear()
        try:
            yield
            self._refuse_failed()
            with store_errors(self._engine):
                connection.commit()
        finally:
            self._open.connection = None
            with suppress(*DATABASE_ERRORS):  # what is not committed is rolled back here
                connection.close()

    @contextmanager
    def sending(self, sender: str) -> Iterator[None]:
        """One at a time, across threads and processes: who signs and sends with an account; may be nested.

        Raises:
            StoreError: another process did not come to an end with it in time.
        """
        if sender in self._open.senders:
            yield
            return
        with hold_sender(self._engine, sender):
            self._open.senders.add(sender)
            try:
                yield
            finally:
                self._open.senders.discard(sender)

    @property
    def is_in_transaction(self) -> bool:
        """Whether the current thread is inside `transaction()`."""
        return self._open.connection is not None

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        with self._step() as connection:
            savepoint = connection.begin_nested()
        try:
            yield
        except BaseException:
            self._open.locked_logs.clear()  # one of them may have been made inside
            if not self._open.failed:
                with self._step():
                    savepoint.rollback()
            raise
        with self._step():
            savepoint.commit()

    def _refuse_failed(self) -> None:
        if self._open.failed:
            # After "disk full" SQLite has rolled back by itself: going on would commit the rest without the start.
            raise StoreError("an earlier step of this transaction failed, so none of it is kept", where=self._place)

    @property
    def _place(self) -> str:
        return place_of(self._engine)

    @contextmanager
    def _step(self) -> Iterator[Connection]:
        connection = self._open.connection
        if connection is None:
            raise StoreError("no transaction is open", where=self._place)
        self._refuse_failed()
        with store_errors(self._engine):
            try:
                yield connection
            except DATABASE_ERRORS:
                # Our own refusals (a conflict, say) change nothing and leave the transaction whole; these may not.
                self._open.failed = True
                raise

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A connection inside the current transaction, or inside one of its own."""
        if self._open.connection is not None:
            with self._step() as connection:
                yield connection
        else:
            with self.transaction(), self._step() as connection:
                yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A connection to read from: that of the current transaction, if there is one."""
        if self._open.connection is not None:
            with self._step() as connection:
                yield connection
        else:
            with store_errors(self._engine), self._engine.connect() as connection:
                yield connection
