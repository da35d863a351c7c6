"""Spreads: what the stated amount is, and the ways in which a spread is stated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from passport.carbon import AmountIs, Exchange, Kind, Pedigree, Spread, Spreads
from passport.carbon.distributions import ECOINVENT_COVERAGE_FACTOR, Z_95
from passport.errors import GraphError

amounts = st.floats(0.001, 1000) | st.floats(-1000, -0.001)
sigmas = st.floats(0.01, 2)


def test_the_amount_of_a_lognormal_input_is_its_median() -> None:
    """Amount 2, GSD e^0.5: mean 2 e^0.125 = 2.266297, variation sqrt(e^0.25 - 1) = 0.532940."""
    spread = Spread.lognormal(gsd=math.exp(0.5))
    assert spread.median(2) == 2
    assert spread.mean(2) == pytest.approx(2.266296906)
    assert spread.variation == pytest.approx(0.5329403967)
    assert spread.standard_deviation(2) == pytest.approx(2.266296906 * 0.5329403967)


def test_the_amount_may_be_chosen_to_be_the_mean() -> None:
    """The choice is kept with the spread; the median is then 2 e^-0.125 = 1.764994."""
    spread = Spread.lognormal(gsd=math.exp(0.5), amount_is=AmountIs.MEAN)
    assert spread.amount_is is AmountIs.MEAN
    assert spread.mean(2) == 2
    assert spread.median(2) == pytest.approx(1.764993805)


@given(amounts, sigmas, st.sampled_from(AmountIs))
def test_lognormal_moments_are_scipys(amount: float, sigma: float, amount_is: AmountIs) -> None:
    """Mean, standard deviation, median and 95 % range against SciPy, for the amount without its sign."""
    spread = Spread(Kind.LOGNORMAL, sigma, amount_is)
    sign = math.copysign(1, amount)
    peer = stats.lognorm(sigma, scale=abs(spread.median(amount)))
    assert spread.mean(amount) == pytest.approx(sign * peer.mean())
    assert spread.standard_deviation(amount) == pytest.approx(peer.std())
    ends = sorted(sign * peer.ppf([0.025, 0.975]))
    assert spread.interval(amount) == pytest.approx(ends)


@given(amounts, sigmas, st.sampled_from(AmountIs))
def test_a_spread_is_found_again_from_its_range(amount: float, sigma: float, amount_is: AmountIs) -> None:
    """Stated as a 95 % range, as variation, and as GSD it is the same."""
    spread = Spread(Kind.LOGNORMAL, sigma, amount_is)
    low, high = spread.interval(amount)
    inside = min(max(amount, low), high)
    if inside == amount:
        again = Spread.from_range(amount, low, high, amount_is=amount_is)
        assert again.scale == pytest.approx(sigma)
    assert Spread.lognormal_with_variation(spread.variation).scale == pytest.approx(sigma)
    assert Spread.lognormal(gsd=spread.gsd).scale == pytest.approx(sigma)


@given(amounts, st.floats(0.01, 0.5))
def test_a_normal_spread_is_found_again_from_its_range(amount: float, variation: float) -> None:
    """The 95 % range of a normal input lies 1.96 standard deviations around it."""
    spread = Spread.normal(variation)
    low, high = spread.interval(amount)
    assert high - amount == pytest.approx(1.959963984540054 * variation * abs(amount))
    assert Spread.from_range(amount, low, high, kind=Kind.NORMAL).scale == pytest.approx(variation)


def test_ecoinvents_range_has_two_standard_deviations() -> None:
    """From m / GSD^2 to m GSD^2: 10 with GSD 1.2 from 6.9444 to 14.4."""
    spread = Spread.from_range(10, 10 / 1.44, 14.4, coverage_factor=ECOINVENT_COVERAGE_FACTOR)
    assert spread.gsd == pytest.approx(1.2)
    assert spread.interval(10, coverage_factor=ECOINVENT_COVERAGE_FACTOR) == pytest.approx((6.944444444, 14.4))
    assert pytest.approx(stats.norm.ppf(0.975)) == Z_95


def test_pedigree_scores_give_a_spread() -> None:
    """Variance 0.0006 + 0.04 of the logarithm."""
    spread = Spread.from_pedigree(Pedigree(1, 1, 5, 1, 1), basic=Exchange.CO2)
    assert spread.sigma == pytest.approx(math.sqrt(0.0406))
    assert spread.amount_is is AmountIs.MEDIAN


def test_no_spread_is_exactly_the_amount() -> None:
    """Zero spread stays the amount, stated either way."""
    for spread in (Spread.none(), Spread.lognormal(gsd=1), Spread.normal(0), Spread.from_range(3, 3, 3)):
        assert (spread.mean(3), spread.median(3), spread.variation, spread.interval(3)) == (3, 3, 0, (3, 3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Spread.lognormal(gsd=0.9), "gsd: not a geometric standard deviation"),
        (lambda: Spread.lognormal(gsd=math.nan), "gsd: not a geometric standard deviation"),
        (lambda: Spread.lognormal(gsd=1e30), "not a spread; expected 0 to 20"),
        (lambda: Spread.normal(-0.1), "variation: not a coefficient of variation"),
        (lambda: Spread.lognormal_with_variation(math.nan), "variation: not a coefficient of variation"),
        (lambda: Spread.lognormal(gsd=2, amount_is="mode"), "amount_is: not what an amount can be"),  # type: ignore[arg-type]
        (lambda: Spread.from_range(5, 6, 7), "range: the amount is not in its range"),
        (lambda: Spread.from_range(1, -1, 2), "range: a lognormal input has one sign"),
        (lambda: Spread.from_range(1.5, 1, 2), "range: the amount is not in the middle"),
        (lambda: Spread.from_range(1.41, 1, 2, kind=Kind.NORMAL), "range: the amount is not in the middle"),
        (lambda: Spread.from_range(0, -1, 1, kind=Kind.NORMAL), "range: a spread relative to zero"),
        (lambda: Spread.from_range(0, -math.inf, 1), "range: the amount is not in its range"),
    ],
)
def test_what_is_no_spread_is_refused(make: object, message: str) -> None:
    """Each with its reason."""
    with pytest.raises(GraphError) as error:
        make()  # type: ignore[operator]
    assert str(error.value).startswith(message)


def test_columns_are_their_rows() -> None:
    """Factors to mean and median, sigma and variation of a column are those of its rows."""
    rows = [Spread.lognormal(gsd=1.5), Spread.lognormal(gsd=1.3, amount_is=AmountIs.MEAN), Spread.normal(0.2)]
    rows.append(Spread.none())
    column = Spreads.of(rows)
    assert column.shape == (4,)
    assert column.mean_factor == pytest.approx([row.mean(1) for row in rows])
    assert column.median_factor == pytest.approx([row.median(1) for row in rows])
    assert column.variation == pytest.approx([row.variation for row in rows])
    assert column.sigma == pytest.approx([row.sigma for row in rows])
    same = Spreads.lognormal(gsd=[1.5, 1.0])
    assert same.kind.tolist() == [Kind.LOGNORMAL, Kind.FIXED]
    assert same.sigma == pytest.approx([math.log(1.5), 0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Spreads.lognormal(gsd=[1.2, 0.5]), r"gsd\[1\]: not a spread"),
        (lambda: Spreads.normal([[0.1, math.nan]]), r"variation\[0, 1\]: not a spread"),
        (lambda: Spreads.normal([0.1, 0.2]).sharing([0]), "parameter: not a column of parameter numbers"),
        (lambda: Spreads.normal([0.1, 0.2]).sharing([0, -2]), "parameter: not a column of parameter numbers"),
        (lambda: Spreads.normal([0.1, 0.2]).sharing([0.0, 1.0]), "parameter: not a column of parameter numbers"),
        (lambda: Spreads.normal([0.1, 0.2]).keyed([7]), "keys: not a column of keys"),
        (lambda: Spreads.normal([0.1, 0.2]).keyed([7, 7]), "keys: two rows have one key"),
        (lambda: Spreads.lognormal(gsd=[2.0], amount_is="mode"), "amount_is: not what an amount can be"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_column_of_spreads_is_refused(make: object, message: str) -> None:
    """Each with its reason."""
    with pytest.raises(GraphError, match=message):
        make()  # type: ignore[operator]


def test_keys_and_parameters_are_kept() -> None:
    """As whole numbers, beside unchanged spreads."""
    column = Spreads.normal([0.1, 0.2]).keyed(np.array([2**63 + 1, 4], dtype=np.uint64)).sharing([-1, 3])
    assert column.keys is not None
    assert column.keys.tolist() == [2**63 + 1, 4]
    assert column.parameter.tolist() == [-1, 3]
    assert np.array_equal(column.scale, [0.1, 0.2])
