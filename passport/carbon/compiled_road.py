"""The compiled road of an update: what the kernel works with, kept between updates, and the loops it hands back."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from passport.carbon import kernel_propagation as compiled
from passport.carbon.live import Live
from passport.carbon.propagation import NameOf, Propagation, out_of_range

PUSHED_SHARE = 0.03
"""Work after which the rest is swept, as a share of all rows and both ends of all edges. Measured with a million
products: a row that is followed costs about 25 times a row that is swept."""

_WORD = 64


class CompiledRoad:
    """numba's.

    Args:
        live: What to work on.
    """

    kernel = "numba"

    def __init__(self, live: Live) -> None:
        topology = live.topology
        n = topology.n_products
        self.live = live
        self._most = int(PUSHED_SHARE * (n + 2 * topology.n_edges))
        self._matrix = (topology.indptr, topology.indices, live.amounts, live.direct)
        self._users = (live.user_indptr, live.users)
        bounds = (topology.block_start, topology.block_end)
        self._blocks = (live.block_of, *bounds, live.outside, live.is_touched)
        self._seed = np.zeros(1, dtype=np.int64)
        self._ranks = np.empty(n, dtype=np.int32)
        self._old = np.empty_like(live.found)
        self._sums = np.empty(1 if live.found.ndim == 1 else live.found.shape[1])
        self._state = np.zeros(compiled.STATE_LENGTH, dtype=np.int64)
        words = -(-n // _WORD)
        summaries = -(-words // _WORD)
        sizes = (words, summaries, -(-summaries // _WORD))
        self._waiting = tuple(np.zeros(size, dtype=np.uint64) for size in sizes)

    def propagate(self, seeds: Iterable[int], *, name_of: NameOf) -> Propagation:
        """See `Road`."""
        self._state[:] = 0
        return self._run(seeds, name_of)

    def settle(self, seeds: Iterable[int], *, name_of: NameOf) -> Propagation:
        """See `Road`."""
        self._state[:] = 0
        self._state[compiled.IS_SWEEPING] = self._state[compiled.IS_SETTLING] = 1
        found = self._run(seeds, name_of)
        for words in self._waiting:
            words[:] = 0
        return found

    def _run(self, seeds: Iterable[int], name_of: NameOf) -> Propagation:
        live, state = self.live, self._state
        compiled.wait_for(np.fromiter(seeds, dtype=np.int64), self._waiting)
        records = (live.found, self._ranks, self._old, self._sums, state)
        while True:
            block = compiled.propagate(self._matrix, self._users, self._blocks, self._waiting, *records, self._most)
            if block == compiled.DONE:
                break
            if block == compiled.NOT_FINITE:
                raise out_of_range(live, int(state[compiled.RANK]), name_of)
            solved = live.solve_block(block, name_of=name_of)
            compiled.accept(block, solved, self._users, self._blocks, self._waiting, *records)
        count = int(state[compiled.COUNT])
        return Propagation(self._ranks[:count].copy(), self._old[:count].copy(), bool(state[compiled.IS_SWEEPING]))

    def take_back(self) -> None:
        """See `Road`."""
        count = int(self._state[compiled.COUNT])
        self.live.found[self._ranks[:count]] = self._old[:count]
