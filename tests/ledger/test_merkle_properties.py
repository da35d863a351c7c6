"""What must hold of every log, and the same answers by other roads: RFC 9162's recursion, and pymerkle."""

from __future__ import annotations

from hashlib import sha256

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ProofError
from passport.ledger import merkle

ENTRIES = [sha256(b"entry %d" % index).digest() for index in range(600)]


def _mth(entries: list[bytes]) -> bytes:
    """MTH as the RFC writes it down."""
    if len(entries) < 2:
        return sha256(b"\x00" + entries[0]).digest() if entries else sha256(b"").digest()
    k = 1 << ((len(entries) - 1).bit_length() - 1)
    return sha256(b"\x01" + _mth(entries[:k]) + _mth(entries[k:])).digest()


def _log(size: int) -> merkle.MerkleLog:
    log = merkle.MerkleLog()
    log.extend(ENTRIES[:size])
    return log


def test_roots_agree_with_the_recursion_and_with_pymerkle() -> None:
    log = _log(140)
    peer = pymerkle.InmemoryTree(algorithm="sha256")
    for size in range(1, 141):
        peer.append_entry(ENTRIES[size - 1])
        assert log.root(size) == _mth(ENTRIES[:size]) == peer.get_root()


def test_every_inclusion_proof_up_to_40() -> None:
    log = _log(40)
    for size in range(1, 41):
        root = log.root(size)
        for index in range(size):
            path = log.inclusion_proof(index, size)
            assert len(path) == merkle.inclusion_path_length(index, size)
            merkle.verify_inclusion(ENTRIES[index], index, size, path, root)
            for other in range(size):
                if other != index:
                    with pytest.raises(ProofError, match=r"not at this index|too (long|short)"):
                        merkle.verify_inclusion(ENTRIES[index], other, size, path, root)
                    with pytest.raises(ProofError, match="not at this index"):
                        merkle.verify_inclusion(ENTRIES[other], index, size, path, root)


def test_every_consistency_proof_up_to_40() -> None:
    log = _log(40)
    for size in range(1, 41):
        for old_size in range(1, size + 1):
            path = log.consistency_proof(old_size, size)
            merkle.verify_consistency(old_size, log.root(old_size), size, log.root(size), path)
            for wrong in {old_size - 1, old_size + 1} - {0, size + 1}:
                with pytest.raises(ProofError, match=r"does not lead to|too (long|short)|two roots"):
                    merkle.verify_consistency(wrong, log.root(old_size), size, log.root(size), path)


def test_pymerkle_has_the_same_paths_and_roots() -> None:
    size = 37
    log, peer = _log(size), pymerkle.InmemoryTree.init_from_entries(ENTRIES[:size])
    for index in range(size):
        theirs = peer.prove_inclusion(index + 1, size)
        assert [bytes.fromhex(step) for step in theirs.serialize()["path"][1:]] == list(log.inclusion_proof(index))
    for old_size in range(1, size):
        theirs = peer.prove_consistency(old_size, size)
        pymerkle.verify_consistency(peer.get_root(old_size), peer.get_root(size), theirs)
        merkle.verify_consistency(
            old_size, peer.get_root(old_size), size, peer.get_root(size), log.consistency_proof(old_size)
        )


@given(st.integers(1, 600), st.data())
def test_a_proof_verifies_for_its_leaf_and_for_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    log = _log(size)
    root, path = log.root(), log.inclusion_proof(index)
    merkle.verify_inclusion(ENTRIES[index], index, size, path, root)
    other = data.draw(st.integers(0, 599).filter(lambda at: at != index))
    with pytest.raises(ProofError, match="not at this index"):
        merkle.verify_inclusion(ENTRIES[other], index, size, path, root)
    if path:
        at, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(path[at], "big") ^ 1 << bit).to_bytes(32, "big")
        with pytest.raises(ProofError, match="not at this index"):
            merkle.verify_inclusion(ENTRIES[index], index, size, (*path[:at], flipped, *path[at + 1 :]), root)


@given(st.lists(st.integers(0, 90), max_size=8))
def test_the_way_a_log_was_cut_into_batches_does_not_matter(batches: list[int]) -> None:
    log, frontier, at = merkle.MerkleLog(), merkle.Frontier(), 0
    for batch in batches:
        log.extend(ENTRIES[at : (at := min(at + batch, 600))])
        # Through bytes and back at each cut, as the outbox keeps it between checkpoints.
        frontier = merkle.Frontier(frontier.size, frontier.to_bytes())
        frontier.extend(ENTRIES[frontier.size : at])
        assert frontier.root() == log.root() == _mth(ENTRIES[:at])
        assert len(log) == frontier.size == at
    one_by_one = merkle.MerkleLog()
    assert [one_by_one.append(entry) for entry in ENTRIES[:at]] == list(range(at))
    assert one_by_one.root() == log.root()


@given(st.integers(1, 600), st.data())
def test_any_past_size_is_proven_as_it_was_then(size: int, data: st.DataObject) -> None:
    then = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, then - 1))
    now, past = _log(size), _log(then)
    assert now.root(then) == past.root()
    assert now.inclusion_proof(index, then) == past.inclusion_proof(index)
    merkle.verify_consistency(then, past.root(), size, now.root(), now.consistency_proof(then))


@given(st.integers(2, 600), st.data())
def test_a_rewritten_past_has_no_consistency_proof(size: int, data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, size - 1))
    rewritten = data.draw(st.integers(0, old_size - 1))
    forged = merkle.MerkleLog()
    forged.extend([*ENTRIES[:rewritten], sha256(b"another").digest(), *ENTRIES[rewritten + 1 : size]])
    honest = _log(size)
    for path in (forged.consistency_proof(old_size), honest.consistency_proof(old_size)):
        with pytest.raises(ProofError, match=r"does not lead to the (old|new) root"):
            merkle.verify_consistency(old_size, honest.root(old_size), size, forged.root(), path)


def test_a_million_leaves_are_reached_through_one_path() -> None:
    # No tree is built: all of the path is made up, and the root follows from it.
    path = tuple(sha256(b"sibling %d" % at).digest() for at in range(merkle.inclusion_path_length(999_999, 1_000_000)))
    assert len(path) == 12  # 1,000,000 - 1 = 0b11110100001001000000 - 1 has 12 ones: the right edge
    root = merkle.root_of_inclusion(ENTRIES[0], 999_999, 1_000_000, path)
    merkle.verify_inclusion(ENTRIES[0], 999_999, 1_000_000, path, root)
