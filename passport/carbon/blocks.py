"""Strongly connected blocks: products that need each other are solved together, and refused when they cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import splu

from passport.errors import UnproductiveError

DENSE_PRODUCTS = 1000
"""Blocks up to this many products are solved as full matrices."""


def solve_block(inner: csr_array[Any, tuple[int, int]], outside: NDArray[np.float64]) -> NDArray[np.float64]:
    """Footprints of a block's products.

    Args:
        inner: (b, b) amounts among them, a row per consumer.
        outside: (b, K) what they emit themselves and take from suppliers outside the block.

    Raises:
        UnproductiveError: The block needs at least as much of itself as it makes; its `loop` counts from the block's
            first product.
    """
    b = inner.shape[0]
    ones = np.ones((b, 1))
    right = np.concatenate((outside, ones), axis=1)
    try:
        if b <= DENSE_PRODUCTS:
            found = np.linalg.solve(np.eye(b) - inner.toarray(), right)
        else:
            found = splu((eye_array(b, format="csc") - inner.tocsc()).tocsc()).solve(right)
    except (np.linalg.LinAlgError, RuntimeError) as error:
        raise UnproductiveError("these products need all they make for themselves", loop=tuple(range(b))) from error
    gain = found[:, -1]
    is_signed = bool((inner.data < 0).any())
    if not np.isfinite(found).all() or (not is_signed and not (gain >= 1.0 - 1e-6).all()):
        raise UnproductiveError("these products need more of each other than they make", loop=tuple(range(b)))
    return found[:, :-1]
