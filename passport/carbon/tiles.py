"""One tile of samples through the sweep, compiled or with NumPy alone, and the moments it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from passport.carbon.distributions import Kind
from passport.carbon.first_order import InputKind, Share
from passport.carbon.normals import SAMPLES_PER_BLOCK, sample_numbers
from passport.carbon.sampled_blocks import (
    InnerEdges,
    first_gain,
    grow_plainly,
    relax_plainly,
    solve_samples,
)
from passport.carbon.spreads import Spreads
from passport.carbon.uncertain_inputs import PARAMETER, direct_inputs, edge_inputs
from passport.errors import GraphError

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph

Floats = NDArray[np.float64]

_EDGES_AT_ONCE = 2048
_ROWS_AT_ONCE = 4096
_FACTOR_LANES = 64


@dataclass(frozen=True, slots=True, eq=False)
class TileMoments:
    """Moments of the footprints over some samples; (n, K) each, in rank order.

    Attributes:
        count: How many samples have a footprint.
        mean: Their mean.
        squares: Sum of squared deviations from it.
    """

    count: NDArray[np.int64]
    mean: Floats
    squares: Floats

    @classmethod
    def nothing(cls, n: int, columns: int) -> TileMoments:
        """The moments of no samples."""
        return cls(np.zeros((n, columns), np.int64), np.zeros((n, columns)), np.zeros((n, columns)))

    def joined(self, other: TileMoments) -> TileMoments:
        """The moments of both sets of samples (Chan, Golub and LeVeque 1979)."""
        count = self.count + other.count
        step = other.mean - self.mean
        weight = other.count / np.maximum(count, 1)
        mean = self.mean + step * weight
        return TileMoments(count, mean, self.squares + other.squares + step**2 * weight * self.count)


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """What one tile left beside its footprints.

    Attributes:
        moments: Of the samples asked for.
        is_unproductive: (T,) in which samples some loop has no footprints.
        loop: Products of the first such loop.
    """

    moments: TileMoments
    is_unproductive: NDArray[np.bool_]
    loop: tuple[int, ...]


class Simulation:
    """The uncertain inputs of a graph, ready to be drawn.

    Args:
        graph: The graph; a copy of its numbers is kept.
        edges: Spreads of its amounts, or None.
        direct: Spreads of its direct emissions, or None.
        compiled: Whether to use the compiled kernels; None: if Numba is there.

    Raises:
        GraphError: The spreads do not fit the graph; or kernels are wanted, and Numba is not there.
    """

    def __init__(
        self, graph: SupplyGraph, edges: Spreads | None, direct: Spreads | None, *, compiled: bool | None
    ) -> None:
        self._kernels = _kernels(compiled)
        self._topology = topology = graph.topology
        self._edges, self._direct = edge_inputs(graph, edges), direct_inputs(graph, direct)
        self._parameters = (edges, direct)
        self._amount, self._emissions = graph.amount.copy(), graph.direct.copy()
        self._blocks = [
            InnerEdges.of(first, last, topology.indptr, topology.indices)
            for first, last in zip(topology.block_start.tolist(), topology.block_end.tolist(), strict=True)
        ]
        self._grow = self._kernels.grow if self._kernels else grow_plainly
        self._relax = self._kernels.relax if self._kernels else relax_plainly
        amounts = graph.amount[topology.edge]
        self._gains = [first_gain(block, amounts[block.places], self._grow) for block in self._blocks]
        stated = graph.footprints().reshape(graph.n_products, -1)[topology.order] if self._blocks else None
        self._guesses = [] if stated is None else [stated[block.first : block.last] for block in self._blocks]
        self._is_inner = np.zeros(topology.n_edges, dtype=np.bool_)
        for block in self._blocks:
            self._is_inner[block.places] = True

    def is_of(self, graph: SupplyGraph) -> bool:
        """Whether the graph still has the numbers that are drawn from."""
        return (
            graph.topology is self._topology
            and np.array_equal(graph.amount, self._amount)
            and np.array_equal(graph.direct, self._emissions)
        )

    def tile(self, block: int, lanes: int, seed: int, is_asked: NDArray[np.bool_], found: Floats) -> Tile:
        """Footprints of all products in the samples of a tile.

        Args:
            block: Its first block of four samples.
            lanes: Its number of blocks.
            seed: The seed.
            is_asked: (T,) which of its samples count.
            found: (n, K * T), written: the footprints in rank order.
        """
        is_unproductive = np.zeros(SAMPLES_PER_BLOCK * lanes, dtype=np.bool_)
        loop: tuple[int, ...] = ()
        sweep = partial(self._sweep_compiled, self._kernels) if self._kernels else self._sweep_plainly
        rank = 0
        for inner, gain, guess in zip(self._blocks, self._gains, self._guesses, strict=True):
            sweep(rank, inner.first, None, block, lanes, seed, found)
            values = sweep(inner.first, inner.last, inner, block, lanes, seed, found)
            outside = found[inner.first : inner.last].reshape(len(gain), guess.shape[1], -1).copy()
            solved, wrong = solve_samples(
                inner, values, outside, gain=gain, guess=guess, grow=self._grow, relax=self._relax
            )
            found[inner.first : inner.last] = solved.reshape(len(gain), -1)
            if (wrong & is_asked).any() and not loop:
                loop = tuple(self._topology.order[inner.first : inner.last].tolist())
            is_unproductive |= wrong
            rank = inner.last
        sweep(rank, len(found), None, block, lanes, seed, found)
        return Tile(self._moments(found, is_asked), is_unproductive, loop)

    def factor(self, share: Share, samples: int, seed: int, *, column: int) -> Floats:
        """(samples,) the drawn factors of one unknown; of a parameter, those of one input that has it.

        Args:
            share: Names the unknown.
            samples: How many.
            seed: The seed.
            column: Of direct emissions that are off column by column.
        """
        inputs, rows = self._row_of(share, column)
        drawn = np.empty(samples)
        for first in range(0, -(-samples // SAMPLES_PER_BLOCK), _FACTOR_LANES):
            numbers = sample_numbers(first, _FACTOR_LANES)
            is_asked = numbers < samples
            drawn[numbers[is_asked]] = inputs.factors(rows, first, _FACTOR_LANES, seed)[0, is_asked]
        return drawn

    def _row_of(self, share: Share, column: int) -> Any:
        if share.kind is InputKind.EDGE:
            return self._edges, np.flatnonzero(self._topology.edge == share.number)
        own = column if self._direct.kind.shape[1] > 1 else 0
        if share.kind is InputKind.DIRECT:
            return self._direct, (self._topology.rank[[share.number]], np.array([own]))
        is_named = (self._edges.stream == PARAMETER) & (self._edges.key == share.number)
        rows = np.flatnonzero(is_named & (self._edges.kind != Kind.FIXED))
        if len(rows):
            return self._edges, rows[:1]
        is_named = (self._direct.stream == PARAMETER) & (self._direct.key == share.number)
        ranks = np.flatnonzero((is_named & (self._direct.kind != Kind.FIXED))[:, own])
        return self._direct, (ranks[:1], np.array([own]))

    def _sweep_compiled(
        self,
        kernels: ModuleType,
        first: int,
        last: int,
        inner: InnerEdges | None,
        block: int,
        lanes: int,
        seed: int,
        found: Floats,
    ) -> Floats:
        topology, direct, edges = self._topology, self._direct, self._edges
        values = np.empty((0 if inner is None else len(inner.places), SAMPLES_PER_BLOCK * lanes))
        kernels.sweep_rows(
            first,
            last,
            direct.base.shape[1],
            topology.indptr,
            topology.indices,
            (edges.base, edges.kind, edges.scale, edges.key, edges.stream),
            (direct.base, direct.kind, direct.scale, direct.key, direct.stream),
            np.uint64(block),
            lanes,
            np.uint64(seed),
            found,
            values,
        )
        return values

    def _sweep_plainly(
        self, first: int, last: int, inner: InnerEdges | None, block: int, lanes: int, seed: int, found: Floats
    ) -> Floats:
        for start, end in self._runs(first, last):
            self._rows_plainly(start, end, block, lanes, seed, found)
        if inner is None:
            return np.empty((0, SAMPLES_PER_BLOCK * lanes))
        factors = self._edges.factors(inner.places, block, lanes, seed)
        return self._edges.base[inner.places, None] * factors

    def _runs(self, first: int, last: int) -> list[tuple[int, int]]:
        """Ranks first:last in runs that lie within one level and have a bounded number of edges."""
        topology = self._topology
        runs = []
        level = int(np.searchsorted(topology.level_ptr, first, side="right")) - 1
        while first < last:
            end = min(last, int(topology.level_ptr[level + 1]))
            while first < end:
                limit = topology.indptr[first] + _EDGES_AT_ONCE
                stop = int(np.searchsorted(topology.indptr[: end + 1], limit, side="right")) - 1
                stop = min(max(stop, first + 1), first + _ROWS_AT_ONCE, end)
                runs.append((first, stop))
                first = stop
            level += 1
        return runs

    def _rows_plainly(self, start: int, end: int, block: int, lanes: int, seed: int, found: Floats) -> None:
        topology, direct = self._topology, self._direct
        columns = direct.base.shape[1]
        width = SAMPLES_PER_BLOCK * lanes
        rows = found[start:end].reshape(end - start, columns, width)
        for column in range(direct.kind.shape[1]):
            factors = direct.factors((slice(start, end), column), block, lanes, seed)
            targets = slice(None) if direct.kind.shape[1] == 1 else slice(column, column + 1)
            rows[:, targets] = direct.base[start:end, targets, None] * factors[:, None]
        places = np.arange(topology.indptr[start], topology.indptr[end])
        consumers = np.repeat(np.arange(end - start), np.diff(topology.indptr[start : end + 1]))
        is_outer = ~self._is_inner[places]
        places, consumers = places[is_outer], consumers[is_outer]
        if not len(places):
            return
        values = self._edges.base[places, None] * self._edges.factors(places, block, lanes, seed)
        above = found[topology.indices[places]].reshape(len(places), columns, width)
        starts = np.flatnonzero(np.diff(consumers, prepend=-1))
        rows[consumers[starts]] += np.add.reduceat(values[:, None] * above, starts, axis=0)

    def _moments(self, found: Floats, is_asked: NDArray[np.bool_]) -> TileMoments:
        n, columns = self._direct.base.shape
        samples = found.reshape(n * columns, -1)
        count = np.empty(n * columns, np.int64)
        mean, squares = np.empty(n * columns), np.empty(n * columns)
        if self._kernels:
            self._kernels.moments(samples, is_asked, count, mean, squares)
        else:
            for start in range(0, n * columns, _ROWS_AT_ONCE):
                rows = slice(start, start + _ROWS_AT_ONCE)
                part = samples[rows][:, is_asked]
                is_number = ~np.isnan(part)
                count[rows] = is_number.sum(axis=1)
                mean[rows] = np.where(is_number, part, 0.0).sum(axis=1) / np.maximum(count[rows], 1)
                squares[rows] = np.where(is_number, (part - mean[rows, None]) ** 2, 0.0).sum(axis=1)
        shape = (n, columns)
        return TileMoments(count.reshape(shape), mean.reshape(shape), squares.reshape(shape))


def _kernels(compiled: bool | None) -> ModuleType | None:
    """The compiled kernels, or None for the road without them."""
    if compiled is False:
        return None
    try:
        from passport.carbon import kernels_monte_carlo
    except ImportError as error:
        if compiled:
            raise GraphError(
                "Numba is not installed", where="compiled", hint="pip install carbon-passport[fast], or compiled=None"
            ) from error
        return None
    return kernels_monte_carlo
