"""At most so many of something in any minute: for what costs more than it can be made to pay for."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from api.clock import Clock

_WINDOW: Final = timedelta(minutes=1)


class Pace:
    """Counts what was let through in the last minute.

    Args:
        allowed: How many in any minute.
        clock: The time, aware, UTC.
    """

    def __init__(self, allowed: int, *, clock: Clock) -> None:
        self._allowed = allowed
        self._clock = clock
        self._taken: deque[datetime] = deque()
        self._lock = Lock()

    def wait_s(self) -> int:
        """Take one place: 0, or in how many seconds there is one again."""
        now = self._clock()
        with self._lock:
            while self._taken and not now - _WINDOW < self._taken[0] <= now:
                self._taken.popleft()
            if len(self._taken) < self._allowed:
                self._taken.append(now)
                return 0
            return max(1, int((self._taken[0] + _WINDOW - now).total_seconds()))
