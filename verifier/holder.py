"""Who shows a presentation: a signature says so only where somebody vouches for the key.

Nobody signs DID documents, and what is at hand may come from whoever hands the presentation over. So a key that a filed
document names is the holder's only if one of these says so too:

1. the DID itself: a did:key is its own key;
2. the holder's own host, asked now;
3. the registry: the holder issued the passport that is shown, and the key is bound to the entity that did.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from passport.credentials import check_signature, key_for, key_hash, read_did_document
from passport.credentials.presentation import Presentation
from passport.errors import DisclosureError, DocumentError, LedgerError, PassportError
from passport.ledger.authority import credential_key_good_at
from passport.ledger.entity import IssuerId
from passport.model.facts import passport_facts
from verifier.chain_facts import ChainFacts
from verifier.checks.signature import IssuerKeys
from verifier.finding import Finding
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


def check_holder(
    shown: Presentation, source: Source, report: Report, *, trust: Trust | None, at: datetime, at_its_host: AtItsHost
) -> Finding:
    """Judge the holder's signature.

    Args:
        shown: The presentation.
        source: Where DID documents and the chain's state come from.
        report: What came of the passport that is shown.
        trust: The trust file.
        at: The moment the presentation is judged at, aware.
        at_its_host: Asks a did:web's own host.

    Returns:
        Passed if the holder signed; unknown if somebody did whom nobody vouches for; skipped where nobody signed.
    """
    proof, holder = shown.presented, shown.holder
    if proof is None or holder is None:
        return Finding(Outcome.SKIPPED, reason=NOT_SIGNED)
    # 1. and 2. What the DID itself or its host says decides alone.
    hosted = None if holder.startswith("did:key:") else at_its_host(holder)
    if hosted is not None:
        try:
            check_signature(proof, key_for(read_did_document(hosted, did=holder), proof.verification_method, at=at))
        except PassportError as error:
            return Finding.failed(error)
        return Finding(Outcome.PASSED)
    try:
        named = IssuerKeys(source).named(holder, proof.verification_method)
    except PassportError as error:  # a did:key that is none
        return Finding.failed(error)
    if named is None:
        return Finding(Outcome.UNKNOWN, found=holder, reason=NOT_AT_HAND)
    problem: PassportError | None = named.problem
    signed_with: list[str] = []
    for multikey in named.multikeys:
        try:
            check_signature(proof, multikey)
        except PassportError as error:
            problem = error
        else:
            signed_with.append(multikey)
    if not signed_with:
        return Finding.failed(problem or DisclosureError("no key of the holder's", found=holder))
    # 3. Who filed the document is not known: the registry has to know the key.
    if holder.startswith("did:key:") or any(_is_bound(key, shown, source, report, trust, at) for key in signed_with):
        return Finding(Outcome.PASSED)
    return Finding(Outcome.UNKNOWN, found=holder, reason=NOT_VOUCHED_FOR)


def _is_bound(
    multikey: str, shown: Presentation, source: Source, report: Report, trust: Trust | None, at: datetime
) -> bool:
    """Whether the registry binds the key to the entity that issued the passport under the holder's DID."""
    top = report.top_record
    identity = next((check for check in top.ordered() if check.id is CheckId.IDENTITY), None)
    facts = passport_facts(shown.secured.document, shown.secured.doc_hash)
    if identity is None or identity.outcome is not Outcome.PASSED or facts.issuer_did != shown.holder or trust is None:
        return False
    chain = trust.chain_of(facts.place.registry, facts.place.log, facts.place.genesis)
    try:
        state = source.state(chain) if chain else None
        if chain is None or state is None:
            return False
        registry = ChainFacts(chain, state, source).registry
        issuer_id = IssuerId(facts.place.issuer_id)
        # Shown now: a key that was good once and is no more shows nothing.
        now = max(int(at.timestamp()), state.block.timestamp)
        return credential_key_good_at(registry, issuer_id, key_hash(multikey), time=now).good
    except (LedgerError, DocumentError):
        return False
