"""Spreads as files state them: which amounts have one, which have none, and several of them combined into one.

Not stated is not zero. Beside its spread every amount has the share of it of which nothing is said: 0 where its spread
is stated (that it is exact is a statement as well), 1 where none is, something between where an amount is a sum of
which only parts say how far they may be off.

The spread of a sum is taken to first order, as in `passport.arithmetic.uncertainty`: terms of one unknown are added
before they are squared, those of different sign apart; the sum is lognormal around itself as the median where some term
is lognormal and none counts against the sum's sign, else normal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.carbon.distributions import MAX_SIGMA, Kind
from passport.carbon.spreads import Spreads

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class StatedSpreads:
    """The spreads of a column (or table) of amounts, and where nothing is said.

    Attributes:
        kind: (rows,) or (rows, K) uint8, values of `Kind`.
        scale: Same shape: see `Spread`.
        is_mean: Same shape: whether the stated amount is the mean.
        unstated: Same shape: of what share of the amount nothing is said; above 1 where terms cancel in it.
    """

    kind: NDArray[np.uint8]
    scale: Floats
    is_mean: NDArray[np.bool_]
    unstated: Floats

    @classmethod
    def nothing(cls, shape: int | tuple[int, ...]) -> StatedSpreads:
        """Nothing is said of any."""
        return cls(np.zeros(shape, np.uint8), np.zeros(shape), np.zeros(shape, np.bool_), np.ones(shape))

    @classmethod
    def joined(cls, pieces: Sequence[StatedSpreads]) -> StatedSpreads:
        """One below the other."""
        if not pieces:
            return cls.nothing(0)
        return cls(
            np.concatenate([piece.kind for piece in pieces]),
            np.concatenate([piece.scale for piece in pieces]),
            np.concatenate([piece.is_mean for piece in pieces]),
            np.concatenate([piece.unstated for piece in pieces]),
        )

    def rows(self, chosen: Any) -> StatedSpreads:
        """Those of some rows."""
        return StatedSpreads(self.kind[chosen], self.scale[chosen], self.is_mean[chosen], self.unstated[chosen])

    def reshaped(self, *shape: int) -> StatedSpreads:
        """The same in another shape."""
        kind, is_mean = self.kind.reshape(shape), self.is_mean.reshape(shape)
        return StatedSpreads(kind, self.scale.reshape(shape), is_mean, self.unstated.reshape(shape))

    def turned(self) -> StatedSpreads:
        """Rows as columns."""
        return StatedSpreads(self.kind.T.copy(), self.scale.T.copy(), self.is_mean.T.copy(), self.unstated.T.copy())

    @property
    def is_any(self) -> bool:
        """Whether anything is said of any amount."""
        return bool((self.unstated < 1).any())

    @property
    def spreads(self) -> Spreads:
        """For the engine, each an unknown of its own; amounts without a spread do not move, so mind `unstated`."""
        return Spreads(self.kind, self.scale, self.is_mean, np.full(self.kind.shape, -1, dtype=np.int64))


def combined(
    target: Any, value: Floats, stated: StatedSpreads, *, count: int, unknown: Integers | None = None
) -> StatedSpreads:
    """The spreads of sums of terms, to first order.

    Args:
        target: (rows,) which sum each term is of.
        value: (rows,) the terms.
        stated: (rows,) their spreads.
        count: How many sums there are; of a sum without terms nothing is said.
        unknown: (rows,) terms of one number are one unknown; None: each is its own.
    """
    spreads = stated.spreads
    moves = spreads.sigma > 0
    total = np.bincount(target, value, count)
    lognormal = np.bincount(target, moves & (stated.kind == Kind.LOGNORMAL), count) > 0
    against = np.bincount(target, moves & (value * total[target] < 0), count) > 0
    is_lognormal = lognormal & ~against
    terms = np.where(is_lognormal[target], spreads.sigma, spreads.variation) * value
    if unknown is None:
        variance = np.bincount(target, terms**2, count)
    else:
        named = np.stack([target, unknown, value < 0], axis=1)
        groups, group = np.unique(named, axis=0, return_inverse=True)
        sums = np.bincount(group.reshape(-1), terms, len(groups))
        variance = np.bincount(groups[:, 0], sums**2, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(variance) / np.abs(total)
        unstated = np.bincount(target, np.abs(value) * stated.unstated, count) / np.abs(total)
    lost = ~(np.isfinite(scale) & np.isfinite(unstated) & (scale <= MAX_SIGMA))
    scale = np.where(lost, 0.0, scale)
    kind = np.where(scale > 0, np.where(is_lognormal, Kind.LOGNORMAL, Kind.NORMAL), Kind.FIXED)
    off_mean = np.bincount(target, moves & ~stated.is_mean, count) > 0
    return StatedSpreads(
        kind.astype(np.uint8), scale, (kind == Kind.LOGNORMAL) & ~off_mean, np.where(lost, 1.0, unstated)
    )


def filled(spreads: Spreads, unstated: Floats, *, gsd: float) -> Spreads:
    """The spreads, with a lognormal one taken for whatever has none stated.

    Where only a part of an amount has none, that part counts as one more unknown, to first order.

    Args:
        spreads: As stated.
        unstated: Same shape: see `StatedSpreads`.
        gsd: The geometric standard deviation that is taken.
    """
    sigma = math.log(gsd)
    is_normal = spreads.kind == Kind.NORMAL
    own = np.where(spreads.kind == Kind.FIXED, 0.0, spreads.scale)
    more = unstated * np.where(is_normal, math.sqrt(math.expm1(sigma * sigma)), sigma)
    scale = np.minimum(np.hypot(own, more), MAX_SIGMA)
    kind = np.where(scale > 0, np.where(is_normal, Kind.NORMAL, Kind.LOGNORMAL), Kind.FIXED).astype(np.uint8)
    return Spreads(kind, scale, spreads.is_mean, spreads.parameter, spreads.keys)
