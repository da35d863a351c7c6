"""Files of a zip or of a folder, by name, each read whole and within bounds: a zip bomb is refused, not unpacked."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from passport.errors import BoundError, DocumentError

MAX_MEMBERS = 1_000_000
MAX_TOTAL_BYTES = 8 * 2**30

_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


@dataclass(slots=True)
class Members:
    """What a zip or folder holds.

    Attributes:
        path: The zip or folder.
        names: Names of all files, with `/` between folders.
    """

    path: Path
    names: tuple[str, ...]
    _archive: zipfile.ZipFile | None
    _left_bytes: int

    def where(self, name: str) -> str:
        """A member's place, for errors."""
        return f"{self.path}: {name}"

    def read(self, name: str, *, max_bytes: int) -> bytes:
        """The content of a member.

        Raises:
            DocumentError: There is none, or it is damaged.
            BoundError: It is larger than `max_bytes`, or all that was read together is larger than we read.
        """
        bound = min(max_bytes, self._left_bytes)
        try:
            if self._archive is None:
                with (self.path / name).open("rb") as file:
                    content = file.read(bound + 1)
            else:
                with self._archive.open(name) as member:
                    content = member.read(bound + 1)
        except KeyError as error:
            raise DocumentError(
                "a file that is not there", where=str(self.path), expected=name, found="none"
            ) from error
        except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
            raise DocumentError("a file that cannot be read", where=self.where(name), found=error) from error
        if len(content) > bound:
            raise BoundError("a file that is too large", where=self.where(name), expected=f"at most {bound} bytes")
        self._left_bytes -= len(content)
        return content


@contextmanager
def open_members(path: Path) -> Iterator[Members]:
    """Open a zip or a folder.

    Raises:
        DocumentError: Not there, or not a whole zip.
        BoundError: Too many files.
    """
    if path.is_dir():
        names = tuple(str(entry.relative_to(path).as_posix()) for entry in sorted(path.rglob("*")) if entry.is_file())
        yield Members(path, names, None, MAX_TOTAL_BYTES)
        return
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise DocumentError("not a whole zip file", where=str(path), found=error, hint="fetch it again") from error
    with archive:
        # A stream of LZMA says itself how much memory its reader takes.
        other = next((info for info in archive.infolist() if info.compress_type not in _METHODS), None)
        if other is not None:
            raise DocumentError(
                "a compression that is not read here",
                where=f"{path}: {other.filename}",
                expected="stored or deflated",
                found=f"method {other.compress_type}",
            )
        names = tuple(info.filename for info in archive.infolist() if not info.is_dir())
        if len(names) > MAX_MEMBERS:
            raise BoundError("too many files", where=str(path), expected=f"at most {MAX_MEMBERS}", found=len(names))
        if len(set(names)) != len(names):
            raise DocumentError("two files of one name", where=str(path))
        yield Members(path, names, archive, MAX_TOTAL_BYTES)
