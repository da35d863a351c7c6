"""`passport registry` over the demonstration: what it shows, and what registrar and company say there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cli_runs import Copied, DemoRun, Passport

MAKER = "weserbogen-traktion"
NAME = "EUID:DEX9999X.HRB999901"


def _key(world: Copied | DemoRun, role: str) -> str:
    """An account's address or a credential key, as the commands take them."""
    if role == "anchoring":
        return str(json.loads((world.folder / MAKER / "workspace.json").read_bytes())["anchoring"])
    index = json.loads((world.folder / MAKER / "keys" / "index.json").read_bytes())
    return str(next(entry["public"] for entry in index["keys"] if entry["role"] == role))


def _show(passport: Passport, world: Copied | DemoRun, *name: str, place: str = MAKER) -> dict[str, Any]:
    done = passport("registry", "show", *name, "--workspace", world.folder / place, "--json")
    assert done.code == 0, done.err
    return done.json


def test_a_company_is_shown_by_id_by_identifier_and_as_ones_own(demo_run: DemoRun, passport: Passport) -> None:
    own = _show(passport, demo_run)
    settings = json.loads((demo_run.folder / MAKER / "workspace.json").read_bytes())
    assert (own["controller"], own["registrar"]) == (settings["controller"], settings["chain"]["root"])
    assert (own["suspensions"], own["void_from"], own["linked_to"], own["recoveries"]) == ([], None, None, [])
    assert [(key["role"], key["bound"], key["bad_from"]) for key in own["keys"]] == [
        ("anchoring", True, None),
        ("credential", True, None),
    ]
    for other in (_show(passport, demo_run, NAME), _show(passport, demo_run, own["issuer_id"])):
        assert other == own
    seen = _show(passport, demo_run, NAME, place="registrar")
    assert seen == own | {"keys": None}


def test_the_page_names_each_line_in_both_languages(demo_run: DemoRun, passport: Passport) -> None:
    place = ("--workspace", demo_run.folder / MAKER)
    lines = passport("registry", "show", *place).out.splitlines()
    assert [line.split("  ")[0] for line in lines[:4]] == ["entity", "controller", "registered by", "roles"]
    assert lines[4].startswith("key (from, until, bad from)  anchoring  0x")
    assert passport("registry", "show", *place, "--lang", "zh").out.startswith("法人  0x")


def test_a_registrar_suspends_and_reinstates(world: Copied, passport: Passport) -> None:
    """While it lasts the company answers for nothing; the interval stays on record."""
    assert passport("registry", "suspend", NAME, *world.at("registrar")).code == 0
    (during,) = _show(passport, world, NAME)["suspensions"]
    assert during["began_at"] is not None
    assert during["ended_at"] is None
    assert passport("who", _key(world, "credential"), "--workspace", world.folder / "auditor", *world.trust).code == 1
    assert passport("registry", "reinstate", NAME, *world.at("registrar")).code == 0
    (after,) = _show(passport, world, NAME)["suspensions"]
    assert after["began_at"] == during["began_at"] <= after["ended_at"]
    assert passport("who", _key(world, "credential"), "--workspace", world.folder / "auditor", *world.trust).code == 0


def test_only_a_voucher_may_suspend(world: Copied, passport: Passport) -> None:
    done = passport("registry", "suspend", NAME, *world.at(MAKER))
    assert done.code == 1
    assert "the contract refuses the transaction; found IssuerUnauthorized" in done.err
    assert _show(passport, world, NAME)["suspensions"] == []


@pytest.mark.parametrize("role", ["anchoring", "credential"])
def test_a_key_is_retired_by_its_company_alone(world: Copied, passport: Passport, role: str) -> None:
    key = _key(world, role)
    tried = passport("registry", "retire-key", key, *world.at(MAKER), "--dry-run", "--json")
    (cost,) = tried.json["costs"]
    assert 25_000 < cost["gas"] < 100_000
    assert all(each["valid_until"] is None for each in _show(passport, world)["keys"])
    assert passport("registry", "retire-key", key, *world.at("registrar")).code != 0
    assert passport("registry", "retire-key", key, *world.at(MAKER)).code == 0
    ended = {each["key"]: each["valid_until"] is not None for each in _show(passport, world)["keys"]}
    assert ended == {_key(world, "anchoring"): role == "anchoring", _key(world, "credential"): role == "credential"}


def test_a_compromise_reaches_back_and_never_forward(world: Copied, passport: Passport) -> None:
    """The audit of a passport that the key signed later than that fails, by this reason."""
    key = _key(world, "credential")

    def report(since: str, place: str = MAKER, *more: str) -> int:
        return passport("registry", "report-compromise", key, "--since", since, *more, *world.at(place)).code

    assert report("2026-11-21T00:00:00Z") == 0
    assert report("2026-11-21T12:00:00Z") != 0
    assert report("2026-11-20T00:00:00Z", "registrar", "--entity", NAME) == 0
    bad = {each["key"]: each["bad_from"] for each in _show(passport, world)["keys"]}
    assert bad[key] == 1_795_132_800  # 2026-11-20T00:00:00Z
    done = passport("who", key, "--workspace", world.folder / "auditor", *world.trust, "--json")
    assert (done.code, done.json["accountable"][0]["key"]["bad_from"]) == (1, 1_795_132_800)
    audit = passport("audit", world.top, "--workspace", world.folder / "auditor", *world.trust)
    assert audit.code == 1
    assert "identity" in audit.out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("retire-key", "0x12"), "an account (0x and 40 digits) or a Multikey"),
        (("report-compromise", "0x" + "1" * 40, "--since", "yesterday"), "2026-11-22T10:00:00Z"),
        (("suspend", "Acme"), "SCHEME:IDENTIFIER"),
        (("suspend", "LEI:nobody"), "LEI"),
    ],
)
def test_what_names_nothing_is_refused_before_anything_is_sent(
    demo_run: DemoRun, passport: Passport, arguments: tuple[str, ...], expected: str
) -> None:
    done = passport("registry", *arguments, *Copied(demo_run.folder, "").at("registrar"))
    assert done.code in (1, 2, 3)
    assert expected in done.err
    assert "Traceback" not in done.err


def test_nobody_is_registered_by_that_name(demo_run: DemoRun, passport: Passport) -> None:
    done = passport("registry", "show", "EUID:DEX9999X.HRB000001", "--workspace", demo_run.folder / "auditor")
    assert (done.code, "nobody is registered by that name" in done.err) == (3, True)
