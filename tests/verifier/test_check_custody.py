"""`custody`: a delivery is the supplier's own word, of that product, to that buyer, in time, and enough for all."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bundle_text import BundleText
from forge import Draft, Forged, draft_of
from judged import node, only_failure, row, rows_of
from memory_source import MemorySource
from verifier_products import product_id
from verifier_world import NOW, World, delivery_of, signer_of

from passport.credentials import Signer, build_did_web_document, jcs, key_hash, sign_document
from passport.credentials.status_list import StatusEntry, StatusList, StatusPurpose, build_status_credential
from passport.credentials.untp_credential import Envelope, sign_credential
from passport.credentials.vc_jwt import sign_vc_jwt
from passport.errors import DocumentError
from passport.model.credential import credential_issuer
from passport.model.digest import digest_of
from passport.model.traceability_event import SCHEMA, EventProduct, Site, build_make_event
from passport.model.untp import Issued
from verifier.bundle import BundleFile, from_base64url
from verifier.bundle_source import BundleSource
from verifier.bundling import make_bundle
from verifier.examine import Limits
from verifier.outcome import CheckId, Outcome
from verifier.policy import UpstreamDecided, default_policy, strict_policy
from verifier.record import NO_DELIVERY, NodeKind, NodeRecord
from verifier.report import Report

YEAR = timedelta(days=365)


@dataclass
class Sale:
    """A batch of metal that names a delivery of its ore, taken apart and put together again by its maker."""

    world: World
    draft: Draft
    source: MemorySource

    def name(self, digest: str, name: str = "ore") -> None:
        self.draft.row(name)["delivery"] = digest

    def file(
        self,
        document: dict[str, Any],
        *,
        by: Signer | None = None,
        envelope: Envelope = Envelope.EMBEDDED,
        created: datetime = NOW,
    ) -> str:
        """Sign a delivery (the mine, if nobody else is named), hand it out and name it."""
        signer = by or self.world.companies["mine"].signer
        signed = sign_credential(document, SCHEMA, signer, created, envelope=envelope)
        self.source.deliveries[signed.doc_hash] = signed.body
        self.name(signed.doc_hash)
        return signed.doc_hash

    def publish(self) -> Forged:
        return self.draft.publish(source=self.source)

    def audit(self, **how: Any) -> Report:
        return self.world.audit(self.publish().digest, self.source, **how)


def sale_in(world: World) -> Sale:
    source = world.source.clone()
    return Sale(world, draft_of(world, "metal"), source)


@pytest.fixture
def sale(world: World) -> Sale:
    return sale_in(world)


def ore(world: World, quantity: str = "9500", unit: str = "kilogram", **more: Any) -> dict[str, Any]:
    """The mine's account of a delivery to the smelter."""
    return delivery_of(world, "ore", more.pop("buyer", "smelter"), quantity, unit, **more)


def failure(report: Report) -> tuple[str, str | None, str | None]:
    found = only_failure(report, "metal", "custody")
    assert found.reason is not None
    return found.reason, found.expected, found.found


def unknown_reason(report: Report) -> str:
    assert rows_of(report, Outcome.FAILED) == {}
    assert report.verdict == "undecided"
    found = row(report, "metal", "custody")
    assert (found.outcome, found.reason is not None) == (Outcome.UNKNOWN, True)
    return str(found.reason)


# What holds


def test_the_honest_delivery(world: World) -> None:
    """9.5 t of ore for 3,000 kg of metal at 3 kg each."""
    report = world.audit(world.issued["metal"].digest)
    assert report.verdict == "passed"
    assert row(report, "metal", "custody").outcome is Outcome.PASSED
    assert row(report, "ore", "custody").reason == NO_DELIVERY


@pytest.mark.parametrize("envelope", Envelope)
@pytest.mark.parametrize(("quantity", "unit"), [("9000", "kilogram"), ("9", "tonne"), ("9000000", "gram")])
def test_exactly_what_is_used(sale: Sale, envelope: Envelope, quantity: str, unit: str) -> None:
    sale.file(ore(sale.world, quantity, unit), envelope=envelope)
    report = sale.audit()
    assert (report.verdict, row(report, "metal", "custody").outcome) == ("passed", Outcome.PASSED)


def test_a_mass_of_pieces(world: World) -> None:
    """800 kg of housings at 4 kg each are the 200 pieces that 100 packs take; a gram less is too little."""
    for quantity, outcome in (("800", Outcome.PASSED), ("799.999", Outcome.FAILED)):
        source, draft = world.source.clone(), draft_of(world, "pack")
        signer = world.companies["parts"].signer
        document = delivery_of(world, "housing", "maker", quantity)
        signed = sign_credential(document, SCHEMA, signer, NOW)
        source.deliveries[signed.doc_hash] = signed.body
        draft.row("housing")["delivery"] = signed.doc_hash
        report = world.audit(draft.publish(source=source).digest, source)
        assert row(report, "pack", "custody").outcome is outcome


# What is withheld, or cannot be known


def test_a_delivery_that_is_withheld(world: World) -> None:
    """Unknown: at the top it leaves the verdict open, below it only a strict reader minds."""
    source = world.source.clone()
    source.deliveries.clear()
    metal = world.audit(world.issued["metal"].digest, source)
    assert unknown_reason(metal) == "row ore: the delivery is not at hand"
    assert metal.reasons == ("Product metal: custody unknown: row ore: the delivery is not at hand",)
    pack = world.audit(source=source)
    assert row(pack, "metal", "custody").outcome is Outcome.UNKNOWN
    assert pack.verdict == "passed"
    strict = UpstreamDecided(frozenset()).judge(pack)
    assert any("custody unknown: row ore" in reason for reason in strict.reasons)


def test_without_a_chain_nobody_knows_who_signed(world: World) -> None:
    report = world.audit(world.issued["metal"].digest, without_trust=True)
    assert row(report, "metal", "custody").outcome is Outcome.UNKNOWN
    assert "not settled" in str(row(report, "metal", "custody").reason)


def test_rows_that_are_withheld_may_name_deliveries(sale: Sale) -> None:
    sale.draft.opened = lambda entry: entry["id"] != "grid"
    report = sale.audit(policy=default_policy(min_recomputed=0))
    assert row(report, "metal", "custody").reason == "rows are withheld"


def test_a_did_document_that_is_not_at_hand(sale: Sale) -> None:
    """The mine's own passport cannot be judged either; nothing is said to be wrong."""
    sale.source.forget_did_documents("did:web:mine.example")
    report = sale.audit()
    assert unknown_reason(report) == "row ore: the supplier's DID document is not at hand"


def test_a_delivery_longer_than_is_read(sale: Sale) -> None:
    document = ore(sale.world)
    (moved,) = document["credentialSubject"]
    for number in range(200):
        shown, exact = copy.deepcopy(moved["movedProduct"][0]), copy.deepcopy(moved["exactQuantity"][0])
        shown["product"]["id"] = exact["product"] = f"https://id.example/01/other-{number}"
        moved["movedProduct"].append(shown)
        moved["exactQuantity"].append(exact)
    sale.file(document)
    assert sale.audit().verdict == "passed"
    limited = sale_in(sale.world)
    limited.source.deliveries.update(sale.source.deliveries)
    limited.name(sale.draft.row("ore")["delivery"])
    report = limited.audit(limits=Limits(document_bytes=20_000))
    assert unknown_reason(report) == "row ore: the delivery is larger than 20000 bytes"


def test_a_delivery_of_what_nobody_signed(world: World) -> None:
    """The coating is a PACT footprint: who supplied it, no passport says."""
    source, draft = world.source.clone(), draft_of(world, "housing")
    signed = sign_credential(ore(world), SCHEMA, world.companies["mine"].signer, NOW)
    source.deliveries[signed.doc_hash] = signed.body
    draft.row("coating")["delivery"] = signed.doc_hash
    report = world.audit(draft.publish(source=source).digest, source)
    assert row(report, "housing", "custody").reason == (
        "row coating: the passport that was delivered is not at hand, or nobody signed it"
    )


# Attacks on one delivery


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


# Keys and times


def test_a_key_retired_between_delivery_and_passport(own_world: World) -> None:
    """By its own word the delivery was signed before; nothing proves it, so it is neither passed nor failed."""
    mine, sale = own_world.companies["mine"], sale_in(own_world)
    sale.file(ore(own_world, at=own_world.now()))
    own_world.send(mine.controller, own_world.registry.retire_credential_key(mine.issuer_id, mine.key_hash))
    retired_at = own_world.time
    reason = unknown_reason(sale.audit())
    assert reason.startswith("row ore: nothing proves that the delivery was signed before: no registrar's entity")
    assert f"was retired at {retired_at}" in reason


def test_a_compromise_that_reaches_back_over_the_delivery(own_world: World) -> None:
    """What the key said from then on is void, whatever date the delivery gives itself."""
    mine = own_world.companies["mine"]
    second = signer_of("mine second", "did:web:mine.example#key-2")
    first = mine.signer
    mine.signer = second
    own_world.bind_credential(mine)
    document = build_did_web_document(mine.did, multikeys=[first.multikey, second.multikey])
    own_world.source.dids[mine.did] = document
    sale = sale_in(own_world)
    mine.signer = first
    sale.file(ore(own_world, at=own_world.now()), by=second)
    assert sale.audit().verdict == "passed"
    mine.signer = second
    call = own_world.registry.report_credential_key_compromise(mine.issuer_id, mine.key_hash, bad_from=1)
    own_world.send(mine.controller, call)
    again = sale_in(own_world)
    again.source.deliveries.update(sale.source.deliveries)
    again.name(sale.draft.row("ore")["delivery"])
    reason, _, found = failure(again.audit())
    assert "row ore: the delivery's signer: no registrar's entity vouches for this key" in reason
    assert "was compromised from 1" in reason
    assert found == second.multikey


def test_a_second_key_of_the_supplier(own_world: World) -> None:
    """Whoever ships need not have the key that signs passports; both are bound to the entity."""
    sale = _with_second_key(own_world)
    report = sale.audit()
    assert (report.verdict, row(report, "metal", "custody").outcome) == ("passed", Outcome.PASSED)
    name = f"{sale.world.companies['mine'].issuer_id}:{key_hash(SECOND.multikey).hex()}"
    del sale.source.bindings[name]
    again = sale.world.audit(str(report.top), sale.source)
    assert unknown_reason(again) == "row ore: the key's own statement of its binding is not at hand"


@pytest.mark.parametrize(("ahead_s", "outcome"), [(250, Outcome.PASSED), (500, Outcome.FAILED)])
@pytest.mark.parametrize("envelope", Envelope)
def test_a_supplier_whose_clock_is_ahead(sale: Sale, ahead_s: int, outcome: Outcome, envelope: Envelope) -> None:
    """Clocks may differ by 300 s, in either envelope."""
    moment = sale.world.now() + timedelta(seconds=ahead_s)
    sale.file(ore(sale.world, at=moment, delivered=sale.world.now()), envelope=envelope)
    found = row(sale.audit(), "metal", "custody")
    assert found.outcome is outcome
    assert found.reason == (None if outcome is Outcome.PASSED else "row ore: the delivery: not valid at that moment")


ENDED = "row ore: the delivery's signer: its key had ended by the supplier's DID document"
UNPROVEN = "row ore: nothing proves that the delivery was signed before its key's end in the DID document"


@pytest.mark.parametrize("word", ["expires", "revoked"])
@pytest.mark.parametrize(
    ("after_s", "outcome", "reason"),
    [(3600, Outcome.PASSED, None), (1, Outcome.UNKNOWN, UNPROVEN), (0, Outcome.FAILED, ENDED)],
)
def test_a_key_whose_end_the_did_document_dates(
    own_world: World, word: str, after_s: int, outcome: Outcome, reason: str | None, tmp_path: Path
) -> None:
    """Judged as by the registry: good when it signed, still good when the passport proves it; in a bundle too."""
    sale = _with_second_key(own_world)
    did, stated = "did:web:mine.example", own_world.now()
    sale.file(ore(own_world, at=stated), by=SECOND)
    document = json.loads(own_world.source.dids[did])
    end = (stated + timedelta(seconds=after_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for method in document["verificationMethod"]:
        if "#key-2" in method["id"]:
            method[word] = end
    sale.source.dids[did] = jcs(document)
    own_world.new_entity("somebody else", "123456788")  # a few blocks later
    own_world.new_entity("yet another", "123456787")
    forged = sale.publish()
    report = own_world.audit(forged.digest, sale.source)
    found = row(report, "metal", "custody")
    assert (found.outcome, found.reason) == (outcome, reason)
    _written(sale, forged, tmp_path / "b")
    found = row(_audited(own_world, tmp_path / "b"), "metal", "custody")
    assert (found.outcome, found.reason) == (outcome, reason)


SECOND = signer_of("mine second", "did:web:mine.example#key-2")


def _with_second_key(world: World) -> Sale:
    mine = world.companies["mine"]
    first, second = mine.signer, SECOND
    mine.signer = second
    world.bind_credential(mine)
    mine.signer = first
    world.source.dids[mine.did] = build_did_web_document(mine.did, multikeys=[first.multikey, second.multikey])
    sale = sale_in(world)
    sale.file(ore(world, at=world.now()), by=second, envelope=Envelope.JWT)
    return sale


# One delivery for several buyers


def _other_batch(sale: Sale, number: str) -> None:
    """The same metal as another batch: another product, to whoever compares."""
    subject = sale.draft.credential["credentialSubject"]
    subject["batchNumber"] = f"metal-{number}"


def _pack_on(world: World, source: MemorySource, metal: Forged, cable: Forged) -> Report:
    """A pack whose metal and cable are both batches of metal."""
    pack = draft_of(world, "pack")
    pack.build_on("metal", metal)
    pack.build_on("cable", cable)
    pack.row("cable")["unit"] = "kilogram"
    pack.recompute()
    pack.settle()
    return world.audit(pack.publish(source=source).digest, source)


@pytest.mark.parametrize(("delivered", "outcome"), [("18000", Outcome.PASSED), ("17999.999", Outcome.FAILED)])
@pytest.mark.parametrize("is_reissued", [False, True])
def test_two_batches_out_of_one_delivery(world: World, delivered: str, outcome: Outcome, is_reissued: bool) -> None:
    """Two batches take 9,000 kg each: of one document, or of two about the same consignment."""
    source = world.source.clone()
    made = []
    for number in ("2025", "2025-2"):
        sale = sale_in(world)
        sale.source = source
        name = number if is_reissued else "1"
        sale.file(ore(world, delivered, name=name, consignment="urn:example:consignment:both"))
        _other_batch(sale, number)
        made.append(sale.draft.publish(source=source, keeps_honest=True))
    source.logs = copy.deepcopy(world.source.logs)
    report = _pack_on(world, source, *made)
    found = [report.records[each.digest].row(CheckId.CUSTODY) for each in made]
    assert [each.outcome for each in found if each] == [outcome, outcome]
    if outcome is Outcome.FAILED:
        for each in found:
            assert each is not None
            assert str(each.reason).startswith("row ore: one delivery is used up by more than it brought: ")
            assert all(f"{one.id} row ore" in str(each.reason) for one in made)
            assert (each.expected, each.found) == ("at most 17999.999", "18000")


def test_two_versions_of_one_batch(world: World) -> None:
    """They speak of the same goods, so what they use of a delivery counts once."""
    source = world.source.clone()
    made = []
    for number in range(2):
        sale = sale_in(world)
        sale.source = source
        sale.file(ore(world, "9500", consignment="urn:example:consignment:versions"))
        if number:
            sale.draft.name_predecessor(made[0].digest, made[0].id)
        made.append(sale.draft.publish(source=source, keeps_honest=True))
    source.logs = copy.deepcopy(world.source.logs)
    report = _pack_on(world, source, *made)
    assert {report.records[each.digest].outcome(CheckId.CUSTODY) for each in made} == {Outcome.PASSED}


def test_one_row_used_twice(sale: Sale) -> None:
    """Two rows of one passport that stand on the same ore and name the same delivery."""
    draft = sale.draft
    sale.file(ore(sale.world, "17999"))
    second = copy.deepcopy(next(entry for entry in draft.rows if entry["row"]["id"] == "ore"))
    second["row"]["id"] = "ore2"
    draft.rows.append(second)
    draft.settle()
    report = sale.audit()
    found = row(report, "metal", "custody")
    assert found.outcome is Outcome.FAILED
    assert str(found.reason).startswith("row ore: one delivery is used up by more than it brought: ")


# What it does to the rest


def test_no_row_for_what_is_not_at_hand() -> None:
    """A node that could not be read says unknown, like all its checks."""
    record = NodeRecord(digest="x", id="x", kind=NodeKind.ABSENT)
    record.fill("the upstream passport is not at hand")
    assert record.outcome(CheckId.CUSTODY) is Outcome.UNKNOWN


def test_a_failed_delivery_fails_the_tree(world: World) -> None:
    """Deep down, and whoever is asked."""
    sale = sale_in(world)
    sale.file(ore(world, "1"))
    forged = sale.publish()
    pack = draft_of(world, "pack")
    pack.build_on("metal", forged)
    report = world.audit(pack.publish(source=sale.source).digest, sale.source)
    assert ("metal", "custody") in rows_of(report, Outcome.FAILED)
    assert report.verdict == "failed"


def test_strict_readers_take_a_tree_without_deliveries(world: World) -> None:
    """What states no delivery is skipped for a listed reason: no promise, nothing broken."""
    report = world.audit(world.issued["grid"].digest, policy=strict_policy())
    assert row(report, "grid", "custody").reason == NO_DELIVERY
    assert report.verdict == "passed"
    assert node(report, "grid").is_in_order is False  # nobody draws on the top


# In a bundle


def _bundled(sale: Sale, path: Path) -> tuple[Forged, Report]:
    """Everything of a sale in one file, and its audit with nothing else at hand."""
    forged = sale.publish()
    written = _written(sale, forged, path)
    assert written.verdict == "passed", written.reasons
    return forged, _audited(sale.world, path)


def _written(sale: Sale, forged: Forged, path: Path) -> Report:
    return make_bundle(
        path,
        sale.source,
        forged.digest,
        trust=sale.world.trust_with(),
        ledger=sale.world.chain,
        policy=default_policy(accept_imported=True),
        at=sale.world.now(),
    )


def _audited(world: World, path: Path) -> Report:
    with BundleFile(path) as bundle:
        source = BundleSource(bundle)
        report = world.audit(bundle.header.top, source, trust=world.trust_with(), is_snapshot=True)
        source.refuse_surplus(report)
        return report


@pytest.mark.parametrize("envelope", Envelope)
def test_a_bundle_keeps_the_method_of_every_signature(own_world: World, envelope: Envelope, tmp_path: Path) -> None:
    """The mine's passport names one method of its DID document and its delivery another; both stay, and no third."""
    sale = _with_second_key(own_world)
    sale.file(ore(own_world, at=own_world.now()), by=SECOND, envelope=envelope)
    forged, report = _bundled(sale, tmp_path / "b")
    assert (report.verdict, row(report, "metal", "custody").outcome) == ("passed", Outcome.PASSED)
    again = tmp_path / "again"
    with BundleFile(tmp_path / "b") as bundle:
        did = json.loads(from_base64url(bundle.peek("did", "did:web:mine.example") or b"", where="did"))
        digest = sale.draft.row("ore")["delivery"]
        assert bundle.peek("delivery", digest) == sale.source.deliveries[digest]
        assert list(bundle.keys("delivery")) == [digest]
    second = f"did:web:mine.example#key-2{'-jwk' if envelope is Envelope.JWT else ''}"
    assert did["assertionMethod"] == ["did:web:mine.example#key-1", second]
    _written(sale, forged, again)
    assert again.read_bytes() == (tmp_path / "b").read_bytes()


def test_a_bundle_with_a_delivery_that_no_row_names(sale: Sale, tmp_path: Path) -> None:
    _bundled(sale, tmp_path / "b")
    text = BundleText.read(tmp_path / "b")
    other = sign_credential(ore(sale.world, name="7"), SCHEMA, sale.world.companies["mine"].signer, NOW)
    text.put("delivery", other.doc_hash, other.body)
    with pytest.raises(DocumentError, match=f"nothing in its tree asks for; found delivery {other.doc_hash}"):
        _audited(sale.world, text.write(tmp_path / "c"))


@pytest.mark.parametrize("envelope", Envelope)
def test_a_status_list_in_a_bundle(sale: Sale, envelope: Envelope, tmp_path: Path) -> None:
    """Under issuer and URL; the same note as out of the store, and years later as of the bundle's own block."""
    url = "https://smelter.example/status-lists/revocation-0.json"
    company = sale.world.companies["smelter"]
    sale.draft.credential["credentialStatus"] = StatusEntry(url, 5, StatusPurpose.REVOCATION).to_json()
    document = build_status_credential(
        StatusList.of(StatusPurpose.REVOCATION, [5]),
        url=url,
        issuer=credential_issuer(company.did, company.party),
        valid_from=sale.world.now(),
        valid_until=sale.world.now() + timedelta(days=30),
    )
    sign = sign_vc_jwt if envelope is Envelope.JWT else partial(sign_document, created=NOW)
    sale.source.lists[company.did, url] = sign(document, company.signer).body
    forged, report = _bundled(sale, tmp_path / "b")
    (note,) = [note for note in node(report, "metal").notes if note.code.startswith("status_list")]
    assert note.code == "status_list_disagrees"
    with BundleFile(tmp_path / "b") as bundle:
        assert list(bundle.keys("status")) == [f"{company.did}|{url}"]
        source = BundleSource(bundle)
        years_later = sale.world.now() + 5 * YEAR
        later = sale.world.audit(
            forged.digest, source, trust=sale.world.trust_with(), is_snapshot=True, at=years_later, skew_s=300
        )
    assert note in node(later, "metal").notes


@pytest.mark.parametrize("envelope", Envelope)
def test_a_list_that_names_anothers_method(sale: Sale, envelope: Envelope, tmp_path: Path) -> None:
    """A smelter's list in the mine's name, whose key nobody has, takes the mine's true key out of no bundle."""
    url, did = "https://smelter.example/status-lists/revocation-0.json", "did:web:mine.example"
    company = sale.world.companies["smelter"]
    sale.draft.credential["credentialStatus"] = StatusEntry(url, 5, StatusPurpose.REVOCATION).to_json()
    document = build_status_credential(
        StatusList.of(StatusPurpose.REVOCATION, [5]),
        url=url,
        issuer=credential_issuer(company.did, company.party),
        valid_from=sale.world.now(),
        valid_until=sale.world.now() + timedelta(days=30),
    )
    stranger = signer_of("stranger", f"{did}#key-77")
    sale.source.more_dids[did] = [build_did_web_document(did, multikeys=[stranger.multikey])]
    sign = sign_vc_jwt if envelope is Envelope.JWT else partial(sign_document, created=NOW)
    sale.source.lists[company.did, url] = sign(document, stranger).body
    _, report = _bundled(sale, tmp_path / "b")
    assert report.verdict == "passed"
    assert "status_list_unknown" in {note.code for note in node(report, "metal").notes}


def test_a_list_with_a_method_beside_its_proof(own_world: World, tmp_path: Path) -> None:
    """What else is called a verification method in it is none: the key that signed the list stays in the bundle."""
    company, url = own_world.companies["smelter"], "https://smelter.example/status-lists/revocation-0.json"
    first, second = company.signer, signer_of("smelter second", f"{company.did}#key-2")
    company.signer = second
    own_world.bind_credential(company)
    company.signer = first
    own_world.source.dids[company.did] = build_did_web_document(
        company.did, multikeys=[first.multikey, second.multikey]
    )
    sale = sale_in(own_world)
    sale.draft.credential["credentialStatus"] = StatusEntry(url, 5, StatusPurpose.REVOCATION).to_json()
    document = build_status_credential(
        StatusList.of(StatusPurpose.REVOCATION, [5]),
        url=url,
        issuer=credential_issuer(company.did, company.party),
        valid_from=own_world.now(),
        valid_until=own_world.now() + timedelta(days=30),
    )
    document["termsOfUse"] = {"type": "Terms", "verificationMethod": f"{company.did}#key-1"}
    sale.source.lists[company.did, url] = sign_document(document, second, NOW).body
    _, report = _bundled(sale, tmp_path / "b")
    assert "status_list_disagrees" in {note.code for note in node(report, "metal").notes}
