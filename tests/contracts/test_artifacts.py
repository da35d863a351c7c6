"""The artefacts: read without a compiler, and rebuilt byte for byte with one."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from evm_world import World, selector, signature_of

import contracts
from contracts import CONTRACT_NAMES, build, load

CONTRACTS_DIR = Path(contracts.__file__).parent
SETTINGS = {
    "evmVersion": "cancun",
    "viaIR": True,
    "optimizer": {"enabled": True, "runs": 10_000},
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
}


@pytest.mark.parametrize("name", CONTRACT_NAMES)
def test_an_artefact_is_what_it_says(name: str) -> None:
    artifact = load(name)
    document = json.loads((CONTRACTS_DIR / "artifacts" / f"{name}.json").read_text("utf-8"))
    assert dict(artifact) == document
    assert artifact.contract_name == name
    assert artifact.bytecode.hex() == document["bytecode"][2:]
    assert artifact.deployed_bytecode.hex() == document["deployedBytecode"][2:]
    assert artifact.compiler_version.startswith("0.8.37+")
    assert artifact.compiler_settings == SETTINGS
    assert load(name) is artifact


@pytest.mark.parametrize("name", CONTRACT_NAMES)
def test_sources_are_those_the_artefact_was_made_of(name: str) -> None:
    """Runs everywhere: a source changed without a rebuild shows without a compiler."""
    listed = load(name).source_sha256
    own = {path.relative_to(CONTRACTS_DIR).as_posix(): path for path in (CONTRACTS_DIR / "src").glob("*.sol")}
    assert {source for source in listed if source.startswith("src/")} == set(own)
    for source, path in own.items():
        assert listed[source] == hashlib.sha256(path.read_bytes()).hexdigest(), source


@pytest.mark.parametrize("name", CONTRACT_NAMES)
def test_selectors_are_those_of_the_abi(name: str) -> None:
    artifact = load(name)
    functions = [dict(entry) for entry in artifact.abi if entry["type"] == "function"]
    assert {signature_of(entry): selector(entry).hex() for entry in functions} == artifact.method_identifiers
    names = [entry["name"] for entry in functions]
    assert len(names) == len(set(names)), "callers find functions by their name"


@pytest.mark.parametrize("name", CONTRACT_NAMES)
def test_nothing_takes_ether(name: str) -> None:
    assert all(entry["stateMutability"] != "payable" for entry in load(name).abi if "stateMutability" in entry)
    assert not [entry for entry in load(name).abi if entry["type"] in {"receive", "fallback"}]


def test_deployed_code_is_recognised_whatever_its_immutables(world: World) -> None:
    vm = world.chain.get_vm(world.chain.get_canonical_head())
    codes = {name: vm.state.get_code(getattr(world, name).canonical) for name in ("registry", "log", "batcher")}
    assert load("IssuerRegistry").is_code(codes["registry"])
    assert load("PassportLog").is_code(codes["log"])
    assert load("Batcher").is_code(codes["batcher"])
    judge = bytes.fromhex(world.view(world.registry, "organisationKeys")[2:])
    assert vm.state.get_code(judge) == load("OrganisationKeys").deployed_bytecode
    assert codes["log"] != load("PassportLog").deployed_bytecode
    assert not load("PassportLog").is_code(codes["registry"])
    assert not load("PassportLog").is_code(b"")
    assert not load("PassportLog").is_code(codes["log"][:-1] + bytes([codes["log"][-1] ^ 1]))


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(
        LookupError, match="there is no contract 'Nothing'; there are IssuerRegistry, OrganisationKeys, Pa"
    ):
        load("Nothing")
    with pytest.raises(LookupError, match=r"PassportLog has no state variable '_registrars'; it has .*_heads"):
        load("PassportLog").slot_of("_registrars")
    with pytest.raises(LookupError, match="PassportLog stores no struct 'Issuer'; it stores struct IPassportLog"):
        load("PassportLog").members_of("Issuer")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"contractName": 1}'])
def test_a_damaged_artefact_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "PassportLog.json").write_text(text, "utf-8")
    monkeypatch.setattr(contracts.resources, "files", lambda package: tmp_path)
    with pytest.raises(ValueError, match=r"contracts/artifacts/PassportLog\.json is damaged: reinstall the package"):
        load.__wrapped__("PassportLog")


def test_an_artefact_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load("PassportLog").contract_name = "Other"


def test_loading_needs_no_compiler_and_nothing_heavy() -> None:
    code = (
        "import sys; from contracts import load; load('PassportLog');"
        "heavy = {'eth', 'eth_abi', 'web3', 'subprocess', 'pydantic', 'contracts.build'} & set(sys.modules);"
        "sys.exit(' '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=CONTRACTS_DIR.parent, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.node
def test_the_artefacts_are_what_the_sources_give(node: Path) -> None:
    assert build.differences() == []


def test_a_difference_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys) -> None:
    """The comparison alone, over a compiler's answer made of the artefacts themselves."""
    good = {f"{name}.json": (CONTRACTS_DIR / "artifacts" / f"{name}.json").read_bytes() for name in CONTRACT_NAMES}
    monkeypatch.setattr(build, "build", lambda: good)
    monkeypatch.setattr(build, "ARTIFACTS_DIR", tmp_path / "artifacts")
    assert build.differences() == [f"{name}.json: missing" for name in sorted(CONTRACT_NAMES)]
    assert build.main([]) == 0
    assert build.main(["--check"]) == 0
    log = json.loads(good["PassportLog.json"])
    log["bytecode"] += "00"
    log["sources"]["src/PassportLog.sol"] = "0" * 64
    written = build.ARTIFACTS_DIR
    (written / "PassportLog.json").write_text(json.dumps(log), "utf-8")
    (written / "IssuerRegistry.json").write_bytes(good["IssuerRegistry.json"] + b"\n")
    (written / "Old.json").write_text("{}", "utf-8")
    capsys.readouterr()
    assert build.main(["--check"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "error: Old.json: no such contract",
        "error: IssuerRegistry.json: is not written the way this program writes it",
        "error: PassportLog.json: bytecode differs",
        "error: PassportLog.json: sources differs",
        "error: PassportLog.json: source src/PassportLog.sol differs",
        "hint: run `python -m contracts.build` and commit contracts/artifacts",
    ]
    (written / "PassportLog.json").write_text("not JSON", "utf-8")
    assert "PassportLog.json: is not JSON" in build.differences()


def test_a_missing_node_is_said(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert build.main(["--check"]) == 1
    assert "Node.js is missing: install Node.js 20 or later" in capsys.readouterr().err


def test_missing_packages_are_said(monkeypatch: pytest.MonkeyPatch, capsys, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/true")
    monkeypatch.setattr(build, "CONTRACTS_DIR", tmp_path)
    assert build.main([]) == 1
    assert "run `npm ci --ignore-scripts` in contracts/" in capsys.readouterr().err


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Lets a test say how the compiler's process ended."""
    (tmp_path / "src").mkdir()
    (tmp_path / "node_modules" / "solc").mkdir(parents=True)
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/true")
    monkeypatch.setattr(build, "CONTRACTS_DIR", tmp_path)

    def ends(**how) -> None:
        answer = SimpleNamespace(returncode=0, stdout=b"", stderr=b"")
        answer.__dict__.update(how)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)

    return ends


def test_a_compiler_that_fails_is_quoted(compiler, capsys) -> None:
    compiler(returncode=3, stderr=b"out of memory\n")
    assert build.main([]) == 1
    assert "node ended with 3: out of memory" in capsys.readouterr().err


def test_a_warning_is_an_error(compiler, capsys) -> None:
    problem = {"severity": "warning", "formattedMessage": "Warning: unused variable"}
    compiler(stdout=json.dumps({"version": "x", "output": {"errors": [problem], "sources": {}}}).encode())
    assert build.main([]) == 1
    assert "Warning: unused variable" in capsys.readouterr().err


def test_versions_are_pinned_exactly() -> None:
    package = json.loads((CONTRACTS_DIR / "package.json").read_text("utf-8"))
    assert package["dependencies"] == {"@openzeppelin/contracts": "5.7.0", "solc": "0.8.37"}
    assert package["devDependencies"] == {"@foundry-rs/anvil": "1.7.1", "@foundry-rs/forge": "1.7.1"}
    lock = json.loads((CONTRACTS_DIR / "package-lock.json").read_text("utf-8"))["packages"]
    assert all("resolved" not in entry for entry in lock.values())
    assert all("integrity" in entry for name, entry in lock.items() if name)
    for path in (CONTRACTS_DIR / "src").glob("*.sol"):
        lines = path.read_text("utf-8").splitlines()
        assert lines[:2] == ["// SPDX-License-Identifier: Apache-2.0", "pragma solidity 0.8.37;"], path.name
        assert "@custom:security-contact" in path.read_text("utf-8"), path.name
