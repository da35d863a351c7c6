"""Many texts in two arrays, and an index that finds them by the million: exact, and without an object for each."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

MAX_TEXT_BYTES = 1000
"""The longest text that an index takes."""

_WORD = 8
_CHUNK = 1 << 16
_KEPT = np.array([(1 << (8 * count)) - 1 for count in range(_WORD)] + [2**64 - 1], dtype=np.uint64)
"""For 0 to 8 bytes of a word that belong to a text: the bits that they are (little endian)."""

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class PackedTexts(Sequence[str]):
    """Texts one behind the other.

    Attributes:
        data: Their UTF-8, one text after the other.
        offsets: (n + 1,) where each begins, and where the last one ends.
        is_distinct: Whether they were found to be different, each from all others.
    """

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    is_distinct: bool = False

    @classmethod
    def of(cls, texts: Sequence[str]) -> PackedTexts:
        """Those texts."""
        encoded = [text.encode() for text in texts]
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self._text(number) for number in range(*place.indices(len(self)))]
        number = place + len(self) if place < 0 else place
        if not 0 <= number < len(self):
            raise IndexError(place)
        return self._text(number)

    def __iter__(self) -> Iterator[str]:
        return (self._text(number) for number in range(len(self)))

    def places(self, text: str) -> list[int]:
        """Where a text stands."""
        wanted = np.frombuffer(text.encode(), dtype=np.uint8)
        starts = np.flatnonzero(np.diff(self.offsets) == len(wanted))
        for place, byte in enumerate(wanted):
            starts = starts[self.data[self.offsets[starts] + place] == byte]
        return [int(number) for number in starts]

    def _text(self, number: int) -> str:
        return self.data[self.offsets[number] : self.offsets[number + 1]].tobytes().decode()


class TextIndex:
    """Finds texts among many: a hash table with open addressing, filled and asked by the chunk.

    Hash functions are drawn anew for each index, so that nobody can make texts collide; what is found was compared
    byte for byte.

    Args:
        texts: What to find, each at most `MAX_TEXT_BYTES`; of equal ones the first is found.
    """

    def __init__(self, texts: PackedTexts) -> None:
        count = len(texts)
        bits = max(4, (4 * count - 1).bit_length() if count else 0)
        self._shift = np.uint64(64 - bits)
        self._mask = (1 << bits) - 1
        self._table = np.full(1 << bits, -1, dtype=np.int32)
        self._factors = _odd_numbers(MAX_TEXT_BYTES // _WORD + 2)
        self._lengths = np.diff(texts.offsets).astype(np.int32)
        longest = int(self._lengths.max(initial=0))
        self._words = np.zeros((count, max(1, -(-longest // _WORD))), dtype=np.uint64)
        self.first = np.arange(count, dtype=np.int32)
        """For each text the first one that is equal to it."""
        for start in range(0, count, _CHUNK):
            self._add(texts, start, min(count, start + _CHUNK))

    def _add(self, texts: PackedTexts, start: int, end: int) -> None:
        offsets = texts.offsets[start : end + 1]
        words, lengths = _words(texts.data[offsets[0] : offsets[-1]], offsets - offsets[0])
        self._words[start:end, : words.shape[1]] = words
        waiting = np.arange(start, end, dtype=np.int32)
        slots = self._slots(words, lengths)
        while len(waiting):
            # Of several that want one free slot the first one gets it, so assign in reverse: the last write stays.
            free = np.flatnonzero(self._table[slots] < 0)[::-1]
            self._table[slots[free]] = waiting[free]
            holder = self._table[slots]
            left = np.flatnonzero(holder != waiting)
            waiting, slots, holder = waiting[left], slots[left], holder[left]
            equal = self._lengths[holder] == self._lengths[waiting]
            equal &= (self._words[holder] == self._words[waiting]).all(axis=1)
            self.first[waiting[equal]] = holder[equal]
            waiting, slots = waiting[~equal], (slots[~equal] + 1) & self._mask

    def find(self, data: NDArray[np.uint8], offsets: NDArray[Any]) -> NDArray[np.int32]:
        """Where each of these texts stands in the index; -1 where it does not.

        Args:
            data: Their UTF-8, one behind the other.
            offsets: (m + 1,) where each begins in `data`, and where the last one ends.
        """
        count = len(offsets) - 1
        found = np.full(count, -1, dtype=np.int32)
        if not count or not len(self._lengths):
            return found
        words, lengths = _words(data, offsets)
        width = min(words.shape[1], self._words.shape[1])
        slots = self._slots(words, lengths)
        places: NDArray[np.intp] | None = None
        # Texts of one length on both sides, as ids mostly are, differ in their words or not at all.
        is_one_length = bool(self._lengths[0] == lengths[0]) and _is_one(self._lengths) and _is_one(lengths)
        while True:
            held = self._table.take(slots)
            theirs = self._words.take(held, axis=0, mode="clip")
            is_held = held >= 0
            equal = is_held if is_one_length else is_held & (self._lengths.take(held, mode="clip") == lengths)
            for number in range(width):
                equal = equal & (theirs[:, number] == words[:, number])
            if places is None:
                found = np.where(equal, held, found)
            else:
                found[places[equal]] = held[equal]
            left = np.flatnonzero(is_held & ~equal)
            if not len(left):
                return found
            places = left if places is None else places[left]
            words, lengths, slots = words[left], lengths[left], (slots[left] + 1) & self._mask

    def _slots(self, words: Words, lengths: NDArray[np.int32]) -> NDArray[np.int64]:
        """Where to look first: multilinear hashing, whose high bits are the good ones; zero words change nothing."""
        total = lengths.astype(np.uint64) * self._factors[0]
        for number in range(words.shape[1]):
            total += words[:, number] * self._factors[number + 1]
        slots: NDArray[np.int64] = (total >> self._shift).astype(np.int64)
        return slots


def _is_one(lengths: NDArray[np.int32]) -> bool:
    return bool((lengths == lengths[0]).all())


def _odd_numbers(count: int) -> Words:
    drawn: Words = np.frombuffer(secrets.token_bytes(8 * count), dtype=np.uint64) | np.uint64(1)
    return drawn


def _words(data: NDArray[np.uint8], offsets: NDArray[Any]) -> tuple[Words, NDArray[np.int32]]:
    """Texts as rows of words, padded with zeros (of what is longer than an index takes, the beginning); and lengths."""
    lengths = np.diff(offsets).astype(np.int32)
    shortest, longest = int(lengths.min()), min(int(lengths.max()), MAX_TEXT_BYTES)
    width = max(1, -(-longest // _WORD))
    padded = np.zeros(len(data) + _WORD * width, dtype=np.uint8)
    padded[: len(data)] = data
    rows: NDArray[np.void] = np.ndarray((len(data) + 1,), f"V{_WORD * width}", padded, strides=(1,))
    words: Words = rows[offsets[:-1]].view(np.uint64).reshape(-1, width)
    for number in range(shortest // _WORD, width):  # only the words before hold nothing but their text in every row
        words[:, number] &= _KEPT[np.clip(lengths - _WORD * number, 0, _WORD)]
    return words, lengths
