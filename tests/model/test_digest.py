"""Digests have one spelling, decoded strictly."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import DocumentError
from passport.model.digest import DIGEST_PATTERN, digest_of, from_sha256, to_sha256
from passport.model.schema import load_schema

# FIPS 180-4 example: SHA-256 of "abc".
ABC = bytes.fromhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
# The same as base64url of the multihash 12 20 ba 78 ..., multibase "u", worked out with coreutils' basenc.
ABC_TEXT = "uEiC6eBa_jwHP6kFBQN5driIjsANho5YXepy0EP9h8gAVrQ"


def test_the_published_example() -> None:
    assert sha256(b"abc").digest() == ABC
    assert digest_of(b"abc") == ABC_TEXT
    assert to_sha256(ABC_TEXT) == ABC
    assert from_sha256(ABC) == ABC_TEXT


@given(st.binary(min_size=32, max_size=32))
def test_round_trip(raw: bytes) -> None:
    text = from_sha256(raw)
    assert len(text) == 47
    assert to_sha256(text) == raw
    assert re.match(DIGEST_PATTERN, text)


@pytest.mark.parametrize(
    "text",
    {
        "empty": "",
        "no multibase": ABC_TEXT[1:],
        "another multibase": "z" + ABC_TEXT[1:],
        "upper case multibase": "U" + ABC_TEXT[1:],
        "short": ABC_TEXT[:-1],
        "long": ABC_TEXT + "A",
        "padded": ABC_TEXT + "=",
        "trailing bits": ABC_TEXT[:-1] + "R",
        "base64, not base64url": ABC_TEXT.replace("_", "/"),
        "line end": ABC_TEXT + "\n",
        "blank before": " " + ABC_TEXT,
        "another hash (SHA-512/256 code)": "uFS" + ABC_TEXT[3:],
        "another length": "uEh" + ABC_TEXT[3:],
        "plain hexadecimal": ABC.hex(),
        "other alphabet": ABC_TEXT.replace("6", "６"),
    }.items(),
    ids=lambda case: case[0],
)
def test_everything_else_is_refused(text: tuple[str, str]) -> None:
    with pytest.raises(DocumentError, match=r"not a SHA-256 digest; expected uEi\.\.\. \(47 characters\)") as caught:
        to_sha256(text[1])
    assert caught.value.found == repr(text[1])


@pytest.mark.parametrize("value", [None, 7, ABC, [ABC_TEXT]], ids=repr)
def test_what_is_no_text_is_no_digest(value: Any) -> None:
    with pytest.raises(DocumentError, match="not a SHA-256 digest"):
        to_sha256(value)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_only_32_bytes_are_wrapped(size: int) -> None:
    with pytest.raises(DocumentError, match=f"expected 32 bytes; found {size} bytes"):
        from_sha256(bytes(size))


@pytest.mark.parametrize("kind", ["row-1.0", "statement-1.0-issuing", "untp-dpp-0.7.0-issuing"])
def test_the_schemas_take_exactly_these_digests(kind: str) -> None:
    assert load_schema(kind)["$defs"]["digest"]["pattern"] == DIGEST_PATTERN
