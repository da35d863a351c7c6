"""`agreement` of two documents, `double_counting` and `equivocation`: what none of them shows alone."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from forge import Draft, Forged, draft_of, fresh_uuid, up_to_date
from judged import node, only_failure, row, rows_of
from verifier_world import World, signer_of

from passport.credentials import build_did_web_document, jcs
from passport.ledger import StatusKind
from passport.model.credential import LINK_UPSTREAM
from passport.model.digest import digest_of
from passport.store import DocumentKind
from verifier import store_source
from verifier.checks.equivocation import check_equivocation, speaks_for
from verifier.examine import Limits
from verifier.outcome import CheckId, Outcome, failed, passed, unknown
from verifier.record import NodeKind, NodeRecord

# --- agreement: where the issuer shows its chain, it shows the one it calculated with ---


def _public_links(draft: Draft) -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = draft.credential["credentialSubject"]["relatedDocument"]
    return [link for link in links if link["linkType"] == LINK_UPSTREAM]


def test_a_supplier_shown_who_supplies_nothing(world: World) -> None:
    """A good name among the public pins, and not in the calculation."""
    draft = draft_of(world, "pack")
    link = dict(_public_links(draft)[0])
    link |= {"linkURL": world.issued["ore"].id, "digestMultibase": world.issued["ore"].digest}
    draft.credential["credentialSubject"]["relatedDocument"].append(link)
    forged = draft.publish()
    found = only_failure(world.audit(forged.digest, forged.source), "pack", "agreement")
    assert found.reason == "pins and rows: upstream differ"
    # With one of the own rows withheld nobody could know: the opened ones are all pinned, so it stays open.
    draft = draft_of(world, "pack")
    draft.credential["credentialSubject"]["relatedDocument"].append(link)
    draft.opened = lambda row: row["id"] != "gas"
    forged = draft.publish()
    assert row(world.audit(forged.digest, forged.source), "pack", "agreement").outcome is Outcome.PASSED


def test_a_supplier_who_is_not_shown(world: World) -> None:
    """A public chain that leaves one of them out."""
    draft = draft_of(world, "pack")
    draft.credential["credentialSubject"]["relatedDocument"].pop()
    forged = draft.publish()
    assert only_failure(world.audit(forged.digest, forged.source), "pack", "agreement").reason == (
        "pins and rows: upstream differ"
    )


def test_no_supplier_shown_at_all(world: World) -> None:
    """Who supplies whom is a trade secret: nothing is wrong with showing none."""
    draft = draft_of(world, "pack")
    del draft.credential["credentialSubject"]["relatedDocument"]
    forged = draft.publish()
    assert world.audit(forged.digest, forged.source).verdict == "passed"


def test_unknown_fields_that_are_known(world: World) -> None:
    """The row says that the supplier left a component open which the supplier states."""
    draft = draft_of(world, "pack")
    draft.row("metal")["unknownFields"] = ["fossilGhgEmissions", *draft.row("metal")["unknownFields"]]
    forged = draft.publish()
    found = only_failure(world.audit(forged.digest, forged.source), "pack", "agreement")
    assert found.reason == "row metal: unknown fields and copied components differ"


OWN_WORDS: dict[str, tuple[Any, str]] = {
    "an item that covers a thousand": (
        lambda draft: (
            draft.credential["credentialSubject"].update(idGranularity="item", itemNumber="1"),
            draft.data.update(granularity="item", itemNumber="1"),
        ),
        "covered quantity and declared amount: of one item",
    ),
    "a batch without a number": (
        lambda draft: (
            draft.credential["credentialSubject"].pop("batchNumber"),
            draft.data.pop("batchNumber"),
        ),
        "granularity and numbers",
    ),
    "covered in another unit": (
        lambda draft: draft.stated["coveredQuantity"].update(unit="kilogram"),
        "covered quantity and declared amount: unit",
    ),
    "packaging said not to be included": (
        lambda draft: draft.stated["components"].update(packagingGhgEmissions="1"),
        "flags and components",
    ),
    "captured carbon said not to be included": (
        lambda draft: draft.stated["components"].update(technologicalCO2Removals="-1"),
        "flags and components",
    ),
    "a day of another country": (
        lambda draft: draft.credential["credentialSubject"]["countryOfProduction"].update(countryCode="FR"),
        "characteristics and statement: country",
    ),
    "a title for another product": (
        lambda draft: draft.credential.update(name="Digital product passport: a greener one"),
        "title and product: name",
    ),
    "a name in the register's entry": (
        lambda draft: draft.credential["issuer"]["issuerAlsoKnownAs"][0].update(name="A Famous Firm"),
        "issuer and its registered id: legal entity",
    ),
    "another entity's URI": (
        lambda draft: draft.credential["issuer"]["issuerAlsoKnownAs"][0].update(
            id="https://search.gleif.org/#/record/X"
        ),
        "issuer and its registered id: legal entity",
    ),
    "a description with another number": (
        lambda draft: draft.claim.update(description="1 kg CO2e per 1 piece, cradle-to-gate, GWP100 AR6"),
        "claim and characteristics: description",
    ),
    "a wider boundary in the criterion": (
        lambda draft: draft.claim["referenceCriteria"][0].update(name="Cradle to grave, certified"),
        "claim and characteristics: criterion",
    ),
    "thirteen digits in the claim": (
        lambda draft: draft.claim["claimedPerformance"][0]["measure"].update(value=213.3587583119),
        "claim and characteristics: total",
    ),
    "nothing in the claim": (
        lambda draft: draft.claim["claimedPerformance"][0]["measure"].update(value=0),
        "claim and characteristics: total",
    ),
}


@pytest.mark.parametrize(("change", "reason"), OWN_WORDS.values(), ids=OWN_WORDS.keys())
def test_a_passport_that_contradicts_itself(world: World, change: Any, reason: str) -> None:
    """Within one passport, or between it and its own statement."""
    draft = draft_of(world, "pack")
    change(draft)
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    found = row(report, "pack", "agreement")
    assert (found.outcome, found.reason) == (Outcome.FAILED, f"{reason} differ")


def test_an_item_that_covers_itself(world: World) -> None:
    """One piece out of one piece, with its number."""
    draft = draft_of(world, "pack")
    draft.credential["credentialSubject"].update(idGranularity="item", itemNumber="1")
    draft.data.update(granularity="item", itemNumber="1")
    draft.stated["coveredQuantity"]["amount"] = "1"
    draft.row("gas")["emissions"] = {"fossilGhgEmissions": "1.2"}
    draft.recompute()
    draft.settle()
    forged = draft.publish()
    assert world.audit(forged.digest, forged.source).verdict == "passed"


def test_packaging_and_capture_said_to_be_included(world: World) -> None:
    """What the flags announce may be stated."""
    draft = draft_of(world, "pack")
    draft.state_everywhere(packagingEmissionsIncluded=True, ccsTechnologicalCO2CaptureIncluded=True)
    draft.row("welding")["emissions"] = {
        "fossilGhgEmissions": "2",
        "packagingGhgEmissions": "1",
        "ccsTechnologicalCO2Capture": "-0.5",
    }
    draft.recompute()
    draft.settle()
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    assert report.verdict == "passed", report.reasons
    assert report.top_record.removal_weight == 5 * 10**14  # half a kilogram in quanta


@pytest.mark.parametrize(("subdivision", "outcome"), [("DE-BY", Outcome.PASSED), ("FR-75", Outcome.FAILED)])
def test_a_part_of_a_country(world: World, subdivision: str, outcome: Outcome) -> None:
    """A statement may be finer than the passport, not elsewhere."""
    draft = draft_of(world, "pack")
    del draft.pcf["geographyCountry"]
    draft.pcf["geographyCountrySubdivision"] = subdivision
    forged = draft.publish()
    found = row(world.audit(forged.digest, forged.source), "pack", "agreement")
    assert found.outcome is outcome
    if outcome is Outcome.FAILED:
        assert (found.reason, found.expected, found.found) == (
            "characteristics and statement: country differ",
            "DE",
            "FR",
        )


def test_a_passport_that_lists_itself(world: World) -> None:
    """By its id; by its hash nobody can."""
    draft = draft_of(world, "pack")
    draft.row("cable")["upstream"]["id"] = draft.credential["id"]
    draft.pin_rows()
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    failed = {at: found.reason for at, found in rows_of(report, Outcome.FAILED).items()}
    assert failed["pack", "agreement"] == "row cable lists the passport itself"
    assert ("cable", "digest") in failed


# --- double counting ---


def _pack_with(world: World, **quantities: str) -> Forged:
    draft = draft_of(world, "pack")
    for name, quantity in quantities.items():
        draft.row(name)["quantity"] = quantity
    draft.recompute()
    draft.settle()
    return draft.publish()


def test_two_buyers_above_what_is_covered(world: World) -> None:
    """500 housings of 4.2 kg take 2,100 kg of the 3,000 kg of metal; 100 packs may take 900 kg besides, and no more.

    The cable's maker draws 700 kg too and keeps it to itself, which nobody can count.
    """
    for quantity, outcome in (("9", Outcome.PASSED), ("9.001", Outcome.FAILED)):
        forged = _pack_with(world, metal=quantity)
        report = world.audit(forged.digest, forged.source)
        found = row(report, "metal", "double_counting")
        assert found.outcome is outcome
        if outcome is Outcome.FAILED:
            only_failure(report, "metal", "double_counting")
            assert (found.reason, found.expected, found.found) == (
                "buyers draw more than the passport covers",
                "at most 3000",
                "3000.1",
            )


def test_draws_per_period(world: World) -> None:
    """An amount per period is drawn once, not once for every declared unit."""
    for quantity, outcome in (("900", Outcome.PASSED), ("900.1", Outcome.FAILED)):
        draft = draft_of(world, "pack")
        draft.row("metal").update(quantity=quantity, per="period")
        draft.recompute()
        draft.settle()
        forged = draft.publish()
        assert row(world.audit(forged.digest, forged.source), "metal", "double_counting").outcome is outcome


def test_draws_in_another_unit(world: World) -> None:
    """Kilograms of a product counted by the piece, converted by the mass that its own passport signs."""
    for kilograms, outcome in (("20", Outcome.PASSED), ("20.04", Outcome.FAILED)):  # 100 packs of 5 housings of 4 kg
        draft = draft_of(world, "pack")
        draft.row("housing")["quantity"] = kilograms
        draft.row("metal")["quantity"] = "0"
        draft.recompute()
        draft.settle()
        forged = draft.publish()
        report = world.audit(forged.digest, forged.source)
        assert row(report, "housing", "double_counting").outcome is outcome


@pytest.mark.parametrize("second_id", ["metal-2", "metal"])
def test_one_buyer_in_many_rows(world: World, second_id: str) -> None:
    """The quantity cut into rows: each counts. Rows that share an id, as if they were one, are refused."""
    draft = draft_of(world, "pack")
    draft.row("metal")["quantity"] = "5"
    second = copy.deepcopy(next(entry for entry in draft.rows if entry["row"]["id"] == "metal"))
    second["salt"] = "AAAAAAAAAAAAAAAAAAAAAA"
    second["row"]["id"] = second_id
    draft.rows.append(second)
    draft.recompute()
    draft.settle()
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    if second_id == "metal":
        assert only_failure(report, "pack", "arithmetic").reason == "two rows go by one id; found metal"
    else:
        assert only_failure(report, "metal", "double_counting").found == "3100"


def test_a_quantity_that_does_not_convert(world: World) -> None:
    """Unknown what is drawn; the row itself fails as arithmetic."""
    draft = draft_of(world, "pack")
    draft.row("cable")["unit"] = "kilowatt hour"
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    found = row(report, "cable", "double_counting")
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, "a buyer's quantity cannot be converted")


# --- equivocation ---


def _second(world: World, product: str, **options: Any) -> Forged:
    """Another passport of the same product and period, lower by a tenth of its own emissions."""
    draft = draft_of(world, product)
    draft.row("welding")["emissions"] = {"fossilGhgEmissions": "1.8"}
    draft.recompute()
    draft.settle()
    return draft.publish(keeps_honest=True, **options)


TWO = "the issuer keeps two current passports for the same product and overlapping periods"


def test_two_current_passports_of_one_product(world: World) -> None:
    """One for each customer: found as soon as somebody has seen both, whichever is asked about."""
    forged = _second(world, "pack")
    for digest, other in ((forged.digest, world.issued["pack"].id), (world.top, forged.id)):
        found = only_failure(world.audit(digest, forged.source), "pack", "equivocation")
        assert (found.reason, found.expected, found.found) == (TWO, "one, or versions linked by supersession", other)


def test_two_current_passports_in_one_tree(world: World) -> None:
    """The pack builds on one version of the metal, the housing on another."""
    metal = draft_of(world, "metal")
    metal.stated["coveredQuantity"]["amount"] = "200"
    metal.row("anodes")["emissions"] = {"fossilGhgEmissions": "1.5", "biogenicCO2Uptake": "-0.25"}
    metal.recompute()
    metal.settle()
    forged = metal.publish(keeps_honest=True)
    pack = draft_of(world, "pack")
    pack.build_on("metal", forged)
    pack.recompute()
    pack.settle()
    top = pack.publish(source=forged.source)
    report = world.audit(top.digest, top.source)
    failed = rows_of(report, Outcome.FAILED)
    assert set(failed) == {("metal", "equivocation")}
    assert sum(1 for record in report.records.values() if record.subject_name == "Product metal") == 2
    assert failed["metal", "equivocation"].reason == TWO


def test_versions_linked_by_their_predecessor(world: World) -> None:
    """The new version names the old one: the new one is current, and the old one does not contradict it."""
    draft = draft_of(world, "pack")
    draft.name_predecessor(world.top, world.issued["pack"].id)
    draft.row("welding")["emissions"] = {"fossilGhgEmissions": "1.8"}
    draft.recompute()
    draft.settle()
    forged = draft.publish(keeps_honest=True)
    for digest in (forged.digest, world.top):
        report = world.audit(digest, up_to_date(world, forged))
        assert report.verdict == "passed", report.reasons


def test_versions_linked_on_the_chain(own_world: World) -> None:
    """Superseded by a later leaf, corrected by one, or revoked: one current passport is left."""
    maker = own_world.companies["maker"]
    forged = _second(own_world, "pack")
    assert own_world.audit(forged.digest, forged.source).verdict == "failed"
    own_world.set_status(maker, 0, StatusKind.SUPERSEDED, next_index=forged.index)
    assert own_world.audit(forged.digest, forged.source).verdict == "passed"
    old = own_world.audit(own_world.top, forged.source)
    assert old.verdict == "passed"
    assert [note.code for note in node(old, "pack").notes] == ["superseded"]
    own_world.set_status(maker, forged.index, StatusKind.REVOKED)
    assert set(rows_of(own_world.audit(forged.digest, forged.source), Outcome.FAILED)) == {("pack", "status")}


DIFFERENT: dict[str, Any] = {
    "another batch": lambda draft: (
        draft.credential["credentialSubject"].update(batchNumber="pack-2025b"),
        draft.data.update(batchNumber="pack-2025b"),
    ),
    "another plant": lambda draft: draft.credential["credentialSubject"]["producedAtFacility"].update(
        id="https://id.example/414/other"
    ),
    "another period": lambda draft: (
        draft.stated["period"].update(start="2026-01-01T00:00:00Z", end="2026-07-01T00:00:00Z"),
        draft.state_everywhere(),
    ),
}


@pytest.mark.parametrize("change", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_passports_of_different_things(world: World, change: Any) -> None:
    """Another batch, plant or period is another passport, not a second one."""
    draft = draft_of(world, "pack")
    change(draft)
    forged = draft.publish(keeps_honest=True)
    report = world.audit(forged.digest, forged.source)
    assert report.verdict == "passed", report.reasons


DISGUISED: dict[str, Callable[[Draft], Any]] = {
    "a period that begins a second earlier": lambda draft: draft.stated["period"].update(start="2024-12-31T23:59:59Z"),
    "a period that ends a second earlier": lambda draft: draft.stated["period"].update(end="2025-12-31T23:59:59Z"),
    "half of the period": lambda draft: draft.stated["period"].update(end="2025-07-01T00:00:00Z"),
    "one second of the period": lambda draft: draft.stated["period"].update(
        start="2025-12-31T23:59:59Z", end="2026-06-01T00:00:00Z"
    ),
}


@pytest.mark.parametrize("change", DISGUISED.values(), ids=DISGUISED.keys())
def test_a_second_passport_in_disguise(world: World, change: Callable[[Draft], Any]) -> None:
    """Another number for a period that has a second in common with the first one's."""
    draft = draft_of(world, "pack")
    draft.row("welding")["emissions"] = {"fossilGhgEmissions": "1.8"}
    draft.recompute()
    change(draft)
    draft.settle()
    forged = draft.publish(keeps_honest=True)
    for digest in (forged.digest, world.top):
        assert row(world.audit(digest, forged.source), "pack", "equivocation").reason == TWO


def test_a_second_passport_in_another_unit(world: World) -> None:
    """The same power, stated per megajoule beside per kilowatt hour; a number per hour would be of something else."""
    for unit, is_rival in (("megajoule", True), ("hour", False)):
        draft = draft_of(world, "grid")
        draft.stated["declaredUnit"] = draft.stated["coveredQuantity"]["unit"] = unit
        draft.state_everywhere()
        forged = draft.publish(keeps_honest=True)
        found = row(world.audit(world.issued["grid"].digest, forged.source), "grid", "equivocation")
        assert (found.outcome, found.reason) == ((Outcome.FAILED, TWO) if is_rival else (Outcome.PASSED, None))


def test_a_predecessor_of_another_time_hides_no_rival(world: World) -> None:
    """A passport of another period that names the first one as its predecessor does not make room for a second."""
    forged = _second(world, "pack")
    draft = draft_of(world, "pack")
    draft.name_predecessor(world.top, world.issued["pack"].id)
    draft.stated["period"].update(start="2026-01-01T00:00:00Z", end="2026-07-01T00:00:00Z")
    draft.state_everywhere()
    decoy = draft.publish(source=forged.source, keeps_honest=True)
    assert row(world.audit(world.top, decoy.source), "pack", "equivocation").reason == TWO
    assert row(world.audit(decoy.digest, decoy.source), "pack", "equivocation").outcome is Outcome.PASSED


def test_two_documents_under_one_id(world: World) -> None:
    """The issuer signed two documents and gave both one name."""
    draft = draft_of(world, "pack")
    draft.rename(world.issued["pack"].id)
    draft.credential["credentialSubject"].update(batchNumber="pack-2025b")
    draft.data.update(batchNumber="pack-2025b")
    forged = draft.publish(keeps_honest=True)
    for digest, other in ((forged.digest, world.top), (world.top, forged.digest)):
        found = only_failure(world.audit(digest, forged.source), "pack", "equivocation")
        assert (found.reason, found.expected, found.found) == ("two documents under one id", digest, other)


def test_one_id_for_two_products_of_two_issuers(world: World) -> None:
    """In one tree nobody else may go by the same name: whichever is meant by it, the other is a lie."""
    cable = draft_of(world, "cable")
    cable.rename(world.issued["metal"].id)
    cable.is_withheld = True
    child = cable.publish()
    pack = draft_of(world, "pack")
    pack.build_on("cable", child)
    pack.row("metal")["quantity"] = "0.1"
    pack.recompute()
    pack.settle()
    forged = pack.publish(source=child.source)
    failed = rows_of(world.audit(forged.digest, forged.source), Outcome.FAILED)
    assert {at: found.reason for at, found in failed.items()} == {
        ("cable", "equivocation"): "two documents under one id",
        ("metal", "equivocation"): "two documents under one id",
    }


def _record(digest: str = "d", **facts: Any) -> NodeRecord:
    """A signed passport as an audit keeps it, with its identity passed unless told otherwise."""
    rows = facts.pop("rows", {})
    record = NodeRecord(digest=digest, id=f"urn:{digest}", kind=facts.pop("kind", NodeKind.PASSPORT))
    record.issuer_id, record.signed_with, record.sameness, record.period = "issuer", "key", b"same", (10, 20)
    for name, value in facts.items():
        setattr(record, name, value)
    record.primary_id = facts.get("primary_id", record.issuer_id)
    record.put(rows.get("identity", passed(CheckId.IDENTITY)))
    record.put(rows.get("status", passed(CheckId.STATUS)))
    if "inclusion" in rows:
        record.put(rows["inclusion"])
    return record


OPEN = unknown(CheckId.IDENTITY, "?")
NOT_IN_LOG = failed(CheckId.INCLUSION, "not in the log")
SPEAKERS: dict[str, tuple[NodeRecord, NodeRecord, bool]] = {
    "the same key": (_record("a"), _record("b", rows={"identity": OPEN, "inclusion": NOT_IN_LOG}), True),
    "another key of the same entity": (_record("a"), _record("b", signed_with="other"), True),
    "another key nobody vouches for": (_record("a"), _record("b", signed_with="other", rows={"identity": OPEN}), False),
    "another identifier of the same entity": (_record("a"), _record("b", issuer_id="vat", primary_id="issuer"), True),
    "another entity": (_record("a"), _record("b", issuer_id="stranger"), False),
    "the same key in another entity's name": (_record("a"), _record("b", issuer_id="stranger"), False),
    "nobody's signature": (_record("a"), _record("b", signed_with=None), False),
    "neither is signed": (_record("a", signed_with=None), _record("b", signed_with=None), False),
    "neither is identified": (
        _record("a", rows={"identity": OPEN}),
        _record("b", signed_with="other", rows={"identity": OPEN}),
        True,
    ),
    "neither is identified, and it is in no log": (
        _record("a", rows={"identity": OPEN}),
        _record("b", signed_with="other", rows={"identity": OPEN, "inclusion": NOT_IN_LOG}),
        False,
    ),
}


@pytest.mark.parametrize(("record", "other", "counts"), SPEAKERS.values(), ids=SPEAKERS.keys())
def test_whose_word_another_passport_is(record: NodeRecord, other: NodeRecord, counts: bool) -> None:
    """A rival counts if the same issuer is behind it, as far as that can be told."""
    assert speaks_for(other, record) is counts
    outcome = check_equivocation(record, [record, other], [record]).outcome
    assert outcome is (Outcome.FAILED if counts else Outcome.PASSED)


REVOKED = failed(CheckId.STATUS, "revoked")
CURRENT: dict[str, tuple[NodeRecord, NodeRecord, Outcome]] = {
    "both": (_record("a"), _record("b"), Outcome.FAILED),
    "the other is revoked": (_record("a"), _record("b", rows={"status": REVOKED}), Outcome.PASSED),
    "this one is revoked": (_record("a", rows={"status": REVOKED}), _record("b"), Outcome.PASSED),
    "the other is superseded": (_record("a"), _record("b", is_superseded=True), Outcome.PASSED),
    "this one is superseded": (_record("a", is_superseded=True), _record("b"), Outcome.PASSED),
    "the other replaces this one": (_record("a"), _record("b", predecessor="a"), Outcome.PASSED),
    "this one replaces the other": (_record("a", predecessor="b"), _record("b"), Outcome.PASSED),
    "this one replaces a third": (_record("a", predecessor="c"), _record("b"), Outcome.FAILED),
    "of the time just after": (_record("a"), _record("b", period=(20, 30)), Outcome.PASSED),
    "of the time just before": (_record("a"), _record("b", period=(0, 10)), Outcome.PASSED),
    "of a second of it": (_record("a"), _record("b", period=(19, 30)), Outcome.FAILED),
    "this one is not signed": (_record("a", signed_with=None), _record("b"), Outcome.PASSED),
    "an import": (_record("a", kind=NodeKind.IMPORTED), _record("b"), Outcome.SKIPPED),
    "not at hand": (_record("a", kind=NodeKind.ABSENT), _record("b"), Outcome.UNKNOWN),
    "not readable": (_record("a", sameness=b""), _record("b"), Outcome.UNKNOWN),
}


@pytest.mark.parametrize(("record", "other", "outcome"), CURRENT.values(), ids=CURRENT.keys())
def test_which_of_two_is_current(record: NodeRecord, other: NodeRecord, outcome: Outcome) -> None:
    """Two that both stand contradict each other; one that fell or was replaced does not."""
    assert check_equivocation(record, [record, other], [record]).outcome is outcome


def test_a_draft_signed_and_never_anchored(world: World) -> None:
    """The very key that signed the passport signed another one: that it was not anchored does not unsay it."""
    draft = draft_of(world, "pack")
    draft.stated["place"]["leafIndex"] = 10**6
    forged = draft.publish(keeps_honest=True, is_anchored=False)
    assert only_failure(world.audit(world.top, forged.source), "pack", "equivocation").reason == TWO


def _feigned(world: World, *, passport_id: str | None = None) -> Forged:
    """A stranger's passport in the maker's name, signed by a stranger's key that a stranger's DID document names."""
    draft = draft_of(world, "pack")
    draft.rename(passport_id or f"https://stranger.example/passports/{fresh_uuid()}")
    draft.credential["issuer"]["id"] = "did:web:stranger.example"
    draft.signer = signer_of("stranger", "did:web:stranger.example#key-1")
    draft.stated["place"]["leafIndex"] = 1
    forged = draft.publish(keeps_honest=True, is_anchored=False)
    forged.source.dids["did:web:stranger.example"] = build_did_web_document(
        "did:web:stranger.example", multikeys=[draft.signer.multikey]
    )
    return forged


def test_a_rival_that_a_stranger_feigns(world: World) -> None:
    """Anybody can write a passport in the maker's name; nobody can make the maker's passport fail by it."""
    for forged in (_feigned(world), _feigned(world, passport_id=world.issued["pack"].id)):
        report = world.audit(world.top, forged.source)
        assert report.verdict == "passed", report.reasons
        codes = [note.code for note in node(report, "pack").notes]
        assert [note.text for note in node(report, "pack").notes] == ["other documents claim the same id: 1"] * len(
            codes
        )
        assert codes == (["id_claimed"] if forged.id == world.issued["pack"].id else [])
        assert world.audit(forged.digest, forged.source).verdict == "failed"


def test_a_successor_that_a_stranger_feigns(world: World) -> None:
    """A stranger cannot declare one of two current passports outdated, and so hide that there are two."""
    forged = _second(world, "pack")
    draft = draft_of(world, "pack")
    draft.name_predecessor(world.top, world.issued["pack"].id)
    draft.credential["issuer"]["id"] = "did:web:stranger.example"
    draft.signer = signer_of("stranger", "did:web:stranger.example#key-1")
    feigned = draft.publish(source=forged.source, keeps_honest=True, is_anchored=False)
    feigned.source.dids["did:web:stranger.example"] = build_did_web_document(
        "did:web:stranger.example", multikeys=[draft.signer.multikey]
    )
    assert row(world.audit(world.top, feigned.source), "pack", "equivocation").reason == TWO


def test_rivals_without_a_chain(world: World) -> None:
    """Without trust nobody is identified: then both count as far as their signatures go."""
    forged = _second(world, "pack")
    report = world.audit(forged.digest, forged.source, without_trust=True)
    assert row(report, "pack", "equivocation").reason == TWO


def test_a_second_passport_behind_a_flood(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents filed first in the same name do not hide the one that came after a page of them."""
    monkeypatch.setattr(store_source, "MAX_PAGE", 3)
    maker, honest = own_world.companies["maker"], own_world.issued["pack"]
    with own_world.auditor_store() as store:
        for number in range(10):
            body = jcs({"number": number})
            store.put_document(
                DocumentKind.PASSPORT,
                digest_of(body),
                body,
                document_id=f"urn:uuid:{number}",
                issuer_id=maker.issuer_id,
                subject_id="https://id.example/01/pack",
            )
        forged = _second(own_world, "pack")
        store.put_document(
            DocumentKind.PASSPORT,
            forged.digest,
            forged.body,
            document_id=forged.id,
            issuer_id=maker.issuer_id,
            subject_id="https://id.example/01/pack",
        )
        source = store_source.StoreSource(store, own_world.chain)
        found = source.same_product(maker.issuer_id, "https://id.example/01/pack")
        assert len(found) == len(set(found)) == 12
        assert (found[0], found[-1]) == (honest.digest, forged.digest)
        # The second one's leaf is not at hand here, but the same key signed it.
        assert row(own_world.audit(source=source), "pack", "equivocation").reason == TWO


def test_more_versions_than_are_read(world: World) -> None:
    """Twice as many documents as a tree may have nodes are read; with more the audit is undecided, saying so."""
    source = world.source.clone()
    for number in range(4):
        draft = draft_of(world, "ore")
        draft.credential["credentialSubject"].update(batchNumber=f"other {number}")
        draft.data.update(batchNumber=f"other {number}")
        source = draft.publish(source=source, keeps_honest=True, is_anchored=False).source
        report = world.audit(world.issued["ore"].digest, source, limits=Limits(nodes=2))
        assert bool(report.bounds) is (number == 3), number
    assert report.bounds == ("nodes 2: more versions than that are stored beside the tree",)
    assert report.verdict == "undecided"


def test_what_a_snapshot_does_not_ask(world: World) -> None:
    """A bundle speaks of its own tree: nothing else in the source is looked for."""
    forged = _second(world, "pack")
    forged.source.calls.clear()
    report = world.audit(source=up_to_date(world, forged), is_snapshot=True)
    assert row(report, "pack", "equivocation").outcome is Outcome.PASSED
    assert [note.code for note in report.notes] == ["bundle_age"]
