"""One small world for all tests of the service, and services over its workspaces."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from small_world import OpenService, SmallWorld, build, judged_at
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import ServiceSettings


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    """Shared by all tests: whoever changes something takes `own_world`."""
    return build(tmp_path_factory.mktemp("world"))


@pytest.fixture
def own_world(world: SmallWorld, tmp_path: Path) -> SmallWorld:
    """A copy to change; nobody has the original open for writing."""
    folder = tmp_path / "world"
    shutil.copytree(world.folder, folder)
    return SmallWorld(folder, world.trust, world.foil, world.coating, world.cell)


@pytest.fixture
def open_service() -> Iterator[OpenService]:
    """Starts services over workspaces, and stops them."""
    with ExitStack() as stack:

        def start(workspace: Path, *, trust: Path | None = None, **limits: Any) -> TestClient:
            settings = ServiceSettings(workspace=workspace, trust=trust, **limits)
            app = create_app(settings, clock=judged_at)
            return stack.enter_context(TestClient(app, raise_server_exceptions=False))

        yield start


@pytest.fixture
def client(world: SmallWorld, open_service: OpenService) -> TestClient:
    """A service over the auditor's workspace."""
    return open_service(world.auditor, trust=world.trust_file)
