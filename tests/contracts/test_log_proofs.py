"""Merkle proofs: the contract against RFC 9162 written down by its definition, and every way to forge one."""

from __future__ import annotations

import hashlib

import pytest
import rfc9162_reference as rfc
from evm_world import World

LARGEST = 40


def entry(number: int) -> bytes:
    return hashlib.sha256(b"entry %d" % number).digest()


ENTRIES = [entry(number) for number in range(LARGEST)]
ROOTS = {size: rfc.root(ENTRIES[:size]) for size in range(1, LARGEST + 1)}


@pytest.fixture(scope="module")
def grown(deployed_world: World) -> World:
    """A log with a checkpoint at every size from 1 to 40."""
    world = deployed_world.copy()
    for size in range(1, LARGEST + 1):
        world.commit(size - 1, ROOTS[size], size)
    return world


def included(world: World, size: int, index: int, leaf_entry: bytes, proof: list[bytes]) -> bool:
    return world.view(world.log, "verifyInclusion", world.issuer_id, ROOTS[size], index, leaf_entry, proof)


def consistent(world: World, first: int, second: int, proof: list[bytes]) -> bool:
    return world.view(world.log, "verifyConsistency", world.issuer_id, ROOTS[first], ROOTS[second], proof)


def test_the_reference_agrees_with_the_published_vectors() -> None:
    """Roots of the certificate-transparency reference tests (entries of one to sixteen bytes), sizes 1 to 3."""
    inputs = [b"", b"\x00", b"\x10"]
    assert [rfc.root(inputs[:size]).hex() for size in (1, 2, 3)] == [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    ]


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_inclusion_at_every_index(grown: World, size: int) -> None:
    for index in range(size):
        assert included(grown, size, index, ENTRIES[index], rfc.inclusion(index, ENTRIES[:size]))


@pytest.mark.parametrize("second", range(1, LARGEST + 1))
def test_consistency_between_every_two(grown: World, second: int) -> None:
    for first in range(1, second + 1):
        assert consistent(grown, first, second, rfc.consistency(first, ENTRIES[:second]))


SIZES = [1, 2, 3, 7, 8, 13, 33]


@pytest.mark.parametrize("size", SIZES)
def test_forged_inclusion(grown: World, size: int) -> None:
    for index in {0, size // 2, size - 1}:
        proof = rfc.inclusion(index, ENTRIES[:size])
        assert not included(grown, size, index, entry(-1), proof)
        assert size == 1 or not included(grown, size, (index + 1) % size, ENTRIES[index], proof)
        assert not included(grown, size, index, ENTRIES[index], [*proof, proof[-1] if proof else entry(-1)])
        assert not included(grown, size, index, ENTRIES[index], [*proof, ROOTS[size]])
        for outside in (size, size + 1, index + 64, 2**48 - 1):
            assert not included(grown, size, outside, ENTRIES[index], proof)
        for place in range(len(proof)):
            assert not included(grown, size, index, ENTRIES[index], proof[:place] + proof[place + 1 :])
            flipped = bytes([proof[place][0] ^ 1]) + proof[place][1:]
            assert not included(grown, size, index, ENTRIES[index], [*proof[:place], flipped, *proof[place + 1 :]])
        other = size - 1 or size + 1
        if rfc.inclusion(min(index, other - 1), ENTRIES[:other]) != proof or other > size:
            assert not included(grown, other, index, ENTRIES[index], proof)


def test_a_node_is_no_entry(grown: World) -> None:
    """Second preimages: a node offered as an entry, and a leaf hash offered as one, with the rest of its path."""
    size = 32
    path = rfc.inclusion(0, ENTRIES[:size])
    for level in range(len(path)):
        subtree = rfc.root(ENTRIES[: 1 << level])
        assert not included(grown, size, 0, subtree, path[level:])
        assert not included(grown, size, 0, subtree, path)
    assert not included(grown, size, 0, ROOTS[size], [])
    assert not included(grown, 1, 0, ROOTS[1], [])
    assert included(grown, 1, 0, ENTRIES[0], [])


@pytest.mark.parametrize("second", SIZES[1:])
def test_forged_consistency(grown: World, second: int) -> None:
    for first in {1, second // 2, second - 1}:
        proof = rfc.consistency(first, ENTRIES[:second])
        assert not consistent(grown, first, second, [*proof, entry(-1)])
        assert not consistent(grown, first, second, proof[:-1])
        for place in range(len(proof)):
            flipped = bytes([proof[place][0] ^ 1]) + proof[place][1:]
            assert not consistent(grown, first, second, [*proof[:place], flipped, *proof[place + 1 :]])
        assert not consistent(grown, second, first, proof)
        assert not consistent(grown, first, second, [])
        assert not consistent(grown, first, first, proof)


def test_a_rewritten_log_is_not_consistent(deployed_world: World) -> None:
    """One entry replaced between two checkpoints: no proof exists, and the honest one of either history fails."""
    world = deployed_world.copy()
    forged = [entry(-5), *ENTRIES[1:]]
    world.commit(0, ROOTS[13], 13)
    world.commit(13, rfc.root(forged), LARGEST)
    for entries in (ENTRIES, forged):
        proof = rfc.consistency(13, entries)
        arguments = (world.issuer_id, ROOTS[13], rfc.root(forged), proof)
        assert world.view(world.log, "verifyConsistency", *arguments) is False


def test_a_checkpoint_of_a_wrong_size_proves_nothing(deployed_world: World) -> None:
    """The size stored with the root decides the shape, whoever lies about it at the commit."""
    world = deployed_world.copy()
    world.commit(0, ROOTS[32], 64)
    proof = rfc.inclusion(5, ENTRIES[:32])
    assert included(world, 32, 5, ENTRIES[5], proof) is False


def test_only_committed_roots_are_judged(grown: World) -> None:
    unknown = entry(-2)
    with grown.reverts("CheckpointUnknown", grown.issuer_id, unknown):
        grown.view(grown.log, "verifyInclusion", grown.issuer_id, unknown, 0, ENTRIES[0], [])
    with grown.reverts("CheckpointUnknown", grown.root_id, ROOTS[1]):
        grown.view(grown.log, "verifyInclusion", grown.root_id, ROOTS[1], 0, ENTRIES[0], [])
    for roots in ((unknown, ROOTS[2]), (ROOTS[2], unknown)):
        with grown.reverts("CheckpointUnknown", grown.issuer_id, unknown):
            grown.view(grown.log, "verifyConsistency", grown.issuer_id, *roots, [])


@pytest.mark.parametrize("length", [49, 1000])
def test_long_proofs_end_early(grown: World, length: int) -> None:
    """A proof with more hashes than the tree has levels costs its calldata and no more."""
    arguments = (grown.issuer_id, ROOTS[40], 3, ENTRIES[3], [entry(-1)] * length)
    answer, gas = grown.measured_view(grown.log, "verifyInclusion", *arguments)
    assert answer is False
    assert gas < 20_000
