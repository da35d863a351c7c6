"""Documents read at one go: never more than `parse_canonical` takes one by one, and the same values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials.canonical import jcs, parse_canonical, parse_together
from passport.errors import PassportError

VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(-1e3, 1e3), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)


def _one_by_one(bodies: list[bytes]) -> list[Any] | None:
    try:
        return [parse_canonical(body) for body in bodies]
    except PassportError:
        return None


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_canonical_documents_come_out_as_they_do_one_by_one(values: list[Any]) -> None:
    bodies = [jcs(value) for value in values]
    together = parse_together(bodies, max_bytes=1 << 20)
    assert together is None or together == _one_by_one(bodies) == [parse_canonical(body) for body in bodies]


def test_plain_documents_are_read_at_one_go() -> None:
    bodies = [b'{"a":"x"}', b'{"b":[1,2.5]}', b'{"c":null}']
    assert parse_together(bodies, max_bytes=100) == [{"a": "x"}, {"b": [1, 2.5]}, {"c": None}]


@pytest.mark.parametrize(
    "bodies",
    [
        [b"1,2", b"3"],
        [b'{"a":1}', b'{"b":1},{"c":1}'],
        [b'{"a":[1', b"2]}"],
        [b"1]", b"[2"],
        [b'{"b":1,"a":2}'],
        [b'{"a": 1}'],
        [b'{"a":1,"a":1}'],
        [b'{"a":1.0}'],
        [b"1e2"],
        [b'{"a":9007199254740993}'],
        [b"not JSON"],
        [b""],
        [b"[" * 101 + b"]" * 101, b"{}"],
        [b"[" * 2000 + b"]" * 2000],
        [b'{"a":"' + b"x" * 200 + b'"}', b"{}"],
    ],
)
def test_whatever_is_not_in_order_is_left_to_be_read_one_by_one(bodies: list[bytes]) -> None:
    """Texts that only make sense next to each other, too: each must be a document of its own."""
    assert parse_together(bodies, max_bytes=200 if len(bodies[0]) == 208 else 1 << 20) is None


def test_a_depth_of_one_hundred_in_each_is_allowed() -> None:
    body = b"[" * 100 + b"]" * 100
    assert parse_together([body, body], max_bytes=1 << 20) == [parse_canonical(body)] * 2
