"""Proofs out of tiles alone: a log's tree over whatever hands out its files, a folder or a web server.

Whoever serves tiles is believed in nothing: what is read is hashed, and what it leads to is compared with a root known
from elsewhere (the chain, or cosigned by witnesses).
"""

from __future__ import annotations

from collections.abc import Callable

from passport.errors import LedgerUnavailableError, ProofError
from passport.ledger.merkle import HASH_BYTES, LogTree, MerkleLog, leaf_hash, node_hash, root_of_leaf, verify_inclusion
from passport.ledger.tiles import ENTRIES_LEVEL, TILE_HEIGHT, TILE_WIDTH, Tile, read_bundle, tile_of, tiles

Fetch = Callable[[str], bytes | None]
"""Hands out the file at a path below the log's prefix; None when there is none.

Raises `LedgerUnavailableError` where it cannot be asked right now.
"""

_MAX_TILES = 256


class TiledLog(LogTree):
    """The tree of a log of `size` leaves over its tiles.

    A proof takes the tiles on one way up, four for a hundred million leaves; the last ones used are kept.

    Args:
        fetch: Where tiles come from.
        size: Leaves in the log, from a checkpoint; no tile is asked for that a log of that size does not have.
    """

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch = fetch
        self._leaves = size
        self._read: dict[tuple[int, int], list[bytes]] = {}

    def __len__(self) -> int:
        """The number of leaves."""
        return self._leaves

    def entries(self, number: int) -> list[bytes]:
        """The entries of one bundle, which are those that its tile of leaf hashes was made of.

        Raises:
            ProofError: no such bundle, or entries and hashes differ.
            LedgerUnavailableError: it is not at hand.
        """
        tile = tile_of(ENTRIES_LEVEL, number, self._leaves)
        if tile is None:
            raise ProofError("the log has no such bundle of entries", found=number)
        found, data = self._file(tile)
        entries = read_bundle(data, found.width)[: tile.width]
        hashes = self._hashes(0, number)
        for at, entry in enumerate(entries):
            if leaf_hash(entry) != hashes[at]:
                where = f"leaf {number * TILE_WIDTH + at}"
                raise ProofError("the entry is not the one in the tile of leaf hashes", where=where)
        return entries

    def prove(self, entry: bytes, index: int, root: bytes, *, size: int | None = None) -> tuple[bytes, ...]:
        """The inclusion proof of an entry, which is checked against the root before it is handed out.

        Raises:
            ProofError: the tiles do not lead from the entry to the root.
            LedgerUnavailableError: a tile is not at hand.
        """
        of_size = len(self) if size is None else size
        path = self.inclusion_proof(index, of_size)
        verify_inclusion(entry, index, of_size, path, root)
        return path

    def proven_leaf(self, index: int, root: bytes) -> bytes:
        """The hash of the leaf that stands at an index of the log with this root, whatever it is of.

        Raises:
            ProofError: the tiles do not lead to the root; that says nothing of the leaf.
            LedgerUnavailableError: a tile is not at hand.
        """
        leaf = self.leaf(index)
        found = root_of_leaf(leaf, index, len(self), self.inclusion_proof(index))
        if found != root:
            raise ProofError("the tiles are not those of the log", expected=f"root {root.hex()}", found=found.hex())
        return leaf

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of one tile end to end, as far as they belong to a log of this size.

        Raises:
            ProofError: no such tile, or not as long as it must be.
            LedgerUnavailableError: it is not at hand.
        """
        return b"".join(self._hashes(level, number))

    def _node(self, height: int, index: int) -> bytes:
        level, above = divmod(height, TILE_HEIGHT)
        start = index << above
        number, at = divmod(start, TILE_WIDTH)
        hashes = self._hashes(level, number)[at : at + (1 << above)]
        if len(hashes) != 1 << above:
            raise ProofError("the log has no such subtree", found=f"height {height}, {index}")
        while len(hashes) > 1:
            hashes = [node_hash(hashes[left], hashes[left + 1]) for left in range(0, len(hashes), 2)]
        return hashes[0]

    def _hashes(self, level: int, number: int) -> list[bytes]:
        key = (level, number)
        found = self._read.get(key)
        if found is None:
            tile = tile_of(level, number, self._leaves)
            if tile is None:
                raise ProofError("the log has no such tile", found=f"level {level}, number {number}")
            file, data = self._file(tile)
            if len(data) != file.width * HASH_BYTES:
                expected = f"{file.width * HASH_BYTES} bytes"
                raise ProofError("not a tile", where=file.path, expected=expected, found=f"{len(data)} bytes")
            found = [data[at : at + HASH_BYTES] for at in range(0, tile.width * HASH_BYTES, HASH_BYTES)]
            if len(self._read) >= _MAX_TILES:
                self._read.pop(next(iter(self._read)))
            self._read[key] = found
        return found

    def _file(self, tile: Tile) -> tuple[Tile, bytes]:
        """A tile as it is found: once a log has grown, the full one may be all that is left of a partial one."""
        for each in (tile,) if tile.is_full else (tile, tile.filled):
            data = self._fetch(each.path)
            if data is not None:
                return each, data
        raise LedgerUnavailableError("a tile of the log is not at hand", where=tile.path)


def read_log(fetch: Fetch, size: int, root: bytes) -> MerkleLog:
    """Read a whole log out of its files: every entry is hashed, and every tile must be the one that they make.

    Args:
        fetch: Where the files come from.
        size: Leaves in the log.
        root: The root it is known by.

    Raises:
        ProofError: entries, tiles and root do not fit together.
        LedgerUnavailableError: a file is not at hand.
    """
    served, log = TiledLog(fetch, size), MerkleLog()
    for number in range(-(-size // TILE_WIDTH)):
        log.extend(served.entries(number))
    if log.root() != root:
        raise ProofError("the entries do not lead to the root", expected=root.hex(), found=log.root().hex())
    for tile in tiles(size):
        if tile.level > 0:  # those of leaf hashes were compared with the entries
            start = tile.number * TILE_WIDTH
            expected = log.hashes(TILE_HEIGHT * tile.level, start, start + tile.width)
            if served.tile(tile.level, tile.number) != expected:
                raise ProofError("the tile is not the one that the entries make", where=tile.path)
    return log
