"""Pedigree scores of ecoinvent, turned into the variance of an amount's logarithm.

An amount is lognormal; the variance of its logarithm is a basic variance, which the kind of exchange has even at its
best, plus one additional variance for each of five indicators, scored 1 (best) to 5:
sigma^2 = basic + reliability + completeness + temporal + geographical + technological.

Sources: Weidema, B. P. et al., Overview and methodology: data quality guideline for the ecoinvent database version 3,
ecoinvent report 1(v3), 2013, chapter 10 (the variances). They are those of the factors U of ecoinvent version 2
(Frischknecht, R. et al., Overview and methodology, ecoinvent report 1, 2007, chapter 7), of which U is the square of a
geometric standard deviation, so that the variance is (ln U / 2)^2, rounded.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from passport.errors import GraphError

ADDITIONAL_VARIANCES: dict[str, tuple[float, float, float, float, float]] = {
    "reliability": (0.0, 0.0006, 0.002, 0.008, 0.04),
    "completeness": (0.0, 0.0001, 0.0006, 0.002, 0.008),
    "temporal": (0.0, 0.0002, 0.002, 0.008, 0.04),
    "geographical": (0.0, 2.5e-5, 0.0001, 0.0006, 0.002),
    "technological": (0.0, 0.0006, 0.008, 0.04, 0.12),
}
"""Variance of the logarithm that scores 1 to 5 of each indicator add."""

_SCORES = range(1, 6)


class Exchange(StrEnum):
    """Kinds of exchange that differ in how well they are known at best."""

    ENERGY_AND_MATERIALS = "energy, semi-finished products, working materials, waste treatment"
    TRANSPORT = "transport services"
    INFRASTRUCTURE = "infrastructure"
    CO2 = "carbon dioxide to air"
    METHANE_FROM_COMBUSTION = "methane to air from combustion"
    METHANE_FROM_AGRICULTURE = "methane to air from agriculture"
    NITROUS_OXIDE_FROM_COMBUSTION = "nitrous oxide to air from combustion"
    NITROUS_OXIDE_FROM_AGRICULTURE = "nitrous oxide to air from agriculture"


BASIC_VARIANCES: dict[Exchange, float] = {
    Exchange.ENERGY_AND_MATERIALS: 0.0006,
    Exchange.TRANSPORT: 0.12,
    Exchange.INFRASTRUCTURE: 0.3,
    Exchange.CO2: 0.0006,
    Exchange.METHANE_FROM_COMBUSTION: 0.04,
    Exchange.METHANE_FROM_AGRICULTURE: 0.008,
    Exchange.NITROUS_OXIDE_FROM_COMBUSTION: 0.04,
    Exchange.NITROUS_OXIDE_FROM_AGRICULTURE: 0.03,
}
"""Variance of the logarithm that each kind of exchange has even with the best scores."""


@dataclass(frozen=True, slots=True)
class Pedigree:
    """Five scores, 1 (best) to 5.

    Attributes:
        reliability: 1 verified measurements to 5 unqualified guess.
        completeness: 1 all relevant sites over time to 5 unknown or few sites.
        temporal: 1 less than 3 years from the period meant to 5 more than 15 years or unknown.
        geographical: 1 the area meant to 5 a distinctly different or unknown area.
        technological: 1 the enterprise and process meant to 5 related processes at laboratory scale or others.

    Raises:
        GraphError: A score is none of 1 to 5.
    """

    reliability: int
    completeness: int
    temporal: int
    geographical: int
    technological: int

    def __post_init__(self) -> None:
        """Refuse what is no score."""
        for field in fields(self):
            score = getattr(self, field.name)
            if isinstance(score, bool) or score not in _SCORES or int(score) != score:
                raise GraphError("not a pedigree score", where=field.name, expected="1, 2, 3, 4 or 5", found=score)

    @property
    def additional_variance(self) -> float:
        """What the scores add to the variance of the logarithm."""
        return sum(ADDITIONAL_VARIANCES[field.name][getattr(self, field.name) - 1] for field in fields(self))

    def variance(self, basic: Exchange | float) -> float:
        """The whole variance of the logarithm.

        Args:
            basic: The kind of exchange, or its basic variance.

        Raises:
            GraphError: The basic variance is negative.
        """
        own = BASIC_VARIANCES[basic] if isinstance(basic, Exchange) else basic
        if not own >= 0:
            raise GraphError("not a variance", where="basic", expected="0 or more", found=own)
        return own + self.additional_variance
