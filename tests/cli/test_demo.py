"""The demonstration: what it makes, what it prints, and that each cheat fails at the right passport for its reason."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import stat
from pathlib import Path

import pytest
from cli_runs import ROOT, Copied, DemoRun, Passport

from cli.demo.data import data_folder, load_cast
from cli.demo.story import clear
from cli.demo.world import PHRASE_FILE, rounds_of
from passport.errors import UsageError

LETTERS = re.compile(r"https://([a-z-]+)\.example/passports/[0-9a-f-]{36}")


def maker(passport_id: str) -> str:
    """Whose passport it is, by its id."""
    match = LETTERS.fullmatch(passport_id)
    assert match
    return match[1]


def test_the_document(demo_run: DemoRun) -> None:
    document = demo_run.document
    assert list(document) == [
        "schema_version",
        "companies",
        "passports",
        "tiers",
        "checkpoints",
        "top",
        "audit",
        "sabotage",
        "seconds",
    ]
    assert (document["companies"], document["passports"], document["tiers"]) == (14, 24, 8)
    assert document["checkpoints"] == 16
    assert maker(document["top"]) == "weserbogen-traktion"
    audit = document["audit"]
    assert audit["verdict"] == "passed"
    # 13 checks at 24 passports: the electrolyte's withheld statement leaves two open; nothing draws on the top one.
    assert audit["counts"] == {"passed": 333, "failed": 0, "unknown": 3, "skipped": 24}
    assert sum(audit["coverage"].values()) == pytest.approx(1, abs=1e-8)
    assert 0.95 < audit["coverage"]["recomputed"] < 0.98
    assert 0.01 < audit["coverage"]["withheld"] < 0.15
    assert audit["seconds"] > 0
    assert demo_run.stderr == ""


def test_the_sabotage(demo_run: DemoRun) -> None:
    found = [{**entry, "at": maker(entry["at"])} for entry in demo_run.document["sabotage"]]
    assert found == [
        {
            "what": "a quantity changed by its own issuer, signed again with its real key and anchored again",
            "verdict": "failed",
            "failed_check": "arithmetic",
            "at": "baekdam-cathode",
        },
        {
            "what": "an upstream passport swapped for another one under the same id",
            "verdict": "failed",
            "failed_check": "digest",
            "at": "kitanami-carbon",
        },
        {
            "what": "a passport signed by a key that its company published and no registrar's entity vouches for",
            "verdict": "failed",
            "failed_check": "identity",
            "at": "noeul-electrolyte",
        },
        {
            "what": "an honest-looking bundle from a stranger's own chain with a stranger's own registry",
            "verdict": "failed",
            "failed_check": "inclusion",
            "at": "teluk-merpati-nikel",
        },
    ]


@pytest.mark.parametrize(
    ("name", "top_of", "failed"),
    [
        ("changed-quantity", "reissued", {"baekdam-cathode": ["arithmetic"]}),
        ("swapped-passport", "first", {"kitanami-carbon": ["digest"]}),
        ("unvouched-key", "reissued", {"noeul-electrolyte": ["identity"]}),
    ],
)
def test_nothing_else_fails_in_a_sabotaged_world(
    demo_run: DemoRun, passport: Passport, name: str, top_of: str, failed: dict[str, list[str]]
) -> None:
    """The lie is all there is to find: everything around it is in order. Judged out of what the demonstration left."""
    world = demo_run.folder / "sabotage" / name
    top = demo_run.document["top"]
    if top_of == "reissued":
        with sqlite3.connect(world / "auditor" / "passport.db") as database:
            query = "SELECT document_id FROM documents WHERE kind = 'passport' AND subject_id LIKE ? ORDER BY sequence"
            found = [row[0] for row in database.execute(query, ("%weserbogen%09520001000027",))]
        database.close()
        assert top in found
        top = next(each for each in found if each != top)
    trust = str(demo_run.folder / "trust.json")
    done = passport("audit", top, "--workspace", world / "auditor", "--trust", trust, "--json")
    assert done.code == 1
    assert {
        maker(node["id"]): [check["id"] for check in node["checks"] if check["outcome"] == "failed"]
        for node in done.json["nodes"]
        if any(check["outcome"] == "failed" for check in node["checks"])
    } == failed


def test_the_strangers_bundle_is_honest_on_its_own_terms(demo_run: DemoRun, passport: Passport, tmp_path: Path) -> None:
    """With the stranger's trust file it passes: nothing but our own trust file tells the two worlds apart."""
    world = demo_run.folder / "sabotage" / "strangers-chain"
    theirs = tmp_path / "theirs.json"
    assert passport("trust", "-o", theirs, "--workspace", world / "registrar").code == 0
    assert passport("audit", world / "top.bundle", "--trust", theirs, "--json").code == 0
    ours = passport("audit", world / "top.bundle", "--trust", demo_run.folder / "trust.json", "--json")
    assert ours.code == 1
    assert {
        (check["id"], check["reason"])
        for node in ours.json["nodes"]
        for check in node["checks"]
        if check["outcome"] == "failed"
    } == {("inclusion", "not the chain in the trust file")}


def test_the_bundle_gives_the_same_verdict_without_any_workspace(
    demo_run: DemoRun, passport: Passport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("top.bundle", "trust.json"):
        (tmp_path / name).write_bytes((demo_run.folder / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    audited = passport("audit", "top.bundle", "--trust", "trust.json", "--json")
    assert audited.code == 0
    assert audited.json["top"] == demo_run.document["top"]
    assert audited.json["coverage"] == demo_run.document["audit"]["coverage"]
    assert audited.json["totals"]["outcomes"] == demo_run.document["audit"]["counts"]
    (tmp_path / "trust.json").unlink()
    undecided = passport("audit", "top.bundle", "--json")
    assert (undecided.code, undecided.json["verdict"]) == (3, "undecided")
    assert undecided.json["as_of"]["block"] is None
    strict = passport("audit", "top.bundle", "--trust", demo_run.folder / "trust.json", "--strict", "--json")
    assert (strict.code, strict.json["verdict"]) == (3, "undecided")


def test_each_company_has_its_own_keys(demo_run: DemoRun) -> None:
    """No two workspaces share a key, a passphrase or a database; the auditor has no keys at all."""
    cast = load_cast()
    folders = [demo_run.folder / company.key for company in (cast.registrar, *cast.companies)]
    publics: list[str] = []
    for folder in folders:
        index = json.loads((folder / "keys" / "index.json").read_text("utf-8"))
        publics += [key["public"] for key in index["keys"]]
    assert len(publics) == len(set(publics)) == 3 * 15
    phrases = [folder / PHRASE_FILE for folder in folders]
    assert len({phrase.read_text("utf-8") for phrase in phrases}) == 15
    assert {stat.S_IMODE(phrase.stat().st_mode) for phrase in phrases} == {0o600}
    assert not (demo_run.folder / "auditor" / "keys").exists()


def test_no_secret_is_printed(demo_run: DemoRun) -> None:
    printed = json.dumps(demo_run.document) + demo_run.stderr
    for phrase in demo_run.folder.glob(f"*/{PHRASE_FILE}"):
        assert phrase.read_text("utf-8").strip() not in printed


def test_the_data_is_found_in_the_checkout() -> None:
    assert data_folder().joinpath("SOURCES.md").is_file()
    cast = load_cast()
    assert len(cast.companies) == 14
    assert sum(len(company.inventories) for company in cast.companies) == 24


def test_rounds_put_suppliers_first() -> None:
    """No round uses another company's product of its own or of a later round."""
    cast = load_cast()
    rounds = rounds_of(cast)
    number = {i.product.id: n for n, part in enumerate(rounds) for each in part.values() for i in each}
    assert len(number) == 24
    for company in cast.companies:
        for inventory in company.inventories:
            for entry in inventory.passport_inputs:
                assert entry.product
                is_own = cast.maker_of(entry.product) is company
                assert number[entry.product] + (not is_own) <= number[inventory.product.id]


@pytest.mark.parametrize("kind", ["file", "folder with something", "link"])
def test_a_folder_it_did_not_make_is_left_alone(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "demo"
    if kind == "file":
        place.write_text("mine")
    elif kind == "link":
        (tmp_path / "other").mkdir()
        place.symlink_to(tmp_path / "other")
    else:
        place.mkdir()
        (place / "thesis.txt").write_text("mine")
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(UsageError, match=r"not a folder|something that no demonstration made") as refused:
        clear(place)
    assert "--dir" in (refused.value.hint or "")
    assert sorted(os.listdir(tmp_path)) == before
    if kind == "folder with something":
        assert (place / "thesis.txt").read_text() == "mine"


def test_its_own_folder_is_replaced(tmp_path: Path) -> None:
    place = tmp_path / "demo"
    clear(place)
    (place / "auditor").mkdir()
    clear(place)
    assert os.listdir(place) == ["demonstration.json"]


def test_the_good_world_was_not_touched(world: Copied, passport: Passport) -> None:
    """After all cheats the auditor's workspace still passes."""
    done = passport("audit", world.top, "--workspace", world.folder / "auditor", "--json")
    assert (done.code, done.json["verdict"]) == (0, "passed")


def test_make_takes_away_only_what_a_demonstration_made() -> None:
    """`make demo` leaves it to the command, which knows its own mark; `make clean` looks for that mark."""
    recipes = dict(re.findall(r"^(demo|clean):.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert recipes["demo"].strip() == "$(BIN)/passport demo --dir demo"
    removals = [line for line in recipes["clean"].splitlines() if re.search(r"\bdemo\b", line)]
    assert removals == ["\t@if [ -f demo/demonstration.json ]; then rm -rf demo; fi"]
