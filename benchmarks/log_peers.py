"""The log at three sizes against pymerkle and npm @openzeppelin/merkle-tree: build, prove, verify.

Each works on the same leaves, and the better of the two peers is the reference. OpenZeppelin's tree is another one (it
sorts pairs and hashes with Keccak-256), but it is what one would take instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from pymerkle import InmemoryTree, verify_inclusion  # type: ignore[import-untyped]  # the peer has no types

from benchmarks.bench import Bench
from benchmarks.node_peer import run_node
from benchmarks.result import Result, rate
from passport.ledger.merkle import MerkleLog
from passport.ledger.merkle import verify_inclusion as verify_ours

_SIZES = (1_000, 100_000, 1_000_000)
_PROOFS = 200
_BUILD_GOAL_AT, _BUILD_GOAL = 1_000_000, 10.0
_ROUNDS, _ROUNDS_UP_TO = 3, 20_000
"""The best of so many counts, for each side, up to so many leaves; larger trees are built once."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one implementation took, processor seconds: for the tree, for a proof, for verifying one."""

    name: str
    build_s: float
    prove_s: float
    verify_s: float


def run(bench: Bench) -> Iterator[Result]:
    """Smallest first; at a million leaves the peers take minutes."""
    for size in _SIZES:
        leaves = bench.count(size, quick=min(size, 20_000))
        entries = [sha256(str(number).encode()).digest() for number in range(leaves)]
        ours = _ours(entries)
        peers = (_pymerkle(entries), _openzeppelin(leaves))
        for what, word in (("build_s", "build the tree"), ("prove_s", "make a proof"), ("verify_s", "verify a proof")):
            better = min(peers, key=lambda peer, what=what: getattr(peer, what))  # type: ignore[misc]
            scale = leaves if what == "build_s" else 1
            yield rate(
                f"log_{what.removesuffix('_s')}_{size}",
                f"{word} of {leaves:,} leaves",
                ours_s=getattr(ours, what) / scale,
                reference_s=getattr(better, what) / scale,
                reference_name=f"{better.name} (the better of two peers)",
                unit="leaves/s" if what == "build_s" else "proofs/s",
                goal=_BUILD_GOAL if (what, leaves) == ("build_s", _BUILD_GOAL_AT) else None,
            )


def _spread(leaves: int) -> list[int]:
    return [number * leaves // _PROOFS for number in range(_PROOFS)]


def _seconds(job: Callable[[], object]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


def _best(job: Callable[[], object], rounds: int) -> float:
    return min(_seconds(job) for _ in range(rounds))


def _rounds(leaves: int) -> int:
    return _ROUNDS if leaves <= _ROUNDS_UP_TO else 1


def _ours(entries: list[bytes]) -> Figures:
    log = MerkleLog()

    def build() -> None:
        nonlocal log
        log = MerkleLog()
        log.extend(entries)
        log.root()

    rounds = _rounds(len(entries))
    build_s = _best(build, rounds)
    indexes, root, size = _spread(len(entries)), log.root(), len(entries)
    paths = [log.inclusion_proof(index) for index in indexes]
    prove_s = _best(lambda: [log.inclusion_proof(index) for index in indexes], _ROUNDS)

    def verify() -> None:
        for index, path in zip(indexes, paths, strict=True):
            verify_ours(entries[index], index, size, path, root)

    return Figures("ours", build_s, prove_s / _PROOFS, _best(verify, _ROUNDS) / _PROOFS)


def _pymerkle(entries: list[bytes]) -> Figures:
    tree = InmemoryTree(algorithm="sha256")

    def build() -> None:
        nonlocal tree
        tree = InmemoryTree(algorithm="sha256")
        tree.append_entries(entries)
        tree.get_root()

    build_s = _best(build, _rounds(len(entries)))
    size, indexes = len(entries), _spread(len(entries))
    root = tree.get_root()
    proofs = [tree.prove_inclusion(index + 1, size) for index in indexes]  # the peer counts from one
    prove_s = _best(lambda: [tree.prove_inclusion(index + 1, size) for index in indexes], _ROUNDS)
    bases = [tree.get_leaf(index + 1) for index in indexes]

    def verify() -> None:
        for base, proof in zip(bases, proofs, strict=True):
            verify_inclusion(base, root, proof)

    return Figures("pymerkle: InmemoryTree", build_s, prove_s / _PROOFS, _best(verify, _ROUNDS) / _PROOFS)


def _openzeppelin(leaves: int) -> Figures:
    found = run_node("openzeppelin_tree.js", leaves, min(_PROOFS, leaves), _rounds(leaves), _ROUNDS)
    return Figures("npm @openzeppelin/merkle-tree", found["build_s"], found["prove_s"], found["verify_s"])
