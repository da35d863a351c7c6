"""`python -m benchmarks`: run them, write `results.json`, print the table."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from benchmarks.result import Result, print_results, read_results, write_results
from benchmarks.suite import BENCHMARKS, run

_WIDTH = 120  # where nobody knows how wide the screen is
RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Read the arguments and do it."""
    listed = "\n".join(f"  {name:<18}{what}" for name, what in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure ours against named references in the same run.",
        epilog=f"benchmarks:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="only these; what others found before stays in the file"
    )
    parser.add_argument("--quick", action="store_true", help="smaller worlds, rough figures, under a minute")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where to write (default: %(default)s)")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    found: list[Result] = []
    for result in run(arguments.names or list(BENCHMARKS), is_quick=arguments.quick):
        found.append(result)
        # Written at once, whatever befalls the rest; and read anew, because another run may have written meanwhile.
        write_results(arguments.output, merged(read_results(arguments.output), found))
    if not arguments.names:  # a whole run, and it came to its end: what it did not measure is measured no more
        write_results(arguments.output, found)
    console = Console()
    print_results(found, console if console.is_terminal else Console(width=_WIDTH))
    print(f"written to {arguments.output}")


def merged(kept: list[Result], found: list[Result]) -> list[Result]:
    """Earlier results with those found now in the place of their namesakes."""
    new = {result.name: result for result in found}
    return [new.pop(result.name, result) for result in kept] + list(new.values())


if __name__ == "__main__":
    main()
