"""When a credential is valid (VC Data Model 2.0, section 4.9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from passport.errors import SchemaError

_TIME: Final = re.compile(
    r"-?[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})\Z"
)


def check_valid_at(document: Mapping[str, Any], at: datetime, *, skew: timedelta = timedelta(0)) -> None:
    """Check that a credential is valid at a moment.

    Args:
        document: The credential.
        at: The moment, aware.
        skew: How much later it may begin: clocks differ.

    Raises:
        SchemaError: It is not, or says no such moments.
    """
    begin, end = valid_period(document)
    if (begin is not None and at + skew < begin) or (end is not None and at > end):
        raise SchemaError(
            "not valid at that moment",
            where="validFrom, validUntil",
            expected=f"from {document.get('validFrom', 'any time')} to {document.get('validUntil', 'no end')}",
            found=at.isoformat(),
        )


def valid_period(document: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Both ends of a credential's validity; None where it states none.

    Raises:
        SchemaError: Not a moment with its offset, or an end before the beginning.
    """
    begin, end = (_moment(document, name) for name in ("validFrom", "validUntil"))
    if begin is not None and end is not None and begin > end:
        raise SchemaError(
            "valid until before it is valid", where="validUntil", expected=f"after {document['validFrom']}"
        )
    return begin, end


def _moment(document: Mapping[str, Any], name: str) -> datetime | None:
    if name not in document:
        return None
    text = document[name]
    if not isinstance(text, str) or not _TIME.match(text):
        raise SchemaError(
            "not a moment with its offset", where=name, expected="2026-01-01T00:00:00Z", found=str(text)[:80]
        )
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise SchemaError("not a moment of the calendar", where=name, found=text) from error
