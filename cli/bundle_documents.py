"""The documents of a bundle, filed in a store as if their issuers had published them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from passport.errors import DocumentError, PassportError

if TYPE_CHECKING:
    from passport.store import Store


@dataclass(frozen=True, slots=True)
class Taken:
    """How much was new, and what was left out with the reason."""

    passports: int
    statements: int
    refused: tuple[tuple[str, str], ...]


def take_in_bundle(store: Store, path: Path) -> Taken:
    """File passports, statements, opened rows, imports, DID documents and key bindings of a bundle.

    Args:
        store: Where.
        path: The bundle.

    Raises:
        DocumentError: Not a bundle.
    """
    from passport.credentials import (
        key_hash,
        parse_canonical,
        read_did_document,
        read_key_binding,
        read_secured,
    )
    from passport.exchange.pact import read_footprints
    from passport.model import schema
    from passport.model.digest import Digest, digest_of
    from passport.model.facts import passport_facts
    from passport.store import DocumentKind
    from verifier.bundle import BundleFile, from_base64url

    def put_passport(key: str, body: bytes) -> bool:
        secured = read_secured(body, canonical=True)
        schema.check("untp-dpp-0.7.0-issuing", secured.document)
        facts = passport_facts(secured.document, secured.doc_hash)
        return store.put_document(
            DocumentKind.PASSPORT,
            secured.doc_hash,
            body,
            document_id=facts.id,
            issuer_id=facts.place.issuer_id,
            subject_id=facts.subject_id,
            media_type="application/vc",
        )

    def put_statement(key: str, body: bytes) -> bool:
        statement = parse_canonical(body)
        schema.check("statement-1.0-issuing", statement)
        return store.put_document(
            DocumentKind.STATEMENT,
            digest_of(body),
            body,
            document_id=statement["id"],
            subject_id=statement["extensions"][0]["data"]["subjectId"],
            media_type="application/json",
        )

    def put_import(key: str, body: bytes) -> bool:
        footprint = read_footprints(body, max_footprints=1)[0]
        return store.put_document(
            DocumentKind.IMPORTED,
            footprint.digest,
            footprint.body,
            document_id=f"urn:uuid:{footprint.id.lower()}",
            subject_id=footprint.product_ids[0],
            media_type="application/json",
        )

    def put_did(key: str, body: bytes) -> bool:
        document = from_base64url(body, where=key)
        read_did_document(document, did=key)
        return store.put_document(DocumentKind.DID_DOCUMENT, digest_of(document), document, document_id=key)

    def put_binding(key: str, body: bytes) -> bool:
        binding = read_key_binding(body)
        name = f"{binding.issuer_id}:{key_hash(binding.multikey).hex()}"
        return store.put_document(
            DocumentKind.KEY_BINDING, digest_of(body), body, document_id=name, issuer_id=binding.issuer_id
        )

    committed: dict[Digest, frozenset[str]] = {}

    def put_row(key: str, body: bytes) -> bool:
        # A row that its statement does not commit to would bar the true ones of somebody else's statement.
        statement, row = Digest(key.partition(":")[0]), digest_of(body)
        if statement not in committed:
            stored = store.documents(DocumentKind.STATEMENT, [statement]).get(statement)
            rows = parse_canonical(stored)["extensions"][0]["data"]["rows"] if stored else ()
            committed.clear()
            committed[statement] = frozenset(rows)
        if row not in committed[statement]:
            raise DocumentError("an opened row that no statement at hand commits to", found=row)
        store.put_rows(statement, [(row, body)])
        return True

    sections: dict[str, Callable[[str, bytes], bool]] = {
        "did": put_did,
        "key": put_binding,
        "imported": put_import,
        "passport": put_passport,
        "statement": put_statement,
        "row": put_row,
    }
    new = dict.fromkeys(sections, 0)
    refused: list[tuple[str, str]] = []
    with BundleFile(path) as bundle, store.transaction():
        for section, put in sections.items():
            for key, body in bundle.all(section):
                try:
                    new[section] += put(key, bytes(body))
                except PassportError as error:
                    refused.append((f"{section} {key}", str(error)))
    return Taken(new["passport"], new["statement"], tuple(refused))
