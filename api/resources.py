"""What the running service holds: its store, its trust, and its bounded places for uploads and audits."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from anyio import CapacityLimiter

from api.clock import Clock
from api.problems import ProblemError
from api.recent import Recent
from api.settings import ServiceSettings
from passport.errors import ConflictError, WrongChainError
from passport.ledger import Ledger
from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
from passport.store import DocumentKind, Store
from passport.workspace import Workspace, WorkspaceSettings
from verifier.trust import Trust, read_trust


class Places:
    """A bounded number of places for one kind of work; whoever finds none is sent away at once.

    Args:
        total: How many there are.
        work: What is done there, in the plural.
    """

    def __init__(self, total: int, *, work: str) -> None:
        self._free = total
        self._total = total
        self._work = work
        self.limiter = CapacityLimiter(total)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Take a place for as long as the block lasts. For the event loop's thread alone.

        Raises:
            ProblemError: All are taken.
        """
        if not self._free:
            raise ProblemError("busy", f"{self._total} {self._work} are under way, which is all that is allowed")
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


@dataclass(frozen=True, slots=True)
class Standing:
    """How store and chain stand.

    Attributes:
        chain: CAIP-2 of the chain in reach; None: the workspace knows none.
        block: Its newest final block.
    """

    chain: str | None
    block: int | None


class Resources:
    """Everything that outlives a request.

    Args:
        settings: The service's settings.
        clock: The time, aware, UTC.

    Raises:
        PassportError: No workspace, a store that does not open, or a trust file or profile that does not hold. A chain
            out of reach is no reason not to start: it may come back.
    """

    def __init__(self, settings: ServiceSettings, *, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.trust: Trust | None = read_trust(settings.trust_file) if settings.trust_file else None
        self.ledger_profiles = AnchoringProfiles.shipped().with_files(settings.ledger_profiles)
        self._workspace = Workspace.open(settings.workspace, clock=clock)
        self.store: Store = self._workspace.store
        self.audits = Places(settings.max_audits, work="audits")
        self.uploads = Places(settings.max_uploads, work="uploads")
        self.standing = Recent(self._standing, keep_s=settings.ready_for_s, clock=clock)
        self._folder = tempfile.TemporaryDirectory(prefix="carbon-passport-")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._workspace.close()
        self._folder.cleanup()

    @property
    def upload_folder(self) -> Path:
        """Where uploads lie while they are judged."""
        return Path(self._folder.name)

    def _standing(self) -> Standing:
        """Ask store and chain.

        Raises:
            StoreError: The store is out of reach.
            LedgerError: The chain is out of reach.
            WrongChainError: Another chain answers, or one that the trust file does not know.
        """
        self.store.find_documents(DocumentKind.PASSPORT, limit=1)
        with self.chain() as ledger:
            if ledger is None:
                return Standing(None, None)
            return Standing(ledger.chain.caip2, ledger.final_head().number)

    def workspace_settings(self) -> WorkspaceSettings:
        """The workspace's settings as they are now: what is withheld, and the chain, may change while we run."""
        return Workspace.open(self.settings.workspace, clock=self.clock).settings

    def shows_only_own(self) -> bool:
        """Whether only documents issued here are shown."""
        given = self.settings.only_own
        return self.workspace_settings().party is not None if given is None else given

    def takes_deliveries(self) -> bool:
        """Whether deliveries to this workspace's legal entity are taken in."""
        given = self.settings.takes_deliveries
        return self.workspace_settings().party is not None and given is not False

    @contextmanager
    def chain(self) -> Iterator[Ledger | None]:
        """The workspace's chain, opened and checked to be the right one; None where the workspace knows none.

        Raises:
            LedgerError: It is out of reach.
            WrongChainError: Another chain answers, or one that the trust file does not know.
        """
        with Workspace.open(self.settings.workspace, clock=self.clock) as workspace:
            if not workspace.has_chain:
                yield None
                return
            try:
                ledger = workspace.ledger
                ledger.final_head()
            except ConflictError as error:
                raise WrongChainError(error.message, expected=error.expected, found=error.found) from error
            reached = (ledger.chain.caip2, ledger.chain.genesis_hash)
            if self.trust and reached not in [(chain.chain, chain.genesis) for chain in self.trust.chains]:
                raise WrongChainError("the chain in reach is not one that the trust file knows", found=reached[0])
            yield ledger
