"""EIP-712 messages as the JSON that wallets show and sign (`eth_signTypedData_v4`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from passport.errors import LedgerError
from passport.ledger.account import TypedDomain

_TYPE: Final = re.compile(r"(\w+)\((.*)\)\Z")
_DOMAIN_MEMBERS: Final = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)


def typed_data(domain: TypedDomain, type_text: str, values: Sequence[int | str | bytes]) -> dict[str, Any]:
    """A message of one flat type for a wallet to sign: its hash is `typed_digest` of the same.

    Args:
        domain: Which contract on which chain.
        type_text: The type as in `Commit(bytes32 issuerId,uint48 prevSize)`.
        values: The members in order; numbers, addresses in EIP-55, bytes.

    Raises:
        LedgerError: A domain without a contract, or values that do not fit the type.
    """
    match = _TYPE.match(type_text)
    members = [tuple(part.split(" ")) for part in match[2].split(",")] if match else []
    if match is None or domain.contract is None or len(members) != len(values):
        raise LedgerError("not a typed message of a contract", expected=type_text, found=f"{len(values)} values")
    named = {name: _json(value) for (_, name), value in zip(members, values, strict=True)}
    return {
        "types": {
            "EIP712Domain": [{"name": name, "type": kind} for name, kind in _DOMAIN_MEMBERS],
            match[1]: [{"name": name, "type": kind} for kind, name in members],
        },
        "primaryType": match[1],
        "domain": {
            "name": domain.name,
            "version": domain.version,
            "chainId": domain.chain_id,
            "verifyingContract": domain.contract,
        },
        "message": named,
    }


def _json(value: int | str | bytes) -> str:
    """Numbers as text: a JSON reader may keep 53 bits of one."""
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
