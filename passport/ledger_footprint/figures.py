"""Figures: a low, a central and a high value of one quantity, with every input that they rest on.

Inputs are read with their source; what is computed from them keeps the list. A bound is found by taking, for each
input, the end that pushes the result that way: right for errors that many nodes share (watts, PUE, counts), which do
not average out; `passport.ledger_footprint.monte_carlo` draws instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.quantities import Q, Quantity


class Status(StrEnum):
    """How well a published number is known to us."""

    VERIFIED = "verified"
    COMPUTED = "computed"
    UNVERIFIED = "unverified"
    ASSUMED = "assumed"
    USER = "user"


class Spread(StrEnum):
    """Whether an input is off for all together, or for each by itself."""

    SYSTEMATIC = "systematic"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number is from.

    Attributes:
        id: Its name in the file that cites it.
        title: Who published it, and where.
        date: When it was published or measured: a year, month or day, ISO 8601.
        licence: On what terms, or that it is a fact that is cited.
        status: How well it is known.
    """

    id: str
    title: str
    date: str
    licence: str
    status: Status = Status.VERIFIED

    def to_json(self) -> dict[str, str]:
        """The source as JSON values."""
        return {
            "id": self.id,
            "title": self.title,
            "date": self.date,
            "licence": self.licence,
            "status": self.status.value,
        }


@dataclass(frozen=True, slots=True)
class Input:
    """One number that an estimate rests on.

    Attributes:
        name: What it is, `ethereum: energy`.
        unit: The unit of the three numbers.
        low: Lower end.
        central: The best value.
        high: Upper end.
        source: Where it is from.
        is_filled_in: Whether it stands in for a number that nobody stated.
        spread: Whether its error is shared.
    """

    name: str
    unit: str
    low: float
    central: float
    high: float
    source: Source
    is_filled_in: bool = False
    spread: Spread = Spread.SYSTEMATIC

    def to_json(self) -> dict[str, Any]:
        """The input as JSON values."""
        return {
            "name": self.name,
            "unit": self.unit,
            "low": self.low,
            "central": self.central,
            "high": self.high,
            "spread": self.spread.value,
            "filled_in": self.is_filled_in,
            "source": self.source.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Figure(Generic[Q]):
    """One quantity, estimated.

    Attributes:
        low: Lower end.
        central: The best value.
        high: Upper end.
        inputs: What it rests on, each once.
    """

    low: Q
    central: Q
    high: Q
    inputs: tuple[Input, ...] = ()

    def __post_init__(self) -> None:
        """Refuse bounds out of order.

        Raises:
            ArithmeticRuleError: Low above central, or central above high.
        """
        if not self.low <= self.central <= self.high:
            raise ArithmeticRuleError(
                "bounds are out of order",
                where=self.inputs[0].name if len(self.inputs) == 1 else None,
                expected="low <= central <= high",
                found=f"{self.low.amount:g}, {self.central.amount:g}, {self.high.amount:g} {self.low.UNIT}",
            )

    @property
    def kind(self) -> type[Q]:
        """The kind of quantity."""
        return type(self.central)

    @property
    def filled_in(self) -> tuple[str, ...]:
        """The names of inputs that stand in for what nobody stated."""
        return tuple(each.name for each in self.inputs if each.is_filled_in)

    def __add__(self, other: Figure[Q]) -> Figure[Q]:
        return Figure(
            self.low + other.low,
            self.central + other.central,
            self.high + other.high,
            union(self.inputs, other.inputs),
        )

    def __mul__(self, times: float) -> Figure[Q]:
        if times < 0:
            raise ArithmeticRuleError("a figure is not turned around", expected="a factor of 0 or more", found=times)
        return Figure(self.low * times, self.central * times, self.high * times, self.inputs)

    def times(self, factor: Figure[Any]) -> Figure[Q]:
        """This many times a number without unit (a ratio or a count)."""
        return derive(lambda mine, number: mine * number.amount, self, factor)

    def shared_among(self, parts: Figure[Any]) -> Figure[Q]:
        """Divided by a number without unit: the more parts, the less for each."""
        return derive(lambda mine, number: mine / number.amount, self, falling=(parts,))

    def to_json(self, unit: str | None = None) -> dict[str, Any]:
        """The figure as JSON values, its inputs by name.

        Args:
            unit: Another unit of the same kind than the kind's own.
        """
        named = unit or self.kind.UNIT
        return {
            "unit": named,
            "low": self.low.in_unit(named) if unit else self.low.amount,
            "central": self.central.in_unit(named) if unit else self.central.amount,
            "high": self.high.in_unit(named) if unit else self.high.amount,
            "inputs": [each.name for each in self.inputs],
            "sources": sorted({each.source.id for each in self.inputs}),
            "filled_in": list(self.filled_in),
        }


def derive(function: Callable[..., Q], /, *rising: Figure[Any], falling: Sequence[Figure[Any]] = ()) -> Figure[Q]:
    """A figure computed from others.

    Args:
        function: Takes one quantity of each of `rising`, then one of each of `falling`.
        rising: Figures with which the result rises.
        falling: Figures with which the result falls: their high end gives the low result.
    """
    return Figure(
        function(*(each.low for each in rising), *(each.high for each in falling)),
        function(*(each.central for each in rising), *(each.central for each in falling)),
        function(*(each.high for each in rising), *(each.low for each in falling)),
        union(*(each.inputs for each in (*rising, *falling))),
    )


def figure(
    kind: type[Q],
    unit: str,
    central: float,
    *,
    name: str,
    source: Source,
    low: float | None = None,
    high: float | None = None,
    is_filled_in: bool = False,
    spread: Spread = Spread.SYSTEMATIC,
) -> Figure[Q]:
    """An input as a figure.

    Args:
        kind: The kind of quantity.
        unit: The unit of the numbers.
        central: The best value.
        name: What it is.
        source: Where it is from.
        low: Lower end; without one, the central value: nothing is known of its error.
        high: Upper end, as `low`.
        is_filled_in: Whether it stands in for a number that nobody stated.
        spread: Whether its error is shared.

    Raises:
        UnitError: The unit is not one of this kind.
        ArithmeticRuleError: A number that cannot be, or bounds out of order.
    """
    ends = (central if low is None else low, central, central if high is None else high)
    said = Input(name, unit, *ends, source=source, is_filled_in=is_filled_in, spread=spread)
    first, middle, last = (kind.of(each, unit) for each in ends)
    return Figure(first, middle, last, (said,))


def exact(quantity: Q) -> Figure[Q]:
    """A number that is given, not estimated: gas of a receipt, a batch."""
    return Figure(quantity, quantity, quantity)


def total(figures: Iterable[Figure[Q]], kind: type[Q]) -> Figure[Q]:
    """The sum of figures, errors taken as shared.

    Args:
        figures: What is added.
        kind: The kind of quantity, for a sum of nothing.
    """
    result = exact(kind(0.0))
    for each in figures:
        result = result + each
    return result


def union(*inputs: Iterable[Input]) -> tuple[Input, ...]:
    """Inputs of several figures, each once, in order."""
    return tuple(dict.fromkeys(each for group in inputs for each in group))


def spanning(figures: Sequence[Figure[Q]], *, central: Figure[Q]) -> Figure[Q]:
    """One figure over several providers': their lowest and highest, one of them in the middle.

    Averages of providers mean nothing; their disagreement is the range.

    Args:
        figures: All of them.
        central: The one taken as best.
    """
    everyone: list[Figure[Q]] = [*figures, central]
    low: Quantity = min((each.low for each in everyone), key=lambda each: each.amount)
    high: Quantity = max((each.high for each in everyone), key=lambda each: each.amount)
    made = central.kind
    return Figure(made(low.amount), central.central, made(high.amount), union(*(each.inputs for each in everyone)))
