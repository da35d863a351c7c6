"""What the README says of installing: the core judges bundles, and what needs an extra says which one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_blocks import ROOT

from cli.exit_codes import ExitCode
from passport import Sandbox, Workspace, read_inventory
from passport.workspace import Clock
from verifier import Verifier, default_policy, trust_in
from verifier.bundling import make_bundle
from verifier.store_source import StoreSource
from verifier.trust import KnownBlock

# What the extras bring; None in sys.modules is what a package that is not installed looks like to an import.
WITHOUT_EXTRAS = """
import sys
for name in ("eth", "coincurve", "eth_abi", "eth_account", "eth_keys", "fastapi", "starlette", "uvicorn", "keyring"):
    for part in ("", ".abi", ".exceptions", ".datatypes", ".errors"):
        sys.modules[name + part] = None
from cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def passport(*arguments: str, folder: Path) -> tuple[int, str]:
    """Run `passport` where only the core is installed; its exit code and what it said."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-c", WITHOUT_EXTRAS, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def on_a_chain(tmp_path: Path, clock: Clock) -> Path:
    """A workspace on a chain, and in the folder above it a bundle of its one passport with the trust file for it."""
    with Sandbox.create(tmp_path, clock=clock) as sandbox:
        mill = sandbox.company("Mill", host="mill.example", country="FI")
        issuer = mill.issuer(sandbox.passphrase, accept=Verifier.of(mill, None).accept)
        issued = issuer.issue(read_inventory(ROOT / "docs/example/flour.yaml").inventory)
        issuer.anchor()
        head = mill.ledger.final_head()
        trust = trust_in(sandbox.chain, KnownBlock(number=head.number, hash="0x" + head.hash.hex()))
        (tmp_path / "trust.json").write_text(json.dumps(trust.to_json()))
        source, bundle = StoreSource(mill.store, mill.ledger), tmp_path / "flour.bundle"
        make_bundle(
            bundle, source, issued.digest, trust=trust, ledger=mill.ledger, policy=default_policy(), at=head.time
        )
        return mill.folder


def test_the_core_judges_a_bundle(on_a_chain: Path, tmp_path: Path) -> None:
    """Proofs of state are read by the core alone; without a trust file there is nothing to judge them by."""
    judged = ("audit", "flour.bundle", "--at", "2026-11-22T12:00:00Z", "--json")
    code, said = passport(*judged, "--trust", "trust.json", folder=tmp_path)
    assert (code, json.loads(said)["verdict"]) == (ExitCode.DONE, "passed")
    code, said = passport(*judged, folder=tmp_path)
    assert (code, json.loads(said)["verdict"]) == (ExitCode.UNDECIDED, "undecided")


def test_the_core_makes_an_auditors_workspace_and_lists_schemas(tmp_path: Path) -> None:
    """Neither keys nor a chain are needed for that."""
    assert passport("init", "--auditor", "--workspace", "a", folder=tmp_path)[0] == ExitCode.DONE
    assert passport("schema", folder=tmp_path)[0] == ExitCode.DONE


def test_what_needs_an_extra_names_it(on_a_chain: Path, tmp_path: Path) -> None:
    """In one line with a hint, and never as a bug of ours."""
    with Workspace.open(on_a_chain, clock=lambda: pytest.fail("nobody asks for the time")) as workspace:
        assert workspace.has_chain
    (on_a_chain / "secret.txt").write_text("secret\n")
    (on_a_chain / "secret.txt").chmod(0o600)
    at = ("--workspace", str(on_a_chain))
    for arguments, extra in (
        (("trust", "-o", "-", *at), "[chain]"),
        (("keys", "list", *at), "[chain]"),
        (("anchor", *at, "--passphrase", "keyring:mill/keys"), "[chain]"),
        (("keys", "backup", "b.json", *at, "--backup-passphrase", "keyring:mill/backup"), "[keyring]"),
        (("serve", *at), "[api]"),
    ):
        code, said = passport(*arguments, folder=tmp_path)
        assert code in (ExitCode.USAGE, ExitCode.UNDECIDED), said
        assert extra in said.partition("hint:")[2], said
