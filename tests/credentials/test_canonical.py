"""Canonical JSON: equal to the reference byte for byte, and strict when read."""

from __future__ import annotations

import enum
import json
import math
import struct
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from passport.credentials.canonical import check_depth, jcs, jcs_parsed, parse, parse_canonical
from passport.errors import BoundError, CanonicalError, DocumentError, PassportError

# RFC 8785, appendix B: the IEEE 754 bits of a number and its text.
APPENDIX_B = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]

# RFC 8785, section 3.2.3: the sorting example (keys beyond ASCII and beyond the BMP).
SORTING = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\U0001f600": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
}
SORTED_VALUES = [
    "Carriage Return",
    "One",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
]

# Texts and numbers at every edge of the fast path.
NASTY_TEXT = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "null",
            '":1.0,',
            ",1.0,",
            "[1e+16]",
            "[1e-7,",
            "\\",
            '\\"',
            "\x7f",
            "\u2028",
            "\ufb33",
            "\U0001f600",
            "\ue000",
        ]
    ),
    st.text(alphabet='"\\\x00\x1f\b\n.e+-0123456789,:[]{}\ue000\uffff\U00010000é', max_size=12),
)
NASTY_FLOAT = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [
            -0.0,
            1.0,
            1e15,
            1e16,
            1e17,
            1e20,
            1e21,
            1e22,
            1e-5,
            1e-6,
            1e-7,
            9.999e-7,
            2.0**53,
            2.0**63,
            123456789012345.6,
            5e-324,
        ]
    ),
    st.builds(lambda m, e: m * 10.0**e, st.integers(-999, 999), st.integers(-12, 24)),
    st.integers(-(10**12), 10**12).map(float),
)
SAFE_INTEGER = st.one_of(st.integers(-(2**53) + 1, 2**53 - 1), st.sampled_from([2**53 - 1, -(2**53) + 1, 0]))
LEAF = st.one_of(st.none(), st.booleans(), SAFE_INTEGER, NASTY_FLOAT, NASTY_TEXT)
DOCUMENT = st.recursive(
    LEAF,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NASTY_TEXT, inner, max_size=4)),
    max_leaves=15,
)


def attempt(read: Callable[[bytes], Any], data: bytes) -> Any:
    """What a reader returns, or the error it raises if that is one of ours; any other error escapes."""
    try:
        return read(data)
    except PassportError as error:
        return error


def number(bits: str) -> float:
    """The double of an IEEE 754 bit pattern."""
    return float(struct.unpack(">d", bytes.fromhex(bits))[0])


@pytest.mark.parametrize(("bits", "text"), APPENDIX_B)
def test_writes_the_numbers_of_rfc_8785_appendix_b(bits: str, text: str) -> None:
    x = number(bits)
    assert jcs(x) == text.encode()
    assert jcs([x, {"x": x}]) == f'[{text},{{"x":{text}}}]'.encode()


def test_sorts_keys_like_rfc_8785_section_3_2_3() -> None:
    assert list(json.loads(jcs(SORTING)).values()) == SORTED_VALUES


@pytest.mark.parametrize("name", ["eddsa/eddsa-jcs-2022", "ecdsa/ecdsa-jcs-2019-p256", "ecdsa/ecdsa-jcs-2019-p384"])
def test_writes_the_w3c_canonical_documents(shared: Path, name: str) -> None:
    folder = shared / "standards/vc/test-vectors" / f"vc-di-{name}"
    (signed,), (canonical,) = folder.glob("signed*.json"), folder.glob("canonDoc*.txt")
    document = json.loads(signed.read_bytes())
    proof = document.pop("proof")
    assert jcs(document) == canonical.read_bytes()
    del proof["proofValue"]
    (canonical_proof,) = folder.glob("proofCanon*.txt")
    assert jcs(proof) == canonical_proof.read_bytes()


def test_equals_the_reference_on_every_published_document(shared: Path) -> None:
    files = [*(shared / "standards/untp").rglob("*.json"), *(shared / "standards/pact").rglob("*.json")]
    assert len(files) > 20
    for path in files:
        document = json.loads(path.read_bytes())
        assert jcs(document) == rfc8785.dumps(document), path
        assert parse_canonical(jcs(document), max_depth=200) == document, path


@given(DOCUMENT)
@example({"a": [None, 1.0], "b": '":1.0,'})
@example([1e16, "\U0001f600", "\ufb33"])
@example({"\U0001f600": 1, "\ufb33": 2})
def test_equals_the_reference_on_nasty_documents(document: Any) -> None:
    expected = rfc8785.dumps(document)
    assert jcs(document) == expected
    assert jcs_parsed(document) == expected


@given(st.lists(NASTY_FLOAT, max_size=30))
def test_equals_the_reference_on_lists_of_floats(numbers: list[float]) -> None:
    assert jcs(numbers) == rfc8785.dumps(numbers)


class Colour(enum.StrEnum):
    """A text that is also a member of a closed set."""

    RED = "red"


class Shade(enum.Enum):
    """Not a JSON type, though orjson writes it."""

    DARK = "dark"


def test_a_text_enum_is_its_text() -> None:
    assert jcs({"colour": Colour.RED}) == b'{"colour":"red"}'


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.nan, "not representable"),
        ({"a": [None, math.inf]}, "not representable"),
        ([-math.inf], "not representable"),
        ({"a": -math.nan}, "not representable"),
        (2**53, "safe integer"),
        ([-(2**53)], "safe integer"),
        (2**70, "safe integer"),
        ({1: 2}, "must be strings"),
        ("\ud800", "non-UTF-8"),
        ({"\udfff": 1}, "no canonical form"),
        (b"bytes", "unsupported type"),
        ({1, 2}, "unsupported type"),
        (uuid.UUID(int=1), "unsupported type"),
        ([Shade.DARK], "unsupported type"),
        (datetime(2026, 1, 1, tzinfo=UTC), "unsupported type"),
    ],
    ids=repr,
)
def test_refuses_what_has_no_canonical_form(value: Any, reason: str) -> None:
    with pytest.raises(CanonicalError, match=reason):
        jcs(value)


def test_refuses_circles_and_bottomless_nesting() -> None:
    circle: list[Any] = []
    circle.append(circle)
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    for value in (circle, deep):
        with pytest.raises(CanonicalError, match="too deep"):
            jcs(value)


@given(DOCUMENT)
def test_reading_what_was_written_changes_nothing(document: Any) -> None:
    text = rfc8785.dumps(document)
    value = attempt(parse_canonical, text)
    if isinstance(value, CanonicalError):  # an integral float between 2^53 and 1e21 is written as such an integer
        assert "beyond 53 bits" in str(value) or "safe integer" in str(value)
    else:
        assert rfc8785.dumps(value) == text


@given(DOCUMENT, st.integers(0, 4))
def test_any_layout_reads_as_json_reads_it(document: Any, indent: int) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=indent % 2 == 0).encode()
    assert parse(text) == json.loads(text)


@given(DOCUMENT)
def test_other_spellings_are_not_canonical(document: Any) -> None:
    text = json.dumps(document, indent=1).encode() + b" "
    with pytest.raises((CanonicalError, BoundError)):
        parse_canonical(text)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"b":1,"a":2}', "canonical form"),
        (b'{"a":1, "b":2}', "canonical form"),
        (b'{"a":1.0}', "canonical form"),
        (b'{"a":-0}', "canonical form"),
        (b'{"a":1e2}', "canonical form"),
        (b'{"a":"\\u0041"}', "canonical form"),
        (b'{"a":"\\/"}', "canonical form"),
        (b'{"a":1}\n', "canonical form"),
        (b'{"a":1,"a":1}', "the key 'a' twice"),
        (b'{"a":{"b":1,"b":2}}', "the key 'b' twice"),
        (b'{"a":9007199254740993}', "safe integer"),
        (b'{"a":18446744073709552000}', "beyond 53 bits"),
    ],
)
def test_refuses_bytes_that_are_not_their_own_writing(data: bytes, reason: str) -> None:
    with pytest.raises(CanonicalError, match=reason):
        parse_canonical(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[1,]", "not JSON"),
        (b"NaN", "not JSON"),
        (b"[Infinity]", "not JSON"),
        (b"01", "not JSON"),
        (b"1e400", "not JSON"),
        (b'"\xff"', "not JSON"),
        (b'"\\ud800"', "not JSON"),
        (b'"\x01"', "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        ('{"a":1}'.encode("utf-16"), "not JSON"),
        (b'{"a":1,"a":1}', "twice in one object; found 'a'"),
        (b'[{"x":{"a":1,"b":2,"\\u0061":3}}]', "twice in one object; found 'a'"),
        (b'{"a:":{"b":"c:d"},"a:":1}', "twice in one object; found 'a:'"),
    ],
)
def test_refuses_what_is_not_strict_json(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        parse(data)


@pytest.mark.parametrize("text", ["18446744073709551616", "-9223372036854775809", "1" * 300, "[1,-" + "9" * 25 + "]"])
def test_refuses_integers_beyond_64_bits(text: str) -> None:
    with pytest.raises(BoundError, match="beyond 64 bits"):
        parse(text.encode())


def test_takes_the_largest_integers_and_long_fractions() -> None:
    text = (
        b'[18446744073709551615,-9223372036854775808,0.12345678901234567890123,12345678901234567890123e-5,"'
        + b"9" * 40
        + b'"]'
    )
    assert parse(text)[:2] == [2**64 - 1, -(2**63)]


@pytest.mark.parametrize("text", [b"[1.5]", b'{"a":1e5}', b"2E3", b"-0.0"])
def test_refuses_floats_when_told(text: bytes) -> None:
    assert isinstance(orjson.loads(text) if text[:1] not in b"[{" else 0.0, float)
    with pytest.raises(DocumentError, match="a point or an exponent"):
        parse(text, allow_floats=False)


def test_words_and_texts_are_no_floats() -> None:
    assert parse(b'{"e":true,"f":[false,null,"1.5e3"],"n":12}', allow_floats=False)["n"] == 12


@pytest.mark.parametrize("read", [parse, parse_canonical])
def test_bounds_depth_and_length(read: Callable[..., Any]) -> None:
    assert read(b"[" * 100 + b"]" * 100) is not None
    with pytest.raises(BoundError, match="nested too deep; expected at most 100 levels; found 101"):
        read(b"[" * 101 + b"]" * 101)
    with pytest.raises(BoundError, match="nested too deep"):
        read(b'{"a":' * 5000 + b"1" + b"}" * 5000)
    with pytest.raises(BoundError, match="nested too deep"):
        read(b"[" * 1_000_000)
    with pytest.raises(BoundError, match="too long; expected at most 9 bytes; found 10 bytes"):
        read(b"[" + b"1" * 8 + b"]", max_bytes=9)


def test_depth_counts_nesting_not_brackets() -> None:
    check_depth(b"[" + b"[]," * 500 + b'"[[[[\\"[[\\\\"]', max_depth=2)
    with pytest.raises(BoundError, match="found 3"):
        check_depth(b'[{"a":[]},"]]]"]', max_depth=2)


@given(st.one_of(st.binary(max_size=60), st.text(alphabet='{}[]",:\\0123.e-+ua null', max_size=40).map(str.encode)))
def test_readers_raise_nothing_but_our_errors(data: bytes) -> None:
    for read in (parse, parse_canonical):
        value = attempt(read, data)
        assert isinstance(value, PassportError) or value == json.loads(data)


@given(st.binary(min_size=1, max_size=8), st.integers(0, 10_000))
def test_damaged_documents_raise_nothing_but_our_errors(junk: bytes, at: int) -> None:
    text = rfc8785.dumps({"a": [1, 2.5, {"b": "c\\", "d": None}], "e": {"f": [], "g": "\u20ac"}})
    at %= len(text)
    damaged = text[:at] + junk + text[at + len(junk) :]
    for read in (parse, parse_canonical):
        value = attempt(read, damaged)
        assert isinstance(value, PassportError) or value == json.loads(damaged)
    assert parse_canonical(text) == parse(text)
