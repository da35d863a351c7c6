"""Who signed one passport and answers for it, as of the time it was anchored; nothing of what it states is judged."""

from __future__ import annotations

from dataclasses import dataclass

from passport.credentials import Secured, read_secured
from passport.errors import DocumentError, LedgerError, SignatureError
from passport.ledger.checkpoint import LogCheckpoint
from passport.model.facts import PassportFacts, passport_facts
from verifier.chain_facts import ChainFacts
from verifier.checks.identity import check_identity
from verifier.checks.inclusion import check_inclusion
from verifier.checks.signature import check_issuer_signature
from verifier.issuer_keys import IssuerKeys
from verifier.outcome import Check, CheckId, Outcome, unknown
from verifier.source import Source
from verifier.trust import Trust


@dataclass(frozen=True, slots=True)
class PassportSigner:
    """What is known of the hand behind a passport.

    Attributes:
        facts: What the passport states; anybody can write another's name into one.
        signature: Whether a key that the issuer's DID names signed it.
        multikey: That key, None where none is proven to have signed.
        inclusion: Whether it stands in the log that it names.
        checkpoint: The first checkpoint that covers it: its block time is the signing time; None: not shown.
        identity: Whether that key and the anchoring account spoke for the entity then, up to a trusted root.
    """

    facts: PassportFacts
    signature: Check
    multikey: str | None
    inclusion: Check
    checkpoint: LogCheckpoint | None
    identity: Check

    @property
    def unanswered(self) -> Check | None:
        """The first of the three that did not pass: why nobody is shown to answer for it; None if all did."""
        rows = (self.signature, self.inclusion, self.identity)
        broken = [row for row in rows if row.outcome is Outcome.FAILED]
        return next(iter(broken or [row for row in rows if row.outcome is not Outcome.PASSED]), None)


def signer_of_passport(body: bytes, source: Source, trust: Trust, chain: ChainFacts | None) -> PassportSigner:
    """Judge who signed a passport.

    Args:
        body: The passport as it was signed.
        source: Where DID documents, proofs and the keys' own statements come from.
        trust: Which chains and roots count.
        chain: The chain that the passport names, None when it is not trusted or out of reach.

    Raises:
        DocumentError: Not a passport.
    """
    try:
        secured = read_secured(body, canonical=True)
    except SignatureError as error:
        raise DocumentError("not a signed passport", found=error.message) from error
    facts = passport_facts(secured.document, secured.doc_hash)
    try:
        anchored = check_inclusion(facts, source, trust, chain)
    except (LedgerError, DocumentError) as error:
        undecided = unknown(CheckId.INCLUSION, str(error))
        return _judged(facts, secured, source, chain, undecided, None)
    return _judged(facts, secured, source, chain, anchored.check, anchored.checkpoint)


def _judged(
    facts: PassportFacts,
    secured: Secured,
    source: Source,
    chain: ChainFacts | None,
    inclusion: Check,
    checkpoint: LogCheckpoint | None,
) -> PassportSigner:
    signed = check_issuer_signature(
        secured, facts, IssuerKeys(source), chain, lambda: checkpoint.time if checkpoint else None
    )
    try:
        identity = check_identity(facts, signed.multikey, source, chain, checkpoint).check
    except (LedgerError, DocumentError) as error:
        identity = unknown(CheckId.IDENTITY, str(error))
    return PassportSigner(facts, signed.check, signed.multikey, inclusion, checkpoint, identity)
