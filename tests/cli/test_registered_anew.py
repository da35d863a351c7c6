"""A company whose registration was annulled and that is registered anew, from its first passport to the last audit."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cli_runs import ROOT, Done, Passport

from passport.credentials import FilePassphrase, jcs
from passport.ledger import Address, RegistryWriter, issuer_id
from passport.workspace import Workspace

LEI = "5493001KJTIIGC8Y1R12"  # Bloomberg Finance L.P., as published by GLEIF; here it stands for a company
NORTHQUAY, KITANAMI = "999900NORTHQUA000161", "999900KITANAMI000191"
FLOUR = ROOT / "docs" / "example" / "flour.yaml"

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a passphrase in a file."""
    monkeypatch.chdir(tmp_path)
    phrase = tmp_path / "phrase"
    phrase.write_text("correct horse battery staple\n")
    phrase.chmod(0o600)
    monkeypatch.setenv("PASSPORT_PASSPHRASE_SOURCE", f"file:{phrase}")
    return tmp_path


@pytest.fixture
def run(passport: Passport) -> Run:
    """Run a command that works; what it says as JSON."""

    def run(*arguments: object) -> dict[str, Any]:
        done = passport(*arguments, "--json")
        assert done.code == 0, done.err
        return done.json

    return run


def as_controller(here: Path, name: str, now: datetime, say: Callable[[RegistryWriter], Any]) -> None:
    """A call of the registry that no command makes."""
    with Workspace.open(here / name, clock=lambda: now) as workspace:
        writer = RegistryWriter(Address(workspace.chain.registry), workspace.ledger.chain)
        workspace.send_as_controller(FilePassphrase(here / "phrase"), say(writer))


def found(run: Run, name: str, lei: str, *more: object) -> dict[str, Any]:
    entity = ("--scheme", "LEI", "--identifier", lei, "--name", name.title(), "--country", "DE")
    return run("init", "--workspace", name, *entity, "--host", f"{name}.example", *more)


@pytest.fixture
def accredited(here: Path, run: Run, now: datetime) -> Path:
    """A chain whose root accredited a registrar, which registered a company that has anchored a passport."""
    found(run, "root", NORTHQUAY, "--new-chain", "chain")
    join = ("--chain", "chain/chain.json")
    office = found(run, "office", KITANAMI, *join)
    run("registry", "register", "office/registration.json", "--workspace", "root")
    as_controller(
        here,
        "root",
        now,
        lambda writer: writer.accredit_registrar(Address(office["controller"]), issuer_id("LEI", KITANAMI)),
    )
    found(run, "acme", LEI, *join)
    made = run("registry", "register", "acme/registration.json", "--workspace", "office")
    assert (made["issuer_id"], made["generation"]) == (issuer_id("LEI", LEI), 0)
    run("registry", "bind-key", "--workspace", "acme")
    run("trust", "-o", "trust.json", "--workspace", "root")
    run("init", "--auditor", "--workspace", "auditor", *join)
    return here


def issued(run: Run, inventory: Path = FLOUR) -> str:
    """Issue, anchor and publish the flour, and let the auditor take it in."""
    (made,) = run("issue", inventory, "--workspace", "acme")["passports"]
    (anchored,) = run("anchor", "--workspace", "acme")["checkpoints"]
    assert (anchored["seq"], anchored["size"], anchored["state"]) == (1, 256, "final")
    run("publish", "--workspace", "acme")
    run("import", "acme/public", "--workspace", "auditor")
    return str(made["id"])


def audited(passport: Passport, name: str) -> tuple[int, str]:
    done = passport("audit", name, "--workspace", "auditor", "--trust", "trust.json")
    return done.code, done.out


def opened_log(passport: Passport, name: str) -> Done:
    place = ("--workspace", "auditor", "--trust", "trust.json")
    return passport("audit", "--log", name, "--documents", "acme/public", *place, "--json")


def test_registered_anew_it_issues_under_its_new_id(
    accredited: Path, passport: Passport, run: Run, now: datetime
) -> None:
    """Void from the start, so the old passport falls; the product is issued again, in a log of its own."""
    old = issued(run)
    assert audited(passport, old)[0] == 0
    before = json.loads(Path("acme/workspace.json").read_bytes())
    as_controller(accredited, "root", now, lambda writer: writer.annul_issuer(issuer_id("LEI", LEI), void_from=1))
    refused = passport("issue", ROOT / "docs" / "example" / "bread.yaml", "--workspace", "acme")
    assert (refused.code, "the company's registration was annulled" in refused.err) == (1, True)
    unregistered = passport("registry", "bind-key", "--workspace", "acme")
    assert (unregistered.code, "the registration was annulled" in unregistered.err) == (3, True)

    again = run("registry", "register", "acme/registration.json", "--workspace", "office")
    assert (again["issuer_id"], again["generation"]) == (issuer_id("LEI", LEI, 1), 1)
    costs = run("registry", "bind-key", "--workspace", "acme", "--dry-run")["costs"]
    assert [cost["what"] for cost in costs] == ["bind the anchoring account", "bind the credential key"]
    assert json.loads(Path("acme/workspace.json").read_bytes()) == before
    bound = run("registry", "bind-key", "--workspace", "acme")
    assert bound["issuer_id"] == issuer_id("LEI", LEI, 1)
    after = json.loads(Path("acme/workspace.json").read_bytes())
    assert (before.get("generation"), after["generation"]) == (None, 1)
    assert after["anchoring"] != before["anchoring"]  # an account is bound once, to one registration, for ever
    assert after["controller"] == before["controller"]
    assert run("registry", "bind-key", "--workspace", "acme", "--dry-run")["costs"] == []
    shown = run("registry", "show", "--workspace", "acme")
    assert [(key["role"], key["bound"]) for key in shown["keys"]][-2:] == [("anchoring", True), ("credential", True)]

    followed = Path("flour.yaml")
    followed.write_text(FLOUR.read_text("utf-8") + f"\npredecessor: {old}\n", "utf-8")
    new = issued(run, followed)
    assert new != old
    assert audited(passport, new)[0] == 0
    code, page = audited(passport, old)
    assert (code, "is annulled: what it did from 1 is void" in page) == (1, True)
    named = opened_log(passport, f"LEI:{LEI}")
    assert (named.code, named.json["log"].rpartition("#")[2]) == (3, issuer_id("LEI", LEI, 1))
    former = opened_log(passport, issuer_id("LEI", LEI))
    assert former.json["log"].rpartition("#")[2] == issuer_id("LEI", LEI)
    (answer,) = run("who", f"LEI:{LEI}", "--workspace", "auditor", "--trust", "trust.json")["accountable"]
    assert answer["entity"]["issuer_id"] == issuer_id("LEI", LEI, 1)
    settings = json.loads(Path("auditor/workspace.json").read_bytes())
    settings["chain"] = {key: value for key, value in settings["chain"].items() if key != "file"}
    settings["chain"] |= {"driver": "dry", "format": "carbon-passport/chain/1.1"}
    Path("auditor/workspace.json").write_bytes(jcs(settings))
    apart = opened_log(passport, f"LEI:{LEI}")
    assert (apart.code, "several registrations of that identifier have logs here" in apart.err) == (1, True), apart.err
    assert opened_log(passport, issuer_id("LEI", LEI, 1)).code == 3


def test_what_it_anchored_before_a_later_moment_stands(
    accredited: Path, passport: Passport, run: Run, now: datetime
) -> None:
    """A number given back: the old passport passes on, so a second one for its product has to name it."""
    old = issued(run)
    with Workspace.open(accredited / "acme", clock=lambda: now) as workspace:
        void_from = workspace.ledger.head().timestamp + 1
    as_controller(
        accredited, "office", now, lambda writer: writer.set_roles(issuer_id("LEI", LEI), 1)
    )  # a block after the anchoring, for a moment that has come
    as_controller(accredited, "root", now, lambda w: w.annul_issuer(issuer_id("LEI", LEI), void_from=void_from))
    run("registry", "register", "acme/registration.json", "--workspace", "office")
    run("registry", "bind-key", "--workspace", "acme")
    assert audited(passport, old)[0] == 0
    other = Path("flour.yaml")
    other.write_text(FLOUR.read_text("utf-8").replace("0.32", "0.33"), "utf-8")
    refused = passport("issue", other, "--workspace", "acme")
    assert (refused.code, "there is a current passport for this product already" in refused.err) == (1, True)


def test_another_company_under_the_identifier_is_not_taken_for_this_one(
    accredited: Path, passport: Passport, run: Run, now: datetime
) -> None:
    """A squatter's workspace does not go over to whoever is registered after it."""
    as_controller(accredited, "root", now, lambda writer: writer.annul_issuer(issuer_id("LEI", LEI), void_from=1))
    found(run, "rightful", LEI, "--chain", "chain/chain.json")
    run("registry", "register", "rightful/registration.json", "--workspace", "office")
    kept = Path("acme/workspace.json").read_bytes()
    done = passport("registry", "bind-key", "--workspace", "acme")
    assert done.code != 0
    assert "the identifier was registered anew, for another controller" in done.err
    assert Path("acme/workspace.json").read_bytes() == kept
    assert run("registry", "bind-key", "--workspace", "rightful")["issuer_id"] == issuer_id("LEI", LEI, 1)
    kept_account = json.loads(Path("rightful/workspace.json").read_bytes())["anchoring"]
    assert run("who", kept_account, "--workspace", "auditor", "--trust", "trust.json")["accountable"]
