"""Small files of plain values, JSON or YAML: objects, lists, texts, numbers, yes and no, read strictly."""

from __future__ import annotations

import math
import re
from typing import Any

from passport.errors import DocumentError
from passport.exchange.located import Listing, Mapping, Node, Scalar, Style
from passport.exchange.located_json import read_json
from passport.exchange.located_yaml import read_yaml

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}


def read_plain_values(data: bytes, *, name: str) -> Any:
    """Values out of a file's bytes: JSON if its name ends so, else YAML.

    In YAML an unquoted scalar is a number if JSON would write it so, `true`, `false` and `null` are what they are in
    JSON, and all else is text.

    Args:
        data: The bytes.
        name: The file's name.

    Returns:
        Dicts, lists, texts, floats, booleans and None.

    Raises:
        DocumentError: Not UTF-8, neither JSON nor YAML, a name that stands twice, or a number that no float holds.
        BoundError: Too deep, or too many values.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError("not text in UTF-8", where=name, found=error.reason) from error
    root = read_json(text, name=name) if name.lower().endswith(".json") else read_yaml(text, name=name)
    return _plain(root, name)


def _plain(node: Node, name: str) -> Any:
    if isinstance(node, Mapping):
        return {key: _plain(value, name) for key, value in node.entries.items()}
    if isinstance(node, Listing):
        return [_plain(item, name) for item in node.items]
    return _value(node, name)


def _value(scalar: Scalar, name: str) -> Any:
    if scalar.style is Style.QUOTED:
        return scalar.text
    if scalar.text in _WORDS:
        return _WORDS[scalar.text]
    if not _NUMBER.fullmatch(scalar.text):
        return scalar.text
    number = float(scalar.text)
    if not math.isfinite(number):
        raise DocumentError(
            "a number that is too large", where=f"{name}:{scalar.mark.line}", found=f"{scalar.text[:40]}"
        )
    return number
