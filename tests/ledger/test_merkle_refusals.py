"""Each way a log proof can be wrong, by its reason."""

from __future__ import annotations

from hashlib import sha256

import pytest

from passport.errors import ProofError
from passport.ledger import merkle

ENTRIES = [sha256(b"entry %d" % index).digest() for index in range(13)]
LOG = merkle.MerkleLog()
LOG.extend(ENTRIES)
ROOT = LOG.root()
PATH = LOG.inclusion_proof(4)
CONSISTENCY = LOG.consistency_proof(6)
OTHER = sha256(b"other").digest()


@pytest.mark.parametrize(
    ("index", "size", "path", "root", "reason"),
    [
        pytest.param(13, 13, PATH, ROOT, "index is not inside the log; expected 0 to 12; found 13", id="beyond"),
        pytest.param(-1, 13, PATH, ROOT, "index is not inside the log", id="negative index"),
        pytest.param(True, 13, PATH, ROOT, "index is not inside the log", id="bool index"),
        pytest.param(4.0, 13, PATH, ROOT, "index is not inside the log", id="float index"),
        pytest.param(0, 0, (), merkle.EMPTY_ROOT, "empty log", id="empty log"),
        pytest.param(4, -13, PATH, ROOT, "not the size of a log", id="negative size"),
        pytest.param(4, 2**48, PATH, ROOT, "not the size of a log", id="size beyond uint48"),
        pytest.param(4, 13, (*PATH, OTHER), ROOT, "too long; expected 4 hashes .*found 5", id="longer"),
        pytest.param(4, 13, PATH[:-1], ROOT, "too short; expected 4 hashes .*found 3", id="shorter"),
        pytest.param(4, 13, (), ROOT, "too short", id="no path"),
        pytest.param(4, 13, (*PATH[:-1], PATH[-1][:31]), ROOT, "proof element 3 is not a hash", id="31 bytes"),
        pytest.param(4, 13, (*PATH[:-1], PATH[-1].hex()), ROOT, "proof element 3 is not a hash", id="text"),
        pytest.param(4, 13, PATH, ROOT[:31], "root 0 is not a hash", id="short root"),
        pytest.param(4, 13, PATH, OTHER, "not at this index", id="another root"),
        pytest.param(4, 13, PATH[::-1], ROOT, "not at this index", id="reversed"),
        pytest.param(4, 12, PATH, LOG.root(12), "not at this index", id="another size"),
        pytest.param(4, 26, PATH, ROOT, "too short", id="twice the size"),
    ],
)
def test_inclusion_is_refused(index: int, size: int, path: tuple[bytes, ...], root: bytes, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        merkle.verify_inclusion(ENTRIES[4], index, size, path, root)


def test_a_node_cannot_pass_for_an_entry() -> None:
    log = merkle.MerkleLog()
    log.extend(ENTRIES[:4])
    forged = log.leaf(0) + log.leaf(1)  # what the inner node hashes
    with pytest.raises(ProofError, match="not at this index"):
        merkle.verify_inclusion(forged, 0, 2, log.inclusion_proof(0, 4)[1:], log.root())


@pytest.mark.parametrize(
    ("old_size", "old_root", "size", "root", "path", "reason"),
    [
        pytest.param(0, merkle.EMPTY_ROOT, 13, ROOT, (), "old size is that of an empty log", id="old is empty"),
        pytest.param(0, merkle.EMPTY_ROOT, 0, merkle.EMPTY_ROOT, (), "empty log", id="both empty"),
        pytest.param(14, ROOT, 13, ROOT, (), "cannot have shrunk; expected at least 14 leaves; found 13", id="shrunk"),
        pytest.param(13, OTHER, 13, ROOT, (), "two roots for one size", id="fork at one size"),
        pytest.param(13, ROOT, 13, ROOT, (OTHER,), "too long; expected 0", id="same size, a path"),
        pytest.param(6, LOG.root(6), 13, ROOT, (*CONSISTENCY, OTHER), "too long", id="longer"),
        pytest.param(6, LOG.root(6), 13, ROOT, CONSISTENCY[1:], "too short", id="shorter"),
        pytest.param(6, LOG.root(6), 13, ROOT, (), "too short", id="no path"),
        pytest.param(6, OTHER, 13, ROOT, CONSISTENCY, "does not lead to the old root", id="another old root"),
        pytest.param(6, LOG.root(6), 13, OTHER, CONSISTENCY, "does not lead to the new root", id="another root"),
        pytest.param(6, ROOT, 13, LOG.root(6), CONSISTENCY, "does not lead to the old root", id="swapped roots"),
        pytest.param(6, b"", 13, ROOT, CONSISTENCY, "old root 0 is not a hash", id="no old root"),
        pytest.param(6, LOG.root(6), 13, ROOT, (b"", *CONSISTENCY[1:]), "element 0 is not a hash", id="no hash"),
        pytest.param(6, LOG.root(6), 2**48, ROOT, CONSISTENCY, "not the size of a log", id="beyond uint48"),
        pytest.param(8, OTHER, 13, ROOT, LOG.consistency_proof(8), "lead to the old root|new root", id="power of two"),
    ],
)
def test_consistency_is_refused(
    old_size: int, old_root: bytes, size: int, root: bytes, path: tuple[bytes, ...], reason: str
) -> None:
    with pytest.raises(ProofError, match=reason):
        merkle.verify_consistency(old_size, old_root, size, root, path)


def test_a_log_proves_only_what_it_has() -> None:
    with pytest.raises(ProofError, match="never had this size; expected 0 to 13; found 14"):
        LOG.root(14)
    with pytest.raises(ProofError, match="no such leaf to prove; expected an index below 5; found 5"):
        LOG.inclusion_proof(5, 5)
    with pytest.raises(ProofError, match="no consistency to prove; expected an old size from 1 to 13; found 0"):
        LOG.consistency_proof(0)
    with pytest.raises(ProofError, match="no consistency to prove"):
        LOG.consistency_proof(9, 8)
    with pytest.raises(ProofError, match="no such leaf; expected an index below 13; found 13"):
        LOG.leaf(13)


def test_an_empty_log_has_the_root_of_nothing_and_no_proof() -> None:
    assert merkle.MerkleLog().root() == merkle.Frontier().root() == sha256().digest()
    with pytest.raises(ProofError, match="no such leaf to prove"):
        merkle.MerkleLog().inclusion_proof(0)


def test_a_void_entry_is_the_hash_of_its_domain_and_nonce() -> None:
    nonce = bytes(range(16))
    assert merkle.void_entry(nonce) == sha256(b"carbon-passport void leaf v1" + nonce).digest()
    for wrong in (b"", bytes(15), bytes(17)):
        with pytest.raises(ProofError, match="expected 16 bytes"):
            merkle.void_entry(wrong)


def test_a_frontier_fits_its_size() -> None:
    frontier = merkle.Frontier()
    frontier.extend(ENTRIES)
    assert len(frontier.to_bytes()) == 3 * 32  # 13 = 0b1101
    for size, hashes in ((12, frontier.to_bytes()), (13, frontier.to_bytes()[1:]), (-1, b""), (2**48, bytes(32))):
        with pytest.raises(ProofError, match="not the frontier"):
            merkle.Frontier(size, hashes)
