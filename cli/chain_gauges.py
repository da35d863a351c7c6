"""Gauges of a watched chain in Prometheus' text format, in a file that an exporter picks up or on a port."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

from passport.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from passport.chain_watch import Watched

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX: Final = "carbon_passport_chain_"
_GAUGES: Final = (
    ("block_number", "last", "Number of the newest block that is kept."),
    ("block_timestamp_seconds", "last_time", "Its time, unix seconds."),
    ("blocks", "blocks", "Blocks that the other gauges are of."),
    ("gas_used_ratio", "utilisation", "Share of the gas limit that they use."),
    ("block_seconds", "seconds_a_block", "Mean time between two blocks."),
    ("gas_per_year", "gas_a_year", "Gas a year at their rate: an annualised snapshot."),
    ("transactions_per_year", "transactions_a_year", "Transactions a year at their rate: an annualised snapshot."),
    ("validators", "validators", "Who may make blocks, where blocks say so."),
    ("producers", "producers", "Different makers that these blocks name."),
)


def gauges_of(found: Watched) -> str:
    """The gauges as text; what is unknown has none, for it is not zero.

    Args:
        found: What the newest blocks come to.
    """
    chain, _, genesis = found.chain.partition(" ")
    labels = f'{{chain="{chain}",genesis="{genesis}"}}'
    lines = []
    for name, attribute, text in _GAUGES:
        number = getattr(found, attribute)
        if number is not None:
            lines += [f"# HELP {_PREFIX}{name} {text}", f"# TYPE {_PREFIX}{name} gauge"]
            lines.append(f"{_PREFIX}{name}{labels} {number!r}")
    return "\n".join(lines) + "\n"


def write_gauges(path: Path, text: str) -> None:
    """Put them into a file at once: who reads it never sees half of them.

    Raises:
        DocumentError: It cannot be written.
    """
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise DocumentError("cannot be written", where=str(path), found=error.strerror) from error


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: whoever hangs up in the middle is no fault of ours, and no page of a stack trace."""


class GaugeServer:
    """Answers `GET /metrics` on this machine alone; before the first look at the chain with an empty page."""

    def __init__(self, port: int) -> None:
        self.text = ""
        owner = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                is_known = self.path.partition("?")[0] == "/metrics"
                body = owner.text.encode() if is_known else b"not found\n"
                self.send_response(200 if is_known else 404)
                self.send_header("Content-Type", CONTENT_TYPE)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: a scrape every few seconds is no news."""

        try:
            self._server = _Server(("127.0.0.1", port), Handler)
        except OSError as error:
            raise UsageError("cannot listen there", where=f"port {port}", found=error.strerror) from error

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @contextmanager
    def serving(self) -> Iterator[GaugeServer]:
        """Serve for as long as the block lasts."""
        thread = Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
