"""No chain at all, for work where none is in reach: what needs one is refused, and in an audit `unknown`."""

from __future__ import annotations

from typing import NoReturn, Self

from passport.errors import LedgerUnavailableError
from passport.ledger.chain_id import Address, ChainRef
from passport.ledger.proofs import StateEvidence
from passport.ledger.protocol import BlockRef, Execution, Fees, Reads, Receipt, StateView, Topics
from passport.ledger.receipt_proof import ReceiptEvidence


class DryChain:
    """A `Ledger` that knows its name and nothing else; every question raises `LedgerUnavailableError`.

    An audit over it reports what it would have asked as `unknown`; nothing is ever `passed` because nobody looked.

    Args:
        chain: The chain that is meant.
    """

    def __init__(self, chain: ChainRef) -> None:
        self._chain = chain

    def close(self) -> None:
        """Nothing to let go of."""

    def __enter__(self) -> Self:
        """The chain itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to let go of."""

    @property
    def chain(self) -> ChainRef:
        """Which chain is meant."""
        return self._chain

    def _refuse(self) -> NoReturn:
        raise LedgerUnavailableError(
            "no chain is asked: this workspace's driver is `dry`",
            where=self._chain.caip2,
            hint="name a chain that can be reached: `passport init --chain CHAIN.json`",
        )

    def head(self) -> BlockRef:
        """Refused."""
        self._refuse()

    def final_head(self) -> BlockRef:
        """Refused."""
        self._refuse()

    def block(self, number_or_hash: int | bytes) -> BlockRef:
        """Refused."""
        self._refuse()

    def state(self, block: BlockRef | None = None) -> StateView:
        """Refused."""
        self._refuse()

    def known_until(self, block: BlockRef) -> int:
        """Refused."""
        self._refuse()

    def code(self, address: Address, *, block: BlockRef | None = None) -> bytes:
        """Refused."""
        self._refuse()

    def balance(self, address: Address) -> int:
        """Refused."""
        self._refuse()

    def nonce(self, address: Address) -> int:
        """Refused."""
        self._refuse()

    def sealed_nonce(self, address: Address) -> int:
        """Refused."""
        self._refuse()

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """Refused."""
        self._refuse()

    def send_raw(self, raw: bytes) -> bytes:
        """Refused."""
        self._refuse()

    def call(self, to: Address, data: bytes, *, block: BlockRef | None = None) -> bytes:
        """Refused."""
        self._refuse()

    def simulate(self, sender: Address, to: Address | None, data: bytes, *, gas: int | None = None) -> Execution:
        """Refused."""
        self._refuse()

    def fees(self) -> Fees:
        """Refused."""
        self._refuse()

    @property
    def max_fee_wei_per_gas(self) -> int | None:
        """No limit: nothing is bid."""
        return None

    def evidence(self, block: BlockRef, reads: Reads) -> StateEvidence:
        """Refused."""
        self._refuse()

    def header(self, number: int) -> bytes:
        """Refused."""
        self._refuse()

    def receipts_touching(self, contract: Address, number: int) -> tuple[ReceiptEvidence, ...]:
        """Refused."""
        self._refuse()

    def blocks_with_events(self, contract: Address, topics: Topics, *, first: int, last: int) -> tuple[int, ...]:
        """Refused."""
        self._refuse()
