"""Ed25519 by libsodium: the RFC's vectors, OpenSSL's verdict beside ours, and the one place where they differ."""

from __future__ import annotations

from hashlib import sha512

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials.ed25519 import verify_ed25519
from passport.errors import SignatureError

# RFC 8032, section 7.1, tests 1 to 3: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
        "655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
        "b00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
        "c027beceea1ec40a",
    ),
]
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_vectors_of_rfc_8032_hold(key: str, message: str, signature: str) -> None:
    verify_ed25519(bytes.fromhex(key), bytes.fromhex(signature), bytes.fromhex(message))
    with pytest.raises(SignatureError, match="does not hold"):
        verify_ed25519(bytes.fromhex(key), bytes.fromhex(signature), bytes.fromhex(message) + b"x")


def _openssl(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _ours(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        verify_ed25519(key, signature, message)
    except SignatureError:
        return False
    return True


@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=100), flip=st.integers(0, 767))
def test_openssl_says_the_same(seed: bytes, message: bytes, flip: int) -> None:
    """Of an honest signature, and of one with any bit of key or signature turned over."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert _ours(key, signature, message) is _openssl(key, signature, message) is True
    both = bytearray(key + signature)
    both[flip // 8] ^= 1 << flip % 8
    assert _ours(bytes(both[:32]), bytes(both[32:]), message) is False
    assert _openssl(bytes(both[:32]), bytes(both[32:]), message) is False


def test_an_s_beyond_the_groups_order_is_refused() -> None:
    """S and S + L are one number to the equation; RFC 8032 takes the smaller only, else signatures are malleable."""
    key, message, signature = (bytes.fromhex(text) for text in VECTORS[1])
    larger = signature[:32] + (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
    assert not _ours(key, larger, message)
    assert not _openssl(key, larger, message)


def test_an_r_of_small_order_is_refused_although_openssl_takes_it() -> None:
    """Its maker knows the key, so nothing is forged; but no honest signer makes it, and verifiers disagree on it."""
    seed, message = bytes(range(32)), b"passport"
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key = private.public_key().public_bytes_raw()
    digest = bytearray(sha512(seed).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 63 | 64
    secret = int.from_bytes(digest, "little")
    identity = (1).to_bytes(32, "little")
    challenge = int.from_bytes(sha512(identity + key + message).digest(), "little")
    signature = identity + (challenge * secret % ORDER).to_bytes(32, "little")
    assert _openssl(key, signature, message)
    assert not _ours(key, signature, message)


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(65)])
def test_another_length_is_no_signature(signature: bytes) -> None:
    with pytest.raises(
        SignatureError, match=f"not an Ed25519 signature; expected 64 bytes; found {len(signature)} bytes"
    ):
        verify_ed25519(bytes.fromhex(VECTORS[0][0]), signature, b"")


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_another_length_is_no_key(key: bytes) -> None:
    with pytest.raises(SignatureError, match="does not hold under this key"):
        verify_ed25519(key, bytes.fromhex(VECTORS[0][2]), b"")
