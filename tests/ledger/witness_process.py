"""A witness's file in a process of its own, which is asked by lines on stdin, and told to die at a step.

Arguments: the file, and the step before which it kills itself (`replace`, `mark`, `answer`, or `never`). It says
`ready`, then reads `<old size> <old root> <new size> <new root>` and answers `True`, `False` or `refused`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from passport.errors import LedgerError
from passport.ledger.log_note import CheckpointNote
from passport.ledger.witness_file import WitnessFile
from passport.ledger.witness_mark import Mark

ORIGIN = "example.com/log"


def dying(method: Callable[..., Any], step: str, *, before: bool) -> Callable[..., Any]:
    """The method, beside which the process is killed as by `kill -9` if that is the step."""

    def wrapped(*arguments: Any, **more: Any) -> Any:
        if step == sys.argv[2] and before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = method(*arguments, **more)
        if step == sys.argv[2]:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with WitnessFile(Path(sys.argv[1])) as file:
        say("ready")
        Mark.write = dying(Mark.write, "mark", before=True)  # type: ignore[method-assign]
        replace = dying(dying(file.replace, "replace", before=True), "answer", before=False)
        for line in sys.stdin:
            old_size, old_root, new_size, new_root = line.split()
            old = CheckpointNote(ORIGIN, int(old_size), bytes.fromhex(old_root))
            new = CheckpointNote(ORIGIN, int(new_size), bytes.fromhex(new_root))
            try:
                say(replace(old, new, note=new.text.encode(), time=0))
            except LedgerError as error:
                say(f"refused: {error.message}")
