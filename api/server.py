"""Run the service; importing this needs none of the service's own packages."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable

from api.clock import Clock, system_clock
from api.settings import ServiceSettings
from passport.errors import UsageError

_BACKLOG = 128
_MAX_HEADER_BYTES = 32 << 10
_GRACE_S = 30


def serve(
    settings: ServiceSettings,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    clock: Clock = system_clock,
    on_listening: Callable[[str], None] | None = None,
) -> None:
    """Serve until told to stop (SIGINT, SIGTERM).

    Args:
        settings: What to serve, and within which limits.
        host: The address to listen at; by default nobody but this machine reaches it.
        port: The port; 0 takes a free one.
        clock: The time, aware, UTC.
        on_listening: Told the service's URL once connections are taken.

    Raises:
        UsageError: The packages of the extra `api` are missing, or the port cannot be had.
        PassportError: The workspace, its store or the trust file cannot be opened.
    """
    try:
        import uvicorn

        from api.app import create_app
        from api.resources import Resources
    except ImportError as error:
        raise UsageError(
            "the service needs packages that are not installed",
            found=error.name,
            hint="pip install 'carbon-passport[api]'",
        ) from error
    app = create_app(settings, clock=clock)
    with Resources(settings, clock=clock):
        pass  # what does not open is said here in one line, and not from within the server
    listener = _listen(host, port)
    _log_to_stderr()
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=settings.max_connections,
        timeout_graceful_shutdown=_GRACE_S,
        h11_max_incomplete_event_size=_MAX_HEADER_BYTES,
        http="h11",
        ws="none",
        lifespan="on",
    )
    with listener:
        if on_listening is not None:
            on_listening(_url(listener))
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else starts, so that whoever has it is named at once."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        raise UsageError(
            "the service cannot listen there",
            where=f"{host} port {port}",
            found=getattr(error, "strerror", None) or error,
            hint="choose another with --host and --port",
        ) from error


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _log_to_stderr() -> None:
    """One line a request on stderr, unless whoever runs us has set up logging."""
    logger = logging.getLogger("api")
    if logger.hasHandlers():
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
