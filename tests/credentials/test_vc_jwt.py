"""`vc+jwt`: passports that the UN's tool signed, ours in both envelopes under one hash, and lies about either."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from passport.credentials import Ed25519Signer, KeyDidResolver, key_for, key_lookup, read_did_document
from passport.credentials.canonical import jcs
from passport.credentials.did import build_did_web_document
from passport.credentials.ecdsa import EcdsaSigner
from passport.credentials.jws import sign_jws
from passport.credentials.proof import read_secured, sign_document
from passport.credentials.vc_jwt import (
    envelope,
    is_envelope,
    open_envelope,
    read_vc_jwt,
    sign_vc_jwt,
    verify_vc_jwt,
)
from passport.errors import (
    BoundError,
    CanonicalError,
    PassportError,
    ResolutionError,
    SchemaError,
    SignatureError,
    UsageError,
)

SIGNER = Ed25519Signer.generate()
ISSUER = SIGNER.verification_method.partition("#")[0]
DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "credentialSubject": {"id": "https://id.example/01/09520123456788", "name": "Coil \u2014 7"},
    "issuer": {"id": ISSUER, "name": "Coil Works"},
    "type": ["VerifiableCredential"],
}
LOOKUP = key_lookup(KeyDidResolver())
AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.shared
@pytest.mark.parametrize("version", ["0.6.0", "0.7.0"])
def test_passports_that_the_un_signed(shared: Path, version: str) -> None:
    """The Playground's samples, by VCkit: they verify under the key of the DID document published beside them."""
    folder = shared / "standards/untp/signed-samples"
    enveloped = json.loads((folder / f"playground-dpp-{version}.enveloped.json").read_bytes())
    did_bytes = (folder / "did-web-uncefact-vckit-test.did.json").read_bytes()
    document = read_did_document(did_bytes, did="did:web:uncefact.github.io:project-vckit:test-and-development")

    def lookup(method: str) -> str:
        return key_for(document, method, at=AT)

    jwt = open_envelope(enveloped)
    verified = verify_vc_jwt(jwt, lookup, at=AT)
    assert "DigitalProductPassport" in verified.document["type"]
    assert verified.document["issuer"]["id"] == document.id
    with pytest.raises(CanonicalError, match="not in canonical form"):
        read_vc_jwt(jwt, canonical=True)
    head, payload, signature = jwt.split(b".")
    for at in range(0, len(payload), 97):
        changed = payload[:at] + (b"A" if payload[at] != ord("A") else b"B") + payload[at + 1 :]
        with pytest.raises(PassportError):
            verify_vc_jwt(b".".join((head, changed, signature)), lookup, at=AT)


def test_one_hash_whatever_the_envelope() -> None:
    """The embedded proof, the JWT and the ledger name the same bytes."""
    embedded, jwt = sign_document(DOCUMENT, SIGNER, AT), sign_vc_jwt(DOCUMENT, SIGNER)
    secured, credential_read = read_secured(embedded.body, canonical=True), read_vc_jwt(jwt.body, canonical=True)
    assert embedded.doc_hash == jwt.doc_hash == secured.doc_hash == credential_read.doc_hash
    assert secured.unsecured == credential_read.unsecured == jcs(DOCUMENT)
    assert verify_vc_jwt(jwt.body, LOOKUP, canonical=True).document == DOCUMENT


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_keys_of_cards_and_seals(curve: ec.EllipticCurve) -> None:
    signer = EcdsaSigner(ec.generate_private_key(curve))
    did = signer.verification_method.partition("#")[0]
    document = {**DOCUMENT, "issuer": did}
    signed = sign_vc_jwt(document, signer)
    assert verify_vc_jwt(signed.body, LOOKUP).document == document
    assert sign_vc_jwt(document, signer).body == signed.body  # RFC 6979: nothing random in it


def test_a_did_web_lists_the_key_under_the_name_that_the_header_gives() -> None:
    did = "did:web:coil.example"
    signer = EcdsaSigner(ec.generate_private_key(ec.SECP256R1()), verification_method=f"{did}#key-1")
    published = read_did_document(build_did_web_document(did, multikeys=[signer.multikey]), did=did)
    jwt = sign_vc_jwt({**DOCUMENT, "issuer": did}, signer).body
    verified = verify_vc_jwt(jwt, lambda method: key_for(published, method))
    assert verified.verification_method == f"{did}#key-1-jwk"


def test_a_kid_of_another_did_signs_for_nobody_else() -> None:
    stranger = Ed25519Signer.generate()
    with pytest.raises(
        SignatureError, match=f"the issuer is not the one whose key signed; expected did:key:.*; found {ISSUER}"
    ):
        verify_vc_jwt(sign_vc_jwt(DOCUMENT, stranger).body, LOOKUP)
    claimed = sign_jws({"kid": SIGNER.verification_method}, jcs(DOCUMENT), stranger)
    with pytest.raises(SignatureError, match="does not hold"):
        verify_vc_jwt(claimed, LOOKUP)
    nowhere = sign_jws({"kid": f"{ISSUER}#other"}, jcs(DOCUMENT), SIGNER)
    with pytest.raises(ResolutionError, match="the DID document has no such method"):
        verify_vc_jwt(nowhere, LOOKUP)


KID = {"kid": SIGNER.verification_method}


@pytest.mark.parametrize(
    ("header", "payload", "reason"),
    [
        ({}, DOCUMENT, "the key is not named by an absolute DID URL"),
        ({"kid": "#key-1"}, DOCUMENT, "the key is not named by an absolute DID URL"),
        ({"kid": 7}, DOCUMENT, "the key is not named by an absolute DID URL"),
        ({**KID, "typ": "JWT"}, DOCUMENT, r"header.typ: not a JWT of a credential"),
        ({**KID, "typ": "vp+jwt"}, DOCUMENT, r"header.typ: not a JWT of a credential"),
        ({**KID, "cty": "vp"}, DOCUMENT, r"header.cty: not a JWT of a credential"),
        (KID, {"vc": DOCUMENT}, "a credential of the data model 1.1"),
        (KID, {**DOCUMENT, "proof": {}}, "two signers of one document"),
        (KID, {**DOCUMENT, "iss": "did:web:other.example"}, "the claim `iss` is not the issuer"),
        (KID, {**DOCUMENT, "exp": AT.timestamp()}, "the JWT has expired"),
        (KID, {**DOCUMENT, "nbf": AT.timestamp() + 1}, "the JWT is not valid yet"),
        (KID, {**DOCUMENT, "exp": "tomorrow"}, "not a time in seconds"),
        (KID, {**DOCUMENT, "exp": True}, "not a time in seconds"),
    ],
)
def test_what_is_refused_and_why(header: dict[str, Any], payload: dict[str, Any], reason: str) -> None:
    jwt = sign_jws(header, jcs(payload), SIGNER)
    with pytest.raises(SignatureError, match=reason):
        verify_vc_jwt(jwt, LOOKUP, at=AT)


def test_times_cannot_be_judged_without_one() -> None:
    jwt = sign_jws(KID, jcs({**DOCUMENT, "exp": AT.timestamp() + 1}), SIGNER)
    assert verify_vc_jwt(jwt, LOOKUP, at=AT).document["exp"] == AT.timestamp() + 1
    with pytest.raises(SignatureError, match="no time was given to judge it by"):
        read_vc_jwt(jwt)


def test_payloads_that_are_no_document() -> None:
    with pytest.raises(SchemaError, match="not a credential; expected a JSON object; found list"):
        read_vc_jwt(sign_jws(KID, b"[1]", SIGNER))
    twice = b'{"a":1,"a":1}'
    refusals = ((True, CanonicalError, "canonical form"), (False, PassportError, "a key stands twice"))
    for canonical, kind, reason in refusals:
        with pytest.raises(kind, match=reason):
            read_vc_jwt(sign_jws(KID, twice, SIGNER), canonical=canonical)
    deep = b"[" * 101 + b"]" * 101
    with pytest.raises(BoundError, match="nested too deep"):
        read_vc_jwt(sign_jws(KID, b'{"a":' + deep + b"}", SIGNER))
    with pytest.raises(UsageError, match="the document has a proof inside"):
        sign_vc_jwt({**DOCUMENT, "proof": {}}, SIGNER)


def test_envelopes() -> None:
    jwt = sign_vc_jwt(DOCUMENT, SIGNER).body
    around = envelope(jwt)
    assert is_envelope(around)
    assert open_envelope(around) == jwt
    assert not is_envelope(DOCUMENT)
    for change, reason in (
        ({"type": ["VerifiableCredential"]}, "not an enveloped credential"),
        ({"@context": ["https://www.w3.org/2018/credentials/v1"]}, "an envelope of another context"),
        ({"@context": []}, "an envelope of another context"),
        ({"id": "data:application/vc+sd-jwt,x"}, "an envelope around something else"),
        ({"id": 7}, "an envelope around something else; .*found int"),
    ):
        with pytest.raises(SchemaError, match=reason):
            open_envelope({**around, **change})
