"""Where compiled kernels are kept: in a folder that goes by what all their sources say together.

numba drops the kept code of a function when the function's own module changes, but not when one does that it calls,
whose code is part of it. With a folder for each state of all sources, no code outlives what it was made of.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_NAME = "kernels-"
_STATE = re.compile(r"[0-9a-f]{16}\Z")


@contextmanager
def kept_code() -> Iterator[None]:
    """While this lasts, functions that are decorated keep their code in that folder."""
    from numba import config

    settings: Any = config  # which says nothing of its members
    given = settings.CACHE_DIR
    settings.CACHE_DIR = _folder(given)
    try:
        yield
    finally:
        settings.CACHE_DIR = given


def state_of(sources: Path = _HERE) -> str:
    """A name for what all modules of the engine say, kernels and those whose constants are part of their code."""
    hashed = sha256()
    for path in sorted(sources.glob("*.py")):
        hashed.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return hashed.hexdigest()[:16]


@cache
def _folder(given: str) -> str:
    """The first place that can be written to: where the user says, beside the modules, the user's cache; else none."""
    for place in _places(given):
        folder = place / (_NAME + state_of())
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if place == _HERE / "__pycache__":
                _remove_others(place, folder)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return str(folder)
    return ""


def _places(given: str) -> Iterator[Path]:
    if given:
        yield Path(given)
    yield _HERE / "__pycache__"
    try:
        yield _user_cache() / "carbon-passport"
    except RuntimeError:  # a user without a home
        return


def _remove_others(place: Path, folder: Path) -> None:
    """Beside the modules, code of other states is of no use to anybody any more; whoever runs it has loaded it.

    Elsewhere nothing is removed: other installations may keep theirs there.
    """
    for other in place.glob(_NAME + "*"):
        if other != folder and _STATE.match(other.name.removeprefix(_NAME)):
            shutil.rmtree(other, ignore_errors=True)


def _user_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
