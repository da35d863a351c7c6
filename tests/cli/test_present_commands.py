"""`passport present` and `verify --role`: a role's view out of a workspace, judged by an auditor on the same chain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Copied, Done, Passport

from passport.credentials import Ed25519Signer, build_did_web_document, jcs, parse_canonical, sign_document
from passport.filing import file_did_document
from passport.model.role_map import ANNEX_XIII
from passport.workspace import Workspace

MAKER = "weserbogen-traktion"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
INVENTORY: dict[str, Any] = {
    "format": "carbon-passport/inventory/1.0",
    "product": {
        "id": "https://id.weserbogen-traktion.example/trial-pack",
        "pactIds": ["urn:pact:weserbogen-traktion.example:product-id:trial-pack"],
        "name": "Trial pack",
        "description": "A battery pack for tests",
        "idScheme": {"id": "https://id.weserbogen-traktion.example", "name": "Example"},
        "granularity": "model",
        "category": [{"code": "1", "name": "x", "schemeId": "https://x.example/", "schemeName": "x"}],
    },
    "declaredUnit": "kilogram",
    "declaredAmount": "1",
    "massPerDeclaredUnit": "1",
    "period": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
    "country": "DE",
    "facility": {"id": "https://id.weserbogen-traktion.example/plants/1", "name": "Plant 1"},
    "standards": ["PACT-3.0"],
    "gwp": ["AR6"],
    "boundary": "Cradle to gate",
    "exempted": {"percent": "0", "reason": "Nothing"},
    "carbonContents": {"fossilCarbonContent": "0"},
    "packagingEmissionsIncluded": False,
    "coveredQuantity": "1000",
    "inputs": [
        {
            "id": name,
            "kind": "direct",
            "name": name,
            "stage": "mainProduction",
            "known": "measured",
            "emissions": {"fossilGhgEmissions": "1"},
        }
        for name in ("oven", "drier")
    ],
    "contentSets": {
        "roleMap": ANNEX_XIII,
        "sets": {
            "1": {"ratedCapacity": "94 Ah"},
            "2": {"partNumbers": ["P-1", "P-2"]},
            "3": {"testReport": "passed in March"},
            "4": {"stateOfHealth": "97 %"},
        },
        "rowAudiences": {"legitimate": ["oven"]},
    },
}


@dataclass(frozen=True)
class Shown:
    """A passport with content sets on the chain of the demonstration, and where its views are written."""

    passport: Passport
    world: Copied
    id: str

    def present(self, role: str, *options: str) -> Path:
        file = self.world.folder / f"{role}.json"
        done = self.passport("present", self.id, *self.world.at(MAKER), "--role", role, "-o", file, *options)
        assert done.code == 0, done.err
        return file

    def judge(self, file: Path, role: str, *options: str) -> Done:
        auditor = ("--workspace", self.world.folder / "auditor")
        return self.passport("verify", file, *auditor, *self.world.trust, "--role", role, *options)


@pytest.fixture
def shown(world: Copied, passport: Passport) -> Shown:
    """Issued, anchored and published by the maker of the pack, and received by the auditor."""
    file = world.folder / "trial.json"
    file.write_text(json.dumps(INVENTORY), "utf-8")
    issued = passport("issue", file, *world.at(MAKER), "--json")
    assert issued.code == 0, issued.err
    for command in (("anchor", *world.at(MAKER)), ("publish", *world.at(MAKER)[:2])):
        assert passport(*command).code == 0
    public = world.folder / MAKER / "public"
    assert passport("import", public, "--workspace", world.folder / "auditor").code == 0
    return Shown(passport, world, issued.json["passports"][0]["id"])


def test_a_role_is_shown_its_view_and_it_is_judged(shown: Shown) -> None:
    """Signed and unsigned; each view is right for its role and for no other."""
    workshop = shown.present("legitimate", "--sign")
    done = shown.judge(workshop, "legitimate", "--json")
    assert done.code == 0, done.out + done.err
    found = done.json
    assert (found["verdict"], found["disclosure"]["outcome"]) == ("passed", "passed")
    assert found["disclosed"]["sets"] == {name: INVENTORY["contentSets"]["sets"][name] for name in "124"}
    assert [row["id"] for row in found["disclosed"]["rows"]] == ["oven"]
    assert (found["holder"], found["holder_signature"]["outcome"]) == ("did:web:weserbogen-traktion.example", "passed")
    assert found["report"]["top"] == shown.id
    wrong = shown.judge(workshop, "public", "--json")
    assert (wrong.code, wrong.json["verdict"], wrong.json["disclosed"]) == (1, "failed", None)
    assert wrong.json["disclosure"]["reason"] == "role: made for another role"
    page = shown.judge(shown.present("public"), "public")
    assert page.code == 0, page.err
    assert "exactly what public may see: the sets 1 and 0 rows" in page.out
    assert "1 ratedCapacity: 94 Ah" in page.out
    assert "nobody signed the presentation" in page.out
    assert "P-1" not in page.out
    forgotten = shown.passport("verify", workshop, "--workspace", shown.world.folder / "auditor")
    assert (forgotten.code, forgotten.out) == (2, "")
    assert "this is a presentation, and nobody said for whom" in forgotten.err


def test_cheats_with_a_file(shown: Shown) -> None:
    """Whoever hands the file on changes a value, leaves a set out, or lays another holder's name over it."""
    whole = parse_canonical(shown.present("legitimate", "--sign").read_bytes())
    bent = shown.world.folder / "bent.json"

    def judged(document: dict[str, Any]) -> dict[str, Any]:
        bent.write_bytes(jcs(document))
        done = shown.judge(bent, "legitimate", "--json")
        assert done.code == 1
        return done.json

    changed = json.loads(json.dumps(whole))
    changed["disclosure"]["sets"][2]["attributes"][0]["value"] = "99 %"
    found = judged(changed)
    assert found["disclosure"]["reason"].startswith("set 4: stateOfHealth: not the value that was committed to")
    assert found["holder_signature"]["outcome"] == "failed"
    assert found["report"]["verdict"] == "passed"
    unsigned = {key: value for key, value in whole.items() if key not in {"proof", "holder"}}
    unsigned["disclosure"] = {**whole["disclosure"], "sets": whole["disclosure"]["sets"][:2]}
    assert judged(unsigned)["disclosure"]["reason"] == "set 4: a set is withheld"
    passport = whole["verifiableCredential"][0]
    foreign = {**unsigned, "disclosure": whole["disclosure"]}
    foreign["verifiableCredential"] = [{**passport, "name": "Digital product passport: Another pack"}]
    found = judged(foreign)
    assert (found["disclosure"]["outcome"], found["report"]["verdict"]) == ("passed", "failed")


@pytest.mark.parametrize("did", ["did:web:authority.example", f"did:web:{MAKER}.example"])
def test_a_did_document_that_anybody_filed_makes_nobody_the_holder(shown: Shown, did: str) -> None:
    """Whoever hands a presentation over hands over a DID document too; the registry knows no such key."""
    stranger = Ed25519Signer.generate(verification_method=f"{did}#key-1")
    with Workspace.open(shown.world.folder / "auditor", clock=lambda: NOW) as auditor:
        file_did_document(auditor.store, did, build_did_web_document(did, multikeys=[stranger.multikey]))
    unsigned = parse_canonical(shown.present("public").read_bytes())
    forged = shown.world.folder / "forged.json"
    created = datetime.fromisoformat(unsigned["verifiableCredential"][0]["proof"]["created"])
    forged.write_bytes(sign_document({**unsigned, "holder": did}, stranger, created).body)
    found = shown.judge(forged, "public", "--json")
    assert (found.code, found.json["verdict"], found.json["holder"]) == (3, "undecided", did)
    assert found.json["holder_signature"] == {
        "outcome": "unknown",
        "expected": None,
        "found": did,
        "reason": "nobody vouches for the DID document that names the holder's key",
    }
    assert found.json["report"]["verdict"] == "passed"
    itself = Ed25519Signer.generate()
    holder = itself.verification_method.partition("#")[0]
    forged.write_bytes(sign_document({**unsigned, "holder": holder}, itself, created).body)
    found = shown.judge(forged, "public", "--json")
    assert (found.code, found.json["holder_signature"]["outcome"]) == (0, "passed")


def test_without_a_chain_nothing_is_decided(shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = shown.present("public", "--sign")
    monkeypatch.chdir(tmp_path)
    done = shown.passport("verify", file, "--role", "public", "--json")
    assert (done.code, done.json["verdict"], done.json["disclosure"]["outcome"]) == (3, "undecided", "passed")
    assert done.json["holder_signature"]["outcome"] == "unknown"


def test_a_passport_without_content_sets(shown: Shown) -> None:
    done = shown.passport("present", shown.world.top, *shown.world.at(MAKER), "--role", "public", "-o", "x.json")
    assert done.code == 3
    assert "nothing here opens content sets of this passport" in done.err


@pytest.mark.parametrize("option", ["--sd-jwt", "--dc-sd-jwt"])
def test_as_sd_jwt(shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    public = shown.present("public", option)
    data = public.read_bytes()
    assert data.endswith(b"~")
    assert data.count(b"~") == 4  # the salt of set 1, its one attribute, the salt of the public's rows, and the end
    done = shown.judge(public, "public", "--json")
    assert done.code == 0, done.out + done.err
    assert (done.json["verdict"], done.json["holder_signature"]["outcome"]) == ("passed", "passed")
    assert done.json["disclosed"] == {"sets": {"1": {"ratedCapacity": "94 Ah"}}, "rows": []}
    assert shown.judge(public, "legitimate", "--json").json["disclosure"]["reason"] == "set 2: a set is withheld"
    workshop = shown.present("legitimate", option)
    done = shown.judge(workshop, "legitimate", "--json")
    assert (done.code, [row["id"] for row in done.json["disclosed"]["rows"]]) == (0, ["oven"])
    bent = shown.world.folder / "bent.sd-jwt"
    bent.write_bytes(data.replace(b".", b".e30.", 1))
    done = shown.judge(bent, "public")
    assert (done.code, "not a JWS in compact form" in done.err) == (1, True)
    signature = data.partition(b"~")[0].rpartition(b".")[2]
    bent.write_bytes(data.replace(signature, bytes(reversed(signature[:-1])) + signature[-1:]))
    done = shown.judge(bent, "public", "--json")
    assert (done.code, done.json["holder_signature"]["outcome"]) == (1, "failed")
    assert "the signature does not hold" in done.json["holder_signature"]["reason"]
    forgotten = shown.passport("verify", public, "--workspace", shown.world.folder / "auditor")
    assert (forgotten.code, forgotten.out) == (2, "")
    monkeypatch.chdir(tmp_path)
    alone = shown.passport("verify", workshop, "--role", "legitimate", "--json")
    assert (alone.code, alone.json["verdict"]) == (3, "undecided")
    assert alone.json["disclosure"]["reason"] == "the statement that lists the rows is not at hand"


def test_one_type_of_sd_jwt(shown: Shown) -> None:
    both = ("--sd-jwt", "--dc-sd-jwt")
    done = shown.passport("present", shown.id, *shown.world.at(MAKER), "--role", "public", "-o", "x.json", *both)
    assert (done.code, "two types for one SD-JWT" in done.err) == (2, True)
