"""What a company demands of an upstream passport before it builds on it.

Its own passports of the same batch are not anchored yet, so there is nothing to look up; whatever they build on was
accepted when they were issued. All others are audited in full.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from passport.errors import IssueError
from passport.model.footprint import UpstreamFacts

if TYPE_CHECKING:
    from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
    from passport.workspace import Workspace
    from verifier.policy import Policy
    from verifier.trust import Trust


class Acceptance:
    """The `accept` of an `Issuer`: audits upstream passports over the workspace's own store and chain.

    Args:
        workspace: Whose store and chain.
        trust: The trust file; without it nothing of others is accepted.
        policy: What the audit must show.
        clock: The time, aware, UTC.
        ledger_profiles: What chains are known to emit; what ships with the project without.
        accept_imported: Build on footprints that nobody signed, and answer for them.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        trust: Trust | None,
        policy: Policy,
        clock: Callable[[], datetime],
        ledger_profiles: AnchoringProfiles | None = None,
        accept_imported: bool = False,
    ) -> None:
        self._workspace = workspace
        self._trust = trust
        self._policy = policy
        self._clock = clock
        self._ledger_profiles = ledger_profiles
        self._accept_imported = accept_imported
        self._accepted: set[str] = set()

    def __call__(self, upstream: UpstreamFacts) -> None:
        """Refuse what does not pass.

        Raises:
            IssueError: Says why.
        """
        from verifier.store_source import StoreSource
        from verifier.verifier import Verifier

        if upstream.digest in self._accepted or self._is_own_and_open(upstream):
            return
        if upstream.document != "passport" and self._accept_imported:
            return
        if upstream.document == "passport" and self._trust is None:
            raise IssueError(
                "without a trust file nobody's passport can be judged",
                where=upstream.id,
                hint="name one with --trust, or put trust.json into the workspace; `passport trust` writes one",
            )
        # A fresh source each time: what was received or anchored since is seen.
        source = StoreSource(self._workspace.store, self._workspace.ledger)
        verifier = Verifier(
            source,
            trust=self._trust,
            policy=self._policy,
            clock=self._clock,
            ledger_profiles=self._ledger_profiles,
        )
        verifier.accept(upstream)
        self._accepted.add(upstream.digest)

    def _is_own_and_open(self, upstream: UpstreamFacts) -> bool:
        """Whether it is one of our own that no checkpoint has closed over yet."""
        from passport.credentials import read_secured
        from passport.model.digest import Digest
        from passport.model.facts import passport_facts
        from passport.store import DocumentKind

        store = self._workspace.store
        if upstream.document != "passport":
            return False
        own = store.find_documents(DocumentKind.PASSPORT, document_id=upstream.id, own=True)
        if not any(ref.digest == upstream.digest for ref in own):
            return False
        secured = read_secured(store.get_document(DocumentKind.PASSPORT, Digest(upstream.digest)), canonical=True)
        facts = passport_facts(secured.document, secured.doc_hash)
        return facts.place.leaf_index >= store.log_size(self._workspace.log_key)
