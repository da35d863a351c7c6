"""What the README shows is what happens: its Python runs, its commands print what it says, its help is quoted right."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from markdown_blocks import ROOT, blocks, first_column, missing_lines, section, table

import passport
import verifier
from cli.main import main

README = "README.md"
MOMENT = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)

# The service goes by the machine's clock; here it is told the tests' moment before the command runs.
SERVICE = f"""
import sys
from datetime import datetime
import api.server, cli.session
cli.session.system_clock = lambda: datetime.fromisoformat("{MOMENT.isoformat()}")
api.server.serve.__kwdefaults__["clock"] = cli.session.system_clock
from cli.main import main
sys.exit(main(sys.argv[1:]))
"""

Clock = Callable[[], datetime]


def run_command(*arguments: str) -> tuple[int, str]:
    """Run `passport` in this process; its exit code and what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = main(arguments)
    return code, printed.getvalue()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Path:
    """An empty folder to work in, with the checkout's docs/ in it, at the tests' moment and in English."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for name in [name for name in os.environ if name.startswith("PASSPORT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("passport.sandbox.system_clock", clock)
    monkeypatch.setattr("cli.session.system_clock", clock)
    return tmp_path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The demonstration as `make demo` runs it: its folder, and what it printed."""
    folder = tmp_path_factory.mktemp("readme")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("LC_ALL", "C.UTF-8")
        patch.setattr("cli.session.system_clock", lambda: MOMENT)
        code, printed = run_command("demo", "--dir", "demo")
    assert code == 0
    return folder / "demo", printed


def test_the_python_runs_and_prints_what_is_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0.52 x (1.25 x 0.36 + 21500 / 1000000) + 540000 x 0.38 / 1200000 = 0.41618, as the README computes by hand."""
    (code,) = blocks(README, "python")
    text = section(README, "Ten lines of Python")
    (shown,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code.text, README, "exec"), names)  # noqa: S102
    printed = capsys.readouterr().out
    sandbox = names["sandbox"]
    assert isinstance(sandbox, passport.Sandbox)
    sandbox.close()
    assert printed == shown
    assert printed.startswith("passed 0.41618 ")
    statements = [line for line in code.text.splitlines() if line and not line.startswith(("from", "import"))]
    assert len(statements) <= 13


def test_the_named_parts_of_the_sdk_are_at_the_package_roots() -> None:
    """The names in the README's prose can be imported as they stand there, whatever was imported before."""
    named = set(re.findall(r"`((?:passport|verifier)\.[A-Za-z]+)`", section(README, "Ten lines of Python")))
    assert named == {"passport.Issuer", "verifier.Verifier", "verifier.audit"}
    assert passport.Issuer.__module__.startswith("passport.issuer")
    assert verifier.Verifier.__module__ == "verifier.verifier"
    assert callable(verifier.audit)
    assert set(passport.__all__) <= set(dir(passport))
    with pytest.raises(AttributeError, match="module 'passport' has no attribute 'Isuer'"):
        passport.__getattr__("Isuer")


def test_the_demonstration_prints_what_is_shown(demo: tuple[Path, str]) -> None:
    """Every line of the shortened print-out, in order."""
    shown = blocks(README, "text")[0].text
    assert shown.startswith("1. 14 companies")
    assert missing_lines(shown, demo[1]) == []


def test_a_line_that_is_not_printed_is_found_missing() -> None:
    """The comparison above does compare."""
    assert missing_lines("a ... c\nd\n...\n", "a b c\n  d\n") == []
    assert missing_lines("d\na\n", "a\nd\n") == ["a"]
    assert missing_lines("PASSED (...)", "FAILED (1 s)") == ["PASSED (...)"]


def test_the_picture_shows_the_demonstration(demo: tuple[Path, str]) -> None:
    """The drawn page has the verdict, the coverage and the companies that the demonstration prints today."""
    words = re.sub(r"<[^>]+>", "\n", (ROOT / "docs/audit.svg").read_text("utf-8")).replace("&#160;", " ")
    printed = " ".join(demo[1].split())
    shown = [line.strip() for line in words.splitlines()]
    assert "PASSED" in shown
    for line in ("96.3 %", "333 passed", "24 passports"):
        assert line in printed
        assert any(line in part for part in shown), line
    assert not re.search(r"https?://(?!www\.(w3\.org|textualize\.io))", words)


def test_curl_gets_a_verdict_from_the_service(demo: tuple[Path, str]) -> None:
    """The two commands of "One request", against a service of its own on a port that is free."""
    served, asked = (block.text.strip() for block in blocks(README, "sh"))
    shown = blocks(README, "text")[2].text.strip()
    command = [sys.executable, "-c", SERVICE, *shlex.split(served)[1:], "--port", "0"]
    process = subprocess.Popen(
        command,
        cwd=demo[0].parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        url = next(line for line in process.stderr if line.startswith("http")).strip().removesuffix("/docs")
        request = shlex.split(asked)
        assert request[0] == "curl"
        assert request[-1] == "http://127.0.0.1:8000/v1/verify"
        answer = _ask(request[1:-1], f"{url}/v1/verify", demo[0].parent)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    report = json.loads(answer)
    assert report["verdict"] == "passed"
    assert missing_lines(shown, answer) == []


def _ask(options: list[str], url: str, folder: Path) -> str:
    """Ask with curl; where there is none, send the same request ourselves."""
    if shutil.which("curl"):
        asking = ["curl", "--silent", "--show-error", "--noproxy", "*", *options, url]
        done = subprocess.run(asking, cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout
    from urllib.request import ProxyHandler, Request, build_opener

    given = dict(zip(options[::2], options[1::2], strict=True))
    name, _, value = given["-H"].partition(": ")
    body = (folder / given["--data-binary"].removeprefix("@")).read_bytes()
    asked = Request(url, data=body, headers={name: value})  # noqa: S310
    with build_opener(ProxyHandler({})).open(asked, timeout=60) as answer:
        text: str = answer.read().decode()
        return text


def test_keys_come_back_from_a_backup(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The three commands of "Keys", with a key directory lost between the second and the third."""
    for name, secret in (("own.txt", "the keys' own passphrase"), ("other-passphrase.txt", "the backup's passphrase")):
        (here / name).write_text(secret + "\n")
        (here / name).chmod(0o600)
    own = ("--passphrase", "file:own.txt")
    party = ("--name", "Acme", "--scheme", "EUID", "--identifier", "ZZX.1", "--country", "DE", "--host", "acme.example")
    assert run_command("init", *party, *own)[0] == 0
    listed, backup, restore = (
        line.split()[1:]
        for line in section(README, "Keys, and what is lost with each").splitlines()
        if "passport keys" in line and line.startswith("    ")
    )
    code, before = run_command(*listed)
    assert code == 0
    assert run_command(*backup)[0] == 0
    shutil.rmtree(here / "keys")
    assert run_command(*restore, *own)[0] == 0
    assert run_command(*listed) == (0, before)
    assert [role for role in ("controller", "anchoring", "credential") if role in before] == [
        "controller",
        "anchoring",
        "credential",
    ]


def test_the_help_is_the_programs(here: Path) -> None:
    """The list of commands as `passport --help` prints it."""
    quoted = section(README, "The command")
    (shown,) = re.findall(r"```text\n(.*?)```", quoted, re.DOTALL)
    code, printed = run_command("--help")
    assert code == 0
    assert shown in printed
    assert printed.index(shown) + len(shown) == len(printed.rstrip("\n")) + 1


def test_exit_codes_are_the_programs() -> None:
    """The table of exit codes is the one in the program's own words."""
    from cli import exit_codes

    shown = [(int(code), meaning) for code, meaning in table(section(README, "The command"))]
    said = [(int(code), meaning) for code, meaning in table(exit_codes.__doc__ or "")]
    assert shown == said
    assert [code for code, _ in shown] == sorted(exit_codes.ExitCode)


def test_the_extras_are_those_of_the_package() -> None:
    """Each extra is explained, and none is invented."""
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert first_column(section(README, "Install")) == list(extras)
