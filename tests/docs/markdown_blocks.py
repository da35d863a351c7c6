"""Code blocks and tables of the project's documents, so that tests run and compare what readers see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language and its text."""

    language: str
    text: str


def blocks(document: str, language: str | None = None) -> list[Block]:
    """The fenced blocks of a document under the root, in order, of one language or of all."""
    text = (ROOT / document).read_text("utf-8")
    found = [Block(match[1], match[2]) for match in _FENCE.finditer(text)]
    return [block for block in found if language is None or block.language == language]


def section(document: str, title: str) -> str:
    """The text under a heading, up to the next one that is as high."""
    text = (ROOT / document).read_text("utf-8")
    match = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)", text, re.DOTALL | re.MULTILINE)
    assert match, f"{document} has no heading {title!r}"
    return match[2]


def table(text: str) -> list[list[str]]:
    """The rows of the first table in a text, its head and ruler left out."""
    rows = []
    for line in text.splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif rows:
            break
    return rows[2:]


def first_column(text: str) -> list[str]:
    """The code words of the first table's first column."""
    return [word for row in table(text) for word in re.findall(r"`([^`]+)`", row[0])]


def missing_lines(quoted: str, printed: str) -> list[str]:
    """Lines of a quotation that the print-out has not, in order; `...` stands for anything, spaces count as one."""
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    at = 0
    missing = []
    for line in quoted.splitlines():
        wanted = " ".join(line.split())
        if wanted in ("", "..."):
            continue
        pattern = re.compile(".*".join(map(re.escape, wanted.split("..."))) + r"\Z")
        position = next((n for n in range(at, len(lines)) if pattern.match(lines[n])), None)
        if position is None:
            missing.append(line)
        else:
            at = position + 1
    return missing
