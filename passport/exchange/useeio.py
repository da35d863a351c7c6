"""The US environmentally extended input-output model (EPA USEEIO), as tables, read as a supply graph.

Three tables in a folder: `A_edges.csv` (USD of input per USD of output), `D_direct_intensity.csv` (the indicators per
USD of output) and, if it is there, `sectors.csv` (names, places, categories), each plain or as `.csv.gz`.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from passport.errors import DocumentError
from passport.exchange.csv_rows import read_number, read_rows
from passport.exchange.named_graph import Column, Labels, NamedGraph, supply_graph

UNIT = "USD"

_EDGES, _DIRECT, _SECTORS = "A_edges", "D_direct_intensity", "sectors"
_INDICATOR = re.compile(r"(?P<name>[^\[\]]+?) \[(?P<unit>[^\[\]]+)\] per USD\Z")
_TAGS = {"location": "location", "category": "category"}


def read_useeio(folder: Path) -> NamedGraph:
    """Read the model: its commodities in USD, all indicators as columns.

    Raises:
        DocumentError: A table is missing, damaged or does not fit the others; names file and line.
        GraphError: A commodity that needs at least a dollar of itself for each.
    """
    tables = {name: _table(folder, name) for name in (_EDGES, _DIRECT, _SECTORS)}
    direct_table, edge_table = tables[_DIRECT], tables[_EDGES]
    if direct_table is None or edge_table is None:
        expected = f"{_EDGES}.csv and {_DIRECT}.csv, plain or as .gz"
        raise DocumentError("no USEEIO tables", where=str(folder), expected=expected, found="not both")
    numbers, columns, direct = _direct(direct_table)
    supplier, consumer, amount, places = [], [], [], []
    for where, row in read_rows(edge_table, "input_id", "output_id", "amount_usd_per_usd"):
        supplier.append(_number(numbers, row["input_id"], where=where, table=direct_table))
        consumer.append(_number(numbers, row["output_id"], where=where, table=direct_table))
        amount.append(read_number(row["amount_usd_per_usd"], where=where))
        places.append(where)
    ids = list(numbers)
    sectors = tables[_SECTORS]
    names, tags = (ids, dict[str, Labels]()) if sectors is None else _sectors(sectors, numbers)
    return NamedGraph(
        graph=supply_graph(
            np.array(supplier, dtype=np.int32),
            np.array(consumer, dtype=np.int32),
            amount,
            direct,
            ids=ids,
            columns=columns,
            where=lambda row: places[row] if places else str(direct_table),
        ),
        ids=ids,
        names=names,
        units=Labels.of([UNIT] * len(ids)),
        columns=columns,
        source=f"USEEIO tables in {folder}",
        tags=tags,
    )


def _table(folder: Path, name: str) -> Path | None:
    """The table of that name, plain or compressed."""
    return next((path for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz") if path.is_file()), None)


def _direct(table: Path) -> tuple[dict[str, int], tuple[Column, ...], np.ndarray]:
    """The commodities in their order, the indicators, and the one per USD of the other."""
    numbers: dict[str, int] = {}
    columns: tuple[Column, ...] = ()
    rows: list[list[float]] = []
    for where, row in read_rows(table, "id"):
        columns = columns or tuple(_indicator(name, table) for name in row if name != "id")
        commodity = row.pop("id")
        if not commodity or commodity != commodity.strip() or commodity in numbers:
            expected = "each id once, without white space around it"
            raise DocumentError("not a new id", where=where, expected=expected, found=repr(commodity))
        numbers[commodity] = len(numbers)
        rows.append([read_number(text, where=f"{where}: {name}") for name, text in row.items()])
    if not rows or not columns:
        raise DocumentError("a table without indicators", where=str(table), expected="commodities and indicators")
    return numbers, columns, np.array(rows)


def _indicator(heading: str, table: Path) -> Column:
    match = _INDICATOR.match(heading)
    if match is None:
        raise DocumentError(
            "not an indicator", where=str(table), expected="headings such as `GHG [kg CO2 eq] per USD`", found=heading
        )
    return Column(match["name"], match["unit"])


def _number(numbers: dict[str, int], commodity: str, *, where: str, table: Path) -> int:
    if commodity not in numbers:
        raise DocumentError("no such commodity", where=where, expected=f"an id of {table.name}", found=repr(commodity))
    return numbers[commodity]


def _sectors(table: Path, numbers: dict[str, int]) -> tuple[list[str], dict[str, Labels]]:
    """Names and tags of the commodities."""
    heads = {row["id"]: row for _, row in read_rows(table, "id", "name", *_TAGS)}
    lacking = [commodity for commodity in numbers if commodity not in heads]
    if lacking:
        raise DocumentError("a commodity without its row", where=str(table), expected=lacking[0], found="none")
    names = [heads[commodity]["name"] or commodity for commodity in numbers]
    return names, {tag: Labels.of(heads[commodity][column] for commodity in numbers) for tag, column in _TAGS.items()}
