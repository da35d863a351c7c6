"""Who shows a view of a passport: a signature says so only where somebody vouches for the key.

Nobody signs DID documents, and what is at hand may come from whoever hands the view over. So a key that a filed
document names is the holder's only if one of these says so too:

1. the DID itself: a did:key is its own key;
2. the holder's own host, asked now;
3. the registry: the holder issued the passport that is shown, and the key is bound to the entity that did.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from passport.credentials import key_for, key_hash, read_did_document
from passport.errors import DisclosureError, DocumentError, LedgerError, PassportError
from passport.ledger.authority import credential_key_good_at
from passport.ledger.entity import IssuerId
from passport.model.facts import PassportFacts
from verifier.chain_facts import ChainFacts
from verifier.finding import Finding
from verifier.issuer_keys import IssuerKeys
from verifier.outcome import CheckId, Outcome
from verifier.report import Report
from verifier.source import Source
from verifier.trust import Trust

NOT_SIGNED = "nobody signed the presentation"
NOT_AT_HAND = "the holder's DID document is not at hand"
NOT_VOUCHED_FOR = "nobody vouches for the DID document that names the holder's key"

AtItsHost = Callable[[str], bytes | None]
"""The document that a did:web leads to now, asked at its own host; None where it was not asked or does not answer."""


def not_asked(did: str) -> bytes | None:
    """Asks nobody."""
    return None


class ShownBy(NamedTuple):
    """A signature over what is shown; nothing of it has been verified yet.

    Attributes:
        did: Who made it, as it says.
        verification_method: The DID URL of the key.
        check: Raises `SignatureError` unless the key with that Multikey made it.
    """

    did: str
    verification_method: str
    check: Callable[[str], None]


def check_holder(
    shown_by: ShownBy | None,
    passport: PassportFacts,
    source: Source,
    report: Report,
    *,
    trust: Trust | None,
    at: datetime,
    at_its_host: AtItsHost,
) -> Finding:
    """Judge the signature over what is shown.

    Args:
        shown_by: The signature; None where nobody signed.
        passport: What the passport that is shown states.
        source: Where DID documents and the chain's state come from.
        report: What came of that passport.
        trust: The trust file.
        at: The moment that is judged at, aware.
        at_its_host: Asks a did:web's own host.

    Returns:
        Passed if the holder signed; unknown if somebody did whom nobody vouches for; skipped where nobody signed.
    """
    if shown_by is None:
        return Finding(Outcome.SKIPPED, reason=NOT_SIGNED)
    did, method = shown_by.did, shown_by.verification_method
    # 1. and 2. What the DID itself or its host says decides alone.
    is_key = did.startswith("did:key:")
    hosted = None if is_key else at_its_host(did)
    if hosted is not None:
        try:
            shown_by.check(key_for(read_did_document(hosted, did=did), method, at=at))
        except PassportError as error:
            return Finding.failed(error)
        return Finding(Outcome.PASSED)
    try:
        named = IssuerKeys(source).named(did, method)
    except PassportError as error:  # a did:key that is none
        return Finding.failed(error)
    if named is None:
        return Finding(Outcome.UNKNOWN, found=did, reason=NOT_AT_HAND)
    problem: PassportError | None = named.problem
    signed_with: list[str] = []
    for multikey in named.keys_at(method, at):  # shown now: an end that lies ahead does not count
        try:
            shown_by.check(multikey)
        except PassportError as error:
            problem = error
        else:
            signed_with.append(multikey)
    if not signed_with:
        return Finding.failed(problem or DisclosureError("no key of the holder's", found=did))
    # 3. Who filed the document is not known: the registry has to know the key.
    if is_key or (
        passport.issuer_did == did and any(_is_bound(k, passport, source, report, trust, at) for k in signed_with)
    ):
        return Finding(Outcome.PASSED)
    return Finding(Outcome.UNKNOWN, found=did, reason=NOT_VOUCHED_FOR)


def _is_bound(
    multikey: str, passport: PassportFacts, source: Source, report: Report, trust: Trust | None, at: datetime
) -> bool:
    """Whether the registry binds the key, at this moment, to the entity that issued the passport."""
    identity = next((check for check in report.top_record.ordered() if check.id is CheckId.IDENTITY), None)
    if identity is None or identity.outcome is not Outcome.PASSED or trust is None:
        return False
    place = passport.place
    chain = trust.chain_of(place.registry, place.log, place.genesis)
    try:
        state = source.state(chain) if chain else None
        if chain is None or state is None:
            return False
        # Shown now: a key that was good once and is no more shows nothing.
        now = max(int(at.timestamp()), state.block.timestamp)
        registry = ChainFacts(chain, state, source).registry
        return credential_key_good_at(registry, IssuerId(place.issuer_id), key_hash(multikey), time=now).good
    except (LedgerError, DocumentError):
        return False
