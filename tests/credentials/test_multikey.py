"""Multibase and Multikey: published keys, strict decoding, unsafe keys."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials import (
    KeyKind,
    base58_decode,
    base58_encode,
    base64url_decode,
    base64url_encode,
    decode_multikey,
    encode_multikey,
    jwk_to_multikey,
    key_hash,
    multibase_decode,
    multikey_to_jwk,
)
from passport.errors import CredentialError, PassportError

P = 2**255 - 19
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("data", "text"),
    [  # draft-msporny-base58-03, section 5
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (b"", ""),
    ],
)
def test_base58_vectors(data: bytes, text: str) -> None:
    assert base58_encode(data) == text
    assert base58_decode(text) == data


@given(st.binary(max_size=80))
def test_base58_equals_long_division(data: bytes) -> None:
    digits, number = "", int.from_bytes(data, "big")
    while number:
        number, rest = divmod(number, 58)
        digits = ALPHABET[rest] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    assert base58_encode(data) == "1" * zeros + digits
    assert base58_decode(base58_encode(data)) == data


@given(st.text(alphabet=ALPHABET, max_size=60))
def test_every_base58_text_is_the_one_spelling_of_its_bytes(text: str) -> None:
    assert base58_encode(base58_decode(text)) == text


@given(st.binary(max_size=60))
def test_base64url_round_trip(data: bytes) -> None:
    assert base64url_decode(base64url_encode(data)) == data
    assert multibase_decode("u" + base64url_encode(data)) == multibase_decode("z" + base58_encode(data)) == data


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("z0", "not base58btc; .* found '0'"),
        ("zO1", "not base58btc"),
        ("zII", "not base58btc"),
        ("z l", "not base58btc"),
        ("z\u0661", "not base58btc"),
        ("z" + "2" * 1025, "base58 text is too long; expected at most 1024; found 1025"),
        ("uAA==", "without padding"),
        ("uA", "without padding"),
        ("uAAAAA", "without padding"),
        ("uA+", "without padding"),
        ("uAB", "trailing bits that are not zero"),
        ("uAAB", "trailing bits that are not zero"),
        ("uAA\n", "without padding"),
        ("u" + "A" * 1025, "base64url text is too long"),
        ("f00", "unknown multibase prefix; .* found 'f'"),
        ("", "unknown multibase prefix"),
    ],
)
def test_multibase_is_strict(text: str, reason: str) -> None:
    with pytest.raises(CredentialError, match=reason):
        multibase_decode(text)


@pytest.mark.parametrize(
    ("multikey", "kind"),
    [  # W3C vc-di-eddsa and vc-di-ecdsa, test vectors
        ("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2", KeyKind.ED25519),
        ("zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP", KeyKind.P256),
        ("z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ", KeyKind.P384),
    ],
)
def test_published_keys_decode(multikey: str, kind: KeyKind) -> None:
    key = decode_multikey(multikey)
    assert key.kind is kind
    assert encode_multikey(key.public_key) == multikey
    assert jwk_to_multikey(multikey_to_jwk(multikey)) == multikey
    assert key_hash(multikey) == sha256(multikey.encode()).digest()


def test_jwk_of_rfc_8037_appendix_a_2() -> None:
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")  # RFC 8032, 7.1, test 1
    multikey = encode_multikey(Ed25519PublicKey.from_public_bytes(public))
    assert jwk_to_multikey(jwk) == multikey
    assert multikey_to_jwk(multikey) == jwk


def test_the_two_keys_in_a_published_did_document_are_one(shared: Path) -> None:
    path = shared / "standards/untp/signed-samples/did-web-uncefact-vckit-test.did.json"
    methods = json.loads(path.read_bytes())["verificationMethod"]
    assert jwk_to_multikey(methods[3]["publicKeyJwk"]) == methods[0]["publicKeyMultibase"]


@given(st.integers(1, 2**250))
def test_curve_keys_round_trip(secret: int) -> None:
    for curve in (ec.SECP256R1(), ec.SECP384R1()):
        public = ec.derive_private_key(secret, curve).public_key()
        multikey = encode_multikey(public)
        assert decode_multikey(multikey).public_key == public
        assert jwk_to_multikey(multikey_to_jwk(multikey)) == multikey


def ed25519(raw: bytes) -> str:
    """The Multikey text of 32 raw bytes, whatever they are."""
    return "z" + base58_encode(b"\xed\x01" + raw)


@pytest.mark.parametrize(
    ("multikey", "reason"),
    [
        ("6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2", "begins with z"),
        ("u7QEt", "begins with z"),
        ("", "begins with z"),
        ("z", "a kind of key we do not verify with"),
        ("z6Mk0", "not base58btc"),
        ("zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", "a kind of key we do not verify with"),
        (
            "z" + base58_encode(b"\xed\x01" + b"\2" * 31),
            "wrong length of a ED25519 key; expected 32 bytes; found 31 bytes",
        ),
        ("z" + base58_encode(b"\x80\x24" + b"\2" * 34), "wrong length of a P256 key"),
        ("z" + base58_encode(b"\x80\x24\4" + b"\2" * 32), "not a compressed point"),
        ("z" + base58_encode(b"\x80\x24\2" + b"\xff" * 32), "not a point of the curve P256"),
        (ed25519(b"\xff" * 32), "not in its one spelling"),
        (ed25519((P + 2).to_bytes(32, "little")), "not in its one spelling"),
        (ed25519((1).to_bytes(32, "little")), "small order"),
        (ed25519(bytes(32)), "small order"),
        ("z" + "2" * 101, "too long"),
    ],
)
def test_keys_that_are_refused(multikey: str, reason: str) -> None:
    with pytest.raises(CredentialError, match=reason):
        decode_multikey(multikey)


def on_curve(y: int) -> tuple[int, int] | None:
    """A point of edwards25519 with this y, if there is one (RFC 8032, section 5.1.3)."""
    d = -121665 * pow(121666, -1, P) % P
    square = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (x, y) if x * x % P == square else None


def doubled(point: tuple[int, int]) -> tuple[int, int]:
    """Twice a point of edwards25519."""
    x, y = point
    k = -121665 * pow(121666, -1, P) * x * x * y * y % P
    return 2 * x * y * pow(1 + k, -1, P) % P, (y * y + x * x) * pow(1 - k, -1, P) % P


def test_exactly_the_points_whose_order_divides_eight_are_refused() -> None:
    # Eight times a point is the identity (0, 1): walk back from it by halving, that is, by solving for y.
    order_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
    for y in (0, 1, P - 1, order_8, P - order_8):
        point = on_curve(y)
        assert point is not None
        assert doubled(doubled(doubled(point))) == (0, 1)
        for sign in (0, 1 << 255):
            with pytest.raises(CredentialError, match="small order"):
                decode_multikey(ed25519((y | sign).to_bytes(32, "little")))
    # There are 8 such points, and the five y above with their one or two x are 1 + 1 + 2 + 2 + 2 of them.
    assert decode_multikey(ed25519((9).to_bytes(32, "little"))).kind is KeyKind.ED25519


def test_a_small_order_key_would_have_verified_anything() -> None:
    """Why they are refused: with the identity as key and as R, and S = 0, any message verifies."""
    identity = (1).to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(identity).verify(identity + bytes(32), b"any message at all")
    with pytest.raises(CredentialError, match="small order"):
        encode_multikey(Ed25519PublicKey.from_public_bytes(identity))


def test_other_curves_are_refused() -> None:
    with pytest.raises(CredentialError, match=r"a curve we do not sign with; .* found secp256k1"):
        encode_multikey(ec.derive_private_key(5, ec.SECP256K1()).public_key())


@pytest.mark.parametrize(
    ("jwk", "reason"),
    [
        ({"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"}, "with its private part"),
        ({"kty": "EC", "crv": "secp256k1"}, "a kind we do not verify with; found secp256k1"),
        ({"kty": "OKP", "crv": ["Ed25519"]}, "a kind we do not verify with"),
        ({"kty": "EC", "crv": "Ed25519", "x": "AA"}, "the key type does not fit Ed25519; expected OKP; found EC"),
        ({"kty": "OKP", "crv": "Ed25519"}, "without x"),
        ({"kty": "OKP", "crv": "Ed25519", "x": "AA"}, "wrong length of x; expected 32 bytes; found 1 bytes"),
        ({"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}, "small order"),
        ({"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}, "not a point of P-256"),
        ({"kty": "EC", "crv": "P-256", "x": "A" * 43}, "without y"),
    ],
)
def test_jwks_that_are_refused(jwk: dict[str, str], reason: str) -> None:
    with pytest.raises(CredentialError, match=reason):
        jwk_to_multikey(jwk)


@given(st.one_of(st.text(max_size=40), st.text(alphabet=ALPHABET, max_size=60).map(lambda t: "z6Mk" + t)))
def test_decoders_raise_nothing_but_our_errors(text: str) -> None:
    for decode in (multibase_decode, decode_multikey, base64url_decode, base58_decode):
        try:
            decode(text)
        except PassportError:
            continue
        assert decode is not decode_multikey or len(text) == 48


def test_a_signature_made_here_verifies_under_the_decoded_key() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = decode_multikey(encode_multikey(key.public_key())).public_key
    assert isinstance(public, Ed25519PublicKey)
    public.verify(key.sign(b"x"), b"x")
