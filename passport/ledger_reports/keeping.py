"""Keep signed statements about a ledger: take in those that others published, and hand out those that are kept.

Nothing that is taken in is believed. Somebody else's copy is filed under the hash of its own bytes, so that a copy with
a proof that does not hold bars no true one; who signed, and whether its log holds it, is for whoever asks.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Final

from passport.ledger_reports.kinds import KINDS
from passport.ledger_reports.signing import peek_statement
from passport.model.digest import Digest, digest_of, to_sha256
from passport.store import DocumentKind, Store

CREDENTIAL_TYPE: Final = "application/vc"
_PAGE: Final = 1000


def file_ledger_statement(store: Store, body: bytes, *, own_entries: Container[bytes] = ()) -> bool:
    """A signed statement, as somebody published it.

    Args:
        store: Where.
        body: Its bytes.
        own_entries: Entries of our own log as the chain holds it: a statement that is one of them is our own.

    Returns:
        Whether it is new.

    Raises:
        PassportError: Not such a statement, or other bytes stand under its digest.
    """
    found = peek_statement(body, KINDS)
    is_own = to_sha256(found.digest) in own_entries
    if not is_own and store.documents(DocumentKind.LEDGER_STATEMENT, [found.digest]).get(found.digest) == body:
        return False  # our own, back from somebody
    return store.put_document(
        DocumentKind.LEDGER_STATEMENT,
        found.digest if is_own else digest_of(body),
        body,
        document_id=found.id,
        issuer_id=None if found.place is None else found.place.issuer_id,
        own=is_own,
        media_type=CREDENTIAL_TYPE,
    )


def kept_statements(store: Store, *, own: bool | None = None) -> Iterator[tuple[Digest, bytes]]:
    """The statements that are kept, each with the name that it is filed under, in the order of their arrival.

    Args:
        store: Where.
        own: Our own alone, or others' alone; None for both.
    """
    after = None
    while page := store.find_documents(DocumentKind.LEDGER_STATEMENT, own=own, limit=_PAGE, after=after):
        for ref in page:
            yield ref.digest, store.get_document(DocumentKind.LEDGER_STATEMENT, ref.digest)
        after = page[-1].sequence
