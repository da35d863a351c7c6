"""Products that need each other: solved in every sample of a tile, or found to have no footprint in it.

A drawn loop may need as much of itself as it makes. For amounts of zero or more that is decided by bounds that cannot
err (Collatz and Wielandt): for every positive g the greatest eigenvalue of A lies between the least and the greatest
ratio of (A^T g) to g, and the loop is productive exactly if it is below 1 (Hawkins and Simon). Power iteration with
A + 1 narrows the bounds until they lie on one side of 1. What they leave open, and loops with negative amounts that
they do not clear, are put to the solver that also judges the stated amounts.

Source: Berman, A. and Plemmons, R. J., Nonnegative matrices in the mathematical sciences, 1994, chapters 2 and 6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from passport.carbon.blocks import solve_block
from passport.errors import UnproductiveError

Floats = NDArray[np.float64]
Grow = Callable[[NDArray[np.int64], NDArray[np.int64], Floats, Floats, Floats, Floats], None]
Relax = Callable[[NDArray[np.int64], NDArray[np.int64], Floats, Floats, Floats, Floats], None]

_POWER_STEPS = 500
_SWEEPS = 2000
_TOLERANCE = 1e-12
_LEAST_TOLERANCE = 1e-15


@dataclass(frozen=True, slots=True, eq=False)
class InnerEdges:
    """The edges inside a block.

    Attributes:
        first: First rank of the block.
        last: The rank after its last.
        places: (edges,) where they stand among all edges, in the topology's order.
        starts: (b + 1,) where each product's edges begin.
        suppliers: (edges,) the supplier's place in the block.
    """

    first: int
    last: int
    places: NDArray[np.int64]
    starts: NDArray[np.int64]
    suppliers: NDArray[np.int64]

    @classmethod
    def of(cls, first: int, last: int, indptr: NDArray[np.int64], indices: NDArray[np.int32]) -> InnerEdges:
        """Find them.

        Args:
            first: First rank of the block.
            last: The rank after its last.
            indptr: Of the topology.
            indices: Of the topology.
        """
        low, high = int(indptr[first]), int(indptr[last])
        supplier = indices[low:high]
        consumer = np.repeat(np.arange(last - first), np.diff(indptr[first : last + 1]))
        is_inner = (supplier >= first) & (supplier < last)
        starts = np.zeros(last - first + 1, dtype=np.int64)
        np.cumsum(np.bincount(consumer[is_inner], minlength=last - first), out=starts[1:])
        places = low + np.flatnonzero(is_inner)
        return cls(first, last, places.astype(np.int64), starts, (supplier[is_inner] - first).astype(np.int64))


def first_gain(edges: InnerEdges, values: Floats, grow: Grow) -> Floats:
    """(b,) a vector that power iteration with the stated amounts leaves; where the samples' iterations start.

    Args:
        edges: The edges inside the block.
        values: (edges,) stated amounts.
        grow: One step.
    """
    gain = np.ones((edges.last - edges.first, 1))
    low, high = np.zeros(1), np.zeros(1)
    for _ in range(_POWER_STEPS):
        grow(edges.starts, edges.suppliers, values[:, None], gain, low, high)
        if high[0] - low[0] <= 1e-3 * high[0]:
            break
    return gain[:, 0]


def solve_samples(
    edges: InnerEdges, values: Floats, outside: Floats, *, gain: Floats, guess: Floats, grow: Grow, relax: Relax
) -> tuple[Floats, NDArray[np.bool_]]:
    """Footprints of a block in every sample of a tile.

    Args:
        edges: The edges inside the block.
        values: (edges, T) drawn amounts.
        outside: (b, K, T) what its products emit and take from elsewhere.
        gain: (b,) of `first_gain`.
        guess: (b, K) footprints to start from.
        grow: One step of power iteration.
        relax: One step of the solution.

    Returns:
        (b, K, T) footprints, not a number in samples where there are none; (T,) which those are.
    """
    width = values.shape[1]
    low, high = _bounds(edges, values, gain, grow)
    is_signed = (values < 0).any(axis=0)
    is_unproductive = (low >= 1.0) & ~is_signed
    found = np.repeat(guess[:, :, None], width, axis=2)
    tolerance = np.maximum(_TOLERANCE * np.maximum(1.0 - high, 0.0), _LEAST_TOLERANCE)
    pending = np.flatnonzero(high < 1.0)
    change = np.empty(len(pending))
    if len(pending) == width:
        part, amounts, given = found, values, outside
    else:
        part, amounts, given = (np.ascontiguousarray(array[..., pending]) for array in (found, values, outside))
    is_left = np.ones(len(pending), dtype=np.bool_)
    for _ in range(_SWEEPS if len(pending) else 0):
        relax(edges.starts, edges.suppliers, amounts, given, part, change)
        is_left = ~(change <= tolerance[pending])
        if not is_left.any():
            break
    found[..., pending] = part
    is_open = ~(high < 1.0) & ~is_unproductive
    is_open[pending[is_left]] = True
    for sample in np.flatnonzero(is_open):
        solved = _solve_one(edges, values[:, sample], outside[:, :, sample])
        if solved is None:
            is_unproductive[sample] = True
        else:
            found[:, :, sample] = solved
    found[:, :, is_unproductive] = np.nan
    return found, is_unproductive


def _bounds(edges: InnerEdges, values: Floats, gain: Floats, grow: Grow) -> tuple[Floats, Floats]:
    """Bounds of the greatest eigenvalue of |A| in every sample, narrowed until they lie on one side of 1."""
    width = values.shape[1]
    low, high = np.zeros(width), np.full(width, np.inf)
    step_low, step_high = np.empty(width), np.empty(width)
    gains = np.repeat(np.maximum(gain, 1e-150)[:, None], width, axis=1)
    for _ in range(_POWER_STEPS):
        grow(edges.starts, edges.suppliers, values, gains, step_low, step_high)
        low, high = np.fmax(low, step_low), np.fmin(high, step_high)
        if ((high < 1.0) | (low >= 1.0)).all():
            break
    return low, high


def _solve_one(edges: InnerEdges, values: Floats, outside: Floats) -> Floats | None:
    b = edges.last - edges.first
    inner = csr_array((values, edges.suppliers, edges.starts), shape=(b, b))
    try:
        return solve_block(inner, outside)
    except UnproductiveError:
        return None


def grow_plainly(
    starts: NDArray[np.int64], suppliers: NDArray[np.int64], values: Floats, gain: Floats, low: Floats, high: Floats
) -> None:
    """One step of power iteration with |A| + 1, with NumPy alone: as `kernels_monte_carlo.grow`."""
    used = _sum_rows(np.abs(values) * gain[suppliers], starts)
    ratio = used / gain
    low[:], high[:] = ratio.min(axis=0), ratio.max(axis=0)
    gain += used
    gain /= gain.max(axis=0)


def relax_plainly(
    starts: NDArray[np.int64],
    suppliers: NDArray[np.int64],
    values: Floats,
    outside: Floats,
    found: Floats,
    change: Floats,
) -> None:
    """One sweep of Jacobi in every sample, with NumPy alone: to the same end as `kernels_monte_carlo.relax`."""
    is_own = suppliers == np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    own = _sum_rows(np.where(is_own[:, None], values, 0.0), starts)
    taken = np.where(is_own[:, None], 0.0, values)
    new = outside.copy()
    for column in range(found.shape[1]):
        new[:, column] += _sum_rows(taken * found[suppliers, column], starts)
    new /= 1.0 - own[:, None, :]
    moved = np.abs(new - found)
    change[:] = np.divide(moved, np.abs(new), out=np.zeros_like(moved), where=moved > 0).max(axis=(0, 1))
    found[:] = new


def _sum_rows(values: Floats, starts: NDArray[np.int64]) -> Floats:
    """(b, T) sums of each product's edges."""
    found = np.zeros((len(starts) - 1, values.shape[1]))
    has_edges = np.flatnonzero(np.diff(starts))
    if len(has_edges):
        found[has_edges] = np.add.reduceat(values, starts[has_edges], axis=0)
    return found
