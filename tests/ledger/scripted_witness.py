"""A witness on loopback that does what a test tells it to, honest or not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from passport.errors import CheckpointRefusedError
from passport.ledger.witness import SIZE_TYPE, Witness


@dataclass(frozen=True)
class Said:
    """An HTTP answer as it is; None in place of one: the witness hangs up."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Behaviour = Callable[[bytes], Said | None]


def size_of(size: object, status: int = 409) -> Said:
    """The conflict that names a size."""
    return Said(f"{size}\n".encode(), status, {"Content-Type": SIZE_TYPE})


def honest(witness: Witness) -> Behaviour:
    """As C2SP tlog-witness says, over a witness of ours."""

    def behave(body: bytes) -> Said:
        try:
            return Said(witness.answer(body), 200, {"Content-Type": "text/plain"})
        except CheckpointRefusedError as error:
            return Said(str(error).encode(), error.status) if error.last_size is None else size_of(error.last_size)

    return behave


@dataclass
class Running:
    """A running witness.

    Args:
        url: Its prefix.
        bodies: What it was sent.
    """

    url: str
    bodies: list[bytes]


@contextmanager
def running(behave: Behaviour) -> Iterator[Running]:
    """A witness with the prefix `/w1`, which is ended in the end."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append(body)
            said = behave(body) if self.path == "/w1/add-checkpoint" else Said(b"", 404)
            if said is None:
                self.close_connection = True
                return
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Running(f"http://127.0.0.1:{server.server_address[1]}/w1", bodies)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
