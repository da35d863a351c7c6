"""What the documents quote was printed into a pipe, whatever the test runner says of its terminal."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _piped_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parallel test runners set `COLUMNS` for their workers, which the program would heed."""
    monkeypatch.delenv("COLUMNS", raising=False)
