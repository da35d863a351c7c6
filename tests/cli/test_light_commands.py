"""No command that needs no chain loads what only a chain needs, and none loads what nobody asked it for."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from cli_runs import ROOT, DemoRun

HEAVY = (
    *("eth", "eth_account", "eth_keys", "eth_abi", "eth_utils", "rlp", "web3", "pyrevm", "passport.ledger.evm"),
    *("sqlalchemy", "alembic", "passport.store", "passport.workspace.workspace", "passport.issuer"),
    *("http", "ssl", "asyncio", "passport.credentials.web_resolver", "passport.ledger.rpc"),
    *("rich", "yaml", "numpy", "passport.ledger_footprint.estimating", "passport.credentials.keys"),
)
"""Chains, the database, the network, pages for people, and what makes what a verifier only reads."""

MODELS = ("pydantic", "pydantic_core", "jsonschema_rs", "cryptography", "nacl", "verifier")
"""What documents are judged with; help judges none."""

REPORT = (
    "import atexit, sys\n"
    "watched = sys.argv.pop(1).split()\n"
    "atexit.register(lambda: print('loaded:', [name for name in watched if name in sys.modules]))\n"
    "from cli.main import run\nrun()"
)


@pytest.mark.parametrize("command", ["help", "audit a bundle", "verify a file", "verify with a trust file"])
def test_nothing_is_loaded_that_is_not_needed(command: str, demo_run: DemoRun, now: object) -> None:
    bundle = str(demo_run.folder / "top.bundle")
    trust = ("--trust", str(demo_run.folder / "trust.json"))
    passport = next((demo_run.folder / "weserbogen-traktion" / "public" / "passports").glob("*.signed.json"))
    arguments = {
        "help": ["--help"],
        "audit a bundle": ["audit", bundle, *trust, "--json"],
        "verify a file": ["verify", str(passport), "--json"],
        "verify with a trust file": ["verify", str(passport), *trust, "--json"],
    }[command]
    watched = ("typer", *HEAVY, *(MODELS if command == "help" else ()))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", REPORT, " ".join(watched), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    *printed, loaded = done.stdout.splitlines()
    assert loaded == "loaded: ['typer']"
    if "--json" in arguments:
        (document,) = printed
        assert "error" not in json.loads(document), document
        assert len(json.loads(document)["nodes"]) > 0
