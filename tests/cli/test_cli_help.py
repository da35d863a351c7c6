"""Every command has help that leads with examples, stands in the documents, and shares the common options."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from cli_runs import Passport

from cli.catalogue import WORDS, Language, language_of, word
from cli.main import COMMANDS, GROUPS, build_app
from passport.model.party import Party, Scheme

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = [(name,) for name, _, _ in COMMANDS] + [
    (group, name) for group, (_, commands) in GROUPS.items() for name, _, _ in commands
]
WITHOUT_WORKSPACE = {
    ("schema",),
    ("profile",),
    ("demo",),
    ("compute",),
    ("ledger",),
    ("log", "witness"),
    ("log", "witness-init"),
    ("log", "witness-serve"),
}
WITH_KEYS = {"sign", "sign-report", "verify-report", "watch"}


@pytest.mark.parametrize("name", NAMES, ids=" ".join)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_leads_with_examples(passport: Passport, name: tuple[str, ...], option: str) -> None:
    done = passport(*name, option)
    assert (done.code, done.err) == (0, "")
    lines = [line for line in done.out.splitlines() if line.strip()]
    assert lines[0].startswith(f"Usage: passport {' '.join(name)}")
    assert lines[1].strip() == "Examples:"
    assert lines[2].strip().startswith(("passport ", "rsync"))
    summary = word(f"command.{'.'.join(name)}", Language.EN)
    assert summary in " ".join(done.out.split())
    assert "--json" in done.out
    assert "--lang" in done.out
    assert ("--workspace" in done.out) == (WITHOUT_WORKSPACE.isdisjoint({name, name[:1]}) or name[-1] in WITH_KEYS)


def test_every_command_is_in_the_overview(passport: Passport) -> None:
    listed = passport("-h").out.partition("Commands:")[2]
    found = dict(re.findall(r"^  (\S+)\s+(.*)$", listed, re.MULTILINE))
    wanted = {name: word(f"command.{name}", Language.EN) for name in [n for n, _, _ in COMMANDS] + list(GROUPS)}
    assert found == wanted


def test_who_asks_for_a_command_waits_for_no_other() -> None:
    """Each command alone is what it is among all: `test_help_leads_with_examples` asks every one by itself."""
    alone, group = build_app(only="verify"), build_app(only="keys")
    assert ([each.name for each in alone.registered_commands], alone.registered_groups) == (["verify"], [])
    assert (group.registered_commands, [each.name for each in group.registered_groups]) == ([], ["keys"])
    assert len(build_app().registered_commands) == len(COMMANDS)


def test_every_command_is_in_the_documents() -> None:
    """docs/cli.md has one heading a command, with its summary below it, and every exit code."""
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    sections = dict(re.findall(r"^### passport (.+)\n\n(.+?)\.(?: |\n)", text, re.MULTILINE))
    assert sections == {" ".join(name): word(f"command.{'.'.join(name)}", Language.EN) for name in NAMES}


def test_examples_name_options_that_exist(passport: Passport) -> None:
    """An example with an option that the command does not have would be found here."""
    examples = {name: text for name, _, text in COMMANDS} | {
        f"{group} {name}": text for group, (_, commands) in GROUPS.items() for name, _, text in commands
    }
    for name, text in examples.items():
        known = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", passport(*name.split(), "-h").out.split("Options:")[1]))
        for line in text.splitlines():
            own = line.partition(" -- ")[0]  # what follows is another command's
            if line.startswith(f"passport {name} "):
                used = set(re.findall(r"(?<= )--[a-z][a-z-]*", own))
                assert used <= known, line


def test_version(passport: Passport) -> None:
    assert passport("--version").out == f"carbon-passport {version('carbon-passport')}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense",), "No such command"),
        (("audit",), "Missing argument"),
        (("anchor", "--fast"), "No such option"),
        (("audit", "x", "--min-recomputed", "2"), "Invalid value for '--min-recomputed'"),
        (("keys", "rotate", "controller"), "Invalid value for"),
        (("audit", "x", "--max-status-age", "inf"), "Invalid value for '--max-status-age'"),
        (("audit", "x", "--at", "0001-01-01T00:00:00+14:00"), "--at: not a moment"),
    ],
)
def test_wrong_usage_is_2(passport: Passport, arguments: tuple[str, ...], said: str) -> None:
    """In words, and for a program that asked for JSON as one document too."""
    done = passport(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert said in done.err
    described = passport(*arguments, "--json")
    assert described.code == 2
    assert described.json["schema_version"] == "1.0"
    error = described.json["error"]
    assert error["class"] == "UsageError"
    assert said in f"{error['where']}: {error['message']}"


def test_identifiers_in_examples_are_taken(passport: Passport) -> None:
    """Whoever copies an example must not be told that its identifier is mistyped."""
    found = set(re.findall(r"--scheme (\S+) --identifier (\S+)", passport("-h").out + passport("init", "-h").out))
    assert found
    for scheme, identifier in found:
        assert Party(scheme=Scheme(scheme), identifier=identifier, name="Acme", country="DE").identifier == identifier


def test_the_catalogue_is_complete() -> None:
    """Both languages say the same facts, and Chinese is Chinese."""
    for key, (english, chinese) in WORDS.items():
        fields = [set(re.findall(r"{(\w+)}", text)) for text in (english, chinese)]
        assert fields[0] == fields[1], key
        assert re.search(r"[\u4e00-\u9fff]", chinese) or not re.search("[a-z]{3}", re.sub(r"{\w+}", "", english)), key


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, (Language.EN, "default")),
        ({"LANG": "zh_CN.UTF-8"}, (Language.ZH, "LANG")),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "de_DE"}, (Language.EN, "LC_ALL")),
        ({"LANG": "de_DE", "PASSPORT_LANG": "zh"}, (Language.ZH, "PASSPORT_LANG")),
    ],
)
def test_the_language_of_the_environment(environment: dict[str, str], expected: tuple[Language, str]) -> None:
    assert language_of(environment) == expected


def test_help_in_chinese(passport: Passport) -> None:
    assert "逐层审计护照" in passport("audit", "-h", "--lang", "zh").out
