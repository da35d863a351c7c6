"""How far exchanges of an `olca-schema` package may be off: their `uncertainty`, for the spreads of a graph."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from passport.errors import DocumentError
from passport.exchange.lca_distributions import (
    LOGNORMAL,
    NORMAL,
    TRIANGULAR,
    UNDEFINED,
    UNIFORM,
    Distributions,
    around,
)
from passport.exchange.olca_units import Entity, number_of
from passport.exchange.stated_spreads import StatedSpreads

_KINDS = {
    "LOG_NORMAL_DISTRIBUTION": (LOGNORMAL, "geomMean", "geomSd"),
    "NORMAL_DISTRIBUTION": (NORMAL, "mean", "sd"),
    "TRIANGLE_DISTRIBUTION": (TRIANGULAR, "mode", None),
    "UNIFORM_DISTRIBUTION": (UNIFORM, None, None),
}
_OTHER = TRIANGULAR + 1


def exchange_spreads(exchanges: Sequence[tuple[str, Entity]], notes: Counter[str]) -> StatedSpreads:
    """The spreads of exchanges, each with where it stands.

    Args:
        exchanges: In their own units, as their distributions are.
        notes: See `lca_distributions.around`.

    Raises:
        DocumentError: A parameter that is no number; names file and exchange.
    """
    columns = np.full((5, len(exchanges)), np.nan)
    for number, (where, entry) in enumerate(exchanges):
        columns[:, number] = _parameters(entry, where)
    kind, loc, scale, low, high = columns
    amounts = np.array([float(entry["amount"]) for _, entry in exchanges])
    return around(amounts, Distributions(kind, loc, scale, low, high), notes)


def _parameters(entry: Entity, where: str) -> tuple[float, float, float, float, float]:
    """Which distribution, its location, scale and ends."""
    told = entry.get("uncertainty")
    if told is None:
        return UNDEFINED, math.nan, math.nan, math.nan, math.nan
    if not isinstance(told, dict):
        raise DocumentError("not an uncertainty", where=where, expected="an object", found=type(told).__name__)
    name = told.get("distributionType")
    if name in (None, "NONE"):
        return UNDEFINED, math.nan, math.nan, math.nan, math.nan
    kind, middle, width = _KINDS.get(str(name), (_OTHER, None, None))
    loc, scale = (_number(told, each, where) if each else math.nan for each in (middle, width))
    if kind == LOGNORMAL:
        median = math.log(abs(loc)) if loc else math.nan
        return kind, median, math.log(scale) if scale > 0 else math.nan, math.nan, math.nan
    if kind == NORMAL:
        return kind, loc, scale, math.nan, math.nan
    return kind, loc, scale, _number(told, "minimum", where), _number(told, "maximum", where)


def _number(told: Entity, name: str, where: str) -> float:
    return math.nan if told.get(name) is None else number_of(told, name, where=f"{where}: uncertainty")
