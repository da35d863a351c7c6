"""`consistency`: one growing log from the first checkpoint covering the leaf to the head, without a gap."""

from __future__ import annotations

from passport.ledger.checkpoint import LogCheckpoint
from passport.model.facts import PassportFacts
from verifier.chain_facts import ChainFacts
from verifier.outcome import Check, CheckId, failed, passed, unknown


def check_consistency(facts: PassportFacts, chain: ChainFacts | None, checkpoint: LogCheckpoint | None) -> Check:
    """Judge the issuer's log after the leaf was anchored.

    A history that does not fit the chain may be the source's fault as well as the issuer's, so it is `unknown` unless
    the chain's own records contradict each other. A log that somebody proved to the contract to have two entries at one
    place is no log at all: nothing in it counts any more, whatever can be followed.
    """
    if chain is None or checkpoint is None:
        return unknown(CheckId.CONSISTENCY, "the leaf is in no checkpoint that counts")
    head = chain.head(facts.place.issuer_id)
    if head is not None and head.frozen_at is not None:
        reason = "the issuer's log is proven to contradict itself, and frozen for good"
        found = f"two entries at one place, shown at {head.frozen_at}"
        return failed(CheckId.CONSISTENCY, reason, expected="one entry at each place", found=found)
    broken = chain.broken_since(facts.place, checkpoint.seq)
    if broken is None:
        return passed(CheckId.CONSISTENCY)
    if broken.is_proven:
        return failed(CheckId.CONSISTENCY, broken.reason)
    return unknown(CheckId.CONSISTENCY, broken.reason)
