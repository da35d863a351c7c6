"""Targets: graphs out of files: Parquet and CSV tables, openLCA's and Brightway's packages, tables of LCA databases."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from fuzz_documents import folder, written
from fuzz_packed import unpacked
from fuzz_target import CORPUS, Target

from passport.errors import DocumentError, PassportError
from passport.exchange.bw_datapackage import read_datapackage
from passport.exchange.edge_table import read_edge_table
from passport.exchange.graph_cache import kept_graph
from passport.exchange.graphs import read_graph
from passport.exchange.olca_zip import read_olca_zip
from passport.exchange.useeio import read_useeio
from passport.exchange.uslci_graph import read_uslci_graph


def zipped(data: bytes) -> Path:
    """The files of an input as a zip: its members bent, and not the zip around them."""
    path = folder() / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in unpacked(data).items():
            archive.writestr(name, content)
    return path


def laid_out(data: bytes, *, suffix: str = "") -> Path:
    """The files of an input in a folder; under gzip where their names shall end so."""
    place = folder() / "tables"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for name, content in unpacked(data).items():
        if "/" not in name:
            (place / (name + suffix)).write_bytes(gzip.compress(content, 1, mtime=0) if suffix else content)
    return place


def read_zip(data: bytes) -> object:
    return read_graph(written("x.zip", data))


def read_arrays(data: bytes) -> object:
    """A file of kept arrays with its hash put right, as whoever may write there could: a graph, or none."""
    body = data[:-32]
    graph = kept_graph(written("x.arrays", body + sha256(body).digest()), key="k", source=Path("x.csv"))
    if graph is None:
        raise DocumentError("not kept arrays")
    return graph.graph.n_edges


def read_tables_of(suffix: str) -> Callable[[bytes], object]:
    """One of two tables bent, and the other as it should be."""

    def read(data: bytes) -> object:
        name = "parquet" if suffix == ".parquet" else "csv_gz"
        bent = written(f"bent{suffix}", data)
        good = {each: written(f"{each}{suffix}", (CORPUS / name / each).read_bytes()) for each in ("edges", "nodes")}
        problem: PassportError | None = None
        read: list[object] = []
        for edges, nodes in ((bent, good["nodes"]), (good["edges"], bent)):
            try:
                read.append(read_edge_table(edges, nodes=nodes, use_cache=False))
            except PassportError as error:
                problem = error
        if problem is not None and not read:
            raise problem
        return read

    return read


TARGETS = [
    Target("zip", read_zip, 8192, 4),
    Target("olca_package", lambda data: read_olca_zip(zipped(data)), 8192, 8),
    Target("datapackage", lambda data: read_datapackage(zipped(data)), 8192, 8),
    Target("parquet", read_tables_of(".parquet"), 8192, 10),
    Target("csv_gz", read_tables_of(".csv.gz"), 2048, 10),
    Target("uslci_tables", lambda data: read_uslci_graph(laid_out(data, suffix=".gz")), 2048, 8),
    Target("useeio_tables", lambda data: read_useeio(laid_out(data)), 2048, 8),
    Target("arrays", read_arrays, 8192, 4),
]
