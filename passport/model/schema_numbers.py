"""Find the numbers of a valid document without visiting all of it: a closed schema says where there can be any.

Nearly every amount of our documents is a text, so a passport of six thousand bytes has half a dozen numbers at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from passport.errors import UsageError

_NUMERIC = frozenset({"number", "integer"})
_SHAPES = ("$ref", "anyOf", "oneOf", "type", "const", "enum")


@dataclass(slots=True)
class Places:
    """Where numbers may stand at and below one place of a document."""

    is_number: bool = False
    members: dict[str, Places] = field(default_factory=dict)
    items: Places | None = None

    def add(self, other: Places) -> None:
        """Take in the places of an alternative."""
        self.is_number |= other.is_number
        for name, below in other.members.items():
            self.members.setdefault(name, Places()).add(below)
        if other.items is not None:
            self.items = self.items or Places()
            self.items.add(other.items)

    @property
    def is_empty(self) -> bool:
        """No number can stand here or below."""
        return not (self.is_number or self.members or self.items)


def number_places(schema: Mapping[str, Any]) -> Places:
    """The places at which a schema admits numbers.

    Raises:
        UsageError: Some place is open to anything, so numbers could stand anywhere below it.
    """
    return _Walk(schema).places(schema, "$")


def numbers_at(document: Any, places: Places) -> list[int | float]:
    """The numbers of a document that is valid under the schema whose places these are."""
    found: list[int | float] = []
    _gather(document, places, found)
    return found


def _gather(value: Any, places: Places, found: list[int | float]) -> None:
    kind = type(value)
    if kind is dict:
        for name, below in places.members.items():
            member = value.get(name)
            kind = type(member)
            if kind is dict or kind is list:
                _gather(member, below, found)
            elif (kind is int or kind is float) and below.is_number:
                found.append(member)
    elif kind is list:
        if places.items is not None:
            for item in value:
                _gather(item, places.items, found)
    elif places.is_number and (kind is int or kind is float):
        found.append(value)


class _Walk:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._open: list[str] = []

    def places(self, schema: Any, where: str) -> Places:
        """The places of a schema that says what stands here, and not only what else holds of it."""
        if not isinstance(schema, dict) or not any(word in schema for word in _SHAPES):
            if schema is False:
                return Places()
            raise UsageError("a schema that is open here", where=where, hint="numbers could stand anywhere below")
        found = Places()
        if "$ref" in schema:
            found.add(self._referred(schema["$ref"], where))
        is_closed = False
        for word in ("anyOf", "oneOf"):
            branches = schema.get(word, ())
            # Beside a type, branches may merely say what else holds of it.
            if "type" not in schema or (branches and all(any(each in b for each in _SHAPES) for b in branches)):
                is_closed |= bool(branches)
                for at, branch in enumerate(branches):
                    found.add(self.places(branch, f"{where}.{word}[{at}]"))
        types = schema.get("type", ())
        types = {types} if isinstance(types, str) else set(types)
        found.is_number |= bool(types & _NUMERIC) or any(
            type(value) in (int, float) for value in (schema.get("const"), *schema.get("enum", ()))
        )
        if "object" in types:
            self._object(schema, where, found, is_closed=is_closed)
        if "array" in types:
            below = self.places(schema.get("items"), f"{where}[*]")
            if not below.is_empty:
                found.items = found.items or Places()
                found.items.add(below)
        return found

    def _object(self, schema: Mapping[str, Any], where: str, found: Places, *, is_closed: bool) -> None:
        others = schema.get("additionalProperties", not is_closed)
        if others is not False and not self.places(others, f"{where}.*").is_empty:
            raise UsageError("members of any name that hold numbers", where=where)
        for name, member in schema.get("properties", {}).items():
            below = self.places(member, f"{where}.{name}")
            if not below.is_empty:
                found.members.setdefault(name, Places()).add(below)

    def _referred(self, reference: str, where: str) -> Places:
        if reference in self._open:
            raise UsageError("a schema that contains itself", where=where, found=reference)
        if not reference.startswith("#/"):
            raise UsageError("a schema that refers to another file", where=where, found=reference)
        target: Any = self._root
        for step in reference[2:].split("/"):
            target = target[step]
        self._open.append(reference)
        places = self.places(target, where)
        self._open.pop()
        return places
