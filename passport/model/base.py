"""What every document that is read from outside has in common: closed, frozen, camelCase on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from passport.errors import AmountError
from passport.model.amount import MAX_INTEGER_DIGITS, from_text, read_decimal, to_text


class DocumentModel(BaseModel):
    """Base of the models that outside data goes through; unknown fields are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, defer_build=True
    )

    def to_json(self) -> dict[str, Any]:
        """The document as JSON values, without the fields that are not set."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
Uri = Annotated[str, StringConstraints(max_length=500, pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+$")]
HttpsUrl = Annotated[str, StringConstraints(max_length=500, pattern=r"^https://[^\s<>\"{}|\\^`]+$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
Urn = Annotated[str, StringConstraints(max_length=500, pattern=r"^[uU][rR][nN]:[^\s]+$")]


def _amount(value: object) -> Decimal:
    """Take a number as people write it and bring it to the one spelling, exactly."""
    if isinstance(value, float):
        raise AmountError("a float has already lost its digits", expected="text or a whole number", found=repr(value))
    return from_text(to_text(read_decimal(value)))


def _schema(pattern: str, **bounds: int) -> WithJsonSchema:
    """The JSON Schema of an exact number: bounds hold for JSON numbers, `pattern` for text."""
    text = {"type": "string", "pattern": pattern, "maxLength": 90}
    return WithJsonSchema(
        {
            "description": "An exact number, as a number or, with the same digits, as text.",
            "anyOf": [{"type": "number", "exclusiveMaximum": 10**MAX_INTEGER_DIGITS, **bounds}, text],
        }
    )


_EXPONENT = r"([eE][+-]?[0-9]{1,3})?$"
_ANY = r"^[+-]?[0-9]{1,40}(\.[0-9]{1,40})?" + _EXPONENT
_NO_MINUS = r"^(\+?[0-9]{1,40}(\.[0-9]{1,40})?|-0{1,40}(\.0{1,40})?)" + _EXPONENT
_ABOVE_ZERO = r"^\+?(0{0,39}[1-9][0-9]{0,39}(\.[0-9]{1,40})?|0{1,40}\.0{0,39}[1-9][0-9]{0,39})" + _EXPONENT

InputAmount = Annotated[
    Decimal,
    BeforeValidator(_amount),
    PlainSerializer(to_text, return_type=str),
    _schema(_ANY, exclusiveMinimum=-(10**MAX_INTEGER_DIGITS)),
]
"""An exact number in an issuer's own file: text, or a JSON/YAML number whose digits are kept."""


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError(f"must be more than zero, found {value}")
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError(f"must not be negative, found {value}")
    return value


def _percent(value: Decimal) -> Decimal:
    if not 0 <= value < 100:
        raise ValueError(f"must be at least 0 and below 100 percent, found {value}")
    return value


def _rating(value: Decimal) -> Decimal:
    if not 1 <= value <= 5:
        raise ValueError(f"a data quality rating lies between 1 (best) and 5, found {value}")
    return value


PositiveAmount = Annotated[InputAmount, AfterValidator(_positive), _schema(_ABOVE_ZERO, exclusiveMinimum=0)]
NonNegativeAmount = Annotated[InputAmount, AfterValidator(_not_negative), _schema(_NO_MINUS, minimum=0)]
Percent = Annotated[InputAmount, AfterValidator(_percent), _schema(_NO_MINUS, minimum=0, exclusiveMaximum=100)]
Rating = Annotated[InputAmount, AfterValidator(_rating), _schema(_ABOVE_ZERO, minimum=1, maximum=5)]


def time_text(moment: datetime) -> str:
    """A moment as it stands in our documents: UTC, whole seconds, `Z`.

    Raises:
        ValueError: The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without zone")
    # Not `strftime`, whose %Y writes the year 999 in three digits on some platforms.
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _time(value: object) -> datetime:
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"not a time, expected 2025-01-01T00:00:00Z, found {value!r:.80}") from None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError(f"not a time with zone, expected 2025-01-01T00:00:00Z, found {value!r:.80}")
    try:
        return moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise ValueError(f"a time outside the years 1 to 9999, found {value!r:.80}") from None


UtcTime = Annotated[datetime, BeforeValidator(_time), PlainSerializer(time_text, return_type=str)]
"""An aware time in UTC, whole seconds."""
