"""One chain with its companies for all tests of signed accounts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ledger_world import LedgerWorld


@pytest.fixture(scope="session")
def ledger_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LedgerWorld]:
    """Nobody changes it."""
    world = LedgerWorld.build(tmp_path_factory.mktemp("ledger") / "sandbox")
    yield world
    world.sandbox.close()


@pytest.fixture
def own_ledger_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LedgerWorld]:
    """One that the test may change."""
    world = LedgerWorld.build(tmp_path_factory.mktemp("ledger") / "sandbox")
    yield world
    world.sandbox.close()
