"""Identity anchor, conformity credential and traceability events: as published, in both envelopes, and bent ones."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from issuer_world import NOW, SECRET, World, inventory

from passport.credentials import Ed25519Signer, jcs, read_secured
from passport.credentials.delivery import Purchase, check_delivery
from passport.credentials.untp_credential import Envelope, VerifiedCredential, sign_credential, verify_credential
from passport.errors import (
    AmountError,
    DeliveryError,
    PassportError,
    SchemaError,
    SignatureError,
    UnitError,
    UsageError,
)
from passport.filing import file_did_document, verify_event
from passport.ledger import Address, RegistryView
from passport.model import conformity_credential, identity_anchor, schema, traceability_event
from passport.model.conformity_credential import attests, build_conformity_credential
from passport.model.credential import Link
from passport.model.digest import Digest, digest_of, to_sha256
from passport.model.identity_anchor import RegistryEntry, build_identity_anchor
from passport.model.party import Party, Scheme
from passport.model.traceability_event import (
    Counterparty,
    EventProduct,
    Site,
    build_make_event,
    build_modify_event,
    build_move_event,
)
from passport.model.untp import Issued
from passport.store import DocumentKind, Store
from passport.workspace import Workspace

DIA, DTE, DCC = identity_anchor.SCHEMA, traceability_event.SCHEMA, conformity_credential.SCHEMA
PUBLISHED = {DIA: "DigitalIdentityAnchor", DTE: "DigitalTraceabilityEvent", DCC: "DigitalConformityCredential"}
PLANT, DOCK = Site("https://id.example/plants/1", "Plant 1"), Site("https://id.example/plants/2", "Plant 2")


@dataclass(frozen=True)
class Sold:
    """Beans with a passport, delivered to the mill."""

    passport: dict[str, Any]
    digest: Digest
    product: EventProduct
    documents: dict[str, dict[str, Any]]
    purchase: Purchase


def by(company: Workspace, name: str) -> Issued:
    did = company.settings.did or ""
    return Issued(
        f"https://{company.settings.host}/credentials/{name}", did, company.party, NOW, NOW + timedelta(days=365)
    )


@pytest.fixture(scope="module")
def sold(world: World) -> Sold:
    beans, mill = world.beans, world.mill
    issued = world.issuer(beans).issue(inventory(world.product()))
    body = beans.store.get_document(DocumentKind.PASSPORT, issued.digest)
    passport = read_secured(body, canonical=True).document
    subject = passport["credentialSubject"]
    product = EventProduct(subject["id"], subject["name"], "model", "1.5", "tonne", issued.id, issued.digest)
    made = product._replace(quantity="1500", unit="kilogram")
    buyer = Counterparty(mill.settings.did or "", mill.party)
    documents = {
        "move": build_move_event(
            by(beans, "move-1"),
            moved=[product],
            at=NOW,
            buyer=buyer,
            origin=PLANT,
            destination=DOCK,
            consignment="urn:example:consignment:1",
        ),
        "make": build_make_event(by(beans, "make-1"), inputs=[], outputs=[made], at=NOW, site=PLANT),
        "modify": build_modify_event(by(beans, "modify-1"), modified=[made], at=NOW, site=PLANT),
        "dcc": build_conformity_credential(
            by(mill, "dcc-1"),
            passport=passport,
            evidence=Link(issued.id, "Passport", issued.digest, "application/vc", traceability_event.LINK_PASSPORT),
            verdict="passed",
            report=Link(
                "https://mill.example/reports/1",
                "Audit report",
                digest_of(b"{}"),
                "application/json",
                conformity_credential.LINK_REPORT,
            ),
            assessed=NOW,
            assessor_level="buyer",
        ),
        "dia": build_identity_anchor(
            by(mill, "dia-1"),
            member_did=beans.settings.did or "",
            member=beans.party,
            registered=NOW,
            entry=RegistryEntry(
                beans.place.registry, beans.place.genesis, beans.place.issuer_id, beans.settings.controller or ""
            ),
        ),
    }
    move = sign_credential(documents["move"], DTE, beans.signer(SECRET), NOW)
    purchase = Purchase(
        delivery=move.doc_hash,
        buyer=f"LEI:{mill.party.identifier}",
        buyer_did=mill.settings.did or "",
        supplier=f"LEI:{beans.party.identifier}",
        supplier_did=beans.settings.did or "",
        subject_id=subject["id"],
        granularity="model",
        passport_digest=issued.digest,
        declared_amount="1",
        mass_per_declared_unit="1",
        unit="kilogram",
        drawn=Fraction(1500),
    )
    return Sold(passport, issued.digest, product, documents, purchase)


KINDS = {"move": DTE, "make": DTE, "modify": DTE, "dcc": DCC, "dia": DIA}


@pytest.mark.parametrize("name", KINDS)
def test_they_are_what_the_published_schema_asks_for(sold: Sold, shared: Path, name: str) -> None:
    file = shared / "standards/untp/0.7.0/schema" / f"{PUBLISHED[KINDS[name]]}.json"
    published = json.loads(file.read_bytes())
    judge = jsonschema_rs.Draft202012Validator(published, validate_formats=True, offline=True)
    schema.check(KINDS[name], sold.documents[name])
    judge.validate(sold.documents[name])


@pytest.mark.parametrize("envelope", Envelope)
@pytest.mark.parametrize("name", KINDS)
def test_either_envelope_holds_the_same_credential(world: World, sold: Sold, name: str, envelope: Envelope) -> None:
    issuer = world.mill if name in {"dcc", "dia"} else world.beans
    signer = issuer.signer(SECRET)
    signed = sign_credential(sold.documents[name], KINDS[name], signer, NOW, envelope=envelope)
    verified = verify_credential(signed.body, KINDS[name], lambda _: signer.multikey, at=NOW)
    assert verified.document == sold.documents[name]
    assert verified.doc_hash == signed.doc_hash == digest_of(jcs(sold.documents[name]))
    assert verified.issuer_did == issuer.settings.did
    stranger = world.rival.signer(SECRET)
    with pytest.raises(SignatureError, match="the signature does not hold"):
        verify_credential(signed.body, KINDS[name], lambda _: stranger.multikey, at=NOW)
    with pytest.raises(SignatureError, match="the issuer is not the one whose key signed"):
        sign_credential(sold.documents[name], KINDS[name], stranger, NOW, envelope=envelope)
    for moment in (NOW - timedelta(seconds=1), NOW + timedelta(days=366)):
        with pytest.raises(SchemaError, match="not valid at that moment"):
            verify_credential(signed.body, KINDS[name], lambda _: signer.multikey, at=moment)
    other = next(kind for kind in PUBLISHED if kind != KINDS[name])
    with pytest.raises(SchemaError, match="type: another kind of credential; expected Digital"):
        verify_credential(signed.body, other, lambda _: signer.multikey, at=NOW)


@pytest.mark.parametrize("name", KINDS)
def test_misspelt_members_are_found(sold: Sold, name: str) -> None:
    """The published schemas are open, and the context gives any term a meaning: the closed schema is what finds it."""
    subject = sold.documents[name]["credentialSubject"]
    wrong = copy.deepcopy(sold.documents[name])
    at = wrong["credentialSubject"][0] if isinstance(subject, list) else wrong["credentialSubject"]
    at["registerdName"] = "x"
    with pytest.raises(SchemaError, match=r"registerdName|none of|oneOf|valid under"):
        schema.check(KINDS[name], wrong)


# The identity anchor as evidence of a registration.


def test_the_evidence_on_the_registry_is_the_anchor(world: World, tmp_path: Path) -> None:
    newcomer = Workspace.create(
        tmp_path / "newcomer",
        clock=world.clock,
        party=Party(scheme=Scheme.EUID, identifier="ZZTEST.ANCHORED", name="Anchored", country="NL"),
        host="anchored.example",
        passphrase=SECRET,
        chain=world.chain_settings,
        kdf_passes=1,
    )
    with newcomer, Workspace.open(world.folder / "registrar", clock=world.clock) as registrar:
        registrar.join_chain(world.chain_settings)
        done = registrar.register(newcomer.folder / "registration.json", SECRET, with_identity_anchor=True)
        assert done.identity_anchor is not None
        multikey = registrar.signer(SECRET).multikey
        anchor = verify_credential(done.identity_anchor, DIA, lambda _: multikey, at=NOW)
        entity = RegistryView(registrar.ledger.state(), Address(registrar.chain.registry)).issuer(done.issuer_id)
        assert entity is not None
        assert entity.evidence_hash == to_sha256(anchor.doc_hash)
        subject = anchor.document["credentialSubject"]
        assert (subject["id"], subject["registeredId"]) == ("did:web:anchored.example", "EUID:ZZTEST.ANCHORED")
        assert subject["registryEntry"]["issuerId"] == done.issuer_id
        assert anchor.issuer_did == registrar.settings.did
        kept = registrar.store.find_documents(DocumentKind.IDENTITY_ANCHOR, own=True)
        (ref,) = [ref for ref in kept if ref.digest == anchor.doc_hash]
        assert registrar.store.get_document(DocumentKind.IDENTITY_ANCHOR, ref.digest) == done.identity_anchor


# Attestations.


def test_an_attestation_matches_the_claim_it_is_of(world: World, sold: Sold) -> None:
    attestation = sold.documents["dcc"]
    assert attests(attestation, sold.passport, sold.digest)
    (assessment,) = attestation["credentialSubject"]["conformityAssessment"]
    for change in (
        lambda a: a.update(conformance=False),
        lambda a: a["assessedProduct"][0]["product"].update(id="https://id.example/other"),
        lambda a: a["assessmentCriteria"][0].update(id="urn:example:criterion"),
        lambda a: a["conformityTopic"][0].update(id="urn:example:topic"),
        lambda a: a["evidence"][0].update(digestMultibase=digest_of(b"another version")),
        lambda a: a["assessedPerformance"][0]["measure"].update(value=1),
    ):
        other = copy.deepcopy(attestation)
        change(other["credentialSubject"]["conformityAssessment"][0])
        assert not attests(other, sold.passport, sold.digest)
    assert assessment["conformance"] is True


def test_an_attestation_vouches_for_no_other_version_of_the_product(sold: Sold) -> None:
    """The same product under the same criterion with a claim of its own: UNTP's ids alone would match."""
    better = copy.deepcopy(sold.passport)
    better["credentialSubject"]["performanceClaim"][0]["claimedPerformance"][0]["measure"]["value"] = 0.001
    attestation = sold.documents["dcc"]
    assert not attests(attestation, better, digest_of(jcs(better)))
    assert not attests(attestation, better, sold.digest)
    same = {**sold.passport, "validFrom": "2026-11-23T10:00:00Z"}
    assert not attests(attestation, same, digest_of(jcs(same)))


def test_what_nobody_can_attest(world: World, sold: Sold) -> None:
    link = Link("https://mill.example/r", "x", digest_of(b""), "application/json", conformity_credential.LINK_REPORT)
    said = {"passport": sold.passport, "evidence": link, "report": link, "assessed": NOW}
    with pytest.raises(UsageError, match="an audit that decided nothing attests nothing"):
        build_conformity_credential(by(world.mill, "x"), verdict="undecided", **said)
    with pytest.raises(UsageError, match="who attests its own passport is no other party"):
        build_conformity_credential(by(world.beans, "x"), verdict="passed", **said)
    failed = build_conformity_credential(by(world.mill, "x"), verdict="failed", **said)
    assert not attests(failed, sold.passport, sold.digest)


# Deliveries.


def verified(document: dict[str, Any]) -> VerifiedCredential:
    return VerifiedCredential(document, digest_of(jcs(document)), document["issuer"]["id"])


def test_a_delivery_bears_out_a_purchase(sold: Sold) -> None:
    """1.5 tonnes were delivered; 1,500 kilograms are used."""
    found = check_delivery(verified(sold.documents["move"]), sold.purchase)
    assert (found.amount, found.consignment, found.at) == (1500, "urn:example:consignment:1", 1795341600)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"delivery": digest_of(b"x")}, "delivery: another delivery"),
        ({"supplier_did": "did:web:rival.example"}, "supplier: another supplier"),
        ({"supplier": "LEI:999900FJELLVIK000155"}, "supplier: another supplier"),
        ({"buyer": "LEI:999900FJELLVIK000155"}, "buyer: another buyer"),
        ({"buyer_did": "did:web:rival.example"}, "buyer: another buyer"),
        ({"passport_digest": digest_of(b"x")}, "passport: the delivery does not name this product with this passport"),
        ({"granularity": "batch"}, "granularity: another granularity; expected batch; found model"),
        ({"subject_id": "https://id.example/other"}, "passport: the delivery does not name this product"),
        (
            {"drawn": Fraction(1500001, 1000)},
            r"quantity: less was delivered than is used; expected at least 1500.001 kilogram; found 1500 kilogram",
        ),
    ],
)
def test_deliveries_of_something_else(sold: Sold, change: dict[str, Any], reason: str) -> None:
    with pytest.raises(DeliveryError, match=reason):
        check_delivery(verified(sold.documents["move"]), sold.purchase._replace(**change))


def test_units_that_do_not_convert(sold: Sold) -> None:
    with pytest.raises(UnitError):
        check_delivery(
            verified(sold.documents["move"]), sold.purchase._replace(unit="hour", mass_per_declared_unit="0")
        )


def test_a_production_is_no_delivery(sold: Sold) -> None:
    made = verified(sold.documents["make"])
    with pytest.raises(DeliveryError, match="not a delivery; expected MoveEvent; found MakeEvent"):
        check_delivery(made, sold.purchase._replace(delivery=made.doc_hash))


def test_numbers_for_others_and_amounts_for_us_are_the_same(sold: Sold) -> None:
    """A supplier that shows UNTP's readers one quantity and us another."""
    document = copy.deepcopy(sold.documents["move"])
    document["credentialSubject"][0]["movedProduct"][0]["quantity"]["value"] = 1
    bent = verified(document)
    schema.check(DTE, document)
    with pytest.raises(DeliveryError, match="the delivery's measures are not its exact quantities"):
        check_delivery(bent, sold.purchase._replace(delivery=bent.doc_hash))


def test_a_mass_of_what_is_declared_otherwise(sold: Sold) -> None:
    """1.5 tonnes of what is declared per two pieces, which weigh a kilogram together, are 3,000 pieces."""
    pieces = sold.purchase._replace(unit="piece", declared_amount="2", mass_per_declared_unit="1", drawn=Fraction(3000))
    found = check_delivery(verified(sold.documents["move"]), pieces)
    assert (found.amount, found.consignment) == (3000, "urn:example:consignment:1")
    with pytest.raises(DeliveryError, match="expected at least 3001 piece; found 3000 piece"):
        check_delivery(verified(sold.documents["move"]), pieces._replace(drawn=Fraction(3001)))


@pytest.mark.parametrize(
    ("unit", "amount", "error", "reason"),
    [
        ("megabit second", "1", UnitError, "UN/ECE Recommendation 20 has no code"),
        ("kilogram", "1.50", AmountError, "."),
        ("kilogram", "1e3", AmountError, "."),
    ],
)
def test_quantities_that_cannot_be_stated(
    world: World, sold: Sold, unit: str, amount: str, error: type[PassportError], reason: str
) -> None:
    product = sold.product._replace(quantity=amount, unit=unit)
    with pytest.raises(error, match=reason):
        build_modify_event(by(world.beans, "x"), modified=[product], at=NOW, site=PLANT)


@given(data=st.data())
def test_a_changed_byte_is_found(world: World, sold: Sold, data: st.DataObject) -> None:
    signer = KEPT.setdefault("signer", world.beans.signer(SECRET))
    envelope = data.draw(st.sampled_from(Envelope))
    body = bytearray(sign_credential(sold.documents["move"], DTE, signer, NOW, envelope=envelope).body)
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != body[at]))
    with pytest.raises(PassportError):
        verify_credential(bytes(body), DTE, lambda _: signer.multikey, at=NOW)


KEPT: dict[str, Any] = {}
"""The opened key: opening it takes longer than all the rest."""


@given(data=st.binary(max_size=100))
def test_bytes_that_are_no_credential(data: bytes) -> None:
    with pytest.raises(PassportError):
        verify_credential(data, DTE, lambda method: method, at=NOW)


@pytest.mark.parametrize("envelope", list(Envelope))
@pytest.mark.parametrize("word", ["expires", "revoked"])
def test_a_delivery_by_a_key_that_has_ended_says_so(
    world: World, sold: Sold, tmp_path: Path, envelope: Envelope, word: str
) -> None:
    """Its signature holds and its key is of no use any more: which, since when, and what to ask for."""
    company, did = world.beans, world.beans.settings.did or ""
    filed = company.store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did, own=True)[-1]
    document = json.loads(company.store.get_document(DocumentKind.DID_DOCUMENT, filed.digest))
    for method in document["verificationMethod"]:
        method[word] = "2026-11-20T00:00:00Z"
    signer = company.signer(SECRET)
    signed = sign_credential(sold.documents["move"], DTE, signer, NOW, envelope=envelope)
    with Store.open(tmp_path / "buyer.db", clock=world.clock) as store:
        file_did_document(store, did, jcs(document))
        with pytest.raises(SignatureError, match="signed with a key that has ended") as caught:
            verify_event(store, signed.body, at=NOW)
        method = signer.verification_method + ("-jwk" if envelope is Envelope.JWT else "")
        assert (caught.value.where, caught.value.expected) == (method, "before 2026-11-20T00:00:00Z")
        other = {**sold.documents["move"], "name": "Another delivery"}
        stranger = Ed25519Signer.generate(verification_method=signer.verification_method)
        bent = sign_credential(other, DTE, stranger, NOW, envelope=envelope)
        with pytest.raises(SignatureError, match="no DID document at hand has a key under this method"):
            verify_event(store, bent.body, at=NOW)  # its signature holds under no key, ended or not
