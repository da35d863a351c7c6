"""Run the service; importing this needs none of the service's own packages."""

from __future__ import annotations

import json
import logging
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from api.clock import Clock, system_clock
from api.settings import ServiceSettings
from passport.errors import UsageError

if TYPE_CHECKING:
    from api.relay_settings import RelaySettings
    from api.witness_settings import WitnessServiceSettings
    from passport.ledger import Account
    from passport.ledger.witness import Witness

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
        import uvicorn  # noqa: F401  # looked for before anything is opened

        from api.app import create_app
        from api.resources import Resources
    except ImportError as error:
        raise _missing(error) from error
    with Resources(settings, clock=clock):
        pass  # what does not open is said here in one line, and not from within the server
    run_app(
        create_app(settings, clock=clock),
        host=host,
        port=port,
        max_connections=settings.max_connections,
        on_listening=on_listening,
    )


def serve_relay(
    settings: RelaySettings,
    account: Account,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    clock: Clock = system_clock,
    on_listening: Callable[[str], None] | None = None,
) -> None:
    """Relay until told to stop (SIGINT, SIGTERM).

    Args:
        settings: Whose account pays, and within which limits.
        account: Who pays.
        host: The address to listen at; by default nobody but this machine reaches it.
        port: The port; 0 takes a free one.
        clock: The time, aware, UTC.
        on_listening: Told the service's URL once connections are taken.

    Raises:
        UsageError: The packages of the extra `api` are missing, or the port cannot be had.
        PassportError: The workspace or its store cannot be opened.
    """
    try:
        from api.relay_app import create_relay_app
    except ImportError as error:
        raise _missing(error) from error
    run_app(
        create_relay_app(settings, account, clock=clock),
        host=host,
        port=port,
        max_connections=settings.max_connections,
        on_listening=on_listening,
    )


def serve_witness(
    settings: WitnessServiceSettings,
    opened: Witness,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    json_log: bool = False,
    on_listening: Callable[[str], None] | None = None,
) -> None:
    """Cosign until told to stop (SIGINT, SIGTERM).

    Args:
        settings: Within which limits.
        opened: The witness, open.
        host: The address to listen at; by default nobody but this machine reaches it.
        port: The port; 0 takes a free one.
        json_log: Log lines on stderr are JSON documents.
        on_listening: Told the URL of the witness, its prefix included, once connections are taken.

    Raises:
        UsageError: The packages of the extra `api` are missing, or the port cannot be had.
    """
    try:
        from api.witness_app import create_witness_app
    except ImportError as error:
        raise _missing(error) from error
    run_app(
        create_witness_app(settings, opened),
        host=host,
        port=port,
        max_connections=settings.max_connections,
        json_log=json_log,
        on_listening=on_listening,
    )


def run_app(
    app: object,
    *,
    host: str,
    port: int,
    max_connections: int,
    json_log: bool = False,
    on_listening: Callable[[str], None] | None,
) -> None:
    """Run an application with the server that all services here run with.

    Args:
        app: The ASGI application.
        host: The address to listen at.
        port: The port; 0 takes a free one.
        max_connections: How many connections are held open.
        json_log: Log lines on stderr are JSON documents.
        on_listening: Told the service's URL once connections are taken.

    Raises:
        UsageError: The server is not installed, or the port cannot be had.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise _missing(error) from error
    listener = _listen(host, port)
    _log_to_stderr(as_json=json_log)
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]  # an ASGI application, whose type is the framework's
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=max_connections,
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


class _JsonLines(logging.Formatter):
    """A log line as one JSON document: when, how grave, by whom, and the members of the message."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": moment, "level": record.levelname, "logger": record.name}
        message = record.getMessage()
        try:
            members = json.loads(message)
        except ValueError:
            members = None
        line |= members if isinstance(members, dict) else {"message": message}
        return json.dumps(line)


def _missing(error: ImportError) -> UsageError:
    return UsageError(
        "the service needs packages that are not installed",
        found=error.name,
        hint="pip install 'carbon-passport[api]'",
    )


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


def _log_to_stderr(*, as_json: bool) -> None:
    """One line a request on stderr, unless whoever runs us has set up logging."""
    logger = logging.getLogger("api")
    if logger.hasHandlers():
        return
    handler = logging.StreamHandler(sys.stderr)
    words = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    handler.setFormatter(_JsonLines() if as_json else words)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
