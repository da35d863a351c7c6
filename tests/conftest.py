"""Rules and fixtures for every test: no network, a fixed clock, and no skipping in CI of what CI must run."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# Marks of tests that need something a developer may lack and CI must have: there, their skip is a failure.
NEVER_SKIPPED_IN_CI = ("shared", "node", "postgres", "anvil")

# A busy machine makes single examples slow without anything being wrong, so none is timed.
settings.register_profile("dev", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
# The same examples every run: a change is judged by what it changes.
settings.register_profile("ci", settings.get_profile("dev"), max_examples=100, derandomize=True, print_blob=True)
settings.register_profile("long", settings.get_profile("dev"), max_examples=5000)


def in_ci() -> bool:
    """Whether this is a CI run, by the environment variable CI."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def pytest_configure(config: pytest.Config) -> None:
    """Load the hypothesis profile, and find the environment's own programs (node among them) without activating it.

    Parallel workers are given `COLUMNS`, which the program would heed: without it everything prints at a pipe's width.
    """
    os.environ.pop("COLUMNS", None)
    # On import Brightway makes a folder in the user's home, and two workers that do so at once get in each other's way.
    brightway = TemporaryDirectory(prefix="brightway-", ignore_cleanup_errors=True)
    config.add_cleanup(brightway.cleanup)
    os.environ["BRIGHTWAY2_DIR"] = brightway.name
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if in_ci() else "dev"))
    programs = str(Path(sys.executable).parent)
    if programs not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whoever takes the fixture `shared` or `node`, so that forgetting the mark cannot hide a skip."""
    for item in items:
        for name in NEVER_SKIPPED_IN_CI:
            if name in getattr(item, "fixturenames", ()) and item.get_closest_marker(name) is None:
                item.add_marker(name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, turn the skip of a test that must run there into a failure that says why."""
    report = yield
    marks = [name for name in NEVER_SKIPPED_IN_CI if item.get_closest_marker(name)]
    if in_ci() and report.skipped and marks and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"marked {', '.join(marks)}, which must run in CI, but skipped: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI, refuse a module that skips itself whole: nobody can see which marks its tests had."""
    report = yield
    if in_ci() and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"a whole module must not be skipped in CI, but was: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why something was skipped, in the words of whoever skipped it."""
    return str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published standards and data (PASSPORT_SHARED, else `shared` beside the checkout)."""
    place = Path(os.environ.get("PASSPORT_SHARED") or ROOT.parent / "shared")
    if not place.is_dir():
        pytest.skip(f"no published standards and data at {place}: set PASSPORT_SHARED")
    return place


@pytest.fixture(scope="session")
def node() -> Path:
    """The Node.js program, with the npm packages of contracts/ in place."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("no node on this machine: make setup-dev")
    if not (ROOT / "contracts" / "node_modules").is_dir():
        pytest.skip("the npm packages of contracts/ are not installed: make setup-dev")
    return Path(program)


@pytest.fixture(scope="session")
def now() -> datetime:
    """The one moment at which tests happen."""
    return datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def clock(now: datetime) -> Callable[[], datetime]:
    """A clock that stands still at `now`."""
    return lambda: now
