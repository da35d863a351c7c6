"""What came of one part of a presentation, in the words of a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from passport.errors import PassportError
from verifier.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one part of the judgement.

    Attributes:
        outcome: One of the four of a check.
        expected: What was expected, where it did not pass.
        found: What was found instead.
        reason: Why it did not pass.
    """

    outcome: Outcome
    expected: str | None = None
    found: str | None = None
    reason: str | None = None

    @classmethod
    def failed(cls, error: PassportError) -> Finding:
        """It failed, for the reason that the error says."""
        expected, found = (None if fact is None else str(fact)[:500] for fact in (error.expected, error.found))
        reason = f"{error.where}: {error.message}" if error.where else error.message
        return cls(Outcome.FAILED, expected, found, reason)

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON values, every key present."""
        return {
            "outcome": str(self.outcome),
            "expected": self.expected,
            "found": self.found,
            "reason": self.reason,
        }
