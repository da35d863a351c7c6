"""The JSON Schemas that documents are judged by, each under its kind.

The schema files lie beside this module and are our own, written from the standards' field lists. A *reading* schema
judges as the published one does; the others are closed: they are what we write, or take from people as ours.
`format` is asserted (uri, date, date-time, uuid), everywhere and in the same way.

    >>> is_valid("pact-3.0-productfootprint-reading", {"id": "7"})
    False
    >>> errors("row-1.0", {"kind": "direct"})[0].where
    '$.contribution'
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any

import jsonschema_rs

from passport.errors import SchemaError, UsageError
from passport.model.schema_numbers import Places, number_places, numbers_at
from passport.model.schema_words import explain, faults_meant

KINDS: dict[str, str] = {
    "untp-dpp-0.7.0-reading": "a UNTP 0.7.0 digital product passport, whoever wrote it",
    "pact-3.0-productfootprint-reading": "a PACT 3.0 product footprint, whoever wrote it",
    "inventory-1.0": "an inventory: an issuer's own account of one product, from which a passport is made",
    "untp-dpp-0.7.0-issuing": "a passport of ours without its proof",
    "untp-dia-0.7.0-issuing": "a UNTP 0.7.0 identity anchor of ours without its proof",
    "untp-dte-0.7.0-issuing": "a UNTP 0.7.0 traceability event of ours without its proof",
    "untp-dcc-0.7.0-issuing": "a UNTP 0.7.0 conformity credential of ours without its proof",
    "statement-1.0-issuing": "a footprint statement of ours, which is a PACT 3.0 product footprint without status",
    "row-1.0": "a row of a statement of ours",
    "presentation-1.0": "what a presentation shows of a passport's content sets and rows to a role",
}
"""Every kind, which is also its file's name without `.json`, with what it describes; a new schema is one line here."""

MAX_LISTED_VALUES = 20_000
"""In a document with more values than this only the first fault is named: the validator collects all faults before it
gives out one, and a million of them took 16 s and 1.4 GB."""


def load_schema(name: str) -> dict[str, Any]:
    """The schema of a kind as JSON values, for printing or for another validator.

    Raises:
        UsageError: There is no such kind; the message lists those there are.
    """
    if name not in KINDS:
        raise UsageError("no schema of that name", expected=f"one of {', '.join(KINDS)}", found=repr(name))
    text = resources.files("passport.model").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def is_valid(kind: str, document: object) -> bool:
    """Whether a document is valid, as fast as we can tell; `check` says why it is not.

    Raises:
        UsageError: There is no such kind.
    """
    validator, _ = _compiled(kind)
    try:
        return validator.is_valid(document)
    except ValueError:  # values that JSON does not have, or nesting beyond what the validator follows
        return False


def check(kind: str, document: object) -> None:
    """Refuse a document that is not valid.

    Args:
        kind: One of `KINDS`.
        document: The JSON values, as a strict parser gives them.

    Raises:
        SchemaError: The first fault: where it is, what was expected and found, how to mend it.
        UsageError: There is no such kind.
    """
    validator, schema = _compiled(kind)
    try:
        validator.validate(document)
    except jsonschema_rs.ValidationError as error:
        raise explain(faults_meant(error)[0], kind=kind, schema=schema) from None
    except ValueError as error:
        raise _unreadable(kind, error) from error


def errors(kind: str, document: object, *, limit: int = 20) -> list[SchemaError]:
    """The faults of a document, none if it is valid.

    Args:
        kind: One of `KINDS`.
        document: The JSON values, as a strict parser gives them.
        limit: At most so many faults; of a document with more than `MAX_LISTED_VALUES` values only the first.

    Raises:
        UsageError: There is no such kind.
    """
    validator, schema = _compiled(kind)
    try:
        if _is_small(document):
            found = (fault for error in validator.iter_errors(document) for fault in faults_meant(error))
            return [explain(fault, kind=kind, schema=schema) for fault in islice(found, limit)]
        validator.validate(document)
    except jsonschema_rs.ValidationError as error:
        return [explain(fault, kind=kind, schema=schema) for fault in faults_meant(error)[:1]][:limit]
    except ValueError as error:
        return [_unreadable(kind, error)][:limit]
    return []


def numbers(kind: str, document: object) -> list[int | float]:
    """The numbers of a document that is valid under a closed schema, found where that schema admits them.

    Raises:
        UsageError: There is no such kind, or its schema is open.
    """
    return numbers_at(document, _places(kind))


@cache
def _places(kind: str) -> Places:
    return number_places(load_schema(kind))


@cache
def _compiled(kind: str) -> tuple[jsonschema_rs.Draft202012Validator, dict[str, Any]]:
    """The validator of a kind, built when it is first asked for, and the schema that explains its errors."""
    schema = load_schema(kind)
    validator = jsonschema_rs.Draft202012Validator(
        schema,
        validate_formats=True,
        ignore_unknown_formats=False,
        offline=True,
        mask="value",  # otherwise each error spells out the whole value it is about
        pattern_options=jsonschema_rs.RegexOptions(),  # linear time, whatever the text
    )
    return validator, schema


def _is_small(document: object) -> bool:
    """Whether a document has at most `MAX_LISTED_VALUES` values."""
    return next(islice(_values(document), MAX_LISTED_VALUES, None), None) is None


def _values(document: object) -> Iterator[bool]:
    """One `True` for each value in a document, without recursion."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        yield True
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)


def _unreadable(kind: str, error: ValueError) -> SchemaError:
    """What the validator could not even read as JSON values."""
    return SchemaError(
        f"not a JSON document (schema {kind})",
        where="$",
        expected="JSON values: objects with text keys, arrays, texts in Unicode, numbers, true, false, null",
        found=str(error),
        hint="read the document with a JSON parser and hand over what it gives",
    )
