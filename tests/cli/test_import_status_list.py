"""`passport import status-list`: one list, out of a file or from its URL, and what audits make of it."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import ssl
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Passport
from test_lists_command import MILL, Mill, mill  # noqa: F401  # the fixture

from passport.credentials import Ed25519Signer, jcs, parse, sign_document
from passport.credentials.guarded_https import GuardedHttps, Wanted
from passport.credentials.multikey import base64url_encode
from passport.credentials.status_fetch import fetch_status_list
from passport.credentials.status_list import MIN_ENTRIES
from passport.errors import ResolutionError
from passport.filing import file_did_document
from passport.store import DocumentKind, Store

URL = "https://mill.example/status-lists/revocation-0.json"


@pytest.fixture
def listed(mill: Mill) -> Path:  # noqa: F811
    """A signed list on file, which the auditor has not; the DID document and everything else it has."""
    mill.publish()
    mill.audit()
    mill.run("lists", *mill.keys)
    mill.publish()
    return mill.folder / "public" / "status-lists" / "revocation-0.json"


def take_in(mill: Mill, *sources: object, **how: Any) -> Any:  # noqa: F811
    return mill.passport("import", "status-list", *sources, "--workspace", mill.folder / "auditor", "--json", **how)


def audited(mill: Mill) -> dict[str, str]:  # noqa: F811
    """The notes on the list, without taking the publication in again."""
    auditor = ("--workspace", mill.folder / "auditor", "--trust", mill.folder / "trust.json")
    (node,) = mill.passport("audit", mill.flour, *auditor, "--json").json["nodes"]
    return {note["code"]: note["text"] for note in node["notes"] if note["code"].startswith("status_list")}


def test_a_list_out_of_a_file(mill: Mill, listed: Path) -> None:  # noqa: F811
    assert audited(mill) == {"status_list_unknown": "its status list: not at hand"}
    done = take_in(mill, listed)
    assert done.code == 0, done.err
    (taken,) = done.json["status_lists"]
    assert {name: taken[name] for name in ("url", "issuer", "purpose", "entries", "listed", "new", "newest")} == {
        "url": URL,
        "issuer": "did:web:mill.example",
        "purpose": "revocation",
        "entries": MIN_ENTRIES,
        "listed": 0,
        "new": True,
        "newest": True,
    }
    assert audited(mill) == {}
    assert take_in(mill, listed).json["status_lists"][0]["new"] is False
    mill.run("revoke", mill.flour, *mill.keys, "--yes")
    told = audited(mill)["status_list_disagrees"]  # made before the revocation: the chain counts
    assert "says not revoked, and the chain says otherwise, which counts" in told


def test_an_older_list_is_taken_in_and_does_not_count(mill: Mill, listed: Path, now: Any) -> None:  # noqa: F811
    old = listed.read_bytes()
    mill.run("revoke", mill.flour, *mill.keys, "--yes")
    mill.run("lists", *mill.keys, at=now + timedelta(hours=1))
    newer = mill.folder / "newer.json"
    mill.run("publish", "--workspace", mill.folder / MILL)
    shutil.copy(mill.folder / MILL / "public" / "status-lists" / "revocation-0.json", newer)
    first = take_in(mill, newer, at=now + timedelta(hours=1)).json["status_lists"][0]
    assert (first["listed"], first["newest"]) == (1, True)
    listed.write_bytes(old)
    again = take_in(mill, listed, at=now + timedelta(hours=1))
    assert again.json["status_lists"][0]["newest"] is False
    assert "a newer list of this URL is at hand, and counts" in again.err


def test_lists_that_are_not_taken_in(mill: Mill, listed: Path) -> None:  # noqa: F811
    """A stranger's, a changed one, another document, a bomb; nothing is kept of them."""
    document = {name: value for name, value in parse(listed.read_bytes()).items() if name != "proof"}
    stranger = Ed25519Signer.generate(verification_method="did:web:mill.example#key-1")
    forged = mill.folder / "forged.json"
    created = json.loads(listed.read_bytes())["proof"]["created"]
    moment = datetime.fromisoformat(created)
    bomb = {**document, "credentialSubject": {**document["credentialSubject"], "encodedList": _bomb()}}
    cases: list[tuple[bytes, str]] = [
        (sign_document(document, stranger, moment).body, "the signature does not hold"),
        (listed.read_bytes().replace(b"revocation-0.json#list", b"revocation-1.json#list"), "does not hold"),
        (b"{}", "the document has no proof"),
        (b"junk", "not"),
    ]
    for body, reason in cases:
        forged.write_bytes(body)
        done = take_in(mill, forged)
        assert done.code not in (0, 70), done.out
        assert reason in done.err, (reason, done.err)
    other = Ed25519Signer.generate(verification_method="did:web:nobody.example#key-1")
    forged.write_bytes(sign_document({**document, "issuer": "did:web:nobody.example"}, other, moment).body)
    assert "the issuer's DID document is not in the store" in take_in(mill, forged).err
    own = Ed25519Signer.generate()
    did = own.verification_method.partition("#")[0]
    forged.write_bytes(sign_document({**bomb, "issuer": did}, own, moment).body)
    assert "the status list is too long" in take_in(mill, forged).err
    assert audited(mill) == {"status_list_unknown": "its status list: not at hand"}
    done = mill.passport("import", "status-list", "--workspace", mill.folder / "auditor")
    assert (done.code, "no status list named" in done.err) == (2, True)


def _bomb() -> str:
    """16 MB and a byte of nothing, packed."""
    return "u" + base64url_encode(gzip.compress(bytes((16 << 20) + 1), mtime=0))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://mill.example/list.json", "not the URL of a status list"),
        ("file:///etc/passwd", "not the URL of a status list"),
        ("https://127.0.0.1/list.json", "a did:web names a host, not an IP address"),
        ("https://[::1]/list.json", "not the URL of a status list"),
        ("https://user@mill.example/list.json", "not the URL of a status list"),
        ("https://mill.example/list.json#x", "not the URL of a status list"),
        ("https://mill.example/a b", "not the URL of a status list"),
        ("https://mill.example/%0d%0aHost:%20x\r\nX: y", "not the URL of a status list"),
        ("https://mill.example:0/list.json", "not the URL of a status list"),
        ("https://mill.example:99999/list.json", "not a port"),
        ("https://2130706433/list.json", "a did:web names a host, not an IP address"),
        ("https://mill.example/" + "a" * 2000, "not the URL of a status list"),
    ],
)
def test_urls_that_are_not_asked(url: str, reason: str) -> None:
    class Never(GuardedHttps):
        def get(self, wanted: Wanted) -> bytes:
            raise AssertionError("asked")

    with pytest.raises(ResolutionError, match=reason):
        fetch_status_list(Never(), url)


def test_a_list_from_its_url(mill: Mill, listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """What is asked of whom; and a list that goes by another URL than the one it was found under."""
    asked: list[Wanted] = []

    class Host(GuardedHttps):
        def get(self, wanted: Wanted) -> bytes:
            asked.append(wanted)
            return listed.read_bytes()

    monkeypatch.setattr("cli.status_list_import.guarded_https", Host)
    done = take_in(mill, URL)
    assert done.code == 0, done.err
    assert [(wanted.host, wanted.port, wanted.path) for wanted in asked] == [
        ("mill.example", None, "/status-lists/revocation-0.json")
    ]
    assert audited(mill) == {}
    done = take_in(mill, "https://mill.example:8443/status-lists/other.json?t=1")
    assert "the list goes by another URL" in done.err
    assert (asked[1].port, asked[1].path) == (8443, "/status-lists/other.json?t=1")


def test_a_url_that_leads_inside(mill: Mill, listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """The guard is the one of did:web: a name with a private address is not connected to."""

    def connect(address: str, port: int, timeout_s: float) -> socket.socket:
        raise AssertionError("connected")

    def guarded() -> GuardedHttps:
        return GuardedHttps(
            ssl_context=ssl.create_default_context(),
            host_lookup=lambda host, port: ["93.184.215.14", "169.254.169.254"],
            connector=connect,
        )

    monkeypatch.setattr("cli.status_list_import.guarded_https", guarded)
    done = take_in(mill, URL)
    assert done.code not in (0, 70)
    assert "the host's address is not a public one" in done.err
    with pytest.raises(ResolutionError, match="the host's address is not a public one"):
        guarded().get(Wanted("mill.example", None, "/x", "*/*", 10, "x"))


def test_a_list_by_a_key_that_has_ended(passport: Passport, mill: Mill, listed: Path) -> None:  # noqa: F811
    """The issuer's own DID document says so; the list is not taken in, and the reason is the right one."""
    body = (mill.folder / "public" / "did.json").read_bytes()
    document = parse(body)
    for method in document["verificationMethod"]:
        method["expires"] = "2020-01-01T00:00:00Z"
    fresh = mill.folder / "fresh"
    mill.run("init", "--workspace", fresh, "--auditor", "--chain", mill.folder / "chain" / "chain.json")
    with Store.open(fresh / "passport.db") as store:
        file_did_document(store, "did:web:mill.example", jcs(document))
        assert store.find_documents(DocumentKind.STATUS_LIST) == []
    done = passport("import", "status-list", listed, "--workspace", fresh)
    assert "signed with a key that has ended, by the issuer's own DID document" in done.err
    assert "before 2020-01-01T00:00:00Z" in done.err
