"""A log kept as tiles: appending touches the right edge alone, however large the log has become.

In memory are the edge's own tiles (at most one a level) and the hashes of the full subtrees they end in. A leaf costs
two hashes on average and at most 48; taking the root folds at most 48 more. Nothing to the left is ever read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from passport.ledger.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hash, node_hash
from passport.ledger.tile_reader import TiledLog
from passport.ledger.tiles import ENTRIES_LEVEL, TILE_HEIGHT, TILE_WIDTH, Tile, levels, tile_of, write_bundle


class TileStore(Protocol):
    """Keeps a log's files by their path below its prefix."""

    def fetch(self, path: str) -> bytes | None:
        """The file at a path; None when there is none."""
        ...

    def put(self, path: str, data: bytes) -> None:
        """Keep a file, whole or not at all; putting the same bytes again is harmless.

        Raises:
            ConflictError: another file is there.
        """
        ...


class TileWriter:
    """Appends to a log that lies in a store.

    What was appended is the log's only once `flush` has put the edge's partial tiles and the caller has said so in a
    checkpoint; whoever crashes before that opens the log at its old size and appends again.

    Args:
        store: Where the tiles are.
        size: Leaves in the log so far, of which all tiles are there.

    Raises:
        ProofError: what is in the store is no log of that size.
        LedgerUnavailableError: a tile of the edge is missing.
    """

    def __init__(self, store: TileStore, size: int = 0) -> None:
        self._store = store
        self._size = size
        self._flushed = size
        log = TiledLog(store.fetch, size)
        self._tails: list[bytearray] = []
        for level in range(levels(size)):
            number = (size >> TILE_HEIGHT * level) // TILE_WIDTH
            begun = tile_of(level, number, size)
            self._tails.append(bytearray(log.tile(level, number) if begun else b""))
        begun = tile_of(ENTRIES_LEVEL, size // TILE_WIDTH, size)
        self._bundle = bytearray(write_bundle(log.entries(size // TILE_WIDTH)) if begun else b"")
        self._subtrees = [log.subtree(height) for height in reversed(range(size.bit_length())) if size >> height & 1]

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._size

    def extend(self, entries: Iterable[bytes]) -> None:
        """Append entries in order; every tile that fills is put at once."""
        for entry in entries:
            self._append(entry)

    def _append(self, entry: bytes) -> None:
        size, height = self._size, 0
        merged = leaf_hash(entry)
        self._bundle += write_bundle((entry,))
        self._add(0, merged)
        if (size + 1) % TILE_WIDTH == 0:
            self._put(ENTRIES_LEVEL, bytes(self._bundle), TILE_WIDTH)
            self._bundle = bytearray()
        while size >> height & 1:
            merged = node_hash(self._subtrees.pop(), merged)
            height += 1
            if height % TILE_HEIGHT == 0:
                self._add(height // TILE_HEIGHT, merged)
        self._subtrees.append(merged)
        self._size += 1

    def _add(self, level: int, merged: bytes) -> None:
        if level == len(self._tails):
            self._tails.append(bytearray())
        tail = self._tails[level]
        tail += merged
        if len(tail) == TILE_WIDTH * HASH_BYTES:
            self._put(level, bytes(tail), TILE_WIDTH)
            self._tails[level] = bytearray()

    def flush(self) -> bytes:
        """Put the partial tiles of the edge that have changed since the last time, and return the root."""
        if self._bundle and self._size != self._flushed:
            self._put(ENTRIES_LEVEL, bytes(self._bundle), self._size % TILE_WIDTH)
        for level, tail in enumerate(self._tails):
            shift = TILE_HEIGHT * level
            if tail and self._size >> shift != self._flushed >> shift:
                self._put(level, bytes(tail), len(tail) // HASH_BYTES)
        self._flushed = self._size
        return self.root()

    def root(self) -> bytes:
        """The root of the log so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        folded = self._subtrees[-1]
        for full in reversed(self._subtrees[:-1]):
            folded = node_hash(full, folded)
        return folded

    def _put(self, level: int, data: bytes, width: int) -> None:
        # While a tile is being filled, its own leaf (the last of its span) is not counted yet.
        number = (self._size >> TILE_HEIGHT * max(level, 0)) // TILE_WIDTH
        self._store.put(Tile(level, number, width).path, data)
