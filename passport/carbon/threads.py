"""Work that is large enough to be shared between threads: how many there are, and what each of them gets.

Kernels let go of Python's lock. Each row is summed by one thread in the order of the matrix, so the result has the
same bits however many threads there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from passport.carbon.order import Topology

WORTH = 1 << 17
"""Rows and edges that have to be there before a thread is asked: what is less is done before it has begun."""

_MOST = 8
"""More threads than that wait for memory, not for processors."""

Part = tuple[int, int]
"""The first row, and the row after the last."""

T = TypeVar("T")


def processors() -> int:
    """How many threads to use: one per processor that this process may run on, eight at most."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        count = os.cpu_count() or 1
    return min(count, _MOST)


def together(tasks: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run tasks at the same time, the first of them here: what each returned or raised, in their order."""
    if len(tasks) == 1:
        return [_outcome(tasks[0])]
    # Made anew each time: a pool that is kept would be gone in a process that has been forked.
    with ThreadPoolExecutor(max_workers=len(tasks) - 1) as pool:
        others = [_asked(pool, task) for task in tasks[1:]]
        return [_outcome(tasks[0]), *map(_outcome, others)]


def _asked(pool: ThreadPoolExecutor, task: Callable[[], T]) -> Callable[[], T]:
    """What waits for a task that a thread has taken; where the system gives no more threads, the task itself."""
    try:
        return pool.submit(task).result
    except RuntimeError:
        return task


def _outcome(task: Callable[[], T]) -> T | Exception:
    try:
        return task()
    except Exception as error:  # raised by who asked, after what comes before it
        return error


def returned(outcome: T | Exception) -> T:
    """What a task returned.

    Raises:
        Exception: It raised that instead.
    """
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def results(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """Run tasks at the same time, the first of them here: what each returned.

    Raises:
        Exception: What the first task that failed raised.
    """
    return [returned(outcome) for outcome in together(tasks)]


def even_parts(count: int, workers: int, *, worth: int = WORTH) -> list[Part]:
    """`count` rows in parts of the same length, one a worker as far as that is worth it."""
    parts = max(1, min(workers, count // worth))
    bounds = np.linspace(0, count, parts + 1).astype(np.int64).tolist()
    return list(pairwise(bounds))


def parts_of(indptr: NDArray[np.int64], workers: int, *, worth: int = WORTH) -> list[Part]:
    """Rows in parts of about as many edges, one a worker as far as that is worth it.

    Args:
        indptr: (n + 1,) where each row's edges begin.
        workers: How many.
        worth: Edges that each part has to have.
    """
    rows, edges = len(indptr) - 1, int(indptr[-1])
    wanted = np.linspace(0, edges, max(1, min(workers, edges // worth)) + 1)[1:-1]
    return list(pairwise([0, *np.searchsorted(indptr, wanted).tolist(), rows]))


def stretches(topology: Topology, workers: int, *, worth: int = WORTH) -> list[list[Part]]:
    """All rows in order of rank: stretches one after the other, and the parts of each, which do not need each other.

    A level that is worth it is a stretch of one part per worker, as even as blocks allow, for these are not cut;
    everything between such levels is one part.

    Args:
        topology: The topology.
        workers: How many.
        worth: Rows and edges that each part of a level has to have.
    """
    # What is before each row: edges and rows.
    before = topology.indptr + np.arange(topology.n_products + 1)
    levels = topology.level_ptr
    is_wide = np.diff(before[levels]) >= 2 * worth
    found: list[list[Part]] = []
    done = 0
    for level in np.flatnonzero(is_wide).tolist() if workers > 1 else ():
        first, last = int(levels[level]), int(levels[level + 1])
        cuts = _cuts(topology, before, (first, last), max(1, min(workers, int(before[last] - before[first]) // worth)))
        if len(cuts) > 2:
            if done < first:
                found.append([(done, first)])
            found.append(list(pairwise(cuts)))
            done = last
    if done < topology.n_products:
        found.append([(done, topology.n_products)])
    return found


def _cuts(topology: Topology, before: NDArray[np.int64], level: Part, parts: int) -> list[int]:
    """Where a level is cut, both ends included."""
    first, last = level
    wanted = np.linspace(before[first], before[last], parts + 1)[1:-1]
    cuts = {first, last}
    for row in np.searchsorted(before[first:last], wanted) + first:
        block = int(np.searchsorted(topology.block_end, row, side="right"))
        if block < topology.n_blocks and topology.block_start[block] < row:
            ends = int(topology.block_start[block]), int(topology.block_end[block])
            row = min(ends, key=lambda end: abs(int(before[end] - before[row])))
        cuts.add(int(row))
    return sorted(cuts)
