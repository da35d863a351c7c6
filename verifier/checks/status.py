"""`status`: what the chain says of the leaf, as of the audit's block."""

from __future__ import annotations

from typing import NamedTuple

from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.passport_log import StatusKind
from passport.model.facts import PassportFacts
from verifier.chain_facts import ChainFacts
from verifier.outcome import Check, CheckId, Note, Severity, failed, passed, unknown


class Standing(NamedTuple):
    """The row, what to say beside it, and whether a newer version took the passport's place."""

    check: Check
    note: Note | None
    is_superseded: bool


def check_status(
    facts: PassportFacts,
    chain: ChainFacts | None,
    checkpoint: LogCheckpoint | None,
    *,
    at: int | None,
    max_age_s: int,
) -> Standing:
    """Judge a leaf's status.

    Args:
        facts: What the passport states.
        chain: The chain, None when it is out of reach or not trusted.
        checkpoint: The first checkpoint covering the leaf, None when inclusion did not pass.
        at: The moment that is judged, unix seconds; None for a bundle, which is judged as of its own block.
        max_age_s: How old the state may be at that moment.
    """
    if chain is None or checkpoint is None:
        return Standing(unknown(CheckId.STATUS, "the leaf is in no checkpoint that counts"), None, False)
    block = chain.state.block
    if at is not None and at - block.timestamp > max_age_s and at - chain.known_until > max_age_s:
        found = f"{(at - chain.known_until) // 86400} days old (block {block.number})"
        stale = unknown(
            CheckId.STATUS, "the state is too old", expected=f"at most {max_age_s // 86400} days", found=found
        )
        return Standing(stale, None, False)
    status = chain.status(facts.place)
    if status.revoked:
        return Standing(failed(CheckId.STATUS, "revoked", expected="not revoked", found="revoked"), None, False)
    if status.suspended:
        return Standing(failed(CheckId.STATUS, "suspended", expected="not suspended", found="suspended"), None, False)
    successor = status.successor
    if successor is None:
        return Standing(passed(CheckId.STATUS), None, False)
    if successor.kind == StatusKind.CORRECTED:
        reason = f"corrected: leaf {successor.next_index} replaces it"
        return Standing(failed(CheckId.STATUS, reason, expected="not corrected", found="corrected"), None, True)
    note = Note("superseded", Severity.WARNING, f"leaf {successor.next_index} of the same log supersedes it")
    return Standing(passed(CheckId.STATUS), note, True)
