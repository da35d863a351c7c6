"""Which events are meant: by contract and topics, and whether a block's bloom filter allows for any of them."""

from __future__ import annotations

from passport.ledger.chain_id import Address, parse_address
from passport.ledger.protocol import Topics
from passport.ledger.sealed_receipt import Event
from passport.ledger.trie_walk import rlp_list
from passport.model.keccak import keccak

_BLOOM = 6
_BITS = 2048


def matches(event: Event, contract: Address, topics: Topics) -> bool:
    """Whether an event is of a contract and has such topics."""
    return (
        event.address == parse_address(contract)
        and len(event.topics) >= len(topics)
        and all(word in allowed for word, allowed in zip(event.topics, topics, strict=False))
    )


def may_hold(header_rlp: bytes, contract: Address, topics: Topics) -> bool:
    """Whether a block's bloom filter allows for such an event (Yellow Paper 4.4.3): False is certain, True is not.

    Args:
        header_rlp: The block's header.
        contract: The contract.
        topics: As in `Ledger.blocks_with_events`.
    """
    bloom = int.from_bytes(rlp_list(header_rlp, max_items=32)[_BLOOM].payload, "big")
    wanted = [{parse_address(contract)}, *topics]
    return bool(bloom) and all(any(_is_in(bloom, word) for word in allowed) for allowed in wanted)


def _is_in(bloom: int, word: bytes) -> bool:
    """Three bits, by the low eleven of the first three pairs of bytes of the hash."""
    hashed = keccak(word)
    return all(bloom >> (int.from_bytes(hashed[at : at + 2], "big") % _BITS) & 1 for at in (0, 2, 4))
