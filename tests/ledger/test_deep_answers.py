"""Nesting that overflows the stack of Python's own reader where a library has raised the limit of recursion."""

from __future__ import annotations

import subprocess
import sys

import pytest

# py-evm raises the limit for the whole process when it is imported.
RAISED = "import sys; sys.setrecursionlimit(1_000_000); deep = b'[' * 65_000\n"
READERS = {
    "what a relay answers": "from passport.ledger.relay_client import _read; assert _read(deep) is None",
    "data about ledgers": """
from passport.errors import DocumentError
from passport.ledger_footprint.data_file import parse_json
try:
    parse_json(deep, where="a file")
except DocumentError as error:
    assert "not JSON" in str(error), error
else:
    raise AssertionError
""",
}


@pytest.mark.parametrize("reader", sorted(READERS))
def test_nesting_without_end_is_refused_whatever_the_limit_is(reader: str) -> None:
    code = f"{RAISED}{READERS[reader]}\nprint('refused')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr
