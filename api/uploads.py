"""Take a request's body to the disk: bounded in size and time, and never more of it in memory than a piece."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import anyio
from fastapi import Request

from api.documents import JWT_TYPE
from api.problems import ProblemError
from api.resources import Resources

PASSPORT_TYPES: Final = ("application/json", "application/vc", "application/ld+json")
BUNDLE_TYPE: Final = "application/vnd.carbon-passport.bundle"
_ANY_TYPES: Final = ("", "application/octet-stream")
_PIECE_BYTES: Final = 1 << 20


def check_media_type(request: Request) -> None:
    """Refuse what is neither passport nor bundle by its own declaration; which of the two it is, its start says.

    Raises:
        ProblemError: Another media type, or a content encoding.
    """
    _check_type(request, (*PASSPORT_TYPES, BUNDLE_TYPE), "passport.json")


def check_delivery_type(request: Request) -> None:
    """Refuse what is no credential by its own declaration; in which envelope it is, its start says.

    Raises:
        ProblemError: Another media type, or a content encoding.
    """
    _check_type(request, (*PASSPORT_TYPES, JWT_TYPE), "delivery.json")


def _check_type(request: Request, types: tuple[str, ...], example: str) -> None:
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared not in (*types, *_ANY_TYPES):
        raise ProblemError(
            "unsupported-media-type",
            "this media type is not judged here",
            where="Content-Type",
            expected=", ".join(types),
            found=declared,
            hint=f"with curl: -H 'Content-Type: application/vc' --data-binary @{example}",
        )
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise ProblemError("unsupported-media-type", "send the body as it is", where="Content-Encoding", found=encoding)


@asynccontextmanager
async def receive_upload(
    request: Request, resources: Resources, *, max_bytes: int | None = None
) -> AsyncIterator[Path]:
    """The body in a file of its own that is gone afterwards.

    Args:
        request: Whose.
        resources: The running service.
        max_bytes: The largest that is taken; as the settings say unless told.

    Raises:
        ProblemError: Larger or slower than allowed, or empty.
    """
    limit = resources.settings.max_upload_bytes if max_bytes is None else max_bytes
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit, declared)
    handle, name = await anyio.to_thread.run_sync(lambda: tempfile.mkstemp(dir=resources.upload_folder))
    path = Path(name)
    try:
        with anyio.move_on_after(resources.settings.upload_timeout_s) as scope:
            size = await _write(request, handle, limit)
        if scope.cancelled_caught:
            limit_s = resources.settings.upload_timeout_s
            raise ProblemError("upload-too-slow", f"the body did not arrive within {limit_s:g} seconds")
        if not size:
            raise ProblemError("unreadable-document", "the body is empty", expected="a document")
        yield path
    finally:
        path.unlink(missing_ok=True)


async def _write(request: Request, handle: int, limit: int) -> int:
    """Write the body piece by piece, each in a thread; returns its size and closes the file whatever happens."""
    size = 0
    async with anyio.wrap_file(open(handle, "wb")) as file:
        piece = bytearray()
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(limit, f"more than {limit}")
            piece += chunk
            if len(piece) >= _PIECE_BYTES:
                await file.write(bytes(piece))
                piece.clear()
        await file.write(bytes(piece))
    return size


def _too_large(limit: int, found: str) -> ProblemError:
    return ProblemError(
        "too-large",
        "the body is larger than this service takes",
        where="body",
        expected=f"at most {limit} bytes",
        found=f"{found} bytes",
        hint=None if limit < _PIECE_BYTES else "judge it offline: `passport audit FILE --trust TRUST`",
    )
