"""A provider that answers as a real one would, and wrongly whatever it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from passport.errors import LedgerError
from passport.ledger import Address, BlockRef, Fees, Ledger, StateView


class LyingState:
    """Every word another one."""

    def __init__(self, state: StateView) -> None:
        self._state = state

    @property
    def block(self) -> BlockRef:
        return self._state.block

    def storage(self, contract: Address, slot: int) -> int:
        return self._state.storage(contract, slot) ^ 1


_LIES: dict[str, Callable[[Any], Any]] = {
    "head": lambda block: replace(block, number=block.number + 1000),
    "final_head": lambda block: replace(block, number=block.number + 1000),
    "block": lambda block: replace(block, hash=b"\x01" * 32),
    "state": LyingState,
    "known_until": lambda moment: moment + 10**9,
    "code": lambda code: code + b"\xfe",
    "header": lambda header_rlp: header_rlp + b"\x01",
    "blocks_with_events": lambda numbers: (),
    "call": lambda output: output + b"\x01",
    "receipt": lambda receipt: receipt and replace(receipt, status=not receipt.status),
    "nonce": lambda nonce: nonce + 1000,
    "sealed_nonce": lambda nonce: nonce + 1000,
    "balance": lambda wei: wei + 10**30,
    "simulate": lambda execution: replace(execution, gas_used=execution.gas_used * 1000),
    "fees": lambda fees: Fees(10**18, 10**18),
}


class LyingProvider:
    """Lies where it can, proves nothing, and says that it sent what it keeps.

    Args:
        ledger: The real one.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        real, lie = getattr(self._ledger, name), _LIES.get(name)
        if lie is None:
            return real
        return lambda *arguments, **named: lie(real(*arguments, **named))

    def receipts_touching(self, *_: object) -> None:
        raise LedgerError("no receipts from here")

    def evidence(self, *_: object) -> None:
        raise LedgerError("no evidence from here")
