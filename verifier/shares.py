"""Who and what stands behind the top product's emissions: coverage and responsibility, by share of gross emissions.

Shares are of the sum of absolute components excluding uptake, followed down the tree: a node's share is divided among
its rows, and what an edge brings is passed on to its child. Components and not totals, or a supplier could hide what it
emits behind as much removal. What an issuer exempted counts into its node's gross.
They are shown to people and compared with a threshold, so they are floating-point numbers, unlike documents' amounts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from passport.arithmetic.quanta import ONE
from verifier.outcome import CheckId, Outcome
from verifier.record import NodeKind, NodeRecord

NOBODY_REASONS = ("identity_not_passed", "exempted", "not_at_hand")


@dataclass(slots=True)
class Coverage:
    """Shares of gross emissions by what the audit could do with them; they add up to 1."""

    recomputed: float = 0.0
    withheld: float = 0.0
    imported: float = 0.0
    unanswered: float = 0.0

    def to_json(self) -> dict[str, float]:
        """The shares, rounded to 9 digits for reading."""
        return {name: round(getattr(self, name), 9) for name in ("recomputed", "withheld", "imported", "unanswered")}


@dataclass(slots=True)
class Subject:
    """One legal entity's part."""

    name: str
    issuer_id: str
    answered: float = 0.0
    second_hand: float = 0.0
    removals: float = 0.0


@dataclass(slots=True)
class Responsibility:
    """Shares of gross emissions by who answers for them; answered, second hand and nobody add up to 1."""

    subjects: dict[str, Subject] = field(default_factory=dict)
    nobody: dict[str, float] = field(default_factory=lambda: dict.fromkeys(NOBODY_REASONS, 0.0))

    @property
    def answered(self) -> float:
        """Share that identified entities answer for by their own data."""
        return sum(subject.answered for subject in self.subjects.values())

    @property
    def second_hand(self) -> float:
        """Share that rests on factors and imports somebody cites."""
        return sum(subject.second_hand for subject in self.subjects.values())

    def to_json(self) -> dict[str, Any]:
        """The shares, largest first, rounded to 9 digits for reading."""
        ranked = sorted(self.subjects.values(), key=lambda s: (-(s.answered + s.second_hand), s.name))
        return {
            "answered": round(self.answered, 9),
            "second_hand": round(self.second_hand, 9),
            "nobody": {reason: round(share, 9) for reason, share in self.nobody.items()},
            "subjects": [
                {
                    "subject": s.name,
                    "issuer_id": s.issuer_id,
                    "answered": round(s.answered, 9),
                    "second_hand": round(s.second_hand, 9),
                    "removals": round(s.removals, 9),
                }
                for s in ranked
            ],
        }


def shares(records: Mapping[str, NodeRecord], parents_first: Sequence[str]) -> tuple[Coverage, Responsibility]:
    """Follow the top's gross emissions down the tree.

    Args:
        records: Every node by digest; a child that is not in it was not reached.
        parents_first: Digests of all nodes, each after every one of its parents; the top is the first.
    """
    coverage, responsibility = Coverage(), Responsibility()
    weights = dict.fromkeys(parents_first, 0.0)
    weights[parents_first[0]] = 1.0
    for digest in parents_first:
        record = records[digest]
        weight = weights[digest]
        if record.kind is NodeKind.ABSENT:
            coverage.unanswered += weight
            responsibility.nobody["not_at_hand"] += weight
        elif record.kind is NodeKind.IMPORTED:
            continue  # what an import brings was counted where it is cited
        else:
            _passport(record, weight, records, weights, coverage, responsibility)
    return coverage, responsibility


def _passport(
    record: NodeRecord,
    weight: float,
    records: Mapping[str, NodeRecord],
    weights: dict[str, float],
    coverage: Coverage,
    responsibility: Responsibility,
) -> None:
    is_known = record.outcome(CheckId.IDENTITY) is Outcome.PASSED
    subject = (
        responsibility.subjects.setdefault(record.issuer_id, Subject(record.issuer, record.issuer_id))
        if is_known
        else None
    )
    if not record.is_open:
        if record.outcome(CheckId.ARITHMETIC) is Outcome.UNKNOWN:
            coverage.withheld += weight
        else:
            coverage.unanswered += weight
        _answer(subject, responsibility, weight, 0.0)
        return
    exempted = weight * min(record.exempted_percent, 100 * ONE) / (100 * ONE)
    coverage.unanswered += exempted
    responsibility.nobody["exempted"] += exempted
    own_weight, second_weight, edge_weights = _weights(record)
    per_quantum = (weight - exempted) / (own_weight + second_weight + sum(edge_weights))
    own, second = own_weight * per_quantum, second_weight * per_quantum
    if record.is_recomputed:
        coverage.recomputed += own + second
    else:
        coverage.unanswered += own + second
    _answer(subject, responsibility, own, second)
    if subject:
        subject.removals += record.removal_weight * per_quantum
    for edge, edge_weight in zip(record.edges, edge_weights, strict=True):
        part = edge_weight * per_quantum
        child = records.get(edge.child)
        if child is None:
            coverage.unanswered += part
            responsibility.nobody["not_at_hand"] += part
        elif child.kind is NodeKind.IMPORTED:
            coverage.imported += part
            _answer(subject, responsibility, 0.0, part)
        else:
            weights[edge.child] += part


def _weights(record: NodeRecord) -> tuple[int, int, tuple[int, ...]]:
    """What a node's own rows, its second-hand rows and each of its edges weigh; never nothing in all.

    Where nothing is emitted, a zero that rests on others is only as good as they are: they share alike. Without others
    it is the node's own.
    """
    edges = tuple(edge.weight for edge in record.edges)
    if record.own_weight or record.second_hand_weight or any(edges):
        return record.own_weight, record.second_hand_weight, edges
    return (0, 0, (1,) * len(edges)) if edges else (1, 0, ())


def _answer(subject: Subject | None, responsibility: Responsibility, own: float, second: float) -> None:
    if subject is None:
        responsibility.nobody["identity_not_passed"] += own + second
        return
    subject.answered += own
    subject.second_hand += second
