"""The world of the contract tests: made once, copied for each test."""

from __future__ import annotations

import pytest
from evm_world import ANCHOR, STATUS, Actor, World, sha

from contracts import load


@pytest.fixture(scope="session")
def deployed_world() -> World:
    """Registry and log, one issuer of the root's, with an account to anchor, one for statuses, and a credential key."""
    world = World.genesis()
    root = Actor("root").address
    world.registry = world.deploy(load("IssuerRegistry"), root, "LEI", "529900T8BM49AURSDO55", sha(0xE0))
    world.log = world.deploy(load("PassportLog"), world.registry.address)
    world.batcher = world.deploy(load("Batcher"), world.log.address)
    world.root_id = world.view(world.registry, "computeIssuerId", "LEI", "529900T8BM49AURSDO55", 0)
    world.issuer_id = world.register("EXAMPLE", controller="controller")
    world.bind("anchor", purposes=ANCHOR)
    world.bind("status", purposes=STATUS)
    arguments = (world.issuer_id, world.credential_hash, 1, 0, 0)
    world.send(world.registry, "bindCredentialKey", *arguments, by="controller")
    return world


@pytest.fixture
def world(deployed_world: World) -> World:
    """A copy that this test may change."""
    return deployed_world.copy()
