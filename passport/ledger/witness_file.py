"""What a witness remembers: one SQLite file with the last checkpoint it cosigned of each log.

The file is the witness's honesty: restored from an old copy it would cosign a second history, so a copy must never be
put in its place.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from passport.errors import LedgerError, LedgerUnavailableError
from passport.ledger.log_note import CheckpointNote

APPLICATION_ID = 0x63505731
"""SQLite `application_id` of our witness files ("cPW1")."""

_SCHEMA = "CREATE TABLE IF NOT EXISTS last (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL)"


class WitnessFile:
    """An open file; made when it is not there.

    Args:
        path: Where it lies.
        lock_timeout_s: How long to wait for another process.

    Raises:
        LedgerError: not a witness's file.
    """

    def __init__(self, path: Path, *, lock_timeout_s: float = 30.0) -> None:
        self._path = path
        with self._speaking():
            self._db = sqlite3.connect(path, timeout=lock_timeout_s, isolation_level=None, check_same_thread=False)
            try:
                self._identify()
            except BaseException:
                self._db.close()
                raise

    def _identify(self) -> None:
        (found,) = self._db.execute("PRAGMA application_id").fetchone()
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if found != APPLICATION_ID and (found or tables):
            raise LedgerError("not the file of a witness", where=str(self._path))
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        self._db.execute(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __enter__(self) -> WitnessFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def last(self, origin: str) -> CheckpointNote | None:
        """The last checkpoint of that log, or None."""
        with self._speaking():
            row = self._db.execute("SELECT size, root FROM last WHERE origin = ?", (origin,)).fetchone()
        return None if row is None else CheckpointNote(origin, row[0], bytes(row[1]))

    def replace(self, old: CheckpointNote, new: CheckpointNote) -> bool:
        """Put a log's new checkpoint in the place of the old one; False, and nothing done, if that is not there.

        Args:
            old: What is there; of size 0 also where nothing is.
            new: What takes its place.
        """
        with self._speaking():
            # One statement each, so that SQLite's own lock makes looking and writing one step for all processes.
            done = self._db.execute(
                "UPDATE last SET size = ?, root = ? WHERE origin = ? AND size = ? AND root = ?",
                (new.size, new.root, new.origin, old.size, old.root),
            ).rowcount
            if not done and not old.size:
                done = self._db.execute(
                    "INSERT INTO last VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (new.origin, new.size, new.root)
                ).rowcount
        return done == 1

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turn SQLite's errors into ours."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise LedgerUnavailableError(
                "the witness's file cannot be used now", where=str(self._path), found=error
            ) from error
        except sqlite3.DatabaseError as error:
            raise LedgerError("not the file of a witness, or damaged", where=str(self._path), found=error) from error
