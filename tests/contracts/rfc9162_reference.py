"""RFC 9162, section 2.1, written down as it is defined: trees and proofs by recursion over the list of entries.

Slow and plain on purpose, and independent of every other implementation here: it makes what the contracts judge.
"""

from __future__ import annotations

import hashlib


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def root(entries: list[bytes]) -> bytes:
    """MTH (2.1.1)."""
    if len(entries) == 1:
        return leaf(entries[0])
    k = split(len(entries))
    return node(root(entries[:k]), root(entries[k:]))


def inclusion(index: int, entries: list[bytes]) -> list[bytes]:
    """PATH (2.1.3.1)."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if index < k:
        return [*inclusion(index, entries[:k]), root(entries[k:])]
    return [*inclusion(index - k, entries[k:]), root(entries[:k])]


def consistency(first: int, entries: list[bytes]) -> list[bytes]:
    """PROOF (2.1.4.1)."""
    return _subproof(first, entries, whole=True)


def _subproof(first: int, entries: list[bytes], *, whole: bool) -> list[bytes]:
    if first == len(entries):
        return [] if whole else [root(entries)]
    k = split(len(entries))
    if first <= k:
        return [*_subproof(first, entries[:k], whole=whole), root(entries[k:])]
    return [*_subproof(first - k, entries[k:], whole=False), root(entries[:k])]
