"""Deliveries that rows name: what holds, what is withheld or unknown, and one delivery for several buyers."""

from __future__ import annotations

import copy

import pytest
from custody_sales import Sale, ore, sale_in, unknown_reason
from forge import Forged, draft_of
from judged import node, row, rows_of
from memory_source import MemorySource
from verifier_world import NOW, World, delivery_of

from passport.credentials.untp_credential import Envelope, sign_credential
from passport.model.traceability_event import SCHEMA
from verifier.examine import Limits
from verifier.outcome import CheckId, Outcome
from verifier.policy import UpstreamDecided, default_policy, strict_policy
from verifier.record import NO_DELIVERY, NodeKind, NodeRecord
from verifier.report import Report

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
