"""A proxy of bad manners between a driver and its node: on loopback, by the dice of a seed.

It drops requests and answers, delivers late, delivers twice, answers with errors of its own or with half an answer.
What the driver sees of a delay is a connection that ends; what the node sees is a request that comes after later ones.
"""

from __future__ import annotations

import http.client
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Lock, Thread
from typing import Any

FAULTS = (
    *("drop the request", "drop the answer", "deliver late", "deliver twice", "answer with an error"),
    *("deliver, then answer with an error", "answer in part", "limit the rate", "fail"),
)


class FaultProxy:
    """A listening proxy.

    Args:
        port: Of the node behind it, on loopback.
        seed: For the dice.
        rate: How many of a hundred requests go wrong.
    """

    def __init__(self, port: int, *, seed: int, rate: int) -> None:
        self.rate = rate
        self.counts: dict[str, int] = {}
        self._node_port = port
        self._dice = Random(seed)
        self._late: list[bytes] = []
        self._lock = Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 1 << 16

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with proxy._lock:
                    answer = proxy._treat(body)
                if answer is None:
                    self.close_connection = True
                    return
                status, text = answer
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that was killed leaves a broken pipe."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def calm(self) -> None:
        """From now on everything goes right; what was late arrives."""
        with self._lock:
            self.rate = 0
            self._deliver_late()

    def _treat(self, body: bytes) -> tuple[int, bytes] | None:
        fault = self._dice.choice(FAULTS) if self._dice.randrange(100) < self.rate else ""
        self.counts[fault] = self.counts.get(fault, 0) + 1
        if self._late and self._dice.randrange(3) == 0:
            self._deliver_late()
        try:
            return self._answer(fault, body)
        except OSError:  # the node is being restarted
            return None

    def _answer(self, fault: str, body: bytes) -> tuple[int, bytes] | None:
        if fault == "drop the request":
            return None
        if fault == "deliver late":
            self._late.append(body)
            return None
        if fault == "limit the rate":
            return 429, b"{}"
        if fault == "fail":
            return 503, b""
        if fault == "answer with an error":
            return self._error(body)
        answer = self._forward(body)
        if fault == "drop the answer":
            return None
        if fault == "deliver twice":
            return self._forward(body)
        if fault == "deliver, then answer with an error":
            return self._error(body)
        if fault == "answer in part":
            return answer[0], answer[1][: len(answer[1]) // 2]
        return answer

    def _error(self, body: bytes) -> tuple[int, bytes]:
        said: dict[str, Any] = self._dice.choice(
            [{"code": -32603, "message": "internal error"}, {"code": -32000, "message": "something went wrong"}]
        )
        return 200, json.dumps({"jsonrpc": "2.0", "id": json.loads(body)["id"], "error": said}).encode()

    def _deliver_late(self) -> None:
        late, self._late = self._late, []
        for body in late:
            try:
                self._forward(body)
            except OSError:
                return

    def _forward(self, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._node_port, timeout=30)
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()
