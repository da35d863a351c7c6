"""`create_app`: the service as an ASGI application.

>>> from pathlib import Path
>>> from api.app import create_app
>>> from api.settings import ServiceSettings
>>> app = create_app(ServiceSettings(workspace=Path("auditor")))
>>> sorted(app.openapi()["paths"])[:2]
['/.well-known/did.json', '/did-documents/{digest}.json']
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ExceptionHandler

from api.clock import Clock, system_clock
from api.describe import API_VERSION, SUMMARY, TITLE, describe
from api.middleware import RequestFrame
from api.problems import ProblemError, on_http_error, on_passport_error, on_problem, on_validation_error
from api.resources import Resources
from api.routers import deliveries, dids, health, pages, passports, status_lists, verify
from api.settings import ServiceSettings
from passport.errors import PassportError

_DESCRIPTION = (
    "A document that fails verification is answered `200` with a report; `4xx` is for what cannot be judged, `503` for "
    "a ledger out of reach. Every problem is `application/problem+json` (RFC 9457)."
)


def create_app(settings: ServiceSettings, *, clock: Clock = system_clock) -> FastAPI:
    """Build the service; nothing is opened before it starts.

    Args:
        settings: What to serve, and within which limits.
        clock: The time, aware, UTC.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        with Resources(settings, clock=clock) as resources:
            yield {"resources": resources}

    app = FastAPI(
        title=TITLE,
        version=API_VERSION,
        summary=SUMMARY,
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # the framework's own page runs a script from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    routers = (verify, passports, deliveries, dids, status_lists, health, pages)
    frame(app, *(each.router for each in routers))
    return app


def frame(app: FastAPI, *routers: APIRouter) -> None:
    """Give an application what every service here has: its description, problems, and the frame around requests.

    Args:
        app: The application.
        routers: What it serves.
    """
    app.openapi = partial(describe, app)  # type: ignore[method-assign]  # the documented way to extend it
    handlers = (
        (ProblemError, on_problem),
        (PassportError, on_passport_error),
        (HTTPException, on_http_error),
        (RequestValidationError, on_validation_error),
    )
    for kind, handler in handlers:
        app.add_exception_handler(kind, cast(ExceptionHandler, handler))
    app.add_middleware(RequestFrame)
    for router in routers:
        app.include_router(router)
