"""The values of Ethereum's JSON-RPC: quantities and data as hexadecimal text, blocks, receipts.

A node is a stranger: whatever is not exactly in its one spelling, or longer than it may be, is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from passport.errors import LedgerError
from passport.ledger.chain_id import format_address
from passport.ledger.protocol import BlockRef, Receipt

_QUANTITY = re.compile(r"0x(0|[1-9a-f][0-9a-f]{0,63})\Z")
_DATA = re.compile(r"0x([0-9a-fA-F]{2})*\Z")

MAX_LOGS = 100_000
"""Events that one question may be answered with."""

_MAX_TIMESTAMP = 1 << 40
"""Unix seconds beyond any calendar: what a header can hold too (`proofs.block_of_header`)."""


def quantity(value: int) -> str:
    """A number as nodes write it."""
    return hex(value)


def data_text(value: bytes) -> str:
    """Bytes as nodes write them."""
    return "0x" + value.hex()


def read_quantity(value: object, what: str, *, limit: int = 1 << 256) -> int:
    """A number below `limit`.

    Raises:
        LedgerError: anything else.
    """
    if isinstance(value, str) and _QUANTITY.match(value) and (number := int(value, 16)) < limit:
        return number
    raise _malformed(what, "a number as 0x... in its shortest form", value)


def read_data(value: object, what: str, *, length: int | None = None) -> bytes:
    """Bytes, of a given length if one is given.

    Raises:
        LedgerError: anything else.
    """
    if isinstance(value, str) and _DATA.match(value) and length in (None, len(value) // 2 - 1):
        return bytes.fromhex(value[2:])
    raise _malformed(what, "bytes as 0x..." if length is None else f"{length} bytes as 0x...", value)


def read_object(value: object, what: str) -> Mapping[str, Any]:
    """A JSON object.

    Raises:
        LedgerError: anything else.
    """
    if isinstance(value, dict):
        return value
    raise _malformed(what, "an object", value)


def read_block(value: object) -> BlockRef:
    """A block as `eth_getBlockBy...` answers it.

    Raises:
        LedgerError: malformed.
    """
    block = read_object(value, "block")
    return BlockRef(
        number=read_quantity(block.get("number"), "block number", limit=1 << 40),
        hash=read_data(block.get("hash"), "block hash", length=32),
        timestamp=read_quantity(block.get("timestamp"), "block time", limit=_MAX_TIMESTAMP),
        state_root=read_data(block.get("stateRoot"), "state root", length=32),
    )


def read_receipt(value: object, tx_hash: bytes) -> Receipt | None:
    """A receipt as `eth_getTransactionReceipt` answers it; None while its transaction is in no block.

    Raises:
        LedgerError: malformed, or of another transaction.
    """
    if value is None:
        return None
    receipt = read_object(value, "receipt")
    if receipt.get("blockHash") is None or receipt.get("blockNumber") is None:
        return None
    found = read_data(receipt.get("transactionHash"), "receipt's transaction", length=32)
    if found != tx_hash:
        raise LedgerError(
            "the node answers with another transaction's receipt", expected=data_text(tx_hash), found=data_text(found)
        )
    created = receipt.get("contractAddress")
    return Receipt(
        tx_hash=tx_hash,
        block_number=read_quantity(receipt["blockNumber"], "receipt's block number", limit=1 << 40),
        block_hash=read_data(receipt["blockHash"], "receipt's block hash", length=32),
        status=read_quantity(receipt.get("status"), "receipt's status", limit=2) == 1,
        gas_used=read_quantity(receipt.get("gasUsed"), "receipt's gas", limit=1 << 64),
        contract_address=None if created is None else format_address(read_data(created, "created contract", length=20)),
    )


def read_log_blocks(value: object, first: int, last: int) -> set[int]:
    """The heights that `eth_getLogs` answers with.

    Raises:
        LedgerError: malformed, of other blocks than were asked for, or more than `MAX_LOGS`.
    """
    if not isinstance(value, list) or len(value) > MAX_LOGS:
        raise _malformed("events", f"a list of at most {MAX_LOGS}", type(value).__name__)
    found = {read_quantity(read_object(each, "event").get("blockNumber"), "event's block number") for each in value}
    if any(not first <= number <= last for number in found):
        raise _malformed("events", f"those of blocks {first} to {last}", sorted(found)[:3])
    return found


def _malformed(what: str, expected: str, found: object) -> LedgerError:
    return LedgerError(
        "the node answers what its protocol does not allow",
        where=what,
        expected=expected,
        found=repr(found)[:100],
        hint="is this an Ethereum node?",
    )
