"""Compiled kernels where there is no place to keep them."""

from __future__ import annotations

import linecache
from pathlib import Path

import pytest

from passport.carbon import kept_code
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
    numba = pytest.importorskip("numba")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kept"))
    file = tmp_path / "doubling.py"
    file.write_text(SOURCE, "utf-8")
    linecache.checkcache()
    monkeypatch.syspath_prepend(tmp_path)
    import doubling  # type: ignore[import-not-found]

    function = compiled()(doubling.twice)
    with kept_code.kept_code():
        folder = Path(numba.config.CACHE_DIR)
    assert function(21) == 42
    assert list(folder.rglob("doubling.twice*.nbc"))


def test_kept_code_goes_by_what_all_kernels_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed function of one module is part of the code kept for callers in others: none of it may be used again."""
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "kernel_one.py").write_text("a = 1\n", "utf-8")
    (sources / "kernel_two.py").write_text("b = 1\n", "utf-8")
    before = kept_code.state_of(sources)
    assert before == kept_code.state_of(sources)
    (sources / "kernel_two.py").write_text("b = 2\n", "utf-8")
    assert kept_code.state_of(sources) != before
    (sources / "other.py").write_text("c = 1\n", "utf-8")
    assert kept_code.state_of(sources) != before


def test_code_of_other_states_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numba = pytest.importorskip("numba")
    stale = tmp_path / "kernels-0123456789abcdef"
    stale.mkdir()
    (stale / "old.nbc").write_bytes(b"old")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    with kept_code.kept_code():
        chosen = Path(numba.config.CACHE_DIR)
        assert chosen == tmp_path / f"kernels-{kept_code.state_of()}"
    assert str(tmp_path) == numba.config.CACHE_DIR
    assert [path.name for path in tmp_path.iterdir()] == [chosen.name]


def test_without_any_place_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numba = pytest.importorskip("numba")
    file = tmp_path / "file"
    file.write_text("", "utf-8")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(file / "below"))
    with kept_code.kept_code():
        assert numba.config.CACHE_DIR == ""
