"""Shapes of the values of attributes, as profiles state them.

A value is text, or lists and objects of text (`passport.model.content`): a quantity is `94 Ah`, exact, in its unit.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from passport.model.base import DocumentModel, InputAmount
from passport.model.content import AttributeName

UnitText = Annotated[str, StringConstraints(pattern=r"^\S.{0,49}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,99}$")]


class TextShape(DocumentModel):
    """Any text that says something: not empty, and no placeholder."""

    type: Literal["text"]


class UriShape(DocumentModel):
    """A link that people can follow, in printable ASCII: a page may show it, so no script and no odd scheme.

    Attributes:
        schemes: Those that it may have.
    """

    type: Literal["uri"]
    schemes: Annotated[tuple[Literal["https", "http"], ...], Field(min_length=1)] = ("https", "http")


class DateShape(DocumentModel):
    """A day or a month of the calendar: 2026-03-01 or 2026-03.

    Attributes:
        is_past: It lies no later than the day that counts.
    """

    type: Literal["date"]
    is_past: bool = False


class CountShape(DocumentModel):
    """A whole number in digits.

    Attributes:
        minimum: The least it can be.
    """

    type: Literal["count"]
    minimum: int = Field(default=0, ge=0)


class RatioShape(DocumentModel):
    """An exact number without a unit, not below zero: a score, or one amount by another of its kind."""

    type: Literal["ratio"]


class QuantityShape(DocumentModel):
    """An exact number and, after one space, its unit: `94 Ah`.

    Attributes:
        units: The units it may stand in.
        minimum: The least it can be, in whichever unit.
        above: What it exceeds: `0` where nothing is no answer.
        maximum: The most it can be.
    """

    type: Literal["quantity"]
    units: Annotated[tuple[UnitText, ...], Field(min_length=1)]
    minimum: InputAmount | None = None
    above: InputAmount | None = None
    maximum: InputAmount | None = None


class ChoiceShape(DocumentModel):
    """One of some words."""

    type: Literal["choice"]
    values: Annotated[tuple[Word, ...], Field(min_length=1)]


class Sum(DocumentModel):
    """Members of a list's objects that belong to one whole.

    Attributes:
        members: Their quantities, in one unit; those left out are not counted.
        at_most: What they come to at most, together or, where `each`, in each object.
        each: The members of each object by itself.
    """

    members: Annotated[tuple[AttributeName, ...], Field(min_length=1)]
    at_most: InputAmount
    each: bool = False


class ListShape(DocumentModel):
    """Values of one shape; where none is allowed, an empty list says that there are none.

    Attributes:
        items: The shape of each.
        least: How many there are at least.
        unique: The member of its objects that tells them apart, so that nothing is said twice and differently.
        sums: What some members come to.
    """

    type: Literal["list"]
    items: Shape
    least: int = Field(default=1, ge=0, le=100)
    unique: AttributeName | None = None
    sums: Sum | None = None


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
    TextShape | UriShape | DateShape | CountShape | RatioShape | QuantityShape | ChoiceShape | ListShape | ObjectShape,
    Field(discriminator="type"),
]


def words_of(shape: Shape) -> str:
    """What a shape asks for, in words."""
    match shape:
        case QuantityShape():
            bounds = [f"at least {shape.minimum}"] if shape.minimum is not None else []
            bounds += [f"above {shape.above}"] if shape.above is not None else []
            bounds += [f"at most {shape.maximum}"] if shape.maximum is not None else []
            return ", ".join([f"an exact number in {' or '.join(shape.units)}", *bounds])
        case ChoiceShape():
            return f"one of {', '.join(shape.values)}"
        case ListShape():
            return f"a list, each {words_of(shape.items)}"
        case ObjectShape():
            return f"an object with {', '.join(shape.members)}"
        case CountShape() if shape.minimum:
            return f"a whole number from {shape.minimum}, in digits"
        case _:
            return _WORDS[shape.type]


_WORDS: Final = {
    "text": "a text",
    "uri": "a link such as https://acme.example/study",
    "ratio": "an exact number without a unit, from zero",
    "date": "a day or month such as 2026-03-01 or 2026-03",
    "count": "a whole number from zero, in digits",
}
