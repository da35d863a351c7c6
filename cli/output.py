"""Where words go: results to stdout, everything else to stderr, and with `--json` one document and nothing else.

Names and texts in passports are written by strangers, so nothing of theirs is read as markup, and control characters,
with which a terminal could be made to show something else, are replaced.
"""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from cli.catalogue import Language, word

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

SCHEMA_VERSION: Final = "1.0"
PIPED_WIDTH: Final = 120

# Marks that reverse or isolate the direction of text: with them one name can be made to look like another.
_DIRECTION: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: object, *, lines: bool = False) -> str:
    """A stranger's text made harmless for a terminal.

    Args:
        text: What to show.
        lines: Whether line breaks may stay.
    """
    return "".join(
        "\ufffd" if (unicodedata.category(c) == "Cc" and not (lines and c == "\n")) or c in _DIRECTION else c
        for c in str(text)
    )


class Output:
    """The two streams of one command.

    Args:
        as_json: Print one JSON document instead of words.
        language: Of the words.
        is_verbose: Say more on stderr.
    """

    def __init__(self, *, as_json: bool, language: Language, is_verbose: bool = False) -> None:
        self.as_json = as_json
        self.language = language
        self.is_verbose = is_verbose

    @cached_property
    def out(self) -> Console:
        """Stdout for people; JSON needs none of it."""
        return _console(sys.stdout, is_error=False)

    @cached_property
    def err(self) -> Console:
        """Stderr."""
        return _console(sys.stderr, is_error=True)

    def word(self, key: str, **facts: object) -> str:
        """Words of the catalogue in the command's language."""
        return word(key, self.language, **{name: plain(fact) for name, fact in facts.items()})

    def result(self, text: RenderableType) -> None:
        """What was asked for, for people, on stdout."""
        if not self.as_json:
            self.out.print(_styled(text) if isinstance(text, str) else text, soft_wrap=True)

    def page(self, *parts: RenderableType) -> None:
        """A laid-out page on stdout, fitted to the terminal's width."""
        if self.as_json:
            return
        if self.out.is_terminal:
            for part in parts:
                self.out.print(part)
            return
        with self.out.capture() as captured:
            for part in parts:
                self.out.print(part)
        sys.stdout.write("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))

    def remark(self, text: str, *, style: str = "") -> None:
        """A remark on stderr, with `--json` too."""
        self.err.print(_styled(text, style), soft_wrap=True)

    def detail(self, text: str) -> None:
        """A remark that only `--verbose` shows."""
        if self.is_verbose:
            self.remark(text, style="dim")

    def document(self, body: Mapping[str, Any]) -> None:
        """The command's one JSON document, when it was asked for."""
        if self.as_json:
            write_json({"schema_version": SCHEMA_VERSION, **body})

    def raw(self, data: bytes) -> None:
        """Bytes exactly as they are on stdout."""
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def write_json(document: Mapping[str, Any]) -> None:
    """One JSON document and a line end on stdout: indented on a terminal, one line when piped."""
    is_unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    indent = 2 if sys.stdout.isatty() else None
    sys.stdout.write(json.dumps(document, ensure_ascii=not is_unicode, indent=indent) + "\n")
    sys.stdout.flush()


def _styled(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(plain(text, lines=True), style=style)


def _console(stream: Any, *, is_error: bool) -> Console:
    from rich.console import Console

    width = None if stream.isatty() or os.environ.get("COLUMNS") else PIPED_WIDTH
    return Console(
        file=stream, stderr=is_error, highlight=False, markup=False, emoji=False, width=width, soft_wrap=False
    )
