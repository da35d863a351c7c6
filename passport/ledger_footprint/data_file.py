"""Data files of profiles: read, checked as a whole, and refused with everything that is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from passport.errors import BoundError, DocumentError
from passport.ledger_footprint.entries import READERS
from passport.ledger_footprint.record import Record, read_sources, refusing

FORMAT: Final = "carbon-passport/ledger-data/1.0"
MAX_BYTES: Final = 4_000_000
MAX_ENTRIES: Final = 20_000


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


def read_data_file(path: Path) -> DataFile:
    """A file of profiles.

    Raises:
        DocumentError: It cannot be read, or is not JSON.
        BoundError: It is too large.
        SchemaError: Something in it is missing or wrong; all of it is said.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError("cannot be read", where=str(path), found=error.strerror) from error
    return parse_data_file(data, name=path.name)


def parse_data_file(data: bytes, *, name: str) -> DataFile:
    """Profiles out of a file's bytes; see `read_data_file`."""
    if len(data) > MAX_BYTES:
        raise BoundError("too large", where=name, expected=f"at most {MAX_BYTES:,} bytes", found=f"{len(data):,}")
    try:
        body = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise DocumentError("not JSON", where=name, found=error) from error
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        found = body.get("format") if isinstance(body, dict) else type(body).__name__
        raise DocumentError("not a file of ledger data", where=name, expected=f"format {FORMAT}", found=found)
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
    return DataFile(name, kind, version, entries)


def _entry(reader: Callable[[Record], Any], record: Record) -> Any:
    made = reader(record)
    record.finish()
    return made


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")
