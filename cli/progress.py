"""Progress bars on stderr: off when piped, with `--json`, and on terminals that cannot draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cli.output import Output, plain

Tick = Callable[[int, int | None], None]
"""Called with how many are done, and how many there are as far as known."""


@contextmanager
def progress(output: Output, what: str) -> Iterator[Tick]:
    """Show how far a job is.

    Args:
        output: The command's streams.
        what: What is being done.
    """
    is_shown = not output.as_json and output.err.is_terminal and not output.err.is_dumb_terminal
    if not is_shown:
        yield lambda done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=output.err, transient=True) as bars:
        task = bars.add_task(plain(what), total=None)

        def tick(done: int, total: int | None) -> None:
            bars.update(task, completed=done, total=total)

        yield tick
