"""What a block says of the chain's use: its gas, how many transactions it holds, who made it, and who may make blocks.

A node's word, believed as it is said: enough to watch a chain, and no evidence of anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from passport.errors import LedgerError, ProofError
from passport.ledger.chain_id import Address, ChainRef, format_address
from passport.ledger.proofs import block_of_header
from passport.ledger.protocol import BlockRef
from passport.ledger.rpc_values import read_block, read_data, read_quantity

MAX_EXTRA_BYTES: Final = 1 << 16
MAX_VALIDATORS: Final = 2000

_MAX_GAS = 1 << 63
_PARENT, _PRODUCER, _GAS_LIMIT, _GAS_USED, _EXTRA = 0, 2, 9, 10, 12
_ADDRESS_BYTES, _VANITY_BYTES, _SEAL_BYTES = 20, 32, 65


@dataclass(frozen=True, slots=True)
class ObservedBlock:
    """One block of a chain that is watched.

    Attributes:
        block: Number, hash and time.
        parent_hash: The block before it, 32 bytes.
        gas_used: Gas of its transactions.
        gas_limit: Gas that it could have held.
        transactions: How many it holds.
        producer: Whom it names as its maker, or as who is paid for it.
        validators: Who may make blocks, where the block says so (QBFT, IBFT, Clique); None where it does not.
    """

    block: BlockRef
    parent_hash: bytes
    gas_used: int
    gas_limit: int
    transactions: int
    producer: Address
    validators: tuple[Address, ...] | None


class Observable(Protocol):
    """A chain that can be watched."""

    @property
    def chain(self) -> ChainRef:
        """Which chain this is."""
        ...

    def head(self) -> BlockRef:
        """The newest block known."""
        ...

    def observe(self, number: int) -> ObservedBlock:
        """One block with its use.

        Raises:
            LedgerError: There is no such block, or it is malformed.
        """
        ...


def read_observed(answer: Mapping[str, Any]) -> ObservedBlock:
    """A block as `eth_getBlockByNumber` answers it, with the hashes of its transactions.

    Raises:
        LedgerError: Malformed.
    """
    block, listed = read_block(answer), answer.get("transactions")
    if not isinstance(listed, list):
        raise LedgerError("the node answers what its protocol does not allow", where="transactions", expected="a list")
    used = read_quantity(answer.get("gasUsed"), "gas used", limit=_MAX_GAS)
    return ObservedBlock(
        block=block,
        parent_hash=read_data(answer.get("parentHash"), "parent hash", length=32),
        gas_used=used,
        gas_limit=_not_below(used, read_quantity(answer.get("gasLimit"), "gas limit", limit=_MAX_GAS), block.number),
        transactions=len(listed),
        producer=format_address(read_data(answer.get("miner"), "miner", length=_ADDRESS_BYTES)),
        validators=validators_of(read_data(answer.get("extraData"), "extra data")),
    )


def observed_of_header(header_rlp: bytes, *, transactions: int) -> ObservedBlock:
    """A block out of its header.

    Args:
        header_rlp: The header.
        transactions: How many the block holds, which no header says.

    Raises:
        ProofError: Not a block header.
    """
    import rlp  # type: ignore[import-untyped]  # the library ships no types

    block = block_of_header(header_rlp)
    try:
        fields = rlp.decode(header_rlp)
    except (rlp.RLPException, RecursionError) as error:
        raise ProofError("not a block header", found=str(error)) from error
    if not all(isinstance(fields[at], bytes) for at in (_PARENT, _PRODUCER, _GAS_LIMIT, _GAS_USED, _EXTRA)):
        raise ProofError("not a block header", found="a list in the place of a number or hash")
    used = int.from_bytes(fields[_GAS_USED], "big")
    return ObservedBlock(
        block=block,
        parent_hash=fields[_PARENT],
        gas_used=used,
        gas_limit=_not_below(used, int.from_bytes(fields[_GAS_LIMIT], "big"), block.number),
        transactions=transactions,
        producer=format_address(fields[_PRODUCER]),
        validators=validators_of(fields[_EXTRA]),
    )


def validators_of(extra: bytes) -> tuple[Address, ...] | None:
    """Who may make blocks, as a header's extra data lists them; None where they do not.

    QBFT and IBFT 2.0: a list of vanity, validators, vote, round and seals. Istanbul: 32 bytes and a list of validators,
    the proposer's seal, the commit's seals. Clique: 32 bytes, the signers (in every epoch's first block alone), a seal
    of 65 bytes.

    Args:
        extra: The extra data.
    """
    import rlp

    if len(extra) > MAX_EXTRA_BYTES:
        return None
    listed: object = None
    for start, position, lengths in ((0, 1, (5,)), (_VANITY_BYTES, 0, (3,))):
        try:
            parts = rlp.decode(extra[start:])
        except (rlp.RLPException, RecursionError):
            continue
        if isinstance(parts, list) and len(parts) in lengths and isinstance(parts[position], list):
            listed = parts[position]
            break
    signers = extra[_VANITY_BYTES:-_SEAL_BYTES]
    if listed is None and signers and len(signers) % _ADDRESS_BYTES == 0:
        listed = [signers[at : at + _ADDRESS_BYTES] for at in range(0, len(signers), _ADDRESS_BYTES)]
    if not isinstance(listed, list) or not 0 < len(listed) <= MAX_VALIDATORS:
        return None
    if not all(isinstance(each, bytes) and len(each) == _ADDRESS_BYTES for each in listed):
        return None
    return tuple(format_address(each) for each in listed)


def _not_below(used: int, limit: int, number: int) -> int:
    if limit < used:
        raise LedgerError("a block used more gas than it may", where=f"block {number}", expected=limit, found=used)
    return limit
