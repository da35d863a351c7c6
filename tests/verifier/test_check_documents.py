"""`signature`, `digest`, `schema` and `validity`: each way to pass, to fail and to stay unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from forge import Draft, Forged, draft_of, fresh_uuid, with_proof
from judged import node, only_failure, row, rows_of
from memory_source import MemorySource
from verifier_world import NOW, World, signer_of

from passport.credentials import add_proof, build_did_web_document, jcs, parse_canonical, read_secured
from verifier.examine import Limits
from verifier.outcome import Check, CheckId, Outcome


def _swap_top(world: World, body: bytes) -> MemorySource:
    source = world.source.clone()
    source.passports[world.top] = body
    return source


def _honest(world: World) -> bytes:
    return world.source.passports[world.top]


# --- signature ---

OTHER_SIGNATURE = "z" + "3" * 88

PROOFS: dict[str, tuple[dict[str, Any], str]] = {
    "another value": ({"proofValue": OTHER_SIGNATURE}, "signature"),
    "another time": ({"created": "2026-11-22T09:59:59Z"}, "the signature does not hold"),
    "an unknown suite": ({"cryptosuite": "eddsa-rdfc-2022"}, "unknown cryptosuite"),
    "a suite for other keys": ({"cryptosuite": "ecdsa-jcs-2019"}, "the key is of the wrong kind"),
    "another purpose": ({"proofPurpose": "authentication"}, "the proof serves another purpose"),
    "another type": ({"type": "Ed25519Signature2020"}, "unknown type of proof"),
    "a method of another DID": ({"verificationMethod": "did:web:parts.example#key-1"}, "belongs to another DID"),
    "a method that does not exist": ({"verificationMethod": "did:web:maker.example#key-9"}, "has no such method"),
    "the other form of the same key": ({"verificationMethod": "did:web:maker.example#key-1-jwk"}, "does not hold"),
    "an end that has passed": ({"expires": "2020-01-01T00:00:00Z"}, "expires"),
    "a member nobody knows": ({"previousProof": "urn:uuid:1"}, "members we do not judge"),
    "no value": ({"proofValue": None}, "the proof has no value"),
    "no time": ({"created": None}, "does not say when it was created"),
    "no context": ({"@context": None}, "does not repeat the document's @context"),
    "not base58": ({"proofValue": "z0OIl"}, "cannot be decoded"),
    "another multibase": ({"proofValue": "u" + "A" * 86}, "not multibase base58btc"),
}


@pytest.mark.parametrize(("members", "reason"), PROOFS.values(), ids=PROOFS.keys())
def test_a_proof_that_is_not_the_issuers(world: World, members: dict[str, Any], reason: str) -> None:
    """Only the signature fails: the document has the hash that is asked for, and is what was anchored."""
    report = world.audit(source=_swap_top(world, with_proof(_honest(world), **members)))
    found = only_failure(report, "pack", "signature")
    assert reason in str(found.reason)
    assert row(report, "pack", "digest").outcome is Outcome.PASSED
    assert row(report, "pack", "inclusion").outcome is Outcome.PASSED
    unknown = row(report, "pack", "identity")
    assert (unknown.outcome, unknown.reason) == (Outcome.UNKNOWN, "no key is proven to have signed")


def test_the_proof_of_another_passport(world: World) -> None:
    """A proof by the same key over another document of the same issuer."""
    other = draft_of(world, "pack").publish(is_anchored=False)
    proof = parse_canonical(other.body)["proof"]
    found = only_failure(world.audit(source=_swap_top(world, with_proof(_honest(world), **proof))), "pack", "signature")
    assert "the signature does not hold" in str(found.reason)


def test_no_proof_at_all(world: World) -> None:
    """The document alone, as a pin's link serves it."""
    report = world.audit(source=_swap_top(world, read_secured(_honest(world)).unsecured))
    assert only_failure(report, "pack", "signature").reason == "the document has no proof"


def test_two_proofs(world: World) -> None:
    """A list of proofs leaves open which one counts."""
    document = parse_canonical(_honest(world))
    document["proof"] = [document["proof"], document["proof"]]
    found = only_failure(world.audit(source=_swap_top(world, jcs(document))), "pack", "signature")
    assert found.reason == "proof: a set or chain of proofs; expected one proof; found 2 proofs"


def test_a_signature_by_a_stranger_under_the_issuers_name(world: World) -> None:
    """A stranger's key, named as the issuer's: the issuer's own DID document has another key there."""
    stranger = signer_of("stranger", "did:web:maker.example#key-1")
    body = add_proof(read_secured(_honest(world)).document, stranger, NOW)
    found = only_failure(world.audit(source=_swap_top(world, body)), "pack", "signature")
    assert "the signature does not hold" in str(found.reason)


def test_a_stranger_who_brings_the_did_document_too(world: World) -> None:
    """Nobody signs DID documents: the signature holds under a forged one, and the registry knows no such key."""
    stranger = signer_of("stranger", "did:web:maker.example#key-1")
    source = _swap_top(world, add_proof(read_secured(_honest(world)).document, stranger, NOW))
    source.dids["did:web:maker.example"] = build_did_web_document(
        "did:web:maker.example", multikeys=[stranger.multikey]
    )
    report = world.audit(source=source)
    assert row(report, "pack", "signature").outcome is Outcome.PASSED
    found = only_failure(report, "pack", "identity")
    assert "has not bound the credential key" in str(found.reason)
    assert found.found == stranger.multikey


@pytest.mark.parametrize("word", ["expires", "revoked"])
def test_what_a_key_signed_before_its_end_stays_signed(world: World, word: str) -> None:
    """The document dates the key's end; when it signed is what the block says that anchored the passport."""

    def judged(end: str, **options: Any) -> Check:
        did = "did:web:maker.example"
        document = json.loads(world.source.dids[did])
        for method in document["verificationMethod"]:
            method[word] = end
        source = world.source.clone()
        source.forget_did_documents(did)
        source.dids[did] = jcs(document)
        return row(world.audit(source=source, **options), "pack", "signature")

    assert judged("2099-01-01T00:00:00Z").outcome is Outcome.PASSED
    ended = judged("2020-01-01T00:00:00Z")
    assert (ended.outcome, f"had ended ({word})" in str(ended.reason)) == (Outcome.FAILED, True)
    for end in ("2099-01-01T00:00:00Z", "2020-01-01T00:00:00Z"):
        undated = judged(end, without_trust=True)
        assert undated.outcome is Outcome.UNKNOWN
        assert undated.reason == "the DID document dates the key's end, and the signing time is not proven"
        assert undated.found == "did:web:maker.example#key-1"


def test_a_did_document_of_another(world: World) -> None:
    """The document filed under the issuer's DID names another DID."""
    source = world.source.clone()
    source.forget_did_documents("did:web:maker.example")
    source.dids["did:web:maker.example"] = source.dids["did:web:parts.example"]
    found = _undecided_signature(world, source)
    assert "the document belongs to another DID" in str(found.found)


def test_a_did_document_that_cannot_be_read(world: World) -> None:
    """Not JSON."""
    source = world.source.clone()
    source.forget_did_documents("did:web:maker.example")
    source.dids["did:web:maker.example"] = b"{"
    assert "not a DID document" in str(_undecided_signature(world, source).found)


def test_only_a_strangers_did_document(world: World) -> None:
    """It names no key of the maker's, so it is nobody's word: the same as no document, where a chain can say so."""
    source = world.source.clone()
    source.forget_did_documents("did:web:maker.example")
    stranger = signer_of("stranger", "did:web:maker.example#key-1")
    for method in ("did:web:maker.example", "did:web:maker.example#other"):
        document = parse_canonical(build_did_web_document("did:web:maker.example", multikeys=[stranger.multikey]))
        if "#" in method:  # a document that does not even name the method that the passport names
            del document["verificationMethod"][0], document["assertionMethod"][0]
        source.dids["did:web:maker.example"] = jcs(document)
        _undecided_signature(world, source)
    without = world.audit(source=source, without_trust=True)
    assert row(without, "pack", "signature").outcome is Outcome.FAILED


def _undecided_signature(world: World, source: MemorySource) -> Check:
    report = world.audit(source=source)
    assert report.verdict == "undecided", report.reasons
    found = row(report, "pack", "signature")
    reason = "no DID document at hand names a key that the registry has bound to the issuer"
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, reason)
    return found


def test_a_key_that_is_its_own_did(world: World) -> None:
    """An issuer without a host signs under did:key: no document is needed, and the registry knows the key."""
    draft = draft_of(world, "pack")
    multikey = draft.company.signer.multikey
    draft.credential["issuer"]["id"] = f"did:key:{multikey}"
    draft.signer = signer_of("maker", f"did:key:{multikey}#{multikey}")
    forged = draft.publish()
    forged.source.dids.pop("did:web:maker.example")
    report = world.audit(forged.digest, forged.source)
    assert report.verdict == "passed", report.reasons
    odd = draft_of(world, "pack")
    odd.credential["issuer"]["id"] = "did:key:z6MkNotAKey"
    forged = odd.publish()
    assert "did:key" in str(only_failure(world.audit(forged.digest, forged.source), "pack", "signature").reason)


def test_no_did_document_at_hand(world: World) -> None:
    """Unknown, never passed; and whoever did not sign cannot be identified."""
    source = world.source.clone()
    source.forget_did_documents("did:web:maker.example")
    report = world.audit(source=source)
    assert report.verdict == "undecided"
    found = row(report, "pack", "signature")
    assert (found.outcome, found.reason, found.found) == (
        Outcome.UNKNOWN,
        "the issuer's DID document is not at hand",
        "did:web:maker.example",
    )
    assert row(report, "pack", "identity").reason == "no key is proven to have signed"


# --- digest ---


def test_an_upstream_passport_swapped_for_another_version(world: World) -> None:
    """The housing's maker hands out another passport under the same id; the pin names the one that was built on."""
    draft = draft_of(world, "housing")
    draft.rename(world.issued["housing"].id)
    draft.row("grid")["quantity"] = "4"
    draft.recompute()
    draft.settle()
    source = draft.publish().source
    source.drop(world.top)
    source.put(_honest(world))
    report = world.audit(source=source)
    found = only_failure(report, world.issued["housing"].id, "digest")
    assert found.reason == "the pin does not match the passport of that id"
    assert found.expected == world.issued["housing"].digest
    failure = report.deepest_failure()
    assert failure is not None
    assert (failure.node, failure.check.id) == (world.issued["housing"].id, "digest")


def test_an_upstream_passport_that_is_missing(world: World) -> None:
    """Unknown everywhere, and the emissions behind it are answered by nobody."""
    source = world.source.clone()
    source.drop(world.issued["metal"].digest)
    report = world.audit(source=source)
    assert report.verdict == "undecided"
    missing = [found for found in report.records.values() if found.kind == "absent"]
    assert [found.id for found in missing] == [world.issued["metal"].id]
    assert {check.reason for check in missing[0].ordered() if check.id not in {"double_counting", "equivocation"}} == {
        "the upstream passport is not at hand"
    }
    found = missing[0].row(CheckId.DOUBLE_COUNTING)
    assert found is not None
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, "its covered quantity is not at hand")
    found = missing[0].row(CheckId.EQUIVOCATION)
    assert found is not None
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, "the passport cannot be read")
    assert report.responsibility.nobody["not_at_hand"] == pytest.approx(report.coverage.unanswered)
    assert report.coverage.unanswered > 0.8


def test_a_pin_under_another_id(world: World) -> None:
    """The right hash under a wrong name: the child says so, and the buyer's copy is not what the child says."""
    draft = draft_of(world, "pack")
    draft.row("metal")["upstream"]["id"] = f"https://smelter.example/passports/{fresh_uuid()}"
    draft.pin_rows()
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    failed = {at: found.reason for at, found in rows_of(report, Outcome.FAILED).items()}
    assert set(failed) == {("metal", "digest"), ("pack", "agreement")}
    assert failed["metal", "digest"] in {"the pinned document goes by another id", "pinned under another id"}


BAD_TEXT: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "not JSON": (lambda body: body[:-1], "not JSON"),
    "not an object": (lambda body: b"[]", "not a document"),
    "nothing": (lambda body: b"", "not JSON"),
    "a number that is none": (lambda body: body.replace(b'"leafIndex":0', b'"leafIndex":NaN'), "not JSON"),
    "a key twice": (lambda body: body.replace(b'"name":', b'"name":"x","name":', 1), "twice"),
    "too deep": (lambda body: body.replace(b'"leafIndex":0', b'"leafIndex":' + b"[" * 101 + b"]" * 101), "too deep"),
    "much too deep": (lambda body: b"[" * 100_000, "too deep"),
    "an integer beyond 53 bits": (
        lambda body: body.replace(b'"leafIndex":0', b'"leafIndex":9007199254740993'),
        "no canonical form",
    ),
    "not UTF-8": (lambda body: body.replace(b"maker", b"mak\xff", 1), "not JSON"),
    "a byte order mark": (lambda body: b"\xef\xbb\xbf" + body, "not JSON"),
}


@pytest.mark.parametrize(("change", "reason"), BAD_TEXT.values(), ids=BAD_TEXT.keys())
def test_bytes_that_are_no_passport(world: World, change: Callable[[bytes], bytes], reason: str) -> None:
    """Refused as what is pinned, with the reason; never an exception, never a pass."""
    report = world.audit(source=_swap_top(world, change(_honest(world))))
    failed = rows_of(report, Outcome.FAILED)
    assert {check for _, check in failed} <= {"digest", "signature"}
    assert reason in " ".join(str(found.reason) for found in failed.values())
    assert report.verdict == "failed"


def test_a_document_beyond_the_bound(world: World) -> None:
    """16 MB are read; one byte more is unknown, naming the bound."""
    source = _swap_top(world, b"{" + b" " * (16 << 20) + b"}")
    report = world.audit(source=source)
    assert report.verdict == "undecided"
    assert row(report, "", "digest").reason == "larger than 16777216 bytes"
    full = _swap_top(world, b'"' + b"x" * ((16 << 20) - 2) + b'"')
    assert "not a document" in str(row(world.audit(source=full), "", "digest").reason)


def test_a_statement_beyond_the_bound(world: World) -> None:
    """A statement longer than is read is unknown, naming the bound; it is not the issuer's contradiction."""
    size = len(world.source.passports[world.top])
    draft = draft_of(world, "pack")
    draft.statement["comment"] = "x" * 1900
    draft.pcf["boundaryProcessesDescription"] = "x" * 2000
    draft.pcf["allocationRulesDescription"] = "x" * 2000
    forged = draft.publish()
    assert world.audit(forged.digest, forged.source).verdict == "passed"
    report = world.audit(forged.digest, forged.source, limits=Limits(document_bytes=size + 100))
    assert report.verdict == "undecided"
    for check in ("agreement", "arithmetic", "completeness"):
        found = row(report, "pack", check)
        assert found.outcome is Outcome.UNKNOWN
        assert found.expected == f"at most {size + 100} bytes"


# --- schema ---

SHAPES: dict[str, tuple[Callable[[Draft], None], str]] = {
    "a member nobody knows": (lambda draft: draft.stated.update(note="green"), "carbonPassport"),
    "a member missing": (lambda draft: draft.stated.pop("unattributed"), "unattributed"),
    "an amount with an exponent": (lambda draft: draft.stated.update(total="2e2"), "total"),
    "an amount as a number": (lambda draft: draft.stated.update(total=213), "total"),
    "an amount with a trailing zero": (lambda draft: draft.stated.update(total="213.0"), "total"),
    "minus zero": (lambda draft: draft.stated.update(unattributed="-0"), "unattributed"),
    "an emission below zero": (lambda draft: draft.stated["components"].update(fossilGhgEmissions="-1"), "fossilGhg"),
    "an uptake above zero": (
        lambda draft: draft.stated["components"].update(biogenicCO2Uptake="1"),
        "biogenicCO2Uptake",
    ),
    "an unknown component": (lambda draft: draft.stated["components"].update(greenness="1"), "greenness"),
    "an unknown unit": (lambda draft: draft.stated.update(declaredUnit="furlong"), "declaredUnit"),
    "nothing declared": (lambda draft: draft.stated.update(declaredAmount="0"), "declaredAmount"),
    "nothing covered": (lambda draft: draft.stated["coveredQuantity"].update(amount="0"), "coveredQuantity"),
    "another format": (lambda draft: draft.stated.update(format="carbon-passport/passport/2.0"), "format"),
    "a day that is none": (lambda draft: draft.credential.update(validFrom="2026-02-30T00:00:00Z"), "not a moment"),
    "a period that ends before it starts": (
        lambda draft: draft.stated["period"].update(start="2026-06-01T00:00:00Z"),
        "a period that ends before it starts",
    ),
    "two statements": (
        lambda draft: draft.claim["evidence"].append(dict(draft.claim["evidence"][0])),
        "a passport pins one statement",
    ),
    "two claims": (
        lambda draft: draft.credential["credentialSubject"]["performanceClaim"].append(dict(draft.claim)),
        "performanceClaim",
    ),
    "two legal entities": (
        lambda draft: draft.credential["issuer"]["issuerAlsoKnownAs"].append(
            dict(draft.credential["issuer"]["issuerAlsoKnownAs"][0])
        ),
        "issuerAlsoKnownAs",
    ),
    "a set of warming potentials that no report has": (lambda draft: draft.stated.update(gwp=["SAR"]), "gwp"),
}


@pytest.mark.parametrize(("change", "reason"), SHAPES.values(), ids=SHAPES.keys())
def test_a_passport_of_another_shape(world: World, change: Callable[[Draft], None], reason: str) -> None:
    """Signed and anchored all the same; nothing beyond the shape is judged."""
    draft = draft_of(world, "pack")
    change(draft)
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    found = only_failure(report, "", "schema")
    assert reason in str(found.reason)
    assert row(report, "", "digest").outcome is Outcome.PASSED
    assert row(report, "", "signature").reason == "the document has not the shape of a passport"
    assert row(report, "", "arithmetic").outcome is Outcome.UNKNOWN


# --- validity ---


def _dated(world: World, **changes: Any) -> Forged:
    """A pack's passport with other dates, the same in every place that repeats them."""
    draft = draft_of(world, "pack")
    draft.credential.update({name: text for name, text in changes.items() if name.startswith("valid")})
    if "created" in changes:
        draft.created = datetime.fromisoformat(changes["created"])
    if "end" in changes:
        draft.stated["period"]["end"] = changes["end"]
        draft.state_everywhere()
    valid_from = draft.credential["validFrom"]
    draft.claim["claimDate"] = valid_from[:10]
    draft.statement["created"] = draft.statement["validityPeriodStart"] = valid_from
    draft.statement["validityPeriodEnd"] = draft.credential["validUntil"]
    return draft.publish()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("name", ["created", "validFrom", "end"])
def test_the_edges_of_clock_skew(world: World, name: str) -> None:
    """300 seconds after the block are forgiven, one more is not. The next block is a second after the last one."""
    reasons = {
        "created": "created lies after the block that anchored the passport",
        "validFrom": "validFrom lies after the block that anchored the passport",
        "end": "the end of the reference period lies after the block that anchored the passport",
    }
    for extra_s, outcome in ((300, Outcome.PASSED), (301, Outcome.FAILED)):
        moment = datetime.fromtimestamp(world.time + 1, UTC) + timedelta(seconds=extra_s)
        forged = _dated(world, **{name: _text(moment)})
        report = world.audit(forged.digest, forged.source, at=moment)
        found = row(report, "pack", "validity")
        assert found.outcome is outcome, (extra_s, found)
        assert set(rows_of(report, Outcome.FAILED)) == ({("pack", "validity")} if outcome is Outcome.FAILED else set())
        if outcome is Outcome.FAILED:
            assert found.reason == reasons[name]
            assert found.found == _text(moment)
            assert found.expected == f"at most {_text(moment - timedelta(seconds=301))} and 300 s"


def test_skew_can_be_set(world: World) -> None:
    """A verifier that forgives nothing finds what another forgives."""
    moment = datetime.fromtimestamp(world.time + 2, UTC)
    forged = _dated(world, created=_text(moment))
    for skew_s, outcome in ((0, Outcome.FAILED), (1, Outcome.PASSED)):
        report = world.audit(forged.digest, forged.source, skew_s=skew_s)
        assert report.top_record.outcome(CheckId.VALIDITY) is outcome


LENGTHS: dict[str, tuple[dict[str, str], str]] = {
    "valid for no time": (
        {"validUntil": "2026-11-22T10:00:00Z"},
        "valid for no time",
    ),
    "valid for a second more than three years": (
        {"validUntil": "2029-01-01T00:00:01Z"},
        "valid for more than 3 years after its reference period",
    ),
    "valid for ever": (
        {"validUntil": "9999-12-31T23:59:59Z"},
        "valid for more than 3 years after its reference period",
    ),
    "beyond the calendar": (
        {"validUntil": "9999-12-31T23:59:59Z", "end": "9999-12-31T00:00:00Z"},
        "valid for more than 3 years after its reference period",
    ),
}


@pytest.mark.parametrize(("changes", "reason"), LENGTHS.values(), ids=LENGTHS.keys())
def test_how_long_a_passport_may_be_valid(world: World, changes: dict[str, str], reason: str) -> None:
    """PACT: until three years after the reference period at most."""
    forged = _dated(world, **changes)
    assert only_failure(world.audit(forged.digest, forged.source), "pack", "validity").reason == reason


def test_a_time_no_calendar_reaches(world: World) -> None:
    """A proof made in the year 9999, a day west of Greenwich: found, not a crash."""
    draft = draft_of(world, "pack")
    forged = draft.publish()
    odd = with_proof(forged.body, created="9999-12-31T23:59:59-23:59")
    forged.source.passports[forged.digest] = odd
    report = world.audit(forged.digest, forged.source)
    assert {check for _, check in rows_of(report, Outcome.FAILED)} == {"signature", "validity"}
    assert row(report, "pack", "validity").found == "253402387139 s after 1970"


@pytest.mark.parametrize(
    ("at", "outcome", "reason"),
    [
        ("2028-12-31T23:59:59Z", Outcome.PASSED, None),
        ("2029-01-01T00:00:00Z", Outcome.PASSED, None),
        ("2029-01-01T00:00:01Z", Outcome.FAILED, "not valid at the moment that is judged"),
        ("2026-11-22T09:54:59Z", Outcome.FAILED, "not valid at the moment that is judged"),
    ],
)
def test_the_top_passport_at_the_moment_judged(world: World, at: str, outcome: Outcome, reason: str | None) -> None:
    """Valid from its begin, less the skew, to its end."""
    report = world.audit(at=datetime.fromisoformat(at), max_status_age_s=10**10)
    found = row(report, "pack", "validity")
    assert (found.outcome, found.reason) == (outcome, reason)


def test_a_passport_anchored_after_the_moment_judged(world: World) -> None:
    """Valid from long ago by its own word, and anchored only now: at that time nobody had promised anything."""
    forged = _dated(world, validFrom="2026-03-01T00:00:00Z", created="2026-03-01T00:00:00Z")
    assert world.audit(forged.digest, forged.source).verdict == "passed"
    report = world.audit(forged.digest, forged.source, at=datetime(2026, 4, 1, tzinfo=UTC))
    assert only_failure(report, "pack", "validity").reason == "anchored only after the moment that is judged"


def test_validity_without_a_chain(world: World) -> None:
    """Without trust nobody knows when anything was signed."""
    found = row(world.audit(without_trust=True), "pack", "validity")
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, "the signing time is not proven")


def _pack_over(world: World, child: str, forged: Forged) -> Forged:
    """A pack's passport that builds on another passport of its supplier."""
    draft = draft_of(world, "pack")
    draft.build_on(child, forged)
    draft.recompute()
    draft.settle()
    return draft.publish(source=forged.source)


def _cable(world: World, *, valid_until: str | None = None, valid_from: str | None = None) -> Forged:
    """Another passport of the cable, with other dates."""
    draft = draft_of(world, "cable")
    if valid_until:
        draft.credential["validUntil"] = draft.statement["validityPeriodEnd"] = valid_until
    if valid_from:
        draft.credential["validFrom"] = valid_from
        draft.statement["created"] = draft.statement["validityPeriodStart"] = valid_from
        draft.claim["claimDate"] = valid_from[:10]
    return draft.publish()


def test_an_upstream_passport_that_expires_later(world: World) -> None:
    """Valid when it was built on: what happens to it afterwards is no fault of the buyer."""
    child = _cable(world, valid_until=_text(datetime.fromtimestamp(world.time, UTC) + timedelta(days=1)))
    forged = _pack_over(world, "cable", child)
    later = world.now() + timedelta(days=20)
    report = world.audit(forged.digest, forged.source, at=later)
    assert report.verdict == "passed", report.reasons
    # Judged by itself at that later moment it has expired.
    assert row(world.audit(child.digest, child.source, at=later), "cable", "validity").outcome is Outcome.FAILED


def test_an_upstream_passport_that_had_expired(world: World) -> None:
    """It had expired a second before the buyer's passport was anchored."""
    child = _cable(world, valid_from="2026-06-01T00:00:00Z", valid_until="2026-07-01T00:00:00Z")
    forged = _pack_over(world, "cable", child)
    found = only_failure(world.audit(forged.digest, forged.source), "cable", "validity")
    assert found.reason == f"expired when {forged.id} was signed"
    assert found.found == "valid until 2026-07-01T00:00:00Z"


def test_an_upstream_passport_that_was_not_valid_yet(world: World) -> None:
    """It is valid from a moment long after the buyer built on it."""
    child = _cable(world, valid_from="2026-12-31T00:00:00Z")
    forged = _pack_over(world, "cable", child)
    found = only_failure(world.audit(forged.digest, forged.source), "cable", "validity")
    assert found.reason is not None
    assert found.reason in {
        "validFrom lies after the block that anchored the passport",
        f"not yet valid when {forged.id} was signed",
    }


def test_an_upstream_passport_anchored_after_its_buyer(world: World) -> None:
    """Possible, because the hash was known before; said as a note, because the child was nobody's promise yet."""
    child = draft_of(world, "cable")
    draft = draft_of(world, "pack")
    source = world.source.clone()
    place = len(source.logs[child.company.log_key].entries)
    child.stated["place"]["leafIndex"] = place
    digest, body = child.seal(place)
    draft.build_on("cable", Forged(digest, child.credential["id"], place, body, source))
    draft.recompute()
    draft.settle()
    forged = draft.publish(source=source)
    late = child.publish(source=forged.source)
    assert late.digest == digest
    report = world.audit(forged.digest, forged.source)
    assert report.verdict == "passed", report.reasons
    assert [note.code for note in node(report, "cable").notes] == ["anchored_after_buyer"]
