"""`passport attest`: an audit of the demonstration's pack, attested by its own maker."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from cli_runs import Copied, Passport

from passport.credentials import key_for, read_did_document
from passport.credentials.untp_credential import verify_credential
from passport.model.conformity_credential import SCHEMA, attests
from passport.model.digest import digest_of
from passport.store import DocumentKind
from passport.workspace import Workspace

MAKER = "weserbogen-traktion"


def test_an_audit_is_attested(world: Copied, passport: Passport, tmp_path: Path) -> None:
    """In both envelopes; the report that is pinned is the file beside it, and the claim is matched."""
    now = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
    for options, name in ((("--jwt",), "dcc.jwt"), ((), "dcc.json")):
        file, report = tmp_path / name, tmp_path / "report.json"
        done = passport(
            "attest",
            world.top,
            *world.at(MAKER),
            *world.trust,
            "--assessor",
            "self",
            *options,
            "-o",
            file,
            "--report",
            report,
            "--json",
        )
        assert (done.code, done.json["verdict"]) == (0, "passed"), done.err
        with Workspace.open(world.folder / MAKER, clock=lambda: now) as maker:
            did = maker.settings.did or ""
            refs = maker.store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did)
            document = read_did_document(maker.store.get_document(DocumentKind.DID_DOCUMENT, refs[-1].digest), did=did)
            verified = verify_credential(file.read_bytes(), SCHEMA, partial(key_for, document), at=now)
        assert verified.doc_hash == done.json["digest"]
        subject = verified.document["credentialSubject"]
        assert subject["auditableEvidence"]["digestMultibase"] == digest_of(report.read_bytes())
        shown = passport("show", world.top, "--workspace", world.folder / MAKER, "--json").json
        assert attests(verified.document, shown["passport"], shown["digest"])
        (evidence,) = subject["conformityAssessment"][0]["evidence"]
        assert (evidence["linkURL"], evidence["digestMultibase"]) == (world.top, shown["digest"])


def test_nobody_is_a_third_party_to_itself(world: Copied, passport: Passport, tmp_path: Path) -> None:
    files = ("-o", tmp_path / "dcc.json", "--report", tmp_path / "report.json")
    done = passport("attest", world.top, *world.at(MAKER), *world.trust, *files)
    assert done.code == 2
    assert "who attests its own passport is no other party" in done.err
    assert list(tmp_path.glob("*.json")) == []


def test_what_failed_is_attested_as_failed(world: Copied, passport: Passport, tmp_path: Path) -> None:
    file = tmp_path / "dcc.json"
    assert passport("revoke", world.top, *world.at(MAKER), "--reason", "x").code == 0
    files = ("-o", file, "--report", tmp_path / "report.json")
    done = passport("attest", world.top, *world.at(MAKER), *world.trust, "--assessor", "self", *files, "--json")
    assert (done.code, done.json["verdict"]) == (1, "failed")
    assert b'"conformance":false' in file.read_bytes()


def test_what_is_undecided_is_not_attested(world: Copied, passport: Passport, tmp_path: Path) -> None:
    """Without a trust file nobody knows which chain counts."""
    (world.folder / MAKER / "trust.json").unlink(missing_ok=True)
    files = ("-o", tmp_path / "dcc.json", "--report", tmp_path / "report.json")
    done = passport("attest", world.top, *world.at(MAKER), "--assessor", "self", *files)
    assert (done.code, done.out) == (3, "")
    assert list(tmp_path.glob("*.json")) == []
