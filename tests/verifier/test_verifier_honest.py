"""An honest world passes, and its report says what was done with how much of it, worked out by hand here."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from judged import name_of, node, row, rows_of
from verifier_products import WITHHELD
from verifier_world import World

from verifier import Verifier
from verifier.outcome import CHECK_ORDER, Outcome
from verifier.policy import default_policy
from verifier.record import NO_CEILING, NO_DELIVERY
from verifier.store_source import StoreSource

TREE = {"pack", "housing", "metal", "ore", "grid", "cable", "Coating"}
NOT_SIGNED = "an imported footprint is signed by nobody and anchored nowhere"
IMPORT_OPEN = {
    "signature": NOT_SIGNED,
    "validity": NOT_SIGNED,
    "inclusion": NOT_SIGNED,
    "consistency": NOT_SIGNED,
    "identity": NOT_SIGNED,
    "status": NOT_SIGNED,
    "arithmetic": "an imported footprint cannot be re-done",
    "completeness": "an imported footprint does not say what is missing",
}


def test_every_row_of_the_honest_tree(world: World) -> None:
    """What is not passed is the withheld statement, the import that nobody signed, and what does not apply."""
    report = world.audit()
    assert report.verdict == "passed"
    assert report.reasons == ()
    assert {name_of(record) for record in report.records.values()} == TREE
    assert all(
        record.ordered() and [row.id for row in record.ordered()] == list(CHECK_ORDER)
        for record in report.records.values()
    )
    assert rows_of(report, Outcome.FAILED) == {}
    unknown = {at: found.reason for at, found in rows_of(report, Outcome.UNKNOWN).items()}
    assert unknown == {
        (WITHHELD, "arithmetic"): "the statement is withheld",
        (WITHHELD, "completeness"): "the statement is withheld",
        (WITHHELD, "custody"): "the statement is withheld",
        **{("Coating", check): reason for check, reason in IMPORT_OPEN.items()},
    }
    skipped = {at: found.reason for at, found in rows_of(report, Outcome.SKIPPED).items()}
    assert skipped == {
        ("pack", "double_counting"): "nothing in this audit draws on it",
        ("Coating", "custody"): "an imported footprint is signed by nobody",
        ("Coating", "double_counting"): "an imported footprint covers no stated quantity",
        ("Coating", "equivocation"): "an imported footprint is signed by nobody",
        ("Coating", "ledger_footprint"): "an imported footprint is signed by nobody",
        **{(name, "ledger_footprint"): NO_CEILING for name in TREE - {"Coating"}},
        **{(name, "custody"): NO_DELIVERY for name in TREE - {"Coating", WITHHELD, "metal"}},
    }
    assert [note.code for note in node(report, "Coating").notes] == ["second_hand", "pact:unattributed"]
    assert [note.code for note in node(report, "grid").notes] == ["factor_gwp_unstated"]
    noted = {name_of(record) for record in report.records.values() if record.notes}
    (note,) = node(report, "metal").notes
    assert (note.code, note.text) == (
        "delivery_not_stated",
        "1 of 2 rows that are built on others name a delivery",
    )
    assert noted == {"Coating", "grid", "metal"}


def test_the_total_by_hand(world: World) -> None:
    """The pack's total with fractions alone, supplier by supplier."""
    ore = Fraction(20000, 10000) + Fraction("0.5")
    grid = Fraction("2.5") * Fraction("0.341")
    metal = 3 * ore + Fraction("14.000001") * grid + Fraction("1.6")
    housing = Fraction("4.2") * metal + 9 * grid / Fraction("3.6") + Fraction("0.15") * Fraction("2.5")
    cable = Fraction("0.7") * metal + Fraction("0.11")
    pack = 8 * housing / 4 + metal + cable / 2 + 2 + Fraction(120, 100)
    assert Fraction(str(node(world.audit(), "pack").total)) == pack == Fraction("213.358758311875")


def test_shares_by_hand(world: World) -> None:
    """Each entity's share of the pack's gross emissions, followed down by hand; the ore's maker left out 1 %."""
    report = world.audit()
    total = Fraction("213.358758311875")
    ore, grid = Fraction("2.5"), Fraction("0.8525")
    metal = 3 * ore + Fraction("14.000001") * grid + Fraction("1.6")
    housing = Fraction("4.2") * metal + Fraction("2.5") * grid + Fraction("0.375")
    metal_share = (2 * Fraction("4.2") * metal + metal) / total
    mine = metal_share * 3 * ore / metal
    expected = {
        "mine": mine * Fraction("0.99"),
        "power": (metal_share * Fraction("14.000001") * grid / metal) + 2 * Fraction("2.5") * grid / total,
        "smelter": metal_share * Fraction("1.6") / metal,
        "parts": 2 * Fraction("0.375") / total,
        "cables": (Fraction("0.7") * metal + Fraction("0.11")) / 2 / total,
        "maker": Fraction("3.2") / total,
    }
    assert 2 * housing + metal < total
    found = {
        subject.issuer_id: subject.answered + subject.second_hand for subject in report.responsibility.subjects.values()
    }
    by_company = {key: found[company.issuer_id] for key, company in world.companies.items()}
    assert by_company == pytest.approx({key: float(share) for key, share in expected.items()}, abs=1e-12)
    # The power is a factor somebody else measured, the coating is somebody else's word: both are second hand.
    second = expected["power"] + expected["parts"]
    assert report.responsibility.second_hand == pytest.approx(float(second), abs=1e-12)
    assert report.responsibility.nobody == pytest.approx(
        {"exempted": float(mine / 100), "identity_not_passed": 0, "not_at_hand": 0}, abs=1e-12
    )
    coverage = report.coverage
    assert coverage.withheld == pytest.approx(float(expected["cables"]), abs=1e-12)
    assert coverage.imported == pytest.approx(float(expected["parts"]), abs=1e-12)
    assert coverage.unanswered == pytest.approx(float(mine / 100), abs=1e-12)
    assert coverage.recomputed + coverage.withheld + coverage.imported + coverage.unanswered == pytest.approx(1)


def test_the_report_as_json(world: World) -> None:
    """One document with every row, most important first; it is JSON and nothing else."""
    report = world.audit()
    document = json.loads(json.dumps(report.to_json()))
    assert list(document)[:3] == ["schema_version", "verdict", "reasons"]
    assert document["totals"]["nodes"] == len(document["nodes"]) == 7
    assert document["totals"]["passports"] == 6
    assert document["totals"]["imported"] == 1
    assert document["totals"]["tiers"] == 4
    assert document["totals"]["outcomes"] == {"passed": 79, "failed": 0, "unknown": 11, "skipped": 15}
    assert document["as_of"]["block"] == world.chain.head().number
    assert document["nodes"][0]["id"] == document["top"] == world.issued["pack"].id
    assert {check["id"] for check in document["nodes"][0]["checks"]} == {str(check) for check in CHECK_ORDER}
    tiers = {entry["subject"]["name"].removeprefix("Product "): entry["tier"] for entry in document["nodes"]}
    assert tiers == {"pack": 0, "housing": 1, "cable": 1, "metal": 2, "Coating": 2, "ore": 3, "grid": 3}


def test_the_same_report_from_a_real_store(world: World) -> None:
    """What an auditor received from six publications gives the report that the documents themselves give."""
    with world.auditor_store() as store:
        policy = default_policy(accept_imported=True)
        verifier = Verifier(StoreSource(store, world.chain), trust=world.trust, policy=policy, clock=world.now)
        assert verifier.audit(world.top).to_json() == world.audit().to_json()
        assert verifier.verify(world.top).verdict == "passed"


def test_a_judgement_in_the_past(world: World) -> None:
    """As of a block before the pack was anchored it is not anchored, whatever its documents say."""
    head = world.chain.head().number
    with world.auditor_store() as store:
        earlier = StoreSource(store, world.chain, block_number=head - 1)
        found = row(world.audit(source=earlier), "pack", "inclusion")
    assert found.outcome is Outcome.FAILED
    assert found.reason == "not anchored: the issuer's log does not reach that index"
