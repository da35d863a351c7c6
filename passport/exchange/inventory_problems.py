"""What is wrong with an inventory file, said to whoever wrote it: line, field, expected, found, how to mend it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from passport.errors import DocumentError, PassportError, SchemaError
from passport.exchange.inventory_values import Values, field_names
from passport.exchange.located import Listing, Node, Path, Scalar, find, path_text
from passport.exchange.located import Mapping as MappingNode

MAX_LISTED = 20
_MAX_COMPARED = 200
"""Names are compared with the known ones for so many unknown fields; somebody with more has not mistyped."""

_KINDS = ("direct", "factor", "passport", "electricity", "gases", "material", "internal")

_PATTERN_WORDS: dict[str, tuple[str, str | None]] = {
    r"^[A-Z]{2}$": ("a country as two capital letters (ISO 3166-1)", "for example CN or DE"),
    r"^[A-Z]{2}-[A-Z0-9]{1,3}$": ("a subdivision by ISO 3166-2", "for example CN-GD"),
    r"^AR[0-9]+$": ("an IPCC assessment report", "for example AR6"),
    r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$": ("a language code", "for example zh or en"),
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$": (
        "letters, digits, dots, dashes, at most 100",
        "for example grid-electricity",
    ),
}
_URI_WORDS = (
    ("^https:", "a URL that begins with https://", "spaces and <>{}|\\^` are percent-encoded"),
    ("^[uU][rR][nN]", "a URN", "for example urn:pact:example.com:product-id:4711"),
    ("^uEi", "a SHA-256 digest as uEi... (47 characters)", None),
    ("^[A-Za-z][A-Za-z0-9+.-]*:", "a URI with its scheme", "for example https://example.com/products/7"),
)


class InventoryError(SchemaError):
    """An inventory that cannot be used; lists what is wrong with it.

    Attributes:
        problems: Every problem that was found, in the order of the file.
    """

    def __init__(self, problems: Iterable[DocumentError]) -> None:
        self.problems: tuple[DocumentError, ...] = tuple(problems)
        if len(self.problems) == 1:
            one = self.problems[0]
            super().__init__(one.message, where=one.where, expected=one.expected, found=one.found, hint=one.hint)
            return
        lines = [str(problem) for problem in self.problems[:MAX_LISTED]]
        if len(self.problems) > MAX_LISTED:
            lines.append(f"... and {len(self.problems) - MAX_LISTED} more")
        super().__init__("\n  ".join([f"{len(self.problems)} problems:", *lines]))


def problems_of(errors: Iterable[ErrorDetails], *, root: Node, values: Values, name: str) -> list[DocumentError]:
    """Pydantic's errors, and the misfits found before it, as problems of the file.

    Args:
        errors: What pydantic says of `values.data`.
        root: The document with its lines.
        values: What was handed to pydantic.
        name: The file's name.
    """
    found: list[tuple[int, DocumentError]] = []
    for path, misfit in values.misfits.items():
        node, mark, _ = find(root, path)
        words = _said("not what this field takes", expected=misfit.expected, found=describe(node), hint=misfit.hint)
        found.append((mark.line, SchemaError(where=_where(name, mark.line, path), **words)))
    compared = 0
    for error in errors:
        path = _path(error, root)
        if path in values.misfits:
            continue
        node, mark, followed = find(root, path)
        if error["type"] == "too_short" and _size(node) >= error["ctx"]["min_length"]:
            continue  # too short only without the entries that are wrong, which are told of themselves
        if error["type"] == "missing":
            mark = node.mark if not followed else find(root, followed)[1]
        compared += error["type"] == "extra_forbidden"
        known = _known(values, path) if compared <= _MAX_COMPARED else []
        words = _words(error, node, path, known)
        found.append((mark.line, SchemaError(where=_where(name, mark.line, path), **words)))
    return [problem for _, problem in sorted(found, key=lambda entry: entry[0])]


def describe(node: Node) -> str:
    """What stands in the file, in a few words."""
    if isinstance(node, Scalar):
        return repr(node.text) if node.text else "nothing"
    if isinstance(node, Listing):
        return f"a list of {len(node.items)}"
    return f"a mapping of {len(node.entries)}"


def _size(node: Node) -> int:
    if isinstance(node, Listing):
        return len(node.items)
    return len(node.entries) if isinstance(node, MappingNode) else 0


def _where(name: str, line: int, path: Path) -> str:
    return f"{name}:{line}: {path_text(path)}" if path else f"{name}:{line}"


def _path(error: ErrorDetails, root: Node) -> Path:
    """The path in the file: pydantic's location without the names of union members and without `[key]`."""
    path: list[str | int] = []
    node: Node | None = root
    steps = list(error["loc"])
    for index, step in enumerate(steps):
        if step == "[key]":
            break
        after_entry = index >= 2 and steps[index - 2] == "inputs" and isinstance(steps[index - 1], int)
        if after_entry and step in _KINDS:
            continue
        if index == 1 and steps[0] == "allocation" and step in ("words", "process"):
            continue
        path.append(step)
        node = _child(node, step)
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        path.append("kind")
    return tuple(path)


def _child(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, MappingNode) and isinstance(step, str):
        return node.entries.get(step)
    if isinstance(node, Listing) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def _known(values: Values, path: Path) -> list[str]:
    model = values.models.get(path[:-1]) if path else None
    return field_names(model) if model else []


def _words(error: ErrorDetails, node: Node, path: Path, known: list[str]) -> dict[str, Any]:
    """Message, expected, found and hint for one of pydantic's errors."""
    context: Mapping[str, Any] = error.get("ctx") or {}
    kind = error["type"]
    last = str(path[-1]) if path else ""
    if kind in ("missing", "union_tag_not_found"):
        return _said("a required field is missing", hint=f"add `{last}`")
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(last[:100], known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "remove it, or move it to where it belongs"
        return _said("unknown field", expected=f"one of {', '.join(known)}" if known else None, found=last, hint=hint)
    if kind in ("enum", "literal_error", "union_tag_invalid"):
        allowed = str(context.get("expected") or context.get("expected_tags"))
        choices = re.findall(r"'([^']+)'", allowed)
        text = node.text if isinstance(node, Scalar) else ""
        near = difflib.get_close_matches(text[:100], choices, n=1)
        return _said(
            "not an allowed value",
            expected=f"one of {', '.join(choices)}" if len(choices) > 1 else allowed,
            found=describe(node),
            hint=f"did you mean `{near[0]}`?" if near else None,
        )
    if kind == "string_pattern_mismatch":
        form, example = _pattern_words(str(context.get("pattern")))
        return _said("text of another form", expected=form, found=describe(node), hint=example)
    if kind == "value_error":
        return _from_rule(context.get("error"), node)
    return _said("not what this field takes", expected=_expected(kind, context, error["msg"]), found=describe(node))


def _said(
    message: str, *, expected: str | None = None, found: str | None = None, hint: str | None = None
) -> dict[str, Any]:
    return {"message": message, "expected": expected, "found": found, "hint": hint}


def _from_rule(rule: object, node: Node) -> dict[str, Any]:
    """A rule of the model that was broken: our own errors carry their facts, others are a sentence."""
    if not isinstance(rule, PassportError):
        return _said(str(rule))
    found = describe(node) if isinstance(node, Scalar) else rule.found
    hint = rule.hint
    if isinstance(node, Scalar) and not hint:
        if "," in node.text:
            hint = "decimals follow a point, and thousands are not separated"
        elif node.text.strip().lstrip("+-.").lower() in ("nan", "inf", "infinity"):
            hint = "an amount that is not known belongs under `missing`, as an input that is not known"
    return {"message": rule.message, "expected": rule.expected, "found": found, "hint": hint}


def _pattern_words(pattern: str) -> tuple[str, str | None]:
    if pattern in _PATTERN_WORDS:
        return _PATTERN_WORDS[pattern]
    for start, expected, hint in _URI_WORDS:
        if pattern.startswith(start):
            return expected, hint
    return f"text that matches {pattern}", None


def _expected(kind: str, context: Mapping[str, Any], message: str) -> str:
    """What pydantic's other errors ask for."""
    least, most = context.get("min_length"), context.get("max_length")
    return {
        "string_type": "text",
        "string_too_short": f"at least {least} character",
        "string_too_long": f"at most {most} characters",
        "too_short": f"at least {least} entry",
        "too_long": f"at most {most} entries",
        "tuple_type": "a list",
        "dict_type": "a mapping of names to values",
        "model_type": "a mapping of fields",
        "model_attributes_type": "a mapping of fields",
        "greater_than_equal": f"at least {context.get('ge')}",
        "less_than_equal": f"at most {context.get('le')}",
    }.get(kind, message)
