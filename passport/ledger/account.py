"""A secp256k1 account in memory: its address, signed transactions (EIP-155, EIP-1559) and EIP-712 signatures."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from passport.errors import LedgerError
from passport.ledger.chain_id import Address, format_address, parse_address
from passport.ledger.protocol import Fees
from passport.model.keccak import keccak

if TYPE_CHECKING:
    from eth_keys.datatypes import PrivateKey

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """A transaction ready to be sent, as often as need be.

    Args:
        raw: The bytes to send.
        hash: Its transaction hash, known before it is sent.
        nonce: Its place among the sender's transactions.
        sender: The account that signed it.
    """

    raw: bytes
    hash: bytes
    nonce: int
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class TypedDomain:
    """The EIP-712 domain of a contract: signatures for it are worth nothing elsewhere.

    Args:
        name: As the contract gives it.
        version: As the contract gives it.
        chain_id: EIP-155 number.
        contract: The contract that will check the signature; None where none will.
    """

    name: str
    version: str
    chain_id: int
    contract: Address | None = None

    def separator(self) -> bytes:
        """`hashStruct(EIP712Domain)`, 32 bytes."""
        members, contract = b"string name,string version,uint256 chainId", b""
        if self.contract is not None:
            members += b",address verifyingContract"
            contract = parse_address(self.contract).rjust(32, b"\x00")
        return keccak(
            keccak(b"EIP712Domain(" + members + b")")
            + keccak(self.name.encode())
            + keccak(self.version.encode())
            + self.chain_id.to_bytes(32, "big")
            + contract
        )


def address_of(public_key: bytes) -> Address:
    """The address of an account by its public key (a compressed or uncompressed point).

    Raises:
        LedgerError: no point of secp256k1.
    """
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256K1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        point = EllipticCurvePublicKey.from_encoded_point(SECP256K1(), public_key)
    except ValueError as error:
        raise LedgerError("not a public key of an account", found=public_key.hex()) from error
    return format_address(keccak(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:])[12:])


def signer_of(digest: bytes, signature: bytes) -> Address:
    """Who signed a digest.

    Args:
        digest: 32 bytes.
        signature: r, s and the parity of y (0 or 1) as 65 bytes, s in the lower half of the curve's order.

    Raises:
        ValueError: nobody did.
        LedgerError: the package that tells is missing.
    """
    try:
        from eth_keys.datatypes import Signature
        from eth_keys.exceptions import BadSignature
    except ImportError as error:
        raise LedgerError("reading signatures needs eth-keys", hint="install carbon-passport[chain]") from error
    if len(signature) != 65 or signature[64] > 1:
        raise ValueError("not r, s and a parity in 65 bytes")
    if not 0 < int.from_bytes(signature[32:64], "big") <= _HALF_ORDER:
        raise ValueError("s is not in the lower half of the order")
    try:
        key = Signature(signature).recover_public_key_from_msg_hash(digest)
    except BadSignature as error:
        raise ValueError(str(error)) from error
    return format_address(key.to_canonical_address())


def typed_message(domain: TypedDomain, type_text: str, words: Sequence[bytes]) -> bytes:
    """The 66 bytes of an EIP-712 message whose members are all static types, before they are hashed.

    Args:
        domain: Which contract on which chain.
        type_text: The type as in `Commit(bytes32 issuerId,uint48 prevSize)`.
        words: The members in order; numbers and addresses may be shorter than 32 bytes and are filled up on the left.
    """
    struct_hash = keccak(keccak(type_text.encode()) + b"".join(word.rjust(32, b"\x00") for word in words))
    return b"\x19\x01" + domain.separator() + struct_hash


def typed_digest(domain: TypedDomain, type_text: str, words: Sequence[bytes]) -> bytes:
    """The EIP-712 digest that an account signs: Keccak-256 of `typed_message`."""
    return keccak(typed_message(domain, type_text, words))


class Account:
    """Holds a private key and signs with it; the key appears in no text this object writes.

    Args:
        key: 32 bytes.

    Raises:
        LedgerError: not a secp256k1 private key.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != 32 or not 0 < int.from_bytes(key, "big") < _CURVE_ORDER:
            raise LedgerError("not a secp256k1 private key", expected="32 bytes in the curve's order")
        self._key = _private_key(key)
        self._address = format_address(self._key.public_key.to_canonical_address())

    @classmethod
    def generate(cls) -> Self:
        """A new account from the system's randomness."""
        return cls((secrets.randbelow(_CURVE_ORDER - 1) + 1).to_bytes(32, "big"))

    @property
    def address(self) -> Address:
        """The account's address."""
        return self._address

    def __repr__(self) -> str:
        """The address only."""
        return f"Account({self._address})"

    def key_bytes(self) -> bytes:
        """The private key itself, for whoever stores it encrypted."""
        raw: bytes = self._key.to_bytes()
        return raw

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign 32 bytes: r, s, v as 65 bytes with low s and v 27 or 28, as Solidity expects."""
        signature = self._key.sign_msg_hash(digest)
        r, s, v = signature.r, signature.s, signature.v
        return int(r).to_bytes(32, "big") + int(s).to_bytes(32, "big") + bytes([27 + int(v)])

    def sign_transaction(
        self, *, chain_id: int, nonce: int, to: Address | None, data: bytes, gas: int, fees: Fees
    ) -> SignedTransaction:
        """Sign a transaction that moves no ether, for one chain only.

        Args:
            chain_id: EIP-155 number.
            nonce: The sender's transaction count.
            to: The contract called; None creates one.
            data: Calldata or creation code.
            gas: Gas limit.
            fees: What to bid; says too whether to write EIP-1559 or legacy.
        """
        import rlp  # type: ignore[import-untyped]  # the library ships no types

        target = b"" if to is None else parse_address(to)
        if fees.is_legacy:
            fields = [nonce, fees.max_fee_wei_per_gas, gas, target, 0, data]
            signature = self._key.sign_msg_hash(keccak(rlp.encode([*fields, chain_id, 0, 0])))
            raw = rlp.encode([*fields, 35 + 2 * chain_id + signature.v, signature.r, signature.s])
        else:
            tip, fee = fees.max_priority_fee_wei_per_gas, fees.max_fee_wei_per_gas
            typed = [chain_id, nonce, tip, fee, gas, target, 0, data, []]
            signature = self._key.sign_msg_hash(keccak(b"\x02" + rlp.encode(typed)))
            raw = b"\x02" + rlp.encode([*typed, signature.v, signature.r, signature.s])
        return SignedTransaction(raw, keccak(raw), nonce, self._address)


def _private_key(key: bytes) -> PrivateKey:
    try:
        from eth_keys.datatypes import PrivateKey
    except ImportError as error:
        raise LedgerError("signing transactions needs eth-keys", hint="install carbon-passport[chain]") from error
    return PrivateKey(key)
