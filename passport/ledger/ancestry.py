"""Which block stood at a height before one that is trusted: shown by headers handed out, and by the trusted state.

Two ways lead back. Each header names its parent's hash. And from Prague on a system contract (EIP-2935) keeps the
hashes of the last 8,191 blocks in its storage, so that a proof of one word of a trusted state gives the hash of a block
before it, and a proof of that block's state leads further back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from passport.errors import LedgerError, ProofError
from passport.ledger.chain_id import Address
from passport.ledger.proofs import block_of_header, parent_of_header
from passport.ledger.protocol import BlockRef
from passport.ledger.state import TrieState
from passport.ledger.trie_walk import NodeSource
from passport.model.keccak import keccak

HISTORY_CONTRACT: Final = Address("0x0000F90827F1C53a10cb7A02335B175320002935")
"""Where block hashes are kept (EIP-2935); deployed by a transaction without a key, so nothing else gets there."""

HISTORY_CODE_HASH: Final = bytes.fromhex("6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d")
"""Keccak-256 of its code: only the chain itself may write there."""

HISTORY_BLOCKS: Final = 8191
"""Hashes of so many blocks are kept."""

MAX_ANCESTORS: Final = 4096
"""Headers that are followed one by one, or skipped to: beyond that a block's own place in a trust file is less work."""

HeaderSource = Callable[[int], bytes | None]
"""The header that is said to stand at a height, as RLP, or None; from anyone."""


def history_slot(number: int) -> int:
    """The slot of the history contract that holds a block's hash."""
    return number % HISTORY_BLOCKS


def base_of(head: int, number: int) -> int:
    """The block whose state is asked for the hash of the one at `number`, when the newest trusted one is `head`.

    Blocks `head`, `head - 8191` and so on know each other, and each knows those between it and the next.
    """
    return head - (head - number - 1) // HISTORY_BLOCKS * HISTORY_BLOCKS


class Ancestry:
    """The blocks before a trusted one.

    Args:
        header_rlp: The trusted block's header.
        header_of: Where further headers come from.
        node_of: Where nodes of state tries come from; it answers for their hashes.
        used_header: Called for each header, by its height, that led to a block that was asked for; maybe again.
        used_node: Called so for each node, by its hash. What led nowhere is never told.
    """

    def __init__(
        self,
        header_rlp: bytes,
        *,
        header_of: HeaderSource,
        node_of: NodeSource,
        used_header: Callable[[int], object] | None = None,
        used_node: Callable[[bytes], object] | None = None,
    ) -> None:
        self._head = block_of_header(header_rlp)
        self._header_of = header_of
        self._node_of = node_of
        self._used_header = used_header
        self._used_node = used_node
        self._states: dict[int, _KeptHashes | None] = {self._head.number: _KeptHashes(self._head, node_of)}
        self._linked = {self._head.number: self._head.hash, self._head.number - 1: parent_of_header(header_rlp)}
        self._lowest = self._told = self._head.number - 1

    def hash_at(self, number: int) -> bytes | None:
        """The hash of the block at a height, 32 bytes; None where what is at hand does not show it."""
        if not 0 <= number <= self._head.number:
            return None
        if number == self._head.number:
            return self._head.hash
        return self._by_history(number) or self._by_parents(number)

    def _by_history(self, number: int) -> bytes | None:
        base = base_of(self._head.number, number)
        state = self._state_at(base)
        found = None if state is None else state.hash_at(number)
        if found is not None:
            self._tell_history(base, number)
        return found

    def _tell_history(self, base: int, number: int) -> None:
        """Every header and node between the trusted block and one whose hash was found."""
        while True:
            state = self._states[base]
            if state is not None and self._used_node is not None:
                for node_hash in state.nodes_of(number):
                    self._used_node(node_hash)
            if base == self._head.number:
                return
            if self._used_header is not None:
                self._used_header(base)
            base, number = base + HISTORY_BLOCKS, base

    def _state_at(self, base: int) -> _KeptHashes | None:
        """What is kept after the trusted block, or after one that lies whole rounds of the history before it."""
        missing: list[int] = []
        while base not in self._states:
            if len(self._states) + len(missing) >= MAX_ANCESTORS:
                return None
            missing.append(base)
            base += HISTORY_BLOCKS
        state = self._states[base]
        for number in reversed(missing):
            state = None if state is None else self._further_back(state, number)
            self._states[number] = state
        return state

    def _further_back(self, state: _KeptHashes, number: int) -> _KeptHashes | None:
        known, header = state.hash_at(number), self._header_of(number)
        if known is None or header is None or keccak(header) != known:
            return None
        try:
            block = block_of_header(header)
        except ProofError:
            return None
        return _KeptHashes(block, self._node_of) if block.number == number else None

    def _by_parents(self, number: int) -> bytes | None:
        if self._head.number - number > MAX_ANCESTORS:
            return None
        while self._lowest > number:
            header = self._header_of(self._lowest)
            if header is None or keccak(header) != self._linked[self._lowest]:
                return None
            try:
                parent = parent_of_header(header)
            except ProofError:
                return None
            self._lowest -= 1
            self._linked[self._lowest] = parent
        while self._told > number:
            if self._used_header is not None:
                self._used_header(self._told)
            self._told -= 1
        return self._linked.get(number)


class _KeptHashes:
    """Hashes that the state after a block keeps of the blocks before it, with the nodes that prove each.

    Args:
        block: The block.
        node_of: Where nodes come from.
    """

    def __init__(self, block: BlockRef, node_of: NodeSource) -> None:
        self._block = block
        self._node_of = node_of
        self._nodes: dict[int, tuple[bytes, ...]] = {}

    def hash_at(self, number: int) -> bytes | None:
        """The hash of one of the 8,191 blocks before, or None: not proven, or not kept."""
        if not self._block.number - HISTORY_BLOCKS <= number < self._block.number:
            return None
        touched: list[bytes] = []

        def touch(node_hash: bytes) -> bytes:
            touched.append(node_hash)
            return self._node_of(node_hash)

        # Anew for each block: a state remembers nodes, and those of a walk that led nowhere would be told of none.
        state = TrieState(self._block, node_of=touch)
        try:
            if state.code_hash(HISTORY_CONTRACT) != HISTORY_CODE_HASH:
                return None
            word = state.storage(HISTORY_CONTRACT, history_slot(number))
        except LedgerError:
            return None
        self._nodes[number] = tuple(touched)
        return word.to_bytes(32, "big") if word else None

    def nodes_of(self, number: int) -> tuple[bytes, ...]:
        """The hashes of the nodes that prove the hash of a block."""
        return self._nodes.get(number, ())
