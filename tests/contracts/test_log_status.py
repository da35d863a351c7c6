"""Statuses: what may be said of an entry, by whom, and what can never be taken back."""

from __future__ import annotations

import pytest
from evm_world import CORRECTED, REINSTATED, REVOKED, SUPERSEDED, SUSPENDED, Actor, Event, RevertedError, World, sha
from hypothesis import given, settings
from hypothesis import strategies as st

SIZE = 700
STATUS_ACCOUNT = Actor("status").address


@pytest.fixture(scope="module")
def logged_world(deployed_world: World) -> World:
    """A log of 700 entries: two whole words and a part of the third."""
    world = deployed_world.copy()
    world.commit(0, sha(1), SIZE)
    return world


@pytest.fixture
def world(logged_world: World) -> World:
    return logged_world.copy()


def status(world: World, index: int) -> dict:
    return world.view(world.log, "statusOf", world.issuer_id, index)


def revoke_many(world: World, words: list[int], masks: list[int], *, by: str = "status"):
    return world.send(world.log, "revokeMany", world.issuer_id, words, masks, by=by)


CLEAN = {"revoked": False, "suspended": False, "kind": 0, "next": 0, "time": 0}


@pytest.mark.parametrize(
    ("before", "kind", "successor", "after"),
    [
        ((), SUPERSEDED, 9, {"kind": 1, "next": 9}),
        ((), CORRECTED, SIZE - 1, {"kind": 2, "next": SIZE - 1}),
        ((), REVOKED, 0, {"revoked": True}),
        ((), SUSPENDED, 0, {"suspended": True}),
        ((SUSPENDED,), REINSTATED, 0, {}),
        ((SUSPENDED,), REVOKED, 0, {"revoked": True, "suspended": True}),
        ((SUSPENDED,), CORRECTED, 9, {"suspended": True, "kind": 2, "next": 9}),
        ((SUPERSEDED,), REVOKED, 0, {"revoked": True, "kind": 1, "next": 9}),
        ((SUSPENDED, REINSTATED), SUSPENDED, 0, {"suspended": True}),
    ],
)
def test_set_status(world: World, before: tuple, kind: int, successor: int, after: dict) -> None:
    for earlier in before:
        world.set_status(3, earlier, 9 if earlier in (SUPERSEDED, CORRECTED) else 0)
    said_at = world.last if SUPERSEDED in before else world.now
    arguments = (world.issuer_id, 3, kind, successor, sha(0xEA))
    result = world.send(world.log, "setStatus", *arguments, by="status")
    facts = {"issuerId": world.issuer_id, "index": 3, "kind": kind, "next": successor}
    assert result.events == [Event("StatusSet", {**facts, "reasonHash": sha(0xEA), "keyNo": 2})]
    expected = {**CLEAN, **after}
    if expected["kind"]:
        expected["time"] = said_at
    assert status(world, 3) == expected
    assert status(world, 2) == status(world, 4) == status(world, 259) == CLEAN


@pytest.mark.parametrize("last", [SUPERSEDED, CORRECTED, SUSPENDED, REINSTATED, REVOKED])
@pytest.mark.parametrize("suspended_first", [False, True])
def test_revoked_is_for_good(world: World, last: int, suspended_first: bool) -> None:
    if suspended_first:
        world.set_status(3, SUSPENDED)
    world.set_status(3, REVOKED)
    with world.reverts("StatusIsRevoked", world.issuer_id, 3):
        world.set_status(3, last, 9 if last in (SUPERSEDED, CORRECTED) else 0)
    assert status(world, 3)["revoked"]


@pytest.mark.parametrize("last", [SUPERSEDED, CORRECTED, SUSPENDED, REINSTATED])
@pytest.mark.parametrize("first", [SUPERSEDED, CORRECTED])
def test_a_successor_is_for_good(world: World, first: int, last: int) -> None:
    world.set_status(3, first, 9)
    with world.reverts("StatusHasSuccessor", world.issuer_id, 3, first, 9):
        world.set_status(3, last, 10 if last in (SUPERSEDED, CORRECTED) else 0)


def test_suspension_is_said_and_lifted_once(world: World) -> None:
    with world.reverts("StatusIsNotSuspended", world.issuer_id, 3):
        world.set_status(3, REINSTATED)
    world.set_status(3, SUSPENDED)
    with world.reverts("StatusIsSuspended", world.issuer_id, 3):
        world.set_status(3, SUSPENDED)


@pytest.mark.parametrize("kind", [0, 6, 255])
def test_kinds(world: World, kind: int) -> None:
    with world.reverts("StatusKindUnknown", kind):
        world.set_status(3, kind)


@pytest.mark.parametrize("index", [SIZE, SIZE + 1, 2**48 - 1])
@pytest.mark.parametrize("kind", [SUPERSEDED, REVOKED, SUSPENDED])
def test_only_what_is_in_the_log_has_a_status(world: World, kind: int, index: int) -> None:
    with world.reverts("StatusIndexBeyondLog", world.issuer_id, index, SIZE):
        world.set_status(index, kind)
    for function in ("statusOf", "currentOf"):
        with world.reverts("StatusIndexBeyondLog", world.issuer_id, index, SIZE):
            world.view(world.log, function, world.issuer_id, index)
    with world.reverts("StatusIndexBeyondLog", world.root_id, 0, 0):
        world.view(world.log, "statusOf", world.root_id, 0)


@pytest.mark.parametrize(
    ("kind", "successor"),
    [
        (SUPERSEDED, 0),
        (SUPERSEDED, 2),
        (SUPERSEDED, 3),
        (CORRECTED, SIZE),
        (CORRECTED, 2**48 - 1),
        (REVOKED, 4),
        (SUSPENDED, 4),
        (REINSTATED, 4),
    ],
)
def test_a_successor_comes_later_and_is_there(world: World, kind: int, successor: int) -> None:
    with world.reverts("StatusNextInvalid", 3, successor, SIZE):
        world.set_status(3, kind, successor)


def test_who_sets_statuses(world: World) -> None:
    with world.reverts("AccountKeyLacksPurpose", Actor("anchor").address, 1, 2):
        world.set_status(3, REVOKED, by="anchor")
    with world.reverts("AccountKeyUnbound", Actor("controller").address):
        world.set_status(3, REVOKED, by="controller")
    with world.reverts("AccountKeyOfOther", STATUS_ACCOUNT, world.root_id, world.issuer_id):
        world.send(world.log, "setStatus", world.root_id, 3, REVOKED, 0, sha(0), by="status")
    with world.reverts("AccountKeyLacksPurpose", Actor("anchor").address, 1, 2):
        revoke_many(world, [0], [1], by="anchor")
    bound = world.view(world.registry, "accountKeyOf", STATUS_ACCOUNT)["from"]
    world.send(world.registry, "reportAccountKeyCompromise", STATUS_ACCOUNT, world.now, by="controller")
    bad = world.last
    for call in (lambda: world.set_status(3, REVOKED), lambda: revoke_many(world, [0], [1])):
        with world.reverts("AccountKeyNotGood", STATUS_ACCOUNT, world.now, bound, 0, bad):
            call()


def test_a_suspended_entity_may_warn_but_not_reassure(world: World) -> None:
    world.set_status(5, SUSPENDED)
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    since = world.last
    for index, kind, successor in ((1, SUPERSEDED, 2), (2, CORRECTED, 3), (3, REVOKED, 0), (4, SUSPENDED, 0)):
        world.set_status(index, kind, successor)
    revoke_many(world, [1], [1])
    with world.reverts("IssuerIsSuspended", world.issuer_id, since):
        world.set_status(5, REINSTATED)


def test_revoke_many(world: World) -> None:
    masks = [2**255 | 1, 2**256 - 1, 1 << (SIZE - 1 - 512)]
    result = revoke_many(world, [0, 1, 2], masks)
    facts = {"issuerId": world.issuer_id, "keyNo": 2}
    expected = [Event("RangeRevoked", {**facts, "word": word, "mask": mask}) for word, mask in enumerate(masks)]
    assert result.events == expected
    revoked = [index for index in (0, 1, 254, 255, 256, 400, 511, 512, SIZE - 1) if status(world, index)["revoked"]]
    assert revoked == [0, 255, 256, 400, 511, SIZE - 1]


def test_a_recall_skips_what_is_revoked_and_undoes_nothing(world: World) -> None:
    """Nobody can make a recall fail by revoking one of its entries first; suspended ones stay revoked too."""
    world.set_status(3, REVOKED)
    world.set_status(4, SUSPENDED)
    world.set_status(5, SUPERSEDED, 9)
    revoke_many(world, [0, 0], [0b11000, 0b100000])
    assert status(world, 3) == {**CLEAN, "revoked": True}
    assert status(world, 4) == {**CLEAN, "revoked": True, "suspended": True}
    assert (status(world, 5)["revoked"], status(world, 5)["next"]) == (True, 9)
    with world.reverts("StatusIsRevoked", world.issuer_id, 4):
        world.set_status(4, REINSTATED)


@pytest.mark.parametrize(
    ("words", "masks", "index"),
    [
        ([2], [1 << (SIZE - 512)], SIZE),
        ([2], [2**256 - 1], 512 + 255),
        ([3], [1], 768),
        ([3], [0], 768),
        ([0, 2**40], [1, 2], 2**48 + 1),
        ([2**256 - 1], [1], 2**256 - 1),
        ([2**248 + 1], [1], 2**256 - 1),
    ],
)
def test_nothing_is_born_revoked(world: World, words: list[int], masks: list[int], index: int) -> None:
    with world.reverts("StatusIndexBeyondLog", world.issuer_id, index, SIZE):
        revoke_many(world, words, masks)
    assert not status(world, 0)["revoked"]


@pytest.mark.parametrize(("words", "masks"), [([], []), ([0], []), ([], [1]), ([0, 1], [1])])
def test_a_mask_for_each_word(world: World, words: list[int], masks: list[int]) -> None:
    with world.reverts("RevokeManyInvalid", len(words), len(masks)):
        revoke_many(world, words, masks)


def test_current(world: World) -> None:
    assert world.view(world.log, "currentOf", world.issuer_id, 3) == {"current": 3, "complete": True}
    for index, kind, successor in ((3, SUPERSEDED, 10), (10, CORRECTED, 11), (5, CORRECTED, 10)):
        world.set_status(index, kind, successor)
    for start in (3, 5, 10, 11):
        assert world.view(world.log, "currentOf", world.issuer_id, start) == {"current": 11, "complete": True}
    world.set_status(11, REVOKED)
    assert world.view(world.log, "currentOf", world.issuer_id, 3) == {"current": 11, "complete": True}


def test_current_says_when_it_stopped_on_the_way(world: World) -> None:
    hops = world.view(world.log, "MAX_SUCCESSOR_HOPS")
    assert hops == 64
    with world.one_block():
        for index in range(hops + 1):
            world.set_status(index, SUPERSEDED, index + 1)
    assert world.view(world.log, "currentOf", world.issuer_id, 0) == {"current": hops, "complete": False}
    assert world.view(world.log, "currentOf", world.issuer_id, hops) == {"current": hops + 1, "complete": True}
    assert world.view(world.log, "currentOf", world.issuer_id, 1) == {"current": hops + 1, "complete": True}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.integers(1, 5), st.integers(0, 5), st.integers(0, 6)),
        st.tuples(st.just("many"), st.integers(0, 63), st.just(0)),
    ),
    max_size=10,
)


@settings(max_examples=20)
@given(steps=STEPS)
def test_whatever_is_said_a_model_says_the_same(logged_world: World, steps: list) -> None:
    """A dictionary and three rules judge every sequence as the contract does; revoked and successors never go away."""
    world = logged_world.copy()
    revoked: set[int] = set()
    suspended: set[int] = set()
    successors: dict[int, tuple[int, int]] = {}
    for kind, index, successor in steps:
        if kind == "many":
            revoke_many(world, [0], [index])
            revoked |= {bit for bit in range(6) if index >> bit & 1}
            continue
        later = successor > index if kind in (SUPERSEDED, CORRECTED) else successor == 0
        allowed = later and index not in revoked and (kind == REVOKED or index not in successors)
        allowed = allowed and (kind != SUSPENDED or index not in suspended)
        allowed = allowed and (kind != REINSTATED or index in suspended)
        if not allowed:
            with pytest.raises(RevertedError, match="Status"):
                world.set_status(index, kind, successor)
            continue
        world.set_status(index, kind, successor)
        if kind == REVOKED:
            revoked.add(index)
        elif kind == SUSPENDED:
            suspended.add(index)
        elif kind == REINSTATED:
            suspended.remove(index)
        else:
            successors[index] = (kind, successor)
    for index in range(6):
        found = status(world, index)
        assert (found["revoked"], found["suspended"]) == (index in revoked, index in suspended)
        assert (found["kind"], found["next"]) == successors.get(index, (0, 0))
