"""Contract storage as of one block of a node: believed as the node says it, or proven word by word."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from passport.errors import LedgerError
from passport.ledger.chain_id import Address, parse_address
from passport.ledger.protocol import BlockRef
from passport.ledger.rpc_values import data_text, read_data, read_object
from passport.ledger.state import TrieState
from passport.ledger.trie_walk import MAX_NODE_BYTES
from passport.model.keccak import keccak

AskAtBlock = Callable[..., Any]
"""`(block, method, *parameters)`: ask for something as of a block, with the block as the last parameter."""

_MAX_WORDS = 1024
_SLOTS_A_REQUEST = 256
_MAX_PROOF_NODES = 70
"""A path in a trie of 256-bit keys has at most 65 nodes."""


def storage_key(slot: int) -> str:
    """A slot as all nodes take it: 32 bytes, leading zeros and all.

    Raises:
        LedgerError: not a slot.
    """
    if not 0 <= slot < 1 << 256:
        raise LedgerError("not a storage slot", expected="0 to 2^256-1", found=slot)
    return data_text(slot.to_bytes(32, "big"))


class BelievedState:
    """A `StateView` that takes the node's word (`eth_getStorageAt`).

    Args:
        block: The block.
        ask: Asks as of it.
    """

    def __init__(self, block: BlockRef, ask: AskAtBlock) -> None:
        self._block = block
        self._ask = ask
        self._words: dict[tuple[Address, int], int] = {}

    @property
    def block(self) -> BlockRef:
        """The block whose state this is."""
        return self._block

    def storage(self, contract: Address, slot: int) -> int:
        """The word at `slot` of `contract`.

        Raises:
            LedgerUnavailableError: the node does not answer, or no longer has this state.
            LedgerError: `contract` is no address, `slot` no slot, or the answer no word.
        """
        word = self._words.get((contract, slot))
        if word is None:
            parse_address(contract)
            answer = self._ask(self._block, "eth_getStorageAt", contract, storage_key(slot))
            # Most nodes write all 32 bytes; some leave out leading zeros, down to "0x" or "0x0".
            text = answer if isinstance(answer, str) else ""
            padded = "0x" + text[2:].rjust(64, "0") if text.startswith("0x") and len(text) <= 66 else answer
            word = int.from_bytes(read_data(padded, "storage word", length=32), "big")
            if len(self._words) >= _MAX_WORDS:
                self._words.clear()
            self._words[contract, slot] = word
        return word


class AskedProofs:
    """Trie nodes that a node sends as EIP-1186 proofs; each answers for its own hash.

    Args:
        ask: Asks as of a block.
    """

    def __init__(self, ask: AskAtBlock) -> None:
        self._ask = ask
        self._nodes: dict[bytes, bytes] = {}

    def fetch(self, block: BlockRef, contract: Address, slots: Iterable[int]) -> None:
        """Fetch what proves these slots of a contract, and the contract's account itself.

        Raises:
            LedgerError: malformed or oversized.
        """
        parse_address(contract)
        keys = [storage_key(slot) for slot in sorted(slots)]
        for start in range(0, max(len(keys), 1), _SLOTS_A_REQUEST):
            part = keys[start : start + _SLOTS_A_REQUEST]
            answer = read_object(self._ask(block, "eth_getProof", contract, part), "proof")
            self._keep(answer.get("accountProof"))
            proofs = answer.get("storageProof")
            if not isinstance(proofs, list) or len(proofs) != len(part):
                raise LedgerError("the node proves other slots than asked for", expected=len(part))
            for proof in proofs:
                self._keep(read_object(proof, "storage proof").get("proof"))

    def _keep(self, nodes: object) -> None:
        if not isinstance(nodes, list) or len(nodes) > _MAX_PROOF_NODES:
            raise LedgerError("the node's proof is no list of trie nodes", expected=f"at most {_MAX_PROOF_NODES}")
        for text in nodes:
            node = read_data(text, "trie node")
            if len(node) > MAX_NODE_BYTES:
                raise LedgerError("a trie node is too long", expected=f"at most {MAX_NODE_BYTES} bytes")
            self._nodes[keccak(node)] = node

    def node(self, node_hash: bytes) -> bytes:
        """A node by its hash.

        Raises:
            LedgerError: the proofs lack it.
        """
        found = self._nodes.get(node_hash)
        if found is None:
            raise LedgerError(
                "the node's proof does not reach from the block's state root to the slot",
                expected="trie node " + data_text(node_hash),
                hint="the node is faulty or lies: ask another one",
            )
        return found


class ProvingState(TrieState):
    """A `StateView` that has every word proven against the block's state root, so that only the block is believed.

    Args:
        block: The block.
        ask: Asks as of it.
    """

    def __init__(self, block: BlockRef, ask: AskAtBlock) -> None:
        self._proofs = AskedProofs(ask)
        self._fetched: set[tuple[Address, int]] = set()
        super().__init__(block, node_of=self._proofs.node)

    def storage(self, contract: Address, slot: int) -> int:
        """The word at `slot` of `contract`, proven.

        Raises:
            ProofError: a malformed trie node.
            LedgerError: a proof that does not hold.
            LedgerUnavailableError: the node does not answer, or no longer has this state.
        """
        if (contract, slot) not in self._fetched:
            self._proofs.fetch(self.block, contract, [slot])
            self._fetched.add((contract, slot))
        return super().storage(contract, slot)
