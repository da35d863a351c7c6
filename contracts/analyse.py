"""Compares what slither finds in the contracts with what the documentation answers, finding by finding.

A developer's tool: it needs slither, Node.js and ``npm ci --ignore-scripts`` in this folder.

    python -m contracts.analyse --slither PATH
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Set
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CONTRACTS_DIR = Path(__file__).resolve().parent
ANSWERS_FILE = CONTRACTS_DIR.parent / "docs" / "contracts.md"

_SECTION = "## Static analysis"
_ROW = re.compile(r"\| `(?P<detector>[a-z0-9-]+)` \| (?P<places>[^|]+) \| (?P<answer>[^|]+) \|")
_TIMEOUT_S = 600

Finding = tuple[str, str]
"""A detector, and the contract and function or variable that it points at."""


class AnalysisError(RuntimeError):
    """Slither did not run, or what it said cannot be read."""


def findings(report: Mapping[str, Any]) -> set[Finding]:
    """What slither says about this project's own sources.

    Args:
        report: Its JSON output.

    Returns:
        Each finding once.

    Raises:
        AnalysisError: It failed, or looked at nothing of ours.
    """
    if report.get("success") is not True:
        raise AnalysisError(f"slither failed: {report.get('error')}")
    found = set()
    for result in report["results"].get("detectors", []):
        own = [e for e in result["elements"] if e["source_mapping"]["filename_relative"].startswith("src/")]
        if own:
            found.add((str(result["check"]), _place(own[0])))
    return found


def _place(element: Mapping[str, Any]) -> str:
    if element["type"] not in {"function", "variable"}:
        return str(element["type"])
    parent: Mapping[str, Any] = element["type_specific_fields"]["parent"]
    if parent["type"] == "function":  # a variable inside a function
        return _place(parent)
    return f"{parent['name']}.{element['name']}"


def answers(text: str) -> dict[Finding, str]:
    """The answers in the documentation's table: detector, places, answer.

    Args:
        text: The whole document.

    Returns:
        The answer to each finding.

    Raises:
        AnalysisError: There is no such table, or a finding is answered twice.
    """
    _, heading, rest = text.partition(_SECTION)
    if not heading:
        raise AnalysisError(f"{ANSWERS_FILE.name} has no section {_SECTION!r}")
    answered: dict[Finding, str] = {}
    for row in _ROW.finditer(rest.partition("\n## ")[0]):
        for place in re.findall(r"`([^`]+)`", row["places"]):
            finding = (row["detector"], place)
            if finding in answered:
                raise AnalysisError(f"{row['detector']} at {place} is answered twice")
            answered[finding] = row["answer"].strip()
    return answered


def differences(found: Set[Finding], answered: Set[Finding]) -> list[str]:
    """One line for each finding without an answer, and for each answer without a finding.

    Args:
        found: What slither says.
        answered: What the documentation answers.
    """
    open_questions = [f"{detector} at {place}: not answered" for detector, place in sorted(found - answered)]
    stale = [f"{detector} at {place}: answered, and not found any more" for detector, place in sorted(answered - found)]
    return open_questions + stale


def run_slither(program: str) -> dict[str, Any]:
    """Runs slither over the contracts, as forge builds them.

    Args:
        program: Its path.

    Returns:
        Its JSON output.

    Raises:
        AnalysisError: It is not there, or ended without a report.
    """
    found = shutil.which(program)
    if found is None:
        raise AnalysisError(f"{program} is not there: make slither installs it")
    environment = {**os.environ, "PATH": f"{CONTRACTS_DIR / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"}
    with TemporaryDirectory() as folder:
        path = Path(folder, "report.json")
        done = subprocess.run(  # noqa: S603 - the program that the caller names
            [Path(found).absolute(), ".", "--json", str(path)],  # as seen from here, not from the contracts' folder
            cwd=CONTRACTS_DIR,
            env=environment,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        if not path.exists():
            raise AnalysisError(f"slither wrote no report: {done.stderr.decode(errors='replace').strip()}")
        report: dict[str, Any] = json.loads(path.read_bytes())
    return report


def main(arguments: list[str] | None = None) -> int:
    """Runs the tool.

    Args:
        arguments: Command line without the program's name; that of the process by default.

    Returns:
        The exit code: 0 all answered, 1 not.
    """
    parser = argparse.ArgumentParser(prog="python -m contracts.analyse", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--slither", default="slither", help="where slither is")
    options = parser.parse_args(arguments)
    try:
        answered = answers(ANSWERS_FILE.read_text("utf-8"))
        lines = differences(findings(run_slither(options.slither)), answered.keys())
    except AnalysisError as problem:
        sys.stderr.write(f"error: {problem}\n")
        return 1
    for line in lines:
        sys.stderr.write(f"error: {line}\n")
    if lines:
        sys.stderr.write(f"hint: mend it, or answer it in docs/{ANSWERS_FILE.name}\n")
        return 1
    sys.stdout.write(f"{len(answered)} findings, all answered\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
