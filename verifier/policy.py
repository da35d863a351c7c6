"""What an audit must show: small policies that combine; the caller always passes one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from verifier.checks.completeness import WITHHELD
from verifier.checks.double_counting import NO_COVERAGE, NOTHING_DRAWS
from verifier.checks.equivocation import NOT_SIGNED
from verifier.checks.status_list import LISTED
from verifier.outcome import CHECK_ORDER, Check, CheckId, Outcome, unknown
from verifier.record import NO_CEILING, NO_DELIVERY, NodeKind, NodeRecord
from verifier.report import Report, Verdict
from verifier.witnessed import NOT_AS_WITNESSED, WITNESSED

SKIP_REASONS = frozenset({NOTHING_DRAWS, NO_COVERAGE, NOT_SIGNED, NO_CEILING, NO_DELIVERY})
"""Reasons for which a skipped check counts as good as passed."""

MAY_BE_UNKNOWN_BELOW = frozenset({CheckId.ARITHMETIC, CheckId.COMPLETENESS, CheckId.CUSTODY, CheckId.LEDGER_FOOTPRINT})
"""Checks that may be open below the top: statements and deliveries may be withheld, a chain have its own profile."""

NEEDS_CHAIN = frozenset(
    {
        CheckId.INCLUSION,
        CheckId.CONSISTENCY,
        CheckId.IDENTITY,
        CheckId.STATUS,
        CheckId.VALIDITY,
        CheckId.CUSTODY,
        CheckId.LEDGER_FOOTPRINT,
    }
)
"""Checks that are unknown without a chain."""

_WITHOUT_CHAIN = (
    "shown by witnesses alone: identity, status, time of anchoring, deliveries and what the ledger took were not judged"
)
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reasons."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


class Policy(Protocol):
    """Judges a report."""

    def judge(self, report: Report) -> Judgement:
        """The verdict, with a reason for whatever is not passed."""
        ...


@dataclass(frozen=True, slots=True)
class NothingFailed:
    """No check failed anywhere."""

    def judge(self, report: Report) -> Judgement:
        """Failed at the first failed check."""
        reasons = [
            _say(record, check)
            for digest in reversed(report.order)
            for record in (report.records[digest],)
            if not record.is_in_order
            for check in record.ordered()
            if check.outcome is Outcome.FAILED
        ]
        return Judgement(Verdict.FAILED, _cut(reasons)) if reasons else Judgement(Verdict.PASSED)


@dataclass(frozen=True, slots=True)
class TopDecided:
    """Every named check at the top passed, or was skipped for an accepted reason."""

    checks: tuple[CheckId, ...] = CHECK_ORDER

    def judge(self, report: Report) -> Judgement:
        """Undecided where one is unknown."""
        return _demand(report.top_record, self.checks, frozenset())


@dataclass(frozen=True, slots=True)
class UpstreamDecided:
    """Every check below the top passed, except that a statement may be withheld and imports may be accepted."""

    may_be_unknown: frozenset[CheckId] = MAY_BE_UNKNOWN_BELOW
    accept_imported: bool = False

    def judge(self, report: Report) -> Judgement:
        """Undecided where another check is unknown or an unsigned import is not accepted."""
        reasons: list[str] = []
        worst = Verdict.PASSED
        for digest in report.order[1:]:
            record = report.records[digest]
            if record.is_in_order:
                continue
            if record.kind is NodeKind.IMPORTED:
                allowed = frozenset(CHECK_ORDER) if self.accept_imported else frozenset[CheckId]()
            else:
                allowed = self.may_be_unknown
            judgement = _demand(record, CHECK_ORDER, allowed)
            worst = _worse(worst, judgement.verdict)
            reasons.extend(judgement.reasons[:1])
        return Judgement(worst, _cut(reasons))


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The place of every passport is shown by witnesses, and nothing that needs no chain is left open.

    Whoever demands no more than this does without the chain: who answers for a key, what became of a passport since,
    and when it was anchored stay unknown, and the judgement says so even where it is passed. A failed check stays so.
    """

    accept_imported: bool = False

    def judge(self, report: Report) -> Judgement:
        """Undecided where a passport is not shown by witnesses, or another check than the chain's is unknown."""
        reasons: list[str] = []
        worst = Verdict.PASSED
        for digest in report.order:
            record = report.records[digest]
            is_top = digest == report.top
            if record.kind is NodeKind.IMPORTED and self.accept_imported:
                continue
            allowed = NEEDS_CHAIN if is_top else NEEDS_CHAIN | MAY_BE_UNKNOWN_BELOW
            judgement = _demand(record, CHECK_ORDER, allowed)
            worst = _worse(worst, judgement.verdict)
            reasons.extend(judgement.reasons[:1])
            if not any(note.code == WITNESSED for note in record.notes):
                worst = _worse(worst, Verdict.UNDECIDED)
                reasons.append(f"{record.subject_name or record.id}: not shown by witnesses")
            if any(note.code == NOT_AS_WITNESSED for note in record.notes):
                worst = Verdict.FAILED
                reasons.append(f"{record.subject_name or record.id}: contradicts what witnesses cosigned")
            if any(note.code == LISTED for note in record.notes):
                worst = _worse(worst, Verdict.UNDECIDED)
                reasons.append(f"{record.subject_name or record.id}: its issuer lists it as revoked or suspended")
        if worst is Verdict.PASSED:
            return Judgement(worst, (_WITHOUT_CHAIN,))
        return Judgement(worst, _cut(reasons))


@dataclass(frozen=True, slots=True)
class MinRecomputed:
    """At least this share of gross emissions was re-done from its rows."""

    share: float = 0.8

    def judge(self, report: Report) -> Judgement:
        """Undecided below the share."""
        found = report.coverage.recomputed
        if found + 1e-12 >= self.share:
            return Judgement(Verdict.PASSED)
        return Judgement(Verdict.UNDECIDED, (f"recomputed {found:.1%} of gross emissions, demanded {self.share:.1%}",))


@dataclass(frozen=True, slots=True)
class WithinBounds:
    """Nothing was left unread because of a bound."""

    def judge(self, report: Report) -> Judgement:
        """Undecided when a bound was met."""
        return Judgement(Verdict.UNDECIDED, report.bounds) if report.bounds else Judgement(Verdict.PASSED)


@dataclass(frozen=True, slots=True)
class NoNotes:
    """None of these notes was made."""

    codes: frozenset[str]

    def judge(self, report: Report) -> Judgement:
        """Failed when one was made."""
        reasons = [
            f"{record.id}: note {note.code}: {note.text}"
            for record in report.records.values()
            for note in record.notes
            if note.code in self.codes
        ]
        reasons += [f"note {note.code}: {note.text}" for note in report.notes if note.code in self.codes]
        return Judgement(Verdict.FAILED, _cut(reasons)) if reasons else Judgement(Verdict.PASSED)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every policy is met; an empty one is failed."""

    policies: tuple[Policy, ...]

    def judge(self, report: Report) -> Judgement:
        """The worst of the verdicts, with all reasons."""
        if not self.policies:
            return _EMPTY
        judgements = [policy.judge(report) for policy in self.policies]
        worst = Verdict.PASSED
        for judgement in judgements:
            worst = _worse(worst, judgement.verdict)
        # Of a passed one the reasons are what it did not ask: they stay where all are passed.
        reasons = [r for j in judgements if j.verdict is worst or j.verdict is not Verdict.PASSED for r in j.reasons]
        return Judgement(worst, tuple(dict.fromkeys(reasons)))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one policy is met; an empty one is failed."""

    policies: tuple[Policy, ...]

    def judge(self, report: Report) -> Judgement:
        """The best of the verdicts."""
        if not self.policies:
            return _EMPTY
        judgements = [policy.judge(report) for policy in self.policies]
        return min(judgements, key=lambda judgement: _RANK[judgement.verdict])


@dataclass(frozen=True, slots=True)
class UnsafeAcceptAnything:
    """Demands nothing: every report passes. For drills that need a cheat's victim; never for trust."""

    def judge(self, report: Report) -> Judgement:
        """Passed, whatever was found."""
        return Judgement(Verdict.PASSED, (f"nothing was demanded of {report.top_record.id}",))


def default_policy(*, min_recomputed: float = 0.8, accept_imported: bool = False) -> Policy:
    """What `passport audit` demands unless told otherwise."""
    return AllOf(
        (
            NothingFailed(),
            TopDecided(),
            UpstreamDecided(accept_imported=accept_imported),
            MinRecomputed(min_recomputed),
            WithinBounds(),
        )
    )


def upstream_policy(*, min_recomputed: float = 0.0, accept_imported: bool = False) -> Policy:
    """What a buyer demands of an upstream passport: nothing failed, everything decided but for a withheld statement.

    Who withholds a statement can be built on. How much of a footprint rests on such suppliers is judged when the
    buyer's own passport is audited.

    Args:
        min_recomputed: Share of the upstream passport's gross emissions that must have been re-done.
        accept_imported: Whether footprints that nobody signed may stand below it.
    """
    decided = tuple(check for check in CHECK_ORDER if check not in MAY_BE_UNKNOWN_BELOW)
    return AllOf(
        (
            NothingFailed(),
            TopDecided(decided),
            UpstreamDecided(accept_imported=accept_imported),
            MinRecomputed(min_recomputed),
            WithinBounds(),
        )
    )


def witnessed_policy(*, min_recomputed: float = 0.8, accept_imported: bool = False) -> Policy:
    """What can be demanded where no chain is in reach: places shown by witnesses, and all that needs no chain.

    Args:
        min_recomputed: As in `default_policy`.
        accept_imported: As in `default_policy`.
    """
    return AllOf(
        (
            NothingFailed(),
            Witnessed(accept_imported=accept_imported),
            MinRecomputed(min_recomputed),
            WithinBounds(),
        )
    )


def strict_policy() -> Policy:
    """Every check at every node, nothing withheld, nothing imported."""
    return AllOf((NothingFailed(), TopDecided(), UpstreamDecided(frozenset()), MinRecomputed(0.0), WithinBounds()))


def apply_policy(report: Report, policy: Policy) -> Report:
    """The report with its verdict."""
    judgement = policy.judge(report)
    return replace(report, verdict=judgement.verdict, reasons=judgement.reasons)


_RANK = {Verdict.PASSED: 0, Verdict.UNDECIDED: 1, Verdict.FAILED: 2}
_EMPTY = Judgement(Verdict.FAILED, ("the policy demands nothing",))


def _worse(one: Verdict, other: Verdict) -> Verdict:
    return max(one, other, key=_RANK.__getitem__)


def _demand(record: NodeRecord, checks: tuple[CheckId, ...], may_be_unknown: frozenset[CheckId]) -> Judgement:
    """Failed, undecided or passed, by the checks of one node."""
    worst = Verdict.PASSED
    reasons = []
    for check in _open_checks(record, checks, may_be_unknown):
        worst = _worse(worst, Verdict.FAILED if check.outcome is Outcome.FAILED else Verdict.UNDECIDED)
        reasons.append(_say(record, check))
    return Judgement(worst, tuple(reasons))


def _open_checks(
    record: NodeRecord, checks: tuple[CheckId, ...], may_be_unknown: frozenset[CheckId]
) -> Iterator[Check]:
    """The named checks that neither passed nor may be overlooked; one that was never made is unknown, not passed."""
    for name in checks:
        check = record.row(name) or unknown(name, "not judged")
        if check.outcome is Outcome.PASSED:
            continue
        if check.outcome is Outcome.SKIPPED and check.reason in SKIP_REASONS:
            continue
        if check.outcome is Outcome.UNKNOWN and name in may_be_unknown and not _leaves_emissions_open(record, check):
            continue
        yield check


def _leaves_emissions_open(record: NodeRecord, check: Check) -> bool:
    """Whether a passport itself says that its total is not all: another matter than not showing what it is made of."""
    return record.kind is NodeKind.PASSPORT and check.id is CheckId.COMPLETENESS and check.reason not in WITHHELD


def _say(record: NodeRecord, check: Check) -> str:
    return f"{record.subject_name or record.id}: {check.id} {check.outcome}: {check.reason}"


def _cut(reasons: list[str]) -> tuple[str, ...]:
    if len(reasons) <= _NAMED:
        return tuple(reasons)
    return (*reasons[:_NAMED], f"and {len(reasons) - _NAMED} more")
