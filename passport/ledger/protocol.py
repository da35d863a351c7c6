"""What every chain driver offers: the `Ledger` and `StateView` protocols, with the values they speak in.

Hashes, roots and raw transactions are `bytes`; addresses are EIP-55 text; block times are unix seconds in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from passport.ledger.chain_id import Address, ChainRef

if TYPE_CHECKING:
    from passport.ledger.proofs import StateEvidence
    from passport.ledger.receipt_proof import ReceiptEvidence

Topics = Sequence[Set[bytes]]
"""Which events are meant: for each topic, in order, the words that it may be."""

Reads = Mapping[Address, Set[int]]
"""Storage slots by contract: what somebody looked at, or wants to have proven."""


@dataclass(frozen=True, slots=True)
class BlockRef:
    """One block: where it stands, its identity and the state after it.

    Args:
        number: Height; the genesis block is 0.
        hash: Keccak-256 of the header, 32 bytes.
        timestamp: Unix seconds.
        state_root: Root of the account trie after the block, 32 bytes.
    """

    number: int
    hash: bytes
    timestamp: int
    state_root: bytes

    @property
    def time(self) -> datetime:
        """The block's time, aware, UTC."""
        return datetime.fromtimestamp(self.timestamp, UTC)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one transaction.

    Args:
        tx_hash: The transaction, 32 bytes.
        block_number: The block that holds it.
        block_hash: That block's hash, to notice when a block was replaced.
        status: True when it took effect, False when the contract reverted it.
        gas_used: Gas charged.
        contract_address: The contract it created, if it did.
    """

    tx_hash: bytes
    block_number: int
    block_hash: bytes
    status: bool
    gas_used: int
    contract_address: Address | None


@dataclass(frozen=True, slots=True)
class Execution:
    """The outcome of running a transaction without sending it.

    Args:
        success: False when it would revert.
        output: What it returned, or the ABI-encoded error it reverted with.
        gas_used: Gas a real transaction would be charged.
    """

    success: bool
    output: bytes
    gas_used: int


@dataclass(frozen=True, slots=True)
class Fees:
    """What to bid per unit of gas, in wei.

    Args:
        max_fee_wei_per_gas: At most this in all.
        max_priority_fee_wei_per_gas: At most this to the block's producer.
        is_legacy: The chain knows no EIP-1559: `max_fee_wei_per_gas` is the gas price.
    """

    max_fee_wei_per_gas: int
    max_priority_fee_wei_per_gas: int
    is_legacy: bool = False

    def raised(self) -> Fees:
        """An eighth more of each, rounded up: nodes put a transaction in another's place from a tenth more on."""
        most, tip = (-(-fee * 9 // 8) for fee in (self.max_fee_wei_per_gas, self.max_priority_fee_wei_per_gas))
        most, tip = max(most, self.max_fee_wei_per_gas + 1), max(tip, self.max_priority_fee_wei_per_gas + 1)
        return Fees(most, tip, self.is_legacy)

    def at_least(self, other: Fees) -> Fees:
        """The higher of each; in the form of this one."""
        tip = max(self.max_priority_fee_wei_per_gas, other.max_priority_fee_wei_per_gas)
        most = max(self.max_fee_wei_per_gas, other.max_fee_wei_per_gas)
        return Fees(most, most if self.is_legacy else tip, self.is_legacy)


class StateView(Protocol):
    """The storage of contracts as of one block, live or proven."""

    @property
    def block(self) -> BlockRef:
        """The block whose state this is."""
        ...

    def storage(self, contract: Address, slot: int) -> int:
        """The 256-bit word at `slot` of `contract`; 0 where nothing was ever written.

        Raises:
            ProofError: the evidence at hand does not prove this slot.
            LedgerUnavailableError: the chain cannot be asked right now.
        """
        ...


class Ledger(Protocol):
    """A chain: read its blocks and state, send transactions, gather evidence."""

    @property
    def chain(self) -> ChainRef:
        """Which chain this is."""
        ...

    def head(self) -> BlockRef:
        """The newest block known."""
        ...

    def final_head(self) -> BlockRef:
        """The newest block that can no longer be replaced."""
        ...

    def block(self, number_or_hash: int | bytes) -> BlockRef:
        """One block of the chain.

        Raises:
            LedgerError: there is no such block.
        """
        ...

    def state(self, block: BlockRef | None = None) -> StateView:
        """The state after `block`, or after the head."""
        ...

    def known_until(self, block: BlockRef) -> int:
        """Up to which moment the state after `block` is known to be the chain's, unix seconds.

        Its own time where blocks come by the clock; up to the next block, or to now, where one comes only when there is
        a transaction to put into it.
        """
        ...

    def code(self, address: Address, *, block: BlockRef | None = None) -> bytes:
        """The code deployed at `address`; empty when there is no contract."""
        ...

    def send_raw(self, raw: bytes) -> bytes:
        """Send a signed transaction; returns its hash. Sending the same bytes again is harmless.

        Raises:
            TransactionError: refused; `where` is `nonce`, `fee` or `funds` when only that is wrong.
            LedgerUnavailableError: it may or may not have arrived; send the same bytes again.
        """
        ...

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """The receipt, or None while the transaction is in no block."""
        ...

    def nonce(self, address: Address) -> int:
        """The nonce the next transaction of `address` must carry, those counted that wait to be put into a block."""
        ...

    def sealed_nonce(self, address: Address) -> int:
        """How many transactions of `address` are in blocks up to the head."""
        ...

    def balance(self, address: Address) -> int:
        """What `address` has at the head, in wei."""
        ...

    def call(self, to: Address, data: bytes, *, block: BlockRef | None = None) -> bytes:
        """Run a read-only function as of `block` (default: the head) and return its output.

        Raises:
            TransactionError: it reverted.
        """
        ...

    def simulate(self, sender: Address, to: Address | None, data: bytes, *, gas: int | None = None) -> Execution:
        """Run a transaction on top of the head without sending it; `to` None creates a contract.

        Args:
            sender: Who would send it.
            to: The contract.
            data: Calldata or creation code.
            gas: The gas limit it would have: what needs more fails, having used all of it. None: as much as there is.
        """
        ...

    def fees(self) -> Fees:
        """What to bid for gas now.

        Raises:
            LedgerUnavailableError: gas costs more than the settings allow to bid.
        """
        ...

    @property
    def max_fee_wei_per_gas(self) -> int | None:
        """The most that may ever be bid; None where nobody set a limit."""
        ...

    def evidence(self, block: BlockRef, reads: Reads) -> StateEvidence:
        """Everything that proves what `reads` held after `block`, also where nothing was stored."""
        ...

    def header(self, number: int) -> bytes:
        """The header of the block at a height as RLP: the bytes whose Keccak-256 is the block's hash.

        Raises:
            LedgerError: there is no such block, or its header cannot be written.
        """
        ...

    def receipts_touching(self, contract: Address, number: int) -> tuple[ReceiptEvidence, ...]:
        """Proof of the receipt of every transaction in the block at a height that had `contract` emit something.

        Raises:
            LedgerError: there is no such block, or the chain cannot prove its receipts.
        """
        ...

    def blocks_with_events(self, contract: Address, topics: Topics, *, first: int, last: int) -> tuple[int, ...]:
        """Heights of the blocks from `first` to `last` in which `contract` emitted such events, rising.

        A node's word: it may leave some out.

        Raises:
            LedgerError: too many, or the chain keeps no index of them.
        """
        ...
