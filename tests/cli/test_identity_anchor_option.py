"""`passport registry register --identity-anchor`: the file that is written is the evidence that the registry holds."""

from __future__ import annotations

from pathlib import Path

from cli_runs import Copied, Passport

from passport.credentials import read_secured
from passport.ledger import Address, RegistryView
from passport.model.digest import to_sha256
from passport.workspace import Workspace

REGISTRAR = "registrar"


def test_the_file_is_the_evidence(world: Copied, passport: Passport, tmp_path: Path) -> None:
    registrar = world.folder / REGISTRAR
    newcomer, phrase = tmp_path / "newcomer", tmp_path / "phrase.txt"
    phrase.write_text("a long enough passphrase\n", "utf-8")
    phrase.chmod(0o600)
    made = passport(
        "init",
        "--workspace",
        newcomer,
        "--name",
        "Newcomer",
        "--scheme",
        "EUID",
        "--identifier",
        "ZZTEST.NEWCOMER",
        "--country",
        "NL",
        "--host",
        "newcomer.example",
        "--passphrase",
        f"file:{phrase}",
    )
    assert made.code == 0, made.err
    file = tmp_path / "anchor.json"
    options = world.at(registrar.name)
    # What cannot be written is said before anything is paid for: a company is registered once.
    for nowhere in (tmp_path / "nowhere" / "anchor.json", tmp_path):
        refused = passport(
            "registry", "register", newcomer / "registration.json", "--identity-anchor", nowhere, *options
        )
        assert (refused.code, f"{nowhere}: cannot be written" in refused.err) == (1, True), refused.err
    done = passport(
        "registry", "register", newcomer / "registration.json", "--identity-anchor", file, *options, "--json"
    )
    assert done.code == 0, done.err
    assert done.json["identity_anchor"] == str(file)
    anchor = read_secured(file.read_bytes(), canonical=True)
    assert anchor.document["credentialSubject"]["id"] == "did:web:newcomer.example"

    def no_time() -> None:
        raise AssertionError("nobody asks for the time")

    with Workspace.open(registrar, clock=no_time) as opened:  # type: ignore[arg-type]
        entity = RegistryView(opened.ledger.state(), Address(opened.chain.registry)).issuer(done.json["issuer_id"])
    assert entity is not None
    assert entity.evidence_hash == to_sha256(anchor.doc_hash)
    # A registrar whose own key is not bound has not signed as far as the registry knows.
    unbound = passport("registry", "check-anchor", file, "--workspace", registrar, "--json")
    assert (unbound.code, [each["asked"] for each in unbound.json["findings"] if each["outcome"] == "failed"]) == (
        1,
        ["signature"],
    )
    assert passport("registry", "bind-key", *options).code == 0
    # The newcomer's DID document is not at hand and its keys are not bound yet: the DID stays open, all else agrees.
    judged = passport("registry", "check-anchor", file, "--workspace", registrar, "--json")
    assert judged.code == 3, judged.err
    assert {each["asked"]: each["outcome"] for each in judged.json["findings"] if each["outcome"] != "passed"} == {
        "did": "unknown"
    }
    page = passport("registry", "check-anchor", file, "--workspace", registrar, "--lang", "zh")
    assert "手头没有该法人的 DID 文档" in page.out
