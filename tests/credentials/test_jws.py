"""Compact JWS: the RFCs' own vectors, and every way in which verifiers have been fooled."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials import Ed25519Signer
from passport.credentials.ecdsa import EcdsaSigner
from passport.credentials.jwk import jwk_to_multikey
from passport.credentials.jws import check_jws, read_jws, sign_jws
from passport.credentials.multikey import base64url_encode, decode_multikey
from passport.errors import BoundError, DocumentError, PassportError, SignatureError

# RFC 8037, appendix A.4.
ED25519_KEY = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
ED25519_JWS = (
    b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    b".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)
# RFC 7515, appendix A.3.
P256_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
P256_JWS = (
    b"eyJhbGciOiJFUzI1NiJ9"
    b".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    b".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)


@pytest.mark.parametrize(
    ("key", "jws", "payload"),
    [
        (ED25519_KEY, ED25519_JWS, b"Example of Ed25519 signing"),
        (P256_KEY, P256_JWS, b'{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'),
    ],
)
def test_the_vectors_of_the_rfcs(key: dict[str, str], jws: bytes, payload: bytes) -> None:
    read = read_jws(jws)
    assert read.payload == payload
    check_jws(read, jwk_to_multikey(key))


@pytest.mark.parametrize("jws", [ED25519_JWS, P256_JWS])
def test_each_changed_character_is_found(jws: bytes) -> None:
    multikey = jwk_to_multikey(ED25519_KEY if jws is ED25519_JWS else P256_KEY)
    for at, character in enumerate(jws):
        changed = jws[:at] + (b"A" if character != ord("A") else b"B") + jws[at + 1 :]
        with pytest.raises(PassportError):
            check_jws(read_jws(changed), multikey)


def _with_header(header: object, jws: bytes = ED25519_JWS) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return base64url_encode(text).encode() + jws[jws.index(b".") :]


@pytest.mark.parametrize(
    ("jws", "reason"),
    [
        (_with_header({"alg": "none"}), "an algorithm we do not verify with; .*found none"),
        (_with_header({"alg": "HS256"}), "an algorithm we do not verify with"),
        (_with_header({"alg": "ES256K"}), "an algorithm we do not verify with"),
        (_with_header({"alg": ["EdDSA"]}), "an algorithm we do not verify with"),
        (_with_header({}), "an algorithm we do not verify with"),
        (_with_header({"alg": "EdDSA", "crit": ["b64"], "b64": False}), "a header that demands extensions"),
    ],
)
def test_headers_that_are_refused(jws: bytes, reason: str) -> None:
    with pytest.raises(SignatureError, match=reason):
        read_jws(jws)


@pytest.mark.parametrize(
    ("jws", "reason"),
    [
        (b"", "not a JWS in compact form"),
        (b"a.b", "not a JWS in compact form"),
        (ED25519_JWS + b".x", "not a JWS in compact form"),
        (ED25519_JWS + b"=", "not a JWS in compact form"),
        (ED25519_JWS.replace(b"hgyY0il_", b"hgyY0il/"), "not a JWS in compact form"),
        (ED25519_JWS[:-1] + b"h", "trailing bits"),
        (" é".encode() + ED25519_JWS, "not a JWS in compact form"),
        (_with_header(b'["EdDSA"]'), "a JWS whose header is no object"),
        (_with_header(b'{"alg":"EdDSA","alg":"EdDSA"}'), "a key stands twice"),
        (_with_header(b"{"), "not JSON"),
    ],
)
def test_what_is_no_compact_jws(jws: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read_jws(jws)


def test_a_longer_one_is_not_read() -> None:
    with pytest.raises(BoundError, match="the JWS is too long; expected at most 10 bytes"):
        read_jws(ED25519_JWS, max_bytes=10)


def test_the_key_decides_which_algorithm_there_is() -> None:
    """An attacker writes the header: with ES256 over an Ed25519 key, or the other way round, nothing may verify."""
    ed25519, p256 = jwk_to_multikey(ED25519_KEY), jwk_to_multikey(P256_KEY)
    with pytest.raises(SignatureError, match="the key is of the wrong kind for EdDSA; expected ES256; found EdDSA"):
        check_jws(read_jws(ED25519_JWS), p256)
    with pytest.raises(SignatureError, match="the key is of the wrong kind for ES256; expected EdDSA"):
        check_jws(read_jws(P256_JWS), ed25519)


@given(payload=st.binary(max_size=200))
def test_what_is_signed_is_read_and_verifies(payload: bytes) -> None:
    signers = [
        Ed25519Signer.generate(),
        EcdsaSigner(ec.generate_private_key(ec.SECP256R1())),
        EcdsaSigner(ec.generate_private_key(ec.SECP384R1())),
    ]
    for signer, algorithm in zip(signers, ("EdDSA", "ES256", "ES384"), strict=True):
        read = read_jws(sign_jws({"typ": "x"}, payload, signer))
        assert (read.payload, read.header) == (payload, {"alg": algorithm, "typ": "x"})
        check_jws(read, signer.multikey)
        with pytest.raises(SignatureError, match="does not hold"):
            check_jws(read, _other_of_its_kind(signer.multikey))


def _other_of_its_kind(multikey: str) -> str:
    kind = decode_multikey(multikey).kind
    if kind.name == "ED25519":
        return Ed25519Signer.generate().multikey
    curve = ec.SECP256R1() if kind.name == "P256" else ec.SECP384R1()
    return EcdsaSigner(ec.generate_private_key(curve)).multikey
