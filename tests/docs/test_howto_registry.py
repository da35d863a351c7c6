"""The page on governing a registry: every command, in order, and every quoted line of what they print."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from markdown_blocks import blocks, missing_lines

from cli.main import main

HOWTO = "docs/howto-registry.md"
# Nobody answers for a company any more whose registrar was bad.
REFUSED = "passport who EUID:ZZTRY.3 --trust trust.json --workspace root"


def test_the_howto_does_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Callable[[], datetime]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("cli.session.system_clock", clock)
    asked: list[str] = []
    printed = ""
    for block in blocks(HOWTO):
        if block.language == "text":
            assert missing_lines(block.text, printed) == []
            continue
        printed = ""
        for line in block.text.splitlines():
            if line.startswith("printf"):
                Path("passphrase.txt").write_text("a passphrase for trying out\n", "utf-8")
                Path("passphrase.txt").chmod(0o600)
            elif line.startswith("export"):
                monkeypatch.setenv(*line.removeprefix("export ").split("=", 1))
            elif line.startswith("NEW="):
                monkeypatch.setenv("NEW", _controller("mill-anew"))
            else:
                asked.append(line)
                out = io.StringIO()
                with contextlib.redirect_stdout(out):
                    code = main(shlex.split(_filled(line))[1:])
                printed += out.getvalue()
                assert code == (1 if asked.count(REFUSED) == 2 and line == REFUSED else 0), line
    assert asked.count(REFUSED) == 2


def _controller(name: str) -> str:
    return str(json.loads(Path(name, "workspace.json").read_bytes())["controller"])


def _filled(line: str) -> str:
    """What a shell would put in the place of variables and of what a command prints."""
    line = re.sub(r"\$\(python -c .*?'([\w-]+)/workspace\.json'.*?\"\)", lambda match: _controller(match[1]), line)
    return line.replace("$NEW", os.environ.get("NEW", ""))
