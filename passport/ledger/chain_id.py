"""Names of chains, accounts and contracts: CAIP-2 and CAIP-10 in the `eip155` namespace, addresses in EIP-55.

One spelling each: `eip155:1337`, `eip155:1337:0xAb...` with the mixed-case checksum of EIP-55. Two development chains
may share a chain id, so a chain is named by its id *and* the hash of its genesis block (`ChainRef`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NewType

from passport.errors import LedgerError
from passport.model.keccak import keccak

Address = NewType("Address", str)
"""A 20-byte account or contract address as `0x` and 40 hexadecimal digits, cased as EIP-55 says."""

# 2^256 / 2 - 36 is the largest chain id with a legacy signature (EIP-2294); CAIP-2 allows a reference of 32 characters.
_CHAIN = re.compile(r"eip155:(0|[1-9][0-9]{0,31})\Z")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}\Z")
_HASH = re.compile(r"0x[0-9a-f]{64}\Z")


@lru_cache(maxsize=16_384)
def format_address(raw: bytes) -> Address:
    """The EIP-55 text of 20 raw bytes.

    Raises:
        LedgerError: `raw` is not 20 bytes.
    """
    if len(raw) != 20:
        raise LedgerError("not an account address", expected="20 bytes", found=f"{len(raw)} bytes")
    digits = raw.hex()
    casing = keccak(digits.encode()).hex()
    return Address("0x" + "".join(d.upper() if int(c, 16) >= 8 else d for d, c in zip(digits, casing, strict=False)))


def parse_address(text: str, *, where: str | None = None) -> bytes:
    """The 20 raw bytes of an address in its EIP-55 spelling; any other spelling is refused.

    Raises:
        LedgerError: wrong shape or checksum.
    """
    if not isinstance(text, str) or not _ADDRESS.match(text):
        raise LedgerError("not an account address", where=where, expected="0x and 40 hexadecimal digits", found=text)
    raw = bytes.fromhex(text[2:])
    checksummed = format_address(raw)
    if checksummed != text:
        raise LedgerError(
            "the address fails its EIP-55 checksum",
            where=where,
            expected=checksummed,
            found=text,
            hint="a digit may be mistyped; copy the address again",
        )
    return raw


def format_chain_id(chain_id: int) -> str:
    """The CAIP-2 text of an EIP-155 chain id.

    Raises:
        LedgerError: `chain_id` is negative or beyond what CAIP-2 can write.
    """
    caip2 = f"eip155:{chain_id}"
    parse_chain_id(caip2)
    return caip2


def parse_chain_id(caip2: str) -> int:
    """The EIP-155 chain id of a CAIP-2 text.

    Raises:
        LedgerError: another namespace or spelling.
    """
    match = _CHAIN.match(caip2) if isinstance(caip2, str) else None
    if match is None:
        raise LedgerError("not the CAIP-2 id of an EVM chain", expected="eip155:<number>", found=caip2)
    return int(match[1])


def format_account_id(caip2: str, address: str) -> str:
    """The CAIP-10 text of an account or contract on a chain.

    Raises:
        LedgerError: either part is malformed.
    """
    parse_chain_id(caip2)
    parse_address(address)
    return f"{caip2}:{address}"


def parse_account_id(caip10: str) -> tuple[str, Address]:
    """Split a CAIP-10 text into the CAIP-2 id of its chain and the address there.

    Raises:
        LedgerError: another namespace or spelling, or a wrong EIP-55 checksum.
    """
    caip2, separator, address = caip10.rpartition(":") if isinstance(caip10, str) else ("", "", "")
    if not separator:
        raise LedgerError("not a CAIP-10 account id", expected="eip155:<number>:0x<address>", found=caip10)
    parse_chain_id(caip2)
    parse_address(address, where=caip10[:120])
    return caip2, Address(address)


@dataclass(frozen=True, slots=True)
class ChainRef:
    """Which chain: its CAIP-2 id and the hash of its genesis block, as documents write them.

    Args:
        caip2: `eip155:<number>`.
        genesis_hash: `0x` and 64 lower-case hexadecimal digits.
    """

    caip2: str
    genesis_hash: str

    def __post_init__(self) -> None:
        """Refuse any other spelling.

        Raises:
            LedgerError: a part is malformed.
        """
        parse_chain_id(self.caip2)
        if not isinstance(self.genesis_hash, str) or not _HASH.match(self.genesis_hash):
            raise LedgerError(
                "not a genesis block hash", expected="0x and 64 lower-case hexadecimal digits", found=self.genesis_hash
            )

    @property
    def chain_id(self) -> int:
        """The EIP-155 number, which goes into signatures."""
        return parse_chain_id(self.caip2)

    def account_id(self, address: str) -> str:
        """The CAIP-10 text of `address` on this chain."""
        return format_account_id(self.caip2, address)
