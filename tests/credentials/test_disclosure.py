"""Salted row hashes: what is shown proves itself against what was published, and only that."""

from __future__ import annotations

import json
import secrets
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials import new_salt, open_row, row_document, row_hash
from passport.errors import CanonicalError, CredentialError, DocumentError, PassportError, SchemaError
from passport.model.digest import to_sha256

ROW = {"kind": "factor", "quantity": "12.5", "unit": "kWh", "stage": "production"}
SALT = "AAECAwQFBgcICQoLDA0ODw"  # the bytes 0 to 15


def test_the_hash_is_that_of_the_canonical_row_and_salt() -> None:
    text = (
        '{"row":{"kind":"factor","quantity":"12.5","stage":"production","unit":"kWh"},"salt":"AAECAwQFBgcICQoLDA0ODw"}'
    )
    assert row_document(ROW, SALT) == text.encode()
    assert to_sha256(row_hash(ROW, SALT)) == sha256(text.encode()).digest()
    opened = open_row(text.encode())
    assert (opened.row, opened.salt, opened.hash) == (ROW, SALT, row_hash(ROW, SALT))


def test_salts_are_128_bits_of_the_given_source() -> None:
    assert new_salt(lambda count: bytes(range(count))) == SALT
    assert len({new_salt(secrets.token_bytes) for _ in range(50)}) == 50
    with pytest.raises(CredentialError, match="the random source is broken; expected 16 bytes; found 4 bytes"):
        new_salt(lambda count: b"four")


@pytest.mark.parametrize(
    "salt", ["", SALT[:-1], SALT + "A", SALT[:-1] + "x", SALT[:-1] + "=", SALT[:-1] + "+", 7, None]
)
def test_odd_salts_are_refused(salt: Any) -> None:
    with pytest.raises(SchemaError, match="salt: not a salt"):
        row_hash(ROW, salt)
    with pytest.raises(SchemaError, match="salt: not a salt"):
        open_row(rfc8785.dumps({"row": ROW, "salt": salt}))


@pytest.mark.parametrize(
    ("data", "error", "reason"),
    [
        (b"", DocumentError, "not JSON"),
        (b"[]", SchemaError, "not a disclosed row"),
        (b"{}", SchemaError, "not a disclosed row"),
        (rfc8785.dumps({"row": ROW, "salt": SALT, "more": 1}), SchemaError, "not a disclosed row"),
        (rfc8785.dumps({"row": [], "salt": SALT}), SchemaError, "row: not a row; expected an object; found list"),
        (json.dumps({"row": ROW, "salt": SALT}).encode(), CanonicalError, "not in canonical form"),
        (b'{"row":{"a":1,"a":1},"salt":"' + SALT.encode() + b'"}', CanonicalError, "the key 'a' twice"),
        (b'{"row":{},"salt":"' + b"A" * 300_000 + b'"}', DocumentError, "too long"),
    ],
)
def test_odd_rows_are_refused(data: bytes, error: type[PassportError], reason: str) -> None:
    with pytest.raises(error, match=reason):
        open_row(data)


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.text(max_size=5), st.integers(-9, 9)), max_size=5))
def test_a_row_opens_to_its_own_hash_and_no_other(row: dict[str, Any]) -> None:
    salt = new_salt(secrets.token_bytes)
    opened = open_row(row_document(row, salt))
    assert (opened.row, opened.hash) == (row, row_hash(row, salt))
    assert row_hash(row, new_salt(secrets.token_bytes)) != opened.hash
    assert row_hash({**row, "quantity": "1"}, salt) != opened.hash or row.get("quantity") == "1"


@given(st.binary(max_size=40), st.integers(0, 200))
def test_damaged_rows_raise_nothing_but_our_errors(junk: bytes, at: int) -> None:
    whole = row_document(ROW, SALT)
    damaged = whole[: at % len(whole)] + junk + whole[at % len(whole) + len(junk) :]
    try:
        found = open_row(damaged).hash
    except PassportError:
        found = None
    assert found != row_hash(ROW, SALT) or damaged == whole
