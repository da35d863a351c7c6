"""YAML read into located values: one document, no anchors, aliases, tags or complex keys.

Only the event parser of PyYAML is used, so nothing is guessed (`NO` stays text, `12.50` keeps its digits), nothing is
constructed, and nothing grows beyond what the file contains.
"""

from __future__ import annotations

from typing import Any

import yaml

from passport.errors import DocumentError
from passport.exchange.located import Builder, Listing, Mapping, Mark, Node, Scalar, Style

# The C parser reads the same events ten times as fast, but is not in every build of PyYAML.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str, *, name: str) -> Node:
    """Read one YAML document.

    Args:
        text: The whole file.
        name: Its name, for errors.

    Raises:
        DocumentError: Not YAML, or YAML that we do not take; names the line.
    """
    builder = Builder(name)
    documents = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise DocumentError(
                        "more than one document in a file",
                        where=f"{name}:{_mark(event).line}",
                        expected="one YAML document",
                        found="a second one",
                        hint="put each in its own file and remove the line `---`",
                    )
            _take(event, builder, name)
    except yaml.YAMLError as error:
        raise _not_yaml(error, text, name) from error
    if builder.root is None:
        raise DocumentError("the file is empty", where=name, expected="a YAML mapping")
    return builder.root


def _take(event: yaml.Event, builder: Builder, name: str) -> None:
    """Hand one event to the builder."""
    anchor = getattr(event, "anchor", None)
    if anchor:
        raise DocumentError(
            "anchors and aliases are not read",
            where=f"{name}:{_mark(event).line}",
            expected="plain values",
            found=f"{'*' if isinstance(event, yaml.AliasEvent) else '&'}{str(anchor)[:100]}",
            hint="write the value out; text that begins with & or * goes in quotes",
        )
    tag = getattr(event, "tag", None)
    if tag:
        raise DocumentError(
            "tags are not read",
            where=f"{name}:{_mark(event).line}",
            expected="plain values",
            found=str(tag)[:100],
            hint="text that begins with ! goes in quotes",
        )
    if isinstance(event, yaml.ScalarEvent):
        style = Style.QUOTED if event.style else Style.PLAIN
        builder.scalar(Scalar(event.value, style, _mark(event)))
    elif isinstance(event, yaml.MappingStartEvent):
        builder.enter(Mapping(_mark(event)))
    elif isinstance(event, yaml.SequenceStartEvent):
        builder.enter(Listing(_mark(event)))
    elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
        builder.leave()


def _mark(event: yaml.Event) -> Mark:
    start = event.start_mark
    return Mark(start.line + 1, start.column + 1) if start else Mark(1, 1)


def _not_yaml(error: yaml.YAMLError, text: str, name: str) -> DocumentError:
    """The parser's complaint in our words."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    context = getattr(error, "context", None)
    hint = "check the indentation, and quote text that contains `: ` or begins with a special character"
    line = "".join(text.split("\n")[mark.line : mark.line + 1]) if mark else ""
    if mark and "\t" in line[: mark.column + 1]:
        hint = "indent with spaces, never with tabs"
    return DocumentError(
        "not YAML",
        where=f"{name}:{mark.line + 1}" if mark else name,
        expected="well-formed YAML",
        found=f"{context}: {problem}" if context else problem,
        hint=hint,
    )
