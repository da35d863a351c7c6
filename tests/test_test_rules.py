"""The rules of tests/conftest.py, tried on small suites in processes of their own."""

from __future__ import annotations

import ast
import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")

SKIPPING = """
import pytest

@pytest.mark.shared
def test_marked():
    pytest.skip("no such folder")

@pytest.mark.node
@pytest.mark.skipif(True, reason="no such program")
def test_marked_by_condition():
    raise AssertionError

def test_by_fixture_alone(shared):
    raise AssertionError

def test_free_to_skip():
    pytest.skip("not on this platform")

@pytest.mark.shared
@pytest.mark.xfail(reason="known")
def test_expected_to_fail():
    raise AssertionError
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Runs one test module under this project's conftest, with CI set as told."""
    pytester.makeini("[pytest]\nmarkers =\n    shared: x\n    node: x\n")
    pytester.makeconftest(CONFTEST.read_text("utf-8"))
    monkeypatch.setenv("PASSPORT_SHARED", str(pytester.path / "nowhere"))

    def run(source: str, *, ci: str, options: tuple[str, ...] = ()) -> pytest.RunResult:
        monkeypatch.setenv("CI", ci)
        pytester.makepyfile(test_small=source)
        return pytester.runpytest_subprocess("-p", "no:randomly", *options)

    return run


def test_skips_are_allowed_on_a_developers_machine(suite: Callable[..., pytest.RunResult]) -> None:
    """Four of the five tests skip, and nothing fails."""
    suite(SKIPPING, ci="").assert_outcomes(skipped=4, xfailed=1)


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "a worker"])
def test_skips_of_what_ci_must_run_fail_there(suite: Callable[..., pytest.RunResult], options: tuple[str, ...]) -> None:
    """Marked tests and those that take the fixture fail with the reason; the other skip stays a skip."""
    result = suite(SKIPPING, ci="true", options=options)
    counts = result.parseoutcomes()
    assert counts.get("failed", 0) + counts.get("errors", 0) == 3
    assert counts["skipped"] == 1
    assert counts["xfailed"] == 1
    result.stdout.fnmatch_lines_random(
        [
            "*marked shared, which must run in CI, but skipped: *no such folder*",
            "*marked node, which must run in CI, but skipped: *no such program*",
            "*marked shared, which must run in CI, but skipped: *set PASSPORT_SHARED*",
        ]
    )


def test_a_module_that_skips_itself_fails_in_ci(suite: Callable[..., pytest.RunResult]) -> None:
    """A skip while collecting hides every mark in the module."""
    source = "import pytest\npytest.skip('not today', allow_module_level=True)\n"
    suite(source, ci="").assert_outcomes(skipped=1)
    result = suite(source, ci="true")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*a whole module must not be skipped in CI, but was: *not today*"])


def test_no_test_reaches_beyond_this_machine() -> None:
    """An address kept for documentation (RFC 5737) is refused before anything is sent."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as outward,
        pytest.raises((RuntimeError, UserWarning), match=r"connect\(\) with host \"192\.0\.2\.1\""),
    ):
        outward.connect(("192.0.2.1", 443))


def test_loopback_is_allowed() -> None:
    """A server in a test can be asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname(), timeout=5) as client:
            client.sendall(b"hello")
        connection, _ = server.accept()
        with connection:
            assert connection.recv(5) == b"hello"


def test_the_clock_stands_still(now: datetime, clock: Callable[[], datetime]) -> None:
    """Tests happen at one known moment, in UTC."""
    assert clock() is now
    assert now == datetime(2026, 11, 22, 10, tzinfo=UTC)


SHARED_WORLDS = sorted(
    path.parent
    for path in Path(__file__).resolve().parent.glob("*/conftest.py")
    if re.search(r'@pytest\.fixture\(scope="session"\)\ndef world\(', path.read_text("utf-8"))
)


def taken_for_their_own(source: str) -> list[str]:
    """Documents that a test takes for its own because none other is there yet: the one, the first or the last."""
    found = []
    for node in ast.walk(ast.parse(source)):
        value: ast.AST | None = None
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple | ast.List):
            value = node.value if len(node.targets[0].elts) == 1 else None
        elif isinstance(node, ast.Subscript):
            value = node.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            named = {each.arg for each in value.keywords} & {"document_id", "subject_id"}
            if value.func.attr == "find_documents" and not named:
                found.append(ast.unparse(node))
    return found


def test_in_a_shared_world_a_test_finds_its_own_documents_by_their_names() -> None:
    """Another module may have been there first, and modules run in any order: it would fail once in many runs."""
    assert "issuer" in {room.name for room in SHARED_WORLDS}
    for room in SHARED_WORLDS:
        for path in sorted(room.glob("*.py")):
            assert taken_for_their_own(path.read_text("utf-8")) == [], path.name


def test_what_is_taken_for_ones_own_is_seen() -> None:
    theirs = "(ref,) = s.find_documents(K)\nx = s.find_documents(K, own=True)[-1]\n"
    source = theirs + "(y,) = s.find_documents(K, subject_id=p)\n"
    assert taken_for_their_own(source) == ["ref, = s.find_documents(K)", "s.find_documents(K, own=True)[-1]"]
