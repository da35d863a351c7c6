"""Documents read at one go: never more than `parse_canonical` takes one by one, and the same values."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials.canonical import jcs, numbers_in_form, parse_canonical, parse_together
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


def _numbers(value: Any) -> list[int | float]:
    if isinstance(value, dict):
        return [number for member in value.values() for number in _numbers(member)]
    if isinstance(value, list):
        return [number for item in value for number in _numbers(item)]
    return [value] if type(value) in (int, float) else []


@given(st.lists(VALUES, min_size=1, max_size=4), st.booleans())
def test_with_the_numbers_judged_apart_nothing_more_is_taken(values: list[Any], is_plain: bool) -> None:
    """Written by another program, which spells some numbers otherwise: what both steps take is canonical."""
    bodies = [orjson.dumps(value, option=orjson.OPT_SORT_KEYS) if is_plain else jcs(value) for value in values]
    together = parse_together(bodies, max_bytes=1 << 20, schema_follows=True)
    if together is not None and numbers_in_form(_numbers(together)):
        assert together == _one_by_one(bodies)


def test_numbers_and_depth_are_left_to_what_follows() -> None:
    assert parse_together([b'{"a":1.0}'], max_bytes=99, schema_follows=True) == [{"a": 1.0}]
    assert parse_together([b"[" * 101 + b"]" * 101], max_bytes=999, schema_follows=True) is not None
    assert parse_together([b'{"b":1,"a":2}'], max_bytes=99, schema_follows=True) is None
    assert not numbers_in_form([1.0])
    assert numbers_in_form([1, -7, 0.25, 0])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_in_form_are_written_alike_by_both(number: float) -> None:
    if numbers_in_form([number]):
        assert orjson.dumps(number) == rfc8785.dumps(number)


@given(st.sampled_from([1e-4, 1e15, 0.1, 123456.789]), st.floats(-1e-3, 1e-3))
def test_numbers_in_form_at_the_edges(edge: float, shift: float) -> None:
    test = edge * (1 + shift)
    for number in (test, -test):
        if numbers_in_form([number]):
            assert orjson.dumps(number) == rfc8785.dumps(number)
