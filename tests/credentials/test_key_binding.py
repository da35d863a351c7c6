"""Key binding statements: the key's own word, read strictly."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials import (
    Ed25519Signer,
    base58_encode,
    create_key_binding,
    decode_multikey,
    key_hash,
    read_key_binding,
    verify_key_binding,
)
from passport.errors import (
    BoundError,
    CanonicalError,
    DocumentError,
    PassportError,
    SchemaError,
    SignatureError,
    SignerError,
)

SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
P256 = "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP"
FACTS: dict[str, Any] = {
    "issuer_id": "0x" + "1a" * 32,
    "chain": "eip155:1",
    "genesis": "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
    # EIP-55's own example
    "registry": "eip155:1:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "valid_from": 1_795_341_600,
}
BINDING = create_key_binding(SIGNER, **FACTS)
DATA = BINDING.to_bytes()


def test_the_statement_is_signed_by_the_key_it_names() -> None:
    document = json.loads(DATA)
    assert document == {
        "format": "carbon-passport/key-binding/1.0",
        "issuerId": FACTS["issuer_id"],
        "chain": "eip155:1",
        "genesis": FACTS["genesis"],
        "registry": FACTS["registry"],
        "multikey": SIGNER.multikey,
        "purposes": 1,
        "from": 1_795_341_600,
        "until": 0,
        "proofValue": "z" + base58_encode(BINDING.signature),
    }
    assert rfc8785.dumps(document) == DATA
    del document["proofValue"]
    public = decode_multikey(SIGNER.multikey).public_key
    assert isinstance(public, Ed25519PublicKey)
    public.verify(BINDING.signature, b"carbon-passport key binding v1\n" + rfc8785.dumps(document))
    read = read_key_binding(DATA)
    assert read == BINDING
    verify_key_binding(read)
    assert key_hash(read.multikey) == sha256(SIGNER.multikey.encode()).digest()


CHANGES = {
    "issuerId": "0x" + "1b" * 32,
    "genesis": "0x" + "00" * 32,
    "registry": "eip155:1:0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "multikey": OTHER.multikey,
    "from": 1_795_341_601,
    "until": 1_800_000_000,
    "proofValue": "z" + base58_encode(OTHER.sign(BINDING.signed_bytes())),
}


@pytest.mark.parametrize("member", CHANGES)
def test_a_changed_member_breaks_the_signature(member: str) -> None:
    changed = read_key_binding(rfc8785.dumps({**json.loads(DATA), member: CHANGES[member]}))
    with pytest.raises(SignatureError, match="the key did not sign this binding"):
        verify_key_binding(changed)


def test_another_chain_breaks_the_signature() -> None:
    moved = {"chain": "eip155:10", "registry": "eip155:10:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"}
    with pytest.raises(SignatureError, match="the key did not sign this binding"):
        verify_key_binding(read_key_binding(rfc8785.dumps({**json.loads(DATA), **moved})))


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("format", "carbon-passport/key-binding/2.0", "format: not a key binding statement we read"),
        ("format", None, "format: not a key binding statement we read"),
        ("issuerId", "0x" + "1A" * 32, "issuerId: not an issuer id"),
        ("issuerId", "0x" + "1a" * 31, "issuerId: not an issuer id"),
        ("issuerId", 7, "issuerId: not a text; found int"),
        ("chain", "eip155:01", "chain: not a chain"),
        ("chain", "bip122:1", "chain: not a chain"),
        ("chain", "eip155:1\n", "chain: not a chain"),
        ("genesis", "d4e5", "genesis: not a block hash"),
        (
            "registry",
            "eip155:5:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "registry: the registry is on another chain",
        ),
        ("registry", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "registry: the registry is on another chain"),
        ("registry", "eip155:1:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "registry: not an EIP-55 address"),
        ("registry", "eip155:1:0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "registry: not an EIP-55 address"),
        ("registry", "eip155:1:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA", "registry: not an EIP-55 address"),
        ("multikey", "z6Mk", "multikey: not a key"),
        ("multikey", P256, "multikey: a credential key is an Ed25519 key; found P256"),
        ("purposes", 0, "purposes: unknown purposes"),
        ("purposes", 3, "purposes: unknown purposes"),
        ("purposes", True, "purposes: not an integer; found bool"),
        ("purposes", 1.5, "purposes: not an integer; found float"),
        ("from", 0, "from: not a time in unix seconds"),
        ("from", -1, "from: not a time in unix seconds"),
        ("from", 2**40, "from: not a time in unix seconds"),
        ("until", 1_795_341_600, "until: not a later time"),
        ("until", 2**40, "until: not a later time"),
        ("until", "0", "until: not an integer; found str"),
        ("proofValue", "", "proofValue: not a signature"),
        ("proofValue", "u" + "A" * 86, "proofValue: not a signature"),
        ("proofValue", "z0", "proofValue: not a signature: not base58btc"),
        ("proofValue", "z" + base58_encode(b"\1" * 63), "proofValue: not a signature"),
        ("proofValue", "z" + "2" * 100, "proofValue: not a signature: base58 text is too long"),
        ("extra", 1, "missing or unknown members"),
    ],
)
def test_odd_statements_are_refused(member: str, value: Any, reason: str) -> None:
    with pytest.raises(SchemaError, match=reason):
        read_key_binding(rfc8785.dumps({**json.loads(DATA), member: value}))


def test_other_bytes_are_refused() -> None:
    for data, error, reason in (
        (b"[]", SchemaError, "expected a JSON object; found list"),
        (DATA + b"\n", CanonicalError, "not in canonical form"),
        (DATA[:-1] + b',"until":0}', CanonicalError, "the key 'until' twice"),
        (b" " * 5000, BoundError, "too long; expected at most 4096 bytes"),
        (
            rfc8785.dumps({k: v for k, v in json.loads(DATA).items() if k != "until"}),
            SchemaError,
            "unknown members; .*found until",
        ),
    ):
        with pytest.raises(error, match=reason):
            read_key_binding(data)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"valid_until": 5}, "until: not a later time"),
        ({"registry": "eip155:1:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"}, "not an EIP-55 address"),
        ({"issuer_id": "LEI"}, "not an issuer id"),
        ({"purposes": 2}, "unknown purposes"),
    ],
)
def test_writers_keep_the_same_rules(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(SchemaError, match=reason):
        create_key_binding(SIGNER, **{**FACTS, **change})


def test_a_signer_that_returns_something_else_is_noticed() -> None:
    class Broken:
        multikey, verification_method = SIGNER.multikey, SIGNER.verification_method

        def sign(self, data: bytes) -> bytes:
            return b""

    with pytest.raises(SignerError, match="not an Ed25519 signature; expected 64 bytes; found 0 bytes"):
        create_key_binding(Broken(), **FACTS)


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_no_flipped_byte_is_accepted(at: int, flip: int) -> None:
    damaged = bytearray(DATA)
    damaged[at] ^= flip
    with pytest.raises(PassportError):
        verify_key_binding(read_key_binding(bytes(damaged)))


@given(
    st.sampled_from(sorted(json.loads(DATA))),
    st.one_of(st.none(), st.booleans(), st.text(max_size=5), st.lists(st.none())),
)
def test_readers_raise_nothing_but_our_errors(member: str, value: Any) -> None:
    with pytest.raises(DocumentError):
        read_key_binding(rfc8785.dumps({**json.loads(DATA), member: value}))
