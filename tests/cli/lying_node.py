"""A proxy before a real node that answers some methods otherwise: what a lying node looks like from outside."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Lie = Callable[[Any], Any]
"""Makes another result of the node's."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, node_port: int, lies: Mapping[str, Lie]) -> None:
        self.node_port = node_port
        self.lies = lies
        self.told = 0
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        connection = http.client.HTTPConnection("127.0.0.1", self.server.node_port, timeout=30)
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        lie = self.server.lies.get(json.loads(body)["method"])
        if lie is not None and "result" in answer:
            self.server.told += 1
            answer["result"] = lie(answer["result"])
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests read what the command says."""


class LyingNode:
    """A running one.

    Args:
        server: Answers.
    """

    def __init__(self, server: _Server) -> None:
        self._server = server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def told(self) -> int:
        """How many lies it has told."""
        return self._server.told


@contextmanager
def lying(node_port: int, lies: Mapping[str, Lie]) -> Iterator[LyingNode]:
    """A proxy before the node at a port of this machine."""
    server = _Server(node_port, lies)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield LyingNode(server)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
