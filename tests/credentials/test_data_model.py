"""The data model's rules: the W3C suite's own inputs judged as their names say, and what those leave out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from passport.credentials.data_model import check_credential, check_presentation
from passport.errors import SchemaError

V2 = "https://www.w3.org/ns/credentials/v2"
DOCUMENT: dict[str, Any] = {
    "@context": [V2],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:issuer",
    "credentialSubject": {"id": "did:example:subject"},
}
# Inputs whose names do not say ok or fail, by what the suite expects of them (its README and test files).
BY_TABLE = {
    "credential-missing-base-context-fail-or-inject": False,
    "credential-no-context-fail-or-inject": False,
    "presentation-no-context-fail-or-inject": False,
    "presentation-self-asserted-vc-holder-mismatch": False,
    "presentation-self-asserted-vc-issuer-mismatch": False,
    "presentation-self-asserted-vc-no-holder": False,
}
PAST, FUTURE = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"


def _judge(path: Path) -> None:
    """Judge an input as the suite hands it over: it puts in the issuer, and moments where a word stands for one."""
    text = path.read_text("utf-8").replace("PAST DATE", PAST).replace("FUTURE DATE", FUTURE)
    document = json.loads(text)
    if path.stem.startswith("presentation"):
        check_presentation(document, is_self_asserted="self-asserted" in path.stem)
        return
    if "issuer" not in document and "no-issuer" not in path.stem:
        document["issuer"] = "did:example:issuer"
    elif isinstance(document.get("issuer"), dict):
        document["issuer"].setdefault("id", "did:example:issuer")
    check_credential(document)


@pytest.mark.shared
def test_the_suites_inputs_are_judged_as_their_names_say(shared: Path) -> None:
    folder = shared / "standards/vc/vcdm2-test-suite-inputs"
    wrong = []
    judged = {True: 0, False: 0}
    for path in sorted(folder.rglob("*.json")):
        name = path.stem
        expected = BY_TABLE[name] if name in BY_TABLE else name.endswith("-ok")
        assert name in BY_TABLE or name.endswith(("-ok", "-fail")), name
        judged[expected] += 1
        try:
            _judge(path)
        except SchemaError as error:
            if expected:
                wrong.append((name, str(error)))
        else:
            if not expected:
                wrong.append((name, "accepted"))
    assert wrong == []
    assert judged == {True: 65, False: 55}


def _changed(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in {**DOCUMENT, **members}.items() if value is not ...}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], r"\$: not an object; found list"),
        (_changed(**{"@context": ...}), "@context: another first context"),
        (_changed(**{"@context": V2}), "@context: another first context"),
        (_changed(**{"@context": ["https://x.example/v1", V2]}), "@context: another first context"),
        (_changed(**{"@context": [V2, "https://x.example/v1"]}), r"@context\[1\]: a context that nobody here knows"),
        (
            _changed(**{"@context": [V2, {"VerifiableCredential": "https://x.example/"}]}),
            "a protected term defined anew",
        ),
        (
            _changed(**{"@context": [V2, {"issuer": "https://x.example/holder"}]}),
            r"issuer: a protected term defined anew",
        ),
        (
            _changed(**{"@context": [V2, {"validUntil": "https://x.example/validFrom"}]}),
            "a protected term defined anew",
        ),
        (
            _changed(**{"@context": [V2, {"@import": "https://x.example/v1"}]}),
            "@import: a context that changes how others",
        ),
        (_changed(**{"@context": [V2, {"@base": "https://x.example/"}]}), "@base: a context that changes how others"),
        (
            _changed(**{"@context": [V2, {"part": {"@id": "https://x.example/", "@context": {}}}]}),
            "part: a context within a context",
        ),
        (
            _changed(credentialSubject={"a": [{"@context": {"a": "https://x.example/"}}]}),
            r"credentialSubject.a\[0\].@context: a context inside a credential",
        ),
        (_changed(issuer={"id": "a:b", "@context": None}), "issuer.@context: a context inside a credential"),
        (_changed(**{"@context": [V2, *[{}] * 32]}), "too many contexts"),
        (_changed(type=["VerifiableCredential", "Other"]), "a type that no context defines; found Other"),
        (_changed(type=["VerifiableCredential", 7]), "a type that is no text; found int"),
        (_changed(type="Other"), "another type; expected VerifiableCredential; found Other"),
        (_changed(issuer=...), "issuer: missing"),
        (_changed(issuer={"name": "x"}), "issuer: not a URL; found None"),
        (_changed(issuer="acme"), "issuer: not a URL; found acme"),
        (_changed(id=["a:b"]), r"\$.id: not a URL"),
        (_changed(credentialSubject=...), "credentialSubject: missing"),
        (_changed(credentialSubject=[{"a": 1}, {}]), r"credentialSubject\[1\]: a subject that says nothing"),
        (_changed(credentialSubject="x"), "credentialSubject: not an object; found str"),
        (_changed(validFrom="2026-01-01T00:00:00"), "validFrom: not a moment with its offset"),
        (_changed(validFrom="2026-02-30T00:00:00Z"), "validFrom: not a moment of the calendar"),
        (_changed(validFrom=FUTURE, validUntil=PAST), "validUntil: valid until before it is valid"),
        (_changed(evidence={"id": "a:b"}), "evidence.type: without a type"),
        (_changed(credentialSchema={"type": "JsonSchema"}), "credentialSchema.id: not a URL"),
        (_changed(relatedResource={"id": "a:b"}), "relatedResource: a resource without a digest"),
        (
            _changed(relatedResource=[{"id": "a:b", "digestSRI": "x"}] * 2),
            r"relatedResource\[1\]: one resource listed twice",
        ),
        (_changed(name={"@value": "x", "note": "y"}), r"\$.name: not words in a language"),
        (_changed(description=7), r"\$.description: not words in a language"),
    ],
)
def test_each_rule_has_its_reason(document: Any, reason: str) -> None:
    check_credential(DOCUMENT)
    with pytest.raises(SchemaError, match=reason):
        check_credential(document)


def test_a_type_is_defined_by_the_document_by_a_known_context_or_is_a_url() -> None:
    for contexts, kind in (
        ([V2], "https://x.example/T"),
        ([V2, {"T": "https://x.example/T"}], "T"),
        ([V2, {"@vocab": "https://x.example/"}], "T"),
        ([V2, "https://vocabulary.uncefact.org/untp/0.7.0/context/"], "DigitalProductPassport"),
    ):
        check_credential(_changed(**{"@context": contexts}, type=["VerifiableCredential", kind]))
    with pytest.raises(SchemaError, match="a type that no context defines"):
        check_credential(_changed(**{"@context": [V2, {"@vocab": None}]}, type=["VerifiableCredential", "T"]))
    own = {"https://x.example/v1": frozenset({"T"}), V2: frozenset[str]()}
    check_credential(
        _changed(**{"@context": [V2, "https://x.example/v1"]}, type=["VerifiableCredential", "T"]), contexts=own
    )


def test_a_presentation_names_the_credential_that_breaks_a_rule() -> None:
    presentation = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [DOCUMENT, _changed(issuer="acme")],
    }
    with pytest.raises(SchemaError, match=r"verifiableCredential\[1\]: issuer: not a URL; found acme"):
        check_presentation(presentation)
    presentation["verifiableCredential"] = [DOCUMENT] * 1001
    with pytest.raises(SchemaError, match=r"verifiableCredential\[1000\]: too many credentials"):
        check_presentation(presentation)
