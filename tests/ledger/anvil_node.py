"""An anvil of one's own: started on a free port of this machine, mined by hand, set back, restarted, killed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CHAIN_ID = 31337
START = 1_790_000_000
SECONDS_A_BLOCK = 12
_LISTENING = "Listening on "


def anvil_program() -> Path | None:
    """The binary of this platform's npm package; the package's own start script would need Node.js."""
    names = {"linux": "linux", "darwin": "darwin", "win32": "win32"}
    machine = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(os.uname().machine, "")
    folder = ROOT / "contracts" / "node_modules" / "@foundry-rs" / f"anvil-{names.get(sys.platform, '')}-{machine}"
    program = folder / "bin" / "anvil"
    return program if program.exists() else None


class Anvil:
    """A running node.

    Args:
        program: The binary.
        options: For its command line.
        state: File that it loads its chain from and keeps it in, so that it can be restarted.
    """

    def __init__(self, program: Path, *options: str, state: Path | None = None, port: int = 0) -> None:
        self._program = program
        self._options = options
        self._state = state
        self.port = port
        self._process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, on the port of before if there was one, and wait until it listens."""
        command = [
            *(str(self._program), "--host", "127.0.0.1", "--port", str(self.port), "--timestamp", str(START)),
            *("--accounts", "1", "--chain-id", str(CHAIN_ID), *self._options),
        ]
        if self._state is not None:
            command += ["--state", str(self._state)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if line.startswith(_LISTENING):
                self.port = int(line.rsplit(":", 1)[1])
                # What nobody reads would fill the pipe, and the node would wait for ever.
                self._reader = Thread(target=self._process.stdout.read, daemon=True)
                self._reader.start()
                self.ask("anvil_setBlockTimestampInterval", SECONDS_A_BLOCK)
                return
        raise AssertionError("anvil does not start: " + "".join(said))

    def stop(self, *, how: signal.Signals = signal.SIGTERM) -> None:
        """End it: politely, so that it keeps its state, or at once."""
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def ask(self, method: str, *parameters: Any) -> Any:
        """Ask it by a way of the tests' own."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            answer = json.load(connection.getresponse())
        finally:
            connection.close()
        assert "error" not in answer, answer
        return answer["result"]

    def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            self.ask("evm_mine")

    def give(self, address: str, wei: int = 10**21) -> None:
        """Fill an account."""
        self.ask("anvil_setBalance", address, hex(wei))


@contextmanager
def running(program: Path, *options: str, state: Path | None = None) -> Iterator[Anvil]:
    """A node that is ended in the end."""
    node = Anvil(program, *options, state=state)
    try:
        yield node
    finally:
        node.stop()
