"""Monte Carlo over the inputs of an estimate, and the closed forms that it must agree with.

An input is drawn once a run, so nodes that share a wrong PUE are all wrong together. What is off for each by itself
falls with the square root of their number, and only that.
"""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.catalogue import Catalogue
from passport.ledger_footprint.data_file import DataFile
from passport.ledger_footprint.estimating import estimate
from passport.ledger_footprint.figures import Figure, Input
from passport.ledger_footprint.question import Method, Usage

MAX_SAMPLES: Final = 1_000_000
QUANTITIES: Final = ("energy", "ghg_location", "ghg_market", "embodied", "waste_gross", "waste_net", "water")


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and variance of a number.

    Attributes:
        mean: The mean.
        variance: The variance.
    """

    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Simulated:
    """What runs gave of one quantity.

    Attributes:
        unit: Its unit.
        mean: The mean.
        variance: The variance.
        p2_5: 2.5 % of the runs lie below.
        median: Half of them.
        p97_5: 97.5 % of them.
    """

    unit: str
    mean: float
    variance: float
    p2_5: float
    median: float
    p97_5: float


def triangular_moments(figure: Figure[Any]) -> Moments:
    """Mean and variance of a triangle over low, central and high: (a + b + c) / 3 and its textbook variance."""
    a, c, b = figure.low.amount, figure.central.amount, figure.high.amount
    return Moments((a + b + c) / 3, (a * a + b * b + c * c - a * b - a * c - b * c) / 18)


def product_moments(factors: Sequence[Moments]) -> Moments:
    """Mean and variance of a product of independent factors: means multiply, and so do mean squares."""
    mean = math.prod(each.mean for each in factors)
    square = math.prod(each.variance + each.mean**2 for each in factors)
    return Moments(mean, square - mean**2)


def sum_moments(terms: Sequence[Moments], *, is_shared: bool) -> Moments:
    """Mean and variance of a sum.

    Args:
        terms: What is added.
        is_shared: Whether all terms are off by one shared draw: then deviations add, else variances.
    """
    mean = math.fsum(each.mean for each in terms)
    if is_shared:
        return Moments(mean, math.fsum(math.sqrt(each.variance) for each in terms) ** 2)
    return Moments(mean, math.fsum(each.variance for each in terms))


def log_sigma_of_product(sigmas: Sequence[float]) -> float:
    """Standard deviation of the logarithm of a product or quotient of lognormals: log-variances add."""
    return math.sqrt(math.fsum(each**2 for each in sigmas))


def relative_error_of_sum(*, systematic: float, random_each: float, terms: int) -> float:
    """Relative standard deviation of a sum of equal terms: days of a year, nodes of a network.

    A published model takes the square root over the whole and so has a shared error shrink 19-fold over a year.

    Args:
        systematic: What all terms share.
        random_each: What each has for itself.
        terms: How many.

    Raises:
        ArithmeticRuleError: No terms.
    """
    if terms < 1:
        raise ArithmeticRuleError("a sum of nothing", expected="one term or more", found=terms)
    return math.sqrt(systematic**2 + random_each**2 / terms)


def simulate(
    function: Callable[[Mapping[Input, float]], Mapping[str, float]],
    inputs: Sequence[Input],
    *,
    samples: int,
    seed: int,
) -> dict[str, list[float]]:
    """Run a function of inputs under many draws of them, each a triangle over its three values.

    Args:
        function: Gives results by name for one draw.
        inputs: What is drawn; one that is certain is left as it is.
        samples: How many runs.
        seed: The same seed, the same runs.

    Raises:
        ArithmeticRuleError: Too few or too many runs.
    """
    if not 2 <= samples <= MAX_SAMPLES:
        raise ArithmeticRuleError("a number of runs", expected=f"2 to {MAX_SAMPLES:,}", found=samples)
    results: dict[str, list[float]] = {}
    for number in range(samples):
        # Every run has its own stream, so its draws do not depend on how many runs there are.
        stream = random.Random(f"{seed}/{number}")  # not a secret
        drawn = {each: _drawn(each, stream) for each in inputs}
        for name, result in function(drawn).items():
            results.setdefault(name, []).append(result)
    return results


def summary(results: Sequence[float], *, unit: str) -> Simulated:
    """Mean, variance and quantiles of runs.

    Args:
        results: One a run.
        unit: Their unit.
    """
    ordered = sorted(results)
    count = len(ordered)
    mean = math.fsum(ordered) / count
    variance = math.fsum((each - mean) ** 2 for each in ordered) / (count - 1)
    at = [ordered[min(count - 1, int(share * count))] for share in (0.025, 0.5, 0.975)]
    return Simulated(unit, mean, variance, *at)


def simulate_estimate(
    chain: str,
    *,
    usage: Usage,
    method: Method,
    at: date,
    samples: int,
    seed: int,
    catalogue: Catalogue | None = None,
) -> dict[str, Simulated]:
    """An estimate's quantities under many draws of its inputs.

    Args:
        chain: Name of the chain.
        usage: As in `estimate`.
        method: As in `estimate`.
        at: As in `estimate`.
        samples: How many runs.
        seed: The same seed, the same runs.
        catalogue: As in `estimate`.
    """
    data = catalogue or Catalogue.shipped()
    first = estimate(chain, usage=usage, method=method, at=at, catalogue=data)
    units = {name: getattr(first, name).kind.UNIT for name in QUANTITIES if getattr(first, name) is not None}
    used = frozenset(first.inputs)
    # Only files with an input of this estimate are drawn anew.
    touched = [any(_inputs_of(entry) & used for entry in file.entries) for file in data.files]

    def run(drawn: Mapping[Input, float]) -> dict[str, float]:
        files = tuple(
            _redrawn_file(file, drawn) if is_touched else file
            for file, is_touched in zip(data.files, touched, strict=True)
        )
        found = estimate(
            chain,
            usage=_redrawn(usage, drawn),
            method=_redrawn(method, drawn),
            at=at,
            catalogue=Catalogue(files, data.digest),
        )
        return {name: getattr(found, name).central.amount for name in units}

    results = simulate(run, first.inputs, samples=samples, seed=seed)
    return {name: summary(results[name], unit=units[name]) for name in units}


def _drawn(each: Input, stream: random.Random) -> float:
    return each.central if each.low == each.high else stream.triangular(each.low, each.high, each.central)


def _inputs_of(entry: Any) -> frozenset[Input]:
    if isinstance(entry, Figure):
        return frozenset(entry.inputs)
    if isinstance(entry, tuple):
        return frozenset().union(*(_inputs_of(each) for each in entry))
    if dataclasses.is_dataclass(entry):
        return frozenset().union(*(_inputs_of(getattr(entry, field.name)) for field in dataclasses.fields(entry)))
    return frozenset()


def _redrawn_file(file: DataFile, drawn: Mapping[Input, float]) -> DataFile:
    wanted = frozenset(drawn)
    entries = tuple(_redrawn(each, drawn) if _inputs_of(each) & wanted else each for each in file.entries)
    return dataclasses.replace(file, entries=entries)


def _redrawn(said: Any, drawn: Mapping[Input, float]) -> Any:
    """The same value with each figure that rests on one drawn input moved to where the draw lies."""
    if isinstance(said, Figure):
        if len(said.inputs) == 1 and said.inputs[0] in drawn:
            value = said.kind(_placed(said, said.inputs[0], drawn[said.inputs[0]]))
            return Figure(value, value, value, said.inputs)
        return said
    if isinstance(said, tuple):
        return tuple(_redrawn(each, drawn) for each in said)
    if dataclasses.is_dataclass(said) and not isinstance(said, type | Input):
        changed = {}
        for field in dataclasses.fields(said):
            before = getattr(said, field.name)
            after = _redrawn(before, drawn)
            if after is not before and after != before:
                changed[field.name] = after
        return dataclasses.replace(said, **changed) if changed else said
    return said


def _placed(said: Figure[Any], rests_on: Input, draw: float) -> float:
    """Where a draw of its input puts a figure: on a line from low over central to high.

    That is exact for an input itself and for what is proportional to it, as the energy of a CPU time is to watts.
    """
    low, central, high = (float(each.amount) for each in (said.low, said.central, said.high))
    if draw < rests_on.central:
        return low + (central - low) * (draw - rests_on.low) / (rests_on.central - rests_on.low)
    if draw > rests_on.central:
        return central + (high - central) * (draw - rests_on.central) / (rests_on.high - rests_on.central)
    return central
