"""Read a file that somebody named: a plain one, within a bound; pipes and devices are refused and never waited for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from passport.errors import BoundError, DocumentError


def read_plain_file(path: Path, *, max_bytes: int, what: str = "file") -> bytes:
    """Read a plain file whole.

    Args:
        path: Which.
        max_bytes: What is longer is refused.
        what: What it should be, for errors.

    Raises:
        DocumentError: It cannot be read, or is a folder, pipe or device.
        BoundError: It is too long.
    """
    try:
        # Without O_NONBLOCK the opening of a named pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DocumentError(
                    f"the {what} is not a plain file",
                    where=str(path),
                    hint="pipes and devices are not read: save it first",
                )
            data = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        found = getattr(error, "strerror", None) or error
        raise DocumentError(f"the {what} cannot be read", where=str(path), found=found) from error
    if len(data) > max_bytes:
        raise BoundError(f"the {what} is too large", where=str(path), expected=f"at most {max_bytes} bytes")
    return data
