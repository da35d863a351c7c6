"""JSON Web Keys of the public keys we verify with, to and from their Multikey text (RFC 7517, 7518, 8037)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from passport.credentials.multikey import (
    KeyKind,
    PublicKey,
    base64url_decode,
    base64url_encode,
    decode_multikey,
    encode_multikey,
)
from passport.errors import CredentialError

JWK_CURVES: Final = {"Ed25519": (KeyKind.ED25519, 32), "P-256": (KeyKind.P256, 32), "P-384": (KeyKind.P384, 48)}


_ALGORITHMS: Final = {"Ed25519": ("EdDSA", "Ed25519"), "P-256": ("ES256",), "P-384": ("ES384",)}


def is_for_verifying(jwk: Mapping[str, Any]) -> bool:
    """Whether a key may verify signatures by what it says of itself (RFC 7517, sections 4.2 to 4.4); silence allows it.

    Args:
        jwk: A key of a curve of `JWK_CURVES`.
    """
    operations = jwk.get("key_ops", ["verify"])
    return (
        jwk.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and jwk.get("alg", _ALGORITHMS[jwk["crv"]][0]) in _ALGORITHMS[jwk["crv"]]
    )


def multikey_to_jwk(multikey: str) -> dict[str, str]:
    """The JSON Web Key of a public key (RFC 7517, RFC 8037).

    Raises:
        CredentialError: Not a key we verify with.
    """
    key = decode_multikey(multikey)
    if isinstance(key.public_key, Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": base64url_encode(key.raw)}
    curve, size = ("P-256", 32) if key.kind is KeyKind.P256 else ("P-384", 48)
    numbers = key.public_key.public_numbers()
    x, y = (base64url_encode(number.to_bytes(size, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": curve, "x": x, "y": y}


def jwk_to_multikey(jwk: Mapping[str, Any]) -> str:
    """The Multikey text of a JSON Web Key.

    Raises:
        CredentialError: A private key, another kind of key, or coordinates that are no key.
    """
    if "d" in jwk:
        raise CredentialError("a JSON Web Key with its private part", hint="replace this key: it has been published")
    curve = jwk.get("crv")
    if not isinstance(curve, str) or curve not in JWK_CURVES:
        raise CredentialError("a JSON Web Key of a kind we do not verify with", found=curve)
    kind, size = JWK_CURVES[curve]
    key_type = "OKP" if kind is KeyKind.ED25519 else "EC"
    if jwk.get("kty") != key_type:
        raise CredentialError(f"the key type does not fit {curve}", expected=key_type, found=jwk.get("kty"))
    x = _coordinate(jwk, "x", size)
    public_key: PublicKey
    if kind is KeyKind.ED25519:
        public_key = Ed25519PublicKey.from_public_bytes(x)
    else:
        y = _coordinate(jwk, "y", size)
        ec_curve: ec.EllipticCurve = ec.SECP256R1() if kind is KeyKind.P256 else ec.SECP384R1()
        try:
            public_key = ec.EllipticCurvePublicKey.from_encoded_point(ec_curve, b"\x04" + x + y)
        except ValueError as error:
            raise CredentialError(f"not a point of {curve}") from error
    return encode_multikey(public_key)


def _coordinate(jwk: Mapping[str, Any], name: str, size: int) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str):
        raise CredentialError(f"a JSON Web Key without {name}", found=type(text).__name__)
    raw = base64url_decode(text)
    if len(raw) != size:
        raise CredentialError(f"wrong length of {name}", expected=f"{size} bytes", found=f"{len(raw)} bytes")
    return raw
