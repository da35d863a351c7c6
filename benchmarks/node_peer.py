"""Run a peer that is written in JavaScript: Node.js from the environment, packages from this folder's lock file."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
MODULES = FOLDER / "node_modules"
_TIMEOUT_S = 1800


def run_node(script: str, *arguments: object) -> dict[str, Any]:
    """Run a script of this folder and read the one JSON document it prints.

    Raises:
        RuntimeError: Node.js or the packages are missing, or the script failed.
    """
    node = shutil.which("node")
    if node is None or not MODULES.is_dir():
        raise RuntimeError("Node.js or benchmarks/node_modules is missing: `make setup-bench` installs both")
    command = [node, "--max-old-space-size=8192", str(FOLDER / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{script} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def compiled(package_path: str) -> dict[str, Any]:
    """A compiled contract as a package ships it.

    Raises:
        RuntimeError: The packages are missing.
    """
    path = MODULES / package_path
    if not path.is_file():
        raise RuntimeError(f"{path.name} is missing: `make setup-bench` installs it")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document
