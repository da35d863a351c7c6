"""The outcome of one check, and the notes that stand beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What came of a check.

    `unknown` was asked and could not be decided; `skipped` was not asked or does not apply, with the reason.
    """

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class CheckId(StrEnum):
    """The checks in their documented order; `docs/checks.md` states the rule behind each."""

    SIGNATURE = "signature"
    DIGEST = "digest"
    SCHEMA = "schema"
    VALIDITY = "validity"
    AGREEMENT = "agreement"
    INCLUSION = "inclusion"
    CONSISTENCY = "consistency"
    IDENTITY = "identity"
    STATUS = "status"
    ARITHMETIC = "arithmetic"
    COMPLETENESS = "completeness"
    CUSTODY = "custody"
    DOUBLE_COUNTING = "double_counting"
    EQUIVOCATION = "equivocation"
    LEDGER_FOOTPRINT = "ledger_footprint"


CHECK_ORDER: tuple[CheckId, ...] = tuple(CheckId)


class Severity(StrEnum):
    """How much a note should worry a reader."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth saying that alters no outcome; policies may demand its absence."""

    code: str
    severity: Severity
    text: str

    def to_json(self) -> dict[str, str]:
        """The note as JSON values."""
        return {"code": self.code, "severity": str(self.severity), "text": self.text}


@dataclass(frozen=True, slots=True)
class Check:
    """One check at one node.

    Attributes:
        id: Which check.
        outcome: What came of it.
        expected: What the rule asks for, when it was not simply met.
        found: What was found instead.
        reason: Why it failed, is unknown or was skipped.
    """

    id: CheckId
    outcome: Outcome
    expected: str | None = None
    found: str | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The row as JSON values; every key is present so that no reader has to guess."""
        return {
            "id": str(self.id),
            "outcome": str(self.outcome),
            "expected": self.expected,
            "found": self.found,
            "reason": self.reason,
        }


_PASSED = {check: Check(check, Outcome.PASSED) for check in CheckId}


def passed(check: CheckId) -> Check:
    """The one shared row of a check that passed with nothing to add."""
    return _PASSED[check]


def failed(check: CheckId, reason: str, *, expected: object = None, found: object = None) -> Check:
    """A row for a rule that does not hold."""
    return Check(check, Outcome.FAILED, _text(expected), _text(found), reason)


def unknown(check: CheckId, reason: str, *, expected: object = None, found: object = None) -> Check:
    """A row for a question that could not be decided."""
    return Check(check, Outcome.UNKNOWN, _text(expected), _text(found), reason)


def skipped(check: CheckId, reason: str) -> Check:
    """A row for a question that was not asked or does not apply."""
    return Check(check, Outcome.SKIPPED, None, None, reason)


def time_words(moment: int) -> str:
    """Unix seconds for people; moments no calendar reaches (an outsider may write them) as the number they are."""
    try:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{moment} s after 1970"


def _text(value: object, limit: int = 500) -> str | None:
    """Evidence as text, cut to a line's length because outsiders wrote it."""
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= limit else text[:limit] + "..."
