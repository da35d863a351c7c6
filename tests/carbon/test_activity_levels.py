"""Activity levels of processes in loops: by hand, by the engine, and refused where a loop eats what it makes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from passport.carbon import SupplyGraph
from passport.carbon.activity_levels import activity_levels
from passport.errors import UnproductiveError

F = Fraction
STEAM, POWER, WATER = range(3)


def test_two_processes_that_supply_each_other() -> None:
    """Half a steam is asked for; a steam takes 0.4 power, a power 0.5 steam: 0.5 / (1 - 0.2) and 0.4 of that."""
    assert activity_levels([F("0.5"), F(0)], {(POWER, STEAM): F("0.4"), (STEAM, POWER): F("0.5")}) == [
        F("0.625"),
        F("0.25"),
    ]


def test_a_process_that_uses_itself() -> None:
    assert activity_levels([F(3)], {(0, 0): F("0.25")}) == [F(4)]


def test_nothing_asked_for_runs_nothing() -> None:
    assert activity_levels([F(0), F(1)], {(0, 1): F(0)}) == [F(0), F(1)]
    assert activity_levels([], {}) == []


@pytest.mark.parametrize(
    ("uses", "loop"),
    [
        ({(0, 0): F(1)}, {(0,)}),
        ({(0, 1): F(2), (1, 0): F("0.5")}, {(0, 1), (1, 0)}),
        ({(0, 1): F(2), (1, 2): F(1), (2, 0): F(1), (1, 0): F("0.1")}, {(2, 0, 1), (0, 1, 2), (1, 2, 0)}),
    ],
)
def test_a_loop_that_eats_what_it_makes_is_named(
    uses: dict[tuple[int, int], Fraction], loop: set[tuple[int, ...]]
) -> None:
    with pytest.raises(UnproductiveError, match="a loop needs at least one unit of itself") as raised:
        activity_levels([F(1), F(0), F(0)], uses)
    assert raised.value.loop in loop


_amounts = st.fractions(0, 1, max_denominator=50)


@given(
    st.lists(st.fractions(0, 100, max_denominator=20), min_size=1, max_size=5),
    st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), _amounts, max_size=10),
)
def test_two_roads_to_the_levels(demand: list[Fraction], uses: dict[tuple[int, int], Fraction]) -> None:
    """The balance holds exactly; and the engine's floats say the same of a product with that demand."""
    count = len(demand)
    uses = {pair: amount for pair, amount in uses.items() if max(pair) < count and amount}
    try:
        levels = activity_levels(demand, uses)
    except UnproductiveError as error:
        gain = F(1)
        for supplier, consumer in zip(error.loop, (*error.loop[1:], error.loop[0]), strict=True):
            assert uses[supplier, consumer] > 0
            gain *= uses[supplier, consumer]
        return
    for number in range(count):
        used = sum((a * levels[consumer] for (s, consumer), a in uses.items() if s == number), F(0))
        assert levels[number] == demand[number] + used
    assert all(level >= 0 for level in levels)
    assume(max(levels) < 10**6)
    edges = [(*pair, float(amount)) for pair, amount in uses.items()]
    edges += [(number, count, float(asked)) for number, asked in enumerate(demand)]
    suppliers, consumers, amounts = (list(column) for column in zip(*edges, strict=True))
    for number in range(count):
        direct = [float(each == number) for each in range(count + 1)]
        graph = SupplyGraph.from_edges(suppliers, consumers, amounts, direct)
        assert float(graph.footprint(count)) == pytest.approx(float(levels[number]), rel=1e-9, abs=1e-9)
