"""The commands one by one, over a copy of the demonstration's world and over a small world of their own."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from cli_runs import ROOT, Copied, DemoRun, Done, Passport

from cli.demo.world import PHRASE_FILE
from cli.output import plain
from passport.credentials import read_secured
from passport.model.schema import KINDS, load_schema

PHRASE = "nobody-else-knows-this-phrase"


@pytest.fixture
def phrase(tmp_path: Path) -> str:
    """Where the passphrase of a test's own workspaces comes from."""
    path = tmp_path / "phrase.txt"
    path.write_text(PHRASE + "\n")
    path.chmod(0o600)
    return f"file:{path}"


def only_json(done: Done) -> None:
    """One JSON document and nothing else on stdout."""
    assert done.out.endswith("}\n")
    assert json.loads(done.out)["schema_version"] == "1.0"


def test_from_nothing_to_an_audited_passport(passport: Passport, tmp_path: Path, phrase: str) -> None:
    """The whole way by commands alone, each as JSON; no output ever holds the passphrase or a private key."""
    register, acme, auditor = (tmp_path / name for name in ("register", "acme", "auditor"))
    chain = tmp_path / "chain"
    keyed = ("--passphrase", phrase, "--json")
    outputs: list[Done] = []

    def run(*arguments: object) -> Done:
        done = passport(*arguments)
        assert done.code == 0, done.err
        only_json(done)
        outputs.append(done)
        return done

    tried = run("init", "--workspace", register, "--new-chain", chain, "--dry-run", *keyed).json
    assert [cost["what"] for cost in tried["costs"]] == ["deploy IssuerRegistry", "deploy PassportLog"]
    assert all(cost["gas"] > 500_000 and cost["fee_wei"] == 0 for cost in tried["costs"])
    assert not register.exists()
    assert not chain.exists()
    entity = ("--scheme", "LEI", "--identifier", "999900NORTHQUA000161", "--name", "Register", "--country", "NL")
    run("init", "--workspace", register, *entity, "--host", "register.example", "--new-chain", chain, *keyed)
    party = tmp_path / "acme.yaml"
    party.write_text("{scheme: GLN, identifier: '9520003000001', name: Green Mesa, names: {zh: 绿台}, country: US}")
    made = run(
        "init", "--workspace", acme, "--party", party, "--host", "acme.example", "--chain", chain / "chain.json", *keyed
    ).json
    assert made["did"] == "did:web:acme.example"
    request = acme / "registration.json"
    tried = run("registry", "register", request, "--workspace", register, "--dry-run", *keyed).json
    assert tried["dry_run"] is True
    assert tried["costs"][0]["what"] == "register Green Mesa"
    assert 80_000 < tried["costs"][0]["gas"] < 200_000
    run("registry", "register", request, "--workspace", register, *keyed)
    tried = run("registry", "bind-key", "--workspace", acme, "--dry-run", *keyed).json
    assert [cost["what"] for cost in tried["costs"]] == ["bind the anchoring account", "bind the credential key"]
    run("registry", "bind-key", "--workspace", acme, *keyed)
    tried = run("registry", "bind-key", "--workspace", acme, "--dry-run", *keyed).json
    assert tried["costs"] == []

    inventory = ROOT / "fixtures" / "battery" / "inventories" / "green-mesa-soda" / "soda-ash.yaml"
    issued = run("issue", inventory, "--workspace", acme, *keyed).json
    assert len(issued["passports"]) == 1
    assert issued["issued_before"] == []
    first = issued["passports"][0]
    assert first["total"] == "685.15383136"
    assert (first["unit"], first["per"], first["withheld"]) == ("kg CO2e", "1000 kilogram", False)
    again = run("issue", inventory, "--workspace", acme, *keyed).json
    assert again["passports"] == []
    assert again["issued_before"] == [{"id": first["id"], "name": first["name"]}]

    tried = run("anchor", "--workspace", acme, "--dry-run", *keyed).json
    assert [cost["what"] for cost in tried["costs"]] == ["commit checkpoint 1"]
    anchored = run("anchor", "--workspace", acme, *keyed).json
    assert [(c["seq"], c["size"], c["state"]) for c in anchored["checkpoints"]] == [(1, 256, "final")]
    assert run("anchor", "--workspace", acme, *keyed).json["checkpoints"] == []
    run("publish", "--workspace", acme, "--json")

    run("init", "--auditor", "--workspace", auditor, "--chain", chain / "chain.json", "--json")
    received = run("import", acme / "public", "--workspace", auditor, "--json").json["received"]
    assert [(r["source"], r["passports"], r["statements"], r["refused"]) for r in received] == [
        ("did:web:acme.example", 1, 1, [])
    ]
    trust = tmp_path / "trust.json"
    run("trust", "-o", trust, "--workspace", register, "--json")
    audit = passport("audit", first["id"], "--workspace", auditor, "--trust", trust, "--json")
    assert (audit.code, audit.json["verdict"]) == (0, "passed")
    untrusting = passport("audit", first["digest"], "--workspace", auditor, "--json")
    assert (untrusting.code, untrusting.json["verdict"]) == (3, "undecided")

    before = run("keys", "list", "--workspace", acme, "--json").json["keys"]
    assert [(k["role"], k["registry"]) for k in before] == [
        ("anchoring", "bound"),
        ("controller", "controller"),
        ("credential", "bound"),
    ]
    tried = run("keys", "rotate", "credential", "--workspace", acme, "--dry-run", *keyed).json
    assert len(tried["costs"]) == 2
    assert run("keys", "list", "--workspace", acme, "--json").json["keys"] == before
    for role in ("credential", "anchoring"):
        rotated = run("keys", "rotate", role, "--workspace", acme, *keyed).json["keys"]
        assert [(k["number"], k["state"], k["registry"]) for k in rotated] == [
            (1, "retired", "retired"),
            (2, "active", "bound"),
        ]
    held = passport("audit", first["id"], "--workspace", auditor, "--trust", trust, "--json")
    assert held.code == 0, "what the old keys signed and anchored stays good"

    backup = tmp_path / "backup.json"
    both = ("--backup-passphrase", phrase)
    assert run("keys", "backup", backup, "--workspace", acme, *both, "--json").json["keys"] == 5
    lost = {path.name: path.read_bytes() for path in (acme / "keys").iterdir()}
    for path in (acme / "keys").iterdir():
        path.unlink()
    run("keys", "restore", backup, "--workspace", acme, *both, *keyed)
    assert {path.name: path.read_bytes() for path in (acme / "keys").iterdir()} == lost

    printed = "".join(done.out + done.err for done in outputs)
    assert PHRASE not in printed
    assert "PRIVATE KEY" not in printed
    for pem in (acme / "keys").glob("*.pem"):
        body = pem.read_text("ascii").splitlines()[1]
        assert body not in printed


def test_show_raw_is_exactly_what_was_signed(world: Copied, passport: Passport) -> None:
    auditor = world.folder / "auditor"
    command = [sys.executable, "-m", "cli.main", "show", world.top, "--raw", "--workspace", str(auditor)]
    raw = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    with_store = subprocess.run(
        [sys.executable, "-c", _STORED, str(auditor), world.top], cwd=ROOT, capture_output=True, check=True
    ).stdout
    assert raw == with_store
    secured = read_secured(raw, canonical=True)
    assert secured.document["id"] == world.top


_STORED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from passport.store import DocumentKind, Store
store = Store.open(Path(sys.argv[1]) / "passport.db", clock=lambda: datetime.now(UTC))
ref = store.find_documents(DocumentKind.PASSPORT, document_id=sys.argv[2])[0]
sys.stdout.buffer.write(store.get_document(DocumentKind.PASSPORT, ref.digest))
"""


def test_show_as_a_page_and_as_json(demo_run: DemoRun, passport: Passport) -> None:
    top, auditor = demo_run.document["top"], demo_run.folder / "auditor"
    page = passport("show", top, "--workspace", auditor)
    assert page.code == 0
    assert "As stated by its issuer; nothing here has been checked." in page.out
    assert "5600 kg CO2e per 1 piece, cradle to gate" in page.out
    assert "威悉弯" in page.out or "动力电池包" in page.out
    document = passport("show", top, "--workspace", auditor, "--json")
    only_json(document)
    assert document.json["passport"]["id"] == top
    by_product = passport(
        "show", document.json["passport"]["credentialSubject"]["id"], "--workspace", auditor, "--json"
    )
    assert by_product.json["digest"] == document.json["digest"]


def test_verify_one_file(demo_run: DemoRun, passport: Passport, tmp_path: Path) -> None:
    """One passport with everything at hand passes; a changed byte fails; without the log it is undecided."""
    auditor = demo_run.folder / "auditor"
    signed = sorted((demo_run.folder / "green-mesa-soda" / "public" / "passports").glob("*.signed.json"))[0]
    good = passport("verify", signed, "--workspace", auditor, "--json")
    assert (good.code, good.json["totals"]["nodes"]) == (0, 1)
    changed = tmp_path / "changed.json"
    changed.write_bytes(signed.read_bytes().replace(b'"name":"Natural soda ash', b'"name":"Natural soda asj'))
    bad = passport("verify", changed, "--workspace", auditor, "--json")
    assert bad.code == 1
    outcomes = {c["id"]: c["outcome"] for c in bad.json["nodes"][0]["checks"]}
    assert (outcomes["signature"], outcomes["inclusion"]) == ("failed", "failed")
    empty = tmp_path / "empty"
    chain = demo_run.folder / "chain" / "chain.json"
    assert passport("init", "--auditor", "--workspace", empty, "--chain", chain).code == 0
    trust = demo_run.folder / "trust.json"
    alone = passport("verify", signed, "--workspace", empty, "--trust", trust, "--json")
    assert (alone.code, alone.json["verdict"]) == (3, "undecided")
    assert {c["id"] for c in alone.json["nodes"][0]["checks"] if c["outcome"] == "unknown"} >= {
        "signature",
        "arithmetic",
    }


def test_verify_reads_a_real_tree_only_at_the_top(demo_run: DemoRun, passport: Passport) -> None:
    auditor = demo_run.folder / "auditor"
    folder = demo_run.folder / "weserbogen-traktion" / "public" / "passports"
    signed = folder / f"{demo_run.document['top'].rsplit('/', 1)[-1]}.signed.json"
    done = passport("verify", signed, "--workspace", auditor, "--json")
    assert (done.code, done.json["verdict"], done.json["totals"]["nodes"]) == (0, "passed", 1)


def test_bundle_and_import_of_a_bundle(world: Copied, passport: Passport, tmp_path: Path) -> None:
    bundle = tmp_path / "cell.bundle"
    auditor = ("--workspace", world.folder / "auditor")
    cell = "https://id.jiangnan-cells.example/01/09520002000019/10/L2025-11"
    made = passport("bundle", cell, "-o", bundle, *auditor, "--json")
    assert made.code == 0
    only_json(made)
    assert made.json["verdict"] == "passed"
    assert made.json["bytes"] == bundle.stat().st_size
    audited = passport("audit", bundle, *world.trust, "--json")
    assert (audited.code, audited.json["top"]) == (0, made.json["top"])
    empty = tmp_path / "empty"
    passport("init", "--auditor", "--workspace", empty, "--chain", world.folder / "chain" / "chain.json")
    taken = passport("import", bundle, "--workspace", empty, "--json").json["received"][0]
    assert (taken["passports"], taken["refused"]) == (audited.json["totals"]["passports"], [])
    assert passport("show", made.json["top"], "--workspace", empty, "--json").code == 0
    without_log = passport("audit", made.json["top"], "--workspace", empty, *world.trust, "--json")
    assert without_log.code == 3, "a bundle's proofs stay in it: the documents alone prove no place in a log"


def test_a_bundle_without_trust_is_refused(world: Copied, passport: Passport, tmp_path: Path) -> None:
    done = passport("bundle", world.top, "-o", tmp_path / "x", *world.at("weserbogen-traktion")[:2])
    assert done.code == 2
    assert "no trust file names one" in done.err


@pytest.mark.parametrize("at", [0, 300, -2])
def test_a_changed_bundle_is_refused(demo_run: DemoRun, passport: Passport, tmp_path: Path, at: int) -> None:
    data = bytearray((demo_run.folder / "top.bundle").read_bytes())
    data[at] ^= 1
    broken = tmp_path / "broken.bundle"
    broken.write_bytes(data)
    done = passport("audit", broken, "--trust", demo_run.folder / "trust.json")
    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith("error: ")


def test_audit_of_the_past(demo_run: DemoRun, passport: Passport) -> None:
    """Before the top passport was anchored it was in no log; before the chain began nothing can be judged."""
    auditor = ("--workspace", demo_run.folder / "auditor")
    top = demo_run.document["top"]
    now = passport("audit", top, *auditor, "--json").json
    block_time = now["as_of"]["block_time"]
    held = passport("audit", top, *auditor, "--at", block_time, "--json")
    assert held.code == 0
    assert held.json["as_of"]["block"] == now["as_of"]["block"]
    second_before = block_time[:-3] + f"{int(block_time[-3:-1]) - 1:02}Z" if block_time[-3:] != "00Z" else None
    if second_before:
        early = passport("audit", top, *auditor, "--at", second_before, "--json")
        assert early.code == 1
        assert early.json["as_of"]["block"] < now["as_of"]["block"]
        checks = {check["id"]: check["reason"] for check in early.json["nodes"][0]["checks"]}
        assert checks["inclusion"] == "not anchored: the issuer's log does not reach that index"
    never = passport("audit", top, *auditor, "--at", "1999-01-01T00:00:00Z")
    assert (never.code, never.out) == (2, "")
    assert "the chain began after that moment" in never.err
    assert passport("audit", top, *auditor, "--at", "yesterday").code == 2


def test_a_stale_chain_is_unknown(demo_run: DemoRun, passport: Passport) -> None:
    auditor = ("--workspace", demo_run.folder / "auditor")
    arguments = ("audit", demo_run.document["top"], *auditor, "--at", "2027-06-01T00:00:00Z", "--json")
    stale = passport(*arguments)
    assert (stale.code, stale.json["verdict"]) == (3, "undecided")
    status = next(c for c in stale.json["nodes"][0]["checks"] if c["id"] == "status")
    assert (status["outcome"], status["reason"]) == ("unknown", "the state is too old")
    assert passport(*arguments, "--max-status-age", "400").code == 0


def test_the_page_of_an_audit(demo_run: DemoRun, passport: Passport) -> None:
    """Verdict, coverage and block come first; the verdict is repeated last; piped there is no colour and no bar."""
    done = passport("audit", demo_run.document["top"], "--workspace", demo_run.folder / "auditor")
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    lines = done.out.splitlines()
    assert lines[0] == "PASSED  Traction battery pack WT-60, 60 kWh"
    assert lines[1] == "5600 kg CO2e per piece, cradle to gate, excluding biogenic uptake"
    assert lines[3] == "statements withheld: 1; their totals are signed and anchored, but could not be re-done"
    assert lines[4].startswith("coverage  recomputed 96.3 %, withheld 2.1 %, imported 0.0 %, unanswered 1.6 %")
    assert lines[5].startswith("as of     block ")
    assert lines[-1].startswith("PASSED  ")
    assert done.out.count("NCM811 prismatic cell 58 Ah") == 1
    shipping = [line for line in lines if "Container shipping, fleet average" in line]
    assert len(shipping) > 2
    assert sum("kg CO2e per ton kilometer" in line for line in shipping) == 1
    assert all("(shown above)" in line for line in shipping[1:])


def test_colour_only_where_it_is_wanted(demo_run: DemoRun, passport: Passport, monkeypatch: pytest.MonkeyPatch) -> None:
    """FORCE_COLOR stands for a terminal here; NO_COLOR leaves no colour, and the words say all there is to say."""
    colour = re.compile(r"\x1b\[(?:[0-9;]*;)?3[0-9]m")
    arguments = ("audit", demo_run.document["top"], "--workspace", demo_run.folder / "auditor")
    piped = passport(*arguments).out
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = passport(*arguments).out
    assert colour.search(coloured)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colour.search(passport(*arguments).out)
    words = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in words.splitlines()] == piped.splitlines()


def test_an_audit_in_chinese(demo_run: DemoRun, passport: Passport) -> None:
    """People read Chinese; JSON stays as it is."""
    arguments = ("audit", demo_run.document["top"], "--workspace", demo_run.folder / "auditor")
    page = passport(*arguments, "--lang", "zh")
    assert page.out.startswith("通过  Traction battery pack")
    assert "覆盖率" in page.out
    assert "计算" in page.out
    assert passport(*arguments, "--lang", "zh", "--json").out == passport(*arguments, "--json").out


def test_exactly_the_report_is_printed(demo_run: DemoRun, passport: Passport) -> None:
    document = passport("audit", demo_run.document["top"], "--workspace", demo_run.folder / "auditor", "--json").json
    assert {"verdict", "as_of", "coverage", "nodes", "responsibility", "totals"} <= set(document)
    assert document["schema_version"] == "1.0"
    node = document["nodes"][0]
    assert {"id", "subject", "issuer", "checks", "notes"} <= set(node)
    assert set(node["checks"][0]) >= {"id", "outcome", "expected", "found"}


def test_key_listing_shows_no_secrets(demo_run: DemoRun, passport: Passport) -> None:
    folder = demo_run.folder / "jiangnan-cells"
    for options in ((), ("--json",), ("--verbose",)):
        done = passport("keys", "list", "--workspace", folder, *options)
        assert done.code == 0
        printed = done.out + done.err
        assert (folder / PHRASE_FILE).read_text("utf-8").strip() not in printed
        assert "PRIVATE" not in printed
        for pem in (folder / "keys").glob("*.pem"):
            assert not any(line in printed for line in pem.read_text("ascii").splitlines()[1:-1])


def test_verbose_says_which_setting_won(
    demo_run: DemoRun, passport: Passport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PASSPORT_WORKSPACE", str(demo_run.folder / "registrar"))
    by_environment = passport("keys", "list", "--verbose", "--json")
    assert f"setting workspace = {demo_run.folder / 'registrar'} (environment)" in by_environment.err
    chosen = passport("keys", "list", "--verbose", "--json", "--workspace", demo_run.folder / "jiangnan-cells")
    assert f"setting workspace = {demo_run.folder / 'jiangnan-cells'} (option)" in chosen.err
    assert by_environment.json["keys"] != chosen.json["keys"]
    monkeypatch.delenv("PASSPORT_WORKSPACE")
    monkeypatch.chdir(demo_run.folder / "registrar")
    assert "setting workspace = . (default)" in passport("keys", "list", "--verbose", "--json").err


def test_a_passphrase_given_by_mistake_is_not_repeated(world: Copied, passport: Passport) -> None:
    done = passport(
        "anchor", "--workspace", world.folder / "jiangnan-cells", "--passphrase", "hunter2-or-so", "--verbose"
    )
    assert done.code == 2
    assert "hunter2" not in done.out + done.err
    assert "not a source of passphrases; expected prompt:, file:PATH or keyring:SERVICE/USERNAME" in done.err


def test_schemas(passport: Passport) -> None:
    listed = passport("schema", "--json").json["schemas"]
    assert {entry["name"] for entry in listed} == set(KINDS)
    for entry in listed:
        for name in filter(None, (entry["name"], entry["alias"])):
            assert json.loads(passport("schema", name).out) == load_schema(entry["name"])
    done = passport("schema", "nonsense")
    assert (done.code, done.out) == (2, "")
    assert "no schema of that name" in done.err


def test_trust_to_stdout_is_a_trust_file(demo_run: DemoRun, passport: Passport) -> None:
    done = passport("trust", "-o", "-", "--workspace", demo_run.folder / "registrar")
    assert json.loads(done.out)["format"] == "carbon-passport/trust/1.0"
    assert "this trusts what the chain file of this workspace says" in done.err
    assert json.loads(done.out)["chains"] == json.loads((demo_run.folder / "trust.json").read_text("utf-8"))["chains"]


def test_serve_answers_and_ends_when_told(demo_run: DemoRun) -> None:
    """Over loopback, on a free port; Ctrl-C ends it in order."""
    command = [sys.executable, "-m", "cli.main", "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--workspace", str(demo_run.folder / "auditor")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        url = process.stderr.readline().strip()
        assert url.endswith("/docs")
        with urllib.request.urlopen(url.removesuffix("/docs") + "/health/ready", timeout=30) as answer:  # noqa: S310
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode in (0, 130)
        assert out == ""
        assert "Traceback" not in err


def test_serve_without_a_workspace(passport: Passport, tmp_path: Path) -> None:
    done = passport("serve", "--workspace", tmp_path, "--port", "0")
    assert (done.code, done.out) == (2, "")
    assert "no workspace here" in done.err


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("steel\x1b[31m", "steel\ufffd[31m"),
        ("a\u202eb", "a\ufffdb"),
        ("line\nbreak", "line\ufffdbreak"),
        ("威悉弯动力电池", "威悉弯动力电池"),
    ],
)
def test_strangers_texts_are_harmless(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_reader_that_goes_away_is_no_error(demo_run: DemoRun) -> None:
    command = [sys.executable, "-m", "cli.main", "audit", demo_run.document["top"], "--json"]
    with subprocess.Popen(
        [*command, "--workspace", str(demo_run.folder / "auditor")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


def test_workspaces_keep_their_secrets_to_their_owner(demo_run: DemoRun) -> None:
    for path in (demo_run.folder / "jiangnan-cells" / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((demo_run.folder / "jiangnan-cells" / "passport.db").stat().st_mode) == 0o600


def test_ctrl_c_is_130(passport: Passport, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("passport.model.schema.load_schema", interrupted)
    done = passport("schema", "inventory")
    assert (done.code, done.out) == (130, "")
    assert done.err == "interrupted; what was stored stays, and the same command may be run again\n"


def test_a_mistyped_identifier_makes_nothing(passport: Passport, tmp_path: Path, phrase: str) -> None:
    party = ("--name", "A", "--scheme", "LEI", "--identifier", "999900NORTHQUA000162", "--country", "NL")
    place = tmp_path / "a"
    done = passport("init", "--workspace", place, *party, "--host", "a.example", "--passphrase", phrase)
    assert (done.code, done.out) == (2, "")
    assert "fails its check digits" in done.err
    assert not place.exists()
