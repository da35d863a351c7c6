"""The one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cli.catalogue import Language, word
from cli.exit_codes import ExitCode, exit_code_of
from cli.output import SCHEMA_VERSION, plain, write_json
from passport.errors import PassportError, UsageError

MAX_EXPLAINED = 20


class EndedEarlyError(Exception):
    """The command was ended from outside: carries `KeyboardInterrupt` and `BrokenPipeError` past the option parser.

    The parser would turn both into exit codes of its own.
    """


@contextmanager
def ended_early() -> Iterator[None]:
    """Carry what ended a command past the option parser."""
    try:
        yield
    except (KeyboardInterrupt, BrokenPipeError) as error:
        raise EndedEarlyError from error


def guarded(action: Callable[[], None], *, as_json: bool, is_verbose: bool, language: Language) -> ExitCode | int:
    """Run a command and return its exit code; every way to end is said on stderr.

    Args:
        action: The command.
        as_json: Also describe an error as the one JSON document on stdout.
        is_verbose: Show where an error came from.
        language: Of the words around the message.
    """
    try:
        action()
    except SystemExit as end:
        code = _code_of(end)
        if as_json and code == ExitCode.USAGE:  # the option parser has said it in words, and left
            write_json({"schema_version": SCHEMA_VERSION, "error": describe(_wrong_usage(end))})
        return code
    except (EndedEarlyError, KeyboardInterrupt) as end:
        if isinstance(end.__cause__, BrokenPipeError):
            # Python would complain once more when it flushes at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return ExitCode.BROKEN_PIPE
        _say(word("interrupted", language))
        return ExitCode.INTERRUPTED
    except PassportError as error:
        code = exit_code_of(error)
        _explain(error, language)
        if is_verbose:
            _say(traceback.format_exc())
        if as_json:
            write_json({"schema_version": SCHEMA_VERSION, "error": describe(error)})
        return code
    except Exception as error:
        one_line = f"{type(error).__name__}: {error}".splitlines()[0]
        _say(word("bug", language, error=plain(one_line)))
        if is_verbose:
            _say(traceback.format_exc())
        if as_json:
            bug = {"class": "Bug", "message": one_line}
            write_json({"schema_version": SCHEMA_VERSION, "error": bug})
        return ExitCode.BUG
    return ExitCode.DONE


def describe(error: PassportError) -> dict[str, Any]:
    """An error as JSON values."""
    return {
        "class": type(error).__name__,
        "message": error.message,
        "where": error.where,
        "expected": None if error.expected is None else str(error.expected),
        "found": None if error.found is None else str(error.found),
        "hint": error.hint,
    }


def _explain(error: PassportError, language: Language) -> None:
    """Each problem on a line, each hint on a line of its own, whatever the stranger wrote who is cited."""
    problems = [problem for problem in getattr(error, "problems", ()) if isinstance(problem, PassportError)]
    for problem in problems[:MAX_EXPLAINED] or [error]:
        text = str(problem)
        if problem.hint:
            text = text.removesuffix(f" (hint: {problem.hint})")
        _say(f"{word('error', language)}: {plain(text)}")
        if problem.hint:
            _say(f"{word('hint', language)}: {plain(problem.hint)}")
    if len(problems) > MAX_EXPLAINED:
        _say(f"... {len(problems) - MAX_EXPLAINED} more")


def _say(text: str) -> None:
    sys.stderr.write(plain(text, lines=True).rstrip("\n") + "\n")
    sys.stderr.flush()


def _wrong_usage(end: SystemExit) -> UsageError:
    """What the option parser refused."""
    said = getattr(end.__context__, "format_message", None)
    return UsageError(str(said()).split("\n\n", 1)[0] if said else "wrong usage")


def _code_of(end: SystemExit) -> int:
    if end.code is None:
        return ExitCode.DONE
    return end.code if isinstance(end.code, int) else ExitCode.REFUSED
