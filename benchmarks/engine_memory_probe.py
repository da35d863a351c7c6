"""Compute all footprints of the arrays in a folder, and print as JSON how far memory rose; run as a process alone."""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.engine_graphs import small_loops, tiered
from benchmarks.memory_probe import Sampler, anonymous_bytes
from passport.carbon import SupplyGraph


def main(folder: Path) -> None:
    """Code, its compiling and the arrays are there before memory is looked at."""
    for edges in (tiered(2000), small_loops(2000)):
        SupplyGraph.from_edges(edges.supplier, edges.consumer, edges.amount, edges.direct).footprints()
    arrays = [np.load(folder / f"{column}.npy") for column in ("supplier", "consumer", "amount", "direct")]
    gc.collect()
    before = anonymous_bytes()
    if before is None:
        raise SystemExit("this system does not tell how much memory a process has")
    sampler = Sampler()
    sampler.start()
    start = time.process_time()
    graph = SupplyGraph.from_edges(*arrays)
    graph.footprints()
    seconds = time.process_time() - start
    sampler.stop()
    found = {
        "above_bytes": sampler.highest_bytes - before,
        "peak_bytes": sampler.highest_bytes,
        "edges": graph.n_edges,
        "seconds": seconds,
        "how": "resident memory without files",
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
