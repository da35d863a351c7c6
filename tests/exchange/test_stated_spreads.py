"""Spreads combined to first order, and distributions of LCA data as spreads."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spread_measures import BOUND, NAN, error_of_deviation

from passport.carbon import Kind
from passport.exchange.lca_distributions import (
    AS_NORMAL,
    CUT,
    ELSEWHERE,
    EMPTY,
    EXACT,
    LOGNORMAL,
    NO_SPREAD,
    NORMAL,
    OTHER,
    TRIANGULAR,
    UNDEFINED,
    UNIFORM,
    Distributions,
    around,
)
from passport.exchange.stated_spreads import StatedSpreads, combined, filled


def column(*rows: tuple[Kind, float, float]) -> StatedSpreads:
    """Spreads by kind, scale and what share states none."""
    kind, scale, unstated = zip(*rows, strict=True)
    return StatedSpreads(
        np.array(kind, np.uint8), np.array(scale, float), np.zeros(len(rows), np.bool_), np.array(unstated, float)
    )


# Combining to first order.


def test_a_single_term_keeps_its_spread_and_terms_add_in_squares() -> None:
    rows = column((Kind.LOGNORMAL, 0.3, 0), (Kind.NORMAL, 0.2, 0), (Kind.LOGNORMAL, 0.3, 0), (Kind.LOGNORMAL, 0.4, 0))
    found = combined(np.array([0, 1, 2, 2]), np.array([5.0, -2, 1, 3]), rows, count=4)
    assert found.kind.tolist() == [Kind.LOGNORMAL, Kind.NORMAL, Kind.LOGNORMAL, Kind.FIXED]
    assert found.scale == pytest.approx([0.3, 0.2, math.hypot(0.3, 1.2) / 4, 0], rel=1e-15)
    assert found.unstated.tolist() == [0, 0, 0, 1]


def test_one_unknown_adds_before_it_is_squared_and_signs_stand_apart() -> None:
    rows = column(*[(Kind.NORMAL, 0.1, 0)] * 4)
    target, value = np.array([0, 0, 1, 1]), np.array([3.0, 4, 3, -1])
    same = combined(target, value, rows, count=2, unknown=np.array([7, 7, 7, 7]))
    apart = combined(target, value, rows, count=2)
    assert same.scale == pytest.approx([0.1, 0.1 * math.hypot(3, 1) / 2], rel=1e-15)
    assert apart.scale == pytest.approx([0.1 * 5 / 7, 0.1 * math.hypot(3, 1) / 2], rel=1e-15)


def test_what_counts_against_a_sum_makes_it_normal_and_what_cancels_says_nothing() -> None:
    rows = column((Kind.LOGNORMAL, 0.3, 0), (Kind.LOGNORMAL, 0.3, 0), (Kind.NORMAL, 1.0, 0), (Kind.NORMAL, 1.0, 0))
    found = combined(np.array([0, 0, 1, 1]), np.array([3.0, -1, 1, -1]), rows, count=2)
    variation = math.sqrt(math.expm1(0.09))
    assert found.kind.tolist() == [Kind.NORMAL, Kind.FIXED]
    assert found.scale == pytest.approx([variation * math.sqrt(10) / 2, 0], rel=1e-14)
    assert found.unstated.tolist() == [0, 1]


def test_the_part_without_a_spread_is_kept_and_can_be_filled() -> None:
    rows = column((Kind.LOGNORMAL, 0.3, 0), (Kind.FIXED, 0, 1), (Kind.FIXED, 0, 0))
    found = combined(np.array([0, 0, 0]), np.array([2.0, 1, 1]), rows, count=1)
    assert found.scale == pytest.approx([0.15])
    assert found.unstated == pytest.approx([0.25])
    assert filled(found.spreads, found.unstated, gsd=1.2).scale == pytest.approx(
        [math.hypot(0.15, 0.25 * math.log(1.2))]
    )
    nothing = StatedSpreads.nothing(1)
    assert filled(nothing.spreads, nothing.unstated, gsd=1.2).sigma == pytest.approx([math.log(1.2)])
    exact = column((Kind.FIXED, 0, 0))
    assert filled(exact.spreads, exact.unstated, gsd=1.2).sigma.tolist() == [0]


@given(
    st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.001, 0.5), st.booleans()), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_combining_does_not_depend_on_order_or_unit(terms: list[tuple[float, float, bool]], random: Any) -> None:
    def of(chosen: list[tuple[float, float, bool]], unit: float) -> tuple[float, float]:
        rows = column(*[(Kind.NORMAL if is_normal else Kind.LOGNORMAL, scale, 0) for _, scale, is_normal in chosen])
        target = np.zeros(len(chosen), dtype=np.int64)
        found = combined(target, np.array([value * unit for value, _, _ in chosen]), rows, count=1)
        return float(found.kind[0]), float(found.scale[0])

    shuffled = list(terms)
    random.shuffle(shuffled)
    assert of(shuffled, -1000.0) == pytest.approx(of(terms, 1.0), rel=1e-12)


# Distributions of LCA data.


def test_distributions_become_spreads_around_the_amount_and_the_rest_is_counted() -> None:
    rows = [  # amount, kind, loc, scale, minimum, maximum
        (4.0, LOGNORMAL, math.log(4), 0.5, NAN, NAN),
        (4.0 * math.exp(0.125), LOGNORMAL, math.log(4), 0.5, NAN, NAN),  # the amount is the mean
        (5.0, LOGNORMAL, math.log(4), 0.5, NAN, NAN),  # it is neither
        (-2.0, NORMAL, -2.0, 0.5, NAN, NAN),
        (2.0, UNIFORM, NAN, NAN, 1.0, 3.0),
        (2.0, TRIANGULAR, 2.0, NAN, 1.0, 6.0),  # mode 2, mean 3
        (2.0, LOGNORMAL, math.log(2), 0.0, NAN, NAN),
        (2.0, TRIANGULAR, NAN, NAN, NAN, NAN),
        (0.0, NORMAL, 0.0, 1.0, NAN, NAN),
        (2.0, UNDEFINED, NAN, NAN, NAN, NAN),
        (2.0, EXACT, NAN, NAN, NAN, NAN),
        (2.0, 8, 1.0, 1.0, NAN, NAN),
        (2.0, NORMAL, 2.0, 0.5, 0.0, NAN),
        (2.0, TRIANGULAR, 9.0, NAN, 1.0, 6.0),  # the mode is not between its ends
    ]
    amounts, kind, loc, scale, low, high = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    notes = Counter[str]()
    found = around(amounts, Distributions(kind, loc, scale, low, high), notes)
    triangle = math.sqrt((4 + 1 + 36 - 2 - 12 - 6) / 18)
    assert found.scale == pytest.approx(
        [0.5, 0.5, 0.5, 0.25, 2 / math.sqrt(12) / 2, triangle / 2, 0, 0, 0, 0, 0, 0, 0.25, 0], rel=1e-12
    )
    assert np.flatnonzero(found.is_mean).tolist() == [1]
    assert np.flatnonzero(found.unstated).tolist() == [6, 7, 8, 9, 11, 13]
    assert found.kind[:6].tolist() == [Kind.LOGNORMAL] * 3 + [Kind.NORMAL] * 3
    assert notes == {AS_NORMAL: 2, ELSEWHERE: 2, CUT: 1, NO_SPREAD: 1, EMPTY: 3, OTHER: 1}


@pytest.mark.parametrize("kind", [UNIFORM, TRIANGULAR])
def test_a_normal_of_the_same_deviation(kind: int) -> None:
    """The standard deviations, against draws of the distributions themselves."""
    random = np.random.default_rng(5)
    drawn = random.uniform(2, 5, 20_000) if kind == UNIFORM else random.triangular(2, 3, 5, 20_000)
    one = np.ones(1)
    found = around(3 * one, Distributions(np.array([kind]), 3 * one, NAN * one, 2 * one, 5 * one), Counter())
    assert abs(found.scale[0] * 3 - drawn.std(ddof=1)) < BOUND * error_of_deviation(drawn)
