"""Run several jobs side by side, each step of all of them before the next step of any.

Judging a node runs through more code than a processor's nearest caches hold. Taken one by one, every node finds them
filled with the end of the one before; taken a few at a time, all but the first find each step's code at hand.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Made = TypeVar("Made")

Steps = Generator[None, None, Made]
"""A job that stops after each of its steps and returns what it made."""

LIGHT_BYTES = 1 << 16
"""Longer documents are judged in one go: of several of them, no two should be in memory at once."""


def in_step(jobs: Iterable[Steps[Made]]) -> list[Made]:
    """What each job made, in their order."""
    with _collector_paused():
        return _run(jobs)


def _run(jobs: Iterable[Steps[Made]]) -> list[Made]:
    made: dict[int, Made] = {}
    waiting = dict(enumerate(jobs))
    while waiting:
        for position, job in list(waiting.items()):
            try:
                next(job)
            except StopIteration as end:
                made[position] = end.value
                del waiting[position]
    return [made[position] for position in sorted(made)]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Spare the collector looking at open documents again and again; they hold no cycles and go when let go."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def program_set_aside() -> Iterator[None]:
    """Spare the collector the program itself: its full passes look at what is made from here on, and at nothing older.

    Somebody who has set things aside before keeps them so.
    """
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
