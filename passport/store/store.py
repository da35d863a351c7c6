"""The store itself: opened, migrated, closed; and settings."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from sqlalchemy import select, update

from passport.errors import StoreError
from passport.store.documents import Documents
from passport.store.engine import create_store_engine, insert_or_ignore, store_errors
from passport.store.instruments import InstrumentUses
from passport.store.migrate import migrate
from passport.store.observed_rows import ObservedBlocks
from passport.store.relay_rows import RelayRows
from passport.store.schema import settings

Json = Any
"""What `json` writes: dict, list, str, int, float, bool, None."""


def _system_clock() -> datetime:
    return datetime.now(UTC)


class Store(Documents, RelayRows, InstrumentUses, ObservedBlocks):
    """Documents, rows, logs, outbox, relayed orders, watched blocks and settings in one database.

    What a method has put is durable when it returns.

    Threads may share a store; processes open it each for itself.
    """

    @classmethod
    def open(cls, url_or_path: str | os.PathLike[str], *, clock: Callable[[], datetime] = _system_clock) -> Self:
        """Open a database, making or upgrading its tables where needed.

        Args:
            url_or_path: A file for SQLite, or an SQLAlchemy URL.
            clock: The time, aware, UTC.

        Raises:
            StoreError: it cannot be opened: not there, damaged, somebody else's, or of a newer version.
            UsageError: not a database we know.
        """
        engine = create_store_engine(url_or_path)
        try:
            with store_errors(engine):
                migrate(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, clock=clock)

    def close(self) -> None:
        """Let go of the database; the store cannot be used afterwards."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def get_setting(self, name: str, default: Json = None) -> Json:
        """A setting's value, or `default` when it was never set.

        Raises:
            StoreError: what is stored is not JSON.
        """
        with self._reading() as connection:
            text = connection.execute(select(settings.c.value).where(settings.c.name == name)).scalar_one_or_none()
        if text is None:
            return default
        try:
            return json.loads(text)
        except ValueError as error:
            raise StoreError("a setting is damaged", where=name, hint="set it again") from error

    def set_setting(self, name: str, value: Json) -> None:
        """Set a setting to a JSON value.

        Raises:
            StoreError: not a JSON value.
        """
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True)
        except (TypeError, ValueError, RecursionError) as error:
            raise StoreError("not a JSON value", where=f"setting {name}", found=error) from error
        with self._writing() as connection:
            if not connection.execute(insert_or_ignore(connection, settings), {"name": name, "value": text}).rowcount:
                connection.execute(update(settings).where(settings.c.name == name).values(value=text))
