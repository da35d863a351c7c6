"""Ask an account that is a contract whether it signed an order (ERC-1271), within bounds and before anything is paid.

The log contract asks again when the transaction runs, and pays whatever gas the wallet takes; so the relay tries the
whole transaction out as well, with the very gas limit that it will have. A wallet that says something else in the block
costs that limit, which is bounded and counted.
"""

from __future__ import annotations

from typing import Final

from passport.errors import OrderRefusedError
from passport.ledger.chain_id import Address
from passport.ledger.protocol import Ledger

MAGIC: Final = bytes.fromhex("1626ba7e") + bytes(28)
"""What `isValidSignature(bytes32,bytes)` answers for a signature that is its own (ERC-1271)."""

_SELECTOR: Final = MAGIC[:4]


def judge_wallet(
    ledger: Ledger, account: Address, digest: bytes, signature: bytes, *, asker: Address, gas: int
) -> None:
    """Whether a wallet says that it signed a digest.

    Args:
        ledger: The chain.
        account: The wallet.
        digest: What it is said to have signed, 32 bytes.
        signature: What it is said to have signed it with.
        asker: Who asks it in the block: the log contract.
        gas: The most it may use for that.

    Raises:
        OrderRefusedError: `wrong-signature`.
    """
    if not ledger.code(account):
        raise OrderRefusedError(
            "no contract stands at that account, and the signature is not its key's",
            reason="wrong-signature",
            where="account",
            found=account,
        )
    execution = ledger.simulate(asker, account, is_valid_signature(digest, signature), gas=gas)
    if not execution.success:
        raise OrderRefusedError(
            "the wallet broke off when it was asked for its signature, or takes more gas than this relay gives it",
            reason="wrong-signature",
            where="signature",
            expected=f"an answer within {gas} gas",
            found="0x" + execution.output[:36].hex(),
        )
    if execution.output[:32] != MAGIC:
        raise OrderRefusedError(
            "the wallet says that it did not sign this order",
            reason="wrong-signature",
            where="signature",
            expected="0x" + MAGIC[:4].hex(),
            found="0x" + execution.output[:32].hex(),
        )


def is_valid_signature(digest: bytes, signature: bytes) -> bytes:
    """Calldata of `isValidSignature(bytes32,bytes)`, written out so that judging needs no ABI library."""
    padded = signature + bytes(-len(signature) % 32)
    return _SELECTOR + digest + (64).to_bytes(32, "big") + len(signature).to_bytes(32, "big") + padded
