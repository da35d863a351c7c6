"""Activity levels of a few processes that supply each other, loops included, solved exactly.

>>> activity_levels([Fraction(1), Fraction(0)], {(1, 0): Fraction(1, 2), (0, 1): Fraction(1, 4)})
[Fraction(8, 7), Fraction(4, 7)]

With A the uses of one process by another and d what is demanded from outside, the levels x are those of x = d + A x. A
system in which no loop needs as much of itself as it makes is one whose elimination meets no pivot of zero or less (I -
A is an M-matrix; Berman and Plemmons, Nonnegative Matrices in the Mathematical Sciences, theorem 6.2.3).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from fractions import Fraction

from passport.errors import UnproductiveError


def activity_levels(demand: Sequence[Fraction], uses: Mapping[tuple[int, int], Fraction]) -> list[Fraction]:
    """How much of each process runs for a demand.

    Args:
        demand: Of each process, what is asked of it from outside, zero or more.
        uses: By supplier and consumer, units of the supplier that one unit of the consumer uses, zero or more.

    Raises:
        UnproductiveError: A loop needs at least one unit of itself for each unit it makes; `loop` names it.
    """
    count = len(demand)
    rows: list[dict[int, Fraction]] = [{number: Fraction(1)} for number in range(count)]
    for (supplier, consumer), amount in uses.items():
        if amount:
            rows[supplier][consumer] = rows[supplier].get(consumer, Fraction(0)) - amount
    right = list(demand)
    for pivot in range(count):
        top = rows[pivot]
        if top.get(pivot, Fraction(0)) <= 0:
            loop = _loop_through(pivot, uses)
            raise UnproductiveError(
                "a loop needs at least one unit of itself for each unit it makes",
                loop=loop,
                found=" <- ".join(map(str, (*loop, loop[0]))) if loop else str(pivot),
            )
        for below in range(pivot + 1, count):
            factor = rows[below].pop(pivot, Fraction(0)) / top[pivot]
            if factor:
                for column, value in top.items():
                    if column > pivot:
                        rows[below][column] = rows[below].get(column, Fraction(0)) - factor * value
                right[below] -= factor * right[pivot]
    levels = [Fraction(0)] * count
    for number in reversed(range(count)):
        known = sum((value * levels[column] for column, value in rows[number].items() if column > number), Fraction(0))
        levels[number] = (right[number] - known) / rows[number][number]
    return levels


def _loop_through(last: int, uses: Mapping[tuple[int, int], Fraction]) -> tuple[int, ...]:
    """The shortest loop through a process among those up to it, each a supplier of the next."""
    consumers: dict[int, list[int]] = {}
    for (supplier, consumer), amount in uses.items():
        if amount and supplier <= last and consumer <= last:
            consumers.setdefault(supplier, []).append(consumer)
    before: dict[int, int] = {}
    waiting = deque([last])
    while waiting:
        supplier = waiting.popleft()
        for consumer in consumers.get(supplier, ()):
            if consumer == last:
                path = [supplier]
                while path[-1] != last:
                    path.append(before[path[-1]])
                return tuple(reversed(path))
            if consumer not in before:
                before[consumer] = supplier
                waiting.append(consumer)
    return ()
