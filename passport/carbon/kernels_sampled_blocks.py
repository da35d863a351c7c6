"""The steps by which `sampled_blocks` solves products that need each other, compiled by Numba."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_compiled = njit(nogil=True, error_model="numpy", cache=True)


@_compiled
def grow(starts: Any, suppliers: Any, values: Any, gain: Any, low: Any, high: Any) -> None:
    """One step of power iteration with |A| + 1 in every sample, with the bounds it gives: see `sampled_blocks`.

    Args:
        starts: (b + 1,) where each product's edges begin.
        suppliers: (edges,) the supplier's place in the block.
        values: (edges, T).
        gain: (b, T) positive, replaced by its successor, the largest of each sample being 1.
        low: (T,) written: the least ratio of |A| gain to gain.
        high: (T,) written: the greatest.
    """
    b, width = gain.shape
    used = np.zeros((b, width))
    low[:] = np.inf
    high[:] = 0.0
    for product in range(b):
        row = used[product]
        for place in range(starts[product], starts[product + 1]):
            above, value = gain[suppliers[place]], values[place]
            for t in range(width):
                row[t] += abs(value[t]) * above[t]
        for t in range(width):
            ratio = row[t] / gain[product, t]
            low[t] = min(low[t], ratio)
            high[t] = max(high[t], ratio)
    top = np.zeros(width)
    for product in range(b):
        for t in range(width):
            gain[product, t] += used[product, t]
            top[t] = max(top[t], gain[product, t])
    for product in range(b):
        for t in range(width):
            gain[product, t] /= top[t]


@_compiled
def relax(starts: Any, suppliers: Any, values: Any, outside: Any, found: Any, change: Any) -> None:
    """One sweep of Gauss and Seidel in every sample: found = outside + A^T found, products in turn.

    Args:
        starts: (b + 1,) where each product's edges begin.
        suppliers: (edges,) the supplier's place in the block.
        values: (edges, T).
        outside: (b, K, T).
        found: (b, K, T), replaced.
        change: (T,) written: the greatest |change| / |found|.
    """
    b, columns, width = found.shape
    change[:] = 0.0
    total = np.empty(width)
    own = np.empty(width)
    for product in range(b):
        for column in range(columns):
            for t in range(width):
                total[t] = outside[product, column, t]
                own[t] = 0.0
            for place in range(starts[product], starts[product + 1]):
                value = values[place]
                if suppliers[place] == product:
                    for t in range(width):
                        own[t] += value[t]
                    continue
                above = found[suppliers[place], column]
                for t in range(width):
                    total[t] += value[t] * above[t]
            row = found[product, column]
            for t in range(width):
                new = total[t] / (1.0 - own[t])
                moved = abs(new - row[t])
                change[t] = max(change[t], moved / abs(new) if moved > 0.0 else 0.0)
                row[t] = new
