"""JSON Web Signatures in compact form (RFC 7515), with the three algorithms that fit the keys we verify with.

Strict where verifiers have been fooled: the algorithm must fit the key that the caller names, `none` and HMAC are no
algorithms here, `crit` is refused, keys inside the header are never used, and each segment has one spelling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from passport.credentials.canonical import MAX_DOCUMENT_BYTES, jcs, parse
from passport.credentials.ed25519 import verify_ed25519
from passport.credentials.multikey import KeyKind, base64url_decode, base64url_encode, decode_multikey
from passport.errors import BoundError, CredentialError, DocumentError, SignatureError, SignerError

if TYPE_CHECKING:
    from passport.credentials.keys import Signer

ALGORITHM_OF: Final = {KeyKind.ED25519: "EdDSA", KeyKind.P256: "ES256", KeyKind.P384: "ES384"}
"""RFC 8037 and RFC 7518: the one algorithm of each kind of key."""

_KIND_OF: Final = {algorithm: kind for kind, algorithm in ALGORITHM_OF.items()}
_SIGNATURE_BYTES: Final = {"EdDSA": 64, "ES256": 64, "ES384": 96}
_MAX_HEADER_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Jws:
    """A compact JWS taken apart; nothing of it has been verified yet.

    Attributes:
        header: The protected header.
        payload: What was signed, decoded.
        signing_input: The bytes that the signature is over.
        signature: Decoded; raw r and s for ECDSA.
    """

    header: Mapping[str, Any]
    payload: bytes
    signing_input: bytes
    signature: bytes

    @property
    def algorithm(self) -> str:
        """One of `EdDSA`, `ES256`, `ES384`."""
        return str(self.header["alg"])


def sign_jws(header: Mapping[str, Any], payload: bytes, signer: Signer) -> bytes:
    """Sign a payload: the compact form.

    Args:
        header: Without `alg`, which follows from the key.
        payload: Any bytes.
        signer: With an Ed25519 key, or a P-256 or P-384 key whose signatures are raw r and s.

    Raises:
        SignerError: The signer failed.
    """
    algorithm = ALGORITHM_OF[decode_multikey(signer.multikey).kind]
    protected = base64url_encode(jcs({**header, "alg": algorithm})).encode()
    signing_input = protected + b"." + base64url_encode(payload).encode()
    signature = signer.sign(signing_input)
    if len(signature) != _SIGNATURE_BYTES[algorithm]:
        raise SignerError(
            "the signer returned a signature of the wrong length",
            expected=f"{_SIGNATURE_BYTES[algorithm]} bytes (raw, not DER)",
            found=f"{len(signature)} bytes",
        )
    return signing_input + b"." + base64url_encode(signature).encode()


def read_jws(data: bytes, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> Jws:
    """Take a compact JWS apart and check the shape of its header.

    Args:
        data: The compact form, ASCII.
        max_bytes: Longer ones are refused unread.

    Raises:
        BoundError: Too long.
        DocumentError: Not three segments of base64url, or a header that is no JSON object.
        SignatureError: An algorithm we do not verify with, or a header that asks for what we do not do.
    """
    if len(data) > max_bytes:
        raise BoundError("the JWS is too long", expected=f"at most {max_bytes} bytes", found=f"{len(data)} bytes")
    parts = data.split(b".", 3)
    if len(parts) != 3 or not data.isascii():
        raise DocumentError(
            "not a JWS in compact form", expected="header.payload.signature", found=f"{len(parts)} parts"
        )
    try:
        header_bytes, payload, signature = (base64url_decode(part.decode(), max_characters=len(part)) for part in parts)
    except CredentialError as error:
        raise DocumentError(f"not a JWS in compact form: {error.message}") from error
    header = parse(header_bytes, max_bytes=_MAX_HEADER_BYTES)
    if not isinstance(header, dict):
        raise DocumentError("a JWS whose header is no object", found=type(header).__name__)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in _KIND_OF:
        raise SignatureError(
            "an algorithm we do not verify with",
            where="header.alg",
            expected=", ".join(_KIND_OF),
            found=str(algorithm)[:40],
        )
    if "crit" in header:
        raise SignatureError("a header that demands extensions", where="header.crit", found=str(header["crit"])[:80])
    return Jws(header, payload, data[: data.rindex(b".")], signature)


def check_jws(jws: Jws, multikey: str) -> None:
    """Check that a JWS was signed with the key `multikey`.

    Raises:
        SignatureError: The key is of another kind than the algorithm's, or the signature does not hold.
    """
    try:
        key = decode_multikey(multikey)
    except CredentialError as error:
        raise SignatureError(f"the key cannot be read: {error}", where="header.kid") from error
    if _KIND_OF[jws.algorithm] is not key.kind:
        raise SignatureError(
            f"the key is of the wrong kind for {jws.algorithm}",
            where="header.alg",
            expected=ALGORITHM_OF[key.kind],
            found=jws.algorithm,
        )
    signature = jws.signature
    if len(signature) != _SIGNATURE_BYTES[jws.algorithm]:
        raise SignatureError(
            "the signature has the wrong length",
            where="signature",
            expected=f"{_SIGNATURE_BYTES[jws.algorithm]} bytes",
            found=f"{len(signature)} bytes",
        )
    try:
        if isinstance(key.public_key, ec.EllipticCurvePublicKey):
            half = len(signature) // 2
            r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
            hashed = SHA384() if key.kind is KeyKind.P384 else SHA256()
            key.public_key.verify(encode_dss_signature(r, s), jws.signing_input, ec.ECDSA(hashed))
        else:
            verify_ed25519(key.raw, signature, jws.signing_input)
    except (InvalidSignature, SignatureError):
        raise SignatureError(
            "the signature does not hold: the payload, the header or the key is not the one that was signed",
            where="signature",
        ) from None
