"""The numbers behind charts of one footprint: tree, Sankey, waterfall and treemap, each adding up to the total.

Every chart carries its unit and basis, holds what it does not show as `hidden`, and shows negative parts below zero.
Drawing is somebody else's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from passport.carbon.contributions import Breakdown
from passport.carbon.paths import DEFAULT_CUTOFF, PathTree, column_number

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph

Floats = NDArray[np.float64]

DEFAULT_SANKEY_CUTOFF = 0.01
DEFAULT_SANKEY_NODES = 24


@dataclass(frozen=True, slots=True)
class Basis:
    """What the numbers of a chart are.

    Attributes:
        subject: The product's name.
        unit: Of every number, such as "kg CO2e".
        per: How much of the product they are for, such as "1 kWh".
        boundary: What is inside, such as "cradle to gate".
        column: Which column of emissions, where there are several.
    """

    subject: str
    unit: str
    per: str
    boundary: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Captions:
    """What the products of a graph are called.

    Attributes:
        names: One per product.
        marks: What is known of a product's footprint beyond its number: "withheld", "imported", "unknown".
    """

    names: Sequence[str]
    marks: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: SupplyGraph) -> Captions:
        """The graph's own names."""
        return cls([graph.product_name(number) for number in range(graph.n_products)])


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a tree; `value = direct + hidden + values of the places below`.

    Attributes:
        number: Its number; the top's is 0.
        parent: The place it is an input of, None at the top.
        depth: Steps from the top.
        name: Of the product.
        mark: See `Captions`.
        quantity: Units of the product for one unit at the top.
        value: What it holds.
        direct: What is emitted there.
        hidden: What comes with inputs that are not shown.
    """

    number: int
    parent: int | None
    depth: int
    name: str
    mark: str | None
    quantity: float
    value: float
    direct: float
    hidden: float


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of places, each followed by what is below it."""

    basis: Basis
    places: tuple[Place, ...]
    total: float

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Node:
    """A product in a Sankey, once however many ways lead to it.

    What comes in leaves again: `inflow + own + hidden_in = value = outflow + hidden_out`, and what leaves the product
    at the top beyond its outflow is the total.

    Attributes:
        product: Its number in the graph.
        name: Its name.
        mark: See `Captions`.
        value: All that passes through it.
        own: What is emitted there.
        hidden_in: What comes with its inputs from products that are not shown.
        hidden_out: What leaves it to products that are not shown.
    """

    product: int
    name: str
    mark: str | None
    value: float
    own: float
    hidden_in: float
    hidden_out: float


@dataclass(frozen=True, slots=True)
class Flow:
    """What one product hands on to another, both as positions among the nodes."""

    source: int
    target: int
    value: float


@dataclass(frozen=True, slots=True)
class Sankey:
    """Nodes and flows of one footprint; the first node is the product whose it is."""

    basis: Basis
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    total: float

    def imbalances(self) -> list[float]:
        """For each node what comes in less what leaves; zero but for rounding."""
        balance = [node.own + node.hidden_in - node.hidden_out for node in self.nodes]
        balance[0] -= self.total
        for flow in self.flows:
            balance[flow.source] -= flow.value
            balance[flow.target] += flow.value
        return balance

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


class StepKind(StrEnum):
    """What a step of a waterfall is."""

    OWN = "own"
    PART = "part"
    REST = "rest"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall, from the sum of all before it to the sum with it; credits go down."""

    kind: StepKind
    name: str
    mark: str | None
    value: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Steps from nothing to the total, which is the last one."""

    basis: Basis
    by: str
    steps: tuple[Step, ...]
    total: float

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of a treemap.

    Attributes:
        group: The direct supplier it comes with; the product itself for its own emissions.
        name: Who emits it; None for what comes with inputs that are not shown.
        mark: See `Captions`.
        value: How much; below zero for a credit or removal, which has an area all the same.
    """

    group: str
    name: str | None
    mark: str | None
    value: float


@dataclass(frozen=True, slots=True)
class Treemap:
    """Tiles whose values add up to the total; tiles of one group stand together, larger groups first."""

    basis: Basis
    tiles: tuple[Tile, ...]
    total: float

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def tree_chart(tree: PathTree, basis: Basis, captions: Captions) -> Tree:
    """The places of a path analysis in the order in which a tree is read."""
    order = tree.depth_first()
    number_of = {place: number for number, place in enumerate(order)}
    values, direct, hidden = (_column(array, tree.column) for array in (tree.values, tree.direct, tree.hidden))
    places = tuple(
        Place(
            number=number,
            parent=number_of.get(int(tree.parents[place])),
            depth=int(tree.depths[place]),
            name=captions.names[int(tree.products[place])],
            mark=captions.marks.get(int(tree.products[place])),
            quantity=float(tree.quantities[place]),
            value=float(values[place]),
            direct=float(direct[place]),
            hidden=float(hidden[place]),
        )
        for number, place in enumerate(order)
    )
    return Tree(basis, places, _total(tree))


def sankey_chart(
    graph: SupplyGraph,
    product: int | str,
    basis: Basis,
    captions: Captions,
    *,
    cutoff: float = DEFAULT_SANKEY_CUTOFF,
    max_nodes: int = DEFAULT_SANKEY_NODES,
    column: int | str = 0,
) -> Sankey:
    """Nodes and flows: with s units of each product, an edge hands on `s_j a_ij f_i` and a node emits `s_i e_i`.

    Args:
        graph: The graph.
        product: Whose footprint.
        basis: What the numbers are.
        captions: What the products are called.
        cutoff: Show only products through which at least this share of the total passes, signs aside.
        max_nodes: Show only so many: those with a mark, then the largest.
        column: Number or name of the column of emissions.

    Raises:
        GraphError: No such product or column, or no footprint.
    """
    number = graph.product_number(product)
    which = column_number(graph, column)
    footprints, direct = _column(graph.footprints(), which), _column(graph.direct, which)
    units = graph.requirements(number)
    passing = units * footprints
    total = float(footprints[number])
    size = np.abs(passing)
    size[number] = np.inf
    there = np.flatnonzero((size >= cutoff * abs(total)) & (size > 0))
    is_marked = np.isin(there, list(captions.marks))
    # What could not be broken down is shown before what is merely larger.
    shown = there[np.lexsort((-size[there], ~is_marked & (there != number), there != number))][:max_nodes]
    node_of = np.full(graph.n_products, -1, dtype=np.int64)
    node_of[shown] = np.arange(len(shown))

    edges = np.flatnonzero(units[graph.consumer])
    supplier, consumer = graph.supplier[edges], graph.consumer[edges]
    handed = units[consumer] * graph.amount[edges] * footprints[supplier]
    source, target = node_of[supplier], node_of[consumer]
    count = len(shown)
    enters, leaves, inside = (source < 0) & (target >= 0), (source >= 0) & (target < 0), (source >= 0) & (target >= 0)
    hidden_in = np.bincount(target[enters], weights=handed[enters], minlength=count)
    hidden_out = np.bincount(source[leaves], weights=handed[leaves], minlength=count)
    pairs, which_pair = np.unique(source[inside] * count + target[inside], return_inverse=True)
    sums = np.bincount(which_pair, weights=handed[inside], minlength=len(pairs))
    nodes = tuple(
        Node(
            product=int(at),
            name=captions.names[int(at)],
            mark=captions.marks.get(int(at)),
            value=float(passing[at]),
            own=float(units[at] * direct[at]),
            hidden_in=float(hidden_in[node]),
            hidden_out=float(hidden_out[node]),
        )
        for node, at in enumerate(shown)
    )
    flows = tuple(
        Flow(int(pair) // count, int(pair) % count, float(value))
        for pair, value in zip(pairs, sums, strict=True)
        if value
    )
    return Sankey(basis, nodes, flows, total)


def waterfall_chart(
    breakdown: Breakdown, basis: Basis, names: Sequence[str], *, marks: Sequence[str | None] = (), column: int = 0
) -> Waterfall:
    """Steps of a breakdown: own, the parts in their order, the rest if there is any, the total.

    Args:
        breakdown: The parts; `largest` keeps it short.
        basis: What the numbers are.
        names: What the parts are called.
        marks: One per part, see `Captions`; none if left out.
        column: Number of the column of emissions.
    """
    parts = _column(breakdown.values, column)
    own, rest, total = (float(np.atleast_1d(each)[column]) for each in (breakdown.own, breakdown.rest, breakdown.total))
    steps: list[Step] = []

    def add(kind: StepKind, name: str, mark: str | None, value: float) -> None:
        start = steps[-1].end if steps else 0.0
        steps.append(Step(kind, name, mark, value, start, start + value))

    if own:
        add(StepKind.OWN, basis.subject, None, own)
    for name, mark, value in zip(names, marks or [None] * len(names), parts, strict=True):
        add(StepKind.PART, name, mark, float(value))
    if rest:
        add(StepKind.REST, "", None, rest)
    steps.append(Step(StepKind.TOTAL, basis.subject, None, total, 0.0, total))
    return Waterfall(basis, breakdown.by, tuple(steps), total)


def treemap_chart(tree: PathTree, basis: Basis, captions: Captions) -> Treemap:
    """Who emits, grouped by the direct supplier it comes with; a product that a group reaches twice is one tile."""
    direct, hidden = _column(tree.direct, tree.column), _column(tree.hidden, tree.column)
    group_of: list[int] = []
    sums: dict[tuple[int, int | None], float] = {}
    for place, (parent, product) in enumerate(zip(tree.parents.tolist(), tree.products.tolist(), strict=True)):
        # The places below the top come before their inputs, so a parent's group is known.
        group_of.append(place if parent <= 0 else group_of[parent])
        group = group_of[place]
        sums[group, product] = sums.get((group, product), 0.0) + float(direct[place])
        sums[group, None] = sums.get((group, None), 0.0) + float(hidden[place])
    size: dict[int, float] = {}
    for (group, _), value in sums.items():
        size[group] = size.get(group, 0.0) + abs(value)
    ordered = sorted((key for key, value in sums.items() if value), key=lambda key: _tile_rank(key, size, sums))
    tiles = tuple(
        Tile(
            group=captions.names[int(tree.products[group])],
            name=None if product is None else captions.names[product],
            mark=captions.marks.get(product) if product is not None else None,
            value=sums[group, product],
        )
        for group, product in ordered
    )
    return Treemap(basis, tiles, _total(tree))


def _tile_rank(
    key: tuple[int, int | None], size: Mapping[int, float], sums: Mapping[tuple[int, int | None], float]
) -> tuple[float, int, bool, float]:
    """Larger groups first; inside a group larger tiles first and what is hidden last."""
    group, product = key
    return (-size[group], group, product is None, -abs(sums[key]))


def _column(array: Floats, column: int) -> Floats:
    return array if array.ndim == 1 else array[:, column]


def _total(tree: PathTree) -> float:
    return float(np.atleast_1d(tree.total)[tree.column])


__all__ = [
    "DEFAULT_CUTOFF",
    "Basis",
    "Captions",
    "Flow",
    "Node",
    "Place",
    "Sankey",
    "Step",
    "StepKind",
    "Tile",
    "Tree",
    "Treemap",
    "Waterfall",
    "sankey_chart",
    "tree_chart",
    "treemap_chart",
    "waterfall_chart",
]
