"""Split one product's footprint: by direct supplier, tier, tag of product or input, and by who emits.

With `f = e + A^T f`, the units of every product in one unit of product p are `s = T^-1 d_p`, and

    f_p = e_p + sum_i a_ip f_i              by direct supplier, and by a tag of those inputs (life-cycle stage)
    f_p = sum_k e^T A^k d_p                 by tier k
    f_p = sum_j s_j e_j                     by who emits, and by a tag of those who emit (country, legal entity)

Every split adds up to the footprint, own part and rest included; what is unknown is in `rest`, never left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passport.errors import GraphError

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph
    from passport.carbon.order import Topology

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DEFAULT_MAX_TIERS = 100
DEFAULT_TIER_TOLERANCE = 1e-9
MAX_GROWTH = 1e6
"""How far the paths followed may outgrow the footprint and its own inputs: more would leave too few digits of their
sum. Around a loop through displaced products they can grow without end while their sum stays what it is."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One product's footprint as parts, in the unit of the graph's direct emissions, per unit of the product.

    Numbers are scalars for a graph with one column of emissions and have K entries for one with K columns.

    Attributes:
        by: What the parts are: `supplier`, `tier`, `tag`, `input` or `origin`.
        product: Whose footprint.
        keys: What each part is: a product, a tier, or a tag. Largest part of the first column first, tiers in their
            order.
        values: (parts,) or (parts, K): the parts.
        positive: As `values`: what adds to each part.
        negative: As `values`: what takes away from each part, at most zero; `positive + negative = values`.
        own: The product's own direct emissions, where they are not among the parts.
        rest: What no part holds: inputs without a tag, tiers beyond the last one, parts too small to be listed.
        total: The footprint.
    """

    by: str
    product: int
    keys: tuple[Any, ...]
    values: Floats
    positive: Floats
    negative: Floats
    own: Floats
    rest: Floats
    total: Floats

    @property
    def gap(self) -> Floats:
        """What is between the footprint and the sum of own, parts and rest: rounding, and nothing else."""
        return np.asarray(self.total - (self.own + self.values.sum(axis=0) + self.rest))

    def count_above(self, share: float, *, column: int = 0, at_most: int | None = None) -> int:
        """How many parts are at least this share of the total, signs aside.

        Args:
            share: Of the total.
            column: Which column decides.
            at_most: No more than so many.
        """
        size = np.abs(self.values if self.values.ndim == 1 else self.values[:, column])
        count = int(np.count_nonzero(size >= share * abs(float(np.atleast_1d(self.total)[column]))))
        return count if at_most is None else min(count, at_most)

    def largest(self, count: int, *, column: int = 0) -> Breakdown:
        """The same with the parts beyond the largest `count` in the rest, largest first; tiers stay in their order.

        Args:
            count: How many parts to keep.
            column: Which column decides what is large.
        """
        size = np.abs(self.values if self.values.ndim == 1 else self.values[:, column])
        kept = np.argsort(-size, kind="stable")[:count]
        if self.by == "tier":
            kept = np.sort(kept)
        left = np.setdiff1d(np.arange(len(self.keys)), kept)
        return replace(
            self,
            keys=tuple(self.keys[k] for k in kept),
            values=self.values[kept],
            positive=self.positive[kept],
            negative=self.negative[kept],
            rest=np.asarray(self.rest + self.values[left].sum(axis=0)),
        )


def by_supplier(graph: SupplyGraph, product: int | str) -> Breakdown:
    """Split a footprint into its own direct emissions and what each direct supplier brings along.

    Args:
        graph: The graph.
        product: Whose footprint.

    Raises:
        GraphError: No such product, or no footprint.
    """
    number = graph.product_number(product)
    edges, suppliers = inputs_of(graph, number)
    terms = scaled(graph.amount[edges], graph.footprints()[suppliers])
    keys, group = np.unique(suppliers, return_inverse=True)
    values, positive, negative = _sums(terms, group, len(keys))
    order = _largest_first(values)
    own = np.asarray(graph.direct[number])
    return Breakdown(
        by="supplier",
        product=number,
        keys=tuple(int(key) for key in keys[order]),
        values=values[order],
        positive=positive[order],
        negative=negative[order],
        own=own,
        rest=np.zeros_like(own),
        total=np.asarray(graph.footprints()[number]),
    )


def by_tier(
    graph: SupplyGraph,
    product: int | str,
    *,
    max_tiers: int = DEFAULT_MAX_TIERS,
    tolerance: float = DEFAULT_TIER_TOLERANCE,
) -> Breakdown:
    """Split a footprint by how many steps up the chain it is emitted; a loop has no last tier, so there is a rest.

    Args:
        graph: The graph.
        product: Whose footprint.
        max_tiers: How many tiers to follow.
        tolerance: Follow no further once what is beyond, signs aside, is at most this share of the total, signs aside.

    Tiers that outgrow the footprint and its own inputs by more than `MAX_GROWTH` are not followed further either: their
    sum would have too few digits.

    Raises:
        GraphError: No such product, no footprint, or bounds that are none.
    """
    number = graph.product_number(product)
    if max_tiers < 0 or not tolerance >= 0:
        raise GraphError(
            "a bound below zero", expected="max_tiers >= 0 and tolerance >= 0", found=(max_tiers, tolerance)
        )
    topology, footprints = graph.topology, graph.footprints()
    total = np.asarray(footprints[number])
    amount = graph.amount
    at = np.array([topology.rank[number]], dtype=np.int64)
    units = np.ones(1)
    enough = tolerance * np.abs(total)
    values, positive, negative = [], [], []
    rest = np.zeros_like(total)
    for tier in range(max_tiers + 1):
        products = topology.order[at]
        if tier:
            terms = scaled(units, graph.direct[products])
            values.append(terms.sum(axis=0))
            positive.append(np.maximum(terms, 0).sum(axis=0))
            negative.append(np.minimum(terms, 0).sum(axis=0))
        rows, row_of = row_positions(topology, at)
        pushed = sum_per_group(amount[topology.edge[rows]] * units[row_of], topology.indices[rows], graph.n_products)
        at = np.flatnonzero(pushed)
        units = pushed[at]
        beyond = scaled(units, footprints[topology.order[at]])
        rest, gross = beyond.sum(axis=0), np.abs(beyond).sum(axis=0)
        if not tier:
            most = MAX_GROWTH * np.maximum(np.abs(total), gross)
        if not len(at) or np.all(gross <= enough) or np.any(gross > most):
            break
    shape = (len(values), *total.shape)
    return Breakdown(
        by="tier",
        product=number,
        keys=tuple(range(1, len(values) + 1)),
        values=np.array(values).reshape(shape),
        positive=np.array(positive).reshape(shape),
        negative=np.array(negative).reshape(shape),
        own=np.asarray(graph.direct[number]),
        rest=np.asarray(rest),
        total=total,
    )


def by_tag(graph: SupplyGraph, product: int | str, tags: ArrayLike | Sequence[Any]) -> Breakdown:
    """Split a footprint by a tag of those who emit: their country, legal entity, kind of process.

    The product's own emissions are in the part of its own tag.

    Args:
        graph: The graph.
        product: Whose footprint.
        tags: One per product: texts or whole numbers; None, "" and numbers below zero are no tag, and go into the rest.

    Raises:
        GraphError: No such product, no footprint, or not one tag per product.
    """
    number = graph.product_number(product)
    keys, group = tag_groups(tags, graph.n_products, "product")
    terms = scaled(graph.requirements(number), graph.direct)
    return _grouped(graph, number, "tag", keys, terms, group, own=None)


def by_input_tag(
    graph: SupplyGraph, product: int | str, tags: ArrayLike | Sequence[Any], *, own_tag: Any = None
) -> Breakdown:
    """Split a footprint by a tag of the product's own inputs, such as the life-cycle stage (A1 of EN 15804, A2, A3).

    All that a supplier brings along stands under the tag of the input: the supplier's own A1 to A3 are the buyer's A1.

    Args:
        graph: The graph.
        product: Whose footprint.
        tags: One per edge, in the caller's order: texts or whole numbers; None, "" and numbers below zero are no tag.
        own_tag: The tag of the product's own direct emissions; without one they stay apart, as `own`.

    Raises:
        GraphError: No such product, no footprint, or not one tag per edge.
    """
    number = graph.product_number(product)
    edges, suppliers = inputs_of(graph, number)
    keys, group = tag_groups(tags, graph.n_edges, "edge", at=edges)
    terms = scaled(graph.amount[edges], graph.footprints()[suppliers])
    own = np.asarray(graph.direct[number])
    if own_tag is None:
        return _grouped(graph, number, "input", keys, terms, group, own=own)
    if own_tag not in keys:
        keys = [*keys, own_tag]
    return _grouped(
        graph,
        number,
        "input",
        keys,
        np.concatenate((terms, own[None])),
        np.append(group, keys.index(own_tag)),
        own=None,
    )


def by_origin(graph: SupplyGraph, product: int | str) -> Breakdown:
    """Split a footprint by who emits it, however far up the chain: `s_j e_j`.

    Args:
        graph: The graph.
        product: Whose footprint.

    Raises:
        GraphError: No such product, or no footprint.
    """
    number = graph.product_number(product)
    units = graph.requirements(number)
    there = np.flatnonzero(units)
    terms = scaled(units[there], graph.direct[there])
    emits = np.flatnonzero(np.abs(terms).reshape(len(there), -1).sum(axis=1))
    keys = [int(there[k]) for k in emits]
    return _grouped(graph, number, "origin", keys, terms[emits], np.arange(len(emits)), own=None)


def inputs_of(graph: SupplyGraph, product: int) -> tuple[Integers, Integers]:
    """The edges into a product in the caller's numbering, and the supplier at the other end of each."""
    topology = graph.topology
    row = int(topology.rank[product])
    edges = np.asarray(topology.edge[int(topology.indptr[row]) : int(topology.indptr[row + 1])], dtype=np.int64)
    return edges, np.asarray(graph.supplier[edges], dtype=np.int64)


def row_positions(topology: Topology, ranks: Integers) -> tuple[Integers, Integers]:
    """Where the inputs of some products stand in the columns of a topology, and whose each of them is.

    Args:
        topology: The topology.
        ranks: Ranks of the consumers.

    Returns:
        Positions in `indices` and `edge`, and for each of them a position in `ranks`.
    """
    starts = topology.indptr[ranks].astype(np.int64)
    counts = topology.indptr[ranks + 1].astype(np.int64) - starts
    owner = np.repeat(np.arange(len(ranks)), counts)
    before = np.cumsum(counts) - counts
    return np.arange(len(owner)) - before[owner] + starts[owner], owner


def scaled(factors: Floats, columns: Floats) -> Floats:
    """Each row of `columns`, (n,) or (n, K), times its factor."""
    return np.asarray(factors * columns if columns.ndim == 1 else factors[:, None] * columns)


def tag_groups(
    tags: ArrayLike | Sequence[Any], count: int, what: str, *, at: Integers | None = None
) -> tuple[list[Any], Integers]:
    """The tags that occur, and the number of each product's or edge's tag among them; -1 is none.

    Args:
        tags: Texts or whole numbers, one each.
        count: How many there must be.
        what: What each is a tag of.
        at: Only these of them.

    Raises:
        GraphError: Not so many, or neither texts nor whole numbers.
    """
    given = np.asarray(tags)
    if given.ndim != 1 or len(given) != count:
        raise GraphError(f"not one tag per {what}", expected=f"{count} tags", found=f"an array of shape {given.shape}")
    if at is not None:
        given = given[at]
    if given.dtype.kind in "iu":
        codes, group = np.unique(given, return_inverse=True)
        known = int(np.searchsorted(codes, 0)) if given.dtype.kind == "i" else 0
        return [int(code) for code in codes[known:]], np.where(group < known, -1, group - known).astype(np.int64)
    if given.dtype.kind not in "OU":
        raise GraphError("tags that are neither texts nor whole numbers", found=f"dtype {given.dtype}")
    numbers: dict[Any, int] = {}
    group = np.fromiter(
        (-1 if tag is None or tag == "" else numbers.setdefault(tag, len(numbers)) for tag in given.tolist()),
        dtype=np.int64,
        count=len(given),
    )
    return list(numbers), group


def sum_per_group(terms: Floats, group: NDArray[Any], count: int) -> Floats:
    """Sums of terms, (m,) or (m, K), by the number of the group that each is in."""
    if terms.ndim == 1:
        return np.bincount(group, weights=terms, minlength=count).astype(np.float64, copy=False)
    columns = [np.bincount(group, weights=column, minlength=count) for column in terms.T]
    return np.stack(columns, axis=1) if columns else np.zeros((count, 0))


def _grouped(
    graph: SupplyGraph,
    number: int,
    by: str,
    keys: list[Any],
    terms: Floats,
    group: Integers,
    *,
    own: Floats | None,
) -> Breakdown:
    tagged = group >= 0
    values, positive, negative = _sums(terms[tagged], group[tagged], len(keys))
    order = _largest_first(values)
    total = np.asarray(graph.footprints()[number])
    return Breakdown(
        by=by,
        product=number,
        keys=tuple(keys[k] for k in order),
        values=values[order],
        positive=positive[order],
        negative=negative[order],
        own=np.zeros_like(total) if own is None else own,
        rest=np.asarray(terms[~tagged].sum(axis=0)),
        total=total,
    )


def _sums(terms: Floats, group: Integers, count: int) -> tuple[Floats, Floats, Floats]:
    """Sums per group of all terms, of those above zero, and of those below."""
    positive = sum_per_group(np.maximum(terms, 0), group, count)
    negative = sum_per_group(np.minimum(terms, 0), group, count)
    return sum_per_group(terms, group, count), positive, negative


def _largest_first(values: Floats) -> Integers:
    first = values if values.ndim == 1 else values[:, 0]
    return np.argsort(-np.abs(first), kind="stable")
