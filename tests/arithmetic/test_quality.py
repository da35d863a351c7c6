"""Primary data share, ratings and cut-off: PACT's vectors, then hand-made ones, then a second road."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.arithmetic import QualityInput, data_quality, exempted_percent, primary_data_share
from passport.arithmetic.quanta import ONE, from_text, to_text
from passport.errors import ArithmeticRuleError

UNKNOWN = (5 * ONE, 5 * ONE, 5 * ONE)


def row(weight: str, *, share: str = "0", ratings: tuple[str, str, str] | None = None, cut: str = "0") -> QualityInput:
    """What a row brings, written as in documents."""
    rated = UNKNOWN if ratings is None else tuple(from_text(rating) for rating in ratings)
    return QualityInput(from_text(weight), from_text(share), (rated[0], rated[1], rated[2]), from_text(cut))


def test_the_methodologys_primary_data_share() -> None:
    """PACT Methodology 3.0: A 800 kg at 36 %, B 2400 and C 90 secondary, 1000 direct: 1288 / 4290 = 30.02 %."""
    rows = [row("800", share="36"), row("2400"), row("90"), row("1000", share="100")]
    share = primary_data_share(rows)
    assert share is not None
    assert to_text(share) == "30.02331"  # 128800 / 4290 = 30.0233100...
    assert round(Fraction(share, ONE), 2) == Fraction("30.02")


def test_the_methodologys_data_quality() -> None:
    """Shares 25, 30 and 45 %: technology 2, 2, 1 gives 1.55, geography 2, 2, 3 gives 2.45, time 1, 5, 2 gives 2.65."""
    rows = [
        row("25", ratings=("2", "2", "1")),
        row("30", ratings=("2", "2", "5")),
        row("45", ratings=("1", "3", "2")),
    ]
    ratings = data_quality(rows)
    assert ratings is not None
    assert list(map(to_text, ratings)) == ["1.55", "2.45", "2.65"]


def test_nothing_is_no_share() -> None:
    """A mean over nothing is not known; it is not 0 and not 100."""
    assert primary_data_share([]) is None
    assert primary_data_share([row("0", share="100")]) is None
    assert data_quality([]) is None
    assert data_quality([row("0")]) is None


def test_unknown_ratings_count_as_the_worst() -> None:
    ratings = data_quality([row("1", ratings=("1", "2", "3")), row("1")])
    assert ratings is not None
    assert list(map(to_text, ratings)) == ["3", "3.5", "4"]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        # (1 x 100 + 2 x 0) / 3 = 33.33...
        ([("1", "100"), ("2", "0")], "33.333333"),
        ([("2", "100"), ("1", "0")], "66.666667"),
        # 0.000001 and 0.000002 in equal parts: 0.0000015, a tie, goes to the even 0.000002
        ([("1", "0.000001"), ("1", "0.000002")], "0.000002"),
        # 0.000002 and 0.000003: 0.0000025, a tie, goes to the even 0.000002
        ([("1", "0.000002"), ("1", "0.000003")], "0.000002"),
        ([("1", "100"), ("0", "0")], "100"),
    ],
)
def test_shares_are_rounded_once_half_to_even(weights: list[tuple[str, str]], expected: str) -> None:
    share = primary_data_share([row(weight, share=percent) for weight, percent in weights])
    assert share is not None
    assert to_text(share) == expected


# --- cut-off ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "own", "expected"),
    [
        # Nobody below left anything out: what the issuer says stands.
        ([("100", "0")], "2.5", "2.5"),
        ([], "2.5", "2.5"),
        ([("0", "3")], "1", "1"),
        # One input, 10 % left out below: 90 of 100; nothing left out here.
        ([("90", "10")], "0", "10"),
        # The same, and half left out here: 90 of a whole of 100 / 0.5 = 200, so 110 / 200.
        ([("90", "10")], "50", "55"),
        # 90 of 100 and 95 of 100: 185 of 200.
        ([("90", "10"), ("95", "5")], "0", "7.5"),
        # 99 of 100 and 100 of 100, and 1 % here: the whole is 200 / 0.99 = 202.0202..., 199 of it are there: 1.495 %.
        ([("99", "1"), ("100", "0")], "1", "1.495"),
        # Thirds: 2 of 3 (e = 33.3333 %) would not come out even: 100 x (1 - 2 / (2 / 0.666667)) = 33.3333.
        ([("2", "33.3333")], "0", "33.3333"),
    ],
)
def test_nested_cut_off_by_hand(rows: list[tuple[str, str]], own: str, expected: str) -> None:
    made = exempted_percent([row(weight, cut=cut) for weight, cut in rows], from_text(own))
    assert to_text(made) == expected


@pytest.mark.parametrize(("rows", "own"), [([("1", "100")], "0"), ([("1", "0")], "100"), ([("1", "-1")], "0")])
def test_a_percentage_outside_its_range_is_refused(rows: list[tuple[str, str]], own: str) -> None:
    with pytest.raises(ArithmeticRuleError, match="exempted percent outside 0 to 100; expected 0 <= p < 100"):
        exempted_percent([row(weight, cut=cut) for weight, cut in rows], from_text(own))


percents = st.integers(0, 99 * 10**6).map(lambda millionths: millionths * 10**9)
weights = st.integers(0, 10**22)


@given(st.lists(st.tuples(weights, percents), max_size=6), percents)
def test_cut_off_by_its_definition(rows: list[tuple[int, int]], own: int) -> None:
    """A second road: gross of each row = net / (1 - e), whole = gross / (1 - own), share = 1 - net / whole."""
    made = exempted_percent([QualityInput(weight, 0, UNKNOWN, cut) for weight, cut in rows], own)
    net = Fraction(sum(weight for weight, _ in rows))
    if net:
        gross = sum(weight / (1 - Fraction(cut, 100 * ONE)) for weight, cut in rows)
        share = 100 * (1 - net / (gross / (1 - Fraction(own, 100 * ONE))))
    else:
        share = Fraction(own, ONE)
    assert made == round(share * 10**6) * 10**9
    assert made >= own


@given(st.lists(st.tuples(weights, percents, st.integers(ONE, 5 * ONE)), min_size=1, max_size=6))
def test_means_lie_between_their_parts(rows: list[tuple[int, int, int]]) -> None:
    inputs = [QualityInput(weight, share, (rating, rating, 3 * ONE), 0) for weight, share, rating in rows]
    share, ratings = primary_data_share(inputs), data_quality(inputs)
    counted = [each for each in inputs if each.weight]
    if not counted:
        assert share is ratings is None
        return
    assert share is not None
    assert ratings is not None
    step = 10**9
    assert min(each.primary_share for each in counted) - step <= share <= max(e.primary_share for e in counted) + step
    assert min(each.ratings[0] for each in counted) - step <= ratings[0] <= max(e.ratings[0] for e in counted) + step
    assert ratings[0] == ratings[1]
    assert ratings[2] == 3 * ONE
    assert share == primary_data_share(reversed(inputs))
