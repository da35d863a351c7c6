"""The lock files: everything pinned, hashed and in step with pyproject.toml, and no index named."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PINNED = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>.+?))?(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)"
)


@dataclass(frozen=True, slots=True)
class Pin:
    """One locked package."""

    version: Version
    marker: Marker | None


def read_lock(name: str) -> dict[str, Pin]:
    """The pins of `constraints/{name}.txt`; a line that is anything else than a hashed pin fails."""
    text = (ROOT / "constraints" / f"{name}.txt").read_text("utf-8")
    lines = re.sub(r" *\\\n *", " ", text).splitlines()
    pins: dict[str, Pin] = {}
    for line in lines:
        if line.startswith("#"):
            continue
        match = PINNED.fullmatch(line)
        assert match, f"not a hashed pin: {line[:100]}"
        assert match["name"] not in pins, f"locked twice: {match['name']}"
        pins[match["name"]] = Pin(Version(match["version"]), Marker(match["marker"]) if match["marker"] else None)
    return pins


def demanded(name: str) -> list[Requirement]:
    """What pyproject.toml asks for, as far as the lock file `name` must answer it."""
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    texts = list(project["dependencies"]) + [
        text for extra in project["optional-dependencies"].values() for text in extra
    ]
    texts += groups["build"] + PROJECT["build-system"]["requires"]
    if name == "dev":
        texts += [text for text in groups["dev"] if isinstance(text, str)]
    return [wanted for wanted in map(Requirement, texts) if canonicalize_name(wanted.name) != project["name"]]


@pytest.mark.parametrize("name", ["run", "dev"])
def test_the_lock_answers_pyproject(name: str) -> None:
    """Every requirement is locked at a version it allows."""
    pins = read_lock(name)
    unanswered = [
        str(wanted)
        for wanted in demanded(name)
        if (pin := pins.get(canonicalize_name(wanted.name))) is None
        or not wanted.specifier.contains(pin.version, prereleases=True)
    ]
    assert unanswered == [], "make lock"


def test_developers_run_what_users_run() -> None:
    """The developers' lock holds the users' lock, version for version."""
    developers, users = read_lock("dev"), read_lock("run")
    assert {name: pin.version for name, pin in users.items()} == {
        name: developers[name].version for name in users if name in developers
    }
    assert len(users) > 30


def test_every_python_we_name_gets_the_chain() -> None:
    """The packages of the embedded chain are locked without a hole between Python 3.11 and 3.13."""
    pins = read_lock("run")
    for name in ("py-evm", "eth-account", "coincurve", "cryptography"):
        marker = pins[name].marker
        for python in ("3.11", "3.12", "3.13"):
            assert marker is None or marker.evaluate({"python_version": python, "python_full_version": f"{python}.0"})


def test_the_npm_lock_has_hashes_and_no_addresses() -> None:
    """Each npm package is pinned by a SHA-512, and where it comes from is left to whoever installs it."""
    lock = json.loads((ROOT / "contracts" / "package-lock.json").read_text("utf-8"))
    packages = {path: package for path, package in lock["packages"].items() if path}
    assert {"node_modules/solc", "node_modules/@openzeppelin/contracts"} <= packages.keys()
    for path, package in packages.items():
        assert package["integrity"].startswith("sha512-"), path
        assert "resolved" not in package, path


def test_npm_versions_are_exact() -> None:
    """The compiler decides the bytes of the contracts, so a range will not do."""
    package = json.loads((ROOT / "contracts" / "package.json").read_text("utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())
