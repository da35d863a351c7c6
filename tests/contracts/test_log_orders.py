"""Relayed statuses: signed by the account, sent by anybody, once each and in the order of their lane."""

from __future__ import annotations

import pytest
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak
from evm_world import CHAIN_ID, REINSTATED, REVOKED, SUSPENDED, Actor, Event, World, sha

ACCOUNT = Actor("status").address
LANE = 1 << 64


@pytest.fixture
def logged(world: World) -> World:
    world.commit(0, sha(1), 256)
    return world


def values_of(world: World, kind: int, nonce: int = 0, **change) -> tuple:
    fields = {"index": 3, "next": 0, "reason": sha(0xEA), "deadline": world.now + 60, "account": ACCOUNT, **change}
    head = (world.issuer_id, fields["index"], kind, fields["next"], fields["reason"])
    return (*head, nonce, fields["deadline"], fields["account"])


def order(world: World, kind: int, nonce: int = 0, *, by: str = "relayer", signature: bytes | None = None, **change):
    values = values_of(world, kind, nonce, **change)
    signed = Actor("status").sign(world.status_digest(*values)) if signature is None else signature
    return world.send(world.log, "setStatusFor", *values, signed, by=by)


def test_relayed_status(logged: World) -> None:
    world = logged
    result = order(world, SUSPENDED)
    facts = {"issuerId": world.issuer_id, "index": 3, "kind": SUSPENDED, "next": 0, "reasonHash": sha(0xEA), "keyNo": 2}
    assert result.events == [Event("StatusSet", facts)]
    assert world.view(world.log, "statusOf", world.issuer_id, 3)["suspended"]
    assert world.view(world.log, "nonceOf", ACCOUNT, 0) == 1


def test_the_message_is_the_one_wallets_show(logged: World) -> None:
    fields = [("issuerId", "bytes32"), ("index", "uint48"), ("kind", "uint8"), ("next", "uint48")]
    fields += [("reasonHash", "bytes32"), ("nonce", "uint256"), ("deadline", "uint40"), ("account", "address")]
    values = values_of(logged, REVOKED)
    message = encode_typed_data(
        domain_data={
            "name": "carbon-passport PassportLog",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": logged.log.address,
        },
        message_types={"SetStatus": [{"name": name, "type": kind} for name, kind in fields]},
        message_data=dict(zip((name for name, _ in fields), values, strict=True)),
    )
    assert keccak(b"\x19" + message.version + message.header + message.body) == logged.status_digest(*values)


def test_an_old_order_does_not_come_back(logged: World) -> None:
    """Suspended, reinstated, and then the first order sent again: the reason why statuses have nonces."""
    world = logged
    deadline = world.now + 1000
    order(world, SUSPENDED, 0, deadline=deadline)
    order(world, REINSTATED, 1, deadline=deadline)
    with world.reverts("OrderNonceInvalid", ACCOUNT, 0, 2):
        order(world, SUSPENDED, 0, deadline=deadline)
    assert not world.view(world.log, "statusOf", world.issuer_id, 3)["suspended"]


def test_lanes_do_not_wait_for_each_other(logged: World) -> None:
    world = logged
    order(world, SUSPENDED, 7 * LANE)
    order(world, SUSPENDED, 0, index=4)
    order(world, REINSTATED, 7 * LANE + 1)
    assert world.view(world.log, "nonceOf", ACCOUNT, 7) == 7 * LANE + 2
    for nonce, expected in ((2, 1), (7 * LANE, 7 * LANE + 2), (9 * LANE + 1, 9 * LANE), (2**256 - 1, 2**256 - LANE)):
        with world.reverts("OrderNonceInvalid", ACCOUNT, nonce, expected):
            order(world, REVOKED, nonce)
    order(world, REVOKED, (2**192 - 1) * LANE)


def test_nobody_uses_up_anothers_nonces(logged: World) -> None:
    """Neither a stranger, nor another key of the same entity, nor an order that fails."""
    world = logged
    for signature in (b"", Actor("stranger").sign(world.status_digest(*values_of(world, REVOKED)))):
        with world.reverts("OrderSignatureInvalid", world.issuer_id, ACCOUNT):
            order(world, REVOKED, signature=signature)
    with world.reverts("AccountKeyUnbound", Actor("stranger").address):
        values = values_of(world, REVOKED, account=Actor("stranger").address)
        signature = Actor("stranger").sign(world.status_digest(*values))
        world.send(world.log, "setStatusFor", *values, signature, by="stranger")
    with world.reverts("StatusIsNotSuspended", world.issuer_id, 3):
        order(world, REINSTATED)
    assert world.view(world.log, "nonceOf", ACCOUNT, 0) == 0
    order(world, REVOKED)


def test_the_deadline_is_the_last_second(logged: World) -> None:
    deadline = logged.now + 100
    logged.now = deadline + 1
    with logged.reverts("OrderExpired", deadline, deadline + 1):
        order(logged, REVOKED, deadline=deadline)
    logged.now = deadline + 100
    order(logged, REVOKED, deadline=logged.now)


SIGNATURES = {
    "high s": lambda w, v: Actor("status").sign_high_s(w.status_digest(*v)),
    "short": lambda w, v: Actor("status").sign(w.status_digest(*v))[:64],
    "of another bound key": lambda w, v: Actor("anchor").sign(w.status_digest(*v)),
    "for another chain": lambda w, v: Actor("status").sign(w.status_digest(*v, chain_id=1)),
    "for another log": lambda w, v: Actor("status").sign(w.status_digest(*v, contract=w.registry.address)),
    "for another entry": lambda w, v: Actor("status").sign(w.status_digest(v[0], 4, *v[2:])),
    "for another kind": lambda w, v: Actor("status").sign(w.status_digest(*v[:2], SUSPENDED, *v[3:])),
    "for another reason": lambda w, v: Actor("status").sign(w.status_digest(*v[:4], sha(1), *v[5:])),
    "for another nonce": lambda w, v: Actor("status").sign(w.status_digest(*v[:5], 1, *v[6:])),
    "for another deadline": lambda w, v: Actor("status").sign(w.status_digest(*v[:6], v[6] + 1, v[7])),
}


@pytest.mark.parametrize("what", SIGNATURES)
def test_a_relayed_status_is_the_accounts_own_word(logged: World, what: str) -> None:
    values = values_of(logged, REVOKED)
    signature = SIGNATURES[what](logged, values)
    with logged.reverts("OrderSignatureInvalid", logged.issuer_id, ACCOUNT):
        order(logged, REVOKED, signature=signature)


def test_a_relayed_status_is_judged_like_a_direct_one(logged: World) -> None:
    world, anchor = logged, Actor("anchor").address
    values = values_of(world, REVOKED, account=anchor)
    with world.reverts("AccountKeyLacksPurpose", anchor, 1, 2):
        signature = Actor("anchor").sign(world.status_digest(*values))
        world.send(world.log, "setStatusFor", *values, signature, by="relayer")
    world.send(world.log, "pause", by="root")
    order(world, SUSPENDED, 0)
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    with world.reverts("IssuerIsSuspended", world.issuer_id, world.last):
        order(world, REINSTATED, 1)
    order(world, REVOKED, 1)
