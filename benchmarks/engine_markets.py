"""The engine on a database in the size of ecoinvent, against bw2calc with its Pardiso solver."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.bench import Bench
from benchmarks.engine_graphs import Edges, markets
from benchmarks.measure import side_by_side
from benchmarks.result import Result, rate
from passport.carbon import SupplyGraph

_MANY = 1000
_TRIED = 20
_EMISSION = 10_000_000


def run(bench: Bench) -> Iterator[Result]:
    """All products here, one and then a thousand there; the peer's package of arrays is made beforehand."""
    import bw2calc

    edges = markets(bench.count(20_000, quick=2_000))
    package = _package(edges)
    arrays = (edges.supplier, edges.consumer, edges.amount, edges.direct)

    def all_products() -> Any:
        return SupplyGraph.from_edges(*arrays).footprints()

    def one_product() -> Any:
        peer = bw2calc.LCA(demand={0: 1}, data_objs=[package])
        peer.lci()
        peer.lcia()
        return peer

    footprints, peer = all_products(), one_product()
    if abs(peer.score - footprints[0]) > 1e-9 * footprints[0]:
        raise ValueError("the engine and the peer disagree")
    name = "bw2calc with Pardiso" if bw2calc.PYPARDISO else "bw2calc with SuperLU"
    what = f"{edges.n_products:,} products, {len(edges.amount):,} edges, nearly all in one loop: all footprints, cold"
    times = side_by_side(lambda _: all_products(), one_product, rounds=2 if bench.is_quick else 5)
    yield rate(
        "engine_markets",
        what,
        ours_s=times.ours_s,
        reference_s=times.reference_s,
        reference_name=f"{name}: load, and solve for one product",
        unit="/s",
        goal=1.0,
    )
    start = time.process_time()
    for product in range(1, _TRIED + 1):
        peer.lcia({product: 1})
        if abs(peer.score - footprints[product]) > 1e-9 * footprints[product]:
            raise ValueError("the engine and the peer disagree")
    each_s = (time.process_time() - start) / _TRIED
    yield rate(
        "engine_markets_many",
        f"the same, asked for {_MANY:,} products",
        ours_s=times.ours_s,
        reference_s=times.reference_s + (_MANY - 1) * each_s,
        reference_name=f"{name}: the same and {_MANY - 1:,} further demands, {_TRIED} of them measured",
        unit="/s",
        goal=300.0,
    )


def _package(edges: Edges) -> Any:
    """The graph as the peer takes it: its technosphere matrix is I - A."""
    import bw_processing

    n = edges.n_products
    package = bw_processing.create_datapackage(sum_intra_duplicates=True)

    def pairs(rows: Any, columns: Any) -> Any:
        found = np.empty(len(rows), dtype=bw_processing.INDICES_DTYPE)
        found["row"], found["col"] = rows, columns
        return found

    numbers = np.arange(n)
    package.add_persistent_vector(
        matrix="technosphere_matrix",
        indices_array=pairs(np.append(edges.supplier, numbers), np.append(edges.consumer, numbers)),
        data_array=np.append(edges.amount, np.ones(n)),
        flip_array=np.append(np.ones(len(edges.amount), bool), np.zeros(n, bool)),
    )
    package.add_persistent_vector(
        matrix="biosphere_matrix",
        indices_array=pairs(np.full(n, _EMISSION), numbers),
        data_array=edges.direct,
    )
    package.add_persistent_vector(
        matrix="characterization_matrix",
        indices_array=pairs(np.array([_EMISSION]), np.array([0])),
        data_array=np.ones(1),
    )
    return package
