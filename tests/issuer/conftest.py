"""One world for all tests here; each test speaks of products that no other test has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from issuer_world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Chain, registrar and three companies."""
    made = World.create(tmp_path_factory.mktemp("issuers"))
    yield made
    made.close()
