"""A log's static files in a folder, as a web server hands them out."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from passport.errors import ConflictError, LedgerUnavailableError
from passport.ledger.tiles import MAX_ENTRY_BYTES, TILE_WIDTH

MAX_FILE_BYTES = TILE_WIDTH * (2 + MAX_ENTRY_BYTES)
"""The longest bundle there can be."""


class TileFolder:
    """Keeps a log's files below a folder.

    Args:
        folder: The log's prefix; made on the first write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fetch(self, path: str) -> bytes | None:
        """The file at a path; None when there is none.

        Raises:
            LedgerUnavailableError: it cannot be read, or is no plain file of a length that a log has.
        """
        file = self.folder / path
        try:
            if not stat.S_ISREG(file.stat().st_mode):
                raise LedgerUnavailableError("not a plain file", where=str(file))
            with file.open("rb") as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise LedgerUnavailableError("cannot be read", where=str(file), found=error.strerror) from error
        if len(data) > MAX_FILE_BYTES:
            raise LedgerUnavailableError("longer than any file of a log", where=str(file))
        return data

    def put(self, path: str, data: bytes) -> None:
        """Keep a file that never changes: whole or not at all.

        Raises:
            ConflictError: another file is there.
            LedgerUnavailableError: it cannot be written.
        """
        present = self.fetch(path)
        if present is None:
            self.replace(path, data)
        elif present != data:
            raise ConflictError(
                "the folder holds another log",
                where=str(self.folder / path),
                expected="the file that this log has there",
                hint="export into an empty folder",
            )

    def replace(self, path: str, data: bytes) -> None:
        """Keep a file in the place of whatever is there: whole or not at all.

        Raises:
            LedgerUnavailableError: it cannot be written.
        """
        file = self.folder / path
        temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(file)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise LedgerUnavailableError("cannot be written", where=str(file), found=error.strerror) from error
