"""A thousand samples of all footprints, all amounts and emissions uncertain, against bw2calc for one footprint."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import engine_graphs
from benchmarks.bench import Bench
from benchmarks.measure import side_by_side
from benchmarks.result import Result, cost
from passport.carbon import FirstOrder, Spreads, SupplyGraph

PRODUCTS = 100_000
SAMPLES = 1000
GSD_EDGES = 1.2
GSD_DIRECT = 1.35
GOAL = 15.0
_ROUNDS = 4
_PEER_ITERATIONS = 5
_NUMPY_SAMPLES = 64
_SEED = 20240229


class Peer:
    """bw2calc's Monte Carlo with the same matrices and distributions, for one product.

    Of its solvers this is the one that finishes: those that factorize the matrix do not in minutes.

    Args:
        graph: The graph.
        product: Whose footprint.
    """

    name = "bw2calc JacobiGMRESLCA, one product"

    def __init__(self, graph: SupplyGraph, product: int) -> None:
        import bw2calc
        import bw_processing

        n = graph.n_products
        self._package = bw_processing.create_datapackage()
        rows = np.concatenate((np.arange(n), graph.supplier))
        columns = np.concatenate((np.arange(n), graph.consumer))
        amounts = np.concatenate((np.ones(n), graph.amount))
        gsd = np.concatenate((np.ones(n), np.full(graph.n_edges, GSD_EDGES)))
        self._add("technosphere_matrix", rows, columns, amounts, gsd=gsd, is_input=np.arange(len(rows)) >= n)
        gsd = np.full(n, GSD_DIRECT)
        self._add("biosphere_matrix", np.full(n, n), np.arange(n), graph.direct, gsd=gsd, is_input=np.zeros(n, bool))
        nothing = np.zeros(1, dtype=bool)
        self._add(
            "characterization_matrix", np.full(1, n), np.zeros(1, int), np.ones(1), gsd=np.ones(1), is_input=nothing
        )
        self._lca = self._calculated(bw2calc.JacobiGMRESLCA, product, use_distributions=True, seed_override=_SEED)
        self.stated = float(self._calculated(bw2calc.JacobiGMRESLCA, product).score)

    def _calculated(self, kind: Any, product: int, **settings: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the solver it would rather have, and of flags that are the diagonal
            lca = kind({product: 1}, data_objs=[self._package], **settings)
            lca.lci()
            lca.lcia()
        return lca

    def _add(
        self,
        matrix: str,
        rows: NDArray[Any],
        columns: NDArray[Any],
        amounts: NDArray[Any],
        *,
        gsd: NDArray[Any],
        is_input: NDArray[Any],
    ) -> None:
        import bw_processing

        indices = np.empty(len(rows), dtype=bw_processing.INDICES_DTYPE)
        indices["row"], indices["col"] = rows, columns
        spread = np.zeros(len(rows), dtype=bw_processing.UNCERTAINTY_DTYPE)
        is_drawn = gsd > 1
        spread["uncertainty_type"] = np.where(is_drawn, 2, 0)  # of stats_arrays: 2 lognormal, 0 undefined
        spread["loc"] = np.where(is_drawn, np.log(amounts), amounts)
        spread["scale"] = np.log(gsd)
        for field in ("shape", "minimum", "maximum"):
            spread[field] = math.nan
        self._package.add_persistent_vector(
            matrix=matrix,
            name=matrix,
            indices_array=indices,
            data_array=np.ascontiguousarray(amounts),
            flip_array=is_input,
            distributions_array=spread,
        )

    def draw(self) -> float:
        """The footprint in one more sample."""
        next(self._lca)
        return float(self._lca.score)


def run(bench: Bench) -> Iterator[Result]:
    """Ours for all products and the peer for one take turns; then NumPy's road, and first order beside Monte Carlo."""
    edges = engine_graphs.tiered(bench.count(PRODUCTS, quick=5_000))
    graph = SupplyGraph.from_edges(edges.supplier, edges.consumer, edges.amount, edges.direct)
    edge_spreads = Spreads.lognormal(gsd=np.full(graph.n_edges, GSD_EDGES))
    direct_spreads = Spreads.lognormal(gsd=np.full(graph.n_products, GSD_DIRECT))
    simulate = partial(graph.monte_carlo, seed=_SEED, threads=1, edges=edge_spreads, direct=direct_spreads)
    product = int(graph.topology.order[-1])
    peer = Peer(graph, product)
    if not math.isclose(peer.stated, float(graph.footprint(product)), rel_tol=1e-6):
        raise ValueError("the two footprints are not the same")
    found = simulate(samples=SAMPLES, products=[product])
    ours_s = peer_s = math.inf
    scores: list[float] = []
    for _ in range(_ROUNDS):
        peer_s = min(peer_s, _time(lambda: scores.extend(peer.draw() for _ in range(_PEER_ITERATIONS))))
        ours_s = min(ours_s, _time(lambda: simulate(samples=SAMPLES)))
    peer_s *= SAMPLES / _PEER_ITERATIONS
    deviation = float(found.standard_deviation[product])
    if abs(np.mean(scores) - found.mean[product]) > 5 * deviation / math.sqrt(len(scores)):
        raise ValueError("the two means are not the same")
    numpy_s = _time(lambda: simulate(samples=_NUMPY_SAMPLES, compiled=False)) * SAMPLES / _NUMPY_SAMPLES
    inputs = graph.n_edges + graph.n_products
    what = f"{SAMPLES:,} samples, {inputs:,} lognormal inputs, footprints of all {graph.n_products:,} products"
    yield _against(peer_s, "monte_carlo", what, ours_s, goal=GOAL)
    plainly = f"{what}, NumPy alone ({_NUMPY_SAMPLES} samples extrapolated)"
    yield _against(peer_s, "monte_carlo_numpy", plainly, numpy_s)
    analytic = FirstOrder(graph, edges=edge_spreads, direct=direct_spreads)
    yield from _first_order(analytic, product, deviation / float(found.mean[product]), peer_s)


def _against(peer_s: float, name: str, what: str, ours_s: float, *, goal: float | None = None) -> Result:
    drawn = f"{Peer.name}, {SAMPLES:,} samples extrapolated from {_ROUNDS * _PEER_ITERATIONS}"
    return cost(name, what, ours=ours_s, reference=peer_s, reference_name=drawn, unit="s", goal=goal)


def _first_order(analytic: FirstOrder, product: int, sampled: float, peer_s: float) -> Iterator[Result]:
    """What the analytic variance of one product takes, and how far it is from the sampled one."""
    times = side_by_side(lambda _: analytic.variance(product), lambda: None, rounds=20)
    what = "first-order variance of one product, every input's part included"
    yield _against(peer_s, "variance", what, times.ours_s)
    yield cost(
        "variance_low",
        "coefficient of variation by first order, which leaves out what inputs do together",
        ours=100 * float(analytic.variance(product).variation[0]),
        reference=100 * sampled,
        reference_name=f"Monte Carlo, {SAMPLES:,} samples",
        unit="%",
    )


def _time(job: Callable[[], object]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start
