"""Blocks written by hand: headers over receipts of the tests' choosing, by libraries that the readers do not use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import rlp
from trie.hexary import HexaryTrie

from passport.ledger.trie_walk import EMPTY_ROOT

NO_BLOOM = bytes(256)

Log = tuple[bytes, Sequence[bytes], bytes]
"""Address, topics and data."""


def sealed(
    cumulative_gas: int, logs: Sequence[Log] = (), *, kind: int = 0, status: int | bytes = 1, bloom: bytes = NO_BLOOM
) -> bytes:
    """A receipt as a chain seals it."""
    encoded: bytes = rlp.encode([status, cumulative_gas, bloom, [[a, list(topics), data] for a, topics, data in logs]])
    return bytes([kind]) + encoded if kind else encoded


def trie_of(receipts: Sequence[bytes]) -> tuple[bytes, Mapping[bytes, bytes]]:
    """Root and nodes, by py-trie with keys by pyrlp."""
    nodes: dict[bytes, bytes] = {}
    trie = HexaryTrie(nodes)
    for index, receipt in enumerate(receipts):
        trie[rlp.encode(index)] = receipt
    return trie.root_hash, nodes


def header(
    number: int, *, parent: bytes = bytes(32), state_root: bytes = EMPTY_ROOT, receipts_root: bytes = EMPTY_ROOT
) -> bytes:
    """A header of 15 fields."""
    words = [parent, bytes(32), bytes(20), state_root, EMPTY_ROOT, receipts_root, NO_BLOOM]
    encoded: bytes = rlp.encode([*words, 0, number, 30_000_000, 0, 1_790_000_000 + number, b"", bytes(32), bytes(8)])
    return encoded


def block_of(
    number: int, receipts: Sequence[bytes], *, parent: bytes = bytes(32)
) -> tuple[bytes, Mapping[bytes, bytes]]:
    """A header over these receipts, and the nodes of their trie."""
    root, nodes = trie_of(receipts)
    return header(number, parent=parent, receipts_root=root), nodes
