"""The how-to of the relay does what it shows, with a relay in a process of its own."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from markdown_blocks import ROOT, blocks, missing_lines

from cli.main import main
from passport.ledger import Address
from passport.workspace import Workspace

HOWTO = "docs/howto-relay.md"
PORT = "8001"

# The relay goes by the tests' moment, as everything else here does.
RELAY = """
import sys
from datetime import datetime
import cli.session
moment = datetime.fromisoformat(sys.argv[1])
cli.session.system_clock = lambda: moment
from cli.main import main
sys.exit(main(sys.argv[2:]))
"""


class Terminal:
    """Runs the document's commands; what ends in `&` goes on in a process of its own, on a port that is free."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
        self._monkeypatch = monkeypatch
        self._moment = moment
        self.port = PORT
        self.background: list[subprocess.Popen[str]] = []

    def run(self, line: str) -> str:
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            self._monkeypatch.setenv(name, value)
            return ""
        if line.endswith(" &"):
            return self._start(shlex.split(line.removesuffix(" &").replace(f"--port {PORT}", "--port 0"))[1:])
        if not line.startswith("passport "):
            assert subprocess.run(["sh", "-c", line], check=False).returncode == 0, line
            return ""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            code = main(shlex.split(line.replace(f":{PORT}", f":{self.port}"))[1:])
        assert code == 0, f"{line}\n{printed.getvalue()}"
        return printed.getvalue().replace(f":{self.port}", f":{PORT}")

    def _start(self, words: list[str]) -> str:
        process = subprocess.Popen(
            [sys.executable, "-c", RELAY, self._moment.isoformat(), *words],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.background.append(process)
        assert process.stderr is not None
        url = next(line for line in process.stderr if line.startswith("http"))
        self.port = url.strip().removesuffix("/docs").rpartition(":")[2]
        return ""


@pytest.fixture
def terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Callable[[], datetime], now: datetime
) -> Iterator[Terminal]:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for name in [name for name in os.environ if name.startswith("PASSPORT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("cli.session.system_clock", clock)
    made = Terminal(monkeypatch, now)
    yield made
    for process in made.background:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_the_howto_does_what_it_shows(terminal: Terminal, clock: Callable[[], datetime]) -> None:
    """Every command in order, and every quoted line; afterwards the relay has paid for all but what was paid here."""
    printed = ""
    for block in blocks(HOWTO):
        if block.language == "sh":
            printed = "".join(terminal.run(line) for line in block.text.splitlines())
        elif block.language != "python":  # tests/ledger/test_relay_wallets.py runs that one
            assert block.language == "text"
            assert missing_lines(block.text, printed) == []
    assert len(terminal.background) == 1
    with Workspace.open(Path("operator"), clock=clock) as operator, Workspace.open(Path("mill"), clock=clock) as mill:
        sent = {
            name: operator.ledger.sealed_nonce(Address(workspace.settings.anchoring or ""))
            for name, workspace in (("operator", operator), ("mill", mill))
        }
    assert sent == {"operator": 2, "mill": 1}  # a checkpoint and a suspension; the reinstatement with --pay
