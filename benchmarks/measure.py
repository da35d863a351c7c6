"""Take the time of ours and of a reference side by side, so that a busy machine slows both and spares the ratio.

Time is the processor time of this process: what other programs take from the machine does not count, and what they do
to its caches and clock rate hits both sides alike, because the two take turns every few milliseconds. Where work
is shared between threads, both sides are timed by the clock on the wall instead: processor time counts every thread.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from statistics import median
from typing import Any

ROUNDS = 100
"""Turns that each side gets; the best one counts, and on a busy machine good ones are rare."""

TURN_S = 0.01
"""About how long a turn lasts: long against the clock's steps, short against a machine's moods."""


Clock = Callable[[], float]
"""Seconds since some moment."""


def processor_s() -> float:
    """The processor time of all threads of this process."""
    return time.process_time()


def elapsed_s() -> float:
    """The time that passes for everybody; for a machine that has nothing else to do."""
    return time.perf_counter()


@dataclass(frozen=True, slots=True)
class Times:
    """What one operation took, seconds by the clock that was asked for."""

    ours_s: float
    reference_s: float


def side_by_side(
    ours: Callable[[Any], object],
    reference: Callable[[], object],
    *,
    inputs: Sequence[Any] = (None,),
    rounds: int = ROUNDS,
    turn_s: float = TURN_S,
    clock: Clock = processor_s,
) -> Times:
    """Time two operations in turns; the best turn of each counts.

    Args:
        ours: Called with one input after the other.
        reference: What it is compared with.
        inputs: What `ours` is called with, around and around.
        rounds: Turns for each side.
        turn_s: About how long a turn lasts.
        clock: What time it is.
    """
    our_loop, reference_loop = _loop_over(ours, inputs), _loop(reference)
    our_count, reference_count = _count_for(our_loop, turn_s, clock), _count_for(reference_loop, turn_s, clock)
    gc.collect()
    best_ours = best_reference = float("inf")
    for _ in range(rounds):
        best_reference = min(best_reference, _time(reference_loop, reference_count, clock) / reference_count)
        best_ours = min(best_ours, _time(our_loop, our_count, clock) / our_count)
    return Times(best_ours, best_reference)


def in_slices(ours: Iterable[Callable[[], object]], reference: Iterable[Callable[[], object]]) -> Times:
    """Time two long jobs that come in as many slices each, slice by slice in turns: the sums are what counts."""
    gc.collect()
    our_total = reference_total = 0.0
    for our_slice, reference_slice in zip(ours, reference, strict=True):
        our_total += _once(our_slice)
        reference_total += _once(reference_slice)
    return Times(our_total, reference_total)


class Stopwatch:
    """Times one long job that says how far it is, and lets the reference have a turn whenever it does.

    Args:
        reference: What the job is compared with.
        every: Give it a turn at every so many reports.
        turn_s: About how long its turn lasts.
    """

    def __init__(self, reference: Callable[[], object], *, every: int, turn_s: float = TURN_S) -> None:
        self._loop = _loop(reference)
        self._count = _count_for(self._loop, turn_s)
        self._every = every
        self._reports = 0
        self._pauses_s = 0.0
        self._turns: list[float] = []

    def report(self, *_: object) -> None:
        """Hand this to the job as its progress."""
        self._reports += 1
        if self._reports % self._every == 0:
            self._turn()

    def _turn(self) -> None:
        taken = _time(self._loop, self._count)
        self._pauses_s += taken
        self._turns.append(taken / self._count)

    def time(self, job: Callable[[], object]) -> Times:
        """Run the job: its own time, and the median time of one reference operation in between."""
        gc.collect()
        self._pauses_s, self._turns = 0.0, []
        self._turn()
        self._pauses_s = 0.0
        taken = _once(job)
        own_s = taken - self._pauses_s
        self._turn()
        return Times(own_s, median(self._turns))


def best(tries: Iterable[Times]) -> Times:
    """The try in which ours did best, with the reference as it did in that same try."""
    return min(tries, key=lambda times: times.ours_s / times.reference_s)


def _loop(operation: Callable[[], object]) -> Callable[[int], object]:
    def loop(count: int) -> None:
        for _ in repeat(None, count):
            operation()

    return loop


def _loop_over(operation: Callable[[Any], object], inputs: Sequence[Any]) -> Callable[[int], object]:
    def loop(count: int) -> None:
        whole, rest = divmod(count, len(inputs))
        for _ in repeat(None, whole):
            for value in inputs:
                operation(value)
        for value in inputs[:rest]:
            operation(value)

    return loop


def _time(loop: Callable[[int], object], count: int, clock: Clock = processor_s) -> float:
    start = clock()
    loop(count)
    return clock() - start


def _once(job: Callable[[], object]) -> float:
    start = processor_s()
    job()
    return processor_s() - start


def _count_for(loop: Callable[[int], object], turn_s: float, clock: Clock = processor_s) -> int:
    """How often an operation fits into a turn; tried out, which also warms it up.

    The first call, which may load and prepare things, says nothing of the others.
    """
    loop(1)
    count = 1
    while (taken := _time(loop, count, clock)) < turn_s / 4:
        count *= 2
    return max(1, round(count * turn_s / taken))
