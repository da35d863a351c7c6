"""Signed documents and opened rows: bytes in, the same bytes out, found by digest, id, issuer and subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, func, literal, select, update

from passport.errors import ConflictError, NotFoundError, UsageError
from passport.model.digest import Digest, digest_of
from passport.store.engine import insert_or_ignore
from passport.store.schema import documents, statement_rows
from passport.store.session import Session, from_us, to_us

MAX_PAGE = 10_000
"""The most documents one `find_documents` lists."""

_MAX_VALUES = 500
"""Values in one IN (...): databases bound the parameters of a statement."""

_DESCRIPTIONS = ("document_id", "issuer_id", "subject_id", "media_type")
_LISTED = [column for column in documents.c if column.name not in {"body", "media_type"}]

T = TypeVar("T")


class DocumentKind(StrEnum):
    """What a stored document is. A digest names one document of each kind."""

    PASSPORT = "passport"
    STATEMENT = "statement"
    IMPORTED = "imported"
    DID_DOCUMENT = "did_document"
    PINNED_DID_DOCUMENT = "pinned_did_document"
    KEY_BINDING = "key_binding"
    INVENTORY = "inventory"
    IDENTITY_ANCHOR = "identity_anchor"
    CONTENT_OPENINGS = "content_openings"
    TRACEABILITY_EVENT = "traceability_event"
    STATUS_LIST = "status_list"
    LEDGER_STATEMENT = "ledger_statement"


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A stored document without its bytes.

    Args:
        kind: What it is.
        digest: By which it is addressed.
        document_id: Its id; two digests under one id are possible, and somebody's fault.
        issuer_id: Who issued it, as far as told.
        subject_id: What it is about, as far as told.
        own: Issued here.
        added_at: When it was stored, UTC.
        sequence: Its place in the order of arrival; for `after`.
    """

    kind: DocumentKind
    digest: Digest
    document_id: str
    issuer_id: str | None
    subject_id: str | None
    own: bool
    added_at: datetime
    sequence: int


def _chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _holds(connection: Connection, column: Column[bytes], text: str) -> ColumnElement[bool]:
    """Whether bytes hold a text in ASCII, as each database asks for it."""
    name = "instr" if connection.dialect.name == "sqlite" else "position"
    part = literal(text.encode("ascii"), LargeBinary)
    if name == "instr":
        return func.instr(column, part) > 0
    return func.position(part.op("IN")(column)) > 0


class Documents(Session):
    """The repository of documents and rows."""

    def put_document(
        self,
        kind: DocumentKind,
        digest: Digest,
        body: bytes,
        *,
        document_id: str,
        issuer_id: str | None = None,
        subject_id: str | None = None,
        own: bool = False,
        media_type: str | None = None,
    ) -> bool:
        """Store a document; doing it again changes nothing but what was unknown about it before.

        Args:
            kind: What it is.
            digest: Its address.
            body: Exactly the bytes that were signed or received.
            document_id: Its id.
            issuer_id: Who issued it.
            subject_id: What it is about.
            own: Issued here; once own, always own.
            media_type: Of the bytes.

        Returns:
            True when it is new.

        Raises:
            ConflictError: other bytes, or another description, are stored under this digest.
        """
        described = {
            "document_id": document_id,
            "issuer_id": issuer_id,
            "subject_id": subject_id,
            "media_type": media_type,
        }
        with self._writing() as connection:
            added = connection.execute(
                insert_or_ignore(connection, documents),
                {
                    "kind": kind.value,
                    "digest": digest,
                    "own": own,
                    "added_at_us": to_us(self._clock()),
                    "body": body,
                    **described,
                },
            )
            if added.rowcount:
                return True
            at = (documents.c.kind == kind.value, documents.c.digest == digest)
            stored = connection.execute(select(documents).where(*at)).mappings().one()
            if bytes(stored["body"]) != body:
                raise ConflictError(
                    "other bytes are stored under this digest",
                    where=f"{kind} {digest}",
                    expected=f"the {len(stored['body'])} bytes stored",
                    found=f"{len(body)} other bytes",
                )
            learned: dict[str, Any] = {"own": True} if own and not stored["own"] else {}
            for name in _DESCRIPTIONS:
                if described[name] is None or described[name] == stored[name]:
                    continue
                if stored[name] is not None:
                    raise ConflictError(
                        f"this document is stored with another {name}",
                        where=f"{kind} {digest}",
                        expected=stored[name],
                        found=described[name],
                    )
                learned[name] = described[name]
            if learned:
                connection.execute(update(documents).where(*at).values(learned))
            return False

    def replace_foreign_document(self, kind: DocumentKind, digest: Digest, body: bytes) -> None:
        """Put other bytes in the place of somebody else's document, for who has proven that those stored are false.

        Args:
            kind: What it is.
            digest: Its address.
            body: What stands there from now on.

        Raises:
            ConflictError: No document of somebody else's is stored under this digest.
        """
        at = (documents.c.kind == kind.value, documents.c.digest == digest, documents.c.own.is_(False))
        with self._writing() as connection:
            if not connection.execute(update(documents).where(*at).values(body=body)).rowcount:
                raise ConflictError("nothing of somebody else's is stored under this digest", where=f"{kind} {digest}")

    def get_document(self, kind: DocumentKind, digest: Digest) -> bytes:
        """The bytes of a document, as they came.

        Raises:
            NotFoundError: no such document.
        """
        with self._reading() as connection:
            body = connection.execute(
                select(documents.c.body).where(documents.c.kind == kind.value, documents.c.digest == digest)
            ).scalar_one_or_none()
        if body is None:
            raise NotFoundError("no such document in the store", where=self._place, found=f"{kind} {digest}")
        return bytes(body)

    def has_document(self, kind: DocumentKind, digest: Digest) -> bool:
        """Whether there is such a document."""
        with self._reading() as connection:
            found = connection.execute(
                select(documents.c.sequence).where(documents.c.kind == kind.value, documents.c.digest == digest)
            ).scalar_one_or_none()
        return found is not None

    def documents(self, kind: DocumentKind, digests: Sequence[Digest]) -> dict[Digest, bytes]:
        """The bytes of many documents at once; those not stored are left out."""
        found: dict[Digest, bytes] = {}
        with self._reading() as connection:
            for some in _chunks(digests, _MAX_VALUES):
                rows = connection.execute(
                    select(documents.c.digest, documents.c.body).where(
                        documents.c.kind == kind.value, documents.c.digest.in_(some)
                    )
                )
                found.update((Digest(digest), bytes(body)) for digest, body in rows)
        return found

    def find_documents(
        self,
        kind: DocumentKind,
        *,
        document_id: str | None = None,
        issuer_id: str | None = None,
        subject_id: str | None = None,
        own: bool | None = None,
        limit: int = 1000,
        after: int | None = None,
        newest_first: bool = False,
    ) -> list[DocumentRef]:
        """List documents in the order of their arrival.

        Args:
            kind: What they are.
            document_id: With this id.
            issuer_id: Of this issuer.
            subject_id: About this subject.
            own: Issued here, or not; None for both.
            limit: At most so many, up to 10,000.
            after: Only those beyond this `sequence`: the last of the page before.
            newest_first: In the opposite order: for the last few. It has no further pages, so no `after`.
        """
        if not 0 < limit <= MAX_PAGE:
            raise UsageError("not a page size", expected=f"1 to {MAX_PAGE}", found=limit)
        if newest_first and after is not None:
            raise UsageError("the newest documents have no further page", where="after", found=after)
        wanted = {"document_id": document_id, "issuer_id": issuer_id, "subject_id": subject_id, "own": own}
        order = documents.c.sequence.desc() if newest_first else documents.c.sequence
        query = select(*_LISTED).where(documents.c.kind == kind.value).order_by(order).limit(limit)
        for name, value in wanted.items():
            if value is not None:
                query = query.where(documents.c[name] == value)
        if after is not None:
            query = query.where(documents.c.sequence > after)
        with self._reading() as connection:
            return [
                DocumentRef(
                    kind=DocumentKind(row["kind"]),
                    digest=Digest(row["digest"]),
                    document_id=row["document_id"],
                    issuer_id=row["issuer_id"],
                    subject_id=row["subject_id"],
                    own=row["own"],
                    added_at=from_us(row["added_at_us"]),
                    sequence=row["sequence"],
                )
                for row in connection.execute(query).mappings()
            ]

    def passports_that_mention(self, digest: Digest) -> list[Digest]:
        """The passports in whose bytes a digest stands, wherever: who pins, replaces or merely names it."""
        query = select(documents.c.digest).where(documents.c.kind == DocumentKind.PASSPORT.value)
        with self._reading() as connection:
            found = connection.execute(query.where(_holds(connection, documents.c.body, digest)))
            return [Digest(row.digest) for row in found]

    def is_in_a_row(self, digest: Digest) -> bool:
        """Whether a digest stands in an opened row of any statement."""
        with self._reading() as connection:
            where = _holds(connection, statement_rows.c.body, digest)
            return connection.execute(select(statement_rows.c.row_digest).where(where).limit(1)).first() is not None

    def statements_naming(self, digest: Digest, *, limit: int = 1000) -> list[Digest]:
        """The statements in whose opened rows a digest stands, the first few by their digest."""
        query = select(statement_rows.c.statement_digest).distinct().order_by(statement_rows.c.statement_digest)
        with self._reading() as connection:
            found = connection.execute(query.where(_holds(connection, statement_rows.c.body, digest)).limit(limit))
            return [Digest(row.statement_digest) for row in found]

    def put_rows(self, statement_digest: Digest, rows: Sequence[tuple[Digest, bytes]]) -> None:
        """Keep opened rows of a statement, all or none.

        Args:
            statement_digest: The statement that commits to them.
            rows: Row hash and the row with its salt, as the JCS bytes that have this hash.

        Raises:
            ConflictError: bytes that do not have their hash; kept, they would bar the true ones.
        """
        for digest, body in rows:
            if digest_of(body) != digest:
                raise ConflictError(
                    "the row does not have this hash",
                    where=f"rows of statement {statement_digest}",
                    expected=digest,
                    found=digest_of(body),
                )
        if not rows:
            return
        with self._writing() as connection:
            connection.execute(
                insert_or_ignore(connection, statement_rows),
                [{"statement_digest": statement_digest, "row_digest": digest, "body": body} for digest, body in rows],
            )

    def rows(self, statement_digest: Digest) -> Mapping[Digest, bytes]:
        """The opened rows of a statement by their hash; empty when none is known."""
        with self._reading() as connection:
            found = connection.execute(
                select(statement_rows.c.row_digest, statement_rows.c.body)
                .where(statement_rows.c.statement_digest == statement_digest)
                .order_by(statement_rows.c.row_digest)
            )
            return {Digest(digest): bytes(body) for digest, body in found}
