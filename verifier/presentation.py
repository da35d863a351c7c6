"""Judge a presentation: exactly what a role may see, of a passport that itself passes, shown by who says so.

1. The disclosure: the role's content sets and rows, all of them, as the passport committed to them, and nothing else.
2. The passport by itself, with the statement and rows that are shown; what these leave open of its sum may stay open.
3. The holder's signature, where there is one; for it the passport's own judgement counts.

Each is judged whatever came of those before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.credentials.presentation import Disclosed, Presentation, check_disclosure, read_presentation
from passport.errors import DisclosureError, UsageError
from verifier.audit import Settings, audit
from verifier.examine import Limits
from verifier.finding import Finding
from verifier.holder import AtItsHost, check_holder, not_asked
from verifier.layered_source import PresentedSource
from verifier.outcome import CHECK_ORDER, Outcome
from verifier.policy import MAY_BE_UNKNOWN_BELOW, AllOf, NothingFailed, Policy, TopDecided
from verifier.report import Report, Verdict
from verifier.source import Source
from verifier.trust import Trust


@dataclass(frozen=True, slots=True)
class JudgedPresentation:
    """What came of a presentation.

    Attributes:
        role: For whom it was judged.
        holder: Who presents it, as it says.
        disclosure: Whether exactly what the role may see is shown.
        disclosed: What is shown; None unless `disclosure` passed.
        holder_signature: Whether the holder signed; skipped where nobody did, unknown where nobody vouches for the key.
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
    at_its_host: AtItsHost = not_asked,
) -> JudgedPresentation:
    """Judge a presentation for the role of whoever looks at it.

    Args:
        data: The presentation as received.
        role: Whose view it must be, exactly.
        source: What else is at hand: DID documents, the log, the chain.
        trust: The trust file.
        at: The present moment, aware.
        policy: What the passport must show; by default `presentation_policy`.
        at_its_host: Asks the holder's own host for its DID document; nobody is asked unless told.

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
    report = audit(
        laid_over,
        shown.secured.doc_hash,
        policy=policy or presentation_policy(),
        trust=trust,
        settings=Settings(at=at, is_now=True, limits=Limits(depth=0)),
    )
    return JudgedPresentation(
        role=role,
        holder=shown.holder,
        disclosure=disclosure,
        disclosed=disclosed,
        holder_signature=check_holder(shown, laid_over, report, trust=trust, at=at, at_its_host=at_its_host),
        report=report,
    )


def _disclosure(shown: Presentation, role: str) -> tuple[Finding, Disclosed | None]:
    try:
        disclosed = check_disclosure(shown.secured.document, shown.disclosure, role)
    except (DisclosureError, UsageError) as error:
        return Finding.failed(error), None
    return Finding(Outcome.PASSED), disclosed
