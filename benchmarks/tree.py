"""A tree of many passports, issued, anchored and put into one bundle file with the trust file to judge it by."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.products import inventory, padding_for
from benchmarks.world import Company
from verifier.report import Verdict

BRANCHES = 6
"""Parts of each product, so that products with parts and products without both fit into the smaller size."""

_PROBE = 10_000_000


@dataclass(frozen=True, slots=True)
class Tree:
    """A bundle of `nodes` passports of about `passport_bytes` each."""

    nodes: int
    passport_bytes: int
    bundle: Path
    trust: Path


def grow(folder: Path, *, nodes: int, passport_bytes: int, progress: Callable[[int], None] | None = None) -> Tree:
    """Issue a tree of passports in one company, suppliers first, and bundle it.

    Args:
        folder: Where to work.
        nodes: How many passports.
        passport_bytes: How long each signed passport is to be.
        progress: Called with the number issued so far.

    Raises:
        ValueError: The bundle does not pass its own audit.
    """
    with Company(folder) as company:
        # The probes stay in the log, as products that are no part of the tree.
        bare = padding_for(company, passport_bytes, number=_PROBE)
        link = bare - padding_for(company, passport_bytes, number=_PROBE + 1, parts=(_PROBE,))
        # One transaction: each on its own would wait for the disk ten thousand times.
        with company.workspace.store.transaction():
            for number in range(nodes - 1, -1, -1):
                first = BRANCHES * number + 1
                parts = range(first, min(first + BRANCHES, nodes))
                padding = max(0, bare - link * len(parts))
                top = company.issue(inventory(number, parts=parts, padding_bytes=padding))
                if progress:
                    progress(nodes - number)
        company.issuer.anchor()
        tree = Tree(nodes, passport_bytes, folder / "top.bundle", folder / "trust.json")
        report = company.bundle(tree.bundle, top)
        if report.verdict is not Verdict.PASSED or len(report.records) != nodes:
            raise ValueError(f"the tree is not sound: {report.verdict}, {'; '.join(report.reasons)}")
        tree.trust.write_text(json.dumps(company.trust().to_json()), "utf-8")
    return tree
