"""Audit one bundle and print as JSON how far memory rose; run as a process that does nothing else."""

from __future__ import annotations

import gc
import json
import sys
import threading
import tracemalloc
from pathlib import Path

from benchmarks.auditing import audit_tree
from benchmarks.tree import Tree
from verifier.report import Verdict

_STATUS = Path("/proc/self/status")
_PERIOD_S = 0.002
_WARM_UP_NODES = 20


def anonymous_bytes() -> int | None:
    """Memory of this process that no file stands behind; None where the system does not tell."""
    try:
        for line in _STATUS.read_text("ascii").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


class Sampler(threading.Thread):
    """Looks again and again at this process's memory, and keeps the highest it saw."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.highest_bytes = 0
        self._is_over = threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        while not self._is_over.wait(_PERIOD_S):
            self.look()

    def look(self) -> None:
        """Look once."""
        self.highest_bytes = max(self.highest_bytes, anonymous_bytes() or 0)

    def stop(self) -> None:
        """Look a last time and end."""
        self._is_over.set()
        self.join()
        self.look()


def probe(tree: Tree) -> tuple[int, str]:
    """By how many bytes memory rose while a tree was audited, and how that was found."""
    audit_tree(tree, max_nodes=_WARM_UP_NODES)  # code and compiled schemas are no part of it
    gc.collect()
    before = anonymous_bytes()
    if before is None:
        tracemalloc.start()
        _audit(tree)
        return tracemalloc.get_traced_memory()[1], "tracemalloc"
    sampler = Sampler()
    sampler.start()
    _audit(tree)
    sampler.stop()
    return sampler.highest_bytes - before, "resident memory without files"


def _audit(tree: Tree) -> None:
    report = audit_tree(tree)
    if report.verdict is not Verdict.PASSED:
        raise ValueError(f"a sound tree was not passed: {report.verdict}")


if __name__ == "__main__":
    bundle, trust, nodes = sys.argv[1:]
    peak_bytes, how = probe(Tree(int(nodes), 0, Path(bundle), Path(trust)))
    print(json.dumps({"peak_bytes": peak_bytes, "how": how}))
