"""Follow a footprint up its supply chain, the heaviest path first: structural path analysis as a tree.

All footprints f are known, so a path costs no more solving: a place in the tree that takes q units of product i holds
`q f_i`, of which `q e_i` are emitted there and the rest comes with its inputs. Loops unroll: a product stands in the
tree once for each way to it. The sum of what is emitted at the places shown and of the inputs not shown is the
footprint, whatever the cut-off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from passport.carbon.contributions import MAX_GROWTH, row_positions, scaled, sum_per_group
from passport.errors import GraphError

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DEFAULT_CUTOFF = 0.005
DEFAULT_MAX_NODES = 10_000
DEFAULT_MAX_DEPTH = 1_000

_FEW = 300
_TERMS_AT_ONCE = 1 << 22

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
        stopped_by: What kept inputs out: any of `cutoff`, `depth`, `count` and `growth`.
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
    most = MAX_GROWTH * max([abs(total), *rows.of(number)[0][:1]])
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
        elif weight > most:
            stopped.add("growth")
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
    """The inputs of products, heaviest first: of one product after the other, and once many are needed, of all."""

    def __init__(self, graph: SupplyGraph, column: int) -> None:
        self._topology = graph.topology
        self._amount = graph.amount
        self._all = graph.footprints()
        self.footprints = self._all if self._all.ndim == 1 else self._all[:, column]
        self._found: dict[int, _Row] = {}
        self._sorted: _Sorted | None = None

    def of(self, product: int) -> _Row:
        """The inputs of one product."""
        found = self._found.get(product)
        if found is None:
            if self._sorted is None and len(self._found) == _FEW:
                self._sorted = self._sort(np.arange(self._topology.n_products))
            rank = int(self._topology.rank[product])
            found = self._found[product] = self._one(rank) if self._sorted is None else self._sorted.row(rank)
        return found

    def _one(self, rank: int) -> _Row:
        """As `_sort`, of one product: what most trees need a few dozen times."""
        topology = self._topology
        row = slice(int(topology.indptr[rank]), int(topology.indptr[rank + 1]))
        suppliers, edges = topology.indices[row], topology.edge[row]
        if len(suppliers) > 1 and (suppliers[1:] == suppliers[:-1]).any():
            return self._sort(np.array([rank])).row(0)
        amounts, products = self._amount[edges], topology.order[suppliers]
        weights = np.abs(amounts * self.footprints[products])
        order = np.lexsort((edges, -weights))
        return weights[order].tolist(), products[order].tolist(), amounts[order].tolist(), edges[order].tolist()

    def hidden(self, products: Integers, quantities: Floats, shown: Integers) -> tuple[Floats, Floats]:
        """What comes with each place's inputs after the first `shown`: summed, and summed with signs aside.

        Summed over those inputs, not taken as a difference, so that nothing hidden is exactly zero.
        """
        which = self._topology.rank[products].astype(np.int64)
        rows = self._sorted
        if rows is None:
            ranks, which = np.unique(which, return_inverse=True)
            rows = self._sort(ranks)
        first, end = rows.bounds[which] + shown, rows.bounds[which + 1]
        shape = (len(products), *self._all.shape[1:])
        hidden, gross = np.zeros(shape), np.zeros(shape)
        for start, stop in _chunks(end - first):
            owner = np.repeat(np.arange(start, stop), (end - first)[start:stop])
            before = np.cumsum((end - first)[start:stop]) - (end - first)[start:stop]
            at = np.arange(len(owner)) - before[owner - start] + first[owner]
            units = quantities[owner] * rows.amounts[at]
            terms = scaled(units, self._all[rows.suppliers[at]])
            hidden[start:stop] = sum_per_group(terms, owner - start, stop - start)
            gross[start:stop] = sum_per_group(np.abs(terms), owner - start, stop - start)
        return hidden, gross

    def _sort(self, ranks: Integers) -> _Sorted:
        """The inputs of products given by rank; what is as heavy stands in the caller's order of edges."""
        topology = self._topology
        positions, owner = row_positions(topology, ranks)
        suppliers, edges = topology.indices[positions], topology.edge[positions]
        amounts = self._amount[edges]
        # Suppliers ascend within a row, so edges of one supplier to one consumer are neighbours.
        again = (suppliers[1:] == suppliers[:-1]) & (owner[1:] == owner[:-1])
        if again.any():
            starts = np.flatnonzero(np.concatenate(([True], ~again)))
            amounts = np.add.reduceat(amounts, starts)
            suppliers, edges, owner = suppliers[starts], edges[starts], owner[starts]
        products = topology.order[suppliers]
        weights = np.abs(amounts * self.footprints[products])
        order = np.lexsort((edges, -weights, owner))
        bounds = np.zeros(len(ranks) + 1, dtype=np.int64)
        np.cumsum(np.bincount(owner, minlength=len(ranks)), out=bounds[1:])
        return _Sorted(bounds, weights[order], products[order], amounts[order], edges[order])


@dataclass(frozen=True, slots=True, eq=False)
class _Sorted:
    """Inputs of several products, one product's after the other's, heaviest first within each."""

    bounds: Integers
    weights: Floats
    suppliers: NDArray[np.int32]
    amounts: Floats
    edges: NDArray[np.int32]

    def row(self, number: int) -> _Row:
        first, end = int(self.bounds[number]), int(self.bounds[number + 1])
        columns = (self.weights, self.suppliers, self.amounts, self.edges)
        weights, suppliers, amounts, edges = (column[first:end].tolist() for column in columns)
        return weights, suppliers, amounts, edges


def _chunks(sizes: Integers) -> Iterator[tuple[int, int]]:
    """Runs of places whose sizes together stay within the bound, so that memory does."""
    totals = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(totals[start - 1]) if start else 0
        stop = max(int(np.searchsorted(totals, before + _TERMS_AT_ONCE, side="right")), start + 1)
        yield start, stop
        start = stop
