"""How far the numbers of inventories may be off, for the spreads of a graph: by the `uncertainty` of their inputs.

An input with a product is an edge, and its spread that of the edge's amount. All other rows of one inventory together
are the direct emissions of its product, column by column to first order, as a statement combines them: rows of one
factor, or of one input of electricity, are one unknown. A factor that several inventories use is drawn for each of them
by itself, which the notes say: shared factors make the true spread larger.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from passport.arithmetic.uncertainty import LOGNORMAL, unknowns_of
from passport.carbon.distributions import MAX_SIGMA, Kind
from passport.errors import DocumentError
from passport.exchange.stated_spreads import StatedSpreads, combined
from passport.model.inputs import Uncertainty

SHARED = "factors with a spread that several inventories use are drawn for each of them by itself"


@dataclass(slots=True)
class InventorySpreads:
    """What the rows of many inventories state, as it is read."""

    _edges: list[tuple[int, float, bool]] = field(default_factory=list)
    _rows: list[tuple[int, float, bool]] = field(default_factory=list)
    _terms: list[tuple[int, int, str, float]] = field(default_factory=list)
    _unknowns: list[int] = field(default_factory=list)
    _number: dict[tuple[int, str], int] = field(default_factory=dict)
    _users: dict[str, set[int]] = field(default_factory=dict)

    def add_edge(self, stated: Uncertainty | None, *, where: str) -> None:
        """The next edge.

        Raises:
            DocumentError: More than the engine draws.
        """
        self._edges.append(_spread(stated, where))

    def add_rows(
        self,
        product: int,
        rows: Sequence[tuple[Mapping[str, Any], Uncertainty | None, Mapping[str, float], str]],
    ) -> None:
        """All other rows of a product.

        Args:
            product: Its number.
            rows: Each with its spread, what it adds to which column, and where it stands.

        Raises:
            DocumentError: More than the engine draws.
        """
        names = unknowns_of([row for row, _, _, _ in rows])
        for (_, stated, parts, where), name in zip(rows, names, strict=True):
            unknown = self._number.setdefault((product, name), len(self._number))
            if stated is not None and name.startswith("factor "):
                self._users.setdefault(name, set()).add(product)
            self._terms += [(len(self._rows), product, column, value) for column, value in parts.items()]
            self._rows.append(_spread(stated, where))
            self._unknowns.append(unknown)

    def edges(self) -> StatedSpreads:
        """The spreads of the edges, in their order."""
        return _column(self._edges)

    def direct(self, products: int, columns: Sequence[str]) -> StatedSpreads:
        """(products, columns) the spreads of the direct emissions."""
        place = {name: number for number, name in enumerate(columns)}
        rows = np.array([row for row, _, _, _ in self._terms], dtype=np.int64)
        cells = np.array(
            [product * len(columns) + place[column] for _, product, column, _ in self._terms], dtype=np.int64
        )
        values = np.array([value for _, _, _, value in self._terms], dtype=np.float64)
        unknowns = np.array(self._unknowns, dtype=np.int64)[rows]
        stated = _column(self._rows).rows(rows)
        return combined(cells, values, stated, count=products * len(columns), unknown=unknowns).reshaped(
            products, len(columns)
        )

    def notes(self) -> tuple[str, ...]:
        """What is not as it should be."""
        shared = sum(len(users) > 1 for users in self._users.values())
        return (f"{shared} {SHARED}",) if shared else ()


def _spread(stated: Uncertainty | None, where: str) -> tuple[int, float, bool]:
    """Kind and scale as the engine has them, and whether anything is stated."""
    if stated is None:
        return Kind.FIXED, 0.0, False
    if stated.distribution == LOGNORMAL:
        scale = math.log(stated.spread)
        return Kind.LOGNORMAL if scale else Kind.FIXED, scale, True
    scale = float(stated.spread / Decimal(100))
    if scale > MAX_SIGMA:
        expected = f"at most {100 * MAX_SIGMA:g} %"
        raise DocumentError("a spread that cannot be drawn", where=where, expected=expected, found=stated.spread)
    return Kind.NORMAL if scale else Kind.FIXED, scale, True


def _column(rows: Sequence[tuple[int, float, bool]]) -> StatedSpreads:
    return StatedSpreads(
        np.array([kind for kind, _, _ in rows], dtype=np.uint8),
        np.array([scale for _, scale, _ in rows], dtype=np.float64),
        np.zeros(len(rows), dtype=np.bool_),
        np.array([0.0 if is_stated else 1.0 for _, _, is_stated in rows]),
    )
