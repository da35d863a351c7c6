"""The DID document that a passport pins: the version that counts, whatever the DID leads to, and never the registry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bundle_text import BundleText, judge, make
from forge import Draft, Forged, draft_of
from judged import node, only_failure, row
from memory_source import MemorySource
from verifier_world import NOW, World, signer_of

from passport.credentials import add_proof, build_did_web_document, jcs, read_secured
from passport.credentials.did import MAX_DID_DOCUMENT_BYTES
from passport.errors import DocumentError
from passport.model.digest import digest_of
from passport.model.facts import passport_facts
from verifier.audit import Settings, audit
from verifier.bundle import BUNDLE_FORMAT_1_1, LATER_SECTIONS, SECTIONS_1_1, to_base64url
from verifier.checks.did_pin import DIFFERS, MISSING
from verifier.layered_source import ResolvingSource
from verifier.outcome import CheckId, Note, Outcome, Severity
from verifier.policy import default_policy
from verifier.report import Report

DID = "did:web:maker.example"
METHOD = f"{DID}#key-1"


def pin_of(world: World, digest: str | None = None) -> str:
    """The digest that a passport pins, by default the top one."""
    body = world.source.passports[digest or world.top]
    secured = read_secured(body, canonical=True)
    pin = passport_facts(secured.document, secured.doc_hash).did_document
    assert pin is not None
    return pin.digest


def pinning(world: World, document: bytes, *, is_filed: bool = True, source: MemorySource | None = None) -> Forged:
    """The maker's passport anew, signed with its own key, with another document pinned."""
    source = source or world.source.clone()
    draft = draft_of(world, "pack")
    pin_in(draft, digest_of(document))
    if is_filed:
        source.pinned[digest_of(document)] = document
    return draft.publish(source=source)


def pin_in(draft: Draft, digest: str) -> None:
    url = f"https://maker.example/did-documents/{digest}.json"
    draft.honest_pin = None  # and stay so
    draft.credential["relatedResource"] = [{"digestMultibase": digest, "id": url, "mediaType": "application/did+json"}]


def document_with(world: World, **methods: str) -> bytes:
    """A document of the maker's with these keys by the fragment of their method."""
    listed = [
        {"id": f"{DID}#{name.replace('_', '-')}", "type": "Multikey", "controller": DID, "publicKeyMultibase": key}
        for name, key in methods.items()
    ]
    return jcs({"id": DID, "verificationMethod": listed, "assertionMethod": [each["id"] for each in listed]})


def note_of(report: Report, code: str, name: str = "pack") -> Note:
    (found,) = (note for note in node(report, name).notes if note.code == code)
    return found


def own_key(world: World) -> str:
    return world.companies["maker"].signer.multikey


STRANGER = signer_of("stranger", METHOD)


# --- honest passports ---


def test_every_passport_pins_the_document_that_was_served(world: World) -> None:
    """Of each company the digest of its own document, under a URL that leads to these bytes for good."""
    for name, issued in world.issued.items():
        company = world.company_of(name)
        document = read_secured(world.source.passports[issued.digest]).document
        served = digest_of(world.source.dids[company.did])
        assert document["relatedResource"] == [
            {
                "digestMultibase": served,
                "id": f"{company.base_url}/did-documents/{served}.json",
                "mediaType": "application/did+json",
            }
        ]
        assert (world.folder / "public" / company.key / "did-documents" / f"{served}.json").read_bytes() == (
            world.source.dids[company.did]
        )
    report = world.audit()
    assert report.verdict == "passed"
    assert not [note for record in report.records.values() for note in record.notes if note.code in (MISSING, DIFFERS)]


def test_each_version_is_read_once_in_an_audit(world: World) -> None:
    """Two passports of the smelter's and the like: one question for each document, by signature and by identity."""
    source = world.source.clone()
    world.audit(source=source)
    signers = {pin_of(world, issued.digest) for issued in world.issued.values()}
    assert source.calls["pinned_did_document"] <= 2 * len(signers)


def test_a_passport_from_before_pins_is_judged_as_it_was(world: World) -> None:
    draft = draft_of(world, "pack")
    draft.honest_pin = None
    del draft.credential["relatedResource"]
    draft.pin_did_document = lambda source: None  # type: ignore[method-assign]
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    assert report.verdict == "passed", report.reasons
    assert {note.code for note in node(report, "pack").notes} & {MISSING, DIFFERS} == set()


def test_the_pinned_version_outlives_what_the_did_leads_to(world: World) -> None:
    """The host has dropped the old key; the passport passes by the version that it pins, and the change is told."""
    source = world.source.clone()
    source.dids[DID] = document_with(world, key_2=signer_of("maker new", METHOD).multikey)
    report = world.audit(source=source)
    assert report.verdict == "passed", report.reasons
    told = note_of(report, DIFFERS)
    assert (told.severity, told.text) == (Severity.INFO, f"another document of the DID leaves {METHOD} out")
    source.pinned.clear()
    report = world.audit(source=source)
    assert row(report, "pack", "signature").outcome is Outcome.UNKNOWN  # none at hand names a key of the maker's
    assert note_of(report, MISSING).text == "another document of the DID is at hand, and no key of it signed"


def test_a_stranger_beside_the_pinned_document(world: World) -> None:
    """Another key under the same method: the pinned one counts, and the other is a warning."""
    source = world.source.clone()
    source.more_dids[DID] = [build_did_web_document(DID, multikeys=[STRANGER.multikey])]
    report = world.audit(source=source)
    assert report.verdict == "passed", report.reasons
    told = note_of(report, DIFFERS)
    assert told.severity is Severity.WARNING
    assert told.text == f"another document of the DID has another key under {METHOD}, {STRANGER.multikey}"


# --- pins to nowhere ---


def test_a_pinned_document_that_nobody_has(world: World) -> None:
    """The registry ties the key all the same; that the document is missing is said."""
    source = world.source.clone()
    del source.pinned[pin_of(world)]
    report = world.audit(source=source)
    assert report.verdict == "passed", report.reasons
    told = note_of(report, MISSING)
    assert told.severity is Severity.INFO
    assert told.text == "another document of the DID is at hand, which names the key that signed"
    without = world.audit(source=source, without_trust=True)
    assert row(without, "pack", "identity").outcome is Outcome.UNKNOWN  # nothing else ties the key


def test_other_bytes_under_the_pinned_hash(world: World) -> None:
    """A source that lies about a hash has nothing; a stranger's key in it verifies nothing."""
    source = world.source.clone()
    lie = build_did_web_document(DID, multikeys=[STRANGER.multikey])
    source.pinned[pin_of(world)] = lie
    report = world.audit(source=source)
    assert report.verdict == "passed"
    assert note_of(report, MISSING).severity is Severity.INFO
    body = add_proof(read_secured(world.source.passports[world.top]).document, STRANGER, NOW)
    source.drop(world.top)
    source.put(body)
    report = world.audit(source=source)
    assert "the signature does not hold" in str(only_failure(report, "pack", "signature").reason)


def test_a_pin_to_nowhere_while_the_host_serves_another(world: World) -> None:
    """`did:web` leads to a document with a stranger's key, the pinned one is at hand nowhere: undecided, not passed."""

    class Host:
        def resolve(self, did: str) -> Any:
            from passport.credentials import read_did_document

            return read_did_document(build_did_web_document(did, multikeys=[STRANGER.multikey]), did=did)

    source = world.source.clone()
    source.forget_did_documents(DID)
    report = audit(
        ResolvingSource(source, Host()),
        world.top,
        policy=default_policy(accept_imported=True),
        trust=world.trust,
        settings=Settings(at=world.now()),
    )
    assert report.verdict == "undecided"
    assert row(report, "pack", "signature").outcome is Outcome.UNKNOWN


def test_the_host_serves_the_pinned_version_still(world: World) -> None:
    """Filed nowhere, and yet at hand: the DID leads to exactly these bytes."""

    class Host:
        def resolve(self, did: str) -> Any:
            from passport.credentials import read_did_document

            return read_did_document(world.source.dids[did], did=did)

    source = world.source.clone()
    source.forget_did_documents(DID)
    report = audit(
        ResolvingSource(source, Host()),
        world.top,
        policy=default_policy(accept_imported=True),
        trust=world.trust,
        settings=Settings(at=world.now()),
    )
    assert report.verdict == "passed", report.reasons
    assert {note.code for note in node(report, "pack").notes} & {MISSING, DIFFERS} == set()


# --- pins of what is not the issuer's, or does not name the key ---


def test_a_document_without_the_key_that_signed(world: World) -> None:
    forged = pinning(world, document_with(world, key_2=own_key(world)))
    found = only_failure(world.audit(forged.digest, forged.source), "pack", "identity")
    assert found.reason == (
        "the DID document that the passport pins does not name the key that signed: the DID document has no such method"
    )
    without = world.audit(forged.digest, forged.source, without_trust=True)
    assert row(without, "pack", "identity").outcome is Outcome.FAILED  # the passport itself says so, without a chain


def test_a_strangers_document_under_the_issuers_did(world: World) -> None:
    """The maker's own key signed, and the pinned document has a stranger's in its place."""
    forged = pinning(world, document_with(world, key_1=STRANGER.multikey))
    found = only_failure(world.audit(forged.digest, forged.source), "pack", "identity")
    assert found.reason == "the DID document that the passport pins names another key than the one that signed"
    assert (found.expected, found.found) == (STRANGER.multikey, own_key(world))


def test_a_stranger_who_pins_a_document_of_his_own(world: World) -> None:
    """Signature and pin agree with each other; the registry has not bound the key."""
    draft = draft_of(world, "pack")
    draft.signer = STRANGER
    document = document_with(world, key_1=STRANGER.multikey)
    source = world.source.clone()
    source.pinned[digest_of(document)] = document
    pin_in(draft, digest_of(document))
    forged = draft.publish(source=source)
    report = world.audit(forged.digest, forged.source)
    assert row(report, "pack", "signature").outcome is Outcome.PASSED
    found = only_failure(report, "pack", "identity")
    assert "has not bound the credential key" in str(found.reason)
    without = world.audit(forged.digest, forged.source, without_trust=True)
    assert row(without, "pack", "identity").outcome is Outcome.UNKNOWN  # a pin makes no key anybody's
    assert without.verdict == "undecided"


def test_a_document_of_another_did(world: World) -> None:
    forged = pinning(world, world.source.dids["did:web:parts.example"])
    found = only_failure(world.audit(forged.digest, forged.source), "pack", "identity")
    assert "is none of its issuer's" in str(found.reason)
    assert "the document belongs to another DID" in str(found.reason)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"{", "not a DID document"),
        (b" " * (MAX_DID_DOCUMENT_BYTES + 1), "at most"),
        (jcs({"id": DID, "verificationMethod": {}}), "verificationMethod is not a list"),
    ],
    ids=["no JSON", "too long", "no list"],
)
def test_what_is_no_did_document(world: World, document: bytes, why: str) -> None:
    forged = pinning(world, document)
    found = only_failure(world.audit(forged.digest, forged.source), "pack", "identity")
    assert "is none of its issuer's" in str(found.reason)
    assert why in str(found.reason)


def test_two_keys_in_one_document(world: World) -> None:
    """Two methods are two keys, each under its name; one name for two keys is no document."""
    honest = pinning(world, document_with(world, key_1=own_key(world), key_2=STRANGER.multikey))
    assert world.audit(honest.digest, honest.source).verdict == "passed"
    swapped = pinning(world, document_with(world, key_1=STRANGER.multikey, key_2=own_key(world)))
    only_failure(world.audit(swapped.digest, swapped.source), "pack", "identity")
    document = json.loads(document_with(world, key_1=own_key(world)))
    document["verificationMethod"].append(
        {**document["verificationMethod"][0], "publicKeyMultibase": STRANGER.multikey}
    )
    doubled = pinning(world, jcs(document))
    found = only_failure(world.audit(doubled.digest, doubled.source), "pack", "identity")
    assert "two verification methods with one id" in str(found.reason)


def test_a_key_that_the_pinned_document_lists_for_nothing(world: World) -> None:
    document = json.loads(document_with(world, key_1=own_key(world)))
    forged = pinning(world, jcs({**document, "assertionMethod": []}))
    found = only_failure(world.audit(forged.digest, forged.source), "pack", "identity")
    assert "the method is not listed under assertionMethod" in str(found.reason)


def test_a_key_whose_end_the_pinned_document_dates(world: World) -> None:
    """Before the anchor it fails; after, it is good for what was anchored before."""
    for end, outcome in (("2020-01-01T00:00:00Z", "failed"), ("2099-01-01T00:00:00Z", "passed")):
        document = json.loads(document_with(world, key_1=own_key(world)))
        document["verificationMethod"][0]["expires"] = end
        source = world.source.clone()
        source.forget_did_documents(DID)
        forged = pinning(world, jcs(document), source=source)
        assert world.audit(forged.digest, forged.source).verdict == outcome, end


def test_an_old_version_pinned_after_the_end_that_a_later_one_dates(world: World) -> None:
    """Whoever has the key may pin what was: the registry decides, and a warning says what the later document says."""
    source = world.source.clone()
    later = json.loads(source.dids[DID])
    for method in later["verificationMethod"]:
        method["revoked"] = "2020-01-01T00:00:00Z"
    source.dids[DID] = jcs(later)
    forged = pinning(world, world.source.dids[DID], source=source)
    report = world.audit(forged.digest, forged.source)
    assert report.verdict == "passed"
    told = note_of(report, DIFFERS)
    assert told.severity is Severity.WARNING
    assert told.text == f"another document of the DID says of {METHOD}: the method had ended (revoked)"


def test_a_pin_saves_no_compromised_key(own_world: World) -> None:
    """Compromised from before the anchor, by the registry: the pinned document that names it changes nothing."""
    company = own_world.companies["maker"]
    honest = own_world.audit()
    assert honest.verdict == "passed"
    signed_at = honest.top_record.signed_at
    assert signed_at is not None
    call = own_world.registry.report_credential_key_compromise(
        company.issuer_id, company.key_hash, bad_from=signed_at - 1
    )
    own_world.send(company.controller, call)
    found = only_failure(own_world.audit(), "pack", "identity")
    assert "was compromised from" in str(found.reason)


def test_another_proof_under_a_pinned_document(world: World) -> None:
    """Anybody can put a proof under a document: the pin is no fault of the issuer's, the signature is not his."""
    source = world.source.clone()
    body = add_proof(read_secured(world.source.passports[world.top]).document, STRANGER, NOW)
    source.drop(world.top)
    source.put(body)
    only_failure(world.audit(source=source), "pack", "signature")
    source.more_dids[DID] = [build_did_web_document(DID, multikeys=[STRANGER.multikey])]
    found = only_failure(world.audit(source=source), "pack", "identity")
    assert "has not bound the credential key" in str(found.reason)
    without = world.audit(source=source, without_trust=True)
    found = row(without, "pack", "identity")  # the hash holds the pin, the pin the key: no chain is needed to see it
    assert found.outcome is Outcome.FAILED
    assert "names another key than the one that signed" in str(found.reason)


@pytest.mark.parametrize("value", [[], [{}, {}], "x"])
def test_a_pin_of_another_shape_is_no_passport(world: World, value: Any) -> None:
    draft = draft_of(world, "pack")
    draft.credential["relatedResource"] = value
    forged = draft.publish()
    found = world.audit(forged.digest, forged.source).top_record.row(CheckId.SCHEMA)
    assert found is not None
    assert found.outcome is Outcome.FAILED
    assert "relatedResource" in str(found.reason)


def test_a_pin_beside_a_did_key_is_not_looked_at(world: World) -> None:
    """A did:key is its own document, and one that is none is a fault of the signature: the audit goes on."""
    for did, outcome in ((f"did:key:{own_key(world)}", "passed"), ("did:key:z6MkNotAKey", "failed")):
        draft = draft_of(world, "pack")
        draft.credential["issuer"]["id"] = did
        draft.signer = signer_of("maker", f"{did}#{did.removeprefix('did:key:')}")
        pin_in(draft, digest_of(b"nothing"))
        forged = draft.publish()
        report = world.audit(forged.digest, forged.source)
        assert report.verdict == outcome, report.reasons
        assert {note.code for note in node(report, "pack").notes} & {MISSING, DIFFERS} == set()


def test_a_source_that_breaks_off(world: World) -> None:
    """Documents that cannot even be handed out are a row, and the pinned one is judged all the same."""

    class Broken(MemorySource):
        def did_documents(self, did: str) -> Any:
            raise DocumentError("not base64url in its one spelling", where=f"did {did}")

    source = Broken(world.source.ledger)
    source.__dict__.update(world.source.clone().__dict__)
    report = world.audit(source=source)
    assert row(report, "pack", "signature").outcome is Outcome.FAILED
    source.pinned.clear()
    report = world.audit(source=source)
    assert note_of(report, MISSING).text == "no document of the DID is at hand"


# --- in bundles ---


def test_a_bundle_carries_the_pinned_version(own_world: World, tmp_path: Path) -> None:
    """After a rotation that dropped the old key from the document: in the bundle the passport passes as outside."""
    source = own_world.source.clone()
    source.dids[DID] = document_with(own_world, key_2=signer_of("maker new", METHOD).multikey)
    trust = own_world.trust_with()
    path = tmp_path / "b"
    assert make(own_world, path, own_world.top, trust, source).verdict == "passed"
    assert judge(own_world, path, trust).verdict == "passed"
    text = BundleText.read(path)
    pinned = pin_of(own_world)
    assert text.payload("pinned", pinned) == to_base64url(own_world.source.dids[DID])
    stranger = build_did_web_document(DID, multikeys=[STRANGER.multikey])
    text.put("pinned", pinned, to_base64url(stranger))
    with pytest.raises(DocumentError, match="a document of another hash"):
        judge(own_world, text.write(path), trust)
    text = BundleText.read(path)
    text.put("pinned", digest_of(stranger), to_base64url(stranger))
    with pytest.raises(DocumentError, match="holds what nothing in its tree asks for"):
        judge(own_world, text.write(path), trust)


def test_a_bundle_whose_did_document_names_another_key(own_world: World, tmp_path: Path) -> None:
    """The pinned one shows who signed; a stranger's key in the other line is refused, not carried along."""
    trust, path = own_world.trust_with(), tmp_path / "b"
    make(own_world, path, own_world.top, trust)
    text = BundleText.read(path)
    document = json.loads(
        jcs(
            {
                "assertionMethod": [METHOD],
                "id": DID,
                "verificationMethod": [
                    {"controller": DID, "id": METHOD, "publicKeyMultibase": STRANGER.multikey, "type": "Multikey"}
                ],
            }
        )
    )
    text.put("did", DID, to_base64url(jcs(document)))
    with pytest.raises(DocumentError, match="other keys than those that signed"):
        judge(own_world, text.write(path), trust)


def test_a_bundle_without_pins_has_no_such_section(own_world: World, tmp_path: Path) -> None:
    """As bundles were before: version 1.0, which has no such section; 1.1 with nothing in what it adds is refused."""
    draft = draft_of(own_world, "ore")
    draft.honest_pin = None
    draft.credential.pop("relatedResource")
    draft.pin_did_document = lambda source: None  # type: ignore[method-assign]
    forged = draft.publish()
    trust, path = own_world.trust_with(), tmp_path / "b"
    assert make(own_world, path, forged.digest, trust, forged.source).verdict == "passed"
    head = json.loads(path.read_bytes().partition(b"\n")[0])
    assert "pinned" not in dict(head["sections"])
    assert judge(own_world, path, trust).verdict == "passed"
    _, _, body = path.read_bytes().partition(b"\n")
    at = [name for name, _ in head["sections"]].index("statement")
    head["sections"].insert(at, ["pinned", 0])
    path.write_bytes(jcs(head) + b"\n" + body)
    with pytest.raises(DocumentError, match="other sections"):
        judge(own_world, path, trust)
    counts = dict(head["sections"]) | dict.fromkeys(LATER_SECTIONS, 0)
    head |= {"format": BUNDLE_FORMAT_1_1, "sections": [[name, counts[name]] for name in SECTIONS_1_1]}
    path.write_bytes(jcs(head) + b"\n" + body)
    with pytest.raises(DocumentError, match="other members than a bundle has"):
        judge(own_world, path, trust)
