"""How far amounts in a table may be off, as optional columns of its rows: a spread, or pedigree scores.

`distribution` (`lognormal` or `normal`) with `spread`: of a lognormal amount, which is the median, the geometric
standard deviation, 1 or more; of a normal one the relative standard deviation in percent. Or `pedigree`, five scores
from 1 to 5 (`2;1;3;1;1`: reliability, completeness, temporal, geographical, technological), with `basic`, the basic
variance of the logarithm that the kind of exchange has: lognormal as ecoinvent reckons. Empty fields state nothing,
which is not zero; a spread of 1, or of 0 %, states that the amount is exact.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.carbon.distributions import MAX_SIGMA, Kind
from passport.carbon.pedigree import Pedigree
from passport.errors import DocumentError, GraphError
from passport.exchange.stated_spreads import Floats, StatedSpreads
from passport.exchange.table_batches import Table

SPREAD_COLUMNS = ("distribution", "spread", "pedigree", "basic")

MAX_GSD = 1000.0
MAX_PERCENT = 100 * MAX_SIGMA

_KINDS = {
    "distribution": "optional label",
    "spread": "optional number",
    "pedigree": "optional label",
    "basic": "optional number",
}
_NAMES = {"lognormal": Kind.LOGNORMAL, "normal": Kind.NORMAL}
_PAIRS = (("distribution", "spread"), ("pedigree", "basic"))
_SCORES = 5
_GAP = re.compile(r"[;,\s]+")


def spread_kinds(table: Table) -> dict[str, str]:
    """Those of the columns that the table has, with what they hold.

    Raises:
        DocumentError: A column is there without the one that belongs to it.
    """
    for pair in _PAIRS:
        there = [name for name in pair if name in table.columns]
        if len(there) == 1:
            lacking = next(name for name in pair if name not in there)
            raise DocumentError(
                f"a column {there[0]} without {lacking}",
                where=str(table.path),
                expected=f"a column {lacking}",
                found=", ".join(table.columns),
            )
    return {name: kind for name, kind in _KINDS.items() if name in table.columns}


def spreads_of(batch: Mapping[str, Any], table: Table, start: int, *, rows: int) -> StatedSpreads:
    """The spreads that the rows of one batch state.

    Args:
        batch: Its columns.
        table: Where they are from.
        start: The number of its first row.
        rows: How many it has.

    Raises:
        DocumentError: A row states none that can be; names it.
    """
    found = StatedSpreads.nothing(rows)
    if "distribution" in batch:
        _ranges(found, batch, table, start)
    if "pedigree" in batch:
        _pedigrees(found, batch, table, start)
    return found


def _ranges(found: StatedSpreads, batch: Mapping[str, Any], table: Table, start: int) -> None:
    names, codes = _labels(batch["distribution"])
    for code, name in enumerate(names):
        if name and name not in _NAMES:
            row = _first(codes == code)
            raise _refusal(table, start + row, "distribution", "not a distribution", "lognormal or normal", repr(name))
    by_code = np.array([_NAMES.get(name, Kind.FIXED) for name in names], dtype=np.uint8)
    kind = by_code[codes] if len(names) else np.zeros(len(codes), dtype=np.uint8)
    spread = batch["spread"].to_numpy(zero_copy_only=False)
    is_there = kind != Kind.FIXED
    _both(is_there, ~np.isnan(spread), ("distribution", "spread"), table, start)
    for each, low, high, what in (
        (Kind.LOGNORMAL, 1.0, MAX_GSD, "a geometric standard deviation"),
        (Kind.NORMAL, 0.0, MAX_PERCENT, "a relative standard deviation in percent"),
    ):
        bad = (kind == each) & ~((spread >= low) & (spread <= high))
        if bad.any():
            row = _first(bad)
            expected = f"{what}, {low:g} to {high:g}"
            raise _refusal(table, start + row, "spread", "a spread out of range", expected, spread[row])
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(kind == Kind.LOGNORMAL, np.log(spread), spread / 100)
    _put(found, is_there, kind, scale)


def _pedigrees(found: StatedSpreads, batch: Mapping[str, Any], table: Table, start: int) -> None:
    texts, codes = _labels(batch["pedigree"])
    basic = batch["basic"].to_numpy(zero_copy_only=False)
    is_there = np.array([bool(text) for text in texts], dtype=np.bool_)[codes] if texts else np.zeros(len(codes), bool)
    twice = is_there & (found.unstated < 1)
    if twice.any():
        row = _first(twice)
        raise _refusal(table, start + row, "pedigree", "two spreads of one amount", "a spread or scores", "both")
    _both(is_there, ~np.isnan(basic), ("pedigree", "basic"), table, start)
    added = np.zeros(len(texts))
    for code, text in enumerate(texts):
        if text:
            try:
                added[code] = _scores(text).additional_variance
            except (GraphError, ValueError):
                row = _first(codes == code)
                expected = "five scores from 1 to 5, such as 2;1;3;1;1"
                raise _refusal(table, start + row, "pedigree", "not pedigree scores", expected, repr(text)) from None
    most = math.log(MAX_GSD) ** 2
    variance = (added[codes] if len(texts) else np.zeros(len(codes))) + basic
    bad = is_there & ~((basic >= 0) & (variance <= most))
    if bad.any():
        row = _first(bad)
        raise _refusal(table, start + row, "basic", "not a basic variance", f"0 to {most:.3g}", basic[row])
    kind = np.full(len(codes), Kind.LOGNORMAL, dtype=np.uint8)
    _put(found, is_there, kind, np.sqrt(np.where(is_there, variance, 0.0)))


def _scores(text: str) -> Pedigree:
    parts = _GAP.split(text.strip(" ()"))
    if len(parts) != _SCORES or not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError(text)
    return Pedigree(*map(int, parts))


def _put(found: StatedSpreads, is_there: NDArray[np.bool_], kind: NDArray[np.uint8], scale: Floats) -> None:
    """Write what some rows state."""
    moves = is_there & (scale > 0)
    found.kind[moves] = kind[moves]
    found.scale[moves] = scale[moves]
    found.unstated[is_there] = 0.0


def _labels(values: Any) -> tuple[list[str], NDArray[np.int32]]:
    """The different texts of a column, and which each row has."""
    return [str(text).strip() for text in values.dictionary.to_pylist()], values.indices.to_numpy(zero_copy_only=False)


def _both(one: NDArray[np.bool_], other: NDArray[np.bool_], names: tuple[str, str], table: Table, start: int) -> None:
    """Refuse a row that has one of two that belong together."""
    if (one != other).any():
        row = _first(one != other)
        there, lacking = names if one[row] else reversed(names)
        raise _refusal(
            table, start + row, lacking, f"a {there} without its {lacking}", f"a {lacking}", "an empty field"
        )


def _first(bad: NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(bad)[0])


def _refusal(table: Table, row: int, column: str, message: str, expected: str, found: object) -> DocumentError:
    return DocumentError(message, where=f"{table.row(row)}, {column}", expected=expected, found=found)
