"""What the service lets an audit read: its store without what it withholds, with a posted passport laid over it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from passport.credentials import doc_hash, parse
from passport.errors import CanonicalError, LedgerUnavailableError
from passport.ledger.protocol import Ledger
from passport.model.digest import digest_of
from passport.model.inventory import Disclosure
from passport.store import DocumentKind, Store
from verifier.store_source import StoreSource


@dataclass(frozen=True, slots=True)
class PostedPassport:
    """A passport somebody sent in; nothing of it is stored.

    Attributes:
        digest: The hash of its credential, or of its bytes where it has no canonical form.
        id: Its id, as far as it can be read.
        body: The bytes as they came.
    """

    digest: str
    id: str
    body: bytes

    @classmethod
    def of(cls, body: bytes) -> PostedPassport | None:
        """Take a body for a passport; None when it is JSON of another kind.

        Raises:
            DocumentError: Not JSON.
            BoundError: Too long or nested too deep.
        """
        document = parse(body)
        if not isinstance(document, dict) or not isinstance(document.get("proof"), dict | list):
            return None
        name = document.get("id")
        try:
            digest = doc_hash(document)
        except CanonicalError:
            digest = digest_of(body)
        return cls(digest, name if isinstance(name, str) else "", body)


class ServiceSource(StoreSource):
    """A store as the public may see it.

    Args:
        store: Where documents and logs are kept.
        ledger: The chain, or None.
        withheld: Ids of passports whose statement is withheld, beside those that their inventory withholds.
        posted: A passport to judge that is not in the store.
        block_number: Judge as of this block.
        problem: Why the chain is out of reach, where it is: what needs it is unknown for that reason.
    """

    def __init__(
        self,
        store: Store,
        ledger: Ledger | None,
        *,
        withheld: Collection[str],
        posted: PostedPassport | None = None,
        block_number: int | None = None,
        problem: LedgerUnavailableError | None = None,
    ) -> None:
        super().__init__(store, ledger, block_number=block_number, problem=problem)
        self._withheld = frozenset(withheld)
        self._posted = posted

    def passport(self, digest: str) -> bytes | None:
        """The posted passport, or a stored one."""
        if self._posted is not None and digest == self._posted.digest:
            return self._posted.body
        return super().passport(digest)

    def passports_named(self, passport_id: str) -> Sequence[str]:
        """Digests of every passport of that id, the posted one included."""
        digests = list(super().passports_named(passport_id))
        if self._posted is not None and passport_id == self._posted.id and self._posted.digest not in digests:
            digests.append(self._posted.digest)
        return digests

    def statement(self, digest: str) -> bytes | None:
        """A stored statement that is not withheld."""
        body = super().statement(digest)
        return None if body is None or is_withheld(self._store, body, self._withheld) else body

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        """The opened rows of a statement that is not withheld."""
        return [] if self.statement(statement_digest) is None else super().opened_rows(statement_digest)


def is_withheld(store: Store, statement: bytes, withheld: Collection[str]) -> bool:
    """Whether a statement is kept from the public, by the workspace's list or by the inventory behind it.

    Args:
        store: Where inventories are kept.
        statement: The statement.
        withheld: The workspace's list of passport ids.
    """
    document: Any = parse(statement)
    passport_id = document["extensions"][0]["data"]["passportId"]
    if passport_id in withheld:
        return True
    inventories = store.find_documents(DocumentKind.INVENTORY, document_id=passport_id, own=True)
    bodies = (parse(store.get_document(DocumentKind.INVENTORY, ref.digest)) for ref in inventories)
    return any(inventory["disclosure"] == Disclosure.WITHHELD for inventory in bodies)
