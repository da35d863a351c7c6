"""A place in the log that dies, a process that dies, and two stores that write one log."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from issuer_world import SECRET, World, accept_all, direct, inventory

from passport.credentials import Role, Signer, jcs, parse
from passport.errors import ConflictError, DocumentError, IssueError, StoreError
from passport.issuer import Issuer
from passport.ledger import Account, Address, LedgerAnchor
from passport.ledger.checkpoint import CheckpointState
from passport.ledger.merkle import MerkleLog
from passport.ledger.outbox import Outbox
from passport.model.digest import to_sha256
from passport.model.party import Party, Scheme
from passport.store import DocumentKind, Store
from passport.workspace import Workspace

HERE = Path(__file__).parent
KINDS = (DocumentKind.PASSPORT, DocumentKind.STATEMENT, DocumentKind.INVENTORY)


@dataclass(frozen=True)
class InterruptedSigner:
    """Signs with the real key, after something else has happened."""

    signer: Signer
    before: Callable[[], object]

    @property
    def multikey(self) -> str:
        return self.signer.multikey

    @property
    def verification_method(self) -> str:
        return self.signer.verification_method

    def sign(self, data: bytes) -> bytes:
        self.before()
        return self.signer.sign(data)


def issuer_with(company: Workspace, before: Callable[[], object]) -> Issuer:
    """The company's issuer, with something happening while it signs."""
    keys = company.keys()
    entry = keys.active(Role.CREDENTIAL)
    did = company.settings.did or ""
    signer = keys.open_signer(entry, SECRET, verification_method=f"{did}#key-{entry.number}")
    return Issuer(
        party=company.party,
        did=did,
        base_url=f"https://{company.settings.host}",
        store=company.store,
        outbox=outbox_of(company, company.store),
        signer=InterruptedSigner(signer, before),
        place=company.place,
        accept=accept_all,
        clock=company.clock,
    )


def outbox_of(company: Workspace, store: Store) -> Outbox:
    """The way into the company's log, as another process would open it."""
    keys = company.keys()
    account = Account(keys.open_account(keys.active(Role.ANCHORING), SECRET))
    anchor = LedgerAnchor(company.ledger, account, Address(company.chain.log))
    return Outbox(store, anchor, log_key=company.log_key, clock=company.clock)


def stored(store: Store, product: str) -> list[int]:
    """How many documents of each kind speak of a product."""
    return [len(store.find_documents(kind, subject_id=product)) for kind in KINDS]


def test_a_reservation_that_dies_while_signing_is_made_anew(world: World) -> None:
    """Another process closes a batch between reserve and fill: the passport goes to the next free place."""
    company = world.rival
    product = world.product()
    died: list[int] = []
    with Store.open(company.folder / "passport.db", clock=world.clock) as second:

        def close_once() -> None:
            if not died:
                died.append(second.open_leaves(company.log_key)[-1].index)
                outbox_of(company, second).close_batch(steady=True)

        issuer = issuer_with(company, close_once)
        issued = issuer.issue(inventory(product))
    size = company.store.log_size(company.log_key)
    assert died[0] < size <= issued.leaf_index
    assert company.store.void_nonce(company.log_key, died[0]) is not None
    assert stored(company.store, product) == [1, 1, 1]
    checkpoints = issuer.anchor()
    assert [each.state for each in checkpoints] == [CheckpointState.FINAL] * 2
    entries = company.store.log_entries(company.log_key)
    assert entries[issued.leaf_index] == to_sha256(issued.digest)


def test_batches_that_close_faster_than_one_signs_are_named(world: World) -> None:
    company = world.rival
    product = world.product()
    outbox = outbox_of(company, company.store)
    issuer = issuer_with(company, lambda: outbox.close_batch(steady=True))
    with pytest.raises(IssueError, match="checkpoints close faster than a passport is signed") as caught:
        issuer.issue(inventory(product))
    assert (caught.value.where, caught.value.hint) == (product, "anchor less often, or issue again")
    assert stored(company.store, product) == [0, 0, 0]
    outbox.run()


def test_a_database_that_refuses_the_last_step_keeps_none_of_them(world: World, tmp_path: Path) -> None:
    """The disk gives out after the leaf was filled and the documents were put: nothing of it stays."""
    with copied(world.mill, tmp_path) as company:
        product = world.product()
        issuer = company.issuer(SECRET, accept=accept_all)
        database = sqlite3.connect(company.folder / "passport.db")
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON statement_rows BEGIN SELECT RAISE(ABORT, 'no room left'); END"
        )
        database.commit()
        with pytest.raises(StoreError, match="no room left"):
            issuer.issue(inventory(product))
        database.execute("DROP TRIGGER full")
        database.commit()
        database.close()
        assert stored(company.store, product) == [0, 0, 0]
        last = company.store.open_leaves(company.log_key)[-1]
        assert last.entry is None
        issued = issuer.issue(inventory(product))
        assert issued.leaf_index == last.index + 1
        assert stored(company.store, product) == [1, 1, 1]


DIES = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from issuer_world import SECRET, MovableClock, accept_all, inventory
from passport.workspace import Workspace

company = Workspace.open(Path(sys.argv[2]), clock=MovableClock())
company.store.put_rows = lambda *_: os._exit(9)
company.issuer(SECRET, accept=accept_all).issue(inventory(sys.argv[3]))
"""


def test_a_process_that_dies_before_the_commit_leaves_nothing(world: World, tmp_path: Path) -> None:
    """It has filled the leaf and put three documents; then it is gone, without a word."""
    with copied(world.mill, tmp_path) as company:
        product = world.product()
        company.store.close()
        folder = str(company.folder)
        root = str(HERE.parent.parent)
        command = [sys.executable, "-c", DIES, str(HERE), folder, product]
        assert subprocess.run(command, cwd=root, check=False, timeout=60).returncode == 9
        with Workspace.open(company.folder, clock=world.clock) as again:
            assert stored(again.store, product) == [0, 0, 0]
            assert again.store.open_leaves(again.log_key)[-1].entry is None
            issued = again.issuer(SECRET, accept=accept_all).issue(inventory(product))
            assert stored(again.store, product) == [1, 1, 1]
            assert again.store.open_leaves(again.log_key)[-1].index == issued.leaf_index


def copied(company: Workspace, folder: Path) -> Workspace:
    """A copy of a company's workspace, as from a backup, that speaks to the same chain."""
    target = folder / company.folder.name
    shutil.copytree(company.folder, target, ignore=shutil.ignore_patterns("passport.db*"))
    source = sqlite3.connect(company.folder / "passport.db")
    with sqlite3.connect(target / "passport.db") as database:
        source.backup(database)
    database.close()
    source.close()
    chain = company.chain.model_copy(update={"file": str((company.folder / company.chain.file).resolve())})
    settings = company.settings.model_copy(update={"chain": chain})
    (target / "workspace.json").write_text(settings.model_dump_json(by_alias=True, exclude_none=True), encoding="utf-8")
    return Workspace.open(target, clock=company.clock)


def test_two_stores_that_write_one_log_are_found_out(world: World, tmp_path: Path) -> None:
    """A copy of the workspace issues too: the chain takes one of them, and the other learns what has happened."""
    company = world.beans
    world.issuer(company).anchor(steady=True)
    with copied(company, tmp_path) as twin:
        original, copy = world.issuer(company), twin.issuer(SECRET, accept=accept_all)
        original.issue(inventory(world.product()))
        copy.issue(inventory(world.product()))
        original.anchor()
        with pytest.raises(ConflictError, match="this is an old copy of the workspace"):
            copy.anchor()
        company.publish()
        with pytest.raises(ConflictError, match="for a leaf that another copy of this workspace has used") as caught:
            twin.receive(company.public)
        assert "go on with the newer copy" in str(caught.value.hint)
        assert twin.store.log_size(twin.log_key) < company.store.log_size(company.log_key)


def test_two_stores_that_froze_a_checkpoint_each(world: World, tmp_path: Path) -> None:
    """Both closed a batch before either was anchored: the chain takes one, the other log is another one for good."""
    company = world.beans
    world.issuer(company).anchor(steady=True)
    with copied(company, tmp_path) as twin:
        original, copy = world.issuer(company), twin.issuer(SECRET, accept=accept_all)
        original.issue(inventory(world.product()))
        copy.issue(inventory(world.product()))
        account = Account(twin.keys().open_account(twin.keys().active(Role.ANCHORING), SECRET))
        anchor = LedgerAnchor(twin.ledger, account, Address(twin.chain.log))
        assert Outbox(twin.store, anchor, log_key=twin.log_key, clock=world.clock).close_batch() is not None
        original.anchor()
        with pytest.raises(ConflictError, match="another copy of this workspace has anchored in its log"):
            copy.anchor()
        company.publish()
        with pytest.raises(ConflictError, match="the log's entry differs from the one stored"):
            twin.receive(company.public)


def test_an_old_copy_catches_up_by_its_own_publication(world: World, tmp_path: Path) -> None:
    """It refuses to go on, says how to mend it, and then goes on where the newer copy stopped."""
    company = world.beans
    world.issuer(company).anchor(steady=True)
    with copied(company, tmp_path) as old:
        newer, product = world.issuer(company), world.product()
        issued = newer.issue(inventory(product))
        newer.anchor()
        newer.anchor(steady=True)
        company.publish()
        issuer = old.issuer(SECRET, accept=accept_all)
        for attempt in (lambda: issuer.issue(inventory(world.product())), issuer.anchor):
            with pytest.raises(ConflictError, match="old copy of the workspace") as caught:
                attempt()
            assert "passport import" in str(caught.value.hint)
        taken = old.receive(company.public)
        assert taken.refused == ()
        assert old.store.log_entries(old.log_key) == company.store.log_entries(company.log_key)
        assert old.store.log_checkpoints(old.log_key) == company.store.log_checkpoints(company.log_key)
        (ref,) = old.store.find_documents(DocumentKind.PASSPORT, subject_id=product)
        assert ref.own
        assert ref.digest == issued.digest
        with pytest.raises(IssueError, match="there is a current passport for this product already"):
            issuer.issue(inventory(product, direct(fossilGhgEmissions="1")))
        more = issuer.issue(inventory(world.product()))
        (checkpoint,) = issuer.anchor()
        assert checkpoint.state is CheckpointState.FINAL
        assert checkpoint.prev_size <= more.leaf_index < checkpoint.size
        assert old.receive(company.public).refused == ()  # older by now, and changes nothing
        assert old.publish() > 0
        assert company.receive(old.public).refused == ()  # and back: one log, two copies, never at once
        world.issuer(company).anchor(steady=True)


def test_a_workspace_without_its_store_begins_again_from_its_publication(world: World, tmp_path: Path) -> None:
    """The database is lost, keys and publication are not: the log goes on."""
    company = world.rival
    issuer, product = world.issuer(company), world.product()
    issuer.issue(inventory(product))
    company.rotate(Role.CREDENTIAL, SECRET)
    issuer = world.issuer(company)
    issuer.issue(inventory(world.product()))
    issuer.anchor()
    company.publish()
    with copied(company, tmp_path) as bare:
        bare.close()
        for file in bare.folder.glob("passport.db*"):
            file.unlink()
        with pytest.raises(ConflictError, match="old copy of the workspace"):
            bare.issuer(SECRET, accept=accept_all).issue(inventory(world.product()))
        assert bare.receive(company.public).refused == ()
        again = bare.issuer(SECRET, accept=accept_all)
        again.issue(inventory(world.product()))
        assert [checkpoint.state for checkpoint in again.anchor()] == [CheckpointState.FINAL]
        bare.publish()
        assert company.receive(bare.public).refused == ()  # for whoever uses the company next
        for name in ("did.json", "did-documents"):  # the present document stays so, and no version of it is lost
            assert _files(bare.public / name) == _files(company.public / name)
        bindings = [ref.own for ref in bare.store.find_documents(DocumentKind.KEY_BINDING)]
        assert bindings == [True] * len(company.store.find_documents(DocumentKind.KEY_BINDING))


def _files(path: Path) -> dict[str, bytes]:
    """What a publication holds there."""
    return {file.name: file.read_bytes() for file in (path.iterdir() if path.is_dir() else [path])}


def test_a_false_publication_of_our_own_log_leaves_it_alone(world: World, tmp_path: Path) -> None:
    """Somebody made a longer log in our name: the chain does not hold it, so nothing is kept."""
    company = world.beans
    world.issuer(company).anchor(steady=True)
    company.publish()
    folder = tmp_path / "public"
    shutil.copytree(company.public, folder)
    head = parse((folder / "publication.json").read_bytes())
    last = head["checkpoints"][-1]
    entries = (folder / "log.bin").read_bytes() + bytes(32 * 256)
    (folder / "log.bin").write_bytes(entries)
    log = MerkleLog()
    log.extend([entries[at : at + 32] for at in range(0, len(entries), 32)])
    longer = {"seq": last["seq"] + 1, "prevSize": last["size"], "size": last["size"] + 256}
    head["checkpoints"].append(last | longer | {"root": "0x" + log.root().hex()})
    (folder / "publication.json").write_bytes(jcs(head))
    before = (company.store.log_size(company.log_key), company.store.log_checkpoints(company.log_key))
    with pytest.raises(DocumentError, match="the chain does not hold this checkpoint"):
        company.receive(folder)
    assert (company.store.log_size(company.log_key), company.store.log_checkpoints(company.log_key)) == before


def test_a_key_that_is_not_bound_signs_nothing(world: World, tmp_path: Path) -> None:
    """The chain is asked before a passport is signed that no audit would take; the error says what to run."""
    newcomer = Workspace.create(
        tmp_path / "newcomer",
        clock=world.clock,
        party=Party(scheme=Scheme.EUID, identifier="ZZTEST.NEWCOMER", name="Newcomer", country="NL"),
        host="newcomer.example",
        passphrase=SECRET,
        chain=world.chain_settings,
        kdf_passes=1,
    )

    def refusal(company: Workspace) -> tuple[str, str | None]:
        with pytest.raises(IssueError) as caught:
            company.issuer(SECRET, accept=accept_all).issue(inventory(world.product()))
        return caught.value.message.partition(":")[0], caught.value.hint

    with newcomer, Workspace.open(world.folder / "registrar", clock=world.clock) as registrar:
        assert refusal(newcomer) == (
            "the company is not on the registry, so nobody could tell who signed",
            "give registration.json to a registrar; then run `passport registry bind-key`",
        )
        registrar.join_chain(world.chain_settings)
        registrar.register(newcomer.folder / "registration.json", SECRET)
        unbound = ("the credential key is not bound on the registry", "run `passport registry bind-key`")
        assert refusal(newcomer) == unbound
        assert newcomer.store.find_documents(DocumentKind.PASSPORT) == []
        newcomer.bind_keys(SECRET)
        assert newcomer.issuer(SECRET, accept=accept_all).issue(inventory(world.product())).total == "2"
        with copied(newcomer, tmp_path / "rotated elsewhere") as newer:
            newer.rotate(Role.CREDENTIAL, SECRET)
        message, hint = refusal(newcomer)
        assert message == "the credential key is not good now by the registry"
        assert "passport keys rotate credential" in str(hint)
        # What was signed before is anchored all the same.
        assert [each.state for each in newcomer.issuer(SECRET, accept=accept_all).anchor()] == [CheckpointState.FINAL]
        newcomer.keys().rotate(Role.CREDENTIAL, SECRET)
        assert refusal(newcomer) == unbound
