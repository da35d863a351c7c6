"""Fuzzes targets with atheris, guided by coverage: `python tests/fuzz/fuzz_run.py TARGET [libFuzzer's flags]`.

`all` instead of a target makes one of every timed one, chosen by an input's first byte. Inputs begin with the
corpus. Whatever a target raises beside a `PassportError` ends the run with code 77 and leaves the input in a file
`crash-...`, which the same command reads again when it is named behind the target.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("atheris is not installed: there are wheels for Linux on x86-64 and Python 3.11 to 3.13")

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE.parent), str(HERE), str(HERE.parent / "ledger")]

with atheris.instrument_imports(include=["passport", "verifier"]):
    import fuzz_targets

from fuzz_target import Target  # noqa: E402

TIMEOUT_S = 10
MEMORY_MB = 2048


def main() -> None:
    name, *flags = sys.argv[1:]
    timed = [target for target in fuzz_targets.TARGETS.values() if target.is_timed]
    chosen = timed if name == "all" else [fuzz_targets.TARGETS[name]]
    with tempfile.TemporaryDirectory(prefix="fuzz-corpus-") as folder:
        if not any(not flag.startswith("-") for flag in flags):  # no input named: begin with the corpus
            flags.append(str(corpus(chosen, Path(folder))))
        timeout_s = TIMEOUT_S if all(target.is_timed for target in chosen) else 3600
        limits = [f"-timeout={timeout_s}", f"-rss_limit_mb={MEMORY_MB}", f"-max_len={max(t.max_bytes for t in chosen)}"]
        atheris.Setup([sys.argv[0], *limits, *flags], lambda data: one(chosen, data))
        atheris.Fuzz()


def corpus(chosen: list[Target], folder: Path) -> Path:
    """The seeds in one folder; of several targets each behind the byte that chooses it."""
    for number, target in enumerate(chosen):
        for at, seed in enumerate(target.seeds()):
            (folder / f"{target.name}-{at}").write_bytes(seed if len(chosen) == 1 else bytes([number]) + seed)
    return folder


def one(chosen: list[Target], data: bytes) -> None:
    if len(chosen) == 1:
        chosen[0].outcome(data)
    elif data:
        chosen[data[0] % len(chosen)].outcome(data[1:])


if __name__ == "__main__":
    main()
