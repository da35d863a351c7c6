"""A presentation as `passport verify --role` shows it: what the role sees, who shows it, and the passport's report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.output import Output, plain
from cli.reasons import reason_text

if TYPE_CHECKING:
    from verifier.finding import Finding
    from verifier.presentation import JudgedPresentation


def show_judged(output: Output, judged: JudgedPresentation) -> None:
    """Print what came of a presentation, as a page or as JSON."""
    output.document(judged.to_json())
    if output.as_json:
        return
    from rich.table import Table
    from rich.text import Text

    from cli.tree import show_report

    page = Table.grid(padding=(0, 2))
    page.add_column(style="dim", no_wrap=True)
    page.add_column(overflow="fold")
    shown = judged.disclosed
    if shown is None:
        page.add_row(output.word("presentation.disclosure"), plain(_words(output, judged.disclosure)))
    else:
        words = output.word("presentation.exact", role=judged.role, sets=", ".join(shown.sets), rows=len(shown.rows))
        page.add_row(output.word("presentation.disclosure"), plain(words))
        for name, attributes in shown.sets.items():
            for attribute, value in attributes.items():
                page.add_row("", plain(f"{name} {attribute}: {_value(value)}"))
    page.add_row(output.word("presentation.contents"), plain(_words(output, judged.contents)))
    page.add_row(output.word("presentation.holder"), plain(_words(output, judged.holder_signature)))
    output.page(page, "", Text(output.word("presentation.passport"), style="dim"))
    show_report(output, judged.report)
    output.page("", Text(output.word(f"verdict.{judged.verdict}"), style="bold"))


def _words(output: Output, finding: Finding) -> str:
    reason = finding.reason and reason_text(finding.reason, output.language)
    parts = [output.word(f"outcome.{finding.outcome}"), reason, finding.expected, finding.found]
    return ": ".join(part for part in parts[:2] if part) + "".join(f"; {part}" for part in parts[2:] if part)


def _value(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
