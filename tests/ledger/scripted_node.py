"""A node on loopback that answers what a test tells it to, honest or not; over HTTP and over a local socket."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

GENESIS = "0x" + "11" * 32
HEAD = "0x" + "22" * 32
ROOT = "0x" + "33" * 32
TIME = 1_790_000_000


def block(number: int, block_hash: str, **other: Any) -> dict[str, Any]:
    """A block as a node describes it."""
    return {
        "number": hex(number),
        "hash": block_hash,
        "timestamp": hex(TIME + 12 * number),
        "stateRoot": ROOT,
        "baseFeePerGas": hex(10**9),
        **other,
    }


class Refusal(Exception):  # noqa: N818
    """The node answers with an error."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        self.error = {"code": code, "message": message, **({} if data is None else {"data": data})}
        super().__init__(message)


@dataclass
class Raw:
    """An HTTP answer as it is."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False


Answer = Callable[..., Any]


class ScriptedNode:
    """Answers `methods`, a table from method to a function of its parameters (or to a value).

    Without anything told it is a chain of eight blocks, id 1337, whose head is `HEAD`.
    """

    def __init__(self) -> None:
        self.clients: list[Any] = []
        self.asked: list[tuple[str, list[Any]]] = []
        self.requests: list[dict[str, str]] = []
        self.methods: dict[str, Any] = {
            "eth_chainId": "0x539",
            "eth_syncing": False,
            "eth_getBlockByNumber": lambda tag, _full: block(0, GENESIS) if tag == "0x0" else block(7, HEAD),
            "eth_getBlockByHash": lambda name, _full: block(7, name),
            "eth_getBalance": "0x0",
        }
        self.raw: Raw | None = None
        node = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 1 << 16

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                node.requests.append({name.lower(): value for name, value in self.headers.items()} | {"": self.path})
                raw = node.raw or Raw(body=node.answer(body))
                self.send_response(raw.status)
                for name, value in raw.headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in raw.headers:
                    self.send_header("Content-Length", str(len(raw.body)))
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(raw.body)
                    self.wfile.flush()
                self.close_connection = self.close_connection or raw.is_cut

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, body: bytes) -> bytes:
        request = json.loads(body)
        method, parameters = request["method"], request["params"]
        self.asked.append((method, parameters))
        envelope: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        told = self.methods.get(method, Refusal(-32601, f"the method {method} does not exist/is not available"))
        try:
            result = told(*parameters) if callable(told) else told
            if isinstance(result, Refusal):
                raise result
            envelope["result"] = result
        except Refusal as refusal:
            envelope["error"] = refusal.error
        return json.dumps(envelope).encode()


class IpcServer:
    """The same behind a local socket, its answers cut into pieces."""

    def __init__(self, path: Path, node: ScriptedNode) -> None:
        self._node = node
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                # A client asks one thing at a time, and what it asks here fits into one piece.
                while request := connection.recv(1 << 20):
                    answer = self._node.answer(request) + b"\n"
                    for start in range(0, len(answer), 7):
                        connection.sendall(answer[start : start + 7])
