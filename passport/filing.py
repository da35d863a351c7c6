"""File documents from outside in a store under what they are, not under what somebody calls them.

Each function reads a document strictly, judges its shape, and stores its bytes under their own hash; whether what it
says is true is for the verifier. All return whether the document is new.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from passport.credentials import (
    key_hash,
    open_row,
    parse_canonical,
    read_did_document,
    read_key_binding,
    read_secured,
    verify_key_binding,
)
from passport.errors import DocumentError
from passport.exchange.pact import ImportedFootprint, read_body
from passport.exchange.untp06 import is_untp06, read_untp06
from passport.model import schema
from passport.model.digest import Digest, digest_of, to_sha256
from passport.model.facts import passport_facts
from passport.store import DocumentKind, Store

CREDENTIAL_TYPE = "application/vc"
JSON_TYPE = "application/json"


def file_passport(
    store: Store, body: bytes, *, own_entries: Container[bytes] = (), pinned: set[str] | None = None
) -> bool:
    """A signed passport.

    Args:
        store: Where.
        body: Its bytes.
        own_entries: Entries of our own log as the chain holds it: a passport that is one of them is our own.
        pinned: Takes the digests of the statements that our own passports pin.

    Raises:
        PassportError: Not one of ours, or other bytes stand under its digest.
    """
    secured = read_secured(body, canonical=True)
    schema.check("untp-dpp-0.7.0-issuing", secured.document)
    facts = passport_facts(secured.document, secured.doc_hash)
    is_own = to_sha256(secured.doc_hash) in own_entries
    if is_own and pinned is not None:
        pinned.add(facts.statement.digest)
    return store.put_document(
        DocumentKind.PASSPORT,
        secured.doc_hash,
        body,
        document_id=facts.id,
        issuer_id=facts.place.issuer_id,
        subject_id=facts.subject_id,
        own=is_own,
        media_type=CREDENTIAL_TYPE,
    )


def file_statement(store: Store, body: bytes, rows: Sequence[bytes] = (), *, own_digests: Container[str] = ()) -> bool:
    """A footprint statement with the rows of it that are opened.

    Args:
        store: Where.
        body: Its bytes.
        rows: Opened rows.
        own_digests: Digests of the statements that are our own.

    Raises:
        PassportError: Not a statement of ours, or a row that it does not commit to.
    """
    statement = parse_canonical(body)
    schema.check("statement-1.0-issuing", statement)
    data = statement["extensions"][0]["data"]
    digest = digest_of(body)
    is_new = store.put_document(
        DocumentKind.STATEMENT,
        digest,
        body,
        document_id=statement["id"],
        subject_id=data["subjectId"],
        own=digest in own_digests,
        media_type=JSON_TYPE,
    )
    file_rows(store, digest, frozenset(data["rows"]), rows)
    return is_new


def file_rows(store: Store, statement: Digest, committed: frozenset[str], rows: Sequence[bytes]) -> None:
    """Opened rows of a statement; one that it does not commit to would bar the true ones, so it is refused.

    Raises:
        PassportError: Such a row, or bytes that are no row in canonical form.
    """
    opened = [(digest_of(row), row) for row in rows]
    for row_digest, row in opened:
        if row_digest not in committed:
            raise DocumentError("an opened row that the statement does not commit to", found=row_digest)
        open_row(row)
    if opened:
        store.put_rows(statement, opened)


def committed_rows(store: Store, statement: Digest) -> frozenset[str]:
    """The row hashes that a stored statement commits to; none when it is not stored."""
    stored = store.documents(DocumentKind.STATEMENT, [statement]).get(statement)
    return frozenset(parse_canonical(stored)["extensions"][0]["data"]["rows"]) if stored else frozenset()


def file_key_binding(store: Store, body: bytes, *, own_issuer: str | None = None) -> bool:
    """A credential key's own statement of its binding.

    Args:
        store: Where.
        body: Its bytes.
        own_issuer: Our own id on the registry, when it comes out of a publication of our own.

    Raises:
        PassportError: Not such a statement.
    """
    binding = read_key_binding(body)
    is_own = binding.issuer_id == own_issuer
    if is_own:
        verify_key_binding(binding)
    name = f"{binding.issuer_id}:{key_hash(binding.multikey).hex()}"
    return store.put_document(
        DocumentKind.KEY_BINDING, digest_of(body), body, document_id=name, issuer_id=binding.issuer_id, own=is_own
    )


def file_did_document(store: Store, did: str, body: bytes) -> bool:
    """A DID document.

    Raises:
        PassportError: Not one of that DID.
    """
    read_did_document(body, did=did)
    return store.put_document(DocumentKind.DID_DOCUMENT, digest_of(body), body, document_id=did)


def file_footprint(store: Store, footprint: ImportedFootprint) -> bool:
    """A PACT footprint that nobody signed.

    Raises:
        PassportError: Other bytes stand under its digest.
    """
    return store.put_document(
        DocumentKind.IMPORTED,
        footprint.digest,
        footprint.body,
        document_id=f"urn:uuid:{footprint.id.lower()}",
        subject_id=footprint.product_ids[0],
        media_type=JSON_TYPE,
    )


def file_untp06(store: Store, body: bytes) -> bool:
    """A passport of UNTP 0.6 without its signature, in canonical form: kept for what it states, second hand.

    Raises:
        PassportError: Not such a passport in that form, or other bytes stand under its digest.
    """
    parse_canonical(body)
    passport = read_untp06(body)
    return store.put_document(
        DocumentKind.IMPORTED,
        passport.digest,
        body,
        document_id=passport.id,
        subject_id=passport.product_id,
        media_type=CREDENTIAL_TYPE,
    )


def file_footprint_bytes(store: Store, body: bytes) -> bool:
    """The bytes of one footprint of somebody else, PACT's or a UNTP 0.6 passport, as it is stored and pinned.

    Raises:
        PassportError: Not one footprint in that form.
    """
    if is_untp06(parse_canonical(body)):
        return file_untp06(store, body)
    return file_footprint(store, read_body(body))
