"""The list of benchmarks, in the order they run; a new one is a module with `run` and one line here."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.result import Result

BENCHMARKS = {
    "signing": "sign and hash a ready passport",
    "verifying": "verify one passport from its bytes",
    "envelopes": "the same in other envelopes",
    "batches": "many of them in several processes",
    "canonical": "canonical JSON",
    "schemas": "schema checks",
    "issuing": "whole issue, inventory to stored",
    "anchoring": "sustained issue and anchoring, in batches of ten thousand",
    "state_proofs": "contract storage out of proofs",
    "transparency_log": "the RFC 9162 log",
    "log_peers": "the log against other trees, up to a million leaves",
    "tile_append": "appending to a log of a hundred million",
    "gas": "gas of anchoring",
    "auditing": "audit of a whole tree",
    "memory": "memory of that audit",
    "paths": "contribution trees",
    "engine_update": "updates of a supply graph",
    "edge_table": "edge tables to arrays",
    "monte_carlo": "footprints under uncertainty",
    "engine": "the engine: all footprints, cold and warm",
    "engine_markets": "the engine on a database in the size of ecoinvent",
    "engine_memory": "memory of the engine",
    "start_up": "starting without a chain",
}
"""Each module's name with what it measures; those that share a world stand together."""


def run(names: Sequence[str], *, is_quick: bool = False, scale: float = 1.0) -> Iterator[Result]:
    """Run benchmarks by name, in the order of the list; the results come as they are found.

    Args:
        names: Some of `BENCHMARKS`.
        is_quick: Smaller worlds, rough figures.
        scale: Parts of the usual sizes.
    """
    with tempfile.TemporaryDirectory(prefix="carbon-passport-bench-") as folder:
        bench = Bench(Path(folder), is_quick=is_quick, scale=scale)
        try:
            for name in BENCHMARKS:
                if name in names:
                    start = time.perf_counter()
                    bench.say(f"{name}: {BENCHMARKS[name]}")
                    yield from import_module(f"benchmarks.{name}").run(bench)
                    bench.say(f"  {time.perf_counter() - start:.1f} s")
        finally:
            bench.close()
