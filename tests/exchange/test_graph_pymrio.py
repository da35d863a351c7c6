"""Input-output accounts side by side with pymrio: its test system and a published small system."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymrio
import pytest

from passport.exchange.graphs import read_graph
from passport.exchange.named_graph import NamedGraph


@pytest.fixture(scope="module")
def peer() -> pymrio.IOSystem:
    """Six regions with eight sectors each, calculated by pymrio."""
    system = pymrio.load_test()
    system.calc_all()
    return system


@pytest.fixture(scope="module")
def graph(peer: pymrio.IOSystem, tmp_path_factory: pytest.TempPathFactory) -> NamedGraph:
    """The same system's A and S as tables."""
    folder = tmp_path_factory.mktemp("mrio")
    ids = [f"{sector}/{region}" for region, sector in peer.A.columns]
    edges = ["input_id,output_id,amount_usd_per_usd"]
    edges += [
        f"{ids[i]},{ids[j]},{float(peer.A.iat[i, j])!r}"
        for i in range(len(ids))
        for j in range(len(ids))
        if peer.A.iat[i, j]
    ]
    stressors = peer.emissions.S
    headings = [
        f"{stressor} [{peer.emissions.unit.loc[(stressor, place), 'unit']}] per USD"
        for stressor, place in stressors.index
    ]
    direct = [f"id,{','.join(headings)}"]
    direct += [f"{each},{','.join(repr(float(value)) for value in stressors.iloc[:, j])}" for j, each in enumerate(ids)]
    (folder / "A_edges.csv").write_text("\n".join(edges) + "\n", "utf-8")
    (folder / "D_direct_intensity.csv").write_text("\n".join(direct) + "\n", "utf-8")
    return read_graph(folder)


def test_multipliers_are_the_peers(graph: NamedGraph, peer: pymrio.IOSystem) -> None:
    """M = S L for both stressors and all 48 sectors."""
    multipliers = peer.emissions.M.to_numpy().T
    assert multipliers.shape == (48, 2)
    assert graph.graph.footprints() == pytest.approx(multipliers, rel=1e-12)


def test_requirements_are_columns_of_the_peers_inverse(graph: NamedGraph, peer: pymrio.IOSystem) -> None:
    inverse = peer.L.to_numpy()
    for product in (0, 17, 47):
        assert graph.graph.requirements(product) == pytest.approx(inverse[:, product], rel=1e-12, abs=1e-15)


def test_what_final_demand_causes_is_what_all_emit(graph: NamedGraph, peer: pymrio.IOSystem) -> None:
    """Sum of y f equals sum of x e: nothing is lost and nothing counted twice."""
    demand = peer.Y.sum(axis=1).to_numpy()
    output = peer.x.to_numpy()[:, 0]
    assert demand @ graph.graph.footprints() == pytest.approx(output @ graph.graph.direct, rel=1e-10)


def test_two_sectors_of_a_textbook(tmp_path: Path) -> None:
    """Miller and Blair, Input-Output Analysis, 2nd ed., section 2.3: Z = [[150, 500], [200, 100]], x = [1000, 2000].

    A = [[0.15, 0.25], [0.20, 0.05]] and the Leontief inverse is [[1.2541, 0.3300], [0.2640, 1.1221]]. With one unit
    emitted per unit of output of one sector alone, footprints are the rows of that inverse.
    """
    (tmp_path / "A_edges.csv").write_text(
        "input_id,output_id,amount_usd_per_usd\n1,1,0.15\n1,2,0.25\n2,1,0.20\n2,2,0.05\n", "utf-8"
    )
    (tmp_path / "D_direct_intensity.csv").write_text("id,ONE [u] per USD,TWO [u] per USD\n1,1,0\n2,0,1\n", "utf-8")
    found = read_graph(tmp_path).graph.footprints()
    assert np.round(found.T, 4).tolist() == [[1.2541, 0.3300], [0.2640, 1.1221]]
    assert 600 * found[0] + 1500 * found[1] == pytest.approx([1247.52, 1841.58], abs=0.01)
