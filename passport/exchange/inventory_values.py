"""Located values turned into what the inventory's fields take, guided by the model.

The file says `false`, `2023` or `12.50`; only the field knows whether that is a yes or no, a count, an amount or text.
So a country `NO` stays a country, an amount keeps its digits, and a quoted `"true"` is no yes.
"""

from __future__ import annotations

import re
import types
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from passport.exchange.located import Listing, Mapping, Node, Path, Scalar, Style

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_TEXT = "text"


@dataclass(frozen=True, slots=True)
class Misfit:
    """A single value of another kind than its field takes.

    Attributes:
        expected: What the field takes, in words.
        hint: How to mend it.
    """

    expected: str
    hint: str


@dataclass(slots=True)
class Values:
    """A document as its model takes it.

    Attributes:
        data: Mappings, lists, text, whole numbers, true, false and None.
        misfits: The values that cannot be what their field takes, by path.
        models: The model behind each mapping, by path, where it is known.
    """

    data: Any = None
    misfits: dict[Path, Misfit] = field(default_factory=dict)
    models: dict[Path, type[BaseModel]] = field(default_factory=dict)


def to_values(root: Node, model: type[BaseModel]) -> Values:
    """Turn a document into what `model` takes; recursion is bounded by the depth that the readers allow."""
    values = Values()
    values.data = _convert(root, model, (), values)
    return values


def field_names(model: type[BaseModel]) -> list[str]:
    """The names that a model's fields have in files."""
    return [info.alias or name for name, info in model.model_fields.items()]


def _convert(node: Node, annotation: Any, path: Path, values: Values) -> Any:
    choices = _choices(annotation)
    if isinstance(node, Mapping):
        model = _model(node, choices)
        if model:
            values.models[path] = model
        kinds = _kinds_of_entries(model, choices)
        return {
            name: _convert(entry, kinds.get(name, kinds.get("*")), (*path, name), values)
            for name, entry in node.entries.items()
        }
    if isinstance(node, Listing):
        item = next((get_args(choice)[0] for choice in choices if get_origin(choice) is tuple), None)
        item = Any if choices == [Any] else item
        return [_convert(entry, item, (*path, index), values) for index, entry in enumerate(node.items)]
    return _single(node, choices, path, values)


def _choices(annotation: Any) -> list[Any]:
    """The types behind an annotation, without what pydantic knows about them."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        return [choice for part in get_args(annotation) for choice in _choices(part)]
    return [annotation]


def _model(node: Mapping, choices: list[Any]) -> type[BaseModel] | None:
    """The model that a mapping is read by; among several, the one whose `kind` it names."""
    models = [choice for choice in choices if isinstance(choice, type) and issubclass(choice, BaseModel)]
    if len(models) < 2:
        return models[0] if models else None
    kind = node.entries.get("kind")
    for model in models:
        info = model.model_fields.get("kind")
        allowed = get_args(info.annotation) if info and get_origin(info.annotation) is Literal else ()
        if isinstance(kind, Scalar) and kind.text in allowed:
            return model
    return None


def _kinds_of_entries(model: type[BaseModel] | None, choices: list[Any]) -> dict[str, Any]:
    """What each name of a mapping takes; `*` stands for any other name."""
    if model:
        return {info.alias or name: info.annotation for name, info in model.model_fields.items()}
    if choices == [Any]:  # contents: text however deep it stands
        return {"*": Any}
    entry = next((get_args(choice)[1] for choice in choices if get_origin(choice) is dict), None)
    return {"*": entry}


def _single(node: Scalar, choices: list[Any], path: Path, values: Values) -> Any:
    if _is_nothing(node):
        return None
    if bool in choices:
        if node.style in (Style.PLAIN, Style.WORD) and node.text in ("true", "false"):
            return node.text == "true"
        values.misfits[path] = Misfit("true or false", "write true or false, without quotes")
    elif int in choices:
        if node.style in (Style.PLAIN, Style.NUMBER) and _WHOLE.match(node.text):
            return int(node.text)
        values.misfits[path] = Misfit("a whole number", "write digits only, without quotes, such as 2024")
    elif node.style is Style.WORD:
        kind = "a number" if Decimal in choices else _TEXT
        values.misfits[path] = Misfit(kind, "true and false are for yes-or-no fields; text stands in quotes")
    elif node.style is Style.NUMBER and Decimal not in choices and choices != [None]:
        values.misfits[path] = Misfit(_TEXT, f'put it in quotes: "{node.text[:40]}"')
    return node.text


def _is_nothing(node: Scalar) -> bool:
    if node.style is Style.WORD:
        return node.text == "null"
    return node.style is Style.PLAIN and node.text in _NOTHING
