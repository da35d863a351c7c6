"""Compiled kernels where there is no place to keep them."""

from __future__ import annotations

import linecache
import shutil
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
    (sources / "kernel_two.py").write_text("b = 1\n", "utf-8")
    (sources / "constants.py").write_text("c = 1\n", "utf-8")  # constants are part of the code that uses them
    assert kept_code.state_of(sources) != before


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The engine's modules stand here."""
    pytest.importorskip("numba")
    folder = tmp_path / "carbon"
    folder.mkdir()
    monkeypatch.setattr(kept_code, "_HERE", folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kept_code._folder.cache_clear()
    monkeypatch.setattr("numba.config.CACHE_DIR", "")
    return folder


def _chosen() -> str:
    import numba

    with kept_code.kept_code():
        return str(numba.config.CACHE_DIR)


def test_code_of_other_states_is_removed_beside_the_modules(modules: Path) -> None:
    """And nothing else: a folder that merely looks alike may be anybody's."""
    kept = modules / "__pycache__"
    for name in ("kernels-0123456789abcdef", "kernels-of-my-thesis", "other"):
        (kept / name).mkdir(parents=True)
        (kept / name / "x").write_bytes(b"x")
    assert Path(_chosen()).parent == kept
    assert {path.name for path in kept.iterdir()} == {Path(_chosen()).name, "kernels-of-my-thesis", "other"}


def test_in_a_folder_that_the_user_names_nothing_is_removed(
    modules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine" / "kernels-0123456789abcdef").mkdir(parents=True)
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path / "mine"))
    assert Path(_chosen()).parent == tmp_path / "mine"
    assert len(list((tmp_path / "mine").iterdir())) == 2


def test_where_the_named_folder_cannot_be_made_code_is_kept_beside_the_modules(
    modules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path / "file" / "below"))
    assert Path(_chosen()).parent == modules / "__pycache__"


def test_a_user_without_a_home_has_code_kept_beside_the_modules_or_nowhere(
    modules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(kept_code, "_user_cache", nowhere)
    assert Path(_chosen()).parent == modules / "__pycache__"
    shutil.rmtree(modules / "__pycache__")
    (modules / "__pycache__").write_text("", "utf-8")  # where no folder can be made
    kept_code._folder.cache_clear()
    assert _chosen() == ""


def test_where_the_modules_cannot_be_written_beside_the_users_cache_is_taken(modules: Path, tmp_path: Path) -> None:
    (modules / "__pycache__").write_text("", "utf-8")
    assert Path(_chosen()).parent == tmp_path / "cache" / "carbon-passport"
