"""The signature of a Data Integrity suite: over the hash of the proof's options, then the hash of the document.

The suites differ in how both are written before they are hashed, and agree on everything after that.

Source: W3C, vc-di-eddsa, sections 3.2.4 to 3.3.6; vc-di-ecdsa, sections 3.2.4 to 3.3.6.
"""

from __future__ import annotations

from hashlib import sha256, sha384
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from passport.credentials.ed25519 import verify_ed25519
from passport.credentials.multikey import KeyKind, decode_multikey
from passport.credentials.proof_options import ECDSA_JCS_2019, ECDSA_RDFC_2019, EDDSA_JCS_2022, EDDSA_RDFC_2022
from passport.errors import CredentialError, SignatureError

SIGNATURE_BYTES: Final = {KeyKind.ED25519: 64, KeyKind.P256: 64, KeyKind.P384: 96}
"""The length of a raw signature."""

_KINDS_OF_SUITE: Final = {
    EDDSA_JCS_2022: frozenset({KeyKind.ED25519}),
    EDDSA_RDFC_2022: frozenset({KeyKind.ED25519}),
    ECDSA_JCS_2019: frozenset({KeyKind.P256, KeyKind.P384}),
    ECDSA_RDFC_2019: frozenset({KeyKind.P256, KeyKind.P384}),
}


def check_suite_signature(
    suite: str,
    signature: bytes,
    multikey: str,
    *,
    options: bytes,
    document: bytes,
    verification_method: str,
    signing_input: bytes | None = None,
) -> None:
    """Check a signature of one of the suites that are known here.

    Args:
        suite: The cryptosuite.
        signature: Raw.
        multikey: The key.
        options: The canonical proof options.
        document: The canonical document.
        verification_method: Where errors point to.
        signing_input: SHA-256 of `options` and of `document`, where the caller has them.

    Raises:
        SignatureError: The key is of another kind than the suite's, or the signature does not hold.
    """
    try:
        key = decode_multikey(multikey)
    except CredentialError as error:
        raise SignatureError(f"the key cannot be read: {error}", where=verification_method) from error
    if key.kind not in _KINDS_OF_SUITE[suite]:
        raise SignatureError(
            f"the key is of the wrong kind for {suite}", where=verification_method, found=key.kind.name
        )
    if len(signature) != SIGNATURE_BYTES[key.kind]:
        raise SignatureError(
            "the signature has the wrong length",
            where="proof.proofValue",
            expected=f"{SIGNATURE_BYTES[key.kind]} bytes",
            found=f"{len(signature)} bytes",
        )
    if key.kind is KeyKind.P384:
        signed = sha384(options).digest() + sha384(document).digest()
    else:
        signed = signing_input or sha256(options).digest() + sha256(document).digest()
    public_key = key.public_key
    try:
        if isinstance(public_key, Ed25519PublicKey):
            verify_ed25519(key.raw, signature, signed)
            return
        half = len(signature) // 2
        r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        hashed = SHA384() if key.kind is KeyKind.P384 else SHA256()
        public_key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashed))
    except (InvalidSignature, SignatureError):
        raise SignatureError(
            "the signature does not hold: the document, the proof or the key is not the one that was signed",
            where=verification_method,
        ) from None
