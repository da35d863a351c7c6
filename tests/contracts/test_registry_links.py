"""Links: several identifiers of one legal entity, agreed by its controller and confirmed by a voucher."""

from __future__ import annotations

import pytest
from evm_world import Actor, Event, World, sha

CONTROLLER = Actor("controller").address
ROOT = Actor("root").address


def link(world: World, issuer_id: bytes, primary_id: bytes, *, voucher: str = "root", by: str = "controller") -> None:
    world.send(world.registry, "requestLink", issuer_id, primary_id, by=by)
    world.send(world.registry, "linkIssuer", issuer_id, primary_id, by=voucher)


@pytest.fixture
def two(world: World) -> tuple[World, bytes]:
    """The usual issuer, and a VAT number of the same controller with an anchoring account of its own."""
    vat_id = world.register("DE123456789", controller="controller", scheme="VAT")
    world.bind("other", issuer_id=vat_id)
    return world, vat_id


def test_link(two: tuple[World, bytes]) -> None:
    world, vat_id = two
    asked = world.now
    result = world.send(world.registry, "requestLink", vat_id, world.issuer_id, by="controller")
    facts = {"issuerId": vat_id, "primaryId": world.issuer_id}
    assert result.events == [Event("LinkRequested", {**facts, "by": CONTROLLER})]
    requested = {"primaryId": world.issuer_id, "agreedBy": CONTROLLER, "requestedAt": asked, "linkedAt": 0}
    assert world.view(world.registry, "linkOf", vat_id) == requested
    assert world.view(world.registry, "issuerOf", vat_id)["linkState"] == 0
    linked = world.now
    result = world.send(world.registry, "linkIssuer", vat_id, world.issuer_id, by="root")
    assert result.events == [Event("IssuerLinked", {**facts, "by": ROOT})]
    assert world.view(world.registry, "linkOf", vat_id) == {**requested, "linkedAt": linked}
    states = [world.view(world.registry, "issuerOf", each)["linkState"] for each in (vat_id, world.issuer_id)]
    assert states == [1, 2]
    assert world.view(world.registry, "answerForAccount", Actor("other").address)["primaryId"] == world.issuer_id


def test_neither_half_of_it_is_enough(two: tuple[World, bytes]) -> None:
    world, vat_id = two
    with world.reverts("LinkNotRequested", vat_id, world.issuer_id):
        world.send(world.registry, "linkIssuer", vat_id, world.issuer_id, by="root")
    world.send(world.registry, "requestLink", vat_id, world.issuer_id, by="controller")
    with world.reverts("LinkNotRequested", vat_id, world.root_id):
        world.send(world.registry, "linkIssuer", vat_id, world.root_id, by="root")
    with world.reverts("IssuerUnauthorized", vat_id, CONTROLLER):
        world.send(world.registry, "linkIssuer", vat_id, world.issuer_id, by="controller")


def test_nobody_links_itself_to_a_stranger(two: tuple[World, bytes]) -> None:
    """Who controls only one of the two cannot agree for the other, in either direction."""
    world, vat_id = two
    for issuer_id, primary_id in ((vat_id, world.root_id), (world.root_id, vat_id)):
        with world.reverts("IssuerUnauthorized", world.root_id, CONTROLLER):
            world.send(world.registry, "requestLink", issuer_id, primary_id, by="controller")


@pytest.mark.parametrize("moved", ["both", "the linked one", "the primary"])
def test_an_agreement_ends_with_the_controller_that_gave_it(two: tuple[World, bytes], moved: str) -> None:
    world, vat_id = two
    world.send(world.registry, "requestLink", vat_id, world.issuer_id, by="controller")
    for name, issuer_id in (("the linked one", vat_id), ("the primary", world.issuer_id)):
        if moved in ("both", name):
            world.send(world.registry, "setController", issuer_id, Actor("relayer").address, by="controller")
    with world.reverts("LinkNotRequested", vat_id, world.issuer_id):
        world.send(world.registry, "linkIssuer", vat_id, world.issuer_id, by="root")


def test_suspension_follows(two: tuple[World, bytes]) -> None:
    """From the link on, not before it; reinstated together with the primary."""
    world, vat_id = two
    other = Actor("other").address
    world.send(world.log, "commit", vat_id, 0, sha(1), 1, by="other")
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    world.send(world.registry, "reinstate", world.issuer_id, by="root")
    before = world.last - 1
    link(world, vat_id, world.issuer_id)
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    since = world.last
    with world.reverts("IssuerIsSuspended", world.issuer_id, since):
        world.send(world.log, "commit", vat_id, 1, sha(2), 2, by="other")
    with world.reverts("IssuerIsSuspended", world.issuer_id, since):
        world.send(world.registry, "bindCredentialKey", vat_id, sha(7), 1, 0, 0, by="controller")
    assert not world.view(world.registry, "authorisedAt", other, since)
    assert world.view(world.registry, "authorisedAt", other, since - 1)
    assert world.view(world.registry, "authorisedAt", other, before)
    assert not world.view(world.registry, "authorisedAt", Actor("anchor").address, before)
    world.send(world.registry, "reinstate", world.issuer_id, by="root")
    world.send(world.log, "commit", vat_id, 1, sha(2), 2, by="other")
    assert not world.view(world.registry, "authorisedAt", other, since)
    assert world.view(world.registry, "authorisedAt", other, world.last)


def test_a_suspension_of_the_linked_one_is_its_own(two: tuple[World, bytes]) -> None:
    world, vat_id = two
    link(world, vat_id, world.issuer_id)
    world.send(world.registry, "suspend", vat_id, by="root")
    world.commit(0, sha(1), 1)
    assert world.view(world.registry, "authorisedAt", Actor("anchor").address, world.last)
    assert not world.view(world.registry, "authorisedAt", Actor("other").address, world.last)


def test_links_have_one_step_and_are_for_good(two: tuple[World, bytes]) -> None:
    world, vat_id = two
    gln_id = world.register("4012345000009", controller="controller", scheme="GLN")
    with world.reverts("LinkInvalid", vat_id, vat_id):
        world.send(world.registry, "requestLink", vat_id, vat_id, by="controller")
    # Both asked for while neither is in a link; confirming one leaves the other impossible.
    world.send(world.registry, "requestLink", world.issuer_id, gln_id, by="controller")
    link(world, vat_id, world.issuer_id)
    with world.reverts("LinkInvalid", world.issuer_id, gln_id):
        world.send(world.registry, "linkIssuer", world.issuer_id, gln_id, by="root")
    for issuer_id, primary_id in ((vat_id, gln_id), (gln_id, vat_id), (world.issuer_id, gln_id)):
        with world.reverts("LinkInvalid", issuer_id, primary_id):
            world.send(world.registry, "requestLink", issuer_id, primary_id, by="controller")
    with world.reverts("LinkInvalid", vat_id, world.issuer_id):
        world.send(world.registry, "linkIssuer", vat_id, world.issuer_id, by="root")
    link(world, gln_id, world.issuer_id)


@pytest.mark.parametrize("which", ["the linked one", "the primary"])
def test_who_is_suspended_or_annulled_is_not_linked(two: tuple[World, bytes], which: str) -> None:
    world, vat_id = two
    world.send(world.registry, "requestLink", vat_id, world.issuer_id, by="controller")
    bad = vat_id if which == "the linked one" else world.issuer_id
    world.send(world.registry, "suspend", bad, by="root")
    since = world.last
    for function, by in (("requestLink", "controller"), ("linkIssuer", "root")):
        with world.reverts("IssuerIsSuspended", bad, since):
            world.send(world.registry, function, vat_id, world.issuer_id, by=by)
    world.send(world.registry, "reinstate", bad, by="root")
    world.send(world.registry, "annulIssuer", bad, 1, by="root")
    for function, by in (("requestLink", "controller"), ("linkIssuer", "root")):
        with world.reverts("IssuerIsAnnulled", bad, 1):
            world.send(world.registry, function, vat_id, world.issuer_id, by=by)


# --- self-vouching through a link ---


@pytest.fixture
def accredited(two: tuple[World, bytes]) -> tuple[World, bytes]:
    """`registrar` answers by the usual issuer, and the VAT number of the same people is linked to that."""
    world, vat_id = two
    world.bind("registrar")
    world.send(world.registry, "accreditRegistrar", Actor("registrar").address, world.issuer_id, by="root")
    return world, vat_id


def test_a_registrar_does_not_vouch_for_its_other_self(accredited: tuple[World, bytes]) -> None:
    """It registers a second identifier of its own and wants it linked: refused, whichever is to be the primary."""
    world, _ = accredited
    registrar = Actor("registrar").address
    own = world.register("4012345000009", controller="controller", by="registrar", scheme="GLN")
    for issuer_id, primary_id in ((own, world.issuer_id), (world.issuer_id, own)):
        world.send(world.registry, "requestLink", issuer_id, primary_id, by="controller")
        with world.reverts("RegistrarSelfVouching", registrar, issuer_id):
            world.send(world.registry, "linkIssuer", issuer_id, primary_id, by="root")


def test_a_registrar_accredits_none_of_its_linked_selves(accredited: tuple[World, bytes]) -> None:
    world, vat_id = accredited
    link(world, vat_id, world.issuer_id)
    with world.reverts("RegistrarSelfVouching", Actor("registrar").address, vat_id):
        world.send(world.registry, "accreditRegistrar", Actor("other").address, vat_id, by="registrar")


def test_what_it_vouched_for_falls_when_a_link_shows_whose_it_is(accredited: tuple[World, bytes]) -> None:
    """Registered first, through a third identifier linked later, where the contract cannot see it at the link."""
    world, vat_id = accredited
    gln_id = world.register("4012345000009", controller="controller", by="registrar", scheme="GLN")
    world.bind("stranger", issuer_id=gln_id)
    stranger = Actor("stranger").address
    assert world.view(world.registry, "authorisedAt", stranger, world.last)
    # The GLN hangs on the VAT number; only then the registrar's own entity is linked to the same primary.
    link(world, gln_id, vat_id)
    assert world.view(world.registry, "authorisedAt", stranger, world.last)
    link(world, world.issuer_id, vat_id)
    assert not world.view(world.registry, "authorisedAt", stranger, world.last)
    assert world.view(world.registry, "authorisedAt", Actor("anchor").address, world.last)
    assert world.view(world.registry, "answerForAccount", stranger)["isGood"] is False


def test_an_accreditation_of_ones_own_falls_too(accredited: tuple[World, bytes]) -> None:
    world, vat_id = accredited
    world.send(world.registry, "accreditRegistrar", Actor("other").address, vat_id, by="registrar")
    below = world.register("BELOW", controller="stranger", by="other")
    world.bind("stranger", issuer_id=below, by="stranger")
    assert world.view(world.registry, "authorisedAt", Actor("stranger").address, world.last)
    link(world, vat_id, world.issuer_id)
    assert not world.view(world.registry, "registrarGoodAt", Actor("other").address, world.last)
    assert not world.view(world.registry, "authorisedAt", Actor("stranger").address, world.last)
    with world.reverts("RegistrarNotGood", Actor("other").address, world.now):
        world.register("NEXT", controller="relayer", by="other")
