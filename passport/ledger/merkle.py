"""The append-only log of RFC 9162 (section 2.1): roots, inclusion and consistency proofs, made and verified.

    MTH({})       = SHA-256()
    MTH({d})      = SHA-256(0x00 || d)
    MTH(D[0:n])   = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])),  k the largest power of two below n

The different first byte of leaves and nodes excludes second preimages that pass a node off as a leaf; an odd node is
promoted, never doubled. In our logs an entry is the 32-byte docHash of a passport, or a void entry that hides how many
passports there are. Proofs bind index and size: a path of any other length than those two demand is refused.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from struct import iter_unpack

from passport.errors import ProofError

HASH_BYTES = 32
"""Length of entries, leaf hashes, nodes and roots."""

_BYTES = frozenset({bytes})
_HASH_LENGTHS = frozenset({HASH_BYTES})

MAX_LOG_SIZE = 2**48 - 1
"""The contract counts leaves in a uint48."""

EMPTY_ROOT = sha256().digest()
"""The root of a log without entries."""

VOID_DOMAIN = b"carbon-passport void leaf v1"
"""What is hashed before the nonce of a void entry, so that it can be told from every docHash."""

VOID_NONCE_BYTES = 16
"""Length of a void entry's nonce."""

DEFAULT_PADDING_LEAVES = 256
"""Checkpoints end at a multiple of this many leaves, so that a log's size does not tell its owner's business."""

_LEAF = sha256(b"\x00")
_NODE = sha256(b"\x01")
# Hashing in runs of this many leaves keeps the short-lived objects in the processor's cache.
_RUN = 4096
# So many steps up a proof, a node stands for 64 leaves.
_NEAR = 6


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def void_entry(nonce: bytes) -> bytes:
    """The entry of a leaf that stands for nothing; whoever is shown the nonce can check that.

    Raises:
        ProofError: the nonce is not 16 bytes.
    """
    if len(nonce) != VOID_NONCE_BYTES:
        raise ProofError("not the nonce of a void leaf", expected=f"{VOID_NONCE_BYTES} bytes", found=f"{len(nonce)}")
    return sha256(VOID_DOMAIN + nonce).digest()


def root(entries: Sequence[bytes]) -> bytes:
    """The root of a log of these entries."""
    log = MerkleLog()
    log.extend(entries)
    return log.root()


class LogTree(ABC):
    """The tree over a log's leaves, wherever the hashes of its full subtrees are kept; proves for any size it had."""

    @abstractmethod
    def __len__(self) -> int:
        """The number of leaves."""

    @abstractmethod
    def _node(self, height: int, index: int) -> bytes:
        """The hash of the full subtree over leaves `index << height` to before `index + 1 << height`."""

    def _subtree(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]) for a `start` at which a subtree of that many leaves may begin."""
        folded = None
        for height in range((end - start).bit_length()):
            if (end - start) >> height & 1:
                full = self._node(height, (end >> height) - 1)
                folded = full if folded is None else node_hash(full, folded)
        return EMPTY_ROOT if folded is None else folded

    def subtree(self, height: int) -> bytes:
        """The hash of the full subtree of that height which ends where as many full ones fit into the log.

        Raises:
            ProofError: the log is shorter.
        """
        if not len(self) >> height:
            raise ProofError("the log has no full subtree of that height", found=height)
        return self._node(height, (len(self) >> height) - 1)

    def _size(self, size: int | None) -> int:
        if size is None:
            return len(self)
        if not 0 <= size <= len(self):
            raise ProofError("the log never had this size", expected=f"0 to {len(self)}", found=size)
        return size

    def leaf(self, index: int) -> bytes:
        """The leaf hash at `index`.

        Raises:
            ProofError: no such leaf.
        """
        if not 0 <= index < len(self):
            raise ProofError("the log has no such leaf", expected=f"an index below {len(self)}", found=index)
        return self._node(0, index)

    def root(self, size: int | None = None) -> bytes:
        """The root when the log had `size` leaves (default: now).

        Raises:
            ProofError: the log is shorter.
        """
        return self._subtree(0, self._size(size))

    def inclusion_proof(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """The siblings from leaf `index` up to the root of the first `size` leaves (RFC 9162, 2.1.3.1).

        Raises:
            ProofError: no such leaf or size.
        """
        size = self._size(size)
        if not 0 <= index < size:
            raise ProofError("there is no such leaf to prove", expected=f"an index below {size}", found=index)
        return tuple(self._siblings(0, index, size))

    def consistency_proof(self, old_size: int, size: int | None = None) -> tuple[bytes, ...]:
        """The nodes which show that the log of `size` begins with that of `old_size` (RFC 9162, 2.1.4.1).

        Raises:
            ProofError: no such sizes, or the old log is empty: everything begins with nothing.
        """
        size = self._size(size)
        if not 0 < old_size <= size:
            raise ProofError("no consistency to prove", expected=f"an old size from 1 to {size}", found=old_size)
        if old_size == size:
            return ()
        height = _trailing_ones(old_size - 1)
        node = (old_size - 1) >> height
        own = [self._node(height, node)] if node else []
        return (*own, *self._siblings(height, node, size))

    def _siblings(self, height: int, node: int, size: int) -> list[bytes]:
        """What `node` at `height` meets on its way up to the root over `size` leaves."""
        last = (size - 1) >> height
        path = []
        while last:
            if node & 1:
                path.append(self._node(height, node - 1))
            elif node < last:
                # Only the last node of a level can be less than full.
                full = node + 1 < last or size >> height > last
                start = (node + 1) << height
                path.append(self._node(height, node + 1) if full else self._subtree(start, size))
            node >>= 1
            last >>= 1
            height += 1
        return path


class MerkleLog(LogTree):
    """A log in memory: append at the end, prove for any size it ever had.

    Holds the hash of every full subtree, 64 bytes a leaf in all; the entries themselves are not kept.
    """

    def __init__(self) -> None:
        self._levels: list[bytearray] = [bytearray()]

    def __len__(self) -> int:
        """The number of leaves."""
        return len(self._levels[0]) // HASH_BYTES

    def append(self, entry: bytes) -> int:
        """Add one entry; returns its index."""
        self.extend((entry,))
        return len(self) - 1

    def extend(self, entries: Iterable[bytes]) -> None:
        """Add entries in order."""
        source = iter(entries)
        new_leaf = _LEAF.copy
        while run := list(islice(source, _RUN)):
            hashes: list[bytes] = []
            add = hashes.append
            for entry in run:
                # A copy of a started hash is quicker than a new one: OpenSSL looks its algorithm up each time.
                hasher = new_leaf()
                hasher.update(entry)
                add(hasher.digest())
            self._levels[0] += b"".join(hashes)
            self._grow()

    def _grow(self) -> None:
        """Hash the pairs that have become full, level by level."""
        new_node = _NODE.copy
        for height, level in enumerate(self._levels):
            pairs = len(level) // (2 * HASH_BYTES)
            if pairs == 0:
                return
            if height + 1 == len(self._levels):
                self._levels.append(bytearray())
            above = self._levels[height + 1]
            hashes: list[bytes] = []
            add = hashes.append
            with memoryview(level) as view:
                for (pair,) in iter_unpack("64s", view[2 * len(above) : pairs * 2 * HASH_BYTES]):
                    hasher = new_node()
                    hasher.update(pair)
                    add(hasher.digest())
            above += b"".join(hashes)

    def _node(self, height: int, index: int) -> bytes:
        start = index * HASH_BYTES
        return bytes(self._levels[height][start : start + HASH_BYTES])

    def hashes(self, height: int, start: int, stop: int) -> bytes:
        """The hashes of full subtrees of one height end to end, from number `start` to before `stop`.

        Raises:
            ProofError: the log has fewer of them.
        """
        full = len(self) >> height
        if not 0 <= start <= stop <= full:
            raise ProofError("the log has no such subtrees", expected=f"0 to {full}", found=f"{start} to {stop}")
        return bytes(self._levels[height][start * HASH_BYTES : stop * HASH_BYTES]) if start < stop else b""


class Frontier:
    """The few hashes (at most 48) from which a log goes on without its past: its full subtrees, largest first.

    Args:
        size: Leaves so far.
        hashes: The subtrees' hashes end to end, as `to_bytes` gave them.

    Raises:
        ProofError: not that many hashes for that size.
    """

    def __init__(self, size: int = 0, hashes: bytes = b"") -> None:
        if not 0 <= size <= MAX_LOG_SIZE or len(hashes) != size.bit_count() * HASH_BYTES:
            raise ProofError("not the frontier of a log of this size", found=f"{len(hashes)} bytes at size {size}")
        self.size = size
        self._hashes = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]

    def extend(self, entries: Iterable[bytes]) -> None:
        """Add entries in order."""
        for entry in entries:
            merged = leaf_hash(entry)
            for _ in range(_trailing_ones(self.size)):
                merged = node_hash(self._hashes.pop(), merged)
            self._hashes.append(merged)
            self.size += 1

    def root(self) -> bytes:
        """The root of the log so far."""
        if not self._hashes:
            return EMPTY_ROOT
        folded = self._hashes[-1]
        for full in reversed(self._hashes[:-1]):
            folded = node_hash(full, folded)
        return folded

    def to_bytes(self) -> bytes:
        """The hashes end to end."""
        return b"".join(self._hashes)


def _trailing_ones(number: int) -> int:
    return (number ^ (number + 1)).bit_length() - 1


def _check_size(size: int, what: str) -> None:
    if isinstance(size, bool) or not isinstance(size, int) or size > MAX_LOG_SIZE or size < 0:
        raise ProofError(f"not the {what} of a log", expected=f"an integer from 0 to {MAX_LOG_SIZE}", found=size)
    if size == 0:
        raise ProofError(f"the {what} is that of an empty log: there is nothing in it to prove")


def _check_hashes(hashes: Sequence[bytes], what: str) -> None:
    if {*map(type, hashes)} <= _BYTES and {*map(len, hashes)} <= _HASH_LENGTHS:
        return
    for at, value in enumerate(hashes):
        if not isinstance(value, bytes) or len(value) != HASH_BYTES:
            raise ProofError(f"{what} {at} is not a hash", expected=f"{HASH_BYTES} bytes")


def _check_length(path: Sequence[bytes], expected: int) -> None:
    if len(path) != expected:
        raise ProofError(
            f"the proof is too {'long' if len(path) > expected else 'short'}",
            expected=f"{expected} hashes for this index and size",
            found=len(path),
        )


def inclusion_path_length(index: int, size: int) -> int:
    """How many hashes an inclusion proof for this leaf of this log has, `0 <= index < size`."""
    # Below the height at which the leaf's path joins that of the last leaf there is a sibling at every step; above it
    # the path is the log's right edge, where a sibling stands only to the left of odd nodes.
    joined = (index ^ (size - 1)).bit_length()
    return joined + (index >> joined).bit_count()


def root_of_inclusion(entry: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2), to be compared with a known one.

    Raises:
        ProofError: index, size and length of the proof do not fit each other, or something is not a hash.
    """
    return _root_of(leaf_hash(entry), index, size, path)


def root_of_leaf(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The same from a leaf's hash, for whoever does not know the entry.

    Raises:
        ProofError: index, size and length of the proof do not fit each other, or something is not a hash.
    """
    _check_hashes((leaf,), "leaf")
    return _root_of(leaf, index, size, path)


def _root_of(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    _check_size(size, "size")
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < size:
        raise ProofError("the index is not inside the log", expected=f"0 to {size - 1}", found=index)
    _check_length(path, inclusion_path_length(index, size))
    _check_hashes(path, "proof element")
    near, far = tuple(path[:_NEAR]), tuple(path[_NEAR:])
    return _fold_far(*_fold(leaf, index, size - 1, near), far)


def _fold(folded: bytes, node: int, last: int, path: tuple[bytes, ...]) -> tuple[bytes, int, int]:
    """Go up from a node along its siblings: the hash arrived at, its place in its level, and the level's last place."""
    for sibling in path:
        while not node & 1 and node == last:  # the odd node at the end is promoted
            node >>= 1
            last >>= 1
        folded = sha256(b"\x01" + sibling + folded if node & 1 else b"\x01" + folded + sibling).digest()
        node >>= 1
        last >>= 1
    return folded, node, last


@lru_cache(maxsize=128)
def _fold_far(folded: bytes, node: int, last: int, path: tuple[bytes, ...]) -> bytes:
    """The upper end of the way, which neighbouring leaves have in common: the same input leads to the same root."""
    return _fold(folded, node, last, path)[0]


def verify_inclusion(entry: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that `entry` stands at `index` of the log that had `root` at `size` leaves.

    Raises:
        ProofError: it does not, or the proof is malformed; the message says which.
    """
    _check_hashes((root,), "root")
    found = root_of_inclusion(entry, index, size, path)
    if found != root:
        raise ProofError(
            "the entry is not at this index of the log with this root",
            where=f"index {index} of {size}",
            expected=f"root {root.hex()}",
            found=found.hex(),
        )


def verify_consistency(old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> None:
    """Check that the log of `size` and `root` begins with the log of `old_size` and `old_root` (RFC 9162, 2.1.4.2).

    Raises:
        ProofError: it does not, or the proof is malformed; the message says which.
    """
    _check_size(old_size, "old size")
    _check_size(size, "size")
    _check_hashes((old_root,), "old root")
    _check_hashes((root,), "root")
    if old_size > size:
        raise ProofError("the log cannot have shrunk", expected=f"at least {old_size} leaves", found=size)
    if old_size == size:
        _check_length(path, 0)
        if old_root != root:
            raise ProofError("two roots for one size", expected=old_root.hex(), found=root.hex())
        return
    height = _trailing_ones(old_size - 1)
    node, last = (old_size - 1) >> height, (size - 1) >> height
    # A full old tree (a power of two) is its own first node and is left out of the proof.
    _check_length(path, (1 if node else 0) + inclusion_path_length(node, last + 1))
    _check_hashes(path, "proof element")
    steps = iter(path)
    old_folded = new_folded = next(steps) if node else old_root
    for sibling in steps:
        while not node & 1 and node == last:
            node >>= 1
            last >>= 1
        if node & 1:
            old_folded = node_hash(sibling, old_folded)
            new_folded = node_hash(sibling, new_folded)
        else:
            new_folded = node_hash(new_folded, sibling)
        node >>= 1
        last >>= 1
    if old_folded != old_root:
        raise ProofError("the proof does not lead to the old root", expected=old_root.hex(), found=old_folded.hex())
    if new_folded != root:
        raise ProofError("the proof does not lead to the new root", expected=root.hex(), found=new_folded.hex())
