"""Pedigree scores: the published variances, and the factors they were made from."""

from __future__ import annotations

import math

import pytest

from passport.carbon.pedigree import ADDITIONAL_VARIANCES, BASIC_VARIANCES, Exchange, Pedigree
from passport.errors import GraphError

# Factors U of ecoinvent version 2 (Frischknecht et al. 2007, chapter 7): U is the square of a GSD, so the variance is
# (ln U / 2)^2. Version 2 has no factor of its own for geographical 4 and technological 2; version 3's is that of 1.05.
FACTORS = {
    "reliability": (1.00, 1.05, 1.10, 1.20, 1.50),
    "completeness": (1.00, 1.02, 1.05, 1.10, 1.20),
    "temporal": (1.00, 1.03, 1.10, 1.20, 1.50),
    "geographical": (1.00, 1.01, 1.02, 1.05, 1.10),
    "technological": (1.00, 1.05, 1.20, 1.50, 2.00),
}

# The same chapter's basic factors.
BASIC_FACTORS = {
    Exchange.ENERGY_AND_MATERIALS: 1.05,
    Exchange.TRANSPORT: 2.0,
    Exchange.INFRASTRUCTURE: 3.0,
    Exchange.CO2: 1.05,
    Exchange.METHANE_FROM_COMBUSTION: 1.5,
    Exchange.METHANE_FROM_AGRICULTURE: 1.2,
    Exchange.NITROUS_OXIDE_FROM_COMBUSTION: 1.5,
    Exchange.NITROUS_OXIDE_FROM_AGRICULTURE: 1.4,
}


def rounded(factor: float) -> float:
    """(ln U / 2)^2 with the one significant digit that is published (two in 2.5e-5 and 0.12)."""
    variance = (math.log(factor) / 2) ** 2
    digits = 2 if factor in (1.01, 2.0) else 1
    return float(f"{variance:.{digits - 1}e}")


@pytest.mark.parametrize("indicator", FACTORS)
def test_additional_variances_are_those_of_the_factors(indicator: str) -> None:
    """Each published variance is its factor's, rounded."""
    assert ADDITIONAL_VARIANCES[indicator] == pytest.approx([rounded(factor) for factor in FACTORS[indicator]])


def test_basic_variances_are_those_of_the_factors() -> None:
    """Every kind of exchange has one."""
    assert pytest.approx({kind: rounded(factor) for kind, factor in BASIC_FACTORS.items()}) == BASIC_VARIANCES
    assert set(BASIC_VARIANCES) == set(Exchange)


def test_variances_add() -> None:
    """Scores (2, 3, 1, 4, 5) of a transport: 0.12 + 0.0006 + 0.0006 + 0 + 0.0006 + 0.12 = 0.2418."""
    scores = Pedigree(reliability=2, completeness=3, temporal=1, geographical=4, technological=5)
    assert scores.additional_variance == pytest.approx(0.1218)
    assert scores.variance(Exchange.TRANSPORT) == pytest.approx(0.2418)
    assert scores.variance(0.5) == pytest.approx(0.6218)


def test_the_best_scores_add_nothing() -> None:
    """What remains is the basic variance."""
    assert Pedigree(1, 1, 1, 1, 1).variance(Exchange.CO2) == 0.0006


@pytest.mark.parametrize("score", [0, 6, 1.5, True, "1"])
def test_what_is_no_score_is_refused(score: object) -> None:
    """The error names the indicator."""
    with pytest.raises(GraphError, match=r"temporal: not a pedigree score; expected 1, 2, 3, 4 or 5"):
        Pedigree(1, 1, score, 1, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("basic", [-0.1, math.nan])
def test_what_is_no_variance_is_refused(basic: float) -> None:
    """A basic variance is zero or more."""
    with pytest.raises(GraphError, match=r"basic: not a variance"):
        Pedigree(1, 1, 1, 1, 1).variance(basic)
