"""JSON read into located values, strictly by RFC 8259.

The reader is our own because the standard library's tells neither where a value stands nor which names stand twice,
and YAML's cannot stand in for it: JSON writes characters beyond U+FFFF as two escapes, which YAML refuses.
"""

from __future__ import annotations

import json
import re
from enum import Enum

from passport.errors import DocumentError
from passport.exchange.located import Builder, Lines, Listing, Mapping, Mark, Node, Scalar, Style

_SPACE = re.compile(r"[ \t\n\r]*")
_TOKEN = re.compile(
    r"(?P<sign>[{}\[\],:])"
    r'|(?P<string>"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z.+-]))"
    r"|(?P<word>(?:true|false|null)(?![0-9A-Za-z_]))"
)
_ODD = re.compile(r"[^\s{}\[\],:\"]{1,40}|.", re.DOTALL)


_VALUES = frozenset({"{", "[", "string", "number", "word"})


class _Next(Enum):
    """What may come next: in words for the error, and as signs and kinds of tokens."""

    VALUE = "a value", _VALUES
    ITEM_OR_END = "a value or `]`", _VALUES | {"]"}
    NAME_OR_END = 'a name in "quotes" or `}`', frozenset({"string", "}"})
    NAME = 'a name in "quotes"', frozenset({"string"})
    COLON = "`:`", frozenset({":"})
    COMMA_OR_BRACKET = "`,` or `]`", frozenset({",", "]"})
    COMMA_OR_BRACE = "`,` or `}`", frozenset({",", "}"})
    NOTHING = "the end of the file", frozenset[str]()

    def __init__(self, words: str, allowed: frozenset[str]) -> None:
        self.words = words
        self.allowed = allowed


def read_json(text: str, *, name: str) -> Node:
    """Read one JSON document.

    Args:
        text: The whole file.
        name: Its name, for errors.

    Raises:
        DocumentError: Not JSON; names the line.
    """
    builder = Builder(name)
    lines = Lines(text)
    awaited = _Next.VALUE
    open_signs: list[str] = []
    offset = _skip(text, 0)
    while offset < len(text):
        token = _TOKEN.match(text, offset)
        mark = lines.mark(offset)
        if token is None:
            raise _unexpected(_ODD.match(text, offset), awaited, f"{name}:{mark.line}")
        if (token["sign"] or token.lastgroup) not in awaited.allowed:
            raise _unexpected(token, awaited, f"{name}:{mark.line}")
        awaited = _take(token, awaited, open_signs, builder, mark, name)
        offset = _skip(text, token.end())
    if builder.root is None:
        raise DocumentError("the file is empty", where=name, expected="a JSON object")
    if awaited is not _Next.NOTHING:
        raise DocumentError(
            "the file ends too early",
            where=f"{name}:{lines.mark(len(text)).line}",
            expected=awaited.words,
            found="the end of the file",
            hint="is the file complete?",
        )
    return builder.root


def _skip(text: str, offset: int) -> int:
    space = _SPACE.match(text, offset)
    return space.end() if space else offset


def _take(
    token: re.Match[str], awaited: _Next, open_signs: list[str], builder: Builder, mark: Mark, name: str
) -> _Next:
    """Hand a token that fits to the builder; returns what may come next."""
    sign = token["sign"]
    if sign == "{":
        builder.enter(Mapping(mark))
        open_signs.append(sign)
        return _Next.NAME_OR_END
    if sign == "[":
        builder.enter(Listing(mark))
        open_signs.append(sign)
        return _Next.ITEM_OR_END
    if sign == ":":
        return _Next.VALUE
    if sign == ",":
        return _Next.NAME if open_signs[-1] == "{" else _Next.VALUE
    if sign is not None:
        builder.leave()
        open_signs.pop()
    elif token["string"] is not None:
        builder.scalar(Scalar(_unquoted(token["string"], mark, name), Style.QUOTED, mark))
        if awaited in (_Next.NAME, _Next.NAME_OR_END):
            return _Next.COLON
    else:
        builder.scalar(Scalar(token.group(), Style.NUMBER if token["number"] else Style.WORD, mark))
    if not open_signs:
        return _Next.NOTHING
    return _Next.COMMA_OR_BRACE if open_signs[-1] == "{" else _Next.COMMA_OR_BRACKET


def _unquoted(token: str, mark: Mark, name: str) -> str:
    """The text that a JSON string stands for."""
    try:
        text: str = json.loads(token)
    except json.JSONDecodeError as error:
        raise DocumentError(
            "not JSON text", where=f"{name}:{mark.line}", expected="escapes that JSON has", found=error.msg
        ) from error
    return text


def _unexpected(token: re.Match[str] | None, awaited: _Next, where: str) -> DocumentError:
    """What stands here and should not, with the usual reason for it."""
    found = token.group() if token else ""
    hint = None
    if found.lstrip("-+").lower() in ("nan", "infinity", "inf"):
        hint = "JSON has no such number; state an amount that is not known under `missing`"
    elif found == '"':
        hint = "text ends with a quote on the same line; is the file complete?"
    elif found[:1] == "'":
        hint = 'text stands in "double quotes"'
    elif found in ("}", "]") and awaited in (_Next.NAME, _Next.VALUE):
        hint = "no comma before a closing bracket"
    elif found[:1] in ("/", "#"):
        hint = "JSON has no comments; YAML has"
    elif found[:1].isdigit() or found[:1] in (".", "+", "-"):
        hint = "numbers are written like 0.31, without leading zeros, `+` or thousands separators"
    return DocumentError("not JSON", where=where, expected=awaited.words, found=repr(found), hint=hint)
