"""What an update changed: each product's footprint before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Footprints before and after an update, in the unit of `direct` per declared unit of each product.

    Nothing is computed approximately to save time: a change is followed until a footprint comes out the same to the
    last bit, whatever the thresholds, which only say what is listed here.

    Attributes:
        products: (c,) int32, whose footprint changed by more than the thresholds, suppliers before their users; numbers
            as they are after the update.
        old: (c,) or (c, K), footprints before; NaN for added products, which had none.
        new: Like `old`, footprints after.
        delta: Like `old`, new minus old.
        n_affected: How many footprints changed at all, listed here or not.
        absolute: The threshold in the unit of `direct`: a product is listed if a column changed by more than this ...
        relative: ... and by more than this share of its old amount.
        tolerance: The largest residual, relative to what a product's sum is made of, with which footprints inside loops
            are accepted; 0 in a graph without loops, where nothing is approached.
        road: `pushed`: the change was followed from product to product. `swept`: it spread so far that it was cheaper
            to compute all products from there on. `reordered`: new edges or products needed a new order of them all.
        kernel: What did it: `numba`, or `numpy` for NumPy and SciPy alone. The results are the same.
        added_products: (k,) numbers of the products that the update added, after the update.
        added_edges: (k,) rows of the edges that the update added, after the update.
        removed_products: (k,) numbers before the update of the products that it removed; those behind them moved up.
        removed_edges: (k,) rows before the update of the edges that it removed; those behind them moved up.
    """

    products: NDArray[np.int32]
    old: NDArray[np.float64]
    new: NDArray[np.float64]
    delta: NDArray[np.float64]
    n_affected: int
    absolute: float
    relative: float
    tolerance: float
    road: Literal["pushed", "swept", "reordered"]
    kernel: str
    added_products: NDArray[np.int64]
    added_edges: NDArray[np.int64]
    removed_products: NDArray[np.int64]
    removed_edges: NDArray[np.int64]
