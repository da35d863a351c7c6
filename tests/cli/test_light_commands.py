"""No command that needs no chain loads what only a chain needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from cli_runs import ROOT, DemoRun

CHAIN_PACKAGES = ("eth", "eth_account", "eth_keys", "eth_abi", "web3", "pyrevm", "passport.ledger.evm")
REPORT = (
    "import atexit, sys\n"
    f"atexit.register(lambda: print('loaded:', [name for name in {CHAIN_PACKAGES} if name in sys.modules]))\n"
    "from cli.main import run\nrun()"
)


@pytest.mark.parametrize("command", ["help", "audit a bundle", "verify a file"])
def test_nothing_of_a_chain_is_loaded(command: str, demo_run: DemoRun, now: object) -> None:
    bundle = str(demo_run.folder / "top.bundle")
    trust = ("--trust", str(demo_run.folder / "trust.json"))
    passport = next((demo_run.folder / "weserbogen-traktion" / "public" / "passports").glob("*.signed.json"))
    arguments = {
        "help": ["--help"],
        "audit a bundle": ["audit", bundle, *trust, "--json"],
        "verify a file": ["verify", str(passport), "--json"],
    }[command]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", REPORT, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    *printed, loaded = done.stdout.splitlines()
    assert loaded == "loaded: []"
    if "--json" in arguments:
        (document,) = printed
        assert "error" not in json.loads(document), document
        assert len(json.loads(document)["nodes"]) > 0
