"""Zips and arrays that are damaged on purpose: each is refused, by the place where it is damaged."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from passport.errors import DocumentError
from passport.exchange.bw_entries import _array
from passport.exchange.edge_table import read_edge_table
from passport.exchange.graphs import read_graph
from passport.exchange.zip_members import open_members

NAME = "processes/\u00e9.json"


def zipped(method: int) -> bytearray:
    archived = io.BytesIO()
    with zipfile.ZipFile(archived, "w", method) as archive:
        archive.writestr(NAME, b'{"@id":"x"}' * 100)
    return bytearray(archived.getvalue())


@pytest.mark.parametrize("is_local", [False, True], ids=["in the directory", "before the file"])
def test_a_name_that_is_no_utf8(tmp_path: Path, *, is_local: bool) -> None:
    data = zipped(zipfile.ZIP_STORED)
    at = data.find("\u00e9".encode()) if is_local else data.rfind("\u00e9".encode())
    data[at] = 0xFF
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    with pytest.raises(DocumentError, match="a file that cannot be read" if is_local else "not a whole zip file"):
        read_graph(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_these_programs_write_is_unpacked(tmp_path: Path, method: int) -> None:
    """A stream of LZMA says itself how much memory its reader takes: up to four gigabytes."""
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(method))
    with pytest.raises(DocumentError, match="a compression that is not read here") as caught:
        read_graph(path)
    assert caught.value.expected == "stored or deflated"


def test_an_array_whose_head_is_no_python(tmp_path: Path) -> None:
    head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,"
    (tmp_path / "x.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head)
    with open_members(tmp_path) as members, pytest.raises(DocumentError, match="not an npy file"):
        _array(members, {"path": "x.npy"}, "x")
    np.save(tmp_path / "y.npy", np.zeros(2))
    with open_members(tmp_path) as members:
        assert _array(members, {"path": "y.npy"}, "y").tolist() == [0, 0]


@pytest.mark.parametrize("name", ["edges", "nodes"])
def test_a_table_whose_gzip_is_damaged(tmp_path: Path, name: str) -> None:
    rows = "".join(f"a{number},b,{number}\n" for number in range(1, 2000))
    tables = {"edges": f"supplier,consumer,amount\n{rows}", "nodes": f"id,name,direct\n{rows}"}
    for each, text in tables.items():
        data = bytearray(gzip.compress(text.encode(), mtime=0))
        if each == name:
            data[100:1000] = b"\xff" * 900
        (tmp_path / f"{each}.csv.gz").write_bytes(data)
    with pytest.raises(DocumentError, match=r"a table that cannot be read|not CSV"):
        read_edge_table(tmp_path, use_cache=False)
