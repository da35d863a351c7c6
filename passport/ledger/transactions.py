"""Call contracts: calldata by the artefact's ABI, and transactions prepared apart from being sent.

An outbox stores what `prepare` returns (raw bytes, hash, nonce) before it calls `submit`, so that a crash in between
can neither lose nor double a transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from contracts import Artifact
from passport.errors import LedgerError, LedgerUnavailableError, TransactionError
from passport.ledger.account import Account, SignedTransaction
from passport.ledger.chain_id import Address, format_address
from passport.ledger.protocol import Fees, Ledger, Receipt
from passport.ledger.raw_transaction import read_transaction
from passport.ledger.refusals import refused_by_contract
from passport.ledger.revert import Abi, abi_type, selector

_GAS_MARGIN_PERCENT = 25
"""A transaction may meet a state that costs more than the one it was tried on (a cold slot, a first write)."""

_NONCE_RACES = 16
"""How often `send` gives way to another process that signs with the same account."""

Turn = Callable[[], AbstractContextManager[object]]
"""Keeps other writers with an account away while it is held."""

_NEEDS_ABI, _INSTALL = "calling contracts needs eth-abi", "install carbon-passport[chain]"


def _entry(artifact: Artifact, kind: str, name: str | None) -> Mapping[str, Any]:
    for entry in artifact.abi:
        if entry["type"] == kind and entry.get("name") == name:
            found: Mapping[str, Any] = entry
            return found
    raise LedgerError(f"the contract has no such {kind}", found=name)


def _encode(inputs: Sequence[Mapping[str, Any]], arguments: Sequence[object], *, where: str) -> bytes:
    try:
        from eth_abi.abi import encode
        from eth_abi.exceptions import EncodingError
    except ImportError as error:
        raise LedgerError(_NEEDS_ABI, hint=_INSTALL) from error
    if len(inputs) != len(arguments):
        raise LedgerError("wrong number of arguments", where=where, expected=len(inputs), found=len(arguments))
    try:
        return encode([abi_type(part) for part in inputs], list(arguments))
    except (EncodingError, TypeError, ValueError) as error:
        raise LedgerError("arguments do not fit the contract's ABI", where=where, found=str(error)) from error


def encode_call(artifact: Artifact, function: str, *arguments: object) -> bytes:
    """Calldata for a function.

    Args:
        artifact: The compiled contract.
        function: Its name; the contracts here overload none.
        arguments: In the ABI's order; bytes as `bytes`, addresses as text.

    Raises:
        LedgerError: no such function, or arguments that do not fit.
    """
    entry = _entry(artifact, "function", function)
    return selector(entry) + _encode(entry["inputs"], arguments, where=function)


def encode_creation(artifact: Artifact, *arguments: object) -> bytes:
    """Creation code of a contract with its constructor's arguments.

    Raises:
        LedgerError: arguments that do not fit.
    """
    constructors = (entry["inputs"] for entry in artifact.abi if entry["type"] == "constructor")
    inputs: Sequence[Mapping[str, Any]] = next(constructors, ())
    return artifact.bytecode + _encode(inputs, arguments, where="constructor")


def decode_output(artifact: Artifact, function: str, output: bytes) -> tuple[Any, ...]:
    """What a function returned; addresses as EIP-55 text, structs as tuples.

    Raises:
        LedgerError: no such function, or output that is not its.
    """
    try:
        from eth_abi.abi import decode
        from eth_abi.exceptions import DecodingError
    except ImportError as error:
        raise LedgerError(_NEEDS_ABI, hint=_INSTALL) from error
    outputs = _entry(artifact, "function", function)["outputs"]
    try:
        values = decode([abi_type(part) for part in outputs], output)
    except (DecodingError, OverflowError, UnicodeDecodeError) as error:
        raise LedgerError(
            "the contract answered what its ABI does not allow",
            where=function,
            found=f"{len(output)} bytes",
            hint="is this the right contract?",
        ) from error
    return tuple(_checksummed(value, part) for value, part in zip(values, outputs, strict=True))


def _checksummed(value: Any, part: Mapping[str, Any]) -> Any:
    if part["type"] == "address":
        return format_address(bytes.fromhex(value[2:]))
    if part["type"] == "tuple":
        return tuple(_checksummed(v, p) for v, p in zip(value, part["components"], strict=True))
    return value


def read_contract(ledger: Ledger, artifact: Artifact, address: Address, function: str, *arguments: object) -> Any:
    """Call a view at the head and decode its answer; a single value is returned bare.

    Raises:
        TransactionError: it reverted.
        LedgerError: no such function, or an answer that is not its.
    """
    output = ledger.call(address, encode_call(artifact, function, *arguments))
    values = decode_output(artifact, function, output)
    return values[0] if len(values) == 1 else values


@dataclass(frozen=True, slots=True)
class Call:
    """One contract call to be made: target and calldata, with the errors it may revert with.

    Args:
        to: The contract; None creates one.
        data: Calldata or creation code.
        errors: ABIs whose custom errors explain a revert.
        gas_reserve: Gas that has to be left over at the end: a contract may look how much there is before it goes on.
    """

    to: Address | None
    data: bytes
    errors: tuple[Abi, ...] = ()
    gas_reserve: int = 0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a transaction to be put into a block.

    Args:
        looks: How often to look for the receipt.
        pause_s: Between two looks.
        sleep: Waits that long.
    """

    looks: int = 180
    pause_s: float = 1.0
    sleep: Callable[[float], None] = time.sleep


class Transactor:
    """Sends the transactions of one account.

    Args:
        ledger: The chain.
        account: Who signs.
        turn: Keeps other writers with this account away, from taking a nonce until the transaction is in a block.
        patience: How long `send` waits for that.
    """

    def __init__(
        self,
        ledger: Ledger,
        account: Account,
        *,
        turn: Turn = nullcontext,
        patience: Patience | None = None,
    ) -> None:
        self.ledger = ledger
        self.account = account
        self._turn = turn
        self._patience = patience or Patience()

    def prepare(
        self, call: Call, *, nonce: int | None = None, gas: int | None = None, fees: Fees | None = None
    ) -> SignedTransaction:
        """Try `call` out, then sign it; nothing is sent.

        Args:
            call: What to do.
            nonce: The nonce to sign for; None asks the chain. Give it when earlier ones are still unsent.
            gas: Gas limit; None tries the call out on the head and adds a margin. Give it, with `nonce`, when the call
                can only succeed after another that is still unsent.
            fees: What to bid; None asks the chain.

        Raises:
            TransactionError: it would revert; the message carries the Solidity error and its arguments.
            LedgerUnavailableError: the chain does not answer, or gas costs more than may be bid.
        """
        if gas is None:
            execution = self.ledger.simulate(self.account.address, call.to, call.data)
            if not execution.success:
                raise refused_by_contract("the contract refuses the transaction", execution.output, *call.errors)
            gas = execution.gas_used * (100 + _GAS_MARGIN_PERCENT) // 100 + 10_000 + call.gas_reserve
        return self.account.sign_transaction(
            chain_id=self.ledger.chain.chain_id,
            nonce=self.ledger.nonce(self.account.address) if nonce is None else nonce,
            to=call.to,
            data=call.data,
            gas=gas,
            fees=self.ledger.fees() if fees is None else fees,
        )

    def replace(
        self,
        call: Call,
        signed: SignedTransaction,
        *,
        gas: int | None = None,
        max_fee_wei_per_gas: int | None = None,
    ) -> SignedTransaction:
        """Sign `call` in the place of a transaction that is not in a block yet: the same nonce, and more for the gas.

        Where gas costs nothing there is no more to bid: then `signed` comes back as it is.

        Args:
            call: What to do.
            signed: The transaction whose place it takes.
            gas: Gas limit; None tries the call out and adds a margin.
            max_fee_wei_per_gas: Bid no more than this; None: than the chain's settings allow.

        Raises:
            TransactionError: it would revert.
            LedgerUnavailableError: a bid that would be taken is above the limit of the settings.
        """
        bid = read_transaction(signed.raw).fees
        if bid.max_fee_wei_per_gas == 0:
            return signed
        fees = bid.raised().at_least(self.ledger.fees())
        limits = (max_fee_wei_per_gas, self.ledger.max_fee_wei_per_gas)
        limit = min((each for each in limits if each is not None), default=None)
        if limit is not None and fees.max_fee_wei_per_gas > limit:
            raise LedgerUnavailableError(
                "a transaction waits for a block, and to bid more for it is above the limit of the settings",
                where="0x" + signed.hash.hex(),
                expected=f"at most {limit} wei per gas",
                found=f"{fees.max_fee_wei_per_gas} wei per gas",
                hint="it stays and may still get in; or set a higher maxFeeWeiPerGas and run again",
            )
        return self.prepare(call, nonce=signed.nonce, gas=gas, fees=fees)

    def submit(self, signed: SignedTransaction) -> bytes:
        """Send a prepared transaction; doing so twice is harmless. Returns its hash.

        Raises:
            TransactionError: refused.
            LedgerUnavailableError: it may or may not have arrived; submit it again.
        """
        return self.ledger.send_raw(signed.raw)

    def send(self, call: Call) -> Receipt:
        """Prepare, submit and wait for the block, giving way to other processes with the same account.

        Raises:
            TransactionError: it would revert, or did.
            LedgerUnavailableError: sent, but in no block yet.
        """
        with self._turn():
            for attempt in range(_NONCE_RACES):
                signed = self.prepare(call)
                try:
                    tx_hash = self.submit(signed)
                except TransactionError as error:
                    if error.where == "nonce" and attempt + 1 < _NONCE_RACES:
                        continue
                    raise
                receipt = self._wait(tx_hash)
                if not receipt.status:
                    raise TransactionError(
                        "the transaction was reverted",
                        where="0x" + tx_hash.hex(),
                        hint="the state changed since it was tried; try again",
                    )
                return receipt
            raise TransactionError("another process keeps using this account", where="nonce")

    def _wait(self, tx_hash: bytes) -> Receipt:
        for look in range(self._patience.looks):
            if look:
                self._patience.sleep(self._patience.pause_s)
            receipt = self.ledger.receipt(tx_hash)
            if receipt is not None:
                return receipt
        raise LedgerUnavailableError(
            "the transaction is in no block yet",
            found="0x" + tx_hash.hex(),
            hint="it may still get in: look before you send it again",
        )
