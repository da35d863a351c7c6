"""Follow a footprint up its supply chain, the heaviest path first: structural path analysis as a tree.

All footprints f are known, so a path costs no more solving: a place in the tree that takes q units of product i holds
`q f_i`, of which `q e_i` are emitted there and the rest comes with its inputs. Loops unroll: a product stands in the
tree once for each way to it. The sum of what is emitted at the places shown and of the inputs not shown is the
footprint, whatever the cut-off.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from passport.carbon.contributions import scaled
from passport.errors import GraphError

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DEFAULT_CUTOFF = 0.005
DEFAULT_MAX_NODES = 10_000
DEFAULT_MAX_DEPTH = 1_000

_Row = tuple[list[float], list[int], list[float], list[int]]
"""A product's inputs, heaviest first: weight of one unit's worth, supplier, amount, edge."""


@dataclass(frozen=True, slots=True, eq=False)
class PathTree:
    """The places of a product's supply chain that hold most of its footprint, the top first, heavier ones earlier.

    Emissions are in the unit of the graph's direct emissions per unit of the product at the top; (N,) and scalars for
    a graph with one column, (N, K) and (K,) for one with K columns.

    Attributes:
        product: Whose footprint.
        column: Which column decided what is heavy.
        cutoff: Share of the total, signs aside, below which nothing is followed.
        products: (N,) the product at each place.
        parents: (N,) the place that it is an input of; -1 at the top. Parents stand before their inputs.
        depths: (N,) steps from the top.
        edges: (N,) row of the edge that leads here, the first if there are several; -1 at the top.
        quantities: (N,) units of the product that the place takes for one unit at the top.
        values: What the place holds: all that is emitted there and above it in the chain.
        direct: What is emitted there.
        hidden: What comes with those of its inputs that are not shown.
        hidden_gross: The same with signs aside: far above `hidden` where inputs not shown cancel each other.
        total: The footprint.
        stopped_by: What kept inputs out: any of `cutoff`, `depth` and `count`.
    """

    product: int
    column: int
    cutoff: float
    products: Integers
    parents: Integers
    depths: Integers
    edges: Integers
    quantities: Floats
    values: Floats
    direct: Floats
    hidden: Floats
    hidden_gross: Floats
    total: Floats
    stopped_by: frozenset[str]

    def __len__(self) -> int:
        """How many places there are."""
        return len(self.products)

    @property
    def explained(self) -> Floats:
        """What is emitted at the places shown."""
        return np.asarray(self.direct.sum(axis=0))

    @property
    def unexplained(self) -> Floats:
        """What comes with inputs that are not shown: the total less what is explained."""
        return np.asarray(self.hidden.sum(axis=0))

    @property
    def coverage(self) -> Floats:
        """Share of the total that is emitted at the places shown; above 1 where what is not shown is negative."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.explained / self.total)

    def children(self, place: int) -> Integers:
        """The inputs shown of a place, heaviest first."""
        return np.flatnonzero(self.parents == place)

    def path(self, place: int) -> tuple[int, ...]:
        """The products from the top to a place."""
        found = []
        while place >= 0:
            found.append(int(self.products[place]))
            place = int(self.parents[place])
        return tuple(reversed(found))

    def depth_first(self) -> list[int]:
        """All places in the order in which a tree is read: each followed by what is below it, heavier first."""
        below: list[list[int]] = [[] for _ in range(len(self))]
        for place, parent in enumerate(self.parents.tolist()):
            if parent >= 0:
                below[parent].append(place)
        order, ahead = [], [0]
        while ahead:
            place = ahead.pop()
            order.append(place)
            ahead.extend(reversed(below[place]))
        return order


def follow(
    graph: SupplyGraph,
    product: int | str,
    *,
    cutoff: float = DEFAULT_CUTOFF,
    max_depth: int = DEFAULT_MAX_DEPTH,
    max_nodes: int = DEFAULT_MAX_NODES,
    column: int | str = 0,
) -> PathTree:
    """Follow the heaviest paths of a product's footprint.

    Args:
        graph: The graph.
        product: Whose footprint.
        cutoff: Follow only what holds at least this share of the total, signs aside. Where the total is zero because
            everything cancels, everything above zero is followed, within the bounds.
        max_depth: How many steps from the top to follow.
        max_nodes: How many places to show; the heaviest, as far as they can be reached over heavy ones.
        column: Number or name of the column that decides what is heavy.

    Raises:
        GraphError: No such product or column, no footprint, or a bound that is none.
    """
    number = graph.product_number(product)
    which = column_number(graph, column)
    if not (0 <= cutoff <= 1 and max_depth >= 0 and max_nodes >= 1):
        raise GraphError(
            "a bound that is none",
            expected="cutoff from 0 to 1, max_depth >= 0, max_nodes >= 1",
            found=f"{cutoff}, {max_depth}, {max_nodes}",
        )
    rows = _Rows(graph, which)
    total = float(rows.footprints[number])
    threshold = cutoff * abs(total)
    products, parents, depths, edges, quantities, shown = [number], [-1], [0], [-1], [1.0], [0]
    # An entry is one input: its weight turned negative, the place it is an input of, and its position among that
    # place's inputs, heaviest first. Only the heaviest input not yet shown of each place is in the heap.
    heap: list[tuple[float, int, int]] = []
    stopped = set()

    def offer(place: int, position: int) -> None:
        weights = rows.of(products[place])[0]
        if position == len(weights):
            return
        weight = weights[position] * abs(quantities[place])
        if weight < threshold or weight == 0:
            stopped.add("cutoff")
        elif depths[place] >= max_depth:
            stopped.add("depth")
        else:
            heappush(heap, (-weight, place, position))

    offer(0, 0)
    while heap and len(products) < max_nodes:
        _, place, position = heappop(heap)
        _, suppliers, amounts, row_edges = rows.of(products[place])
        shown[place] = position + 1
        products.append(suppliers[position])
        parents.append(place)
        depths.append(depths[place] + 1)
        edges.append(row_edges[position])
        quantities.append(quantities[place] * amounts[position])
        shown.append(0)
        offer(place, position + 1)
        offer(len(products) - 1, 0)
    if heap:
        stopped.add("count")
    place_products, place_quantities = np.array(products), np.array(quantities)
    hidden, hidden_gross = rows.hidden(place_products, place_quantities, np.array(shown))
    return PathTree(
        product=number,
        column=which,
        cutoff=cutoff,
        products=place_products,
        parents=np.array(parents),
        depths=np.array(depths),
        edges=np.array(edges),
        quantities=place_quantities,
        values=scaled(place_quantities, graph.footprints()[place_products]),
        direct=scaled(place_quantities, graph.direct[place_products]),
        hidden=hidden,
        hidden_gross=hidden_gross,
        total=np.asarray(graph.footprints()[number]),
        stopped_by=frozenset(stopped),
    )


def column_number(graph: SupplyGraph, column: int | str) -> int:
    """The number of a column of emissions given by number or name.

    Raises:
        GraphError: There is no such column.
    """
    count = 1 if graph.direct.ndim == 1 else graph.direct.shape[1]
    if isinstance(column, str):
        names = graph.columns or ()
        if column not in names:
            raise GraphError(
                "no column of that name", where="column", expected=" or ".join(names) or "no names", found=column
            )
        return names.index(column)
    if not 0 <= column < count:
        raise GraphError("no such column", where="column", expected=f"0 to {count - 1}", found=column)
    return int(column)


class _Rows:
    """The inputs of products, heaviest first, each found once."""

    def __init__(self, graph: SupplyGraph, column: int) -> None:
        self._topology = graph.topology
        self._amount = graph.amount
        self._all = graph.footprints()
        self.footprints = self._all if self._all.ndim == 1 else self._all[:, column]
        self._found: dict[int, _Row] = {}

    def of(self, product: int) -> _Row:
        """The inputs of one product."""
        found = self._found.get(product)
        if found is None:
            found = self._found[product] = self._find(product)
        return found

    def _find(self, product: int) -> _Row:
        topology = self._topology
        row = topology.rank[product]
        first, end = topology.indptr[row], topology.indptr[row + 1]
        if first == end:
            return [], [], [], []
        edges = topology.edge[first:end]
        ranks = topology.indices[first:end]
        amounts = self._amount[edges]
        if len(ranks) > 1 and (ranks[1:] == ranks[:-1]).any():  # ascending, so edges of one supplier are neighbours
            starts = np.flatnonzero(np.concatenate(([True], ranks[1:] != ranks[:-1])))
            amounts = np.add.reduceat(amounts, starts)
            ranks, edges = ranks[starts], edges[starts]
        suppliers = topology.order[ranks]
        weights = np.abs(amounts * self.footprints[suppliers])
        # What is as heavy stands in the caller's order of edges.
        order = np.lexsort((edges, -weights))
        return weights[order].tolist(), suppliers[order].tolist(), amounts[order].tolist(), edges[order].tolist()

    def hidden(self, products: Integers, quantities: Floats, shown: Integers) -> tuple[Floats, Floats]:
        """What comes with each place's inputs after the first `shown`: summed, and summed with signs aside.

        Summed over those inputs, not taken as a difference, so that nothing hidden is exactly zero.
        """
        width = self._all.shape[1:]
        hidden = np.zeros((len(products), *width))
        gross = np.zeros_like(hidden)
        by_product = np.argsort(products, kind="stable")
        bounds = np.flatnonzero(np.diff(products[by_product])) + 1
        for places in np.split(by_product, bounds):
            _, suppliers, amounts, _ = self.of(int(products[places[0]]))
            if not suppliers:
                continue
            terms = scaled(np.array(amounts), self._all[suppliers])
            nothing = np.zeros((1, *width))
            tail = np.concatenate((np.cumsum(terms[::-1], axis=0)[::-1], nothing))
            tail_gross = np.concatenate((np.cumsum(np.abs(terms)[::-1], axis=0)[::-1], nothing))
            hidden[places] = scaled(quantities[places], tail[shown[places]])
            gross[places] = scaled(np.abs(quantities[places]), tail_gross[shown[places]])
        return hidden, gross
