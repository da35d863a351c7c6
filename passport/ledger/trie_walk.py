"""Look a key up in a Merkle-Patricia trie, given a way to fetch nodes by hash (Yellow Paper, appendix D).

Written for evidence from strangers: a walk takes at most 65 steps, decodes one RLP level at a time without recursion,
and a node that is not well formed raises `ProofError`, never anything else. The live chain is read with the same walk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from passport.errors import ProofError
from passport.model.keccak import keccak

NodeSource = Callable[[bytes], bytes]
"""Fetch a trie node by its Keccak-256; raises `ProofError` or another `LedgerError` when it cannot."""

EMPTY_ROOT = bytes.fromhex("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")
"""Root of a trie without entries: Keccak-256 of the RLP of an empty string."""

EMPTY_CODE_HASH = bytes.fromhex("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
"""Code hash of an account without code: Keccak-256 of nothing."""

MAX_NODE_BYTES = 2048
"""No node of an account or storage trie comes near this (a full branch is 532 bytes)."""


_NIBBLES = bytes.maketrans(b"0123456789abcdef", bytes(range(16)))

_MAX_TAKEN_APART = 100_000
"""Nodes a reader keeps in decoded form: some 200 MB at the very most."""


class RlpItem(NamedTuple):
    """One item of an RLP list: its payload and, for a nested list, the whole encoding."""

    is_list: bool
    payload: bytes
    encoded: bytes


def _item_at(data: bytes, at: int) -> tuple[RlpItem, int]:
    """Decode the head of one RLP item; refuses every encoding but the shortest one."""
    if at >= len(data):
        raise ProofError("RLP ends too early")
    first = data[at]
    if first < 0x80:
        return RlpItem(False, data[at : at + 1], data[at : at + 1]), at + 1
    is_list = first >= 0xC0
    length = first - (0xC0 if is_list else 0x80)
    start = at + 1
    if length > 55:
        width = length - 55
        length_bytes = data[start : start + width]
        length = int.from_bytes(length_bytes, "big")
        start += width
        if len(length_bytes) != width or length_bytes[:1] == b"\x00" or length <= 55:
            raise ProofError("RLP length is not in its shortest form")
    end = start + length
    if end > len(data):
        raise ProofError("RLP ends too early")
    payload = data[start:end]
    if not is_list and length == 1 and payload[0] < 0x80:
        raise ProofError("RLP byte is not in its shortest form")
    return RlpItem(is_list, payload, data[at:end]), end


def rlp_list(data: bytes, *, max_items: int) -> list[RlpItem]:
    """The items of one RLP list, one level deep.

    Raises:
        ProofError: `data` is not exactly one canonical RLP list of at most `max_items` items.
    """
    whole, end = _item_at(data, 0)
    if not whole.is_list or end != len(data):
        raise ProofError("not a single RLP list")
    items: list[RlpItem] = []
    at = 0
    while at < len(whole.payload):
        if len(items) == max_items:
            raise ProofError("RLP list is too long", expected=f"at most {max_items} items")
        item, at = _item_at(whole.payload, at)
        items.append(item)
    return items


def rlp_index(index: int) -> bytes:
    """The RLP of a number below 2^32: under which key a block's tries keep what stands at that position."""
    if index < 0x80:
        return bytes([index]) if index else b"\x80"
    data = index.to_bytes((index.bit_length() + 7) // 8, "big")
    return bytes([0x80 + len(data)]) + data


def _path(compact: bytes) -> tuple[str, bool]:
    """Undo the hex-prefix encoding: the nibbles as hexadecimal digits and whether they end in a leaf."""
    digits = compact.hex()
    flag = digits[:1]
    if flag in ("1", "3"):
        return digits[1:], flag == "3"
    if flag in ("0", "2") and digits[1:2] == "0":
        return digits[2:], flag == "2"
    raise ProofError("trie node has a malformed path")


def _node(reference: RlpItem, node_of: NodeSource, taken_apart: dict[bytes, list[RlpItem]]) -> list[RlpItem]:
    """The items of the node that `reference` embeds or names by hash."""
    if reference.is_list:
        if len(reference.encoded) >= 32:
            raise ProofError("trie node of 32 bytes or more is embedded instead of hashed")
        return rlp_list(reference.encoded, max_items=17)
    if len(reference.payload) != 32:
        raise ProofError("trie node reference is not a hash", expected="32 bytes", found=f"{len(reference.payload)}")
    items = taken_apart.get(reference.payload)
    if items is None:
        items = rlp_list(node_of(reference.payload), max_items=17)
        if len(taken_apart) < _MAX_TAKEN_APART:
            taken_apart[reference.payload] = items
    return items


def lookup(
    root: bytes, key: bytes, node_of: NodeSource, *, taken_apart: dict[bytes, list[RlpItem]] | None = None
) -> bytes | None:
    """The value stored under `key` (hashed first, as account and storage tries do), or None: proven absent.

    Args:
        root: Root hash of the trie, 32 bytes.
        key: An address, or a slot number as 32 bytes big endian.
        node_of: Where nodes come from; it answers for their hashes.
        taken_apart: Nodes by hash from earlier walks over the same source, added to here: most walks share the top.

    Raises:
        ProofError: a node on the way is malformed, or `node_of` does not have it.
    """
    return lookup_raw(root, keccak(key), node_of, taken_apart=taken_apart)


def lookup_raw(
    root: bytes, key: bytes, node_of: NodeSource, *, taken_apart: dict[bytes, list[RlpItem]] | None = None
) -> bytes | None:
    """The value stored under `key` as it is, as the tries of transactions and receipts do (keys `rlp_index`).

    Args:
        root: As in `lookup`.
        key: The key itself; none may be the beginning of another.
        node_of: As in `lookup`.
        taken_apart: As in `lookup`.

    Raises:
        ProofError: as in `lookup`.
    """
    if root == EMPTY_ROOT:
        return None
    digits = key.hex()
    nibbles = digits.encode().translate(_NIBBLES)
    at = 0
    reference = RlpItem(False, root, root)
    known = {} if taken_apart is None else taken_apart
    while True:
        items = _node(reference, node_of, known)
        if len(items) == 17:
            if at == len(nibbles):
                raise ProofError("trie is deeper than its keys are long")
            reference = items[nibbles[at]]
            at += 1
            if not reference.is_list and not reference.payload:
                return None
            continue
        if len(items) != 2 or items[0].is_list:
            raise ProofError("trie node is neither branch, extension nor leaf", found=f"{len(items)} items")
        path, is_leaf = _path(items[0].payload)
        if is_leaf:
            if len(path) != len(digits) - at or items[1].is_list:
                raise ProofError("trie leaf is malformed")
            return items[1].payload if digits.endswith(path) else None
        if not path:
            raise ProofError("trie extension is empty")
        if not digits.startswith(path, at):
            return None
        reference, at = items[1], at + len(path)
