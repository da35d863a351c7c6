"""Read contract storage out of a proof, against py-trie and against hashing the proof's nodes."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import rlp  # type: ignore[import-untyped]  # has no types
from trie.hexary import HexaryTrie

from benchmarks.bench import Bench
from benchmarks.measure import Times, best, in_slices
from benchmarks.result import Result, rate
from passport.ledger import Address
from passport.ledger.proofs import ProvenState, StateEvidence, collect_evidence
from passport.ledger.trie_walk import EMPTY_CODE_HASH
from passport.model.keccak import keccak

_CONTRACT = Address("0x" + "11" * 20)
_HEADER_FIELDS = 15
_STATE_ROOT_FIELD = 3
_SLICES = 4


class _Contract:
    """A contract with many filled slots in a state trie of its own, and proof of some of them."""

    def __init__(self, *, slots: int, proven: int) -> None:
        random = Random(slots)
        values = {slot: random.getrandbits(255) + 1 for slot in random.sample(range(2**62), k=slots)}
        database: dict[bytes, bytes] = {}
        storage: Any = HexaryTrie(database)  # its methods have no types
        for slot, value in values.items():
            storage.set(keccak(slot.to_bytes(32, "big")), rlp.encode(value))
        state: Any = HexaryTrie(database)
        account = rlp.encode([1, 0, storage.root_hash, EMPTY_CODE_HASH])
        state.set(keccak(bytes.fromhex(_CONTRACT[2:])), account)
        fields: list[bytes] = [b"\x01"] * _HEADER_FIELDS
        fields[_STATE_ROOT_FIELD] = state.root_hash
        header_rlp: bytes = rlp.encode(fields)
        self.asked = dict(random.sample(list(values.items()), k=proven))
        self.evidence: StateEvidence = collect_evidence(
            header_rlp, {_CONTRACT: set(self.asked)}, node_of=database.__getitem__
        )
        self.block_hash: bytes = keccak(header_rlp)
        self.storage_root: bytes = storage.root_hash
        self.paths = {slot: storage.get_proof(keccak(slot.to_bytes(32, "big"))) for slot in self.asked}

    def read(self) -> None:
        """Judge the evidence and read every slot out of it."""
        state = ProvenState(self.evidence, block_hash=self.block_hash)
        if any(state.storage(_CONTRACT, slot) != value for slot, value in self.asked.items()):
            raise ValueError("a slot was read wrongly")

    def read_with_peer(self) -> None:
        """Read every slot out of a proof of its own, as an EIP-1186 answer has them."""
        get_from_proof: Any = HexaryTrie.get_from_proof
        for slot, value in self.asked.items():
            key = keccak(slot.to_bytes(32, "big"))
            found = get_from_proof(self.storage_root, key, self.paths[slot])
            if int.from_bytes(rlp.decode(found), "big") != value:
                raise ValueError("a slot was read wrongly")

    def hash_nodes(self) -> None:
        """Hash every node of the evidence once."""
        for node in self.evidence.nodes:
            keccak(node)


def run(bench: Bench) -> Iterator[Result]:
    """Every slot is proven from the block hash down, absent trust in whoever sent the proof."""
    slots, proven = bench.count(5_000, quick=1_000), bench.count(1_000, quick=200)
    contract = _Contract(slots=slots, proven=proven)
    what = f"read {proven:,} proven slots of a contract with {slots:,}, from block hash to word"
    for name, reference, reference_name in (
        ("state_proof_peer", contract.read_with_peer, "py-trie: HexaryTrie.get_from_proof"),
        ("state_proof", contract.hash_nodes, "eth-hash: Keccak-256 of each node of the proof once"),
    ):
        times: Times = best(in_slices([contract.read], [reference]) for _ in range(_SLICES))
        yield rate(
            name,
            what,
            ours_s=times.ours_s / proven,
            reference_s=times.reference_s / proven,
            reference_name=reference_name,
            unit="slots/s",
        )
