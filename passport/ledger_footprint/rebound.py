"""Rebound: what growth takes back of what technique saves, split by the logarithmic mean Divisia index (LMDI-I)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.quantities import Count, GhgMass


class ReboundKind(StrEnum):
    """What a rebound amounts to."""

    NONE = "none"
    PARTIAL = "partial"
    BACKFIRE = "backfire (Jevons)"
    NO_SAVING = "no saving to take back"


@dataclass(frozen=True, slots=True)
class Use:
    """One ledger's part of a year.

    Attributes:
        passports: How many it carried.
        ghg: What it took for them.
    """

    passports: Count
    ghg: GhgMass


@dataclass(frozen=True, slots=True)
class Split:
    """A change of emissions, split; the three add up to it.

    Attributes:
        change: The whole.
        scale: From more or fewer passports.
        structure: From other shares of the ledgers.
        technique: From other emissions per passport on each.
        rebound: Scale over what structure and technique save, or None where they save nothing.
        kind: What that amounts to.
    """

    change: GhgMass
    scale: GhgMass
    structure: GhgMass
    technique: GhgMass
    rebound: float | None
    kind: ReboundKind


def log_mean(one: float, other: float) -> float:
    """The logarithmic mean, (a - b) / ln(a / b); of equal numbers, themselves."""
    if one == other:
        return one
    if one <= 0 or other <= 0:
        return 0.0
    ratio = math.log(one / other)
    # Where the logarithm cancels, the mean is the midpoint to second order.
    return (one + other) / 2 if abs(ratio) < 1e-9 else (one - other) / ratio


def split_change(before: Mapping[str, Use], *, after: Mapping[str, Use]) -> Split:
    """The change between two years, split into scale, structure and technique.

    Args:
        before: By ledger.
        after: By ledger, the same ones: one that is not used in a year cannot be split by logarithms.

    Raises:
        ArithmeticRuleError: Other ledgers, or one without passports or emissions in one of the years.
    """
    if set(before) != set(after) or not before:
        raise ArithmeticRuleError("not the same ledgers", expected=sorted(before), found=sorted(after))
    for name, use in (*before.items(), *after.items()):
        if use.passports.amount <= 0 or use.ghg.amount <= 0:
            raise ArithmeticRuleError(
                "a ledger without passports or emissions cannot be split by logarithms",
                where=name,
                expected="more than 0 in both years",
                found=f"{use.passports!r}, {use.ghg!r}",
            )
    first, last = (math.fsum(use.passports.amount for use in year.values()) for year in (before, after))
    scale = structure = technique = 0.0
    for name, old in before.items():
        new = after[name]
        weight = log_mean(new.ghg.amount, old.ghg.amount)
        shares = (new.passports.amount / last) / (old.passports.amount / first)
        each = (new.ghg.amount / new.passports.amount) / (old.ghg.amount / old.passports.amount)
        scale += weight * math.log(last / first)
        structure += weight * math.log(shares)
        technique += weight * math.log(each)
    saved = -(structure + technique)
    rebound = scale / saved if saved > 0 else None
    return Split(
        GhgMass(scale + structure + technique),
        GhgMass(scale),
        GhgMass(structure),
        GhgMass(technique),
        rebound,
        _kind(rebound),
    )


def _kind(rebound: float | None) -> ReboundKind:
    if rebound is None:
        return ReboundKind.NO_SAVING
    if rebound > 1:
        return ReboundKind.BACKFIRE
    return ReboundKind.PARTIAL if rebound > 0 else ReboundKind.NONE


def is_jevons(*, before: Use, after: Use) -> bool:
    """Whether a ledger takes less per passport and more in all: to be said even where the net is a gain."""
    each_before = before.ghg.amount / before.passports.amount
    each_after = after.ghg.amount / after.passports.amount
    return each_after < each_before and after.ghg > before.ghg
