"""`passport status`, `revoke`, `suspend`, `reinstate`, `supersede`: said on the chain, seen by everybody's audit."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from cli_runs import Copied, Passport

from passport.store import DocumentKind, Store

MAKER = "weserbogen-traktion"
WHY = "a meter was misread"


def _status(passport: Passport, world: Copied, key: str = "auditor") -> Any:
    done = passport("status", world.top, "--workspace", world.folder / key, "--json")
    assert done.code == 0, done.err
    return done.json


def _verdict(passport: Passport, world: Copied) -> tuple[str, list[str]]:
    """The top passport's, as an auditor finds it, with the checks that failed there."""
    done = passport("audit", world.top, "--workspace", world.folder / "auditor", *world.trust, "--json")
    top = next(node for node in done.json["nodes"] if node["id"] == world.top)
    return done.json["verdict"], [check["id"] for check in top["checks"] if check["outcome"] == "failed"]


def _passports(folder: Path, *, own: bool) -> list[str]:
    def no_time() -> Any:
        raise AssertionError("nothing is stored here")

    with Store.open(folder / "passport.db", clock=no_time) as store:
        return [ref.document_id for ref in store.find_documents(DocumentKind.PASSPORT, own=own)]


def test_from_suspended_to_revoked(world: Copied, passport: Passport) -> None:
    """Each step as everybody sees it: the issuer, an auditor's status and an auditor's audit."""
    assert _status(passport, world)["status"] == "current"
    steps = [("suspend", "suspended"), ("reinstate", "current"), ("revoke", "revoked")]
    for command, state in steps:
        said = passport(command, world.top, *world.at(MAKER), "--reason", WHY, "--json")
        assert said.code == 0, said.err
        assert (said.json["status"], said.json["anchored"]) == (state, True)
        assert said.json["reason_hash"] == "0x" + sha256(WHY.encode()).hexdigest()
        assert _status(passport, world)["status"] == state
        assert _verdict(passport, world) == (("passed", []) if state == "current" else ("failed", ["status"]))
    again = passport("reinstate", world.top, *world.at(MAKER))
    assert again.code == 1
    assert "the contract refuses the transaction" in again.err


def test_the_words_for_people(world: Copied, passport: Passport) -> None:
    shown = passport("status", world.top, *world.at(MAKER)[:2])
    assert ": anchored, neither revoked nor suspended nor replaced" in shown.out
    assert "as of block " in shown.err
    assert "已上链" in passport("status", world.top, *world.at(MAKER)[:2], "--lang", "zh").out
    done = passport("revoke", world.top, *world.at(MAKER), "--reason", WHY)
    assert ": revoked, for good\n" in done.out
    assert f"reason on the chain: 0x{sha256(WHY.encode()).hexdigest()}" in done.out


def test_issued_again_superseded_and_corrected(world: Copied, passport: Passport, tmp_path: Path) -> None:
    """The maker issues a new version; until it is anchored it takes nobody's place, and afterwards it does."""
    at = world.at(MAKER)
    text = world.inventory(MAKER, "traction-pack")
    newer = tmp_path / "newer.yaml"
    newer.write_text(text.replace("\nproduct:", f"\npredecessor: {world.top}\nproduct:", 1), "utf-8")
    issued = passport("issue", newer, *at, *world.trust, "--json")
    assert issued.code == 0, issued.err
    (new,) = (entry["id"] for entry in issued.json["passports"])
    early = passport("supersede", world.top, "--by", new, *at)
    assert (early.code, "the passport is not anchored yet" in early.err) == (2, True)
    assert "not anchored yet" in passport("status", new, *at[:2]).out
    assert passport("anchor", *at).code == 0
    backwards = passport("supersede", new, "--by", world.top, *at)
    assert (backwards.code, "only a later passport takes another's place" in backwards.err) == (2, True)
    said = passport("supersede", world.top, "--by", new, *at, "--json")
    assert (said.code, said.json["status"], said.json["successor"]["kind"]) == (0, "superseded", "superseded")
    assert (
        _status(passport, world)["successor"]["leaf_index"]
        == passport("status", new, *at[:2], "--json").json["leaf_index"]
    )


def test_a_correction_fails_the_old_number(world: Copied, passport: Passport) -> None:
    own = _passports(world.folder / "jiangnan-cells", own=True)
    assert len(own) >= 1
    done = passport("supersede", own[0], "--by", own[0], "--corrects", *world.at("jiangnan-cells"))
    assert (done.code, "only a later passport" in done.err) == (2, True)


def test_others_passports_are_not_ours_to_take_back(world: Copied, passport: Passport) -> None:
    foreign = _passports(world.folder / MAKER, own=False)[0]
    for arguments in (("revoke", foreign), ("supersede", world.top, "--by", foreign)):
        done = passport(*arguments, *world.at(MAKER))
        assert (done.code, "only its issuer can say that of a passport" in done.err) == (2, True)
    auditor = passport("revoke", world.top, "--workspace", world.folder / "auditor")
    assert (auditor.code, "an auditor's workspace has no keys" in auditor.err) == (2, True)


def test_a_dry_run_says_nothing(world: Copied, passport: Passport) -> None:
    done = passport("revoke", world.top, *world.at(MAKER), "--dry-run", "--json")
    assert (done.code, done.json["dry_run"]) == (0, True)
    assert done.json["costs"][0]["gas"] > 21_000
    assert _status(passport, world)["status"] == "current"
