"""Bytes to a node and back: one request at a time over HTTP(S) or a local socket, bounded in size and time.

Redirects are not followed, an answer's encoding is not negotiated, and of the node's address only scheme, host and
port ever stand in a message: the rest of a URL is where providers put their customers' keys.
"""

from __future__ import annotations

import base64
import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar, Protocol, Self
from urllib.parse import SplitResult, unquote, urlsplit

from passport.errors import LedgerError, LedgerUnavailableError

MAX_ANSWER_BYTES = 32 << 20
"""No answer that is asked for here comes near this: code of 24 KiB, proofs of some hundred slots, a block's hashes."""

DEFAULT_TIMEOUT_S = 20.0

Monotonic = Callable[[], float]

_RECV_BYTES = 1 << 16


class Wire(Protocol):
    """A way to one node."""

    @property
    def place(self) -> str:
        """The node's name in messages; holds no secret."""
        ...

    @property
    def connections(self) -> int:
        """How often it was connected: after a new connection it may be another node."""
        ...

    def exchange(self, request: bytes) -> bytes:
        """Send one request and read its answer.

        Raises:
            LedgerUnavailableError: no answer, or not now; the request may or may not have been heeded.
            LedgerError: an answer that will not get better by asking again.
        """
        ...

    def close(self) -> None:
        """Hang up."""
        ...


def open_wire(url: str, *, timeout_s: float = DEFAULT_TIMEOUT_S, monotonic: Monotonic = time.monotonic) -> Wire:
    """The way to a node; nothing is connected yet.

    Args:
        url: `https://...`, `http://...` or `ipc:/path/of/the/socket`; may hold credentials.
        timeout_s: For one whole exchange, to the last byte.
        monotonic: A clock that only goes forward, in seconds.

    Raises:
        LedgerError: not such a URL, or one that would send credentials in the clear.
    """
    if url.startswith("ipc:") and len(url) > 4:
        return IpcWire(Path(url[4:]), timeout_s=timeout_s, monotonic=monotonic)
    return HttpWire(split_url(url), timeout_s=timeout_s, monotonic=monotonic)


def split_url(url: str) -> SplitResult:
    """Take the address of a node apart.

    Raises:
        LedgerError: not an address over HTTP, or one that would send credentials in the clear.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = SplitResult("", "", "", "", ""), None, None
    if parts.scheme not in ("http", "https") or not host or port == 0 or any(c.isspace() or ord(c) < 33 for c in url):
        # The URL itself is not shown: it may hold a key.
        raise LedgerError("not the address of a node", expected="https://HOST..., http://HOST... or ipc:/PATH")
    if parts.scheme == "http" and (parts.username or parts.password) and not _is_loopback(host):
        raise LedgerError(
            "the node's credentials would travel in the clear", where=f"http://{host}", hint="use https in its address"
        )
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Timed(io.RawIOBase):
    """Reads a socket until a deadline: the time left shrinks with every read, so dripping bytes gains nothing."""

    def __init__(self, plain: socket.socket, left: Callable[[], float]) -> None:
        self._socket = plain
        self._left = left

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._socket.settimeout(self._left())
        return self._socket.recv_into(buffer)


class _Connected:
    """What both wires share: a socket that is opened when needed, one exchange at a time, and a deadline."""

    def __init__(self, *, timeout_s: float, monotonic: Monotonic) -> None:
        self._timeout_s = timeout_s
        self._monotonic = monotonic
        self._socket: socket.socket | None = None
        self._lock = Lock()
        self._connections = 0

    @property
    def connections(self) -> int:
        """How often it was connected."""
        return self._connections

    @property
    def place(self) -> str:
        """The node's name in messages."""
        raise NotImplementedError

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def exchange(self, request: bytes) -> bytes:
        """Send one request and read its answer.

        Raises:
            LedgerUnavailableError: no answer, or not now.
            LedgerError: an answer that will not get better by asking again.
        """
        with self._lock:
            deadline = self._monotonic() + self._timeout_s
            was_open = self._socket is not None
            try:
                try:
                    return self._once(request, deadline)
                except (ConnectionError, http.client.RemoteDisconnected):
                    # A node hangs up on who is quiet for long; only a connection that was kept may be old.
                    if not was_open:
                        raise
                    self.close()
                    return self._once(request, deadline)
            except ssl.SSLCertVerificationError as error:
                self.close()
                raise LedgerError(f"the node's certificate: {error.verify_message}", where=self.place) from error
            except (OSError, http.client.HTTPException, EOFError) as error:
                self.close()
                raise LedgerUnavailableError(
                    "the node does not answer",
                    where=self.place,
                    found=f"{type(error).__name__}: {error}",
                    hint="is it running, and its address right? what was sent may have arrived: run again",
                ) from error
            except BaseException:
                self.close()
                raise

    def _once(self, request: bytes, deadline: float) -> bytes:
        raise NotImplementedError

    def _left(self, deadline: float) -> float:
        left = deadline - self._monotonic()
        if left <= 0:
            raise TimeoutError(f"no whole answer in {self._timeout_s:g} s")
        return left

    def _too_long(self, max_bytes: int) -> LedgerError:
        return LedgerError("the node's answer is too long", where=self.place, expected=f"at most {max_bytes} bytes")


class HttpWire(_Connected):
    """JSON-RPC by POST over one kept HTTP/1.1 connection; use `open_wire`.

    Args:
        parts: The node's URL, taken apart and judged.
        timeout_s: For one whole exchange.
        monotonic: A clock that only goes forward.

    Attributes:
        SENT_TYPE: Media type of what is sent.
        ACCEPTED: Media types that are asked for.
        MAX_BYTES: No longer answer is read; `MAX_ANSWER_BYTES` if None.
    """

    SENT_TYPE: ClassVar[str] = "application/json"
    ACCEPTED: ClassVar[str] = "application/json"
    MAX_BYTES: ClassVar[int | None] = None

    def __init__(self, parts: SplitResult, *, timeout_s: float, monotonic: Monotonic) -> None:
        super().__init__(timeout_s=timeout_s, monotonic=monotonic)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._is_secure = parts.scheme == "https"
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._place = f"{parts.scheme}://{host}:{self._port}"
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [
            f"POST {target} HTTP/1.1",
            f"Host: {host}:{self._port}",
            f"Content-Type: {self.SENT_TYPE}",
            f"Accept: {self.ACCEPTED}",
            "Accept-Encoding: identity",
            "User-Agent: carbon-passport",
        ]
        if parts.username is not None:
            words = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            lines.append("Authorization: Basic " + base64.b64encode(words.encode()).decode())
        try:
            self._head = "\r\n".join(lines).encode("ascii")
        except UnicodeEncodeError:
            raise LedgerError("the node's address is not in ASCII", where=self._place) from None

    @property
    def place(self) -> str:
        """Scheme, host and port."""
        return self._place

    def _dial(self, deadline: float) -> socket.socket:
        """A connection to the host, whichever of its addresses answers."""
        return socket.create_connection((self._host, self._port), timeout=self._left(deadline))

    def _connect(self, deadline: float) -> socket.socket:
        plain = self._dial(deadline)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._is_secure:
                plain = ssl.create_default_context().wrap_socket(plain, server_hostname=self._host)
        except BaseException:
            plain.close()
            raise
        self._connections += 1
        return plain

    def _once(self, request: bytes, deadline: float) -> bytes:
        if self._socket is None:
            self._socket = self._connect(deadline)
        self._socket.settimeout(self._left(deadline))
        self._socket.sendall(self._head + b"\r\nContent-Length: %d\r\n\r\n" % len(request) + request)
        timed = _Timed(self._socket, lambda: self._left(deadline))
        response = http.client.HTTPResponse(timed, method="POST")  # type: ignore[arg-type]  # only makefile() is called
        response.begin()
        max_bytes = self.MAX_BYTES or MAX_ANSWER_BYTES
        body = response.read(max_bytes + 1)
        if len(body) > max_bytes:
            raise self._too_long(max_bytes)
        if response.length:
            raise EOFError("the answer was cut short")
        is_kept = response.isclosed() and not response.will_close
        self._judge(response)
        if not is_kept:
            self.close()
        return body

    def _judge(self, response: http.client.HTTPResponse) -> None:
        status = response.status
        if status == 200:
            encoding = response.headers.get("Content-Encoding", "identity")
            if encoding.lower() != "identity":
                raise LedgerError(
                    "the node's answer has an encoding we did not ask for", where=self.place, found=encoding
                )
            return
        facts: dict[str, Any] = {"where": self.place, "expected": "200", "found": status}
        if status == 429:
            wait = response.headers.get("Retry-After", "")
            hint = f"ask again in {wait} s" if wait.isdigit() else "ask again later, or take a plan with more requests"
            raise LedgerUnavailableError("the node limits how often it is asked", **facts, hint=hint)
        if 300 <= status < 400:
            raise LedgerError(
                "the node points elsewhere", **facts, hint="redirects are not followed: name the other address"
            )
        if status in (401, 403, 407):
            raise LedgerError("the node refuses us", **facts, hint="are the credentials in its address right?")
        if status == 413:
            raise LedgerError("the node takes no request of this length", **facts)
        if status >= 500 or status == 408:
            raise LedgerUnavailableError("the node fails", **facts, hint="ask again later")
        # Some nodes say with 4xx what the JSON body explains; none of ours is malformed, so this is not such a node.
        raise LedgerError("no node answers at this address", **facts, hint="is its path right?")


class IpcWire(_Connected):
    """JSON-RPC over a node's local socket; use `open_wire`.

    Args:
        path: The socket's file.
        timeout_s: For one whole exchange.
        monotonic: A clock that only goes forward.
    """

    def __init__(self, path: Path, *, timeout_s: float, monotonic: Monotonic) -> None:
        super().__init__(timeout_s=timeout_s, monotonic=monotonic)
        self._path = path

    @property
    def place(self) -> str:
        """The socket's file name."""
        return f"ipc:{self._path.name}"

    def _once(self, request: bytes, deadline: float) -> bytes:
        if self._socket is None:
            plain = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                plain.settimeout(self._left(deadline))
                plain.connect(str(self._path))
            except BaseException:
                plain.close()
                raise
            self._socket = plain
            self._connections += 1
        self._socket.settimeout(self._left(deadline))
        self._socket.sendall(request)
        received = bytearray()
        while True:
            self._socket.settimeout(self._left(deadline))
            part = self._socket.recv(_RECV_BYTES)
            if not part:
                raise ConnectionResetError("the node hung up")
            received += part
            if len(received) > MAX_ANSWER_BYTES:
                raise self._too_long(MAX_ANSWER_BYTES)
            # Answers follow each other without a length: one has ended where it can be read.
            if received.rstrip().endswith((b"}", b"]")) and _is_json(received):
                return bytes(received)


def _is_json(data: bytearray) -> bool:
    import orjson

    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return True
