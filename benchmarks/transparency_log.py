"""The RFC 9162 log: build it, prove and verify inclusion, against bare hashing and against pymerkle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from random import Random

from pymerkle import InmemoryTree  # type: ignore[import-untyped]  # the peer has no types

from benchmarks.bench import Bench
from benchmarks.measure import Times, best, in_slices, side_by_side
from benchmarks.result import Result, rate
from passport.ledger.merkle import MerkleLog, verify_inclusion

_SLICES = 20
_PROOFS = 500
_LEAF_BYTES, _NODE_BYTES = 33, 65


def run(bench: Bench) -> Iterator[Result]:
    """Appending, proofs, verification; then the peer."""
    size = bench.count(1_000_000, quick=100_000)
    blob = Random(9162).randbytes(32 * size)
    entries = [blob[at : at + 32] for at in range(0, len(blob), 32)]
    log, times = _build(bench, entries)
    yield rate(
        "log_append",
        f"build the log of {size:,} leaves",
        ours_s=times.ours_s / size,
        reference_s=times.reference_s / size,
        reference_name="hashlib: SHA-256 of as many leaves and nodes",
        unit="leaves/s",
    )
    yield from _proofs(bench, log, entries)
    yield _against_pymerkle(bench, entries[: bench.count(100_000, quick=10_000)])


def _build(bench: Bench, entries: list[bytes]) -> tuple[MerkleLog, Times]:
    step = -(-len(entries) // _SLICES)
    slices = [entries[at : at + step] for at in range(0, len(entries), step)]
    tries = []
    for _ in range(bench.tries):
        log = MerkleLog()

        def append(part: list[bytes], log: MerkleLog = log) -> Callable[[], object]:
            return lambda: log.extend(part)

        tries.append(in_slices(map(append, slices), (_hashing(len(part)) for part in slices)))
    return log, best(tries)


def _hashing(leaves: int) -> Callable[[], object]:
    """Hash as many leaves, and as many inner nodes, as a log of that length has, and keep nothing."""
    leaf, node = bytes(_LEAF_BYTES), bytes(_NODE_BYTES)

    def hash_all() -> None:
        for _ in range(leaves):
            sha256(leaf).digest()
            sha256(node).digest()

    return hash_all


def _proofs(bench: Bench, log: MerkleLog, entries: list[bytes]) -> Iterator[Result]:
    size, root = len(log), log.root()
    indexes = Random(size).choices(range(size), k=_PROOFS)
    proofs = [(index, log.inclusion_proof(index)) for index in indexes]
    steps = round(sum(len(path) for _, path in proofs) / len(proofs))
    node = bytes(_NODE_BYTES)

    def hash_path() -> None:
        for _ in range(steps):
            sha256(node).digest()

    def verify(proof: tuple[int, tuple[bytes, ...]]) -> None:
        index, path = proof
        verify_inclusion(entries[index], index, size, path, root)

    reference_name = f"hashlib: SHA-256 of the {steps} nodes on the path"
    times = side_by_side(log.inclusion_proof, hash_path, inputs=indexes, rounds=bench.rounds)
    yield rate(
        "log_prove",
        f"make an inclusion proof in a log of {size:,} leaves",
        ours_s=times.ours_s,
        reference_s=times.reference_s,
        reference_name=reference_name,
        unit="proofs/s",
    )
    times = side_by_side(verify, hash_path, inputs=proofs, rounds=bench.rounds)
    yield rate(
        "log_verify",
        f"verify an inclusion proof in a log of {size:,} leaves",
        ours_s=times.ours_s,
        reference_s=times.reference_s,
        reference_name=reference_name,
        unit="proofs/s",
    )


def _against_pymerkle(bench: Bench, entries: list[bytes]) -> Result:
    """Entry by entry into the peer's log in memory, and the root at the end; the roots must be equal."""
    tries = []
    for _ in range(bench.tries):
        log, peer = MerkleLog(), InmemoryTree(algorithm="sha256")

        def ours(log: MerkleLog = log) -> None:
            log.extend(entries)
            log.root()

        def theirs(peer: InmemoryTree = peer) -> None:
            for entry in entries:
                peer.append_entry(entry)
            peer.get_root()

        tries.append(in_slices([ours], [theirs]))
        if log.root() != peer.get_root():
            raise ValueError("the two logs have different roots")
    times = best(tries)
    return rate(
        "log_append_peer",
        f"build the log of {len(entries):,} leaves and take its root",
        ours_s=times.ours_s / len(entries),
        reference_s=times.reference_s / len(entries),
        reference_name="pymerkle: InmemoryTree.append_entry",
        unit="leaves/s",
    )
