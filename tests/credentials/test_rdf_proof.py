"""Proofs over RDF graphs: W3C's vectors byte for byte, a peer's document, and all that such a proof does not cover."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from hashlib import sha256, sha384
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec

from passport.credentials import Ed25519Signer, KeyDidResolver, base58_encode, check_issuer, key_lookup
from passport.credentials.ecdsa import EcdsaSigner
from passport.credentials.local_contexts import LocalContexts, read_local_contexts
from passport.credentials.rdf_graph import MAX_LIST, MAX_ORDERS, MAX_VALUES, canonical_quads
from passport.credentials.rdf_proof import has_rdf_proof, read_rdf_secured, verify_rdf_secured
from passport.errors import BoundError, CredentialError, DocumentError, PassportError, SchemaError, SignatureError
from passport.exchange.untp06_received import NO_CONTEXTS, receive_untp06
from passport.model.digest import digest_of

LOOKUP = key_lookup(KeyDidResolver())
V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
UNTP = "https://vocabulary.uncefact.org/untp/0.7.0/context/"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SIGNER = Ed25519Signer.generate()
DID = SIGNER.verification_method.partition("#")[0]

# Suite, folder under test-vectors, and the hash that its keys take.
VECTORS = [
    (suite, f"{folder}{deeper}", hashed)
    for suite, folder, hashed in [
        ("eddsa-rdfc-2022", "vc-di-eddsa/eddsa-rdfc-2022", sha256),
        ("ecdsa-rdfc-2019", "vc-di-ecdsa/ecdsa-rdfc-2019-p256", sha256),
        ("ecdsa-rdfc-2019", "vc-di-ecdsa/ecdsa-rdfc-2019-p384", sha384),
    ]
    for deeper in ("", "/employ")
]


@pytest.fixture(scope="module")
def contexts(shared: Path) -> LocalContexts:
    return read_local_contexts(
        [shared / "standards/vc/contexts/contexts.json", shared / "standards/untp/contexts.json"]
    )


def only(folder: Path, pattern: str) -> bytes:
    [path] = folder.glob(pattern)
    return path.read_bytes()


def credential(subject: Any, **more: Any) -> dict[str, Any]:
    return {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential"],
        "id": "urn:uuid:2f1c0e3a-5d0b-4f62-9a55-6d8a3d0c9f11",
        "issuer": DID,
        "credentialSubject": subject,
        **more,
    }


def sign(document: dict[str, Any], contexts: LocalContexts, signer: Any = SIGNER, **more: Any) -> dict[str, Any]:
    """Sign as the suites say; the library itself never does."""
    is_p384 = signer.multikey.startswith("z82")
    hashed = sha384 if is_p384 else sha256
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022" if signer is SIGNER else "ecdsa-rdfc-2019",
        "created": "2026-11-22T10:00:00Z",
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
        **more,
    }
    config = canonical_quads({**proof, "@context": document["@context"]}, contexts, with_sha384=is_p384)
    quads = canonical_quads(document, contexts, with_sha384=is_p384)
    value = signer.sign(hashed(config).digest() + hashed(quads).digest())
    return {**document, "proof": {**proof, "proofValue": "z" + base58_encode(value)}}


def verify(document: dict[str, Any], contexts: LocalContexts) -> Any:
    return verify_rdf_secured(json.dumps(document).encode(), LOOKUP, contexts, at=NOW)


def untp06(**more: Any) -> dict[str, Any]:
    """A passport of UNTP 0.6."""
    return {
        "@context": [V2, "https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/"],
        "type": ["DigitalProductPassport", "VerifiableCredential"],
        "id": "https://cells.example/passports/1",
        "issuer": {"type": ["CredentialIssuer"], "id": DID, "name": "Cells"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "type": ["ProductPassport"],
            "product": {"type": ["Product"], "id": "https://id.example/cell", "name": "Cell"},
        },
        **more,
    }


def received(document: dict[str, Any], known: LocalContexts | None) -> Any:
    return receive_untp06(json.dumps(document).encode(), LOOKUP, at=NOW, contexts=known)


@pytest.mark.parametrize(("suite", "folder", "hashed"), VECTORS, ids=[each[1] for each in VECTORS])
def test_published_vectors_step_by_step(
    shared: Path, contexts: LocalContexts, suite: str, folder: str, hashed: Any
) -> None:
    place = shared / "standards/vc/test-vectors" / folder
    data = only(place, "signed*.json")
    secured = read_rdf_secured(data, contexts)
    assert secured.proof["cryptosuite"] == suite
    assert secured.document_quads == only(place, "canonDoc*.txt")
    assert secured.proof_quads == only(place, "proofCanon*.txt")
    of_document, of_proof = hashed(secured.document_quads).hexdigest(), hashed(secured.proof_quads).hexdigest()
    assert of_document == only(place, "docHash*.txt").decode().strip()
    assert of_proof == only(place, "proofHash*.txt").decode().strip()
    assert of_proof + of_document == only(place, "combinedHash*.txt").decode().strip()
    assert secured.signature.hex() == only(place, "sigHex*.txt").decode().strip()
    verified = verify_rdf_secured(data, LOOKUP, contexts)
    assert verified.doc_hash == digest_of(rfc8785.dumps(verified.document))
    # The issuers of the vectors are no DIDs: the proof holds, and binds nobody.
    with pytest.raises(SignatureError, match="the issuer is not the one whose key signed"):
        check_issuer(verified.document, verified.verification_method)
    changed = json.loads(data)
    changed["validFrom"] = "2020-01-01T00:00:00Z"
    with pytest.raises(SignatureError, match="the signature does not hold"):
        verify(changed, contexts)


def test_a_document_of_digital_bazaar(shared: Path, contexts: LocalContexts) -> None:
    path = shared / "standards/untp/signed-samples/digitalbazaar-issued-dpp-0.7.0-eddsa-rdfc-2022.json"
    verified = verify_rdf_secured(path.read_bytes(), LOOKUP, contexts)
    assert check_issuer(verified.document, verified.verification_method).startswith("did:key:z6Mk")
    assert verified.created == datetime(2026, 1, 1, tzinfo=UTC)
    data = path.read_bytes().replace(b"Sample Battery Mfg GmbH", b"Sample Battery Mfg Gmbh")
    with pytest.raises(SignatureError, match="the signature does not hold"):
        verify_rdf_secured(data, LOOKUP, contexts)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()], ids=lambda curve: curve.name)
def test_each_curve_signs_with_its_own_hash(contexts: LocalContexts, curve: Any) -> None:
    signer = EcdsaSigner(ec.generate_private_key(curve))
    # Two parts that only their neighbours tell apart, so that the hash of blank nodes matters.
    document = credential([{"alumniOf": {"name": {"a": "1"}}}, {"alumniOf": {"name": {"a": "2"}}}])
    signed = sign(document, contexts, signer)
    assert verify(signed, contexts).multikey == signer.multikey
    signed["proof"]["cryptosuite"] = "eddsa-rdfc-2022"
    with pytest.raises(SignatureError, match="the key is of the wrong kind for eddsa-rdfc-2022"):
        verify(signed, contexts)


def test_the_text_may_change_under_one_signature_and_its_hash_with_it(contexts: LocalContexts) -> None:
    signed = sign(credential([{"name": "a"}, {"name": "b"}]), contexts)
    turned = {**signed, "credentialSubject": [{"name": "b"}, {"name": "a"}]}
    assert verify(signed, contexts).doc_hash != verify(turned, contexts).doc_hash


def test_the_members_of_the_proof_are_signed_and_judged(contexts: LocalContexts) -> None:
    signed = sign(credential({"name": "a"}), contexts, expires="2027-01-01T00:00:00Z")
    verify(signed, contexts)
    for change, reason in [
        ({"created": "2026-11-22T10:00:01Z"}, "the signature does not hold"),
        ({"expires": "2028-01-01T00:00:00Z"}, "the signature does not hold"),
        ({"expires": "2026-01-01T00:00:00Z"}, "the proof has expired"),
        ({"proofPurpose": "authentication"}, "the proof serves another purpose"),
        ({"cryptosuite": "eddsa-jcs-2022"}, "unknown cryptosuite"),
        ({"@context": [V2]}, "the proof was made for another @context"),
        ({"previousProof": "urn:x:y"}, "a proof with members we do not judge"),
        ({"proofValue": "z" + base58_encode(bytes(63))}, "the signature has the wrong length"),
    ]:
        with pytest.raises(SignatureError, match=reason):
            verify({**signed, "proof": {**signed["proof"], **change}}, contexts)
    with pytest.raises(SignatureError, match="a set or chain of proofs"):
        verify({**signed, "proof": [signed["proof"]]}, contexts)
    assert verify({**signed, "proof": {**signed["proof"], "@context": [V2, EXAMPLES]}}, contexts).proof["@context"]


NOT_COVERED: dict[str, tuple[dict[str, Any], str]] = {
    "a null": ({"description": None}, "a null, which the proof would not cover"),
    "an empty list": ({"evidence": []}, "an empty list, which the proof would not cover"),
    "a language alone": ({"description": {"@language": "en"}}, "a language without words"),
    "a keyword": ({"@included": [{"id": "urn:a:b"}]}, "a keyword that is not judged here"),
    "a direction": (
        {"description": {"@value": "x", "@language": "en", "@direction": "rtl"}},
        "a keyword that is not judged here",
    ),
    "a context inside": ({"evidence": {"@context": V2, "type": "x"}}, "a keyword that is not judged here"),
    "a relative id": ({"evidence": {"id": "one", "type": "Evidence"}}, "a name that is not an absolute IRI"),
    "a blank id": ({"evidence": {"id": "_:b0", "type": "Evidence"}}, "a name that is not an absolute IRI"),
    "an id that writes a statement": (
        {"evidence": {"id": "urn:a> <urn:b:c> <urn:d:e> .\n<urn:f", "type": "Evidence"}},
        "a name that is not an absolute IRI",
    ),
    "a type that writes a statement": ({"type": ["VerifiableCredential", "urn:a> ."]}, "not an absolute IRI"),
    "a language that writes a statement": (
        {"description": {"@value": "x", "@language": "en .\n<urn:a:b>"}},
        "not a language",
    ),
    "a control character": ({"description": "a\x07"}, "a control character"),
    "a whole number beyond 53 bits": ({"age": 2**53}, "a whole number beyond 53 bits"),
    "a graph of its own": (
        {"evidence": {"type": "VerifiableCredential", "proof": {"type": "DataIntegrityProof"}}},
        "a part that the proof would not cover",
    ),
    "a relative type": ({"@context": [V2], "type": ["VerifiableCredential", "Other"]}, "not an absolute IRI"),
    "a relative issuer": ({"issuer": "somebody"}, "a name that is not an absolute IRI"),
    "a context in the document": ({"@context": [V2, {"age": "urn:a:b"}]}, "a context that stands in the document"),
    "no context": ({"@context": []}, "a context that stands in the document"),
    "a context twice": ({"@context": [V2, EXAMPLES, EXAMPLES]}, "a context that is named twice"),
    "a member by its IRI": (
        {"https://www.w3.org/2018/credentials#validUntil": "2026-01-01T00:00:00Z"},
        "a member that is named by its IRI",
    ),
    "a member by a prefix": ({"schema:name": "x"}, "a member that is named by its IRI"),
    "an id by its keyword": ({"evidence": {"@id": "urn:a:b", "type": "Evidence"}}, "a keyword that is not judged here"),
    "types in two places": ({"@type": ["Other"]}, "a keyword that is not judged here"),
    "a text twice in one list": ({"credentialSubject": {"age": [5, 5]}}, "a value twice in one list"),
    "a node twice in one list": (
        {"credentialSubject": {"has": [{"id": "urn:a:b", "age": 5}, {"id": "urn:a:b", "name": "x"}]}},
        "a value twice in one list",
    ),
}


@pytest.mark.parametrize("name", NOT_COVERED)
def test_what_the_proof_would_not_cover_is_refused(contexts: LocalContexts, name: str) -> None:
    change, reason = NOT_COVERED[name]
    signed = sign(credential({"name": "a"}), contexts)
    with pytest.raises((SchemaError, SignatureError), match=reason):
        verify({**signed, **change}, contexts)


def test_what_is_said_of_a_node_may_move_between_the_places_that_name_it(contexts: LocalContexts) -> None:
    """Issuers do say different things of one node in two places: which of them says what, no such proof can tell."""
    has, had = {"id": "urn:a:b", "age": 5}, {"id": "urn:a:b", "name": "x"}
    signed = sign(credential({"has": has, "had": had, "list": [{"age": 5}, {"age": 5}]}), contexts)
    moved = {**signed, "credentialSubject": {**signed["credentialSubject"], "has": had, "had": has}}
    assert verify(moved, contexts).doc_hash != verify(signed, contexts).doc_hash


def test_members_in_other_words_hide_nothing_from_who_reads_the_text(contexts: LocalContexts) -> None:
    """One graph, one signature: but the end of validity, or that nothing conforms, would stand where nobody looks."""
    signed = sign(untp06(validUntil="2026-02-01T00:00:00Z"), contexts)
    assert not received(signed, contexts).is_valid
    moment = {"@value": signed.pop("validUntil"), "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}
    hidden = {**signed, "https://www.w3.org/2018/credentials#validUntil": moment}
    with pytest.raises(SchemaError, match="a member that is named by its IRI"):
        received(hidden, contexts)


def test_the_seventeenth_digit_of_a_number_is_not_signed(contexts: LocalContexts) -> None:
    """JSON-LD 1.1 API, section 8.6: a double has sixteen digits in its graph. The text is what the hash names."""
    signed = sign(credential({"age": 0.1}), contexts)
    other = {**signed, "credentialSubject": {"age": 0.10000000000000002}}
    assert verify(other, contexts).doc_hash != verify(signed, contexts).doc_hash
    with pytest.raises(SignatureError, match="the signature does not hold"):
        verify({**signed, "credentialSubject": {"age": 0.1000000000000001}}, contexts)


def test_a_term_without_a_meaning_is_refused(contexts: LocalContexts) -> None:
    document = credential({"alumniOf": "The School"})
    document["@context"] = [V2]
    with pytest.raises(SchemaError, match="a term that no context defines, which the proof would not cover") as caught:
        canonical_quads(document, contexts)
    assert caught.value.found == "alumniOf"


def test_whole_numbers_are_integers_however_they_are_written(contexts: LocalContexts) -> None:
    """JSON-LD 1.1 API, section 8.6, as JavaScript reads them: 1.0 is 1, and 0.1 a double in its canonical form."""
    for text, literal in [
        ("1.0", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("1E2", '"100"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("0.1", '"1.0E-1"^^<http://www.w3.org/2001/XMLSchema#double>'),
    ]:
        quads = canonical_quads(credential({"age": json.loads(text)}), contexts).decode()
        assert literal in quads


def test_contexts_are_never_guessed(contexts: LocalContexts, shared: Path, tmp_path: Path) -> None:
    signed = sign(credential({"name": "a"}), contexts)
    with pytest.raises(CredentialError, match="a context that is not at hand") as caught:
        verify(signed, LocalContexts({}))
    assert not isinstance(caught.value, SignatureError)
    published = (shared / "standards/vc/contexts/credentials-v2.jsonld").read_bytes()
    with pytest.raises(DocumentError, match="another context than was published under this URL"):
        LocalContexts({V2: published + b"\n"})
    with pytest.raises(SchemaError, match="not a JSON-LD context"):
        LocalContexts({"https://x.example/": b"{}"})
    with pytest.raises(DocumentError, match="too many contexts"):
        LocalContexts({f"https://x.example/{number}": b"{}" for number in range(65)})
    (tmp_path / "inside").mkdir()
    (tmp_path / "outside.jsonld").write_bytes(b'{"@context":{}}')
    names = tmp_path / "inside" / "contexts.json"
    names.write_text('{"https://x.example/": "../outside.jsonld"}')
    with pytest.raises(DocumentError, match="a context outside the folder of its list"):
        read_local_contexts([names])
    names.write_text('{"https://x.example/": 7}')
    with pytest.raises(SchemaError, match="not a list of contexts"):
        read_local_contexts([names])
    names.write_text('{"https://x.example/": "a"}')
    (tmp_path / "inside" / "a").write_bytes(b'{"@context":{}}')
    other = tmp_path / "contexts.json"
    other.write_text('{"https://x.example/": "b"}')
    (tmp_path / "b").write_bytes(b'{"@context":{"a":"urn:a:b"}}')
    with pytest.raises(DocumentError, match="two lists differ about a context"):
        read_local_contexts([names, other])


def test_contexts_that_the_processor_stumbles_over(contexts: LocalContexts) -> None:
    """They are whatever somebody named; what the processor raises then is none of its own errors."""
    for context, found in (([], "IndexError"), ({"age": "urn:a:b", "other": {"@id": False}}, "TypeError")):
        known = LocalContexts({"https://x.example/": json.dumps({"@context": context}).encode()})
        with pytest.raises(SchemaError, match=f"no JSON-LD that can be expanded; found {found}"):
            canonical_quads({"@context": ["https://x.example/"], "id": "urn:a:b", "age": "x"}, known)


def alike(width: int, depth: int) -> dict[str, Any]:
    """A tree whose branches nothing tells apart."""
    return {"a": [alike(width, depth - 1) for _ in range(width)]} if depth else {"a": "b"}


def test_graphs_that_cost_more_than_they_are_worth(contexts: LocalContexts) -> None:
    with pytest.raises(BoundError, match="a graph whose parts look alike in too many ways") as caught:
        canonical_quads(credential(alike(2, 10)), contexts)
    assert caught.value.expected == f"at most {MAX_ORDERS} orders to try"
    with pytest.raises(BoundError, match="a graph whose parts look alike in too many ways"):
        canonical_quads(credential([alike(12, 1), alike(12, 1)]), contexts)
    # Type, issuer and subject, then of each branch that the subject has it, what it has, and what that has.
    assert canonical_quads(credential({"a": [alike(1, 1) for _ in range(4)]}), contexts).count(b"\n") == 3 + 4 * 3
    with pytest.raises(BoundError, match="a list that is too long for a graph"):
        canonical_quads(credential({"a": ["b"] * (MAX_LIST + 1)}), contexts)
    with pytest.raises(BoundError, match="a document with too many values for a graph"):
        canonical_quads(credential({f"a{n}": ["b"] * MAX_LIST for n in range(MAX_VALUES // MAX_LIST + 1)}), contexts)
    with pytest.raises(BoundError, match="the document is too long"):
        read_rdf_secured(b" " * (1024 * 1024 + 1), contexts)


def test_without_the_processor_nothing_is_decided(contexts: LocalContexts, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = sign(credential({"name": "a"}), contexts)
    monkeypatch.setitem(sys.modules, "pyld.canon", None)
    with pytest.raises(CredentialError, match="RDF canonicalisation is not installed") as caught:
        verify(signed, contexts)
    assert caught.value.hint == "install carbon-passport[rdfc]"
    assert not isinstance(caught.value, SignatureError)


def test_a_passport_of_untp_06_that_is_signed_so(contexts: LocalContexts) -> None:
    plain = untp06()
    signed = sign(plain, contexts)
    assert has_rdf_proof(signed)
    assert not any(has_rdf_proof(each) for each in ({}, [], {"proof": []}, {"proof": {"cryptosuite": "x"}}))

    read = received(signed, contexts)
    assert (read.signed_by, read.problem) == (DID, None)
    assert read.body == rfc8785.dumps(plain)
    assert received(signed, None).problem == NO_CONTEXTS
    unread = received(signed, LocalContexts({}))
    assert (unread.signed_by, "a context that is not at hand" in str(unread.problem)) == (None, True)
    with pytest.raises(SignatureError, match="the signature does not hold"):
        received({**signed, "validFrom": "2026-01-02T00:00:00Z"}, contexts)
    stranger = sign({**plain, "issuer": {**plain["issuer"], "id": "did:web:famous.example"}}, contexts)
    with pytest.raises(PassportError, match="the issuer is not the one whose key signed"):
        received(stranger, contexts)
