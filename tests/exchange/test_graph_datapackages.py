"""`bw_processing` datapackages as graphs, against bw2calc on the same files, product by product."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import bw2calc
import bw_processing
import numpy as np
import pytest
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.zip import ZipFileSystem
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.errors import BoundError, DocumentError, PassportError, UnproductiveError
from passport.exchange import bw_datapackage, bw_entries
from passport.exchange.bw_datapackage import read_datapackage
from passport.exchange.graphs import read_graph

# The peer does not close the files that it writes and reads.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

Matrix = list[tuple[int, int, float]]

# Bread (102) takes flour (101) and power (100); the mill uses bread and power, the power plant a little power itself.
TECHNOSPHERE: Matrix = [
    (100, 100, 0.98),
    (101, 101, 10),
    (102, 102, 2),
    (100, 101, -3),
    (101, 102, -1.4),
    (100, 102, -0.5),
    (102, 101, -0.04),
]
BIOSPHERE: Matrix = [(7, 100, 0.4), (7, 101, 0.5), (8, 101, 0.01), (9, 102, 3)]
CO2E: Matrix = [(7, 0, 1), (8, 0, 29.8), (6, 0, 273)]


def write(
    path: Path,
    technosphere: Matrix = TECHNOSPHERE,
    biosphere: Matrix = BIOSPHERE,
    *,
    factors: Matrix | None = CO2E,
    **options: bool,
) -> Path:
    """A datapackage written by its own library; inputs are flipped as Brightway does."""
    if path.suffix == ".zip":
        system = ZipFileSystem(str(path), mode="w")
    else:
        path.mkdir()
        system = DirFileSystem(path=str(path), fs=LocalFileSystem())
    package = bw_processing.create_datapackage(fs=system, name="test", **options)
    matrices = {"technosphere_matrix": technosphere, "biosphere_matrix": biosphere, "characterization_matrix": factors}
    for name, entries in matrices.items():
        if entries is not None:
            values = np.array([value for _, _, value in entries], dtype=float)
            is_flipped = (values < 0) & (name == "technosphere_matrix")
            package.add_persistent_vector(
                matrix=name,
                name=name,
                indices_array=np.array([entry[:2] for entry in entries], dtype=bw_processing.INDICES_DTYPE),
                data_array=np.where(is_flipped, -values, values),
                flip_array=is_flipped,
            )
    package.finalize_serialization()
    if path.suffix == ".zip":
        system.close()
    return path


def scores(path: Path, products: Iterable[int]) -> list[float]:
    """The peer's scores of one unit of each of some products."""
    is_zip = path.suffix == ".zip"
    system = ZipFileSystem(str(path)) if is_zip else DirFileSystem(path=str(path), fs=LocalFileSystem())
    first, *others = products
    lca = bw2calc.LCA(demand={first: 1}, data_objs=[bw_processing.load_datapackage(system)])
    lca.lci()
    lca.lcia()
    found = [float(lca.score)]
    for product in others:
        lca.lcia(demand={product: 1})
        found.append(float(lca.score))
    return found


@pytest.mark.parametrize("name", ["package", "package.zip"])
def test_every_product_has_the_peers_score(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name)
    graph = read_graph(path)
    assert list(graph.ids) == ["100", "101", "102"]
    assert [column.name for column in graph.columns] == ["characterization_matrix"]
    found = graph.graph.footprints()[:, 0]
    assert found == pytest.approx(scores(path, [100, 101, 102]), rel=1e-13)
    assert found[0] == pytest.approx(0.4 / 0.98, rel=1e-15)


def test_without_factors_every_flow_is_a_column(tmp_path: Path) -> None:
    graph = read_graph(write(tmp_path / "package", factors=None))
    assert [column.name for column in graph.columns] == ["flow 7", "flow 8", "flow 9"]
    scored = read_graph(write(tmp_path / "scored"))
    assert graph.graph.footprints() @ [1, 29.8, 0] == pytest.approx(scored.graph.footprints()[:, 0], rel=1e-14)


def test_several_packages_are_read_together(tmp_path: Path) -> None:
    """Inventory, impact category and a changed amount in packages of their own, as Brightway keeps them."""
    inventory = write(tmp_path / "inventory.zip", factors=None)
    changed = write(tmp_path / "change", [(101, 102, -7.0)], [(7, 102, 1.0)])
    both = read_datapackage(inventory, changed)
    whole = write(
        tmp_path / "whole", [*TECHNOSPHERE[:4], (101, 102, -7.0), *TECHNOSPHERE[5:]], [*BIOSPHERE, (7, 102, 1.0)]
    )
    assert both.graph.footprints() == pytest.approx(read_datapackage(whole).graph.footprints(), rel=1e-15)


@pytest.mark.parametrize("is_sum", [False, True])
def test_entries_of_one_place_add_or_replace_as_the_package_says(tmp_path: Path, is_sum: bool) -> None:
    path = write(tmp_path / "package", [*TECHNOSPHERE, (100, 102, -0.25)], sum_intra_duplicates=is_sum)
    found = read_graph(path).graph.footprints()[2, 0]
    assert found == pytest.approx(scores(path, [102])[0], rel=1e-13)
    other = read_graph(write(tmp_path / "other", [*TECHNOSPHERE, (100, 102, -0.25)], sum_intra_duplicates=not is_sum))
    assert other.graph.footprints()[2, 0] != pytest.approx(found, rel=1e-3)


def test_products_with_ids_of_their_own_treatments_and_by_products(tmp_path: Path) -> None:
    """Activity 50 makes product 1; activity 60 treats waste 60 (its own entry is negative) and gives some of 1."""
    technosphere: Matrix = [(1, 50, 4), (60, 60, -1), (60, 50, 0.5), (1, 60, 0.25)]
    path = write(tmp_path / "package", technosphere, [(7, 50, 2), (7, 60, 1)])
    graph = read_graph(path)
    assert list(graph.ids) == ["1", "60"]
    assert graph.graph.footprints()[:, 0] == pytest.approx(scores(path, [1, 60]), rel=1e-13)


@st.composite
def systems(draw: st.DrawFn) -> tuple[Matrix, Matrix]:
    """Up to six activities that take of each other, loops included, less than they make."""
    count = draw(st.integers(1, 6))
    made = draw(st.lists(st.floats(0.1, 100), min_size=count, max_size=count))
    share = st.floats(0, 0.9 / count)
    technosphere = [(k, k, made[k]) for k in range(count)]
    technosphere += [
        (i, j, -draw(share) * made[j]) for i in range(count) for j in range(count) if i != j and draw(st.booleans())
    ]
    return technosphere, [(1, k, draw(st.floats(0, 10))) for k in range(count)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=10)
@given(systems())
def test_any_system_has_the_scores_of_a_dense_solve(
    tmp_path_factory: pytest.TempPathFactory, system: tuple[Matrix, Matrix]
) -> None:
    """T^T f = e, without our graph or its engine."""
    technosphere, biosphere = system
    path = write(tmp_path_factory.mktemp("any") / "package", technosphere, biosphere, factors=[(1, 0, 1)])
    count = len(biosphere)
    dense = np.zeros((count, count))
    for row, column, value in technosphere:
        dense[row, column] = value
    plain = np.linalg.solve(dense.T, [value for _, _, value in biosphere])
    assert read_graph(path).graph.footprints()[:, 0] == pytest.approx(plain, rel=1e-9, abs=1e-12)


FAULTS: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "no product",
        {"technosphere": [*TECHNOSPHERE, (100, 103, -1)]},
        "activity 103: an activity whose product is not clear",
        "0 outputs",
    ),
    (
        "two products",
        {"technosphere": [*TECHNOSPHERE, (104, 103, 1), (105, 103, 1)]},
        "activity 103: an activity whose product is not clear",
        "2 outputs",
    ),
    (
        "nobody makes it",
        {"technosphere": [*TECHNOSPHERE, (99, 102, -1)]},
        "product 99: a product that is not of one activity",
        "0 activities",
    ),
    (
        "two make it",
        {"technosphere": [*TECHNOSPHERE, (104, 103, 1), (104, 105, 1)]},
        "product 104: a product that is not of one activity",
        "2 activities",
    ),
    ("emissions of nobody", {"biosphere": [*BIOSPHERE, (7, 99, 1)]}, "emissions of no activity", "activity 99"),
    (
        "not finite",
        {"biosphere": [*BIOSPHERE, (7, 100, np.nan)]},
        "biosphere_matrix, entry 4: not a finite number",
        "nan",
    ),
    ("factors by place", {"factors": [*CO2E, (7, 1, 2)]}, "several factors for one flow", "hold everywhere"),
    (
        "feeds on itself",
        {"technosphere": [*TECHNOSPHERE, (102, 101, -20)]},
        "these products need as much of each other as they make",
        "102 -> 101",
    ),
]


@pytest.mark.parametrize(("parts", "message", "fact"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_wrong_systems_are_refused(tmp_path: Path, parts: dict[str, Any], message: str, fact: str) -> None:
    path = write(tmp_path / "package", **parts)
    with pytest.raises((DocumentError, UnproductiveError)) as caught:
        read_graph(path).graph.footprints()
    assert message in str(caught.value)
    assert fact in str(caught.value)


def rewritten(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    head = path / "datapackage.json"
    told = json.loads(head.read_text("utf-8"))
    change(told)
    head.write_text(json.dumps(told), "utf-8")
    return path


def test_damaged_packages_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "package")
    array = path / "technosphere_matrix.data.npy"
    whole = array.read_bytes()
    for part in (b"", whole[:50], whole[: len(whole) // 2], b"x" + whole[1:]):
        array.write_bytes(part)
        with pytest.raises(DocumentError, match="not an npy file") as caught:
            read_graph(path)
        assert "technosphere_matrix.data.npy" in str(caught.value.where)
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"code": "run"}], dtype=object), allow_pickle=True)
    array.write_bytes(buffer.getvalue())
    with pytest.raises(DocumentError, match="not an npy file"):
        read_graph(path)
    array.unlink()
    with pytest.raises(DocumentError, match="a file that cannot be read"):
        read_graph(path)
    array.write_bytes(whole)
    with monkeypatch.context() as context:
        context.setattr(bw_entries, "MAX_ARRAY_BYTES", 100)
        with pytest.raises(BoundError, match="a file that is too large"):
            read_graph(path)
    with monkeypatch.context() as context:
        context.setattr(bw_datapackage, "MAX_CELLS", 2)
        with pytest.raises(BoundError, match="too many columns"):
            read_graph(path)
    rewritten(path, lambda head: head["resources"][0].update(category="array"))
    with pytest.raises(DocumentError, match="arrays that are not read here"):
        read_graph(path)
    rewritten(path, lambda head: head.update(resources=[]))
    with pytest.raises(DocumentError, match="no technosphere"):
        read_graph(path)
    for text in ("", "[]", "{}", '{"resources": 3}', '{"resources": [{"matrix": 1}]}', "{"):
        (path / "datapackage.json").write_text(text, "utf-8")
        with pytest.raises(DocumentError, match=r"not a datapackage"):
            read_graph(path)


def test_zips_cut_in_half_and_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "package.zip")
    whole = path.read_bytes()
    for part in (whole[: len(whole) // 2], whole[:-30]):
        path.write_bytes(part)
        with pytest.raises(DocumentError, match="not a whole zip file"):
            read_graph(path)
    for place in range(0, len(whole), 37):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read_graph(path)
        except PassportError:
            continue
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("datapackage.json", b" " * 10**6)
    monkeypatch.setattr(bw_datapackage, "MAX_HEAD_BYTES", 10**5)
    with pytest.raises(BoundError, match="a file that is too large"):
        read_graph(path)


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "package")

    def add(head: dict[str, Any]) -> None:
        head["resources"].append(head["resources"][-1] | {"matrix": "weighting_matrix", "group": "weights"})

    assert read_graph(rewritten(path, add)).notes == ("weighting_matrix is not read",)
