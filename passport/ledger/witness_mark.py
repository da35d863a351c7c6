"""The mark beside a witness's file: how many cosignatures it counts at least, so that an old copy of it is told as one.

It is another file, so that whoever puts the database back from a copy leaves the mark as it is.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from passport.errors import LedgerError, LedgerUnavailableError

MARK_SUFFIX = ".mark"

_MAX_BYTES = 64
_CONDEMNED = "put back"


class Mark:
    """The mark of one file.

    Args:
        path: Of the file that is marked.
    """

    def __init__(self, path: Path) -> None:
        self._file = path
        self._path = path.with_name(path.name + MARK_SUFFIX)

    def read(self, count: int) -> int:
        """The cosignatures that the file must hold at least.

        Args:
            count: How many it says that it holds.

        Raises:
            LedgerError: it holds some and there is no mark, or the mark condemns it.
            LedgerUnavailableError: it cannot be read now.
        """
        try:
            with self._path.open("rb") as stream:
                text = stream.read(_MAX_BYTES).decode("ascii", "replace").strip()
        except FileNotFoundError:
            if count:
                raise put_back(self._file, f"{count} cosignatures, and no {self._path.name}") from None
            return 0
        except OSError as error:
            raise LedgerUnavailableError(
                "the witness's mark cannot be read", where=str(self._path), found=error.strerror
            ) from error
        if not (text.isascii() and text.isdigit()):
            raise put_back(self._file, f"{self._path.name} says: {text}")
        return int(text)

    def write(self, count: int) -> None:
        """Have the file hold so many at least; on the disk when this returns.

        Raises:
            LedgerUnavailableError: it cannot be written now.
        """
        self._replace(str(count))

    def condemn(self) -> None:
        """Have the file never be used again.

        Raises:
            LedgerUnavailableError: it cannot be written now.
        """
        self._replace(_CONDEMNED)

    def _replace(self, text: str) -> None:
        temporary = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        try:
            with temporary.open("xb") as stream:
                stream.write(text.encode() + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(self._path)
            _sync_folder(self._path.parent)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise LedgerUnavailableError(
                "the witness's mark cannot be written", where=str(self._path), found=error.strerror
            ) from error


def put_back(path: Path, found: str) -> LedgerError:
    """The error of a file that is not the one it was.

    Args:
        path: The file.
        found: How that shows.
    """
    return LedgerError(
        "the witness's file was put back from an old copy, or is not the one it was",
        where=str(path),
        found=found,
        hint="whatever it cosigned may be contradicted now: make a new witness with a new key",
    )


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder outlast a loss of power, where folders can be opened."""
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
