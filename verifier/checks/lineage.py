"""Links up and back, as part of `agreement`: what a passport says of another one is what that one says itself."""

from __future__ import annotations

from passport.credentials import read_secured
from passport.errors import PassportError
from passport.model import schema
from passport.model.facts import PassportFacts, passport_facts
from passport.model.lineage import broken_link
from verifier.outcome import Check, CheckId, Note, Severity, failed
from verifier.source import Source

PASSPORT_KIND = "untp-dpp-0.7.0-issuing"
MAX_LINKS = 200


def check_links(facts: PassportFacts, source: Source, *, max_bytes: int) -> tuple[Check | None, list[Note]]:
    """Judge the links of a passport by the passports that they pin, as far as those are at hand.

    Args:
        facts: Of the passport that links.
        source: Where the others come from.
        max_bytes: The longest passport that is read.

    Returns:
        The first link that the other passport does not bear out; and a note for each that cannot be judged.
    """
    wrong: Check | None = None
    notes = []
    if len(facts.links) > MAX_LINKS:
        notes.append(_unknown(f"more than {MAX_LINKS} links: the rest is not judged"))
    for kind, pin in facts.links[:MAX_LINKS]:
        linked = _linked(pin.digest, source, max_bytes)
        if isinstance(linked, str):
            notes.append(_unknown(f"{kind} {pin.url}: {linked}"))
        elif linked.id != pin.url:
            where = f"link to {kind} and its passport: id differ"
            wrong = wrong or failed(CheckId.AGREEMENT, where, expected=pin.url, found=linked.id)
        else:
            broken = broken_link(kind, facts, linked)
            if broken is not None:
                reason = f"link to {kind}: {broken.message}"
                wrong = wrong or failed(CheckId.AGREEMENT, reason, expected=broken.expected, found=broken.found)
    return wrong, notes


def _unknown(text: str) -> Note:
    return Note("link_unknown", Severity.INFO, text)


def _linked(digest: str, source: Source, max_bytes: int) -> PassportFacts | str:
    """The facts of a linked passport, or why it cannot be judged; who signed it is for an audit of its own."""
    body = source.passport(digest)
    if body is None:
        return "not at hand"
    if len(body) > max_bytes:
        return f"larger than {max_bytes} bytes"
    try:
        secured = read_secured(body, canonical=True)
        schema.check(PASSPORT_KIND, secured.document)
        facts = passport_facts(secured.document, secured.doc_hash)
    except PassportError as error:
        return f"cannot be read: {error.message}"
    return facts if secured.doc_hash == digest else "another document stands in its place"
