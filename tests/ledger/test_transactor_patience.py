"""Receipts that never come: `Transactor.send` waits as long as it was told to, says so, and sends nothing twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from consortium_setup import STORE_CREATION, account

from passport.errors import LedgerUnavailableError
from passport.ledger import Call, EmbeddedChain, Receipt, Transactor
from passport.ledger.transactions import Patience


class Slow:
    """A chain that shows the receipt of a transaction only when it has been looked for so many times.

    Args:
        chain: The real one.
        looks: How many times; None for never.
    """

    def __init__(self, chain: EmbeddedChain, looks: int | None) -> None:
        self._chain = chain
        self._looks = looks
        self.sent: list[bytes] = []
        self.looked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._chain, name)

    def send_raw(self, raw: bytes) -> bytes:
        self.sent.append(raw)
        return self._chain.send_raw(raw)

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        self.looked += 1
        is_shown = self._looks is not None and self.looked >= self._looks
        return self._chain.receipt(tx_hash) if is_shown else None


def _sender(chain: Slow, looks: int, slept: list[float]) -> Transactor:
    patience = Patience(looks=looks, pause_s=2.5, sleep=slept.append)
    return Transactor(chain, account(1), patience=patience)  # type: ignore[arg-type]


def test_a_receipt_that_never_comes(chain: EmbeddedChain, tmp_path: Path) -> None:
    """It may still get into a block, so the message names it and nothing is sent in its place."""
    slow, slept = Slow(chain, None), []
    with pytest.raises(
        LedgerUnavailableError, match=r"the transaction is in no block yet; found 0x[0-9a-f]{64}.*look before you send"
    ) as told:
        _sender(slow, 4, slept).send(Call(None, STORE_CREATION))
    assert (slow.looked, slept, len(slow.sent)) == (4, [2.5, 2.5, 2.5], 1)
    (found,) = (chain.receipt(bytes.fromhex(str(told.value.found)[2:])),)
    assert found is not None  # whoever looks later finds it
    assert found.status


def test_a_receipt_that_comes_late(chain: EmbeddedChain) -> None:
    slow, slept = Slow(chain, 3), []
    assert _sender(slow, 4, slept).send(Call(None, STORE_CREATION)).status
    assert (slow.looked, slept, len(slow.sent)) == (3, [2.5, 2.5], 1)
