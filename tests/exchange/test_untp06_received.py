"""UNTP 0.6 passports in every envelope: those the UN signed, changed ones, and those nobody can vouch for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials import Ed25519Signer, KeyDidResolver, add_proof, jcs, key_for, key_lookup, read_did_document
from passport.credentials.vc_jwt import envelope, sign_vc_jwt
from passport.errors import PassportError, ResolutionError, SignatureError
from passport.exchange.untp06 import is_untp06, read_untp06
from passport.exchange.untp06_received import NO_CONTEXTS, NOT_SIGNED, receive_untp06
from passport.model.digest import digest_of
from verifier.imports import NOTHING_TO_COPY, examine_import
from verifier.layered_source import EmptySource
from verifier.outcome import CHECK_ORDER, CheckId, Outcome

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SIGNER = Ed25519Signer.generate()
DID = SIGNER.verification_method.partition("#")[0]
PLAIN: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/"],
    "type": ["DigitalProductPassport", "VerifiableCredential"],
    "id": "https://cells.example/passports/1",
    "issuer": {"id": DID, "name": "Cells"},
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {"product": {"id": "https://id.example/cell", "name": "Cell"}},
}
LOOKUP = key_lookup(KeyDidResolver())


def nobody(method: str) -> str:
    raise ResolutionError("nobody vouches for it", where=method)


def test_the_passport_that_the_un_signed(shared: Path) -> None:
    """Enveloped as published: the UN's key says so, without it nobody does, and one changed character is refused."""
    data = (shared / "standards/untp/signed-samples/playground-dpp-0.6.0.enveloped.json").read_bytes()
    file = shared / "standards/untp/signed-samples/did-web-uncefact-vckit-test.did.json"
    did = json.loads(file.read_bytes())["id"]
    lookup = partial(key_for, read_did_document(file.read_bytes(), did=did))
    received = receive_untp06(data, lookup, at=NOW)
    assert (received.signed_by, received.problem, received.is_valid) == (did, None, True)
    stated = received.passport
    assert (stated.version, stated.product_name, stated.granularity, stated.batch_number) == (
        "0.6.0-beta1",
        "EV battery 300Ah.",
        "batch",
        "6789",
    )
    assert stated.footprint is not None
    assert (stated.footprint.kg_co2e_per_declared_unit, stated.footprint.declared_unit_code) == ("1.8", "KGM")
    assert received.passport == read_untp06(received.body)
    open_ = receive_untp06(data, nobody, at=NOW)
    assert (open_.signed_by, open_.body) == (None, received.body)
    assert "nobody vouches for it" in str(open_.problem)
    assert not receive_untp06(data, lookup, at=datetime(2090, 1, 1, tzinfo=UTC)).is_valid
    jwt = json.loads(data)["id"].partition(",")[2]
    head, payload, signature = jwt.split(".")
    bent = ".".join([head, payload, ("A" if signature[0] != "A" else "B") + signature[1:]])
    with pytest.raises(SignatureError, match="the signature does not hold"):
        receive_untp06(bent.encode(), lookup, at=NOW)


def test_every_envelope_holds_the_same_passport() -> None:
    jwt = sign_vc_jwt(PLAIN, SIGNER).body
    forms = [
        json.dumps(PLAIN, indent=1).encode(),
        add_proof(PLAIN, SIGNER, NOW),
        jwt + b"\n",
        json.dumps(envelope(jwt)).encode(),
    ]
    received = [receive_untp06(each, LOOKUP, at=NOW) for each in forms]
    assert {each.body for each in received} == {jcs(PLAIN)}
    assert [each.signed_by for each in received] == [None, DID, DID, DID]
    assert received[0].problem == NOT_SIGNED


def test_signatures_that_are_refused_or_stay_open() -> None:
    stranger = Ed25519Signer.generate()
    signed = json.loads(add_proof(PLAIN, SIGNER, NOW))
    with pytest.raises(SignatureError, match="the signature does not hold"):
        receive_untp06(jcs({**signed, "name": "x"}), LOOKUP, at=NOW)
    for taken in (sign_vc_jwt(PLAIN, stranger).body, add_proof(PLAIN, stranger, NOW)):
        with pytest.raises(SignatureError, match="the issuer is not the one whose key signed"):
            receive_untp06(taken, LOOKUP, at=NOW)
    other = {**signed, "proof": {**signed["proof"], "cryptosuite": "eddsa-rdfc-2022"}}
    received = receive_untp06(jcs(other), LOOKUP, at=NOW)
    assert (received.signed_by, received.problem) == (None, NO_CONTEXTS)
    unheard = {**signed, "proof": {**signed["proof"], "cryptosuite": "bbs-2023"}}
    received = receive_untp06(jcs(unheard), LOOKUP, at=NOW)
    assert (received.signed_by, "unknown cryptosuite" in str(received.problem)) == (None, True)
    more = {**signed, "@context": [*signed["@context"], "https://www.w3.org/ns/credentials/undefined-terms/v2"]}
    with pytest.raises(PassportError, match="a context that the proof does not cover"):
        receive_untp06(jcs(more), LOOKUP, at=NOW)


@pytest.mark.parametrize("context", [{"carbonFootprint": "https://x.example/"}, "https://x.example/redefines", 7])
def test_contexts_that_may_redefine_a_figure(context: object) -> None:
    with pytest.raises(PassportError, match="a context by which the terms may mean something else"):
        receive_untp06(json.dumps({**PLAIN, "@context": [*PLAIN["@context"], context]}).encode(), LOOKUP, at=NOW)


def test_what_is_one() -> None:
    assert is_untp06(PLAIN)
    assert not any(is_untp06(each) for each in ({}, [], None, {"@context": "x"}, {"@context": [7]}))


ODD = [b"[]", b"{}", b"a.b.c", b'{"type":"EnvelopedVerifiableCredential"}']


@given(data=st.one_of(st.binary(max_size=60), st.sampled_from(ODD)))
def test_anything_else_is_refused_with_our_errors(data: bytes) -> None:
    with pytest.raises(PassportError):
        receive_untp06(data, LOOKUP, at=NOW)


class _Handed(EmptySource):
    """Whoever hands one document out."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def imported(self, digest: str) -> bytes | None:
        return self.body


def test_as_an_input_it_is_signed_by_nobody_and_bears_out_no_row() -> None:
    """Of the checks that an import skips it skips all; what a row copies of it, it has not stated."""
    body = jcs(PLAIN)
    record = examine_import(_Handed(body), digest_of(body), PLAIN["id"], max_bytes=1 << 20)
    skips = (CheckId.CUSTODY, CheckId.DOUBLE_COUNTING, CheckId.EQUIVOCATION, CheckId.LEDGER_FOOTPRINT)
    assert {check for check in CHECK_ORDER if record.outcome(check) is Outcome.SKIPPED} == set(skips)
    assert {record.outcome(check) for check in (CheckId.DIGEST, CheckId.SCHEMA)} == {Outcome.PASSED}
    agreement = record.row(CheckId.AGREEMENT)
    assert agreement is not None
    assert (agreement.outcome, agreement.reason) == (Outcome.FAILED, NOTHING_TO_COPY)
