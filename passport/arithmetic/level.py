"""The activity level of an internal process in a row: how many of its amounts run for one declared amount."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passport.arithmetic.quanta import ONE, from_text
from passport.arithmetic.scale import Scale


def level_scale(row: Mapping[str, Any]) -> Scale | None:
    """The level that a row states; None for a row of the product itself."""
    text = row.get("level")
    return None if text is None else Scale(from_text(text), ONE)
