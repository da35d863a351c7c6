"""What a company keeps: signed documents as bytes, opened rows, its own logs and outbox, and the logs of others.

with Store.open("passport.db", clock=clock) as store:
    with store.transaction():
        store.put_document(DocumentKind.PASSPORT, digest, body, document_id=passport_id, own=True)
        outbox.fill(reservation, doc_hash)
"""

from __future__ import annotations

from passport.store.documents import DocumentKind, DocumentRef
from passport.store.store import Store

__all__ = ["DocumentKind", "DocumentRef", "Store"]
