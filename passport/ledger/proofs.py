"""Proof of contract storage as of a block, to be judged without any node: a header and a bag of trie nodes.

The same facts as EIP-1186 proofs carry, for many slots at once and each node once. Trust rests on the block hash alone,
which the reader must know from elsewhere: it fixes the header, that the state root, that every node down to a slot.
"""

from __future__ import annotations

from dataclasses import dataclass

from passport.errors import ProofError
from passport.ledger.protocol import BlockRef, Reads
from passport.ledger.state import TrieState
from passport.ledger.trie_walk import MAX_NODE_BYTES, NodeSource, rlp_list
from passport.model.keccak import keccak

MAX_HEADER_BYTES = 2048
"""Headers are about 600 bytes; QBFT and IBFT put their validators' seals into the extra data."""

MAX_NODES = 1_000_000
"""More trie nodes than an audit of 100,000 passports needs."""

_HEADER_MIN_FIELDS = 15
_HEADER_MAX_FIELDS = 32
_PARENT, _STATE_ROOT, _RECEIPTS_ROOT, _NUMBER, _TIMESTAMP = 0, 3, 5, 8, 11


def block_of_header(header_rlp: bytes) -> BlockRef:
    """Read number, time and state root off an RLP block header; its Keccak-256 is the block's hash.

    Raises:
        ProofError: not a block header.
    """
    if len(header_rlp) > MAX_HEADER_BYTES:
        raise ProofError("block header is too long", expected=f"at most {MAX_HEADER_BYTES} bytes")
    fields = rlp_list(header_rlp, max_items=_HEADER_MAX_FIELDS)
    if len(fields) < _HEADER_MIN_FIELDS or fields[_STATE_ROOT].is_list or len(fields[_STATE_ROOT].payload) != 32:
        raise ProofError("not a block header", expected="at least 15 fields with a 32-byte state root")
    numbers = []
    for at, what in ((_NUMBER, "number"), (_TIMESTAMP, "timestamp")):
        item = fields[at]
        if item.is_list or len(item.payload) > 5 or item.payload[:1] == b"\x00":
            raise ProofError(f"block header has a malformed {what}")
        numbers.append(int.from_bytes(item.payload, "big"))
    return BlockRef(numbers[0], keccak(header_rlp), numbers[1], fields[_STATE_ROOT].payload)


def parent_of_header(header_rlp: bytes) -> bytes:
    """The hash of the block before, 32 bytes.

    Raises:
        ProofError: not a block header.
    """
    return _hash_field(header_rlp, _PARENT, "parent")


def receipts_root_of_header(header_rlp: bytes) -> bytes:
    """Root of the trie of the block's receipts, 32 bytes.

    Raises:
        ProofError: not a block header.
    """
    return _hash_field(header_rlp, _RECEIPTS_ROOT, "receipts root")


def _hash_field(header_rlp: bytes, position: int, what: str) -> bytes:
    block_of_header(header_rlp)
    item = rlp_list(header_rlp, max_items=_HEADER_MAX_FIELDS)[position]
    if item.is_list or len(item.payload) != 32:
        raise ProofError(f"block header has a malformed {what}", expected="32 bytes")
    return item.payload


@dataclass(frozen=True, slots=True)
class StateEvidence:
    """A block header and the trie nodes that prove some storage slots below it.

    Args:
        header_rlp: The header as RLP, exactly the bytes whose Keccak-256 is the block hash.
        nodes: Account and storage trie nodes as RLP, each once, in ascending order of their bytes.
    """

    header_rlp: bytes
    nodes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse what is not in the one order or beyond bounds.

        Raises:
            ProofError: nodes out of order, repeated, too many or too long.
        """
        if len(self.nodes) > MAX_NODES:
            raise ProofError("too many trie nodes", expected=f"at most {MAX_NODES}", found=len(self.nodes))
        if any(len(node) > MAX_NODE_BYTES for node in self.nodes):
            raise ProofError("trie node is too long", expected=f"at most {MAX_NODE_BYTES} bytes")
        if any(a >= b for a, b in zip(self.nodes, self.nodes[1:], strict=False)):
            raise ProofError("trie nodes are not sorted and unique")

    @property
    def size_bytes(self) -> int:
        """Bytes of header and nodes together."""
        return len(self.header_rlp) + sum(map(len, self.nodes))

    def union(self, other: StateEvidence) -> StateEvidence:
        """The evidence of both, for one block.

        Raises:
            ProofError: they are about different blocks.
        """
        if self.header_rlp != other.header_rlp:
            raise ProofError("evidence of different blocks cannot be joined")
        return StateEvidence(self.header_rlp, tuple(sorted({*self.nodes, *other.nodes})))


class ProvenState(TrieState):
    """The storage that `evidence` proves to have stood in the block of hash `block_hash`.

    Args:
        evidence: From anyone.
        block_hash: 32 bytes, from whom the reader trusts about the chain; never out of the evidence.

    Raises:
        ProofError: the header is not that block's.
    """

    def __init__(self, evidence: StateEvidence, *, block_hash: bytes) -> None:
        found = keccak(evidence.header_rlp)
        if found != block_hash:
            raise ProofError(
                "the evidence is about another block", expected="0x" + block_hash.hex(), found="0x" + found.hex()
            )
        self._nodes = {keccak(node): node for node in evidence.nodes}
        self._used: set[bytes] = set()
        super().__init__(block_of_header(evidence.header_rlp), node_of=self._node)

    def _node(self, node_hash: bytes) -> bytes:
        node = self.peek(node_hash)
        self._used.add(node_hash)
        return node

    def peek(self, node_hash: bytes) -> bytes:
        """A trie node of the evidence, which does not count as used by that.

        Raises:
            ProofError: the evidence lacks it.
        """
        node = self._nodes.get(node_hash)
        if node is None:
            raise ProofError(
                "not proven: the evidence lacks a trie node",
                where=f"block {self.block.number}",
                expected="node 0x" + node_hash.hex(),
            )
        return node

    def used_node(self, node_hash: bytes) -> None:
        """Count a node of the evidence as used, which something else than this state's storage needed."""
        self._used.add(node_hash)

    def unused_nodes(self) -> tuple[bytes, ...]:
        """Nodes that no read has needed so far, in their order: padding, or proof of something else."""
        return tuple(node for node_hash, node in self._nodes.items() if node_hash not in self._used)


def collect_evidence(header_rlp: bytes, reads: Reads, *, node_of: NodeSource) -> StateEvidence:
    """Walk to every slot in `reads` and keep the nodes on the way, those of absent slots and contracts included.

    Args:
        header_rlp: Header of the block that is meant.
        reads: Slots by contract.
        node_of: The full state, for instance a chain's database.

    Raises:
        ProofError: a node is malformed.
        LedgerError: `node_of` lacks a node.
    """
    nodes: set[bytes] = set()

    def keep(node_hash: bytes) -> bytes:
        node = node_of(node_hash)
        nodes.add(node)
        return node

    state = TrieState(block_of_header(header_rlp), node_of=keep)
    for contract, slots in reads.items():
        state.code_hash(contract)
        for slot in slots:
            state.storage(contract, slot)
    return StateEvidence(header_rlp, tuple(sorted(nodes)))
