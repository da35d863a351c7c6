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
PYTHONS = ("3.11", "3.12", "3.13")
PINNED = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>.+?))?(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)"
)


@dataclass(frozen=True, slots=True)
class Pin:
    """One locked package."""

    version: Version
    marker: Marker | None

    def holds_on(self, python: str) -> bool:
        """Whether this pin is meant for that Python, on this platform."""
        environment = {"python_version": python, "python_full_version": f"{python}.0"}
        return self.marker is None or self.marker.evaluate(environment)


def read_lock(name: str) -> dict[str, list[Pin]]:
    """The pins of `constraints/{name}.txt`; a line that is anything else than a hashed pin fails.

    A package that is pinned more than once has a marker at each pin, and no two hold on one Python.
    """
    text = (ROOT / "constraints" / f"{name}.txt").read_text("utf-8")
    lines = re.sub(r" *\\\n *", " ", text).splitlines()
    pins: dict[str, list[Pin]] = {}
    for line in lines:
        if line.startswith("#"):
            continue
        match = PINNED.fullmatch(line)
        assert match, f"not a hashed pin: {line[:100]}"
        pin = Pin(Version(match["version"]), Marker(match["marker"]) if match["marker"] else None)
        pins.setdefault(match["name"], []).append(pin)
    for package, several in pins.items():
        for python in PYTHONS:
            assert sum(pin.holds_on(python) for pin in several) <= 1, f"locked twice: {package} on Python {python}"
    return pins


def versions(pins: list[Pin]) -> set[Version]:
    """The versions of one package that a lock file names."""
    return {pin.version for pin in pins}


def demanded(name: str) -> list[Requirement]:
    """What pyproject.toml asks for, as far as the lock file `name` must answer it."""
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    texts = list(project["dependencies"]) + [
        text for extra in project["optional-dependencies"].values() for text in extra
    ]
    texts += groups["build"] + PROJECT["build-system"]["requires"]
    for group in {"run": (), "dev": ("dev",), "bench": ("dev", "bench")}[name]:
        texts += [text for text in groups[group] if isinstance(text, str)]
    return [wanted for wanted in map(Requirement, texts) if canonicalize_name(wanted.name) != project["name"]]


@pytest.mark.parametrize("name", ["run", "dev", "bench"])
def test_the_lock_answers_pyproject(name: str) -> None:
    """Every requirement is locked at a version it allows."""
    pins = read_lock(name)
    unanswered = [
        str(wanted)
        for wanted in demanded(name)
        if not (found := pins.get(canonicalize_name(wanted.name)))
        or not all(wanted.specifier.contains(pin.version, prereleases=True) for pin in found)
    ]
    assert unanswered == [], "make lock"


@pytest.mark.parametrize(("larger", "smaller"), [("dev", "run"), ("bench", "dev")])
def test_developers_run_what_users_run(larger: str, smaller: str) -> None:
    """The developers' lock holds the users' lock, version for version, and the benchmarks' lock the developers'."""
    above, below = read_lock(larger), read_lock(smaller)
    assert {name: versions(pins) for name, pins in below.items()} == {
        name: versions(above[name]) for name in below if name in above
    }
    assert len(below) > 30


def test_every_python_we_name_gets_chain_and_engine() -> None:
    """The packages of the embedded chain and of the engine are locked without a hole between Python 3.11 and 3.13."""
    pins = read_lock("run")
    for name in ("py-evm", "coincurve", "cryptography", "numpy", "scipy"):
        for python in PYTHONS:
            assert any(pin.holds_on(python) for pin in pins[name]), f"{name} on Python {python}"


@pytest.mark.parametrize(
    ("folder", "wanted"),
    [
        ("contracts", {"solc", "@openzeppelin/contracts"}),
        ("benchmarks", {"@openzeppelin/merkle-tree", "@ethereum-attestation-service/eas-contracts"}),
        ("tests/peers", {"@digitalbazaar/vc", "@sd-jwt/core", "@sd-jwt/sd-jwt-vc", "jose", "jsonld"}),
    ],
)
def test_the_npm_locks_have_hashes_and_no_addresses(folder: str, wanted: set[str]) -> None:
    """Each npm package is pinned by a SHA-512, and where it comes from is left to whoever installs it."""
    lock = json.loads((ROOT / folder / "package-lock.json").read_text("utf-8"))
    packages = {path: package for path, package in lock["packages"].items() if path}
    assert {f"node_modules/{name}" for name in wanted} <= packages.keys()
    for path, package in packages.items():
        assert package["integrity"].startswith("sha512-"), path
        assert "resolved" not in package, path


@pytest.mark.parametrize("folder", ["contracts", "benchmarks", "tests/peers"])
def test_npm_versions_are_exact(folder: str) -> None:
    """The compiler decides the bytes of the contracts, and a peer what is measured, so a range will not do."""
    package = json.loads((ROOT / folder / "package.json").read_text("utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())
