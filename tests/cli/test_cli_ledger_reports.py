"""`passport ledger profile`, `report`, `sign`, `sign-report`, `verify-report`, and ceilings, as a company uses them."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Copied, Passport

from passport.credentials import Ed25519Signer, build_did_web_document, jcs, sign_document
from passport.filing import file_did_document
from passport.ledger_reports import file_ledger_statement
from passport.store import DocumentKind, Store

AT = ("--at", "2026-01-01")
OPERATOR, RECYCLER = "straits-lantern", "lapinjoki-refining"
READING = {
    "format": "carbon-passport/meter-reading/1.0",
    "chain": "ours",
    "node": "n1",
    "period": {"first": "2026-11-02", "last": "2026-11-08"},
    "kwh": "8.1",
    "meter": {"serial": "EM-1", "accuracyPercent": "1", "boundary": "machine"},
    "country": "FI",
}


def signed(passport: Passport, world: Copied, key: str, document: dict[str, Any], file: Path) -> Path:
    """A statement signed by a company of the demonstration."""
    plain = file.with_suffix(".plain.json")
    plain.write_text(json.dumps(document), "utf-8")
    done = passport("ledger", "sign", plain, *world.at(key))
    assert done.code == 0, done.err
    file.write_text(done.out, "utf-8")
    return file


def entity(world: Copied, key: str) -> dict[str, str]:
    """A company as statements name it."""
    party = json.loads((world.folder / key / "workspace.json").read_text("utf-8"))["party"]
    return {name: party[name] for name in ("scheme", "identifier", "name")}


def test_a_report_from_meters_to_its_verdict(passport: Passport, world: Copied, tmp_path: Path) -> None:
    reading = signed(passport, world, OPERATOR, READING, tmp_path / "reading.json")
    auditor = ("--workspace", str(world.folder / "auditor"), *world.trust)
    done = passport("ledger", "verify-report", reading, *auditor, "--json")
    assert done.code == 0, done.err
    (said,) = done.json["statements"]
    assert said["signed_by"] == entity(world, OPERATOR)
    assert said["open"] is None
    options = ("--chain", "ours", "--rule", "per_transaction", "--volume", 10_000, "--nodes", 4, "--pue", "1.5")
    made = passport("ledger", "sign-report", *options, "--statement", reading, *world.at(OPERATOR), *world.trust)
    assert made.code == 0, made.err
    report = tmp_path / "report.json"
    report.write_text(made.out, "utf-8")
    subject = json.loads(made.out)["credentialSubject"]
    kwh = 8.1 * 1.5 * 4 * 8766 / 168
    assert float(subject["totals"]["energyKwh"]["central"]) == pytest.approx(kwh)
    assert subject["participants"][0]["readings"] == [said["digest"]]
    whole = passport("ledger", "verify-report", report, reading, *auditor)
    assert whole.code == 0, whole.err
    assert whole.out.count(": holds") == 2
    # The report alone: signed and consistent, but what it adds up is not at hand.
    alone = passport("ledger", "verify-report", report, *auditor)
    assert (alone.code, "the readings that it adds up are not at hand" in alone.out) == (3, True)
    # Without a trust file nobody knows which registrars count.
    untrusted = passport(
        "ledger", "verify-report", reading, "--workspace", str(world.folder / OPERATOR), "--lang", "zh"
    )
    assert (untrusted.code, "未决" in untrusted.out) == (3, True)
    # One digit changed on the way.
    reading.write_text(reading.read_text("utf-8").replace('"kwh":"8.1"', '"kwh":"7.1"'), "utf-8")
    bent = passport("ledger", "verify-report", reading, *auditor)
    assert bent.code == 1
    assert "the signature does not hold" in bent.err
    refused = passport("ledger", "sign-report", *options, "--statement", reading, *world.at(OPERATOR), *world.trust)
    assert refused.code == 1


def test_a_reading_that_is_anchored(passport: Passport, world: Copied, tmp_path: Path, now: datetime) -> None:
    """Signed with its leaf, anchored, published: then the block says when it was there, and not the signer."""
    plain, file = tmp_path / "plain.json", tmp_path / "reading.json"
    plain.write_text(json.dumps(READING), "utf-8")
    done = passport("ledger", "sign", plain, "--anchor", *world.at(OPERATOR))
    assert done.code == 0, done.err
    file.write_text(done.out, "utf-8")
    auditor = ("--workspace", str(world.folder / "auditor"))
    early = passport("ledger", "verify-report", file, *auditor, *world.trust)
    assert (early.code, "not anchored: the issuer's log does not reach that index" in early.err) == (1, True)
    assert passport("anchor", *world.at(OPERATOR)).code == 0
    unknown = passport("ledger", "verify-report", file, *auditor, *world.trust)
    assert (unknown.code, "no inclusion proof at hand" in unknown.out) == (3, True)
    assert passport("publish", "--workspace", str(world.folder / OPERATOR)).code == 0
    assert passport("import", world.folder / OPERATOR / "public", *auditor).code == 0
    known = passport("ledger", "verify-report", file, *auditor, *world.trust)
    assert known.code == 0, known.err
    assert ": holds, anchored 20" in known.out
    (said,) = passport("ledger", "verify-report", file, *auditor, *world.trust, "--json").json["statements"]
    assert said["anchored_at"].endswith("Z")
    free = signed(passport, world, OPERATOR, READING, tmp_path / "free.json")
    assert "holds, not anchored" in passport("ledger", "verify-report", free, *auditor, *world.trust).out
    # Once the key is retired, whoever still has it can date back what it signs: the block's time stands, its own not.
    assert passport("keys", "rotate", "credential", *world.at(OPERATOR), at=now + timedelta(hours=1)).code == 0
    assert passport("ledger", "verify-report", file, *auditor, *world.trust).code == 0
    open_now = passport("ledger", "verify-report", free, *auditor, *world.trust)
    assert open_now.code == 3, open_now.err
    assert "the signing time is not proven, and credential key" in open_now.out


def test_statements_travel_with_a_publication(passport: Passport, world: Copied, tmp_path: Path) -> None:
    """Signed with leaves, anchored, published, taken in: judged by somebody who was handed no file of them."""
    plain, auditor = tmp_path / "plain.json", ("--workspace", str(world.folder / "auditor"))

    def anchored(key: str, document: dict[str, Any]) -> Any:
        plain.write_text(json.dumps(document), "utf-8")
        done = passport("ledger", "sign", plain, "--anchor", *world.at(key))
        assert done.code == 0, done.err
        return json.loads(done.out)

    def judged(*more: object) -> Any:
        return passport("ledger", "verify-report", "--kept", *more, *auditor, *world.trust, "--json")

    def published(key: str) -> Any:
        assert passport("anchor", *world.at(key)).code == 0
        assert passport("publish", "--workspace", str(world.folder / key)).code == 0
        return passport("import", world.folder / key / "public", *auditor, "--json").json["received"][0]

    nothing = judged()
    assert (nothing.code, nothing.json["outcome"]) == (3, "undecided")
    anchored(OPERATOR, READING)
    handover = {
        "format": "carbon-passport/hardware-handover/1.0",
        "recycler": entity(world, RECYCLER),
        "chain": "ours",
        "day": "2026-11-10",
        "items": [{"kind": "server", "count": 2, "massKg": "30.5"}],
    }
    anchored(OPERATOR, handover)
    assert (published(OPERATOR)["ledger_statements"], published(OPERATOR)["ledger_statements"]) == (2, 0)
    folder = world.folder / OPERATOR / "public" / "ledger-statements"
    assert len(list(folder.iterdir())) == 2
    first = judged()
    assert (first.code, first.json["outcome"], first.json["left_out"]) == (0, "passed", [])
    assert {each["anchored_at"] is not None for each in first.json["statements"]} == {True}
    assert first.json["custody"]["missing_kg"] == "30.5"
    handed = next(each["digest"] for each in first.json["statements"] if "handover" in each["format"])
    receipt = {
        "format": "carbon-passport/hardware-receipt/1.0",
        "operator": entity(world, OPERATOR),
        "handover": handed,
        "day": "2026-11-12",
        "reusedKg": "10",
        "recycledKg": "20.5",
        "disposedKg": "0",
    }
    anchored(RECYCLER, receipt)
    assert published(RECYCLER)["ledger_statements"] == 1
    whole = judged("--about", "ours")
    assert (whole.code, whole.json["custody"]["missing_kg"], len(whole.json["statements"])) == (0, "0.0", 3)
    assert judged("--about", "theirs").json["statements"] == []
    # A publication with a bent copy: nobody signed it, so it bars nothing and counts for nothing.
    (reading,) = [path for path in folder.iterdir() if b'"kwh":"8.1"' in path.read_bytes()]
    (folder / "bent.json").write_bytes(reading.read_bytes().replace(b'"kwh":"8.1"', b'"kwh":"1.8"'))
    assert passport("import", world.folder / OPERATOR / "public", *auditor).code == 0
    left = judged()
    assert (left.code, len(left.json["statements"]), len(left.json["left_out"])) == (0, 3, 1)
    assert "the signature does not hold" in left.json["left_out"][0]["reason"]
    # The operator says another thing of the same node and week.
    anchored(OPERATOR, {**READING, "kwh": "1.8"})
    published(OPERATOR)
    two = judged()
    assert (two.code, two.json["outcome"], len(two.json["contradictions"][0])) == (1, "failed", 2)
    usage = passport("ledger", "verify-report", *auditor)
    assert (usage.code, "name files, or say --kept" in usage.err) == (2, True)
    both = passport("ledger", "verify-report", reading, "--about", "ours", *auditor)
    assert (both.code, "files are judged as they are given" in both.err) == (2, True)


def test_a_stranger_makes_nobody_contradict_itself(passport: Passport, world: Copied, tmp_path: Path) -> None:
    """A reading in the operator's name, under a stranger's key, at a leaf of which no proof is at hand yet."""
    plain, auditor = tmp_path / "plain.json", world.folder / "auditor"

    def anchored(node: str) -> Any:
        plain.write_text(json.dumps({**READING, "node": node}), "utf-8")
        done = passport("ledger", "sign", plain, "--anchor", *world.at(OPERATOR))
        assert done.code == 0, done.err
        assert passport("anchor", *world.at(OPERATOR)).code == 0
        return json.loads(done.out)

    true = anchored("n1")
    assert passport("publish", "--workspace", str(world.folder / OPERATOR)).code == 0
    assert passport("import", world.folder / OPERATOR / "public", "--workspace", str(auditor)).code == 0
    did = "did:web:stranger.example"
    stranger = Ed25519Signer.generate(verification_method=f"{did}#key-1")
    forged = {name: value for name, value in true.items() if name != "proof"}
    forged["issuer"] = {**true["issuer"], "id": did}
    forged["credentialSubject"] = {**true["credentialSubject"], "kwh": "1.8"}
    forged["place"] = anchored("n2")["place"]
    with Store.open(auditor / "passport.db") as store:
        assert file_did_document(store, did, build_did_web_document(did, multikeys=[stranger.multikey]))
        created = datetime.fromisoformat(true["proof"]["created"])
        assert file_ledger_statement(store, sign_document(forged, stranger, created).body)
    found = passport("ledger", "verify-report", "--kept", "--workspace", str(auditor), *world.trust, "--json")
    assert (found.code, found.json["outcome"], found.json["contradictions"]) == (3, "undecided", [])
    assert {each["did"] for each in found.json["statements"]} == {true["issuer"]["id"], did}


def test_a_strangers_document_under_the_signers_name(passport: Passport, world: Copied, tmp_path: Path) -> None:
    """Anybody's publication may hold a DID document of anybody: one without the key keeps nobody from the true one."""
    reading = signed(passport, world, OPERATOR, READING, tmp_path / "reading.json")
    auditor = world.folder / "auditor"
    did = json.loads(reading.read_text("utf-8"))["issuer"]["id"]
    with Store.open(auditor / "passport.db") as store:
        ref = store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did)[-1]
        document = json.loads(store.get_document(DocumentKind.DID_DOCUMENT, ref.digest))
        bent = json.loads(json.dumps(document).replace("#key-", "#other-"))
        assert file_did_document(store, did, jcs(bent))
    done = passport("ledger", "verify-report", reading, "--workspace", str(auditor), *world.trust)
    assert done.code == 0, done.err
    assert ": holds" in done.out


def test_hardware_to_its_recycler(passport: Passport, world: Copied, tmp_path: Path) -> None:
    handover = {
        "format": "carbon-passport/hardware-handover/1.0",
        "recycler": entity(world, RECYCLER),
        "chain": "ours",
        "day": "2026-11-10",
        "items": [{"kind": "server", "count": 2, "massKg": "30.5"}],
    }
    handed = signed(passport, world, OPERATOR, handover, tmp_path / "handover.json")
    auditor = ("--workspace", str(world.folder / "auditor"), *world.trust)
    digest = passport("ledger", "verify-report", handed, *auditor, "--json").json["statements"][0]["digest"]
    receipt = {
        "format": "carbon-passport/hardware-receipt/1.0",
        "operator": entity(world, OPERATOR),
        "handover": digest,
        "day": "2026-11-12",
        "reusedKg": "10",
        "recycledKg": "18.5",
        "disposedKg": "0.5",
    }
    received = signed(passport, world, RECYCLER, receipt, tmp_path / "receipt.json")
    done = passport("ledger", "verify-report", handed, received, *auditor)
    assert done.code == 0, done.err
    assert "30.5 kg handed over, 29.0 received (10 reused, 18.5 recycled, 0.5 disposed of), 1.5 confirmed" in done.out
    # Who gave it away cannot sign for having recycled it.
    feigned = signed(passport, world, OPERATOR, receipt, tmp_path / "feigned.json")
    refused = passport("ledger", "verify-report", handed, feigned, *auditor)
    assert refused.code == 1
    assert "received by another recycler than it was handed to" in refused.err


def test_statements_that_are_not_signed(passport: Passport, world: Copied, tmp_path: Path) -> None:
    file = tmp_path / "statement.json"
    for document, said in (
        ({"format": "carbon-passport/ledger-footprint-report/1.0"}, "another kind of statement"),
        ({**READING, "kwh": "-1"}, "greater than or equal to 0"),
        ({**READING, "note": 1}, "Extra inputs"),
        ({**READING, "signedBy": entity(world, RECYCLER)}, "the statement is another entity's"),
    ):
        file.write_text(json.dumps(document), "utf-8")
        done = passport("ledger", "sign", file, *world.at(OPERATOR))
        assert done.code in (1, 2)
        assert said in done.err


def test_indicators(passport: Passport) -> None:
    who = ("--name", "Example AG", "--lei", "529900T8BM49AURSDO55")
    done = passport("ledger", "report", "--chain", "bitcoin", "--asset", "BTC", "--platform", *who, *AT)
    assert done.code == 0, done.err
    assert done.json["supplementary_due"] is True
    fields = {each["field"]: each for each in done.json["fields"]}
    assert fields["S.8"]["value"] == "138000000000"
    assert fields["S.13"]["value"] == "39800000"
    assert "S.12" in done.json["lacking"]
    assert "due, and not stated: S.10, S.11, S.12, S.14" in done.err
    table = passport("ledger", "report", "--chain", "bitcoin", "--asset", "BTC", *who, *AT, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(table.out, newline="")))
    assert (rows[7]["field"], rows[7]["value"], rows[7]["unit"]) == ("S.8", "138000000000", "kWh per calendar year")
    refused = passport("ledger", "report", "--chain", "solana", "--asset", "SOL", *who, *AT)
    assert (refused.code, "not a year's total" in refused.err) == (1, True)
    wrong = passport("ledger", "report", "--chain", "bitcoin", "--asset", "BTC", *who, "--format", "xml")
    assert (wrong.code, "no such format" in wrong.err) == (2, True)


def test_a_profile_of_a_consortium(passport: Passport) -> None:
    options = ("--chain", "consortium-qbft", "--chain-id", "eip155:4242", "--rule", "per_transaction", "--volume", 9000)
    done = passport("ledger", "profile", *options, *AT)
    assert done.code == 0, done.err
    profile = json.loads(done.out)
    assert (profile["per"], profile["chainId"]) == ("passport", "eip155:4242")
    assert done.err.startswith("digest uEi")
    refused = passport("ledger", "profile", "--chain", "ethereum", "--chain-id", "eip155:1", *AT)
    assert (refused.code, "a rule of allocation must be named" in refused.err) == (2, True)


def test_a_ceiling_that_is_issued_and_judged(passport: Passport, world: Copied, tmp_path: Path) -> None:
    """By option where the inventory says nothing; the audit shows it with its share."""
    text = world.inventory(OPERATOR, "sea-freight").replace("2025", "2024")
    file = tmp_path / "freight.yaml"
    file.write_text(text, "utf-8")
    options = ("--ledger-ceiling", "0.5", "--ledger-batch", "2")
    done = passport("issue", file, *world.at(OPERATOR), *world.trust, *options, "--json")
    assert done.code == 0, done.err
    (issued,) = done.json["passports"]
    assert passport("anchor", *world.at(OPERATOR)).code == 0
    report = passport("audit", issued["id"], "--workspace", world.folder / OPERATOR, *world.trust, "--json").json
    (node,) = report["nodes"]
    assert node["ledger_footprint"]["ceiling"] == "0.5"
    assert node["ledger_footprint"]["minimum_batch"] == 2
    assert {note["code"] for note in node["notes"]} == {"ceiling_not_informative", "factor_gwp_unstated"}
    page = passport("audit", issued["id"], "--workspace", world.folder / OPERATOR, *world.trust)
    assert "ledger    at most 0.5 kg CO2e declared" in page.out
    for wrong, said in (("-1", "cannot be negative"), ("much", "not a number")):
        refused = passport("issue", file, *world.at(OPERATOR), *world.trust, f"--ledger-ceiling={wrong}")
        assert (refused.code, said in refused.err) == (2 if wrong == "-1" else 1, True), refused.err
