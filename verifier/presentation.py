"""Judge a presentation or SD-JWT: exactly what a role may see, of a passport that itself passes, shown by who says so.

1. The disclosure: the role's content sets and rows, all of them, as the passport committed to them, and nothing else.
2. The passport by itself, with the statement and rows that are shown; what these leave open of its sum may stay open.
3. The contents that are shown, by the profile that they name: as the passport's issuer says, not as whoever shows them.
   The footprint among them is compared with the passport's own, in `agreement`.
4. The holder's signature, where there is one; for it the passport's own judgement counts.

Each is judged whatever came of those before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from passport.credentials import check_issuer, check_signature, parse_canonical
from passport.credentials.jws import check_jws
from passport.credentials.presentation import read_presentation
from passport.credentials.role_view import Disclosed, check_disclosure, check_statement
from passport.credentials.sd_jwt import read_sd_jwt
from passport.errors import PassportError
from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
from passport.model.facts import passport_facts
from verifier.audit import Settings, audit
from verifier.contents import judge_contents
from verifier.examine import Limits
from verifier.finding import Finding
from verifier.holder import AtItsHost, ShownBy, check_holder, not_asked
from verifier.layered_source import PresentedSource
from verifier.outcome import CHECK_ORDER, Outcome
from verifier.policy import MAY_BE_UNKNOWN_BELOW, AllOf, NothingFailed, Policy, TopDecided
from verifier.report import Report, Verdict
from verifier.source import Source
from verifier.trust import Trust

NO_STATEMENT: Final = "the statement that lists the rows is not at hand"

_Checked = TypeVar("_Checked")


@dataclass(frozen=True, slots=True)
class JudgedPresentation:
    """What came of a presentation.

    Attributes:
        role: For whom it was judged.
        holder: Who presents it, as it says.
        disclosure: Whether exactly what the role may see is shown.
        disclosed: What is shown; None unless `disclosure` passed.
        holder_signature: Whether the holder signed; skipped where nobody did, unknown where nobody vouches for the key.
        contents: Whether what is shown follows the profile that it names; skipped where it names none, unknown where
            nobody here knows it.
        report: What came of the passport by itself.
    """

    role: str
    holder: str | None
    disclosure: Finding
    disclosed: Disclosed | None
    holder_signature: Finding
    contents: Finding
    report: Report

    @property
    def verdict(self) -> Verdict:
        """The worst of the four; an unsigned presentation is as good as its passport's own commitments."""
        outcomes = {self.disclosure.outcome, self.holder_signature.outcome, self.contents.outcome}
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
            "contents": self.contents.to_json(),
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
        at_its_host: Asks the holder's own host for its DID document; nobody is asked unless told.
        ledger_profiles: As in `Settings`.

    Raises:
        DocumentError: Not a presentation; CanonicalError and SignatureError likewise.
    """
    shown = read_presentation(data)
    facts = passport_facts(shown.secured.document, shown.secured.doc_hash)
    proof, holder = shown.presented, shown.holder
    shown_by = None
    if proof is not None and holder is not None:
        shown_by = ShownBy(holder, proof.verification_method, partial(check_signature, proof))
    disclosure, disclosed = _view(lambda: check_disclosure(shown.secured.document, shown.disclosure, role))
    laid_over = PresentedSource(
        source,
        digest=facts.digest,
        body=shown.passport,
        passport_id=facts.id,
        statement=shown.statement,
        rows=shown.rows,
    )
    report = _report(laid_over, facts.digest, disclosed, policy, trust, at, ledger_profiles)
    holder_signature = check_holder(shown_by, facts, laid_over, report, trust=trust, at=at, at_its_host=at_its_host)
    return JudgedPresentation(
        role, holder, disclosure, disclosed, holder_signature, judge_contents(disclosed, facts), report
    )


def judge_sd_jwt(
    data: bytes,
    role: str,
    source: Source,
    *,
    trust: Trust | None,
    at: datetime,
    policy: Policy | None = None,
    at_its_host: AtItsHost = not_asked,
    ledger_profiles: AnchoringProfiles | None = None,
) -> JudgedPresentation:
    """Judge an SD-JWT of a passport for the role of whoever looks at it; its issuer is who shows it.

    An SD-JWT holds neither the passport's anchored form with its proof nor the statement. Both come from `source`;
    where it lacks them, the passport and whose rows these are stay unknown.

    Args:
        data: The SD-JWT as received.
        role: Whose view it must be, exactly.
        source: What else is at hand: the passport, its statement, DID documents, the log, the chain.
        trust: The trust file.
        at: The present moment, aware.
        policy: What the passport must show; by default `presentation_policy`.
        at_its_host: Asks the issuer's own host for its DID document; nobody is asked unless told.
        ledger_profiles: As in `Settings`.

    Raises:
        DocumentError: Not an SD-JWT of a passport; CanonicalError and SignatureError likewise.
    """
    read = read_sd_jwt(data)
    check_issuer(read.document, read.verification_method)
    facts = passport_facts(read.document, read.doc_hash)
    disclosure, disclosed = _view(lambda: read.view_of(role))
    if disclosed is not None and disclosed.rows:
        statement = source.statement(facts.statement.digest)
        if statement is None:
            disclosure = Finding(Outcome.UNKNOWN, found=facts.statement.digest, reason=NO_STATEMENT)
        else:
            hashes = read.opened_rows(role)["hashes"]
            listed, _ = _view(lambda: check_statement(read.document, parse_canonical(statement), hashes))
            disclosure, disclosed = listed, disclosed if listed.outcome is Outcome.PASSED else None
    report = _report(source, facts.digest, disclosed, policy, trust, at, ledger_profiles)
    shown_by = ShownBy(facts.issuer_did, read.verification_method, partial(check_jws, read.jws))
    signature = check_holder(shown_by, facts, source, report, trust=trust, at=at, at_its_host=at_its_host)
    return JudgedPresentation(
        role, facts.issuer_did, disclosure, disclosed, signature, judge_contents(disclosed, facts), report
    )


def is_sd_jwt(data: bytes) -> bool:
    """Whether bytes are an SD-JWT rather than a JSON document."""
    return data[:1] != b"{" and b"~" in data


def _report(
    source: Source,
    digest: str,
    disclosed: Disclosed | None,
    policy: Policy | None,
    trust: Trust | None,
    at: datetime,
    ledger_profiles: AnchoringProfiles | None,
) -> Report:
    settings = Settings(
        at=at,
        is_now=True,
        limits=Limits(depth=0),
        ledger_profiles=ledger_profiles or AnchoringProfiles.shipped(),
        contents={} if disclosed is None else {digest: disclosed.sets},
    )
    return audit(source, digest, policy=policy or presentation_policy(), trust=trust, settings=settings)


def _view(check: Callable[[], _Checked]) -> tuple[Finding, _Checked | None]:
    try:
        checked = check()
    except PassportError as error:  # whatever is wrong with it, the passport is judged all the same
        return Finding.failed(error), None
    return Finding(Outcome.PASSED), checked
