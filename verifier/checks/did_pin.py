"""The DID document that a passport pins: it must be the issuer's and name the key that signed.

It is a part of `identity` and adds to what the registry says, never the other way round: a pin is the issuer's own word
on which of its documents it meant, so it can count against a passport and makes no key anybody's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from passport.credentials import key_for
from passport.errors import PassportError
from passport.model.facts import PassportFacts
from verifier.issuer_keys import BEFORE_ANY_END, DID_KEY, IssuerKeys, PinnedKey
from verifier.outcome import Check, CheckId, Note, Severity, failed

MISSING = "did_document_missing"
DIFFERS = "did_document_differs"


class PinJudged(NamedTuple):
    """What the pinned document says against a passport, and what a reader should know beside it."""

    check: Check | None
    note: Note | None


_NOTHING = PinJudged(None, None)


def judge_pin(
    facts: PassportFacts, verification_method: str, multikey: str | None, keys: IssuerKeys, signed_at: int | None
) -> PinJudged:
    """Judge the DID document that a passport pins, if it pins one.

    Args:
        facts: What the passport states.
        verification_method: The method that its proof names.
        multikey: The key whose signature verified, None when the signature did not.
        keys: The keys of issuers.
        signed_at: The signing time, unix seconds, None while it is not proven.
    """
    pin = facts.did_document
    if pin is None or facts.issuer_did.startswith(DID_KEY):  # which is its own document
        return _NOTHING
    pinned = keys.pinned_key(facts.issuer_did, verification_method, pin.digest)
    if pinned is None:
        return PinJudged(
            None, Note("did_document_missing", Severity.INFO, _missing(facts, verification_method, multikey, keys))
        )
    fault = _fault(pinned, verification_method, multikey, signed_at)
    return PinJudged(fault, _differing(pinned, verification_method, signed_at))


def _fault(pinned: PinnedKey, verification_method: str, multikey: str | None, signed_at: int | None) -> Check | None:
    document = pinned.document
    if document is None:
        reason = f"the DID document that the passport pins is none of its issuer's: {pinned.problem}"
        return failed(CheckId.IDENTITY, reason)
    if multikey is None:  # anybody can put another proof under a document: that is for `signature`
        return None
    try:
        named = key_for(document, verification_method, at=_moment(signed_at))
    except PassportError as error:
        reason = f"the DID document that the passport pins does not name the key that signed: {error.message}"
        return failed(CheckId.IDENTITY, reason, expected=error.expected, found=error.found)
    if named != multikey:
        reason = "the DID document that the passport pins names another key than the one that signed"
        return failed(CheckId.IDENTITY, reason, expected=named, found=multikey)
    return None


def _differing(pinned: PinnedKey, verification_method: str, signed_at: int | None) -> Note | None:
    """Other documents under the same DID that say otherwise: a later version, or a stranger's."""
    if pinned.other_key is not None:
        text = f"another document of the DID has another key under {verification_method}, {pinned.other_key}"
        return Note("did_document_differs", Severity.WARNING, text)
    for document in pinned.ended:
        try:
            key_for(document, verification_method, at=_moment(signed_at))
        except PassportError as error:
            text = f"another document of the DID says of {verification_method}: {error.message}"
            return Note("did_document_differs", Severity.WARNING, text)
    if pinned.is_left_out:
        return Note(
            "did_document_differs", Severity.INFO, f"another document of the DID leaves {verification_method} out"
        )
    return None


def _moment(signed_at: int | None) -> datetime:
    return BEFORE_ANY_END if signed_at is None else datetime.fromtimestamp(signed_at, UTC)


def _missing(facts: PassportFacts, verification_method: str, multikey: str | None, keys: IssuerKeys) -> str:
    try:
        named = keys.named(facts.issuer_did, verification_method)
    except PassportError:
        named = None
    if named is None:
        return "no document of the DID is at hand"
    if multikey is None:
        return "another document of the DID is at hand, and no key of it signed"
    return "another document of the DID is at hand, which names the key that signed"
