"""Read back what `Account.sign_transaction` wrote: EIP-1559 and legacy (EIP-155) transactions without ether."""

from __future__ import annotations

from dataclasses import dataclass

from passport.errors import LedgerError, TransactionError
from passport.ledger.account import signer_of
from passport.ledger.chain_id import Address, format_address
from passport.ledger.protocol import Fees
from passport.model.keccak import keccak


@dataclass(frozen=True, slots=True)
class RawTransaction:
    """A signed transaction, taken apart.

    Args:
        chain_id: The chain it is for.
        nonce: Its place among the sender's.
        to: The contract called; None creates one.
        data: Calldata or creation code.
        gas: Gas limit.
        fees: What it bids.
        digest: What was signed, 32 bytes.
        signature: r, s and the parity of y, 65 bytes.
    """

    chain_id: int
    nonce: int
    to: Address | None
    data: bytes
    gas: int
    fees: Fees
    digest: bytes
    signature: bytes

    def sender(self) -> Address:
        """Who signed it.

        Raises:
            TransactionError: nobody did.
        """
        try:
            return signer_of(self.digest, self.signature)
        except ValueError as error:
            raise TransactionError("not a signed transaction", found=str(error)) from error


def read_transaction(raw: bytes) -> RawTransaction:
    """Take a signed transaction apart.

    Raises:
        TransactionError: not one, of another type, in other than its one encoding, or one that moves ether.
    """
    import rlp  # type: ignore[import-untyped]  # the library ships no types

    is_legacy = raw[:1] != b"\x02"
    try:
        fields = rlp.decode(raw if is_legacy else raw[1:], strict=True)
        if not isinstance(fields, list) or len(fields) != (9 if is_legacy else 12):
            raise TransactionError("not a signed transaction", found=f"{len(raw)} bytes")
        if is_legacy:
            nonce, price, gas, to, value, data, v, r, s = fields
            chain_id, parity = divmod(_number(v) - 35, 2)
            fees = Fees(_number(price), _number(price), is_legacy=True)
            signed = rlp.encode([*fields[:6], chain_id, 0, 0]) if chain_id >= 0 else b""
        else:
            chain, nonce, tip, most, gas, to, value, data, access, v, r, s = fields
            chain_id, parity = _number(chain), _number(v)
            fees = Fees(_number(most), _number(tip))
            signed = b"\x02" + rlp.encode(fields[:9])
            if access:
                raise TransactionError("transactions with access lists are not read here")
        signature = _number(r).to_bytes(32, "big") + _number(s).to_bytes(32, "big") + bytes([parity])
        if chain_id < 0 or parity > 1 or len(to) not in (0, 20) or not isinstance(data, bytes):
            raise TransactionError("not a signed transaction, or one for any chain")
        if value:
            raise TransactionError("transactions that move ether are not read here")
        target = format_address(to) if to else None
        return RawTransaction(chain_id, _number(nonce), target, data, _number(gas), fees, keccak(signed), signature)
    except (rlp.RLPException, ValueError, TypeError, OverflowError, RecursionError, LedgerError) as error:
        if isinstance(error, TransactionError):
            raise
        raise TransactionError("not a signed transaction", found=f"{type(error).__name__}: {error}") from error


def _number(data: bytes) -> int:
    if data[:1] == b"\x00" or len(data) > 32:
        raise ValueError("a number is not in its shortest form")
    return int.from_bytes(data, "big")
