"""One document over HTTPS whose place an outsider chose: public addresses only, bounded in size and time, no redirects.

The name is looked up once, every address is judged, and the connection goes to the very address that was judged, so a
name that changes its mind between the two (DNS rebinding) gains nothing. TLS still checks the certificate of the name.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from passport.errors import ResolutionError

MAX_HEADER_BYTES: Final = 64 * 1024
DEFAULT_TIMEOUT_S: Final = 10.0

HostLookup = Callable[[str, int], list[str]]
"""The addresses of a host name, as texts."""
Connector = Callable[[str, int, float], socket.socket]
"""A connected TCP socket: (address, port, timeout in seconds)."""

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
# Prefixes that carry an IPv4 address in an IPv6 one (RFC 6052; RFC 4291): the inner one is what is reached.
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")
# What the library's tables take for global: site-local addresses (RFC 3879) are in use inside, and the second range for
# documentation (RFC 9637) leads nowhere.
_INSIDE: Final = (ipaddress.IPv6Network("fec0::/10"), ipaddress.IPv6Network("3fff::/20"))


def lookup_host(host: str, port: int) -> list[str]:
    """The addresses of a host by the system's resolver.

    Raises:
        OSError: The name has none, or the resolver does not answer.
    """
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def connect_tcp(address: str, port: int, timeout_s: float) -> socket.socket:
    """Connect to an address.

    Raises:
        OSError: It does not answer in time.
    """
    return socket.create_connection((address, port), timeout=timeout_s)


def is_public_address(text: str) -> bool:
    """Whether an address is one of the public internet: not private, loopback, link-local, shared, multicast, reserved.

    An IPv6 address that carries an IPv4 one is judged by that one as well.
    """
    try:
        address: _IPAddress = ipaddress.ip_address(text)
    except ValueError:  # also IPv6 with a scope, which is never public
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None or any(address in network for network in _INSIDE):
            return False
        inner = _carried_ipv4(address)
        if inner is not None:
            return _is_global(inner)
    return _is_global(address)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is fetched.

    Attributes:
        host: A host name; no address.
        port: None for 443.
        path: With its leading slash; it goes into the request as it is, so that whoever makes it judges it.
        accept: The media types asked for.
        max_bytes: The longest document that is read.
        name: What it is called in messages: a DID, a URL.
    """

    host: str
    port: int | None
    path: str
    accept: str
    max_bytes: int
    name: str


class GuardedHttps:
    """Fetches documents over HTTPS.

    Args:
        timeout_s: For the whole exchange to the last byte; a slow look-up of the name uses it up as well.
        ssl_context: Whom to trust; the system's authorities unless told.
        host_lookup: Finds a host's addresses.
        connector: Opens a connection to an address.
        monotonic: A clock that only goes forward, in seconds.
    """

    def __init__(
        self,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        ssl_context: ssl.SSLContext | None = None,
        host_lookup: HostLookup = lookup_host,
        connector: Connector = connect_tcp,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeout_s = timeout_s
        self._ssl_context = ssl_context or ssl.create_default_context()
        self._host_lookup = host_lookup
        self._connector = connector
        self._monotonic = monotonic

    def get(self, wanted: Wanted) -> bytes:
        """Fetch a document.

        Raises:
            ResolutionError: An address that is not public, no answer in time, an answer other than 200, or too long.
        """
        deadline = self._monotonic() + self._timeout_s
        address = self._public_address(wanted)
        try:
            with (
                self._connector(address, wanted.port or 443, self._left(deadline, wanted.name)) as plain,
                self._ssl_context.wrap_socket(plain, server_hostname=wanted.host) as secure,
            ):
                received = self._exchange(secure, wanted, deadline)
        except ssl.SSLCertVerificationError as error:
            raise ResolutionError(f"the host's certificate: {error.verify_message}", where=wanted.name) from error
        except OSError as error:
            raise ResolutionError(f"the host does not answer: {error}", where=wanted.name, found=wanted.host) from error
        return _body(received, wanted.name)

    def _public_address(self, wanted: Wanted) -> str:
        try:
            addresses = self._host_lookup(wanted.host, wanted.port or 443)
        except (OSError, UnicodeError) as error:
            raise ResolutionError(f"no such host: {error}", where=wanted.name, found=wanted.host) from error
        if not addresses:
            raise ResolutionError("the host has no address", where=wanted.name, found=wanted.host)
        for address in addresses:
            # One bad address condemns all: a public name has no business pointing inside.
            if not is_public_address(address):
                raise ResolutionError("the host's address is not a public one", where=wanted.name, found=address)
        return addresses[0]

    def _exchange(self, secure: ssl.SSLSocket, wanted: Wanted, deadline: float) -> bytes:
        host = wanted.host if wanted.port is None else f"{wanted.host}:{wanted.port}"
        request = (
            f"GET {wanted.path} HTTP/1.1\r\nHost: {host}\r\nAccept: {wanted.accept}\r\n"
            "Accept-Encoding: identity\r\nUser-Agent: carbon-passport\r\nConnection: close\r\n\r\n"
        )
        longest = wanted.max_bytes + MAX_HEADER_BYTES
        secure.settimeout(self._left(deadline, wanted.name))
        secure.sendall(request.encode())
        received = bytearray()
        while True:
            # The time left shrinks with every read, so a host that drips bytes gains nothing.
            secure.settimeout(self._left(deadline, wanted.name))
            part = secure.recv(65536)
            if not part:
                return bytes(received)
            received += part
            if len(received) > longest:
                raise ResolutionError("the answer is too long", where=wanted.name, expected=f"{longest} bytes")

    def _left(self, deadline: float, name: str) -> float:
        left = deadline - self._monotonic()
        if left <= 0:
            raise ResolutionError("the host does not answer in time", where=name, expected=f"{self._timeout_s} s")
        return left


class _Received:
    """Bytes as the socket that `http.client` reads a response from."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, mode: str) -> BytesIO:
        return BytesIO(self._received)


def _body(received: bytes, name: str) -> bytes:
    response = http.client.HTTPResponse(_Received(received))  # type: ignore[arg-type]  # only makefile() is called
    try:
        response.begin()
        if response.status != 200:
            hint = "redirects are not followed" if 300 <= response.status < 400 else None
            raise ResolutionError("the host refuses", where=name, expected="200", found=response.status, hint=hint)
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding.lower() != "identity":
            raise ResolutionError("an encoding we did not ask for", where=name, found=encoding)
        return response.read()
    except (http.client.HTTPException, ValueError) as error:
        raise ResolutionError(f"not an answer in HTTP: {type(error).__name__}", where=name) from error


def _carried_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or address in _COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _is_global(address: _IPAddress) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved
