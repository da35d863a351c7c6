"""Audit a whole tree out of a bundle file with every check, against bare verifications."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.bench import Bench
from benchmarks.measure import Stopwatch, best
from benchmarks.products import LARGE_BYTES, SMALL_BYTES
from benchmarks.result import Result, rate
from benchmarks.tree import Tree
from benchmarks.world import JUDGED_AT
from verifier.audit import Progress, Settings, audit
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource
from verifier.examine import Limits
from verifier.policy import default_policy
from verifier.report import Report, Verdict
from verifier.trust import read_trust

_WARM_UP_NODES = 20
_TURNS = 60


def run(bench: Bench) -> Iterator[Result]:
    """Opening and reading the bundle counts; the reference takes its turns while the audit runs."""
    sizes = (
        (bench.count(10_000, quick=1_000), SMALL_BYTES, 0.25),
        (bench.count(2_000, quick=500), LARGE_BYTES, None),
    )
    for nodes, size, goal in sizes:
        tree = bench.tree(nodes, size)
        audit_tree(tree, max_nodes=_WARM_UP_NODES)
        tries = []
        for _ in range(bench.tries):
            watch = Stopwatch(bench.ed25519.verify, every=max(1, nodes // _TURNS))
            tries.append(watch.time(partial(_passed, tree, watch.report)))
        times = best(tries)
        yield rate(
            f"audit_{size}",
            f"audit a tree of {nodes:,} passports of {size:,} bytes from a bundle file, all checks, reading included",
            ours_s=times.ours_s / nodes,
            reference_s=times.reference_s,
            reference_name=bench.ed25519.verifying,
            unit="passports/s",
            goal=goal,
        )


def audit_tree(tree: Tree, *, progress: Progress | None = None, max_nodes: int | None = None) -> Report:
    """Audit a tree as `passport audit FILE --trust TRUST` does.

    Args:
        tree: Which.
        progress: Called as nodes are examined.
        max_nodes: Stop there; everything is loaded and compiled then.
    """
    limits = Limits() if max_nodes is None else Limits(nodes=max_nodes)
    with BundleFile(tree.bundle) as bundle:
        source = BundleSource(bundle)
        report = audit(
            source,
            bundle.header.top,
            policy=default_policy(),
            trust=read_trust(tree.trust),
            settings=Settings(at=JUDGED_AT, is_snapshot=True, limits=limits),
            progress=progress,
        )
        if max_nodes is None:
            source.refuse_surplus(report)
    return report


def _passed(tree: Tree, progress: Progress) -> None:
    report = audit_tree(tree, progress=progress)
    if report.verdict is not Verdict.PASSED or len(report.records) != tree.nodes:
        raise ValueError(f"a sound tree was not passed: {report.verdict}, {'; '.join(report.reasons)}")
