"""Where a log's hashes and entries lie as static files: the paths, widths and bundles of C2SP tlog-tiles.

A tile of level `l` holds up to 256 hashes of subtrees that are `256 ** l` leaves wide; a full one is 8 KiB. The tiles
at the right edge of a log are partial and carry their width in their path, so that a file is never changed once it is
there, and any web server or folder can serve a log.

    tile/0/000            tile/0/x001/067.p/17            tile/entries/000

See https://c2sp.org/tlog-tiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from passport.errors import ProofError
from passport.ledger.merkle import HASH_BYTES, MAX_LOG_SIZE

TILE_HEIGHT = 8
"""Levels of the tree in one tile."""

TILE_WIDTH = 1 << TILE_HEIGHT
"""Hashes in a full tile, entries in a full bundle."""

TILE_BYTES = TILE_WIDTH * HASH_BYTES
"""Length of a full tile."""

MAX_ENTRY_BYTES = (1 << 16) - 1
"""A bundle counts an entry's bytes in a uint16."""

ENTRIES_LEVEL = -1
"""Stands for bundles of entries where a tile's level is asked for."""

CHECKPOINT_PATH = "checkpoint"
"""Where the log's newest checkpoint is served."""

_LENGTH_BYTES = 2
_PATH = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?\Z")


@dataclass(frozen=True, slots=True)
class Tile:
    """One file: a tile of hashes, or a bundle of entries.

    Args:
        level: Which level of tiles; `ENTRIES_LEVEL` for entries.
        number: Its place in its level.
        width: How many hashes or entries are in it, 1 to 256.

    Raises:
        ProofError: no log has such a tile.
    """

    level: int
    number: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        leaves = (self.number * TILE_WIDTH + self.width) << TILE_HEIGHT * max(self.level, 0)
        if not (ENTRIES_LEVEL <= self.level <= 63 and 1 <= self.width <= TILE_WIDTH and self.number >= 0):
            raise ProofError("there is no such tile", expected="level 0 to 63, width 1 to 256", found=self)
        if leaves > MAX_LOG_SIZE:
            raise ProofError("no log is large enough to have this tile", found=f"level {self.level}, {self.number}")

    @property
    def is_full(self) -> bool:
        """Whether nothing can be added to it."""
        return self.width == TILE_WIDTH

    @property
    def path(self) -> str:
        """Where it lies below the log's prefix."""
        level = "entries" if self.level == ENTRIES_LEVEL else str(self.level)
        digits = str(self.number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        place = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        return f"tile/{level}/{place}" + ("" if self.is_full else f".p/{self.width}")

    @property
    def filled(self) -> Tile:
        """The full tile that takes this one's place as the log grows."""
        return Tile(self.level, self.number)


def parse_tile_path(path: str) -> Tile:
    """The tile at a path below the log's prefix.

    Raises:
        ProofError: not the path of a tile, or not in its one spelling.
    """
    match = _PATH.match(path)
    if match:
        level = ENTRIES_LEVEL if match[1] == "entries" else int(match[1])
        number = int(match[2].replace("x", "").replace("/", ""))
        tile = Tile(level, number, int(match[3]) if match[3] else TILE_WIDTH)
        if tile.path == path:
            return tile
    raise ProofError("not the path of a tile", expected="tile/<level>/<number>[.p/<width>]", found=path)


def tile_of(level: int, number: int, size: int) -> Tile | None:
    """The tile of that place in a log of `size` leaves, as wide as it is there; None where the log does not reach."""
    hashes = size >> TILE_HEIGHT * max(level, 0)
    width = min(hashes - number * TILE_WIDTH, TILE_WIDTH)
    return Tile(level, number, width) if width > 0 else None


def level_tiles(level: int, size: int, *, old_size: int = 0) -> Iterator[Tile]:
    """The tiles of one level in a log of `size` leaves that were not the same at `old_size`."""
    shift = TILE_HEIGHT * max(level, 0)
    hashes, old_hashes = size >> shift, old_size >> shift
    if hashes == old_hashes:
        return
    for number in range(old_hashes // TILE_WIDTH, -(-hashes // TILE_WIDTH)):
        tile = tile_of(level, number, size)
        if tile is not None:
            yield tile


def tiles(size: int, *, old_size: int = 0) -> Iterator[Tile]:
    """Every tile and bundle of a log of `size` leaves that was not there at `old_size`: entries first, then upwards."""
    for level in range(ENTRIES_LEVEL, levels(size)):
        yield from level_tiles(level, size, old_size=old_size)


def levels(size: int) -> int:
    """How many levels of tiles a log of `size` leaves has."""
    return -(-size.bit_length() // TILE_HEIGHT)


def write_bundle(entries: Sequence[bytes]) -> bytes:
    """A bundle of entries, each after its length.

    Raises:
        ProofError: more than 256 entries, or one longer than 65,535 bytes.
    """
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise ProofError("not a bundle of entries", expected=f"1 to {TILE_WIDTH} entries", found=len(entries))
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise ProofError("an entry too long for a bundle", expected=f"at most {MAX_ENTRY_BYTES} bytes")
        parts += [len(entry).to_bytes(_LENGTH_BYTES, "big"), entry]
    return b"".join(parts)


def read_bundle(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle.

    Args:
        data: The bundle.
        width: How many there must be.

    Raises:
        ProofError: cut short, or another number of entries.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(data) and len(entries) < width:
        start = at + _LENGTH_BYTES
        end = start + int.from_bytes(data[at:start], "big")
        if end > len(data) or start > len(data):
            raise ProofError("a bundle of entries is cut short", found=f"{len(data)} bytes")
        entries.append(data[start:end])
        at = end
    if len(entries) != width or at != len(data):
        found = f"{len(entries)} and {len(data) - at} bytes more"
        raise ProofError("not as many entries in the bundle as its path says", expected=width, found=found)
    return entries
