"""Data files of profiles: read, checked as a whole, and refused with everything that is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from passport.errors import BoundError, DocumentError
from passport.ledger_footprint.entries import READERS
from passport.ledger_footprint.record import Record, check_format, read_sources, refusing

FORMAT: Final = "carbon-passport/ledger-data/1.0"
MAX_BYTES: Final = 4_000_000
MAX_ENTRIES: Final = 20_000
_SHALLOW: Final = 500


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file's profiles.

    Attributes:
        name: The file's name.
        kind: What its entries are.
        version: The file's own version.
        entries: The profiles.
    """

    name: str
    kind: str
    version: str
    entries: tuple[Any, ...]


def read_bounded(path: Path, *, max_bytes: int) -> bytes:
    """A plain file's bytes; a pipe or a device is refused and not waited for.

    Args:
        path: Which file.
        max_bytes: What is longer is refused.

    Raises:
        DocumentError: It cannot be read, or is no plain file.
        BoundError: It is too large.
    """
    try:
        if path.exists() and not path.is_file():
            raise DocumentError("not a plain file", where=str(path), hint="pipes and devices are not read")
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise DocumentError("cannot be read", where=str(path), found=error.strerror) from error
    if len(data) > max_bytes:
        raise BoundError("too large", where=str(path), expected=f"at most {max_bytes:,} bytes", found="more")
    return data


def parse_json(data: bytes, *, where: str) -> Any:
    """JSON values out of bytes, read strictly: no name twice, of which one would be lost, and no NaN or Infinity.

    Raises:
        DocumentError: Not JSON, or a name that stands twice in one object.
    """
    try:
        if data.count(b"[") + data.count(b"{") > _SHALLOW:
            orjson.loads(data)  # bounds nesting by itself; Python's reader goes by a limit that libraries raise
        text = data.decode("utf-8")  # `json` itself would let half a character pass
        found = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_name_twice)
        if "\\u" in text:  # nor is half a character that an escape wrote any text: it could not even be shown
            json.dumps(found, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise DocumentError("not JSON", where=where, found=repr(str(error))[:200]) from error
    return found


def parse_data_file(data: bytes, *, name: str) -> DataFile:
    """Profiles out of a file's bytes.

    Raises:
        DocumentError: Not JSON.
        BoundError: It is too large.
        SchemaError: Something in it is missing or wrong; all of it is said.
    """
    if len(data) > MAX_BYTES:
        raise BoundError("too large", where=name, expected=f"at most {MAX_BYTES:,} bytes", found=f"{len(data):,}")
    body = parse_json(data, where=name)
    check_format(body, FORMAT, what="a file of ledger data", where=name)
    with refusing(name) as problems:
        sources = read_sources(body.get("sources"), where=name, problems=problems)
        whole = Record(body, where=name, problems=problems, sources=sources)
        kind, version = whole.text("kind"), whole.text("version")
        for known in ("format", "sources"):
            whole.take(known)
        whole.take("notes", required=False)
        reader = READERS.get(kind)
        if reader is None:
            whole.problem("kind", f"expected one of {', '.join(READERS)}, found {kind!r:.60}")
        records = list(whole.records("entries", required=True))
        if len(records) > MAX_ENTRIES:
            raise BoundError("too many entries", where=name, expected=f"at most {MAX_ENTRIES:,}", found=len(records))
        whole.finish()
        entries = tuple(_entry(reader, record) for record in records) if reader else ()
        _refuse_twice(entries, where=name, problems=problems)
    return DataFile(name, kind, version, entries)


def _entry(reader: Callable[[Record], Any], record: Record) -> Any:
    made = reader(record)
    record.finish()
    return made


def _refuse_twice(entries: Sequence[Any], *, where: str, problems: list[str]) -> None:
    """Of two entries of one name the second would never be seen."""
    seen: dict[tuple[Any, ...], int] = {}
    for number, entry in enumerate(entries):
        key = entry.key
        if key in seen:
            said = ", ".join(map(str, key))
            problems.append(f"{where}.entries[{number}]: {said} stands in entries[{seen[key]}] already")
        seen.setdefault(key, number)


def _no_name_twice(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:60]!r} stands twice in one object")
    return found


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")
