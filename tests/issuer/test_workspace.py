"""A company's folder: made whole or not at all, opened as it was, and its keys turned over."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from issuer_world import SECRET, World, accept_all, inventory, party

from passport.credentials import (
    Ed25519Signer,
    Role,
    build_did_web_document,
    key_for,
    key_hash,
    parse,
    read_did_document,
    verify_secured,
)
from passport.credentials.did import DidDocument
from passport.errors import (
    ConflictError,
    DocumentError,
    IssueError,
    LedgerError,
    NotFoundError,
    PassportError,
    SchemaError,
    TransactionError,
    WrongChainError,
)
from passport.filing import pinned_did_document
from passport.issuer import IssuedPassport
from passport.issuer.did_pin import DidPin
from passport.ledger import Account, Address, RegistryView
from passport.ledger.checkpoint import CheckpointState
from passport.model.digest import Digest, digest_of
from passport.store import DocumentKind
from passport.workspace import Workspace, create_chain

MINE = party("mine", "999900PLUMBLIN000178")


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"host": "no host"}, SchemaError, "host: String should match pattern"),
        ({"host": "UPPER.example"}, SchemaError, "host: String should match pattern"),
        ({"host": "localhost"}, SchemaError, "host: String should match pattern"),
        ({"host": None}, DocumentError, "a company needs a host for its DID and a passphrase for its keys"),
        ({"passphrase": None}, DocumentError, "a company needs a host for its DID and a passphrase for its keys"),
        ({"chain": Path("nowhere.json")}, DocumentError, "the chain settings file cannot be read"),
        (
            {"party": MINE.model_copy(update={"identifier": "999900PLUMBLIN000179"})},
            LedgerError,
            "LEI: the LEI identifier fails its check digits",
        ),
    ],
)
def test_a_workspace_that_cannot_be_is_not_begun(
    world: World, tmp_path: Path, changes: dict[str, Any], error: type[PassportError], words: str
) -> None:
    """No key is made for it, so that the next attempt starts from nothing."""
    asked: dict[str, Any] = {"party": MINE, "host": "mine.example", "passphrase": SECRET, "kdf_passes": 1}
    with pytest.raises(error, match=words):
        Workspace.create(tmp_path / "mine", clock=world.clock, **asked | changes)
    assert not (tmp_path / "mine").exists()


def test_a_workspace_is_opened_as_it_was_made(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    with Workspace.create(
        folder, clock=world.clock, party=MINE, host="mine.example", passphrase=SECRET, kdf_passes=1
    ) as made:
        assert made.settings.did == "did:web:mine.example"
        with Workspace.open(folder, clock=world.clock) as opened:
            assert opened.settings == made.settings
            assert opened.keys().active(Role.CREDENTIAL) == made.keys().active(Role.CREDENTIAL)
        with pytest.raises(NotFoundError, match="the workspace knows no chain"):
            _ = made.ledger
        with pytest.raises(ConflictError, match="there is a workspace already"):
            Workspace.create(folder, clock=world.clock)
    request = json.loads((folder / "registration.json").read_bytes())
    assert request["format"] == "carbon-passport/registration/1.0"
    assert request["controller"] == made.settings.controller
    assert b"PRIVATE" not in (folder / "workspace.json").read_bytes() + (folder / "registration.json").read_bytes()


def test_a_folder_without_workspace_is_none(world: World, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no workspace here \(hint: make one with `passport init`\)"):
        Workspace.open(tmp_path, clock=world.clock)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "carbon-passport/workspace/2.0"}, r"format: Input should be 'carbon-passport/workspace/1\.0'"),
        ({"colour": "green"}, "colour: Extra inputs are not permitted"),
        (
            {"chain": {"format": "carbon-passport/chain/2.0"}},
            r"chain\.format: Input should be 'carbon-passport/chain/1\.0'",
        ),
        ({"chain": {"driver": "telepathy"}}, r"chain\.driver: Input should be 'embedded'"),
    ],
)
def test_settings_of_another_format_are_refused(
    world: World, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    world.auditor(tmp_path).close()
    path = tmp_path / "workspace.json"
    settings = json.loads(path.read_bytes())
    for name, value in change.items():
        settings[name] = settings[name] | value if isinstance(value, dict) else value
    path.write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(SchemaError, match=words):
        Workspace.open(tmp_path, clock=world.clock)


def test_an_auditor_has_no_keys_to_issue_with(world: World, tmp_path: Path) -> None:
    with world.auditor(tmp_path) as auditor, pytest.raises(IssueError, match="no legal entity and no keys"):
        auditor.issuer(SECRET, accept=accept_all)


@pytest.mark.parametrize("field", ["genesis", "chain", "registry", "log"])
def test_another_chain_than_the_one_meant_is_refused(world: World, tmp_path: Path, field: str) -> None:
    others = {
        "genesis": "0x" + "00" * 32,
        "chain": "eip155:1",
        "registry": world.beans.chain.log,
        "log": world.beans.chain.registry,
    }
    with world.auditor(tmp_path) as auditor:
        chain = auditor.chain.model_copy(update={field: others[field]})
        other = Workspace(tmp_path, auditor.settings.model_copy(update={"chain": chain}), clock=world.clock)
        with pytest.raises(WrongChainError):
            _ = other.ledger
        assert auditor.ledger.chain.genesis_hash == world.beans.chain.genesis


def test_a_company_is_registered_once_and_only_by_a_registrar(world: World, tmp_path: Path) -> None:
    with pytest.raises(TransactionError):
        world.rival.register(world.beans.folder / "registration.json", SECRET)
    with (
        Workspace.create(
            tmp_path / "mine",
            clock=world.clock,
            party=MINE,
            host="mine.example",
            passphrase=SECRET,
            chain=world.chain_settings,
            kdf_passes=1,
        ) as mine,
        pytest.raises(NotFoundError, match=r"not registered yet .*give registration\.json to a registrar"),
    ):
        mine.bind_keys(SECRET)


def test_binding_again_changes_nothing(world: World) -> None:
    head = world.rival.ledger.head().number
    bindings = world.rival.store.find_documents(DocumentKind.KEY_BINDING, own=True)
    world.rival.bind_keys(SECRET)
    assert world.rival.ledger.head().number == head
    assert world.rival.store.find_documents(DocumentKind.KEY_BINDING, own=True) == bindings


def test_a_controller_is_not_rotated_here(world: World) -> None:
    with pytest.raises(IssueError, match=r"replaced by its entity.s own transaction .*registry set-controller"):
        world.rival.rotate(Role.CONTROLLER, SECRET)


def test_old_passports_hold_after_the_keys_were_turned_over(world: World) -> None:
    """A new credential key and a new anchoring account; the old ones are retired on the registry."""
    company = world.rival
    issuer = world.issuer(company)
    before = issuer.issue(inventory(world.product()))
    issuer.anchor()
    keys = company.keys()
    old_key, old_account = keys.active(Role.CREDENTIAL), company.settings.anchoring
    company.rotate(Role.CREDENTIAL, SECRET)
    company.rotate(Role.ANCHORING, SECRET)
    new_key, new_account = company.keys().active(Role.CREDENTIAL), company.settings.anchoring
    after = world.issuer(company).issue(inventory(world.product()))
    (checkpoint,) = world.issuer(company).anchor()
    assert checkpoint.state is CheckpointState.FINAL
    assert old_account != new_account
    company.publish()
    did = "did:web:rival.example"
    document = read_did_document((company.public / "did.json").read_bytes(), did=did)
    methods = []
    for issued in (before, after):
        body = company.store.get_document(DocumentKind.PASSPORT, issued.digest)
        methods.append(verify_secured(body, partial(key_for, document), canonical=True).verification_method)
    assert methods == [f"{did}#key-{old_key.number}", f"{did}#key-{new_key.number}"]
    view = RegistryView(company.ledger.state(), Address(company.chain.registry))
    windows = []
    for key in (old_key, new_key):
        bound = view.credential_key(company.place.issuer_id, key_hash(key.public))
        windows.append(bound.window if bound else None)
    for address in (old_account, new_account):
        account = view.account_key(Address(str(address)))
        windows.append(account.window if account else None)
    assert [window.valid_until is None for window in windows if window] == [False, True, False, True]


def test_a_chain_is_started_once(world: World) -> None:
    with Workspace.open(world.folder / "registrar", clock=world.clock) as registrar:
        keys = registrar.keys()
        account = Account(keys.open_account(keys.active(Role.CONTROLLER), SECRET))
        with pytest.raises(LedgerError, match="there is a file of this name already"):
            create_chain(world.chain_file, account, registrar.party, clock=world.clock)


def pinned_by(company: Workspace, issued: IssuedPassport) -> Digest:
    """The digest of the DID document that a passport pins."""
    (pin,) = parse(company.store.get_document(DocumentKind.PASSPORT, issued.digest))["relatedResource"]
    return Digest(pin["digestMultibase"])


def test_each_passport_pins_the_version_that_was_served_when_it_was_issued(world: World, tmp_path: Path) -> None:
    """Both versions are published under their hash, and received by whoever takes them in after a rotation."""
    company = world.rival
    issuer = world.issuer(company)
    first, again = (issuer.issue(inventory(world.product())) for _ in range(2))
    issuer.anchor()
    company.publish()
    served = digest_of((company.public / "did.json").read_bytes())
    assert pinned_by(company, first) == pinned_by(company, again) == served
    company.rotate(Role.CREDENTIAL, SECRET)
    issuer = world.issuer(company)
    after = issuer.issue(inventory(world.product()))
    issuer.anchor()
    company.publish()
    newest = digest_of((company.public / "did.json").read_bytes())
    assert pinned_by(company, after) == newest != served
    folder = company.public / "did-documents"
    assert {served, newest} <= {digest_of(path.read_bytes()) for path in folder.iterdir()}
    assert all(digest_of(path.read_bytes()) == path.stem for path in folder.iterdir())
    with world.auditor(tmp_path / "auditor") as auditor:
        assert auditor.receive(company.public).refused == ()
        for digest in (served, newest):
            assert digest_of(pinned_did_document(auditor.store, digest) or b"") == digest
        for kind in (DocumentKind.DID_DOCUMENT, DocumentKind.PINNED_DID_DOCUMENT):
            assert auditor.store.find_documents(kind, own=True) == []


def test_each_version_is_read_once_however_many_passports_pin_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []

    def counted(data: bytes, *, did: str) -> DidDocument:
        read.append(data)
        return read_did_document(data, did=did)

    issuer = world.issuer(world.mill)
    monkeypatch.setattr("passport.issuer.did_pin.read_did_document", counted)
    pins = {pinned_by(world.mill, issuer.issue(inventory(world.product()))) for _ in range(3)}
    assert [digest_of(data) for data in read] == list(pins)


def test_a_did_document_without_the_key_in_use_is_mended_before_it_is_pinned(world: World) -> None:
    """As after a rotation that was broken off: the key is in use, and the document not yet written."""
    company, did = world.rival, "did:web:rival.example"
    company.keys().rotate(Role.CREDENTIAL, SECRET)
    pin = DidPin(company.store, did=did, base_url="https://rival.example", signer=company.signer(SECRET))
    with pytest.raises(IssueError, match="does not name the key that signs: the DID document has no such method"):
        pin.current()
    world.issuer(company)
    pinned = pin.current()
    company.bind_keys(SECRET)
    assert pinned is not None
    assert pinned.url == f"https://rival.example/did-documents/{pinned.digest}.json"
    document = read_did_document(company.store.get_document(DocumentKind.DID_DOCUMENT, Digest(pinned.digest)), did=did)
    newest = company.keys().active(Role.CREDENTIAL)
    assert document.methods[f"{did}#key-{newest.number}"].multikey == newest.public


def test_nothing_is_pinned_that_is_not_our_own(world: World) -> None:
    """Somebody's publication may hold a document in our name: it is no version of ours."""
    company = world.mill
    signer = company.signer(SECRET)
    stranger = world.beans.keys().active(Role.CREDENTIAL).public
    forged = build_did_web_document("did:web:mill.example", multikeys=[stranger])
    company.store.put_document(DocumentKind.DID_DOCUMENT, digest_of(forged), forged, document_id="did:web:mill.example")
    issued = world.issuer(company).issue(inventory(world.product()))
    assert pinned_by(company, issued) != digest_of(forged)
    nobody = DidPin(company.store, did="did:web:nobody.example", base_url=None, signer=signer)
    with pytest.raises(IssueError, match="our own DID document is not in the store"):
        nobody.current()
    own = build_did_web_document("did:web:nobody.example", multikeys=[stranger])
    company.store.put_document(
        DocumentKind.DID_DOCUMENT, digest_of(own), own, document_id="did:web:nobody.example", own=True
    )
    other = Ed25519Signer.generate(verification_method="did:web:nobody.example#key-1")
    with pytest.raises(IssueError, match="names another key than the one that signs"):
        DidPin(company.store, did="did:web:nobody.example", base_url=None, signer=other).current()
    assert DidPin(company.store, did=f"did:key:{stranger}", base_url=None, signer=signer).current() is None
