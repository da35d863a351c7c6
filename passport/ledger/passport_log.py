"""Read the passport log out of a state: heads, checkpoints and the status of single entries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

from contracts import load
from passport.errors import LedgerError
from passport.ledger.chain_id import Address
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.entity import issuer_id_bytes
from passport.ledger.layout import StorageLayout, mapping_slot, read_kind
from passport.ledger.protocol import StateView

LEAVES_PER_WORD = 256
"""Statuses of this many neighbouring entries share one storage word, and so one proof."""


class StatusKind(IntEnum):
    """What can be said of an entry."""

    SUPERSEDED = 1
    CORRECTED = 2
    REVOKED = 3
    SUSPENDED = 4
    REINSTATED = 5


@dataclass(frozen=True, slots=True)
class LogHead:
    """The latest checkpoint of a log.

    Args:
        size: Entries in the log.
        seq: Number of checkpoints so far.
        time: Unix seconds of the block that committed it.
        block_number: That block.
        frozen_at: When the log was proven to contradict itself (unix seconds); None while it was not. For good.
    """

    size: int
    seq: int
    time: int
    block_number: int
    frozen_at: int | None = None


@dataclass(frozen=True, slots=True)
class LogFork:
    """What proved that a log contradicts itself: two entries at one index under two of its roots.

    Args:
        first_root: One root, 32 bytes.
        second_root: The other.
        index: Where the two differ.
        time: When it was shown (unix seconds).
    """

    first_root: bytes
    second_root: bytes
    index: int
    time: int


@dataclass(frozen=True, slots=True)
class Successor:
    """What took an entry's place.

    Args:
        kind: SUPERSEDED or CORRECTED.
        next_index: The later entry.
        time: When that was said (unix seconds).
    """

    kind: StatusKind
    next_index: int
    time: int


@dataclass(frozen=True, slots=True)
class StatusRecord:
    """All that is said of one entry; the three facts are independent of each other.

    Args:
        index: The entry.
        revoked: For good.
        suspended: For the time being.
        successor: The entry that took its place, if any.
    """

    index: int
    revoked: bool
    suspended: bool
    successor: Successor | None


@cache
def _layout() -> StorageLayout:
    return StorageLayout(load("PassportLog").storage_layout)


class PassportLogView:
    """The log contract at `address`, as of the block of `state`.

    Every method raises `ProofError` where the state does not prove what it would read.

    Args:
        state: Live or proven.
        address: Where the log lives.
    """

    def __init__(self, state: StateView, address: Address) -> None:
        self.state = state
        self.address = address
        self._bitmaps: dict[tuple[str, bytes, int], int] = {}
        self._heads: dict[str, LogHead | None] = {}
        self._logs: dict[str, tuple[bytes, int]] = {}

    def head(self, issuer_id: str) -> LogHead | None:
        """The latest checkpoint's place, or None: nothing was ever committed."""
        if issuer_id not in self._heads:
            record = self._struct("_heads", issuer_id_bytes(issuer_id))
            frozen_at = record["frozenAt"] or None
            known = LogHead(record["size"], record["seq"], record["time"], record["blockNumber"], frozen_at)
            self._heads[issuer_id] = known if record["seq"] else None
        return self._heads[issuer_id]

    def fork(self, issuer_id: str) -> LogFork | None:
        """What froze the log, or None: nothing did."""
        record = self._struct("_forks", issuer_id_bytes(issuer_id))
        if not record["time"]:
            return None
        return LogFork(record["firstRoot"], record["secondRoot"], record["index"], record["time"])

    def checkpoint(self, issuer_id: str, root: bytes) -> LogCheckpoint | None:
        """The checkpoint of a root, or None: the entity never committed it.

        Raises:
            LedgerError: one that nobody committed; the contract writes no such thing.
        """
        record = self._struct("_checkpoints", issuer_id_bytes(issuer_id), root)
        if not record["seq"]:
            return None
        if not record["keyNo"]:
            raise LedgerError(
                "the state holds a checkpoint that no account committed",
                where=f"root 0x{root.hex()}",
                expected="an account's number, from 1 on",
                found=0,
                hint="the node is faulty or lies, or another contract stands there: ask another node",
            )
        return LogCheckpoint(
            root=root,
            size=record["size"],
            prev_size=record["prevSize"],
            seq=record["seq"],
            time=record["time"],
            block_number=record["blockNumber"],
            key_no=record["keyNo"],
        )

    def status(self, issuer_id: str, index: int) -> StatusRecord:
        """All that is said of the entry at `index`.

        Raises:
            LedgerError: the log has no such entry.
        """
        head = self.head(issuer_id)
        size = 0 if head is None else head.size
        if not 0 <= index < size:
            raise LedgerError("the log has no such entry", expected=f"an index below {size}", found=index)
        if issuer_id not in self._logs:
            raw = issuer_id_bytes(issuer_id)
            self._logs[issuer_id] = raw, _layout().numbered_mapping("_successors", raw)
        issuer, successors = self._logs[issuer_id]
        word, bit = divmod(index, LEAVES_PER_WORD)
        successor = None
        if self.state.storage(self.address, mapping_slot(successors, index.to_bytes(32, "big"))):
            record = self._struct("_successors", issuer, index)
            kind = read_kind(StatusKind, record["kind"], what="kind of status")
            successor = Successor(kind, record["next"], record["time"])
        return StatusRecord(
            index=index,
            revoked=bool(self._bits("_revoked", issuer, word) >> bit & 1),
            suspended=bool(self._bits("_suspended", issuer, word) >> bit & 1),
            successor=successor,
        )

    def current(self, issuer_id: str, index: int, *, max_hops: int = 10_000) -> int:
        """Follow successors from `index` to the entry that nothing has replaced.

        Raises:
            LedgerError: no such entry, or more than `max_hops` successors.
        """
        for _ in range(max_hops + 1):
            successor = self.status(issuer_id, index).successor
            if successor is None:
                return index
            if successor.next_index <= index:
                raise LedgerError("a successor comes before what it replaces", found=successor.next_index)
            index = successor.next_index
        raise LedgerError("too many successors to follow", expected=f"at most {max_hops}")

    def _struct(self, variable: str, *keys: Any) -> dict[str, Any]:
        return _layout().read_struct(self.state, self.address, variable, *keys)

    def _bits(self, variable: str, issuer: bytes, word: int) -> int:
        """One word of a bitmap, remembered: it answers for `LEAVES_PER_WORD` entries."""
        key = (variable, issuer, word)
        bits = self._bitmaps.get(key)
        if bits is None:
            read: Any = _layout().read(self.state, self.address, variable, issuer, word)
            bits = int(read)
            self._bitmaps[key] = bits
        return bits
