"""Whether what a graph keeps by rank is what its own columns say."""

from __future__ import annotations

import numpy as np

from passport.carbon import SupplyGraph


def assert_sound(graph: SupplyGraph) -> None:
    """The topology is one of the graph's own edges."""
    topology = graph.topology
    rows = np.repeat(np.arange(graph.n_products), np.diff(topology.indptr))
    assert np.array_equal(np.sort(topology.edge), np.arange(graph.n_edges))
    assert np.array_equal(topology.rank[graph.supplier[topology.edge]], topology.indices)
    assert np.array_equal(topology.rank[graph.consumer[topology.edge]], rows)
    level = np.searchsorted(topology.level_ptr, np.arange(graph.n_products), side="right")
    block = np.searchsorted(topology.block_start, np.arange(graph.n_products), side="right")
    inside = np.zeros(graph.n_products, dtype=bool)
    for start, end in zip(topology.block_start, topology.block_end, strict=True):
        inside[start:end] = True
    together = inside[rows] & inside[topology.indices] & (block[rows] == block[topology.indices])
    assert (together | (level[topology.indices] < level[rows])).all()
    live = graph._road.live
    users = np.repeat(np.arange(graph.n_products), np.diff(live.user_indptr))
    assert sorted(zip(users, live.users, strict=True)) == sorted(zip(topology.indices, rows, strict=True))
