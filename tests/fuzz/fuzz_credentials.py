"""Targets: canonical bytes, proofs, JWTs, disclosures, DIDs, keys and lists."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fuzz_target import CORPUS, Target

from passport.credentials import jcs, parse, parse_canonical, read_did_document, read_secured
from passport.credentials.canonical import jcs_parsed, parse_together
from passport.credentials.content_sets import commitments_of
from passport.credentials.delivery import Purchase, check_delivery
from passport.credentials.did import key_for, parse_web_did
from passport.credentials.disclosure import open_row
from passport.credentials.jwk import jwk_to_multikey, multikey_to_jwk
from passport.credentials.jws import check_jws, read_jws
from passport.credentials.key_backup import restore_backup
from passport.credentials.key_binding import read_key_binding, verify_key_binding
from passport.credentials.key_ring import KeyRing, parse_index, write_index
from passport.credentials.keys import Ed25519Signer, account_key_from_pem, credential_key_from_pem
from passport.credentials.local_contexts import LocalContexts
from passport.credentials.multikey import (
    base58_decode,
    base58_encode,
    base64url_decode,
    base64url_encode,
    decode_multikey,
    multibase_decode,
)
from passport.credentials.passphrases import KnownPassphrase
from passport.credentials.presentation import check_disclosure, read_presentation
from passport.credentials.proof import check_signature, verify_secured
from passport.credentials.rdf_graph import canonical_quads
from passport.credentials.rdf_proof import read_rdf_secured, verify_rdf_secured
from passport.credentials.sd_jwt import read_sd_jwt, verify_sd_jwt
from passport.credentials.sd_jwt_parts import read_disclosure
from passport.credentials.status_list import read_status_credential, read_status_entries
from passport.credentials.untp_credential import SCHEMAS, VerifiedCredential, verify_credential
from passport.credentials.vc_jwt import open_envelope, read_vc_jwt, verify_vc_jwt
from passport.errors import DocumentError, PassportError, SchemaError, SignerError
from passport.linked_accounts import linked_accounts
from passport.model import schema
from passport.model.conformity_credential import SCHEMA as DCC
from passport.model.conformity_credential import attests
from passport.model.facts import passport_facts
from passport.model.traceability_event import SCHEMA as DTE
from verifier.bundle import from_base64url, to_base64url

AT = datetime(2026, 11, 22, 11, tzinfo=UTC)
SECRET = b"correct horse battery"
STRANGER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\1")).multikey
CONTEXT = "https://x.example/context"
PASSPORT = "untp-dpp-0.7.0-issuing"


def text(data: bytes) -> str:
    """Bytes as the text that a JSON document would bring: any characters but lone surrogates."""
    return data.decode("utf-8", "replace")


def read_json(data: bytes) -> object:
    """`orjson` with our bounds reads what `json` reads, or refuses; and what it read has one canonical form."""
    value = parse(data)
    assert value == json.loads(data)
    written = jcs_parsed(value, exact_integers=True)
    assert rfc8785.dumps(json.loads(data)) == written
    assert parse_canonical(written) == parse(written)
    return value


def read_canonical(data: bytes) -> object:
    value = parse_canonical(data)
    assert jcs(value) == data == rfc8785.dumps(value)
    assert parse(data) == value
    return value


def read_together(data: bytes) -> object:
    """One pass over several documents reads no other values, and no other documents, than one pass over each."""
    bodies = data.split(b"\n")
    for schema_follows in (False, True):
        values = parse_together(bodies, max_bytes=1 << 20, schema_follows=schema_follows)
        if values is not None and not schema_follows:
            assert values == [parse_canonical(body) for body in bodies]
    if parse_together(bodies, max_bytes=1 << 20) is None:
        raise DocumentError("not together")
    return bodies


def strangers(_: str) -> str:
    """Whoever signed: here it is the stranger's key."""
    return STRANGER


def refused(verify: Callable[[], object]) -> None:
    """Nothing verifies under a key that signed nothing."""
    try:
        verify()
    except PassportError:
        return
    raise AssertionError("a stranger's key signed it")


def read_proof(data: bytes) -> object:
    """What the strict reader takes, the lenient one takes too, as the same document under the same digest."""
    try:
        strict = read_secured(data, canonical=True, at=AT)
    except PassportError:
        strict = None
    secured = read_secured(data, at=AT)
    if strict is not None:
        assert (strict.document, strict.doc_hash, strict.signature) == (
            secured.document,
            secured.doc_hash,
            secured.signature,
        )
    refused(lambda: check_signature(secured, STRANGER))
    refused(lambda: verify_secured(data, strangers, at=AT))
    return secured


def read_passport(data: bytes) -> object:
    """As the verifier reads one: the proof's shape, the closed schema, the facts."""
    secured = read_secured(data, canonical=True)
    schema.check(PASSPORT, secured.document)
    read_status_entries(secured.document)
    commitments_of(secured.document)
    return passport_facts(secured.document, secured.doc_hash)


def read_event(data: bytes) -> object:
    """A traceability event, conformity credential or identity anchor behind its signature: facts against a purchase."""
    secured = read_secured(data, canonical=True)
    kinds = secured.document.get("type")
    kind = next((kind for kind, name in SCHEMAS.items() if isinstance(kinds, list) and name in kinds), DTE)
    schema.check(kind, secured.document)
    refused(lambda: verify_credential(data, kind, strangers, at=AT))
    if kind == DTE and len(secured.document["credentialSubject"]) == 1:
        event = VerifiedCredential(secured.document, secured.doc_hash, "did:web:mill.example")
        purchase = Purchase(
            delivery=secured.doc_hash,
            buyer="LEI:999900KITANAMI000191",
            buyer_did="did:web:beans.example",
            supplier="LEI:999900NOEULELY000122",
            supplier_did="did:web:mill.example",
            subject_id="https://id.example/products/2",
            granularity="model",
            passport_digest="uEi",
            declared_amount="1",
            mass_per_declared_unit="1",
            unit="kilogram",
            drawn=Fraction(1),
        )
        try:
            check_delivery(event, purchase)
        except PassportError:
            return event
    elif kind == DCC:
        claim = {"referenceCriteria": [], "conformityTopic": [], "claimedPerformance": []}
        attests(secured.document, {"credentialSubject": {"id": "x", "performanceClaim": [claim]}}, "uEi")
    return secured


def read_signed(data: bytes) -> object:
    jws = read_jws(data)
    refused(lambda: check_jws(jws, STRANGER))
    return jws


def read_jwt(data: bytes) -> object:
    """A payload in canonical form says the same on both roads."""
    try:
        strict = read_vc_jwt(data, canonical=True, at=AT)
    except PassportError:
        strict = None
    credential = read_vc_jwt(data, at=AT)
    assert strict is None or (strict.document, strict.doc_hash) == (credential.document, credential.doc_hash)
    refused(lambda: verify_vc_jwt(data, strangers, at=AT))
    return credential


def read_envelope(data: bytes) -> object:
    document = parse(data)
    if not isinstance(document, dict):
        raise SchemaError("not an object")
    return read_vc_jwt(open_envelope(document))


def read_selective(data: bytes) -> object:
    read = read_sd_jwt(data)
    refused(lambda: verify_sd_jwt(data, strangers, at=AT))
    for role in ("public", "legitimate", "authority", "nobody"):
        try:
            read.view_of(role)
        except PassportError:
            continue
    return read


def read_shown(data: bytes) -> object:
    shown = read_presentation(data)
    for role in ("public", "legitimate", "nobody"):
        try:
            check_disclosure(shown.secured.document, shown.disclosure, role)
        except PassportError:
            continue
    return shown.rows, shown.statement


def read_did(data: bytes) -> object:
    document = read_did_document(data, did="did:web:mill.example")
    for method in document.methods:
        try:
            key_for(document, method, at=AT)
        except PassportError:
            continue
    return document


def read_accounts(data: bytes) -> object:
    """The statements of accounts in a DID document, each judged by itself; none ends the judging of the others."""
    found = linked_accounts(read_did_document(data, did="did:web:mill.example"), at=AT)
    if not found:
        raise SchemaError("no statement")
    return found


def read_graph_proof(data: bytes) -> object:
    """A document with a proof over its graph, by a context that is at hand: what is not refused has a graph."""
    secured = read_rdf_secured(data, _contexts(), at=AT)
    refused(lambda: verify_rdf_secured(data, strangers, _contexts(), at=AT))
    assert canonical_quads(secured.document, _contexts()) == secured.document_quads
    return secured


def read_context(data: bytes) -> object:
    """A context of anybody's, and a document by it."""
    contexts = LocalContexts({CONTEXT: data})
    return canonical_quads(
        {"@context": [CONTEXT], "id": "urn:a:b", "type": "Thing", "name": "x", "has": [{"size": 1.5}]}, contexts
    )


@cache
def _contexts() -> LocalContexts:
    return LocalContexts({CONTEXT: (CORPUS / "context" / "small").read_bytes()})


def read_backup(data: bytes) -> object:
    path = Path(tempfile.mkdtemp(prefix="fuzz-backup-"))
    try:
        (path / "x.backup").write_bytes(data)
        (path / "x.backup").chmod(0o600)
        return restore_backup(KeyRing(path / "keys", clock=lambda: AT), path / "x.backup", KnownPassphrase(SECRET))
    finally:
        shutil.rmtree(path)


def read_base58(data: bytes) -> object:
    decoded = base58_decode(text(data))
    assert base58_encode(decoded) == text(data)
    return decoded


def read_base64url(data: bytes) -> object:
    """Two readers of our own agree on what is base64url in its one spelling."""
    try:
        other = from_base64url(data, where="x")
    except DocumentError:
        other = None
    try:
        decoded = base64url_decode(text(data), max_characters=1 << 20)
    except PassportError:
        assert other is None
        raise
    assert base64url_encode(decoded) == text(data)
    assert other == decoded
    assert to_base64url(decoded) == data
    return decoded


def read_multikey(data: bytes) -> object:
    key = decode_multikey(text(data))
    assert key.multikey == text(data)
    assert jwk_to_multikey(multikey_to_jwk(key.multikey)) == key.multikey
    return key


def read_jwk(data: bytes) -> object:
    jwk = parse(data)
    if not isinstance(jwk, dict):
        raise SchemaError("not an object")
    return decode_multikey(jwk_to_multikey(jwk))


def read_web_did(data: bytes) -> object:
    did = parse_web_did(text(data))
    assert did.did == text(data)
    return did.url_path


def read_list(data: bytes) -> object:
    secured = read_secured(data, canonical=True)
    bits = read_status_credential(secured.document)
    return bits.is_set(0), bits.is_set(77)


def read_entries(data: bytes) -> object:
    document = parse(data)
    if not isinstance(document, dict):
        raise SchemaError("not an object")
    return read_status_entries(document)


def read_binding(data: bytes) -> object:
    binding = read_key_binding(data)
    try:
        verify_key_binding(binding)
    except PassportError:
        return binding
    assert binding.to_bytes() == data
    return binding


def read_index(data: bytes) -> object:
    entries = parse_index(data, where="x")
    assert set(parse_index(write_index(entries), where="x")) == set(entries)
    return entries


def read_key_file(data: bytes) -> object:
    try:
        return credential_key_from_pem(data, SECRET, where="x")
    except SignerError as error:
        if "not a credential key" not in str(error):
            raise
    return account_key_from_pem(data, SECRET, where="x").public


TARGETS = [
    Target("json", read_json),
    Target("canonical", read_canonical),
    Target("together", read_together),
    Target("secured", read_proof, 8192),
    Target("passport", read_passport, 8192, 2),
    Target("events", read_event, 8192, 2),
    Target("jws", read_signed, 8192),
    Target("vc_jwt", read_jwt, 8192),
    Target("envelope", read_envelope),
    Target("sd_jwt", read_selective, 16384, 4),
    Target("disclosure", read_disclosure, 512),
    Target("presentation", read_shown, 8192, 4),
    Target("row", open_row),
    Target("did_document", read_did),
    Target("did_web", read_web_did, 512),
    Target("base58", read_base58, 1100),
    Target("base64url", read_base64url, 1100),
    Target("multibase", lambda data: multibase_decode(text(data)), 1100),
    Target("multikey", read_multikey, 256),
    Target("jwk", read_jwk, 512),
    Target("status_list", read_list, 4096),
    Target("status_entries", read_entries),
    Target("key_binding", read_binding, 1024),
    Target("key_index", read_index, 2048),
    Target("accounts", read_accounts),
    Target("graph_proof", read_graph_proof, 2048, 4),
    Target("context", read_context, 2048, 4),
    Target("key_backup", read_backup, 4096, 50, is_timed=False),
    Target("key_file", read_key_file, 1024, 50, is_timed=False),
]
