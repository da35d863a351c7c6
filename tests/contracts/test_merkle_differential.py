"""One tree, three judges: our Merkle log, pymerkle, and the contract's proofs, on the same random trees."""

from __future__ import annotations

import hashlib

import pytest
from evm_world import World, sha
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from passport.errors import ProofError
from passport.ledger.merkle import MerkleLog, verify_consistency, verify_inclusion


def entries_of(seed: int, size: int) -> list[bytes]:
    return [hashlib.sha256(b"%d of %d" % (number, seed)).digest() for number in range(size)]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 600), data=st.data())
def test_three_judges(deployed_world: World, seed: int, size: int, data: st.DataObject) -> None:
    entries = entries_of(seed, size)
    first = data.draw(st.integers(1, size), label="first")
    index = data.draw(st.integers(0, size - 1), label="index")
    ours = MerkleLog()
    ours.extend(entries)
    theirs = InmemoryTree(algorithm="sha256")
    for entry in entries:
        theirs.append_entry(entry)
    root, first_root = ours.root(), ours.root(first)
    assert root == theirs.get_root(size)
    assert first_root == theirs.get_root(first)
    path = list(ours.inclusion_proof(index))
    # pymerkle's path begins with the leaf itself.
    assert path == [bytes.fromhex(step) for step in theirs.prove_inclusion(index + 1, size).serialize()["path"][1:]]

    world = deployed_world.copy()
    if first < size:
        world.commit(0, first_root, first)
    world.commit(first if first < size else 0, root, size)
    issuer = world.issuer_id
    assert world.view(world.log, "verifyInclusion", issuer, root, index, entries[index], path) is True
    steps = list(ours.consistency_proof(first))
    assert world.view(world.log, "verifyConsistency", issuer, first_root, root, steps) is True
    verify_inclusion(entries[index], index, size, path, root)
    verify_consistency(first, first_root, size, root, steps)

    # What one refuses all refuse: a hash changed anywhere, one too many, one too few, another index.
    flip = data.draw(st.integers(0, len(path)), label="flip")
    wrong = [*path[:flip], sha(flip), *path[flip + 1 :]]
    other = (index + 1) % size
    for claimed, proof in ((index, wrong), (index, path[:-1] if path else [sha(1)]), (other, path)):
        if (claimed, proof) == (index, path):
            continue
        with pytest.raises(ProofError):
            verify_inclusion(entries[index], claimed, size, proof, root)
        assert world.view(world.log, "verifyInclusion", issuer, root, claimed, entries[index], proof) is False
    if steps:
        cut = steps[:-1]
        with pytest.raises(ProofError):
            verify_consistency(first, first_root, size, root, cut)
        assert world.view(world.log, "verifyConsistency", issuer, first_root, root, cut) is False
