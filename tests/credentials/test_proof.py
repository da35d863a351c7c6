"""Embedded proofs: published vectors byte for byte, peers' documents, and every way to fail for its own reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import astuple
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials import (
    Ed25519Signer,
    KeyDidResolver,
    add_proof,
    base58_decode,
    base58_encode,
    check_issuer,
    check_signature,
    doc_hash,
    key_lookup,
    read_secured,
    sign_document,
    verify_secured,
)
from passport.credentials.ecdsa import EcdsaSigner
from passport.errors import (
    BoundError,
    CanonicalError,
    DocumentError,
    PassportError,
    ResolutionError,
    SchemaError,
    SignatureError,
    SignerError,
    UsageError,
)
from passport.model.digest import digest_of, to_sha256

# RFC 8032, section 7.1, test 1.
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(SEED))
OTHER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(sha256(SEED).digest()))
CREATED = datetime(2026, 11, 22, 10, tzinfo=UTC)
LOOKUP = key_lookup(KeyDidResolver())
DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://vocabulary.uncefact.org/untp/0.7.0/context/"],
    "type": ["DigitalProductPassport", "VerifiableCredential"],
    "id": "urn:uuid:2f1c0e3a-5d0b-4f62-9a55-6d8a3d0c9f11",
    "issuer": {"type": ["CredentialIssuer"], "id": SIGNER.verification_method.split("#")[0], "name": "Coil Works"},
    "name": "Cold rolled coil \u2014 batch 7",
    "credentialSubject": {"id": "https://id.example/01/09520123456788", "massFraction": 0.35, "quantity": 12},
    "validFrom": "2026-11-22T10:00:00Z",
    "zone": None,
}
SECURED = add_proof(DOCUMENT, SIGNER, CREATED)


def edited(change: Callable[[dict[str, Any]], object], secured: bytes = SECURED) -> bytes:
    """The canonical bytes of a secured document after a change."""
    document = json.loads(secured)
    change(document)
    return rfc8785.dumps(document)


def w3c(shared: Path, suite: str) -> tuple[dict[str, Any], dict[str, str]]:
    """A published secured document and the values of its vector files by the start of their names."""
    (folder,) = (shared / "standards/vc/test-vectors").glob(f"*/{suite}")
    signed = json.loads(next(folder.glob("signed*.json")).read_bytes())
    names = ("canonDoc", "docHash", "proofHash", "combinedHash", "sigHex", "sigBTC58")
    return signed, {name: next(folder.glob(f"{name}*.txt")).read_text().strip() for name in names}


@pytest.mark.parametrize("suite", ["eddsa-jcs-2022", "ecdsa-jcs-2019-p256", "ecdsa-jcs-2019-p384"])
def test_w3c_vectors_verify_and_tampered_copies_do_not(shared: Path, suite: str) -> None:
    signed, vector = w3c(shared, suite)
    data = json.dumps(signed, indent=2).encode()
    secured = read_secured(data)
    assert secured.unsecured.decode() == vector["canonDoc"]
    assert secured.signature.hex() == vector["sigHex"]
    assert "z" + base58_encode(secured.signature) == vector["sigBTC58"]
    if "p384" not in suite:
        assert to_sha256(secured.doc_hash).hex() == vector["docHash"]
        assert secured.signing_input.hex() == vector["combinedHash"]
        assert secured.signing_input[:32].hex() == vector["proofHash"]
    verified = verify_secured(data, LOOKUP)
    assert verified.document == {key: value for key, value in signed.items() if key != "proof"}
    # The issuers of the vectors are not the did:key that signed.
    with pytest.raises(SignatureError, match="the issuer is not the one whose key signed"):
        check_issuer(verified.document, verified.verification_method)
    for found, changed in ((b"A minimum viable", b"A maximum viable"), (b"2023-01-01", b"2023-01-02")):
        assert found in data
        with pytest.raises(SignatureError, match="signature does not hold"):
            verify_secured(data.replace(found, changed), LOOKUP)


def test_signing_gives_the_w3c_vector_byte_for_byte(shared: Path) -> None:
    signed, vector = w3c(shared, "eddsa-jcs-2022")
    keys = json.loads((shared / "standards/vc/test-vectors/vc-di-eddsa/keyPair.json").read_bytes())
    seed = base58_decode(keys["privateKeyMultibase"][1:])
    assert seed[:2] == b"\x80\x26"  # multicodec ed25519-priv
    signer = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(seed[2:]))
    assert signer.multikey == keys["publicKeyMultibase"]
    document = {key: value for key, value in signed.items() if key != "proof"}
    secured = add_proof(document, signer, datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC))
    assert secured == rfc8785.dumps(signed)
    assert json.loads(secured)["proof"]["proofValue"] == vector["sigBTC58"]


@pytest.mark.parametrize("suite", ["eddsa-jcs-2022", "ecdsa-jcs-2019"])
def test_documents_of_digital_bazaar_verify_and_tampered_ones_do_not(shared: Path, suite: str) -> None:
    path = shared / f"standards/untp/signed-samples/digitalbazaar-issued-dpp-0.7.0-{suite}.json"
    data = path.read_bytes()
    verified = verify_secured(data, LOOKUP)
    assert check_issuer(verified.document, verified.verification_method).startswith("did:key:z")
    assert verified.created == datetime(2026, 1, 1, tzinfo=UTC)
    document = json.loads(data)
    proof = document.pop("proof")
    assert verified.doc_hash == doc_hash(document) == digest_of(rfc8785.dumps(document))
    # In canonical form it is the same document and verifies by the fast road too.
    assert (
        verify_secured(rfc8785.dumps({**document, "proof": proof}), LOOKUP, canonical=True).doc_hash
        == verified.doc_hash
    )
    with pytest.raises(CanonicalError, match="not in canonical form"):
        verify_secured(data, LOOKUP, canonical=True)
    with pytest.raises(SignatureError, match="signature does not hold"):
        verify_secured(data.replace(b"Sample Battery Mfg GmbH", b"Sample Battery Mfg Gmbh"), LOOKUP)


def test_a_proof_of_another_suite_is_named(shared: Path) -> None:
    data = (shared / "standards/untp/signed-samples/digitalbazaar-issued-dpp-0.7.0-eddsa-rdfc-2022.json").read_bytes()
    with pytest.raises(SignatureError, match="unknown cryptosuite") as caught:
        verify_secured(data, LOOKUP)
    assert caught.value.found == "eddsa-rdfc-2022"


def test_what_is_signed_reads_back_by_both_roads() -> None:
    assert rfc8785.dumps(json.loads(SECURED)) == SECURED
    fast = verify_secured(SECURED, LOOKUP, canonical=True)
    slow = verify_secured(json.dumps(json.loads(SECURED), indent=2).encode(), LOOKUP)
    assert fast == slow
    assert fast.document == DOCUMENT
    assert fast.unsecured == rfc8785.dumps(DOCUMENT)
    assert fast.doc_hash == doc_hash(DOCUMENT) == doc_hash(json.loads(SECURED))
    assert fast.multikey == SIGNER.multikey
    assert fast.proof["@context"] == DOCUMENT["@context"]
    assert check_issuer(fast.document, fast.verification_method) == SIGNER.verification_method.split("#")[0]


@given(
    st.dictionaries(
        st.one_of(st.text(max_size=6), st.sampled_from(["a", "prooe", "proof0", "proo", "z", "\U0001f600", "\ufb33"])),
        st.one_of(
            st.none(), st.integers(-5, 5), st.floats(-1e3, 1e3), st.text(max_size=5), st.lists(st.just({"proof": 1}))
        ),
        max_size=8,
    )
)
def test_any_document_can_be_signed_and_read(document: dict[str, Any]) -> None:
    document.pop("proof", None)
    secured, found = astuple(sign_document(document, SIGNER, CREATED))
    assert found == digest_of(rfc8785.dumps(document))
    assert secured == rfc8785.dumps(json.loads(secured)) == add_proof(document, SIGNER, CREATED)
    assert verify_secured(secured, LOOKUP, canonical=True).unsecured == rfc8785.dumps(document)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()], ids=lambda curve: str(curve.name))
def test_elliptic_keys_sign_ecdsa_jcs_2019(curve: ec.EllipticCurve) -> None:
    signer = EcdsaSigner(ec.derive_private_key(0x5EED, curve))
    secured = add_proof(DOCUMENT, signer, CREATED)
    verified = verify_secured(secured, LOOKUP, canonical=True)
    assert verified.proof["cryptosuite"] == "ecdsa-jcs-2019"
    assert verified.doc_hash == doc_hash(DOCUMENT) == sign_document(DOCUMENT, signer, CREATED).doc_hash
    with pytest.raises(SignatureError, match="signature does not hold"):
        verify_secured(secured.replace(b"batch 7", b"batch 8"), LOOKUP)
    zeros = edited(lambda d: d["proof"].update(proofValue="z" + base58_encode(bytes(curve.key_size // 4))), secured)
    with pytest.raises(SignatureError, match="signature does not hold"):
        verify_secured(zeros, LOOKUP)


FLIPS = {
    "type": lambda d: d["type"].reverse(),
    "id": lambda d: d.update(id=d["id"].replace("2f1c", "2f1d")),
    "issuer name": lambda d: d["issuer"].update(name="Coil works"),
    "name": lambda d: d.update(name="Cold rolled coil \u2014 batch 8"),
    "number": lambda d: d["credentialSubject"].update(massFraction=0.36),
    "integer": lambda d: d["credentialSubject"].update(quantity=13),
    "validFrom": lambda d: d.update(validFrom="2026-11-22T10:00:01Z"),
    "null": lambda d: d.pop("zone"),
    "added": lambda d: d.update(extra=1),
    "created": lambda d: d["proof"].update(created="2026-11-22T10:00:01Z"),
    "nonce": lambda d: d["proof"].update(nonce="x"),
}


@pytest.mark.parametrize("change", FLIPS.values(), ids=FLIPS.keys())
@pytest.mark.parametrize("canonical", [True, False])
def test_a_changed_member_breaks_the_signature(change: Callable[[dict[str, Any]], object], canonical: bool) -> None:
    with pytest.raises(SignatureError, match="signature does not hold"):
        verify_secured(edited(change), LOOKUP, canonical=canonical)


def test_an_added_context_is_refused_in_our_documents_and_dropped_from_foreign_ones() -> None:
    data = edited(lambda d: d["@context"].append("https://example.com/more"))
    with pytest.raises(SignatureError, match="made for another @context"):
        verify_secured(data, LOOKUP, canonical=True)
    # The suites let contexts follow the signed ones; what counts as verified has the signed ones alone.
    for layout in (data, json.dumps(json.loads(data)).encode()):
        verified = verify_secured(layout, LOOKUP)
        assert verified.document == DOCUMENT
        assert verified.doc_hash == doc_hash(DOCUMENT)
    with pytest.raises(SignatureError, match="made for another @context"):
        verify_secured(edited(lambda d: d["@context"].insert(0, "https://example.com/more")), LOOKUP)


OTHER_VALUE = json.loads(add_proof(DOCUMENT, OTHER, CREATED))["proof"]["proofValue"]
SHAPES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no proof": (lambda d: d.pop("proof"), "the document has no proof"),
    "null proof": (lambda d: d.update(proof=None), "the document has no proof"),
    "text proof": (lambda d: d.update(proof="z"), "not a proof; expected an object; found str"),
    "two proofs": (
        lambda d: d.update(proof=[d["proof"], d["proof"]]),
        "set or chain of proofs; expected one proof; found 2",
    ),
    "no type": (lambda d: d["proof"].pop("type"), "proof.type: unknown type of proof"),
    "other type": (lambda d: d["proof"].update(type="Ed25519Signature2020"), "unknown type of proof"),
    "no suite": (lambda d: d["proof"].pop("cryptosuite"), "proof.cryptosuite: unknown cryptosuite"),
    "other suite": (lambda d: d["proof"].update(cryptosuite="bbs-2023"), "unknown cryptosuite; .*; found bbs-2023"),
    "odd suite": (lambda d: d["proof"].update(cryptosuite=["eddsa-jcs-2022"]), "unknown cryptosuite"),
    "suite of another key": (
        lambda d: d["proof"].update(cryptosuite="ecdsa-jcs-2019"),
        "the key is of the wrong kind for ecdsa",
    ),
    "no purpose": (lambda d: d["proof"].pop("proofPurpose"), "serves another purpose"),
    "other purpose": (
        lambda d: d["proof"].update(proofPurpose="authentication"),
        "another purpose; .* found authentication",
    ),
    "no method": (lambda d: d["proof"].pop("verificationMethod"), "not an absolute DID URL"),
    "relative method": (
        lambda d: d["proof"].update(verificationMethod="#key-1"),
        "not an absolute DID URL; found #key-1",
    ),
    "object as method": (lambda d: d["proof"].update(verificationMethod={"id": "x"}), "not an absolute DID URL"),
    "no created": (lambda d: d["proof"].pop("created"), "does not say when it was created"),
    "odd created": (lambda d: d["proof"].update(created="yesterday"), "proof.created: not a time with its offset"),
    "no offset": (lambda d: d["proof"].update(created="2026-11-22T10:00:00"), "proof.created: not a time"),
    "no such day": (lambda d: d["proof"].update(created="2026-02-30T10:00:00Z"), "proof.created: not a time"),
    "expires unjudged": (
        lambda d: d["proof"].update(expires="2027-01-01T00:00:00Z"),
        "no time was given to judge it by",
    ),
    "odd expires": (lambda d: d["proof"].update(expires=7), "proof.expires: not a time with its offset"),
    "previous proof": (
        lambda d: d["proof"].update(previousProof="urn:x"),
        "members we do not judge; found previousProof",
    ),
    "no value": (lambda d: d["proof"].pop("proofValue"), "the proof has no value"),
    "value in base64url": (lambda d: d["proof"].update(proofValue="uAAAA"), "not multibase base58btc"),
    "value outside base58": (lambda d: d["proof"].update(proofValue="z0OIl"), "cannot be decoded: not base58btc"),
    "endless value": (
        lambda d: d["proof"].update(proofValue="z" + "2" * 5000),
        "cannot be decoded: base58 text is too long",
    ),
    "short value": (
        lambda d: d["proof"].update(proofValue="z" + base58_encode(b"\1" * 63)),
        "wrong length; expected 64 bytes; found 63",
    ),
    "other's value": (lambda d: d["proof"].update(proofValue=OTHER_VALUE), "signature does not hold"),
    "other's key": (
        lambda d: d["proof"].update(verificationMethod=OTHER.verification_method),
        "signature does not hold",
    ),
    "context dropped from proof": (lambda d: d["proof"].pop("@context"), "does not repeat the document's @context"),
    "context changed in proof": (lambda d: d["proof"].update({"@context": ["x"]}), "made for another @context"),
    "context dropped from document": (lambda d: d.pop("@context"), "made for another @context"),
}


@pytest.mark.parametrize(("change", "reason"), SHAPES.values(), ids=SHAPES.keys())
def test_a_proof_out_of_shape_says_why(change: Callable[[dict[str, Any]], object], reason: str) -> None:
    with pytest.raises(SignatureError, match=reason):
        verify_secured(edited(change), LOOKUP, canonical=True)


def test_a_dropped_context_of_the_proof_breaks_the_signature_of_foreign_documents_too() -> None:
    with pytest.raises(SignatureError, match="signature does not hold"):
        verify_secured(edited(SHAPES["context dropped from proof"][0]), LOOKUP)


@pytest.mark.parametrize(
    ("data", "error", "reason"),
    [
        (SECURED + b"\n", CanonicalError, "not in canonical form"),
        (SECURED.replace(b'"proof":', b'"proof" :'), CanonicalError, "not in canonical form"),
        (b'{"proof":{},' + SECURED[1:], CanonicalError, "the key 'proof' twice"),
        (SECURED[:-1] + b',"zone":null}', CanonicalError, "the key 'zone' twice"),
        (
            SECURED.replace(b'"type":"DataIntegrityProof"', b'"type":"DataIntegrityProof","type":"DataIntegrityProof"'),
            CanonicalError,
            "the key 'type' twice",
        ),
        (SECURED.replace(b'"quantity":12', b'"quantity":12.0'), CanonicalError, "not in canonical form"),
        (SECURED.replace(b'"quantity":12', b'"quantity":18446744073709552000'), CanonicalError, "beyond 53 bits"),
        (SECURED.replace(b'"quantity":12', b'"quantity":9007199254740993'), CanonicalError, "safe integer"),
        (SECURED[:-1], DocumentError, "not JSON"),
        (b"[]", SchemaError, "not a document; expected a JSON object; found list"),
        (b"7", SchemaError, "found int"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, BoundError, "nested too deep"),
    ],
)
def test_bytes_that_are_not_ours_are_refused(data: bytes, error: type[PassportError], reason: str) -> None:
    with pytest.raises(error, match=re.escape(reason)):
        verify_secured(data, LOOKUP, canonical=True)


def test_reordered_members_verify_only_where_any_layout_does() -> None:
    document = json.loads(SECURED)
    reordered = json.dumps(dict(reversed(document.items())), separators=(",", ":"), ensure_ascii=False).encode()
    assert verify_secured(reordered, LOOKUP).doc_hash == doc_hash(DOCUMENT)
    with pytest.raises(CanonicalError, match="not in canonical form"):
        verify_secured(reordered, LOOKUP, canonical=True)


def test_a_key_twice_is_refused_in_foreign_documents() -> None:
    for data in (SECURED[:-1] + b',"zone":null}', b'{"proof":{},' + SECURED[1:]):
        with pytest.raises(DocumentError, match="twice in one object"):
            verify_secured(data, LOOKUP)


def test_size_is_bounded() -> None:
    with pytest.raises(BoundError, match="too long"):
        read_secured(SECURED, max_bytes=len(SECURED) - 1)
    assert read_secured(SECURED, max_bytes=len(SECURED)).doc_hash == doc_hash(DOCUMENT)


def test_expiry_is_judged_at_the_given_time() -> None:
    expires = CREATED + timedelta(days=1)

    class Expiring:
        multikey, verification_method = SIGNER.multikey, SIGNER.verification_method

        def sign(self, data: bytes) -> bytes:
            config = {**json.loads(SECURED)["proof"], "expires": "2026-11-23T10:00:00Z"}
            del config["proofValue"]
            return SIGNER.sign(sha256(rfc8785.dumps(config)).digest() + data[32:])

    data = edited(lambda d: d["proof"].update(expires="2026-11-23T10:00:00Z"), add_proof(DOCUMENT, Expiring(), CREATED))
    assert verify_secured(data, LOOKUP, canonical=True, at=expires - timedelta(seconds=1)).multikey == SIGNER.multikey
    with pytest.raises(SignatureError, match="the proof has expired"):
        verify_secured(data, LOOKUP, canonical=True, at=expires)
    with pytest.raises(SignatureError, match="no time was given"):
        verify_secured(data, LOOKUP, canonical=True)


def test_the_key_decides_not_the_document() -> None:
    secured = read_secured(SECURED, canonical=True)
    check_signature(secured, SIGNER.multikey)
    with pytest.raises(SignatureError, match="signature does not hold"):
        check_signature(secured, OTHER.multikey)
    with pytest.raises(SignatureError, match="the key cannot be read"):
        check_signature(secured, "z6Mk")
    with pytest.raises(ResolutionError, match="not a did:key"):
        verify_secured(edited(lambda d: d["proof"].update(verificationMethod="did:web:a.example#key-1")), LOOKUP)


def test_time_zones_are_written_in_utc() -> None:
    secured = add_proof(DOCUMENT, SIGNER, CREATED.astimezone(timezone(timedelta(hours=8))))
    assert secured == SECURED
    with pytest.raises(UsageError, match="no time zone"):
        add_proof(DOCUMENT, SIGNER, CREATED.replace(tzinfo=None))


def test_signing_refuses_what_readers_would() -> None:
    with pytest.raises(UsageError, match="has a proof already"):
        add_proof(json.loads(SECURED), SIGNER, CREATED)
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    with pytest.raises(BoundError, match="nested too deep"):
        add_proof({"a": deep}, SIGNER, CREATED)
    with pytest.raises(CanonicalError, match="keys of a document are texts"):
        add_proof({1: 2}, SIGNER, CREATED)  # type: ignore[dict-item]
    with pytest.raises(CanonicalError, match="safe integer"):
        add_proof({"a": 2**60}, SIGNER, CREATED)

    class Der(EcdsaSigner):
        def sign(self, data: bytes) -> bytes:
            return b"\x30" + bytes(69)

    with pytest.raises(SignerError, match=r"wrong length; expected 64 bytes \(raw, not DER\); found 70 bytes"):
        add_proof(DOCUMENT, Der(ec.derive_private_key(7, ec.SECP256R1())), CREATED)


@given(st.integers(0, len(SECURED) - 1), st.integers(1, 255))
def test_no_flipped_byte_verifies(at: int, flip: int) -> None:
    damaged = bytearray(SECURED)
    damaged[at] ^= flip
    for canonical in (True, False):
        with pytest.raises(PassportError):
            verify_secured(bytes(damaged), LOOKUP, canonical=canonical)


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4)),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
        max_leaves=6,
    ),
    st.sampled_from([*json.loads(SECURED)["proof"], "proof"]),
)
def test_readers_raise_nothing_but_our_errors(value: Any, member: str) -> None:
    document = json.loads(SECURED)
    original = document["proof"] if member == "proof" else document["proof"][member]
    if member == "proof":
        document["proof"] = value
    else:
        document["proof"][member] = value
    if value != original:
        with pytest.raises(PassportError):
            verify_secured(json.dumps(document).encode(), LOOKUP)


def _spelled_by_another(proof: dict[str, Any]) -> bytes:
    """The secured document with members added to its proof, written by a program that spells numbers its own way."""
    document = json.loads(SECURED)
    document["proof"].update(proof)
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize("name", ["challenge", "domain", "id", "nonce"])
@pytest.mark.parametrize("value", [1.0, 1e-6, [1e-6] * 300, {"a": {"b": -0.0}}, 7, None, True])
def test_nothing_but_texts_stands_in_the_free_members_of_a_proof(name: str, value: object) -> None:
    """Numbers spelled otherwise are longer in canonical form: cut out by that length, they took the document along."""
    body = _spelled_by_another({name: value})
    for schema_follows in (True, False):
        with pytest.raises(PassportError, match=r"not a text|not in canonical form"):
            read_secured(body, canonical=True, schema_follows=schema_follows)
    with pytest.raises(SignatureError, match=rf"proof\.{name}: not a text"):
        verify_secured(body, LOOKUP)


def test_what_is_hashed_is_the_document_wherever_numbers_stand() -> None:
    """A number that is left to be judged later must not shift what is cut out as the proof, behind it or before."""
    for member in ("alpha", "zone"):
        for number in (1e-6, 1.0, 2.5e-6, -0.0):
            document = {**json.loads(SECURED), member: [number] * 50}
            body = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
            with pytest.raises(CanonicalError, match="not in canonical form"):
                read_secured(body, canonical=True)
            try:
                secured = read_secured(body, canonical=True, schema_follows=True)
            except CanonicalError:
                continue
            expected = {key: value for key, value in document.items() if key != "proof"}
            assert secured.unsecured == orjson.dumps(expected, option=orjson.OPT_SORT_KEYS)


def test_free_members_may_be_texts() -> None:
    body = _spelled_by_another({"challenge": "x", "domain": ["a.example", "b.example"], "nonce": "y"})
    assert read_secured(body, canonical=True).proof["domain"] == ["a.example", "b.example"]
