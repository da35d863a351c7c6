"""A supply graph from two tables with ids as texts, in Parquet or CSV: edges and nodes.

Edges, one a row: `supplier` and `consumer` (ids of nodes), `amount` (of the supplier's product, for the consumer's
reference amount), and if wanted `unit` of that amount (else the supplier's) and the life-cycle `stage`. Rows for the
same two products add up.

Nodes, one a row: `id`, and if wanted `name`, `unit`, `amount` (the reference amount, else 1), tags (`country`,
`location`, `category`, `stage`, `subject`) and one or more columns of direct emissions for the reference amount:
`direct` in kg CO2e, or `direct:NAME` and `direct:NAME [UNIT]`.

Either table may say how far its amounts may be off, in the columns of `passport.exchange.table_spreads`; a node's
spread is that of all its emissions together.

Amounts are converted exactly to the supplier's unit; units that measure different things are refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.errors import DocumentError, UnitError
from passport.exchange.array_cache import key_of
from passport.exchange.graph_cache import keep_graph, kept_graph
from passport.exchange.named_graph import Labels, NamedGraph, supply_graph
from passport.exchange.node_table import Codes, Nodes, bare, check_columns, read_nodes, refuse
from passport.exchange.stated_spreads import StatedSpreads
from passport.exchange.table_batches import Table, open_table, texts_of
from passport.exchange.table_spreads import SPREAD_COLUMNS, spread_kinds, spreads_of
from passport.exchange.table_units import describe, ratio

SUFFIXES = (".parquet", ".csv", ".csv.gz")

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


def read_edge_table(path: Path, *, nodes: Path | None = None, use_cache: bool = True) -> NamedGraph:
    """Read a graph from its two tables.

    Args:
        path: The edge table, or a folder with `edges.*` and `nodes.*`.
        nodes: The node table; else `X.nodes.*` or `nodes.*` beside the edge table `X.*`.
        use_cache: Keep the arrays beside the edge table (`X.arrays`), and take them from there when both tables are
            byte for byte the same.

    Raises:
        DocumentError: A table is missing, damaged, or has a row that cannot be; names file and row.
        UnitError: An amount in a unit that does not convert to its supplier's; names file and row.
        GraphError: The numbers make no supply graph; names file and row.
        UsageError: pyarrow is not installed.
    """
    edges_path, nodes_path = _tables(path, nodes)
    cache = edges_path.with_name(edges_path.name + ".arrays")
    key = key_of([edges_path, nodes_path]) if use_cache else ""
    kept = kept_graph(cache, key=key, source=edges_path) if use_cache else None
    if kept is not None:
        return kept
    edges = open_table(edges_path)
    known = read_nodes(open_table(nodes_path))
    columns = _read_edges(edges, known)
    graph = _named(edges_path, known, *columns)
    if use_cache:
        keep_graph(cache, graph, key=key)
    return graph


def _tables(path: Path, nodes: Path | None) -> tuple[Path, Path]:
    """Where edges and nodes stand."""
    if path.is_dir():
        found = [path / f"edges{suffix}" for suffix in SUFFIXES if (path / f"edges{suffix}").is_file()]
        if len(found) != 1:
            names = ", ".join(entry.name for entry in found) or "none"
            raise DocumentError("not one edge table", where=str(path), expected="edges.parquet or .csv", found=names)
        path = found[0]
    if nodes is not None:
        return path, nodes
    stem = path.name.removesuffix(".gz").removesuffix(".csv").removesuffix(".parquet")
    places = [path.with_name(f"{name}{suffix}") for name in (f"{stem}.nodes", "nodes") for suffix in SUFFIXES]
    there = next((place for place in places if place.is_file()), None)
    if there is None:
        raise DocumentError(
            "an edge table without nodes",
            where=str(path),
            expected=f"{stem}.nodes.parquet, nodes.parquet or the same as .csv beside it",
            hint="the node table says what each product emits itself; name it if it stands elsewhere",
        )
    return path, there


def _read_edges(table: Table, nodes: Nodes) -> tuple[Integers, Integers, Floats, Labels | None, StatedSpreads | None]:
    """Supplier, consumer, units of the supplier's product per unit of the consumer's, stages, and spreads."""
    known = ["supplier", "consumer", "amount", "unit", "stage", *SPREAD_COLUMNS]
    check_columns(table, required=("supplier", "consumer", "amount"), known=known)
    kinds = {"supplier": "key", "consumer": "key", "amount": "number"}
    kinds |= {name: "label" for name in ("unit", "stage") if name in table.columns}
    stating = spread_kinds(table)
    spreads: list[StatedSpreads] = []
    units, stages = Codes(), Codes()
    ratios = _Ratios(nodes) if "unit" in kinds else None
    pieces: list[tuple[Integers, Integers, Floats, Integers]] = []
    start = 0
    for batch in table.batches(kinds | stating):
        ends = []
        for name in ("supplier", "consumer"):
            found = nodes.index.find(*texts_of(batch[name]))
            _refuse_unknown(found, batch[name], table, name, start, nodes)
            ends.append(found)
        supplier, consumer = ends
        amount = batch["amount"].to_numpy()
        if ratios is not None:
            amount = amount * ratios.of(units.of(batch["unit"]), units, supplier, table, start)
        stage = stages.of(batch["stage"]) if "stage" in kinds else np.zeros(0, dtype=np.int32)
        pieces.append((supplier, consumer, amount / nodes.reference[consumer], stage))
        if stating:
            spreads.append(spreads_of(batch, table, start, rows=len(supplier)))
        start += len(supplier)
    suppliers, consumers, amounts, codes = (
        np.concatenate([piece[place] for piece in pieces]) if pieces else np.zeros(0, dtype=dtype)
        for place, dtype in enumerate((np.int32, np.int32, np.float64, np.int32))
    )
    said = Labels(codes, stages.labels) if "stage" in kinds else None
    return suppliers, consumers, amounts, said, StatedSpreads.joined(spreads) if stating else None


class _Ratios:
    """How many units of the supplier's product one unit of an amount is."""

    def __init__(self, nodes: Nodes) -> None:
        if nodes.units is None:
            raise DocumentError(
                "amounts have units, products have none",
                where=str(nodes.table.path),
                expected="a column unit",
                found=", ".join(nodes.table.columns),
            )
        self._units = nodes.units
        self._ids = nodes.ids
        self._table = np.zeros((0, len(nodes.units.labels)))

    def of(self, codes: Integers, labels: Codes, supplier: Integers, table: Table, start: int) -> Floats:
        while len(self._table) < len(labels.labels):
            source = labels.labels[len(self._table)]
            exact = [ratio(source, target) for target in self._units.labels]
            factors = [np.nan if each is None else float(each) for each in exact]
            self._table = np.vstack([self._table, factors])
        refuse(codes < 0, table, "unit", "an amount without unit", "a unit", ["an empty field"] * len(codes), start)
        found: Floats = self._table[codes, self._units.codes[supplier]]
        bad = np.flatnonzero(np.isnan(found))
        if len(bad):
            row = int(bad[0])
            product = int(supplier[row])
            raise UnitError(
                f"a unit that does not convert to that of {self._ids[product]}",
                where=f"{table.row(start + row)}, unit",
                expected=describe(str(self._units[product])),
                found=describe(labels.labels[codes[row]]),
                hint="state the amount in a unit of what the supplier's product is measured in",
            )
        return found


def _named(
    path: Path,
    nodes: Nodes,
    supplier: Integers,
    consumer: Integers,
    amount: Floats,
    stages: Labels | None,
    spreads: StatedSpreads | None,
) -> NamedGraph:
    graph = supply_graph(
        supplier,
        consumer,
        amount,
        nodes.direct,
        ids=nodes.ids,
        columns=nodes.columns,
        where=lambda row: f"{path}: row {row + 1}",
    )
    unknown = Labels(np.full(len(nodes.ids), -1, dtype=np.int32), ())
    named = NamedGraph(
        graph=graph,
        ids=nodes.ids,
        names=nodes.ids if nodes.names is None else nodes.names,
        units=unknown if nodes.units is None else nodes.units,
        columns=nodes.columns,
        source=str(path),
        tags=nodes.tags,
        edge_tags={} if stages is None else {"stage": stages},
    )
    return named.with_spreads(edges=spreads, direct=nodes.spreads)


def _refuse_unknown(found: Integers, texts: Any, table: Table, column: str, start: int, nodes: Nodes) -> None:
    """Say which end of an edge is no node, and what it may have meant."""
    unknown = np.flatnonzero(found < 0)
    if not len(unknown):
        return
    row = int(unknown[0])
    wanted = texts[row].as_buffer().to_pybytes().decode(errors="replace")
    like = next((each for each in nodes.ids if bare(each) == bare(wanted)), None) if wanted else None
    raise DocumentError(
        "no node of that id",
        where=f"{table.row(start + row)}, {column}",
        expected=f"an id of {nodes.table.path.name}",
        found=repr(wanted),
        hint=None if like is None else f"it differs from {like!r} only by white space",
    )
