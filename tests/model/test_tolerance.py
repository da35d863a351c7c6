"""The tolerance of a claim: by hand, by Python's own normal distribution, and where there must be none."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.carbon.distributions import Z_95 as ENGINES_Z_95
from passport.model.tolerance import Z_95, claim_tolerance, tolerance_matches


def said(distribution: str = "lognormal", spread: str = "1.2", covered: str = "100") -> dict[str, str]:
    return {
        "method": "first-order",
        "distribution": distribution,
        "amountIs": "median" if distribution == "lognormal" else "mean",
        "spread": spread,
        "coveredPercent": covered,
        "upstreamVariancePercent": "0",
    }


def test_by_hand() -> None:
    """A mean of 50 with a relative standard deviation of 10 %: 1.959964 x 5. A median of 100 with GSD e: e^1.959964."""
    assert claim_tolerance("50", said("normal", "10")) == (9.79982, 9.79982)
    found = claim_tolerance("100", said(spread="2.718281828459045"))
    assert found is not None
    assert found == (609.907, 85.9137)
    assert 1 - math.exp(-1.959964) == pytest.approx(0.859137, abs=5e-7)
    assert math.exp(1.959964) == pytest.approx(7.09907, abs=5e-6)
    assert claim_tolerance("-100", said(spread="2.718281828459045")) == (found.lower, found.upper)
    assert claim_tolerance("7", said(spread="1")) == claim_tolerance("7", said("normal", "0")) == (0, 0)


def test_the_factor_is_that_of_the_engine_and_of_the_normal_distribution() -> None:
    assert float(Z_95) == ENGINES_Z_95 == pytest.approx(NormalDist().inv_cdf(0.975), abs=1e-12)


@pytest.mark.parametrize(
    "stated",
    [None, said(covered="99.999999"), said(covered="75"), said(spread="0.9"), said(spread="0"), said(spread="9" * 40)],
    ids=["nothing", "nearly all", "a part", "no spread", "zero", "beyond all numbers"],
)
def test_where_there_is_none(stated: dict[str, str] | None) -> None:
    assert claim_tolerance("61", stated) is None


@given(st.integers(1, 10**9), st.integers(0, 900))
def test_the_range_is_symmetric_in_logarithms(thousandths: int, percent: int) -> None:
    total = thousandths / 1000
    found = claim_tolerance(f"{thousandths}e-3", said(spread=f"{100 + percent}e-2"))
    assert found is not None
    if found.lower:
        assert (total + found.upper) / total == pytest.approx(total / (total - found.lower), rel=2e-3)


@pytest.mark.parametrize(
    ("found", "matches"),
    [(9.79982, True), (9.79983, True), (9.79985, False), (0, False), (None, False), ("9.79982", False), (True, False)],
)
def test_matching_to_the_last_digit(found: Any, matches: bool) -> None:
    assert tolerance_matches(found, 9.79982) is matches


def test_nothing_but_nothing_is_no_tolerance() -> None:
    """Zero has no last digit: of a total of a millionth, a hundred-thousandth is no rounding."""
    assert tolerance_matches(0, 0)
    assert not tolerance_matches(0.00001, 0)
