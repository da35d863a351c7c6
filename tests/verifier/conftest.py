"""The verifier's world: made once a session, shared by tests that only add to it, copied for those that change it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from verifier_world import World, build, reopen, ticking

from passport.ledger import EmbeddedChain


@pytest.fixture(scope="session")
def world_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world as `build` makes it; nobody writes here again."""
    folder = tmp_path_factory.mktemp("verifier-world")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def world(world_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world of one module: its tests add passports, keys and leaves, and take nothing back."""
    yield from _opened(world_folder, tmp_path_factory.mktemp("module") / "world")


@pytest.fixture
def own_world(world_folder: Path, tmp_path: Path) -> Iterator[World]:
    """A world of one's own, to suspend, withdraw and revoke in."""
    yield from _opened(world_folder, tmp_path / "world")


def _opened(original: Path, copy: Path) -> Iterator[World]:
    shutil.copytree(original, copy)
    with EmbeddedChain.open(copy / "chain.db", clock=ticking()) as chain:
        yield reopen(copy, chain)
