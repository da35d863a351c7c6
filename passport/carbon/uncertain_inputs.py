"""The inputs of a simulation in the order of the sweep: base, spread, and the name of the random numbers of each.

The name of an input's random numbers is its stream (edge, direct emission, or shared parameter) with its key, so that
inputs which share a parameter share its numbers, and nothing depends on the order of rows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from passport.carbon import normals
from passport.carbon.distributions import Kind
from passport.carbon.spreads import Spreads
from passport.errors import GraphError

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph

Floats = NDArray[np.float64]

EDGE, DIRECT, PARAMETER = 0, 1, 2
"""Streams of random numbers; the column of a direct emission with numbers of its own stands above, times 256."""

_COLUMN = 256
_KEY_BYTES = 8


@dataclass(frozen=True, slots=True, eq=False)
class UncertainInputs:
    """Inputs that are drawn: rows, and for direct emissions columns.

    Attributes:
        base: (rows,) or (rows, K): what the drawn factor multiplies; the median of a lognormal input.
        kind: (rows,) or (rows, 1 or K) uint8, values of `Kind`; one column: all columns have one factor.
        scale: Same shape as `kind`: see `Spread`.
        key: Same shape, uint64.
        stream: Same shape, uint64.
    """

    base: Floats
    kind: NDArray[np.uint8]
    scale: Floats
    key: NDArray[np.uint64]
    stream: NDArray[np.uint64]

    def factors(self, rows: Any, first_block: int, lanes: int, seed: int) -> Floats:
        """What the base of some rows is multiplied by in each sample of a tile.

        Args:
            rows: A slice or row numbers; with columns, a pair of them.
            first_block: The tile's first block of four samples.
            lanes: Its number of blocks.
            seed: Of the simulation.

        Returns:
            (rows, 4 * lanes), columns as in `normals.normals`.
        """
        kind, scale = self.kind[rows], self.scale[rows]
        found = np.ones((len(kind), normals.SAMPLES_PER_BLOCK * lanes))
        drawn = np.flatnonzero(kind != Kind.FIXED)
        if len(drawn):
            numbers = normals.normals(self.key[rows][drawn], self.stream[rows][drawn], first_block, lanes, seed)
            numbers *= scale[drawn, None]
            is_normal = kind[drawn] == Kind.NORMAL
            found[drawn] = normals.exp(numbers)
            if is_normal.any():
                found[drawn[is_normal]] = 1.0 + numbers[is_normal]
        return found


def edge_inputs(graph: SupplyGraph, spreads: Spreads | None) -> UncertainInputs:
    """The amounts of a graph's edges, in the order of its topology.

    Raises:
        GraphError: The spreads are not one per edge.
    """
    edge = graph.topology.edge
    if spreads is None:
        return _fixed(graph.amount[edge], (graph.n_edges,))
    if spreads.shape != (graph.n_edges,):
        raise _wrong_shape("edges", f"({graph.n_edges},)", spreads)
    keys = graph.edge_ids if spreads.keys is None else spreads.keys
    return _inputs(graph.amount, spreads, keys, edge, np.uint64(EDGE))


def direct_inputs(graph: SupplyGraph, spreads: Spreads | None) -> UncertainInputs:
    """The direct emissions of a graph's products, (n, K) in the order of its topology.

    Raises:
        GraphError: The spreads are neither one per product nor one per product and column.
    """
    n, order = graph.n_products, graph.topology.order
    base = graph.direct.reshape(n, -1)
    if spreads is None:
        return _fixed(base[order], (n, 1))
    if spreads.shape not in ((n,), (n, 1), base.shape):
        raise _wrong_shape("direct", f"({n},) or {base.shape}", spreads)
    columns = 1 if len(spreads.shape) == 1 else spreads.shape[1]
    keys = product_keys(graph) if spreads.keys is None else spreads.keys
    flat = Spreads(
        spreads.kind.reshape(n, columns),
        spreads.scale.reshape(n, columns),
        spreads.is_mean.reshape(n, columns),
        spreads.parameter.reshape(n, columns),
    )
    stream = (np.uint64(DIRECT) + np.uint64(_COLUMN) * np.arange(columns, dtype=np.uint64))[None, :]
    return _inputs(base, flat, keys[:, None], order, stream)


def product_keys(graph: SupplyGraph) -> NDArray[np.uint64]:
    """What keys the random numbers of each product: a hash of its name, else its number."""
    if graph.products is None:
        return np.arange(graph.n_products, dtype=np.uint64)
    digests = b"".join(hashlib.blake2b(name.encode(), digest_size=_KEY_BYTES).digest() for name in graph.products)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _inputs(base: Floats, spreads: Spreads, keys: Any, order: NDArray[np.int32], stream: Any) -> UncertainInputs:
    is_shared = spreads.parameter >= 0
    kind = np.where(spreads.scale > 0, spreads.kind, Kind.FIXED).astype(np.uint8)
    return UncertainInputs(
        (base * spreads.median_factor)[order],
        kind[order],
        spreads.scale[order],
        np.where(is_shared, spreads.parameter.astype(np.uint64), keys)[order],
        np.where(is_shared, np.uint64(PARAMETER), stream)[order],
    )


def _fixed(base: Floats, shape: tuple[int, ...]) -> UncertainInputs:
    nothing = np.zeros(shape, dtype=np.uint64)
    return UncertainInputs(base, np.zeros(shape, np.uint8), np.zeros(shape), nothing, nothing)


def _wrong_shape(where: str, expected: str, found: Spreads) -> GraphError:
    return GraphError("the spreads do not fit the graph", where=where, expected=f"shape {expected}", found=found.shape)
