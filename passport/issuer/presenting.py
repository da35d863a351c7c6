"""Presentations out of the store: what a company shows of a passport that it has issued with content sets."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

from passport.credentials import Signer, parse_canonical, read_secured
from passport.credentials.presentation import build_presentation
from passport.credentials.sd_jwt import narrow_sd_jwt
from passport.credentials.sd_jwt_issuing import sign_sd_jwt
from passport.credentials.sd_jwt_parts import SdJwtType
from passport.errors import NotFoundError
from passport.model.digest import Digest
from passport.model.facts import passport_facts
from passport.model.role_map import role_map
from passport.store import DocumentKind, Store


def present(
    store: Store, digest: Digest, role: str, *, signer: Signer | None = None, created: datetime | None = None
) -> bytes:
    """Show a role what it may see of a passport.

    Args:
        store: Of the company that issued it.
        digest: The passport's digest.
        role: A role of its role map.
        signer: The company's key; without it the presentation is unsigned.
        created: When it is signed.

    Raises:
        NotFoundError: The passport, or what opens its content sets, is not here.
        PassportError: As `build_presentation`.
    """
    passport = store.get_document(DocumentKind.PASSPORT, digest)
    secured = read_secured(passport, canonical=True)
    pinned = Digest(passport_facts(secured.document, secured.doc_hash).statement.digest)
    return build_presentation(
        passport,
        openings_of(store, secured.document["id"]),
        role,
        statement=store.documents(DocumentKind.STATEMENT, [pinned]).get(pinned),
        rows={str(name): body for name, body in store.rows(pinned).items()},
        signer=signer,
        created=created,
    )


def present_sd_jwt(
    store: Store,
    digest: Digest,
    role: str,
    *,
    signer: Signer,
    sd_jwt_type: SdJwtType = SdJwtType.VC,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """Show a role what it may see of a passport, as an SD-JWT signed by its issuer.

    Args:
        store: Of the company that issued it.
        digest: The passport's digest.
        role: A role of its role map.
        signer: The issuer's key.
        sd_jwt_type: Of W3C or of IETF.
        random_bytes: Secure randomness for salts and decoys.

    Raises:
        NotFoundError: The passport, or what opens its content sets, is not here.
        PassportError: As `sign_sd_jwt`.
    """
    secured = read_secured(store.get_document(DocumentKind.PASSPORT, digest), canonical=True)
    pinned = Digest(passport_facts(secured.document, secured.doc_hash).statement.digest)
    openings = openings_of(store, secured.document["id"])
    whole = sign_sd_jwt(
        secured.document,
        openings,
        signer,
        random_bytes=random_bytes,
        rows={str(name): parse_canonical(body) for name, body in store.rows(pinned).items()},
        sd_jwt_type=sd_jwt_type,
    )
    return narrow_sd_jwt(
        whole,
        show=role_map(openings["roleMap"]).sets_of(role),
        show_rows=openings["rowAudiences"][role]["rows"],
        role=role,
    )


def openings_of(store: Store, passport_id: str) -> dict[str, Any]:
    """Values and salts behind the content sets of a passport.

    Raises:
        NotFoundError: They are not here: only who issued a passport with content sets has them.
    """
    refs = store.find_documents(DocumentKind.CONTENT_OPENINGS, document_id=passport_id, own=True)
    if not refs:
        raise NotFoundError(
            "nothing here opens content sets of this passport",
            where=passport_id,
            hint="present a passport of your own that was issued with `contentSets` in its inventory",
        )
    openings: dict[str, Any] = parse_canonical(store.get_document(DocumentKind.CONTENT_OPENINGS, refs[-1].digest))
    return openings
