"""A relay on loopback that does what a test tells it to, honest or not."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from passport.ledger.relay_client import RelayClient


@dataclass
class Said:
    """An HTTP answer as it is; None in place of one: the relay hangs up."""

    body: bytes | dict[str, Any]
    status: int = 202
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Behaviour = Callable[[bytes], Said | None]


class ScriptedRelay:
    """Answers by `behave`, and keeps what it was handed in."""

    def __init__(self, behave: Behaviour) -> None:
        self.behave = behave
        self.orders: list[bytes] = []
        self.never = threading.Event()
        relay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                relay.orders.append(body)
                said = relay.behave(body) if self.path == "/v1/orders" else Said(b"", 404)
                if said is None:
                    self.close_connection = True
                    return
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.raw)))
                self.end_headers()
                self.wfile.write(said.raw)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def client(self, *, timeout_s: float = 20.0) -> RelayClient:
        return RelayClient(self.url, timeout_s=timeout_s)

    def close(self) -> None:
        self.never.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def scripted(behave: Behaviour) -> Iterator[ScriptedRelay]:
    """A relay that is ended in the end."""
    relay = ScriptedRelay(behave)
    try:
        yield relay
    finally:
        relay.close()
