"""One run of the demonstration for all tests of the command line, and the command line inside this process."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from cli_runs import ROOT, Copied, DemoRun, Done, Passport, command_at

from cli.main import main


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


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str, now: datetime) -> DemoRun:
    """`passport demo --json` as a person runs it, once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder, printed, errors = shared / "demo-run", shared / "demo-run.json", shared / "demo-run.err"
    with (shared / "demo-run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            done = subprocess.run(
                command_at(now, "demo", "--dir", folder, "--json"),
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=300,
            )
            assert done.returncode == 0, done.stderr
            errors.write_text(done.stderr, "utf-8")
            printed.write_text(done.stdout, "utf-8")
    return DemoRun(folder, json.loads(printed.read_text("utf-8")), errors.read_text("utf-8"))


@pytest.fixture
def world(demo_run: DemoRun, tmp_path: Path) -> Copied:
    """A copy of the good world, without the sabotaged ones."""
    folder = tmp_path / "world"
    shutil.copytree(demo_run.folder, folder, ignore=shutil.ignore_patterns("sabotage"))
    return Copied(folder, demo_run.document["top"])
