"""What keeps a value from having the shape that a profile states."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Final, NamedTuple

from passport.model.profile_shape import (
    ChoiceShape,
    CountShape,
    DateShape,
    ListShape,
    ObjectShape,
    QuantityShape,
    RatioShape,
    Shape,
    Sum,
    TextShape,
    UriShape,
    words_of,
)
from passport.model.quantity import NUMBER, decimal_text, read_quantity

MAX_SHOWN: Final = 80
COUNT: Final = re.compile(r"0|[1-9][0-9]{0,39}", re.ASCII)
_URI: Final = re.compile(r"([a-z][a-z0-9+.-]*):([^\s<>\"{}|\\^`\x00-\x20\x7f]+)", re.ASCII)
_HOST: Final = re.compile(r"//[A-Za-z0-9\[][A-Za-z0-9.:\[\]-]*([/?#].*)?", re.ASCII | re.DOTALL)
_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
PLACEHOLDERS: Final = frozenset(
    {"?", "??", "???", "n/a", "na", "n.a.", "tba", "tbc", "tbd", "todo", "unknown", "not known", "null", "undefined"}
    | {"xxx", "不详", "未知", "待定", "暂无"}
)
"""Words that stand where something should: whoever does not know it leaves the attribute out."""


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


def shown(value: object) -> str:
    """A value for an error, cut to a line's length because outsiders wrote it."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."


def misfits_of(shape: Shape, value: Any, where: str, *, at: date | None = None) -> Iterator[Misfit]:
    """Whatever keeps a value from having a shape.

    Args:
        shape: What is asked for.
        value: Text, or lists and objects of text, within the bounds of `check_content_value`.
        where: Its place, for the errors.
        at: The day that counts; without it no date is too late.
    """
    match shape:
        case ListShape():
            yield from _misfits_of_list(shape, value, where, at)
        case ObjectShape():
            yield from _misfits_of_object(shape, value, where, at)
        case _ if not isinstance(value, str):
            yield Misfit(where, "not a text", words_of(shape), shown(value))
        case QuantityShape():
            yield from _misfits_of_quantity(shape, value, where)
        case TextShape() if value.strip().casefold() in PLACEHOLDERS:
            yield Misfit(where, "a placeholder says nothing", words_of(shape), shown(value))
        case _ if not _fits(shape, value):
            yield Misfit(where, f"not a {_KINDS[shape.type]}", words_of(shape), shown(value))
        case DateShape() if shape.is_past and at is not None and value > (at.isoformat()[: len(value)]):
            yield Misfit(where, "a day that is yet to come", f"at most {at}", shown(value))


_KINDS: Final = {
    "text": "text",
    "uri": "link",
    "date": "date",
    "count": "count",
    "ratio": "number",
    "choice": "known word",
}


def _fits(shape: TextShape | UriShape | DateShape | CountShape | RatioShape | ChoiceShape, value: str) -> bool:
    match shape:
        case TextShape():
            return any(character.isalnum() for character in value)
        case UriShape():
            read = _URI.fullmatch(value) if value.isascii() else None
            return read is not None and read[1] in shape.schemes and _HOST.fullmatch(read[2]) is not None
        case CountShape():
            return COUNT.fullmatch(value) is not None and int(value) >= shape.minimum
        case RatioShape():
            return NUMBER.fullmatch(value) is not None and not value.startswith("-")
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
    elif (
        (shape.minimum is not None and read.amount < shape.minimum)
        or (shape.above is not None and read.amount <= shape.above)
        or (shape.maximum is not None and read.amount > shape.maximum)
    ):
        yield Misfit(where, "out of its bounds", words_of(shape), shown(value))


def _misfits_of_list(shape: ListShape, value: object, where: str, at: date | None) -> Iterator[Misfit]:
    if not isinstance(value, list | tuple):
        yield Misfit(where, "not a list", words_of(shape), shown(value))
        return
    if len(value) < shape.least:
        yield Misfit(where, "too short a list", f"at least {shape.least}", f"{len(value)}")
    wrong = [
        misfit
        for index, entry in enumerate(value)
        for misfit in misfits_of(shape.items, entry, f"{where}[{index}]", at=at)
    ]
    yield from wrong
    if wrong:
        return  # what follows takes objects of that shape
    if shape.unique is not None:
        names = [entry.get(shape.unique) for entry in value]
        twice = next((name for index, name in enumerate(names) if name is not None and name in names[:index]), None)
        if twice is not None:
            yield Misfit(where, f"one {shape.unique} twice", "each once", shown(twice))
    if shape.sums is not None:
        yield from _misfits_of_sums(shape.sums, value, where)


def _misfits_of_sums(rule: Sum, entries: list[Any] | tuple[Any, ...], where: str) -> Iterator[Misfit]:
    """Parts that exceed their whole, exactly; quantities in several units are not added up."""
    for group, place in (
        [([each], f"{where}[{index}]") for index, each in enumerate(entries)] if rule.each else [(list(entries), where)]
    ):
        texts = [each[name] for each in group for name in rule.members if name in each]
        read = [quantity for text in texts if (quantity := read_quantity(text)) is not None]
        total = sum((quantity.exact for quantity in read), Fraction(0))
        if len({quantity.unit for quantity in read}) == 1 and total > Fraction(rule.at_most):
            names = " and ".join(rule.members)
            unit = read[0].unit
            yield Misfit(
                place,
                f"the sum of {names} exceeds its whole",
                f"at most {rule.at_most} {unit}",
                f"{decimal_text(total)} {unit}",
            )


def _misfits_of_object(shape: ObjectShape, value: object, where: str, at: date | None) -> Iterator[Misfit]:
    if not isinstance(value, Mapping):
        yield Misfit(where, "not an object", words_of(shape), shown(value))
        return
    for name, member in shape.members.items():
        if name in value:
            yield from misfits_of(member, value[name], f"{where}.{name}", at=at)
        elif name not in shape.optional:
            yield Misfit(f"{where}.{name}", "missing", words_of(member), "nothing")
    for name in value:
        if name not in shape.members:
            yield Misfit(where, "a member that is not in the profile", words_of(shape), shown(name))
