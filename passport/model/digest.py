"""Digests as they stand in our documents: `u` + base64url of the SHA-256 multihash (multibase, no padding)."""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256
from typing import NewType

from passport.errors import DocumentError

Digest = NewType("Digest", str)
"""A `digestMultibase` with multibase `u` and multihash SHA-256, 47 characters: `uEi...`."""

DIGEST_PATTERN = r"^uEi[A-D][A-Za-z0-9_-]{42}[AQgw]$"
_PREFIX = b"\x12\x20"
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_DIGEST = re.compile(r"u[A-Za-z0-9_-]{46}\Z")


def digest_of(data: bytes) -> Digest:
    """The SHA-256 of `data` as a digest text."""
    return from_sha256(sha256(data).digest())


def from_sha256(raw: bytes) -> Digest:
    """Wrap 32 raw bytes as a digest text.

    Raises:
        DocumentError: `raw` is not 32 bytes.
    """
    if len(raw) != 32:
        raise DocumentError("not a SHA-256 value", expected="32 bytes", found=f"{len(raw)} bytes")
    return Digest("u" + binascii.b2a_base64(_PREFIX + raw, newline=False)[:46].translate(_URL_SAFE).decode())


def to_sha256(digest: str) -> bytes:
    """The 32 raw bytes of a digest text, decoded strictly (alphabet, length, prefix, zero trailing bits).

    Raises:
        DocumentError: `digest` is not a SHA-256 digest in its one spelling.
    """
    if isinstance(digest, str) and _DIGEST.match(digest):
        try:
            raw = base64.b64decode(digest[1:] + "==", altchars=b"-_", validate=True)
        except binascii.Error:
            raw = b""
        if raw[:2] == _PREFIX and len(raw) == 34 and from_sha256(raw[2:]) == digest:
            return raw[2:]
    raise DocumentError("not a SHA-256 digest", expected="uEi... (47 characters)", found=repr(digest))
