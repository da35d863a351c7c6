"""Multibase and Multikey texts: one strict spelling for each public key (W3C Controlled Identifiers 1.0, section 2)."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from passport.errors import CredentialError

PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# Two characters at a time: half the divisions of long integers.
_PAIRS: Final = [high + low for high in _ALPHABET for low in _ALPHABET]
_VALUES: Final = bytes.maketrans(_ALPHABET.encode(), bytes(range(58)))
_ALPHABET_BYTES: Final = _ALPHABET.encode()
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_+/=", b"+/   ")
MAX_MULTIBASE_CHARACTERS: Final = 1024

_FIELD_PRIME: Final = 2**255 - 19
# The y coordinates of the points whose order divides 8: under such a key some signatures hold for any message.
_ORDER_8_Y: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER_Y: Final = frozenset({0, 1, _FIELD_PRIME - 1, _ORDER_8_Y, _FIELD_PRIME - _ORDER_8_Y})


class KeyKind(Enum):
    """The kinds of public key a passport may be signed with, with their multicodec prefix and length in bytes."""

    ED25519 = (b"\xed\x01", 32)
    P256 = (b"\x80\x24", 33)
    P384 = (b"\x81\x24", 49)

    @property
    def prefix(self) -> bytes:
        """The multicodec prefix."""
        return self.value[0]

    @property
    def key_bytes(self) -> int:
        """How long the key is: raw for Ed25519, a compressed point for the others."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class DecodedKey:
    """A public key with its kind and its Multikey text."""

    kind: KeyKind
    raw: bytes
    public_key: PublicKey
    multikey: str


def base58_encode(data: bytes) -> str:
    """Base58 with the Bitcoin alphabet, without a multibase prefix."""
    zeros = len(data) - len(data.lstrip(b"\0"))
    number = int.from_bytes(data, "big")
    pairs = []
    while number:
        number, pair = divmod(number, 3364)
        pairs.append(_PAIRS[pair])
    pairs.reverse()
    return "1" * zeros + "".join(pairs).lstrip("1")


def base58_decode(text: str, *, max_characters: int = MAX_MULTIBASE_CHARACTERS) -> bytes:
    """The inverse of `base58_encode`; every accepted text is the one spelling of its bytes.

    Raises:
        CredentialError: A character outside the alphabet, or a longer text than allowed.
    """
    if len(text) > max_characters:
        raise CredentialError("base58 text is too long", expected=f"at most {max_characters}", found=len(text))
    raw = text.encode("ascii", "replace")
    if raw.translate(None, _ALPHABET_BYTES):
        wrong = next(character for character in text if character not in _ALPHABET)
        raise CredentialError("not base58btc", expected="letters and digits without 0, O, I, l", found=repr(wrong))
    digits = raw.lstrip(b"1")
    number = _from_base58(digits.translate(_VALUES))
    return b"\0" * (len(raw) - len(digits)) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _from_base58(digits: bytes) -> int:
    """The number that digits of base 58 write, one a byte, highest first.

    Neighbours are joined all at once inside one long integer: bytes to pairs, pairs to fours and so on, each time with
    one multiplication. A lane always holds its value, because 58 is less than 256.
    """
    number = int.from_bytes(digits, "big")
    for bits, mask, base in _joins((len(digits) - 1).bit_length() if digits else 0):
        number = (number & mask) + base * (number >> bits & mask)
    return number


@cache
def _joins(levels: int) -> tuple[tuple[int, int, int], ...]:
    """For each level the width of a lane in bits, a mask of every lower lane of two, and what a higher one counts."""
    joins = []
    for level in range(levels):
        bits = 8 << level
        mask = ((1 << (8 << levels)) - 1) // ((1 << bits) + 1)
        joins.append((bits, mask, 58 ** (1 << level)))
    return tuple(joins)


def base64url_encode(data: bytes) -> str:
    """Base64url without padding and without a multibase prefix."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL).decode()


def base64url_decode(text: str, *, max_characters: int = MAX_MULTIBASE_CHARACTERS) -> bytes:
    """The inverse of `base64url_encode`; every accepted text is the one spelling of its bytes.

    Raises:
        CredentialError: A character outside the alphabet, padding, an impossible length, trailing bits that are not
            zero, or a longer text than allowed.
    """
    if len(text) > max_characters:
        raise CredentialError("base64url text is too long", expected=f"at most {max_characters}", found=len(text))
    try:
        # What is `+`, `/` or `=` here is made a space, which the strict decoder refuses like any other stranger.
        raw = text.encode("ascii").translate(_FROM_URL)
        data = binascii.a2b_base64(raw + b"=" * (-len(raw) % 4), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise CredentialError("not base64url without padding", found=repr(text)) from error
    whole = len(data) // 3 * 3
    if base64url_encode(data[whole:]) != text[whole // 3 * 4 :]:  # full groups of four characters have no spare bits
        raise CredentialError("base64url text with trailing bits that are not zero", found=repr(text))
    return data


def multibase_decode(text: str, *, max_characters: int = MAX_MULTIBASE_CHARACTERS) -> bytes:
    """Decode a multibase text: `z` base58btc or `u` base64url without padding.

    Raises:
        CredentialError: Another prefix, or a text that is not in that base.
    """
    if text[:1] == "z":
        return base58_decode(text[1:], max_characters=max_characters)
    if text[:1] == "u":
        return base64url_decode(text[1:], max_characters=max_characters)
    raise CredentialError("unknown multibase prefix", expected="z (base58btc) or u (base64url)", found=repr(text[:1]))


@lru_cache(maxsize=4096)
def decode_multikey(multikey: str) -> DecodedKey:
    """Read the Multikey text of an Ed25519, P-256 or P-384 public key (`z6Mk...`, `zDn...`, `z82...`).

    Raises:
        CredentialError: Not base58btc, another kind of key, a wrong length, or not a point to sign with.
    """
    if multikey[:1] != "z":
        raise CredentialError("a Multikey begins with z", expected="z6Mk..., zDn... or z82...", found=repr(multikey))
    data = base58_decode(multikey[1:], max_characters=100)
    for kind in KeyKind:
        if data.startswith(kind.prefix):
            raw = data[len(kind.prefix) :]
            if len(raw) != kind.key_bytes:
                raise CredentialError(
                    f"wrong length of a {kind.name} key", expected=f"{kind.key_bytes} bytes", found=f"{len(raw)} bytes"
                )
            return DecodedKey(kind=kind, raw=raw, public_key=_public_key(kind, raw), multikey=multikey)
    raise CredentialError("a kind of key we do not verify with", expected="Ed25519, P-256 or P-384", found=multikey)


def encode_multikey(public_key: PublicKey) -> str:
    """The Multikey text of a public key.

    Raises:
        CredentialError: An elliptic curve other than P-256 and P-384, or an unsafe Ed25519 key.
    """
    if isinstance(public_key, Ed25519PublicKey):
        kind = KeyKind.ED25519
        raw = public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        _check_ed25519(raw)
    else:
        kinds = {"secp256r1": KeyKind.P256, "secp384r1": KeyKind.P384}
        if public_key.curve.name not in kinds:
            raise CredentialError("a curve we do not sign with", expected="P-256 or P-384", found=public_key.curve.name)
        kind = kinds[public_key.curve.name]
        raw = public_key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return "z" + base58_encode(kind.prefix + raw)


def key_hash(multikey: str) -> bytes:
    """What the registry binds: SHA-256 of the Multikey text as UTF-8, 32 bytes."""
    return sha256(multikey.encode()).digest()


def _public_key(kind: KeyKind, raw: bytes) -> PublicKey:
    if kind is KeyKind.ED25519:
        _check_ed25519(raw)
        return Ed25519PublicKey.from_public_bytes(raw)
    curve: ec.EllipticCurve = ec.SECP256R1() if kind is KeyKind.P256 else ec.SECP384R1()
    if raw[0] not in (2, 3):
        raise CredentialError("not a compressed point", expected="a first byte of 2 or 3", found=raw[0])
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, raw)
    except ValueError as error:
        raise CredentialError(f"not a point of the curve {kind.name}", found=raw.hex()) from error


def _check_ed25519(raw: bytes) -> None:
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _FIELD_PRIME:
        raise CredentialError("an Ed25519 key that is not in its one spelling", found=raw.hex())
    if y in _SMALL_ORDER_Y:
        raise CredentialError("an Ed25519 key of small order", found=raw.hex(), hint="no honest generator makes it")
