"""`passport demo`: the whole story on this machine, offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import Output, plain
from cli.progress import progress
from cli.session import Session, command

if TYPE_CHECKING:
    from rich.console import RenderableType

    from cli.demo.sabotage import Sabotage
    from cli.demo.story import Story

EXAMPLES = """\
passport demo --dir demo
passport demo --dir demo --json | jq .sabotage
"""


@command(workspace=False)
def demo(
    session: Session,
    *,
    folder: Annotated[Path, typer.Option("--dir", help="Where; replaced if a demo made it.", metavar="DIR")] = Path(
        "demo"
    ),
) -> None:
    """Companies compute, sign and anchor passports, an auditor judges the top one, and four sabotages are caught.

    Every company has its own workspace and keys; only documents and the chain pass between them.
    """
    from cli.demo.story import tell

    output = session.output
    story = tell(folder, clock=session.clock, watch=lambda key: progress(output, output.word(key)))
    output.document(story.to_json())
    if not output.as_json:
        _page(output, story)
    story.check()


def _page(output: Output, story: Story) -> None:
    from rich.text import Text

    from cli.tree import show_report, verdict_text

    cast = story.cast
    countries = len({company.party.country for company in cast.companies})
    headings = (
        output.word(
            "demo.registered",
            companies=len(cast.companies),
            countries=countries,
            registrar=cast.registrar.party.name,
            chain=story.chain,
        ),
        output.word("demo.issued", passports=story.passports, checkpoints=story.checkpoints),
        output.word("demo.audited", seconds=f"{story.audit_seconds:.1f}"),
    )
    for number, heading in enumerate(headings, 1):
        output.page(_heading(number, heading))
    output.page("")
    show_report(output, story.report)
    size = f"{story.bundle_bytes / 1000:.0f}"
    verdict = verdict_text(output, story.bundle_report).plain
    output.page("", _heading(4, output.word("demo.bundled", verdict=verdict, size=size)))
    output.page(_heading(5, output.word("demo.sabotaged")))
    for sabotage in story.sabotages:
        output.page("", _sabotage(output, sabotage))
    folder = story.folder
    commands = (
        f"passport audit {folder}/top.bundle --trust {folder}/trust.json",
        f"passport audit {story.top} --workspace {folder}/auditor",
        f"passport show {story.top} --workspace {folder}/auditor",
        f"passport keys list --workspace {folder}/weserbogen-traktion",
    )
    output.page("", Text(output.word("demo.look"), style="bold"))
    for line in commands:
        output.result(f"  {line}")
    caught = sum(1 for sabotage in story.sabotages if sabotage.is_caught)
    end = output.word(
        "demo.end",
        verdict=output.word(f"verdict.{story.report.verdict}"),
        caught=caught,
        all=len(story.sabotages),
        seconds=f"{story.seconds:.0f}",
    )
    output.page("", Text(end, style="bold"))
    output.remark(output.word("demo.only"), style="yellow")


def _heading(number: int, text: str) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    line = Table.grid(padding=(0, 1))
    line.add_row(Text(f"{number}.", style="bold"), Text(plain(text), style="bold"))
    return line


def _sabotage(output: Output, sabotage: Sabotage) -> RenderableType:
    from rich.padding import Padding
    from rich.text import Text

    from cli.tree import check_text, verdict_text

    text = Text.assemble(verdict_text(output, sabotage.report), "  ", plain(sabotage.what(output.language)))
    failure = sabotage.failure
    if failure:
        record = next(record for record in sabotage.report.records.values() if record.id == failure.node)
        name = record.subject_name or record.id
        if record.issuer:
            name = f"{name} · {record.issuer}"
        text.append("\n").append(output.word("demo.at", name=name))
        text.append("\n").append_text(check_text(output, failure.check))
    return Padding(text, (0, 0, 0, 3))
