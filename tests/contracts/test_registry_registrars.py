"""Registrars: who may accredit, who may withdraw, and how far the consequences reach."""

from __future__ import annotations

import pytest
from evm_world import Actor, Event, RevertedError, World, sha

from contracts import load

REGISTRAR = Actor("registrar").address
ROOT = Actor("root").address


@pytest.fixture
def accredited(world: World) -> World:
    """The usual issuer's own registrar, an account key it has bound."""
    world.bind("registrar")
    world.send(world.registry, "accreditRegistrar", REGISTRAR, world.issuer_id, by="root")
    return world


def chain_of(world: World, length: int) -> list[str]:
    """Accredits one registrar by another, `length` deep: each controls an entity that its accreditor registered."""
    by = "root"
    names = []
    for depth in range(1, length + 1):
        name = f"deep {depth}"
        world.fund(name)
        issuer_id = world.register(f"DEEP{depth}", controller=name, by=by)
        world.send(world.registry, "accreditRegistrar", Actor(name).address, issuer_id, by=by)
        names.append(name)
        by = name
    return names


def test_root_is_what_the_constructor_says(world: World) -> None:
    """The root answers for itself, with no accreditor above, as issuer number 1."""
    assert world.view(world.registry, "root") == ROOT
    record = world.view(world.registry, "registrarOf", ROOT)
    assert record["issuerId"] == world.root_id
    assert record["accreditor"] == "0x" + "00" * 20
    assert record["badFrom"] == 0
    issuer = world.view(world.registry, "issuerOf", world.root_id)
    assert (issuer["issuerNo"], issuer["controller"], issuer["registrar"]) == (1, ROOT, ROOT)
    assert issuer["registeredAt"] == record["accreditedAt"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("0x" + "00" * 20, "LEI", "X", sha(1)), "ControllerInvalid"),
        ((ROOT, "lei", "X", sha(1)), "SchemeNotCanonical"),
        ((ROOT, "LEI", "", sha(1)), "IdentifierNotCanonical"),
        ((ROOT, "LEI", "X", sha(0)), "EvidenceInvalid"),
    ],
    ids=["no root", "small letters", "no identifier", "no evidence"],
)
def test_a_bad_root_is_not_deployed(world: World, arguments: tuple, error: str) -> None:
    with pytest.raises(RevertedError, match=error):
        world.deploy(load("IssuerRegistry"), *arguments)


def test_accredit(world: World) -> None:
    world.bind("registrar")
    time = world.now
    result = world.send(world.registry, "accreditRegistrar", REGISTRAR, world.issuer_id, by="root")
    assert result.events == [
        Event("RegistrarAccredited", {"registrar": REGISTRAR, "issuerId": world.issuer_id, "accreditor": ROOT})
    ]
    assert world.view(world.registry, "registrarOf", REGISTRAR) == {
        "issuerId": world.issuer_id,
        "accreditor": ROOT,
        "accreditedAt": time,
        "badFrom": 0,
    }
    assert world.register("NEXT", controller="other", by="registrar") == world.view(
        world.registry, "computeIssuerId", "LEI", "NEXT", 0
    )


def test_the_controller_may_be_the_registrar(world: World) -> None:
    world.send(world.registry, "accreditRegistrar", Actor("controller").address, world.issuer_id, by="root")
    assert world.view(world.registry, "registrarGoodAt", Actor("controller").address, world.last)


def test_the_root_may_accredit_another_account_of_its_own(world: World) -> None:
    world.bind("registrar", issuer_id=world.root_id, by="root")
    world.send(world.registry, "accreditRegistrar", REGISTRAR, world.root_id, by="root")
    assert world.view(world.registry, "registrarOf", REGISTRAR)["issuerId"] == world.root_id


def test_strangers_accredit_nobody(world: World) -> None:
    with world.reverts("RegistrarUnknown", Actor("stranger").address):
        world.send(world.registry, "accreditRegistrar", REGISTRAR, world.issuer_id, by="stranger")


def test_an_account_the_entity_never_took_as_its_own_cannot_be_its_registrar(world: World) -> None:
    """Otherwise a registrar could put its deeds under the name of an innocent company."""
    with world.reverts("RegistrarNotOfIssuer", REGISTRAR, world.issuer_id):
        world.send(world.registry, "accreditRegistrar", REGISTRAR, world.issuer_id, by="root")


def test_a_retired_key_cannot_become_registrar(world: World) -> None:
    world.bind("registrar")
    world.send(world.registry, "retireAccountKey", REGISTRAR, by="controller")
    with world.reverts("RegistrarNotOfIssuer", REGISTRAR, world.issuer_id):
        world.send(world.registry, "accreditRegistrar", REGISTRAR, world.issuer_id, by="root")


def test_accreditation_is_once(accredited: World) -> None:
    """Withdrawn or not, so that nobody launders a bad registrar by accrediting it again."""
    world = accredited
    world.send(world.registry, "withdrawRegistrar", REGISTRAR, world.last, by="root")
    with world.reverts("RegistrarAlreadyAccredited", REGISTRAR):
        world.send(world.registry, "accreditRegistrar", REGISTRAR, world.issuer_id, by="root")


def test_accreditation_needs_a_registered_entity_in_good_standing(world: World) -> None:
    with world.reverts("IssuerUnknown", sha(5)):
        world.send(world.registry, "accreditRegistrar", REGISTRAR, sha(5), by="root")
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    with world.reverts("IssuerIsSuspended", world.issuer_id, world.last):
        world.send(world.registry, "accreditRegistrar", Actor("controller").address, world.issuer_id, by="root")


def test_no_registrar_vouches_for_its_own_entity(accredited: World) -> None:
    world = accredited
    with world.reverts("RegistrarSelfVouching", REGISTRAR, world.issuer_id):
        world.register("EXAMPLE", controller="controller", by="registrar")
    with world.reverts("RegistrarSelfVouching", REGISTRAR, world.issuer_id):
        world.send(world.registry, "accreditRegistrar", Actor("controller").address, world.issuer_id, by="registrar")
    with world.reverts("RegistrarSelfVouching", ROOT, world.root_id):
        world.register("529900T8BM49AURSDO55", controller="root")


def test_a_suspended_entity_registers_nobody(accredited: World) -> None:
    world = accredited
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    with world.reverts("IssuerIsSuspended", world.issuer_id, world.last):
        world.register("NEXT", controller="other", by="registrar")


def test_withdraw(accredited: World) -> None:
    world = accredited
    bad_from = world.now
    result = world.send(world.registry, "withdrawRegistrar", REGISTRAR, bad_from, by="root")
    assert result.events == [Event("RegistrarWithdrawn", {"registrar": REGISTRAR, "badFrom": bad_from, "by": ROOT})]
    assert world.view(world.registry, "registrarOf", REGISTRAR)["badFrom"] == bad_from
    assert world.view(world.registry, "registrarGoodAt", REGISTRAR, bad_from - 1)
    assert not world.view(world.registry, "registrarGoodAt", REGISTRAR, bad_from)
    with world.reverts("RegistrarNotGood", REGISTRAR, world.now):
        world.register("NEXT", controller="other", by="registrar")


def test_withdrawal_reaches_back_and_only_back(accredited: World) -> None:
    world = accredited
    time = world.now
    for ahead in (-time, 1):
        world.now = time
        with world.reverts("BadFromInvalid", time + ahead, 0, time):
            world.send(world.registry, "withdrawRegistrar", REGISTRAR, time + ahead, by="root")
        time += 12
    world.now = time + 1000
    world.send(world.registry, "withdrawRegistrar", REGISTRAR, time, by="root")
    for bad in (time, time + 1):
        with world.reverts("BadFromInvalid", bad, time, world.now):
            world.send(world.registry, "withdrawRegistrar", REGISTRAR, bad, by="root")
    world.send(world.registry, "withdrawRegistrar", REGISTRAR, time - 1, by="root")
    assert world.view(world.registry, "registrarOf", REGISTRAR)["badFrom"] == time - 1


def test_what_a_withdrawn_registrar_did_before_stands_and_after_falls(accredited: World) -> None:
    """The registration's own time decides, not the time of the question."""
    world = accredited
    early = world.register("EARLY", controller="other", by="registrar")
    early_at = world.last
    late = world.register("LATE", controller="relayer", by="registrar")
    late_at = world.last
    for issuer_id, controller, account in ((early, "other", "stranger"), (late, "relayer", "relayer")):
        world.bind(account, issuer_id=issuer_id, by=controller)
    bound_at = world.last
    world.send(world.registry, "withdrawRegistrar", REGISTRAR, late_at, by="root")
    assert world.view(world.registry, "authorisedAt", Actor("stranger").address, bound_at)
    assert not world.view(world.registry, "authorisedAt", Actor("relayer").address, bound_at)
    world.send(world.registry, "withdrawRegistrar", REGISTRAR, early_at, by="root")
    assert not world.view(world.registry, "authorisedAt", Actor("stranger").address, bound_at)


def test_who_may_withdraw(accredited: World) -> None:
    world = accredited
    for name in ("stranger", "controller", "registrar"):
        with world.reverts("RegistrarUnauthorized", REGISTRAR, Actor(name).address):
            world.send(world.registry, "withdrawRegistrar", REGISTRAR, world.last, by=name)
    with world.reverts("RegistrarUnknown", Actor("stranger").address):
        world.send(world.registry, "withdrawRegistrar", Actor("stranger").address, world.last, by="root")


def test_a_chain_falls_with_a_link_that_was_bad_when_it_was_forged(world: World) -> None:
    names = chain_of(world, 3)
    accredited_at = [world.view(world.registry, "registrarOf", Actor(name).address)["accreditedAt"] for name in names]
    # The middle link withdrawn from the very second of the next accreditation: that one is void.
    by = names[0]
    world.send(world.registry, "withdrawRegistrar", Actor(names[1]).address, accredited_at[2] + 1, by=by)
    assert world.view(world.registry, "registrarGoodAt", Actor(names[2]).address, world.last)
    world.send(world.registry, "withdrawRegistrar", Actor(names[1]).address, accredited_at[2], by=by)
    assert not world.view(world.registry, "registrarGoodAt", Actor(names[2]).address, world.last)
    with world.reverts("RegistrarNotGood", Actor(names[2]).address, world.now):
        world.register("NEXT", controller="other", by=names[2])
    with world.reverts("RegistrarNotGood", Actor(names[1]).address, world.now):
        world.send(world.registry, "withdrawRegistrar", Actor(names[2]).address, 1, by=names[1])


def test_the_chain_has_an_end(world: World) -> None:
    names = chain_of(world, 8)
    deepest = Actor(names[-1]).address
    assert world.view(world.registry, "registrarGoodAt", deepest, world.last)
    issuer_id = world.register("DEEP9", controller="other", by=names[-1])
    with world.reverts("RegistrarChainTooLong", deepest, 8):
        world.send(world.registry, "accreditRegistrar", Actor("other").address, issuer_id, by=names[-1])


def test_a_root_that_declares_itself_lost_takes_everything_after_with_it(world: World) -> None:
    issuer = world.view(world.registry, "issuerOf", world.issuer_id)
    world.send(world.registry, "withdrawRegistrar", ROOT, issuer["registeredAt"], by="root")
    assert not world.view(world.registry, "authorisedAt", Actor("anchor").address, world.last)
    with world.reverts("RegistrarNotGood", ROOT, world.now):
        world.register("NEXT", controller="other")


def test_absent_registrars_are_not_zeroed_records(world: World) -> None:
    stranger = Actor("stranger").address
    with world.reverts("RegistrarUnknown", stranger):
        world.view(world.registry, "registrarOf", stranger)
    assert world.view(world.registry, "registrarGoodAt", stranger, world.last) is False


def test_the_future_is_not_judged(world: World) -> None:
    with world.reverts("TimeNotReached", world.last + 1, world.last):
        world.view(world.registry, "registrarGoodAt", ROOT, world.last + 1)
