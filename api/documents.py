"""Answer with a stored document: its bytes as they are, its digest as ETag, 304 where the caller has it."""

from __future__ import annotations

from fastapi import Request, Response

CACHE_CONTROL = "public, max-age=3600"


IMMUTABLE = "public, max-age=31536000, immutable"
"""For what is addressed by its own hash."""

JWT_TYPE = "application/vc+jwt"
CREDENTIAL_TYPE = "application/vc"


def document_response(
    request: Request, body: bytes, *, digest: str, media_type: str, cache_control: str = CACHE_CONTROL
) -> Response:
    """The document, or `304 Not Modified`.

    Args:
        request: For its `If-None-Match`.
        body: The bytes.
        digest: By which the document is addressed.
        media_type: Of the bytes.
        cache_control: How long it may be kept.
    """
    etag = f'"{digest}"'
    headers = {"ETag": etag, "Cache-Control": cache_control, "Vary": "Accept"}
    wanted = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in wanted or "*" in wanted:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def credential_type_for(request: Request, body: bytes) -> str:
    """What a signed credential is served as: the envelope it was signed in, which nobody else can change."""
    return media_type_for(request, default=CREDENTIAL_TYPE) if body[:1] == b"{" else JWT_TYPE


def media_type_for(request: Request, *, default: str) -> str:
    """`application/json` for who asks for it and not for `default`; the bytes are the same."""
    accepted = [part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")]
    return "application/json" if "application/json" in accepted and default not in accepted else default
