"""Anchoring profile: what a unit of use of one chain emits, few numbers under one hash, for a ceiling to name.

An estimate rests on many files that change over the years. A profile is its outcome for one account of one chain and
one rule of allocation, written down once: whoever holds the same bytes recomputes the same, exactly and without the
estimator's data.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from passport.errors import ArithmeticRuleError, DocumentError
from passport.ledger_footprint.period import Period, PeriodKind
from passport.ledger_footprint.rule import Rule

PROFILE_FORMAT: Final = "carbon-passport/anchoring-profile/1.0"
MILLION_GAS: Final = 10**6
CHAIN_ID: Final = re.compile(r"eip155:[1-9][0-9]{0,31}\Z")
_AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{0,14}[1-9])?\Z")
_NAMES = ("chain", "chainId", "edition", "format", "high", "low", "central", "period", "per", "rule", "scope", "unit")
_MAX_NAME = 100
_EMBEDDED = "embedded"


class Per(StrEnum):
    """What the amounts of a profile are for."""

    MILLION_GAS = "million gas"
    TRANSACTION = "transaction"
    PASSPORT = "passport"


class Scope(StrEnum):
    """What the amounts of a profile hold."""

    ELECTRICITY = "electricity, location-based"
    WITH_HARDWARE = "electricity, location-based, and making the hardware"


@dataclass(frozen=True, slots=True)
class AnchoringProfile:
    """What a unit of use of one chain emits; amounts in kg CO2e, exact.

    Attributes:
        chain: Name of the chain.
        edition: Which account of it.
        chain_id: The chain as CAIP-2.
        rule: The rule of allocation.
        per: What the amounts are for.
        scope: What they hold.
        low: Lower end.
        central: The best value.
        high: Upper end.
        period: What the account is for.
    """

    chain: str
    edition: str
    chain_id: str
    rule: Rule
    per: Per
    scope: Scope
    low: Decimal
    central: Decimal
    high: Decimal
    period: Period

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            ArithmeticRuleError: Bounds out of order, or below zero.
        """
        if not 0 <= self.low <= self.central <= self.high:
            raise ArithmeticRuleError(
                "bounds are out of order",
                where=self.label,
                expected="0 <= low <= central <= high",
                found=f"{self.low}, {self.central}, {self.high} kg CO2e",
            )

    @property
    def label(self) -> str:
        """Chain, edition and rule, for people."""
        return f"{self.chain}/{self.edition}, {self.rule}"

    def is_stale(self, at: date) -> bool:
        """Whether its account is too old to speak for a day; a chain of one's own process has none."""
        return self.chain != _EMBEDDED and self.period.is_stale(at)

    @property
    def sha256(self) -> bytes:
        """The hash that a ceiling names it by, over its bytes."""
        return hashlib.sha256(self.to_bytes()).digest()

    def to_json(self) -> dict[str, Any]:
        """The profile as JSON values; all of them text."""
        return {
            "format": PROFILE_FORMAT,
            "chain": self.chain,
            "edition": self.edition,
            "chainId": self.chain_id,
            "rule": self.rule.value,
            "per": self.per.value,
            "scope": self.scope.value,
            "unit": "kg CO2e",
            "low": _text(self.low),
            "central": _text(self.central),
            "high": _text(self.high),
            "period": self.period.to_json(),
        }

    def to_bytes(self) -> bytes:
        """The profile in canonical form (RFC 8785, which for ASCII text in sorted keys is what is written here)."""
        return json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read_profile(document: object, *, where: str) -> AnchoringProfile:
    """A profile out of JSON values, read strictly: written again it gives the same bytes.

    Args:
        document: The values.
        where: Where they are from, for the error.

    Raises:
        DocumentError: Not a profile; says what is wrong.
        ArithmeticRuleError: Numbers that cannot be.
    """
    if not isinstance(document, Mapping) or document.get("format") != PROFILE_FORMAT:
        found = document.get("format") if isinstance(document, Mapping) else type(document).__name__
        raise DocumentError(
            "not an anchoring profile", where=where, expected=f"format {PROFILE_FORMAT}", found=f"{found!r:.80}"
        )
    if sorted(document) != sorted(_NAMES):
        wrong = sorted(set(document) ^ set(_NAMES))
        raise DocumentError("names that are missing or too many", where=where, found=", ".join(map(str, wrong))[:200])
    for name in ("chain", "edition"):
        text = document[name]
        if not isinstance(text, str) or not text.isascii() or not text.isprintable() or not 0 < len(text) <= _MAX_NAME:
            raise DocumentError("not a name in ASCII", where=f"{where}: {name}", found=repr(text)[:80])
    if not isinstance(document["chainId"], str) or not CHAIN_ID.match(document["chainId"]):
        raise DocumentError(
            "not a chain", where=f"{where}: chainId", expected="eip155:1", found=f"{document['chainId']!r:.80}"
        )
    amounts = {}
    for name in ("low", "central", "high"):
        text = document[name]
        if not isinstance(text, str) or not _AMOUNT.match(text):
            raise DocumentError(
                "not an amount", where=f"{where}: {name}", expected="plain digits", found=f"{text!r:.80}"
            )
        amounts[name] = Decimal(text)
    if document["unit"] != "kg CO2e":
        raise DocumentError(
            "another unit", where=f"{where}: unit", expected="kg CO2e", found=f"{document['unit']!r:.80}"
        )
    said = document["period"]
    try:
        period = Period(date.fromisoformat(said["first"]), date.fromisoformat(said["last"]), PeriodKind(said["kind"]))
        made = AnchoringProfile(
            chain=document["chain"],
            edition=document["edition"],
            chain_id=document["chainId"],
            rule=Rule(document["rule"]),
            per=Per(document["per"]),
            scope=Scope(document["scope"]),
            period=period,
            **amounts,
        )
    except (ValueError, TypeError, KeyError) as error:
        if isinstance(error, ArithmeticRuleError):
            raise
        raise DocumentError("not an anchoring profile", where=where, found=f"{error!s:.200}") from error
    if made.to_json() != document:
        raise DocumentError("written otherwise than a profile is", where=where, expected=f"{made.to_json()!s:.800}")
    return made


def _text(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
