"""Bitstring Status Lists: the specification's own example, lists that agree with their bits, and bombs."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials.data_model import check_credential
from passport.credentials.multikey import base64url_encode
from passport.credentials.status_list import (
    MAX_ENTRIES,
    MIN_ENTRIES,
    StatusEntry,
    StatusList,
    StatusPurpose,
    build_status_credential,
    read_status_credential,
    read_status_entries,
)
from passport.errors import BoundError, DocumentError, SchemaError, UsageError

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
URL = "https://coil.example/status/revocation/1"
ENTRY = StatusEntry(URL, 94567, StatusPurpose.REVOCATION)


def _credential(status: StatusList, **subject: Any) -> dict[str, Any]:
    document = build_status_credential(
        status, url=URL, issuer="did:web:coil.example", valid_from=NOW, valid_until=NOW + timedelta(days=1)
    )
    document["credentialSubject"].update(subject)
    return document


def test_the_example_of_the_specification() -> None:
    """Bitstring Status List 1.0, example 3: 131,072 bits, none of them set."""
    encoded = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    status = read_status_credential(_credential(StatusList.of(StatusPurpose.REVOCATION, []), encodedList=encoded))
    assert status.entries == MIN_ENTRIES
    assert status.bits == bytes(16_384)


@given(st.sets(st.integers(0, MIN_ENTRIES - 1), max_size=40), st.sampled_from(StatusPurpose))
def test_what_is_written_is_read(indexes: set[int], purpose: StatusPurpose) -> None:
    status = StatusList.of(purpose, indexes)
    read = read_status_credential(_credential(status))
    assert read == status
    assert all(read.is_set(index) for index in indexes)
    number = int.from_bytes(status.bits, "big")  # the second road: one long number, its first bit the highest
    assert number.bit_count() == len(indexes)
    assert all(number >> (MIN_ENTRIES - 1 - index) & 1 for index in indexes)


def test_the_same_bits_are_the_same_text() -> None:
    status = StatusList.of(StatusPurpose.SUSPENSION, [7, 99_999])
    assert status.encoded() == StatusList.of(StatusPurpose.SUSPENSION, [99_999, 7]).encoded()


def test_a_list_is_a_credential_of_the_data_model() -> None:
    document = _credential(StatusList.of(StatusPurpose.REVOCATION, [1]))
    check_credential(document)
    assert (document["validFrom"], document["validUntil"]) == ("2026-11-22T10:00:00Z", "2026-11-23T10:00:00Z")


@pytest.mark.parametrize("index", [94567, "94567"])
def test_entries_as_both_standards_write_them(index: object) -> None:
    stated = {**ENTRY.to_json(), "statusListIndex": index}
    assert read_status_entries({"credentialStatus": stated}) == [ENTRY]
    assert read_status_entries({"credentialStatus": [stated, {"type": "Other"}]}) == [ENTRY]
    assert read_status_entries({"credentialStatus": {**stated, "statusPurpose": "message"}}) == []
    assert read_status_entries({}) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"statusListIndex": -1}, "statusListIndex: not an index"),
        ({"statusListIndex": "007"}, "statusListIndex: not an index"),
        ({"statusListIndex": True}, "statusListIndex: not an index"),
        ({"statusListIndex": 1.0}, "statusListIndex: not an index"),
        ({"statusListIndex": "9" * 17}, "statusListIndex: not an index"),
        ({"statusListIndex": MAX_ENTRIES}, "statusListIndex: not an index"),
        ({"statusListCredential": "http://coil.example/1"}, "not the URL of a list"),
        ({"statusListCredential": None}, "not the URL of a list"),
        ({"id": URL}, "an entry that is its own list"),
    ],
)
def test_entries_that_are_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(SchemaError, match=reason):
        read_status_entries({"credentialStatus": {**ENTRY.to_json(), **change}})


def _packed(data: bytes) -> str:
    return "u" + base64url_encode(gzip.compress(data, mtime=0))


BITS = bytes(16_384)


@pytest.mark.parametrize(
    ("subject", "kind", "reason"),
    [
        ({"type": "Other"}, SchemaError, "credentialSubject.type: not a status list"),
        ({"statusPurpose": "message"}, SchemaError, "a purpose that we do not judge; expected revocation, suspension"),
        ({"statusPurpose": ["revocation"]}, SchemaError, "a purpose that we do not judge"),
        ({"statusSize": 2}, SchemaError, "a status of several bits; found 2"),
        ({"encodedList": 7}, SchemaError, "not multibase base64url"),
        ({"encodedList": "z" + _packed(BITS)[1:]}, SchemaError, "not multibase base64url"),
        ({"encodedList": "u!"}, DocumentError, "cannot be unpacked: not base64url"),
        ({"encodedList": "u" + base64url_encode(b"not gzip")}, DocumentError, "cannot be unpacked"),
        ({"encodedList": "u" + base64url_encode(zlib.compress(BITS))}, DocumentError, "cannot be unpacked"),
        (
            {"encodedList": _packed(BITS[:-1])},
            DocumentError,
            "too short; expected at least 131072 entries; found 131064",
        ),
        (
            {"encodedList": "u" + base64url_encode(gzip.compress(BITS, mtime=0)[:-6])},
            DocumentError,
            "cut off, or with something behind it",
        ),
        (
            {"encodedList": "u" + base64url_encode(gzip.compress(BITS, mtime=0) + b"x")},
            DocumentError,
            "cut off, or with something behind it",
        ),
        ({"encodedList": _packed(bytes(MAX_ENTRIES // 8 + 1))}, BoundError, "too long; expected at most 134217728"),
    ],
)
def test_lists_that_are_refused(subject: dict[str, Any], kind: type[Exception], reason: str) -> None:
    document = _credential(StatusList.of(StatusPurpose.REVOCATION, []), **subject)
    with pytest.raises(kind, match=reason):
        read_status_credential(document)


def test_another_credential_is_no_list() -> None:
    with pytest.raises(SchemaError, match="not a status list; expected BitstringStatusListCredential"):
        read_status_credential({"type": ["VerifiableCredential"]})


def test_lengths_and_indexes_beyond() -> None:
    for entries in (0, MIN_ENTRIES - 8, MIN_ENTRIES + 1, MAX_ENTRIES + 8):
        with pytest.raises(UsageError, match="a status list of another length"):
            StatusList.of(StatusPurpose.REVOCATION, [], entries=entries)
    with pytest.raises(UsageError, match="an index beyond the status list; expected below 131072; found 131072"):
        StatusList.of(StatusPurpose.REVOCATION, [MIN_ENTRIES])
    with pytest.raises(DocumentError, match="no such entry"):
        StatusList.of(StatusPurpose.REVOCATION, []).is_set(MIN_ENTRIES)
    with pytest.raises(UsageError, match="a moment without a time zone"):
        build_status_credential(
            StatusList.of(StatusPurpose.REVOCATION, []),
            url=URL,
            issuer="did:web:coil.example",
            valid_from=NOW.replace(tzinfo=None),
            valid_until=NOW,
        )
