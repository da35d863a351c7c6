"""The contribution tree of one product, against bw_graph_tools on a database the size of ecoinvent."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench import Bench
from benchmarks.measure import Times, side_by_side
from benchmarks.result import Result, rate
from passport.carbon import SupplyGraph
from passport.carbon.paths import PathTree, follow

PRODUCTS = 20_000
CUTOFF = 0.005
GOAL = 1000.0
_ROUNDS = 20
_MARKET_SHARE = 0.5
_GAIN = 0.6


class Peer:
    """bw_graph_tools over bw2calc, with the same matrices.

    Args:
        graph: The graph.
        product: Whose footprint.
    """

    name = "bw_graph_tools NewNodeEachVisitGraphTraversal, database loaded and solved once"

    def __init__(self, graph: SupplyGraph, product: int) -> None:
        import bw2calc
        import bw_processing

        n = graph.n_products
        package = bw_processing.create_datapackage()
        rows = np.concatenate((np.arange(n), graph.supplier))
        columns = np.concatenate((np.arange(n), graph.consumer))
        flips = np.concatenate((np.zeros(n, dtype=bool), np.ones(graph.n_edges, dtype=bool)))
        self._add(package, "technosphere_matrix", rows, columns, np.concatenate((np.ones(n), graph.amount)), flips)
        self._add(package, "biosphere_matrix", np.zeros(n, dtype=int), np.arange(n), graph.direct)
        self._add(package, "characterization_matrix", np.zeros(1, dtype=int), np.zeros(1, dtype=int), np.ones(1))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the solver it would rather have
            self._lca = bw2calc.LCA(demand={product: 1}, data_objs=[package])
            self._lca.lci()
            self._lca.lcia()

    @staticmethod
    def _add(
        package: Any,
        matrix: str,
        rows: NDArray[Any],
        columns: NDArray[Any],
        data: NDArray[Any],
        flips: NDArray[Any] | None = None,
    ) -> None:
        import bw_processing

        indices = np.empty(len(rows), dtype=bw_processing.INDICES_DTYPE)
        indices["row"], indices["col"] = rows, columns
        more = {} if matrix != "characterization_matrix" else {"global_index": 0, "nrows": 1}
        package.add_persistent_vector(
            matrix=matrix, name=matrix, indices_array=indices, data_array=data, flip_array=flips, **more
        )

    def places(self, cutoff: float) -> list[tuple[float, float]]:
        """What each place of the tree holds and emits; solves anew, as each tree that is asked for does."""
        import bw_graph_tools

        settings = bw_graph_tools.GraphTraversalSettings(
            cutoff=cutoff, max_calc=1_000_000, separate_biosphere_flows=False
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a coverage below 90 %
            traversal = bw_graph_tools.NewNodeEachVisitGraphTraversal(lca=self._lca, settings=settings)
            traversal.traverse()
        nodes = [node for node in traversal.nodes.values() if node.unique_id != -1]
        return sorted((float(node.cumulative_score), float(node.direct_emissions_score)) for node in nodes)


def database(n: int, *, seed: int = 1) -> SupplyGraph:
    """A database of activities: half of what each uses comes from markets (1 % of all), half from its own sector.

    Sectors keep the peer's factors small, as real databases do; suppliers from anywhere would fill them in.
    """
    random = np.random.default_rng(seed)
    hubs = max(2, n // 100)
    consumer = np.repeat(np.arange(n), 1 + random.poisson(9.5, n))
    near = np.clip(consumer + random.integers(-20, 21, len(consumer)), 0, n - 1)
    supplier = np.where(random.random(len(consumer)) < _MARKET_SHARE, random.integers(0, hubs, len(consumer)), near)
    apart = supplier != consumer
    pairs = np.unique(supplier[apart] * n + consumer[apart])
    supplier, consumer = pairs // n, pairs % n
    amount = random.lognormal(0, 1.5, len(pairs))
    amount *= _GAIN / np.maximum(np.bincount(consumer, weights=amount, minlength=n), _GAIN)[consumer]
    return SupplyGraph.from_edges(supplier, consumer, amount, random.lognormal(0, 1, n))


def places(tree: PathTree) -> list[tuple[float, float]]:
    """The same of a tree of ours."""
    return sorted(zip(tree.values.tolist(), tree.direct.tolist(), strict=True))


def run(bench: Bench) -> Iterator[Result]:
    """One tree both ways; the places and their numbers must be the same."""
    graph = database(bench.count(PRODUCTS, quick=2_000))
    graph.footprints()
    product = graph.n_products - 1
    peer = Peer(graph, product)
    tree = follow(graph, product, cutoff=CUTOFF)
    if not np.allclose(np.array(places(tree)), np.array(peer.places(CUTOFF)), rtol=1e-6):
        raise ValueError("the two trees are not the same")
    start = time.process_time()
    peer.places(CUTOFF)
    reference_s = time.process_time() - start
    times = side_by_side(
        lambda _: follow(graph, product, cutoff=CUTOFF), lambda: graph.footprint(product), rounds=_ROUNDS
    )
    yield _result("contribution_tree", f"{len(tree)} places", Times(times.ours_s, reference_s), graph, CUTOFF, GOAL)


def _result(name: str, what: str, times: Times, graph: SupplyGraph, cutoff: float, goal: float) -> Result:
    return rate(
        name,
        f"contribution tree of {what} (cut-off {100 * cutoff:g} %) of one of {graph.n_products:,} products in loops",
        ours_s=times.ours_s,
        reference_s=times.reference_s,
        reference_name=Peer.name,
        unit="trees/s",
        goal=goal,
    )
