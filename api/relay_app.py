"""`create_relay_app`: a relay as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI

from api.app import frame
from api.clock import Clock, system_clock
from api.relay_resources import RelayResources
from api.relay_settings import RelaySettings
from api.routers import pages, relay
from passport.errors import UsageError
from passport.ledger import Account

RELAY_API_VERSION: Final = "1.0.0"
_DESCRIPTION: Final = (
    "Carries out orders that registered issuers signed (EIP-712), and pays for the transactions. Nothing is paid "
    "before the order was judged by registry, log and a trial run. Every problem is `application/problem+json` "
    "(RFC 9457). Whoever orders looks at the chain for what came of it: a relay's answer proves nothing."
)


def create_relay_app(settings: RelaySettings, account: Account | None, *, clock: Clock = system_clock) -> FastAPI:
    """Build the service; nothing is opened before it starts.

    Args:
        settings: Whose account pays, and within which limits.
        account: Who pays; None: only to be described, not to be started.
        clock: The time, aware, UTC.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        if account is None:
            raise UsageError("a relay needs the account that pays")
        with RelayResources(settings, account, clock=clock) as resources:
            yield {"relay": resources}

    app = FastAPI(
        title="carbon-passport relay",
        version=RELAY_API_VERSION,
        summary="Commit checkpoints and set statuses for issuers without gas.",
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # the framework's own page runs a script from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    frame(app, relay.router, pages.router)
    return app
