"""What is published is what was hashed; what is received is believed in nothing and bounded in everything."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from issuer_world import SECRET, World, bought, direct, inventory

from passport.credentials import Ed25519Signer, Role, build_did_web_document, jcs, parse, read_did_document
from passport.errors import BoundError, ConflictError, DocumentError, PassportError
from passport.filing import pinned_did_document
from passport.issuer import IssuedPassport
from passport.ledger.merkle import MerkleLog
from passport.model.digest import digest_of
from passport.publication import MAX_FILE_BYTES, MAX_LOG_BYTES
from passport.store import DocumentKind
from passport.workspace import Workspace
from verifier.store_source import StoreSource


def name_of(identifier: str) -> str:
    return identifier.rpartition("/")[2]


def statement_name(company: Workspace, issued: IssuedPassport) -> str:
    statement = parse(company.store.get_document(DocumentKind.STATEMENT, issued.statement_digest))
    return str(statement["id"])


@dataclass
class Scene:
    """A publication of somebody's, to be spoilt, and somebody who receives it for the first time."""

    folder: Path
    auditor: Workspace
    issued: IssuedPassport
    statement: str

    @property
    def signed(self) -> Path:
        return self.folder / "passports" / f"{name_of(self.issued.id)}.signed.json"

    @property
    def statement_file(self) -> Path:
        return self.folder / "statements" / f"{self.statement}.json"

    @property
    def rows_file(self) -> Path:
        return self.folder / "statements" / f"{self.statement}.rows.jsonl"

    @property
    def head(self) -> Any:
        return json.loads((self.folder / "publication.json").read_bytes())

    def write_head(self, head: Any) -> None:
        (self.folder / "publication.json").write_bytes(jcs(head))

    def known(self) -> dict[DocumentKind, int]:
        """How many documents of each kind the auditor has."""
        store = self.auditor.store
        return {kind: len(store.find_documents(kind, limit=10_000)) for kind in DocumentKind}


@pytest.fixture(scope="module")
def sold(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, IssuedPassport, str]:
    """The growers' publication at one moment, with the last passport in it and the name of its statement."""
    world.sell()
    _, issued = world.sell()
    folder = tmp_path_factory.mktemp("sold") / "public"
    shutil.copytree(world.beans.public, folder)
    return folder, issued, statement_name(world.beans, issued)


@pytest.fixture
def scene(world: World, sold: tuple[Path, IssuedPassport, str], tmp_path: Path) -> Iterator[Scene]:
    """A copy of that publication, to be spoilt."""
    source, issued, statement = sold
    folder = tmp_path / "public"
    shutil.copytree(source, folder)
    with world.auditor(tmp_path / "auditor") as auditor:
        yield Scene(folder, auditor, issued, statement)


# --- what is published -----------------------------------------------------------------------------------------------


def test_pins_lead_to_exactly_the_bytes_they_are_the_hash_of(world: World) -> None:
    _, issued = world.sell()
    public = world.beans.public
    body = (public / "passports" / f"{name_of(issued.id)}.json").read_bytes()
    assert digest_of(body) == issued.digest
    statement = (public / "statements" / f"{statement_name(world.beans, issued)}.json").read_bytes()
    assert digest_of(statement) == issued.statement_digest
    (claim,) = json.loads(body)["credentialSubject"]["performanceClaim"]
    assert claim["evidence"][0]["digestMultibase"] == issued.statement_digest
    assert claim["evidence"][0]["linkURL"].endswith(f"/statements/{statement_name(world.beans, issued)}")
    signed = (public / "passports" / f"{name_of(issued.id)}.signed.json").read_bytes()
    assert signed == world.beans.store.get_document(DocumentKind.PASSPORT, issued.digest)
    assert "proof" in json.loads(signed)
    opened = (public / "statements" / f"{statement_name(world.beans, issued)}.rows.jsonl").read_bytes().splitlines()
    assert sorted(map(digest_of, opened)) == sorted(json.loads(statement)["extensions"][0]["data"]["rows"])


def test_the_did_document_is_served_where_did_web_looks(world: World) -> None:
    world.beans.publish()
    served = (world.beans.public / "did.json").read_bytes()
    assert served == (world.beans.public / ".well-known" / "did.json").read_bytes()
    document = read_did_document(served, did="did:web:beans.example")
    keys = world.beans.keys()
    assert next(method.multikey for method in document.methods.values()) == keys.active(Role.CREDENTIAL).public


def test_a_flood_of_pinned_documents_is_in_nobodys_way(world: World, scene: Scene) -> None:
    """They are asked for by their hash alone; what a DID leads to is said by `did.json`, one in a publication."""
    folder = scene.folder / "did-documents"
    did = "did:web:beans.example"
    stranger = Ed25519Signer.generate().multikey
    for number in range(20):
        body = build_did_web_document(did, multikeys=[stranger], also_known_as=[f"urn:flood:{number}"])
        (folder / f"{digest_of(body)}.json").write_bytes(body)
    other = build_did_web_document("did:web:mill.example", multikeys=[stranger])
    (folder / "other.json").write_bytes(other)
    (folder / "junk.json").write_bytes(b"junk")
    taken = scene.auditor.receive(scene.folder)
    assert {name for name, _ in taken.refused} == {"did-documents/other.json", "did-documents/junk.json"}
    assert len(scene.auditor.store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did)) == 1
    assert len(StoreSource(scene.auditor.store, None).did_documents(did)) == 1
    assert pinned_did_document(scene.auditor.store, digest_of(body)) == body
    assert pinned_did_document(scene.auditor.store, digest_of(other)) is None


def _bend_proof(path: Path) -> None:
    """Another character in the signature: the credential and its hash stay what they are."""
    document = json.loads(path.read_bytes())
    value = document["proof"]["proofValue"]
    document["proof"]["proofValue"] = value[:-1] + ("2" if value[-1] != "2" else "3")
    path.write_bytes(jcs(document))


def test_a_copy_with_a_false_proof_does_not_bar_the_true_one(world: World, scene: Scene) -> None:
    """Whoever hands on a passport first, with a proof that does not hold and without the document that it pins."""
    store, true = scene.auditor.store, scene.signed.read_bytes()
    _bend_proof(scene.signed)
    shutil.rmtree(scene.folder / "did-documents")
    (scene.folder / "did.json").unlink()
    scene.auditor.receive(scene.folder)
    assert store.get_document(DocumentKind.PASSPORT, scene.issued.digest) == scene.signed.read_bytes() != true
    assert scene.auditor.receive(world.beans.public).refused == ()
    assert store.get_document(DocumentKind.PASSPORT, scene.issued.digest) == true
    # And not the other way round.
    assert (
        "other bytes are stored" in dict(scene.auditor.receive(scene.folder).refused)[f"passports/{scene.signed.name}"]
    )
    assert store.get_document(DocumentKind.PASSPORT, scene.issued.digest) == true


@pytest.mark.parametrize("name", ["linked", "deliveries", "did-documents"])
def test_a_publication_in_a_folder_of_any_name(scene: Scene, name: str) -> None:
    folder = scene.folder.rename(scene.folder.with_name(name))
    assert scene.auditor.receive(folder).refused == ()


def test_our_own_passport_is_never_replaced(world: World, scene: Scene) -> None:
    store, true = world.beans.store, scene.signed.read_bytes()
    with pytest.raises(ConflictError, match="nothing of somebody else's is stored"):
        store.replace_foreign_document(DocumentKind.PASSPORT, scene.issued.digest, b"{}")
    assert store.get_document(DocumentKind.PASSPORT, scene.issued.digest) == true


def test_nothing_is_written_twice(world: World) -> None:
    world.sell()
    assert world.beans.publish() == 0
    issuer = world.issuer(world.beans)
    issuer.issue(inventory(world.product()))
    assert world.beans.publish() == 4  # passport twice, statement, rows; the log has no new checkpoint
    issuer.anchor()
    assert world.beans.publish() == 2  # log and head


def test_an_unanchored_passport_is_out_before_its_log(world: World) -> None:
    """The head tells of checkpoints on the chain only."""
    issuer = world.issuer(world.beans)
    issuer.anchor()
    issued = issuer.issue(inventory(world.product()))
    world.beans.publish()
    log = (world.beans.public / "log.bin").read_bytes()
    head = json.loads((world.beans.public / "publication.json").read_bytes())
    assert len(log) == 32 * head["checkpoints"][-1]["size"]
    assert issued.leaf_index >= head["checkpoints"][-1]["size"]
    issuer.anchor()


def test_a_withheld_statement_stays_at_home(world: World) -> None:
    issued = world.issuer(world.mill).issue(inventory(world.product(), disclosure="withheld"))
    world.mill.publish()
    name = statement_name(world.mill, issued)
    assert (world.mill.public / "passports" / f"{name_of(issued.id)}.json").exists()
    assert not list((world.mill.public).rglob(f"{name}*"))


def test_a_statement_that_is_withheld_later_is_taken_away(world: World) -> None:
    issued = world.issuer(world.mill).issue(inventory(world.product()))
    world.mill.publish()
    name = statement_name(world.mill, issued)
    assert len(list(world.mill.public.rglob(f"{name}*"))) == 2
    world.mill.withhold((issued.id,))
    assert world.mill.publish() == 2
    assert not list(world.mill.public.rglob(f"{name}*"))
    assert world.mill.publish() == 0
    with Workspace.open(world.mill.folder, clock=world.clock) as again:
        assert issued.id in again.settings.withheld


def test_nobody_replaces_the_did_document_we_serve(world: World, scene: Scene) -> None:
    """A publication in our name, with a DID document of the rival's key, received as anybody's is."""
    theirs = world.rival.keys().active(Role.CREDENTIAL).public
    forged = build_did_web_document("did:web:mill.example", multikeys=[theirs])
    (scene.folder / "did.json").write_bytes(forged)
    scene.write_head(scene.head | {"did": "did:web:mill.example"})
    world.mill.publish()
    before = (world.mill.public / "did.json").read_bytes()
    assert world.mill.receive(scene.folder).did == "did:web:mill.example"
    world.mill.publish()
    assert (world.mill.public / "did.json").read_bytes() == before != forged


# --- what is received ------------------------------------------------------------------------------------------------


def test_receiving_again_changes_nothing(scene: Scene) -> None:
    first = scene.auditor.receive(scene.folder)
    known = scene.known()
    assert first.refused == ()
    assert first.did == "did:web:beans.example"
    assert first.passports == known[DocumentKind.PASSPORT] == len(list(scene.folder.glob("passports/*.signed.json")))
    assert first.statements == known[DocumentKind.STATEMENT] > 0
    assert known[DocumentKind.DID_DOCUMENT] == known[DocumentKind.KEY_BINDING] == 1
    assert known[DocumentKind.INVENTORY] == 0
    second = scene.auditor.receive(scene.folder)
    assert (second.passports, second.statements, second.refused) == (0, 0, ())
    assert second.log_entries == first.log_entries == scene.auditor.store.log_size(scene.head["log"])
    assert scene.known() == known
    assert not any(ref.own for ref in scene.auditor.store.find_documents(DocumentKind.PASSPORT))


def spoil(path: str, change: Callable[[bytes], bytes]) -> Callable[[Scene], Path]:
    """Changes one of the scene's files; returns which."""

    def spoilt(scene: Scene) -> Path:
        file: Path = getattr(scene, path)
        file.write_bytes(change(file.read_bytes()))
        return file

    return spoilt


def spoil_only(pattern: str, change: Callable[[bytes], bytes]) -> Callable[[Scene], Path]:
    def spoilt(scene: Scene) -> Path:
        (file,) = scene.folder.glob(pattern)
        file.write_bytes(change(file.read_bytes()))
        return file

    return spoilt


def edit(change: Callable[[Any], object]) -> Callable[[bytes], bytes]:
    """Changes a JSON document and writes it in canonical form again."""

    def changed(body: bytes) -> bytes:
        document = json.loads(body)
        change(document)
        return jcs(document)

    return changed


SPOILT: dict[str, tuple[Callable[[Scene], Path], str]] = {
    "passport that is no JSON": (spoil("signed", lambda _: b"{"), "not JSON|JSON"),
    "passport cut off": (spoil("signed", lambda body: body[:-1]), "JSON"),
    "passport with a blank": (spoil("signed", lambda body: body.replace(b'":"', b'": "', 1)), "canonical"),
    "passport without proof": (spoil("signed", edit(lambda d: d.pop("proof"))), "proof"),
    "passport with a misspelt field": (
        spoil("signed", edit(lambda d: d.update(validuntil=d.pop("validUntil")))), "validUntil",
    ),
    "passport with one more field": (spoil("signed", edit(lambda d: d.update(note="x"))), "note"),
    "passport with a key twice": (
        spoil("signed", lambda body: body.replace(b'{"@context"', b'{"@context":[],"@context"', 1)), "twice",
    ),
    "passport of another format": (
        spoil(
            "signed",
            edit(lambda d: d["credentialSubject"]["characteristics"]["carbonPassport"].update(format="x/2.0")),
        ),
        "format",
    ),
    "passport on 30 February": (spoil("signed", edit(lambda d: d.update(validFrom="2026-02-30T00:00:00Z"))), "moment"),
    "passport with a byte of no text": (spoil("signed", lambda body: body[:-2] + b"\xff}"), "JSON|UTF-8"),
    "statement with a blank": (spoil("statement_file", lambda body: body + b" "), "canonical"),
    "statement with a status": (spoil("statement_file", edit(lambda d: d.update(status="Active"))), "status"),
    "statement with a number as number": (
        spoil("statement_file", edit(lambda d: d["pcf"].update(fossilGhgEmissions=2))), "fossilGhgEmissions",
    ),
    "list as statement": (spoil("statement_file", lambda _: b"[]"), "object|type"),
    "key binding that is none": (spoil_only("bindings/*.json", lambda _: b"{}"), "."),
    "DID document of somebody else": (
        spoil_only("did.json", lambda body: body.replace(b"beans.example", b"other.example")), "did:web:other.example",
    ),
    "DID document that is none": (spoil_only("did.json", lambda _: b"[]"), "."),
}  # fmt: skip


@pytest.mark.parametrize(("spoilt", "words"), SPOILT.values(), ids=SPOILT)
def test_a_spoilt_file_is_left_out_and_named(scene: Scene, spoilt: Callable[[Scene], Path], words: str) -> None:
    whole = len(list(scene.folder.glob("passports/*.signed.json"))) + len(list(scene.folder.glob("statements/*[!l]")))
    file = spoilt(scene)
    received = scene.auditor.receive(scene.folder)
    ((name, reason),) = received.refused
    assert name == str(file.relative_to(scene.folder))
    assert any(word in reason for word in words.split("|")), reason
    is_counted = file.parent.name in ("passports", "statements")
    assert received.passports + received.statements == whole - is_counted


def test_a_row_that_the_statement_does_not_commit_to_takes_its_statement_along(scene: Scene) -> None:
    """One digit of a row is changed: neither the row nor the statement it hangs on is kept."""
    scene.rows_file.write_bytes(scene.rows_file.read_bytes().replace(b'"total":"2"', b'"total":"1"', 1))
    received = scene.auditor.receive(scene.folder)
    ((name, reason),) = received.refused
    assert name == f"statements/{scene.statement}.json"
    assert "an opened row that the statement does not commit to" in reason
    assert not scene.auditor.store.has_document(DocumentKind.STATEMENT, scene.issued.statement_digest)
    assert scene.auditor.store.rows(scene.issued.statement_digest) == {}


def test_a_passport_changed_with_care_is_another_document(scene: Scene) -> None:
    """Still in order, only with another total: it is filed under its own hash, and its pin finds nothing."""

    def cheaper(document: Any) -> None:
        document["credentialSubject"]["characteristics"]["carbonPassport"]["salt"] = "A" * 22

    scene.signed.write_bytes(edit(cheaper)(scene.signed.read_bytes()))
    assert scene.auditor.receive(scene.folder).refused == ()
    store = scene.auditor.store
    assert not store.has_document(DocumentKind.PASSPORT, scene.issued.digest)
    (ref,) = store.find_documents(DocumentKind.PASSPORT, document_id=scene.issued.id)
    assert ref.digest != scene.issued.digest


# --- the head and the log --------------------------------------------------------------------------------------------


NO_HEADS: dict[str, tuple[Callable[[Any], object], str]] = {
    "another format": (lambda h: h.update(format="carbon-passport/publication/2.0"), "another format; expected"),
    "no format": (lambda h: h.pop("format"), r"not a publication; found KeyError\('format'\)"),
    "no DID": (lambda h: h.pop("did"), "not a publication"),
    "no log": (lambda h: h.pop("log"), "not a publication"),
    "log of no name": (lambda h: h.update(log="somewhere"), "."),
    "log that is no text": (lambda h: h.update(log=7), "not a publication"),
    "checkpoints that are no list": (lambda h: h.update(checkpoints=7), "not a publication"),
    "checkpoint that is no object": (lambda h: h.update(checkpoints=[7]), "not a publication"),
    "checkpoint without root": (lambda h: h["checkpoints"][0].pop("root"), "not a publication"),
    "root that is no text": (lambda h: h["checkpoints"][0].update(root=7), "not a publication"),
    "root that is no number": (lambda h: h["checkpoints"][0].update(root="0xzz"), "not a publication"),
    "root that is short": (lambda h: h["checkpoints"][0].update(root="0x00"), "not a root; expected 32 bytes"),
    "size that is text": (lambda h: h["checkpoints"][0].update(size="256"), "not a checkpoint; expected whole"),
    "size below nothing": (lambda h: h["checkpoints"][0].update(size=-1), "not a checkpoint"),
    "size that is a truth value": (lambda h: h["checkpoints"][0].update(size=True), "not a checkpoint"),
}


@pytest.mark.parametrize(
    ("change", "words"),
    NO_HEADS.values(),
    ids=NO_HEADS,
)
def test_a_head_that_is_none_is_refused(scene: Scene, change: Callable[[Any], object], words: str) -> None:
    head = scene.head
    change(head)
    scene.write_head(head)
    with pytest.raises(PassportError, match=words):
        scene.auditor.receive(scene.folder)
    assert scene.auditor.store.log_keys() == []


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b'"x"'])
def test_a_head_that_is_no_object_is_refused(scene: Scene, body: bytes) -> None:
    (scene.folder / "publication.json").write_bytes(body)
    with pytest.raises(DocumentError, match=r"JSON|not a publication"):
        scene.auditor.receive(scene.folder)


def test_a_folder_without_head_is_no_publication(scene: Scene) -> None:
    (scene.folder / "publication.json").unlink()
    with pytest.raises(DocumentError, match=r"publication\.json: cannot be read; found No such file"):
        scene.auditor.receive(scene.folder)


def rewritten(scene: Scene, index: int) -> None:
    """Puts another entry into the log."""
    log = bytearray((scene.folder / "log.bin").read_bytes())
    log[32 * index] ^= 1
    (scene.folder / "log.bin").write_bytes(log)


def test_a_log_that_was_rewritten_is_refused_whole(world: World, scene: Scene, tmp_path: Path) -> None:
    """Nothing of a publication whose log contradicts what is known is taken, not even what is new in it."""
    scene.auditor.receive(scene.folder)
    known = scene.known()
    world.sell()
    shutil.copytree(world.beans.public, scene.folder, dirs_exist_ok=True)
    rewritten(scene, 3)
    with pytest.raises(ConflictError, match=r"leaf 3: the log's entry differs from the one stored"):
        scene.auditor.receive(scene.folder)
    assert scene.known() == known
    shutil.copy(world.beans.public / "log.bin", scene.folder / "log.bin")
    assert scene.auditor.receive(scene.folder).passports >= 1


def test_a_checkpoint_that_was_rewritten_is_refused_whole(scene: Scene) -> None:
    scene.auditor.receive(scene.folder)
    head = scene.head
    head["checkpoints"][-1]["root"] = "0x" + "00" * 32
    scene.write_head(head)
    words = rf"checkpoint {head['checkpoints'][-1]['seq']}: the log's checkpoint differs from the one stored"
    with pytest.raises(ConflictError, match=words):
        scene.auditor.receive(scene.folder)


def test_a_false_log_does_not_stand_before_the_true_one(scene: Scene) -> None:
    """A stranger who is first with a log in a supplier's name, sound in itself, does not bar the supplier's own."""
    true_log, true_head = (scene.folder / "log.bin").read_bytes(), scene.head
    rewritten(scene, 0)
    with pytest.raises(DocumentError, match="checkpoint 1: the entries do not give the checkpoint's root"):
        scene.auditor.receive(scene.folder)
    false_log = MerkleLog()
    false_bytes = (scene.folder / "log.bin").read_bytes()
    false_log.extend(false_bytes[at : at + 32] for at in range(0, len(false_bytes), 32))
    head = scene.head
    for checkpoint in head["checkpoints"]:
        checkpoint["root"] = "0x" + false_log.root(checkpoint["size"]).hex()
    scene.write_head(head)
    with pytest.raises(DocumentError, match="checkpoint 1: the chain does not hold this checkpoint"):
        scene.auditor.receive(scene.folder)
    assert scene.auditor.store.log_size(head["log"]) == 0
    (scene.folder / "log.bin").write_bytes(true_log)
    scene.write_head(true_head)
    assert scene.auditor.receive(scene.folder).refused == ()


def test_our_own_log_is_not_rewritten_by_others(world: World, scene: Scene) -> None:
    rewritten(scene, 0)
    with pytest.raises(ConflictError, match="leaf 0: the log's entry differs"):
        world.beans.receive(scene.folder)


def test_a_shorter_log_is_an_older_copy(world: World, scene: Scene) -> None:
    scene.auditor.receive(scene.folder)
    size = scene.auditor.store.log_size(scene.head["log"])
    (scene.folder / "log.bin").write_bytes((scene.folder / "log.bin").read_bytes()[: 32 * 256])
    scene.write_head(scene.head | {"checkpoints": scene.head["checkpoints"][:1]})
    assert scene.auditor.receive(scene.folder).refused == ()
    assert scene.auditor.store.log_size(scene.head["log"]) == size


# --- links and bounds ------------------------------------------------------------------------------------------------


def test_links_are_not_followed(scene: Scene, tmp_path: Path) -> None:
    """A link among the files is as if it were not there; a link in place of a folder likewise."""
    outside = tmp_path / "secret.signed.json"
    outside.write_bytes(scene.signed.read_bytes())
    scene.signed.unlink()
    scene.signed.symlink_to(outside)
    bindings = scene.folder / "bindings"
    bindings.rename(tmp_path / "bindings")
    bindings.symlink_to(tmp_path / "bindings")
    received = scene.auditor.receive(scene.folder)
    assert received.refused == ()
    assert not scene.auditor.store.has_document(DocumentKind.PASSPORT, scene.issued.digest)
    assert scene.known()[DocumentKind.KEY_BINDING] == 0


@pytest.mark.parametrize("name", ["publication.json", "log.bin"])
def test_a_link_in_place_of_head_or_log_is_refused(scene: Scene, tmp_path: Path, name: str) -> None:
    (scene.folder / name).rename(tmp_path / name)
    (scene.folder / name).symlink_to(tmp_path / name)
    with pytest.raises(DocumentError, match=rf"{name}: not a plain file \(hint: publications hold no links\)"):
        scene.auditor.receive(scene.folder)


def test_a_link_in_place_of_rows_is_refused(scene: Scene, tmp_path: Path) -> None:
    scene.rows_file.rename(tmp_path / "rows")
    scene.rows_file.symlink_to(tmp_path / "rows")
    ((name, reason),) = scene.auditor.receive(scene.folder).refused
    assert name == f"statements/{scene.statement}.json"
    assert "rows.jsonl: not a plain file" in reason


@pytest.mark.parametrize("name", ["publication.json", "log.bin"])
def test_what_is_no_plain_file_is_not_read(scene: Scene, name: str) -> None:
    """A folder here; of a pipe the same is said, and nobody waits for its end."""
    (scene.folder / name).unlink()
    (scene.folder / name).mkdir()
    with pytest.raises(DocumentError, match=rf"{name}: not a plain file"):
        scene.auditor.receive(scene.folder)


@pytest.mark.parametrize("which", ["signed", "statement_file", "rows_file"])
def test_a_file_beyond_bounds_is_left_out_unread(scene: Scene, which: str) -> None:
    file: Path = getattr(scene, which)
    os.truncate(file, MAX_FILE_BYTES + 1)  # a hole: it takes no room
    ((name, reason),) = scene.auditor.receive(scene.folder).refused
    assert name.startswith(f"{file.parent.name}/{file.name.partition('.')[0]}")
    assert f"file too large; expected at most {MAX_FILE_BYTES} bytes" in reason


@pytest.mark.parametrize("size", [MAX_LOG_BYTES + 32, 33])
def test_a_log_beyond_bounds_is_refused_unread(scene: Scene, size: int) -> None:
    os.truncate(scene.folder / "log.bin", size)
    with pytest.raises(BoundError, match=rf"not a log; expected whole entries of 32 bytes, at most 2 GB; found {size}"):
        scene.auditor.receive(scene.folder)


def test_files_that_mean_nothing_are_let_lie(scene: Scene) -> None:
    (scene.folder / "readme.txt").write_text("hello", encoding="utf-8")
    (scene.folder / "passports" / "sub").mkdir()
    (scene.folder / "passports" / "sub" / "x.signed.json").write_bytes(b"{")
    assert scene.auditor.receive(scene.folder).refused == ()


def test_a_folder_behind_a_link_is_the_folder(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(scene.folder)
    received = scene.auditor.receive(tmp_path / "link")
    assert received.refused == ()
    assert scene.known()[DocumentKind.DID_DOCUMENT] == 1


def test_a_supplier_may_be_received_while_we_issue(world: World) -> None:
    """Receiving goes through one transaction; what was issued before and after stands."""
    product, _ = world.sell()
    issuer = world.issuer(world.mill)
    one = issuer.issue(inventory(world.product(), bought(product=product)))
    world.mill.receive(world.beans.public)
    other = issuer.issue(inventory(world.product(), bought(product=product), direct()))
    assert (one.total, other.total) == ("3", "5")


def test_secret_is_not_in_what_is_published(world: World) -> None:
    """No file of the public folder holds a private key or the passphrase."""
    world.beans.publish()
    for file in world.beans.public.rglob("*"):
        if file.is_file():
            body = file.read_bytes()
            assert b"PRIVATE" not in body
            assert SECRET.secret not in body
