"""Say why a contract reverted: Solidity's own errors, and custom errors by the ABI of the contracts involved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passport.errors import LedgerError
from passport.model.keccak import keccak

Abi = Sequence[Mapping[str, Any]]
"""The `abi` list of a compiled contract."""

_MAX_REVERT_BYTES = 65536
_STANDARD_ERRORS: Abi = (
    {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)


@dataclass(frozen=True, slots=True)
class Revert:
    """One Solidity error with its arguments.

    Args:
        name: The error's name in the source.
        arguments: Its arguments in order, by the ABI's names, or `arg0` and so on; addresses as EIP-55 text.
    """

    name: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        """As in `LogSizeMustGrow(size=4, head=8)`."""
        return f"{self.name}({', '.join(f'{name}={_text(value)}' for name, value in self.arguments.items())})"


def abi_type(parameter: Mapping[str, Any]) -> str:
    """The canonical ABI type of a parameter, tuples written out."""
    kind = str(parameter["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(abi_type(part) for part in parameter['components'])}){kind[5:]}"


def selector(entry: Mapping[str, Any]) -> bytes:
    """The four bytes that name a function or error in calldata and revert data."""
    return keccak(f"{entry['name']}({','.join(abi_type(part) for part in entry['inputs'])})".encode())[:4]


def decode_revert(data: bytes, *abis: Abi) -> Revert | None:
    """The Solidity error that `data` encodes, or None when no ABI given knows it."""
    if len(data) < 4 or len(data) > _MAX_REVERT_BYTES:
        return None
    for entry in (entry for abi in (*abis, _STANDARD_ERRORS) for entry in abi if entry["type"] == "error"):
        if selector(entry) == data[:4]:
            from eth_abi.abi import decode
            from eth_abi.exceptions import DecodingError

            try:
                values = decode([abi_type(part) for part in entry["inputs"]], data[4:])
            except (DecodingError, OverflowError, UnicodeDecodeError):
                return None
            names = [part.get("name") or f"arg{at}" for at, part in enumerate(entry["inputs"])]
            fixed = (_checksummed(v, part["type"]) for v, part in zip(values, entry["inputs"], strict=True))
            return Revert(str(entry["name"]), dict(zip(names, fixed, strict=True)))
    return None


def describe_revert(data: bytes, *abis: Abi) -> str:
    """One line about why a contract reverted, whatever it answered."""
    if not data:
        return "no reason given"
    revert = decode_revert(data, *abis)
    return str(revert) if revert is not None else "an unknown error, 0x" + data[:68].hex()


def _checksummed(value: Any, kind: str) -> Any:
    if kind != "address":
        return value
    from passport.ledger.chain_id import format_address

    try:
        return format_address(bytes.fromhex(value[2:]))
    except (ValueError, LedgerError):
        return value


def _text(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
