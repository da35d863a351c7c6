"""Links up and back, as part of `agreement`: what a passport says of another one is what that one says itself.

A linked passport is no part of the tree, and hands on nothing to the number. It is examined all the same, so that
nobody borrows a maker's name by a passport that the maker never signed, and readers are told when it was taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from passport.credentials import read_secured
from passport.errors import PassportError
from passport.model import schema
from passport.model.facts import PassportFacts, Pin, passport_facts
from passport.model.lineage import broken_link
from verifier.outcome import Check, CheckId, Note, Outcome, Severity, failed
from verifier.record import Linked, NodeRecord
from verifier.source import Source

PASSPORT_KIND = "untp-dpp-0.7.0-issuing"
MAX_LINKS = 200
PROVEN_BY: Final = (CheckId.SIGNATURE, CheckId.DIGEST, CheckId.SCHEMA, CheckId.INCLUSION, CheckId.IDENTITY)
"""What makes a linked passport its issuer's word: it may be out of date all the same, and its figures are its own."""
_ONE_ONLY: Final = ("model", "batch")


def check_links(
    facts: PassportFacts, source: Source, *, max_bytes: int
) -> tuple[Check | None, list[Note], tuple[Linked, ...]]:
    """Judge the links of a passport by what the passports that they pin say, as far as those are at hand.

    Args:
        facts: Of the passport that links.
        source: Where the others come from.
        max_bytes: The longest passport that is read.

    Returns:
        The first link that does not hold; a note for each that cannot be judged; and what came of each.
    """
    wrong = _told_twice(facts.links)
    notes = []
    found = []
    if len(facts.links) > MAX_LINKS:
        notes.append(_unknown(f"more than {MAX_LINKS} links: the rest is not judged"))
    for kind, pin in facts.links[:MAX_LINKS]:
        linked = _linked(pin.digest, source, max_bytes)
        if isinstance(linked, str):
            others = [each for each in source.passports_named(pin.url) if each != pin.digest]
            held = "differs" if others and linked == NOT_AT_HAND else "not at hand"
            reason = OTHER_DOCUMENT if held == "differs" else linked
            notes.append(_unknown(f"{kind} {pin.url}: {reason}"))
            found.append(Linked(kind, pin.url, pin.digest, held, reason=reason))
            continue
        check = _judge(kind, pin, facts, linked)
        wrong = wrong or check
        found.append(
            Linked(
                kind,
                pin.url,
                pin.digest,
                "matches",
                Outcome.FAILED if check else Outcome.UNKNOWN,
                linked.subject_name,
                f"{linked.issuer_name} ({linked.scheme} {linked.identifier})",
                reason=check.reason if check else None,
            )
        )
        if kind in _ONE_ONLY and linked.place.issuer_id != facts.place.issuer_id:
            text = f"{kind} {pin.url}: its issuer is {linked.issuer_name}"
            notes.append(Note("link_other_issuer", Severity.INFO, text))
    return wrong, notes, tuple(found)


def complete_link(link: Linked, linked: NodeRecord, by: NodeRecord) -> tuple[Linked, Check | None, list[Note]]:
    """Say of a link what the examination of the linked passport came to.

    Args:
        link: As `check_links` left it.
        linked: What the examination found.
        by: The passport that links.

    Returns:
        The link; the check that fails because nobody stands behind the linked passport; and notes of its standing.
    """
    rows = [row for each in PROVEN_BY if (row := linked.row(each)) is not None]
    refused = next((row for row in rows if row.outcome is Outcome.FAILED), None)
    status = linked.row(CheckId.STATUS)
    standing = "unknown"
    if status is not None and status.outcome is Outcome.FAILED:
        standing = status.found or "taken back"
    elif status is not None and status.outcome is Outcome.PASSED:
        standing = "superseded" if linked.is_superseded else "current"
    notes = []
    text = f"{link.kind} {link.id}: {standing}"
    if standing == "superseded":
        notes.append(Note("link_superseded", Severity.WARNING, text))
    elif standing not in ("unknown", "current"):
        notes.append(Note("link_revoked", Severity.WARNING, text))
    if link.kind == "former" and any(edge.child == link.digest for edge in by.edges):
        text = f"{link.id} is an input too: its footprint is counted in both lives"
        notes.append(Note("former_counted", Severity.WARNING, text))
    if refused is not None:
        reason = f"link to {link.kind}: {refused.id} of that passport failed"
        check = failed(CheckId.AGREEMENT, reason, expected=refused.expected, found=refused.reason)
        return link._replace(outcome=Outcome.FAILED, standing=standing, reason=reason), check, notes
    if link.outcome is Outcome.FAILED:
        return link._replace(standing=standing), None, notes
    left_open = next((each for each in PROVEN_BY if linked.outcome(each) is not Outcome.PASSED), None)
    if left_open is None:
        return link._replace(outcome=Outcome.PASSED, standing=standing), None, notes
    open_row = linked.row(left_open)
    reason = f"{left_open}: {open_row.reason if open_row else 'not judged'}"
    if by.outcome(CheckId.INCLUSION) is Outcome.PASSED:  # else the reader lacks the chain, and is told so already
        notes.append(_unknown(f"{link.kind} {link.id}: {reason}"))
    return link._replace(standing=standing, reason=reason), None, notes


NOT_AT_HAND: Final = "not at hand"
OTHER_DOCUMENT: Final = "another document goes by that id"


def _told_twice(links: Sequence[tuple[str, Pin]]) -> Check | None:
    """A passport is linked to once, and there is one model and one batch to be of."""
    times = Counter(pin.digest for _, pin in links)
    twice = next((pin for _, pin in links if times[pin.digest] > 1), None)
    if twice is not None:
        kinds = ", ".join(kind for kind, pin in links if pin.digest == twice.digest)
        return failed(CheckId.AGREEMENT, "one passport is linked to twice", expected="once", found=kinds)
    for name in _ONE_ONLY:
        count = sum(kind == name for kind, _ in links)
        if count > 1:
            return failed(CheckId.AGREEMENT, f"several links to a {name}", expected="at most 1", found=count)
    return None


def _judge(kind: str, pin: Pin, facts: PassportFacts, linked: PassportFacts) -> Check | None:
    if linked.id != pin.url:
        where = f"link to {kind} and its passport: id differ"
        return failed(CheckId.AGREEMENT, where, expected=pin.url, found=linked.id)
    broken = broken_link(kind, facts, linked)
    if broken is None:
        return None
    reason = f"link to {kind}: {broken.message}"
    return failed(CheckId.AGREEMENT, reason, expected=broken.expected, found=broken.found)


def _unknown(text: str) -> Note:
    return Note("link_unknown", Severity.INFO, text)


def _linked(digest: str, source: Source, max_bytes: int) -> PassportFacts | str:
    """The facts of a linked passport, or why it cannot be judged."""
    body = source.passport(digest)
    if body is None:
        return NOT_AT_HAND
    if len(body) > max_bytes:
        return f"larger than {max_bytes} bytes"
    try:
        secured = read_secured(body, canonical=True)
        schema.check(PASSPORT_KIND, secured.document)
        facts = passport_facts(secured.document, secured.doc_hash)
    except PassportError as error:
        return f"cannot be read: {error.message}"
    return facts if secured.doc_hash == digest else "another document stands in its place"
