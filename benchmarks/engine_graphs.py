"""Supply chains made up to measure the engine on: tiers and hubs, small loops, one giant loop, markets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = 12
"""Tiers of a supply chain, raw materials included."""

MEAN_INPUTS = 4.9
"""Inputs per product over the whole graph; raw materials have none."""

HUB_SKEW = 3.0
"""How much hubs are preferred: suppliers of a tier are drawn as a random number to this power."""

_LOOP_TAIL = 1.1
_BACK_SHARE = 0.003
_NEAR_SHARE = 0.6
_BACK_AMOUNT = 0.2
_FROM_MARKETS = 0.9


@dataclass(frozen=True, slots=True)
class Edges:
    """A graph as the arrays that a user brings.

    Attributes:
        supplier: (m,) int32.
        consumer: (m,) int32.
        amount: (m,) float64.
        direct: (n,) float64.
    """

    supplier: NDArray[np.int32]
    consumer: NDArray[np.int32]
    amount: NDArray[np.float64]
    direct: NDArray[np.float64]

    @property
    def n_products(self) -> int:
        """Number of products."""
        return len(self.direct)


def tiered(n: int, *, seed: int = 1, is_shuffled: bool = False, hub_skew: float = HUB_SKEW) -> Edges:
    """An acyclic supply chain of twelve tiers, most suppliers from the tier before, hubs preferred.

    Products are numbered at random. Rows come as such tables do, one consumer's inputs after the other's, consumers by
    number; `is_shuffled` puts the rows in random order instead.
    """
    return _numbered(*_tiers(n, np.random.default_rng(seed), hub_skew), n, seed, is_shuffled=is_shuffled)


def small_loops(n: int, *, seed: int = 1) -> Edges:
    """The same with loops inside tiers: one product in five is in one, most loops have a few, some have thousands."""
    random = np.random.default_rng(seed)
    supplier, consumer = _tiers(n, random)
    sizes = np.minimum((2 * random.random(n // 5) ** (-1 / _LOOP_TAIL)).astype(np.int64), max(2, min(5000, n // 20)))
    sizes = sizes[: np.searchsorted(np.cumsum(sizes), n * (LEVELS - 1) // LEVELS // 5)]
    # Products next to each other in a tier are neighbours by nothing but their number, which is drawn at the end.
    start = np.concatenate(([0], np.cumsum(sizes)[:-1])) * 5
    start += _bounds(n)[1]  # a raw material would use nothing but its neighbour
    start = start[np.searchsorted(_bounds(n), start, "right") == np.searchsorted(_bounds(n), start + sizes, "left")]
    sizes = sizes[: len(start)]
    member = np.repeat(start - np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes) + np.arange(sizes.sum())
    after = np.where(member + 1 == np.repeat(start + sizes, sizes), np.repeat(start, sizes), member + 1)
    both = np.concatenate((supplier, member)), np.concatenate((consumer, after))
    return _numbered(*both, n, seed, n_forward=len(supplier))


def giant_loop(n: int, *, seed: int = 1) -> Edges:
    """The same with one edge in a hundred from anywhere to anywhere: about a third of the products in one loop."""
    random = np.random.default_rng(seed)
    supplier, consumer = _tiers(n, random)
    count = int(len(supplier) * _BACK_SHARE)
    back = random.integers(0, n, count), random.integers(0, n, count)
    apart = back[0] != back[1]
    both = np.concatenate((supplier, back[0][apart])), np.concatenate((consumer, back[1][apart]))
    return _numbered(*both, n, seed, n_forward=len(supplier))


def markets(n: int = 20_000, *, seed: int = 1) -> Edges:
    """A database of activities in the size of ecoinvent: one in a hundred is the market of a sector.

    A market takes from every activity of its sector; activities take nearly all they need from markets, the rest from
    their neighbours. So nearly everything is in one loop, and direct solvers fill in little, as in real databases.
    """
    random = np.random.default_rng(seed)
    hubs = max(2, n // 100)
    activities = np.arange(hubs, n)
    consumer = np.repeat(activities, 1 + random.poisson(8.5, len(activities)))
    near = np.clip(consumer + random.integers(-50, 51, len(consumer)), hubs, n - 1)
    supplier = np.where(random.random(len(consumer)) < _FROM_MARKETS, random.integers(0, hubs, len(consumer)), near)
    supplier, consumer = np.append(supplier, activities), np.append(consumer, activities % hubs)
    apart = supplier != consumer
    return _numbered(supplier[apart], consumer[apart], n, seed, gain=0.6)


def _bounds(n: int) -> NDArray[np.int64]:
    """Where the tiers begin and end."""
    return np.linspace(0, n, LEVELS + 1).astype(np.int64)


def _tiers(n: int, random: np.random.Generator, hub_skew: float = HUB_SKEW) -> tuple[NDArray[Any], NDArray[Any]]:
    """Supplier and consumer of each edge; products are still numbered tier by tier."""
    bounds = _bounds(n)
    suppliers, consumers = [], []
    mean = MEAN_INPUTS * LEVELS / (LEVELS - 1) - 1
    for level in range(1, LEVELS):
        first, last = int(bounds[level]), int(bounds[level + 1])
        consumer = np.repeat(np.arange(first, last), 1 + random.poisson(mean, last - first))
        tier = np.where(random.random(len(consumer)) < _NEAR_SHARE, level - 1, random.integers(0, level, len(consumer)))
        tier[np.flatnonzero(np.diff(consumer, prepend=-1))] = level - 1  # the first input makes the tier what it is
        low, size = bounds[tier], bounds[tier + 1] - bounds[tier]
        suppliers.append(low + (size * random.random(len(consumer)) ** hub_skew).astype(np.int64))
        consumers.append(consumer)
    return np.concatenate(suppliers), np.concatenate(consumers)


def _numbered(
    supplier: NDArray[Any],
    consumer: NDArray[Any],
    n: int,
    seed: int,
    *,
    n_forward: int | None = None,
    gain: float = 0.8,
    is_shuffled: bool = False,
) -> Edges:
    """Number products at random, put rows in order, and draw amounts that make every product use `gain` in all."""
    random = np.random.default_rng((seed, 1))
    forward = len(supplier) if n_forward is None else n_forward
    share = random.lognormal(0.0, 1.0, len(supplier))
    share[forward:] *= _BACK_AMOUNT
    used = np.bincount(consumer, weights=share, minlength=n)
    amount = gain * share / used[consumer]
    number = random.permutation(n).astype(np.int32)
    supplier, consumer = number[supplier], number[consumer]
    rows = random.permutation(len(supplier)) if is_shuffled else np.argsort(consumer, kind="stable")
    return Edges(supplier[rows], consumer[rows], amount[rows], random.lognormal(0.0, 1.0, n))


GRAPHS: dict[str, Callable[..., Edges]] = {
    "tiered": tiered,
    "small_loops": small_loops,
    "giant_loop": giant_loop,
    "markets": markets,
}
"""The generators by name, for processes that are told which one."""
