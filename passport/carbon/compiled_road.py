"""The compiled road of an update: what the kernel works with, kept between updates, and the loops it hands back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.carbon import kernel_propagation as compiled
from passport.carbon.compiled_sweep import Plan
from passport.carbon.live import Live
from passport.carbon.propagation import NameOf, Propagation, out_of_range

PUSHED_SHARE = 0.03
"""Work after which the rest is swept, as a share of all rows and both ends of all edges. Measured with a million
products: a row that is followed costs about 25 times a row that is swept."""

_WORD = 64
_NOTHING = np.zeros(0, dtype=np.int32)


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
        words = -(-n // _WORD)
        summaries = -(-words // _WORD)
        bits = (words, summaries, -(-summaries // _WORD))
        self._users = (live.user_indptr, live.users)
        bounds = (topology.block_start, topology.block_end)
        self._blocks = (live.block_of, *bounds, live.outside, live.is_touched)
        self._waiting = tuple(np.zeros(size, dtype=np.uint64) for size in bits)
        self._records = (np.empty(n, dtype=np.int32), np.empty_like(live.found))
        like = live.found
        self._lists = (np.empty(n, dtype=np.int32), np.empty((3, *like.shape)))
        self._state = np.zeros(compiled.STATE_LENGTH, dtype=np.int64)
        self._read: memoryview[int] = self._state.data
        plan = Plan(topology)
        sizes = np.diff(plan.first)
        solved = np.empty((int(sizes.max(initial=0)), *like.shape[1:]))
        self._plan = (
            plan.first,
            plan.member,
            plan.ends,
            plan.inner[0],
            plan.inner[1],
            np.searchsorted(plan.own[0], plan.first),
            plan.own[0],
            plan.own[1],
            plan.proof,
            np.empty(plan.inner.shape[1]),
            np.empty((3, len(plan.member))),
        )
        self._arguments = (
            (topology.indptr, topology.indices, live.amounts, live.direct),
            topology.order,
            topology.level_ptr,
            self._users,
            self._blocks,
            self._plan,
            self._waiting,
            live.found,
            (np.zeros(compiled.BATCH, dtype=np.int64), np.empty((1, *like.shape[1:])), solved),
            self._records,
            self._lists,
            self._state,
            int(PUSHED_SHARE * (n + 2 * topology.n_edges)),
        )
        self._short: tuple[Any, ...] | None = None
        if like.ndim == 1 and not topology.n_blocks:
            matrix, order, levels, users, blocks, _, waiting, found, room, records, lists, state, most = self._arguments
            parts = (*matrix, order, levels, *users, blocks[0], *waiting, found, room[0], *records, *lists, state, most)
            self._short = parts

    def propagate(self, seeds: NDArray[np.int32], *, absolute: float, relative: float, name_of: NameOf) -> Propagation:
        """See `Road`."""
        if self._short is not None and not self._read[compiled.IS_SETTLING]:
            if compiled.propagate_single(seeds, absolute, relative, *self._short) == compiled.NOT_FINITE:
                raise out_of_range(self.live, self._read[compiled.RANK], name_of)
            return self._told()
        while (block := compiled.propagate(seeds, *self._arguments, absolute, relative)) != compiled.DONE:
            if block == compiled.NOT_FINITE:
                raise out_of_range(self.live, self._read[compiled.RANK], name_of)
            self._solve(block, name_of)
            seeds = _NOTHING
        return self._told()

    def _told(self) -> Propagation:
        read = self._read
        products, told = self._lists
        listed = read[compiled.LISTED]
        old, new, delta = told[:, :listed].copy()
        affected, is_swept = read[compiled.AFFECTED], bool(read[compiled.IS_SWEPT])
        return Propagation(products[:listed].copy(), old, new, delta, affected, is_swept)

    def settle(self, seeds: NDArray[np.int32], *, absolute: float, relative: float, name_of: NameOf) -> Propagation:
        """See `Road`."""
        self._state[compiled.IS_SWEEPING] = self._state[compiled.IS_SETTLING] = 1
        found = self.propagate(seeds, absolute=absolute, relative=relative, name_of=name_of)
        for words in self._waiting:
            words[:] = 0
        return found

    def _solve(self, block: int, name_of: NameOf) -> None:
        live = self.live
        solved = live.solve_block(block, name_of=name_of).reshape(-1, *live.found.shape[1:])
        blocks, waiting, records = self._blocks, self._waiting, self._records
        compiled.accept(block, solved, self._users, blocks, waiting, live.found, records, self._state)

    def take_back(self) -> None:
        """See `Road`."""
        count = self._read[compiled.COUNT]
        ranks, old = self._records
        self.live.found[ranks[:count]] = old[:count]
