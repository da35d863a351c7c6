"""Judge a presentation: exactly what a role may see, of a passport that itself passes, shown by who says so.

1. The disclosure: the role's content sets and rows, all of them, as the passport committed to them, and nothing else.
2. The holder's signature, where there is one.
3. The passport by itself, with the statement and rows that are shown; what these leave open of its sum may stay open.

Each is judged whatever came of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.credentials import check_signature
from passport.credentials.presentation import Disclosed, Presentation, check_disclosure, read_presentation
from passport.errors import DisclosureError, PassportError, UsageError
from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
from verifier.audit import Settings, audit
from verifier.checks.signature import IssuerKeys
from verifier.examine import Limits
from verifier.layered_source import PresentedSource
from verifier.outcome import CHECK_ORDER, Outcome
from verifier.policy import MAY_BE_UNKNOWN_BELOW, AllOf, NothingFailed, Policy, TopDecided
from verifier.report import Report, Verdict
from verifier.source import Source
from verifier.trust import Trust

NOT_SIGNED = "nobody signed the presentation"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one part of the judgement.

    Attributes:
        outcome: One of the four of a check.
        expected: What was expected, where it did not pass.
        found: What was found instead.
        reason: Why it did not pass.
    """

    outcome: Outcome
    expected: str | None = None
    found: str | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON values, every key present."""
        return {
            "outcome": str(self.outcome),
            "expected": self.expected,
            "found": self.found,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class JudgedPresentation:
    """What came of a presentation.

    Attributes:
        role: For whom it was judged.
        holder: Who presents it, as it says.
        disclosure: Whether exactly what the role may see is shown.
        disclosed: What is shown; None unless `disclosure` passed.
        holder_signature: Whether the holder signed; skipped where nobody did.
        report: What came of the passport by itself.
    """

    role: str
    holder: str | None
    disclosure: Finding
    disclosed: Disclosed | None
    holder_signature: Finding
    report: Report

    @property
    def verdict(self) -> Verdict:
        """The worst of the three; an unsigned presentation is as good as its passport's own commitments."""
        outcomes = {self.disclosure.outcome, self.holder_signature.outcome}
        if Outcome.FAILED in outcomes or self.report.verdict is Verdict.FAILED:
            return Verdict.FAILED
        if Outcome.UNKNOWN in outcomes or self.report.verdict is Verdict.UNDECIDED:
            return Verdict.UNDECIDED
        return Verdict.PASSED

    def to_json(self) -> dict[str, Any]:
        """The judgement as JSON values, most important first."""
        shown = self.disclosed
        return {
            "verdict": str(self.verdict),
            "role": self.role,
            "disclosure": self.disclosure.to_json(),
            "disclosed": shown and {"sets": shown.sets, "rows": list(shown.rows)},
            "holder": self.holder,
            "holder_signature": self.holder_signature.to_json(),
            "report": self.report.to_json(),
        }


def presentation_policy() -> Policy:
    """What a presented passport must show: nothing failed, all decided but for what a partial view leaves open."""
    decided = tuple(check for check in CHECK_ORDER if check not in MAY_BE_UNKNOWN_BELOW)
    return AllOf((NothingFailed(), TopDecided(decided)))


def judge_presentation(
    data: bytes,
    role: str,
    source: Source,
    *,
    trust: Trust | None,
    at: datetime,
    policy: Policy | None = None,
    ledger_profiles: AnchoringProfiles | None = None,
) -> JudgedPresentation:
    """Judge a presentation for the role of whoever looks at it.

    Args:
        data: The presentation as received.
        role: Whose view it must be, exactly.
        source: What else is at hand: DID documents, the log, the chain.
        trust: The trust file.
        at: The present moment, aware.
        policy: What the passport must show; by default `presentation_policy`.
        ledger_profiles: As in `Settings`.

    Raises:
        DocumentError: Not a presentation; CanonicalError and SignatureError likewise.
    """
    shown = read_presentation(data)
    laid_over = PresentedSource(
        source,
        digest=shown.secured.doc_hash,
        body=shown.passport,
        passport_id=shown.secured.document["id"],
        statement=shown.statement,
        rows=shown.rows,
    )
    disclosure, disclosed = _disclosure(shown, role)
    return JudgedPresentation(
        role=role,
        holder=shown.holder,
        disclosure=disclosure,
        disclosed=disclosed,
        holder_signature=_holder_signature(shown, laid_over),
        report=audit(
            laid_over,
            shown.secured.doc_hash,
            policy=policy or presentation_policy(),
            trust=trust,
            settings=Settings(
                at=at,
                is_now=True,
                limits=Limits(depth=0),
                ledger_profiles=ledger_profiles or AnchoringProfiles.shipped(),
            ),
        ),
    )


def _disclosure(shown: Presentation, role: str) -> tuple[Finding, Disclosed | None]:
    try:
        disclosed = check_disclosure(shown.secured.document, shown.disclosure, role)
    except (DisclosureError, UsageError) as error:
        return _failed(error), None
    return Finding(Outcome.PASSED), disclosed


def _holder_signature(shown: Presentation, source: Source) -> Finding:
    proof, holder = shown.presented, shown.holder
    if proof is None or holder is None:
        return Finding(Outcome.SKIPPED, reason=NOT_SIGNED)
    try:
        named = IssuerKeys(source).named(holder, proof.verification_method)
    except PassportError as error:  # a did:key that is none
        return _failed(error)
    if named is None:
        return Finding(Outcome.UNKNOWN, found=holder, reason="the holder's DID document is not at hand")
    problem: PassportError | None = named.problem
    for multikey in named.multikeys:
        try:
            check_signature(proof, multikey)
        except PassportError as error:
            problem = error
        else:
            return Finding(Outcome.PASSED)
    return _failed(problem or DisclosureError("no key of the holder's", found=holder))


def _failed(error: PassportError) -> Finding:
    expected, found = (None if fact is None else str(fact)[:500] for fact in (error.expected, error.found))
    reason = f"{error.where}: {error.message}" if error.where else error.message
    return Finding(Outcome.FAILED, expected, found, reason)
