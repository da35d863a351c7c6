"""Ed25519 verification (RFC 8032) by libsodium, which takes two thirds of the time that OpenSSL takes.

A tree has a signature a passport, and judging signatures is the largest single part of an audit. libsodium refuses what
OpenSSL refuses, and signatures with an R of small order besides; keys of small order have no Multikey here at all.
"""

from __future__ import annotations

from nacl.bindings import crypto_sign_open
from nacl.exceptions import CryptoError

from passport.errors import SignatureError

SIGNATURE_BYTES = 64


def verify_ed25519(key: bytes, signature: bytes, message: bytes) -> None:
    """Check that `signature` over `message` was made with the key.

    Args:
        key: The public key, 32 bytes.
        signature: R and S, 64 bytes.
        message: What was signed.

    Raises:
        SignatureError: It was not, or key or signature are none.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise SignatureError("not an Ed25519 signature", expected="64 bytes", found=f"{len(signature)} bytes")
    try:
        crypto_sign_open(signature + message, key)
    except (CryptoError, ValueError):
        raise SignatureError("the signature does not hold under this key") from None
