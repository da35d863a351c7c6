"""Columns of a Parquet or CSV table by the batch, through pyarrow, whose errors are told with file and row."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.errors import DocumentError, UsageError
from passport.exchange.csv_rows import cut_off

BATCH_ROWS = 1 << 17
MAX_ROWS = 2**31 - 1

Kind = str
"""`text`, `key` (a text that is only looked up, so that nobody need check its UTF-8), `label` (few different texts) or
`number`; and `optional label` and `optional number`, which may be empty: an empty text, and not a number."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is there and has a heading.

    Attributes:
        path: The file.
        columns: The names of its columns.
    """

    path: Path
    columns: tuple[str, ...]

    @property
    def is_parquet(self) -> bool:
        """Whether it is Parquet, else CSV."""
        return self.path.suffix == ".parquet"

    def row(self, number: int) -> str:
        """Where a row stands, for errors; `number` counts from 0, people count rows below the heading from 1."""
        return f"{self.path}: row {number + 1}"

    def batches(self, kinds: Mapping[str, Kind]) -> Iterator[dict[str, Any]]:
        """Arrow arrays of these columns, batch by batch: strings, dictionaries of strings, and float64, none null.

        Args:
            kinds: The columns that are read, with what they hold.

        Raises:
            DocumentError: The file is damaged, or a value is missing or no number; names the row where it can be told.
        """
        pyarrow = _pyarrow()
        start = 0
        try:
            source = self._parquet(kinds) if self.is_parquet else self._csv(kinds)
            for batch in source:
                yield {name: self._values(batch.column(name), name, kind, start) for name, kind in kinds.items()}
                start += len(batch)
        except (pyarrow.ArrowException, OSError, EOFError, UnicodeDecodeError) as error:
            raise self._damaged(error, kinds) from error

    def _parquet(self, kinds: Mapping[str, Kind]) -> Iterator[Any]:
        parquet = _submodule("parquet")
        labels = [name for name, kind in kinds.items() if kind.endswith("label")]
        with parquet.ParquetFile(self.path, read_dictionary=labels) as file:
            yield from file.iter_batches(BATCH_ROWS, columns=list(kinds), use_threads=True)

    def _csv(self, kinds: Mapping[str, Kind]) -> Iterator[Any]:
        pyarrow, reading = _pyarrow(), _submodule("csv")
        types = {
            "text": pyarrow.string(),
            "key": pyarrow.string(),
            "label": pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
            "number": pyarrow.float64(),
        }
        may_be_empty = "optional number" in kinds.values()
        convert = reading.ConvertOptions(
            column_types={name: types[kind.removeprefix("optional ")] for name, kind in kinds.items()},
            include_columns=list(kinds),
            null_values=[""] if may_be_empty else [],
            strings_can_be_null=False,
        )
        blocks = reading.ReadOptions(use_threads=False, block_size=BATCH_ROWS * 32)
        with pyarrow.input_stream(str(self.path), compression="detect") as stream:
            yield from reading.open_csv(stream, read_options=blocks, convert_options=convert)

    def _values(self, values: Any, name: str, kind: Kind, start: int) -> Any:
        """A column of a batch as what it should hold."""
        pyarrow, compute = _pyarrow(), _submodule("compute")
        if kind.startswith("optional "):
            return self._optional(values, name, kind.removeprefix("optional "), start)
        if values.null_count:
            row = int(np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))[0])
            raise DocumentError("nothing there", where=f"{self.row(start + row)}, {name}", expected=f"a {kind}")
        if kind == "number":
            if not _is_number(values.type):
                raise DocumentError(
                    "not a column of numbers", where=f"{self.path}: {name}", expected="numbers", found=values.type
                )
            return compute.cast(values, pyarrow.float64())
        plain = values.type.value_type if pyarrow.types.is_dictionary(values.type) else values.type
        if not (_is_text(plain) or pyarrow.types.is_integer(plain)):
            raise DocumentError("not a column of texts", where=f"{self.path}: {name}", expected="texts", found=plain)
        if kind == "label":
            values = values if pyarrow.types.is_dictionary(values.type) else compute.dictionary_encode(values)
            values.validate(full=True)  # a damaged file may point beyond its dictionary
            values.dictionary.validate(full=True)
            return values
        values = values if values.type == pyarrow.large_string() else compute.cast(values, pyarrow.string())
        if kind == "text":
            values.validate(full=True)
        return values

    def _optional(self, values: Any, name: str, kind: Kind, start: int) -> Any:
        """A column of a batch in which fields may be empty."""
        pyarrow, compute = _pyarrow(), _submodule("compute")
        if kind == "label":
            texts = values.cast(pyarrow.string()) if values.null_count else values
            return self._values(compute.fill_null(texts, "") if values.null_count else texts, name, kind, start)
        if pyarrow.types.is_null(values.type):
            return pyarrow.array(np.full(len(values), np.nan))
        if not _is_number(values.type):
            return self._values(compute.fill_null(values, ""), name, "number", start)  # which refuses it
        numbers = compute.cast(values, pyarrow.float64())
        unreal = compute.fill_null(compute.is_nan(numbers), False).to_numpy(zero_copy_only=False)
        if unreal.any():
            row = int(np.flatnonzero(unreal)[0])
            where = f"{self.row(start + row)}, {name}"
            raise DocumentError("not a number", where=where, expected="a number or an empty field", found="nan")
        return compute.fill_null(numbers, float("nan"))

    def _damaged(self, error: Exception, kinds: Mapping[str, Kind]) -> DocumentError:
        """What is wrong with a file that pyarrow did not read."""
        if not self.is_parquet:
            told = _wrong_row(self, kinds)
            if told is not None:
                return told
        found = str(error).splitlines()[0] if str(error) else type(error).__name__
        expected = "a whole Parquet file" if self.is_parquet else "a whole CSV file in UTF-8"
        return DocumentError("a table that cannot be read", where=str(self.path), expected=expected, found=found)


def open_table(path: Path) -> Table:
    """Open a table and read its heading.

    Raises:
        DocumentError: No such file, damaged, cut off, or without heading.
        UsageError: pyarrow is not installed.
    """
    pyarrow = _pyarrow()
    table = Table(path, ())
    try:
        if table.is_parquet:
            with _submodule("parquet").ParquetFile(path) as file:
                names, rows = list(file.schema_arrow.names), file.metadata.num_rows
            if rows > MAX_ROWS:
                raise DocumentError("too many rows", where=str(path), expected=f"at most {MAX_ROWS}", found=rows)
        else:
            names = _heading(path)
    except (pyarrow.ArrowException, OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise table._damaged(error, {}) from error
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DocumentError("a table with two columns of one name", where=str(path), found=twice[0])
    return Table(path, tuple(names))


def texts_of(array: Any) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """The bytes of an Arrow string array, and where each text begins in them (one more for the end)."""
    _, offset_buffer, data_buffer = array.buffers()
    width = np.int64 if array.type == _pyarrow().large_string() else np.int32
    if offset_buffer is None or not len(array):
        return np.zeros(0, dtype=np.uint8), np.zeros(len(array) + 1, dtype=np.int64)
    offsets = np.frombuffer(offset_buffer, dtype=width)[array.offset : array.offset + len(array) + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    data = np.zeros(0, dtype=np.uint8) if data_buffer is None else np.frombuffer(data_buffer, dtype=np.uint8)
    return data[first:last], offsets - offsets[0]


def _heading(path: Path) -> list[str]:
    """The names of a CSV file's columns; the file ends a line."""
    if path.suffix != ".gz":
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 1))
            if size and file.read() not in (b"\n", b"\r"):
                raise cut_off(path)
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file, strict=True), [])
    except (csv.Error, UnicodeDecodeError) as error:
        raise DocumentError("not CSV in UTF-8", where=str(path), found=error) from error


def _wrong_row(table: Table, kinds: Mapping[str, Kind]) -> DocumentError | None:
    """The first row of a CSV file that is not as long as the heading or has no number where one belongs."""
    opened = gzip.open if table.path.suffix == ".gz" else open
    numbers = [(place, name) for place, name in enumerate(table.columns) if kinds.get(name, "").endswith("number")]
    try:
        with opened(table.path, "rt", encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            next(rows, None)
            for number, row in enumerate(rows):
                where = table.row(number)
                if len(row) != len(table.columns):
                    expected = f"{len(table.columns)} fields"
                    return DocumentError("a row of another length", where=where, expected=expected, found=len(row))
                for place, name in numbers:
                    if not row[place] and kinds[name] == "optional number":
                        continue
                    try:
                        float(row[place])
                    except ValueError:
                        return DocumentError("not a number", where=f"{where}, {name}", found=repr(row[place]))
    except (csv.Error, UnicodeDecodeError, OSError, EOFError, zlib.error):
        return None
    return None


def _is_number(kind: Any) -> bool:
    types = _pyarrow().types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def _is_text(kind: Any) -> bool:
    types = _pyarrow().types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _submodule(name: str) -> ModuleType:
    from importlib import import_module

    _pyarrow()
    return import_module(f"pyarrow.{name}")


def _pyarrow() -> Any:
    """The package, if it is there."""
    try:
        import pyarrow
    except ModuleNotFoundError as error:
        raise UsageError(
            "Parquet and CSV edge tables need pyarrow, which is not installed",
            hint="pip install 'carbon-passport[tables]'",
        ) from error
    return pyarrow
