"""Trees that are too deep, too wide or too much: bounded, linear, and never a traceback.

The documents are real and signed; no chain is needed to walk them, so what rests on one is unknown.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from forge import Draft, draft_of
from memory_source import MemorySource
from verifier_products import direct, pact_footprint
from verifier_world import World

from passport.credentials import jcs, read_secured
from passport.exchange.pact import read_footprints
from passport.model.components import COMPONENTS
from passport.model.digest import Digest, digest_of
from passport.model.facts import passport_facts
from verifier.examine import Limits
from verifier.outcome import CheckId, Outcome
from verifier.record import NodeKind

DEEP = 5000
SALT = "AAAAAAAAAAAAAAAAAAAAAA"
NEEDS_NO_CHAIN = (CheckId.SIGNATURE, CheckId.DIGEST, CheckId.SCHEMA, CheckId.AGREEMENT, CheckId.ARITHMETIC)


class Factory:
    """Signs passports of ever new products with one key.

    Args:
        world: Whose power company signs.
    """

    def __init__(self, world: World) -> None:
        self.draft: Draft = draft_of(world, "grid")
        self.source = MemorySource(None)
        self.source.dids = dict(world.source.dids)
        self.draft.credential["credentialSubject"].pop("relatedDocument", None)
        own = direct("own", {"fossilGhgEmissions": "1"}, per="declaredUnit")
        own["contribution"] = {"components": {"fossilGhgEmissions": "1"}, "total": "1", "unattributed": "0"}
        self.own = {"row": own, "salt": SALT}
        self.made = 0

    def make(self, children: Sequence[dict[str, Any]], *, quantity: str = "1") -> tuple[Digest, dict[str, Any]]:
        """A passport with an emission of its own and one row for each child; its digest, and its facts for a row."""
        number, draft = self.made, self.draft
        self.made += 1
        draft.credential["id"] = f"https://power.example/passports/{number}"
        draft.credential["credentialSubject"]["id"] = f"https://id.example/01/{number}"
        draft.claim["id"] = f"{draft.credential['id']}#footprint"
        draft.data.update(passportId=draft.credential["id"], subjectId=f"https://id.example/01/{number}")
        draft.rows = [self.own, *(self._edge(at, child, quantity) for at, child in enumerate(children))]
        draft.recompute()
        draft.settle()
        draft.stated["coveredQuantity"]["amount"] = "1"
        digest, body = draft.seal(None)
        draft.file(self.source, body)
        facts = passport_facts(read_secured(body).document, digest)
        return digest, facts.upstream.copy_for_row()

    def _edge(self, at: int, child: dict[str, Any], quantity: str) -> dict[str, Any]:
        row = {
            "id": f"in{at}",
            "kind": "passport",
            "name": "input",
            "stage": "rawMaterialAcquisition",
            "per": "declaredUnit",
            "known": "measured",
            "quantity": quantity,
            "unit": "kilowatt hour",
            "delivery": None,
            "unknownFields": [name for name in COMPONENTS if name not in child["components"]],
            "upstream": copy.deepcopy(child),
        }
        return {"row": row, "salt": SALT}


@pytest.fixture(scope="module")
def chain(world: World) -> tuple[MemorySource, list[Digest]]:
    """A chain of five thousand passports; digests from the last supplier to the top."""
    factory = Factory(world)
    digests: list[Digest] = []
    child: list[dict[str, Any]] = []
    for _ in range(DEEP):
        digest, facts = factory.make(child)
        digests.append(digest)
        child = [facts]
    return factory.source, digests


def test_a_chain_of_five_thousand(world: World, chain: tuple[MemorySource, list[Digest]]) -> None:
    """Every document is read once, every sum re-done, and no stack is needed for it."""
    source, digests = chain
    source.calls.clear()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    try:
        report = world.audit(digests[-1], source, without_trust=True)
        document = report.to_json()
    finally:
        sys.setrecursionlimit(limit)
    assert report.verdict == "undecided"
    assert len(report.records) == DEEP
    assert report.top_record.total == str(DEEP)
    assert document["totals"]["tiers"] == DEEP
    assert report.order == tuple(reversed(digests))
    for check in NEEDS_NO_CHAIN:
        assert {record.outcome(check) for record in report.records.values()} == {Outcome.PASSED}
    assert report.coverage.recomputed == pytest.approx(1)
    assert source.calls["passport"] == source.calls["statement"] == source.calls["opened_rows"] == DEEP
    assert source.calls["did_documents"] == 1
    assert source.calls["same_product"] == source.calls["passports_named"] == DEEP
    assert "inclusion" not in source.calls


def test_a_chain_deeper_than_is_read(world: World, chain: tuple[MemorySource, list[Digest]]) -> None:
    """Depth and number of nodes are bounds: what lies beyond is unknown, naming the bound, and never passed."""
    source, digests = chain
    for limits, reason, nodes in (
        (Limits(depth=100), "depth 100: the tree goes deeper", 101),
        (Limits(nodes=100), "nodes 100: the tree has more", 100),
    ):
        source.calls.clear()
        report = world.audit(digests[-1], source, without_trust=True, limits=limits)
        assert (report.verdict, report.bounds, len(report.records)) == ("undecided", (reason,), nodes)
        assert reason in report.reasons
        assert source.calls["passport"] == nodes
        assert report.coverage.unanswered == pytest.approx(1 - nodes / DEEP)
        assert report.responsibility.nobody["not_at_hand"] == pytest.approx(1 - nodes / DEEP)
    exact = world.audit(digests[99], source, without_trust=True, limits=Limits(depth=99, nodes=100))
    assert exact.bounds == ()


def test_a_tree_as_wide_as_a_statement_may_be_long(world: World) -> None:
    """A thousand suppliers of one product, each read once."""
    factory = Factory(world)
    children = [factory.make(())[1] for _ in range(1000)]
    top, _ = factory.make(children)
    factory.source.calls.clear()
    report = world.audit(top, factory.source, without_trust=True)
    assert report.top_record.outcome(CheckId.ARITHMETIC) is Outcome.PASSED
    assert report.top_record.total == "1001"
    assert len(report.records) == 1001
    assert factory.source.calls["passport"] == 1001
    bounded = world.audit(top, factory.source, without_trust=True, limits=Limits(nodes=1000))
    assert bounded.bounds == ("nodes 1000: the tree has more",)
    assert len(bounded.records) == 1000


def test_a_ladder_with_a_million_million_ways_down(world: World) -> None:
    """Forty tiers, each with both products of the tier below in both of its own: 81 documents and 2^40 paths."""
    factory = Factory(world)
    pair = [factory.make(())[1], factory.make(())[1]]
    for _ in range(39):
        pair = [factory.make(pair, quantity="0.5")[1], factory.make(pair, quantity="0.5")[1]]
    top, _ = factory.make(pair, quantity="0.5")
    factory.source.calls.clear()
    report = world.audit(top, factory.source, without_trust=True)
    assert len(report.records) == 81
    assert factory.source.calls["passport"] == 81
    assert report.top_record.total == "41"
    assert max(report.depths.values()) == 40
    assert report.coverage.recomputed == pytest.approx(1)
    assert report.responsibility.nobody["identity_not_passed"] == pytest.approx(1)


def test_depth_bounds_where_ways_differ_in_length(world: World) -> None:
    """A node within the bound by one way and beyond it by another is read, and its shares still add up to one."""
    factory = Factory(world)
    ore = factory.make(())[1]
    metal = factory.make([ore])[1]
    part = factory.make([metal, ore])[1]
    top, _ = factory.make([part, ore])
    for depth in range(4):
        report = world.audit(top, factory.source, without_trust=True, limits=Limits(depth=depth))
        coverage = report.coverage
        assert coverage.recomputed + coverage.withheld + coverage.imported + coverage.unanswered == pytest.approx(1)
        assert bool(report.bounds) is (depth < 2)
        assert report.order[0] == top
        if depth == 1:  # the part's draw on the ore counts, though the part stands at the bound
            drawn = next(record for record in report.records.values() if record.id == ore["id"])
            assert drawn.outcome(CheckId.DOUBLE_COUNTING) is Outcome.FAILED


# --- imports ---

IMPORTS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "expired when it was built on": (
        {"validityPeriodStart": "2026-01-01T00:00:00Z", "validityPeriodEnd": "2026-06-01T00:00:00Z"},
        "validity",
        "expired when",
        "valid until 2026-06-01T00:00:00Z",
    ),
    "not valid yet": (
        {"validityPeriodStart": "2027-01-01T00:00:00Z", "validityPeriodEnd": "2028-01-01T00:00:00Z"},
        "validity",
        "not yet valid when",
        "valid from 2027-01-01T00:00:00Z",
    ),
    "more exempted than PACT allows": (
        {"pcf": {"exemptedEmissionsPercent": "3.1"}},
        "completeness",
        "more is exempted than PACT allows",
        "3.1 %",
    ),
    "totals that differ without uptake": (
        {"pcf": {"pcfIncludingBiogenicUptake": "1.00"}},
        "arithmetic",
        "the totals differ though no uptake is stated",
        "1.00 kg CO2e",
    ),
}


def _import(world: World, changes: dict[str, Any]) -> tuple[Draft, MemorySource]:
    """A housing over another footprint of the coating."""
    footprint = read_footprints(jcs(pact_footprint(**copy.deepcopy(changes))))[0]
    source = world.source.clone()
    source.imports = {footprint.digest: footprint.body}
    draft = draft_of(world, "housing")
    draft.row("coating")["upstream"] = footprint.upstream_facts().copy_for_row()
    draft.pin_rows()
    draft.recompute()
    draft.settle()
    return draft, source


@pytest.mark.parametrize(("changes", "check", "reason", "found"), IMPORTS.values(), ids=IMPORTS.keys())
def test_an_import_with_a_fault_of_its_own(
    world: World, changes: dict[str, Any], check: str, reason: str, found: str
) -> None:
    """Accepting imports accepts that nobody signed them, not that they are wrong."""
    draft, source = _import(world, changes)
    forged = draft.publish(source=source)
    report = world.audit(forged.digest, forged.source)
    assert report.verdict == "failed"
    (record,) = (record for record in report.records.values() if record.kind is NodeKind.IMPORTED)
    failed = [row for row in record.ordered() if row.outcome is Outcome.FAILED]
    assert [str(row.id) for row in failed] == [check]
    assert str(failed[0].reason).startswith(reason)
    assert failed[0].found == found


def test_an_import_whose_components_exceed_its_total_by_rounding(world: World) -> None:
    """2.50, of which 2.51 is fossil: within half a unit of each last digit. The remainder is below zero."""
    draft, source = _import(world, {"pcf": {"fossilGhgEmissions": "2.51"}})
    assert draft.row("coating")["upstream"]["unattributed"] == "-0.01"
    assert draft.stated["unattributed"] == "-0.0015"
    forged = draft.publish(source=source)
    report = world.audit(forged.digest, forged.source)
    assert report.verdict == "passed", report.reasons
    statement = draft.claim["evidence"][0]["digestMultibase"]
    forged.source.rows[statement].pop()
    assert world.audit(forged.digest, forged.source).verdict == "failed"
    del forged.source.statements[draft.claim["evidence"][0]["digestMultibase"]]
    assert world.audit(forged.digest, forged.source).verdict == "failed"  # without its rows nobody could see why


def test_an_import_that_cannot_be_built_on(world: World) -> None:
    """Components above the total beyond rounding: the footprint's own sum is false."""
    body = read_footprints(jcs(pact_footprint(pcf={"fossilGhgEmissions": "9.00"})))[0]
    draft = draft_of(world, "housing")
    draft.row("coating")["upstream"]["digest"] = body.digest
    draft.pin_rows()
    forged = draft.publish()
    forged.source.imports[body.digest] = body.body
    report = world.audit(forged.digest, forged.source)
    (record,) = (record for record in report.records.values() if record.kind is NodeKind.IMPORTED)
    row = record.row(CheckId.ARITHMETIC)
    assert row is not None
    assert (row.outcome, row.found) == (Outcome.FAILED, "2.50")
    assert "the components exceed the total" in str(row.reason)
    assert report.verdict == "failed"


def test_an_import_under_another_id(world: World) -> None:
    """The right hash under a wrong name."""
    draft = draft_of(world, "housing")
    draft.row("coating")["upstream"]["id"] = "urn:uuid:99999999-2222-4333-8444-555555555555"
    draft.pin_rows()
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    (record,) = (record for record in report.records.values() if record.kind is NodeKind.IMPORTED)
    row = record.row(CheckId.DIGEST)
    assert row is not None
    assert (row.outcome, row.reason) == (Outcome.FAILED, "pinned under another id")
    assert row.found == "urn:uuid:11111111-2222-4333-8444-555555555555"


def test_an_import_beyond_the_bound(world: World) -> None:
    """Unknown, naming the bound; imports that cannot be read are not the imports that were accepted."""
    draft, source = _import(world, {"comment": "x" * 20_000})
    forged = draft.publish(source=source)
    (size,) = (len(body) for body in source.imports.values())
    assert world.audit(forged.digest, forged.source, limits=Limits(document_bytes=size)).verdict == "passed"
    report = world.audit(forged.digest, forged.source, limits=Limits(document_bytes=size - 1))
    assert report.verdict == "undecided"
    assert any(f"larger than {size - 1} bytes" in reason for reason in report.reasons)


BROKEN: dict[str, tuple[bytes | None, str, str]] = {
    "missing": (None, "digest", "the imported footprint is not at hand"),
    "another": (b"{}", "digest", "the pin is not the document's hash"),
}


@pytest.mark.parametrize(("body", "check", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_an_import_that_is_not_what_was_pinned(world: World, body: bytes | None, check: str, reason: str) -> None:
    """Not at hand is unknown and undecided even where imports are accepted; another document is failed."""
    source = world.source.clone()
    (digest,) = source.imports
    if body is None:
        source.imports.clear()
    else:
        source.imports[digest] = body
    report = world.audit(source=source)
    record = report.records[digest]
    row = record.row(CheckId(check))
    assert row is not None
    assert row.reason == reason
    assert report.verdict == ("undecided" if body is None else "failed")


@pytest.mark.parametrize("body", [b"[]", b"{}", b"7", b'"x"', b'{"pcf":{}}', b"[" * 50], ids=repr)
def test_an_import_that_is_no_footprint(world: World, body: bytes) -> None:
    """Pinned by the hash of whatever it is: read, and refused for what it is."""
    draft = draft_of(world, "housing")
    draft.row("coating")["upstream"]["digest"] = digest_of(body)
    draft.pin_rows()
    forged = draft.publish()
    forged.source.imports[digest_of(body)] = body
    report = world.audit(forged.digest, forged.source)
    failed = report.records[digest_of(body)].first_failed()
    assert failed is not None
    assert failed.id is CheckId.SCHEMA
    assert report.verdict == "failed"
