"""The brake of both contracts: pulled at once by guardian or root, let go at once by the root, late by the guardian."""

from __future__ import annotations

import pytest
from evm_world import Actor, Contract, Event, World, sha

DELAY = 2 * 24 * 3600
ROOT, GUARDIAN = Actor("root").address, Actor("other").address


@pytest.fixture
def guarded(world: World) -> World:
    """With a guardian."""
    result = world.send(world.registry, "setGuardian", GUARDIAN, by="root")
    assert result.events == [Event("GuardianChanged", {"previous": "0x" + "00" * 20, "guardian": GUARDIAN})]
    assert world.view(world.registry, "guardian") == GUARDIAN
    return world


@pytest.fixture(params=["registry", "log"])
def brake(request: pytest.FixtureRequest, guarded: World) -> Contract:
    contract: Contract = getattr(guarded, request.param)
    assert guarded.view(contract, "UNPAUSE_DELAY") == DELAY
    return contract


@pytest.mark.parametrize("by", ["root", "other"])
def test_pause_at_once(guarded: World, brake: Contract, by: str) -> None:
    assert guarded.view(brake, "isPaused") is False
    result = guarded.send(brake, "pause", by=by)
    assert result.events == [Event("Paused", {"by": Actor(by).address})]
    assert guarded.view(brake, "isPaused") is True
    with guarded.reverts("IsPaused"):
        guarded.send(brake, "pause", by=by)


@pytest.mark.parametrize("by", ["stranger", "anchor", "controller"])
@pytest.mark.parametrize("function", ["pause", "requestUnpause", "unpause"])
def test_nobody_else_has_a_hand_on_it(guarded: World, brake: Contract, function: str, by: str) -> None:
    if function != "pause":
        guarded.send(brake, "pause", by="root")
    with guarded.reverts("PauseUnauthorized", Actor(by).address):
        guarded.send(brake, function, by=by)


def test_the_root_lets_go_at_once(guarded: World, brake: Contract) -> None:
    guarded.send(brake, "pause", by="other")
    result = guarded.send(brake, "unpause", by="root")
    assert result.events == [Event("Unpaused", {"by": ROOT})]
    with guarded.reverts("IsNotPaused"):
        guarded.send(brake, "unpause", by="root")
    with guarded.reverts("IsNotPaused"):
        guarded.send(brake, "requestUnpause", by="other")


def test_the_guardian_lets_go_two_days_after_it_said_so(guarded: World, brake: Contract) -> None:
    guarded.send(brake, "pause", by="other")
    with guarded.reverts("UnpauseNotDue", 0, guarded.now):
        guarded.send(brake, "unpause", by="other")
    due = guarded.now + DELAY
    result = guarded.send(brake, "requestUnpause", by="other")
    assert result.events == [Event("UnpauseRequested", {"by": GUARDIAN, "unpausableFrom": due})]
    assert guarded.view(brake, "unpausableFrom") == due
    with guarded.reverts("UnpauseAlreadyRequested", due):
        guarded.send(brake, "requestUnpause", by="other")
    guarded.now = due - 1
    with guarded.reverts("UnpauseNotDue", due, due - 1):
        guarded.send(brake, "unpause", by="other")
    guarded.now = due + 12
    guarded.send(brake, "unpause", by="other")
    assert guarded.view(brake, "isPaused") is False


def test_a_wait_is_not_kept_for_the_next_pause(guarded: World, brake: Contract) -> None:
    """Else a guardian would store up the right to unpause."""
    guarded.send(brake, "pause", by="other")
    guarded.send(brake, "requestUnpause", by="other")
    guarded.send(brake, "unpause", by="root")
    guarded.send(brake, "pause", by="root")
    assert guarded.view(brake, "unpausableFrom") == 0
    guarded.now += DELAY
    with guarded.reverts("UnpauseNotDue", 0, guarded.now):
        guarded.send(brake, "unpause", by="other")


def test_the_root_replaces_the_guardian(guarded: World, brake: Contract) -> None:
    for by in ("other", "stranger", "controller"):
        with guarded.reverts("RootUnauthorized", Actor(by).address):
            guarded.send(guarded.registry, "setGuardian", Actor(by).address, by=by)
    guarded.send(guarded.registry, "setGuardian", "0x" + "00" * 20, by="root")
    with guarded.reverts("PauseUnauthorized", GUARDIAN):
        guarded.send(brake, "pause", by="other")


def test_no_pause_stops_a_warning(guarded: World) -> None:
    """Both paused: revocations, suspensions, compromise reports and reads go on."""
    world = guarded
    world.commit(0, sha(1), 256)
    for contract in (world.registry, world.log):
        world.send(contract, "pause", by="other")
    world.set_status(1, 3)
    world.send(world.log, "revokeMany", world.issuer_id, [0], [4], by="status")
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    account = Actor("anchor").address
    world.send(world.registry, "reportAccountKeyCompromise", account, world.last, by="controller")
    world.send(world.registry, "withdrawRegistrar", ROOT, world.last, by="root")
    world.send(world.registry, "annulIssuer", world.issuer_id, world.last, by="root")
    assert world.view(world.log, "statusOf", world.issuer_id, 2)["revoked"]
    assert world.view(world.registry, "answerForAccount", account)["isGood"] is False
