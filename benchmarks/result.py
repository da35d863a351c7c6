"""One line of the results: ours, the reference, their ratio, and whether that is what was aimed at."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

FIELDS = ("name", "what", "ours", "reference", "reference_name", "unit", "ratio", "goal", "met")
"""What each line of `results.json` holds, in this order."""

_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Result:
    """What one benchmark found.

    Attributes:
        name: Names it for good.
        what: What was measured, on what.
        ours: Our figure, in `unit`.
        reference: The reference's figure in the same run, in `unit`.
        reference_name: What the reference is.
        unit: Of both.
        ratio: Above 1 ours is better than the reference, whether more or less is better.
        goal: The ratio aimed at; None where the figure is only reported.
        met: Whether the ratio reaches the goal; None without one.
    """

    name: str
    what: str
    ours: float
    reference: float
    reference_name: str
    unit: str
    ratio: float
    goal: float | None
    met: bool | None


def rate(
    name: str,
    what: str,
    *,
    ours_s: float,
    reference_s: float,
    reference_name: str,
    unit: str,
    goal: float | None = None,
) -> Result:
    """A result from two times of one operation: both as rates, more is better."""
    return _result(name, what, 1 / ours_s, 1 / reference_s, reference_name, unit, reference_s / ours_s, goal)


def cost(
    name: str, what: str, *, ours: float, reference: float, reference_name: str, unit: str, goal: float | None = None
) -> Result:
    """A result of which less is better."""
    return _result(name, what, ours, reference, reference_name, unit, reference / ours, goal)


def _result(
    name: str,
    what: str,
    ours: float,
    reference: float,
    reference_name: str,
    unit: str,
    ratio: float,
    goal: float | None,
) -> Result:
    met = None if goal is None else ratio >= goal
    return Result(name, what, _short(ours), _short(reference), reference_name, unit, _short(ratio), goal, met)


def _short(number: float) -> float:
    """Four digits: no run repeats the fifth."""
    return float(f"{number:.{_DIGITS}g}")


def read_results(path: Path) -> list[Result]:
    """The results in a file; none when there is no file."""
    if not path.exists():
        return []
    lines: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return [Result(**line) for line in lines]


def write_results(path: Path, results: Iterable[Result]) -> None:
    """Write results as a JSON list, at once or not at all."""
    text = json.dumps([asdict(result) for result in results], indent=2, ensure_ascii=False) + "\n"
    temporary = path.with_name(path.name + ".writing")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


def print_results(results: Iterable[Result], console: Console) -> None:
    """Print results as a table."""
    table = Table(title="ratio > 1: better than the reference", title_justify="left", title_style="dim")
    table.add_column("benchmark, and what it is compared with", ratio=1)
    for heading in ("ours", "reference"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    for heading in ("ratio", "goal"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("met", justify="center", no_wrap=True)
    for result in results:
        met = "" if result.met is None else "[green]yes[/]" if result.met else "[red]no[/]"
        goal = "" if result.goal is None else f"{result.goal:g}"
        what = f"[bold]{escape(result.name)}[/]: {escape(result.what)}\n[dim]{escape(result.reference_name)}[/]"
        figures = (f"{result.ours:,g}", f"{result.reference:,g}", result.unit, f"{result.ratio:g}")
        table.add_row(what, *figures, goal, met)
    console.print(table)
