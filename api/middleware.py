"""Around every request: its id, safe headers, one line in the log, and an answer even when a handler fails.

The line holds method, path, status, sizes and time; never a query, a header, a document or an exception's message,
which may quote one.
"""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
import uuid
from pathlib import PurePath
from typing import Any, Final

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problem_kinds import KINDS
from api.problems import problem_response

LOGGER: Final = logging.getLogger("api.requests")
REQUEST_ID: Final = "X-Request-ID"
_GIVEN_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_CLIENT_GONE: Final = 499
_MAX_FRAMES: Final = 20
_SAFE_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class RequestFrame:
    """The outermost part of the service.

    Args:
        app: What is inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection event."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID.lower(), "")
        request_id = given if _GIVEN_ID.match(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        answer: dict[str, Any] = {"status": 0, "bytes_out": 0}
        is_head = scope["method"] == "HEAD"
        inner = {**scope, "method": "GET"} if is_head else scope  # the same answer without its body
        started = time.perf_counter()

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                for name, value in _SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            elif message["type"] == "http.response.body":
                if is_head:
                    message = {**message, "body": b""}
                answer["bytes_out"] += len(message.get("body", b""))
            await send(message)

        failure: dict[str, Any] = {}
        try:
            await self._app(inner, receive, framed)
        except ClientDisconnect:
            answer["status"] = _CLIENT_GONE
        except Exception as error:
            failure = {"error": type(error).__name__, "at": places_of(error)}
            if not answer["status"]:
                detail = "something went wrong here; it has been noted"
                await problem_response(Request(inner), KINDS["internal"], detail)(inner, receive, framed)
            answer["status"] = 500
        finally:
            line = {
                "request_id": request_id,
                "method": scope["method"],
                "path": scope["path"],
                **answer,
                "duration_ms": round((time.perf_counter() - started) * 1000, 1),
                **failure,
            }
            LOGGER.log(logging.ERROR if failure else logging.INFO, "%s", json.dumps(line))


def places_of(error: BaseException) -> list[str]:
    """Where an exception came from, without the words of any line."""
    frames = traceback.extract_tb(error.__traceback__)[-_MAX_FRAMES:]
    return [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
