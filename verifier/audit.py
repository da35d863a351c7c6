"""Walk the tree below a passport, judge every node, and put the judgement together.

1. Reach every pinned node, breadth first, and examine each by itself (`verifier.examine`).
2. Judge what takes two nodes: copies, pins, validity and deliveries along each edge, what all draw, linked passports,
   rival versions.
3. Follow the top's emissions down the tree: coverage and responsibility.
4. Apply the policy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from passport.errors import VerificationError
from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
from verifier.checks.double_counting import check_double_counting, check_instruments
from verifier.checks.equivocation import check_equivocation, speaks_for
from verifier.checks.lineage import complete_link
from verifier.checks.stated_footprint import Contents
from verifier.examine import Examiner, Limits, Terms
from verifier.imports import examine_import
from verifier.in_step import Steps, in_step, program_set_aside
from verifier.outcome import CheckId, Note, Severity, failed, time_words
from verifier.policy import Policy, apply_policy
from verifier.record import Edge, NodeKind, NodeRecord
from verifier.report import AsOf, Report, Verdict
from verifier.shares import shares
from verifier.source import Source
from verifier.trust import Trust
from verifier.witnessed import WitnessedLogs

DEFAULT_SKEW_S = 300
DEFAULT_STATUS_AGE_S = 30 * 86400
MAX_LINKED = 10_000
"""Passports beside the tree that are examined because nodes link to them."""

_SIDE_BY_SIDE = 32
"""Nodes examined together: enough to find each step's code at hand, few enough to keep their documents there."""

Progress = Callable[[int, int], None]
"""Called with the number of nodes examined and the number known so far."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How an audit is run, apart from the policy.

    Attributes:
        at: The moment that is judged (aware).
        is_now: That moment is the present by the clock: a trusted chain whose block is ahead of it tells the time.
        is_snapshot: The source is a bundle: the status is judged as of its own block, with a note of its age.
        skew_s: How far clocks may differ, seconds.
        max_status_age_s: How old the chain's state may be, seconds.
        limits: Bounds on what is read.
        ledger_profiles: What chains are known to emit; what ships with the project without. Never from who is judged.
        contents: What a reader was shown of the contents of passports, compared with their commitments, by digest.
    """

    at: datetime
    is_now: bool = False
    is_snapshot: bool = False
    skew_s: int = DEFAULT_SKEW_S
    max_status_age_s: int = DEFAULT_STATUS_AGE_S
    limits: Limits = field(default_factory=Limits)
    ledger_profiles: AnchoringProfiles = field(default_factory=AnchoringProfiles.shipped)
    contents: Mapping[str, Contents] = field(default_factory=dict)

    def terms(self) -> Terms:
        """The terms as checks take them."""
        at = int(self.at.timestamp())
        return Terms(
            at=at,
            status_at=None if self.is_snapshot else at,
            skew_s=self.skew_s,
            max_status_age_s=self.max_status_age_s,
            limits=self.limits,
            profiles=self.ledger_profiles,
            contents=self.contents,
        )


def audit(
    source: Source,
    top: str,
    *,
    policy: Policy,
    trust: Trust | None,
    settings: Settings,
    progress: Progress | None = None,
    witnessed: WitnessedLogs | None = None,
) -> Report:
    """Judge the tree below a passport; runs every check it can and raises for none.

    Args:
        source: Where documents and proofs come from; believed in nothing.
        top: Digest of the passport that is audited.
        policy: What the audit must show.
        trust: The trust file; without it everything that needs a chain is unknown.
        settings: How to run.
        progress: Called as nodes are examined.
        witnessed: Logs that witnesses cosigned; what they show stands in notes and alters no check.

    Returns:
        The report with its verdict.
    """
    with program_set_aside():
        walk = _Walk(source, top, trust, settings, witnessed)
        walk.reach(progress)
        walk.judge_edges()
        walk.judge_links()
        walk.judge_versions()
        order, depths = walk.parents_first()
        coverage, responsibility = shares(walk.records, order)
        as_of, notes = walk.as_of()
    report = Report(
        top=top,
        records=walk.records,
        order=order,
        depths=depths,
        coverage=coverage,
        responsibility=responsibility,
        as_of=as_of,
        bounds=tuple(walk.bounds),
        notes=notes,
        other_keys=walk.other_keys,
    )
    return apply_policy(report, policy)


def verify(
    source: Source,
    top: str,
    *,
    policy: Policy,
    trust: Trust | None,
    settings: Settings,
    progress: Progress | None = None,
) -> Report:
    """Like `audit`, but a report that does not pass is raised.

    Raises:
        VerificationError: The policy is not met; the message says why.
    """
    return demand_pass(audit(source, top, policy=policy, trust=trust, settings=settings, progress=progress))


def demand_pass(report: Report) -> Report:
    """The report itself, if its policy is met.

    Raises:
        VerificationError: It is not; the message says why.
    """
    if report.verdict is not Verdict.PASSED:
        raise VerificationError(
            f"verification {report.verdict}", where=report.top_record.id, found="; ".join(report.reasons)
        )
    return report


class _Walk:
    """The state of one audit."""

    def __init__(
        self, source: Source, top: str, trust: Trust | None, settings: Settings, witnessed: WitnessedLogs | None
    ) -> None:
        self.records: dict[str, NodeRecord] = {}
        self.bounds: list[str] = []
        self.other_keys: dict[str, str] = {}
        self._source = source
        self._top = top
        self._settings = settings
        self._terms = settings.terms()
        self._examiner = Examiner(source, trust, self._terms, witnessed=witnessed)

    def reach(self, progress: Progress | None) -> None:
        """Examine every node that a pin leads to, within the bounds."""
        queue: deque[tuple[str, str, bool, int]] = deque([(self._top, "", False, 0)])
        known = {self._top}
        while queue:
            group = [queue.popleft() for _ in range(min(len(queue), _SIDE_BY_SIDE))]
            records = in_step([self._steps(digest, named, is_import) for digest, named, is_import, _ in group])
            for (digest, _, _, depth), record in zip(group, records, strict=True):
                self.records[digest] = record
                if progress:
                    progress(len(self.records), len(known))
                queue.extend(self._children(record, depth, known))

    def _children(self, record: NodeRecord, depth: int, known: set[str]) -> Iterator[tuple[str, str, bool, int]]:
        """What a node's pins lead to for the first time, within the bounds."""
        limits = self._settings.limits
        for edge in record.edges:
            if edge.child in known:
                continue
            if depth >= limits.depth:
                self._bound(f"depth {limits.depth}: the tree goes deeper")
                continue
            if len(known) >= limits.nodes:
                self._bound(f"nodes {limits.nodes}: the tree has more")
                continue
            known.add(edge.child)
            yield edge.child, edge.child_id, edge.is_import, depth + 1

    def _steps(self, digest: str, named: str, is_import: bool) -> Steps[NodeRecord]:
        """Examine one node."""
        if is_import:
            return examine_import(self._source, digest, named, max_bytes=self._settings.limits.document_bytes)
        return (yield from self._examiner.steps(digest, named))

    def _bound(self, text: str) -> None:
        if text not in self.bounds:
            self.bounds.append(text)

    def judge_edges(self) -> None:
        """Copies against what the child says, validity at the buyer's signing time, what all draw, deliveries."""
        drawn: dict[str, list[int | Fraction | None]] = {}
        for parent in self.records.values():
            for edge in parent.edges:
                child = self.records.get(edge.child)
                if child is not None:
                    self._judge_pin(parent, edge, child)
                    drawn.setdefault(edge.child, []).append(edge.drawn)
        for digest, record in self.records.items():
            record.put(check_double_counting(record, drawn.get(digest, ())))
        for record, check in check_instruments(self.records, drawn):
            record.put(check)
        custody = self._examiner.custody()
        custody.judge(self.records, drawn)
        self.other_keys |= custody.signed_with | self._examiner.lists.signed_with
        self._judge_top_validity()

    def _judge_pin(self, parent: NodeRecord, edge: Edge, child: NodeRecord) -> None:
        if child.kind is NodeKind.ABSENT or not child.copy_hash:
            return
        if edge.child_id == parent.id:
            parent.put(failed(CheckId.AGREEMENT, f"row {edge.row_id} lists the passport itself", found=parent.id))
        if edge.child_id != child.id:
            row = failed(CheckId.DIGEST, "pinned under another id", expected=edge.child_id, found=child.id)
            child.put(row)
        if edge.copy_hash != child.copy_hash:
            reason = f"row {edge.row_id}: the copy of {child.subject_name or child.id} is not what its document says"
            parent.put(failed(CheckId.AGREEMENT, reason, expected=child.digest, found="another copy"))
        if parent.signed_at is None:
            return
        if child.valid_until and child.valid_until < parent.signed_at:
            child.put(
                failed(
                    CheckId.VALIDITY,
                    f"expired when {parent.id} was signed",
                    expected=f"valid at {time_words(parent.signed_at)}",
                    found=f"valid until {time_words(child.valid_until)}",
                )
            )
        if child.valid_from > parent.signed_at + self._terms.skew_s:
            child.put(
                failed(
                    CheckId.VALIDITY,
                    f"not yet valid when {parent.id} was signed",
                    expected=f"valid at {time_words(parent.signed_at)}",
                    found=f"valid from {time_words(child.valid_from)}",
                )
            )
        if child.signed_at is not None and child.signed_at > parent.signed_at:
            child.note(
                Note("anchored_after_buyer", Severity.WARNING, f"anchored later than {parent.id}, which builds on it")
            )

    def _judge_top_validity(self) -> None:
        top = self.records[self._top]
        if not top.has(CheckId.VALIDITY) or top.kind is not NodeKind.PASSPORT or not top.valid_until:
            return
        at = self._present()
        if not top.valid_from - self._terms.skew_s <= at <= top.valid_until:
            top.put(
                failed(
                    CheckId.VALIDITY,
                    "not valid at the moment that is judged",
                    expected=f"from {time_words(top.valid_from)} to {time_words(top.valid_until)}",
                    found=time_words(at),
                )
            )
        if top.signed_at is not None and top.signed_at > at + self._terms.skew_s:
            top.put(
                failed(
                    CheckId.VALIDITY,
                    "anchored only after the moment that is judged",
                    expected=f"at most {time_words(at)}",
                    found=time_words(top.signed_at),
                )
            )

    def _present(self) -> int:
        """The moment that is judged: no block that is there can be of the future, whatever our clock says."""
        if not self._settings.is_now:
            return self._terms.at
        return max(self._terms.at, *(chain.state.block.timestamp for chain in self._examiner.chains()), 0)

    def judge_links(self) -> None:
        """Examine the passports of the same goods that nodes link to, each once: who signed it, how it stands."""
        examined: dict[str, NodeRecord] = {}
        for record in (each for each in self.records.values() if each.links):
            links = []
            for link in record.links:
                linked = self.records.get(link.digest) or examined.get(link.digest)
                if linked is None and link.held == "matches" and len(examined) < MAX_LINKED:
                    linked = examined[link.digest] = self._examiner.examine(link.digest, link.id, has_links=False)
                if linked is None:
                    if link.held == "matches":
                        self._bound(f"linked passports {MAX_LINKED}: more are linked to, and not examined")
                    links.append(link)
                    continue
                told, wrong, notes = complete_link(link, linked, record)
                links.append(told)
                if wrong is not None:
                    record.put(wrong)
                for note in notes:
                    record.note(note)
            record.links = tuple(links)
        keys = {digest: linked.signed_with for digest, linked in examined.items()}
        self.other_keys |= self._examiner.lists.signed_with
        self.other_keys |= {digest: key for digest, key in keys.items() if key is not None}

    def judge_versions(self) -> None:
        """Look for two current passports of one product, in the tree and wherever the source has more."""
        signed = [record for record in self.records.values() if record.sameness]
        seen = set() if self._settings.is_snapshot else set(self.records)
        extra: list[NodeRecord] = []
        # A snapshot holds nothing but what the walk has reached.
        for digest in () if self._settings.is_snapshot else self._elsewhere(signed):
            if digest in seen:
                continue
            if len(seen) >= 2 * self._settings.limits.nodes:
                self._bound(f"nodes {self._settings.limits.nodes}: more versions than that are stored beside the tree")
                break
            seen.add(digest)
            record = self._examiner.examine(digest, "")
            if record.sameness:
                extra.append(record)
        by_product = _shared((*signed, *extra), lambda record: record.sameness)
        by_id = _shared((*signed, *extra), lambda record: record.id)
        for record in self.records.values():
            namesakes = self._namesakes(record, by_id.get(record.id, (record,)))
            record.put(check_equivocation(record, by_product.get(record.sameness, (record,)), namesakes))

    def _namesakes(self, record: NodeRecord, named: Sequence[NodeRecord]) -> list[NodeRecord]:
        """Documents under a passport's id that its own issuer, or another node of this tree, is behind."""
        found = [other for other in named if other.digest in self.records or speaks_for(other, record)]
        if len(found) < len(named):  # one note, however many strangers there are
            strangers = len(named) - len(found)
            record.note(Note("id_claimed", Severity.WARNING, f"other documents claim the same id: {strangers}"))
        return found

    def _elsewhere(self, signed: Sequence[NodeRecord]) -> Iterator[str]:
        """Digests of whatever else the source holds of these products and under these ids."""
        ids = [(each, record.subject_id) for record in signed for each in (record.issuer_id, record.primary_id)]
        for issuer_id, subject_id in dict.fromkeys(ids):
            yield from self._source.same_product(issuer_id, subject_id)
        for passport_id in dict.fromkeys(record.id for record in signed):
            yield from self._source.passports_named(passport_id)

    def parents_first(self) -> tuple[tuple[str, ...], dict[str, int]]:
        """Nodes so that each comes after all its parents, and the longest way from the top to each.

        Pins are hashes of what they point to, so the graph has no cycle as long as SHA-256 has no collision; should one
        appear all the same, its nodes are put last.
        """
        waiting = dict.fromkeys(self.records, 0)
        for record in self.records.values():
            for edge in record.edges:
                if edge.child in waiting:
                    waiting[edge.child] += 1
        depths = dict.fromkeys(self.records, 0)
        ready = deque([self._top] if not waiting[self._top] else [])
        order: list[str] = []
        while ready:
            digest = ready.popleft()
            order.append(digest)
            for edge in self.records[digest].edges:
                if edge.child not in waiting:
                    continue
                depths[edge.child] = max(depths[edge.child], depths[digest] + 1)
                waiting[edge.child] -= 1
                if not waiting[edge.child]:
                    ready.append(edge.child)
        placed = set(order)
        order.extend(digest for digest in self.records if digest not in placed)
        return tuple(order), depths

    def as_of(self) -> tuple[AsOf, tuple[Note, ...]]:
        """The block the audit speaks of, with a note of a bundle's age."""
        present = self._present()
        at = time_words(present)
        chains = self._examiner.chains()
        if not chains:
            return AsOf(at, None, None, None, None), ()
        chain = chains[0]
        block = chain.state.block
        notes = []
        age_days = (present - block.timestamp) // 86400
        if self._settings.is_snapshot:
            when = f"{age_days} days before" if block.timestamp <= present else "after"
            text = f"judged as of its own block {block.number}, {when} the moment asked for"
            severity = Severity.WARNING if age_days * 86400 > self._terms.max_status_age_s else Severity.INFO
            notes.append(Note("bundle_age", severity, text))
        return AsOf(at, chain.chain.chain, block.number, "0x" + block.hash.hex(), time_words(block.timestamp)), tuple(
            notes
        )


__all__ = ["DEFAULT_SKEW_S", "DEFAULT_STATUS_AGE_S", "Progress", "Settings", "audit", "verify"]


def _shared(records: Sequence[NodeRecord], key: Callable[[NodeRecord], Hashable]) -> dict[Hashable, list[NodeRecord]]:
    """The records that have a key in common with another one, by that key; most have none."""
    first: dict[Hashable, NodeRecord] = {}
    shared: dict[Hashable, list[NodeRecord]] = {}
    for record in records:
        name = key(record)
        if name in first:
            shared.setdefault(name, [first[name]]).append(record)
        else:
            first[name] = record
    return shared
