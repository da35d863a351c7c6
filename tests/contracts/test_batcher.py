"""The batcher: what the log refuses is reported, and spoils nothing for the others."""

from __future__ import annotations

import pytest
from eth_abi.abi import decode
from evm_world import Actor, Event, RevertedError, World, selector, sha

from contracts import load

YES = bytes.fromhex("7f1626ba7e" + "00" * 28 + "5f5260205ff3")
# Wallets that eat what they get (an endless loop, INVALID), answer a megabyte, or call back into the batcher.
LOOP = bytes.fromhex("5b5f56")
INVALID = bytes.fromhex("fe")
BOMB = bytes.fromhex("62100000" + "5f" + "fd")


@pytest.fixture
def crowd(world: World) -> World:
    """Six issuers with an anchoring account each; `issuer N` anchors for the N-th."""
    world.issuers = []
    for number in range(6):
        controller = f"issuer {number}"
        world.fund(controller)
        issuer_id = world.register(f"MEMBER{number}", controller=controller)
        world.bind(controller, issuer_id=issuer_id, by=controller)
        world.issuers.append(issuer_id)
    return world


def order(world: World, number: int, **change) -> tuple:
    fields = {"prev": 0, "root": sha(number + 1), "size": 256, "deadline": world.now + 600, **change}
    account = fields.get("account", Actor(f"issuer {number}").address)
    values = (world.issuers[number], fields["prev"], fields["root"], fields["size"], fields["deadline"], account)
    signature = fields.get("signature")
    if signature is None:
        signature = Actor(f"issuer {number}").sign(world.commit_digest(*values))
    return (*values, signature)


def reason(name: str) -> bytes:
    entries = [dict(e) for n in ("PassportLog", "IssuerRegistry") for e in load(n).abi if e["type"] == "error"]
    return selector(next(e for e in entries if e["name"] == name))


def skipped(result) -> dict[int, bytes]:
    """The error's selector by position."""
    return {e.arguments["position"]: e.arguments["reason"][:4] for e in result.events if e.name == "OrderSkipped"}


def test_many_issuers_in_one_transaction(crowd: World) -> None:
    world = crowd
    result = world.send(world.batcher, "commitMany", [order(world, n) for n in range(6)], by="relayer")
    assert result.output == 6
    assert [event.name for event in result.events] == ["Committed"] * 6
    for number, issuer_id in enumerate(world.issuers):
        assert world.view(world.log, "checkpointOf", issuer_id, sha(number + 1))["size"] == 256
    assert result.gas_used / 6 < 80_326  # cheaper than each for itself, first commits as they are


def test_what_is_refused_is_reported_and_the_rest_goes_on(crowd: World) -> None:
    world = crowd
    world.send(world.log, "commit", world.issuers[1], 0, sha(0x51), 256, by="issuer 1")
    world.send(world.registry, "suspend", world.issuers[4], by="root")
    orders = [
        order(world, 0),
        order(world, 1),  # stale: it committed by itself meanwhile
        order(world, 2, deadline=world.now - 1),
        order(world, 3, signature=b"x" * 65),
        order(world, 4),
        order(world, 5),
    ]
    result = world.send(world.batcher, "commitMany", orders, by="relayer")
    assert result.output == 2
    assert skipped(result) == {
        1: reason("CommitStale"),
        2: reason("OrderExpired"),
        3: reason("OrderSignatureInvalid"),
        4: reason("IssuerIsSuspended"),
    }
    stale = next(e for e in result.events if e.arguments.get("position") == 1)
    assert decode(["bytes32", "uint48", "uint48"], stale.arguments["reason"][4:]) == (world.issuers[1], 0, 256)
    assert stale.arguments["issuerId"] == world.issuers[1]
    for number in (0, 5):
        assert world.view(world.log, "headOf", world.issuers[number])["size"] == 256


@pytest.mark.parametrize("code", [LOOP, INVALID, BOMB], ids=["loops", "burns all", "answers a megabyte"])
def test_a_wallet_cannot_eat_the_batch(crowd: World, code: bytes) -> None:
    """It says yes while it is bound, and changes its code afterwards: EIP-7702 and proxies can."""
    world = crowd
    wallet = world.deploy_code(YES)
    world.send(world.registry, "bindAccountKey", world.issuers[1], wallet, 1, 0, 0, b"", by="issuer 1")
    vm = world.chain.get_vm(world.chain.header)
    vm.state.set_code(bytes.fromhex(wallet[2:]), code)
    vm.state.persist()
    world.chain.header = world.chain.header.copy(state_root=vm.state.state_root)
    bad = order(world, 1, account=wallet, signature=b"x")
    result = world.send(world.batcher, "commitMany", [order(world, 0), bad, order(world, 2)], by="relayer")
    assert result.output == 2
    assert list(skipped(result)) == [1]
    assert result.gas_used < 2 * 90_000 + 330_000
    assert world.view(world.batcher, "GAS_PER_ORDER") == 300_000


def test_the_same_order_twice_counts_once(crowd: World) -> None:
    result = crowd.send(crowd.batcher, "commitMany", [order(crowd, 0), order(crowd, 0)], by="relayer")
    assert (result.output, skipped(result)) == (1, {1: reason("CommitStale")})


def test_a_signature_of_many_kilobytes_is_not_passed_on(crowd: World) -> None:
    long = order(crowd, 1, signature=b"x" * 4097)
    result = crowd.send(crowd.batcher, "commitMany", [long, order(crowd, 0)], by="relayer")
    error = next(dict(e) for e in load("Batcher").abi if e.get("name") == "SignatureTooLong")
    assert (result.output, skipped(result)) == (1, {0: selector(error)})
    within = order(crowd, 1, signature=b"x" * 4096)
    result = crowd.send(crowd.batcher, "commitMany", [within], by="relayer")
    assert skipped(result) == {0: reason("OrderSignatureInvalid")}


def test_what_the_gas_does_not_reach_for_is_not_tried(crowd: World) -> None:
    """With too little for one more order nobody's order fails for want of gas that was not its own."""
    orders = [order(crowd, n) for n in range(6)]
    result = crowd.send(crowd.batcher, "commitMany", orders, by="relayer", gas=600_000)
    tried = crowd.view(crowd.log, "headOf", crowd.issuers[0])["seq"] and result.output
    assert 0 < tried < 6
    assert result.events[-1] == Event("OrdersNotTried", {"position": tried})
    assert skipped(result) == {}
    with pytest.raises(RevertedError, match="BatchEmpty"):
        crowd.send(crowd.batcher, "commitMany", orders, by="relayer", gas=350_000)


def test_an_empty_batch_is_a_mistake(crowd: World) -> None:
    with pytest.raises(RevertedError, match="BatchEmpty") as caught:
        crowd.send(crowd.batcher, "commitMany", [], by="relayer")
    assert caught.value.arguments[0] == 0


def test_a_paused_log_takes_none(crowd: World) -> None:
    crowd.send(crowd.log, "pause", by="root")
    result = crowd.send(crowd.batcher, "commitMany", [order(crowd, n) for n in range(3)], by="relayer")
    assert (result.output, len(skipped(result))) == (0, 3)


def test_a_batcher_needs_a_log(crowd: World) -> None:
    assert crowd.view(crowd.batcher, "log") == crowd.log.address
    with pytest.raises(RevertedError, match="LogInvalid"):
        crowd.deploy(load("Batcher"), Actor("stranger").address)
