"""The documents of a bundle, filed in a store as if their issuers had published them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from passport.errors import PassportError

if TYPE_CHECKING:
    from passport.store import Store


@dataclass(frozen=True, slots=True)
class Taken:
    """How much was new, and what was left out with the reason."""

    passports: int
    statements: int
    refused: tuple[tuple[str, str], ...]


def take_in_bundle(store: Store, path: Path) -> Taken:
    """File passports, statements, opened rows, imports, DID documents, key bindings and deliveries of a bundle.

    Args:
        store: Where.
        path: The bundle.

    Raises:
        DocumentError: Not a bundle.
    """
    from passport import filing
    from passport.model.digest import digest_of
    from verifier.bundle import STATEMENT_SEPARATOR, BundleFile, from_base64url

    refused: list[tuple[str, str]] = []

    def file_statement(key: str, body: bytes) -> bool:
        statement, *rows = body.split(STATEMENT_SEPARATOR)
        is_new = filing.file_statement(store, statement)
        digest = digest_of(statement)
        committed = filing.committed_rows(store, digest)
        if len(rows) > len(committed):
            refused.append((f"statement {key}", f"{len(rows)} rows, where it commits to {len(committed)}"))
            rows = []
        for position, row in enumerate(rows):
            try:
                filing.file_rows(store, digest, committed, [row])
            except PassportError as error:  # the others may be true all the same
                refused.append((f"statement {key}, row {position}", str(error)))
        return is_new

    sections: dict[str, Callable[[str, bytes], bool]] = {
        "did": lambda did, body: filing.file_did_document(store, did, from_base64url(body, where=did)),
        "pinned": lambda key, body: filing.file_pinned_did_document(store, from_base64url(body, where=f"pinned {key}")),
        "key": lambda _, body: filing.file_key_binding(store, body),
        "imported": lambda _, body: filing.file_footprint_bytes(store, body),
        "passport": lambda _, body: filing.file_passport(store, body),
        "statement": file_statement,
        "delivery": lambda _, body: filing.file_event(store, body),
        "status": lambda _, body: filing.file_status_list(store, body),
    }
    new = dict.fromkeys(sections, 0)
    with BundleFile(path) as bundle, store.transaction():
        for section, put in sections.items():
            for key, body in bundle.all(section):
                try:
                    new[section] += put(key, bytes(body))
                except PassportError as error:
                    refused.append((f"{section} {key}", str(error)))
    return Taken(new["passport"], new["statement"], tuple(refused))
