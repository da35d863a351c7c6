"""One section of a mapped bundle: its lines, found by key and marked when used; 17 to 25 bytes a line in memory."""

from __future__ import annotations

import mmap
from array import array
from typing import Final

from passport.errors import BoundError, DocumentError

MAX_LINE_BYTES: Final = 256 << 20
"""Of a statement with all its rows; each document is bounded by itself when it is read."""

_MIN_LINE_BYTES: Final = 2  # a space and a line feed


class Lines:
    """Where each line begins, an index by the hash of its key, and a mark whether it was used.

    Args:
        offsets: Where each line begins.
        hashes: The hash of each line's key.
        end: Where the last line ends.
    """

    def __init__(self, offsets: memoryview, hashes: array[int], end: int) -> None:
        self._offsets = offsets
        self._end = end
        self._table, self._mask = _table(hashes)
        self.used = bytearray(len(offsets))

    @classmethod
    def read(cls, data: mmap.mmap, start: int, count: int, where: str) -> tuple[Lines, int]:
        """Index `count` lines from `start` on, and where they end.

        Raises:
            DocumentError: Too few lines, one that is too long or has no key, or keys that do not rise.
        """
        if count > (len(data) - start) // _MIN_LINE_BYTES:  # before anything of that size is made
            raise DocumentError("the bundle holds fewer lines than its header says", where=where, expected=count)
        offsets = memoryview(bytearray(8 * count)).cast("Q")
        hashes = array("q", bytes(8 * count))
        previous = b""
        position = start
        for index in range(count):
            end = data.find(b"\n", position, position + MAX_LINE_BYTES + 1)
            space = data.find(b" ", position, end) if end >= 0 else -1
            if space < 0:
                raise DocumentError("a line is missing, too long or has no key", where=f"{where}, line {index + 1}")
            key = data[position:space]
            if not key.isascii():
                raise DocumentError("a key is not ASCII", where=f"{where}, line {index + 1}", found=key[:120])
            if index and key <= previous:
                raise DocumentError("keys must rise", where=f"{where}, line {index + 1}", found=key[:120])
            offsets[index] = position
            hashes[index] = hash(key)
            previous = key
            position = end + 1
        return cls(offsets, hashes, position), position

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self._offsets)

    def key(self, data: mmap.mmap, index: int) -> bytes:
        """The key of a line."""
        start = self._offsets[index]
        return data[start : data.find(b" ", start)]

    def line(self, data: mmap.mmap, index: int) -> bytes:
        """A line without its line feed."""
        return data[self._offsets[index] : self._after(index) - 1]

    def payload(self, data: mmap.mmap, index: int) -> bytes:
        """What stands behind a line's key."""
        return self.line(data, index).partition(b" ")[2]

    def take(self, data: mmap.mmap, index: int) -> bytes:
        """The payload of a line, marked as used."""
        self.used[index] = 1
        return self.payload(data, index)

    def take_key(self, data: mmap.mmap, key: bytes) -> bytes | None:
        """The payload of a key, marked as used; None when there is none."""
        index = self.find(data, key)
        if index is None:
            return None
        self.used[index] = 1
        return data[self._offsets[index] + len(key) + 1 : self._after(index) - 1]

    def _after(self, index: int) -> int:
        """Where the line ends, behind its line feed."""
        return self._offsets[index + 1] if index + 1 < len(self._offsets) else self._end

    def find(self, data: mmap.mmap, key: bytes) -> int | None:
        """Which line has a key; None when none has."""
        if b" " in key:  # no line has such a key, and the start of another line could look like it
            return None
        table, mask = self._table, self._mask
        at = hash(key) & mask
        wanted = key + b" "
        while number := table[at]:
            start = self._offsets[number - 1]
            if data[start : start + len(wanted)] == wanted:
                return number - 1
            at = at + 1 & mask
        return None


def _table(hashes: array[int]) -> tuple[array[int], int]:
    """Numbers of lines, from 1, by the hash of their keys: at the place it names, or the next free one after it.

    At least half of all places are free. Python's hash of bytes is keyed anew in each process, so nobody can choose
    keys that crowd together, unless it was told to use one key always.

    Raises:
        BoundError: Keys that crowd together.
    """
    mask = (1 << (2 * len(hashes)).bit_length()) - 1
    table = array("I", bytes(4 * (mask + 1)))
    moves, most = 0, 64 * len(hashes) + 4096
    for number, hashed in enumerate(hashes, 1):
        at = hashed & mask
        while table[at]:
            at = at + 1 & mask
            moves += 1
        if moves > most:
            raise BoundError(
                "the keys of the bundle were chosen to slow readers down",
                expected=f"at most {most} moves",
                hint="unset PYTHONHASHSEED, and read it again",
            )
        table[at] = number
    return table, mask
