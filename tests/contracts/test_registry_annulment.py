"""Annulment: a squatter's registration falls, its identifier is free again, and nothing of it is inherited."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak
from evm_world import ANCHOR, STATUS, Actor, Event, World, sha

ROOT = Actor("root").address
OTHER = Actor("other").address


@pytest.fixture
def squatted(world: World) -> World:
    """`registrar` registered the identifier of a victim for `other`, which has anchored."""
    world.bind("registrar")
    world.send(world.registry, "accreditRegistrar", Actor("registrar").address, world.issuer_id, by="root")
    world.issuer_id = world.register("VICTIM", controller="other", by="registrar")
    world.bind("stranger", purposes=ANCHOR | STATUS, by="other")
    world.send(world.log, "commit", world.issuer_id, 0, sha(1), 256, by="stranger")
    return world


def test_annul(squatted: World) -> None:
    world = squatted
    issuer = world.view(world.registry, "issuerOf", world.issuer_id)
    void_from = issuer["registeredAt"]
    result = world.send(world.registry, "annulIssuer", world.issuer_id, void_from, by="root")
    facts = {"issuerId": world.issuer_id, "voidFrom": void_from, "by": ROOT}
    assert result.events == [Event("IssuerAnnulled", facts)]
    expected = {**issuer, "isAnnulled": True, "voidFrom": void_from}
    assert world.view(world.registry, "issuerOf", world.issuer_id) == expected
    stranger = Actor("stranger").address
    assert not world.view(world.registry, "authorisedAt", stranger, world.last)
    for by, call in (
        ("stranger", lambda: world.send(world.log, "commit", world.issuer_id, 256, sha(2), 512, by="stranger")),
        ("other", lambda: world.bind("relayer", by="other")),
    ):
        with world.reverts("IssuerIsAnnulled", world.issuer_id, void_from):
            call()
        assert by


def test_what_came_before_the_stated_time_stands(squatted: World) -> None:
    """A merger or a number given back: void from then on, not from the start; earlier only by saying so again."""
    world, stranger = squatted, Actor("stranger").address
    committed = world.last
    world.send(world.registry, "annulIssuer", world.issuer_id, committed + 1, by="root")
    assert world.view(world.registry, "authorisedAt", stranger, committed)
    assert not world.view(world.registry, "authorisedAt", stranger, committed + 1)
    for later in (committed + 1, committed + 2):
        with world.reverts("BadFromInvalid", later, committed + 1, world.now):
            world.send(world.registry, "annulIssuer", world.issuer_id, later, by="root")
    world.send(world.registry, "annulIssuer", world.issuer_id, committed, by="root")
    assert not world.view(world.registry, "authorisedAt", stranger, committed)


@pytest.mark.parametrize("ahead", [1, None])
def test_no_annulment_ahead_or_without_a_time(squatted: World, ahead: int | None) -> None:
    world = squatted
    time = 0 if ahead is None else world.now + ahead
    with world.reverts("BadFromInvalid", time, 0, world.now):
        world.send(world.registry, "annulIssuer", world.issuer_id, time, by="root")


def test_the_victim_gets_its_identifier_and_nothing_of_the_squatter(squatted: World) -> None:
    world, squat_id = squatted, squatted.issuer_id
    assert world.view(world.registry, "currentIssuerId", "LEI", "VICTIM") == {"issuerId": squat_id, "generation": 0}
    with world.reverts("IssuerAlreadyRegistered", squat_id, Actor("registrar").address):
        world.register("VICTIM", controller="relayer")
    world.send(world.registry, "annulIssuer", squat_id, 1, by="root")
    issuer_id = keccak(encode(["string", "string", "uint256"], ["LEI", "VICTIM", 1]))
    current = {"issuerId": issuer_id, "generation": 1}
    assert world.view(world.registry, "currentIssuerId", "LEI", "VICTIM") == current
    assert world.register("VICTIM", controller="relayer") == issuer_id
    assert world.view(world.registry, "currentIssuerId", "LEI", "VICTIM") == current
    with world.reverts("LogEmpty", issuer_id):
        world.view(world.log, "headOf", issuer_id)
    with world.reverts("AccountKeyOfOther", Actor("stranger").address, issuer_id, squat_id):
        world.send(world.log, "commit", issuer_id, 0, sha(1), 256, by="stranger")
    with world.reverts("IssuerUnauthorized", issuer_id, OTHER):
        world.send(world.registry, "bindCredentialKey", issuer_id, sha(7), 1, 0, 0, by="other")
    world.bind("relayer", issuer_id=issuer_id, by="relayer")
    world.send(world.log, "commit", issuer_id, 0, sha(1), 256, by="relayer")
    assert world.view(world.registry, "authorisedAt", Actor("relayer").address, world.last)
    assert not world.view(world.registry, "authorisedAt", Actor("stranger").address, world.last)


def test_who_may_annul(squatted: World) -> None:
    """One above the registrar that registered it, or the root; never that registrar, nor one beside it."""
    world = squatted
    world.send(world.registry, "accreditRegistrar", OTHER, world.issuer_id, by="registrar")
    deep = world.register("DEEP", controller="relayer", by="other")
    for by in ("other", "relayer", "stranger", "controller"):
        with world.reverts("IssuerUnauthorized", deep, Actor(by).address):
            world.send(world.registry, "annulIssuer", deep, 1, by=by)
    with world.reverts("IssuerUnauthorized", world.issuer_id, Actor("registrar").address):
        world.send(world.registry, "annulIssuer", world.issuer_id, 1, by="registrar")
    world.send(world.registry, "annulIssuer", deep, 1, by="registrar")
    assert world.view(world.registry, "issuerOf", deep)["voidFrom"] == 1


def test_an_accreditor_that_was_withdrawn_annuls_nothing(squatted: World) -> None:
    world, registrar = squatted, Actor("registrar").address
    world.send(world.registry, "accreditRegistrar", OTHER, world.issuer_id, by="registrar")
    deep = world.register("DEEP", controller="relayer", by="other")
    world.send(world.registry, "withdrawRegistrar", registrar, world.now, by="root")
    with world.reverts("IssuerUnauthorized", deep, registrar):
        world.send(world.registry, "annulIssuer", deep, 1, by="registrar")
    world.send(world.registry, "annulIssuer", deep, 1, by="root")


def test_an_annulled_entity_answers_for_no_active_registrar(squatted: World) -> None:
    world = squatted
    world.send(world.registry, "accreditRegistrar", OTHER, world.issuer_id, by="registrar")
    world.send(world.registry, "annulIssuer", world.issuer_id, 1, by="root")
    with world.reverts("IssuerIsAnnulled", world.issuer_id, 1):
        world.register("NEXT", controller="relayer", by="other")


def test_an_annulled_entity_may_warn_but_not_reassure(squatted: World) -> None:
    world, issuer_id = squatted, squatted.issuer_id
    world.send(world.log, "setStatus", issuer_id, 5, 4, 0, sha(0), by="stranger")
    world.send(world.registry, "annulIssuer", issuer_id, 1, by="root")
    world.send(world.log, "setStatus", issuer_id, 3, 3, 0, sha(0), by="stranger")
    assert world.view(world.log, "statusOf", issuer_id, 3)["revoked"]
    with world.reverts("IssuerIsAnnulled", issuer_id, 1):
        world.send(world.log, "setStatus", issuer_id, 5, 5, 0, sha(0), by="stranger")


def test_the_root_takes_an_annulment_back_while_the_identifier_is_free(squatted: World) -> None:
    world, issuer_id = squatted, squatted.issuer_id
    pair = ("LEI", "VICTIM")
    with world.reverts("IssuerNotAnnulled", issuer_id):
        world.send(world.registry, "restoreIssuer", *pair, 0, by="root")
    world.send(world.registry, "annulIssuer", issuer_id, 1, by="root")
    with world.reverts("RootUnauthorized", Actor("registrar").address):
        world.send(world.registry, "restoreIssuer", *pair, 0, by="registrar")
    with world.reverts("IssuerUnknown", world.view(world.registry, "computeIssuerId", *pair, 1)):
        world.send(world.registry, "restoreIssuer", *pair, 1, by="root")
    result = world.send(world.registry, "restoreIssuer", *pair, 0, by="root")
    assert result.events == [Event("IssuerRestored", {"issuerId": issuer_id, "by": ROOT})]
    assert world.view(world.registry, "authorisedAt", Actor("stranger").address, world.last)
    world.send(world.log, "commit", issuer_id, 256, sha(2), 512, by="stranger")


def test_no_annulment_is_taken_back_over_a_later_registration(squatted: World) -> None:
    """Two living entities under one identifier would be what annulment is against, at any distance."""
    world, issuer_id = squatted, squatted.issuer_id
    world.send(world.registry, "annulIssuer", issuer_id, 1, by="root")
    second = world.register("VICTIM", controller="relayer")
    world.send(world.registry, "annulIssuer", second, 1, by="root")
    third = world.register("VICTIM", controller="relayer")
    for generation in (0, 1):
        with world.reverts("IssuerAlreadyRegistered", third, ROOT):
            world.send(world.registry, "restoreIssuer", "LEI", "VICTIM", generation, by="root")
    assert world.view(world.registry, "currentIssuerId", "LEI", "VICTIM")["generation"] == 2


def test_roles(world: World) -> None:
    for roles in (63, 4, 0):
        result = world.send(world.registry, "setRoles", world.issuer_id, roles, by="root")
        facts = {"issuerId": world.issuer_id, "roles": roles, "by": ROOT}
        assert result.events == [Event("RolesSet", facts)]
        assert world.view(world.registry, "issuerOf", world.issuer_id)["roles"] == roles
    for roles in (64, 255):
        with world.reverts("RolesInvalid", roles, 63):
            world.send(world.registry, "setRoles", world.issuer_id, roles, by="root")
