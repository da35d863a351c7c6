"""What the chain says of an issuer before it issues: whether its key counts, and which of its passports still stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from passport.credentials import key_hash
from passport.errors import ConflictError, IssueError
from passport.issuer.values import LogPlace
from passport.ledger.chain_id import Address
from passport.ledger.passport_log import PassportLogView
from passport.ledger.protocol import Ledger
from passport.ledger.registry import RegistryView


class Standing(Protocol):
    """What an issuer asks before it issues."""

    def check_key(self, multikey: str) -> None:
        """Refuse a credential key that no audit would take.

        Raises:
            IssueError: Says why, and how to mend it.
        """
        ...

    def stands(self, issuer_id: str, leaf_index: int) -> bool:
        """Whether a leaf was neither revoked nor replaced, nor all of its log annulled.

        Args:
            issuer_id: Whose log it is in: the issuer's, or that of a registration of its own that was annulled.
            leaf_index: The leaf.
        """
        ...

    def check_log(self, size: int) -> None:
        """Refuse to go on from a log that is behind the chain's.

        Args:
            size: How many entries our copy of it has.

        Raises:
            ConflictError: It is; says how to mend it.
        """
        ...


class ChainStanding:
    """As the registry and the log say it.

    Args:
        ledger: The chain.
        place: The issuer's log.
        clock: The time, aware, UTC.
    """

    def __init__(self, ledger: Ledger, place: LogPlace, *, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._place = place
        self._clock = clock
        self._good: tuple[bytes, str] | None = None

    def check_key(self, multikey: str) -> None:
        """Refuse a credential key that is not bound to the issuer, or no longer good.

        Raises:
            IssueError: Says why, and how to mend it.
        """
        head = self._ledger.head()
        if self._good == (head.hash, multikey):
            return
        place = self._place
        view = RegistryView(self._ledger.state(head), Address(place.registry.rpartition(":")[2]))
        issuer = view.issuer(place.issuer_id)
        if issuer is None:
            raise IssueError(
                "the company is not on the registry, so nobody could tell who signed",
                where=place.issuer_id,
                hint="give registration.json to a registrar; then run `passport registry bind-key`",
            )
        if issuer.void_from is not None:
            raise IssueError(
                "the company's registration was annulled, so nothing that it anchors now counts",
                where=place.issuer_id,
                hint="once it is registered anew, run `passport registry bind-key`",
            )
        key = view.credential_key(place.issuer_id, key_hash(multikey))
        if key is None:
            raise IssueError(
                "the credential key is not bound on the registry: every audit would fail `identity`",
                where=place.issuer_id,
                found=multikey,
                hint="run `passport registry bind-key`",
            )
        now = max(int(self._clock().timestamp()), head.timestamp)
        if not key.window.holds(now):
            raise IssueError(
                "the credential key is not good now by the registry: every audit would fail `identity`",
                where=place.issuer_id,
                found=multikey,
                hint="put a new one in use: `passport keys rotate credential`",
            )
        if key.window.valid_until is None and key.window.bad_from is None:
            self._good = (head.hash, multikey)

    def stands(self, issuer_id: str, leaf_index: int) -> bool:
        """Whether a leaf was neither revoked nor replaced, nor all of its log annulled."""
        log = self._log()
        head = log.head(issuer_id)
        if issuer_id != self._place.issuer_id:
            entity = RegistryView(log.state, Address(self._place.registry.rpartition(":")[2])).issuer(issuer_id)
            void_from = entity.void_from if entity is not None else None
            # What no checkpoint held before the moment of the annulment, none ever will.
            if entity is None or head is None or leaf_index >= head.size:
                return False
            if void_from is not None and void_from <= entity.registered_at:
                return False
        elif head is None or leaf_index >= head.size:  # not anchored yet, so nothing was said of it
            return True
        status = log.status(issuer_id, leaf_index)
        return not status.revoked and status.successor is None

    def check_log(self, size: int) -> None:
        """Refuse to go on from a log that is behind the chain's.

        Raises:
            ConflictError: It is; says how to mend it.
        """
        head = self._log().head(self._place.issuer_id)
        if head is not None and head.size > size:
            raise ConflictError(
                "this is an old copy of the workspace: the chain holds more of our log than the store",
                where=self._place.issuer_id,
                expected=f"{head.size} entries, {head.seq} checkpoints",
                found=f"{size} entries",
                hint="bring it up to date with our own newest publication: `passport import PUBLIC_FOLDER`",
            )

    def _log(self) -> PassportLogView:
        return PassportLogView(self._ledger.state(), Address(self._place.log.rpartition(":")[2]))
