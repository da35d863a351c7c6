"""Where compiled kernels are kept: in a folder that goes by what all their sources say together.

numba drops the kept code of a function when the function's own module changes, but not when one does that it calls,
whose code is part of it. With a folder for each state of all sources, no code outlives what it was made of.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_SOURCES = ("kernel*.py", "prefetch.py", "blocks.py", "distributions.py")
"""The kernels, and the modules whose constants are part of their code."""

_NAME = "kernels-"


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
    """A name for what the sources of all kernels say."""
    hashed = sha256()
    for pattern in _SOURCES:
        for path in sorted(sources.glob(pattern)):
            hashed.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return hashed.hexdigest()[:16]


@cache
def _folder(given: str) -> str:
    """The first place that can be written to: where the user says, beside the modules, the user's cache; else none."""
    places = [Path(given)] if given else [_HERE / "__pycache__", _user_cache() / "carbon-passport"]
    for place in places:
        folder = place / (_NAME + state_of())
        try:
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                _remove_others(place, folder)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return str(folder)
    return ""


def _remove_others(place: Path, folder: Path) -> None:
    """Code of other states is of no use to anybody any more; whoever runs it has loaded it."""
    for other in place.glob(_NAME + "*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def _user_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
