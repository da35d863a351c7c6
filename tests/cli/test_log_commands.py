"""`passport log` and `passport audit --log`: export, witness, verify and open, as the page on the log shows it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Copied, Done, Passport

from cli.demo.world import PHRASE_FILE
from verifier.trust import TRUST_FORMAT_1_1

MAKER = "weserbogen-traktion"


class Logs:
    """What the commands of one test leave in a folder."""

    def __init__(self, world: Copied, passport: Passport) -> None:
        self.world, self.passport = world, passport
        self.maker = world.folder / MAKER
        self.phrase = ("--passphrase", f"file:{self.maker / PHRASE_FILE}")
        self.exported = world.folder / "exported"

    def export(self, key: str = MAKER, folder: Path | None = None) -> str:
        """Export a company's log; its key."""
        done = self.passport("log", "export", "-o", folder or self.exported, *self.world.at(key), "--json")
        assert done.code == 0, done.err
        return str(done.json["key"])

    def witness(self, name: str) -> tuple[Path, str]:
        """A witness's folder and key."""
        folder = self.world.folder / name
        done = self.passport("log", "witness-init", folder, "--name", f"{name}.example", *self.phrase)
        assert done.code == 0, done.err
        return folder, done.out.strip()

    def cosign(self, witness: Path, *keys: str, folder: Path | None = None) -> Done:
        trusted = [part for key in keys for part in ("--trust-log", key)]
        return self.passport("log", "witness", witness, *trusted, "--cosign", folder or self.exported, *self.phrase)

    def trusting(self, threshold: int, *keys: str) -> Path:
        """The trust file with witnesses."""
        trust: dict[str, Any] = json.loads((self.world.folder / "trust.json").read_text("utf-8"))
        trust |= {"format": TRUST_FORMAT_1_1, "witnesses": {"keys": list(keys), "threshold": threshold}}
        path = self.world.folder / "trust-with-witnesses.json"
        path.write_text(json.dumps(trust), "utf-8")
        return path

    def issuer_id(self) -> str:
        return str(json.loads((self.maker / "public" / "publication.json").read_text("utf-8"))["issuerId"])


@pytest.fixture
def logs(world: Copied, passport: Passport) -> Logs:
    return Logs(world, passport)


def test_a_log_is_exported_and_verified(logs: Logs, passport: Passport) -> None:
    key = logs.export()
    at_chain = ("--workspace", logs.world.folder / "auditor", *logs.world.trust)
    done = passport("log", "verify", logs.exported, "--log-key", key, *at_chain, "--json")
    assert done.code == 0, done.err
    assert {row["id"]: row["outcome"] for row in done.json["checks"]} == {
        "tiles": "passed",
        "signature": "passed",
        "chain": "passed",
        "witnesses": "skipped",
        "token": "skipped",
        "opentimestamps": "skipped",
    }
    shown = passport("log", "verify", logs.exported, *at_chain)
    assert shown.out.rstrip().endswith("PASSED")
    assert "  passed   tiles           256 entries lead to the root\n" in shown.out
    alone = passport("log", "verify", logs.exported, "--workspace", logs.exported, *logs.world.trust)
    assert (alone.code, alone.out.rstrip().rpartition("\n")[2]) == (3, "UNDECIDED")
    tile = logs.exported / "tile" / "entries" / "000"
    tile.write_bytes(tile.read_bytes()[:-1] + b"\x00")
    assert passport("log", "verify", logs.exported, *at_chain).code == 1
    assert passport("log", "verify", logs.world.folder, *at_chain).code == 3


def test_witnesses_show_places_without_a_chain(logs: Logs, passport: Passport, tmp_path: Path) -> None:
    """Every company's log is mirrored and cosigned by two of three; the chain's block is not in the trust file."""
    witnesses = [logs.witness(name) for name in ("w1", "w2", "w3")]
    trust = logs.trusting(2, *(key for _, key in witnesses))
    document: dict[str, Any] = json.loads(trust.read_text("utf-8"))
    document["chains"][0]["blocks"] = []  # so that nothing in the bundle is proven by the chain
    trust.write_text(json.dumps(document), "utf-8")
    mirrored = []
    for place in sorted(logs.world.folder.iterdir()):
        if (place / "public" / "publication.json").exists():
            folder = logs.world.folder / "mirror" / place.name
            key = logs.export(place.name, folder)
            for witness, _ in witnesses[:2]:
                assert logs.cosign(witness, key, folder=folder).code == 0
            mirrored += ["--witnessed", folder]
    bundle = logs.world.folder / "top.bundle"
    asked = ("audit", bundle, "--trust", trust, "--accept-imported", *mirrored, "--json")
    assert passport(*asked).json["verdict"] == "undecided"
    done = passport(*asked, "--accept-witnessed")
    assert (done.code, done.json["verdict"]) == (0, "passed"), done.json["reasons"]
    assert done.json["reasons"] == [
        "shown by witnesses alone: identity, status, time of anchoring, deliveries and what the ledger took "
        "were not judged"
    ]
    top = next(node for node in done.json["nodes"] if node["id"] == logs.world.top)
    assert {"unknown"} == {c["outcome"] for c in top["checks"] if c["id"] in ("inclusion", "identity", "status")}
    assert "witnessed" in [note["code"] for note in top["notes"]]
    shown = passport(*asked[:-1], "--accept-witnessed")
    assert "shown by witnesses alone" in shown.out
    fewer = passport("audit", bundle, "--trust", logs.trusting(3, *(key for _, key in witnesses)), *mirrored)
    assert (fewer.code, "too few trusted witnesses" in fewer.err) == (1, True)


def test_a_witness_refuses_what_it_must(logs: Logs, passport: Passport) -> None:
    key = logs.export()
    witness, _ = logs.witness("w1")
    unknown = logs.cosign(witness)
    assert (unknown.code, "does not know" in unknown.err) == (1, True)
    assert logs.cosign(witness, key).code == 0
    assert logs.cosign(witness).code == 0  # the same once more, seen later
    request = logs.world.folder / "request.txt"
    request.write_bytes(b"old 0\n\n" + (logs.exported / "checkpoint").read_bytes())
    done = passport("log", "witness", witness, "--request", request, *logs.phrase)
    assert (done.code, "not the size that was cosigned last" in done.err) == (1, True)
    request.write_bytes(b"old 256\n\n" + (logs.exported / "checkpoint").read_bytes())
    done = passport("log", "witness", witness, "--request", request, *logs.phrase)
    assert (done.code, done.out.startswith("\u2014 w1.example ")) == (0, True)
    assert passport("log", "witness", witness).code == 2
    assert passport("log", "witness", logs.exported, "--cosign", logs.exported, *logs.phrase).code == 2
    again = passport("log", "witness-init", witness, "--name", "w1.example", *logs.phrase)
    assert (again.code, "there is a witness here already" in again.err) == (1, True)


def test_a_whole_log_is_opened(logs: Logs, passport: Passport) -> None:
    """Without nonces the padding stays closed; with them every leaf is opened; with a second passport one is not."""
    handed = logs.world.folder / "handed-over"
    shutil.copytree(logs.maker / "public" / "passports", handed / "passports")
    at = ("--workspace", logs.maker, *logs.world.trust)
    asked = ("audit", "--log", logs.issuer_id(), "--documents", handed, *at)
    closed = passport(*asked, "--json")
    assert (closed.code, closed.json["verdict"], closed.json["counts"]["void"]) == (3, "undecided", 0)
    assert "leaf 255: withheld" not in passport(*asked).out  # fifty are shown
    assert "and 204 more" in passport(*asked).out
    written = passport("log", "void-nonces", "-o", handed / "nonces.json", "--workspace", logs.maker)
    assert (written.code, "254 void leaves" in written.out) == (0, True)
    opened = passport(*asked, "--json")
    assert (opened.code, opened.json["counts"]) == (
        0,
        {"document": 2, "void": 254, "withheld": 0, "contradicted": 0},
    )
    assert "256 leaves: 2 documents, 254 void, 0 withheld, 0 contradicted" in passport(*asked).out
    by_number = passport("audit", "--log", _entity(logs), "--documents", handed, *at)
    assert by_number.code == 0
    stranger = passport("audit", "--log", "0x" + "00" * 32, "--documents", handed, *at)
    assert (stranger.code, "no such log" in stranger.err) == (3, True)
    nowhere = passport("audit", "--log", logs.issuer_id(), "--documents", handed / "nowhere", *at)
    assert (nowhere.code, "not a folder" in nowhere.err) == (1, True)


def _entity(logs: Logs) -> str:
    party = json.loads((logs.maker / "workspace.json").read_text("utf-8"))["party"]
    return f"{party['scheme']}:{party['identifier']}"


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "x", "--log", "y", "--documents", "z"),
        ("audit", "--log", "y"),
        ("audit", "x", "--documents", "z"),
    ],
)
def test_one_question_at_a_time(passport: Passport, arguments: tuple[str, ...]) -> None:
    done = passport(*arguments)
    assert (done.code, "Missing argument or option" in done.err) == (2, True)


def test_demands_that_contradict(logs: Logs, passport: Passport) -> None:
    done = passport("audit", logs.world.folder / "top.bundle", *logs.world.trust, "--strict", "--accept-witnessed")
    assert (done.code, "witnesses show none of them" in done.err) == (2, True)
    done = passport("audit", logs.world.folder / "top.bundle", *logs.world.trust, "--witnessed", logs.exported)
    assert (done.code, "names no witnesses" in done.err) == (2, True)
