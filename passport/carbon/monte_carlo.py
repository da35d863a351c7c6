"""Monte Carlo: every product's footprint under many draws of the uncertain inputs, many samples side by side.

Each sample is one world: an uncertain supplier, amount or shared parameter has one value in it, whoever uses it. The
random numbers are named by seed, input and sample (see `normals`), so that the same seed gives the same bits on any
number of threads, and the same footprints to rounding in any order of rows. Memory is bounded: a tile of samples goes
through the sweep at a time and leaves its moments; whole samples are kept for the products that are asked for.

A drawn loop may need at least as much of itself as it makes: such a sample has no footprint for the products that
depend on the loop. The simulation is refused, or such samples are counted and left out; they are never lost silently.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passport.carbon.first_order import FirstOrder, Share
from passport.carbon.normals import SAMPLES_PER_BLOCK, sample_numbers
from passport.carbon.spreads import Spreads
from passport.carbon.tiles import Simulation, TileMoments
from passport.errors import GraphError, UnproductiveError

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph

Floats = NDArray[np.float64]

MAX_SAMPLES = 2**30
MAX_SEED = 2**64 - 1
MAX_BYTES = 2**30
"""How much memory the samples of a simulation may take, unless told otherwise."""

_LANES = (16, 8, 4)
_FLOAT_BYTES = 8


class Unproductive(StrEnum):
    """What to do about samples in which a loop needs at least as much of itself as it makes."""

    REFUSE = "refuse"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class SampledShare:
    """One unknown's share of a footprint's variance, found on two roads.

    Attributes:
        first_order: By the law of propagation of uncertainty.
        sampled: The squared correlation of the drawn input with the footprint; its standard error is at most about
            1 / sqrt(samples).
    """

    first_order: Share
    sampled: float


@dataclass(frozen=True, slots=True, eq=False)
class MonteCarlo:
    """What a simulation found.

    Attributes:
        samples: How many were drawn.
        seed: The seed.
        mean: (n,) or (n, K) means of the footprints.
        standard_deviation: Same shape, with the divisor N - 1.
        used: (n,) how many samples have a footprint: all, unless some were unproductive.
        unproductive: In how many samples some loop needs at least as much of itself as it makes.
        products: (P,) numbers of the products whose samples are kept.
        drawn: (samples, P, K) their footprints, in the order of the samples; not a number where there is none.
    """

    samples: int
    seed: int
    mean: Floats
    standard_deviation: Floats
    used: NDArray[np.int64]
    unproductive: int
    products: NDArray[np.int64]
    drawn: Floats
    _graph: SupplyGraph
    _simulation: Simulation
    _spreads: tuple[Spreads | None, Spreads | None]

    def of(self, product: int | str, *, column: int = 0) -> Floats:
        """(samples,) the footprints of one product whose samples are kept.

        Args:
            product: Its number or name.
            column: Of which column of emissions.

        Raises:
            GraphError: Its samples are not kept.
        """
        number = self._graph.product_number(product)
        places = np.flatnonzero(self.products == number)
        if not len(places):
            raise GraphError(
                "the samples of this product are not kept",
                where=self._graph.product_name(number),
                hint="name it in `products` of the simulation",
            )
        return self.drawn[:, places[0], column]

    def quantiles(self, product: int | str, at: ArrayLike = (0.025, 0.5, 0.975), *, column: int = 0) -> Floats:
        """Quantiles of the footprint of one product whose samples are kept.

        Args:
            product: Its number or name.
            at: Which quantiles, each from 0 to 1.
            column: Of which column of emissions.
        """
        drawn = self.of(product, column=column)
        return np.asarray(np.quantile(drawn[~np.isnan(drawn)], np.asarray(at, dtype=np.float64)))

    def shares(self, product: int | str, *, top: int = 10, column: int = 0) -> tuple[SampledShare, ...]:
        """The unknowns with the largest shares of one product's variance, largest first.

        Args:
            product: Its number or name; its samples must be kept.
            top: At most so many.
            column: Of which column of emissions.

        Raises:
            GraphError: Its samples are not kept, or the graph has other numbers by now.
        """
        drawn = self.of(product, column=column)
        if not self._simulation.is_of(self._graph):
            raise GraphError("the graph was changed since", where="graph", hint="simulate again")
        edges, direct = self._spreads
        found = FirstOrder(self._graph, edges=edges, direct=direct).variance(product).shares(top=top, column=column)
        is_used = ~np.isnan(drawn)
        shares = []
        for share in found:
            factor = self._simulation.factor(share, self.samples, self.seed, column=column)
            correlation = np.corrcoef(factor[is_used], drawn[is_used])[0, 1]
            shares.append(SampledShare(share, float(correlation**2)))
        return tuple(shares)


def simulate(
    graph: SupplyGraph,
    *,
    samples: int,
    seed: int,
    edges: Spreads | None = None,
    direct: Spreads | None = None,
    products: Iterable[int | str] | None = None,
    unproductive: Unproductive = Unproductive.REFUSE,
    threads: int | None = None,
    compiled: bool | None = None,
    max_bytes: int = MAX_BYTES,
) -> MonteCarlo:
    """Draw the uncertain inputs and compute every product's footprint, many times.

    Args:
        graph: The graph.
        samples: How many worlds, 2 or more.
        seed: 0 to 2^64 - 1.
        edges: Spreads of the m amounts; None: they are exact.
        direct: Spreads of the n (or n x K) direct emissions; None: they are exact. One spread per product for K columns
            means that they are off together.
        products: Whose samples are kept, by number or name.
        unproductive: What to do about samples without footprints.
        threads: How many threads; None: one per processor, as far as memory allows. The result does not depend on it.
        compiled: Whether to use the compiled kernels; None: if Numba is there.
        max_bytes: How much memory the samples may take.

    Raises:
        GraphError: The spreads do not fit the graph, numbers are out of range, or more samples are to be kept than fit.
        UnproductiveError: A sample has no footprints, and that is to be refused.
    """
    samples, seed = _whole(samples, "samples", 2, MAX_SAMPLES), _whole(seed, "seed", 0, MAX_SEED)
    n, columns = graph.n_products, graph.direct.reshape(graph.n_products, -1).shape[1]
    if unproductive not in tuple(Unproductive):
        raise GraphError("unknown rule", where="unproductive", expected="refuse or count", found=repr(unproductive))
    asked = np.array([graph.product_number(product) for product in products or ()], dtype=np.int64)
    if samples * len(asked) * columns * _FLOAT_BYTES > max_bytes:
        raise GraphError(
            "the samples asked for do not fit",
            where="products",
            expected=f"at most {max_bytes // (samples * columns * _FLOAT_BYTES)} products",
            found=len(asked),
            hint="ask for fewer products, or raise `max_bytes`",
        )
    simulation = Simulation(graph, edges, direct, compiled=compiled)
    lanes = min(_lanes(n * columns, max_bytes), math.ceil(samples / SAMPLES_PER_BLOCK))
    workers = _workers(threads, n * columns * lanes, max_bytes)
    sums = TileMoments.nothing(n, columns)
    drawn = np.empty((samples, len(asked), columns))
    ranks = graph.topology.rank[asked]
    bad = 0
    width = SAMPLES_PER_BLOCK * lanes
    first_blocks = range(0, math.ceil(samples / SAMPLES_PER_BLOCK), lanes)
    buffers = [np.empty((n, columns * width)) for _ in range(min(workers, len(first_blocks)))]
    with ThreadPoolExecutor(max_workers=len(buffers)) as pool:
        for start in range(0, len(first_blocks), len(buffers)):
            blocks = first_blocks[start : start + len(buffers)]
            numbers = [sample_numbers(block, lanes) for block in blocks]
            jobs = [
                pool.submit(simulation.tile, block, lanes, seed, number < samples, buffer)
                for block, number, buffer in zip(blocks, numbers, buffers, strict=False)
            ]
            for job, number, buffer in zip(jobs, numbers, buffers, strict=False):
                tile = job.result()
                is_asked = number < samples
                wrong = tile.is_unproductive & is_asked
                if wrong.any() and unproductive == Unproductive.REFUSE:
                    raise _refusal(graph, tile.loop, int(number[wrong].min()))
                bad += int(np.count_nonzero(wrong))
                sums = sums.joined(tile.moments)
                kept = buffer.reshape(n, columns, width)[ranks]
                drawn[number[is_asked]] = kept[:, :, is_asked].transpose(2, 0, 1)
    order = graph.topology.rank
    shape = graph.direct.shape
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = np.sqrt(sums.squares / (sums.count - 1))
    mean = np.where(sums.count > 0, sums.mean, np.nan)
    return MonteCarlo(
        samples,
        seed,
        mean[order].reshape(shape),
        deviation[order].reshape(shape),
        sums.count[order, 0],
        bad,
        asked,
        drawn,
        graph,
        simulation,
        (edges, direct),
    )


def _refusal(graph: SupplyGraph, loop: Sequence[int], sample: int) -> UnproductiveError:
    return UnproductiveError(
        "a drawn loop needs at least as much of itself as it makes",
        loop=tuple(loop),
        where=" -> ".join(graph.product_name(number) for number in loop[:20]),
        found=f"sample {sample}",
        hint="its amounts are spread too widely to be true; or count such samples: unproductive=Unproductive.COUNT",
    )


def _whole(number: int, where: str, low: int, high: int) -> int:
    if isinstance(number, bool) or int(number) != number or not low <= number <= high:
        raise GraphError("out of range", where=where, expected=f"a whole number, {low} to {high}", found=number)
    return int(number)


def _lanes(numbers: int, max_bytes: int) -> int:
    """Blocks of four samples that go side by side; it depends on the graph only, so that results do."""
    for lanes in _LANES:
        if numbers * lanes * SAMPLES_PER_BLOCK * _FLOAT_BYTES <= max_bytes // 2:
            return lanes
    return _LANES[-1]


def _workers(threads: int | None, numbers: int, max_bytes: int) -> int:
    wanted = os.cpu_count() or 1 if threads is None else _whole(threads, "threads", 1, 1024)
    fit = max_bytes // (numbers * SAMPLES_PER_BLOCK * _FLOAT_BYTES)
    return max(1, min(wanted, fit))
