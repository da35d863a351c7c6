"""A chain in memory by revm: for trying things out and for tests, some seven times as quick as the embedded one.

One transaction a block, no fees, gone with the process. It keeps no tries: there is no evidence, and the state can be
read as of the newest block only. What it says of gas is a lower bound: between transactions pyrevm does not forget
which slots were touched, and touching them again costs less. Needs the extra `revm`, which has wheels for some
platforms and Pythons.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from passport.errors import LedgerError, LedgerUnavailableError, TransactionError
from passport.ledger.chain_id import Address, ChainRef, format_address, format_chain_id, parse_address
from passport.ledger.embedded import BLOCK_GAS_LIMIT, DEFAULT_CHAIN_ID, MAX_TRANSACTION_GAS, system_clock
from passport.ledger.proofs import StateEvidence
from passport.ledger.protocol import BlockRef, Execution, Fees, Reads, Receipt, Topics
from passport.ledger.raw_transaction import read_transaction
from passport.ledger.receipt_proof import ReceiptEvidence
from passport.ledger.revert import describe_revert
from passport.model.keccak import keccak

if TYPE_CHECKING:
    import pyrevm

_NO_FEES = Fees(max_fee_wei_per_gas=0, max_priority_fee_wei_per_gas=0)
_MAX_PADDING = 64
_NOBODY = format_address(bytes(20))
_REVERT = re.compile(r"Revert \{ gas_used: (\d+), output: 0x([0-9a-f]*) \}")


class RevmChain:
    """A `Ledger` in memory.

    Args:
        chain_id: EIP-155 number.
        clock: Gives block times, each at least a second after the one before.
        seed: 32 bytes that make this chain's genesis hash its own; random unless a test needs the same chain twice.

    Raises:
        LedgerError: revm is not installed.
    """

    def __init__(
        self,
        *,
        chain_id: int = DEFAULT_CHAIN_ID,
        clock: Callable[[], datetime] = system_clock,
        seed: bytes | None = None,
    ) -> None:
        try:
            import pyrevm
        except ImportError as error:
            raise LedgerError(
                "a chain in memory needs pyrevm",
                hint="install carbon-passport[revm]; where it has no wheel, use the embedded chain",
            ) from error
        self._revm = pyrevm
        self._clock = clock
        self._receipts: dict[bytes, Receipt] = {}
        seed = secrets.token_bytes(32) if seed is None else seed
        genesis = BlockRef(0, keccak(b"revm genesis" + seed), int(clock().timestamp()), bytes(32))
        self._blocks = [genesis]
        self._chain = ChainRef(format_chain_id(chain_id), "0x" + genesis.hash.hex())
        self._evm = pyrevm.EVM(
            env=pyrevm.Env(cfg=pyrevm.CfgEnv(chain_id=chain_id), block=self._block_env(genesis)), spec_id="PRAGUE"
        )

    def close(self) -> None:
        """Nothing to let go of."""

    def __enter__(self) -> Self:
        """The chain itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to let go of."""

    @property
    def chain(self) -> ChainRef:
        """Which chain this is."""
        return self._chain

    def head(self) -> BlockRef:
        """The newest block."""
        return self._blocks[-1]

    def final_head(self) -> BlockRef:
        """The head: no block of this chain is ever replaced."""
        return self.head()

    def block(self, number_or_hash: int | bytes) -> BlockRef:
        """One block by height or hash.

        Raises:
            LedgerError: there is no such block.
        """
        for block in self._blocks:
            if number_or_hash in (block.hash, block.number):
                return block
        raise LedgerError("the chain has no such block", found=number_or_hash)

    def state(self, block: BlockRef | None = None) -> RevmState:
        """The state after the head.

        Raises:
            LedgerUnavailableError: asked for an older one.
        """
        return RevmState(self, self._newest(block))

    def known_until(self, block: BlockRef) -> int:
        """Up to the next block, or to now."""
        if block.number < self.head().number:
            return max(block.timestamp, self.block(block.number + 1).timestamp - 1)
        return max(block.timestamp, int(self._clock().timestamp()))

    def code(self, address: Address, *, block: BlockRef | None = None) -> bytes:
        """The code at `address`, empty when there is none."""
        parse_address(address)
        self._newest(block)
        padded = self._evm.get_code(address) or b""
        code_hash = self._evm.basic(address).code_hash
        # Revm hands out code as it runs it, with zeros at its end.
        lengths = range(len(padded), max(-1, len(padded) - _MAX_PADDING - 1), -1)
        for length in lengths:
            if keccak(padded[:length]) == code_hash:
                return padded[:length]
        raise LedgerError("revm's code does not have its hash", where=address)

    def balance(self, address: Address) -> int:
        """What `address` has: nothing, as nobody needs it here."""
        parse_address(address)
        return self._evm.get_balance(address)

    def nonce(self, address: Address) -> int:
        """The nonce the next transaction of `address` must carry."""
        parse_address(address)
        return self._evm.basic(address).nonce

    def sealed_nonce(self, address: Address) -> int:
        """The same: no transaction waits here."""
        return self.nonce(address)

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """The receipt of a transaction, or None if no block holds it."""
        return self._receipts.get(tx_hash)

    def fees(self) -> Fees:
        """Zero: nobody needs funds here."""
        return _NO_FEES

    @property
    def max_fee_wei_per_gas(self) -> int | None:
        """No limit: nothing is bid."""
        return None

    def evidence(self, block: BlockRef, reads: Reads) -> StateEvidence:
        """Refused: there are no tries.

        Raises:
            LedgerError: always.
        """
        raise LedgerError(
            "a chain in memory by revm keeps nothing that could be proven", hint="use the embedded chain for bundles"
        )

    def header(self, number: int) -> bytes:
        """Refused: blocks here are numbers and times.

        Raises:
            LedgerError: always.
        """
        raise LedgerError("a chain in memory by revm has no headers", hint="use the embedded chain for bundles")

    def receipts_touching(self, contract: Address, number: int) -> tuple[ReceiptEvidence, ...]:
        """Refused: there are no tries.

        Raises:
            LedgerError: always.
        """
        raise LedgerError("a chain in memory by revm keeps no receipts that could be proven")

    def blocks_with_events(self, contract: Address, topics: Topics, *, first: int, last: int) -> tuple[int, ...]:
        """Refused: events are not kept.

        Raises:
            LedgerError: always.
        """
        raise LedgerError("a chain in memory by revm keeps no events")

    def send_raw(self, raw: bytes) -> bytes:
        """Run a signed transaction in a block of its own.

        Raises:
            TransactionError: refused; `where` is `nonce` when only its nonce is wrong.
        """
        tx_hash = keccak(raw)
        if tx_hash in self._receipts:
            return tx_hash
        transaction = read_transaction(raw)
        if transaction.chain_id != self._chain.chain_id:
            raise TransactionError("the transaction is for another chain, or for any chain", found=transaction.chain_id)
        if transaction.gas > MAX_TRANSACTION_GAS:
            raise TransactionError("the transaction asks for too much gas", expected=f"at most {MAX_TRANSACTION_GAS}")
        if transaction.fees.max_fee_wei_per_gas:
            raise TransactionError("the account cannot pay for the transaction", where="funds", expected="no fees")
        sender = transaction.sender()
        nonce = self.nonce(sender)
        if transaction.nonce != nonce:
            raise TransactionError(
                f"the transaction's nonce is too {'low' if transaction.nonce < nonce else 'high'}",
                where="nonce",
                expected=nonce,
                found=transaction.nonce,
            )
        block = self._next_block(tx_hash)
        self._evm.set_block_env(self._block_env(block))
        execution, created = self._run(sender, transaction.to, transaction.data, transaction.gas, keep=True)
        if self.nonce(sender) == nonce:  # revm counts what it creates, and leaves calls to us
            self._evm.insert_account_info(sender, self._revm.AccountInfo(nonce=nonce + 1))
        self._blocks.append(block)
        self._receipts[tx_hash] = Receipt(
            tx_hash, block.number, block.hash, execution.success, execution.gas_used, created
        )
        return tx_hash

    def call(self, to: Address, data: bytes, *, block: BlockRef | None = None) -> bytes:
        """Run a read-only function as of the head.

        Raises:
            TransactionError: it reverted.
            LedgerUnavailableError: asked as of an older block.
        """
        parse_address(to)
        self._newest(block)
        execution, _ = self._run(_NOBODY, to, data, MAX_TRANSACTION_GAS, keep=False)
        if not execution.success:
            raise TransactionError("the call reverted", where=to, found=describe_revert(execution.output))
        return execution.output

    def simulate(self, sender: Address, to: Address | None, data: bytes, *, gas: int | None = None) -> Execution:
        """Run a transaction on top of the head and take it back."""
        parse_address(sender)
        if to is not None:
            parse_address(to)
        self._evm.set_block_env(self._block_env(self._next_block(b"")))
        try:
            limit = MAX_TRANSACTION_GAS if gas is None else min(gas, MAX_TRANSACTION_GAS)
            return self._run(sender, to, data, limit, keep=False)[0]
        finally:
            self._evm.set_block_env(self._block_env(self.head()))

    def _run(
        self, sender: Address, to: Address | None, data: bytes, gas: int, *, keep: bool
    ) -> tuple[Execution, Address | None]:
        checkpoint = self._evm.snapshot()
        output, created = b"", None
        try:
            if to is None:
                created = format_address(bytes.fromhex(self._evm.deploy(sender, data, gas=gas)[2:]))
            else:
                output = bytes(self._evm.message_call(sender, to, calldata=data, gas=gas))
        except RuntimeError as error:
            self._evm.revert(checkpoint)
            match = _REVERT.search(str(error))
            used = int(match[1]) if match else gas
            return Execution(False, bytes.fromhex(match[2]) if match else b"", used), None
        used = 0 if self._evm.result is None else self._evm.result.gas_used
        if keep:
            self._evm.commit()
        else:
            self._evm.revert(checkpoint)
        return Execution(True, output, used), created

    def _newest(self, block: BlockRef | None) -> BlockRef:
        head = self.head()
        if block is not None and self.block(block.hash) != head:
            raise LedgerUnavailableError(
                "a chain in memory by revm keeps the newest state only",
                expected=f"block {head.number}",
                found=block.number,
            )
        return head

    def _next_block(self, tx_hash: bytes) -> BlockRef:
        parent = self.head()
        timestamp = max(parent.timestamp + 1, int(self._clock().timestamp()))
        return BlockRef(
            parent.number + 1, keccak(parent.hash + tx_hash + timestamp.to_bytes(8, "big")), timestamp, bytes(32)
        )

    def _block_env(self, block: BlockRef) -> pyrevm.BlockEnv:
        return self._revm.BlockEnv(
            number=block.number,
            timestamp=block.timestamp,
            basefee=0,
            gas_limit=BLOCK_GAS_LIMIT,
            prevrandao=bytes(32),
            difficulty=0,
        )


class RevmState:
    """A `StateView` of the newest block, for as long as it is the newest.

    Args:
        chain: The chain.
        block: Its head.
    """

    def __init__(self, chain: RevmChain, block: BlockRef) -> None:
        self._chain = chain
        self._block = block

    @property
    def block(self) -> BlockRef:
        """The block whose state this is."""
        return self._block

    def storage(self, contract: Address, slot: int) -> int:
        """The word at `slot` of `contract`.

        Raises:
            LedgerUnavailableError: the chain has gone on.
        """
        parse_address(contract)
        if not 0 <= slot < 1 << 256:
            raise LedgerError("not a storage slot", expected="0 to 2^256-1", found=slot)
        self._chain._newest(self._block)
        return self._chain._evm.storage(contract, slot)
