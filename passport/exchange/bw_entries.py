"""Entries of the matrices of a `bw_processing` datapackage: places, values, and how far these may be off."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.errors import DocumentError
from passport.exchange.lca_distributions import Distributions, around
from passport.exchange.stated_spreads import StatedSpreads, combined
from passport.exchange.zip_members import Members

MAX_ARRAY_BYTES = 2 * 2**30

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]

_FIELDS = ("uncertainty_type", "loc", "scale", "minimum", "maximum")


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Entries of a matrix.

    Attributes:
        row: (entries,) the row of each.
        col: (entries,) the column of each.
        value: (entries,) the numbers.
        stated: (entries,) their spreads.
    """

    row: Ids
    col: Ids
    value: Floats
    stated: StatedSpreads

    @classmethod
    def joined(cls, one: Entries, other: Entries) -> Entries:
        """Those of two matrices, one after the other."""
        row, col = np.concatenate([one.row, other.row]), np.concatenate([one.col, other.col])
        value = np.concatenate([one.value, other.value])
        return cls(row, col, value, StatedSpreads.joined([one.stated, other.stated]))

    def rows(self, chosen: Any) -> Entries:
        """Some of them."""
        return Entries(self.row[chosen], self.col[chosen], self.value[chosen], self.stated.rows(chosen))

    @property
    def moves(self) -> NDArray[np.bool_]:
        """(entries,) which of them are stated to be uncertain."""
        return np.asarray(self.stated.scale > 0)


def entries_of(
    members: Members, kinds: dict[str, dict[str, Any]], *, is_sum: bool, where: str, notes: Counter[str]
) -> Entries:
    """The entries of one group, each place once.

    Args:
        members: The package.
        kinds: The group's resources, by kind.
        is_sum: Whether entries of one place add up; else the last one stays.
        where: The group, for errors.
        notes: See `lca_distributions.around`.

    Raises:
        DocumentError: Arrays are missing, damaged or do not fit each other.
    """
    lacking = [kind for kind in ("indices", "data") if kind not in kinds]
    if lacking:
        raise DocumentError("a group without its arrays", where=where, expected=lacking[0], found=", ".join(kinds))
    for kind, entry in kinds.items():
        if entry.get("category", "vector") != "vector" or entry.get("format", "npy") != "npy":
            found = f"{kind}: {entry.get('category')} as {entry.get('format')}"
            hint = "write one vector of data, with the serializer for NumPy"
            raise DocumentError(
                "arrays that are not read here", where=where, expected="vectors as npy", found=found, hint=hint
            )
    indices = _array(members, kinds["indices"], where)
    if indices.dtype.names is None or not {"row", "col"} <= set(indices.dtype.names):
        raise DocumentError("not indices", where=where, expected="fields row and col", found=indices.dtype)
    data = _array(members, kinds["data"], where)
    flip = _array(members, kinds["flip"], where) if "flip" in kinds else np.zeros(len(data), dtype=bool)
    if data.dtype.kind not in "fiu" or flip.dtype.kind != "b" or not len(indices) == len(data) == len(flip):
        found = f"{len(indices)} indices, {len(data)} {data.dtype}, {len(flip)} {flip.dtype}"
        raise DocumentError("arrays that do not fit each other", where=where, expected="equal lengths", found=found)
    values = np.where(flip, -data.astype(np.float64), data.astype(np.float64))
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise DocumentError("not a finite number", where=f"{where}, entry {int(bad[0])}", found=values[bad[0]])
    stated = StatedSpreads.nothing(len(values))
    if "distributions" in kinds:
        stated = _stated(values, _array(members, kinds["distributions"], where), where, notes)
    entries = Entries(indices["row"].astype(np.int64), indices["col"].astype(np.int64), values, stated)
    return merged(entries, is_sum=is_sum)


def _array(members: Members, entry: dict[str, Any], where: str) -> NDArray[Any]:
    name = str(entry.get("path"))
    try:
        array: NDArray[Any] = np.load(io.BytesIO(members.read(name, max_bytes=MAX_ARRAY_BYTES)), allow_pickle=False)
    except (ValueError, EOFError, SyntaxError, TokenError, MemoryError) as error:
        if isinstance(error, DocumentError):
            raise
        raise DocumentError(
            "not an npy file", where=members.where(name), expected="a whole array", found=error
        ) from error
    if array.ndim != 1:
        raise DocumentError("not a vector", where=f"{where}: {name}", expected="one dimension", found=array.shape)
    return array


def _stated(values: Floats, told: NDArray[Any], where: str, notes: Counter[str]) -> StatedSpreads:
    """The spreads of a group's values."""
    if told.dtype.names is None or not set(_FIELDS) <= set(told.dtype.names) or len(told) != len(values):
        expected = f"{len(values)} rows of {', '.join(_FIELDS)}"
        raise DocumentError("not distributions", where=where, expected=expected, found=f"{len(told)} of {told.dtype}")
    kind = told["uncertainty_type"].astype(np.int64)
    rest = [told[name].astype(np.float64) for name in _FIELDS[1:]]
    return around(values, Distributions(kind, *rest), notes)


def merged(entries: Entries, *, is_sum: bool) -> Entries:
    """Each place once: the sum of its entries, or the last one.

    Args:
        entries: In their order.
        is_sum: Which of the two.
    """
    places = np.stack([entries.row, entries.col], axis=1)
    unique, inverse = np.unique(places, axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    last = np.zeros(len(unique), dtype=np.int64)
    last[inverse] = np.arange(len(inverse))
    values, stated = entries.value[last], entries.stated.rows(last)
    if is_sum and len(unique) < len(places):
        values = np.zeros(len(unique))
        np.add.at(values, inverse, entries.value)
        if entries.stated.is_any:
            stated = combined(inverse, entries.value, entries.stated, count=len(unique))
    return Entries(unique[:, 0], unique[:, 1], values, stated)
