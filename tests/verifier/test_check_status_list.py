"""What a status list says beside the chain: noted where they differ, never counted for a passport."""

from __future__ import annotations

import gzip
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from forge import Forged, draft_of
from judged import row, rows_of
from verifier_world import NOW, World, signer_of

from passport.credentials import Signer, build_did_web_document, jcs, read_secured, sign_document
from passport.credentials.multikey import base64url_encode
from passport.credentials.status_list import (
    MAX_ENTRIES,
    MIN_ENTRIES,
    StatusEntry,
    StatusList,
    StatusPurpose,
    build_status_credential,
)
from passport.ledger import StatusKind
from passport.model.credential import credential_issuer
from passport.model.facts import passport_facts
from verifier.chain_facts import ChainFacts
from verifier.checks import status_list
from verifier.checks.signature import IssuerKeys
from verifier.outcome import CheckId, Outcome, passed
from verifier.policy import Witnessed
from verifier.report import Report

URL = "https://maker.example/status-lists/revocation-0.json"
INDEX = 77
DAY = timedelta(days=1)
REVOCATION, SUSPENSION = StatusPurpose.REVOCATION, StatusPurpose.SUSPENSION


def listed(world: World, purpose: StatusPurpose = REVOCATION, index: int = INDEX) -> Forged:
    """A pack that names an entry of its maker's list."""
    draft = draft_of(world, "pack")
    draft.credential["credentialStatus"] = StatusEntry(URL, index, purpose).to_json()
    return draft.publish()


def credential(
    world: World,
    *set_indexes: int,
    purpose: StatusPurpose = REVOCATION,
    made: datetime | None = None,
    until: datetime | None = None,
    by: str = "maker",
    url: str = URL,
) -> dict[str, Any]:
    company = world.companies[by]
    made = made or world.now()
    return build_status_credential(
        StatusList.of(purpose, set_indexes),
        url=url,
        issuer=credential_issuer(company.did, company.party),
        valid_from=made,
        valid_until=until or made + 30 * DAY,
    )


def put(forged: Forged, world: World, document: dict[str, Any], signer: Signer | None = None) -> None:
    body = sign_document(document, signer or world.companies["maker"].signer, NOW).body
    forged.source.lists["did:web:maker.example", URL] = body


def notes(report: Report) -> dict[str, str]:
    """The notes on the top's list, by code."""
    return {note.code: note.text for note in report.top_record.notes if note.code.startswith("status_list_")}


def test_they_agree(world: World) -> None:
    """Nothing is noted, and the list is asked for once."""
    forged = listed(world)
    put(forged, world, credential(world, INDEX - 1, INDEX + 1))
    report = world.audit(forged.digest, forged.source)
    assert (report.verdict, notes(report)) == ("passed", {})
    assert forged.source.calls["status_list"] == 1


def test_passports_without_a_list_ask_for_none(world: World) -> None:
    source = world.source.clone()
    assert world.audit(source=source).verdict == "passed"
    assert "status_list" not in source.calls


@pytest.mark.parametrize(("purpose", "word"), [(REVOCATION, "revoked"), (SUSPENSION, "suspended")])
def test_a_list_against_the_chain(world: World, purpose: StatusPurpose, word: str) -> None:
    """The chain knows of nothing: it counts, and what the list says is said."""
    forged = listed(world, purpose)
    put(forged, world, credential(world, INDEX, purpose=purpose))
    report = world.audit(forged.digest, forged.source)
    assert (report.verdict, report.top_record.outcome(row(report, "pack", "status").id)) == ("passed", Outcome.PASSED)
    (text,) = notes(report).values()
    assert set(notes(report)) == {"status_list_disagrees"}
    assert text.endswith(f"says {word}, and the chain says otherwise, which counts")


@pytest.mark.parametrize(
    ("kind", "purpose", "is_set", "is_noted"),
    [
        (StatusKind.REVOKED, REVOCATION, False, True),
        (StatusKind.REVOKED, REVOCATION, True, False),
        (StatusKind.REVOKED, SUSPENSION, True, False),
        (StatusKind.SUSPENDED, SUSPENSION, False, True),
        (StatusKind.SUSPENDED, SUSPENSION, True, False),
        (StatusKind.SUSPENDED, REVOCATION, True, True),
        (StatusKind.SUSPENDED, REVOCATION, False, False),
    ],
)
def test_what_the_chain_says_fails_whatever_the_list_says(
    own_world: World, kind: StatusKind, purpose: StatusPurpose, is_set: bool, is_noted: bool
) -> None:
    forged = listed(own_world, purpose)
    put(forged, own_world, credential(own_world, *([INDEX] if is_set else []), purpose=purpose))
    own_world.set_status(own_world.companies["maker"], forged.index, kind)
    report = own_world.audit(forged.digest, forged.source)
    assert row(report, "pack", "status").outcome is Outcome.FAILED
    assert set(notes(report)) == ({"status_list_disagrees"} if is_noted else set())


@pytest.mark.parametrize("is_set", [False, True])
def test_without_a_chain(world: World, is_set: bool) -> None:
    """A set bit is said, and one that is not set proves nothing: the row is unknown either way."""
    forged = listed(world)
    put(forged, world, credential(world, *([INDEX] if is_set else [])))
    report = world.audit(forged.digest, forged.source, without_trust=True)
    assert row(report, "pack", "status").outcome is Outcome.UNKNOWN
    assert (report.verdict, rows_of(report, Outcome.FAILED)) == ("undecided", {})
    assert set(notes(report)) == set()
    found = [note.text for note in report.top_record.notes if note.code == status_list.LISTED]
    assert len(found) == is_set
    said = "Product pack: its issuer lists it as revoked or suspended"
    assert (said in Witnessed().judge(report).reasons) is is_set


def _with_index(world: World) -> Forged:
    return listed(world, index=MIN_ENTRIES)


def _bomb() -> str:
    """A list that unpacks to more than readers take, in 16 KB."""
    return "u" + base64url_encode(gzip.compress(bytes(MAX_ENTRIES // 8 + 1), mtime=0))


UNDECIDED: dict[str, tuple[dict[str, Any], str]] = {
    "out of time": ({"made": NOW - 60 * DAY}, "valid only until 2026-10-23"),
    "of tomorrow": ({"made": NOW + DAY}, "valid only from 2026-11-23"),
    "of another purpose": ({"purpose": SUSPENSION}, "a list of another purpose, suspension"),
    "under another URL": ({"url": URL + "x"}, "another list than the one that is named"),
}


@pytest.mark.parametrize("name", UNDECIDED)
def test_lists_that_say_nothing(world: World, name: str) -> None:
    changes, reason = UNDECIDED[name]
    forged = listed(world)
    put(forged, world, credential(world, INDEX, **changes))
    report = world.audit(forged.digest, forged.source)
    assert report.verdict == "passed"
    assert set(notes(report)) == {"status_list_unknown"}
    assert notes(report)["status_list_unknown"].startswith(f"its status list: {reason}")


def test_a_list_that_is_withheld(world: World) -> None:
    """Said, never passed over."""
    forged = listed(world)
    report = world.audit(forged.digest, forged.source)
    assert notes(report) == {"status_list_unknown": "its status list: not at hand"}


def test_an_index_beyond_the_list(world: World) -> None:
    forged = _with_index(world)
    put(forged, world, credential(world))
    text = notes(world.audit(forged.digest, forged.source))["status_list_unknown"]
    assert text.startswith("its status list: the status list has no such entry")


def test_a_list_that_unpacks_without_end(world: World) -> None:
    forged = listed(world)
    document = credential(world)
    document["credentialSubject"]["encodedList"] = _bomb()
    put(forged, world, document)
    assert "the status list is too long" in notes(world.audit(forged.digest, forged.source))["status_list_unknown"]


def test_a_bit_changed_after_signing(world: World) -> None:
    forged = listed(world)
    put(forged, world, credential(world, INDEX))
    clean = StatusList.of(REVOCATION, []).encoded().encode()
    dirty = StatusList.of(REVOCATION, [INDEX]).encoded().encode()
    body = forged.source.lists["did:web:maker.example", URL]
    assert dirty in body
    forged.source.lists["did:web:maker.example", URL] = body.replace(dirty, clean)
    assert "the signature does not hold" in notes(world.audit(forged.digest, forged.source))["status_list_unknown"]


def test_a_list_of_somebody_else(world: World) -> None:
    """Signed by the parts maker in its own name, under the maker's URL."""
    forged = listed(world)
    put(forged, world, credential(world, INDEX, by="parts"), world.companies["parts"].signer)
    text = notes(world.audit(forged.digest, forged.source))["status_list_unknown"]
    assert "no DID document at hand has a key under this method" in text


def test_a_key_that_nobody_bound(world: World) -> None:
    """A stranger files a DID document in the maker's name: the registry says no, and so does the passport's key."""
    forged = listed(world)
    stranger = signer_of("stranger", "did:web:maker.example#key-1")
    honest = world.companies["maker"].signer.multikey
    forged.source.more_dids["did:web:maker.example"] = [
        build_did_web_document("did:web:maker.example", multikeys=[stranger.multikey]),
        build_did_web_document("did:web:maker.example", multikeys=[honest]),
    ]
    put(forged, world, credential(world, INDEX), stranger)
    text = notes(world.audit(forged.digest, forged.source))["status_list_unknown"]
    assert text.startswith("its status list: no registrar's entity vouches for this key")
    report = world.audit(forged.digest, forged.source, without_trust=True)
    assert notes(report)["status_list_unknown"].startswith("its status list: signed by another key than the passport")


def test_a_key_is_asked_of_each_chain(world: World) -> None:
    """What one chain says of a key stands for no passport of another, though the issuer's id is the same on both."""
    forged = listed(world)
    put(forged, world, credential(world, INDEX))
    lists = status_list.StatusLists(
        forged.source, IssuerKeys(forged.source), at=world.time, is_snapshot=False, skew_s=0, max_bytes=1 << 20
    )
    secured = read_secured(forged.body, canonical=True)
    facts = passport_facts(secured.document, secured.doc_hash)
    elsewhere = facts._replace(place=facts.place._replace(genesis="0x" + "11" * 32))
    nowhere = world.trusted.model_copy(update={"root_registrars": ()})
    codes = []
    for stated, trusted in ((facts, world.trusted), (elsewhere, nowhere)):
        chain = ChainFacts(trusted, world.chain.state(), forged.source)
        note = lists.judge(secured.document, stated, chain, passed(CheckId.STATUS), None)
        codes.append(note and note.code)
    assert codes == ["status_list_disagrees", "status_list_unknown"]


@pytest.mark.parametrize(("days", "code"), [(1, "status_list_disagrees"), (-1, "status_list_unknown")])
def test_a_key_whose_end_the_did_document_dates(world: World, days: int, code: str) -> None:
    """A list is shown now, so the key has to be good now; the passport was anchored while it was."""
    forged = listed(world)
    put(forged, world, credential(world, INDEX))
    did = "did:web:maker.example"
    document = json.loads(forged.source.dids[did])
    for method in document["verificationMethod"]:
        method["expires"] = (world.now() + days * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    forged.source.dids[did] = jcs(document)
    assert set(notes(world.audit(forged.digest, forged.source))) == {code}


def test_few_lists_are_kept_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound an earlier list is let go and read again: the outcome is the same."""
    monkeypatch.setattr(status_list, "MAX_KEPT_BYTES", MIN_ENTRIES // 8)
    forged = listed(world)
    put(forged, world, credential(world, INDEX))
    assert set(notes(world.audit(forged.digest, forged.source))) == {"status_list_disagrees"}
