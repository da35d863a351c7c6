"""Whether a signed statement about a ledger stands in its signer's log, by what the chain holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from passport.errors import DocumentError, LedgerError, UsageError
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.passport_log import StatusKind
from passport.ledger_reports import SignedStatement
from passport.model.credential import Place
from verifier.chain_facts import ChainFacts
from verifier.checks.inclusion import check_inclusion
from verifier.outcome import Check, CheckId, Outcome, failed, passed, unknown
from verifier.source import Source
from verifier.trust import Trust


@dataclass(frozen=True, slots=True)
class _Facts:
    digest: str
    place: Place
    scheme: str
    identifier: str


class StatementPlace(NamedTuple):
    """What the chain says of a statement's leaf.

    Attributes:
        inclusion: Its hash stands at that leaf of the log of whoever signed it.
        consistency: The log only grew since.
        status: The leaf is not taken back.
        checkpoint: The first checkpoint that covers it, when inclusion passed.
    """

    inclusion: Check
    consistency: Check
    status: Check
    checkpoint: LogCheckpoint | None

    @property
    def worst(self) -> Check:
        """What decides: a failed row, else one that is open, else the first."""
        rows = (self.inclusion, self.consistency, self.status)
        for outcome in (Outcome.FAILED, Outcome.UNKNOWN):
            for row in rows:
                if row.outcome is outcome:
                    return row
        return self.inclusion


def judge_place(signed: SignedStatement[Any], source: Source, trust: Trust | None) -> StatementPlace:
    """Judge the leaf that a statement names.

    Args:
        signed: The statement, whose signature holds.
        source: Where the log and the chain's state come from.
        trust: The trust file.

    Raises:
        UsageError: The statement names no leaf.
    """
    place = signed.place
    if place is None:
        raise UsageError("the statement names no leaf of a log", where=signed.digest)
    entity = signed.statement.signed_by
    facts = _Facts(signed.digest, place, entity.scheme, entity.identifier)
    chain, problem = _chain(place, source, trust)
    found = check_inclusion(facts, source, trust, chain, problem)
    if chain is None or found.checkpoint is None:
        reason = "the leaf is in no checkpoint that counts"
        rows = (unknown(CheckId.CONSISTENCY, reason), unknown(CheckId.STATUS, reason))
        return StatementPlace(found.check, *rows, None)
    broken = chain.broken_since(place, found.checkpoint.seq)
    consistency = passed(CheckId.CONSISTENCY)
    if broken is not None:
        consistency = (failed if broken.is_proven else unknown)(CheckId.CONSISTENCY, broken.reason)
    return StatementPlace(found.check, consistency, _status(chain, place), found.checkpoint)


def _status(chain: ChainFacts, place: Place) -> Check:
    said = chain.status(place)
    for is_so, name in (
        (said.revoked, "revoked"),
        (said.suspended, "suspended"),
        (said.successor is not None and said.successor.kind == StatusKind.CORRECTED, "corrected"),
    ):
        if is_so:
            return failed(CheckId.STATUS, name, expected=f"not {name}", found=name)
    return passed(CheckId.STATUS)


def _chain(place: Place, source: Source, trust: Trust | None) -> tuple[ChainFacts | None, str | None]:
    trusted = trust.chain_of(place.registry, place.log, place.genesis) if trust is not None else None
    if trusted is None:
        return None, None
    try:
        state = source.state(trusted)
    except (LedgerError, DocumentError) as error:
        return None, str(error)
    return (ChainFacts(trusted, state, source), None) if state is not None else (None, None)
