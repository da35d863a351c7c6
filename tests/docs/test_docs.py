"""The documents name what is there, all of it and nothing else; the how-to's commands do what it shows."""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from markdown_blocks import ROOT, blocks, first_column, missing_lines, section

from cli.main import COMMANDS, GROUPS, main
from contracts import load
from passport.exchange.pact_footprint import Code
from verifier.bundle import BUNDLE_FORMAT, LATER_SECTIONS, SECTIONS
from verifier.outcome import CHECK_ORDER, Outcome
from verifier.policy import SKIP_REASONS
from verifier.report import Verdict
from verifier.shares import NOBODY_REASONS, Coverage

CHECKS, HOUSE, HOWTO = "docs/checks.md", "docs/architecture.md", "docs/howto-pact.md"
PACKAGES = ("contracts", "passport", "verifier", "api", "cli", "benchmarks")


def python_files(*packages: str) -> list[Path]:
    """The packages' modules that are, or are about to be, under version control."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *packages]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return [
        path for name in sorted(set(listed.split("\0"))) if name.endswith(".py") and (path := ROOT / name).is_file()
    ]


# The checks


def test_every_check_is_described_in_its_order() -> None:
    """The table and the sections have the ids of the code, in the documented order."""
    text = (ROOT / CHECKS).read_text("utf-8")
    ids = [str(check) for check in CHECK_ORDER]
    assert first_column(text) == ids
    assert [title for title in re.findall(r"^## (.+)$", text, re.MULTILINE) if title in ids] == ids


@pytest.mark.parametrize("check", [str(check) for check in CHECK_ORDER])
def test_each_check_says_rule_outcomes_and_source(check: str) -> None:
    """Its rule, when it passes, fails and stays unknown, when it is skipped if it ever is, and what it stands on."""
    text = section(CHECKS, check)
    assert re.search(r"^\*\*Rule\.\*\* \S", text, re.MULTILINE)
    assert re.search(r"^\*\*Source\.\*\* \S", text, re.MULTILINE)
    outcomes = re.findall(r"^- `(\w+)`: \S", text, re.MULTILINE)
    expected = [str(outcome) for outcome in Outcome]
    assert outcomes == (expected if check in skippable() else expected[:3])


def skippable() -> set[str]:
    """The checks that the code ever skips."""
    calls = [
        call
        for path in python_files("verifier")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "skipped"
    ]
    names = {node.attr.lower() for call in calls for node in ast.walk(call.args[0]) if isinstance(node, ast.Attribute)}
    assert names, "some check is skipped somewhere"
    return names


def test_reasons_to_skip_are_the_codes() -> None:
    """A reason that is not listed makes no skipped check good."""
    assert set(first_column(section(CHECKS, "Reasons to skip"))) == SKIP_REASONS


def test_notes_are_the_codes() -> None:
    """Every code that a note is made with, and every rule of PACT that an import can break."""
    made = {
        node.args[0].value
        for path in python_files("verifier")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Note"
        and isinstance(node.args[0], ast.Constant)
    }
    own, pact = re.split(r"^What an imported", section(CHECKS, "Notes"), flags=re.MULTILINE)
    assert set(first_column(own)) == made
    assert first_column(pact) == [str(code) for code in Code]


def test_sections_of_a_bundle_are_the_codes() -> None:
    """A stranger's reader has nothing else to go by."""
    text = (ROOT / "docs" / "bundle.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", text, re.MULTILINE)
    assert rows == [*SECTIONS, *LATER_SECTIONS]
    assert BUNDLE_FORMAT in text


def test_policies_verdicts_and_shares_are_the_codes() -> None:
    """The small policies that have `judge`, the three verdicts, the four of coverage, and who answers."""
    from verifier import policy

    text = section(CHECKS, "Policies and the verdict")
    small = {
        name
        for name, thing in vars(policy).items()
        if isinstance(thing, type) and "judge" in vars(thing) and name not in {"Policy", "AllOf", "AnyOf"}
    }
    assert set(first_column(text)) == small - {"UnsafeAcceptAnything"}
    assert all(f"`{name}`" in text for name in small | {"AllOf", "AnyOf"})
    assert re.findall(r"^\| (\w+) \| (\d) \|$", text, re.MULTILINE) == [
        (str(verdict), str(code)) for verdict, code in zip(Verdict, (0, 1, 3), strict=True)
    ]
    text = section(CHECKS, "Coverage and responsibility")
    assert first_column(text) == list(Coverage().to_json())
    assert all(f"`{reason}`" in text for reason in NOBODY_REASONS)


# The contracts


def test_every_function_that_changes_something_is_listed_with_its_command() -> None:
    """docs/cli.md names each once; every command that it names is there."""
    text = section("docs/cli.md", "Functions of the contracts and their commands")
    rows = re.findall(r"^\| (`.+?`) \| (.+?) \|$", text, re.MULTILINE)
    listed: list[str] = []
    for functions, commands in rows:
        names = re.findall(r"`([\w.]+)`", functions)
        contract = names[0].partition(".")[0]
        listed += [name if "." in name else f"{contract}.{name}" for name in names]
        if not commands.startswith("none: "):
            first = re.findall(r"`([a-z][\w-]*)", commands)
            assert first
            assert all(name in {n for n, _, _ in COMMANDS} | set(GROUPS) | in_groups() for name in first), commands
    there = [
        f"{contract}.{entry['name']}"
        for contract in ("IssuerRegistry", "PassportLog", "Batcher")
        for entry in load(contract).abi
        if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable")
    ]
    assert sorted(listed) == sorted(there)


def in_groups() -> set[str]:
    """Commands of groups, by their own names."""
    return {name for _, commands in GROUPS.values() for name, _, _ in commands}


# The house


def test_every_module_is_named_in_the_house_and_none_that_is_not_there() -> None:
    """Each module but the packages' own `__init__.py`, once, in the list of modules."""
    listed = re.findall(r"^\| `([\w/]+\.py)` \|", section(HOUSE, "Modules"), re.MULTILINE)
    there = [str(path.relative_to(ROOT)) for path in python_files(*PACKAGES) if path.name != "__init__.py"]
    assert sorted(listed) == sorted(there)
    assert len(listed) == len(set(listed))


def test_the_drawing_has_the_layers_that_are_checked() -> None:
    """The order of rooms and modules in the drawing is the one import-linter holds the code to."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (rule["layers"] for rule in rules if rule.get("containers") == ["passport"])
    drawing = section(HOUSE, "Rooms").partition("inside passport:")[2].partition(";")[0]
    drawn = [re.findall(r"\w+", part) for part in drawing.split("<-")]
    alone = {"carbon", "ledger_footprint", "errors", "first_use"}
    checked = [[name for name in re.findall(r"\w+", layer) if name not in alone] for layer in reversed(layers)]
    assert drawn == [names for names in checked if names]


def test_every_path_that_the_house_names_is_there() -> None:
    """Files and folders in code words, in the prose and the other tables too."""
    named = re.findall(
        r"`((?:contracts|passport|verifier|api|cli|benchmarks)/[\w/.]*)`", (ROOT / HOUSE).read_text("utf-8")
    )
    assert len(named) > 100
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_formats_are_the_codes() -> None:
    """Every format that the code names is in the table, and no other."""
    pattern = re.compile(r"carbon-passport/[a-z-]+/\d+\.\d+")
    used = {name for path in python_files(*PACKAGES[:-1]) for name in pattern.findall(path.read_text("utf-8"))}
    assert {name for name in first_column(section(HOUSE, "Data formats")) if pattern.fullmatch(name)} == used


def test_points_of_extension_are_there() -> None:
    """Each protocol or type can be imported from the file that the table names."""
    text = section(HOUSE, "Where it can be extended")
    found = re.findall(r"^\| `?([\w`, ]+?)`? \| `([\w/]+)\.py`", text, re.MULTILINE)
    assert len(found) >= 9
    for names, module in found:
        for name in re.findall(r"\w+", "Resolver" if names == "DID resolver" else names):
            assert hasattr(importlib.import_module(module.replace("/", ".")), name), f"{module}: {name}"


# Security


def test_the_threats_name_checks_and_tests_that_are_there() -> None:
    """Whoever reads that a test shows it finds that test."""
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    cited = set(re.findall(r"`([\w/]+\.py)::(\w+)`", text))
    assert len(cited) > 30
    missing = [
        f"{file}::{test}"
        for file, test in sorted(cited)
        if not (ROOT / "tests" / file).is_file() or f"def {test}(" not in (ROOT / "tests" / file).read_text("utf-8")
    ]
    assert missing == []


def test_every_check_finds_a_cheat() -> None:
    """A check that no cheat is named for would have no reason to be."""
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    assert [str(check) for check in CHECK_ORDER if f"`{check}`" not in text] == []


def test_the_contracts_lead_to_the_security_page() -> None:
    """Every contract says where to report, and that page is there."""
    sources = sorted((ROOT / "contracts" / "src").glob("*.sol"))
    named = [path.name for path in sources if re.search(r"@custom:security-contact .*SECURITY\.md", path.read_text())]
    assert set(named) >= {"IssuerRegistry.sol", "PassportLog.sol"}
    assert (ROOT / "SECURITY.md").is_file()


# The decisions


def test_every_decision_has_its_parts_and_is_listed() -> None:
    """Context, options, decision; numbered without gaps; in the list with its title."""
    folder = ROOT / "docs" / "decisions"
    files = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    index = (folder / "README.md").read_text("utf-8")
    for path in files:
        text = path.read_text("utf-8")
        title = re.match(rf"# {path.name[:4]}\. (.+)\n", text)
        assert title, path.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Options", "Decision and why"]
        assert f"[{title[1]}]({path.name})" in index


# The how-to


@pytest.mark.shared
def test_the_howto_does_what_it_shows(
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: Callable[[], datetime],
) -> None:
    """Every command in order, with the exit codes in the text, and every quoted line of what they print."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("SAMPLES", str(shared / "standards" / "pact" / "samples"))
    monkeypatch.delenv("PASSPORT_PASSPHRASE_SOURCE", raising=False)
    monkeypatch.setattr("cli.session.system_clock", clock)
    exit_codes = {"passport issue docs/example/phone.yaml --workspace acme": 1}
    exit_codes["passport audit https://acme.example/products/phone --workspace acme"] = 3
    printed = ""
    seen = []
    for block in blocks(HOWTO):
        if block.language == "sh":
            printed = ""
            for command in block.text.splitlines():
                code, output = _run(command, monkeypatch)
                assert code == exit_codes.get(command, 0), f"{command}\n{output}"
                seen.append(command)
                printed += output
        elif block.language == "text":
            assert missing_lines(block.text, printed) == []
        else:
            assert block.language == "yaml"
            assert block.text in (ROOT / "docs/example/phone.yaml").read_text("utf-8")
    assert set(exit_codes) < set(seen)
    assert "--min-recomputed 0" in seen[-1]


def _run(command: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Run one line of shell: `passport` in this process, the rest by the shell itself."""
    if command.startswith("export "):
        name, _, value = command.removeprefix("export ").partition("=")
        monkeypatch.setenv(name, value)
        return 0, ""
    if not command.startswith("passport "):
        return subprocess.run(["sh", "-c", command], check=False).returncode, ""
    import os

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = main([os.path.expandvars(word) for word in shlex.split(command)[1:]])
    return code, printed.getvalue()
