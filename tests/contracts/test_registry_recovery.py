"""Recovery: a lost controller is replaced by those who vouch, seven days later, unless it says that it is not lost."""

from __future__ import annotations

import pytest
from evm_world import Actor, Event, World

DELAY = 7 * 24 * 3600
NEW = Actor("relayer").address
REGISTRAR = Actor("registrar").address


@pytest.fixture
def vouched(world: World) -> World:
    """`registrar` (accredited by the root) registered SUPPLIER, controlled by `other`."""
    world.bind("registrar")
    world.send(world.registry, "accreditRegistrar", REGISTRAR, world.issuer_id, by="root")
    world.issuer_id = world.register("SUPPLIER", controller="other", by="registrar")
    assert world.view(world.registry, "RECOVERY_DELAY") == DELAY
    return world


def request(world: World, by: str = "registrar", controller: str = NEW):
    return world.send(world.registry, "requestRecovery", world.issuer_id, controller, by=by)


def controller_of(world: World) -> str:
    return str(world.view(world.registry, "issuerOf", world.issuer_id)["controller"])


@pytest.mark.parametrize("by", ["registrar", "root"])
def test_recovery(vouched: World, by: str) -> None:
    """By the registrar that registered it, and by its accreditor, here the root; anybody may execute it."""
    world, asked = vouched, vouched.now
    result = request(world, by)
    facts = {"issuerId": world.issuer_id, "controller": NEW, "executableFrom": asked + DELAY, "by": Actor(by).address}
    assert result.events == [Event("RecoveryRequested", facts)]
    assert world.view(world.registry, "recoveryCount", world.issuer_id) == 1
    record = {"controller": NEW, "requestedAt": asked, "endedAt": 0, "state": 1, "by": Actor(by).address}
    assert world.view(world.registry, "recoveryOf", world.issuer_id, 0) == record
    world.now = asked + DELAY - 1
    with world.reverts("RecoveryNotDue", world.issuer_id, asked + DELAY, asked + DELAY - 1):
        world.send(world.registry, "executeRecovery", world.issuer_id, by="stranger")
    assert controller_of(world) == Actor("other").address
    world.now = asked + DELAY
    result = world.send(world.registry, "executeRecovery", world.issuer_id, by="stranger")
    facts = {
        "issuerId": world.issuer_id,
        "previous": Actor("other").address,
        "controller": NEW,
        "by": Actor(by).address,
    }
    assert result.events == [Event("ControllerChanged", facts)]
    assert controller_of(world) == NEW
    ended = {**record, "endedAt": asked + DELAY, "state": 3}
    assert world.view(world.registry, "recoveryOf", world.issuer_id, 0) == ended
    with world.reverts("RecoveryNotPending", world.issuer_id):
        world.send(world.registry, "executeRecovery", world.issuer_id, by="stranger")


@pytest.mark.parametrize("suspended", [False, True])
@pytest.mark.parametrize("late_s", [0, DELAY, DELAY + 1000])
def test_veto(vouched: World, late_s: int, suspended: bool) -> None:
    """Suspended or not, and as long as it was not executed: else a registrar could suspend and take over."""
    world = vouched
    request(world)
    if suspended:
        world.send(world.registry, "suspend", world.issuer_id, by="registrar")
    world.now += late_s
    vetoed = world.now
    result = world.send(world.registry, "vetoRecovery", world.issuer_id, by="other")
    facts = {"issuerId": world.issuer_id, "controller": NEW, "by": Actor("other").address}
    assert result.events == [Event("RecoveryVetoed", facts)]
    found = world.view(world.registry, "recoveryOf", world.issuer_id, 0)
    assert (found["state"], found["endedAt"]) == (2, vetoed)
    world.now += DELAY
    for function, by in (("executeRecovery", "registrar"), ("vetoRecovery", "other")):
        with world.reverts("RecoveryNotPending", world.issuer_id):
            world.send(world.registry, function, world.issuer_id, by=by)
    request(world)
    assert world.view(world.registry, "recoveryCount", world.issuer_id) == 2


def test_a_controller_that_acts_is_not_lost(vouched: World) -> None:
    """Handing the entity on refuses the pending recovery; the new one is not overtaken by an old request."""
    world = vouched
    request(world)
    vetoed = world.now
    stranger = Actor("stranger").address
    result = world.send(world.registry, "setController", world.issuer_id, stranger, by="other")
    assert [event.name for event in result.events] == ["RecoveryVetoed", "ControllerChanged"]
    found = world.view(world.registry, "recoveryOf", world.issuer_id, 0)
    assert (found["state"], found["endedAt"]) == (2, vetoed)
    world.now += DELAY
    with world.reverts("RecoveryNotPending", world.issuer_id):
        world.send(world.registry, "executeRecovery", world.issuer_id, by="registrar")
    assert controller_of(world) == stranger


def test_who_asks(vouched: World) -> None:
    """Not the root, two steps above; not a registrar that did not register it; not a withdrawn one."""
    world = vouched
    supplier = world.issuer_id
    world.send(world.registry, "accreditRegistrar", Actor("other").address, supplier, by="registrar")
    world.issuer_id = world.register("DEEP", controller="stranger", by="other")
    for by in ("root", "stranger", "controller", "relayer"):
        with world.reverts("IssuerUnauthorized", world.issuer_id, Actor(by).address):
            request(world, by)
    request(world, "registrar", Actor("controller").address)
    with world.reverts("RecoveryIsPending", world.issuer_id):
        request(world, "other")


@pytest.mark.parametrize("controller", ["0x" + "00" * 20, Actor("other").address], ids=["nobody", "the same"])
def test_a_recovery_is_for_somebody_new(vouched: World, controller: str) -> None:
    with vouched.reverts("ControllerInvalid", vouched.issuer_id, controller):
        request(vouched, controller=controller)


@pytest.mark.parametrize(("after_s", "is_good"), [(0, False), (1, True)])
def test_what_a_compromised_registrar_asked_is_not_executed(vouched: World, after_s: int, is_good: bool) -> None:
    """Withdrawn from the second it asked on: void; from the next one: it was still itself."""
    world, asked = vouched, vouched.now
    request(world)
    world.send(world.registry, "withdrawRegistrar", REGISTRAR, asked + after_s, by="root")
    world.now = asked + DELAY
    if is_good:
        world.send(world.registry, "executeRecovery", world.issuer_id, by="stranger")
        assert controller_of(world) == NEW
    else:
        with world.reverts("RegistrarNotGood", REGISTRAR, asked):
            world.send(world.registry, "executeRecovery", world.issuer_id, by="stranger")


def test_what_a_compromised_registrar_asked_stands_in_nobodys_way(vouched: World) -> None:
    """It can never be executed, and the controller that could refuse it is lost: the one above asks in its place."""
    world, asked = vouched, vouched.now
    request(world, controller=Actor("stranger").address)
    with world.reverts("RecoveryIsPending", world.issuer_id):
        request(world, "root")
    world.send(world.registry, "withdrawRegistrar", REGISTRAR, asked, by="root")
    voided = world.now
    result = request(world, "root")
    facts = {"issuerId": world.issuer_id, "controller": Actor("stranger").address, "by": Actor("root").address}
    assert result.events[0] == Event("RecoveryVoided", facts)
    assert [event.name for event in result.events] == ["RecoveryVoided", "RecoveryRequested"]
    found = world.view(world.registry, "recoveryOf", world.issuer_id, 0)
    assert (found["state"], found["endedAt"], found["by"]) == (4, voided, REGISTRAR)
    world.now = voided + DELAY
    world.send(world.registry, "executeRecovery", world.issuer_id, by="stranger")
    assert controller_of(world) == NEW
    assert world.view(world.registry, "recoveryCount", world.issuer_id) == 2


def test_what_a_registrar_asked_while_it_was_good_stands(vouched: World) -> None:
    """Withdrawn for what came later, it asked rightly: nobody puts a request of their own in its place."""
    world, asked = vouched, vouched.now
    request(world)
    world.send(world.registry, "withdrawRegistrar", REGISTRAR, asked + 1, by="root")
    with world.reverts("RecoveryIsPending", world.issuer_id):
        request(world, "root", Actor("stranger").address)


def test_only_what_was_asked_is_listed(vouched: World) -> None:
    assert vouched.view(vouched.registry, "recoveryCount", vouched.issuer_id) == 0
    with vouched.reverts("RecoveryUnknown", vouched.issuer_id, 0, 0):
        vouched.view(vouched.registry, "recoveryOf", vouched.issuer_id, 0)
