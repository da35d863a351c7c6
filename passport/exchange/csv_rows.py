"""Rows of a small CSV table, plain or under gzip, each with its line, strictly: whole, rectangular, within bounds."""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from passport.errors import BoundError, DocumentError

MAX_TABLE_CHARACTERS = 64 * 2**20

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?\Z")


def read_rows(table: Path, *columns: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table by column name, each with where it stands (`path:line`).

    Args:
        table: The file; under gzip when its name ends in `.gz`.
        columns: What the table has at least.

    Raises:
        DocumentError: Unreadable, cut off, without one of the columns, or a row of another length than the first.
        BoundError: Too large.
    """
    reader = csv.DictReader(io.StringIO(_text(table), newline=""), strict=True)
    try:
        names = reader.fieldnames or ()
        lacking = sorted(set(columns) - set(names))
        if lacking:
            found = ", ".join(names) or "an empty file"
            raise DocumentError("a table without a column", where=str(table), expected=", ".join(lacking), found=found)
        twice = sorted({name for name in names if list(names).count(name) > 1})
        if twice:
            raise DocumentError("a table with two columns of one name", where=str(table), found=twice[0])
        for row in reader:
            where = f"{table}:{reader.line_num}"
            if None in row or None in row.values():
                raise DocumentError(
                    "a row of another length than the first", where=where, expected=f"{len(names)} fields"
                )
            yield where, row
    except csv.Error as error:
        raise DocumentError("not CSV", where=f"{table}:{reader.line_num}", found=error) from error


def read_number(text: str, *, where: str) -> float:
    """A finite number in decimal digits.

    Raises:
        DocumentError: It is not, or it is beyond what float64 holds.
    """
    if not _NUMBER.match(text):
        raise DocumentError(
            "not a number", where=where, expected="decimal digits such as 12.5 or 1e-3", found=repr(text)
        )
    number = float(text)
    if not math.isfinite(number):
        raise DocumentError("a number out of range", where=where, expected="less than 1e308", found=text)
    return number


def _text(table: Path) -> str:
    """The whole text, which ends a line."""
    is_gzip = table.suffix == ".gz"
    try:
        with gzip.open(table) if is_gzip else table.open("rb") as raw:
            file = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
            text = file.read(MAX_TABLE_CHARACTERS + 1)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        found = getattr(error, "strerror", None) or error
        kind = "gzip of CSV" if is_gzip else "CSV in UTF-8"
        raise DocumentError("a table that cannot be read", where=str(table), expected=kind, found=found) from error
    if len(text) > MAX_TABLE_CHARACTERS:
        raise BoundError("a table that is too large", where=str(table), expected=f"at most {MAX_TABLE_CHARACTERS}")
    if text and not text.endswith(("\n", "\r")):
        raise cut_off(table)
    return text


def cut_off(table: Path) -> DocumentError:
    """What to raise of a table whose last line does not end."""
    return DocumentError(
        "the last line does not end, so the file may have been cut off",
        where=str(table),
        expected="a line break at the end",
        hint="if the file is whole, add the line break",
    )
