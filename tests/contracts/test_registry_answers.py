"""One call: who is accountable for a key, who vouches for that, since when; and wallets that change their mind."""

from __future__ import annotations

import pytest
from evm_world import ANCHOR, Actor, World, sha

ROOT = Actor("root").address


@pytest.fixture
def three_steps(world: World) -> World:
    """Root, the usual issuer's registrar, a chamber below it, a supplier with an account and a credential key."""
    world.bind("registrar")
    world.send(world.registry, "accreditRegistrar", Actor("registrar").address, world.issuer_id, by="root")
    chamber_id = world.register("CHAMBER", controller="other", by="registrar")
    world.send(world.registry, "accreditRegistrar", Actor("other").address, chamber_id, by="registrar")
    supplier_id = world.register("SUPPLIER", controller="stranger", by="other")
    world.bind("relayer", issuer_id=supplier_id, by="stranger", purposes=ANCHOR)
    world.send(world.registry, "bindCredentialKey", supplier_id, sha(7), 1, 0, 0, by="stranger")
    world.issuers = [supplier_id, chamber_id]
    return world


def test_the_whole_chain_in_one_call(three_steps: World) -> None:
    world, (supplier_id, chamber_id) = three_steps, three_steps.issuers
    relayer, registrar, other = (Actor(name).address for name in ("relayer", "registrar", "other"))
    issuer = world.view(world.registry, "issuerOf", supplier_id)
    accredited = {a: world.view(world.registry, "registrarOf", a)["accreditedAt"] for a in (registrar, other)}
    answer = world.view(world.registry, "answerForAccount", relayer)
    assert answer == {
        "issuerId": supplier_id,
        "primaryId": supplier_id,
        "controller": Actor("stranger").address,
        "registeredAt": issuer["registeredAt"],
        "keyFrom": world.view(world.registry, "accountKeyOf", relayer)["from"],
        "isGood": True,
        "vouchers": (
            (other, chamber_id, issuer["registeredAt"], 0),
            (registrar, world.issuer_id, accredited[other], 0),
            (ROOT, world.root_id, accredited[registrar], 0),
        ),
    }
    credential = world.view(world.registry, "answerForCredentialKey", supplier_id, sha(7))
    key = world.view(world.registry, "credentialKeyOf", supplier_id, sha(7))
    assert credential == {**answer, "keyFrom": key["from"]}


def test_a_bad_link_is_shown_and_not_hidden(three_steps: World) -> None:
    world, registrar = three_steps, Actor("registrar").address
    world.send(world.registry, "withdrawRegistrar", registrar, 5, by="root")
    answer = world.view(world.registry, "answerForAccount", Actor("relayer").address)
    assert answer["isGood"] is False
    assert [bad_from for *_, bad_from in answer["vouchers"]] == [0, 5, 0]


def test_a_key_outside_its_window_is_still_somebodys(three_steps: World) -> None:
    world, relayer = three_steps, Actor("relayer").address
    world.send(world.registry, "retireAccountKey", relayer, by="stranger")
    answer = world.view(world.registry, "answerForAccount", relayer)
    assert (answer["issuerId"], answer["isGood"]) == (world.issuers[0], False)


def test_nobody_answers_for_what_was_never_bound(world: World) -> None:
    with world.reverts("AccountKeyUnbound", Actor("stranger").address):
        world.view(world.registry, "answerForAccount", Actor("stranger").address)
    with world.reverts("CredentialKeyUnbound", world.issuer_id, sha(9)):
        world.view(world.registry, "answerForCredentialKey", world.issuer_id, sha(9))


YES = bytes.fromhex("7f1626ba7e" + "00" * 28 + "5f5260205ff3")
NO = bytes.fromhex("5f5f5260205ff3")


def test_a_wallet_that_changes_its_mind(world: World) -> None:
    """What it accepted stands, at the block that took it; what it refuses now is not taken."""
    wallet = world.deploy_code(YES)
    world.send(world.registry, "bindAccountKey", world.issuer_id, wallet, 3, 0, 0, b"", by="controller")
    values = (world.issuer_id, 0, sha(1), 256, world.now + 600, wallet)
    world.send(world.log, "commitFor", *values, b"x", by="relayer")
    vm = world.chain.get_vm(world.chain.header)
    vm.state.set_code(bytes.fromhex(wallet[2:]), NO)
    vm.state.persist()
    world.chain.header = world.chain.header.copy(state_root=vm.state.state_root)
    values = (world.issuer_id, 256, sha(2), 512, world.now + 600, wallet)
    with world.reverts("OrderSignatureInvalid", world.issuer_id, wallet):
        world.send(world.log, "commitFor", *values, b"x", by="relayer")
    status = (world.issuer_id, 3, 3, 0, sha(0), 0, world.now + 600, wallet)
    with world.reverts("OrderSignatureInvalid", world.issuer_id, wallet):
        world.send(world.log, "setStatusFor", *status, b"x", by="relayer")
    assert world.view(world.log, "checkpointOf", world.issuer_id, sha(1))["keyNo"] == 3
    assert world.view(world.registry, "authorisedAt", wallet, world.last)


def test_a_wallet_cannot_come_back_in(world: World) -> None:
    """Asked for its word it calls the log's `commit` as itself, bound and good: the call around it is static."""
    log = world.log
    call = log.calldata("commit", world.issuer_id, 0, sha(0xBAD), 9)
    # CODECOPY the calldata that follows the code to memory, CALL the log with it, then say yes.
    yes = bytes.fromhex("7f1626ba7e" + "00" * 28 + "5f5260205ff3")
    head_length = 7 + 34 + len(yes)
    head = bytes.fromhex(f"60{len(call):02x}60{head_length:02x}5f39")  # size, offset, dest
    head += bytes.fromhex(f"5f5f60{len(call):02x}5f5f73") + log.canonical + bytes.fromhex("5af150")
    code = head + yes
    code = code[:2] + code[2:3] + bytes([len(code)]) + code[4:] + call
    wallet = world.deploy_code(code)
    world.send(world.registry, "bindAccountKey", world.issuer_id, wallet, 3, 0, 0, b"", by="controller")
    values = (world.issuer_id, 0, sha(1), 256, world.now + 600, wallet)
    world.send(world.log, "commitFor", *values, b"x", by="relayer")
    head_now = world.view(world.log, "headOf", world.issuer_id)
    assert (head_now["size"], head_now["seq"]) == (256, 1)
    with world.reverts("CheckpointUnknown", world.issuer_id, sha(0xBAD)):
        world.view(world.log, "checkpointOf", world.issuer_id, sha(0xBAD))
    # The same call outside the static frame would have gone through, so that it was the frame that stopped it.
    other = world.deploy_code(code.replace(call, log.calldata("commit", world.issuer_id, 256, sha(0xBAD), 9999)))
    world.send(world.registry, "bindAccountKey", world.issuer_id, other, 3, 0, 0, b"", by="controller")
    world.call_raw(other, by="relayer")
    assert world.view(world.log, "checkpointOf", world.issuer_id, sha(0xBAD))["size"] == 9999
