"""Several files as one input of a target: each can be bent without the form around them falling apart."""

from __future__ import annotations

import base64
import binascii
import re

from passport.errors import DocumentError

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*){0,3}\Z")


def is_binary(name: str) -> bool:
    """Whether a file is an array, a log or a tile of one."""
    return name.endswith((".npy", ".bin")) or name.startswith("tile/")


def packed(files: dict[str, bytes]) -> bytes:
    """Several files as one input: each name and content behind a zero byte, contents that are no text in base64."""
    return b"\0".join(
        part
        for name, content in files.items()
        for part in (name.encode(), base64.b64encode(content) if is_binary(name) else content)
    )


def unpacked(data: bytes) -> dict[str, bytes]:
    """The inverse of `packed`; names that lead elsewhere are for nobody to read."""
    parts = data.split(b"\0")
    found: dict[str, bytes] = {}
    for raw, content in zip(parts[::2], parts[1::2], strict=False):
        name = raw.decode("ascii", "replace")
        if not _NAME.match(name) or len(name) > 120 or name in found:
            raise DocumentError("not a name of a file")
        try:
            found[name] = base64.b64decode(content, validate=True) if is_binary(name) else content
        except binascii.Error as error:
            raise DocumentError("not base64") from error
    return found
