"""What an audit found, as an object and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from verifier.outcome import Check, CheckId, Note, Outcome
from verifier.record import NodeKind, NodeRecord
from verifier.shares import Coverage, Responsibility

REPORT_SCHEMA_VERSION = "1.0"


class Verdict(StrEnum):
    """What a policy makes of an audit."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class AsOf:
    """The block and the moment that a verdict speaks of."""

    at: str
    chain: str | None
    block: int | None
    block_hash: str | None
    block_time: str | None

    def to_json(self) -> dict[str, Any]:
        """The block and moment as JSON values."""
        return {
            "at": self.at,
            "chain": self.chain,
            "block": self.block,
            "block_hash": self.block_hash,
            "block_time": self.block_time,
        }


@dataclass(frozen=True, slots=True)
class Failure:
    """Where an audit failed first, going by depth and then by the documented order of checks."""

    node: str
    check: Check


@dataclass(frozen=True, slots=True)
class Report:
    """The whole audit.

    Attributes:
        top: Digest of the audited passport.
        records: Every node by digest.
        order: Digests, parents first.
        depths: Steps from the top to each node (the longest way).
        coverage: What could be done with how much of the emissions.
        responsibility: Who answers for how much.
        as_of: The block and moment that are judged.
        bounds: Bounds that were met.
        notes: What is to be said of the audit as a whole.
        other_keys: The key that signed each delivery, status list and linked passport, as Multikey, by its key in
            bundles.
    """

    top: str
    records: dict[str, NodeRecord]
    order: tuple[str, ...]
    depths: dict[str, int]
    coverage: Coverage
    responsibility: Responsibility
    as_of: AsOf
    bounds: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    verdict: Verdict = Verdict.UNDECIDED
    reasons: tuple[str, ...] = ()
    other_keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def top_record(self) -> NodeRecord:
        """The audited passport's own node."""
        return self.records[self.top]

    def counts(self) -> dict[str, int]:
        """How many checks came to each outcome, over all nodes."""
        counted = Counter(str(check.outcome) for record in self.records.values() for check in record.ordered())
        return {str(outcome): counted.get(outcome, 0) for outcome in Outcome}

    def deepest_failure(self) -> Failure | None:
        """The first failed check, in the documented order, at the deepest failing node."""
        deepest: Failure | None = None
        depth = -1
        for digest in self.order:
            check = self.records[digest].first_failed()
            if check is not None and self.depths[digest] > depth:
                deepest, depth = Failure(self.records[digest].id, check), self.depths[digest]
        return deepest

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values, most important first."""
        return {
            "schema_version": REPORT_SCHEMA_VERSION,
            "verdict": str(self.verdict),
            "reasons": list(self.reasons),
            "coverage": self.coverage.to_json(),
            "as_of": self.as_of.to_json(),
            "top": self.top_record.id,
            "totals": self._totals(),
            "responsibility": self.responsibility.to_json(),
            "bounds": list(self.bounds),
            "notes": [note.to_json() for note in self.notes],
            "nodes": [self._node(digest) for digest in self.order],
        }

    def _totals(self) -> dict[str, Any]:
        kinds = Counter(str(record.kind) for record in self.records.values())
        top = self.top_record
        return {
            "pcfExcludingBiogenicUptake": top.total,
            "unit": "kg CO2e",
            "per": top.declared,
            "nodes": len(self.records),
            "passports": kinds.get(NodeKind.PASSPORT, 0),
            "imported": kinds.get(NodeKind.IMPORTED, 0),
            "absent": kinds.get(NodeKind.ABSENT, 0),
            "tiers": max(self.depths.values()) + 1,
            "outcomes": self.counts(),
        }

    def _node(self, digest: str) -> dict[str, Any]:
        record = self.records[digest]
        return {
            "id": record.id,
            "digest": digest,
            "kind": str(record.kind),
            "subject": {"id": record.subject_id or None, "name": record.subject_name or None},
            "issuer": record.issuer or None,
            "total": {"amount": record.total, "unit": "kg CO2e", "per": record.declared} if record.total else None,
            "tier": self.depths[digest],
            "checks": [check.to_json() for check in record.ordered()],
            "notes": [note.to_json() for note in record.notes],
            "upstream": [edge.child for edge in record.edges],
            "links": [link.to_json() for link in record.links],
            "ledger_footprint": record.ledger.to_json() if record.ledger else None,
        }


__all__ = ["REPORT_SCHEMA_VERSION", "AsOf", "Check", "CheckId", "Failure", "Report", "Verdict"]
