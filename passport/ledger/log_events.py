"""What a transaction said to the passport log, out of its proven events: checkpoints and statuses.

The events are those of `IPassportLog.sol`: `Committed`, `StatusSet` and `RangeRevoked`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from passport.errors import ProofError
from passport.ledger.layout import read_kind
from passport.ledger.passport_log import LEAVES_PER_WORD, StatusKind
from passport.ledger.sealed_receipt import Event
from passport.model.keccak import keccak

COMMITTED = keccak(b"Committed(bytes32,bytes32,uint32,uint48,uint32)")
STATUS_SET = keccak(b"StatusSet(bytes32,uint48,uint8,uint48,bytes32,uint32)")
RANGE_REVOKED = keccak(b"RangeRevoked(bytes32,uint256,uint256,uint32)")

_WORD = 32
_MAX_INDEX = 1 << 48


class Committed(NamedTuple):
    """A checkpoint was taken in.

    Attributes:
        issuer: The legal entity's id, 32 bytes.
        root: RFC 9162 root, 32 bytes.
        key_no: The registry's number of the account.
        size: Leaves of the whole log.
        seq: The checkpoint's number.
    """

    issuer: bytes
    root: bytes
    key_no: int
    size: int
    seq: int


class StatusSet(NamedTuple):
    """A status was said of one leaf."""

    issuer: bytes
    leaf: int
    kind: StatusKind
    next_index: int


class RangeRevoked(NamedTuple):
    """Leaves `256 * word + i` were revoked for every bit i of `mask`."""

    issuer: bytes
    word: int
    mask: int


@dataclass(frozen=True, slots=True)
class LogEvents:
    """All that one transaction said to one log contract, in order.

    Attributes:
        commits: Checkpoints, of whatever entities.
        statuses: Statuses of single leaves.
        ranges: Leaves revoked by the word.
    """

    commits: tuple[Committed, ...]
    statuses: tuple[StatusSet, ...]
    ranges: tuple[RangeRevoked, ...]

    @property
    def issuers(self) -> frozenset[bytes]:
        """Who committed."""
        return frozenset(each.issuer for each in self.commits)

    def changed_leaves(self) -> int:
        """Of how many leaves something was said."""
        masks: dict[tuple[bytes, int], int] = {}
        for each in self.ranges:
            masks[each.issuer, each.word] = masks.get((each.issuer, each.word), 0) | each.mask
        for said in self.statuses:
            word, bit = divmod(said.leaf, LEAVES_PER_WORD)
            masks[said.issuer, word] = masks.get((said.issuer, word), 0) | 1 << bit
        return sum(mask.bit_count() for mask in masks.values())


def read_log_events(events: Iterable[Event], log: bytes) -> LogEvents:
    """The events of the log contract at an address; those of other contracts are no concern of it.

    Args:
        events: Of one transaction.
        log: Its address, 20 bytes.

    Raises:
        ProofError: the contract at that address emits otherwise than a passport log does.
    """
    commits: list[Committed] = []
    statuses: list[StatusSet] = []
    ranges: list[RangeRevoked] = []
    for event in events:
        name = event.topics[0] if event.address == log and event.topics else None
        if name == COMMITTED:
            (issuer, root), (key_no, size, seq) = _words(event, topics=2, words=3)
            commits.append(Committed(issuer, root, _number(key_no), _number(size), _number(seq)))
        elif name == STATUS_SET:
            (issuer, leaf, kind), (next_index, _, _) = _words(event, topics=3, words=3)
            statuses.append(StatusSet(issuer, _index(leaf), _kind(kind), _index(next_index)))
        elif name == RANGE_REVOKED:
            (issuer, word), (mask, _) = _words(event, topics=2, words=2)
            ranges.append(RangeRevoked(issuer, _number(word), _number(mask)))
    return LogEvents(tuple(commits), tuple(statuses), tuple(ranges))


def _words(event: Event, *, topics: int, words: int) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    if len(event.topics) != topics + 1 or len(event.data) != words * _WORD:
        raise ProofError("an event of another shape than the passport log's", where=f"0x{event.topics[0].hex()}")
    return event.topics[1:], tuple(event.data[at : at + _WORD] for at in range(0, len(event.data), _WORD))


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")


def _index(word: bytes) -> int:
    number = _number(word)
    if number >= _MAX_INDEX:
        raise ProofError("an event names no leaf", expected="below 2^48", found=number)
    return number


def _kind(word: bytes) -> StatusKind:
    return read_kind(StatusKind, _number(word), what="kind of status")
