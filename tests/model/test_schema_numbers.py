"""Numbers are found wherever a closed schema admits them, and open schemas are refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from document_samples import credential, rows, statement

from passport.errors import UsageError
from passport.model import schema
from passport.model.schema_numbers import number_places, numbers_at

CLOSED = {"type": "object", "additionalProperties": False}


def _numbers(of: dict[str, Any], document: object) -> list[int | float]:
    return numbers_at(document, number_places(of))


def test_numbers_at_members_items_references_and_branches() -> None:
    of = {
        **CLOSED,
        "$defs": {"measure": {**CLOSED, "properties": {"value": {"type": "number"}, "unit": {"type": "string"}}}},
        "properties": {
            "measures": {"type": "array", "items": {"$ref": "#/$defs/measure"}},
            "year": {"anyOf": [{"type": "null"}, {"type": "integer"}]},
            "kind": {"enum": ["a", 7]},
            "names": {"type": "object", "additionalProperties": {"type": "string"}},
            "is_open": {"type": "boolean"},
            "grid": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        },
    }
    document = {
        "measures": [{"value": 1.5, "unit": "kg"}, {"value": 2}],
        "year": 2024,
        "kind": 7,
        "names": {"en": "x"},
        "is_open": True,
        "grid": [[1, 2], [], [3.5]],
    }
    assert _numbers(of, document) == [1.5, 2, 2024, 7, 1, 2, 3.5]
    assert _numbers(of, {"year": None, "kind": "a"}) == []


@pytest.mark.parametrize(
    ("of", "where"),
    [
        ({}, r"\$"),
        (True, r"\$"),
        ({"type": "object"}, r"\$\.\*"),
        ({**CLOSED, "properties": {"a": {"minimum": 1}}}, r"\$\.a"),
        ({"type": "array"}, r"\$\[\*\]"),
        ({"type": "object", "oneOf": [{"required": ["a"]}]}, r"\$\.\*"),
        ({"oneOf": [{**CLOSED}, {"properties": {}}]}, r"\$\.oneOf\[1\]"),
    ],
)
def test_a_schema_that_is_open_somewhere_is_refused(of: Any, where: str) -> None:
    with pytest.raises(UsageError, match=rf"^{where}: a schema that is open here"):
        number_places(of)


def test_numbers_under_any_name_and_loops_are_refused() -> None:
    with pytest.raises(UsageError, match="members of any name that hold numbers"):
        number_places({"type": "object", "additionalProperties": {"type": "number"}})
    of = {"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}}
    with pytest.raises(UsageError, match="a schema that contains itself"):
        number_places(of)
    with pytest.raises(UsageError, match="a schema that refers to another file"):
        number_places({"$ref": "other.json"})


def _all_numbers(value: Any) -> list[int | float]:
    """The slow road: every number of a document, wherever it stands."""
    if isinstance(value, dict):
        return [number for member in value.values() for number in _all_numbers(member)]
    if isinstance(value, list):
        return [number for item in value for number in _all_numbers(item)]
    return [value] if type(value) in (int, float) else []


def _holes(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a document, as its container and key."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in list(items) for place in [(value, key), *_holes(item)]]


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("untp-dpp-0.7.0-issuing", credential()),
        ("statement-1.0-issuing", statement()),
        *[("row-1.0", row) for row in rows()],
    ],
)
def test_no_number_of_a_valid_document_escapes(kind: str, document: Any) -> None:
    """A number put in each place of a document in turn: whatever is still valid has it found."""
    document = copy.deepcopy(document)
    assert schema.is_valid(kind, document)
    tried = valid = 0
    for container, key in _holes(document):
        kept = container[key]
        for number in (7, 0.5, 1.0):
            container[key] = number
            tried += 1
            if schema.is_valid(kind, document):
                valid += 1
                assert sorted(schema.numbers(kind, document)) == sorted(_all_numbers(document))
        container[key] = kept
    assert tried > 20
    assert valid or kind != "untp-dpp-0.7.0-issuing"


@pytest.mark.parametrize("kind", ["untp-dpp-0.7.0-reading", "pact-3.0-productfootprint-reading"])
def test_reading_schemas_are_open(kind: str) -> None:
    with pytest.raises(UsageError, match="open"):
        schema.numbers(kind, {})
