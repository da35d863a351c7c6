"""`passport who` over the demonstration: keys, accounts, entities and passports, up to the root, and nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from cli_runs import Copied, DemoRun, Passport

from cli.demo.world import DemoWorkspace
from passport.credentials import Role
from passport.ledger import Account, Address, RegistryWriter, Transactor


def _who(passport: Passport, run: DemoRun | Copied, name: str, *, code: int = 0) -> dict[str, Any]:
    trust = run.folder / "trust.json"
    done = passport("who", name, "--workspace", run.folder / "auditor", "--trust", trust, "--json")
    assert done.code == code, done.err
    return done.json


def _settings(run: DemoRun | Copied, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run.folder / key / "workspace.json").read_bytes())
    return found


def test_a_passport_its_key_its_account_and_its_entity_lead_to_one(demo_run: DemoRun, passport: Passport) -> None:
    """Four ways to ask, one answer: the pack's maker, vouched for by the one registrar there is."""
    top = _who(passport, demo_run, demo_run.document["top"])
    (found,) = top["accountable"]
    assert found["entity"]["name"] == "Weserbogen Traktion GmbH (EUID DEX9999X.HRB999901)"
    assert (found["good"], found["broken"], found["key"]["purposes"]) == (True, None, ["ASSERT"])
    chain = _settings(demo_run, "weserbogen-traktion")["chain"]
    assert [step["address"] for step in found["registrars"]] == [chain["root"]] == top["roots"]
    assert top["roots_from_trust_file"] is True
    issuer_id = found["entity"]["issuer_id"]
    account = _settings(demo_run, "weserbogen-traktion")["anchoring"]
    keys = json.loads((demo_run.folder / "weserbogen-traktion" / "keys" / "index.json").read_bytes())
    multikey = next(entry["public"] for entry in keys["keys"] if entry["role"] == "credential")
    for name, purposes in ((issuer_id, None), (account, ["ANCHOR", "STATUS"]), (multikey, ["ASSERT"])):
        (other,) = _who(passport, demo_run, name)["accountable"]
        assert other["entity"] == found["entity"]
        assert other["registrars"] == found["registrars"]
        assert (other["key"]["purposes"] if other["key"] else None) == purposes


def test_the_page_says_it_in_words_of_both_languages(demo_run: DemoRun, passport: Passport) -> None:
    options = ("--workspace", demo_run.folder / "auditor", "--trust", demo_run.folder / "trust.json")
    lines = passport("who", demo_run.document["top"], *options).out.splitlines()
    assert lines[0].startswith("ANSWERED FOR  0x")
    assert lines[1].startswith("  key          ASSERT; good from 2026-11-22T")
    assert lines[2].startswith("  entity       Weserbogen Traktion GmbH (EUID DEX9999X.HRB999901) 0x")
    assert lines[3].startswith("  vouched for  by 0x")
    assert passport("who", demo_run.document["top"], *options, "--lang", "zh").out.startswith("有人负责")


@pytest.mark.parametrize(
    "name", ["0x" + "11" * 20, "0x" + "11" * 32, "z6MknGc3ocHs3zdPiJbnaaqDi58NGb4pk1Sp9WxWufuXSdxf"]
)
def test_nobody_answers_for_a_stranger(demo_run: DemoRun, passport: Passport, name: str) -> None:
    assert _who(passport, demo_run, name, code=1)["accountable"] == []


def test_without_a_trust_file_it_is_undecided_who_counts(demo_run: DemoRun, passport: Passport) -> None:
    world = demo_run.folder / "weserbogen-traktion"
    done = passport("who", demo_run.document["top"], "--workspace", world, "--json")
    assert (done.code, done.json["roots_from_trust_file"]) == (3, False)
    assert done.json["accountable"][0]["good"] is True


def test_a_name_that_is_nothing(demo_run: DemoRun, passport: Passport) -> None:
    done = passport("who", "nobody", "--workspace", demo_run.folder / "auditor")
    assert (done.code, "Traceback" in done.err) == (3, False)
    assert "nobody" in done.err


def test_a_suspended_entity_answers_for_nothing(
    world: Copied, passport: Passport, clock: Callable[[], datetime]
) -> None:
    """The registrar suspends the maker of soda."""
    with (
        DemoWorkspace.open(world.folder / "registrar", clock=clock) as registrar,
        DemoWorkspace.open(world.folder / "green-mesa-soda", clock=clock) as soda,
    ):
        phrase = registrar.passphrase
        account = Account(registrar.keys().open_account(registrar.keys().active(Role.CONTROLLER), phrase))
        writer = RegistryWriter(Address(registrar.chain.registry), registrar.ledger.chain)
        Transactor(registrar.ledger, account).send(writer.suspend(soda.place.issuer_id))
        issuer_id = soda.place.issuer_id
    (found,) = _who(passport, world, issuer_id, code=1)["accountable"]
    assert found["good"] is False
    assert "was suspended from" in found["entity"]["reason"]
    assert found["entity"]["suspended_since"] is not None
