"""The how-to of profiles does what it shows: a battery, its second life, a textile and a server."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from markdown_blocks import ROOT, blocks, missing_lines

from cli.main import main

HOWTO = "docs/howto-profile.md"
REFUSED = "passport issue more.yaml --workspace packs"


def run(line: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """One command; programs but ours run in a shell."""
    if line.startswith("export "):
        name, _, value = line.removeprefix("export ").partition("=")
        monkeypatch.setenv(name, value)
        return ""
    if not line.startswith("passport "):
        assert subprocess.run(["sh", "-c", line], check=False).returncode == 0, line
        return ""
    if Path("battery.id").exists():
        line = line.replace("$(cat battery.id)", Path("battery.id").read_text("utf-8"))
    command, _, file = line.partition(" > ")
    printed, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(told):
        code = main(shlex.split(command)[1:])
    assert code == (1 if line == REFUSED else 0), f"{line}\n{printed.getvalue()}{told.getvalue()}"
    if file:
        Path(file).write_text(printed.getvalue(), "utf-8")
    return printed.getvalue() + told.getvalue()


def test_the_howto_does_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Callable[[], datetime]
) -> None:
    """Every command in order, and every quoted line."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for name in [name for name in os.environ if name.startswith("PASSPORT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("cli.session.system_clock", clock)
    quoted = 0
    printed = ""
    for block in blocks(HOWTO):
        if block.language == "sh":
            printed = "".join(run(line, monkeypatch) for line in block.text.splitlines())
        else:
            assert block.language == "text"
            assert missing_lines(block.text, printed) == []
            quoted += 1
    assert quoted == 7
    assert len(list((tmp_path / "storage" / "public" / "linked").iterdir())) == 1
