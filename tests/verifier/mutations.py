"""Every single value of a JSON document, and what a cheat might put in its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forge import flipped

from passport.model.digest import from_sha256

NO_DIGEST = from_sha256(bytes(32))
Path = tuple[str | int, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is no object and no array, with the path to it."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from leaves(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from leaves(member, (*path, index))
    else:
        yield path, value


def members(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every member of every object."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield (*path, key)
            yield from members(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from members(member, (*path, index))


def parent_of(document: Any, path: Path) -> Any:
    """The object or array that holds the value at a path."""
    for part in path[:-1]:
        document = document[part]
    return document


def put(document: Any, path: Path, value: Any) -> None:
    """Replace the value at a path."""
    parent_of(document, path)[path[-1]] = value


def dotted(path: Path) -> str:
    """A path for people."""
    return ".".join(map(str, path))


def another(value: Any) -> Any:
    """Another value of the same kind, well-formed where the form is narrow, so that only its meaning is wrong."""
    if value is None:
        return flipped(NO_DIGEST)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value * 1.5
    if value.startswith("uEi"):
        return flipped(value)
    if value.startswith("0x"):
        return value[:-1] + ("0" if value[-1] != "0" else "1")
    if value.startswith("eip155:"):
        return value.replace("eip155:", "eip155:7")
    if len(value) == 20 and value.endswith("Z") and value[10] == "T":
        return value[:17] + ("30" if value[17:19] != "30" else "31") + "Z"
    if len(value) == 10 and value[4] == value[7] == "-":
        return value[:8] + ("11" if value[8:] != "11" else "12")
    if len(value) == 36 and value.count("-") == 4:
        return ("0" if value[0] != "0" else "1") + value[1:]
    if _is_amount(value):
        return _other_amount(value)
    return NARROW.get(value, value + "x")


NARROW = {
    "DE": "AT",
    "AR6": "AR5",
    "kilogram": "megajoule",
    "piece": "hour",
    "batch": "model",
    "measured": "default",
    "estimated": "measured",
    "declaredUnit": "period",
    "period": "declaredUnit",
    "mainProduction": "packaging",
    "rawMaterialAcquisition": "packaging",
    "application/json": "application/vc",
    "application/vc": "application/json",
    "passport": "imported",
}
"""Words of closed lists, and another of the same list."""


def _is_amount(value: str) -> bool:
    return value.lstrip("-").replace(".", "", 1).isdigit()


def _other_amount(value: str) -> str:
    """Half of it, or 1 for zero, in its one spelling."""
    if value == "0":
        return "1"
    if value in {"5", "100"}:  # ratings and percentages end there
        return "4"
    whole, _, decimals = value.partition(".")
    digit = whole[-1]
    if digit not in "0" and not decimals and whole not in {"1", "-1"}:
        return whole[:-1] + str(int(digit) - 1 or 1) if digit != "1" else whole[:-1] + "2"
    if decimals:
        last = decimals[-1]
        return f"{whole}.{decimals[:-1]}{int(last) - 1 if last != '1' else 2}"
    return value + "0" if not value.endswith("0") else value[:-1]
