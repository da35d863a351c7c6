"""The bundle: one file to judge a tree by, without network or issuer; its layout, and reading it strictly.

A bundle is UTF-8 text. The first line is a header in RFC 8785 form; then come the sections in the order of
`SECTIONS`, each a run of lines `key SP payload LF` in strictly rising order of their keys:

| section   | key                              | payload                                                       |
|-----------|----------------------------------|---------------------------------------------------------------|
| delivery  | digest                           | the signed traceability event: RFC 8785 form, or compact JWS  |
| did       | DID                              | the methods that signatures name, as a DID document, base64url |
| header    | block hash, hex                  | RLP of the block header, base64url                            |
| history   | log key                          | `{"checkpoints":[[root,size],...],"consistency":[...],"first"}` |
| imported  | digest                           | the footprint in RFC 8785 form                                |
| inclusion | log key `:` index, 15 digits     | tree size, root and audit path, the last two base64url        |
| key       | issuer id `:` SHA-256 of the key | the key's own statement of its binding                        |
| node      | Keccak-256, hex                  | a trie node, base64url                                        |
| passport  | digest                           | the signed passport                                           |
| pinned    | digest                           | the DID document that passports pin, as it was, base64url     |
| statement | digest                           | the statement and each opened row, a tab before it; rows rise |
| status    | DID, a vertical bar, URL          | the signed status list: RFC 8785 form, or compact JWS         |

Version 1.1 has three sections more: `pinned`, and `ancestor` and `receipt`, which stand in `verifier.bundle_receipts`.
A bundle with nothing in any of them is written as 1.0.

The header names the format, how many lines each section has, the digest of everything after the header, the audited
passport, and the block the facts are as of. There is one way to write a bundle: whatever the audit does not use, or
could be written otherwise, is refused.
"""

from __future__ import annotations

import binascii
import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from passport.credentials import jcs, parse_canonical
from passport.errors import BoundError, DocumentError, PassportError
from passport.model.digest import from_sha256, to_sha256
from verifier.bundle_lines import MAX_LINE_BYTES, Lines

BUNDLE_FORMAT: Final = "carbon-passport/bundle/1.0"
BUNDLE_FORMAT_1_1: Final = "carbon-passport/bundle/1.1"
"""With pinned DID documents or receipts, which 1.0 does not know."""

SECTIONS: Final = (
    "delivery",
    "did",
    "header",
    "history",
    "imported",
    "inclusion",
    "key",
    "node",
    "passport",
    "statement",
    "status",
)
LATER_SECTIONS: Final = ("ancestor", "pinned", "receipt")
SECTIONS_1_1: Final = tuple(sorted((*SECTIONS, *LATER_SECTIONS)))
_SECTIONS_OF: Final = {BUNDLE_FORMAT: SECTIONS, BUNDLE_FORMAT_1_1: SECTIONS_1_1}
STATEMENT_SEPARATOR: Final = b"\t"
"""Stands before each row behind its statement: no document in RFC 8785 form holds a tab."""

MAX_BUNDLE_BYTES: Final = 2 << 30
MAX_HEADER_BYTES: Final = 1 << 20
MAX_LINES: Final = 20_000_000
_CHUNK: Final = 1 << 20
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


@dataclass(frozen=True, slots=True)
class BundleHeader:
    """What a bundle says of itself.

    Attributes:
        top: Digest of the audited passport.
        chain: CAIP-2 of the chain its facts are from, or None when it holds none.
        genesis: That chain's genesis hash.
        block: Number of the block they are as of.
        block_hash: Its hash.
    """

    top: str
    chain: str | None
    genesis: str | None
    block: int | None
    block_hash: str | None

    def to_json(self, counts: Mapping[str, int], body: str) -> dict[str, Any]:
        """The header as JSON values, of the first version that has the sections which it takes."""
        version = BUNDLE_FORMAT_1_1 if any(counts.get(name) for name in LATER_SECTIONS) else BUNDLE_FORMAT
        as_of = None
        if self.chain is not None:
            as_of = {"block": self.block, "chain": self.chain, "genesis": self.genesis, "hash": self.block_hash}
        return {
            "asOf": as_of,
            "body": body,
            "format": version,
            "sections": [[name, counts.get(name, 0)] for name in _SECTIONS_OF[version]],
            "top": self.top,
        }


def to_base64url(data: bytes) -> bytes:
    """Base64url without padding."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_URL_SAFE)


def from_base64url(text: bytes | str, *, where: str) -> bytes:
    """Decode base64url that is in its one spelling.

    Raises:
        DocumentError: Another alphabet, padding, or trailing bits.
    """
    raw = text.encode() if isinstance(text, str) else text
    try:
        data = binascii.a2b_base64(raw.translate(_STANDARD) + b"=" * (-len(raw) % 4))
    except ValueError:
        data = b""
    if to_base64url(data) != raw:  # what was read leniently is written in its one spelling
        raise DocumentError("not base64url in its one spelling", where=where)
    return data


def write_bundle(path: Path, header: BundleHeader, sections: Mapping[str, Mapping[str, bytes]]) -> int:
    """Write a bundle at once or not at all.

    Args:
        path: Where.
        header: What it says of itself.
        sections: Payloads by key, by section.

    Returns:
        Its size in bytes.

    Raises:
        BoundError: A line that readers would not take.
        DocumentError: A document with a line feed in it, or the file cannot be written.
    """
    body = bytearray()
    for name in SECTIONS_1_1:
        for key, payload in sorted((key.encode(), payload) for key, payload in sections.get(name, {}).items()):
            line = key + b" " + payload
            if len(line) > MAX_LINE_BYTES:
                raise BoundError(
                    "the bundle cannot be written: a line is too long",
                    where=f"{name} {key.decode()[:120]}",
                    expected=f"at most {MAX_LINE_BYTES} bytes",
                    found=len(line),
                    hint="disclose fewer rows of this statement",
                )
            if b"\n" in line:
                raise DocumentError("a line feed in what is to be bundled", where=f"{name} {key.decode()[:120]}")
            body += line + b"\n"
    counts = {name: len(sections.get(name, {})) for name in SECTIONS_1_1}
    first = jcs(header.to_json(counts, from_sha256(sha256(body).digest()))) + b"\n"
    temporary = path.with_name(path.name + ".writing")
    try:
        with temporary.open("wb") as file:
            file.write(first)
            file.write(body)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise DocumentError("the bundle cannot be written", where=str(path), found=error.strerror) from error
    return len(first) + len(body)


class BundleFile:
    """A bundle, mapped and indexed; lines are looked up by key and marked when they are used.

    Args:
        path: The file.

    Raises:
        BoundError: Larger than 2 GB, or with a line above 16 MB.
        DocumentError: Not a bundle, truncated, changed, or not in the one way to write it.
    """

    def __init__(self, path: Path) -> None:
        self._where = str(path)
        try:
            size = path.stat().st_size
            if size > MAX_BUNDLE_BYTES:
                raise BoundError("the bundle is too large", where=self._where, expected="at most 2 GB", found=size)
            if size == 0:
                raise DocumentError("the bundle is empty", where=self._where)
            with path.open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise DocumentError("the bundle cannot be read", where=self._where, found=error.strerror) from error
        try:
            self.header, self._sections = self._index()
        except BaseException:
            self._data.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._data.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def get(self, section: str, key: str) -> bytes | None:
        """The payload of a key, marked as used; None when there is none."""
        return self._sections[section].take_key(self._data, key.encode())

    def all(self, section: str) -> Iterator[tuple[str, bytes]]:
        """Every key with its payload, marked as used."""
        lines = self._sections[section]
        for index in range(len(lines)):
            yield lines.key(self._data, index).decode(), lines.take(self._data, index)

    def keys(self, section: str) -> Iterator[str]:
        """Every key of a section; marks nothing."""
        lines = self._sections[section]
        for index in range(len(lines)):
            yield lines.key(self._data, index).decode()

    def peek(self, section: str, key: str) -> bytes | None:
        """The payload of a key without marking it as used."""
        lines = self._sections[section]
        index = lines.find(self._data, key.encode())
        return None if index is None else lines.payload(self._data, index)

    def unused(self, sections: tuple[str, ...]) -> list[str]:
        """A few lines that nothing asked for, as `section key`."""
        found = []
        for name in sections:
            lines = self._sections[name]
            index = lines.used.find(0)
            if index >= 0:
                found.append(f"{name} {lines.key(self._data, index).decode(errors='replace')[:120]}")
        return found

    def _index(self) -> tuple[BundleHeader, dict[str, Lines]]:
        data = self._data
        end = data.find(b"\n", 0, MAX_HEADER_BYTES)
        if end < 0:
            raise DocumentError("not a bundle", where=self._where, expected=f"a first line naming {BUNDLE_FORMAT}")
        document = parse_canonical(data[:end], max_bytes=MAX_HEADER_BYTES)
        header, counts, body = _read_header(document, self._where)
        hashed = sha256()
        with memoryview(data) as view:
            for start in range(end + 1, len(data), _CHUNK):
                with view[start : start + _CHUNK] as chunk:
                    hashed.update(chunk)
        if from_sha256(hashed.digest()) != body:
            raise DocumentError(
                "the bundle is truncated or was changed",
                where=self._where,
                expected=body,
                found=from_sha256(hashed.digest()),
            )
        sections: dict[str, Lines] = {}
        position = end + 1
        for name in SECTIONS_1_1:
            sections[name], position = Lines.read(data, position, counts.get(name, 0), f"{self._where}: {name}")
        if position != len(data):
            raise DocumentError("the bundle holds more lines than its header says", where=self._where)
        return header, sections


def _read_header(document: Any, where: str) -> tuple[BundleHeader, dict[str, int], str]:
    """The header's facts, the sections' counts and the body's digest."""
    try:
        names = _SECTIONS_OF.get(document["format"])
        if names is None:
            expected = " or ".join(_SECTIONS_OF)
            raise DocumentError("another format", where=where, expected=expected, found=document["format"])
        as_of = document["asOf"]
        counts = dict(document["sections"])
        if [name for name, _ in document["sections"]] != list(names):
            raise DocumentError(
                "other sections",
                where=where,
                expected=", ".join(names),
                found=counts,
                hint="a bundle of an earlier checkout: have it written again",
            )
        if not all(type(count) is int and count >= 0 for count in counts.values()) or sum(counts.values()) > MAX_LINES:
            raise BoundError("too many lines", where=where, expected=f"at most {MAX_LINES}", found=counts)
        to_sha256(document["top"])
        to_sha256(document["body"])
        header = BundleHeader(document["top"], *(_read_as_of(as_of, where) if as_of else (None, None, None, None)))
        if jcs(header.to_json(counts, document["body"])) != jcs(document):
            raise DocumentError("the header holds other members than a bundle has", where=where)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        if isinstance(error, PassportError):
            raise
        raise DocumentError("not a bundle's header", where=where, found=repr(error)) from error
    return header, counts, document["body"]


def _read_as_of(as_of: Any, where: str) -> tuple[str, str, int, str]:
    """Chain, genesis, block number and block hash; types are checked because `true` would pass for block 1."""
    chain, genesis, block, block_hash = as_of["chain"], as_of["genesis"], as_of["block"], as_of["hash"]
    if type(block) is not int or not all(type(text) is str for text in (chain, genesis, block_hash)):
        raise DocumentError("not a block", where=where, expected="chain, genesis, block and hash", found=as_of)
    return chain, genesis, block, block_hash
