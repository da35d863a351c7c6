"""Each value of each document changed by itself: by a stranger on the way, and by the issuer who signs and anchors it.

What a document says only once cannot contradict anything: those values are listed, and every other one must be found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from forge import Draft, draft_of, publish_all
from judged import only_failure, row
from mutations import Path, another, dotted, leaves, members, parent_of, put
from verifier_world import World

from passport.credentials import jcs, parse_canonical
from verifier.outcome import Outcome

# Said once, by the issuer, with nothing to compare it with: signed and anchored, so the issuer answers for it.
SAID_ONCE_IN_PASSPORT = {
    "credentialSubject.characteristics.carbonPassport.ledgerCeiling",
    "credentialSubject.characteristics.carbonPassport.salt",
    "credentialSubject.characteristics.names.zh",
    "credentialSubject.idScheme.id",
    "credentialSubject.idScheme.name",
    "credentialSubject.performanceClaim.0.evidence.0.linkName",
    "credentialSubject.performanceClaim.0.evidence.0.mediaType",
    "credentialSubject.producedAtFacility.id",
    "credentialSubject.producedAtFacility.name",
    "credentialSubject.productCategory.0.code",
    "credentialSubject.productCategory.0.name",
    "credentialSubject.productCategory.0.schemeId",
    "credentialSubject.productCategory.0.schemeName",
    "relatedResource.0.digestMultibase",  # of a document that nobody has: said in a note
    "relatedResource.0.id",
    *(
        f"credentialSubject.relatedDocument.{number}.{name}"
        for number in range(3)
        for name in ("linkName", "mediaType")
    ),
}
SAID_ONCE_IN_STATEMENT = {
    "companyIds.0",
    "pcf.boundaryProcessesDescription",
    "pcf.exemptedEmissionsDescription",
    "pcf.fossilCarbonContent",
    "productIds.0",
}
SAID_ONCE_IN_ROWS = {
    *(f"{number}.{name}" for number in range(5) for name in ("id", "name", "stage")),
}
# What takes the document out of reach instead of contradicting it: a pin to nowhere, a DID nobody can resolve.
OUT_OF_REACH = {
    "credentialSubject.performanceClaim.0.evidence.0.digestMultibase": "arithmetic unknown: the statement is withheld",
    "issuer.id": "signature unknown: the issuer's DID document is not at hand",
}
PLACE = "credentialSubject.characteristics.carbonPassport.place."


class Judged(NamedTuple):
    """What came of one changed value."""

    name: str
    value: Any
    verdict: str
    failed: dict[str, str]
    reasons: tuple[str, ...]


Change = Callable[[Draft, Path, Any], None]


def _judged(world: World, document: Any, change: Change) -> Iterator[Judged]:
    """Each value of a document of the pack changed by itself, all the passports in one checkpoint."""
    drafts, changed = [], []
    for path, value in leaves(document):
        drafts.append(draft_of(world, "pack"))
        changed.append((dotted(path), value))
        change(drafts[-1], path, another(value))
    for forged, (name, value) in zip(publish_all(drafts), changed, strict=True):
        report = world.audit(forged.digest, forged.source)
        rows = {str(c.id): str(c.reason) for c in report.top_record.ordered() if c.outcome is Outcome.FAILED}
        yield Judged(name, value, str(report.verdict), rows, report.reasons)


def test_each_value_of_a_passport_changed_by_its_issuer(world: World) -> None:
    """Re-signed and re-anchored, every value that is said twice is found, most by agreement or the closed schema."""

    def change(draft: Draft, path: Path, value: Any) -> None:
        if dotted(path).startswith(PLACE) or path[-1] in ("salt", "ledgerCeiling"):
            return  # a place is changed in the tests of the log; a salt means nothing
        draft.pins_statement = "digestMultibase" not in path or "relatedResource" in path
        put(draft.credential, path, value)

    wrong = []
    for judged in _judged(world, draft_of(world, "pack").credential, change):
        if judged.name in SAID_ONCE_IN_PASSPORT or judged.name.startswith(PLACE):
            is_right = judged.verdict == "passed"
        elif judged.name in OUT_OF_REACH:
            reason = OUT_OF_REACH[judged.name]
            is_right = judged.verdict == "undecided" and any(reason in each for each in judged.reasons)
        else:
            is_right = judged.verdict == "failed" and bool({"agreement", "schema"} & set(judged.failed))
            is_right = is_right or (judged.name.endswith("coveredQuantity.amount") and "arithmetic" in judged.failed)
        if not is_right:
            wrong.append(judged)
    assert not wrong, wrong


def test_each_value_of_a_statement_changed_by_its_issuer(world: World) -> None:
    """Hashed, pinned, signed and anchored anew, every value that is said twice is found."""

    def change(draft: Draft, path: Path, value: Any) -> None:
        if "rows" in path:
            draft.changes_after_rows.append(lambda late: put(late.statement, path, value))
        else:
            put(draft.statement, path, value)

    wrong = []
    for judged in _judged(world, draft_of(world, "pack").statement, change):
        if judged.name in SAID_ONCE_IN_STATEMENT:
            is_right = judged.verdict == "passed"
        elif ".rows." in judged.name:
            is_right = set(judged.failed) == {"arithmetic"} and "does not commit to" in judged.failed["arithmetic"]
        elif judged.name.endswith("ownExemptedPercent"):
            is_right = judged.failed == {"arithmetic": "the rows do not give the stated exempted percent"}
        else:
            is_right = set(judged.failed) == {"agreement"}
        if not is_right:
            wrong.append(judged)
    assert not wrong, wrong


def test_each_value_of_the_rows_changed_by_their_issuer(world: World) -> None:
    """Salted, hashed, committed, pinned, signed and anchored anew, with the sum left as it was."""

    def change(draft: Draft, path: Path, value: Any) -> None:
        put([entry["row"] for entry in draft.rows], path, value)

    wrong = []
    for judged in _judged(world, [entry["row"] for entry in draft_of(world, "pack").rows], change):
        if judged.name in SAID_ONCE_IN_ROWS:
            is_right = judged.verdict == "passed"
        elif judged.name.endswith(".delivery"):
            is_right = any("the delivery is not at hand" in reason for reason in judged.reasons)
        elif judged.name.endswith(".known"):  # it decides what counts as primary data
            is_right = "primary data share" in judged.failed.get("arithmetic", "")
        elif judged.name.endswith(".upstream.document") and judged.verdict == "undecided":
            is_right = any("the imported footprint is not at hand" in reason for reason in judged.reasons)
        elif ".unknownFields." in judged.name:
            is_right = bool({"agreement", "arithmetic"} & set(judged.failed))
        elif judged.name.endswith((".upstream.exemptedPercent", ".upstream.massPerDeclaredUnit", ".subjectId")):
            is_right = "agreement" in judged.failed
        else:
            is_right = "arithmetic" in judged.failed or "agreement" in judged.failed
        if not is_right:
            wrong.append(judged)
    assert not wrong, wrong


def test_each_value_of_a_passport_changed_on_the_way(world: World) -> None:
    """Without the key nobody can change a value: of the document the hash is wrong, of the proof the signature."""
    body = world.source.passports[world.top]
    wrong = []
    for path, value in leaves(parse_canonical(body)):
        document = parse_canonical(body)
        put(document, path, another(value))
        failed = _failed_on_the_way(world, jcs(document))
        if set(failed) != {"signature"} if path[0] == "proof" else "digest" not in failed:
            wrong.append((dotted(path), failed))
    assert not wrong, wrong


def test_each_member_of_a_passport_dropped_on_the_way(world: World) -> None:
    """A missing member is a wrong hash; in the proof, a proof that cannot be judged."""
    body = world.source.passports[world.top]
    wrong = []
    for path in members(parse_canonical(body)):
        document = parse_canonical(body)
        del parent_of(document, path)[path[-1]]
        failed = _failed_on_the_way(world, jcs(document))
        if ("signature" if path[0] == "proof" else "digest") not in failed:
            wrong.append((dotted(path), failed))
    assert not wrong, wrong


def test_each_member_of_a_passport_doubled_on_the_way(world: World) -> None:
    """A key that stands twice in one object could be read either way: refused, and said so."""
    body = world.source.passports[world.top]
    document = parse_canonical(body)
    wrong = []
    for path in members(document):
        holder = parent_of(document, path)
        inside = jcs(holder)[1:-1]
        doubled = body.replace(inside, jcs({path[-1]: holder[path[-1]]})[1:-1] + b"," + inside, 1)
        assert json.loads(doubled) == document  # an ordinary reader sees nothing
        failed = _failed_on_the_way(world, doubled)
        if set(failed) != {"digest"} or "twice" not in str(failed["digest"]):
            wrong.append((dotted(path), failed))
    assert not wrong, wrong


def test_each_value_of_a_passport_swapped_with_anothers(world: World) -> None:
    """Values of the housing's passport in the pack's, all of the proof among them."""
    body, other = (
        world.source.passports[world.top],
        parse_canonical(world.source.passports[world.issued["housing"].digest]),
    )
    wrong = []
    swapped = 0
    for path, value in leaves(parse_canonical(body)):
        try:
            theirs = parent_of(other, path)[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
        if theirs == value:
            continue
        swapped += 1
        document = parse_canonical(body)
        put(document, path, theirs)
        failed = _failed_on_the_way(world, jcs(document))
        if ("signature" if path[0] == "proof" else "digest") not in failed:
            wrong.append((dotted(path), failed))
    assert not wrong, wrong
    assert swapped > 40


def test_any_byte_of_a_passport(world: World) -> None:
    """Every 23rd byte flipped: never a pass, and never anything but a report."""
    body = world.source.passports[world.top]
    for position in range(0, len(body), 23):
        broken = bytearray(body)
        broken[position] ^= 1
        failed = _failed_on_the_way(world, bytes(broken))
        assert {"digest", "signature"} & set(failed), position


def _failed_on_the_way(world: World, body: bytes) -> dict[str, str | None]:
    source = world.source.clone()
    source.passports[world.top] = body
    report = world.audit(source=source)
    assert report.verdict == "failed"
    return {str(check.id): check.reason for check in report.top_record.ordered() if check.outcome is Outcome.FAILED}


@pytest.mark.parametrize("space", [b" ", b"\n", b"\t"])
def test_a_passport_written_otherwise(world: World, space: bytes) -> None:
    """White space changes no value and no hash of the document, but the bytes are not the ones that were signed."""
    source = world.source.clone()
    source.passports[world.top] = world.source.passports[world.top].replace(b'":"', b'":' + space + b'"', 1)
    found = only_failure(world.audit(source=source), "", "digest")  # what cannot be read has no name
    assert "not in canonical form" in str(found.reason)


def test_another_passport_under_the_pin(world: World) -> None:
    """A whole honest passport in the place of another: its hash is not the one asked for."""
    source = world.source.clone()
    source.passports[world.top] = source.passports[world.issued["housing"].digest]
    report = world.audit(source=source)
    found = row(report, "housing", "digest")
    assert found.outcome is Outcome.FAILED
    assert (found.reason, found.expected, found.found) == (
        "the pin is not the document's hash",
        world.top,
        world.issued["housing"].digest,
    )
