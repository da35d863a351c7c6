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
    """File passports, statements, opened rows, imports, DID documents and key bindings of a bundle.

    Args:
        store: Where.
        path: The bundle.

    Raises:
        DocumentError: Not a bundle.
    """
    from passport import filing
    from passport.model.digest import Digest
    from verifier.bundle import BundleFile, from_base64url

    committed: dict[str, frozenset[str]] = {}

    def file_row(key: str, body: bytes) -> bool:
        statement = key.partition(":")[0]
        if statement not in committed:
            committed.clear()
            committed[statement] = filing.committed_rows(store, Digest(statement))
        filing.file_rows(store, Digest(statement), committed[statement], [body])
        return True

    sections: dict[str, Callable[[str, bytes], bool]] = {
        "did": lambda did, body: filing.file_did_document(store, did, from_base64url(body, where=did)),
        "key": lambda _, body: filing.file_key_binding(store, body),
        "imported": lambda _, body: filing.file_footprint_bytes(store, body),
        "passport": lambda _, body: filing.file_passport(store, body),
        "statement": lambda _, body: filing.file_statement(store, body),
        "row": file_row,
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
