"""What `audit`, `verify`, `show` and `bundle` have in common: finding what is meant, and how it is to be judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from passport.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from cli.output import Output
    from passport.credentials import Resolver
    from passport.ledger import Ledger
    from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
    from passport.store import Store
    from passport.workspace import Workspace
    from verifier.policy import Policy
    from verifier.report import Verdict
    from verifier.source import Source
    from verifier.store_source import StoreSource


MAX_UNRESOLVED_SAID = 20

LedgerProfileOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--ledger-profile",
        help="A profile of what a chain emits, beside ours (see `passport ledger profile`); may be repeated.",
        metavar="FILE",
    ),
]


@dataclass(frozen=True, slots=True)
class Demands:
    """What an audit must show.

    Attributes:
        min_recomputed: Share of gross emissions that must have been re-done.
        accept_imported: Whether footprints that nobody signed may stand in the tree.
        is_strict: Every check at every passport must have passed.
        accept_witnessed: Whether witnesses may show a place where no chain is in reach.
    """

    min_recomputed: float = 0.8
    accept_imported: bool = False
    is_strict: bool = False
    accept_witnessed: bool = False

    def policy(self) -> Policy:
        """The policy that demands it.

        Raises:
            UsageError: Demands that contradict each other.
        """
        from verifier.policy import AnyOf, default_policy, strict_policy, witnessed_policy

        if self.is_strict and self.accept_witnessed:
            raise UsageError(
                "--strict demands every check, and witnesses show none of them",
                hint="leave out --strict or --accept-witnessed",
            )
        if self.is_strict and self.accept_imported:
            raise UsageError(
                "--strict demands every check, and an imported footprint passes none of them",
                hint="leave out --strict or --accept-imported",
            )
        if self.is_strict:
            return strict_policy()
        usual = default_policy(min_recomputed=self.min_recomputed, accept_imported=self.accept_imported)
        if not self.accept_witnessed:
            return usual
        lesser = witnessed_policy(min_recomputed=self.min_recomputed, accept_imported=self.accept_imported)
        return AnyOf((usual, lesser))


class Judged(Protocol):
    """Whatever ends in a verdict: the report of an audit, of a log, or of a presentation."""

    @property
    def verdict(self) -> Verdict:
        """The verdict."""
        ...


def ledger_profiles(files: list[Path] | None) -> AnchoringProfiles:
    """What chains are known to emit: what ships, and the files that whoever judges names."""
    from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles

    return AnchoringProfiles.shipped().with_files(files or ())


def exit_code_of_verdict(report: Judged) -> int:
    """0 passed, 1 failed, 3 undecided."""
    from cli.exit_codes import ExitCode
    from verifier.report import Verdict

    codes = {
        Verdict.PASSED: ExitCode.DONE,
        Verdict.FAILED: ExitCode.REFUSED,
        Verdict.UNDECIDED: ExitCode.UNDECIDED,
    }
    return codes[report.verdict]


def find_passport(store: Store, name: str) -> str:
    """The digest of the passport that a person means: by digest, by passport id, or the newest of a product.

    Raises:
        NotFoundError: None of them.
    """
    from passport.model.digest import Digest
    from passport.store import DocumentKind

    if store.has_document(DocumentKind.PASSPORT, Digest(name)):
        return name
    found = store.find_documents(DocumentKind.PASSPORT, document_id=name)
    found = found or store.find_documents(DocumentKind.PASSPORT, subject_id=name)
    if not found:
        raise NotFoundError(
            "no such passport in the workspace, and no such file",
            where=name,
            hint="give its id, its digest or its product's id; `passport import` takes in what others published",
        )
    return str(found[-1].digest)


def moment_of(text: str | None, *, where: str = "--at") -> datetime | None:
    """A moment given as an option.

    Raises:
        UsageError: Not a moment.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the calendar's first and last day have no other zones
        raise UsageError("not a moment", where=where, expected="2026-11-22T10:00:00Z", found=text) from None


def did_resolver() -> Resolver:
    """Who looks DIDs up for `--resolve-dids`: HTTPS to public addresses only, bounded, without redirects."""
    from passport.credentials import HttpsDidResolver

    return HttpsDidResolver()


def resolving(source: Source, wanted: bool) -> Source:
    """The source itself, or with DID documents looked up beside it if that is wanted."""
    if not wanted:
        return source
    from verifier.layered_source import ResolvingSource

    return ResolvingSource(source, did_resolver())


def say_unresolved(output: Output, source: Source) -> None:
    """Say which DIDs could not be looked up, and why."""
    from verifier.layered_source import ResolvingSource

    if isinstance(source, ResolvingSource):
        for did, problem in list(source.problems.items())[:MAX_UNRESOLVED_SAID]:
            output.remark(output.word("audit.unresolved", did=did, problem=problem), style="yellow")


def ledger_of(workspace: Workspace) -> Ledger | None:
    """The workspace's chain, or None when it names none.

    Raises:
        LedgerUnavailableError: It cannot be reached.
    """
    return workspace.ledger if workspace.has_chain else None


def source_of(workspace: Workspace, moment: datetime | None = None) -> StoreSource:
    """What a workspace holds, and its chain; where that cannot be reached, what needs it is unknown, with the reason.

    Args:
        workspace: Whose store and chain.
        moment: Judge as of the last final block of then, instead of the newest.

    Raises:
        UsageError: The chain is younger than that moment.
        WrongChainError: Another chain or other contracts stand there.
    """
    from passport.errors import LedgerUnavailableError
    from verifier.store_source import StoreSource, block_at

    try:
        ledger = ledger_of(workspace)
        block = block_at(ledger, moment, where="--at") if ledger is not None and moment is not None else None
    except LedgerUnavailableError as problem:
        return StoreSource(workspace.store, None, problem=problem)
    return StoreSource(workspace.store, ledger, block_number=block)
