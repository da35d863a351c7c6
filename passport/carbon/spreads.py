"""Spreads of whole columns of inputs, and which inputs are one unknown."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passport.carbon.distributions import MAX_SIGMA, AmountIs, Kind, Spread, check_amount_is
from passport.errors import GraphError


@dataclass(frozen=True, slots=True, eq=False)
class Spreads:
    """The spreads of a column of inputs, row by row; made by its class methods.

    Attributes:
        kind: (rows,) or (rows, K) uint8, values of `Kind`.
        scale: Same shape: see `Spread`.
        is_mean: Same shape: whether the stated amount is the mean.
        parameter: Same shape, int64: inputs with the same number, 0 or more, are one unknown and are drawn once (one
            grid factor used in a thousand places); -1: an unknown of its own.
        keys: (rows,) uint64 that key the random draws, for results that do not depend on the rows' order; None: the
            graph's edge ids or product names, else the row number.
    """

    kind: NDArray[np.uint8]
    scale: NDArray[np.float64]
    is_mean: NDArray[np.bool_]
    parameter: NDArray[np.int64]
    keys: NDArray[np.uint64] | None = None

    @classmethod
    def of(cls, spreads: Iterable[Spread]) -> Spreads:
        """From one spread per row."""
        rows = list(spreads)
        return cls(
            np.array([row.kind for row in rows], dtype=np.uint8),
            np.array([row.scale for row in rows], dtype=np.float64),
            np.array([row.amount_is == AmountIs.MEAN for row in rows], dtype=np.bool_),
            np.full(len(rows), -1, dtype=np.int64),
        )

    @classmethod
    def lognormal(cls, *, gsd: ArrayLike, amount_is: AmountIs = AmountIs.MEDIAN) -> Spreads:
        """Lognormal inputs with these geometric standard deviations (1: no spread).

        Raises:
            GraphError: One is below 1, or no number.
        """
        column = np.asarray(gsd, dtype=np.float64)
        _check_column(column, "gsd", 1.0, math.exp(MAX_SIGMA))
        return cls._column(Kind.LOGNORMAL, np.log(column), amount_is)

    @classmethod
    def normal(cls, variation: ArrayLike) -> Spreads:
        """Normal inputs with these coefficients of variation.

        Raises:
            GraphError: One is negative, or no number.
        """
        column = np.asarray(variation, dtype=np.float64)
        _check_column(column, "variation", 0.0, MAX_SIGMA)
        return cls._column(Kind.NORMAL, column.copy(), AmountIs.MEDIAN)

    @classmethod
    def _column(cls, kind: Kind, scale: NDArray[np.float64], amount_is: AmountIs) -> Spreads:
        check_amount_is(amount_is)
        kinds = np.where(scale > 0, kind, Kind.FIXED).astype(np.uint8)
        is_mean = np.full(scale.shape, amount_is == AmountIs.MEAN, dtype=np.bool_)
        return cls(kinds, scale, is_mean, np.full(scale.shape, -1, dtype=np.int64))

    def sharing(self, parameter: ArrayLike) -> Spreads:
        """The same spreads, with inputs of one number being one unknown.

        Args:
            parameter: One whole number per input; -1 for an unknown of its own.

        Raises:
            GraphError: Wrong shape, or not whole numbers of -1 or more.
        """
        column = np.asarray(parameter)
        if column.shape != self.kind.shape or column.dtype.kind not in "iu" or (column.size and column.min() < -1):
            raise GraphError(
                "not a column of parameter numbers",
                where="parameter",
                expected=f"whole numbers of -1 or more, shape {self.kind.shape}",
                found=f"{column.dtype}, shape {column.shape}",
            )
        return replace(self, parameter=column.astype(np.int64))

    def keyed(self, keys: ArrayLike) -> Spreads:
        """The same spreads, with numbers that key each row's random draws.

        Args:
            keys: One different whole number per row, 0 to 2^64 - 1.

        Raises:
            GraphError: Wrong length, not whole numbers, or one number twice.
        """
        column = np.asarray(keys)
        if column.shape != self.kind.shape[:1] or column.dtype.kind not in "iu":
            raise GraphError(
                "not a column of keys",
                where="keys",
                expected=f"{len(self.kind)} whole numbers",
                found=f"{column.dtype}, shape {column.shape}",
            )
        if len(np.unique(column)) != len(column):
            raise GraphError("two rows have one key", where="keys", hint="give rows that are one unknown a parameter")
        return replace(self, keys=column.astype(np.uint64))

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows, or rows and columns."""
        return self.kind.shape

    @property
    def sigma(self) -> NDArray[np.float64]:
        """Standard deviations of the logarithms: see `Spread.sigma`."""
        found = np.where(self.kind == Kind.NORMAL, np.sqrt(np.log1p(self.scale**2)), self.scale)
        return np.where(self.kind == Kind.FIXED, 0.0, found)

    @property
    def variation(self) -> NDArray[np.float64]:
        """Coefficients of variation."""
        found = np.where(self.kind == Kind.NORMAL, self.scale, np.sqrt(np.expm1(self.scale**2)))
        return np.where(self.kind == Kind.FIXED, 0.0, found)

    @property
    def mean_factor(self) -> NDArray[np.float64]:
        """Mean / stated amount."""
        is_shifted = (self.kind == Kind.LOGNORMAL) & ~self.is_mean
        return np.exp(np.where(is_shifted, self.scale**2 / 2, 0.0))

    @property
    def median_factor(self) -> NDArray[np.float64]:
        """Median / stated amount."""
        is_shifted = (self.kind == Kind.LOGNORMAL) & self.is_mean
        return np.exp(np.where(is_shifted, -(self.scale**2) / 2, 0.0))


def _check_column(column: NDArray[np.float64], name: str, low: float, high: float) -> None:
    bad = ~((column >= low) & (column <= high))
    if bad.any():
        row = tuple(int(place) for place in np.argwhere(bad)[0])
        where = f"{name}[{', '.join(map(str, row))}]" if row else name
        raise GraphError("not a spread", where=where, expected=f"{low:g} to {high:.4g}", found=column[row])
