"""Links up to batch and model and back to former lives: issued where borne out, refused where not, judged by audits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from issuer_world import NOW, World, inventory
from pydantic import ValidationError

from passport.credentials import read_secured
from passport.errors import IssueError
from passport.issuer import IssuedPassport
from passport.model.credential import LINK_BATCH, LINK_MODEL
from passport.model.digest import digest_of
from passport.model.facts import PassportFacts, passport_facts
from passport.model.inventory import Inventory
from passport.model.lineage import broken_link
from passport.store import DocumentKind
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource
from verifier.bundling import make_bundle
from verifier.checks.lineage import PROVEN_BY, check_links, complete_link
from verifier.outcome import CheckId, Outcome, passed
from verifier.policy import default_policy
from verifier.record import Linked, NodeKind, NodeRecord
from verifier.store_source import StoreSource
from verifier.verifier import Verifier

LIMIT = 1 << 20


def make(world: World, granularity: str, *, company: str = "mill", **fields: Any) -> IssuedPassport:
    numbers = {"model": {}, "batch": {"batchNumber": "B-7"}, "item": {"batchNumber": "B-7", "itemNumber": "I-9"}}
    product = {"modelNumber": "M-1", **numbers[granularity], **fields.pop("product", {})}
    name = world.product()
    made = inventory(name, **fields).to_json()
    stated = {**made["product"], **product, "granularity": granularity}
    made["product"] = {key: value for key, value in stated.items() if value is not None}
    if granularity == "item":
        made["coveredQuantity"] = made["declaredAmount"]
    return world.issuer(world.companies[company]).issue(Inventory.model_validate(made))


def facts_of(world: World, issued: IssuedPassport, company: str = "mill") -> PassportFacts:
    body = world.companies[company].store.get_document(DocumentKind.PASSPORT, issued.digest)
    secured = read_secured(body, canonical=True)
    return passport_facts(secured.document, secured.doc_hash)


@pytest.fixture(scope="module")
def family(world: World) -> dict[str, IssuedPassport]:
    """A model, a batch of it, and two items, each linked up."""
    model = make(world, "model")
    batch = make(world, "batch", links={"model": model.id})
    up = {"model": model.id, "batch": batch.id}
    return {
        "model": model,
        "batch": batch,
        "item": make(world, "item", links=up),
        "other": make(world, "item", links=up, product={"itemNumber": "I-10"}),
    }


def test_links_are_pinned_in_the_signed_passport(world: World, family: dict[str, IssuedPassport]) -> None:
    body = world.mill.store.get_document(DocumentKind.PASSPORT, family["item"].digest)
    related = read_secured(body, canonical=True).document["credentialSubject"]["relatedDocument"]
    assert [(each["linkType"], each["linkURL"], each["digestMultibase"]) for each in related] == [
        (LINK_MODEL, family["model"].id, family["model"].digest),
        (LINK_BATCH, family["batch"].id, family["batch"].digest),
    ]
    facts = facts_of(world, family["item"])
    assert (facts.predecessor, facts.upstream_pins) == (None, ())
    assert [kind for kind, _ in facts.links] == ["model", "batch"]
    assert check_links(facts, StoreSource(world.mill.store, None), max_bytes=LIMIT)[:2] == (None, [])


def test_a_second_life_links_to_each_before(world: World, family: dict[str, IssuedPassport]) -> None:
    """One storage system out of two batteries."""
    former = [family["item"].id, family["other"].id]
    made = make(world, "item", links={"former": former}, product={"modelNumber": "S-1", "itemNumber": "S-1-1"})
    facts = facts_of(world, made)
    assert [(kind, pin.url) for kind, pin in facts.links] == [("former", name) for name in former]
    assert check_links(facts, StoreSource(world.mill.store, None), max_bytes=LIMIT)[:2] == (None, [])


def test_links_that_are_not_borne_out_are_refused(world: World, family: dict[str, IssuedPassport]) -> None:
    with pytest.raises(IssueError, match=r"links.model: link to model: another granularity.*expected model; found"):
        make(world, "item", links={"model": family["batch"].id})
    with pytest.raises(IssueError, match=r"link to batch: a link up goes to a higher granularity; expected above"):
        make(world, "batch", links={"batch": family["batch"].id}, product={"batchNumber": "B-8"})
    with pytest.raises(IssueError, match=r"not the same model; expected modelNumber M-2; found modelNumber M-1"):
        make(world, "item", links={"model": family["model"].id}, product={"modelNumber": "M-2"})
    with pytest.raises(IssueError, match=r"not the same model; expected modelNumber stated"):
        make(world, "item", links={"model": family["model"].id}, product={"modelNumber": None})
    with pytest.raises(IssueError, match=r"not the same batch; expected batchNumber B-8; found batchNumber B-7"):
        make(world, "item", links={"batch": family["batch"].id}, product={"batchNumber": "B-8"})
    with pytest.raises(IssueError, match=r"former life is told of as widely.*expected batch or above; found item"):
        make(world, "batch", links={"former": [family["item"].id]}, product={"batchNumber": "B-9"})
    with pytest.raises(IssueError, match=r"the passport that is linked to is not here.*found https://no.example/1"):
        make(world, "item", links={"model": "https://no.example/1"})
    with pytest.raises(ValidationError, match="stands there twice"):
        make(world, "item", links={"former": [family["item"].id] * 2})


def test_a_former_life_is_not_a_later_one(world: World, family: dict[str, IssuedPassport]) -> None:
    with world.clock.at(NOW + timedelta(days=1)):
        later = make(world, "item", product={"itemNumber": "I-11"})
    with pytest.raises(IssueError, match="link to former: a former life begins before"):
        make(world, "item", links={"former": [later.id]}, product={"itemNumber": "I-12"})


def test_an_audit_finds_what_nobody_bears_out(world: World, family: dict[str, IssuedPassport]) -> None:
    """Documents that an issuer could sign with a program of its own: the same rules, by the pinned passport."""
    source = StoreSource(world.mill.store, None)
    facts = facts_of(world, family["item"])
    (model, pin), (batch, other) = facts.links

    def judged(*links: Any, **changed: Any) -> tuple[Outcome, str | None]:
        wrong, notes, _ = check_links(facts._replace(links=links, **changed), source, max_bytes=LIMIT)
        assert wrong is not None
        assert notes == []
        return wrong.outcome, wrong.reason

    assert judged((model, other)) == (Outcome.FAILED, "link to model: another granularity than the link says")
    assert judged((batch, pin)) == (Outcome.FAILED, "link to batch: another granularity than the link says")
    assert judged((model, pin), numbers=("M-3", "B-7", "I-9")) == (Outcome.FAILED, "link to model: not the same model")
    assert judged((model, pin), granularity="model")[1] == "link to model: a link up goes to a higher granularity"
    renamed = pin._replace(url="https://mill.example/passports/another")
    assert judged((model, renamed))[1] == "link to model and its passport: id differ"
    assert judged(("former", pin), valid_from=0)[1] == "link to former: a former life begins before"


def test_what_is_not_at_hand_is_unknown_and_no_failure(world: World, family: dict[str, IssuedPassport]) -> None:
    facts = facts_of(world, family["item"])
    (kind, pin), _ = facts.links
    gone = pin._replace(digest=digest_of(b"nothing"))
    wrong, notes, _ = check_links(
        facts._replace(links=((kind, gone),)), StoreSource(world.mill.store, None), max_bytes=LIMIT
    )
    assert wrong is None
    said = f"model {pin.url}: another document goes by that id"
    assert [(note.code, note.text) for note in notes] == [("link_unknown", said)]
    nowhere = gone._replace(url="https://mill.example/passports/nowhere")
    wrong, notes, _ = check_links(
        facts._replace(links=((kind, nowhere),)), StoreSource(world.mill.store, None), max_bytes=LIMIT
    )
    assert wrong is None
    assert [note.text for note in notes] == [f"model {nowhere.url}: not at hand"]
    wrong, notes, _ = check_links(facts, StoreSource(world.mill.store, None), max_bytes=10)
    assert wrong is None
    assert [note.text for note in notes] == [f"{each} {p.url}: larger than 10 bytes" for each, p in facts.links]
    _, notes, _ = check_links(
        facts._replace(links=((kind, gone),) * 201), StoreSource(world.mill.store, None), max_bytes=LIMIT
    )
    assert notes[0].text == "more than 200 links: the rest is not judged"


def test_a_link_that_nothing_was_found_out_about_does_not_hold() -> None:
    """No row is no pass: each check that makes a passport its issuer's word must have been made."""
    by = NodeRecord(digest="uBy", id="urn:by", kind=NodeKind.PASSPORT)
    linked = NodeRecord(digest="uLinked", id="urn:linked", kind=NodeKind.PASSPORT)
    link = Linked("former", "urn:linked", "uLinked", "matches")
    told, wrong, _ = complete_link(link, linked, by)
    assert (told.outcome, told.standing, told.reason, wrong) == (
        Outcome.UNKNOWN,
        "unknown",
        "signature: not judged",
        None,
    )
    for check in PROVEN_BY[:-1]:
        linked.put(passed(check))
    assert complete_link(link, linked, by)[0].reason == "identity: not judged"
    linked.put(passed(PROVEN_BY[-1]))
    assert complete_link(link, linked, by)[0].outcome is Outcome.PASSED


def test_rules_are_of_facts_alone(world: World, family: dict[str, IssuedPassport]) -> None:
    model, item = facts_of(world, family["model"]), facts_of(world, family["item"])
    assert broken_link("model", item, model) is None
    assert broken_link("former", item, model) is None
    assert broken_link("former", model, item) is not None


def test_a_whole_audit_judges_links_and_a_bundle_keeps_what_they_pin(
    world: World, family: dict[str, IssuedPassport], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An issuer whose own program does not refuse is found out by every audit, from the store and from a bundle."""
    with monkeypatch.context() as changed:
        changed.setattr("passport.issuer.issuing.check_lineage", lambda *_, **__: None)
        product = {"itemNumber": "I-13", "modelNumber": "M-9"}
        forged = make(world, "item", links={"model": family["model"].id}, product=product)
    source = StoreSource(world.mill.store, None)
    for issued, outcome, reason in (
        (family["item"], Outcome.PASSED, None),
        (forged, Outcome.FAILED, "link to model: not the same model"),
    ):
        path = tmp_path / f"{issued.leaf_index}.bundle"
        report = make_bundle(
            path, source, issued.digest, trust=None, ledger=None, policy=default_policy(), at=world.clock(), is_now=True
        )
        with BundleFile(path) as bundle:
            again = Verifier(BundleSource(bundle), trust=None, clock=world.clock, is_snapshot=True).audit(issued.digest)
        for judged in (report, again):
            (node,) = judged.records.values()
            row = node.row(CheckId.AGREEMENT)
            assert row is not None
            assert (row.outcome, row.reason) == (outcome, reason)
            assert "link_unknown" not in {note.code for note in node.notes}
