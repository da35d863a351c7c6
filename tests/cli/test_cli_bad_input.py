"""What people and circumstances do to the command line: each gets a clear error, and nothing stored is lost."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cli_runs import ROOT, Copied, DemoRun, Passport, command_at

from cli.demo.world import DemoWorkspace
from passport.credentials import read_secured
from passport.errors import LedgerUnavailableError
from passport.ledger import EmbeddedChain, StatusKind
from passport.model.facts import passport_facts
from passport.store import DocumentKind

MODULE = "https://id.weserbogen-traktion.example/01/09520001000010"
PACK = "https://id.weserbogen-traktion.example/01/09520001000027"
SODA = "https://id.green-mesa-soda.example/01/09520012000016/10/SA2025"
CARBONATE = "https://id.salar-brillante.example/01/09520011000024/10/LC2025"


def stored(world: Copied, key: str) -> set[str]:
    """Every own passport of a company."""
    with DemoWorkspace.open(world.folder / key, clock=lambda: datetime.now(UTC)) as workspace:
        return {ref.digest for ref in workspace.store.find_documents(DocumentKind.PASSPORT, own=True)}


def issue(passport: Passport, world: Copied, key: str, path: Path, **options: Any) -> Any:
    """Issue a file or folder as one of the companies."""
    return passport("issue", path, *world.at(key), *world.trust, **options)


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_missing_inventory_is_out_of_reach(world: Copied, passport: Passport, tmp_path: Path) -> None:
    done = issue(passport, world, "green-mesa-soda", tmp_path / "nothing.yaml")
    assert (done.code, done.out) == (3, "")
    assert done.err.splitlines()[0] == (
        f"error: {tmp_path / 'nothing.yaml'}: cannot be read; expected an inventory file; "
        "found No such file or directory"
    )


def test_a_truncated_inventory(world: Copied, passport: Passport, tmp_path: Path) -> None:
    path = tmp_path / "cut.yaml"
    path.write_text(world.inventory("green-mesa-soda", "soda-ash")[:900], "utf-8")
    before = stored(world, "green-mesa-soda")
    done = issue(passport, world, "green-mesa-soda", path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {path}:")
    assert "a required field is missing" in done.err
    assert any(line.startswith("hint: add `") for line in done.err.splitlines())
    assert "Traceback" not in done.err
    assert stored(world, "green-mesa-soda") == before


def test_an_unknown_unit_is_named_with_its_line(world: Copied, passport: Passport, tmp_path: Path) -> None:
    path = tmp_path / "unit.yaml"
    text = world.inventory("weserbogen-traktion", "battery-module").replace(
        "unit: piece\n    product", "unit: stone\n    product"
    )
    assert "unit: stone" in text
    path.write_text(text, "utf-8")
    line = text.splitlines().index("    unit: stone") + 1
    done = issue(passport, world, "weserbogen-traktion", path)
    assert done.code == 1
    assert f"{path}:{line}: inputs[0].unit" in done.err
    assert "stone" in done.err


def test_every_problem_of_every_file_is_told(world: Copied, passport: Passport, tmp_path: Path) -> None:
    folder = tmp_path / "drafts"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.yaml").write_text("format: carbon-passport/inventory/1.0\n")
    done = issue(passport, world, "green-mesa-soda", folder)
    assert done.code == 1
    for number in (1, 2):
        assert f"error: {folder / f'{number}.yaml'}:1: product: a required field is missing" in done.err


def test_a_cycle_is_refused_and_named(world: Copied, passport: Passport, tmp_path: Path) -> None:
    soda = world.inventory("green-mesa-soda", "soda-ash")
    entry = """
  - id: loop
    kind: passport
    name: Its own product, over another
    stage: rawMaterialAcquisition
    known: measured
    quantity: 1
    unit: kilogram
    product: PRODUCT
"""
    other = soda.replace(SODA, "https://id.green-mesa-soda.example/01/other")
    folder = tmp_path / "loop"
    folder.mkdir()
    (folder / "a.yaml").write_text(
        soda.rstrip() + entry.replace("PRODUCT", "https://id.green-mesa-soda.example/01/other")
    )
    (folder / "b.yaml").write_text(other.rstrip() + entry.replace("PRODUCT", SODA))
    done = issue(passport, world, "green-mesa-soda", folder)
    assert (done.code, done.out) == (1, "")
    assert "passports cannot build on each other in a circle" in done.err
    assert f"{SODA} -> https://id.green-mesa-soda.example/01/other -> {SODA}" in done.err


def test_stdin_is_an_inventory_too(world: Copied) -> None:
    text = world.inventory("green-mesa-soda", "soda-ash").replace("/10/SA2025", "/10/SA2025B")
    command = [sys.executable, "-m", "cli.main", "issue", "-", *world.at("green-mesa-soda"), "--json"]
    done = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["passports"][0]["name"] == "Natural soda ash, dense"


# --- upstream --------------------------------------------------------------------------------------------------------


def again(text: str, passport_id: str) -> str:
    """An inventory that replaces a passport."""
    return f"predecessor: {passport_id}\n{text}"


def own_id(world: Copied, key: str, product: str) -> str:
    with DemoWorkspace.open(world.folder / key, clock=lambda: datetime.now(UTC)) as workspace:
        return workspace.store.find_documents(DocumentKind.PASSPORT, subject_id=product, own=True)[-1].document_id


def test_a_missing_upstream_passport(world: Copied, passport: Passport, tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_text(
        world.inventory("weserbogen-traktion", "traction-pack").replace(MODULE, "https://id.nobody.example/01/1")
    )
    done = issue(passport, world, "weserbogen-traktion", path)
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        "error: input modules: the upstream passport is not in the store; found https://id.nobody.example/01/1",
        "hint: receive it from the supplier first: `passport import`",
    ]


def test_an_upstream_passport_that_nobody_trusts(world: Copied, passport: Passport, tmp_path: Path) -> None:
    """Without a trust file nothing of others is built on."""
    path = tmp_path / "carbonate.yaml"
    carbonate = world.inventory("salar-brillante", "lithium-carbonate")
    path.write_text(again(carbonate, own_id(world, "salar-brillante", CARBONATE)))
    done = passport("issue", path, *world.at("salar-brillante"))
    assert (done.code, done.out) == (1, "")
    assert "without a trust file nobody's passport can be judged" in done.err
    assert "hint: name one with --trust" in done.err


def test_a_revoked_upstream_passport(world: Copied, passport: Passport, tmp_path: Path) -> None:
    with DemoWorkspace.open(world.folder / "green-mesa-soda", clock=lambda: datetime.now(UTC)) as supplier:
        ref = supplier.store.find_documents(DocumentKind.PASSPORT, own=True)[0]
        secured = read_secured(supplier.store.get_document(DocumentKind.PASSPORT, ref.digest), canonical=True)
        place = passport_facts(secured.document, secured.doc_hash).place
        supplier.set_status(supplier.passphrase, index=place.leaf_index, kind=StatusKind.REVOKED)
    path = tmp_path / "carbonate.yaml"
    carbonate = world.inventory("salar-brillante", "lithium-carbonate")
    path.write_text(again(carbonate, own_id(world, "salar-brillante", CARBONATE)))
    before = stored(world, "salar-brillante")
    done = issue(passport, world, "salar-brillante", path)
    assert (done.code, done.out) == (1, "")
    assert "the upstream passport's audit is failed" in done.err
    assert "status failed: revoked" in done.err
    assert stored(world, "salar-brillante") == before
    audit = passport("audit", world.top, "--workspace", world.folder / "auditor", "--json")
    assert audit.code == 1
    failed = [(n["id"], c["id"]) for n in audit.json["nodes"] for c in n["checks"] if c["outcome"] == "failed"]
    assert failed == [(ref.document_id, "status")]


def test_an_expired_upstream_passport(world: Copied, passport: Passport, tmp_path: Path) -> None:
    """Valid for three years after its period: until 2029; a buyer of 2029 must ask for a newer one."""
    path = tmp_path / "carbonate.yaml"
    text = again(world.inventory("salar-brillante", "lithium-carbonate"), own_id(world, "salar-brillante", CARBONATE))
    text = text.replace("'2025-01-01T00:00:00Z'", "'2028-01-01T00:00:00Z'")
    text = text.replace("'2026-01-01T00:00:00Z'", "'2029-01-01T00:00:00Z'")
    path.write_text(text)
    done = issue(passport, world, "salar-brillante", path, at=datetime(2029, 6, 1, tzinfo=UTC))
    assert (done.code, done.out) == (1, "")
    assert "the upstream passport has expired" in done.err
    assert "hint: ask the supplier for a new one" in done.err


def test_a_passport_of_untp_0_6_is_taken_in_second_hand(world: Copied, passport: Passport, shared: Path) -> None:
    """UN/CEFACT's plain sample: its one figure, what it leaves unknown, and nobody who signed."""
    sample = shared / "standards/untp/0.6.1/samples/untp-dpp-instance.json"
    auditor = ("--workspace", world.folder / "auditor")
    (found,) = passport("import", "untp", sample, *auditor, "--json").json["imported"]
    assert (found["name"], found["total"], found["per"]) == ("EV battery 300Ah.", "1.8", "kilogram")
    assert (found["signature"], found["signature_reason"], found["answered"]) == (
        "unknown",
        "nobody signed it",
        "second_hand",
    )
    assert "massPerDeclaredUnit" in found["unknown"]
    page = passport("import", "untp", sample, *auditor)
    assert (page.code, "1.8 kg CO2e per kilogram" in page.out) == (0, True)
    assert "who signed stays open: nobody signed it" in page.out.replace("\n", " ")
    nothing = passport("import", "untp", *auditor)
    assert (nothing.code, "no file named" in nothing.err) == (2, True)


def test_an_upstream_that_nobody_signed(world: Copied, passport: Passport, shared: Path) -> None:
    """A PACT footprint is built on only by whoever says so, and an audit never takes it for a passport."""
    sample = shared / "standards" / "pact" / "samples" / "electronics_sample.json"
    phone = ROOT / "docs" / "example" / "phone.yaml"
    maker = world.at("green-mesa-soda")
    imported = passport("import", "pact", sample, *maker[:2], "--json").json["imported"]
    assert len(imported) == 30
    refused = passport("issue", phone, *maker, *world.trust)
    assert (refused.code, refused.out) == (1, "")
    assert "an imported footprint is signed by nobody" in refused.err
    assert "hint: accept it by name if you will answer for it: `passport issue --accept-imported`" in refused.err
    issued = passport("issue", phone, *maker, *world.trust, "--accept-imported", "--json")
    assert issued.code == 0, issued.err
    phone_id = issued.json["passports"][0]["id"]
    assert passport("anchor", *maker).code == 0
    audit = ("audit", phone_id, *maker[:2], *world.trust, "--json")
    undecided = passport(*audit)
    assert (undecided.code, undecided.json["verdict"]) == (3, "undecided")
    accepted = passport(*audit, "--accept-imported", "--min-recomputed", "0")
    assert (accepted.code, accepted.json["verdict"]) == (0, "passed")
    assert accepted.json["coverage"]["imported"] > 0.9
    kinds = [node["kind"] for node in accepted.json["nodes"]]
    assert (kinds.count("passport"), kinds.count("imported")) == (1, len(kinds) - 1)
    assert passport(*audit, "--accept-imported", "--strict").code == 2


# --- workspaces, keys, chain -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [("anchor",), ("keys", "list"), ("publish",), ("trust", "-o", "x"), ("import", "x"), ("show", "x"), ("issue", "x")],
)
def test_no_workspace(passport: Passport, tmp_path: Path, command: tuple[str, ...]) -> None:
    if command[0] == "issue":
        (tmp_path / "x").mkdir()
        inventory = ROOT / "fixtures" / "battery" / "inventories" / "green-mesa-soda" / "soda-ash.yaml"
        command = ("issue", str(inventory))
    done = passport(*command, "--workspace", tmp_path / "nowhere")
    assert (done.code, done.out) == (2, "")
    assert "no workspace here" in done.err
    assert "hint: name it with --workspace or PASSPORT_WORKSPACE, or make one with `passport init`" in done.err


def test_a_second_workspace_in_one_folder(demo_run: DemoRun, passport: Passport) -> None:
    done = passport("init", "--auditor", "--workspace", demo_run.folder / "auditor")
    assert (done.code, done.out) == (1, "")
    assert "there is a workspace already" in done.err


def test_a_wrong_passphrase(world: Copied, passport: Passport, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("not-this-one\n")
    wrong.chmod(0o600)
    place = world.folder / "green-mesa-soda"
    done = passport("anchor", "--workspace", place, "--passphrase", f"file:{wrong}")
    assert (done.code, done.out) == (2, "")
    assert "passphrase" in done.err
    assert "not-this-one" not in done.err


def test_a_passphrase_file_that_others_may_read(world: Copied, passport: Passport) -> None:
    place = world.folder / "green-mesa-soda"
    for file in place.glob("*passphrase*"):
        file.chmod(0o644)
    done = passport("anchor", *world.at("green-mesa-soda"))
    assert done.code == 2
    assert "others may read or change this file" in done.err
    assert "hint: chmod 600" in done.err


def test_registering_twice(world: Copied, passport: Passport) -> None:
    request = world.folder / "green-mesa-soda" / "registration.json"
    done = passport("registry", "register", request, *world.at("registrar"))
    assert (done.code, done.out) == (1, "")
    assert "IssuerAlreadyRegistered" in done.err or "already" in done.err.lower()
    company = passport("registry", "register", request, *world.at("jiangnan-cells"), "--dry-run")
    assert (company.code, company.out) == (1, "")


def test_an_auditor_cannot_sign(demo_run: DemoRun, passport: Passport, tmp_path: Path) -> None:
    inventory = ROOT / "fixtures" / "battery" / "inventories" / "green-mesa-soda" / "soda-ash.yaml"
    done = passport(
        "issue", inventory, "--workspace", demo_run.folder / "auditor", "--passphrase", f"file:{tmp_path}/x"
    )
    assert (done.code, done.out) == (2, "")
    assert "an auditor's workspace has no keys" in done.err


def test_the_chain_file_is_gone(world: Copied, passport: Passport) -> None:
    for file in (world.folder / "chain").glob("chain.db*"):
        file.rename(file.with_name("moved-" + file.name))
    done = passport("audit", world.top, "--workspace", world.folder / "auditor")
    assert (done.code, done.out) == (3, "")
    assert "there is no chain file" in done.err


def test_another_chain_in_its_place(world: Copied, passport: Passport, now: datetime) -> None:
    path = world.folder / "chain" / "chain.db"
    path.unlink()
    EmbeddedChain.create(path, clock=lambda: now).close()
    done = passport("anchor", *world.at("green-mesa-soda"))
    assert (done.code, done.out) == (3, "")
    assert "another chain than the settings name" in done.err


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process in the middle of a block."""
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")
    finally:
        database.close()


def new_soda(world: Copied, tmp_path: Path, number: int = 1) -> Path:
    """An inventory of a product that was not issued yet."""
    path = tmp_path / f"soda-{number}.yaml"
    path.write_text(world.inventory("green-mesa-soda", "soda-ash").replace("/10/SA2025", f"/10/SA2025-{number}"))
    return path


def test_a_locked_chain_loses_nothing(
    world: Copied, passport: Passport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint stays in the outbox, and the next `anchor` brings it in once."""
    assert issue(passport, world, "green-mesa-soda", new_soda(world, tmp_path)).code == 0
    patient = EmbeddedChain.open

    def impatient(path: Path, **options: Any) -> EmbeddedChain:
        return patient(path, **{**options, "lock_timeout_s": 0.2})

    with monkeypatch.context() as patch, locked(world.folder / "chain" / "chain.db"):
        patch.setattr("passport.ledger.EmbeddedChain.open", impatient)
        done = passport("anchor", *world.at("green-mesa-soda"))
    assert (done.code, done.out) == (3, "")
    assert "the chain file is locked by another process" in done.err
    assert "hint: try again when it has finished" in done.err
    anchored = passport("anchor", *world.at("green-mesa-soda"), "--json")
    assert anchored.code == 0
    assert [(c["seq"], c["size"], c["state"]) for c in anchored.json["checkpoints"]] == [(2, 512, "final")]
    assert passport("anchor", *world.at("green-mesa-soda"), "--json").json["checkpoints"] == []


# Runs the command line in a process that may not let any file grow beyond argv[1] bytes.
SMALL_DISK = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from cli.main import main
sys.exit(main(sys.argv[2:]))
"""


def test_a_full_disk_during_anchor_loses_nothing(world: Copied, passport: Passport, tmp_path: Path) -> None:
    assert issue(passport, world, "green-mesa-soda", new_soda(world, tmp_path)).code == 0
    command = [sys.executable, "-c", SMALL_DISK, "20000", "anchor", *world.at("green-mesa-soda")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (3, "")
    assert "the disk" in done.stderr or "cannot grow" in done.stderr
    assert "Traceback" not in done.stderr
    anchored = passport("anchor", *world.at("green-mesa-soda"), "--json")
    assert anchored.code == 0
    assert [(c["seq"], c["size"], c["state"]) for c in anchored.json["checkpoints"]] == [(2, 512, "final")]
    assert passport("publish", *world.at("green-mesa-soda")[:2]).code == 0


def test_the_chain_refuses_while_commits_are_paused(
    world: Copied, passport: Passport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chain that is out of reach in the middle of anchoring is 3, and anchoring again is enough."""
    assert issue(passport, world, "green-mesa-soda", new_soda(world, tmp_path)).code == 0

    def away(chain: EmbeddedChain, raw: bytes) -> bytes:
        raise LedgerUnavailableError("the chain does not answer", where="node", hint="try later")

    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedChain, "send_raw", away)
        done = passport("anchor", *world.at("green-mesa-soda"))
    assert (done.code, done.err) == (3, "error: node: the chain does not answer\nhint: try later\n")
    assert passport("anchor", *world.at("green-mesa-soda"), "--json").json["checkpoints"][0]["state"] == "final"


def test_an_audit_while_the_chain_is_out_of_reach(
    world: Copied, passport: Passport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is whole: what needs the chain is unknown with the reason, all else is judged; 3, and no error."""

    def away(settings: object, beside: object, *, clock: object) -> object:
        raise LedgerUnavailableError("the node does not answer", where="node")

    monkeypatch.setattr("passport.workspace.workspace.open_chain", away)
    for more in ((), ("--at", "2026-11-22T10:00:00Z")):
        done = passport("audit", world.top, "--workspace", world.folder / "auditor", *world.trust, "--json", *more)
        assert (done.code, done.err) == (3, "")
        report = done.json
        assert report["verdict"] == "undecided"
        checks = {check["id"]: check for check in report["nodes"][0]["checks"]}
        assert (checks["inclusion"]["outcome"], checks["inclusion"]["reason"]) == (
            "unknown",
            "node: the node does not answer",
        )
        assert checks["signature"]["outcome"] == checks["agreement"]["outcome"] == "passed"


# --- at once ---------------------------------------------------------------------------------------------------------


def test_two_processes_issue_at_once(world: Copied, passport: Passport, tmp_path: Path, now: datetime) -> None:
    """Both succeed, no leaf is given twice, and one checkpoint takes in everything."""
    folders = []
    for process in range(2):
        folder = tmp_path / f"batch-{process}"
        folder.mkdir()
        for number in range(3):
            new_soda(world, folder, 10 * process + number)
        folders.append(folder)
    options = (*world.at("green-mesa-soda"), "--json")
    running = [
        subprocess.Popen(
            command_at(now, "issue", folder, *options),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for folder in folders
    ]
    ended = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], ended
    issued = [entry for out, _ in ended for entry in json.loads(out)["passports"]]
    assert len({entry["leaf_index"] for entry in issued}) == 6
    assert len({entry["id"] for entry in issued}) == 6
    anchored = passport("anchor", *world.at("green-mesa-soda"), "--json").json["checkpoints"]
    assert [(c["seq"], c["size"], c["state"]) for c in anchored] == [(2, 512, "final")]
    for entry in issued:
        audit = passport("audit", entry["id"], "--workspace", world.folder / "green-mesa-soda", *world.trust, "--json")
        assert (audit.code, audit.json["verdict"]) == (0, "passed")


def test_a_line_break_in_what_was_found_makes_no_line_of_ours(world: Copied, passport: Passport, shared: Path) -> None:
    """An error is one line, whatever the stranger wrote whose document it is about."""
    said = json.loads((shared / "standards/untp/0.6.1/samples/untp-dpp-instance.json").read_bytes())
    said["credentialSubject"]["granularityLevel"] = "x\n\npassed: all is well"
    file = world.folder / "said.json"
    file.write_text(json.dumps(said), "utf-8")
    done = passport("import", "untp", file, "--workspace", world.folder / "auditor")
    assert done.code != 0
    assert done.err.count("\n") == 1
    assert "no granularity; found x\ufffd\ufffdpassed: all is well" in done.err
