"""Tiles as C2SP tlog-tiles prescribes them, and proofs out of tiles alone against the log in memory."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ConflictError, LedgerUnavailableError, ProofError
from passport.ledger.merkle import MerkleLog, verify_consistency
from passport.ledger.tile_folder import TileFolder
from passport.ledger.tile_reader import TiledLog, read_log
from passport.ledger.tile_writer import TileWriter
from passport.ledger.tiles import ENTRIES_LEVEL, Tile, parse_tile_path, read_bundle, tile_of, tiles, write_bundle


class Shelf:
    """A store in memory that counts what it is asked."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []

    def fetch(self, path: str) -> bytes | None:
        self.asked.append(path)
        return self.files.get(path)

    def put(self, path: str, data: bytes) -> None:
        if self.files.setdefault(path, data) != data:
            raise ConflictError("another file is there", where=path)


def entries_of(count: int, seed: int = 9162) -> list[bytes]:
    random = Random(seed)
    return [random.randbytes(32) for _ in range(count)]


def shelved(count: int) -> tuple[Shelf, list[bytes], MerkleLog]:
    shelf, entries, log = Shelf(), entries_of(count), MerkleLog()
    writer = TileWriter(shelf)
    writer.extend(entries)
    log.extend(entries)
    assert writer.flush() == log.root()
    return shelf, entries, log


def test_paths_of_the_specification() -> None:
    """tlog-tiles, "Merkle Tree": index 1234067 is x001/x234/067."""
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert Tile(ENTRIES_LEVEL, 0, 17).path == "tile/entries/000.p/17"
    assert parse_tile_path("tile/0/x001/x234/067") == Tile(0, 1234067)


def test_tiles_of_the_specification() -> None:
    """tlog-tiles, "Partial Tiles": what a tree of 70,000 leaves and one of 256 are represented by."""
    found = list(tiles(70_000))
    level_0 = [tile for tile in found if tile.level == 0]
    assert [tile.width for tile in level_0] == [256] * 273 + [112]
    assert [(tile.level, tile.width) for tile in found if tile.level > 0] == [(1, 256), (1, 17), (2, 1)]
    assert [tile.path for tile in tiles(256)] == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
    assert list(tiles(0)) == []


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/0/x000/001",
        "tile/00/001",
        "tile/64/001",
        "tile/0/001.p/256",
        "tile/0/001.p/0",
        "tile/0/001.p/07",
        "tile/0/../001",
        "tile/-1/001",
        "tile/entries/1234",
        "tile/0/001\n",
        "checkpoint",
        "tile/0/x999/x999/x999/x999/999",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(ProofError, match=r"not the path of a tile|no such tile|large enough"):
        parse_tile_path(path)


@given(
    st.integers(-1, 5),
    st.integers(0, 1 << 39),
    st.integers(1, 256),
)
def test_a_path_reads_as_what_was_written(level: int, number: int, width: int) -> None:
    try:
        tile = Tile(level, number, width)
    except ProofError as error:
        assert "large enough" in str(error)  # noqa: PT017  (most draws are tiles)
        return
    assert parse_tile_path(tile.path) == tile


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 511, 512, 1000, 66_000])
def test_proofs_out_of_tiles_are_those_of_the_log(count: int) -> None:
    """Two roads: the tree in memory, and a reader that has the files alone."""
    shelf, entries, log = shelved(count)
    assert {tile.path for tile in tiles(count)} == set(shelf.files)
    served, root = TiledLog(shelf.fetch, count), log.root()
    for index in {0, count // 3, count // 2, count - 1}:
        assert served.prove(entries[index], index, root) == log.inclusion_proof(index)
        assert served.leaf(index) == log.leaf(index)
        old = index + 1
        path = served.consistency_proof(old)
        assert path == log.consistency_proof(old)
        verify_consistency(old, log.root(old), count, root, path)
    assert read_log(shelf.fetch, count, root).root() == root


def test_a_proof_reads_one_way_up() -> None:
    shelf, entries, log = shelved(66_000)
    shelf.asked.clear()
    TiledLog(shelf.fetch, 66_000).prove(entries[5], 5, log.root())
    assert len(shelf.asked) <= 2 * 3
    shelf.asked.clear()
    TileWriter(shelf, 66_000)
    assert len(shelf.asked) <= 4


@given(st.lists(st.integers(0, 700), min_size=1, max_size=6))
def test_appending_in_any_portions_is_appending_at_once(portions: list[int]) -> None:
    """Opened anew each time: nothing but the files carries over."""
    shelf, entries, log = Shelf(), entries_of(sum(portions)), MerkleLog()
    size = 0
    for portion in portions:
        writer = TileWriter(shelf, size)
        writer.extend(entries[size : size + portion])
        log.extend(entries[size : size + portion])
        size += portion
        assert writer.flush() == log.root()
        assert writer.size == size
        if size:
            assert read_log(shelf.fetch, size, log.root()).root() == log.root()


def test_appending_again_after_a_crash_writes_the_same_files() -> None:
    shelf, entries = Shelf(), entries_of(900)
    writer = TileWriter(shelf)
    writer.extend(entries[:300])
    writer.flush()
    again = entries[300:]
    TileWriter(shelf, 300).extend(again)  # and the process dies before `flush`
    second = TileWriter(shelf, 300)
    second.extend(again)
    log = MerkleLog()
    log.extend(entries)
    assert second.flush() == log.root()


def test_an_old_size_is_proven_when_only_full_tiles_are_left() -> None:
    """Partial tiles may be deleted once the full one is there."""
    shelf, entries, log = shelved(300)
    assert "tile/0/000.p/100" not in shelf.files
    assert TiledLog(shelf.fetch, 100).prove(entries[7], 7, log.root(100)) == log.inclusion_proof(7, 100)
    assert TiledLog(shelf.fetch, 100).entries(0) == entries[:100]


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"])
def test_every_file_counts(path: str) -> None:
    """One bit of any file changed, cut or gone is found by whoever reads the whole log."""
    shelf, _, log = shelved(300)
    whole = shelf.files[path]
    root = log.root()
    shelf.files[path] = whole[:-1] + bytes([whole[-1] ^ 1])
    with pytest.raises(ProofError, match=r"not the one in the tile|do not lead to the root|not the one that the entr"):
        read_log(shelf.fetch, 300, root)
    shelf.files[path] = whole[:-1]
    with pytest.raises(ProofError, match=r"not a tile|cut short"):
        read_log(shelf.fetch, 300, root)
    del shelf.files[path]
    with pytest.raises(LedgerUnavailableError, match=r"not at hand"):
        read_log(shelf.fetch, 300, root)


def test_a_forged_tile_proves_nothing() -> None:
    shelf, entries, log = shelved(300)
    tile = bytearray(shelf.files["tile/0/000"])
    tile[32] ^= 1
    shelf.files["tile/0/000"] = bytes(tile)
    with pytest.raises(ProofError, match="not at this index of the log"):
        TiledLog(shelf.fetch, 300).prove(entries[0], 0, log.root())


def test_no_tile_is_asked_for_that_the_size_does_not_have() -> None:
    served = TiledLog(Shelf().fetch, 300)
    with pytest.raises(ProofError, match="no such bundle"):
        served.entries(2)
    with pytest.raises(ProofError, match="no such tile"):
        served.tile(1, 1)
    with pytest.raises(ProofError, match="no such leaf"):
        served.leaf(300)
    assert tile_of(0, 2, 300) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not as many entries"),
        (b"\x00", "cut short"),
        (b"\x00\x02a", "cut short"),
        (b"\x00\x01a\x00", "not as many entries"),
        (b"\x00\x01a\x00\x01b", "not as many entries"),
    ],
    ids=["empty", "half a length", "half an entry", "one byte more", "one entry more"],
)
def test_malformed_bundles(data: bytes, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        read_bundle(data, 1)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_reads_as_what_was_written(entries: list[bytes]) -> None:
    assert read_bundle(write_bundle(entries), len(entries)) == entries


def test_bundles_have_bounds() -> None:
    with pytest.raises(ProofError, match="too long"):
        write_bundle([bytes(65_536)])
    with pytest.raises(ProofError, match="not a bundle"):
        write_bundle([b""] * 257)


def test_a_folder_keeps_what_it_has(tmp_path: Path) -> None:
    folder = TileFolder(tmp_path / "log")
    entries = entries_of(300)
    writer = TileWriter(folder)
    writer.extend(entries)
    root = writer.flush()
    assert (tmp_path / "log" / "tile" / "0" / "001.p" / "44").read_bytes() == folder.fetch("tile/0/001.p/44")
    assert read_log(folder.fetch, 300, root).root() == root
    with pytest.raises(ConflictError, match="another log"):
        TileWriter(folder).extend(entries_of(300, seed=1))
    assert folder.fetch("tile/0/002") is None
    (tmp_path / "log" / "tile" / "0" / "002").mkdir()
    with pytest.raises(LedgerUnavailableError, match="not a plain file"):
        folder.fetch("tile/0/002")
    assert list((tmp_path / "log").rglob(".*")) == []
