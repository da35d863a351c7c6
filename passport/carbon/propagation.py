"""The plain road of an update: follow a change from supplier to consumer, then sweep if it has spread too far.

A row is summed from its own suppliers in the order of the matrix, never corrected by a difference: what an update
leaves is bit for bit what computing everything anew by the same rows would give, after however many updates.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from passport.carbon.live import Floats, Live
from passport.errors import GraphError

PUSHED_SHARE = 0.002
"""Work after which the rest is swept, as a share of all rows and both ends of all edges. A row that is followed costs
about 500 times a row that is swept by SciPy."""

NameOf = Callable[[int], str]
"""How a product is called in errors, by its number."""


class Propagation(NamedTuple):
    """What followed from a change; a tuple, because it is made in the shortest updates too.

    Attributes:
        products: (c,) int32, suppliers first: whose footprint changed by more than the thresholds.
        old: (c,) or (c, K), what it was.
        new: Like `old`, what it is.
        delta: Like `old`, the difference.
        n_affected: How many changed at all.
        is_swept: Whether the change spread so far that the rest was swept.
    """

    products: NDArray[np.int32]
    old: Floats
    new: Floats
    delta: Floats
    n_affected: int
    is_swept: bool


class Road(Protocol):
    """A way to find out what follows from a change.

    All its methods take `seeds`, the ranks whose row has other numbers than before; `absolute` and `relative`, the
    thresholds of what is listed; and `name_of`, for errors.
    """

    kernel: str
    """What it computes with."""
    live: Live
    """What it works on."""

    def settle(self, seeds: NDArray[np.int32], *, absolute: float, relative: float, name_of: NameOf) -> Propagation:
        """Compute all rows once; of what changes, only what follows from the seeds counts, the rest is rounding.

        Raises:
            GraphError: There is no answer. The footprints are of no use any more.
        """

    def propagate(self, seeds: NDArray[np.int32], *, absolute: float, relative: float, name_of: NameOf) -> Propagation:
        """Compute the rows of the seeds and whatever follows, in place.

        Raises:
            GraphError: There is no answer; `take_back` what has been written, and make another road.
        """

    def take_back(self) -> None:
        """Undo what a failed `propagate` has written into the footprints."""


def out_of_range(live: Live, rank: int, name_of: NameOf) -> GraphError:
    """The error of a footprint that is no number."""
    return GraphError(
        "a footprint leaves the range of numbers",
        where=name_of(int(live.topology.order[rank])),
        hint="look for an amount in a wrong unit",
    )


class PlainRoad:
    """NumPy and SciPy alone.

    Args:
        live: What to work on.
    """

    kernel = "numpy"

    def __init__(self, live: Live) -> None:
        topology = live.topology
        self.live = live
        self._most = int(PUSHED_SHARE * (topology.n_products + 2 * topology.n_edges))
        # Python reads single numbers from a memoryview twice as fast as from an array.
        self._indptr, self._indices = topology.indptr.data, topology.indices.data
        self._user_indptr, self._users = live.user_indptr.data, live.users.data
        self._amounts = live.amounts.data
        is_single = live.found.ndim == 1
        self._direct: Any = live.direct.data if is_single else live.direct
        self._found: Any = live.found.data if is_single else live.found
        self._ranks: list[Any] = []
        self._old: list[Any] = []

    def propagate(self, seeds: NDArray[np.int32], *, absolute: float, relative: float, name_of: NameOf) -> Propagation:
        """See `Road`."""
        self._ranks, self._old = [], []
        with np.errstate(over="ignore", invalid="ignore"):
            rest = self._push(seeds, name_of)
            if rest is not None:
                self._sweep(rest, name_of)
        return self._report(absolute, relative, is_swept=rest is not None)

    def settle(self, seeds: NDArray[np.int32], *, absolute: float, relative: float, name_of: NameOf) -> Propagation:
        """See `Road`."""
        self._ranks, self._old = [], []
        is_due = np.zeros(self.live.topology.n_products, dtype=np.bool_)
        is_due[seeds] = True
        with np.errstate(over="ignore", invalid="ignore"):
            self._sweep(0, name_of, is_due=is_due)
        return self._report(absolute, relative, is_swept=True)

    def _report(self, absolute: float, relative: float, *, is_swept: bool) -> Propagation:
        ranks, old = self._records()
        n_affected = len(ranks)
        new = self.live.found[ranks]
        delta = new - old
        if absolute or relative:
            size = np.abs(delta)
            # Told apart this way round, because an added product's NaN is not small.
            is_small = (size <= absolute) | (size <= relative * np.abs(old))
            kept = ~(is_small if is_small.ndim == 1 else is_small.all(axis=1))
            ranks, old, new, delta = ranks[kept], old[kept], new[kept], delta[kept]
        return Propagation(self.live.topology.order[ranks], old, new, delta, n_affected, is_swept)

    def take_back(self) -> None:
        """See `Road`."""
        ranks, old = self._records()
        self.live.found[ranks] = old

    def _records(self) -> tuple[NDArray[np.int32], Floats]:
        count = len(self._ranks)
        ranks = np.concatenate(self._ranks).astype(np.int32) if count else np.zeros(0, dtype=np.int32)
        return ranks, np.concatenate(self._old) if count else self.live.found[:0].copy()

    def _push(self, seeds: NDArray[np.int32], name_of: NameOf) -> int | None:
        """Follow the change; None when that is all, else the rank from which to sweep."""
        live, topology = self.live, self.live.topology
        waiting = set(seeds.tolist())
        heap = list(waiting)
        heapify(heap)
        work, solved_end = 0, 0
        while heap:
            rank: int = heappop(heap)
            if rank < solved_end:
                continue
            if work > self._most:
                return rank
            block = int(live.block_of[rank]) if len(live.block_of) else -1
            if block >= 0:
                start, solved_end = int(topology.block_start[block]), int(topology.block_end[block])
                work += solved_end - start + self._indptr[solved_end] - self._indptr[start]
                outside = np.array([self._row(member, start, solved_end) for member in range(start, solved_end)])
                if not self._is_new_outside(block, outside):
                    continue
                computed: Any = live.solve_block(block, name_of=name_of).reshape(outside.shape)
                rows = zip(range(start, solved_end), computed, strict=True)
            else:
                rows = zip((rank,), (self._row(rank, rank, rank),), strict=True)
            for member, new in rows:
                before = self._found[member]
                if not np.any(new != before):
                    continue
                if not np.all(np.isfinite(new)):
                    raise out_of_range(live, member, name_of)
                self._ranks.append([member])
                self._old.append(np.array([before]))
                self._found[member] = new
                users = self._users[self._user_indptr[member] : self._user_indptr[member + 1]]
                work += 1 + len(users)
                for user in users:
                    if user not in waiting:
                        waiting.add(user)
                        heappush(heap, user)
        return None

    def _row(self, rank: int, low: int, high: int) -> Any:
        """A row's footprint from the suppliers outside low:high, one after the other."""
        total: Any = 0.0
        for at in range(self._indptr[rank], self._indptr[rank + 1]):
            supplier = self._indices[at]
            if not low <= supplier < high:
                total = total + self._amounts[at] * self._found[supplier]
        return self._direct[rank] + total

    def _is_new_outside(self, block: int, outside: Floats) -> bool:
        """Note what comes into a block, and say whether that, or the block itself, is another than before."""
        live = self.live
        part = live.outside[live.topology.block_start[block] : live.topology.block_end[block]]
        is_new = bool(live.is_touched[block]) or bool((part != outside).any())
        live.is_touched[block] = False
        part[...] = outside
        return is_new

    def _sweep(self, rank: int, name_of: NameOf, *, is_due: NDArray[np.bool_] | None = None) -> None:
        """Compute everything from the level of `rank` on.

        Args:
            rank: The first.
            name_of: For errors.
            is_due: (n,) whose changes count and make those of their users count; all, where this is not given.
        """
        live, topology = self.live, self.live.topology
        found, level_ptr = live.found, topology.level_ptr
        level = int(np.searchsorted(level_ptr, rank, side="right")) - 1
        for first, last in zip(level_ptr[level:-1].tolist(), level_ptr[level + 1 :].tolist(), strict=True):
            before = found[first:last].copy()
            blocks = range(*np.searchsorted(topology.block_start, (first, last)).tolist())
            spans = [(int(topology.block_start[each]), int(topology.block_end[each])) for each in blocks]
            try:
                for start, end in spans:
                    found[start:end] = 0.0
                new = live.direct[first:last] + self._rows(first, last) @ found
                for block, (start, end) in zip(blocks, spans, strict=True):
                    here = slice(start - first, end - first)
                    is_touched = bool(live.is_touched[block])
                    is_wanted = self._is_new_outside(block, new[here])
                    if is_due is not None:
                        is_wanted = is_touched or bool(is_due[start:end].any())
                        is_due[start:end] = is_wanted
                    solved = live.solve_block(block, name_of=name_of) if is_wanted else before[here]
                    new[here] = solved.reshape(new[here].shape)
            finally:
                found[first:last] = before
            self._write(first, before, new, name_of, is_due)

    def _rows(self, first: int, last: int) -> csr_array[Any, tuple[int, int]]:
        live, topology = self.live, self.live.topology
        low, high = topology.indptr[first], topology.indptr[last]
        ends = topology.indptr[first : last + 1] - low
        shape = (last - first, topology.n_products)
        return csr_array((live.amounts[low:high], topology.indices[low:high], ends), shape=shape)

    def _write(
        self, first: int, before: Floats, new: Floats, name_of: NameOf, is_due: NDArray[np.bool_] | None
    ) -> None:
        """Write a level's footprints, and keep what changed."""
        live = self.live
        is_finite = np.isfinite(new).reshape(len(new), -1).all(axis=1)
        if not is_finite.all():
            raise out_of_range(live, first + int(np.flatnonzero(~is_finite)[0]), name_of)
        live.found[first : first + len(new)] = new
        is_other = (new != before).reshape(len(new), -1).any(axis=1)
        if is_due is not None:
            is_other &= is_due[first : first + len(new)]
        changed = np.flatnonzero(is_other)
        ranks = (changed + first).astype(np.int32)
        if len(ranks):
            self._ranks.append(ranks)
            self._old.append(before[changed])
        if is_due is not None:
            starts, counts = live.user_indptr[ranks], live.user_indptr[ranks + 1] - live.user_indptr[ranks]
            gaps = np.repeat(starts - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) if len(ranks) else starts
            is_due[live.users[gaps + np.arange(len(gaps))]] = True
