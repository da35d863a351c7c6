"""Distributions as LCA databases state them, as spreads around the amounts that the databases compute with.

Lognormal and normal ones are kept. A triangular or uniform one is taken as the normal one of its standard deviation:
sqrt((a^2 + b^2 + c^2 - ab - ac - bc) / 18) and (b - a) / sqrt(12). Footprints stay those of the stated amounts, so a
distribution whose middle lies elsewhere is taken around the amount. A geometric standard deviation of 1 or less, or a
distribution without its parameters, is what these formats have for an empty field: it says nothing, and so is not
stated rather than zero. All of that is counted, for the notes of whoever reads the result.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.carbon.distributions import MAX_SIGMA, Kind
from passport.exchange.stated_spreads import Floats, StatedSpreads

UNDEFINED, EXACT, LOGNORMAL, NORMAL, UNIFORM, TRIANGULAR = range(6)
"""Numbers of the distributions, which are those of Brightway's `stats_arrays`."""

AS_NORMAL = "triangular and uniform spreads are taken as normal ones of the same standard deviation"
ELSEWHERE = "spreads whose middle is not the amount are taken around the amount"
CUT = "bounds of lognormal and normal spreads are not kept"
EMPTY = "spreads without parameters, or of an amount of zero, say nothing: not stated"
NO_SPREAD = "lognormal spreads with a geometric standard deviation of 1 or less say nothing: not stated"
OTHER = "spreads of other distributions than lognormal, normal, triangular and uniform are not read: not stated"

_TOLERANCE = 1e-4
"""Of the amount; single precision, in which logarithms are kept, is off by less."""


@dataclass(frozen=True, slots=True, eq=False)
class Distributions:
    """Distributions of a column of amounts; what a distribution does not have is not a number.

    Attributes:
        kind: (rows,) which.
        loc: Lognormal: logarithm of the median's magnitude. Normal: mean. Triangular: mode.
        scale: Lognormal: standard deviation of the logarithm. Normal: standard deviation.
        minimum: Lower end.
        maximum: Upper end.
    """

    kind: NDArray[Any]
    loc: Floats
    scale: Floats
    minimum: Floats
    maximum: Floats


def around(amounts: Floats, stated: Distributions, notes: Counter[str]) -> StatedSpreads:
    """The spreads of amounts by their distributions.

    Args:
        amounts: (rows,) in the units in which the distributions are.
        stated: Their distributions.
        notes: How many of them are not just as they are stated, and why; added to.
    """
    kind, loc, low, high = stated.kind, stated.loc, stated.minimum, stated.maximum
    size = np.abs(amounts)
    is_log = kind == LOGNORMAL
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        corners = low**2 + high**2 + loc**2 - low * high - low * loc - high * loc
        deviation = np.select(
            [kind == NORMAL, kind == UNIFORM, (kind == TRIANGULAR) & (low <= loc) & (loc <= high)],
            [stated.scale, (high - low) / np.sqrt(12), np.sqrt(corners / 18)],
            np.nan,
        )
        scale = np.where(is_log, stated.scale, deviation / size)
        is_stated = (scale > 0) & (scale <= MAX_SIGMA) & (size > 0) & np.where(is_log, np.isfinite(loc), True)
        middle = np.select(
            [is_log, kind == NORMAL, kind == UNIFORM], [np.exp(loc), loc, (low + high) / 2], (low + high + loc) / 3
        )
        mean = np.where(is_log, middle * np.exp(stated.scale**2 / 2), middle)
        at_middle, at_mean = (np.abs(np.abs(each) - size) <= _TOLERANCE * size for each in (middle, mean))
        is_flat = is_log & (stated.scale <= 0)
    is_exact = kind == EXACT
    counts = {
        AS_NORMAL: is_stated & ((kind == UNIFORM) | (kind == TRIANGULAR)),
        ELSEWHERE: is_stated & ~at_middle & ~at_mean,
        CUT: is_stated & (is_log | (kind == NORMAL)) & (np.isfinite(low) | np.isfinite(high)),
        NO_SPREAD: is_flat,
        EMPTY: ~is_stated & ~is_flat & (kind >= LOGNORMAL) & (kind <= TRIANGULAR),
        OTHER: kind > TRIANGULAR,
    }
    notes.update({what: int(which.sum()) for what, which in counts.items() if which.any()})
    return StatedSpreads(
        np.where(is_stated, np.where(is_log, Kind.LOGNORMAL, Kind.NORMAL), Kind.FIXED).astype(np.uint8),
        np.where(is_stated, scale, 0.0),
        is_stated & is_log & at_mean & ~at_middle,
        np.where(is_stated | is_exact, 0.0, 1.0),
    )
