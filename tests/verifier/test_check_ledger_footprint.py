"""`ledger_footprint`: ceilings that hold, that are understated, that say nothing, and what nobody can decide."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from forge import Forged, commit, draft_of, filler, up_to_date
from judged import node, only_failure, row
from verifier_products import inventories
from verifier_world import NOW, World, issuer_for

from passport.credentials import read_secured
from passport.errors import UsageError
from passport.issuer import stated_ceiling, suggested_ceiling
from passport.ledger import StatusKind
from passport.ledger_footprint.anchoring_profile import AnchoringProfile, Per, Scope
from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
from passport.ledger_footprint.ceiling import Anchoring, recompute
from passport.ledger_footprint.period import Period
from passport.ledger_footprint.rule import Rule
from passport.model.digest import from_sha256
from passport.model.inventory import Inventory, LedgerCeiling
from passport.store import DocumentKind, Store
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource
from verifier.bundling import make_bundle
from verifier.checks.ledger_footprint import (
    FEWER_LEAVES,
    NO_PROFILE,
    NOT_BEGUN,
    OTHER_CHAIN,
    UNDERSTATED,
    UNKNOWN_PROFILE,
    WITHIN,
)
from verifier.outcome import Outcome
from verifier.policy import default_policy
from verifier.record import NO_CEILING
from verifier.store_source import StoreSource
from verifier.verifier import Verifier

CHECK = "ledger_footprint"
EMBEDDED = "eip155:1337"
SHIPPED = AnchoringProfiles.shipped()


def of_tests(**changes: Any) -> AnchoringProfile:
    """What our tests' chain emits: 1 to 4 kg a transaction, so that ends are easily told apart."""
    return AnchoringProfile(
        **{
            "chain": "tests",
            "edition": "1",
            "chain_id": EMBEDDED,
            "rule": Rule.PER_TRANSACTION,
            "per": Per.TRANSACTION,
            "scope": Scope.ELECTRICITY,
            "low": Decimal(1),
            "central": Decimal(2),
            "high": Decimal(4),
            "period": Period(date(2026, 1, 1), date(2026, 11, 30)),
            **changes,
        }
    )


OURS = of_tests()
PROFILES = AnchoringProfiles((OURS, *SHIPPED.profiles))


def declared(world: World, amount: str, *, batch: int = 1, profile: AnchoringProfile | None = OURS) -> Forged:
    """The pack once more, alone in its checkpoint, with a ceiling."""
    draft = draft_of(world, "pack")
    ceiling: dict[str, Any] = {"amount": amount, "minimumBatch": batch}
    if profile is not None:
        ceiling["profileDigest"] = from_sha256(profile.sha256)
    draft.stated["ledgerCeiling"] = ceiling
    return draft.publish()


JUDGED: dict[str, tuple[str, Outcome, str | None]] = {
    "at the upper end": ("4", Outcome.PASSED, None),
    "above it": ("12.5", Outcome.PASSED, None),
    "a hair below it": ("3.999999999999999", Outcome.UNKNOWN, WITHIN),
    "at the lower end": ("1", Outcome.UNKNOWN, WITHIN),
    "a hair below that": ("0.999999999999999", Outcome.FAILED, UNDERSTATED),
    "nothing at all": ("0", Outcome.FAILED, UNDERSTATED),
}


@pytest.mark.parametrize(("amount", "outcome", "reason"), JUDGED.values(), ids=JUDGED.keys())
def test_where_a_ceiling_lies(world: World, amount: str, outcome: Outcome, reason: str | None) -> None:
    """One leaf, one passport, no change of status: 1 to 4 kg by hand. Only this row tells."""
    forged = declared(world, amount)
    report = world.audit(forged.digest, forged.source, ledger_profiles=PROFILES)
    found = row(report, "pack", CHECK)
    assert (found.outcome, found.reason) == (outcome, reason)
    assert str(found.found).startswith("1 to 4 kg CO2e (tests/1, per_transaction); ")
    if outcome is Outcome.FAILED:
        only_failure(report, "pack", CHECK)
    else:
        assert report.verdict == ("passed" if outcome is Outcome.PASSED else "undecided")


def test_no_ceiling(world: World) -> None:
    """Skipped, which is good enough, at the cost of one row that all share."""
    report = world.audit()
    found = row(report, "pack", CHECK)
    assert (found.outcome, found.reason, report.verdict) == (Outcome.SKIPPED, NO_CEILING, "passed")
    assert found is row(report, "metal", CHECK)
    assert node(report, "pack").ledger is None


def test_a_profile_of_another_chain(world: World) -> None:
    """The cheat takes the numbers of a cheaper chain than it anchors on."""
    cheaper = SHIPPED.for_issuing("eip155:137", date(2026, 11, 22))
    forged = declared(world, "1000", profile=cheaper)
    found = only_failure(world.audit(forged.digest, forged.source), "pack", CHECK)
    assert (found.reason, found.expected) == (OTHER_CHAIN, EMBEDDED)


def test_a_profile_of_a_time_to_come(world: World) -> None:
    """The cheat takes the numbers of a cleaner year than the one that it anchors in."""
    cleaner = of_tests(edition="2027", period=Period.year(2027), low=Decimal(0), central=Decimal(0), high=Decimal(0))
    forged = declared(world, "1", profile=cleaner)
    known = AnchoringProfiles((cleaner, *PROFILES.profiles))
    found = only_failure(world.audit(forged.digest, forged.source, ledger_profiles=known), "pack", CHECK)
    assert found.reason == NOT_BEGUN


def test_a_profile_that_had_been_followed(world: World) -> None:
    """The cheat takes the numbers of a cheaper year long past: it is judged by those in force when it was anchored."""
    cheaper = of_tests(
        edition="2024", period=Period.year(2024), low=Decimal("0.01"), central=Decimal("0.02"), high=Decimal("0.04")
    )
    known = AnchoringProfiles((cheaper, *PROFILES.profiles))
    forged = declared(world, "0.04", profile=cheaper)
    report = world.audit(forged.digest, forged.source, ledger_profiles=known)
    found = only_failure(report, "pack", CHECK)
    assert found.reason == UNDERSTATED
    assert str(found.found).startswith("1 to 4 kg CO2e (tests/1, per_transaction)")
    assert "by which it is judged" in node(report, "pack").notes[0].text
    # A dearer year past is no reason to fail either: the ceiling holds by what is in force.
    dearer = of_tests(edition="2024", period=Period.year(2024), high=Decimal(400))
    forged = declared(world, "4", profile=dearer)
    known = AnchoringProfiles((dearer, *PROFILES.profiles))
    assert (
        row(world.audit(forged.digest, forged.source, ledger_profiles=known), "pack", CHECK).outcome is Outcome.PASSED
    )
    # While it was the only one that had begun, it was in force.
    alone = AnchoringProfiles((cheaper, of_tests(period=Period.year(2027))))
    forged = declared(world, "0.04", profile=cheaper)
    assert (
        row(world.audit(forged.digest, forged.source, ledger_profiles=alone), "pack", CHECK).outcome is Outcome.PASSED
    )


def test_a_batch_that_is_the_issuers_word(own_world: World) -> None:
    """Four leaves, one passport: 1 kg holds for four, and alone it would be 4 kg, which is said."""
    draft = draft_of(own_world, "pack")
    draft.stated["ledgerCeiling"] = {
        "amount": "1",
        "minimumBatch": 4,
        "profileDigest": from_sha256(OURS.sha256),
    }
    forged = draft.publish(beside=[filler(number) for number in range(3)])
    report = own_world.audit(forged.digest, forged.source, ledger_profiles=PROFILES)
    assert row(report, "pack", CHECK).outcome is Outcome.PASSED
    (note,) = node(report, "pack").notes
    assert (note.code, note.severity) == ("ledger_batch_stated", "warning")
    assert "alone it would be up to 4 kg CO2e" in note.text


def test_a_profile_of_ones_own(world: World) -> None:
    """The cheat brings small numbers along: nothing it hands out makes them known."""
    small = of_tests(low=Decimal(0), central=Decimal(0), high=Decimal(0))
    forged = declared(world, "0", profile=small)
    report = world.audit(forged.digest, forged.source, ledger_profiles=PROFILES)
    assert (row(report, "pack", CHECK).outcome, row(report, "pack", CHECK).reason) == (Outcome.UNKNOWN, UNKNOWN_PROFILE)
    assert report.verdict == "undecided"


def test_no_profile_named(world: World) -> None:
    """The verifier's own for the chain counts; without one nobody can say."""
    forged = declared(world, "0.5", profile=None)
    found = only_failure(world.audit(forged.digest, forged.source, ledger_profiles=PROFILES), "pack", CHECK)
    assert found.reason == UNDERSTATED
    unknown = row(world.audit(forged.digest, forged.source, ledger_profiles=AnchoringProfiles(())), "pack", CHECK)
    assert (unknown.outcome, unknown.reason) == (Outcome.UNKNOWN, NO_PROFILE)


def test_fewer_leaves_than_promised(world: World) -> None:
    """A batch of two is assumed and one leaf anchored."""
    forged = declared(world, "1000", batch=2)
    report = world.audit(forged.digest, forged.source, ledger_profiles=PROFILES)
    found = only_failure(report, "pack", CHECK)
    assert (found.reason, found.expected, found.found) == (FEWER_LEAVES, "2 leaves or more", "1 leaves")


def test_a_chain_that_is_not_trusted(world: World) -> None:
    """Without the chain nothing is proven, whatever is declared."""
    forged = declared(world, "1000")
    found = row(world.audit(forged.digest, forged.source, without_trust=True, ledger_profiles=PROFILES), "pack", CHECK)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, "the leaf is in no checkpoint that counts")


def test_changes_of_status_count(own_world: World) -> None:
    """Superseded: one more transaction, 2 x 4 kg at most; a ceiling of 4 kg no longer holds for sure."""
    forged = declared(own_world, "4")
    maker = own_world.companies["maker"]
    log = own_world.source.logs[maker.log_key]
    commit(own_world, maker, log, [filler(1)])
    source = up_to_date(own_world, forged)
    assert (
        row(own_world.audit(forged.digest, source, ledger_profiles=PROFILES), "pack", CHECK).outcome is Outcome.PASSED
    )
    own_world.set_status(maker, forged.index, StatusKind.SUPERSEDED, next_index=forged.index + 1)
    report = own_world.audit(forged.digest, source, ledger_profiles=PROFILES)
    found = row(report, "pack", CHECK)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, WITHIN)
    assert str(found.found).startswith("2 to 8 kg CO2e (tests/1, per_transaction); ")
    own_world.set_status(maker, forged.index, StatusKind.REVOKED)
    share = node(own_world.audit(forged.digest, source, ledger_profiles=PROFILES), "pack").ledger
    assert share is not None
    assert (share.low, share.central, share.high) == (3, 6, 12)
    # Without receipts they may have been two of a recall of many leaves, and the commit one of a batch.
    source.has_receipts = False
    share = node(own_world.audit(forged.digest, source, ledger_profiles=PROFILES), "pack").ledger
    assert share is not None
    assert (share.low, share.central, share.high) == (pytest.approx(1 / 3103 + 2 / 2_818_816), 6, 12)


def test_what_is_said_beside_it(world: World) -> None:
    """Too high to say anything; a share of the product's footprint; a profile that had been followed."""
    # 8 kg with one change of status still to come; ten times that and a hair says nothing.
    for amount, codes in (("80", []), ("80.1", ["ceiling_not_informative"])):
        forged = declared(world, amount)
        report = world.audit(forged.digest, forged.source, ledger_profiles=PROFILES)
        assert [note.code for note in node(report, "pack").notes] == codes
        assert report.verdict == "passed"
    followed = of_tests(edition="0", period=Period(date(2025, 1, 1), date(2025, 12, 31)))
    forged = declared(world, "4", profile=followed)
    known = AnchoringProfiles((followed, *PROFILES.profiles))
    notes = node(world.audit(forged.digest, forged.source, ledger_profiles=known), "pack").notes
    assert [note.code for note in notes] == ["ledger_profile_stale"]
    assert "had been followed by tests/1" in notes[0].text
    old = of_tests(edition="00", period=Period.year(2024))
    forged = declared(world, "4", profile=old)
    notes = node(world.audit(forged.digest, forged.source, ledger_profiles=AnchoringProfiles((old,))), "pack").notes
    assert [note.code for note in notes] == ["ledger_profile_stale"]
    assert "more than 18 months before" in notes[0].text


def test_the_share_of_the_products_footprint(world: World) -> None:
    """By hand: the pack's total times what is covered; from one percent of it on a note."""
    stated = draft_of(world, "pack").stated
    whole = (
        Fraction(stated["total"]) * Fraction(stated["coveredQuantity"]["amount"]) / Fraction(stated["declaredAmount"])
    )
    for high, codes in ((whole / 100, ["ledger_overhead_high"]), (whole / 101, [])):
        amount = Decimal(high.numerator) / Decimal(high.denominator)
        amount = amount.quantize(Decimal("0.000001"), rounding="ROUND_CEILING")
        heavy = of_tests(low=Decimal(1), central=Decimal(2), high=amount)
        forged = declared(world, format(amount.normalize(), "f"), profile=heavy)
        report = world.audit(forged.digest, forged.source, ledger_profiles=AnchoringProfiles((heavy,)))
        record = node(report, "pack")
        assert [note.code for note in record.notes] == codes
        assert record.ledger is not None
        assert record.ledger.of_product == pytest.approx(float(2 / whole))
        (said,) = (entry["ledger_footprint"] for entry in report.to_json()["nodes"] if entry["ledger_footprint"])
        assert said["share_of_product"] == pytest.approx(float(2 / whole))
        assert said["recomputed"] == {"low": 1, "central": 2, "high": float(amount)}


def test_a_ceiling_from_issuing_to_a_bundle(own_world: World, tmp_path: Path) -> None:
    """What an issuer is advised to declare holds, out of the chain and out of a bundle, with what ships alone."""
    key, document = next((key, entry) for key, entry in inventories() if entry["product"]["id"].endswith("/grid"))
    company = own_world.companies[key]
    ceiling = suggested_ceiling(EMBEDDED, at=NOW.date(), padding_leaves=4)
    changed = {**document, "product": {**document["product"], "id": "https://id.example/01/grid-2"}}
    with Store.open(own_world.folder / f"{key}.db", clock=lambda: NOW) as store:
        issuer = issuer_for(company, store, own_world.chain, ledger_ceiling=ceiling)
        issued = issuer.issue(Inventory.model_validate(changed))
        (checkpoint,) = issuer.anchor()
        body = store.get_document(DocumentKind.PASSPORT, issued.digest)
        stated = read_secured(body).document["credentialSubject"]["characteristics"]["carbonPassport"]
        assert stated["ledgerCeiling"] == ceiling.to_json()
        assert checkpoint.size - checkpoint.prev_size == 4
        source = StoreSource(store, own_world.chain)
        report = own_world.audit(issued.digest, source)
        found = row(report, "grid", CHECK)
        assert found.outcome is Outcome.PASSED, found
        path = tmp_path / "grid.bundle"
        make_bundle(
            path,
            source,
            issued.digest,
            trust=own_world.trust_with(),
            ledger=own_world.chain,
            policy=default_policy(),
            at=own_world.now(),
        )
    with BundleFile(path) as bundle:
        judged = own_world.audit(
            issued.digest, BundleSource(bundle), trust=own_world.trust_with(), policy=default_policy(), is_snapshot=True
        )
    assert row(judged, "grid", CHECK) == found
    profile = SHIPPED.for_issuing(EMBEDDED, NOW.date())
    expected = recompute(profile, Anchoring(4, is_first=False), minimum_batch=1)
    share = node(judged, "grid").ledger
    assert share is not None
    # One transaction for four leaves, by its receipt; the state alone would have let it be one of a batch.
    assert (share.low, share.high) == (float(Fraction(profile.low) / 4), float(expected.high))
    assert expected.low < Fraction(profile.low) / 4


def test_profiles_of_ones_own_in_a_bundle_and_a_verifier(own_world: World, tmp_path: Path) -> None:
    """Whoever judges names the profile: while bundling, when the bundle is read, and over a workspace's documents."""
    key, document = next((key, entry) for key, entry in inventories() if entry["product"]["id"].endswith("/grid"))
    company = own_world.companies[key]
    ceiling = LedgerCeiling(amount=Decimal(9), minimum_batch=1, profile_digest=from_sha256(OURS.sha256))
    changed = {**document, "product": {**document["product"], "id": "https://id.example/01/grid-3"}}
    path = tmp_path / "grid.bundle"
    with Store.open(own_world.folder / f"{key}.db", clock=lambda: NOW) as store:
        issuer = issuer_for(company, store, own_world.chain, ledger_ceiling=ceiling)
        issued = issuer.issue(Inventory.model_validate(changed))
        issuer.anchor()
        source = StoreSource(store, own_world.chain)
        trust = own_world.trust_with()
        for known, outcome in ((None, Outcome.UNKNOWN), (PROFILES, Outcome.PASSED)):
            made = make_bundle(
                path,
                source,
                issued.digest,
                trust=trust,
                ledger=own_world.chain,
                policy=default_policy(),
                at=own_world.now(),
                ledger_profiles=known,
            )
            assert row(made, "grid", CHECK).outcome is outcome
            verifier = Verifier(source, trust=trust, clock=own_world.now, ledger_profiles=known)
            assert row(verifier.audit(issued.digest), "grid", CHECK).outcome is outcome
            with BundleFile(path) as bundle:
                judged = own_world.audit(
                    issued.digest,
                    BundleSource(bundle),
                    trust=own_world.trust_with(),
                    policy=default_policy(),
                    is_snapshot=True,
                    ledger_profiles=known or SHIPPED,
                )
            assert row(judged, "grid", CHECK).outcome is outcome
    assert OURS.to_bytes() not in path.read_bytes()


def test_batches_that_no_issuer_can_promise() -> None:
    """Below one, or above what checkpoints are padded to."""
    for batch in (0, 257):
        with pytest.raises(UsageError, match="a batch that not every checkpoint holds"):
            suggested_ceiling(EMBEDDED, at=NOW.date(), minimum_batch=batch)
    assert suggested_ceiling(EMBEDDED, at=NOW.date(), minimum_batch=256).minimum_batch == 256
    with pytest.raises(UsageError, match="cannot be negative"):
        stated_ceiling(Decimal(-1), EMBEDDED, at=NOW.date())
    of_ours = stated_ceiling(Decimal("0.5"), "eip155:4242", at=NOW.date(), minimum_batch=3)
    assert of_ours.to_json() == {"amount": "0.5", "minimumBatch": 3}
