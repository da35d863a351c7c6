"""The schema of inventory files is made from the model and judges as the reader does, as far as a schema can."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from passport.errors import DocumentError
from passport.exchange.inventory_file import read_inventory, read_inventory_bytes
from passport.model.components import COMPONENTS
from passport.model.inventory_schema import SCHEMA_NAME, inventory_schema, schema_text
from passport.model.schema import KINDS, is_valid, load_schema

EXAMPLE_FILE = Path(__file__).parent / "inventory_example.yaml"
DOCUMENT: dict[str, Any] = read_inventory(EXAMPLE_FILE).inventory.to_json()


def accepted(document: Any) -> bool:
    """Whether the reader takes it."""
    try:
        read_inventory_bytes(json.dumps(document).encode(), name="x.json")
    except DocumentError:
        return False
    return True


def test_the_schema_in_the_package_is_the_one_the_model_makes() -> None:
    file = resources.files("passport.model").joinpath("schemas", f"{SCHEMA_NAME}.json")
    assert file.read_text(encoding="utf-8") == schema_text()
    assert load_schema(SCHEMA_NAME) == inventory_schema()
    assert "inventory" in KINDS[SCHEMA_NAME]


def test_the_schema_is_one_of_draft_2020_12_and_closed_throughout() -> None:
    schema = inventory_schema()
    jsonschema_rs.meta.validate(schema)
    objects = [schema, *(each for each in schema["$defs"].values() if each.get("type") == "object")]
    assert len(objects) == 33
    assert all(each["additionalProperties"] is False for each in objects)
    assert all(each["description"] and "\n" not in each["description"] for each in objects)
    assert set(schema["$defs"]["DirectInput"]["properties"]["emissions"]["properties"]) == set(COMPONENTS)


def test_the_example_has_every_field_there_is() -> None:
    """So that the changes below reach every field."""
    schema = inventory_schema()
    met: dict[str, set[str]] = {}

    def walk(value: Any, rule: dict[str, Any]) -> None:
        for option in rule.get("anyOf", []) + rule.get("oneOf", []):
            kind = schema["$defs"].get(option.get("$ref", "").rpartition("/")[2], {}).get("properties", {}).get("kind")
            if not (isinstance(value, dict) and kind and kind["const"] != value["kind"]):
                walk(value, option)
        if "$ref" in rule:
            name = rule["$ref"].rpartition("/")[2]
            if isinstance(value, dict):
                met.setdefault(name, set()).update(value)
            walk(value, schema["$defs"][name])
        if isinstance(value, dict):
            for key, entry in value.items():
                walk(entry, rule.get("properties", {}).get(key, {}))
        if isinstance(value, list):
            for entry in value:
                walk(entry, rule.get("items", {}))

    walk(DOCUMENT, schema)
    assert set(DOCUMENT) == set(schema["properties"])
    for name, definition in schema["$defs"].items():
        if definition.get("type") == "object":
            assert met[name] >= set(definition["properties"]) - {"passport", "modelNumber", "itemNumber"}, name


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from places(entry, (*path, key))
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from places(entry, (*path, index))


def with_value(path: tuple[str | int, ...], value: Any) -> Any:
    """The example with another value at a place."""
    document = copy.deepcopy(DOCUMENT)
    parent: Any = document
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return document


def without(path: tuple[str | int, ...]) -> Any:
    """The example without the value at a place."""
    document = copy.deepcopy(DOCUMENT)
    parent: Any = document
    for step in path[:-1]:
        parent = parent[step]
    del parent[path[-1]]
    return document


PUT: list[Any] = [
    None, True, 0, -1, 7.5, 1e15, "", " ", "0", "-0.0", "1.50", "1,5", "x", "piece", "tonne", "CN", "AR6",
    "urn:x:1", "https://x.example/1", "2025-06-01", "true", [], {}, ["x"], {"x": 1}, {"fossilGhgEmissions": "-1"},
]  # fmt: skip
ALIKE = {"id", "name", "stage", "per", "known", "uncertainty", "dataQuality", "evidence"}
"""Fields that all inputs have from one base: those of the first are changed, and of the emissions one of each sign."""
OF_EACH_SIGN = {"fossilGhgEmissions", "biogenicCO2Uptake"}


def is_changed(path: tuple[str | int, ...]) -> bool:
    """Whether the place is one that no other stands for."""
    if path[0] != "inputs" or len(path) < 3:
        return True
    if path[2] == "emissions":
        return path[3:] == () or path[3] in OF_EACH_SIGN
    return path[1] == 0 or path[2] not in ALIKE


CHANGED = [path for path in places(DOCUMENT) if is_changed(path)]

MODEL_ALONE: dict[str, Callable[[tuple[str | int, ...], Any], bool]] = {
    "units that do not convert, or need no measure beside": lambda path, _: path[-1] in ("unit", "massPerUnit"),
    "the order of a period": lambda path, _: "period" in path or "usedIn" in path,
    "an electricity input's id leaves room": lambda path, _: path[-1] == "id",
    "a profile is of contents": lambda path, _: path == ("contentSets",),
    "a process holds together": lambda path, _: path[0] == "allocation",
    "a credit is a co-product's": lambda path, _: path[-1] == "substitutes",
    "a process names inputs that are there": lambda path, _: path[0] == "inputs" and len(path) == 2,
    "an instrument covers no more than it is for": lambda path, _: path[-1] in ("quantity", "issuedQuantity"),
    "a rule of matching is for instruments": lambda path, _: path[-1] in ("instruments", "matching"),
    "inputs of a process are for its amount, and uses are of processes that are there": lambda path, _: (
        path[0] == "internal" or path[-1] == "process"
    ),
    "shares of a material are at most one, and need the factors of their parts": lambda path, _: (
        path[:2] == ("inputs", 8)
    ),
    "another country needs a market": lambda path, _: path[-1] in ("country", "market"),
    "a rest has the factor of its basis": lambda path, _: "rest" in path,
    "sets stand once and in order": lambda path, _: path[0] == "gwp",
    "an item covers itself": lambda path, _: path[-1] in ("granularity", "coveredQuantity", "declaredAmount"),
    "percent and ratings as text have bounds": lambda path, value: (
        path[-1] == "percent" or path[-2:-1] == ("dataQuality",)
    ),
    "a subdivision lies in its country": lambda path, _: path[-1] in ("country", "subdivision"),
    "ids stand once": lambda path, _: path[0] == "inputs" and path[-1] == "id",
    "rows for a role are those of inputs that are there": lambda path, _: "rowAudiences" in path,
}
"""Rules that only the model keeps: there the schema may take what the reader refuses, never the other way round."""


@pytest.mark.parametrize("path", CHANGED, ids=lambda path: ".".join(map(str, path)))
def test_the_schema_judges_every_change_as_the_reader_does(path: tuple[str | int, ...]) -> None:
    changes = [("left out", without(path)), *((repr(value), with_value(path, value)) for value in PUT)]
    parent = path[:-1]
    if not isinstance(path[-1], int):
        changes.append(("another name", with_value((*parent, "zzz"), 1)))
    for (what, document), value in zip(changes, [None, *PUT, None], strict=False):
        by_schema, by_reader = is_valid(SCHEMA_NAME, document), accepted(document)
        if by_schema and not by_reader and any(rule(path, value) for rule in MODEL_ALONE.values()):
            continue
        assert by_schema == by_reader, f"{'.'.join(map(str, path))}: {what}"


WHOLE_RULES: list[tuple[str, tuple[str | int, ...], Any]] = [
    ("both references", ("inputs", 2, "passport"), "urn:uuid:1"),
    ("only a part", ("inputs", 1, "emissions"), {"aircraftGhgEmissions": 1}),
    ("a positive removal", ("inputs", 1, "emissions"), {"technologicalCO2Removals": "0.1"}),
    ("a positive removal as a number", ("inputs", 1, "emissions"), {"technologicalCO2Removals": 0.1}),
    ("no fossil carbon", ("carbonContents",), {"biogenicCarbonContent": 1}),
    ("an unknown carbon", ("carbonContents",), {"fossilCarbonContent": 1, "carbon": 1}),
    ("a unit that nobody declares", ("declaredUnit",), "watt hour"),
    ("a batch without number", ("product", "batchNumber"), None),
    ("a number deep in a content", ("contentSets", "sets"), {"1": {"a": [{"b": [94]}]}}),
    ("nothing deep in a content", ("contentSets", "sets"), {"1": {"a": {"b": None}}}),
    ("a content of lists without end", ("contentSets", "sets"), {"1": {"a": [[]] * 2001}}),
    ("an attribute that is no name", ("contentSets", "sets"), {"1": {"a b": "x"}}),
    ("too many inputs", ("inputs",), [{"id": f"i{number}"} for number in range(10_001)]),
]


@pytest.mark.parametrize(("path", "value"), [case[1:] for case in WHOLE_RULES], ids=[case[0] for case in WHOLE_RULES])
def test_rules_over_several_fields_are_in_the_schema(path: tuple[str | int, ...], value: Any) -> None:
    document = with_value(path, value)
    assert not is_valid(SCHEMA_NAME, document)
    assert not accepted(document)


@pytest.mark.parametrize(
    "value", ["-0", -0.0, "0", "-0.000", "0e5", "1e-9", "+4", "012.50", "-0e0"], ids=lambda value: repr(value)
)
def test_numbers_are_taken_in_every_spelling(value: Any) -> None:
    removal = {"fossilGhgEmissions": 0, "technologicalCO2Removals": 0}
    document = with_value(("massPerDeclaredUnit",), value)
    document["inputs"][1]["emissions"] = removal | {"fossilGhgEmissions": value}
    assert is_valid(SCHEMA_NAME, document)
    assert accepted(document)
