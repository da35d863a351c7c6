"""The engine's core against SciPy: cold and warm, acyclic and with loops, one column and many.

Times are those that pass for the user: our rows are summed by as many threads as there are processors, SciPy's by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.bench import Bench
from benchmarks.engine_graphs import Edges, giant_loop, small_loops, tiered
from benchmarks.engine_peers import components_and_product, matrix, neumann, neumann_cold
from benchmarks.measure import Times, elapsed_s, side_by_side
from benchmarks.result import Result, rate
from passport.carbon import SupplyGraph
from passport.carbon.threads import processors

_THIRD = 0.333
_SERIES = "SciPy: the series e + A^T e + ... to 1e-12"
_COMPONENTS = "SciPy: connected_components + one product of the matrix with a vector"
_PRODUCT = "SciPy: one product of the matrix with a vector"
_COLD_ROUNDS, _WARM_ROUNDS, _WIDE_ROUNDS = 4, 10, 30
_COLUMNS = 64


def run(bench: Bench) -> Iterator[Result]:
    """Each graph is made, measured and dropped."""
    n = bench.count(1_000_000, quick=50_000)
    SupplyGraph.from_edges([0, 1], [1, 0], [0.1, 0.1], [1, 1]).footprints()  # compiled or read from the cache
    yield from _acyclic(bench, n)
    yield from _with_loops(bench, "small_loops", small_loops(n), goals=True)
    yield from _with_loops(bench, "giant_loop", giant_loop(n), goals=False)


def _acyclic(bench: Bench, n: int) -> Iterator[Result]:
    edges = tiered(n)
    size = _size(edges)
    by_consumer = matrix(edges)
    yield from _cold(bench, edges, "", size, _THIRD)
    yield from _shuffled(bench, n, size)
    graph = _known(edges)
    yield from _warm(bench, graph, edges, "", size, goals=True)

    yield from _columns(bench, graph, size)
    plain = SupplyGraph.from_edges(*_arrays(edges), kernel="numpy")
    plain.footprints()
    times = _times(bench, lambda: _fresh(edges, kernel="numpy"), lambda: neumann_cold(edges), 1)
    yield _rate("engine_cold_numpy", f"{size}, cold, without numba", times, f"{_SERIES}, from rows")
    times = _times(
        bench, lambda: plain.with_numbers(direct=edges.direct).footprints(), lambda: by_consumer @ edges.direct, 5
    )
    yield _rate("engine_warm_numpy", f"{size}, new emissions, order known, without numba", times, _PRODUCT)


def _shuffled(bench: Bench, n: int, size: str) -> Iterator[Result]:
    edges = tiered(n, is_shuffled=True)
    times = _times(bench, lambda: _fresh(edges), lambda: neumann_cold(edges), _COLD_ROUNDS)
    yield _rate("engine_cold_shuffled", f"{size}, rows in random order, cold", times, f"{_SERIES}, from rows", goal=1.0)


def _columns(bench: Bench, graph: SupplyGraph, size: str) -> Iterator[Result]:
    emissions = np.random.default_rng(7).random((graph.n_products, _COLUMNS))
    one = emissions[:, 0].copy()
    emissions.flags.writeable = one.flags.writeable = False  # so neither is copied
    wide = _times(
        bench,
        lambda: graph.with_numbers(direct=emissions).footprints(),
        lambda: graph.with_numbers(direct=one).footprints(),
        _WIDE_ROUNDS,
    )
    times = Times(wide.ours_s, 20 * wide.reference_s)
    yield _rate(
        "engine_columns", f"{size}, {_COLUMNS} columns, order known", times, "twenty times one column", goal=1.0
    )


def _with_loops(bench: Bench, name: str, edges: Edges, *, goals: bool) -> Iterator[Result]:
    graph = _known(edges)
    blocks = graph.topology.block_end - graph.topology.block_start
    size = f"{_size(edges)}, {blocks.sum():,} products in {len(blocks):,} loops of up to {blocks.max():,}"
    yield from _cold(bench, edges, f"_{name}", size, _THIRD if goals else None)
    yield from _warm(bench, graph, edges, f"_{name}", size, goals=goals)


def _cold(bench: Bench, edges: Edges, suffix: str, size: str, goal: float | None) -> Iterator[Result]:
    """Edge arrays in, footprints out."""
    by_consumer = matrix(edges)
    ours = neumann_cold(edges)
    if not np.allclose(_fresh(edges), ours, rtol=1e-9):
        raise ValueError("the engine and the series disagree")
    times = _times(bench, lambda: _fresh(edges), lambda: neumann_cold(edges), _COLD_ROUNDS)
    yield _rate(f"engine_cold{suffix}", f"{size}, cold: order and footprints", times, f"{_SERIES}, from rows", goal=1.0)
    times = _times(
        bench, lambda: _fresh(edges), lambda: components_and_product(by_consumer, edges.direct), _COLD_ROUNDS
    )
    yield _rate(f"engine_order{suffix}", f"{size}, cold: order and footprints", times, _COMPONENTS, goal=goal)


def _warm(bench: Bench, graph: SupplyGraph, edges: Edges, suffix: str, size: str, *, goals: bool) -> Iterator[Result]:
    """The order is known, the numbers are new; residuals are checked as always."""
    by_consumer = matrix(edges)
    amount, direct = edges.amount * 0.99, edges.direct * 1.01

    def new_emissions() -> object:
        return graph.with_numbers(direct=direct).footprints()

    def new_numbers() -> object:
        return graph.with_numbers(amount, direct).footprints()

    what = f"{size}, order known: new emissions"
    third, ten = (_THIRD, 10.0) if goals else (None, None)
    times = _times(bench, new_emissions, lambda: by_consumer @ direct, _WARM_ROUNDS)
    yield _rate(f"engine_warm{suffix}", what, times, _PRODUCT, goal=third)
    times = _times(bench, new_emissions, lambda: neumann(by_consumer, direct), _WARM_ROUNDS)
    yield _rate(f"engine_warm{suffix}_series", what, times, f"{_SERIES}, matrix at hand", goal=ten)
    times = _times(bench, new_numbers, lambda: by_consumer @ direct, _WARM_ROUNDS)
    what += " and amounts, in the rows' order"
    yield _rate(f"engine_numbers{suffix}", what, times, _PRODUCT, goal=third)
    changed = Edges(edges.supplier, edges.consumer, amount, direct)
    times = _times(bench, new_numbers, lambda: neumann_cold(changed), _COLD_ROUNDS)
    yield _rate(f"engine_numbers{suffix}_series", what, times, f"{_SERIES}, from rows")


def _arrays(edges: Edges) -> tuple[Any, ...]:
    return edges.supplier, edges.consumer, edges.amount, edges.direct


def _fresh(edges: Edges, *, kernel: Any = "auto") -> Any:
    return SupplyGraph.from_edges(*_arrays(edges), kernel=kernel).footprints()


def _known(edges: Edges) -> SupplyGraph:
    """A graph whose order has been found and used."""
    graph = SupplyGraph.from_edges(*_arrays(edges))
    graph.with_numbers(direct=edges.direct).footprints()
    return graph


def _size(edges: Edges) -> str:
    return f"{edges.n_products:,} products, {len(edges.amount):,} edges, {processors()} threads"


def _times(bench: Bench, ours: Callable[[], object], reference: Callable[[], object], rounds: int) -> Times:
    return side_by_side(lambda _: ours(), reference, rounds=1 if bench.is_quick else rounds, clock=elapsed_s)


def _rate(name: str, what: str, times: Times, reference: str, *, goal: float | None = None) -> Result:
    return rate(
        name,
        what,
        ours_s=times.ours_s,
        reference_s=times.reference_s,
        reference_name=reference,
        unit="/s",
        goal=goal,
    )
