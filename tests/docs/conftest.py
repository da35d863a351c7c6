"""What the documents quote was printed into a pipe, whatever the test runner says of its terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="package", autouse=True)
def _piped_width() -> Iterator[None]:
    """Parallel test runners set `COLUMNS` for their workers, which the program would heed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        yield
