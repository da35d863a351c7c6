"""`passport log export --of`, and `log verify` without a key: others' logs, and whose signature is below."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Copied, Passport

from cli.demo.world import DemoWorkspace
from passport.credentials import Role, create_key_binding
from passport.filing import file_key_binding

MAKER, SUPPLIER = "weserbogen-traktion", "green-mesa-soda"
NAME = "EUID:DEX9999X.HRB999901"


class Mirrors:
    """Exports of one test, judged by the auditor."""

    def __init__(self, world: Copied, passport: Passport) -> None:
        self.world, self.passport = world, passport
        self.own = world.folder / "own"
        self.copy = world.folder / "copy"

    def export_own(self, key: str = MAKER) -> Path:
        done = self.passport("log", "export", "-o", self.own, *self.world.at(key))
        assert done.code == 0, done.err
        return self.own / "checkpoint"

    def signature(self, folder: Path, *more: object, place: str = "auditor") -> tuple[int, str, str]:
        """The exit code, and the outcome and finding of `signature`."""
        at = ("--workspace", self.world.folder / place, *self.world.trust)
        done = self.passport("log", "verify", folder, *at, *more, "--json")
        row = next(row for row in done.json["checks"] if row["id"] == "signature")
        return done.code, row["outcome"], row["found"]


@pytest.fixture
def mirrors(world: Copied, passport: Passport) -> Mirrors:
    return Mirrors(world, passport)


def key_of(world: Copied, key: str = MAKER) -> str:
    index: dict[str, Any] = json.loads((world.folder / key / "keys" / "index.json").read_bytes())
    return str(next(entry["public"] for entry in index["keys"] if entry["role"] == "credential"))


def test_an_auditor_mirrors_a_log_with_its_issuers_signature(mirrors: Mirrors, passport: Passport) -> None:
    """No key is opened and none is given: the registry says that the key is the issuer's."""
    checkpoint = mirrors.export_own()
    asked = ("log", "export", "--of", NAME, "-o", mirrors.copy, "--workspace", mirrors.world.folder / "auditor")
    done = passport(*asked, "--checkpoint", checkpoint, "--json")
    assert (done.code, done.json["key"], done.json["size"]) == (0, None, 256), done.err
    for name in ("checkpoint", "tile/0/000", "tile/entries/000"):
        assert (mirrors.copy / name).read_bytes() == (mirrors.own / name).read_bytes()
    code, outcome, found = mirrors.signature(mirrors.copy)
    assert (code, outcome) == (0, "passed")
    assert found == f"{key_of(mirrors.world)}, bound to the issuer on the registry"
    again = passport(*asked, "--checkpoint", checkpoint)
    assert again.code == 0, again.err
    alone = passport(*asked)
    assert (alone.code, "an auditor's workspace has no key to sign a copy with" in alone.err) == (2, True)


def test_a_copy_that_a_company_signs_is_not_the_issuers(mirrors: Mirrors, passport: Passport) -> None:
    """Whole and held by the chain, and signed by who made it: that is said, and is no failure."""
    at = mirrors.world.at(MAKER)
    supplier = json.loads((mirrors.world.folder / SUPPLIER / "workspace.json").read_bytes())["party"]
    named = f"{supplier['scheme']}:{supplier['identifier']}"
    done = passport("log", "export", "--of", named, "-o", mirrors.copy, *at)
    assert done.code == 0, done.err
    assert "signed by us and not by its issuer" in done.err
    key = done.out.splitlines()[-1]
    assert key.startswith(f"{MAKER}.example/mirror+")
    code, outcome, found = mirrors.signature(mirrors.copy)
    assert (code, outcome) == (0, "unknown")
    assert found == f"the issuer has not signed this copy; it is signed in the name of {MAKER}.example/mirror"
    assert mirrors.signature(mirrors.copy, "--log-key", key)[:2] == (0, "passed")


def test_what_is_no_checkpoint_of_that_log(mirrors: Mirrors, passport: Passport) -> None:
    checkpoint = mirrors.export_own(SUPPLIER)
    asked = ("log", "export", "--of", NAME, "-o", mirrors.copy, "--workspace", mirrors.world.folder / "auditor")
    other = passport(*asked, "--checkpoint", checkpoint)
    assert (other.code, "of another log, or of another history" in other.err) == (1, True)
    text = checkpoint.read_text("utf-8")
    longer = mirrors.world.folder / "longer"
    longer.write_text(text.replace("\n256\n", "\n512\n"), "utf-8")
    beyond = passport(*asked, "--checkpoint", longer)
    assert (beyond.code, "does not reach the checkpoint" in beyond.err) == (1, True)
    assert not (mirrors.copy / "checkpoint").exists()
    own = passport("log", "export", "-o", mirrors.copy, "--checkpoint", checkpoint, *mirrors.world.at(MAKER))
    assert (own.code, "our own log is signed by us" in own.err) == (2, True)
    stranger = passport("log", "export", "--of", "0x" + "00" * 32, "-o", mirrors.copy, *mirrors.world.at(MAKER))
    assert (stranger.code, "no such log in the workspace" in stranger.err) == (3, True)
    nobody = passport("log", "export", "--of", "LEI:5493001KJTIIGC8Y1R12", "-o", mirrors.copy, *mirrors.world.at(MAKER))
    assert (nobody.code, "nobody is registered by that name" in nobody.err) == (3, True)


def test_a_key_that_ended_or_was_stolen_before_the_checkpoint(mirrors: Mirrors, passport: Passport) -> None:
    """Retired afterwards it signed all the same; in wrong hands since before that, nobody believes it."""
    mirrors.export_own()
    key = key_of(mirrors.world)
    assert passport("registry", "retire-key", key, *mirrors.world.at(MAKER)).code == 0
    assert mirrors.signature(mirrors.own)[1] == "passed"
    since = ("--since", "2026-11-20T00:00:00Z")
    assert passport("registry", "report-compromise", key, *since, *mirrors.world.at(MAKER)).code == 0
    code, outcome, found = mirrors.signature(mirrors.own)
    assert (code, outcome) == (1, "failed")
    assert "was compromised from" in found


def test_a_strangers_key_in_the_issuers_name(mirrors: Mirrors, passport: Passport) -> None:
    """It says itself that it is the issuer's, and signs under the log's origin; the registry has not bound it."""
    from datetime import UTC, datetime

    from passport.ledger.signed_note import NoteSignature, SignedNote, parse_note
    from passport.log_export import note_key

    checkpoint = mirrors.export_own()
    now = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    with (
        DemoWorkspace.open(mirrors.world.folder / SUPPLIER, clock=lambda: now) as stranger,
        DemoWorkspace.open(mirrors.world.folder / MAKER, clock=lambda: now) as maker,
        DemoWorkspace.open(mirrors.world.folder / "auditor", clock=lambda: now) as auditor,
    ):
        ring, place, chain = stranger.keys(), maker.place, maker.chain
        signer = ring.open_signer(ring.active(Role.CREDENTIAL), stranger.passphrase)
        lie = create_key_binding(
            signer,
            issuer_id=place.issuer_id,
            chain=chain.chain,
            genesis=chain.genesis,
            registry=place.registry,
            valid_from=1,
            valid_until=0,
            purposes=1,
        )
        assert file_key_binding(auditor.store, lie.to_bytes())
    note = parse_note(checkpoint.read_bytes())
    key = note_key(signer, note.text.splitlines()[0])
    forged = NoteSignature(key.name, key.key_id, signer.sign(note.text.encode()))
    checkpoint.write_bytes(SignedNote(note.text, (forged,)).to_bytes())
    code, outcome, found = mirrors.signature(mirrors.own)
    assert (code, outcome) == (0, "unknown")
    assert found == "no key at hand that the registry has bound to the issuer signed it: give --log-key"
    honest = note.signatures[0]
    bent = NoteSignature(honest.name, honest.key_id, honest.signature[:-1] + bytes([honest.signature[-1] ^ 1]))
    checkpoint.write_bytes(SignedNote(note.text, (bent,)).to_bytes())
    code, outcome, found = mirrors.signature(mirrors.own)
    assert (code, outcome, "does not verify" in found) == (1, "failed", True)


def test_without_a_chain_nothing_is_said_of_the_signature(mirrors: Mirrors, passport: Passport) -> None:
    mirrors.export_own()
    done = passport("log", "verify", mirrors.own, "--workspace", mirrors.own, *mirrors.world.trust, "--json")
    row = next(row for row in done.json["checks"] if row["id"] == "signature")
    assert (row["outcome"], row["found"]) == (
        "skipped",
        "no key of the log was given, and no chain says which are its",
    )


def test_a_mirror_refuses_what_its_folder_contradicts(mirrors: Mirrors, passport: Passport) -> None:
    checkpoint = mirrors.export_own()
    asked = ("log", "export", "--of", NAME, "-o", mirrors.copy, "--workspace", mirrors.world.folder / "auditor")
    shutil.copytree(mirrors.own, mirrors.copy)
    tile = mirrors.copy / "tile" / "entries" / "000"
    tile.write_bytes(tile.read_bytes()[:-1] + b"\x00")
    other = mirrors.world.folder / "of-another"
    assert passport("log", "export", "-o", other, *mirrors.world.at(SUPPLIER)).code == 0
    done = passport(*asked[:4], "-o", other, *asked[6:], "--checkpoint", checkpoint)
    assert (done.code, "the folder holds another log" in done.err) == (1, True)
    assert mirrors.signature(mirrors.copy)[0] == 1
