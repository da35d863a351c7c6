"""`passport relay` on a chain where gas costs something, for a company that has none of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from anvil_node import Anvil, anvil_program, running
from cli_runs import ROOT, Passport, command_at

ROOT_LEI, ISSUER_LEI, OPERATOR_LEI = "506700GE1G29325QX363", "5493001KJTIIGC8Y1R12", "999900KITANAMI000191"
RELAY_OPTIONS = ("--gas-per-day", "3000000", "--workspace", "operator")


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    program = anvil_program()
    if program is None:
        pytest.skip("no anvil: npm ci in contracts/, for a platform that it has a binary for")
    with running(program, "--block-base-fee-per-gas", "1000000000") as started:
        yield started


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a passphrase in a file."""
    monkeypatch.chdir(tmp_path)
    phrase = tmp_path / "phrase"
    os.close(os.open(phrase, os.O_CREAT | os.O_WRONLY, 0o600))
    phrase.write_text("correct horse battery staple\n")
    monkeypatch.setenv("PASSPORT_PASSPHRASE_SOURCE", f"file:{phrase}")
    return tmp_path


def found(passport: Passport, name: str, lei: str, *more: str) -> dict[str, str]:
    options = ("--name", name, "--scheme", "LEI", "--identifier", lei, "--country", "DE", "--host", f"{name}.example")
    done = passport("init", *options, "--workspace", name, *more, "--json")
    assert done.code == 0, done.err
    return done.json


@contextmanager
def relaying(now: datetime, *options: str) -> Iterator[tuple[str, list[str]]]:
    """A relay in a process of its own: its URL, and afterwards what it wrote to stderr."""
    log: list[str] = []
    process = subprocess.Popen(
        command_at(now, "relay", *RELAY_OPTIONS, "--port", "0", *options),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            log.append(line)
            if line.startswith("http"):
                break
        yield log[-1].strip().removesuffix("/docs"), log
    finally:
        process.send_signal(signal.SIGINT)
        log.append(process.communicate(timeout=60)[1])


@pytest.mark.anvil
def test_a_company_without_gas(passport: Passport, node: Anvil, here: Path, now: datetime) -> None:
    """The controller is filled once, to bind the keys; what the anchoring account orders somebody else pays for."""
    root = found(passport, "root", ROOT_LEI)
    node.give(root["controller"])
    deploy = ("chain", "deploy", "--url", node.url, "--finality", "instant", "--workspace", "root", "--yes")
    assert passport(*deploy).code == 0
    acme = found(passport, "acme", ISSUER_LEI, "--chain", "chain.json")
    operator = found(passport, "operator", OPERATOR_LEI, "--chain", "chain.json")
    node.give(acme["controller"])
    node.give(operator["anchoring"])
    for arguments in (
        ("registry", "register", "acme/registration.json", "--workspace", "root"),
        ("registry", "bind-key", "--workspace", "acme"),
    ):
        assert passport(*arguments, "--yes").code == 0

    tried = passport("relay", *RELAY_OPTIONS, "--max-gas-price", "9000000000", "--dry-run", "--json")
    assert tried.code == 0, tried.err
    one, day = tried.json["costs"]
    assert 70_000 < one["gas"] < 150_000
    assert one["fee_wei"] % one["gas"] == 0
    assert one["fee_wei"] // one["gas"] > 10**9  # twice the base fee and a tip
    assert (day["gas"], day["fee_wei"]) == (3_000_000, 3_000_000 * 9_000_000_000)
    assert "has 1000 of the chain's coin" in tried.err
    unasked = passport("relay", *RELAY_OPTIONS, "--json")
    assert (unasked.code, "nothing was sent" in unasked.json["error"]["message"]) == (2, True)

    with relaying(now, "--yes") as (url, log):
        by_relay = ("anchor", "--relay", url, "--workspace", "acme", "--json")
        dry = passport(*by_relay, "--steady", "--dry-run")
        assert (dry.code, dry.json["costs"]) == (0, [])
        done = passport(*by_relay, "--steady")
        assert done.code == 0, done.err
        assert done.json["relay"] == url
        while [checkpoint["state"] for checkpoint in done.json["checkpoints"]] == ["submitted"]:
            done = passport(*by_relay)
            assert done.code == 0, done.err + "".join(log)
        assert [checkpoint["state"] for checkpoint in done.json["checkpoints"]] == ["final"]
        both = passport("anchor", "--relay", url, "--pay", "--workspace", "acme")
        assert (both.code, "a relay pays, or we do" in both.err) == (2, True)
    assert int(node.ask("eth_getBalance", acme["anchoring"], "latest"), 16) == 0
    assert int(node.ask("eth_getTransactionCount", acme["anchoring"], "latest"), 16) == 0
    assert int(node.ask("eth_getTransactionCount", operator["anchoring"], "latest"), 16) == 1
    status = passport("chain", "status", "--workspace", "acme", "--json").json
    assert (status["log"]["size"], status["log"]["not_final"]) == (256, 0)
    written = "".join(log)
    assert '"path": "/v1/orders", "status": 20' in written  # 200 where its block was there before the answer
    assert "correct horse" not in written
    assert "PRIVATE KEY" not in written

    kept = Path("operator/passport.db")
    assert kept.exists()
    away = passport("anchor", "--steady", "--relay", url, "--workspace", "acme", "--json")
    assert (away.code, away.json["error"]["message"]) == (3, "the relay does not answer")
    paid = passport("anchor", "--pay", "--workspace", "acme", "--yes", "--json")
    assert paid.code != 0  # this account cannot pay, and says so; the checkpoint waits
    waiting = passport("chain", "status", "--workspace", "acme", "--json").json["log"]["not_final"]
    assert waiting == 1
    with relaying(now, "--yes") as (again, _):
        done = passport("anchor", "--relay", again, "--workspace", "acme", "--json")
        assert done.code == 0, done.err
        while [checkpoint["state"] for checkpoint in done.json["checkpoints"]] == ["submitted"]:
            done = passport("anchor", "--relay", again, "--workspace", "acme", "--json")
            assert done.code == 0, done.err
    assert [(each["seq"], each["state"]) for each in done.json["checkpoints"]] == [(2, "final")]


@pytest.mark.parametrize("url", ["relay.example", "https://user:secret@relay.example", "https://relay.example?key=1"])
def test_a_relay_that_is_none_is_not_taken_into_a_workspace(passport: Passport, here: Path, url: str) -> None:
    found(passport, "acme", ISSUER_LEI)
    kept = Path("acme/workspace.json").read_bytes()
    done = passport("init", "--relay", url, "--workspace", "acme")
    assert done.code != 0
    assert "secret" not in done.err
    assert Path("acme/workspace.json").read_bytes() == kept


def test_the_relay_of_a_workspace(passport: Passport, here: Path) -> None:
    found(passport, "acme", ISSUER_LEI)
    assert passport("init", "--relay", "https://relay.example/eu", "--workspace", "acme").code == 0
    assert json.loads(Path("acme/workspace.json").read_bytes())["relay"] == "https://relay.example/eu"


def test_a_relay_needs_a_budget(passport: Passport, here: Path) -> None:
    found(passport, "operator", OPERATOR_LEI)
    done = passport("relay", "--workspace", "operator")
    assert (done.code, "--gas-per-day" in done.err or "PASSPORT_RELAY_GAS_PER_DAY" in done.err) == (2, True)
