"""`passport who` over the demonstration: keys, accounts, entities and passports, up to the root, and nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from cli_runs import Copied, DemoRun, Passport

from cli.demo.world import DemoWorkspace
from passport.credentials import (
    Role,
    add_proof,
    build_did_web_document,
    jcs,
    parse_canonical,
    read_secured,
)
from passport.ledger import Account, Address, RegistryWriter, Transactor
from passport.model.digest import digest_of
from passport.model.facts import passport_facts
from passport.store import DocumentKind, Store


def _who(passport: Passport, run: DemoRun | Copied, name: str, *, code: int = 0) -> dict[str, Any]:
    trust = run.folder / "trust.json"
    done = passport("who", name, "--workspace", run.folder / "auditor", "--trust", trust, "--json")
    assert done.code == code, done.err
    return done.json


def _settings(run: DemoRun | Copied, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run.folder / key / "workspace.json").read_bytes())
    return found


def test_a_passport_its_key_its_account_and_its_entity_lead_to_one(demo_run: DemoRun, passport: Passport) -> None:
    """Four ways to ask, one answer: the pack's maker, vouched for by the one registrar there is."""
    top = _who(passport, demo_run, demo_run.document["top"])
    (found,) = top["accountable"]
    assert found["entity"]["name"] == "Weserbogen Traktion GmbH (EUID DEX9999X.HRB999901)"
    assert (found["good"], found["broken"], found["key"]["purposes"]) == (True, None, ["ASSERT"])
    chain = _settings(demo_run, "weserbogen-traktion")["chain"]
    assert [step["address"] for step in found["registrars"]] == [chain["root"]] == top["roots"]
    assert top["roots_from_trust_file"] is True
    issuer_id = found["entity"]["issuer_id"]
    account = _settings(demo_run, "weserbogen-traktion")["anchoring"]
    keys = json.loads((demo_run.folder / "weserbogen-traktion" / "keys" / "index.json").read_bytes())
    multikey = next(entry["public"] for entry in keys["keys"] if entry["role"] == "credential")
    for name, purposes in ((issuer_id, None), (account, ["ANCHOR", "STATUS"]), (multikey, ["ASSERT"])):
        (other,) = _who(passport, demo_run, name)["accountable"]
        assert other["entity"] == found["entity"]
        assert other["registrars"] == found["registrars"]
        assert (other["key"]["purposes"] if other["key"] else None) == purposes


def test_the_page_says_it_in_words_of_both_languages(demo_run: DemoRun, passport: Passport) -> None:
    options = ("--workspace", demo_run.folder / "auditor", "--trust", demo_run.folder / "trust.json")
    lines = passport("who", demo_run.document["top"], *options).out.splitlines()
    assert lines[0].startswith("ANSWERED FOR  0x")
    assert lines[1].startswith("  key          ASSERT; good from 2026-11-22T")
    assert lines[2].startswith("  entity       Weserbogen Traktion GmbH (EUID DEX9999X.HRB999901) 0x")
    assert lines[3].startswith("  vouched for  by 0x")
    assert passport("who", demo_run.document["top"], *options, "--lang", "zh").out.startswith("有人负责")


@pytest.mark.parametrize(
    "name", ["0x" + "11" * 20, "0x" + "11" * 32, "z6MknGc3ocHs3zdPiJbnaaqDi58NGb4pk1Sp9WxWufuXSdxf"]
)
def test_nobody_answers_for_a_stranger(demo_run: DemoRun, passport: Passport, name: str) -> None:
    assert _who(passport, demo_run, name, code=1)["accountable"] == []


def test_without_a_trust_file_it_is_undecided_who_counts(demo_run: DemoRun, passport: Passport) -> None:
    world = demo_run.folder / "weserbogen-traktion"
    done = passport("who", demo_run.document["top"], "--workspace", world, "--json")
    assert (done.code, done.json["roots_from_trust_file"]) == (3, False)
    assert done.json["accountable"][0]["good"] is True


def test_a_name_that_is_nothing(demo_run: DemoRun, passport: Passport) -> None:
    done = passport("who", "nobody", "--workspace", demo_run.folder / "auditor")
    assert (done.code, "Traceback" in done.err) == (3, False)
    assert "nobody" in done.err


def test_a_suspended_entity_answers_for_nothing(
    world: Copied, passport: Passport, clock: Callable[[], datetime]
) -> None:
    """The registrar suspends the maker of soda."""
    with (
        DemoWorkspace.open(world.folder / "registrar", clock=clock) as registrar,
        DemoWorkspace.open(world.folder / "green-mesa-soda", clock=clock) as soda,
    ):
        phrase = registrar.passphrase
        account = Account(registrar.keys().open_account(registrar.keys().active(Role.CONTROLLER), phrase))
        writer = RegistryWriter(Address(registrar.chain.registry), registrar.ledger.chain)
        Transactor(registrar.ledger, account).send(writer.suspend(soda.place.issuer_id))
        issuer_id = soda.place.issuer_id
    (found,) = _who(passport, world, issuer_id, code=1)["accountable"]
    assert found["good"] is False
    assert "was suspended from" in found["entity"]["reason"]
    assert found["entity"]["suspended_since"] is not None


MAKER, STRANGER = "weserbogen-traktion", "green-mesa-soda"


def _file(store: Store, body: bytes) -> str:
    """File a passport as an import would: under the entity that it names."""
    secured = read_secured(body, canonical=True)
    facts = passport_facts(secured.document, secured.doc_hash)
    store.put_document(
        DocumentKind.PASSPORT,
        secured.doc_hash,
        body,
        document_id=facts.id,
        issuer_id=facts.place.issuer_id,
        subject_id=facts.subject_id,
    )
    return str(secured.doc_hash)


@pytest.fixture
def forged(world: Copied, clock: Callable[[], datetime]) -> str:
    """A passport in the maker's name by a stranger's key, which a stranger's DID document names as the maker's."""
    with (
        DemoWorkspace.open(world.folder / STRANGER, clock=clock) as stranger,
        DemoWorkspace.open(world.folder / MAKER, clock=clock) as maker,
        DemoWorkspace.open(world.folder / "auditor", clock=clock) as auditor,
    ):
        ref = maker.store.find_documents(DocumentKind.PASSPORT, own=True)[-1]
        document: dict[str, Any] = parse_canonical(maker.store.get_document(DocumentKind.PASSPORT, ref.digest))
        del document["proof"]
        document["issuer"]["name"] = "Weserbogen Traktion GmbH, Zürich"
        did = maker.settings.did or ""
        ring = stranger.keys()
        signer = ring.open_signer(ring.active(Role.CREDENTIAL), stranger.passphrase, verification_method=f"{did}#key-9")
        lie = build_did_web_document(did, multikeys=[signer.multikey])
        lie = lie.replace(b"#key-1", b"#key-9")
        auditor.store.put_document(DocumentKind.DID_DOCUMENT, digest_of(lie), lie, document_id=did)
        return _file(auditor.store, add_proof(document, signer, clock()))


def test_nobody_answers_for_a_passport_in_anothers_name(world: Copied, passport: Passport, forged: str) -> None:
    """The entity that it names is in good standing, and has not signed it: its name is no answer."""
    found = _who(passport, world, forged, code=1)
    assert found["accountable"] == []
    assert {row["id"]: row["outcome"] for row in found["passport"]["checks"]}["inclusion"] == "failed"
    page = passport("who", forged, "--workspace", world.folder / "auditor", *world.trust)
    assert (page.code, "nobody is shown to answer for this passport" in page.out) == (1, True)
    assert not page.out.startswith("ANSWERED FOR")


def test_a_forged_passport_renames_nobody(world: Copied, passport: Passport, forged: str) -> None:
    shadowed = _who(passport, world, world.top, code=1)  # the newest of that id is the forged one
    (honest,) = shadowed["same_id"]
    (found,) = _who(passport, world, honest)["accountable"]
    assert found["entity"]["name"] == "Weserbogen Traktion GmbH (EUID DEX9999X.HRB999901)"


def test_a_passport_whose_signature_is_broken(world: Copied, passport: Passport, clock: Callable[[], datetime]) -> None:
    """Its method names the maker's own bound key; the signature is not that key's."""
    with DemoWorkspace.open(world.folder / "auditor", clock=clock) as auditor:
        ref = next(
            each for each in auditor.store.find_documents(DocumentKind.PASSPORT) if each.document_id == world.top
        )
        document: dict[str, Any] = parse_canonical(auditor.store.get_document(DocumentKind.PASSPORT, ref.digest))
        document["name"] = "another product"
        digest = _file(auditor.store, jcs(document))
    found = _who(passport, world, digest, code=1)
    assert (found["accountable"], found["passport"]["key"]) == ([], None)
    assert {row["id"]: row["outcome"] for row in found["passport"]["checks"]}["signature"] == "failed"


def test_a_passport_outlives_the_key_that_signed_it(world: Copied, passport: Passport) -> None:
    """The key was retired after the anchoring: it signed the passport all the same."""
    key = _who(passport, world, world.top)["passport"]["key"]
    assert passport("registry", "retire-key", key, *world.at(MAKER)).code == 0
    assert _who(passport, world, key, code=1)["accountable"][0]["key"]["good"] is False
    found = _who(passport, world, world.top)
    assert found["accountable"][0]["key"]["good"] is True
    assert found["accountable"][0]["key"]["valid_from"] <= found["passport"]["anchored_at"]


def test_an_entity_by_its_identifier(demo_run: DemoRun, passport: Passport) -> None:
    (found,) = _who(passport, demo_run, "EUID:DEX9999X.HRB999901")["accountable"]
    assert found["entity"] == _who(passport, demo_run, demo_run.document["top"])["accountable"][0]["entity"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("EUID:DEX9999X.HRB99990\u04101", "not a EUID identifier"),  # a Cyrillic capital A
        ("EUID:DEX9999X.HRB\uff19\uff19\uff19\uff19\uff10\uff11", "not a EUID identifier"),  # full-width digits
        ("EUID:DEX9999X.HRB999901\u200b", "not a EUID identifier"),  # a zero-width space
        ("EUID:DEX9999X.HRB999902X", "nobody is registered by that name"),
        ("LEI:5493001KJTIIGC8Y1R21", "fails its check digits"),
    ],
)
def test_characters_that_look_alike_name_nobody(demo_run: DemoRun, passport: Passport, name: str, said: str) -> None:
    done = passport("who", name, "--workspace", demo_run.folder / "auditor", "--trust", demo_run.folder / "trust.json")
    assert (done.code, said in done.err) == (3, True), done.err
