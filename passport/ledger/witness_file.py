"""What a witness remembers: one SQLite file with the last checkpoint it cosigned of each log.

The file is the witness's honesty: put back from an old copy it would let a second history be cosigned. So each
cosignature is counted in it, and the count stands once more in a file beside it, `<name>.mark`, which is written after
every cosignature and before it is handed out. A file that counts fewer than its mark, or than this process has seen,
has been put back, and nothing is cosigned by it any more. A copy of both together cannot be told from the real ones.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from passport.errors import LedgerError, LedgerUnavailableError
from passport.ledger.log_note import CheckpointNote
from passport.ledger.witness_mark import Mark, put_back

APPLICATION_ID = 0x63505731
"""SQLite `application_id` of our witness files ("cPW1")."""

MAX_FORKS = 16
"""Contradictions that are kept of one log; one is enough to show that it lies."""

_VERSION = 1
_LAST = "CREATE TABLE last (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, {more})"
_NOTE, _TIME = "note BLOB", "time INTEGER"
_MORE = (
    "CREATE TABLE cosigned (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), count INTEGER NOT NULL)",
    "INSERT INTO cosigned VALUES (1, 0)",
    "CREATE TABLE forks (origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, held BLOB NOT NULL, "
    "shown BLOB NOT NULL, PRIMARY KEY (origin, size, root))",
    f"PRAGMA user_version={_VERSION}",
)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The last checkpoint of a log that was cosigned.

    Args:
        checkpoint: What was cosigned.
        note: With the log's signatures and the witness's own; None in files of an early version.
        time: When, unix seconds; None as `note`.
    """

    checkpoint: CheckpointNote
    note: bytes | None
    time: int | None


@dataclass(frozen=True, slots=True)
class Fork:
    """A log's contradiction of itself: two roots for one size, each under its signature.

    Args:
        held: The note that was cosigned.
        shown: The note that was refused.
    """

    held: bytes
    shown: bytes


class WitnessFile:
    """An open file, for all threads of a process; several processes may open the same one.

    Args:
        path: Where it lies.
        create: Make it, which must not be there; else it must be there.
        lock_timeout_s: How long to wait for another process.

    Raises:
        LedgerError: not a witness's file, none there, or one that was put back from an old copy.
        LedgerUnavailableError: it cannot be opened now.
    """

    def __init__(self, path: Path, *, create: bool = False, lock_timeout_s: float = 30.0) -> None:
        self._path = path
        self._mark = Mark(path)
        self._lock = Lock()
        self._seen = 0
        if create:
            _claim(path)
        elif not path.exists():
            # A fresh file in the place of a lost one would be a witness without a memory.
            raise LedgerError(
                "the witness's file is gone, and with it its memory",
                where=str(path),
                hint="never put back a copy: make a new witness with a new key",
            )
        with self._speaking():
            # Never made by opening it: it may vanish between the look and this.
            address = f"{path.absolute().as_uri()}?mode=rw"
            self._db = sqlite3.connect(
                address, uri=True, timeout=lock_timeout_s, isolation_level=None, check_same_thread=False
            )
            try:
                self._identify(is_new=create)
                self.check()
            except BaseException:
                self._db.close()
                raise

    def _identify(self, *, is_new: bool) -> None:
        if not is_new and self._pragma("application_id") != APPLICATION_ID:  # an empty file is none either
            raise LedgerError("not the file of a witness", where=str(self._path))
        # EXTRA, and not FULL: after a loss of power the journal's name could otherwise be back in its folder, and with
        # it the checkpoint before the one that was cosigned.
        self._db.execute("PRAGMA synchronous=EXTRA")
        self._db.execute("BEGIN IMMEDIATE")
        try:
            version = self._pragma("user_version")
            if version > _VERSION:
                raise LedgerError("a witness's file of a later version", where=str(self._path), found=version)
            if not version:
                self._make()
                self._mark.write(0)
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._identity = _identity(self._path)

    def _make(self) -> None:
        """All tables; where the first version's one is there, what it lacks."""
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'last'").fetchone():
            for column in (_NOTE, _TIME):
                self._db.execute(f"ALTER TABLE last ADD COLUMN {column}")
        else:
            self._db.execute(f"PRAGMA application_id={APPLICATION_ID}")
            self._db.execute(_LAST.format(more=f"{_NOTE}, {_TIME}"))
        for statement in _MORE:
            self._db.execute(statement)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __enter__(self) -> WitnessFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check(self) -> None:
        """Look whether the file is still the one it was, and can be written.

        Raises:
            LedgerError: it was put back from an old copy.
            LedgerUnavailableError: it cannot be written now.
        """
        with self._lock, self._speaking(), self._writing():
            pass

    def last(self, origin: str) -> Cosigned | None:
        """The last checkpoint of that log that was cosigned, or None."""
        with self._lock, self._speaking():
            row = self._db.execute("SELECT size, root, note, time FROM last WHERE origin = ?", (origin,)).fetchone()
        if row is None:
            return None
        return Cosigned(CheckpointNote(origin, row[0], bytes(row[1])), row[2], row[3])

    def origins(self) -> list[str]:
        """The logs that it cosigned."""
        with self._lock, self._speaking():
            return [origin for (origin,) in self._db.execute("SELECT origin FROM last ORDER BY origin")]

    def replace(self, old: CheckpointNote, new: CheckpointNote, *, note: bytes, time: int) -> bool:
        """Put a log's new checkpoint in the place of the old one; False, and nothing done, if that is not there.

        On the disk, mark included, when this returns.

        Args:
            old: What is there; of size 0 also where nothing is.
            new: What takes its place.
            note: The new one with its signatures.
            time: When it was cosigned, unix seconds.

        Raises:
            LedgerError: the file was put back from an old copy.
            LedgerUnavailableError: it cannot be written now.
        """
        with self._lock, self._speaking():
            with self._writing():
                row = self._db.execute("SELECT size, root FROM last WHERE origin = ?", (new.origin,)).fetchone()
                if old.size if row is None else row != (old.size, old.root):
                    return False
                self._db.execute(
                    "INSERT INTO last VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE SET "
                    "size = excluded.size, root = excluded.root, note = excluded.note, time = excluded.time",
                    (new.origin, new.size, new.root, note, time),
                )
                self._db.execute("UPDATE cosigned SET count = count + 1")
            with self._writing():  # the lock again, so that of two processes the later one writes the later mark
                self._mark.write(self._seen)
        return True

    def keep_fork(self, checkpoint: CheckpointNote, fork: Fork) -> None:
        """Keep what shows that a log lies, for whoever has to be told; at most `MAX_FORKS` of each log.

        Args:
            checkpoint: What the refused note says.
            fork: Both notes.
        """
        values = (checkpoint.origin, checkpoint.size, checkpoint.root, fork.held, fork.shown)
        with self._lock, self._speaking():
            self._db.execute(
                "INSERT INTO forks SELECT ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM forks WHERE origin = ?) < ? "
                "ON CONFLICT DO NOTHING",
                (*values, checkpoint.origin, MAX_FORKS),
            )

    def forks(self) -> list[Fork]:
        """What logs were seen to contradict, in the order of their origins."""
        with self._lock, self._speaking():
            rows = self._db.execute("SELECT held, shown FROM forks ORDER BY origin, size, root").fetchall()
        return [Fork(bytes(held), bytes(shown)) for held, shown in rows]

    def condemn(self) -> None:
        """Never use this file again: it is proven to have been put back from an old copy."""
        with self._lock, self._speaking(), self._writing():
            self._mark.condemn()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction of the only writer; refused where the file was put back."""
        if _identity(self._path) != self._identity:
            raise put_back(self._path, "another file lies in its place")
        self._db.execute("BEGIN IMMEDIATE")
        try:
            (count,) = self._db.execute("SELECT count FROM cosigned").fetchone()
            marked = self._mark.read(count)
            if count < max(marked, self._seen):
                raise put_back(self._path, f"{count} cosignatures, where there were {max(marked, self._seen)}")
            self._seen = count  # what others have written since counts as well
            yield
            (count,) = self._db.execute("SELECT count FROM cosigned").fetchone()
            self._db.execute("COMMIT")
            self._seen = count  # only now: what could not be committed was never there
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _pragma(self, name: str) -> int:
        (found,) = self._db.execute(f"PRAGMA {name}").fetchone()
        return int(found)

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


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at a path; a database that is open stays the old one when another takes its name."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _claim(path: Path) -> None:
    """Make an empty file where none is."""
    try:
        path.open("xb").close()
    except FileExistsError as error:
        raise LedgerError("a witness's file is there already", where=str(path)) from error
    except OSError as error:
        raise LedgerUnavailableError(
            "the witness's file cannot be made", where=str(path), found=error.strerror
        ) from error
