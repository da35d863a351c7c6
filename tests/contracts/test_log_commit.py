"""Checkpoints: who commits, what grows, relayed commits, pause."""

from __future__ import annotations

import pytest
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak
from evm_world import CHAIN_ID, Actor, Event, RevertedError, World, sha

from contracts import load

ANCHOR_ACCOUNT = Actor("anchor").address
MAX_SIZE = 2**48 - 1


def relayed(world: World, prev_size: int, root: bytes, size: int, deadline: int, **what):
    """Commits by the relayer what `signer` (the account itself by default) signed."""
    account = what.get("account", ANCHOR_ACCOUNT)
    values = (world.issuer_id, prev_size, root, size, deadline, account)
    signature = what.get("signature") or Actor("anchor").sign(world.commit_digest(*values))
    return world.send(world.log, "commitFor", *values, signature, by="relayer")


def test_commit(world: World) -> None:
    first_time = world.now
    first = world.commit(0, sha(0xA), 256)
    facts = {"issuerId": world.issuer_id, "root": sha(0xA), "keyNo": 1, "size": 256, "seq": 1}
    assert first.events == [Event("Committed", facts)]
    second_time = world.now
    second = world.commit(256, sha(0xB), 1024)
    assert second.events == [Event("Committed", {**facts, "root": sha(0xB), "size": 1024, "seq": 2})]
    number = world.chain.get_canonical_head().block_number
    assert world.view(world.log, "headOf", world.issuer_id) == {
        "size": 1024,
        "seq": 2,
        "time": second_time,
        "blockNumber": number,
        "frozenAt": 0,
    }
    common = {"keyNo": 1}
    assert world.view(world.log, "checkpointOf", world.issuer_id, sha(0xA)) == {
        **common,
        "size": 256,
        "prevSize": 0,
        "seq": 1,
        "time": first_time,
        "blockNumber": number - 1,
    }
    assert world.view(world.log, "checkpointOf", world.issuer_id, sha(0xB)) == {
        **common,
        "size": 1024,
        "prevSize": 256,
        "seq": 2,
        "time": second_time,
        "blockNumber": number,
    }


def test_absent_logs_and_checkpoints_are_not_zeroed_records(world: World) -> None:
    with world.reverts("LogEmpty", world.issuer_id):
        world.view(world.log, "headOf", world.issuer_id)
    world.commit(0, sha(1), 1)
    with world.reverts("LogEmpty", world.root_id):
        world.view(world.log, "headOf", world.root_id)
    with world.reverts("CheckpointUnknown", world.issuer_id, sha(2)):
        world.view(world.log, "checkpointOf", world.issuer_id, sha(2))
    with world.reverts("CheckpointUnknown", world.root_id, sha(1)):
        world.view(world.log, "checkpointOf", world.root_id, sha(1))


def test_the_log_only_grows_from_where_it_is(world: World) -> None:
    with world.reverts("CommitStale", world.issuer_id, 1, 0):
        world.commit(1, sha(1), 2)
    with world.reverts("CommitNotGrowing", world.issuer_id, 0, 0):
        world.commit(0, sha(1), 0)
    world.commit(0, sha(1), 256)
    for prev_size in (0, 255, 257):
        with world.reverts("CommitStale", world.issuer_id, prev_size, 256):
            world.commit(prev_size, sha(2), 512)
    for size in (0, 255, 256):
        with world.reverts("CommitNotGrowing", world.issuer_id, 256, size):
            world.commit(256, sha(2), size)
    world.commit(256, sha(2), 257)
    world.commit(257, sha(3), MAX_SIZE)
    assert world.view(world.log, "headOf", world.issuer_id)["size"] == MAX_SIZE
    with world.reverts("CommitNotGrowing", world.issuer_id, MAX_SIZE, MAX_SIZE):
        world.commit(MAX_SIZE, sha(4), MAX_SIZE)


def test_a_root_comes_once(world: World) -> None:
    with world.reverts("CommitRootInvalid", sha(0)):
        world.commit(0, sha(0), 1)
    world.commit(0, sha(1), 1)
    with world.reverts("CommitRootExists", world.issuer_id, sha(1)):
        world.commit(1, sha(1), 2)


def test_nobody_gets_in_front_with_anothers_root(world: World) -> None:
    """Roots are kept by entity: a stranger who sees one pending and commits it first spoils nothing."""
    world.bind("other", issuer_id=world.root_id, by="root")
    world.send(world.log, "commit", world.root_id, 0, sha(1), 256, by="other")
    world.commit(0, sha(1), 512)
    assert world.view(world.log, "checkpointOf", world.issuer_id, sha(1))["size"] == 512
    assert world.view(world.log, "checkpointOf", world.root_id, sha(1))["size"] == 256


def test_an_unbound_key_anchors_nothing(world: World) -> None:
    for by in ("stranger", "controller", "root"):
        with world.reverts("AccountKeyUnbound", Actor(by).address):
            world.commit(0, sha(1), 1, by=by)


def test_a_key_anchors_for_its_own_entity(world: World) -> None:
    with world.reverts("AccountKeyOfOther", ANCHOR_ACCOUNT, world.root_id, world.issuer_id):
        world.send(world.log, "commit", world.root_id, 0, sha(1), 1, by="anchor")
    with world.reverts("AccountKeyOfOther", ANCHOR_ACCOUNT, sha(9), world.issuer_id):
        world.send(world.log, "commit", sha(9), 0, sha(1), 1, by="anchor")


def test_a_key_without_the_purpose_does_not_anchor(world: World) -> None:
    with world.reverts("AccountKeyLacksPurpose", Actor("status").address, 2, 1):
        world.commit(0, sha(1), 1, by="status")


def test_the_window_at_its_edges(world: World) -> None:
    start, until = world.now + 100, world.now + 200
    other = Actor("other").address
    world.bind("other", start=start, until=until)
    for number, (time, good) in enumerate(((start - 1, False), (start, True), (until - 1, True), (until, False)), 1):
        world.now = time
        if good:
            world.commit(number - 2, sha(number), number - 1, by="other")
        else:
            with world.reverts("AccountKeyNotGood", other, time, start, until, 0):
                world.commit(0, sha(number), 1, by="other")
    assert world.view(world.log, "headOf", world.issuer_id)["seq"] == 2


def test_a_key_does_not_anchor_from_the_second_it_is_retired_or_bad(world: World) -> None:
    """Whatever the order within the block."""
    key = world.view(world.registry, "accountKeyOf", ANCHOR_ACCOUNT)
    time = world.now
    with world.one_block():
        world.commit(0, sha(1), 1)
        world.send(world.registry, "retireAccountKey", ANCHOR_ACCOUNT, by="controller")
        with world.reverts("AccountKeyNotGood", ANCHOR_ACCOUNT, time, key["from"], time, 0):
            world.commit(1, sha(2), 2)
    world.bind("other")
    other = Actor("other").address
    bound, bad = world.last, world.now
    world.send(world.registry, "reportAccountKeyCompromise", other, bad, by="controller")
    with world.reverts("AccountKeyNotGood", other, world.now, bound, 0, bad):
        world.commit(1, sha(2), 2, by="other")


def test_a_suspended_entity_commits_nothing(world: World) -> None:
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    since = world.last
    with world.reverts("IssuerIsSuspended", world.issuer_id, since):
        world.commit(0, sha(1), 1)
    with world.reverts("IssuerIsSuspended", world.issuer_id, since):
        relayed(world, 0, sha(1), 1, world.now + 60)
    world.send(world.registry, "reinstate", world.issuer_id, by="root")
    world.commit(0, sha(1), 1)


def test_relayed_commit(world: World) -> None:
    result = relayed(world, 0, sha(1), 256, world.now)
    facts = {"issuerId": world.issuer_id, "root": sha(1), "keyNo": 1, "size": 256, "seq": 1}
    assert result.events == [Event("Committed", facts)]
    assert world.view(world.log, "checkpointOf", world.issuer_id, sha(1))["keyNo"] == 1


def test_the_message_is_the_one_wallets_show(world: World) -> None:
    """Another implementation of EIP-712 makes the same digest."""
    fields = [("issuerId", "bytes32"), ("prevSize", "uint48"), ("root", "bytes32"), ("size", "uint48")]
    fields += [("deadline", "uint40"), ("account", "address")]
    values = (world.issuer_id, 0, sha(1), 256, world.now + 60, ANCHOR_ACCOUNT)
    message = encode_typed_data(
        domain_data={
            "name": "carbon-passport PassportLog",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": world.log.address,
        },
        message_types={"Commit": [{"name": name, "type": kind} for name, kind in fields]},
        message_data=dict(zip((name for name, _ in fields), values, strict=True)),
    )
    digest = keccak(b"\x19" + message.version + message.header + message.body)
    assert digest == world.commit_digest(*values)
    relayed(world, 0, sha(1), 256, world.now + 60, signature=Actor("anchor").sign(digest))
    assert world.view(world.log, "eip712Domain")["name"] == "carbon-passport PassportLog"


def test_a_relayed_commit_cannot_be_replayed(world: World) -> None:
    deadline = world.now + 10_000
    relayed(world, 0, sha(1), 256, deadline)
    with world.reverts("CommitStale", world.issuer_id, 0, 256):
        relayed(world, 0, sha(1), 256, deadline)
    world.commit(256, sha(2), 512)
    with world.reverts("CommitStale", world.issuer_id, 0, 512):
        relayed(world, 0, sha(1), 256, deadline)


def test_the_deadline_is_the_last_second(world: World) -> None:
    deadline = world.now + 100
    world.now = deadline + 1
    with world.reverts("OrderExpired", deadline, deadline + 1):
        relayed(world, 0, sha(1), 256, deadline)
    world.now = deadline + 100
    relayed(world, 0, sha(1), 256, world.now)


def commit_values(world: World, **change) -> tuple:
    values = {
        "issuer_id": world.issuer_id,
        "prev_size": 0,
        "root": sha(1),
        "size": 256,
        "deadline": world.now + 60,
        "account": ANCHOR_ACCOUNT,
    }
    return tuple({**values, **change}.values())


def signed(world: World, by: str = "anchor", change: dict | None = None, **domain) -> bytes:
    return Actor(by).sign(world.commit_digest(*commit_values(world, **(change or {})), **domain))


SIGNATURES = {
    "none": lambda w: b"",
    "short": lambda w: signed(w)[:64],
    "long": lambda w: signed(w) + b"\x00",
    "all zero": lambda w: bytes(65),
    "high s": lambda w: Actor("anchor").sign_high_s(w.commit_digest(*commit_values(w))),
    "v 0 or 1": lambda w: signed(w)[:64] + bytes([signed(w)[64] - 27]),
    "of another bound key": lambda w: signed(w, by="status"),
    "for another chain": lambda w: signed(w, chain_id=1),
    "for another log": lambda w: signed(w, contract=w.registry.address),
    "for the registry's domain": lambda w: signed(w, name="IssuerRegistry"),
    "for another entity": lambda w: signed(w, change={"issuer_id": w.root_id}),
    "for another size before": lambda w: signed(w, change={"prev_size": 1}),
    "for another root": lambda w: signed(w, change={"root": sha(2)}),
    "for another size": lambda w: signed(w, change={"size": 257}),
    "for another deadline": lambda w: signed(w, change={"deadline": w.now + 61}),
    "for another account": lambda w: signed(w, change={"account": Actor("status").address}),
}


@pytest.mark.parametrize("what", SIGNATURES)
def test_a_relayed_commit_is_the_accounts_own_word(world: World, what: str) -> None:
    signature = SIGNATURES[what](world)
    with world.reverts("OrderSignatureInvalid", world.issuer_id, ANCHOR_ACCOUNT):
        world.send(world.log, "commitFor", *commit_values(world), signature, by="relayer")


def test_a_relayed_commit_is_judged_like_a_direct_one(world: World) -> None:
    status = Actor("status").address
    with world.reverts("AccountKeyLacksPurpose", status, 2, 1):
        values = commit_values(world, account=status)
        world.send(world.log, "commitFor", *values, Actor("status").sign(world.commit_digest(*values)), by="relayer")
    with world.reverts("AccountKeyUnbound", Actor("stranger").address):
        values = commit_values(world, account=Actor("stranger").address)
        world.send(world.log, "commitFor", *values, Actor("stranger").sign(world.commit_digest(*values)), by="relayer")


def test_a_wallet_that_is_a_contract_commits_by_its_word(world: World) -> None:
    """One that says yes to all was bound by its entity, who answers for it; one that says no is heard."""
    yes = world.deploy_code(bytes.fromhex("7f1626ba7e" + "00" * 28 + "5f5260205ff3"))
    arguments = (world.issuer_id, yes, 1, 0, 0, b"")
    world.send(world.registry, "bindAccountKey", *arguments, by="controller")
    relayed(world, 0, sha(1), 256, world.now, account=yes, signature=b"x")
    assert world.view(world.log, "checkpointOf", world.issuer_id, sha(1))["keyNo"] == 3
    no = world.deploy_code(bytes.fromhex("5f5f5260205ff3"))
    with world.reverts("OrderSignatureInvalid", world.issuer_id, no):
        relayed(world, 256, sha(2), 512, world.now, account=no, signature=b"x")


def test_an_account_with_delegated_code_still_signs_with_its_key(world: World) -> None:
    """EIP-7702 puts code at an account that has a private key; here code that says no."""
    chain = world.chain
    vm = chain.get_vm(chain.header)
    vm.state.set_code(Actor("anchor").canonical, bytes.fromhex("5f5f5260205ff3"))
    vm.state.persist()
    chain.header = chain.header.copy(state_root=vm.state.state_root)
    relayed(world, 0, sha(1), 256, world.now)
    assert world.view(world.log, "headOf", world.issuer_id)["size"] == 256


def test_pause_stops_checkpoints_and_nothing_else(world: World) -> None:
    world.commit(0, sha(1), 256)
    world.set_status(7, 4)
    world.send(world.log, "pause", by="root")
    with world.reverts("IsPaused"):
        world.commit(256, sha(2), 512)
    with world.reverts("IsPaused"):
        relayed(world, 256, sha(2), 512, world.now)
    for index, kind, successor in ((1, 1, 2), (2, 2, 3), (3, 3, 0), (4, 4, 0), (7, 5, 0)):
        world.set_status(index, kind, successor)
    world.send(world.log, "revokeMany", world.issuer_id, [0], [2**255], by="status")
    assert world.view(world.log, "statusOf", world.issuer_id, 255)["revoked"]
    world.send(world.log, "unpause", by="root")
    world.commit(256, sha(2), 512)


def test_a_log_needs_a_registry(world: World) -> None:
    assert world.view(world.log, "registry") == world.registry.address
    with pytest.raises(RevertedError, match="RegistryInvalid"):
        world.deploy(load("PassportLog"), Actor("stranger").address)
