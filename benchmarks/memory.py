"""What an audit keeps in memory beyond the documents, at its highest, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.products import SMALL_BYTES
from benchmarks.result import Result, cost

_BOUND_KB = 2.0


def run(bench: Bench) -> Iterator[Result]:
    """The bundle is mapped, so its bytes are the file's, not the process's."""
    nodes = bench.count(10_000, quick=1_000)
    tree = bench.tree(nodes, SMALL_BYTES)
    command = [sys.executable, "-m", "benchmarks.memory_probe", str(tree.bundle), str(tree.trust), str(nodes)]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=root)
    found = json.loads(done.stdout)
    yield cost(
        "audit_memory",
        f"peak memory of that audit of {nodes:,} passports beyond the documents' bytes ({found['how']})",
        ours=found["peak_bytes"] / nodes / 1000,
        reference=_BOUND_KB,
        reference_name="the bound we set ourselves",
        unit="kB/passport",
        goal=1.0,
    )
