"""Signed orders as they travel to a relay: one JSON shape, strict, and who it was that signed."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError, ValidationInfo, field_validator

from passport.errors import OrderRefusedError
from passport.ledger.account import signer_of
from passport.ledger.chain_id import Address, ChainRef, format_address
from passport.ledger.log_writer import CommitOrder, Order, StatusOrder
from passport.ledger.passport_log import StatusKind
from passport.model.base import DocumentModel

ORDER_FORMAT: Final[Literal["carbon-passport/relay-order/1.0"]] = "carbon-passport/relay-order/1.0"
WALLET_ORDER_FORMAT: Final[Literal["carbon-passport/relay-order/1.1"]] = "carbon-passport/relay-order/1.1"
"""The same by an account that is a contract (ERC-1271): its signature is as long as the contract wants it."""

MAX_ORDER_BYTES: Final = 4096
"""Some four times what the longest takes."""

MIN_LEFT_S: Final = 60
"""For so long at least an order must still be good when a relay takes it, in seconds of the chain's time.

The next block may be some seconds off, and a transaction that meets it too late is charged all the same.
"""

_Hex32 = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{64}$")]
_Account = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{40}$")]
_Signature = Annotated[str, StringConstraints(pattern=r"^0x([0-9a-f]{2}){0,1536}$")]
KEY_SIGNATURE_BYTES: Final = 65
_Uint48 = Annotated[int, Field(strict=True, ge=0, lt=1 << 48)]
_Uint40 = Annotated[int, Field(strict=True, ge=0, lt=1 << 40)]


class _Envelope(DocumentModel):
    format: Literal["carbon-passport/relay-order/1.0", "carbon-passport/relay-order/1.1"]
    chain: Annotated[str, StringConstraints(pattern=r"^eip155:[1-9][0-9]{0,18}$")]
    genesis: _Hex32
    log: _Account
    issuer_id: _Hex32
    deadline: _Uint40
    account: _Account
    signature: _Signature

    @field_validator("signature")
    @classmethod
    def _check_signature(cls, signature: str, info: ValidationInfo) -> str:
        if info.data.get("format") == ORDER_FORMAT and len(signature) != 2 + 2 * KEY_SIGNATURE_BYTES:
            raise ValueError("a key's signature has 65 bytes; a contract's comes in a relay-order/1.1")
        return signature

    @property
    def is_by_wallet(self) -> bool:
        """Whether it says that its account is a contract, which has to be asked."""
        return self.format == WALLET_ORDER_FORMAT


class CommitOrderDocument(_Envelope):
    """A signed checkpoint for a relay to commit.

    Attributes:
        format: Of this shape.
        kind: What is ordered.
        chain: CAIP-2 of the chain it is for.
        genesis: Hash of that chain's first block.
        log: The PassportLog on it.
        issuer_id: Whose log it is.
        deadline: The last second (unix) in which it may be included.
        account: Who signed.
        signature: Its EIP-712 signature: r, s, v; of a contract (format 1.1) what it takes for one.
        prev_size: Leaves at the checkpoint before.
        root: RFC 9162 root.
        size: Leaves it covers.
    """

    kind: Literal["commit"]
    prev_size: _Uint48
    root: _Hex32
    size: _Uint48


class StatusOrderDocument(_Envelope):
    """A signed status of one entry for a relay to set; the members that `CommitOrderDocument` has too mean the same.

    Attributes:
        kind: What is ordered.
        index: The entry.
        status: What is said of it.
        next_index: The later entry that takes its place; else 0.
        reason_hash: Hash of a document saying why; 0 for none.
        nonce: The account's next one in some lane, 256 bits.
    """

    kind: Literal["status"]
    index: _Uint48
    status: Literal["superseded", "corrected", "revoked", "suspended", "reinstated"]
    next_index: _Uint48
    reason_hash: _Hex32
    nonce: _Hex32


OrderDocument = Annotated[CommitOrderDocument | StatusOrderDocument, Field(discriminator="kind")]
_ADAPTER: TypeAdapter[CommitOrderDocument | StatusOrderDocument] = TypeAdapter(OrderDocument)


def order_document(
    order: Order, *, chain: ChainRef, log: Address, by_wallet: bool = False
) -> CommitOrderDocument | StatusOrderDocument:
    """An order with the chain and contract that it is for.

    Args:
        order: The order.
        chain: The chain.
        log: The log contract on it.
        by_wallet: Its account is a contract.
    """
    shared: dict[str, Any] = {
        "format": WALLET_ORDER_FORMAT if by_wallet else ORDER_FORMAT,
        "chain": chain.caip2,
        "genesis": chain.genesis_hash,
        "log": log,
        "issuer_id": order.issuer_id,
        "deadline": order.deadline,
        "account": order.account,
        "signature": "0x" + order.signature.hex(),
    }
    if isinstance(order, CommitOrder):
        return CommitOrderDocument(
            kind="commit", prev_size=order.prev_size, root="0x" + order.root.hex(), size=order.size, **shared
        )
    return StatusOrderDocument.model_validate(
        {
            "kind": "status",
            "index": order.index,
            "status": order.kind.name.lower(),
            "next_index": order.next_index,
            "reason_hash": "0x" + order.reason_hash.hex(),
            "nonce": f"0x{order.nonce:064x}",
            **shared,
        }
    )


def order_bytes(document: CommitOrderDocument | StatusOrderDocument) -> bytes:
    """An order document as it is sent and kept."""
    return json.dumps(document.to_json(), separators=(",", ":"), sort_keys=True).encode("ascii")


def read_order(value: object) -> CommitOrderDocument | StatusOrderDocument:
    """An order document out of JSON values.

    Raises:
        OrderRefusedError: none; says where.
    """
    try:
        return _ADAPTER.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part not in ("commit", "status"))
        raise OrderRefusedError(
            "not an order", where=place or "body", found=f"{len(error.errors())} faults", expected=first["msg"]
        ) from None


def order_of(document: CommitOrderDocument | StatusOrderDocument) -> Order:
    """The order in a document."""
    account = format_address(bytes.fromhex(document.account[2:]))
    signature = bytes.fromhex(document.signature[2:])
    if isinstance(document, CommitOrderDocument):
        return CommitOrder(
            document.issuer_id,
            document.prev_size,
            bytes.fromhex(document.root[2:]),
            document.size,
            document.deadline,
            account,
            signature,
        )
    return StatusOrder(
        document.issuer_id,
        document.index,
        StatusKind[document.status.upper()],
        document.next_index,
        bytes.fromhex(document.reason_hash[2:]),
        int(document.nonce, 16),
        document.deadline,
        account,
        signature,
    )


def check_signature(order: Order, digest: bytes) -> None:
    """Check that the order's account signed it with its own key; a wallet that is a contract has none, and is asked.

    Args:
        order: The order.
        digest: By `LogWriter.order_digest`.

    Raises:
        OrderRefusedError: it did not.
    """
    signature = order.signature
    if len(signature) != KEY_SIGNATURE_BYTES:
        raise OrderRefusedError(
            "the signature is no key's",
            reason="wrong-signature",
            where="signature",
            expected=f"{KEY_SIGNATURE_BYTES} bytes",
            found=f"{len(signature)} bytes",
        )
    try:
        # As Solidity has it, v is 27 or 28.
        found = signer_of(digest, signature[:64] + bytes([signature[64] - 27 & 0xFF]))
    except ValueError as error:
        raise OrderRefusedError(
            "the signature is no signature", reason="wrong-signature", where="signature", found=str(error)
        ) from error
    if found != order.account:
        raise OrderRefusedError(
            "another account signed this order, or another order was signed",
            reason="wrong-signature",
            where="signature",
            expected=order.account,
            found=found,
        )
