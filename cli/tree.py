"""An audit's report as a page for a terminal: what came of it, the tree with what did not pass, who answers.

A passport that several others build on is shown once and referred to afterwards. Depth and number of what is shown are
bounded; whatever did not pass is listed even beyond.
"""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from cli.catalogue import WORDS
from cli.judging import Judged
from cli.output import Output, plain
from cli.reasons import note_text, reason_text, verdict_reason_text
from verifier.ledger_gas import LedgerGas
from verifier.outcome import Check, CheckId, Outcome
from verifier.record import LedgerShare, Linked, NodeKind, NodeRecord
from verifier.report import Report, Verdict

MAX_SHOWN_DEPTH: Final = 24
MAX_SHOWN_NODES: Final = 300
MAX_SHOWN_SUBJECTS: Final = 12
MAX_LISTED: Final = 20
_SIGNIFICANT: Final = Context(prec=3, rounding=ROUND_HALF_EVEN)

_STYLES: Final = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.UNKNOWN: "yellow",
    Outcome.SKIPPED: "dim",
}
_VERDICT_STYLES: Final = {
    Verdict.PASSED: "bold green",
    Verdict.FAILED: "bold red",
    Verdict.UNDECIDED: "bold yellow",
}


def significant(amount: str) -> str:
    """An exact amount to three significant figures in plain digits, for people."""
    rounded = _SIGNIFICANT.create_decimal(Decimal(amount))
    return f"{rounded:f}" if rounded else "0"


def share(part: float) -> str:
    """A share as a percentage; nothing that is not zero is shown as zero."""
    percent = 100 * part
    if 0 < percent < 0.05:
        return "<0.1 %"
    return f"{percent:.1f} %"


def show_report(output: Output, report: Report) -> None:
    """Print the page of a report: head, tree, who answers, and at the end the verdict with what it means."""
    output.page(*_head(output, report), "", _Painter(output, report).tree())
    beyond = _Painter.beyond(output, report)
    if beyond:
        output.page("", *beyond)
    output.page("", _answers(output, report), "", _tail(output, report))


def verdict_text(output: Output, report: Judged) -> Text:
    """The verdict in words and colour."""
    return Text(output.word(f"verdict.{report.verdict}"), style=_VERDICT_STYLES[report.verdict])


def _head(output: Output, report: Report) -> list[RenderableType]:
    top = report.top_record
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    coverage = report.coverage
    parts = ", ".join(
        output.word(f"audit.{name}", share=share(getattr(coverage, name)))
        for name in ("recomputed", "withheld", "imported", "unanswered")
    )
    facts.add_row(output.word("audit.coverage"), f"{parts} {output.word('audit.of_gross')}")
    as_of = report.as_of
    block = (
        output.word("audit.no_block")
        if as_of.block is None
        else output.word("audit.block", block=as_of.block, chain=as_of.chain, time=as_of.block_time)
    )
    facts.add_row(output.word("audit.as_of"), f"{block} ({output.word('audit.at', at=as_of.at)})")
    if top.ledger is not None:
        facts.add_row(output.word("audit.ledger"), _ledger(output, top.ledger))
    counts = report.counts()
    facts.add_row(
        output.word("audit.checks"),
        ", ".join(f"{counts[str(outcome)]} {output.word(f'outcome.{outcome}')}" for outcome in Outcome),
    )
    kinds = Counter(record.kind for record in report.records.values())
    tree = output.word(
        "audit.tree",
        passports=kinds[NodeKind.PASSPORT],
        imported=kinds[NodeKind.IMPORTED],
        absent=kinds[NodeKind.ABSENT],
        tiers=max(report.depths.values()) + 1,
    )
    facts.add_row("", tree)
    for position, reason in enumerate(report.reasons):
        facts.add_row(
            output.word("audit.reasons") if not position else "", plain(verdict_reason_text(reason, output.language))
        )
    for bound in report.bounds:
        facts.add_row(output.word("audit.bounds"), plain(bound))
    for position, note in enumerate(report.notes):
        facts.add_row(
            output.word("audit.notes") if not position else "", plain(note_text(note.code, note.text, output.language))
        )
    title = Text.assemble(verdict_text(output, report), "  ", _name(top))
    title.append(f"\n{_amount(output, top)}, {output.word('audit.boundary')}")
    if top.issuer:
        title.append(f"\n{plain(top.issuer)}")
    lines: list[RenderableType] = [title, facts]
    withheld = sum(1 for record in report.records.values() if _is_withheld(record))
    if withheld:
        lines.insert(1, Text(output.word("audit.withheld_warning", count=withheld), style="yellow"))
    return lines


def _ledger(output: Output, found: LedgerShare) -> str:
    """The ledger's own footprint: what is declared, what was recomputed, and its share of the product's."""
    share_words = (
        output.word("audit.ledger_no_share")
        if found.of_product is None
        else output.word("audit.ledger_share", share=share(found.of_product))
    )
    said = output.word(
        "audit.ledger_amounts", ceiling=significant(found.ceiling), low=f"{found.low:.3g}", high=f"{found.high:.3g}"
    )
    return f"{said}; {output.word(_basis(found.gas))}; {share_words} ({plain(found.profile)})"


def _basis(gas: LedgerGas) -> str:
    """The words for what the gas rests on."""
    if gas.commit.use is None and not gas.statuses.receipts:
        return "audit.ledger_bounded"
    whole = gas.commit.use is not None and not gas.statuses.bounded
    return "audit.ledger_by_receipts" if whole else "audit.ledger_partly_by_receipts"


def _is_withheld(record: NodeRecord) -> bool:
    check = record.checks[CheckId.ARITHMETIC]
    return record.kind is NodeKind.PASSPORT and check.outcome is Outcome.UNKNOWN and "withheld" in (check.reason or "")


def _name(record: NodeRecord) -> Text:
    return Text(plain(record.subject_name or record.subject_id or record.id), style="bold")


def _amount(output: Output, record: NodeRecord) -> str:
    if record.total is None or record.declared is None:
        return output.word("audit.no_total")
    declared = record.declared.removeprefix("1 ")
    return f"{significant(record.total)} {output.word('audit.per', declared=declared)}"


def _short_issuer(record: NodeRecord) -> str:
    """The issuer's name; who it is exactly stands in the table of who answers."""
    name = record.issuer.rpartition(" (")[0] if record.kind is NodeKind.PASSPORT else record.issuer
    return plain(name or record.issuer)


class _Painter:
    """Draws the tree, each node once."""

    def __init__(self, output: Output, report: Report) -> None:
        self._output = output
        self._report = report
        self._shown: dict[str, int] = {}
        self._said: set[Check] = set()

    def tree(self) -> Tree:
        """The tree from the top, suppliers below their buyers, in the order in which it is read."""
        report = self._report
        root = Tree(self._label(report.top), guide_style="dim")
        waiting = [(root, child, 1) for child in reversed(self._children(report.top))]
        hidden: dict[int, tuple[Tree, int]] = {}
        while waiting:
            branch, digest, depth = waiting.pop()
            if digest in self._shown:
                branch.add(self._reference(digest))
            elif depth > MAX_SHOWN_DEPTH or len(self._shown) >= MAX_SHOWN_NODES:
                hidden[id(branch)] = (branch, hidden.get(id(branch), (branch, 0))[1] + 1)
            else:
                below = branch.add(self._label(digest))
                waiting += [(below, child, depth + 1) for child in reversed(self._children(digest))]
        for branch, count in hidden.values():
            branch.add(Text(self._output.word("audit.not_shown", count=count), style="dim"))
        return root

    def _children(self, digest: str) -> list[str]:
        records = self._report.records
        return [child for child in dict.fromkeys(edge.child for edge in records[digest].edges) if child in records]

    def _label(self, digest: str) -> Text:
        record = self._report.records[digest]
        number = self._shown.setdefault(digest, len(self._shown) + 1)
        label = Text.assemble((f"{number} ", "dim"), _name(record), f"  {_amount(self._output, record)}\n")
        if record.issuer:
            label.append(f"{_short_issuer(record)} · ")
        label.append_text(self._row(record))
        said = []
        for check in record.ordered():
            if check.outcome in (Outcome.PASSED, Outcome.SKIPPED):
                continue
            if check.outcome is Outcome.UNKNOWN and check in self._said:
                said.append(self._output.word(f"check.{check.id}"))
                continue
            self._said.add(check)
            label.append("\n").append_text(check_text(self._output, check))
        if said:
            label.append(f"\n{self._output.word('audit.unknown_again')}: {', '.join(said)}", _STYLES[Outcome.UNKNOWN])
        for link in record.links:
            label.append("\n").append_text(link_text(self._output, link))
        for note in record.notes:
            told = note_text(note.code, note.text, self._output.language)
            label.append(f"\n{plain(note.code)}: {plain(told)}", style="dim")
        return label

    def _reference(self, digest: str) -> Text:
        record = self._report.records[digest]
        above = self._output.word("audit.shown_above", number=self._shown[digest])
        return Text.assemble((f"{self._shown[digest]} ", "dim"), _name(record), (f"  ({above})", "dim"))

    def _row(self, record: NodeRecord) -> Text:
        """How many checks came to which outcome, in words."""
        counts = Counter(check.outcome for check in record.ordered())
        if counts[Outcome.PASSED] == len(record.checks):
            text = self._output.word("audit.all_passed", count=len(record.checks))
            return Text(text, style=_STYLES[Outcome.PASSED])
        row = Text()
        for outcome in Outcome:
            if counts[outcome]:
                row.append(" · " if row else "")
                row.append(f"{counts[outcome]} {self._output.word(f'outcome.{outcome}')}", style=_STYLES[outcome])
        return row

    @staticmethod
    def beyond(output: Output, report: Report) -> list[Text]:
        """What did not pass at nodes that the bounds keep off the page."""
        if len(report.records) <= MAX_SHOWN_NODES and max(report.depths.values()) <= MAX_SHOWN_DEPTH:
            return []
        lines: list[Text] = []
        for digest in reversed(report.order):
            record = report.records[digest]
            check = record.first_failed()
            if check and len(lines) < MAX_LISTED:
                lines.append(Text.assemble(_name(record), "  ", check_text(output, check)))
        return [Text(output.word("audit.also_not_passed"), style="dim"), *lines] if lines else []


def check_text(output: Output, check: Check) -> Text:
    """One check that did not pass, with its reason and what was expected and found."""
    text = Text()
    text.append(f"{output.word(f'row.{check.outcome}')} {output.word(f'check.{check.id}')}", _STYLES[check.outcome])
    if check.reason:
        text.append(f": {plain(reason_text(check.reason, output.language))}")
    for name, value in (("expected", check.expected), ("found", check.found)):
        if value is not None:
            text.append(f"\n  {output.word(f'audit.{name}')} ", style="dim").append(
                plain(reason_text(str(value), output.language))
            )
    return text


def link_text(output: Output, link: Linked) -> Text:
    """A link to another passport of the same goods: to which, whether its digest is that one's, and how it stands."""
    text = Text(f"{output.word(f'link.{link.kind}')}: {plain(link.name or link.id)}")
    if link.issuer:
        text.append(f", {plain(link.issuer)}")
    text.append(f" · {output.word(f'link.{link.held}')}", _HELD_STYLES.get(link.held, "yellow"))
    if link.held != "matches":
        return text
    if link.outcome is not Outcome.UNKNOWN:
        text.append(f" · {output.word(f'link.{link.outcome}')}", _STYLES[link.outcome])
    text.append(f" · {standing_word(output, link.standing)}", _STANDING_STYLES.get(link.standing, "bold yellow"))
    return text


def standing_word(output: Output, standing: str) -> str:
    """What the chain says of a linked passport, in words."""
    key = f"link.{standing}"
    return output.word(key) if key in WORDS else plain(reason_text(standing, output.language))


_HELD_STYLES: Final = {"matches": "green", "differs": "bold red"}
_STANDING_STYLES: Final = {"current": "green", "superseded": "yellow", "unknown": "yellow"}


def _answers(output: Output, report: Report) -> Table:
    """Who answers for how much."""
    table = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    table.add_column(output.word("audit.who"), overflow="fold")
    table.add_column(output.word("audit.answered"), justify="right")
    table.add_column(output.word("audit.second_hand"), justify="right")
    who = report.responsibility
    ranked = sorted(who.subjects.values(), key=lambda s: (-(s.answered + s.second_hand), s.name))
    for subject in ranked[:MAX_SHOWN_SUBJECTS]:
        table.add_row(plain(subject.name), share(subject.answered), share(subject.second_hand))
    rest = ranked[MAX_SHOWN_SUBJECTS:]
    if rest:
        others = output.word("audit.others", count=len(rest))
        table.add_row(others, share(sum(s.answered for s in rest)), share(sum(s.second_hand for s in rest)))
    for reason, part in who.nobody.items():
        if part:
            name = f"{output.word('audit.nobody')}: {output.word(f'audit.{reason}')}"
            table.add_row(Text(name, style="yellow"), share(part), "")
    return table


def _tail(output: Output, report: Report) -> Text:
    """The verdict once more, last, with what it means."""
    return Text.assemble(verdict_text(output, report), "  ", output.word(f"audit.next.{report.verdict}"))
