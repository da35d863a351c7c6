"""Coverage and responsibility of any tree: they add up to one, and nobody's part is lost or doubled."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.arithmetic.quanta import ONE
from verifier.outcome import CheckId, Outcome, failed, passed, unknown
from verifier.record import Edge, NodeKind, NodeRecord
from verifier.shares import Coverage, Responsibility, shares

WEIGHTS = st.one_of(st.just(0), st.integers(0, 10**20))
IDENTITIES = [passed(CheckId.IDENTITY), failed(CheckId.IDENTITY, "no"), unknown(CheckId.IDENTITY, "?")]


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[str, NodeRecord], list[str]]:
    """Nodes, parents first; each draws on later ones, some of which were not reached."""
    count = draw(st.integers(1, 8))
    kinds = [NodeKind.PASSPORT] + [draw(st.sampled_from(list(NodeKind))) for _ in range(count - 1)]
    records: dict[str, NodeRecord] = {}
    for number, kind in enumerate(kinds):
        record = NodeRecord(digest=f"d{number}", id=f"urn:{number}", kind=kind, issuer_id=f"issuer {number % 3}")
        record.issuer = record.issuer_id
        record.put(draw(st.sampled_from(IDENTITIES)))
        is_open = draw(st.booleans())
        record.is_open = is_open
        record.is_recomputed = is_open and draw(st.booleans())
        record.put(
            passed(CheckId.ARITHMETIC)
            if record.is_recomputed
            else draw(st.sampled_from([failed(CheckId.ARITHMETIC, "no"), unknown(CheckId.ARITHMETIC, "?")]))
        )
        if kind is NodeKind.PASSPORT:
            record.own_weight = draw(WEIGHTS)
            record.second_hand_weight = draw(WEIGHTS)
            record.exempted_percent = draw(st.sampled_from([0, ONE, 3 * ONE, 250 * ONE]))
            children = draw(st.lists(st.integers(number + 1, count + 1), max_size=4))
            record.edges = tuple(
                Edge(f"row{at}", f"d{child}", f"urn:{child}", False, b"", draw(WEIGHTS), None)
                for at, child in enumerate(children)
            )
        records[record.digest] = record
    return records, list(records)


def _reached(records: dict[str, NodeRecord], order: list[str]) -> list[str]:
    known = {order[0]}
    for digest in order:
        if digest in known:
            known.update(edge.child for edge in records[digest].edges)
    return [digest for digest in order if digest in known]


@given(tree=trees())
def test_shares_add_up_to_one(tree: tuple[dict[str, NodeRecord], list[str]]) -> None:
    """Whatever is withheld, missing, imported, exempted or failed: every part of the top is somewhere, once."""
    records, order = tree
    reached = _reached(records, order)
    coverage, responsibility = shares({digest: records[digest] for digest in reached}, reached)
    assert _total(coverage) == pytest.approx(1, abs=1e-9)
    answered = responsibility.answered + responsibility.second_hand + sum(responsibility.nobody.values())
    assert answered == pytest.approx(1, abs=1e-9)
    parts = [coverage.recomputed, coverage.withheld, coverage.imported, coverage.unanswered]
    parts += responsibility.nobody.values()
    parts += [part for s in responsibility.subjects.values() for part in (s.answered, s.second_hand)]
    assert all(-1e-12 <= part <= 1 + 1e-9 for part in parts)


@given(tree=trees())
def test_shares_by_another_road(tree: tuple[dict[str, NodeRecord], list[str]]) -> None:
    """The parts of the top, with exact fractions and by recursion over all paths."""
    records, order = tree
    reached = _reached(records, order)
    coverage, _ = shares({digest: records[digest] for digest in reached}, reached)
    parts = dict.fromkeys(("recomputed", "withheld", "imported", "unanswered"), Fraction(0))

    def walk(digest: str, part: Fraction) -> None:
        record = records.get(digest)
        if record is None or record.kind is NodeKind.ABSENT:
            parts["unanswered"] += part
            return
        if record.kind is NodeKind.IMPORTED:
            parts["imported"] += part
            return
        if not record.is_open:
            is_unknown = record.outcome(CheckId.ARITHMETIC) is Outcome.UNKNOWN
            parts["withheld" if is_unknown else "unanswered"] += part
            return
        own = record.own_weight + record.second_hand_weight
        weights = [edge.weight for edge in record.edges]
        if own == sum(weights) == 0:  # nothing is emitted: the suppliers share alike, or it is the node's own
            own, weights = (0, [1] * len(weights)) if weights else (1, weights)
        gross = own + sum(weights)
        left = part * (1 - Fraction(min(record.exempted_percent, 100 * ONE), 100 * ONE))
        parts["unanswered"] += part - left
        parts["recomputed" if record.is_recomputed else "unanswered"] += left * own / gross
        for edge, weight in zip(record.edges, weights, strict=True):
            walk(edge.child, left * weight / gross)

    walk(order[0], Fraction(1))
    for name, part in parts.items():
        assert getattr(coverage, name) == pytest.approx(float(part), abs=1e-9), name


def _total(coverage: Coverage) -> float:
    return coverage.recomputed + coverage.withheld + coverage.imported + coverage.unanswered


def test_an_identity_that_did_not_pass_answers_for_nothing() -> None:
    """Its own rows are nobody's; its supplier, who is identified, answers for the rest."""
    supplier = NodeRecord(digest="s", id="urn:s", kind=NodeKind.PASSPORT, issuer_id="supplier", issuer="Supplier")
    supplier.put(passed(CheckId.IDENTITY))
    supplier.put(passed(CheckId.ARITHMETIC))
    supplier.is_open = supplier.is_recomputed = True
    supplier.own_weight = 1
    top = NodeRecord(digest="t", id="urn:t", kind=NodeKind.PASSPORT, issuer_id="top", issuer="Top")
    top.put(failed(CheckId.IDENTITY, "a stranger's key"))
    top.put(passed(CheckId.ARITHMETIC))
    top.is_open = top.is_recomputed = True
    top.own_weight, top.removal_weight = 1, 1
    top.edges = (Edge("row", "s", "urn:s", False, b"", 3, None),)
    coverage, responsibility = shares({"t": top, "s": supplier}, ["t", "s"])
    assert coverage == Coverage(recomputed=1)
    assert responsibility.nobody == {"identity_not_passed": 0.25, "exempted": 0.0, "not_at_hand": 0.0}
    assert [(s.name, s.answered) for s in responsibility.subjects.values()] == [("Supplier", 0.75)]
    assert isinstance(responsibility, Responsibility)


def test_a_zero_that_rests_on_others() -> None:
    """A supplier's zero that is not at hand was not re-done; what is exempted is left out of nothing too."""
    top = NodeRecord(digest="t", id="urn:t", kind=NodeKind.PASSPORT, issuer_id="top", issuer="Top")
    top.put(passed(CheckId.IDENTITY))
    top.put(passed(CheckId.ARITHMETIC))
    top.is_open = top.is_recomputed = True
    top.exempted_percent = ONE
    coverage, _ = shares({"t": top}, ["t"])
    assert (coverage.recomputed, coverage.unanswered) == (0.99, 0.01)
    absent = NodeRecord(digest="a", id="urn:a", kind=NodeKind.ABSENT)
    absent.fill("not at hand")
    done = NodeRecord(digest="d", id="urn:d", kind=NodeKind.PASSPORT, issuer_id="done", issuer="Done")
    done.put(passed(CheckId.IDENTITY))
    done.put(passed(CheckId.ARITHMETIC))
    done.is_open = done.is_recomputed = True
    top.edges = tuple(Edge(name, name, f"urn:{name}", False, b"", 0, None) for name in "ad")
    coverage, responsibility = shares({"t": top, "a": absent, "d": done}, ["t", "a", "d"])
    assert coverage.recomputed == pytest.approx(0.495)
    assert coverage.unanswered == pytest.approx(0.505)
    assert responsibility.nobody == {"identity_not_passed": 0.0, "exempted": 0.01, "not_at_hand": pytest.approx(0.495)}
