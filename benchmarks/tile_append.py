"""Append one leaf to a log of a hundred million that lies in tiles: against bare hashing, and against a small log.

Nobody hashes a hundred million leaves for this: the store makes up, from their place, the hashes of the full subtrees
that the log ends in, and appending can not tell them from real ones. That the roots are right is checked against the
frontier of the same subtrees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256

from benchmarks.bench import Bench
from benchmarks.measure import Times, best, in_slices
from benchmarks.result import Result, rate
from passport.ledger.merkle import Frontier
from passport.ledger.tile_reader import TiledLog
from passport.ledger.tile_writer import TileWriter
from passport.ledger.tiles import ENTRIES_LEVEL, parse_tile_path, write_bundle

_LARGE, _SMALL = 100_000_000, 10_000
_APPENDS = 1_000
_LEAF_BYTES, _NODE_BYTES = 33, 65
_GROWTH_GOAL = 0.5
"""Ten thousand times the leaves are twice the levels."""


class _MadeUp:
    """A store whose full subtrees are made up from their place, and which keeps what is put."""

    def __init__(self) -> None:
        self.put_bytes = 0

    def fetch(self, path: str) -> bytes | None:
        tile = parse_tile_path(path)
        start = tile.number * 256
        if tile.level == ENTRIES_LEVEL:
            return write_bundle([_entry(index) for index in range(start, start + tile.width)])
        if tile.level == 0:
            return b"".join(sha256(b"\x00" + _entry(index)).digest() for index in range(start, start + tile.width))
        return b"".join(sha256(f"{tile.level}/{n}".encode()).digest() for n in range(start, start + tile.width))

    def put(self, path: str, data: bytes) -> None:
        self.put_bytes += len(data)


def _entry(index: int) -> bytes:
    return sha256(str(index).encode()).digest()


def run(bench: Bench) -> Iterator[Result]:
    """Leaf by leaf, with root and tiles after each: what a log that answers at once has to do."""
    appends = bench.count(_APPENDS, quick=300)
    tries = bench.tries + 1
    times = best(in_slices([_append(_LARGE, appends)], [_hash(_LARGE, appends)]) for _ in range(tries))
    yield _result(
        "log_append_one",
        f"append one leaf to {_LARGE:,}, with its root and tiles",
        times,
        appends,
        "hashlib: SHA-256 of the leaf and nodes that it touches",
    )
    times = best(in_slices([_append(_LARGE, appends)], [_append(_SMALL, appends)]) for _ in range(tries))
    yield _result(
        "log_append_growth",
        f"append one leaf to {_LARGE:,}",
        times,
        appends,
        f"the same on a log of {_SMALL:,} leaves",
        _GROWTH_GOAL,
    )


def _result(name: str, what: str, times: Times, count: int, reference: str, goal: float | None = None) -> Result:
    return rate(
        name,
        what,
        ours_s=times.ours_s / count,
        reference_s=times.reference_s / count,
        reference_name=reference,
        unit="leaves/s",
        goal=goal,
    )


class _Appending:
    """Appends leaf by leaf; what it arrives at must be the root of the frontier."""

    def __init__(self, size: int, appends: int) -> None:
        self._store = _MadeUp()
        self._entries = [_entry(index) for index in range(size, size + appends)]
        log = TiledLog(self._store.fetch, size)
        subtrees = [log.subtree(height) for height in reversed(range(size.bit_length())) if size >> height & 1]
        frontier = Frontier(size, b"".join(subtrees))
        frontier.extend(self._entries)
        self._root = frontier.root()
        self._writer = TileWriter(self._store, size)

    def run(self) -> None:
        root = b""
        for entry in self._entries:
            self._writer.extend((entry,))
            root = self._writer.flush()
        if root != self._root:
            raise ValueError("the tiles lead to another root than the frontier")


def _append(size: int, appends: int) -> Callable[[], object]:
    """A job that can run once: made, with its log opened, outside the time that is taken."""
    return _Appending(size, appends).run


def _hash(size: int, appends: int) -> Callable[[], object]:
    """Hash what is touched: the leaf, the subtrees that it completes, and those that the root is folded of."""
    leaf, node = bytes(_LEAF_BYTES), bytes(_NODE_BYTES)
    nodes = [_merges(at) + (at + 1).bit_count() - 1 for at in range(size, size + appends)]

    def hash_all() -> None:
        for count in nodes:
            sha256(leaf).digest()
            for _ in range(count):
                sha256(node).digest()

    return hash_all


def _merges(size: int) -> int:
    return (size ^ (size + 1)).bit_length() - 1
