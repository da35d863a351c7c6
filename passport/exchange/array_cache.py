"""Arrays in one file beside the tables they were made from, which are used only for exactly these tables.

Layout: a line of JSON (`format`, `key`, where each array stands, whatever else belongs to them), the arrays, each from
a multiple of 64 bytes after that line, and the SHA-256 of everything before it. A cache of other tables, of another
version, or with a byte changed is not read but made anew. It is no evidence: whoever may write beside the tables may
write another cache there, so take tables from others without theirs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.errors import DocumentError

CACHE_FORMAT = "carbon-passport/graph-arrays/1.1"

_ALIGNMENT = 64
_DIGEST_BYTES = 32
_DTYPES = frozenset({"uint8", "int32", "int64", "float64"})


def key_of(files: Iterable[Path]) -> str:
    """What names the content of these files, in this order.

    Raises:
        DocumentError: One cannot be read.
    """
    digests = []
    for path in files:
        try:
            with path.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise DocumentError("a file that cannot be read", where=str(path), found=error.strerror) from error
    return "+".join(digests)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], *, key: str, facts: Mapping[str, Any]) -> bool:
    """Write the file, at once or not at all.

    Returns:
        Whether it could be written; a folder that nobody may write to is no error.
    """
    table: dict[str, Any] = {}
    place = 0
    for name, array in arrays.items():
        table[name] = {"dtype": array.dtype.name, "shape": array.shape, "start": place}
        place += array.nbytes + -array.nbytes % _ALIGNMENT
    head = json.dumps({"format": CACHE_FORMAT, "key": key, "facts": facts, "arrays": table}).encode() + b"\n"
    temporary = path.with_name(f"{path.name}.{os.getpid()}.writing")
    digest = hashlib.sha256()
    try:
        with temporary.open("wb") as file:
            for piece in (head, *_pieces(arrays)):
                digest.update(piece)
                file.write(piece)
            file.write(digest.digest())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        return False
    return True


def read_arrays(path: Path, *, key: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]] | None:
    """The arrays and facts in a file; None if there is none, or if it is damaged or of another key or version."""
    try:
        content = np.fromfile(path, dtype=np.uint8)
    except OSError:
        return None
    body, digest = content[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
    if len(body) == 0 or hashlib.sha256(body.data).digest() != digest.tobytes():
        return None
    try:
        return _described(body, key)
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ):  # its hash is anybody's
        return None


def _described(body: NDArray[np.uint8], key: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]] | None:
    """What the first line says stands behind it; raises whatever comes of a line that says something else."""
    head = bytes(body[: _end_of_line(body)])
    described = json.loads(head)
    if described["format"] != CACHE_FORMAT or described["key"] != key:
        return None
    arrays = {}
    for name, about in described["arrays"].items():
        if about["dtype"] not in _DTYPES:
            return None
        dtype, count = np.dtype(about["dtype"]), int(np.prod(about["shape"], dtype=np.int64))
        start = len(head) + about["start"]
        arrays[name] = body[start : start + count * dtype.itemsize].copy().view(dtype).reshape(about["shape"])
    return arrays, described["facts"]


def _pieces(arrays: Mapping[str, NDArray[Any]]) -> Iterable[Any]:
    for array in arrays.values():
        plain = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        yield plain
        yield b"\0" * (-plain.nbytes % _ALIGNMENT)


def _end_of_line(content: NDArray[np.uint8], step: int = 1 << 16) -> int:
    """How long the first line is, with its end."""
    for start in range(0, len(content), step):
        found = np.flatnonzero(content[start : start + step] == ord("\n"))
        if len(found):
            return start + int(found[0]) + 1
    return len(content)
