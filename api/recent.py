"""An answer that is asked for once and told to everybody for a few seconds: anybody may ask, and the asking costs."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Condition
from typing import Generic, TypeVar

from api.clock import Clock
from api.problems import ProblemError
from passport.errors import PassportError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Told(Generic[T]):
    at: datetime
    answer: T | PassportError


class Recent(Generic[T]):
    """Remembers the last answer to one question, a refusal included.

    One asks at a time. Whoever comes meanwhile is told the last answer, or waits for this one where there is none yet;
    so many wait at most, and further ones are sent away.

    Args:
        ask: Asks; what it raises of our own errors is an answer too.
        keep_s: For how many seconds an answer is told again.
        clock: The time, aware, UTC.
        max_waiting: How many may wait for the first answer.
        timeout_s: How long they wait, in seconds.
    """

    def __init__(
        self, ask: Callable[[], T], *, keep_s: float, clock: Clock, max_waiting: int = 8, timeout_s: float = 10.0
    ) -> None:
        self._ask = ask
        self._keep = timedelta(seconds=keep_s)
        self._clock = clock
        self._max_waiting = max_waiting
        self._timeout_s = timeout_s
        self._turn = Condition()
        self._told: _Told[T] | None = None
        self._is_asking = False
        self._waiting = 0

    def answer(self) -> T:
        """The answer, as of a few seconds ago at most; while a newer one is being asked for, the last one.

        Raises:
            PassportError: The answer was a refusal.
            ProblemError: `busy`: too many wait for the first answer, or it does not come.
        """
        with self._turn:
            if self._told is not None and (self._is_asking or self._is_recent(self._told)):
                return _tell(self._told)
            if self._is_asking:
                return self._wait()
            self._is_asking = True
        try:
            told: _Told[T] | None = None
            try:
                told = _Told(self._clock(), self._ask())
            except PassportError as error:
                told = _Told(self._clock(), error)
        finally:
            with self._turn:
                self._told = told
                self._is_asking = False
                self._turn.notify_all()
        return _tell(told)

    def _is_recent(self, told: _Told[T]) -> bool:
        # A clock that went back makes no old answer new.
        return timedelta(0) <= self._clock() - told.at < self._keep

    def _wait(self) -> T:
        """For the thread that holds the turn: let it go until somebody has asked."""
        if self._waiting >= self._max_waiting:
            raise ProblemError("busy", f"{self._max_waiting} wait for this answer, which is all that is allowed")
        self._waiting += 1
        try:
            self._turn.wait_for(lambda: not self._is_asking, timeout=self._timeout_s)
        finally:
            self._waiting -= 1
        if self._told is None:
            raise ProblemError("busy", f"the answer has not come within {self._timeout_s:g} seconds")
        return _tell(self._told)


def _tell(told: _Told[T]) -> T:
    if isinstance(told.answer, PassportError):
        raise copy(told.answer).with_traceback(None)  # many threads may raise it at once
    return told.answer
