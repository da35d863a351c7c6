"""Canonical JSON: RFC 8785 writing at the speed of a plain dump, with strict bounded reading.

The reference writer is `rfc8785`; it visits every node in Python, and in signing and hashing documents it would cost
several times the signature. `orjson` with sorted keys writes the same bytes for nearly every document, and whether it
did can be told from what it wrote:

- its keys are ordered as UTF-8, RFC 8785 wants UTF-16. The two differ only between characters beyond U+FFFF (lead
  bytes F0 to F4) and those from U+E000 to U+FFFF (lead bytes EE and EF), so text without both kinds is safe;
- its floats are the shortest digits that read back, as RFC 8785 wants; only the form differs, and only for integral
  floats, exponents, and long runs of leading zeros, which a pattern finds;
- integers beyond +-(2^53 - 1) it refuses itself (`OPT_STRICT_INTEGER`);
- NaN and infinities it writes as `null`, and some Python objects (UUID, Enum) as texts: a `marshal` dump, which takes
  exact built-in types only and shows a float's eight bytes, tells both.

Whatever is in doubt goes to `rfc8785`.
"""

from __future__ import annotations

import json
import marshal
import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, Final

import orjson
import rfc8785

from passport.errors import BoundError, CanonicalError, DocumentError

MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
MAX_DEPTH: Final = 100
MAX_SAFE_INTEGER: Final = 2**53 - 1

_OPTIONS: Final = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)

# Numbers that RFC 8785 may spell otherwise: `1.0`, `-0.0`, `0.0000001`, `1e-7`, `1e+16`. Each pattern begins with one
# rare byte and looks back from it: that is searched ten times faster than a pattern that begins with a digit.
_INTEGRAL_OR_TINY: Final = re.compile(rb"\.(?<=[0-9]\.)0(?:[,\]}]|00000)")
_NEGATIVE_EXPONENT: Final = re.compile(rb"-(?<=[0-9]e-)[0-9]{1,3}[,\]}]")
_POSITIVE_SIGN: Final = b"+" if orjson.dumps(1e16) == b"1e+16" else b"e"  # earlier releases write no sign
_POSITIVE_EXPONENT: Final = re.compile(
    rb"\+(?<=[0-9]e\+)[0-9]{1,3}[,\]}]" if _POSITIVE_SIGN == b"+" else rb"e(?<=[0-9]e)[0-9]{1,3}[,\]}]"
)
# The last two bytes of a little-endian NaN or infinity; UTF-8 text never holds such a pair.
_NOT_FINITE: Final = re.compile(rb"[\xf0-\xff][\x7f\xff]")

# The look-behind keeps a search from beginning inside a number, so that long numbers take linear time.
_LONG_INTEGER: Final = re.compile(rb"(?<![0-9.eE+-])-?[0-9]{16,}(?![0-9.eE])")
_FLOAT: Final = re.compile(rb"[0-9][.eE]")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"{}[]"))
_STEP: Final = {ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1}


def jcs(value: Any) -> bytes:
    """Write a JSON value in its one canonical form (RFC 8785).

    Args:
        value: Built from dict with text keys, list, tuple, str, int, float, bool and None.

    Raises:
        CanonicalError: The value has no canonical form: another type, a number that is not finite, an integer beyond
            +-(2^53 - 1), a text with lone surrogates, or nesting too deep to write.
    """
    try:
        raw = marshal.dumps(value)
        data = orjson.dumps(value, option=_OPTIONS)
    except (ValueError, TypeError, RecursionError):
        return _reference(value)
    if (b"\x7f" in raw or b"\xff" in raw) and b"null" in data and _NOT_FINITE.search(raw):
        return _reference(value)
    return data if _in_reference_form(data) else _rewritten(value)


def jcs_parsed(value: Any, *, exact_integers: bool = False) -> bytes:
    """`jcs` for a value that came out of a JSON reader, and therefore holds JSON types and finite numbers only.

    Args:
        value: What the reader returned.
        exact_integers: Refuse what would be written as an integer beyond +-(2^53 - 1). Such a number was read as a
            float; another reader takes its digits as an integer, and the two are not the same number.

    Raises:
        CanonicalError: An integer beyond +-(2^53 - 1), or nesting too deep to write.
    """
    try:
        data = orjson.dumps(value, option=_OPTIONS)
    except (ValueError, TypeError, RecursionError):
        data = _reference(value)
    else:
        if _in_reference_form(data):  # holds no integral float, and orjson has bounded the integers
            return data
        data = _rewritten(value)
    if exact_integers:
        for number in _LONG_INTEGER.findall(_outside_strings(data)):
            if abs(int(number)) > MAX_SAFE_INTEGER:
                raise CanonicalError("an integer beyond 53 bits", found=number.decode())
    return data


def parse(
    data: bytes, *, max_bytes: int = MAX_DOCUMENT_BYTES, max_depth: int = MAX_DEPTH, allow_floats: bool = True
) -> Any:
    """Read a JSON document of any layout strictly.

    Args:
        data: The document as UTF-8, without a byte order mark.
        max_bytes: Longer documents are refused unread.
        max_depth: How many objects and arrays may contain one another.
        allow_floats: Whether numbers with a point or an exponent are taken.

    Raises:
        BoundError: Too long, too deep, or an integer beyond 64 bits.
        DocumentError: Not JSON, not UTF-8, a key twice in one object, a number out of range, or an unwanted float.
    """
    value = _loads(data, max_bytes)
    outside = _outside_strings(data)
    _check_depth(outside, max_depth)
    for number in _LONG_INTEGER.findall(outside):
        if len(number) > 20 or not -(2**63) <= int(number) < 2**64:
            raise BoundError("an integer beyond 64 bits", found=number[:40].decode())
    if not allow_floats and _FLOAT.search(outside):
        raise DocumentError("a number with a point or an exponent", expected="integers only; amounts are texts")
    # Every member of the text has one colon outside strings; members the reader merged are missing from the tree.
    if outside.count(b":") != _count_members(value):
        raise DocumentError("a key stands twice in one object", found=_first_duplicate(data))
    return value


def parse_canonical(data: bytes, *, max_bytes: int = MAX_DOCUMENT_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Read a document that must be in its one canonical form (RFC 8785), which leaves no room for a key twice.

    Raises:
        BoundError: Too long or too deep.
        DocumentError: Not JSON.
        CanonicalError: JSON, but not the bytes that `jcs` writes for it, or with an integer beyond +-(2^53 - 1).
    """
    value = _loads(data, max_bytes)
    check_depth(data, max_depth=max_depth)
    if jcs_parsed(value, exact_integers=True) != data:
        raise not_canonical(data)
    return value


def parse_together(bodies: Sequence[bytes], *, max_bytes: int, schema_follows: bool = False) -> list[Any] | None:
    """Read several documents that must each be in canonical form with one pass over all of them.

    Args:
        bodies: The documents.
        max_bytes: How long they may be altogether.
        schema_follows: Leave depth and the form of numbers to the caller, whose next steps are a closed schema and
            `numbers_in_form`.

    Returns:
        Their values; None if `parse_canonical` would refuse one, or might: it says which and why.
    """
    data = b"[" + b",".join(bodies) + b"]"
    if len(data) > max_bytes:
        return None
    try:
        values = orjson.loads(data)
        if len(values) != len(bodies):
            return None
        for value, body in zip(values, bodies, strict=True):
            if orjson.dumps(value, option=_OPTIONS) != body:  # so each value is what its own bytes say
                return None
        if schema_follows:
            return values if _in_reference_order(data) else None
        check_depth(data, max_depth=MAX_DEPTH + 1)
    except (ValueError, TypeError, RecursionError, BoundError):
        return None
    return values if _in_reference_form(data) else None


def is_canonical_but_numbers(value: Any, data: bytes) -> bool:
    """Whether `data` is the canonical form of a value read from it, numbers apart; False also where in doubt.

    For a caller whose next steps are a closed schema, which bounds the depth, and `numbers_in_form`.
    """
    try:
        return plain(value) == data and _in_reference_order(data)
    except (ValueError, TypeError, RecursionError):
        return False


def plain(value: Any) -> bytes:
    """A value read from a document of which `is_canonical_but_numbers` holds, or a part of it, as that wrote it."""
    return orjson.dumps(value, option=_OPTIONS)


def numbers_in_form(numbers: Iterable[int | float]) -> bool:
    """Whether numbers of a document are surely written as RFC 8785 writes them; False also where in doubt."""
    for number in numbers:
        if type(number) is float and (number.is_integer() or not 1e-4 <= abs(number) < 1e15):
            return False
    return True


def not_canonical(data: bytes) -> CanonicalError:
    """The error for bytes that are JSON but not their own canonical writing; it names a double key if there is one."""
    twice = _first_duplicate(data)
    return CanonicalError(
        "the bytes are not in canonical form (RFC 8785)",
        expected="sorted keys, no white space, shortest numbers, each key once",
        found=f"the key {twice} twice" if twice else None,
        hint="the document was written by another program or changed; ask for the original bytes",
    )


def check_depth(data: bytes, *, max_depth: int = MAX_DEPTH) -> None:
    """Refuse valid JSON whose objects and arrays are nested deeper than `max_depth`.

    Raises:
        BoundError: Nested deeper.
    """
    if data.count(b"{") + data.count(b"[") > max_depth:
        _check_depth(_outside_strings(data), max_depth)


def load_json(data: bytes, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> Any:
    """Read JSON without looking for double keys or depth: only for callers that check the canonical form themselves.

    Raises:
        BoundError: Longer than `max_bytes`.
        DocumentError: Not JSON.
    """
    return _loads(data, max_bytes)


def _in_reference_form(data: bytes) -> bool:
    # A bare number has nothing behind it to recognise it by. Text that merely looks like a number gets a second look.
    return (
        _in_reference_order(data)
        and not data[-1:].isdigit()
        and not (_looks_doubtful(data) and _looks_doubtful(_outside_strings(data)))
    )


def _in_reference_order(data: bytes) -> bool:
    if data.isascii():
        return True
    beyond = b"\xf0" in data or b"\xf1" in data or b"\xf2" in data or b"\xf3" in data or b"\xf4" in data
    return not (beyond and (b"\xee" in data or b"\xef" in data))


def _looks_doubtful(data: bytes) -> bool:
    return bool(
        _INTEGRAL_OR_TINY.search(data)
        or _NEGATIVE_EXPONENT.search(data)
        or (_POSITIVE_SIGN in data and _POSITIVE_EXPONENT.search(data))
    )


def _rewritten(value: Any) -> bytes:
    """Second try with integral floats as integers, which is what most doubtful documents hold; else the reference."""
    data = orjson.dumps(_integral_floats_to_int(value), option=_OPTIONS)
    return data if _in_reference_form(data) else _reference(value)


def _integral_floats_to_int(value: Any) -> Any:
    # Recursion is bounded: orjson has just written this value, and it stops at 254 levels.
    kind = type(value)
    if kind is dict:
        return {key: _integral_floats_to_int(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_integral_floats_to_int(item) for item in value]
    if kind is float and value.is_integer() and abs(value) <= MAX_SAFE_INTEGER:
        return int(value)
    return value


def _reference(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except RecursionError as error:
        raise CanonicalError("the value is nested too deep to write") from error
    except ValueError as error:  # CanonicalizationError is one, and so is UnicodeEncodeError from a key
        raise CanonicalError(f"the value has no canonical form: {error}") from error


def _loads(data: bytes, max_bytes: int) -> Any:
    if len(data) > max_bytes:
        raise BoundError("the document is too long", expected=f"at most {max_bytes} bytes", found=f"{len(data)} bytes")
    try:
        return orjson.loads(data)
    except (orjson.JSONDecodeError, RecursionError) as error:
        message = str(error)
        if "recursion" in message.lower() or "depth" in message.lower():
            raise BoundError("the document is nested too deep", expected=f"at most {MAX_DEPTH} levels") from error
        raise DocumentError(f"not JSON: {message}") from error


def _outside_strings(data: bytes) -> bytes:
    """What stands outside the strings of valid JSON: brackets, colons, commas, numbers, literals, white space."""
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b" ".join(data.split(b'"')[::2])


def _check_depth(outside: bytes, max_depth: int) -> None:
    brackets = outside.translate(None, _NOT_BRACKETS)
    depth = max(accumulate(map(_STEP.__getitem__, brackets)), default=0)
    if depth > max_depth:
        raise BoundError("the document is nested too deep", expected=f"at most {max_depth} levels", found=depth)


def _count_members(value: Any) -> int:
    kind = type(value)
    if kind is dict:
        return len(value) + sum([_count_members(v) for v in value.values() if type(v) is dict or type(v) is list])
    if kind is list:
        return sum([_count_members(v) for v in value if type(v) is dict or type(v) is list])
    return 0


def _first_duplicate(data: bytes) -> str | None:
    """The first key that stands twice in one object, for the message only."""
    found: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        seen = set()
        for key, _ in pairs:
            if key in seen:
                found.append(key)
            seen.add(key)

    try:
        json.loads(data, object_pairs_hook=look)
    except (ValueError, RecursionError):
        return None
    return repr(found[0]) if found else None
