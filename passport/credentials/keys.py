"""Signers and account keys: whatever signs passports, opened by the URI of its key.

A `Signer` may keep its key in a file, a card or a service. `open_signer` finds the opener by the URI's scheme in a
table that users extend with `register_signer` or with an entry point of the group `passport.signers`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from passport.credentials.key_files import (
    KDF_PASSES,
    decrypt_private_key,
    encrypt_private_key,
    read_private_file,
    write_private_file,
)
from passport.credentials.multikey import encode_multikey
from passport.credentials.passphrases import Passphrase
from passport.errors import SignerError

ENTRY_POINT_GROUP: Final = "passport.signers"


class Signer(Protocol):
    """Signs with one credential key."""

    @property
    def multikey(self) -> str:
        """The public key (`z6Mk...`)."""
        ...

    @property
    def verification_method(self) -> str:
        """The DID URL under which verifiers find the public key."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign `data`.

        Raises:
            SignerError: The key cannot be used now.
        """
        ...


SignerOpener = Callable[[str, Passphrase, str | None], Signer]
"""Opens the signer of a key URI: (uri, passphrase, verification method or None for the key's did:key)."""


@dataclass(frozen=True, slots=True)
class AccountKey:
    """A secp256k1 key pair; it does not show its secret.

    Attributes:
        secret: The private scalar, 32 bytes.
        public: The compressed public key as hex, 66 characters.
    """

    secret: bytes = field(repr=False)
    public: str


class Ed25519Signer:
    """Signs with an Ed25519 key held in memory.

    Args:
        key: The private key.
        verification_method: The DID URL of the public key; the key's own did:key unless told.
    """

    __slots__ = ("_key", "_multikey", "_verification_method")

    def __init__(self, key: Ed25519PrivateKey, *, verification_method: str | None = None) -> None:
        self._key = key
        self._multikey = encode_multikey(key.public_key())
        self._verification_method = verification_method or f"did:key:{self._multikey}#{self._multikey}"

    @classmethod
    def generate(cls, *, verification_method: str | None = None) -> Ed25519Signer:
        """A signer with a fresh key that is stored nowhere."""
        return cls(Ed25519PrivateKey.generate(), verification_method=verification_method)

    @property
    def multikey(self) -> str:
        """The public key (`z6Mk...`)."""
        return self._multikey

    @property
    def verification_method(self) -> str:
        """The DID URL under which verifiers find the public key."""
        return self._verification_method

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature of `data`, 64 bytes."""
        return self._key.sign(data)

    def __repr__(self) -> str:
        """The public part only."""
        return f"Ed25519Signer({self._verification_method})"

    def __reduce__(self) -> str:
        """Refuse to be pickled: a key would leave the process."""
        raise SignerError("a signer cannot be pickled", hint="open the key where it is needed")


def open_signer(key_uri: str, *, passphrase: Passphrase, verification_method: str | None = None) -> Signer:
    """Open the signer of a key URI, for example `file:keys/credential-1.pem`.

    Args:
        key_uri: Scheme and place of the key.
        passphrase: Where its passphrase comes from.
        verification_method: The DID URL of the public key; the key's own did:key unless told.

    Raises:
        SignerError: No opener for the scheme, or the key cannot be opened.
    """
    scheme, colon, _ = key_uri.partition(":")
    opener = _OPENERS.get(scheme) or _plugged_in(scheme)
    if not colon or opener is None:
        raise SignerError(
            "no signer for this key URI",
            expected=f"one of {', '.join(sorted(f'{known}:' for known in _OPENERS))}",
            found=repr(key_uri),
            hint=f"install a package with an entry point in {ENTRY_POINT_GROUP}, or use register_signer",
        )
    return opener(key_uri, passphrase, verification_method)


def register_signer(scheme: str, opener: SignerOpener) -> None:
    """Let `open_signer` open key URIs of another scheme.

    Raises:
        SignerError: The scheme has an opener already.
    """
    if scheme in _OPENERS:
        raise SignerError("this scheme has an opener already", found=repr(scheme))
    _OPENERS[scheme] = opener


def generate_credential_key(path: Path, passphrase: bytes, *, kdf_passes: int = KDF_PASSES) -> str:
    """Make an Ed25519 credential key in an encrypted file, and return its Multikey.

    Raises:
        SignerError: The file exists, or the passphrase is empty.
    """
    key = Ed25519PrivateKey.generate()
    write_private_file(path, encrypt_private_key(key, passphrase, kdf_passes=kdf_passes))
    return encode_multikey(key.public_key())


def load_credential_key(path: Path, passphrase: bytes, *, verification_method: str | None = None) -> Ed25519Signer:
    """Open the signer of an Ed25519 key file.

    Raises:
        SignerError: Others may read the file, a wrong passphrase, or another kind of key.
    """
    pem = read_private_file(path)
    return credential_key_from_pem(pem, passphrase, where=str(path), verification_method=verification_method)


def credential_key_from_pem(
    pem: bytes, passphrase: bytes, *, where: str, verification_method: str | None = None
) -> Ed25519Signer:
    """Open the signer of an encrypted Ed25519 key.

    Raises:
        SignerError: A wrong passphrase, or another kind of key.
    """
    key = decrypt_private_key(pem, passphrase, where=where)
    if not isinstance(key, Ed25519PrivateKey):
        raise SignerError("not a credential key", where=where, expected="Ed25519", found=type(key).__name__)
    return Ed25519Signer(key, verification_method=verification_method)


def generate_account_key(path: Path, passphrase: bytes, *, kdf_passes: int = KDF_PASSES) -> str:
    """Make a secp256k1 account key in an encrypted file, and return its compressed public key as hex (66 characters).

    Raises:
        SignerError: The file exists, or the passphrase is empty.
    """
    key = ec.generate_private_key(ec.SECP256K1())
    write_private_file(path, encrypt_private_key(key, passphrase, kdf_passes=kdf_passes))
    return _compressed(key.public_key())


def account_key_from_pem(pem: bytes, passphrase: bytes, *, where: str) -> AccountKey:
    """Open an encrypted secp256k1 key.

    Raises:
        SignerError: A wrong passphrase, or another kind of key.
    """
    key = decrypt_private_key(pem, passphrase, where=where)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256K1):
        raise SignerError("not an account key", where=where, expected="secp256k1", found=type(key).__name__)
    secret = key.private_numbers().private_value.to_bytes(32, "big")
    return AccountKey(secret=secret, public=_compressed(key.public_key()))


def _compressed(key: ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint).hex()


def _open_file(key_uri: str, passphrase: Passphrase, verification_method: str | None) -> Signer:
    # Both `file:relative/path` and `file:///absolute/path` are written in practice.
    place = key_uri.removeprefix("file:")
    path = Path(place[2:] if place.startswith("///") else place)
    return load_credential_key(path, passphrase.read(path.name), verification_method=verification_method)


def _plugged_in(scheme: str) -> SignerOpener | None:
    for entry in entry_points(group=ENTRY_POINT_GROUP, name=scheme):
        try:
            opener: SignerOpener = entry.load()
        except Exception as error:
            raise SignerError(f"the plug-in for {scheme}: cannot be loaded: {error}", where=entry.value) from error
        return opener
    return None


_OPENERS: Final[dict[str, SignerOpener]] = {"file": _open_file}
