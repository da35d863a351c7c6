"""Values of a text file, each with the line it stands on: what the YAML and the JSON reader both build.

Scalars keep their text. What a text means (a number, a yes or no, a time) is decided by whoever knows the field.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from passport.errors import BoundError, DocumentError

MAX_DEPTH = 50
MAX_VALUES = 500_000
"""More than an inventory with the most inputs allowed needs: each input has some 30 values."""
MAX_ENTRIES = 10_000

Path = tuple[str | int, ...]
"""The way from the root to a value: names of fields and positions in lists, from 0."""

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters other than tab and line ends, halves of surrogate pairs, and non-characters."""
_SIMPLE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}\Z")


class Style(Enum):
    """How a scalar was written."""

    PLAIN = "plain"
    """YAML without quotes: may be meant as anything."""
    QUOTED = "quoted"
    """Text, whatever it looks like."""
    NUMBER = "number"
    """A JSON number."""
    WORD = "word"
    """JSON's `true`, `false` or `null`."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as it was written, without its quotes."""

    text: str
    style: Style
    mark: Mark


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of values."""

    mark: Mark
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Values under names, with the place of each name."""

    mark: Mark
    entries: dict[str, Node] = field(default_factory=dict)
    key_marks: dict[str, Mark] = field(default_factory=dict)


Node = Scalar | Listing | Mapping


class Lines:
    """Turns offsets into a text into lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def mark(self, offset: int) -> Mark:
        """The place of the character at `offset`."""
        line = bisect_right(self._starts, offset)
        return Mark(line, offset - self._starts[line - 1] + 1)


class Builder:
    """Puts nodes together from what a reader meets, within bounds: names and values come in the order of the text.

    Args:
        name: The file's name, for errors.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._open: list[Listing | Mapping] = []
        self._keys: list[tuple[str, Mark] | None] = []
        self._count = 0
        self.root: Node | None = None

    def scalar(self, node: Scalar) -> None:
        """Take a single value, or, where a mapping waits for one, a name."""
        self._refuse_unfit(node)
        if self._awaits_key:
            self._take_key(node)
        else:
            self._place(node)

    def enter(self, node: Listing | Mapping) -> None:
        """Take the start of a list or mapping; what follows goes into it until `leave`."""
        if self._awaits_key:
            raise DocumentError("a name is a list or a mapping", where=self._at(node.mark), expected="text as name")
        if len(self._open) >= MAX_DEPTH:
            raise BoundError(
                "too deeply nested", where=self._at(node.mark), expected=f"at most {MAX_DEPTH} levels", found="more"
            )
        self._place(node)
        self._open.append(node)
        self._keys.append(None)

    def leave(self) -> None:
        """Take the end of the list or mapping entered last."""
        self._open.pop()
        self._keys.pop()

    @property
    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1], Mapping) and self._keys[-1] is None

    def _at(self, mark: Mark) -> str:
        return f"{self._name}:{mark.line}"

    def _take_key(self, node: Scalar) -> None:
        parent = self._open[-1]
        earlier = parent.key_marks.get(node.text) if isinstance(parent, Mapping) else None
        if earlier:
            raise DocumentError(
                f"the name {node.text[:100]!r} stands twice",
                where=self._at(node.mark),
                expected="each name once",
                found=f"lines {earlier.line} and {node.mark.line}",
                hint="remove one of the two",
            )
        self._keys[-1] = (node.text, node.mark)

    def _place(self, node: Node) -> None:
        self._count += 1
        if self._count > MAX_VALUES:
            raise BoundError("too many values", where=self._at(node.mark), expected=f"at most {MAX_VALUES}")
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Mapping):
            key = self._keys[-1]
            if key is not None:
                parent.entries[key[0]] = node
                parent.key_marks[key[0]] = key[1]
                self._keys[-1] = None
            size = len(parent.entries)
        else:
            parent.items.append(node)
            size = len(parent.items)
        if size > MAX_ENTRIES:
            raise BoundError(
                "too many entries in one list or mapping",
                where=self._at(node.mark),
                expected=f"at most {MAX_ENTRIES}",
                found="more",
            )

    def _refuse_unfit(self, node: Scalar) -> None:
        unfit = _UNFIT.search(node.text)
        if unfit:
            raise DocumentError(
                "a character that text does not have",
                where=self._at(node.mark),
                expected="text without control characters",
                found=f"U+{ord(unfit.group()):04X}",
            )


def first_unfit(text: str) -> int | None:
    """The offset of the first character that text does not have, such as a control character."""
    unfit = _UNFIT.search(text)
    return unfit.start() if unfit else None


def find(root: Node, path: Path) -> tuple[Node, Mark, Path]:
    """Follow `path` as far as the document goes.

    Returns:
        The node reached, the place to show for it (that of its name, in a mapping), and the path that was followed.
    """
    node, mark, followed = root, root.mark, 0
    for step in path:
        if isinstance(node, Mapping) and isinstance(step, str) and step in node.entries:
            mark, node = node.key_marks[step], node.entries[step]
        elif isinstance(node, Listing) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            mark = node.mark
        else:
            break
        followed += 1
    return node, mark, path[:followed]


def path_text(path: Sequence[str | int]) -> str:
    """A path as people read it: `inputs[3].factor.unit`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _SIMPLE_KEY.match(step):
            text += f".{step}" if text else step
        else:
            text += f"[{step[:100]!r}]"
    return text
