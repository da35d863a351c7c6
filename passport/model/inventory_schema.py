"""The JSON Schema of inventory files, made from the model, so that editors and other programs can check them.

What pydantic says of the model is completed by the rules that its validators keep and JSON Schema can express. Rules
beyond it (units that convert, periods in order, ids that stand once) are judged by the model alone.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from passport.model.base import InputAmount, NonNegativeAmount, Percent, PositiveAmount, Rating
from passport.model.components import CARBON_CONTENTS, COMPONENTS, UPTAKE, Place
from passport.model.content import MAX_VALUE_CHARACTERS, MAX_VALUE_TEXTS
from passport.model.electricity import Instrument
from passport.model.inventory import INVENTORY_FORMAT, Inventory
from passport.model.units import PACT_UNITS, Unit

SCHEMA_NAME = "inventory-1.0"


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, without titles made from names and with what it leaves out."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        made = super().str_schema(schema)
        if schema.get("strip_whitespace") and "pattern" not in made:
            made["pattern"] = r"\S"  # text of spaces is empty once they are taken off
        return made


def inventory_schema() -> dict[str, Any]:
    """The closed JSON Schema (draft 2020-12) of an inventory file, as values ready for `json.dumps`.

    The copy in the package, `schemas/inventory-1.0.json`, is `schema_text()` written anew when the model changes.
    """
    made = Inventory.model_json_schema(by_alias=True, mode="validation", schema_generator=_Generator)
    definitions: dict[str, Any] = made.pop("$defs")
    for definition in (made, *definitions.values()):
        _tidy(definition)
    made["properties"]["declaredUnit"] = {"enum": [unit for unit in map(str, Unit) if unit in PACT_UNITS]}
    made["properties"]["carbonContents"] = _contents(made["properties"]["carbonContents"])
    for inputs in (made["properties"]["inputs"], definitions["InternalProcess"]["properties"]["inputs"]):
        inputs["items"].pop("discriminator")
    for name, of in (("DirectInput", "emissions"), ("Factor", "components")):
        definitions[name]["properties"][of] = _components(definitions[name]["properties"][of])
    _look_into_contents(definitions)
    definitions["PassportInput"]["oneOf"] = [_states("passport"), _states("product")]
    definitions["InstrumentUse"] |= {
        "if": {"required": ["instrument"], "properties": {"instrument": {"const": Instrument.CERTIFICATE.value}}},
        "then": _kept_by("registry", "string", other="keeper"),
        "else": _kept_by("keeper", "object", other="registry"),
    }
    definitions["Displaced"]["oneOf"] = [
        {"required": ["factor"], "properties": {"factor": {"type": "object"}}},
        _states("passport"),
    ]
    definitions["Product"]["allOf"] = [_with_its_number("batch"), _with_its_number("item")]
    for name in ("start", "end"):
        definitions["Period"]["properties"][name] = {
            "type": "string",
            "format": "date-time",
            "description": "A time with zone, such as 2025-01-01T00:00:00Z.",
        }
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:carbon-passport:schema:{SCHEMA_NAME}",
        "title": f"Inventory file, {INVENTORY_FORMAT}",
    }
    made.pop("title")
    amounts = _amounts()
    whole = _share({**made, "$defs": definitions}, amounts)
    return {**head, **whole, "$defs": whole["$defs"] | amounts}


def _look_into_contents(definitions: dict[str, Any]) -> None:
    """Contents are texts, lists and objects all the way down; how deep that may be is judged by the model."""
    attributes = definitions["ContentSets"]["properties"]["sets"]["additionalProperties"]
    value = {"$ref": "#/$defs/ContentValue"}
    attributes["patternProperties"] = dict.fromkeys(attributes["patternProperties"], value)
    attributes["additionalProperties"] = False
    definitions["ContentValue"] = {
        "description": "Text, or lists and objects of text; a number as text with its unit.",
        "type": ["string", "array", "object"],
        "maxLength": MAX_VALUE_CHARACTERS,
        "items": value,
        "maxItems": MAX_VALUE_TEXTS,
        "additionalProperties": value,
        "maxProperties": MAX_VALUE_TEXTS,
    }


def schema_text() -> str:
    """The schema as it stands in the package."""
    return json.dumps(inventory_schema(), indent=2, ensure_ascii=False) + "\n"


def _amounts() -> dict[str, Any]:
    """The kinds of amounts by the name under which the schema refers to them."""
    kinds = {
        "Amount": InputAmount,
        "AmountAboveZero": PositiveAmount,
        "AmountFromZero": NonNegativeAmount,
        "Percent": Percent,
        "Rating": Rating,
    }
    made = {name: TypeAdapter(kind).json_schema() for name, kind in kinds.items()}
    return made | {"Emission": _signed(made["Amount"], 1), "Removal": _signed(made["Amount"], -1)}


def _share(value: Any, amounts: dict[str, Any]) -> Any:
    """The same schema with every amount that is spelled out replaced by a reference."""
    if isinstance(value, list):
        return [_share(entry, amounts) for entry in value]
    if not isinstance(value, dict):
        return value
    bare = {key: entry for key, entry in value.items() if key != "default"}
    for name, amount in amounts.items():
        if bare == amount:
            return {"$ref": f"#/$defs/{name}", **{key: entry for key, entry in value.items() if key == "default"}}
    return {key: _share(entry, amounts) for key, entry in value.items()}


def _tidy(definition: dict[str, Any]) -> None:
    """Keep of a class's docstring what speaks of the document, not of Python."""
    text = definition.get("description", "").partition("\n\nAttributes:")[0]
    definition["description"] = " ".join(text.split())
    for rule in definition.get("properties", {}).values():
        if "patternProperties" in rule:  # names of languages: others are refused, not let through unjudged
            rule["additionalProperties"] = False


def _components(pydantic: dict[str, Any]) -> dict[str, Any]:
    """Amounts by component: the known names only, each with its sign, at least one that counts in a total."""
    amount = pydantic["additionalProperties"]
    counted = [name for name, component in COMPONENTS.items() if component.place is Place.SUMMED or name == UPTAKE]
    return {
        "type": "object",
        "description": "kg CO2e by PACT component; removals and uptake are negative.",
        "properties": {name: _signed(amount, component.sign) for name, component in COMPONENTS.items()},
        "additionalProperties": False,
        "anyOf": [{"required": [name]} for name in counted],
    }


def _signed(amount: dict[str, Any], sign: int) -> dict[str, Any]:
    """An amount that may not lie on the other side of zero."""
    number, text = amount["anyOf"]
    bound = {"minimum": 0} if sign > 0 else {"maximum": 0}
    digits = text["pattern"].removeprefix("^[+-]?")
    zero = r"0{1,40}(\.0{1,40})?([eE][+-]?[0-9]{1,3})?$"
    pattern = rf"^\+?{digits}|^-{zero}" if sign > 0 else rf"^-{digits}|^\+?{zero}"
    return {**amount, "anyOf": [{**number, **bound}, {**text, "pattern": pattern}]}


def _contents(pydantic: dict[str, Any]) -> dict[str, Any]:
    """Carbon contents by name; the fossil one is always stated."""
    amount = pydantic["additionalProperties"]
    return {
        "type": "object",
        "description": "kg of carbon per declared unit; a content that is none is 0.",
        "properties": dict.fromkeys(CARBON_CONTENTS, amount),
        "required": ["fossilCarbonContent"],
        "additionalProperties": False,
    }


def _states(name: str) -> dict[str, Any]:
    return {"required": [name], "properties": {name: {"type": "string"}}}


def _kept_by(name: str, kind: str, *, other: str) -> dict[str, Any]:
    """An instrument goes by one of two names, and not by the other."""
    return {"required": [name], "properties": {name: {"type": kind}, other: {"type": "null"}}}


def _with_its_number(granularity: str) -> dict[str, Any]:
    """A batch has a batch number, an item an item number."""
    return {
        "if": {"required": ["granularity"], "properties": {"granularity": {"const": granularity}}},
        "then": _states(f"{granularity}Number"),
    }
