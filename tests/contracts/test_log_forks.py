"""Forks: a log that contradicts itself is frozen by whoever can show it, and by nobody else."""

from __future__ import annotations

import hashlib

import pytest
import rfc9162_reference as rfc
from evm_world import Actor, Event, World, sha


def entry(number: int) -> bytes:
    return hashlib.sha256(b"forked %d" % number).digest()


HONEST = [entry(number) for number in range(20)]
FORGED = [*HONEST[:5], entry(-1), *HONEST[6:20], *(entry(n) for n in range(20, 33))]
FIRST, SECOND = rfc.root(HONEST), rfc.root(FORGED)


def fork(index: int = 5, first: list[bytes] = HONEST, second: list[bytes] = FORGED) -> list:
    """The arguments of `proveFork` after the issuer."""
    proofs = [(rfc.root(log), log[index], rfc.inclusion(index, log)) for log in (first, second)]
    return [index, *proofs[0], *proofs[1]]


@pytest.fixture
def split(world: World) -> World:
    """A log whose second checkpoint replaced the sixth entry of the first: a split view."""
    world.commit(0, FIRST, len(HONEST))
    world.commit(len(HONEST), SECOND, len(FORGED))
    return world


def prove(world: World, arguments: list, *, issuer_id: bytes | None = None):
    return world.send(world.log, "proveFork", issuer_id or world.issuer_id, *arguments, by="stranger")


def test_prove_fork(split: World) -> None:
    world, time = split, split.now
    head = world.view(world.log, "headOf", world.issuer_id)
    result = prove(world, fork())
    facts = {
        "issuerId": world.issuer_id,
        "firstRoot": FIRST,
        "secondRoot": SECOND,
        "index": 5,
        "firstEntry": HONEST[5],
        "secondEntry": FORGED[5],
    }
    assert result.events == [Event("ForkProven", facts)]
    stored = {"firstRoot": FIRST, "secondRoot": SECOND, "index": 5, "time": time}
    assert world.view(world.log, "forkOf", world.issuer_id) == stored
    assert world.view(world.log, "headOf", world.issuer_id) == {**head, "frozenAt": time}


def test_frozen_is_for_good_and_statuses_go_on(split: World) -> None:
    world = split
    prove(world, fork())
    since = world.last
    with world.reverts("LogIsFrozen", world.issuer_id, since):
        world.commit(len(FORGED), sha(3), 256)
    account = Actor("anchor").address
    values = (world.issuer_id, len(FORGED), sha(3), 256, world.now, account)
    signature = Actor("anchor").sign(world.commit_digest(*values))
    with world.reverts("LogIsFrozen", world.issuer_id, since):
        world.send(world.log, "commitFor", *values, signature, by="relayer")
    with world.reverts("LogIsFrozen", world.issuer_id, since):
        prove(world, fork())
    world.set_status(3, 3)
    world.set_status(4, 1, 6)
    world.send(world.log, "revokeMany", world.issuer_id, [0], [2], by="status")
    assert world.view(world.log, "statusOf", world.issuer_id, 1)["revoked"]
    assert world.view(world.log, "headOf", world.issuer_id)["frozenAt"] == since


def test_another_issuers_log_goes_on(split: World) -> None:
    world = split
    world.bind("other", issuer_id=world.root_id, by="root")
    prove(world, fork())
    world.send(world.log, "commit", world.root_id, 0, sha(1), 1, by="other")


@pytest.mark.parametrize("index", [0, 4, 6, 19])
def test_what_did_not_change_is_no_fork(split: World, index: int) -> None:
    with split.reverts("ForkNotProven", split.issuer_id, FIRST, SECOND, index):
        prove(split, fork(index))


def test_an_honest_log_cannot_be_frozen(world: World) -> None:
    """Every index, every pair of entries, honest and exchanged proofs, an entry outside the smaller log."""
    grown = [*HONEST, *(entry(n) for n in range(20, 33))]
    world.commit(0, FIRST, len(HONEST))
    world.commit(len(HONEST), rfc.root(grown), len(grown))
    roots = (FIRST, rfc.root(grown))
    for index in range(20):
        with world.reverts("ForkNotProven", world.issuer_id, *roots, index):
            prove(world, fork(index, HONEST, grown))
        wrong = fork(index, HONEST, grown)
        wrong[5] = entry(-1)
        with world.reverts("ForkNotProven", world.issuer_id, *roots, index):
            prove(world, wrong)
    same = fork(3, HONEST, HONEST)
    same[5] = entry(-1)
    with world.reverts("ForkNotProven", world.issuer_id, FIRST, FIRST, 3):
        prove(world, same)
    # An inner node passed off as an entry, and an index that only the larger log has.
    level = [5, FIRST, rfc.root(HONEST[:1]), rfc.inclusion(5, HONEST), roots[1], grown[5], rfc.inclusion(5, grown)]
    with world.reverts("ForkNotProven", world.issuer_id, *roots, 5):
        prove(world, level)
    beyond = [25, FIRST, HONEST[5], rfc.inclusion(5, HONEST), roots[1], grown[25], rfc.inclusion(25, grown)]
    with world.reverts("ForkNotProven", world.issuer_id, *roots, 25):
        prove(world, beyond)


def test_only_roots_that_the_issuer_committed(split: World) -> None:
    foreign = [*HONEST[:5], entry(-2), *HONEST[6:]]
    with split.reverts("CheckpointUnknown", split.issuer_id, rfc.root(foreign)):
        prove(split, fork(5, HONEST, foreign))
    with split.reverts("CheckpointUnknown", split.root_id, FIRST):
        prove(split, fork(), issuer_id=split.root_id)


def test_no_fork_is_not_a_zeroed_record(split: World) -> None:
    with split.reverts("ForkUnknown", split.issuer_id):
        split.view(split.log, "forkOf", split.issuer_id)
