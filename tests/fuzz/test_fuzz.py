"""Every reader of outsiders' bytes, fuzzed: whatever comes in, it ends in a value or in an error of ours.

Here a fixed number of inputs is drawn from a fixed seed, the same in every run. Guided by coverage, with a bound on the
time and memory of each input, the same targets run under atheris where that is to be had, here for a fixed number of
runs and by `make fuzz` for as long as one likes.
"""

from __future__ import annotations

import os
import platform
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from fuzz_mutation import inputs
from fuzz_target import CORPUS, Target
from fuzz_targets import TARGETS

from passport.errors import DocumentError

ROOT = Path(__file__).resolve().parent.parent.parent
SEED = 20261130
INPUTS = 800
GUIDED_RUNS = 4000

# A certificate with a serial number of zero: read today, and refused by some later release of the library.
# Terms and values of a context that begin with @, which its processor ignores: what falls away by that is refused.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Parsed a serial number"),
    pytest.mark.filterwarnings(r"ignore:(terms|values) beginning with \"@\"( are|):SyntaxWarning"),
]


def test_every_target_has_a_corpus_and_the_corpus_no_other() -> None:
    assert {path.name for path in CORPUS.iterdir()} == TARGETS.keys()


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_is_read(name: str) -> None:
    """What the mutations begin with is valid: else they would only try the first line of a reader."""
    target = TARGETS[name]
    seeds = target.seeds()
    assert seeds
    for seed in seeds:
        assert len(seed) <= target.max_bytes
        target.read(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_any_input_ends_in_a_value_or_an_error_of_ours(name: str) -> None:
    target, draw = TARGETS[name], random.Random(f"{SEED} {name}")
    outcomes: Counter[str] = Counter()
    for data in inputs(target.seeds(), max(8, INPUTS // target.cost), draw, max_bytes=target.max_bytes):
        try:
            outcomes[target.outcome(data)] += 1
        except BaseException:
            sys.stderr.write(f"{name}: {data!r}\n")
            raise
    if name != "revert":  # which describes anything
        assert len(outcomes) > 1 or "read" not in outcomes, "nothing was refused: the mutations try nothing"


def test_a_fault_is_no_outcome() -> None:
    """The judge itself: an error of another family goes through, and so do a message without end and one of no text."""

    def long(_: bytes) -> object:
        raise DocumentError("x" * 5000)

    def surrogate(_: bytes) -> object:
        raise DocumentError("\ud800")

    def foreign(data: bytes) -> object:
        return data[9]

    for read, fault in ((long, AssertionError), (surrogate, UnicodeEncodeError), (foreign, IndexError)):
        with pytest.raises(fault):
            Target("x", read).outcome(b"")


def test_inputs_are_the_same_in_every_run() -> None:
    seeds = TARGETS["passport"].seeds()
    first, again = (list(inputs(seeds, 50, random.Random("1"), max_bytes=8192)) for _ in range(2))
    assert first == again
    assert len({*first} - {*seeds}) > 45


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64") or sys.version_info >= (3, 14),
    reason="atheris has no wheel for this platform",
)
def test_guided_by_coverage(tmp_path: Path) -> None:
    """All targets in one process under atheris, each input within its time and memory."""
    command = [sys.executable, str(ROOT / "tests/fuzz/fuzz_run.py"), "all", f"-runs={GUIDED_RUNS}", "-seed=1"]
    done = subprocess.run(
        [*command, f"-artifact_prefix={tmp_path}/"],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=600,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {GUIDED_RUNS} runs" in done.stderr
    covered = re.findall(r"cov: (\d+)", done.stderr)
    assert int(covered[-1]) > 1000, "the readers were not instrumented"
