"""Proof of what a transaction used and emitted, to be judged without any node: a header and trie nodes below it.

A block's header fixes the root of the trie of its receipts (Yellow Paper 4.4.1), which keeps the receipt of the
transaction at position i under RLP(i). A receipt has the gas of all transactions up to its own, so the one at i - 1 is
proven beside it, and the difference is what the transaction used. Whether the header is the chain's is not judged here.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from passport.errors import ProofError
from passport.ledger.chain_id import Address, parse_address
from passport.ledger.proofs import MAX_HEADER_BYTES, block_of_header, receipts_root_of_header
from passport.ledger.protocol import BlockRef
from passport.ledger.sealed_receipt import MAX_RECEIPT_BYTES, Event, cumulative_gas, read_sealed_receipt
from passport.ledger.trie_walk import NodeSource, lookup_raw, rlp_index
from passport.model.keccak import keccak

MAX_TRANSACTIONS = 1_000_000
"""Positions in a block, six digits: at 21,000 gas each, a block of more would have 21 billion."""

MAX_RECEIPT_NODES = 32
"""Two ways of at most 9 nodes each lead to two receipts."""

_MAX_NODE_BYTES = MAX_RECEIPT_BYTES + 64


@dataclass(frozen=True, slots=True)
class ReceiptEvidence:
    """A block header and the trie nodes that prove one receipt below it, and the one before.

    Args:
        header_rlp: The header as RLP, exactly the bytes whose Keccak-256 is the block hash.
        index: The transaction's position in the block, from 0.
        nodes: Nodes of the receipts trie as RLP, each once, in ascending order of their bytes.
    """

    header_rlp: bytes
    index: int
    nodes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse what is not in the one order or beyond bounds.

        Raises:
            ProofError: nodes out of order, repeated, too many or too long; no position in a block.
        """
        if not 0 <= self.index < MAX_TRANSACTIONS:
            raise ProofError("not a position in a block", expected=f"below {MAX_TRANSACTIONS}", found=self.index)
        if len(self.nodes) > MAX_RECEIPT_NODES or len(self.header_rlp) > MAX_HEADER_BYTES:
            raise ProofError("the proof of a receipt is too long", expected=f"at most {MAX_RECEIPT_NODES} nodes")
        if any(len(node) > _MAX_NODE_BYTES for node in self.nodes):
            raise ProofError("the receipt is too long", expected=f"at most {MAX_RECEIPT_BYTES} bytes")
        if any(a >= b for a, b in zip(self.nodes, self.nodes[1:], strict=False)):
            raise ProofError("trie nodes are not sorted and unique")


@dataclass(frozen=True, slots=True)
class ProvenReceipt:
    """What a transaction used and emitted, if `block` is the chain's.

    Args:
        block: The block that holds it.
        index: Its position there.
        gas_used: Gas charged.
        events: What contracts emitted, in order.
    """

    block: BlockRef
    index: int
    gas_used: int
    events: tuple[Event, ...]


def prove_receipt(evidence: ReceiptEvidence) -> ProvenReceipt:
    """What the evidence proves of its block.

    Raises:
        ProofError: it proves no such receipt, more than was asked, a reverted transaction, or gas that cannot be.
    """
    block, root = block_of_header(evidence.header_rlp), receipts_root_of_header(evidence.header_rlp)
    nodes = {keccak(node): node for node in evidence.nodes}
    asked: set[bytes] = set()

    def node_of(node_hash: bytes) -> bytes:
        node = nodes.get(node_hash)
        if node is None:
            raise ProofError(
                "not proven: the evidence lacks a node of the receipts trie", where=f"block {block.number}"
            )
        asked.add(node_hash)
        return node

    receipt = read_sealed_receipt(_at(root, evidence.index, node_of))
    before = cumulative_gas(_at(root, evidence.index - 1, node_of)) if evidence.index else 0
    if len(asked) != len(nodes):
        raise ProofError("the evidence holds nodes that its receipts do not need", where=f"block {block.number}")
    if not receipt.took_effect:
        raise ProofError("the transaction took no effect", where=f"block {block.number}, position {evidence.index}")
    if receipt.cumulative_gas <= before:
        raise ProofError("gas of a block that does not rise", expected=f"above {before}", found=receipt.cumulative_gas)
    return ProvenReceipt(block, evidence.index, receipt.cumulative_gas - before, receipt.events)


def collect_receipt(header_rlp: bytes, index: int, *, node_of: NodeSource) -> ReceiptEvidence:
    """Walk to a receipt and to the one before it, and keep the nodes on the way.

    Args:
        header_rlp: The block's header.
        index: The transaction's position.
        node_of: All nodes of the block's receipts trie.

    Raises:
        ProofError: a malformed node, no such transaction, or receipts beyond bounds.
        LedgerError: `node_of` lacks a node.
    """
    root = receipts_root_of_header(header_rlp)
    nodes: set[bytes] = set()

    def keep(node_hash: bytes) -> bytes:
        node = node_of(node_hash)
        nodes.add(node)
        return node

    for position in range(max(index - 1, 0), index + 1):
        _at(root, position, keep)
    return ReceiptEvidence(header_rlp, index, tuple(sorted(nodes)))


def collect_touching(
    header_rlp: bytes, transactions: int, contract: Address, *, node_of: NodeSource
) -> tuple[ReceiptEvidence, ...]:
    """Evidence of every transaction of a block that had a contract emit something; what cannot be read is left out.

    Args:
        header_rlp: The block's header.
        transactions: How many the block holds.
        contract: The contract.
        node_of: All nodes of the block's receipts trie.

    Raises:
        LedgerError: no address, or `node_of` lacks a node.
    """
    address, root = parse_address(contract), receipts_root_of_header(header_rlp)
    found = []
    for index in range(transactions):
        sealed = _at(root, index, node_of)
        if address not in sealed:  # most receipts of a block are strangers'
            continue
        with suppress(ProofError):
            if any(event.address == address for event in read_sealed_receipt(sealed).events):
                found.append(collect_receipt(header_rlp, index, node_of=node_of))
    return tuple(found)


def _at(root: bytes, index: int, node_of: NodeSource) -> bytes:
    found = lookup_raw(root, rlp_index(index), node_of)
    if found is None:
        raise ProofError("the block has no transaction at that position", found=index)
    return found
