"""The time, passed in wherever it counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Tells the time: aware, UTC."""


def system_clock() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)
