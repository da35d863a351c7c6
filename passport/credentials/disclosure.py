"""Salted row hashes: rows of a footprint that can be shown one by one, each provable against a published hash."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from passport.credentials.canonical import jcs, parse_canonical
from passport.credentials.multikey import base64url_encode
from passport.errors import CredentialError, SchemaError
from passport.model.digest import Digest, digest_of

SALT_BYTES: Final = 16
MAX_ROW_BYTES: Final = 256 * 1024

OPENED_ROW_MEMBERS: Final = frozenset({"row", "salt"})
_SALT = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]\Z")
"""128 bits as base64url: the last of 22 characters carries two bits, and its other four are zero."""


class OpenedRow(NamedTuple):
    """A disclosed row with the salt that hides it, and the hash that both have."""

    row: dict[str, Any]
    salt: str
    hash: Digest


def new_salt(random_bytes: Callable[[int], bytes]) -> str:
    """A fresh salt of 128 bits as base64url, 22 characters.

    Args:
        random_bytes: A cryptographically secure source such as `secrets.token_bytes`.

    Raises:
        CredentialError: The source returned another number of bytes.
    """
    raw = random_bytes(SALT_BYTES)
    if len(raw) != SALT_BYTES:
        raise CredentialError("the random source is broken", expected=f"{SALT_BYTES} bytes", found=f"{len(raw)} bytes")
    return base64url_encode(raw)


def check_salt(salt: object) -> str:
    """Return `salt` if it is 128 bits in strict base64url.

    Raises:
        SchemaError: It is not.
    """
    if isinstance(salt, str) and _SALT.match(salt):
        return salt
    raise SchemaError("not a salt", where="salt", expected="22 characters of base64url (128 bits)", found=repr(salt))


def row_document(row: Mapping[str, Any], salt: str) -> bytes:
    """The bytes to hand over when a row is disclosed: canonical JSON of `{"row": row, "salt": salt}`.

    Raises:
        SchemaError: `salt` is not 128 bits in strict base64url.
        CanonicalError: `row` has no canonical form.
    """
    return jcs({"row": dict(row), "salt": check_salt(salt)})


def row_hash(row: Mapping[str, Any], salt: str) -> Digest:
    """The published hash of a row: SHA-256 of `row_document`.

    Raises:
        SchemaError: `salt` is not 128 bits in strict base64url.
        CanonicalError: `row` has no canonical form.
    """
    return digest_of(row_document(row, salt))


def open_row(data: bytes) -> OpenedRow:
    """Read a disclosed row; compare its `hash` with a published one.

    Raises:
        BoundError: Longer than 256 KiB, or nested too deep.
        DocumentError: Not JSON, or not a row with a salt.
        CanonicalError: Not in canonical form.
    """
    return opened_row(parse_canonical(data, max_bytes=MAX_ROW_BYTES), data)


def opened_row(document: Any, data: bytes) -> OpenedRow:
    """A disclosed row that has been read already.

    Args:
        document: What `data` says.
        data: Its canonical bytes.

    Raises:
        SchemaError: Not a row with a salt.
    """
    if not isinstance(document, dict) or document.keys() != OPENED_ROW_MEMBERS:
        raise SchemaError("not a disclosed row", expected='an object with exactly "row" and "salt"')
    row = document["row"]
    if not isinstance(row, dict):
        raise SchemaError("not a row", where="row", expected="an object", found=type(row).__name__)
    return OpenedRow(row, check_salt(document["salt"]), digest_of(data))
