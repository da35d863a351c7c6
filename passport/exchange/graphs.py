"""One front for graphs out of files: recognise what a path is and read it as a `NamedGraph`.

| what | recognised by |
|---|---|
| USEEIO tables | a folder with `A_edges.csv` and `D_direct_intensity.csv`, plain or as `.gz` |
| edge table | a file `.parquet`, `.csv` or `.csv.gz`, or a folder with `edges` and `nodes` in one of these |
| `bw_processing` datapackage | a folder or zip with `datapackage.json` |
| inventories | a file `.yaml`, `.yml` or `.json`, or a folder with such files or with folders of them |
| `olca-schema` JSON-LD | a zip, or a folder of its folders `processes`, `flows` ... |
| US LCI tables | a folder with `processes.csv.gz`, `exchanges.csv.gz`, `flows.csv.gz`, `linked_edges.csv.gz` |
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from passport.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from passport.exchange.named_graph import NamedGraph

TABLE_SUFFIXES = (".parquet", ".csv", ".csv.gz")
INVENTORY_SUFFIXES = (".yaml", ".yml", ".json")

_USLCI = ("processes.csv.gz", "exchanges.csv.gz", "flows.csv.gz", "linked_edges.csv.gz")
_EXPECTED = (
    "an edge table (.parquet, .csv), a folder of USEEIO or US LCI tables, a bw_processing datapackage, "
    "an olca-schema zip, or inventories (.yaml, .json)"
)


def read_graph(path: Path | str, *, nodes: Path | str | None = None, use_cache: bool = True) -> NamedGraph:
    """Read whatever stands at a path as a graph.

    Args:
        path: A file or folder of one of the kinds above.
        nodes: Of an edge table: where its nodes are, if not beside it (`nodes.*`, or `X.nodes.*` beside `X.*`).
        use_cache: Of an edge table: keep the arrays beside it, and take them from there when the tables are the same.

    Raises:
        DocumentError: Nothing there, of none of these kinds, or damaged; names file and row.
        UnitError: An amount in a unit that does not convert to its supplier's.
        GraphError: The numbers make no supply graph.
        UsageError: A package is missing that reading this takes, or `nodes` with something that has none.
    """
    path = Path(path)
    if not path.exists():
        raise DocumentError("no such file or folder", where=str(path), expected=_EXPECTED)
    kind = _kind(path)
    if kind not in READERS:
        raise DocumentError("not a graph that is read here", where=str(path), expected=_EXPECTED)
    options: dict[str, Any] = {}
    if kind == "edge_table":
        options = {"nodes": None if nodes is None else Path(nodes), "use_cache": use_cache}
    elif nodes is not None:
        raise UsageError("only an edge table has nodes of its own", where=str(path), found=f"nodes {nodes}")
    return _reader(kind)(path, **options)


def _kind(path: Path) -> str | None:
    """The module here that reads it."""
    if path.is_dir():
        names = {entry.name for entry in path.iterdir()}
        if {"datapackage.json"} <= names:
            return "bw_datapackage"
        if _has(names, "A_edges") and _has(names, "D_direct_intensity"):
            return "useeio"
        if names.issuperset(_USLCI):
            return "uslci_graph"
        if {"processes", "flows"} <= names:
            return "olca_zip"
        if any(f"edges{suffix}" in names for suffix in TABLE_SUFFIXES):
            return "edge_table"
        return "inventory_graph" if any(file.name.endswith(INVENTORY_SUFFIXES) for file in path.rglob("*")) else None
    if path.name.endswith(TABLE_SUFFIXES):
        return "edge_table"
    if path.name.endswith(INVENTORY_SUFFIXES):
        return "inventory_graph"
    return _zip_kind(path) if path.suffix == ".zip" or zipfile.is_zipfile(path) else None


def _has(names: set[str], stem: str) -> bool:
    return not names.isdisjoint({f"{stem}.csv", f"{stem}.csv.gz"})


def _zip_kind(path: Path) -> str:
    """What a zip holds: a datapackage names itself, all else is read as JSON-LD, whose reader says what is lacking."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "bw_datapackage" if "datapackage.json" in archive.namelist() else "olca_zip"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DocumentError("not a whole zip file", where=str(path), found=error, hint="fetch it again") from error


def _reader(kind: str) -> Callable[..., NamedGraph]:
    """The function that reads that kind."""
    try:
        module = import_module(f"passport.exchange.{kind}")
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in {"numpy", "scipy"}:
            raise UsageError(
                f"graphs need {error.name}, which is not installed", hint="pip install 'carbon-passport[engine]'"
            ) from error
        raise
    return cast("Callable[..., NamedGraph]", getattr(module, READERS[kind]))


READERS = {
    "bw_datapackage": "read_datapackage",
    "edge_table": "read_edge_table",
    "inventory_graph": "read_inventory_graph",
    "olca_zip": "read_olca_zip",
    "useeio": "read_useeio",
    "uslci_graph": "read_uslci_graph",
}
"""The modules beside this one that read graphs, and by which function."""
