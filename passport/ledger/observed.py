"""What a block says of the chain's use: its gas, how many transactions it holds, who made it, and who may make blocks.

A node's word, believed as it is said: enough to watch a chain, and no evidence of anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from passport.errors import LedgerError, ProofError
from passport.ledger.chain_id import Address, ChainRef, format_address
from passport.ledger.extra_data import clique_maker, is_clique, validators_of
from passport.ledger.proofs import block_of_header
from passport.ledger.protocol import BlockRef
from passport.ledger.rpc_values import read_block, read_data, read_quantity

_MAX_GAS = 1 << 63
_PARENT, _PRODUCER, _GAS_LIMIT, _GAS_USED, _EXTRA, _NONCE = 0, 2, 9, 10, 12, 14
_ADDRESS_BYTES = 20
_VOTE: Final = b"\xff" * 8
"""The nonce of a Clique block that votes for somebody."""


@dataclass(frozen=True, slots=True)
class ObservedBlock:
    """One block of a chain that is watched.

    Attributes:
        block: Number, hash and time.
        parent_hash: The block before it, 32 bytes.
        gas_used: Gas of its transactions.
        gas_limit: Gas that it could have held.
        transactions: How many it holds.
        producer: Whom it names as its maker, or as who is paid for it, or whose seal it has (Clique); None where it
            says nothing of that.
        validators: Who may make blocks, where the block says so (QBFT, IBFT, Clique); None where it does not.
    """

    block: BlockRef
    parent_hash: bytes
    gas_used: int
    gas_limit: int
    transactions: int
    producer: Address | None
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
    extra = read_data(answer.get("extraData"), "extra data")
    miner = read_data(answer.get("miner"), "miner", length=_ADDRESS_BYTES)
    nonce = b"" if answer.get("nonce") is None else read_data(answer.get("nonce"), "nonce")
    if not isinstance(listed, list):
        raise LedgerError("the node answers what its protocol does not allow", where="transactions", expected="a list")
    used = read_quantity(answer.get("gasUsed"), "gas used", limit=_MAX_GAS)
    return ObservedBlock(
        block=block,
        parent_hash=read_data(answer.get("parentHash"), "parent hash", length=32),
        gas_used=used,
        gas_limit=_not_below(used, read_quantity(answer.get("gasLimit"), "gas limit", limit=_MAX_GAS), block.number),
        transactions=len(listed),
        producer=_maker(miner, extra, block.number, nonce, lambda: _written(answer)),
        validators=validators_of(extra, number=block.number),
    )


def observed_of_header(header: bytes, *, transactions: int) -> ObservedBlock:
    """A block out of its header.

    Args:
        header: The header, as RLP.
        transactions: How many the block holds, which no header says.

    Raises:
        ProofError: Not a block header.
    """
    import rlp  # type: ignore[import-untyped]  # the library ships no types

    block = block_of_header(header)
    try:
        fields = rlp.decode(header)
    except (rlp.RLPException, RecursionError) as error:
        raise ProofError("not a block header", found=str(error)) from error
    if not all(isinstance(fields[at], bytes) for at in (_PARENT, _PRODUCER, _GAS_LIMIT, _GAS_USED, _EXTRA, _NONCE)):
        raise ProofError("not a block header", found="a list in the place of a number or hash")
    used = int.from_bytes(fields[_GAS_USED], "big")
    return ObservedBlock(
        block=block,
        parent_hash=fields[_PARENT],
        gas_used=used,
        gas_limit=_not_below(used, int.from_bytes(fields[_GAS_LIMIT], "big"), block.number),
        transactions=transactions,
        producer=_maker(fields[_PRODUCER], fields[_EXTRA], block.number, fields[_NONCE], lambda: header),
        validators=validators_of(fields[_EXTRA], number=block.number),
    )


def _maker(miner: bytes, extra: bytes, number: int, nonce: bytes, header: Callable[[], bytes | None]) -> Address | None:
    """Who made a block, where it says so.

    In Clique (EIP-225) the field of the miner holds whom a vote is about, or nothing, and the seal says who made it.
    """
    if not is_clique(extra, number=number):
        return format_address(miner) if any(miner) else None
    if any(miner) and nonce != _VOTE:
        return None  # a vote to drop somebody, or a chain of another kind that names its maker: both look alike
    written = header()
    return None if written is None else clique_maker(written)


def _written(answer: Mapping[str, Any]) -> bytes | None:
    from passport.ledger.rpc_header import header_rlp

    try:
        return header_rlp(answer)
    except (ProofError, LedgerError):
        return None


def _not_below(used: int, limit: int, number: int) -> int:
    if limit < used:
        raise LedgerError("a block used more gas than it may", where=f"block {number}", expected=limit, found=used)
    return limit
