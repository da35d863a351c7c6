"""Updates: one product's direct emissions among a million, with old, new and delta of every product affected."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench import Bench
from benchmarks.engine_graphs import HUB_SKEW, Edges, tiered
from benchmarks.measure import elapsed_s
from benchmarks.result import Result, cost
from passport.carbon import SupplyGraph
from passport.carbon.kernels import Kernel

NARROW_SKEW = 5.0
"""With this, half of all products are needed by fewer than thirty others, as in trade most have few customers."""

AIM_S = 50e-6
"""What half of all updates are to stay below."""

AIM_OF_SOLVE = 1 / 3
"""19 in 20 updates are to take no more than three full solves."""

_PRODUCTS = 400
_EDGES = 5
_SHARE = 95


@dataclass(frozen=True, slots=True)
class _Updates:
    """What updates took.

    Attributes:
        update_s: (c,) seconds of processor time each, the best of the rounds.
        affected: (c,) how many footprints changed.
        solve_s: A full warm solve of the same graph: new numbers in, all footprints out.
    """

    update_s: NDArray[np.float64]
    affected: NDArray[np.int64]
    solve_s: float


def run(bench: Bench) -> Iterator[Result]:
    """Products with few users and with many, the road without numba, and edges."""
    n = bench.count(1_000_000, quick=50_000)
    edges = tiered(n, hub_skew=NARROW_SKEW)
    graph, found = _measure(bench, edges, "numba")
    what = _what(n, found)
    yield cost(
        "update_median",
        f"change {what}: median",
        ours=float(np.median(found.update_s)) * 1e6,
        reference=AIM_S * 1e6,
        reference_name="what is aimed at",
        unit="us",
        goal=1.0,
    )
    yield _tail("update_tail", f"change {what}: {_SHARE}th percentile", found, "numba")
    yield _restructuring(bench, graph, edges)
    plain = _measure(bench, edges, "numpy")[1]
    yield _half("update_median_numpy", f"change {_what(n, plain)}, without numba: median", plain, "NumPy and SciPy")
    yield _tail("update_tail_numpy", f"the same without numba: {_SHARE}th percentile", plain, "NumPy and SciPy")
    del graph
    wide = _measure(bench, tiered(n, hub_skew=HUB_SKEW), "numba")[1]
    yield _half("update_median_wide", f"change {_what(n, wide)}, more used: median", wide, "numba")
    yield _tail("update_tail_wide", f"the same: {_SHARE}th percentile", wide, "numba")


def _what(n: int, found: _Updates) -> str:
    middle, many = (int(np.percentile(found.affected, share)) for share in (50, _SHARE))
    return (
        f"one of {n:,} products' emissions ({middle:,} footprints in the median, {many:,} in the {_SHARE}th percentile)"
    )


def _half(name: str, what: str, found: _Updates, kernel: str) -> Result:
    return cost(
        name,
        what,
        ours=float(np.median(found.update_s)) * 1e6,
        reference=found.solve_s * 1e6,
        reference_name=f"a full warm solve ({kernel})",
        unit="us",
    )


def _tail(name: str, what: str, found: _Updates, kernel: str) -> Result:
    return cost(
        name,
        what,
        ours=float(np.percentile(found.update_s, _SHARE)) * 1e3,
        reference=found.solve_s * 1e3,
        reference_name=f"a full warm solve ({kernel})",
        unit="ms",
        goal=AIM_OF_SOLVE,
    )


def _graph(edges: Edges, kernel: Kernel) -> SupplyGraph:
    return SupplyGraph.from_edges(edges.supplier, edges.consumer, edges.amount, edges.direct, kernel=kernel)


def _measure(bench: Bench, edges: Edges, kernel: Kernel) -> tuple[SupplyGraph, _Updates]:
    """Update products at random, all of them once a round, and solve in full between the rounds."""
    graph = _graph(edges, kernel)
    graph.update(direct={0: 1.0})
    chosen = np.random.default_rng(50).choice(edges.n_products, min(_PRODUCTS, edges.n_products), replace=False)
    emissions = dict(zip(chosen.tolist(), edges.direct[chosen].tolist(), strict=True))
    rounds = 4 * bench.tries
    update_s, affected = np.full((rounds, len(chosen)), np.inf), np.zeros(len(chosen), dtype=np.int64)
    solve_s = np.inf
    for turn in range(rounds):
        other = graph.with_numbers(direct=edges.direct * (turn + 2.0))
        solve_s = min(solve_s, _time(other.footprints))
        del other
        gc.collect()
        for place, (product, emission) in enumerate(emissions.items()):
            direct = {product: emission * (turn + 2.0)}
            start = elapsed_s()
            changes = graph.update(direct=direct)
            update_s[turn, place] = elapsed_s() - start
            affected[place] = changes.n_affected
    if not np.allclose(graph.footprints(), graph.with_numbers().footprints(), rtol=1e-12, atol=0):
        raise ValueError("updates and a full solve have different footprints")
    return graph, _Updates(update_s.min(axis=0), affected, solve_s)


def _restructuring(bench: Bench, graph: SupplyGraph, edges: Edges) -> Result:
    """Add an edge between random products and take it away again, against ordering and solving everything anew."""
    random = np.random.default_rng(51)
    rank, m = graph.topology.rank, graph.n_edges
    ours_s, reference_s = [], []
    for _ in range(_EDGES if not bench.is_quick else 2):
        supplier, consumer = sorted(random.choice(edges.n_products, 2, replace=False).tolist(), key=rank.__getitem__)
        add, remove = ([supplier], [consumer], [0.01]), [m]
        ours_s.append(_time(lambda add=add: graph.update(add_edges=add)))
        ours_s.append(_time(lambda remove=remove: graph.update(remove_edges=remove)))
        fresh = _graph(edges, "numba")
        reference_s.append(_time(lambda fresh=fresh: (fresh.topology, fresh.footprints())))
    return cost(
        "update_edge",
        f"add or remove an edge among {m:,}",
        ours=float(np.median(ours_s)) * 1e3,
        reference=float(np.median(reference_s)) * 1e3,
        reference_name="order and solve everything anew",
        unit="ms",
    )


def _time(job: Callable[[], object]) -> float:
    """The time that passes: a full solve is shared between threads."""
    start = elapsed_s()
    job()
    return elapsed_s() - start
