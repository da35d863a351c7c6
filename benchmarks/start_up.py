"""How long commands that need no chain take to start and end, against importing web3 alone; in CPU seconds.

Both sides find their modules compiled, in a folder of the run's own, as they lie after an installation's first use.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.products import SMALL_BYTES
from benchmarks.result import Result, cost

_COMMAND = "import sys; sys.argv[0] = 'passport'; from cli.main import run; run()"


def run(bench: Bench) -> Iterator[Result]:
    """Each in processes of its own, in turn with the peer, so that a busy machine slows both."""
    file = bench.folder / "one-passport.json"
    file.write_bytes(bench.passports(SMALL_BYTES)[0])
    commands = {
        "start_help": ("`passport --help`", ["--help"]),
        "start_verify": ("`passport verify FILE` offline", ["verify", str(file), "--json"]),
        "start_driver": ("import of the driver for nodes", None),
    }
    for name, (what, arguments) in commands.items():
        ours = [sys.executable, "-c", _COMMAND, *arguments] if arguments else _importing("passport.ledger.rpc")
        both = (ours, _importing("web3"))
        compiling, *turns = [[_cpu_s(each, bench.folder) for each in both] for _ in range(2 * bench.tries + 2)]
        bench.say(f"  {what}: {compiling[0]:.2f} CPU s the first time, with modules compiled or read anew")
        yield cost(
            name,
            what,
            ours=min(turn[0] for turn in turns),
            reference=min(turn[1] for turn in turns),
            reference_name="import web3",
            unit="CPU s",
            goal=2.0,
        )


def _importing(module: str) -> list[str]:
    return [sys.executable, "-c", f"import {module}"]


def _cpu_s(command: list[str], folder: Path) -> float:
    """CPU time of a process and all it started; that of waiting for a busy machine is not in it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 1, 3) or "Traceback" in done.stderr:
        raise RuntimeError(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
