"""`create_witness_app`: a witness of C2SP tlog-witness as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI

from api.app import frame
from api.resources import Places
from api.routers import pages, witness
from api.witness_settings import WitnessServiceSettings
from passport.errors import UsageError
from passport.ledger.witness import Witness

WITNESS_API_VERSION: Final = "1.0.0"
_DESCRIPTION: Final = (
    "Cosigns a checkpoint of a log that it knows, if the log has grown from the checkpoint that it cosigned last "
    "(https://c2sp.org/tlog-witness). What it cosigned is on its disk before anybody is handed the cosignature. Every "
    "problem but the conflict of sizes is `application/problem+json` (RFC 9457)."
)


def create_witness_app(settings: WitnessServiceSettings, opened: Witness | None) -> FastAPI:
    """Build the service.

    Args:
        settings: Its limits.
        opened: The witness, open for as long as the service runs; None: only to be described, not to be started.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        if opened is None:
            raise UsageError("a witness needs its key")
        places = Places(settings.max_requests, work="checkpoints")
        yield {"witness": witness.Serving(opened, places, settings.body_timeout_s)}

    app = FastAPI(
        title="carbon-passport witness",
        version=WITNESS_API_VERSION,
        summary="Cosign the checkpoints of logs that only grow.",
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # the framework's own page runs a script from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    frame(app, witness.health, pages.router)
    app.include_router(witness.router, prefix=settings.prefix)
    return app
