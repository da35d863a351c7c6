"""The embedded chain: an EVM chain of one machine in one file, for trying out, tests and small installations.

Prague rules by py-evm, zero fees, one transaction a block, sealed at once without any mining cost: a block is final
when its receipt is there. It proves order and integrity to whoever holds the file, not to strangers: for those use a
public or consortium chain. Reading needs no EVM; py-evm (a second of import) is loaded when the first transaction runs.

Each block is at least a second later than the one before, as Ethereum has it and as keys need it: what was anchored
before a key was retired has the earlier time. A burst of blocks therefore runs ahead of the clock, a second a block,
and whoever judges the present takes the head's time for it (`Settings.is_now` of an audit).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from passport.errors import LedgerError, TransactionError
from passport.ledger.chain_file import ChainFile
from passport.ledger.chain_id import Address, ChainRef, format_chain_id, parse_address
from passport.ledger.event_filter import matches, may_hold
from passport.ledger.observed import ObservedBlock, observed_of_header
from passport.ledger.proofs import StateEvidence, block_of_header, collect_evidence
from passport.ledger.protocol import BlockRef, Execution, Fees, Reads, Receipt, Topics
from passport.ledger.receipt_proof import ReceiptEvidence, collect_touching, prove_receipt
from passport.ledger.revert import describe_revert
from passport.ledger.state import TrieState
from passport.ledger.trie_walk import EMPTY_CODE_HASH, EMPTY_ROOT
from passport.model.keccak import keccak

if TYPE_CHECKING:
    from passport.ledger.evm import Evm

Clock = Callable[[], datetime]
"""Tells the time: aware, UTC."""

DEFAULT_CHAIN_ID = 1337
"""The customary id of development chains; the genesis hash tells them apart."""

BLOCK_GAS_LIMIT = 60_000_000
MAX_TRANSACTION_GAS = BLOCK_GAS_LIMIT // 2
"""A block of at most half the limit never raises the base fee (EIP-1559), which therefore stays at zero."""

MAX_TRANSACTION_BYTES = 1 << 20
_NO_FEES = Fees(max_fee_wei_per_gas=0, max_priority_fee_wei_per_gas=0)


def system_clock() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class EmbeddedChain:
    """A `Ledger` in a file; use `create` or `open`, and `close` or a `with` statement when done.

    Args:
        file: The open chain file.
        clock: Gives block times, never before the parent's.
    """

    def __init__(self, file: ChainFile, *, clock: Clock = system_clock) -> None:
        self._file = file
        self._clock = clock
        self._chain = ChainRef(format_chain_id(file.chain_id), "0x" + file.genesis_hash.hex())
        self._loaded_evm: Evm | None = None
        # Only the states in use are worth keeping: usually the head's and one as-of block's.
        self._state_of = lru_cache(8)(self._open_state)

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        chain_id: int = DEFAULT_CHAIN_ID,
        clock: Clock = system_clock,
        seed: bytes | None = None,
        lock_timeout_s: float = 30.0,
    ) -> Self:
        """Start a new chain in a new file.

        Args:
            path: Where; nothing may be there yet.
            chain_id: EIP-155 number.
            clock: Gives block times.
            seed: 32 bytes that make this chain's genesis hash its own; random unless a test needs the same chain twice.
            lock_timeout_s: How long a writer waits for another process.

        Raises:
            LedgerError: the file exists or cannot be written.
        """
        seed = secrets.token_bytes(32) if seed is None else seed
        if len(seed) != 32:
            raise LedgerError("not a seed", expected="32 bytes", found=f"{len(seed)} bytes")
        header_rlp = _genesis_header(timestamp=int(clock().timestamp()), seed=seed)
        ChainFile.create(path, chain_id=chain_id, genesis_header_rlp=header_rlp)
        return cls.open(path, clock=clock, lock_timeout_s=lock_timeout_s)

    @classmethod
    def open(cls, path: Path, *, clock: Clock = system_clock, lock_timeout_s: float = 30.0) -> Self:
        """Open an existing chain.

        Raises:
            LedgerError: no such file, not a chain file, or damaged.
        """
        return cls(ChainFile(path, lock_timeout_s=lock_timeout_s), clock=clock)

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def __enter__(self) -> Self:
        """The chain itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    @property
    def chain(self) -> ChainRef:
        """Which chain this is."""
        return self._chain

    def head(self) -> BlockRef:
        """The newest block, whichever process added it."""
        return block_of_header(self._file.header(None))

    def final_head(self) -> BlockRef:
        """The head: no block of this chain is ever replaced."""
        return self.head()

    def block(self, number_or_hash: int | bytes) -> BlockRef:
        """One block by height or hash.

        Raises:
            LedgerError: there is no such block.
        """
        return block_of_header(self._file.header(number_or_hash))

    def observe(self, number: int) -> ObservedBlock:
        """One block with its gas and transactions; nobody is chosen to make blocks here.

        Raises:
            LedgerError: There is no such block.
        """
        header = self._file.header(number)
        return observed_of_header(header, transactions=self._file.transactions_in(number))

    def state(self, block: BlockRef | None = None) -> TrieState:
        """The state after `block`, or after the head; every past state is kept."""
        return self._state_of((block or self.head()).hash)

    def known_until(self, block: BlockRef) -> int:
        """Up to the next block, or to now: this chain is quiet when nobody has anything to say."""
        if block.number < self.head().number:
            return max(block.timestamp, self.block(block.number + 1).timestamp - 1)
        return max(block.timestamp, int(self._clock().timestamp()))

    def _open_state(self, block_hash: bytes) -> TrieState:
        return TrieState(self.block(block_hash), node_of=self._file.node)

    def code(self, address: Address, *, block: BlockRef | None = None) -> bytes:
        """The code at `address`, empty when there is none."""
        code_hash = self.state(block).code_hash(address)
        return b"" if code_hash == EMPTY_CODE_HASH else self._file.node(code_hash)

    def nonce(self, address: Address) -> int:
        """The nonce the next transaction of `address` must carry."""
        return self.state().nonce(address)

    def sealed_nonce(self, address: Address) -> int:
        """The same: no transaction waits here."""
        return self.nonce(address)

    def balance(self, address: Address) -> int:
        """What `address` has, in wei: nothing, as nobody needs it here."""
        return self.state().balance(address)

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """The receipt of a transaction, or None if no block holds it."""
        return self._file.receipt(tx_hash)

    def fees(self) -> Fees:
        """Zero: nobody needs funds here."""
        return _NO_FEES

    @property
    def max_fee_wei_per_gas(self) -> int | None:
        """No limit: nothing is bid."""
        return None

    def evidence(self, block: BlockRef, reads: Reads) -> StateEvidence:
        """Everything that proves what `reads` held after `block`."""
        return collect_evidence(self._file.header(block.hash), reads, node_of=self._file.node)

    def header(self, number: int) -> bytes:
        """The header of the block at a height as RLP."""
        return self._file.header(number)

    def receipts_touching(self, contract: Address, number: int) -> tuple[ReceiptEvidence, ...]:
        """Proof of the receipt of every transaction in a block that had `contract` emit something."""
        header_rlp = self._file.header(number)
        return collect_touching(header_rlp, self._file.transactions_in(number), contract, node_of=self._file.node)

    def blocks_with_events(self, contract: Address, topics: Topics, *, first: int, last: int) -> tuple[int, ...]:
        """Blocks with such events, found by the bloom filters of their headers and read."""
        found = []
        for number in range(max(first, 0), min(last, self.head().number) + 1):
            if may_hold(self._file.header(number), contract, topics):
                receipts = (prove_receipt(each) for each in self.receipts_touching(contract, number))
                if any(matches(event, contract, topics) for receipt in receipts for event in receipt.events):
                    found.append(number)
        return tuple(found)

    def send_raw(self, raw: bytes) -> bytes:
        """Seal a signed transaction into a block of its own; when this returns, the block is on the disk.

        Raises:
            TransactionError: refused; `where` is `nonce` when only its nonce is wrong.
            LedgerUnavailableError: the file is locked or full; send the same bytes again.
        """
        if len(raw) > MAX_TRANSACTION_BYTES:
            raise TransactionError("the transaction is too long", expected=f"at most {MAX_TRANSACTION_BYTES} bytes")
        tx_hash = keccak(raw)
        if self._file.receipt(tx_hash) is not None:
            return tx_hash
        transaction = self._evm.decode(raw)
        with self._file.writing():
            if self._file.receipt(tx_hash) is None:
                sealed = self._evm.seal(self._file.header(None), transaction, timestamp=self._next_timestamp())
                self._file.append(sealed.header_rlp, nodes=sealed.nodes, receipt=sealed.receipt)
        return tx_hash

    def call(self, to: Address, data: bytes, *, block: BlockRef | None = None) -> bytes:
        """Run a read-only function as of `block`, or of the head.

        Raises:
            TransactionError: it reverted.
        """
        header_rlp = self._file.header(None if block is None else block.hash)
        execution = self._evm.execute(header_rlp, sender=bytes(20), to=parse_address(to), data=data, timestamp=None)
        if not execution.success:
            raise TransactionError("the call reverted", where=to, found=describe_revert(execution.output))
        return execution.output

    def simulate(self, sender: Address, to: Address | None, data: bytes, *, gas: int | None = None) -> Execution:
        """Run a transaction on top of the head without sealing it."""
        return self._evm.execute(
            self._file.header(None),
            sender=parse_address(sender),
            to=b"" if to is None else parse_address(to),
            data=data,
            timestamp=self._next_timestamp(),
            gas=gas,
        )

    def _next_timestamp(self) -> int:
        return max(self.head().timestamp + 1, int(self._clock().timestamp()))

    @property
    def _evm(self) -> Evm:
        if self._loaded_evm is None:
            try:
                from passport.ledger.evm import Evm
            except ImportError as error:
                raise LedgerError(
                    "the embedded chain needs py-evm to run transactions",
                    hint="install carbon-passport[chain]",
                ) from error
            self._loaded_evm = Evm(self._file, max_transaction_gas=MAX_TRANSACTION_GAS)
        return self._loaded_evm


def _genesis_header(*, timestamp: int, seed: bytes) -> bytes:
    """RLP of a Prague genesis header over an empty state, with `seed` as extra data (no EVM needed to write it)."""
    import rlp  # type: ignore[import-untyped]  # the library ships no types

    empty_list_hash = keccak(rlp.encode([]))
    encoded: bytes = rlp.encode(
        [
            bytes(32),  # parent hash
            empty_list_hash,  # ommers
            bytes(20),  # fee recipient
            EMPTY_ROOT,  # state
            EMPTY_ROOT,  # transactions
            EMPTY_ROOT,  # receipts
            bytes(256),  # logs bloom
            0,  # difficulty
            0,  # number
            BLOCK_GAS_LIMIT,
            0,  # gas used
            timestamp,
            seed,  # extra data
            bytes(32),  # mix hash
            bytes(8),  # nonce
            0,  # base fee
            EMPTY_ROOT,  # withdrawals
            0,  # blob gas used
            0,  # excess blob gas
            bytes(32),  # parent beacon block root
            _EMPTY_REQUESTS_HASH,
        ]
    )
    return encoded


# SHA-256 of nothing (EIP-7685).
_EMPTY_REQUESTS_HASH = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
