"""`passport keys state-account` and `linked-accounts`: accounts are tied in what is published, and stay so."""

from __future__ import annotations

import json
from pathlib import Path

from cli_runs import Copied, Passport

COMPANY = "weserbogen-traktion"


def test_an_account_is_stated_published_and_judged(world: Copied, passport: Passport) -> None:
    company = world.folder / COMPANY
    at = ("--workspace", company)
    keyed = world.at(COMPANY)
    did_file = company / "public" / "did.json"
    none = passport("keys", "linked-accounts", did_file, "--json")
    assert (none.code, none.json["accounts"]) == (3, [])
    listed = passport("keys", "list", *at, "--json").json["keys"]
    statements = []
    for role in ("anchoring", "controller"):
        stated = passport("keys", "state-account", role, *keyed, "--json")
        assert stated.code == 0, stated.err
        statements.append(stated.json["statement"])
    assert passport("keys", "rotate", "credential", *keyed).code == 0
    assert passport("publish", *at).code == 0
    document = json.loads(did_file.read_bytes())
    accounts = [each["account"] for each in statements]
    assert document["alsoKnownAs"][1:] == accounts
    assert len(document["verificationMethod"]) == 4
    assert [each["serviceEndpoint"] for each in document["service"]] == statements
    judged = passport("keys", "linked-accounts", did_file, "--json")
    assert judged.code == 0, judged.err
    assert [(each["account"], each["outcome"]) for each in judged.json["accounts"]] == [
        (account, "passed") for account in accounts
    ]
    assert len(listed) == 3
    document["alsoKnownAs"] = document["alsoKnownAs"][:1]
    did_file.write_text(json.dumps(document), "utf-8")
    false = passport("keys", "linked-accounts", did_file, "--json")
    assert false.code == 1
    assert all("does not name the account" in each["reason"] for each in false.json["accounts"])


def test_a_line_break_in_a_did_makes_no_line_of_its_own(passport: Passport, tmp_path: Path) -> None:
    """What stands behind it would read like the account of somebody who never said so."""
    account = "did:pkh:eip155:1:0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"
    statement = {
        "format": "carbon-passport/account-statement/1.0",
        "did": "did:web:other.example",
        "account": account,
        "issued": 1,
        "signature": "0x" + "00" * 64 + "1b",
    }
    service = {"id": "#a", "type": "CarbonPassportAccountStatement", "serviceEndpoint": statement}
    file = tmp_path / "did.json"
    file.write_text(json.dumps({"id": f"did:web:x\npassed  {account}", "service": [service]}), "utf-8")
    judged = passport("keys", "linked-accounts", file)
    assert (judged.code, judged.out.count("\n")) == (1, 1)
    assert judged.out.startswith("failed  ")
