"""Signing with P-256 and P-384 keys: the curves of cards, modules and eIDAS seals."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm

from passport.credentials.multikey import encode_multikey
from passport.errors import SignerError


class EcdsaSigner:
    """Signs with a P-256 or P-384 key held in memory.

    Signatures are raw r and s, as Data Integrity and JOSE want them, with the hash that fits the curve and nonces
    derived from key and message (RFC 6979): no weak randomness can give the key away.

    Args:
        key: The private key.
        verification_method: The DID URL of the public key; the key's own did:key unless told.

    Raises:
        CredentialError: Another curve.
    """

    __slots__ = ("_key", "_multikey", "_verification_method")

    def __init__(self, key: ec.EllipticCurvePrivateKey, *, verification_method: str | None = None) -> None:
        self._key = key
        self._multikey = encode_multikey(key.public_key())
        self._verification_method = verification_method or f"did:key:{self._multikey}#{self._multikey}"

    @property
    def multikey(self) -> str:
        """The public key (`zDn...` or `z82...`)."""
        return self._multikey

    @property
    def verification_method(self) -> str:
        """The DID URL under which verifiers find the public key."""
        return self._verification_method

    def sign(self, data: bytes) -> bytes:
        """The ECDSA signature of `data`: r and s, 64 or 96 bytes."""
        size = (self._key.curve.key_size + 7) // 8
        hashed: HashAlgorithm = SHA256() if size == 32 else SHA384()
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(hashed, deterministic_signing=True)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    def __repr__(self) -> str:
        """The public part only."""
        return f"EcdsaSigner({self._verification_method})"

    def __reduce__(self) -> str:
        """Refuse to be pickled: a key would leave the process."""
        raise SignerError("a signer cannot be pickled", hint="open the key where it is needed")
