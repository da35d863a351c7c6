"""Write a block's header as RLP from what a node says of it: the bytes whose Keccak-256 is the block's hash.

Nobody needs to be believed: of all ways to write a header the one is taken whose hash is the block's. Forks only ever
added fields at the end; chains by IBFT and QBFT hash a header without the seals of its commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import rlp  # type: ignore[import-untyped]  # the library ships no types

from passport.errors import ProofError
from passport.ledger.proofs import MAX_HEADER_BYTES
from passport.ledger.rpc_values import data_text, read_data, read_quantity
from passport.model.keccak import keccak

_EXTRA_DATA = 12
_ISTANBUL_VANITY_BYTES = 32

# Name in JSON with its length in bytes (0: any), or None for a number; in the header's order: Yellow Paper 4.3, then
# EIP-1559, EIP-4895, EIP-4844, EIP-4788, EIP-7685.
_FIELDS: tuple[tuple[str, int | None], ...] = (
    ("parentHash", 32),
    ("sha3Uncles", 32),
    ("miner", 20),
    ("stateRoot", 32),
    ("transactionsRoot", 32),
    ("receiptsRoot", 32),
    ("logsBloom", 256),
    ("difficulty", None),
    ("number", None),
    ("gasLimit", None),
    ("gasUsed", None),
    ("timestamp", None),
    ("extraData", 0),
    ("mixHash", 32),
    ("nonce", 8),
    ("baseFeePerGas", None),
    ("withdrawalsRoot", 32),
    ("blobGasUsed", None),
    ("excessBlobGas", None),
    ("parentBeaconBlockRoot", 32),
    ("requestsHash", 32),
)
_MANDATORY = 15


def header_rlp(block: Mapping[str, Any]) -> bytes:
    """The header of a block that a node describes.

    Args:
        block: The answer to `eth_getBlockByHash`.

    Raises:
        ProofError: no way to write it that is known here has the block's hash.
        LedgerError: a field is malformed.
    """
    wanted = read_data(block.get("hash"), "block hash", length=32)
    fields: list[bytes | int] = []
    for position, (name, length) in enumerate(_FIELDS):
        if block.get(name) is None and position >= _MANDATORY:
            break
        if length is None:
            fields.append(read_quantity(block.get(name), name))
        else:
            fields.append(read_data(block.get(name), name, length=length or None))
    for candidate in _ways(fields):
        encoded: bytes = rlp.encode(candidate)
        if keccak(encoded) == wanted and len(encoded) <= MAX_HEADER_BYTES:
            return encoded
    raise ProofError(
        "the block's header cannot be written so that it has the block's hash",
        where=f"block {read_quantity(block.get('number'), 'block number')}",
        expected=data_text(wanted),
        hint="a chain with fields of its own in its headers gives no evidence that outlives its nodes",
    )


def _ways(fields: list[bytes | int]) -> Iterator[list[bytes | int]]:
    yield fields
    extra = fields[_EXTRA_DATA]
    if isinstance(extra, bytes):
        for sealed_less in _without_seals(extra):
            yield [*fields[:_EXTRA_DATA], sealed_less, *fields[_EXTRA_DATA + 1 :]]


def _without_seals(extra: bytes) -> Iterator[bytes]:
    """The extra data of IBFT and QBFT without what the validators added when the block was agreed upon."""
    for start in (0, _ISTANBUL_VANITY_BYTES):
        try:
            parts = rlp.decode(extra[start:])
        except (rlp.RLPException, RecursionError):
            continue
        if not isinstance(parts, list):
            continue
        if start == 0 and len(parts) == 5:  # vanity, validators, vote, round, seals
            yield rlp.encode([*parts[:3], b"", []])  # QBFT
            yield rlp.encode([*parts[:4], []])
            yield rlp.encode(parts[:3])  # IBFT 2.0
        elif start and len(parts) == 3:  # Istanbul: validators, the proposer's seal, the commit's seals
            yield extra[:start] + rlp.encode([*parts[:2], []])
