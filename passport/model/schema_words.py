"""What a schema validator's error means, in words that say how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any

import jsonschema_rs

from passport.errors import SchemaError

MAX_NAMED = 8
MAX_SHOWN = 80
MAX_COMPARED = 200
MAX_REFERENCES = 5

_FORMATS = {
    "uri": "an absolute URI such as https://example.com/1",
    "date": "a date such as 2025-01-31",
    "date-time": "a time with its zone such as 2025-01-31T00:00:00Z",
    "uuid": "a UUID such as f4b1225a-bd44-4c8e-861d-079e4e1dfd69",
}
_TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "null": "null",
}
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

Words = tuple[str, object, object, str | None]
"""Message, expected, found, hint."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One error with what is needed to put it in words.

    Attributes:
        error: What the validator found.
        rule: The subschema in which the violated keyword stands.
        schema: The whole schema, for its `$defs`.
    """

    error: jsonschema_rs.ValidationError
    rule: Mapping[str, Any]
    schema: Mapping[str, Any]

    @property
    def value(self) -> Any:
        """The keyword's value, or the names it is about."""
        return self.error.kind.value

    @property
    def found(self) -> str:
        """The offending value in a few words."""
        return _show(self.error.instance)

    def wanted(self, rule: object) -> str:
        """What a subschema asks for, as far as it says so itself or where its `$ref` leads."""
        for _ in range(MAX_REFERENCES):
            if not isinstance(rule, Mapping):
                break
            if "description" in rule:
                return str(rule["description"])
            if "format" in rule:
                return _FORMATS.get(rule["format"], str(rule["format"]))
            if "enum" in rule:
                return f"one of {_names(rule['enum'])}"
            if "const" in rule:
                return _show(rule["const"])
            if isinstance(rule.get("type"), str):
                return _TYPES[rule["type"]]
            rule = _rule_around(str(rule.get("$ref", "")).split("/")[1:], self.schema)
        return "a value"


def explain(error: jsonschema_rs.ValidationError, *, kind: str, schema: Mapping[str, Any]) -> SchemaError:
    """Our error for a validator's error.

    Args:
        error: What the validator found.
        kind: The name of the schema, for the message.
        schema: The schema that the error's schema path leads through.
    """
    case = _Case(error, _rule_around(error.schema_path[:-1], schema), schema)
    keyword = error.kind.name
    path: list[str | int] = list(error.instance_path)
    if keyword == "required":
        path.append(error.kind.value)
    message, expected, found, hint = _WORDS.get(keyword, _otherwise)(case)
    return SchemaError(f"{message} (schema {kind})", where=json_path(path), expected=expected, found=found, hint=hint)


def faults_meant(error: jsonschema_rs.ValidationError) -> list[jsonschema_rs.ValidationError]:
    """Of alternatives told apart by a constant, the faults in the one the document chose; else the error."""
    if error.kind.name not in ("oneOf", "anyOf"):
        return [error]
    branches: list[list[jsonschema_rs.ValidationError]] = error.kind.value
    chosen = [faults for faults in branches if faults and not any(fault.kind.name == "const" for fault in faults)]
    if len(chosen) != 1 or len(branches) < 2:
        return [error]
    return [meant for fault in chosen[0] for meant in faults_meant(fault)]


def json_path(path: Iterable[str | int]) -> str:
    """A place in a document as a JSONPath (RFC 9535), `$.pcf.dqi` or `$['@context'][1]`."""
    text = "$"
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.match(step):
            text += f".{step}"
        else:
            escaped = step.replace("\\", "\\\\").replace("'", "\\'")
            text += f"['{escaped}']"
    return text if len(text) <= 4 * MAX_SHOWN else f"{text[: 4 * MAX_SHOWN]}..."


def _rule_around(path: Sequence[str | int], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The subschema in which the violated keyword stands; empty if the path does not lead there."""
    rule: Any = schema
    for step in path:
        try:
            rule = rule[step]
        except (KeyError, IndexError, TypeError):
            return {}
    return rule if isinstance(rule, Mapping) else {}


def _show(value: object) -> str:
    """A value outsiders supplied, cut to a few words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= MAX_SHOWN else f'"{value[:MAX_SHOWN]}..." ({len(value)} characters)'
    if isinstance(value, Mapping):
        return f"an object with {_names(value.keys())}" if value else "an empty object"
    if isinstance(value, Sequence):
        return f"an array of {len(value)}" if value else "an empty array"
    if isinstance(value, int) and value.bit_length() > 64:  # Python refuses to write out the longest ones
        return "a number beyond 64 bits"
    return f"the number {value}"


def _names(names: Collection[str]) -> str:
    """The first few of many names."""
    more = len(names) - MAX_NAMED
    return ", ".join(_show(name) for name in islice(names, MAX_NAMED)) + (f" and {more} more" if more > 0 else "")


def _like(word: object, choices: Iterable[str]) -> str | None:
    """A hint naming what was probably meant."""
    if not isinstance(word, str) or len(word) > MAX_SHOWN:
        return None
    folded = {choice.casefold(): choice for choice in choices}
    near = get_close_matches(word.casefold(), folded, n=1)
    return f'did you mean "{folded[near[0]]}"?' if near else None


def _required(case: _Case) -> Words:
    name: str = case.value
    present: Mapping[str, Any] = case.error.instance if isinstance(case.error.instance, Mapping) else {}
    known = case.rule.get("properties", {})
    strange = [key for key in islice(present, MAX_COMPARED) if key not in known and len(key) <= MAX_SHOWN]
    misspelt = next((key for key in strange if key.casefold() == name.casefold()), None)
    misspelt = misspelt or next(iter(get_close_matches(name, strange, n=1)), None)
    hint = f'rename "{misspelt}"' if misspelt else f'add "{name}"'
    return f'the field "{name}" is missing', case.wanted(known.get(name)), "no such field", hint


def _type(case: _Case) -> Words:
    types: list[str] = case.value
    value = case.error.instance
    hint = None
    if value is None:
        hint = "leave an optional field out where nothing is known"
    elif isinstance(value, int | float) and not isinstance(value, bool) and types == ["string"]:
        hint = "write the number as text, in quotation marks"
    elif isinstance(value, str) and types[0] in ("number", "integer", "boolean"):
        hint = "leave out the quotation marks"
    elif not isinstance(value, list) and types == ["array"]:
        hint = "an array also for a single one: [...]"
    return "wrong type of value", " or ".join(_TYPES[name] for name in types), _show(value), hint


def _enum(case: _Case) -> Words:
    options: list[Any] = case.value
    texts = [option for option in options if isinstance(option, str)]
    shown = ", ".join(_show(option) for option in options)
    return "not one of the values allowed here", f"one of {shown}", case.found, _like(case.error.instance, texts)


def _const(case: _Case) -> Words:
    return "not the value prescribed here", _show(case.value), case.found, None


def _pattern(case: _Case) -> Words:
    expected = case.rule.get("description") or f"text that matches {case.value}"
    return "text in the wrong form", expected, case.found, None


def _format(case: _Case) -> Words:
    name: str = case.value
    return f"not a {name}", case.rule.get("description") or _FORMATS.get(name, name), case.found, None


def _unexpected(case: _Case) -> Words:
    strange: list[str] = case.value
    known = case.rule.get("properties", {})
    near = next((hint for name in strange[:MAX_NAMED] if (hint := _like(name, known))), None)
    hint = near or (f"leave it out; known here: {_names(known)}" if known else "leave it out")
    return "unknown field", "only the fields of the schema", _names(strange), hint


def _forbidden(case: _Case) -> Words:
    path = case.error.schema_path
    if "dependentSchemas" in path[:-1]:
        beside = path[path.index("dependentSchemas") + 1]
        return f'a field that excludes "{beside}"', "only one of the two", case.found, "leave one of them out"
    return "a field that may not stand here", "no such field", case.found, "leave it out"


def _contains(case: _Case) -> Words:
    item = case.wanted(case.rule.get("contains"))
    return "an array without a prescribed item", f"{item} among the items", case.found, f"add {item}"


def _unique(case: _Case) -> Words:
    return "an array that repeats an item", "each item once", case.found, "leave out the repetitions"


def _bound(words: str, expected: str) -> Callable[[_Case], Words]:
    """The words for a keyword that is a limit."""

    def worded(case: _Case) -> Words:
        return words, case.rule.get("description") or expected.format(case.value), case.found, None

    return worded


def _otherwise(case: _Case) -> Words:
    """Combinations (`oneOf`, `anyOf`, `not` ...), which only their own description can put in words."""
    keyword = case.error.kind.name
    expected = case.rule.get("description") or f'what the keyword "{keyword}" asks for'
    return "no combination allowed here", expected, case.found, None


_WORDS: dict[str, Callable[[_Case], Words]] = {
    "required": _required,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "format": _format,
    "additionalProperties": _unexpected,
    "unevaluatedProperties": _unexpected,
    "falseSchema": _forbidden,
    "contains": _contains,
    "uniqueItems": _unique,
    "minItems": _bound("too few items", "{} or more items"),
    "maxItems": _bound("too many items", "at most {} items"),
    "minLength": _bound("text too short", "{} or more characters"),
    "maxLength": _bound("text too long", "at most {} characters"),
    "minimum": _bound("number too small", "at least {}"),
    "maximum": _bound("number too large", "at most {}"),
    "exclusiveMinimum": _bound("number too small", "more than {}"),
    "exclusiveMaximum": _bound("number too large", "less than {}"),
    "multipleOf": _bound("not a multiple", "a multiple of {}"),
    "minProperties": _bound("too few fields", "{} or more fields"),
    "maxProperties": _bound("too many fields", "at most {} fields"),
}
