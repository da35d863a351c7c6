"""The verifier's world: made once a session, shared by tests that only add to it, copied for those that change it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from accounting_world import build_accounting
from bundle_text import BundleText, make
from custody_sales import Sale, sale_in
from verifier_world import World, build, opened

from verifier.trust import Trust


@pytest.fixture(scope="session")
def world_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world as `build` makes it; nobody writes here again."""
    folder = tmp_path_factory.mktemp("verifier-world")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def accounting_folder(world_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same world with the products of `accounting_world` in it."""
    folder = tmp_path_factory.mktemp("accounting") / "world"
    shutil.copytree(world_folder, folder)
    build_accounting(folder)
    return folder


@pytest.fixture(scope="module")
def world(world_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world of one module: its tests add passports, keys and leaves, and take nothing back."""
    yield from opened(world_folder, tmp_path_factory.mktemp("module") / "world")


@pytest.fixture
def own_world(world_folder: Path, tmp_path: Path) -> Iterator[World]:
    """A world of one's own, to suspend, withdraw and revoke in."""
    yield from opened(world_folder, tmp_path / "world")


@pytest.fixture(scope="module")
def bundle(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of the housing: two tiers below it, and the import that nobody signed."""
    path = tmp_path_factory.mktemp("bundle") / "housing.bundle"
    report = make(world, path, world.issued["housing"].digest, world.trust)
    assert report.verdict == "passed", report.reasons
    return path


@pytest.fixture(scope="module")
def trust(world: World, bundle: Path) -> Trust:
    """The trust file with the bundle's block in it."""
    return world.trust_with(BundleText.read(bundle).block)


@pytest.fixture
def text(bundle: Path) -> BundleText:
    """The bundle taken apart."""
    return BundleText.read(bundle)


@pytest.fixture
def sale(world: World) -> Sale:
    return sale_in(world)
