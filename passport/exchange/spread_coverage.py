"""Of how much of a graph its source says how far it may be off: counts, shares of footprints, and what to draw.

Two shares say what a drawn spread leaves out: how much of a footprint is emitted where the source states no spread of
the emission, and how much of it rests on at least one number, emission or amount, of which it states none. Both are of
the gross footprint, credits counted as if they were emissions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.carbon.spreads import Spreads
from passport.errors import UnproductiveError
from passport.exchange.named_graph import NamedGraph
from passport.exchange.stated_spreads import filled

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stated:
    """How many numbers have a spread.

    Attributes:
        amounts: How many amounts there are that are not zero.
        amounts_stated: Of how many of them the source says something.
        emissions: How many direct emissions there are in one column that are not zero.
        emissions_stated: Of how many of them the source says something, if only of a part.
    """

    amounts: int
    amounts_stated: int
    emissions: int
    emissions_stated: int

    @property
    def is_all(self) -> bool:
        """Whether something is said of all of them."""
        return (self.amounts, self.emissions) == (self.amounts_stated, self.emissions_stated)


@dataclass(frozen=True, slots=True, eq=False)
class UnstatedShares:
    """Of each product, what share of its gross footprint has no stated spread; not a number where it has none.

    Attributes:
        emissions: (n,) of it is emitted where no spread of the emission is stated.
        anywhere: (n,) of it rests on at least one emission or amount without one.
    """

    emissions: Floats
    anywhere: Floats


def count_stated(named: NamedGraph, *, column: int) -> Stated:
    """How many numbers have a spread.

    Args:
        named: The graph.
        column: Which emissions count.
    """
    edges, direct = _unstated(named, column)
    is_amount, is_emission = named.graph.amount != 0, _emissions(named, column) != 0
    return Stated(
        int(is_amount.sum()),
        int((is_amount & (edges < 1)).sum()),
        int(is_emission.sum()),
        int((is_emission & (direct < 1)).sum()),
    )


def unstated_shares(named: NamedGraph, *, column: int) -> UnstatedShares:
    """What shares of all footprints have no stated spread.

    Args:
        named: The graph.
        column: Of which column of footprints.
    """
    edges, direct = _unstated(named, column)
    amount, emitted = np.abs(named.graph.amount), np.abs(_emissions(named, column))
    try:
        both = named.graph.with_numbers(amount, np.column_stack([emitted, emitted * direct])).footprints()
        stated = named.graph.with_numbers(amount * (1 - edges), emitted * (1 - direct)).footprints()
    except UnproductiveError:  # only the credits keep its loops below one: there is no gross footprint
        nothing = np.full(named.graph.n_products, np.nan)
        return UnstatedShares(nothing, nothing)
    whole = both[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        return UnstatedShares(np.clip(both[:, 1] / whole, 0, 1), np.clip(1 - stated / whole, 0, 1))


def drawn_spreads(named: NamedGraph, *, gsd: float | None = None) -> tuple[Spreads | None, Spreads | None]:
    """The spreads of amounts and of emissions to draw from; None and None where the source states none.

    Args:
        named: The graph.
        gsd: The geometric standard deviation of whatever has none stated; None: that does not move.
    """
    edges, direct = named.edge_spreads, named.direct_spreads
    if gsd is None:
        return edges, direct
    return (
        _filled(edges, named.edge_unstated, (named.graph.n_edges,), gsd),
        _filled(direct, named.direct_unstated, (named.graph.n_products,), gsd),
    )


def _filled(spreads: Spreads | None, unstated: Floats | None, shape: tuple[int, ...], gsd: float) -> Spreads:
    if spreads is None:
        return Spreads.lognormal(gsd=np.full(shape, gsd))
    return spreads if unstated is None else filled(spreads, unstated, gsd=gsd)


def _unstated(named: NamedGraph, column: int) -> tuple[Floats, Floats]:
    """(m,) and (n,) of what share of amounts and of one column of emissions nothing is said, 0 to 1."""
    graph = named.graph
    edges = _share(named.edge_spreads, named.edge_unstated, (graph.n_edges,))
    direct = _share(named.direct_spreads, named.direct_unstated, (graph.n_products,)).reshape(graph.n_products, -1)
    return edges, direct[:, column if direct.shape[1] > 1 else 0]


def _share(spreads: Spreads | None, unstated: Floats | None, shape: tuple[int, ...]) -> Floats:
    if spreads is None:
        return np.ones(shape)
    return np.zeros(spreads.shape) if unstated is None else np.clip(unstated, 0, 1)


def _emissions(named: NamedGraph, column: int) -> Any:
    return named.graph.direct.reshape(named.graph.n_products, -1)[:, column]
