"""Rebuilds the compiled contracts, or checks that what is checked in is what the sources give.

A developer's tool: it needs Node.js and ``npm ci --ignore-scripts`` in this folder. Users read the artefacts.

    python -m contracts.build            writes contracts/artifacts/*.json
    python -m contracts.build --check    compares byte for byte and says what differs
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

CONTRACTS_DIR = Path(__file__).resolve().parent
ARTIFACTS_DIR = CONTRACTS_DIR / "artifacts"
CONTRACT_NAMES = ("IssuerRegistry", "OrganisationKeys", "PassportLog", "Batcher")

SETTINGS: dict[str, Any] = {
    "evmVersion": "cancun",  # the oldest that OpenZeppelin 5.7 compiles for (mcopy)
    "viaIR": True,
    "optimizer": {"enabled": True, "runs": 10_000},
    # Without the metadata hash and its CBOR trailer, equal code means equal bytes wherever it was compiled.
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
}
_OUTPUTS = [
    "abi",
    "evm.bytecode.object",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.immutableReferences",
    "evm.methodIdentifiers",
    "storageLayout",
]
_COMPILE_TIMEOUT_S = 300
# EIP-170 and EIP-3860.
_MAX_DEPLOYED_BYTES = 24_576
_MAX_CREATION_BYTES = 49_152


class BuildError(RuntimeError):
    """The contracts could not be built, or what is checked in is not what the sources give."""


def build() -> dict[str, bytes]:
    """Compiles the contracts.

    Returns:
        The bytes of each artefact by file name.

    Raises:
        BuildError: Node.js or the npm packages are missing, or the compiler refuses.
    """
    sources = {f"src/{path.name}": path.read_text("utf-8") for path in sorted((CONTRACTS_DIR / "src").glob("*.sol"))}
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {**SETTINGS, "outputSelection": {"*": {"*": _OUTPUTS}}},
    }
    answer = _run_compiler(json.dumps(request))
    output = answer["output"]
    problems = output.get("errors", [])
    if problems:  # warnings too: a warning nobody reads is worth nothing
        raise BuildError("the compiler complains:\n" + "\n".join(p["formattedMessage"] for p in problems))
    hashes = {name: _sha256_of(name) for name in sorted(output["sources"])}
    return {f"{name}.json": _artifact(name, output, answer["version"], hashes) for name in CONTRACT_NAMES}


def write() -> list[Path]:
    """Compiles the contracts and writes their artefacts.

    Returns:
        The files written.

    Raises:
        BuildError: As :func:`build`.
    """
    ARTIFACTS_DIR.mkdir(exist_ok=True)
    written = []
    for file_name, content in build().items():
        path = ARTIFACTS_DIR / file_name
        path.write_bytes(content)
        written.append(path)
    return written


def differences() -> list[str]:
    """Compiles the contracts and compares them with the artefacts checked in, byte for byte.

    Returns:
        One line for each difference; empty if there is none.

    Raises:
        BuildError: As :func:`build`.
    """
    expected = build()
    found = {path.name: path.read_bytes() for path in sorted(ARTIFACTS_DIR.glob("*.json"))}
    lines = [f"{name}: no such contract" for name in sorted(found.keys() - expected.keys())]
    for name, content in sorted(expected.items()):
        if name not in found:
            lines.append(f"{name}: missing")
        elif found[name] != content:
            lines.extend(f"{name}: {line}" for line in _differing_members(found[name], content))
    return lines


def _run_compiler(request: str) -> dict[str, Any]:
    node = shutil.which("node")
    if node is None:
        raise BuildError("Node.js is missing: install Node.js 20 or later; only rebuilding the contracts needs it")
    if not (CONTRACTS_DIR / "node_modules" / "solc").is_dir():
        raise BuildError("the compiler is missing: run `npm ci --ignore-scripts` in contracts/")
    try:
        result = subprocess.run(  # noqa: S603 - our own script, found beside this file
            [node, str(CONTRACTS_DIR / "compile.js")],
            input=request.encode(),
            capture_output=True,
            timeout=_COMPILE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as problem:
        raise BuildError(f"the compiler did not end within {_COMPILE_TIMEOUT_S} s") from problem
    if result.returncode != 0:
        raise BuildError(f"node ended with {result.returncode}: {result.stderr.decode(errors='replace').strip()}")
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def _artifact(name: str, output: dict[str, Any], version: str, hashes: dict[str, str]) -> bytes:
    compiled = output["contracts"][f"src/{name}.sol"][name]
    creation = compiled["evm"]["bytecode"]["object"]
    deployed = compiled["evm"]["deployedBytecode"]["object"]
    for what, code, limit in (("deployed", deployed, _MAX_DEPLOYED_BYTES), ("creation", creation, _MAX_CREATION_BYTES)):
        if len(code) // 2 > limit:
            raise BuildError(f"{name}: {what} code has {len(code) // 2} bytes, the limit is {limit}")
    artifact = {
        "contractName": name,
        "abi": compiled["abi"],
        "bytecode": "0x" + creation,
        "deployedBytecode": "0x" + deployed,
        "immutableReferences": compiled["evm"]["deployedBytecode"]["immutableReferences"],
        "storageLayout": compiled["storageLayout"],
        "methodIdentifiers": compiled["evm"]["methodIdentifiers"],
        "compiler": {"version": version, "settings": SETTINGS},
        "sources": hashes,
    }
    return (json.dumps(artifact, indent=1, sort_keys=True) + "\n").encode()


def _sha256_of(source_name: str) -> str:
    own = source_name.startswith("src/")
    path = (CONTRACTS_DIR if own else CONTRACTS_DIR / "node_modules") / source_name
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _differing_members(found: bytes, expected: bytes) -> list[str]:
    try:
        old = json.loads(found)
    except ValueError:
        return ["is not JSON"]
    new = json.loads(expected)
    if not isinstance(old, dict) or old == new:
        return ["is not written the way this program writes it"]
    lines = [f"{key} differs" for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    old_sources, new_sources = old.get("sources"), new["sources"]
    if isinstance(old_sources, dict):
        changed = [
            n for n in sorted(old_sources.keys() | new_sources.keys()) if old_sources.get(n) != new_sources.get(n)
        ]
        lines.extend(f"source {name} differs" for name in changed)
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Runs the tool.

    Args:
        arguments: Command line without the program's name; that of the process by default.

    Returns:
        The exit code: 0 done or equal, 1 different or not to be built.
    """
    parser = argparse.ArgumentParser(prog="python -m contracts.build", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the artefacts checked in, write nothing")
    options = parser.parse_args(arguments)
    try:
        if not options.check:
            for path in write():
                sys.stdout.write(f"{path}\n")
            return 0
        lines = differences()
    except BuildError as problem:
        sys.stderr.write(f"error: {problem}\n")
        return 1
    for line in lines:
        sys.stderr.write(f"error: {line}\n")
    if lines:
        sys.stderr.write("hint: run `python -m contracts.build` and commit contracts/artifacts\n")
        return 1
    sys.stdout.write("the artefacts are what the sources give\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
