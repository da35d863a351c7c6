"""Files named on the command line: pipes and devices are refused and not waited for; no workspace is needed."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from cli_runs import Copied, DemoRun, Done, Passport
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from passport.credentials import HttpsDidResolver

FIFO_COMMANDS: dict[str, list[str]] = {
    "verify": ["verify", "{pipe}"],
    "trust": ["verify", "{file}", "--trust", "{pipe}"],
    "audit": ["audit", "{pipe}", "--trust", "{trust}"],
    "import": ["import", "{pipe}", "--workspace", "{auditor}"],
    "import pact": ["import", "pact", "{pipe}", "--workspace", "{auditor}"],
    "import untp": ["import", "untp", "{pipe}", "--workspace", "{auditor}"],
    "issue": ["issue", "{pipe}", "--workspace", "{company}", "--passphrase", "file:{phrase}"],
    "register": ["registry", "register", "{pipe}", "--workspace", "{company}", "--passphrase", "file:{phrase}"],
    "a passphrase": ["anchor", "--workspace", "{company}", "--passphrase", "file:{pipe}"],
    "a party": [
        "init",
        "--party",
        "{pipe}",
        "--workspace",
        "{new}",
        "--host",
        "x.example",
        "--passphrase",
        "file:{file}",
    ],
    "a chain": ["init", "--auditor", "--chain", "{pipe}", "--workspace", "{new}"],
}


@pytest.mark.parametrize("arguments", FIFO_COMMANDS.values(), ids=FIFO_COMMANDS.keys())
def test_a_pipe_is_refused_and_not_waited_for(
    world: Copied, passport: Passport, tmp_path: Path, arguments: list[str]
) -> None:
    """Nobody writes into it, so whoever opens it as a file would wait for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    signed = next((world.folder / "green-mesa-soda" / "public" / "passports").glob("*.signed.json"))
    facts = {
        "pipe": pipe,
        "file": signed,
        "trust": world.folder / "trust.json",
        "auditor": world.folder / "auditor",
        "company": world.folder / "weserbogen-traktion",
        "phrase": world.at("weserbogen-traktion")[3].removeprefix("file:"),
        "new": tmp_path / "new",
    }
    done = passport(*(word.format(**facts) for word in arguments))
    assert done.code in (1, 2, 3), done.err
    assert "Traceback" not in done.err
    assert str(pipe) in done.err


def _top(run: DemoRun) -> Path:
    folder = run.folder / "weserbogen-traktion" / "public" / "passports"
    return folder / f"{run.document['top'].rsplit('/', 1)[-1]}.signed.json"


def test_verify_without_any_workspace(
    demo_run: DemoRun, passport: Passport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that holds nothing: shape and digest are judged, the rest is unknown; a wrong folder is said."""
    monkeypatch.chdir(tmp_path)
    trust = demo_run.folder / "trust.json"
    done = passport("verify", _top(demo_run), "--trust", trust, "--json")
    assert (done.code, done.json["verdict"]) == (3, "undecided"), done.err
    outcomes = {check["id"]: check["outcome"] for check in done.json["nodes"][0]["checks"]}
    assert (outcomes["schema"], outcomes["digest"], outcomes["signature"]) == ("passed", "passed", "unknown")
    assert list(tmp_path.iterdir()) == []
    wrong = passport("verify", _top(demo_run), "--workspace", tmp_path / "nowhere")
    assert (wrong.code, "no workspace here" in wrong.err) == (2, True)


class _Pages(BaseHTTPRequestHandler):
    """Serves one file, whatever the path."""

    body = b""
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(f"{self.headers['Host']}{self.path}")
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def web(demo_run: DemoRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The maker's web server with its DID document, over real TLS; other hosts are unknown. What it was asked for."""
    public = demo_run.folder / "weserbogen-traktion" / "public"
    host = json.loads((public / "did.json").read_bytes())["id"].removeprefix("did:web:")
    certificate = _certificate(tmp_path / "server.pem", host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked: list[str] = []
    pages = type("Pages", (_Pages,), {"body": (public / "did.json").read_bytes(), "asked": asked})
    server = HTTPServer(("127.0.0.1", 0), pages)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def lookup(name: str, port: int) -> list[str]:
        if name != host:
            raise OSError("no such name")
        return ["93.184.215.14"]

    def resolver() -> HttpsDidResolver:
        return HttpsDidResolver(
            ssl_context=ssl.create_default_context(cafile=certificate),
            host_lookup=lookup,
            connector=lambda address, port, timeout_s: socket.create_connection(
                server.server_address[:2], timeout=timeout_s
            ),
        )

    monkeypatch.setattr("cli.judging.did_resolver", resolver)
    yield asked
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


def _certificate(path: Path, host: str) -> Path:
    """A self-signed certificate with its key in one file; its window is as wide as it can be."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2999, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


def _signature(done: Done) -> str:
    (found,) = (check["outcome"] for check in done.json["nodes"][0]["checks"] if check["id"] == "signature")
    return str(found)


def test_dids_are_looked_up_only_when_asked_for(
    demo_run: DemoRun, passport: Passport, tmp_path: Path, web: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the option no network is used; with it the signature can be judged by nothing but the file."""
    monkeypatch.chdir(tmp_path)
    trust = ("--trust", demo_run.folder / "trust.json", "--json")
    without = passport("verify", _top(demo_run), *trust)
    assert (_signature(without), web) == ("unknown", [])
    done = passport("verify", _top(demo_run), *trust, "--resolve-dids")
    assert (_signature(done), done.code) == ("passed", 3)
    assert len(web) == 1
    assert web[0].endswith("/.well-known/did.json")


def test_an_audit_that_looks_dids_up(demo_run: DemoRun, passport: Passport, web: list[str]) -> None:
    """What is found stands beside what is stored; who is not found is named, and the stored document counts."""
    auditor = ("--workspace", demo_run.folder / "auditor", "--trust", demo_run.folder / "trust.json")
    done = passport("audit", demo_run.document["top"], *auditor, "--resolve-dids", "--json")
    assert (done.code, done.json["verdict"]) == (0, "passed")
    assert len(web) == 1
    assert "could not be looked up" in done.err
    bundle = passport("audit", demo_run.folder / "top.bundle", *auditor[2:], "--resolve-dids", "--json")
    assert (bundle.code, bundle.json["verdict"]) == (0, "passed")
    assert len(web) == 2


def test_an_older_publication_is_told_by_a_hint(world: Copied, passport: Passport) -> None:
    """The chain knows of a checkpoint that the auditor has not received: what to do stands below the verdict."""
    at = world.at("weserbogen-traktion")
    assert passport("anchor", "--steady", *at).code == 0
    asked = ("audit", world.top, "--workspace", world.folder / "auditor", *world.trust)
    done = passport(*asked)
    assert done.code == 3
    assert "hint: the chain knows more of a log than this workspace: `passport import`" in done.err
    taken = passport("import", world.folder / "weserbogen-traktion" / "public", *asked[2:4])
    assert taken.code == 0
    assert passport("publish", *at[:2]).code == 0
    assert passport("import", world.folder / "weserbogen-traktion" / "public", *asked[2:4]).code == 0
    again = passport(*asked)
    assert (again.code, "hint: the chain" in again.err) == (0, False)
