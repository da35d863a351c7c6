"""Read an edge table with ids as texts into arrays, against DuckDB, and again from the arrays kept beside it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet

from benchmarks.bench import Bench
from benchmarks.result import Result, cost
from passport.exchange.graphs import read_graph
from passport.exchange.named_graph import NamedGraph

EDGES = 5_000_000
EDGES_PER_NODE = 5
UNITS = ("kilogram", "kilowatt hour", "piece")

_SEED = 7
_QUERY = """
SELECT s.number AS supplier, c.number AS consumer, e.amount / c.amount AS amount
FROM read_parquet('{edges}') e LEFT JOIN known s ON s.id = e.supplier LEFT JOIN known c ON c.id = e.consumer
"""


def run(bench: Bench) -> Iterator[Result]:
    """Both give the same arrays; ours also checks every row and converts units, DuckDB only looks ids up."""
    edges = bench.count(EDGES, quick=500_000)
    for name, describe in (("number", "20 characters"), ("uuid", "36 characters, UUIDs")):
        folder = bench.folder / f"edge-table-{name}"
        _write(folder, edges=edges, as_uuid=name == "uuid")
        graph, wanted = _ours(folder).graph, _duckdb(folder)
        for column in ("supplier", "consumer"):
            ours, theirs = (
                np.bincount(getattr(graph, column), graph.amount),
                np.bincount(wanted[column], wanted["amount"]),
            )
            if not np.allclose(ours, theirs, rtol=1e-9, atol=0):
                raise ValueError(f"the two do not read the same amounts by {column}")
        ours_s, reference_s = _turns(partial(_ours, folder), partial(_duckdb, folder), bench.tries + 1)
        yield cost(
            f"edge_table_{name}",
            f"Parquet of {edges:,} edges, ids of {describe}, to arrays",
            ours=ours_s,
            reference=reference_s,
            reference_name="DuckDB: two hash joins, fetched as NumPy arrays",
            unit="s of processor time",
            goal=1.0,
        )
        read_graph(folder)  # writes the arrays down
        kept_s, reference_s = _turns(partial(read_graph, folder), partial(_duckdb, folder), bench.tries + 1)
        yield cost(
            f"edge_table_{name}_kept",
            f"the same {edges:,} edges from the arrays kept beside the table, whose content is compared by SHA-256",
            ours=kept_s,
            reference=reference_s,
            reference_name="DuckDB, which keeps none",
            unit="s of processor time",
        )
        shutil.rmtree(folder)


def _ours(folder: Path) -> NamedGraph:
    return read_graph(folder, use_cache=False)


def _duckdb(folder: Path) -> dict[str, Any]:
    """The same arrays, in whatever order of rows it likes best."""
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(
            f"CREATE TEMP TABLE known AS SELECT id, amount, file_row_number AS number "  # noqa: S608 - our own folder
            f"FROM read_parquet('{folder / 'nodes.parquet'}', file_row_number = true)"
        )
        return connection.execute(_QUERY.format(edges=folder / "edges.parquet")).fetchnumpy()


def _turns(ours: Callable[[], object], reference: Callable[[], object], count: int) -> tuple[float, float]:
    """Processor time of both in turns, all threads together; the best of each."""
    best = [float("inf"), float("inf")]
    for _ in range(count):
        for side, job in enumerate((ours, reference)):
            start = time.process_time()
            job()
            best[side] = min(best[side], time.process_time() - start)
    return best[0], best[1]


def _write(folder: Path, *, edges: int, as_uuid: bool) -> None:
    """Products in no order, edges in no order, some suppliers far more used than others."""
    random = np.random.default_rng(_SEED)
    nodes = max(2, edges // EDGES_PER_NODE)
    drawn = random.bytes(16 * nodes).hex()
    numbers = random.permutation(nodes)
    if as_uuid:
        texts = [drawn[32 * k : 32 * k + 32] for k in range(nodes)]
        ids = pa.array([f"{t[:8]}-{t[8:12]}-{t[12:16]}-{t[16:20]}-{t[20:]}" for t in texts])
    else:
        ids = pa.array([f"urn:part:{number:011d}" for number in numbers])
    unit = pa.array(UNITS).take(pa.array(np.arange(nodes) % len(UNITS)))
    supplier = (random.random(edges) ** 2 * nodes).astype(np.int64)
    consumer = random.integers(0, nodes, edges)
    shared = pa.array(supplier)
    folder.mkdir()
    columns = {
        "supplier": ids.take(shared),
        "consumer": ids.take(pa.array(consumer)),
        "amount": random.random(edges) / (2 * EDGES_PER_NODE),
        "unit": unit.take(shared),
    }
    pyarrow.parquet.write_table(pa.table(columns), folder / "edges.parquet")
    head = {"id": ids, "unit": unit, "amount": 1 + random.random(nodes), "direct": random.random(nodes)}
    pyarrow.parquet.write_table(pa.table(head), folder / "nodes.parquet")
