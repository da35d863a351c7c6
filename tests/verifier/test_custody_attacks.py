"""Attacks on one delivery, each of which fails for its own reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from custody_sales import YEAR, Sale, failure, ore, unknown_reason
from verifier_products import product_id
from verifier_world import NOW, World, signer_of

from passport.credentials import build_did_web_document, jcs
from passport.credentials.untp_credential import sign_credential
from passport.model.digest import digest_of
from passport.model.traceability_event import SCHEMA, EventProduct, Site, build_make_event
from passport.model.untp import Issued


def test_a_quantity_raised_after_signing(sale: Sale) -> None:
    """The buyer pins what it made of the supplier's document; the supplier's key did not sign that."""
    signed = sign_credential(ore(sale.world, "8000"), SCHEMA, sale.world.companies["mine"].signer, NOW).body
    body = signed.replace(b'"amount":"8000"', b'"amount":"9000"').replace(b'"value":8000', b'"value":9000')
    document = ore(sale.world, "9000")
    digest = digest_of(jcs(document))
    sale.source.deliveries[digest] = body
    sale.name(digest)
    reason, _, _ = failure(sale.audit())
    assert reason.startswith("row ore: the delivery: the signature does not hold")


def test_another_delivery_in_its_place(sale: Sale) -> None:
    """Signed by the supplier, of the same goods, and not the one that is pinned."""
    digest = sale.file(ore(sale.world))
    other = sign_credential(ore(sale.world, name="2"), SCHEMA, sale.world.companies["mine"].signer, NOW)
    sale.source.deliveries[digest] = other.body
    assert failure(sale.audit()) == ("row ore: another delivery", digest, other.doc_hash)


def test_a_strangers_delivery(sale: Sale) -> None:
    """The parts maker signs, under its own name, that it delivered the mine's ore."""
    document = ore(sale.world)
    parts = sale.world.companies["parts"]
    document["issuer"]["id"] = parts.did
    sale.file(document, by=parts.signer)
    assert failure(sale.audit()) == ("row ore: another supplier", "did:web:mine.example", "did:web:parts.example")


def test_a_strangers_key_in_the_suppliers_name(sale: Sale) -> None:
    sale.file(ore(sale.world), by=signer_of("stranger", "did:web:mine.example#key-1"))
    reason, _, _ = failure(sale.audit())
    assert reason.startswith("row ore: the delivery: the signature does not hold")


def test_a_strangers_key_and_did_document(sale: Sale) -> None:
    """Anybody may file a DID document; only a key that the registry has bound to the mine speaks for it."""
    stranger = signer_of("stranger", "did:web:mine.example#key-9")
    multikeys = [*[sale.world.companies["mine"].signer.multikey] * 8, stranger.multikey]
    document = build_did_web_document("did:web:mine.example", multikeys=multikeys)
    sale.source.more_dids["did:web:mine.example"] = [document]
    sale.file(ore(sale.world), by=stranger)
    reason, expected, found = failure(sale.audit())
    assert reason.startswith("row ore: the delivery's signer: no registrar's entity vouches for this key")
    assert (expected, found) == ("a bound credential key", stranger.multikey)


def test_a_did_document_of_a_stranger_alone(sale: Sale) -> None:
    """Where the true document is not at hand a stranger's counts against nobody."""
    sale.source.forget_did_documents("did:web:mine.example")
    stranger = signer_of("stranger", "did:web:mine.example#key-1")
    document = build_did_web_document("did:web:mine.example", multikeys=[stranger.multikey])
    sale.source.more_dids["did:web:mine.example"] = [document]
    sale.file(ore(sale.world))
    report = sale.audit()
    reason = unknown_reason(report)
    assert reason == "row ore: no DID document at hand names a key that the registry has bound to the supplier"
    copied = sign_credential(ore(sale.world), SCHEMA, stranger, NOW)  # of the same hash: proofs are not in it
    assert copied.doc_hash in sale.source.deliveries
    sale.source.deliveries[copied.doc_hash] = copied.body
    reason = unknown_reason(sale.world.audit(report.top, sale.source))
    assert reason == "row ore: who answers for the passport that was delivered is not settled"


def _changed(change: Callable[[dict[str, Any]], object]) -> Callable[[World], dict[str, Any]]:
    def make(world: World) -> dict[str, Any]:
        document = ore(world)
        change(document["credentialSubject"][0])
        return document

    return make


def _party(moved: dict[str, Any], role: int) -> dict[str, Any]:
    party: dict[str, Any] = moved["relatedParty"][role]["party"]
    return party


ATTACKS: dict[str, tuple[Callable[[World], dict[str, Any]], str]] = {
    "a delivery to somebody else": (lambda world: ore(world, buyer="parts"), "another buyer"),
    "to the buyer's entity under another DID": (
        _changed(lambda moved: _party(moved, 1).update(id="did:web:parts.example")),
        "another buyer",
    ),
    "to the buyer's DID as another entity": (
        _changed(lambda moved: _party(moved, 1).update(registeredId="VAT:CZ99999904")),
        "another buyer",
    ),
    "consigned by somebody else": (
        _changed(lambda moved: _party(moved, 0).update(registeredId="VAT:CZ99999904")),
        "another supplier",
    ),
    "consigned under another DID": (
        _changed(lambda moved: _party(moved, 0).update(id="did:web:parts.example")),
        "another supplier",
    ),
    "of another product": (
        _changed(
            lambda moved: (
                moved["exactQuantity"][0].update(product=product_id("grid")),
                moved["movedProduct"][0]["product"].update(id=product_id("grid")),
            )
        ),
        "the delivery does not name this product with this passport",
    ),
    "under another version's passport": (
        _changed(lambda moved: moved["exactQuantity"][0].update(passport=digest_of(b"an older version"))),
        "the delivery does not name this product with this passport",
    ),
    "of an item instead of a batch": (
        _changed(lambda moved: moved["movedProduct"][0]["product"].update(idGranularity="item")),
        "another granularity",
    ),
    "a little less than is used": (
        lambda world: ore(world, "8999.999999999999999"),
        "less was delivered than is used",
    ),
    "in hours": (lambda world: ore(world, "9500", "hour"), "hour does not convert to kilogram"),
    "other numbers for other readers": (
        _changed(lambda moved: moved["movedProduct"][0]["quantity"].update(value=95000)),
        "the delivery's measures are not its exact quantities",
    ),
    "delivered a year after the passport": (
        lambda world: ore(world, delivered=NOW + YEAR),
        "delivered only after the passport that names it was anchored",
    ),
    "delivered on a day that no calendar has": (
        _changed(lambda moved: moved.update(eventDate="2026-02-31T00:00:00Z")),
        "delivered on no day of the calendar",
    ),
    "valid only a year after": (lambda world: ore(world, at=NOW + YEAR), "the delivery: not valid at that moment"),
    "a production": (
        lambda world: build_make_event(
            Issued("https://mine.example/events/1", "did:web:mine.example", world.companies["mine"].party, NOW),
            inputs=[],
            outputs=[_ore_product(world)],
            at=NOW,
            site=Site("https://id.example/414/ore", "plant of ore"),
        ),
        "not a delivery",
    ),
}


def _ore_product(world: World) -> EventProduct:
    issued = world.issued["ore"]
    return EventProduct(product_id("ore"), issued.name, "batch", "9500", "kilogram", issued.id, issued.digest)


@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_fails_for_its_own_reason(sale: Sale, name: str) -> None:
    make, expected = ATTACKS[name]
    sale.file(make(sale.world))
    reason, _, _ = failure(sale.audit())
    assert reason == f"row ore: {expected}"


def test_what_is_no_event_at_all(sale: Sale) -> None:
    """A passport of the supplier's own, under the digest that the row names."""
    digest = sale.world.issued["ore"].digest
    sale.source.deliveries[digest] = sale.world.source.passports[digest]
    sale.name(digest)
    reason, expected, _ = failure(sale.audit())
    assert (reason, expected) == ("row ore: the delivery: another kind of credential", "DigitalTraceabilityEvent")
