"""Bitstring Status Lists (W3C, version 1.0): one bit a credential, in a credential of its own.

For tools that know no chain. Our own passports' status stands on the chain, which wins where the two disagree; a list
says the same to everybody else. Lists come from strangers too, so what they unpack to is bounded.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from passport.credentials.canonical import MAX_DOCUMENT_BYTES
from passport.credentials.data_model import check_credential
from passport.credentials.jws import check_jws
from passport.credentials.multikey import base64url_decode, base64url_encode
from passport.credentials.proof import KeyLookup, check_issuer, verify_secured
from passport.credentials.vc_jwt import CREDENTIALS_V2, read_vc_jwt
from passport.errors import BoundError, CredentialError, DocumentError, SchemaError, UsageError

MIN_ENTRIES: Final = 131_072
"""16 KB: fewer would show which credentials share a list (section 6.1)."""

MAX_ENTRIES: Final = 1 << 27
"""16 MB unpacked."""

_MAX_ENCODED: Final = 32 << 20
_INDEX: Final = re.compile(r"(?:0|[1-9][0-9]{0,15})\Z")


class StatusPurpose(StrEnum):
    """What a set bit means."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """Where a credential says that its status stands.

    Attributes:
        list_url: The URL of the list credential.
        index: Its bit.
        purpose: What the bit means.
    """

    list_url: str
    index: int
    purpose: StatusPurpose

    def to_json(self) -> dict[str, Any]:
        """The member of `credentialStatus`; the index as the integer that UNTP 0.7.0 wants (W3C's own is a text)."""
        return {
            "statusListCredential": self.list_url,
            "statusListIndex": self.index,
            "statusPurpose": str(self.purpose),
            "type": "BitstringStatusListEntry",
        }


@dataclass(frozen=True, slots=True)
class StatusList:
    """The bits of one list.

    Attributes:
        purpose: What a set bit means.
        bits: Eight entries a byte, the first in the highest bit of the first byte.
    """

    purpose: StatusPurpose
    bits: bytes

    @classmethod
    def of(cls, purpose: StatusPurpose, set_indexes: Iterable[int], *, entries: int = MIN_ENTRIES) -> StatusList:
        """A list with some bits set.

        Args:
            purpose: What they mean.
            set_indexes: Which.
            entries: How many there are, a multiple of eight.

        Raises:
            UsageError: Fewer entries than a list must have, more than readers take, or an index beyond them.
        """
        if not MIN_ENTRIES <= entries <= MAX_ENTRIES or entries % 8:
            raise UsageError(
                "a status list of another length",
                expected=f"a multiple of 8 from {MIN_ENTRIES} to {MAX_ENTRIES}",
                found=entries,
            )
        bits = bytearray(entries // 8)
        for index in set_indexes:
            if not 0 <= index < entries:
                raise UsageError("an index beyond the status list", expected=f"below {entries}", found=index)
            bits[index >> 3] |= 0x80 >> (index & 7)
        return cls(purpose, bytes(bits))

    @property
    def entries(self) -> int:
        """How many there are."""
        return 8 * len(self.bits)

    def is_set(self, index: int) -> bool:
        """Whether a bit is set.

        Raises:
            DocumentError: The list has no such entry.
        """
        if not 0 <= index < self.entries:
            raise DocumentError("the status list has no such entry", expected=f"below {self.entries}", found=index)
        return bool(self.bits[index >> 3] & (0x80 >> (index & 7)))

    def encoded(self) -> str:
        """`encodedList`: multibase base64url of the gzipped bits, the same bytes for the same bits."""
        return "u" + base64url_encode(gzip.compress(self.bits, compresslevel=9, mtime=0))


def build_status_credential(
    status: StatusList, *, url: str, issuer: Mapping[str, Any] | str, valid_from: datetime, valid_until: datetime
) -> dict[str, Any]:
    """The list as a credential, to be signed like any other.

    Args:
        status: The bits.
        url: Where it is served, which is its id.
        issuer: Of the credentials it speaks of.
        valid_from: When it was made (aware).
        valid_until: Until when it may be used without asking again (aware).
    """
    return {
        "@context": [CREDENTIALS_V2],
        "credentialSubject": {
            "encodedList": status.encoded(),
            "id": f"{url}#list",
            "statusPurpose": str(status.purpose),
            "type": "BitstringStatusList",
        },
        "id": url,
        "issuer": dict(issuer) if isinstance(issuer, Mapping) else issuer,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "validFrom": _moment(valid_from),
        "validUntil": _moment(valid_until),
    }


def read_status_credential(document: Mapping[str, Any]) -> StatusList:
    """The bits of a list credential whose signature has been verified.

    Raises:
        SchemaError: Not such a credential, or of a purpose that says nothing of validity.
        DocumentError: A list that cannot be unpacked, or is too short.
        BoundError: A list that unpacks to more than readers take.
    """
    kinds = document.get("type")
    if not isinstance(kinds, list) or "BitstringStatusListCredential" not in kinds:
        raise SchemaError(
            "not a status list", where="type", expected="BitstringStatusListCredential", found=str(kinds)[:200]
        )
    subject = document.get("credentialSubject")
    if not isinstance(subject, Mapping) or subject.get("type") not in ("BitstringStatusList", ["BitstringStatusList"]):
        raise SchemaError("not a status list", where="credentialSubject.type", expected="BitstringStatusList")
    purpose = _purpose(subject.get("statusPurpose"), "credentialSubject.statusPurpose")
    if subject.get("statusSize", 1) != 1:
        raise SchemaError("a status of several bits", where="credentialSubject.statusSize", found=subject["statusSize"])
    text = subject.get("encodedList")
    if not isinstance(text, str) or text[:1] != "u":
        raise SchemaError("not multibase base64url", where="credentialSubject.encodedList", expected="u...")
    return StatusList(purpose, _unpacked(text[1:]))


def verify_status_credential(
    data: bytes, key_lookup: KeyLookup, *, at: datetime, max_bytes: int = MAX_DOCUMENT_BYTES
) -> dict[str, Any]:
    """A list credential in either envelope, signed by its own issuer; whether it is of its time is not judged.

    Args:
        data: As received; a JSON object, or a compact JWS.
        key_lookup: Finds the issuer's key.
        at: The moment that the proof must not lie after, aware.
        max_bytes: Longer ones are refused unread.

    Raises:
        DocumentError: It cannot be read; CanonicalError likewise.
        SignatureError: The signature does not hold, or is another's than the issuer's.
        PassportError: Whatever `key_lookup` raises.
    """
    if data[:1] == b"{":
        secured = verify_secured(data, key_lookup, canonical=True, at=at, max_bytes=max_bytes)
        document, method = secured.document, secured.verification_method
    else:
        jwt = read_vc_jwt(data, canonical=True, at=at, max_bytes=max_bytes)
        check_jws(jwt.jws, key_lookup(jwt.verification_method))
        document, method = jwt.document, jwt.verification_method
    check_issuer(document, method)
    check_credential(document)
    return document


def read_status_entries(document: Mapping[str, Any]) -> list[StatusEntry]:
    """Where a credential says that its status stands; entries of other kinds and purposes are left out.

    Raises:
        SchemaError: An entry that contradicts the specification; the message says how.
    """
    found = []
    stated = document.get("credentialStatus", [])
    for number, entry in enumerate(stated if isinstance(stated, list) else [stated]):
        where = f"credentialStatus[{number}]"
        if not isinstance(entry, Mapping):
            raise SchemaError("not an object", where=where, found=type(entry).__name__)
        kind = entry.get("type")
        if kind not in ("BitstringStatusListEntry", ["BitstringStatusListEntry"]):
            continue
        if entry.get("statusPurpose") not in tuple(StatusPurpose):
            continue
        url = entry.get("statusListCredential")
        if not isinstance(url, str) or not url.startswith("https://"):
            raise SchemaError("not the URL of a list", where=f"{where}.statusListCredential", found=str(url)[:200])
        if entry.get("id") == url:
            raise SchemaError("an entry that is its own list", where=f"{where}.id", found=url)
        found.append(
            StatusEntry(
                url,
                _index(entry.get("statusListIndex"), f"{where}.statusListIndex"),
                _purpose(entry["statusPurpose"], f"{where}.statusPurpose"),
            )
        )
    return found


def _index(value: Any, where: str) -> int:
    """An index as W3C writes it (a text) or as UNTP 0.7.0 does (an integer)."""
    if type(value) is int and 0 <= value < MAX_ENTRIES:
        return value
    if isinstance(value, str) and _INDEX.match(value) and int(value) < MAX_ENTRIES:
        return int(value)
    raise SchemaError("not an index", where=where, expected=f"0 to {MAX_ENTRIES - 1}", found=str(value)[:80])


def _purpose(value: Any, where: str) -> StatusPurpose:
    try:
        return StatusPurpose(value)
    except ValueError as error:
        raise SchemaError(
            "a purpose that we do not judge", where=where, expected=", ".join(StatusPurpose), found=str(value)[:80]
        ) from error


def _unpacked(text: str) -> bytes:
    where = "credentialSubject.encodedList"
    try:
        packed = base64url_decode(text, max_characters=_MAX_ENCODED)
        unpacker = zlib.decompressobj(wbits=31)  # gzip
        bits = unpacker.decompress(packed, MAX_ENTRIES // 8 + 1)
    except (CredentialError, zlib.error) as error:
        raise DocumentError(f"a status list that cannot be unpacked: {error}", where=where) from error
    if len(bits) > MAX_ENTRIES // 8:
        raise BoundError("the status list is too long", where=where, expected=f"at most {MAX_ENTRIES} entries")
    if not unpacker.eof or unpacker.unused_data:
        raise DocumentError("a status list that is cut off, or with something behind it", where=where)
    if 8 * len(bits) < MIN_ENTRIES:
        raise DocumentError(
            "a status list that is too short",
            where=where,
            expected=f"at least {MIN_ENTRIES} entries",
            found=8 * len(bits),
        )
    return bits


def _moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise UsageError("a moment without a time zone", found=moment.isoformat())
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
