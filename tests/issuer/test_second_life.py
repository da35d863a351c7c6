"""A second life by another company: linked, published, received, audited from store and bundle, and taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from issuer_world import SECRET, World, bought, direct, inventory

from passport.credentials import Ed25519Signer, build_did_web_document, jcs, read_secured
from passport.errors import IssueError
from passport.filing import file_did_document, file_pinned_did_document
from passport.issuer import IssuedPassport
from passport.ledger.passport_log import StatusKind
from passport.model.digest import digest_of
from passport.model.inventory import Inventory
from passport.store import DocumentKind
from passport.workspace import Workspace
from verifier.audit import Settings, audit
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource
from verifier.bundling import make_bundle
from verifier.outcome import CheckId, Outcome
from verifier.policy import default_policy
from verifier.record import Linked, NodeRecord
from verifier.store_source import StoreSource
from verifier.trust import KnownBlock, trust_in
from verifier.verifier import Verifier


def item(world: World, number: str, *inputs: dict[str, Any], model: str = "M-1", **fields: Any) -> Inventory:
    made = inventory(world.product(), *inputs, **fields).to_json()
    made["product"] |= {"granularity": "item", "modelNumber": model, "itemNumber": number}
    return Inventory.model_validate({**made, "coveredQuantity": made["declaredAmount"]})


def issue(world: World, company: Workspace, wanted: Inventory) -> IssuedPassport:
    issuer = world.issuer(company)
    issued = issuer.issue(wanted)
    issuer.anchor()
    company.publish()
    return issued


@dataclass(frozen=True)
class Lives:
    """What a company made of what another one had made: two lives before, one of them linked on to its model."""

    world: World
    model: IssuedPassport
    first: IssuedPassport
    other: IssuedPassport
    second: IssuedPassport

    def judge(self, company: Workspace, digest: str | None = None) -> NodeRecord:
        source = StoreSource(company.store, company.ledger)
        settings = Settings(at=self.world.clock(), is_now=True)
        trust = trust_in(company.chain)
        return audit(
            source, digest or self.second.digest, policy=default_policy(), trust=trust, settings=settings
        ).top_record


@pytest.fixture(scope="module")
def lives(world: World) -> Lives:
    made = inventory(world.product()).to_json()
    made["product"] |= {"modelNumber": "M-1"}
    model = issue(world, world.beans, Inventory.model_validate(made))
    first = issue(world, world.beans, item(world, "L-1", links={"model": model.id}))
    other = issue(world, world.beans, item(world, "L-2"))
    world.mill.receive(world.beans.public)
    second = issue(world, world.mill, item(world, "S-1", model="S", links={"former": [first.id, other.id]}))
    return Lives(world, model, first, other, second)


@pytest.fixture
def auditor(world: World, tmp_path: Path) -> Iterator[Workspace]:
    with world.auditor(tmp_path / "auditor") as made:
        yield made


def codes(node: NodeRecord) -> list[str]:
    return [note.code for note in node.notes]


def test_each_former_life_is_told_with_its_digest_issuer_and_standing(lives: Lives) -> None:
    node = lives.judge(lives.world.mill)
    assert [(link.kind, link.id, link.digest, link.held, link.outcome, link.issuer) for link in node.links] == [
        ("former", life.id, life.digest, "matches", Outcome.PASSED, "Beans (LEI 999900KITANAMI000191)")
        for life in (lives.first, lives.other)
    ]
    assert node.links[1].standing == "current"
    assert node.outcome(CheckId.AGREEMENT) is Outcome.PASSED
    assert node.total == "2"  # its own emissions, and nothing of the lives before


def test_a_publication_carries_what_it_links_to_and_says_whose_it_is(lives: Lives, auditor: Workspace) -> None:
    """The former lives, and the model that one of them is of; what belongs to them is with their issuer."""
    public = lives.world.mill.public
    linked = {lives.model, lives.first, lives.other}
    assert {path.name for path in (public / "linked").iterdir()} >= {f"{each.digest}.signed.json" for each in linked}
    listed = {each["digest"]: each for each in json.loads((public / "publication.json").read_bytes())["linked"]}
    assert set(listed) >= {each.digest for each in linked}
    assert listed[lives.first.digest] == {
        "digest": lives.first.digest,
        "id": lives.first.id,
        "did": "did:web:beans.example",
        "log": lives.world.beans.log_key,
    }
    auditor.receive(public)
    node = lives.judge(auditor)
    assert [(link.held, link.outcome, link.standing) for link in node.links] == [
        ("matches", Outcome.UNKNOWN, "unknown")
    ] * 2
    assert node.links[0].reason == "signature: the issuer's DID document is not at hand"
    assert codes(node) == ["link_unknown"] * 2
    auditor.receive(lives.world.beans.public)
    assert [link.outcome for link in lives.judge(auditor).links] == [Outcome.PASSED] * 2


def test_a_former_life_that_was_taken_back_is_told_from_store_and_bundle(lives: Lives, tmp_path: Path) -> None:
    """The second life is no worse for it: whoever reads it learns that what stood before it does not."""
    world = lives.world
    taken = issue(world, world.beans, item(world, "L-3"))
    replaced = issue(world, world.beans, item(world, "L-4"))
    newer = issue(world, world.beans, item(world, "L-5"))
    world.mill.receive(world.beans.public)
    former = [taken.id, replaced.id]
    second = issue(world, world.mill, item(world, "S-2", model="S", links={"former": former}))
    before = lives.judge(world.mill, second.digest)
    assert [link.standing for link in before.links] == ["current", "current"]
    world.beans.set_status(SECRET, index=taken.leaf_index, kind=StatusKind.REVOKED)
    world.beans.set_status(SECRET, index=replaced.leaf_index, kind=StatusKind.SUPERSEDED, next_index=newer.leaf_index)
    path = tmp_path / "second.bundle"
    trust = trust_in(world.mill.chain)
    source = StoreSource(world.mill.store, world.mill.ledger)
    report = make_bundle(
        path,
        source,
        second.digest,
        trust=trust,
        ledger=world.mill.ledger,
        policy=default_policy(),
        at=world.clock(),
        is_now=True,
    )
    block = world.mill.ledger.block(report.as_of.block or 0)
    known = trust_in(world.mill.chain, KnownBlock(number=block.number, hash="0x" + block.hash.hex()))
    with BundleFile(path) as bundle:
        again = Verifier(BundleSource(bundle), trust=known, clock=world.clock, is_snapshot=True).audit(second.digest)
    for node in (lives.judge(world.mill, second.digest), report.top_record, again.top_record):
        assert node.links[0].standing == "revoked"
        assert node.links[0].outcome is Outcome.PASSED
        assert node.links[1].standing == "superseded"
        told = {note.code: note.text for note in node.notes}
        assert told["link_revoked"] == f"former {taken.id}: revoked"
        assert told["link_superseded"] == f"former {replaced.id}: superseded"
        assert node.outcome(CheckId.AGREEMENT) is Outcome.PASSED
        assert node.outcome(CheckId.STATUS) is Outcome.PASSED


def test_a_makers_name_is_not_borrowed(lives: Lives, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A passport of a better life in the first maker's name, which the maker never signed, stored as if received."""
    body = world.mill.store.get_document(DocumentKind.PASSPORT, lives.first.digest)
    invented = json.loads(body)
    invented["id"] = "https://beans.example/passports/00000000-0000-4000-8000-000000000000"
    invented["credentialSubject"]["performanceClaim"][0]["id"] = f"{invented['id']}#footprint"
    forged = jcs(invented)
    secured = read_secured(forged, canonical=True)
    world.mill.store.put_document(DocumentKind.PASSPORT, secured.doc_hash, forged, document_id=invented["id"])
    wanted = item(world, "S-3", model="S", links={"former": [invented["id"]]})
    with pytest.raises(IssueError, match=r"links.former: no key of its issuer signed the passport that is linked to"):
        world.issuer(world.mill).issue(wanted)
    with monkeypatch.context() as changed:
        changed.setattr("passport.issuer.lineage.is_signed_by_issuer", lambda *_: None)
        lied = issue(world, world.mill, wanted)
    node = lives.judge(world.mill, lied.digest)
    row = node.row(CheckId.AGREEMENT)
    assert row is not None
    assert (row.outcome, row.reason) == (Outcome.FAILED, "link to former: signature of that passport failed")
    assert node.links[0].outcome is Outcome.FAILED


def test_a_former_life_is_no_input(lives: Lives, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it emitted stays with it; counted in again, it would be counted in both lives."""
    used = bought("1", passport=lives.other.id)
    wanted = item(world, "S-4", used, direct(), model="S", links={"former": [lives.other.id]})
    with pytest.raises(IssueError, match="a former life is an input too"):
        world.issuer(world.mill).issue(wanted)
    with monkeypatch.context() as changed:
        changed.setattr("passport.issuer.issuing.check_lineage", lambda *_, **__: None)
        counted = issue(world, world.mill, wanted)
    node = lives.judge(world.mill, counted.digest)
    assert node.total == "4"
    assert [note.text for note in node.notes if note.code == "former_counted"] == [
        f"{lives.other.id} is an input too: its footprint is counted in both lives"
    ]


def test_a_model_of_another_maker_is_told_as_such(lives: Lives, world: World) -> None:
    made = issue(world, world.mill, item(world, "L-9", links={"model": lives.model.id}))
    node = lives.judge(world.mill, made.digest)
    assert [note.text for note in node.notes if note.code == "link_other_issuer"] == [
        f"model {lives.model.id}: its issuer is Beans"
    ]
    assert node.links == (
        Linked(
            "model",
            lives.model.id,
            lives.model.digest,
            "matches",
            Outcome.PASSED,
            node.links[0].name,
            "Beans (LEI 999900KITANAMI000191)",
            "current",
        ),
    )


def test_one_passport_is_linked_to_once(lives: Lives, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own model as a former life."""
    both = {"model": lives.model.id, "former": [lives.model.id]}
    wanted = item(world, "L-10", links=both)
    with pytest.raises(IssueError, match="one passport is linked to twice; expected once"):
        world.issuer(world.mill).issue(wanted)
    with monkeypatch.context() as changed:
        changed.setattr("passport.issuer.issuing.check_lineage", lambda *_, **__: None)
        lied = issue(world, world.mill, wanted)
    row = lives.judge(world.mill, lied.digest).row(CheckId.AGREEMENT)
    assert row is not None
    assert (row.outcome, row.reason, row.found) == (Outcome.FAILED, "one passport is linked to twice", "model, former")


def test_a_strangers_did_document_keeps_no_linked_passport_out(lives: Lives, auditor: Workspace) -> None:
    """The document that the passport pins is here too, and its key did sign."""
    world, store = lives.world, auditor.store
    pin = json.loads(world.beans.store.get_document(DocumentKind.PASSPORT, lives.first.digest))["relatedResource"][0]
    pinned = (world.beans.public / "did-documents" / f"{pin['digestMultibase']}.json").read_bytes()
    did = "did:web:beans.example"
    file_did_document(store, did, build_did_web_document(did, multikeys=[Ed25519Signer.generate().multikey]))
    name = f"linked/{lives.first.digest}.signed.json"
    assert "no key of its issuer signed" in dict(auditor.receive(world.mill.public).refused)[name]
    file_pinned_did_document(store, pinned, did=did)
    assert name not in dict(auditor.receive(world.mill.public).refused)
    assert [ref.digest for ref in store.find_documents(DocumentKind.PASSPORT, document_id=lives.first.id)] == [
        lives.first.digest
    ]


def test_a_copy_with_a_false_proof_is_not_taken_in(lives: Lives, auditor: Workspace, tmp_path: Path) -> None:
    """Whoever hands on a passport cannot put a copy that does not verify before the true one, once its key is known."""
    world = lives.world
    folder = tmp_path / "public"
    shutil.copytree(world.mill.public, folder)
    path = folder / "linked" / f"{lives.first.digest}.signed.json"
    document = json.loads(path.read_bytes())
    proof = document["proof"]
    proof["proofValue"] = proof["proofValue"][:-1] + ("2" if proof["proofValue"][-1] != "2" else "3")
    path.write_bytes(jcs(document))
    did = world.beans.public / "did.json"
    auditor.store.put_document(
        DocumentKind.DID_DOCUMENT, digest_of(did.read_bytes()), did.read_bytes(), document_id="did:web:beans.example"
    )
    refused = dict(auditor.receive(folder).refused)
    assert "no key of its issuer signed" in refused[f"linked/{lives.first.digest}.signed.json"]
    assert auditor.store.find_documents(DocumentKind.PASSPORT, document_id=lives.first.id) == []
