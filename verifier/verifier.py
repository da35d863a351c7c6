"""`Verifier`: a source, a trust file and a policy held together, for those who judge more than once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from passport.errors import IssueError, LedgerUnavailableError
from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
from passport.model.footprint import UpstreamFacts
from verifier.audit import Progress, Settings, audit, demand_pass
from verifier.bundle_source import BundleSource
from verifier.policy import Policy, apply_policy, default_policy, upstream_policy
from verifier.report import Report, Verdict
from verifier.source import Source
from verifier.trust import Trust

if TYPE_CHECKING:
    from passport.workspace import Workspace


def _system_clock() -> datetime:
    return datetime.now(UTC)


class Verifier:
    """Judges passports from one source.

    Args:
        source: Where documents and proofs come from.
        trust: The trust file; without it everything that needs a chain is unknown.
        policy: What an audit must show; by default `accept` demands what a buyer needs, which lets suppliers withhold
            their statements, and the others what an audit needs.
        clock: The present, which is judged, aware, UTC.
        is_snapshot: The source is a bundle.
        ledger_profiles: What chains are known to emit; what ships with the project without.
    """

    def __init__(
        self,
        source: Source,
        *,
        trust: Trust | None,
        policy: Policy | None = None,
        clock: Callable[[], datetime] = _system_clock,
        is_snapshot: bool = False,
        ledger_profiles: AnchoringProfiles | None = None,
    ) -> None:
        self._source = source
        self._trust = trust
        self._policy = policy or default_policy()
        self._upstream_policy = policy or upstream_policy()
        self._clock = clock
        self._is_snapshot = is_snapshot
        self._workspace: Workspace | None = None
        self._ledger_profiles = ledger_profiles or AnchoringProfiles.shipped()

    @classmethod
    def of(
        cls,
        workspace: Workspace,
        trust: Trust | None,
        *,
        policy: Policy | None = None,
        ledger_profiles: AnchoringProfiles | None = None,
    ) -> Self:
        """A verifier over what a workspace holds and the chain it speaks to, by the workspace's clock.

        What the workspace received or anchored later is seen by a verifier that is made later. Where the chain is out
        of reach, what needs it is unknown for that reason, and every audit tries again to reach it.

        Args:
            workspace: Whose store and chain.
            trust: The trust file.
            policy: What an audit must show.
            ledger_profiles: What chains are known to emit; what ships with the project without.

        Raises:
            WrongChainError: Another chain or other contracts stand there.
        """
        source = _source_of(workspace)
        verifier = cls(source, trust=trust, policy=policy, clock=workspace.clock, ledger_profiles=ledger_profiles)
        verifier._workspace = workspace
        return verifier

    def audit(self, digest: str, *, progress: Progress | None = None) -> Report:
        """Run every check on the tree below a passport and report.

        Raises:
            DocumentError: The source is a bundle that holds what nothing in its tree asks for.
            WrongChainError: The chain that was out of reach is back, and is another one.
        """
        if self._workspace is not None and isinstance(self._source, _Noting) and self._source.problem is not None:
            self._source = _source_of(self._workspace)
        report = audit(
            self._source,
            digest,
            policy=self._policy,
            trust=self._trust,
            settings=Settings(
                at=self._clock(),
                is_now=True,
                is_snapshot=self._is_snapshot,
                ledger_profiles=self._ledger_profiles,
            ),
            progress=progress,
        )
        if isinstance(self._source, BundleSource):
            self._source.refuse_surplus(report)
        return self._source.noted(report) if isinstance(self._source, _Noting) else report

    def verify(self, digest: str) -> Report:
        """Like `audit`, but raise what does not pass.

        Raises:
            VerificationError: The policy is not met.
            DocumentError: The source is a bundle that holds what nothing in its tree asks for.
        """
        return demand_pass(self.audit(digest))

    def accept(self, upstream: UpstreamFacts) -> None:
        """Refuse an upstream passport that does not pass: the `accept` of an `Issuer`.

        Raises:
            IssueError: The audit of the upstream passport did not pass; the message says why.
        """
        if upstream.document != "passport":
            raise IssueError(
                "an imported footprint is signed by nobody",
                where=upstream.id,
                hint="accept it by name if you will answer for it: `passport issue --accept-imported`",
            )
        report = apply_policy(self.audit(upstream.digest), self._upstream_policy)
        if report.verdict is not Verdict.PASSED:
            raise IssueError(
                f"the upstream passport's audit is {report.verdict}",
                where=upstream.id,
                found="; ".join(report.reasons),
                hint="see `passport audit` on it",
            )


@runtime_checkable
class _Noting(Protocol):
    """A source that has something to say of the chain behind it."""

    @property
    def problem(self) -> LedgerUnavailableError | None:
        """Why the chain is out of reach; None while it is not."""
        ...

    def noted(self, report: Report) -> Report:
        """The report with what is to be said."""
        ...


def _source_of(workspace: Workspace) -> Source:
    """What a workspace holds, and its chain as far as it is in reach now."""
    from verifier.store_source import StoreSource  # the database is loaded by whoever needs it

    if not workspace.has_chain:
        return StoreSource(workspace.store, None)
    try:
        return StoreSource(workspace.store, workspace.ledger)
    except LedgerUnavailableError as problem:
        return StoreSource(workspace.store, None, problem=problem)
