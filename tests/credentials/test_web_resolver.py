"""did:web over HTTPS against a real TLS server on the loopback, which only the test's own connector can reach."""

from __future__ import annotations

import datetime as dt
import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from passport.credentials import HttpsDidResolver, build_did_web_document, key_lookup
from passport.credentials.guarded_https import is_public_address
from passport.errors import ResolutionError

ED = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
DID = "did:web:works.example%3A8443:coil"
PUBLIC = "93.184.215.14"
BODY = build_did_web_document(DID, multikeys=[ED])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for works.example, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "works.example")])
    # TLS judges by the machine's clock, so the window is as wide as it can be.
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2999, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("works.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


class Host:
    """One TLS server on the loopback that gives one answer, and the means to reach it by a public address."""

    def __init__(self, certificate: Path, answer: bytes) -> None:
        self.requests: list[bytes] = []
        self.connected: list[tuple[str, int]] = []
        self.looked_up: list[str] = []
        self._answer = answer
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self.trusting = ssl.create_default_context(cafile=certificate)

    def _serve(self) -> None:
        try:
            plain, _ = self._listener.accept()
            with plain, self._context.wrap_socket(plain, server_side=True) as secure:
                self.requests.append(secure.recv(65536))
                secure.sendall(self._answer)
        except OSError:
            return  # the client went away, as it should for a certificate it does not trust or too long an answer

    def connect(self, address: str, port: int, timeout_s: float) -> socket.socket:
        """Connect to the server whatever the address."""
        self.connected.append((address, port))
        return socket.create_connection(self._listener.getsockname(), timeout=timeout_s)

    def lookup(self, host: str, port: int) -> list[str]:
        """A public address first; a rebinding name would answer with a private one the second time."""
        self.looked_up.append(host)
        return [PUBLIC] if len(self.looked_up) == 1 else ["127.0.0.1"]

    def resolver(self, **options: object) -> HttpsDidResolver:
        """A resolver that reaches this server."""
        settings: dict[str, object] = {
            "ssl_context": self.trusting,
            "host_lookup": self.lookup,
            "connector": self.connect,
            **options,
        }
        return HttpsDidResolver(**settings)  # type: ignore[arg-type]

    def close(self) -> None:
        """Stop listening; a server still waiting for a client is woken by one that says nothing."""
        if self._thread.is_alive():
            socket.create_connection(self._listener.getsockname(), timeout=5).close()
        self._thread.join(timeout=5)
        self._listener.close()


@pytest.fixture
def serve(certificate: Path) -> Iterator[Callable[[bytes], Host]]:
    """Starts hosts and stops them after the test."""
    hosts: list[Host] = []

    def start(answer: bytes) -> Host:
        hosts.append(Host(certificate, answer))
        return hosts[-1]

    yield start
    for host in hosts:
        host.close()


def answer(body: bytes = BODY, *, status: str = "200 OK", headers: str = "") -> bytes:
    """An HTTP answer."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def test_the_document_comes_from_the_address_that_was_checked(serve: Callable[[bytes], Host]) -> None:
    host = serve(answer())
    assert key_lookup(host.resolver())(f"{DID}#key-1") == ED
    assert host.looked_up == ["works.example"]  # once: there is no second answer to be fooled by
    assert host.connected == [(PUBLIC, 8443)]
    assert host.requests[0].startswith(b"GET /coil/did.json HTTP/1.1\r\nHost: works.example:8443\r\n")


def test_chunked_answers_are_read(serve: Callable[[bytes], Host]) -> None:
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    host = serve(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    assert host.resolver().resolve(DID).id == DID


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (answer(status="404 Not Found"), "the host refuses; expected 200; found 404"),
        (
            answer(status="302 Found", headers="Location: https://b.example/\r\n"),
            "found 302 .*redirects are not followed",
        ),
        (answer(headers="Content-Encoding: gzip\r\n"), "an encoding we did not ask for; found gzip"),
        (answer(b"<html>"), "not a DID document: not JSON"),
        (answer(build_did_web_document("did:web:b.example", multikeys=[ED])), "belongs to another DID"),
        (answer(b" " * 400_000), "the answer is too long"),
        (answer(b" " * 300_000), "not a DID document: the document is too long"),
        (answer()[:-5], "not an answer in HTTP: IncompleteRead"),
        (b"SSH-2.0-x\r\n", "not an answer in HTTP: BadStatusLine"),
        (b"", "not an answer in HTTP: RemoteDisconnected"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n", "not an answer in HTTP"),
    ],
)
def test_odd_answers_are_refused(serve: Callable[[bytes], Host], given: bytes, reason: str) -> None:
    with pytest.raises(ResolutionError, match=reason):
        serve(given).resolver().resolve(DID)


def test_a_certificate_nobody_vouches_for_is_refused(serve: Callable[[bytes], Host]) -> None:
    host = serve(answer())
    with pytest.raises(ResolutionError, match="the host's certificate: self-signed certificate"):
        host.resolver(ssl_context=ssl.create_default_context()).resolve(DID)
    assert host.requests == []


def test_a_certificate_of_another_name_is_refused(serve: Callable[[bytes], Host]) -> None:
    host = serve(answer())
    with pytest.raises(ResolutionError, match="the host's certificate: Hostname mismatch"):
        host.resolver().resolve("did:web:other.example")
    assert host.requests == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.0.0.7"],
        ["169.254.169.254"],
        ["fd00:ec2::254"],
        [PUBLIC, "192.168.1.1"],
        ["::ffff:127.0.0.1"],
    ],
)
def test_inside_addresses_are_never_connected_to(serve: Callable[[bytes], Host], addresses: list[str]) -> None:
    host = serve(answer())
    with pytest.raises(ResolutionError, match="not a public one") as caught:
        host.resolver(host_lookup=lambda name, port: addresses).resolve(DID)
    assert caught.value.found == addresses[-1]
    assert host.connected == []


def test_ip_addresses_and_other_methods_are_not_looked_up(serve: Callable[[bytes], Host]) -> None:
    host = serve(answer())
    for did in ("did:web:127.0.0.1", "did:web:2130706433", f"did:key:{ED}"):
        with pytest.raises(ResolutionError, match=r"not an IP address|not a did:web"):
            host.resolver().resolve(did)
    assert host.looked_up == []


def test_hosts_out_of_reach_are_named(serve: Callable[[bytes], Host]) -> None:
    host = serve(answer())

    def unknown(name: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    def refused(address: str, port: int, timeout_s: float) -> socket.socket:
        raise ConnectionRefusedError(111, "Connection refused")

    with pytest.raises(ResolutionError, match=r"no such host: .*Name or service not known"):
        host.resolver(host_lookup=unknown).resolve(DID)
    with pytest.raises(ResolutionError, match="the host has no address"):
        host.resolver(host_lookup=lambda name, port: []).resolve(DID)
    with pytest.raises(ResolutionError, match=r"the host does not answer: .*Connection refused"):
        host.resolver(connector=refused).resolve(DID)


def test_the_whole_exchange_has_one_deadline(serve: Callable[[bytes], Host]) -> None:
    # A clock that gains four seconds at every look stands for a host that drips its answer.
    ticks = itertools.count(step=4)
    with pytest.raises(ResolutionError, match=r"does not answer in time; expected 10\.0 s"):
        serve(answer()).resolver(monotonic=lambda: next(ticks)).resolve(DID)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("0.0.0.0", False),  # noqa: S104
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("127.8.8.8", False),
        ("169.254.169.254", False),
        ("172.16.0.1", False),
        ("192.0.2.1", False),
        ("192.168.0.1", False),
        ("198.18.0.1", False),
        ("224.0.1.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("feff::1", False),
        ("3fff::1", False),
        ("ff0e::1", False),
        ("2001:db8::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),
        ("localhost", False),
        ("8.8.8.8.", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public_address(address) is public


@contextmanager
def _silent() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_a_host_that_says_nothing_is_given_up() -> None:
    with _silent() as listener:
        resolver = HttpsDidResolver(
            timeout_s=0.2,
            host_lookup=lambda name, port: [PUBLIC],
            connector=lambda address, port, timeout_s: socket.create_connection(
                listener.getsockname(), timeout=timeout_s
            ),
        )
        with pytest.raises(ResolutionError, match=r"the host does not answer: .*timed out"):
            resolver.resolve(DID)
