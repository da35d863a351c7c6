"""Plain values out of JSON and YAML: the same ones, and nothing guessed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import DocumentError
from passport.exchange.plain_values import read_plain_values

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text("aé 中1.", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_json_is_what_json_is(value: object) -> None:
    """Written by Python's own writer; YAML takes all of JSON."""
    data = json.dumps({"a": value}).encode()
    assert read_plain_values(data, name="a.json") == read_plain_values(data, name="a.yaml") == {"a": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        ("-0.5e1", -5.0),
        ("'1'", "1"),
        ("01", "01"),
        (".5", ".5"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("NO", "NO"),
        ("true", True),
        ("'true'", "true"),
        ("null", None),
        ("~", "~"),
        ("2024-01-01", "2024-01-01"),
        (".inf", ".inf"),
    ],
)
def test_yaml_guesses_nothing(text: str, value: object) -> None:
    found = read_plain_values(f"a: {text}".encode(), name="a.yaml")["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"\xff", "a.json", "a.json: not text in UTF-8"),
        (b"a: \xff", "a.yaml", "a.yaml: not text in UTF-8"),
        (b"{", "a.json", "a.json:1: the file ends too early"),
        (b'{"a": 1e999}', "a.json", "a.json:1: a number that is too large; found 1e999"),
        (b'{"a": 1, "a": 2}', "a.json", "the name 'a' stands twice"),
        (b"a: &x 1", "a.yaml", "anchors and aliases are not read"),
    ],
)
def test_refused(data: bytes, name: str, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_plain_values(data, name=name)
    assert said in str(caught.value)
