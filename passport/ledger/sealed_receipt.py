"""Read a transaction's receipt as the chain sealed it: RLP, legacy or typed (EIP-658, EIP-2718), from strangers.

A list of status, cumulative gas, bloom filter and logs; a byte of 1 to 4 before it names the type of the transaction
(EIP-2930, EIP-1559, EIP-4844, EIP-7702). Other types may have other members, so they are refused.
"""

from __future__ import annotations

from typing import NamedTuple

from passport.errors import ProofError
from passport.ledger.trie_walk import RlpItem, rlp_list

MAX_RECEIPT_BYTES = 1 << 20
"""A byte of an event's data costs 8 gas, so a receipt beyond this took more than 8 million."""

MAX_EVENTS = 4096
MAX_GAS = 1 << 63

_TYPES = frozenset((1, 2, 3, 4))
_BLOOM_BYTES = 256
_MAX_TOPICS = 4


class Event(NamedTuple):
    """One event of a transaction.

    Attributes:
        address: The contract that emitted it, 20 bytes.
        topics: Up to four words of 32 bytes; the first names the event.
        data: What is not indexed, ABI-encoded.
    """

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


class SealedReceipt(NamedTuple):
    """What a block says became of a transaction.

    Attributes:
        took_effect: False when it was reverted; None before Byzantium, where receipts do not say.
        cumulative_gas: Gas of it and of all transactions before it in the block.
        events: In order.
    """

    took_effect: bool | None
    cumulative_gas: int
    events: tuple[Event, ...]


def read_sealed_receipt(data: bytes) -> SealedReceipt:
    """Read a whole receipt.

    Raises:
        ProofError: too long, of an unknown type, or not in its one encoding.
    """
    status, gas, _, logs = _members(data)
    listed = rlp_list(logs.encoded, max_items=MAX_EVENTS)
    return SealedReceipt(_took_effect(status), _gas(gas), tuple([_event(item) for item in listed]))


def cumulative_gas(data: bytes) -> int:
    """Only the cumulative gas of a receipt: of one that is there to be subtracted.

    Raises:
        ProofError: as in `read_sealed_receipt`, but for its events, which are not looked at.
    """
    status, gas, _, _ = _members(data)
    _took_effect(status)
    return _gas(gas)


def _members(data: bytes) -> list[RlpItem]:
    if len(data) > MAX_RECEIPT_BYTES:
        raise ProofError("the receipt is too long", expected=f"at most {MAX_RECEIPT_BYTES} bytes", found=len(data))
    if not data or (data[0] < 0xC0 and data[0] not in _TYPES):
        found = f"type {data[0]}" if data else "nothing"
        raise ProofError("a receipt of an unknown type", expected="a legacy one, or type 1 to 4", found=found)
    members = rlp_list(data if data[0] >= 0xC0 else data[1:], max_items=4)
    if len(members) != 4 or [item.is_list for item in members] != [False, False, False, True]:
        raise ProofError("not a receipt", expected="status, cumulative gas, bloom filter and logs")
    if len(members[2].payload) != _BLOOM_BYTES:
        raise ProofError("a receipt has a malformed bloom filter", expected=f"{_BLOOM_BYTES} bytes")
    return members


def _took_effect(item: RlpItem) -> bool | None:
    if item.payload in (b"", b"\x01"):
        return bool(item.payload)
    if len(item.payload) == 32:
        return None
    raise ProofError("a receipt has a malformed status", expected="0, 1 or a state root")


def _gas(item: RlpItem) -> int:
    if item.payload[:1] == b"\x00" or len(item.payload) > 8 or (gas := int.from_bytes(item.payload, "big")) >= MAX_GAS:
        raise ProofError("a receipt has a malformed cumulative gas")
    return gas


def _event(item: RlpItem) -> Event:
    members = rlp_list(item.encoded, max_items=3) if item.is_list else []
    if len(members) != 3 or [each.is_list for each in members] != [False, True, False]:
        raise ProofError("a receipt has a malformed event", expected="address, topics and data")
    topics = rlp_list(members[1].encoded, max_items=_MAX_TOPICS)
    if len(members[0].payload) != 20 or any(topic.is_list or len(topic.payload) != 32 for topic in topics):
        raise ProofError("a receipt has a malformed event", expected="20 bytes of address and words of 32 bytes")
    return Event(members[0].payload, tuple([topic.payload for topic in topics]), members[2].payload)
