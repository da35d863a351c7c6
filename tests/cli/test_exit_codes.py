"""Every way to end has its code, and every error of ours ends in one of them."""

from __future__ import annotations

import inspect
import re

import pytest

import cli.exit_codes
from cli.catalogue import Language
from cli.errors import guarded
from cli.exit_codes import CODES, ExitCode, exit_code_of
from passport import errors
from passport.errors import (
    DocumentError,
    IssueError,
    LedgerUnavailableError,
    NotFoundError,
    PassportError,
    SignerError,
    UsageError,
    VerificationError,
)
from passport.exchange.inventory_problems import InventoryError

FAMILY = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, PassportError)]

TABLE = [
    ("VerificationError", 1),
    ("SignatureError", 1),
    ("ProofError", 1),
    ("CheckpointRefusedError", 1),
    ("IssueError", 1),
    ("DocumentError", 1),
    ("SchemaError", 1),
    ("BoundError", 1),
    ("AmountError", 1),
    ("UnitError", 1),
    ("ArithmeticRuleError", 1),
    ("GraphError", 1),
    ("UnproductiveError", 1),
    ("CanonicalError", 1),
    ("CredentialError", 1),
    ("DeliveryError", 1),
    ("DeliveryRefusedError", 1),
    ("DisclosureError", 1),
    ("TransactionError", 1),
    ("ConflictError", 1),
    ("PassportError", 1),
    ("UsageError", 2),
    ("PolicyError", 2),
    ("SignerError", 2),
    ("LedgerError", 3),
    ("LedgerUnavailableError", 3),
    ("WrongChainError", 3),
    ("NodeError", 3),
    ("ResolutionError", 3),
    ("StoreError", 3),
    ("NotFoundError", 3),
    ("OrderRefusedError", 3),
    ("ReservationError", 3),
]


@pytest.mark.parametrize(("name", "code"), TABLE)
def test_each_error_has_its_code(name: str, code: int) -> None:
    assert exit_code_of(getattr(errors, name)("x")) == code


def test_the_table_above_names_every_error() -> None:
    assert {name for name, _ in TABLE} == {c.__name__ for c in FAMILY}


def test_the_documented_table_names_every_code() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", cli.exit_codes.__doc__ or "", re.MULTILINE)}
    assert documented == {int(code) for code in ExitCode}
    assert set(CODES.values()) <= set(ExitCode)


def test_a_file_that_cannot_be_read_is_out_of_reach() -> None:
    """The same class is raised for a file that is wrong and one that is not there; only the cause tells them apart."""
    try:
        raise DocumentError("cannot be read") from FileNotFoundError("x.json")
    except DocumentError as error:
        missing = error
    assert exit_code_of(missing) == ExitCode.UNDECIDED
    assert exit_code_of(InventoryError([missing])) == ExitCode.UNDECIDED
    assert exit_code_of(InventoryError([missing, DocumentError("wrong")])) == ExitCode.REFUSED


def ending(error: BaseException, **options: bool) -> int:
    def action() -> None:
        raise error

    settings = {"as_json": False, "is_verbose": False, **options}
    return int(guarded(action, language=Language.EN, **settings))


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (VerificationError("not met"), 1, "error: not met\n"),
        (UsageError("wrong", hint="do this"), 2, "error: wrong\nhint: do this\n"),
        (LedgerUnavailableError("away", where="chain.db"), 3, "error: chain.db: away\n"),
        (NotFoundError("nothing", expected="a", found="b"), 3, "error: nothing; expected a; found b\n"),
        (SignerError("no key"), 2, "error: no key\n"),
        (IssueError("refused"), 1, "error: refused\n"),
        (KeyboardInterrupt(), 130, "interrupted; what was stored stays, and the same command may be run again\n"),
        (SystemExit(2), 2, ""),
        (SystemExit(), 0, ""),
        (
            ZeroDivisionError("division by zero"),
            70,
            "internal error, which is our fault: ZeroDivisionError: division by zero; "
            "run again with --verbose for the traceback and report it\n",
        ),
    ],
)
def test_what_is_said_at_the_end(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending(error) == code
    captured = capsys.readouterr()
    assert captured.err == said
    assert captured.out == ""


def test_verbose_shows_where_a_bug_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(ZeroDivisionError("x"), is_verbose=True) == 70
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_an_error_is_the_one_json_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    assert ending(UsageError("wrong", where="here", found=7, hint="so"), as_json=True) == 2
    assert json.loads(capsys.readouterr().out) == {
        "schema_version": "1.0",
        "error": {
            "class": "UsageError",
            "message": "wrong",
            "where": "here",
            "expected": None,
            "found": "7",
            "hint": "so",
        },
    }


def test_many_problems_are_said_each_with_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [DocumentError(f"wrong {n}", hint=f"mend {n}") for n in range(25)]
    assert ending(InventoryError(problems)) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["error: wrong 0", "hint: mend 0"]
    assert lines[-1] == "... 5 more"


def test_a_strangers_text_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(DocumentError("bad", found="\x1b[2Jgone\u202e")) == 1
    assert capsys.readouterr().err == "error: bad; found \ufffd[2Jgone\ufffd\n"
