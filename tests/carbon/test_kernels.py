"""Compiled kernels where there is no place to keep them."""

from __future__ import annotations

import linecache
from pathlib import Path

import pytest

from passport.carbon.kernels import compiled

SOURCE = "def twice(number):\n    return 2 * number\n"


def test_code_that_cannot_be_kept_is_compiled_all_the_same() -> None:
    """A function without a file is what numba finds no folder for, as in a read-only installation."""
    numba = pytest.importorskip("numba")
    space: dict[str, object] = {}
    exec(compile(SOURCE, "<no file>", "exec"), space)  # noqa: S102
    with pytest.raises(RuntimeError, match="no locator available"):
        numba.njit(cache=True)(space["twice"])
    assert compiled()(space["twice"])(21) == 42  # type: ignore[type-var, operator]


def test_code_with_a_file_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    file = tmp_path / "doubling.py"
    file.write_text(SOURCE, "utf-8")
    linecache.checkcache()
    monkeypatch.syspath_prepend(tmp_path)
    import doubling  # type: ignore[import-not-found]

    function = compiled()(doubling.twice)
    assert function(21) == 42
    assert list((tmp_path / "__pycache__").glob("doubling.twice*.nbc"))
