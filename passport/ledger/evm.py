"""Run and seal transactions with py-evm over a chain file. The only module that imports py-evm; import it lazily.

It executes against the file's nodes through an overlay in memory and hands back what is new; nothing is written here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import rlp  # type: ignore[import-untyped]  # the library ships no types
from eth.abc import BlockHeaderAPI, SignedTransactionAPI
from eth.consensus.context import ConsensusContext
from eth.db.atomic import AtomicDB
from eth.db.backends.base import BaseDB
from eth.db.chain import ChainDB
from eth.exceptions import HeaderNotFound, PyEVMError, VMError
from eth.vm.chain_context import ChainContext
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.blocks import PragueBlockHeader
from eth.vm.interrupt import EVMMissingData
from eth.vm.spoof import SpoofTransaction
from eth_utils.exceptions import ValidationError

from passport.errors import LedgerError, TransactionError
from passport.ledger.chain_file import ChainFile
from passport.ledger.chain_id import format_address
from passport.ledger.proofs import block_of_header
from passport.ledger.protocol import Execution, Receipt


@dataclass(frozen=True, slots=True)
class SealedBlock:
    """A block ready to be written: its header, every new node below it and its one receipt."""

    header_rlp: bytes
    nodes: dict[bytes, bytes]
    receipt: Receipt


class _Overlay(BaseDB):
    """Reads the chain file, keeps writes in memory."""

    def __init__(self, file: ChainFile) -> None:
        self._file = file
        self.written: dict[bytes, bytes] = {}

    def __getitem__(self, key: bytes) -> bytes:
        found = self.written.get(key)
        if found is None:
            found = self._file.find_node(key)
        if found is None:
            raise KeyError(key)
        return found

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self.written[key] = value

    def __delitem__(self, key: bytes) -> None:
        # Every past state stays readable: what the EVM prunes between two blocks is only what it wrote itself.
        self.written.pop(key, None)

    def _exists(self, key: bytes) -> bool:
        return key in self.written or self._file.find_node(key) is not None


class Evm:
    """Executes transactions on top of blocks of one chain file.

    Args:
        file: Where blocks, tries and code are read from.
        max_transaction_gas: Refuse transactions with a higher gas limit.
    """

    def __init__(self, file: ChainFile, *, max_transaction_gas: int) -> None:
        self._file = file
        self._max_transaction_gas = max_transaction_gas
        self._context = ChainContext(file.chain_id)

    def decode(self, raw: bytes) -> SignedTransactionAPI:
        """Read a signed transaction and check all that does not depend on the state.

        Raises:
            TransactionError: malformed, badly signed, for another chain, or asking for too much gas.
        """
        try:
            transaction = PragueVM.get_transaction_builder().decode(raw)
            transaction.validate()
            transaction.check_signature_validity()
        except (ValidationError, PyEVMError, rlp.RLPException, ValueError, TypeError, IndexError) as error:
            raise TransactionError("not a signed transaction", found=str(error)) from error
        if transaction.encode() != raw:
            raise TransactionError("the transaction is not in its canonical encoding")
        chain_id = transaction.chain_id
        if chain_id != self._file.chain_id:
            raise TransactionError(
                "the transaction is for another chain, or for any chain",
                expected=f"chain id {self._file.chain_id}",
                found="none" if chain_id is None else chain_id,
            )
        if transaction.gas > self._max_transaction_gas:
            raise TransactionError(
                "the transaction asks for too much gas",
                expected=f"at most {self._max_transaction_gas}",
                found=transaction.gas,
            )
        if getattr(transaction, "type_id", None) == 3:
            raise TransactionError("the embedded chain takes no blob transactions")
        return transaction

    def seal(self, parent_rlp: bytes, transaction: SignedTransactionAPI, *, timestamp: int) -> SealedBlock:
        """Build the block after `parent_rlp` that holds `transaction`.

        Raises:
            TransactionError: the state does not admit the transaction; `where` is `nonce` when only its nonce is wrong.
        """
        overlay = _Overlay(self._file)
        vm, header = self._vm(overlay, parent_rlp, timestamp=timestamp)
        with self._missing_data():
            nonce = vm.state.get_nonce(transaction.sender)
        if transaction.nonce != nonce:
            raise TransactionError(
                f"the transaction's nonce is too {'low' if transaction.nonce < nonce else 'high'}",
                where="nonce",
                expected=nonce,
                found=transaction.nonce,
            )
        with self._missing_data():
            try:
                # Not apply_all_transactions: when data is missing, its own way back fails and hides the reason.
                evm_receipt, computation = vm.apply_transaction(header, transaction)
                full_header = vm.add_receipt_to_header(header, evm_receipt)
                draft = vm.set_block_transactions_and_withdrawals(
                    vm.get_block(), full_header, [transaction], [evm_receipt]
                )
                sealed = vm.mine_block(draft).block.header
            except ValidationError as error:
                raise TransactionError("the chain refuses the transaction", found=str(error)) from error
        header_rlp = rlp.encode(sealed)
        block = block_of_header(header_rlp)
        created = computation.msg.storage_address if not transaction.to and computation.is_success else None
        receipt = Receipt(
            tx_hash=transaction.hash,
            block_number=block.number,
            block_hash=block.hash,
            status=computation.is_success,
            gas_used=sealed.gas_used,
            contract_address=None if created is None else format_address(created),
        )
        return SealedBlock(header_rlp, overlay.written, receipt)

    def execute(
        self,
        header_rlp: bytes,
        *,
        sender: bytes,
        to: bytes,
        data: bytes,
        timestamp: int | None,
        gas: int | None = None,
    ) -> Execution:
        """Run a transaction of `sender` on the state after `header_rlp` and forget what it changed.

        Args:
            header_rlp: The block to build on.
            sender: 20 bytes.
            to: 20 bytes, or nothing to create a contract.
            data: Calldata or creation code.
            timestamp: Time of the block it would stand in; None: run within the block `header_rlp` itself.
            gas: Its gas limit; None: the most that a transaction may have.

        Raises:
            TransactionError: not even the intrinsic gas fits.
        """
        overlay = _Overlay(self._file)
        if timestamp is None:
            vm: PragueVM = self._new_vm(overlay, _header(header_rlp))
        else:
            vm, _ = self._vm(overlay, header_rlp, timestamp=timestamp)
        with self._missing_data():
            nonce = vm.state.get_nonce(cast(Any, sender))
        unsigned = PragueVM.create_unsigned_transaction(
            nonce=nonce,
            gas_price=0,
            gas=self._max_transaction_gas if gas is None else min(gas, self._max_transaction_gas),
            to=cast(Any, to),
            value=0,
            data=data,
        )
        spoofed = SpoofTransaction(unsigned, from_=sender, sender=sender)
        with self._missing_data():
            try:
                computation = vm.state.apply_transaction(cast(SignedTransactionAPI, spoofed))
            except (ValidationError, VMError) as error:
                raise TransactionError("the chain refuses the transaction", found=str(error)) from error
        gas_used = vm.finalize_gas_used(cast(SignedTransactionAPI, spoofed), computation)
        return Execution(computation.is_success, computation.output, gas_used)

    @contextlib.contextmanager
    def _missing_data(self) -> Iterator[None]:
        """Say that the file lacks what the EVM looked for."""
        try:
            yield
        except (EVMMissingData, KeyError) as error:
            raise LedgerError(
                "the chain file lacks a node it needs",
                where=str(self._file.path),
                found=str(error),
                hint="the file is damaged; restore it from a backup",
            ) from error

    def _vm(self, overlay: _Overlay, parent_rlp: bytes, *, timestamp: int) -> tuple[PragueVM, BlockHeaderAPI]:
        parent = _header(parent_rlp)
        header = PragueVM.create_header_from_parent(
            parent, timestamp=timestamp, gas_limit=parent.gas_limit, coinbase=bytes(20)
        )
        return self._new_vm(overlay, header), header

    def _new_vm(self, overlay: _Overlay, header: BlockHeaderAPI) -> PragueVM:
        db = AtomicDB(overlay)
        return PragueVM(header, ChainDB(db), self._context, ConsensusContext(db))


def _header(header_rlp: bytes) -> BlockHeaderAPI:
    try:
        return cast(BlockHeaderAPI, rlp.decode(header_rlp, sedes=PragueBlockHeader))
    except (rlp.RLPException, HeaderNotFound) as error:
        raise LedgerError("the chain file holds a header this version cannot read") from error
