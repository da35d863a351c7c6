"""One run of the demonstration for all tests of the command line, and the command line inside this process."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cli.demo.world import PHRASE_FILE
from cli.main import main

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one document on stdout."""
        document: dict[str, Any] = json.loads(self.out)
        return document


Passport = Callable[..., Done]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine that runs the tests reaches the command."""
    for name in ("PASSPORT_WORKSPACE", "PASSPORT_PASSPHRASE_SOURCE", "PASSPORT_LANG", "PASSPORT_TRUST", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def passport(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, now: datetime) -> Passport:
    """Run `passport` in this process, at `now` unless told otherwise."""

    def run(*arguments: object, at: datetime = now) -> Done:
        monkeypatch.setattr("cli.session.system_clock", lambda: at)
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run


@dataclass(frozen=True)
class DemoRun:
    """The folder of a demonstration, which nobody changes, and the document it printed."""

    folder: Path
    document: dict[str, Any]
    stderr: str


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> DemoRun:
    """`passport demo --json` as a person runs it, once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder, printed, errors = shared / "demo-run", shared / "demo-run.json", shared / "demo-run.err"
    with (shared / "demo-run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            done = subprocess.run(
                [sys.executable, "-W", "error", "-m", "cli.main", "demo", "--dir", str(folder), "--json"],
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=300,
            )
            assert done.returncode == 0, done.stderr
            errors.write_text(done.stderr, "utf-8")
            printed.write_text(done.stdout, "utf-8")
    return DemoRun(folder, json.loads(printed.read_text("utf-8")), errors.read_text("utf-8"))


@dataclass(frozen=True)
class Copied:
    """A copy of the demonstration's world that a test may change."""

    folder: Path
    top: str

    def at(self, key: str) -> tuple[str, str, str, str]:
        """Options that name a company's workspace and its passphrase."""
        place = self.folder / key
        return "--workspace", str(place), "--passphrase", f"file:{place / PHRASE_FILE}"

    @property
    def trust(self) -> tuple[str, str]:
        """The option that names the trust file."""
        return "--trust", str(self.folder / "trust.json")

    def inventory(self, key: str, name: str) -> str:
        """The text of one of the demonstration's inventories."""
        return (ROOT / "fixtures" / "battery" / "inventories" / key / f"{name}.yaml").read_text("utf-8")


@pytest.fixture
def world(demo_run: DemoRun, tmp_path: Path) -> Copied:
    """A copy of the good world, without the sabotaged ones."""
    folder = tmp_path / "world"
    shutil.copytree(demo_run.folder, folder, ignore=shutil.ignore_patterns("sabotage"))
    return Copied(folder, demo_run.document["top"])
