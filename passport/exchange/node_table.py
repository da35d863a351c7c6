"""The table of nodes that belongs to an edge table: ids, units, reference amounts, direct emissions, tags."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.errors import DocumentError
from passport.exchange.named_graph import Column, Labels
from passport.exchange.packed_texts import MAX_TEXT_BYTES, PackedTexts, TextIndex
from passport.exchange.stated_spreads import StatedSpreads
from passport.exchange.table_batches import Table, texts_of
from passport.exchange.table_spreads import SPREAD_COLUMNS, spread_kinds, spreads_of

TAGS = ("country", "location", "category", "stage", "subject")
DIRECT_UNIT = "kg CO2e"

_DIRECT = re.compile(r"direct(?::(?P<name>[^\[\]]*[^\[\] ])(?: \[(?P<unit>[^\[\]]+)\])?)?\Z")
_ASCII_END = 0x80

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """What the table says, checked.

    Attributes:
        table: Where it stands.
        ids: n ids, each once.
        index: To find them by.
        names: n names, if it has a column of them.
        units: n units, if it has a column of them.
        reference: (n,) reference amounts, above 0.
        direct: (n, K) direct emissions per unit.
        columns: What they are of.
        tags: By kind.
        spreads: How far the direct emissions of each may be off, if it has columns for that.
    """

    table: Table
    ids: PackedTexts
    index: TextIndex
    names: PackedTexts | None
    units: Labels | None
    reference: Floats
    direct: Floats
    columns: tuple[Column, ...]
    tags: dict[str, Labels]
    spreads: StatedSpreads | None


def read_nodes(table: Table) -> Nodes:
    """Read the table.

    Raises:
        DocumentError: Damaged, with a column that is not known, or with a row that cannot be; names the row.
    """
    direct = {name: match for name in table.columns if (match := _DIRECT.match(name))}
    known = ["id", "name", "unit", "amount", *TAGS, *SPREAD_COLUMNS, "direct:NAME [UNIT]"]
    check_columns(table, required=("id",), known=known, also=direct)
    if not direct:
        raise DocumentError(
            "no direct emissions",
            where=str(table.path),
            expected="a column `direct` or `direct:NAME [UNIT]`",
            found=", ".join(table.columns),
            hint="unknown is not zero: write 0 where a product emits nothing itself",
        )
    tags = [name for name in TAGS if name in table.columns]
    labels = [*tags, *(["unit"] if "unit" in table.columns else [])]
    texts = ["id", *(["name"] if "name" in table.columns else [])]
    numbers = [*direct, *(["amount"] if "amount" in table.columns else [])]
    kinds = dict.fromkeys(texts, "text") | dict.fromkeys(labels, "label") | dict.fromkeys(numbers, "number")
    stating = spread_kinds(table)
    batches = list(table.batches(kinds | stating))
    count = sum(len(batch["id"]) for batch in batches)
    if not count:
        raise DocumentError("no nodes", where=str(table.path), expected="at least one row", found="a heading")
    packed = {name: _joined([texts_of(batch[name]) for batch in batches]) for name in texts}
    columns = {name: np.concatenate([batch[name].to_numpy() for batch in batches]) for name in numbers}
    for name, values in columns.items():
        refuse(~np.isfinite(values), table, name, "not a finite number", "a number", values)
    reference = columns.get("amount", np.ones(count))
    refuse(reference <= 0, table, "amount", "a reference amount that is not above 0", "more than 0", reference)
    index = _checked_ids(packed["id"], table)
    coded = {name: Codes() for name in labels}
    codes = {name: np.concatenate([coded[name].of(batch[name]) for batch in batches]) for name in labels}
    read = {name: Labels(codes[name], coded[name].labels) for name in labels}
    if "unit" in read:
        refuse(read["unit"].codes < 0, table, "unit", "a product without unit", "a unit", ["an empty field"] * count)
    return Nodes(
        table=table,
        ids=replace(packed["id"], is_distinct=True),
        index=index,
        names=packed.get("name"),
        units=read.pop("unit", None),
        reference=reference,
        direct=np.column_stack([columns[name] for name in direct]) / reference[:, np.newaxis],
        columns=tuple(Column(match["name"] or "direct", match["unit"] or DIRECT_UNIT) for match in direct.values()),
        tags=read,
        spreads=_spreads(batches, table) if stating else None,
    )


def _spreads(batches: Sequence[dict[str, Any]], table: Table) -> StatedSpreads:
    """What the rows say of how far they may be off."""
    pieces, start = [], 0
    for batch in batches:
        rows = len(batch["id"])
        pieces.append(spreads_of(batch, table, start, rows=rows))
        start += rows
    return StatedSpreads.joined(pieces)


class Codes:
    """Numbers for the texts of one column, the same in every batch."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}

    @property
    def labels(self) -> tuple[str, ...]:
        """The texts so far, by number."""
        return tuple(self._number)

    def of(self, values: Any) -> Integers:
        """(rows,) the number of each row's text; -1 for an empty one."""
        own = [
            self._number.setdefault(text, len(self._number)) if text else -1
            for text in map(str, values.dictionary.to_pylist())
        ]
        codes: Integers = np.array(own, dtype=np.int32)[values.indices.to_numpy()]
        return codes


def check_columns(table: Table, *, required: Sequence[str], known: Sequence[str], also: Any = ()) -> None:
    """Refuse a table that lacks a column, and one with a column that nobody would read."""
    lacking = [name for name in required if name not in table.columns]
    if lacking:
        found = ", ".join(table.columns) or "an empty file"
        raise DocumentError("a table without a column", where=str(table.path), expected=", ".join(lacking), found=found)
    unknown = [name for name in table.columns if name not in known and name not in also]
    if unknown:
        raise DocumentError(
            "a column that is not read here",
            where=str(table.path),
            expected=f"only {', '.join(known)}",
            found=unknown[0],
            hint="leave it out: what is not understood is not passed over",
        )


def _checked_ids(ids: PackedTexts, table: Table) -> TextIndex:
    """Each once, not empty, and none that differs from another only by white space."""
    lengths = np.diff(ids.offsets)
    refuse(lengths == 0, table, "id", "a product without id", "an id", ["an empty field"] * len(ids))
    refuse(lengths > MAX_TEXT_BYTES, table, "id", "an id that is too long", f"{MAX_TEXT_BYTES} bytes", lengths)
    index = TextIndex(ids)
    first = index.first
    again = np.flatnonzero(first != np.arange(len(ids)))
    if len(again):
        row = int(again[0])
        raise DocumentError(
            "an id that is there already",
            where=f"{table.row(row)}, id",
            expected=f"other ids than that of row {int(first[row]) + 1}",
            found=repr(ids[row]),
        )
    if int(ids.data.min()) > ord(" ") and int(ids.data.max()) < _ASCII_END:  # no white space of any kind
        return index
    seen: dict[str, int] = {}
    for row, text in enumerate(ids):
        if text != text.strip():
            expected = "an id without white space around it"
            raise DocumentError(
                "white space around an id", where=f"{table.row(row)}, id", expected=expected, found=repr(text)
            )
        other = seen.setdefault(bare(text), row)
        if other != row:
            raise DocumentError(
                "two ids that differ only by white space",
                where=f"{table.row(row)}, id",
                expected=f"other ids than that of row {other + 1}, {ids[other]!r}",
                found=repr(text),
            )
    return index


def refuse(
    bad: NDArray[np.bool_], table: Table, column: str, message: str, expected: str, values: Any, start: int = 0
) -> None:
    """Refuse the first row that is bad."""
    rows = np.flatnonzero(bad)
    if len(rows):
        row = int(rows[0])
        where = f"{table.row(start + row)}, {column}"
        raise DocumentError(message, where=where, expected=expected, found=values[row])


def _joined(pieces: Sequence[tuple[NDArray[np.uint8], NDArray[Any]]]) -> PackedTexts:
    """Texts of several batches as one."""
    data = np.concatenate([data for data, _ in pieces])
    lengths = np.concatenate([np.diff(offsets) for _, offsets in pieces])
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return PackedTexts(data, offsets)


def bare(text: str) -> str:
    """A text without any white space."""
    return "".join(text.split())
