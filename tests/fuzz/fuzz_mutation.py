"""Inputs for the targets, drawn from a seed: valid ones bent in their bytes, and as JSON in their values."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

TOKENS = [
    b'"', b"{", b"}", b"[", b"]", b",", b":", b"0", b"-", b"e", b"E9", b".", b"\\", b"\\u0000", b"\\ud800",
    b"\x00", b"\xff", b"\xc3\xa9", b"\xf0\x9f\x8c\xbf", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r\n", b"\n\n",
    b"~", b"=", b"+", b"u", b"z", b" ", b"\t", b"null", b"true", b"NaN", b"1e400", b"9" * 25,
    b"9007199254740993", b"[" * 120, b'{"a":' * 120, b"\xc1" * 40, b"\xff\xff\xff\xff", b"&a ", b"*a", b"!!x ",
    b"<<: ", b"- ", b"? ", b"|\n", b"\xd9\xa3", b"-0", b"0x", b"0" * 70, b"\x80", b"\xb8\x00",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2**53, 2**63, 2**64 - 1, 1.5, 1e308, -0.0, [], {}, [[]], [{}], {"": {}},
    "", "0", "-0", "1e999999999",
    "9" * 400, "0." + "0" * 400 + "1", "\u0663", "NaN", "Infinity", "\U0001f33f", "\x00", "\ufffd\ue000",
    "uEi", "u", "z", "z1", "A" * 5000,
    "did:web:a", "did:key:z", "https://", "urn:", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:60Z",
    "2026-01-01T00:00:00+99:99", "eip155:1", "0x" + "0" * 40, "0x", "../../x", "a" * 70 + "#b",
    ["x"] * 300, {"id": 1}, {"type": []},
]  # fmt: skip


def inputs(seeds: list[bytes], count: int, draw: random.Random, *, max_bytes: int) -> Iterator[bytes]:
    """`count` inputs: a tenth any bytes; of the rest half bent as bytes and half, where the seed is JSON, as values."""
    for _ in range(count):
        if not seeds or draw.random() < 0.1:
            yield draw.randbytes(draw.randrange(0, 80))
            continue
        seed = draw.choice(seeds)
        bent = bend_values(seed, draw) if draw.random() < 0.5 else None
        yield (bend_bytes(seed, draw, seeds) if bent is None else bent)[: 4 * max_bytes]


def bend_bytes(seed: bytes, draw: random.Random, others: list[bytes]) -> bytes:
    """A few changes: a byte, a piece lost, doubled, moved in from another seed, or a token of many formats."""
    data = bytearray(seed)
    for _ in range(draw.choice([1, 1, 1, 2, 3, 6])):
        at = draw.randrange(len(data) + 1)
        match draw.randrange(6):
            case 0 if data:
                data[at % len(data)] = draw.randrange(256)
            case 1 if data:
                data[at % len(data)] ^= 1 << draw.randrange(8)
            case 2:
                del data[at : at + draw.choice([1, 1, 2, 8, 40, len(data)])]
            case 3:
                data[at:at] = draw.choice(TOKENS)
            case 4:
                other = draw.choice(others)
                start = draw.randrange(len(other) + 1)
                data[at:at] = other[start : start + draw.randint(1, 60)]
            case _:
                data[at : at + draw.randint(1, 4)] = draw.choice(TOKENS)
    return bytes(data)


def bend_values(seed: bytes, draw: random.Random) -> bytes | None:
    """One to three values replaced, dropped, moved or renamed, and the document written canonically or not."""
    try:
        document = json.loads(seed)
    except ValueError:
        return None
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        places = list(_places(document))
        if not places:
            break
        holder, key = draw.choice(places)
        match draw.randrange(6):
            case 0:
                del holder[key]
            case 1:
                other, name = draw.choice(places)
                holder[key] = copy.deepcopy(other[name]) if name in _keys(other) else None
            case 2 if isinstance(holder, dict):
                holder[key + draw.choice(["", "x", "Id", "@"])] = holder.pop(key)
            case 3 if isinstance(holder[key], str) and holder[key]:
                at = draw.randrange(len(holder[key]))
                put = draw.choice(["", "0", "-", "#", "\u00e9", ":", ".", "z"])
                holder[key] = holder[key][:at] + put + holder[key][at + draw.randrange(3) :]
            case _:
                holder[key] = copy.deepcopy(draw.choice(VALUES))
    if draw.random() < 0.1:
        return json.dumps(document).encode()
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")


def _keys(value: Any) -> Any:
    return value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(_keys(value)):
        yield value, key
        yield from _places(value[key])
