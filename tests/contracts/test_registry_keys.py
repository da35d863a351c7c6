"""Keys: binding with consent, windows, retirement, compromise, and what is true at which second."""

from __future__ import annotations

import pytest
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak
from evm_world import ANCHOR, CHAIN_ID, STATUS, Actor, Event, World, sha

OTHER = Actor("other")
ANCHOR_ACCOUNT = Actor("anchor").address
MAX_TIME = 2**40 - 1


def bind(world: World, signature: bytes, *, account: str = OTHER.address, purposes: int = ANCHOR, until: int = 0):
    arguments = (world.issuer_id, account, purposes, 0, until, signature)
    return world.send(world.registry, "bindAccountKey", *arguments, by="controller")


def consent(world: World, **domain) -> bytes:
    return world.bind_digest(world.issuer_id, OTHER.address, ANCHOR, 0, 0, **domain)


def test_bind_account_key(world: World) -> None:
    time = world.now
    result = world.bind("other", purposes=ANCHOR | STATUS, start=time + 100, until=time + 200)
    facts = {
        "issuerId": world.issuer_id,
        "account": OTHER.address,
        "keyNo": 3,
        "purposes": 3,
        "from": time + 100,
        "until": time + 200,
    }
    assert result.output == 3
    assert result.events == [Event("AccountKeyBound", facts)]
    assert world.view(world.registry, "accountKeyOf", OTHER.address) == {
        "issuerNo": 2,
        "keyNo": 3,
        "from": time + 100,
        "until": time + 200,
        "badFrom": 0,
        "purposes": 3,
    }
    assert world.view(world.registry, "badFromOf", 3) == 0


def test_the_message_is_the_one_wallets_show(world: World) -> None:
    """Another implementation of EIP-712 makes the same digest."""
    message = encode_typed_data(
        domain_data={
            "name": "carbon-passport IssuerRegistry",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": world.registry.address,
        },
        message_types={
            "BindAccountKey": [
                {"name": "issuerId", "type": "bytes32"},
                {"name": "account", "type": "address"},
                {"name": "purposes", "type": "uint8"},
                {"name": "from", "type": "uint40"},
                {"name": "until", "type": "uint40"},
            ]
        },
        message_data={"issuerId": world.issuer_id, "account": OTHER.address, "purposes": 1, "from": 0, "until": 0},
    )
    digest = keccak(b"\x19" + message.version + message.header + message.body)
    assert digest == consent(world)
    bind(world, OTHER.sign(digest))
    domain = world.view(world.registry, "eip712Domain")
    assert (domain["name"], domain["version"], domain["chainId"], domain["verifyingContract"]) == (
        "carbon-passport IssuerRegistry",
        "1",
        CHAIN_ID,
        world.registry.address,
    )


SIGNATURES = {
    "none": lambda w: b"",
    "short": lambda w: OTHER.sign(consent(w))[:64],
    "long": lambda w: OTHER.sign(consent(w)) + b"\x00",
    "all zero": lambda w: bytes(65),
    "high s": lambda w: OTHER.sign_high_s(consent(w)),
    "v 0 or 1": lambda w: OTHER.sign(consent(w))[:64] + bytes([OTHER.sign(consent(w))[64] - 27]),
    "of the controller": lambda w: Actor("controller").sign(consent(w)),
    "for another chain": lambda w: OTHER.sign(consent(w, chain_id=1)),
    "for another registry": lambda w: OTHER.sign(consent(w, contract=w.log.address)),
    "for the log's domain": lambda w: OTHER.sign(consent(w, name="PassportLog")),
    "for another entity": lambda w: OTHER.sign(w.bind_digest(w.root_id, OTHER.address, ANCHOR, 0, 0)),
    "for another account": lambda w: OTHER.sign(w.bind_digest(w.issuer_id, ANCHOR_ACCOUNT, ANCHOR, 0, 0)),
    "for another purpose": lambda w: OTHER.sign(w.bind_digest(w.issuer_id, OTHER.address, STATUS, 0, 0)),
    "from another time": lambda w: OTHER.sign(w.bind_digest(w.issuer_id, OTHER.address, ANCHOR, 1, 0)),
    "until another time": lambda w: OTHER.sign(w.bind_digest(w.issuer_id, OTHER.address, ANCHOR, 0, MAX_TIME)),
}


@pytest.mark.parametrize("what", SIGNATURES)
def test_an_account_is_bound_by_its_own_word_only(world: World, what: str) -> None:
    with world.reverts("AccountKeySignatureInvalid", world.issuer_id, OTHER.address):
        bind(world, SIGNATURES[what](world))


def test_a_binding_is_for_ever(world: World) -> None:
    """Neither another entity nor, after retirement, the same one can bind the account again."""
    with world.reverts("AccountKeyAlreadyBound", ANCHOR_ACCOUNT, world.issuer_id):
        world.bind("anchor", issuer_id=world.root_id, by="root")
    world.send(world.registry, "retireAccountKey", ANCHOR_ACCOUNT, by="controller")
    with world.reverts("AccountKeyAlreadyBound", ANCHOR_ACCOUNT, world.issuer_id):
        world.bind("anchor")


def test_the_zero_account_is_nobody(world: World) -> None:
    with world.reverts("AccountKeyInvalid", "0x" + "00" * 20):
        bind(world, bytes(65), account="0x" + "00" * 20)


@pytest.mark.parametrize("purposes", [0, 4, 7, 255])
def test_account_purposes(world: World, purposes: int) -> None:
    with world.reverts("KeyPurposesInvalid", purposes, 3):
        world.bind("other", purposes=purposes)


@pytest.mark.parametrize("purposes", [0, 2, 3, 255])
def test_credential_purposes(world: World, purposes: int) -> None:
    with world.reverts("KeyPurposesInvalid", purposes, 1):
        world.send(world.registry, "bindCredentialKey", world.issuer_id, sha(7), purposes, 0, 0, by="controller")


def test_no_binding_reaches_back(world: World) -> None:
    time = world.now
    world.bind("other", start=1)
    assert world.view(world.registry, "accountKeyOf", OTHER.address)["from"] == time
    assert not world.view(world.registry, "authorisedAt", OTHER.address, time - 1)
    time = world.now
    world.send(world.registry, "bindCredentialKey", world.issuer_id, sha(7), 1, 1, 0, by="controller")
    key = world.view(world.registry, "credentialKeyOf", world.issuer_id, sha(7))
    assert (key["boundAt"], key["from"]) == (time, time)


@pytest.mark.parametrize(("start", "until"), [(0, 0), (0, -5), (100, 100), (100, 99)])
def test_empty_windows(world: World, start: int, until: int) -> None:
    """Offsets from the time of the block; a start of 0 stands for that time."""
    time = world.now
    with world.reverts("KeyWindowEmpty", time + start, time + until):
        world.bind("other", start=time + start if start else 0, until=time + until)
    world.now = time + 12
    with world.reverts("KeyWindowEmpty", time + 12 + start, time + 12 + until):
        arguments = (world.issuer_id, sha(7), 1, time + 12 + start if start else 0, time + 12 + until)
        world.send(world.registry, "bindCredentialKey", *arguments, by="controller")


def test_bind_credential_key(world: World) -> None:
    time = world.now
    arguments = (world.issuer_id, sha(7), 1, time + 5, time + 9)
    result = world.send(world.registry, "bindCredentialKey", *arguments, by="controller")
    facts = {"issuerId": world.issuer_id, "keyHash": sha(7), "purposes": 1, "from": time + 5, "until": time + 9}
    assert result.events == [Event("CredentialKeyBound", facts)]
    assert world.view(world.registry, "credentialKeyOf", world.issuer_id, sha(7)) == {
        "boundAt": time,
        "from": time + 5,
        "until": time + 9,
        "badFrom": 0,
        "purposes": 1,
    }
    with world.reverts("CredentialKeyAlreadyBound", world.issuer_id, sha(7)):
        world.send(world.registry, "bindCredentialKey", *arguments, by="controller")
    with world.reverts("CredentialKeyInvalid", sha(0)):
        world.send(world.registry, "bindCredentialKey", world.issuer_id, sha(0), 1, 0, 0, by="controller")


def test_nobody_can_squat_anothers_credential_key(world: World) -> None:
    """Each entity binds the same hash for itself; what one says of it does not touch the other."""
    world.send(world.registry, "bindCredentialKey", world.root_id, world.credential_hash, 1, 0, 0, by="root")
    world.send(world.registry, "retireCredentialKey", world.root_id, world.credential_hash, by="root")
    key = (world.credential_hash, world.last)
    assert world.view(world.registry, "credentialAuthorisedAt", world.issuer_id, *key) is True
    assert world.view(world.registry, "credentialAuthorisedAt", world.root_id, *key) is False


def test_absent_keys_are_not_zeroed_records(world: World) -> None:
    with world.reverts("AccountKeyUnbound", OTHER.address):
        world.view(world.registry, "accountKeyOf", OTHER.address)
    with world.reverts("CredentialKeyUnbound", world.root_id, world.credential_hash):
        world.view(world.registry, "credentialKeyOf", world.root_id, world.credential_hash)
    assert world.view(world.registry, "authorisedAt", OTHER.address, world.last) is False
    assert world.view(world.registry, "credentialAuthorisedAt", sha(9), sha(9), world.last) is False
    for function, arguments in (
        ("retireCredentialKey", (world.issuer_id, sha(7))),
        ("reportCredentialKeyCompromise", (world.issuer_id, sha(7), 1)),
    ):
        with world.reverts("CredentialKeyUnbound", world.issuer_id, sha(7)):
            world.send(world.registry, function, *arguments, by="controller")
    for function, arguments in (("retireAccountKey", ()), ("reportAccountKeyCompromise", (1,))):
        with world.reverts("AccountKeyUnbound", OTHER.address):
            world.send(world.registry, function, OTHER.address, *arguments, by="controller")


def test_the_window_at_its_edges(world: World) -> None:
    start, until = world.now + 100, world.now + 200
    world.bind("other", start=start, until=until)
    arguments = (world.issuer_id, sha(7), 1, start, until)
    world.send(world.registry, "bindCredentialKey", *arguments, by="controller")
    later = until + 1000
    for time, good in ((start - 1, False), (start, True), (until - 1, True), (until, False)):
        assert world.view(world.registry, "authorisedAt", OTHER.address, time, at=later) is good
        key = (world.issuer_id, sha(7), time)
        assert world.view(world.registry, "credentialAuthorisedAt", *key, at=later) is good


@pytest.mark.parametrize("function", ["authorisedAt", "credentialAuthorisedAt"])
def test_the_future_is_not_judged(world: World, function: str) -> None:
    key = (ANCHOR_ACCOUNT,) if function == "authorisedAt" else (world.issuer_id, world.credential_hash)
    assert world.view(world.registry, function, *key, world.last) is True
    with world.reverts("TimeNotReached", world.last + 1, world.last):
        world.view(world.registry, function, *key, world.last + 1)


def key_calls(world: World, kind: str) -> tuple[str, tuple, dict]:
    """The name, arguments and facts of either kind of key of the usual issuer."""
    if kind == "account":
        return "AccountKey", (ANCHOR_ACCOUNT,), {"issuerId": world.issuer_id, "account": ANCHOR_ACCOUNT}
    key = (world.issuer_id, world.credential_hash)
    return "CredentialKey", key, {"issuerId": world.issuer_id, "keyHash": world.credential_hash}


def stored(world: World, kind: str) -> dict:
    name, key, _ = key_calls(world, kind)
    return world.view(world.registry, f"{name[0].lower()}{name[1:]}Of", *key)


def good_at(world: World, kind: str, time: int) -> bool:
    function = "authorisedAt" if kind == "account" else "credentialAuthorisedAt"
    return world.view(world.registry, function, *key_calls(world, kind)[1], time, at=max(time, world.last))


@pytest.mark.parametrize("kind", ["account", "credential"])
def test_retire(world: World, kind: str) -> None:
    name, key, facts = key_calls(world, kind)
    time = world.now
    result = world.send(world.registry, f"retire{name}", *key, by="controller")
    assert result.events == [Event(f"{name}Retired", {**facts, "until": time})]
    assert stored(world, kind)["until"] == time
    assert good_at(world, kind, time - 1)
    assert not good_at(world, kind, time)
    with world.reverts("KeyAlreadyEnded", time):
        world.send(world.registry, f"retire{name}", *key, by="controller")


@pytest.mark.parametrize("kind", ["account", "credential"])
def test_retire_while_suspended(world: World, kind: str) -> None:
    name, key, _ = key_calls(world, kind)
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    world.send(world.registry, f"retire{name}", *key, by="controller")
    assert stored(world, kind)["until"] == world.last


def test_retire_shortens_a_window_and_never_opens_one(world: World) -> None:
    until = world.now + 100
    world.bind("other", until=until)
    world.send(world.registry, "retireAccountKey", OTHER.address, by="controller")
    assert world.view(world.registry, "accountKeyOf", OTHER.address)["until"] == world.last < until
    world.bind("stranger", until=world.now + 1)
    ended = world.last + 1
    with world.reverts("KeyAlreadyEnded", ended):
        world.send(world.registry, "retireAccountKey", Actor("stranger").address, by="controller")


def test_a_key_retired_before_it_began_never_was_good(world: World) -> None:
    start = world.now + 1000
    world.bind("other", start=start)
    world.send(world.registry, "retireAccountKey", OTHER.address, by="controller")
    assert not world.view(world.registry, "authorisedAt", OTHER.address, start, at=start + 1)


@pytest.mark.parametrize("by", ["stranger", "anchor", "root"])
def test_only_the_controller_retires_accounts(world: World, by: str) -> None:
    with world.reverts("IssuerUnauthorized", world.issuer_id, Actor(by).address):
        world.send(world.registry, "retireAccountKey", ANCHOR_ACCOUNT, by=by)


@pytest.mark.parametrize("by", ["stranger", "anchor"])
def test_only_controller_and_vouchers_report_accounts(world: World, by: str) -> None:
    with world.reverts("IssuerUnauthorized", world.issuer_id, Actor(by).address):
        world.send(world.registry, "reportAccountKeyCompromise", ANCHOR_ACCOUNT, 1, by=by)


@pytest.mark.parametrize("by", ["controller", "root"])
@pytest.mark.parametrize("kind", ["account", "credential"])
def test_compromise_reaches_back_and_only_back(world: World, kind: str, by: str) -> None:
    name, key, facts = key_calls(world, kind)
    report = f"report{name}Compromise"
    world.now += 1000
    time = world.now
    with world.reverts("BadFromInvalid", time + 1, 0, time):
        world.send(world.registry, report, *key, time + 1, by=by)
    with world.reverts("BadFromInvalid", 0, 0, time + 12):
        world.send(world.registry, report, *key, 0, by=by)
    result = world.send(world.registry, report, *key, time, by=by)
    assert result.events == [Event(f"{name}Compromised", {**facts, "badFrom": time, "by": Actor(by).address})]
    assert good_at(world, kind, time - 1)
    assert not good_at(world, kind, time)
    for later in (time, time + 1):
        now = world.now
        with world.reverts("BadFromInvalid", later, time, now):
            world.send(world.registry, report, *key, later, by=by)
    world.send(world.registry, report, *key, time - 500, by=by)
    assert stored(world, kind)["badFrom"] == time - 500
    assert world.view(world.registry, "badFromOf", 1) == (time - 500 if kind == "account" else 0)
    assert good_at(world, kind, time - 501)
    assert not good_at(world, kind, time - 500)


def test_compromise_may_be_reported_for_this_very_second(world: World) -> None:
    world.send(world.registry, "reportAccountKeyCompromise", ANCHOR_ACCOUNT, world.now, by="controller")
    assert world.view(world.registry, "accountKeyOf", ANCHOR_ACCOUNT)["badFrom"] == world.last


@pytest.mark.parametrize("kind", ["account", "credential"])
def test_suspensions_are_holes_in_time(world: World, kind: str) -> None:
    """Seven in a row, one of them within a second, and one that goes on."""
    holes = []
    for _ in range(7):
        begins = world.now
        world.send(world.registry, "suspend", world.issuer_id, by="root")
        world.now += 60
        ends = world.now
        world.send(world.registry, "reinstate", world.issuer_id, by="root")
        holes.append((begins, ends))
    with world.one_block():
        world.send(world.registry, "suspend", world.issuer_id, by="root")
        world.send(world.registry, "reinstate", world.issuer_id, by="root")
    assert world.view(world.registry, "pastSuspensionCount", world.issuer_id) == 8
    assert good_at(world, kind, world.last)
    for begins, ends in holes:
        answers = [good_at(world, kind, time) for time in (begins - 1, begins, ends - 1, ends)]
        assert answers == [True, False, False, True]
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    assert good_at(world, kind, world.last - 1)
    assert not good_at(world, kind, world.last)
    assert not good_at(world, kind, world.last + 10**6)


def test_a_suspended_entity_binds_nothing(world: World) -> None:
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    since = world.last
    with world.reverts("IssuerIsSuspended", world.issuer_id, since):
        world.bind("other")
    with world.reverts("IssuerIsSuspended", world.issuer_id, since):
        world.send(world.registry, "bindCredentialKey", world.issuer_id, sha(7), 1, 0, 0, by="controller")


MAGIC = "1626ba7e"
WALLETS = {
    "says yes": ("7f" + MAGIC + "00" * 28 + "5f5260205ff3", True),
    "says no": ("7fffffffff" + "00" * 28 + "5f5260205ff3", False),
    "says yes and more": ("7f" + MAGIC + "00" * 27 + "01" + "5f5260205ff3", False),
    "says too little": ("7f" + MAGIC + "00" * 28 + "5f5260045ff3", False),
    "says nothing": ("00", False),
    "reverts with yes": ("7f" + MAGIC + "00" * 28 + "5f5260205ffd", False),
    "tries to write first": ("60015f55" + "7f" + MAGIC + "00" * 28 + "5f5260205ff3", False),
}


@pytest.mark.parametrize("what", WALLETS)
def test_wallets_that_are_contracts(world: World, what: str) -> None:
    """ERC-1271: exactly the magic word in 32 bytes counts, and the wallet cannot change anything while it is asked."""
    code, accepted = WALLETS[what]
    wallet = world.deploy_code(bytes.fromhex(code))
    if accepted:
        bind(world, b"anything", account=wallet)
        assert world.view(world.registry, "accountKeyOf", wallet)["keyNo"] == 3
    else:
        with world.reverts("AccountKeySignatureInvalid", world.issuer_id, wallet):
            bind(world, b"anything", account=wallet)
