"""Which loop makes a block unproductive: the one through which most flows, named so that somebody can mend it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

_STEPS = 200


def heaviest_loop(inner: csr_array[Any, tuple[int, int]]) -> tuple[tuple[int, ...], float]:
    """The loop that is found by going from each product to its heaviest supplier.

    Weights are amounts times what power iteration says the block's products come to need of the block, so that units do
    not matter.

    Args:
        inner: (b, b) amounts of a strongly connected block, a row per consumer.

    Returns:
        The loop's products, each a supplier of the next and the last one of the first; and how many units of each are
        needed for one unit of itself along it.
    """
    rows = abs(inner).tocsr()
    b = rows.shape[0]
    need: NDArray[np.float64] = np.ones(b)
    for _ in range(_STEPS):
        need = need + rows @ need
        need /= need.max()
        np.maximum(need, 1e-300, out=need)
    weight = rows.data * need[rows.indices]
    ends = rows.indptr
    heaviest = np.full(b, -1, dtype=np.int64)
    largest = np.zeros(b)
    row_of = np.repeat(np.arange(b), np.diff(ends))
    by_weight = np.lexsort((weight, row_of))
    last = ends[1:][np.diff(ends) > 0] - 1
    heaviest[row_of[by_weight[last]]] = by_weight[last]
    largest[row_of[by_weight[last]]] = weight[by_weight[last]]
    at = int(np.argmax(largest))
    seen: dict[int, int] = {}
    path: list[int] = []
    while at not in seen:
        seen[at] = len(path)
        path.append(at)
        at = int(rows.indices[heaviest[at]])
    loop = path[seen[at] :]
    with np.errstate(over="ignore", under="ignore"):
        gain = float(np.prod([rows.data[heaviest[product]] for product in loop]))
    return tuple(reversed(loop)), gain
