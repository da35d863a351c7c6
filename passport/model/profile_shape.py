"""Shapes of the values of attributes, as profiles state them, and what keeps a value from having one.

A value is text, or lists and objects of text (`passport.model.content`): a quantity is `94 Ah`, exact, in its unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import Field, StringConstraints

from passport.model.base import DocumentModel, InputAmount
from passport.model.content import AttributeName

MAX_SHOWN = 80
UnitText = Annotated[str, StringConstraints(pattern=r"^\S.{0,49}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,99}$")]

_NUMBER: Final = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_COUNT: Final = re.compile(r"[0-9]{1,40}", re.ASCII)
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Misfit(NamedTuple):
    """What does not fit a profile: where, why, what was expected, what was found."""

    where: str
    message: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}; expected {self.expected}, found {self.found}"

    def to_json(self) -> dict[str, str]:
        """The misfit as JSON values."""
        return self._asdict()


class Quantity(NamedTuple):
    """An exact number, its digits after the point, and its unit."""

    amount: Decimal
    decimals: int
    unit: str


class TextShape(DocumentModel):
    """Any text that is not empty."""

    type: Literal["text"]


class UriShape(DocumentModel):
    """A URI."""

    type: Literal["uri"]


class DateShape(DocumentModel):
    """A day or a month of the calendar: 2026-03-01 or 2026-03."""

    type: Literal["date"]


class CountShape(DocumentModel):
    """A whole number from zero, in digits."""

    type: Literal["count"]


class QuantityShape(DocumentModel):
    """An exact number and, after one space, its unit: `94 Ah`.

    Attributes:
        units: The units it may stand in.
        minimum: The least it can be, in whichever unit.
        maximum: The most it can be.
    """

    type: Literal["quantity"]
    units: Annotated[tuple[UnitText, ...], Field(min_length=1)]
    minimum: InputAmount | None = None
    maximum: InputAmount | None = None


class ChoiceShape(DocumentModel):
    """One of some words."""

    type: Literal["choice"]
    values: Annotated[tuple[Word, ...], Field(min_length=1)]


class ListShape(DocumentModel):
    """Values of one shape; where none is allowed, an empty list says that there are none.

    Attributes:
        items: The shape of each.
        least: How many there are at least.
    """

    type: Literal["list"]
    items: Shape
    least: int = Field(default=1, ge=0, le=100)


class ObjectShape(DocumentModel):
    """Named members, and no others.

    Attributes:
        members: The shape of each.
        optional: Those that may be left out.
    """

    type: Literal["object"]
    members: Annotated[dict[AttributeName, Shape], Field(min_length=1)]
    optional: tuple[AttributeName, ...] = ()


Shape = Annotated[
    TextShape | UriShape | DateShape | CountShape | QuantityShape | ChoiceShape | ListShape | ObjectShape,
    Field(discriminator="type"),
]


def read_quantity(value: object) -> Quantity | None:
    """Read `94 Ah`; None where that is no number, one space and a unit."""
    if not isinstance(value, str):
        return None
    number, space, unit = value.partition(" ")
    if not space or not _NUMBER.fullmatch(number) or unit != unit.strip() or not unit:
        return None
    return Quantity(Decimal(number), len(number.partition(".")[2]), unit)


def shown(value: object) -> str:
    """A value for an error, cut to a line's length because outsiders wrote it."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."


def misfits_of(shape: Shape, value: Any, where: str) -> Iterator[Misfit]:
    """Whatever keeps a value from having a shape.

    Args:
        shape: What is asked for.
        value: Text, or lists and objects of text, within the bounds of `check_content_value`.
        where: Its place, for the errors.
    """
    match shape:
        case ListShape():
            yield from _misfits_of_list(shape, value, where)
        case ObjectShape():
            yield from _misfits_of_object(shape, value, where)
        case _ if not isinstance(value, str):
            yield Misfit(where, "not a text", words_of(shape), shown(value))
        case QuantityShape():
            yield from _misfits_of_quantity(shape, value, where)
        case _ if not _fits(shape, value):
            yield Misfit(where, f"not a {_KINDS[shape.type]}", words_of(shape), shown(value))


def words_of(shape: Shape) -> str:
    """What a shape asks for, in words."""
    match shape:
        case QuantityShape():
            bounds = [f"at least {shape.minimum}"] if shape.minimum is not None else []
            bounds += [f"at most {shape.maximum}"] if shape.maximum is not None else []
            return ", ".join([f"an exact number in {' or '.join(shape.units)}", *bounds])
        case ChoiceShape():
            return f"one of {', '.join(shape.values)}"
        case ListShape():
            return f"a list, each {words_of(shape.items)}"
        case ObjectShape():
            return f"an object with {', '.join(shape.members)}"
        case _:
            return _WORDS[shape.type]


_KINDS: Final = {"text": "text", "uri": "URI", "date": "date", "count": "count", "choice": "known word"}
_WORDS: Final = {
    "text": "a text",
    "uri": "a URI such as https://acme.example/study",
    "date": "a day or month such as 2026-03-01 or 2026-03",
    "count": "a whole number from zero, in digits",
}


def _fits(shape: TextShape | UriShape | DateShape | CountShape | ChoiceShape, value: str) -> bool:
    match shape:
        case TextShape():
            return bool(value.strip())
        case UriShape():
            return _URI.fullmatch(value) is not None
        case CountShape():
            return _COUNT.fullmatch(value) is not None
        case ChoiceShape():
            return value in shape.values
        case DateShape():
            return _is_date(value)


def _is_date(value: str) -> bool:
    whole = f"{value}-01" if _MONTH.fullmatch(value) else value
    if not _DAY.fullmatch(whole):
        return False
    try:
        date.fromisoformat(whole)
    except ValueError:
        return False
    return True


def _misfits_of_quantity(shape: QuantityShape, value: str, where: str) -> Iterator[Misfit]:
    read = read_quantity(value)
    if read is None:
        yield Misfit(where, "not a number with its unit", words_of(shape), shown(value))
    elif read.unit not in shape.units:
        yield Misfit(where, "another unit", words_of(shape), shown(value))
    elif (shape.minimum is not None and read.amount < shape.minimum) or (
        shape.maximum is not None and read.amount > shape.maximum
    ):
        yield Misfit(where, "out of its bounds", words_of(shape), shown(value))


def _misfits_of_list(shape: ListShape, value: object, where: str) -> Iterator[Misfit]:
    if not isinstance(value, list | tuple):
        yield Misfit(where, "not a list", words_of(shape), shown(value))
        return
    if len(value) < shape.least:
        yield Misfit(where, "too short a list", f"at least {shape.least}", f"{len(value)}")
    for index, entry in enumerate(value):
        yield from misfits_of(shape.items, entry, f"{where}[{index}]")


def _misfits_of_object(shape: ObjectShape, value: object, where: str) -> Iterator[Misfit]:
    if not isinstance(value, Mapping):
        yield Misfit(where, "not an object", words_of(shape), shown(value))
        return
    for name, member in shape.members.items():
        if name in value:
            yield from misfits_of(member, value[name], f"{where}.{name}")
        elif name not in shape.optional:
            yield Misfit(f"{where}.{name}", "missing", words_of(member), "nothing")
    for name in value:
        if name not in shape.members:
            yield Misfit(where, "a member that is not in the profile", words_of(shape), shown(name))
