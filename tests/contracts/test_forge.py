"""Fuzz and invariant tests in Solidity, run by forge over the same sources with the same compiler."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import contracts

CONTRACTS_DIR = Path(contracts.__file__).parent
FORGE = CONTRACTS_DIR / "node_modules" / ".bin" / "forge"
TIMEOUT_S = 900
SUITES = {"MerkleProofsTest": 5, "LogInvariantsTest": 5, "RegistryInvariantsTest": 6, "LimitsTest": 3}


@pytest.mark.node
def test_forge_finds_nothing(node: Path) -> None:
    """Every suite ran, every test in it passed, and none was skipped or lost."""
    command = [str(FORGE), "test", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, cwd=CONTRACTS_DIR)
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    suites = {name.rpartition(":")[2]: suite["test_results"] for name, suite in json.loads(done.stdout).items()}
    failed = {
        f"{suite}.{test}": result.get("reason")
        for suite, tests in suites.items()
        for test, result in tests.items()
        if result["status"] != "Success"
    }
    assert failed == {}
    assert done.returncode == 0
    assert {suite: len(tests) for suite, tests in suites.items()} == SUITES


@pytest.mark.node
def test_forge_compiles_with_the_pinned_compiler(node: Path) -> None:
    found = subprocess.run([str(CONTRACTS_DIR / "solc-forge"), "--version"], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1].startswith("Version: 0.8.37+commit.")
