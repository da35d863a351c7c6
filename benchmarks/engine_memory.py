"""What computing all footprints takes in memory, at its highest, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.bench import Bench
from benchmarks.engine_graphs import GRAPHS
from benchmarks.result import Result, cost

_ABOVE_MB = 400.0
_IN_ALL_MB = 4000.0
_ROOT = Path(__file__).resolve().parent.parent


def run(bench: Bench) -> Iterator[Result]:
    """A million above the arrays, ten million in all; loops too, whose order must be found first."""
    n = bench.count(1_000_000, quick=50_000)
    for name in ("tiered", "small_loops"):
        found = _probe(bench, name, n)
        yield cost(
            f"engine_memory_{name}",
            f"{n:,} products, {found['edges']:,} edges ({name}), cold: peak memory above the arrays ({found['how']})",
            ours=found["above_bytes"] / 1e6,
            reference=_ABOVE_MB * n / 1e6,
            reference_name="the bound we set ourselves",
            unit="MB",
            goal=1.0,
        )
    n = bench.count(10_000_000, quick=100_000)
    for name in ("tiered", "giant_loop"):
        found = _probe(bench, name, n)
        yield cost(
            f"engine_memory_ten_million_{name}",
            f"{n:,} products, {found['edges']:,} edges ({name}), cold in {found['seconds']:.1f} s: "
            f"peak memory of the process, arrays included ({found['how']})",
            ours=found["peak_bytes"] / 1e6,
            reference=_IN_ALL_MB,
            reference_name="the bound we set ourselves",
            unit="MB",
            goal=1.0,
        )


def _probe(bench: Bench, name: str, n: int) -> dict[str, float]:
    """Make the arrays in one process and use them in another, which never sees what making them took."""
    folder = bench.folder / f"engine-{name}-{n}"
    folder.mkdir()
    make = [sys.executable, "-m", "benchmarks.engine_memory", name, str(n), str(folder)]
    subprocess.run(make, check=True, cwd=_ROOT)
    probe = [sys.executable, "-m", "benchmarks.engine_memory_probe", str(folder)]
    done = subprocess.run(probe, check=True, stdout=subprocess.PIPE, cwd=_ROOT)
    for file in folder.iterdir():
        file.unlink()
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _make(name: str, n: int, folder: Path) -> None:
    edges = GRAPHS[name](n)
    for column in ("supplier", "consumer", "amount", "direct"):
        np.save(folder / f"{column}.npy", getattr(edges, column))


if __name__ == "__main__":
    _make(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
