"""What we issue, judged by dppvalidator, a validator of UNTP passports in Python: as it is, and with one thing changed.

It judges the published schema, its own models and rules, JSON-LD with the published contexts, and compact JWS by the
keys of a DID document. Of Data Integrity proofs it knows no cryptosuite (see the last test), so our signature is shown
to it as the `vc+jwt` of the same passport.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from issuer_world import NOW, SECRET, World, direct, inventory

from passport.credentials import jcs, key_for, read_did_document, read_secured
from passport.credentials.vc_jwt import sign_vc_jwt, verify_vc_jwt
from passport.errors import PassportError
from passport.model import schema
from passport.store import DocumentKind

CONTEXTS = {  # in standards/vc/contexts; those of UNTP are listed in standards/untp/contexts.json
    "https://www.w3.org/ns/credentials/v2": "credentials-v2.jsonld",
    "https://w3id.org/security/data-integrity/v2": "data-integrity-v2.jsonld",
}


@pytest.fixture(scope="module")
def peer(shared: Path) -> Iterator[SimpleNamespace]:
    """The validator, with the published contexts instead of the network."""
    pytest.importorskip("dppvalidator", reason="dppvalidator is not installed: make setup-dev")
    from dppvalidator import ValidationEngine
    from dppvalidator.verifier.did import DIDResolver
    from dppvalidator.verifier.verifier import CredentialVerifier
    from pyld import jsonld

    untp = json.loads((shared / "standards/untp/contexts.json").read_text("utf-8"))
    files = {url: f"standards/vc/contexts/{name}" for url, name in CONTEXTS.items()}
    files |= {url: f"standards/untp/{path}" for url, path in untp.items()}

    def load(url: str, _: dict[str, Any]) -> dict[str, Any]:
        document = json.loads((shared / files[url]).read_text("utf-8"))
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}

    before = jsonld.get_document_loader()
    jsonld.set_document_loader(load)
    yield SimpleNamespace(engine=ValidationEngine, resolver=DIDResolver, verifier=CredentialVerifier)
    jsonld.set_document_loader(before)


@pytest.fixture(scope="module")
def body(world: World) -> bytes:
    """A signed passport."""
    issued = world.issuer(world.mill).issue(inventory(world.product(), direct()))
    world.mill.publish()
    return world.mill.store.get_document(DocumentKind.PASSPORT, issued.digest)


@pytest.fixture(scope="module")
def passport(body: bytes) -> dict[str, Any]:
    return read_secured(body, canonical=True).document


@pytest.fixture(scope="module")
def judge(peer: SimpleNamespace) -> Callable[[Any], list[str]]:
    """Which of the peer's rules a document breaks, by schema, models, rules and JSON-LD."""
    engine = peer.engine("0.7.0", validate_jsonld=True, load_plugins=False)
    return lambda document: sorted({error.code for error in engine.validate(document).errors})


@pytest.fixture(scope="module")
def verify(
    peer: SimpleNamespace, world: World, passport: dict[str, Any]
) -> Callable[[str, str], tuple[Any, list[str]]]:
    """Whether a JWS holds by the key that a method names in our DID document, and what is said if not."""
    ours = json.loads((world.mill.public / "did.json").read_text("utf-8"))

    class Resolver(peer.resolver):  # type: ignore[misc, name-defined]  # a class that is there at run time
        def resolve(self, did: str) -> Any:
            return self._parse_did_document(ours) if did == ours["id"] else None

    verifier = peer.verifier(did_resolver=Resolver())

    def ask(jws: str, method: str) -> tuple[Any, list[str]]:
        proof = {"type": "JsonWebSignature2020", "verificationMethod": method, "jws": jws}
        result = verifier.verify({**passport, "proof": proof})
        return result.verified, result.errors

    return ask


def test_a_passport_is_valid_there(judge: Callable[[Any], list[str]], body: bytes, passport: dict[str, Any]) -> None:
    assert judge(passport) == []
    assert judge(json.loads(body)) == []  # with its proof


def test_what_is_no_json_is_read_nowhere(judge: Callable[[Any], list[str]], body: bytes) -> None:
    assert judge(body[:-1].decode()) == ["PRS002"]
    with pytest.raises(PassportError, match="not JSON"):
        read_secured(body[:-1], canonical=True)


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        at: Any = document
        *steps, last = path.split(".")
        for step in steps:
            at = at[int(step)] if step.isdigit() else at[step]
        if value is None:
            del at[last]
        else:
            at[last] = value

    return change


BENT = {  # the change; the peer's codes: SCH of the schema, MDL of its models, JLD of JSON-LD; our reason
    "no issuer": (put("issuer", None), ["MDL001", "SCH001"], "issuer"),
    "no id of the product": (put("credentialSubject.id", None), ["MDL001", "SCH001"], "id"),
    "no name of the product": (put("credentialSubject.name", None), ["MDL001", "SCH001"], "name"),
    "a name that is a number": (put("credentialSubject.name", 5), ["MDL010", "SCH002"], "name"),
    "another granularity": (put("credentialSubject.idGranularity", "heap"), ["MDL060", "SCH003"], "idGranularity"),
    "another type": (put("type", ["VerifiableCredential"]), ["SCH019"], "type"),
    "a term of nobody's": (
        put("credentialSubject.performanceClaim.0.claimedPerformance.0.measure.misspelt", "x"),
        ["MDL099", "SCH010"],
        "misspelt",
    ),
    "another context": (
        put("@context", ["https://www.w3.org/ns/credentials/v2", "https://other.example/"]),
        ["JLD001", "SCH014"],
        "@context",
    ),
}


@pytest.mark.parametrize("name", BENT)
def test_a_document_of_another_shape_is_refused_by_both(
    judge: Callable[[Any], list[str]], passport: dict[str, Any], name: str
) -> None:
    change, codes, reason = BENT[name]
    document = copy.deepcopy(passport)
    change(document)
    assert judge(document) == codes
    with pytest.raises(PassportError, match=reason):
        schema.check("untp-dpp-0.7.0-issuing", document)


def changed(jws: str, passport: dict[str, Any]) -> dict[str, str]:
    header, payload, signature = jws.split(".")
    other = jcs({**passport, "name": passport["name"] + "!"})
    return {
        "payload": f"{header}.{base64.urlsafe_b64encode(other).rstrip(b'=').decode()}.{signature}",
        "signature": f"{header}.{payload}.{('B' if signature[0] == 'A' else 'A') + signature[1:]}",
    }


def test_a_signature_and_its_binding(
    world: World, verify: Callable[[str, str], tuple[Any, list[str]]], passport: dict[str, Any]
) -> None:
    """Held by the key that our DID document gives; by no other key, and over nothing else."""
    jws = sign_vc_jwt(passport, world.mill.signer(SECRET)).body.decode()
    did = world.mill.settings.did or ""
    document = read_did_document((world.mill.public / "did.json").read_bytes(), did=did)

    def lookup(method: str) -> str:
        return key_for(document, method)

    method = verify_vc_jwt(jws.encode(), lookup, at=NOW).verification_method
    assert verify(jws, method) == (True, [])
    for each in changed(jws, passport).values():
        assert verify(each, method) == (False, ["Signature verification failed"])
        with pytest.raises(PassportError, match="the signature does not hold"):
            verify_vc_jwt(each.encode(), lookup, at=NOW)
    assert verify(jws, f"{did}#key-9") == (False, [f"Verification method not found: {did}#key-9"])
    with pytest.raises(PassportError, match="key-9"):
        lookup(f"{did}#key-9")
    other = sign_vc_jwt(passport, world.beans.signer(SECRET)).body.decode()
    assert verify(other, method) == (False, ["Signature verification failed"])
    with pytest.raises(PassportError, match="beans"):
        verify_vc_jwt(other.encode(), lookup, at=NOW)


def test_of_data_integrity_it_knows_no_cryptosuite(peer: SimpleNamespace, shared: Path) -> None:
    """It holds a published passport of others, signed with the same suite, for forged: what it says of ours is void."""
    sample = shared / "standards/untp/signed-samples/digitalbazaar-issued-dpp-0.7.0-eddsa-jcs-2022.json"
    published = json.loads(sample.read_text("utf-8"))
    assert published["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    result = peer.verifier().verify(published)
    assert (result.verified, result.errors) == (False, ["Signature verification failed"])
