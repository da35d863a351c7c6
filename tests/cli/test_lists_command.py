"""`passport lists`: a status list from the issue to the audit that compares it with the chain."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Done, Passport

from passport import Sandbox
from passport.credentials.status_list import MIN_ENTRIES, read_status_credential
from verifier import trust_in

FLOUR = Path(__file__).resolve().parent.parent.parent / "docs" / "example" / "flour.yaml"
MILL = "mill.example"


class Mill:
    """A mill with a passport that names a status list, and an auditor."""

    def __init__(self, folder: Path, passport: Passport) -> None:
        self.folder = folder
        self.passport = passport
        self.keys = ("--workspace", str(folder / MILL), "--passphrase", f"file:{folder / 'phrase'}")
        self.flour = ""

    def run(self, *arguments: object, **how: Any) -> Done:
        done = self.passport(*arguments, **how)
        assert done.code == 0, done.err
        return done

    def publish(self) -> None:
        self.run("publish", "--workspace", self.folder / MILL)
        shutil.rmtree(self.folder / "public", ignore_errors=True)
        shutil.copytree(self.folder / MILL / "public", self.folder / "public")

    def audit(self, *, with_trust: bool = True, at: datetime | None = None) -> tuple[str, str, dict[str, str]]:
        """Verdict, outcome of `status`, and the notes on the list, by an auditor who took in what is published."""
        auditor = ("--workspace", self.folder / "auditor")
        self.run("import", self.folder / "public", *auditor)
        trust = ("--trust", self.folder / "trust.json") if with_trust else ()
        report = self.passport("audit", self.flour, *auditor, *trust, "--json", **({"at": at} if at else {})).json
        (node,) = report["nodes"]
        status = next(check["outcome"] for check in node["checks"] if check["id"] == "status")
        noted = {note["code"]: note["text"] for note in node["notes"] if note["code"].startswith("status_list")}
        return report["verdict"], status, noted


@pytest.fixture
def mill(tmp_path: Path, passport: Passport, now: datetime) -> Mill:
    with Sandbox.create(tmp_path, clock=lambda: now) as sandbox:
        sandbox.company("Mill Oy", host=MILL, country="FI")
        sandbox.auditor()
        (tmp_path / "trust.json").write_text(json.dumps(trust_in(sandbox.chain).to_json()), "utf-8")
        phrase = tmp_path / "phrase"
        phrase.write_bytes(sandbox.passphrase.read("the tests"))
        phrase.chmod(0o600)
    made = Mill(tmp_path, passport)
    issued = made.run("issue", FLOUR, *made.keys, "--status-list", "--json").json
    made.flour = issued["passports"][0]["id"]
    made.run("anchor", *made.keys, "--yes")
    return made


def test_a_list_from_issue_to_audit(mill: Mill, now: datetime) -> None:
    """Not there, clear, out of date after a revocation, made anew, and out of time a month later."""
    mill.publish()
    unknown = {"status_list_unknown": "its status list: not at hand"}
    assert mill.audit() == ("passed", "passed", unknown)
    (signed,) = mill.run("lists", *mill.keys, "--json").json["lists"]
    url = "https://mill.example/status-lists/revocation-0.json"
    assert signed == {"url": url, "passports": 1, "listed": 0}
    mill.publish()
    assert mill.audit() == ("passed", "passed", {})
    mill.run("revoke", mill.flour, *mill.keys, "--yes")
    verdict, status, noted = mill.audit()
    assert (verdict, status, set(noted)) == ("failed", "failed", {"status_list_disagrees"})
    assert "says not revoked, and the chain says otherwise" in noted["status_list_disagrees"]
    later = now + timedelta(seconds=1)
    (signed,) = mill.run("lists", *mill.keys, "--json", at=later).json["lists"]
    assert signed["listed"] == 1
    mill.publish()
    document = json.loads((mill.folder / "public" / "status-lists" / "revocation-0.json").read_bytes())
    assert read_status_credential(document).is_set(0)
    assert read_status_credential(document).entries == MIN_ENTRIES
    assert mill.audit(at=later) == ("failed", "failed", {})
    _, status, noted = mill.audit(with_trust=False, at=later)
    assert (status, set(noted)) == ("unknown", {"status_listed"})
    _, _, noted = mill.audit(at=now + timedelta(days=40))
    assert noted["status_list_unknown"].startswith("its status list: valid only until ")


def test_nothing_to_sign(tmp_path: Path, passport: Passport, now: datetime) -> None:
    with Sandbox.create(tmp_path, clock=lambda: now) as sandbox:
        sandbox.company("Mill Oy", host=MILL, country="FI")
        phrase = tmp_path / "phrase"
        phrase.write_bytes(sandbox.passphrase.read("the tests"))
        phrase.chmod(0o600)
    done = passport("lists", "--workspace", tmp_path / MILL, "--passphrase", f"file:{phrase}", "--json")
    assert (done.code, done.json["lists"]) == (0, [])
    assert "no passport names a status list" in done.err
