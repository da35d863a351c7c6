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
from issuer_world import SECRET, World, accept_all, inventory

from passport.credentials import Role, Signer
from passport.errors import ConflictError, IssueError, StoreError, TransactionError
from passport.issuer import Issuer
from passport.ledger import Account, Address, LedgerAnchor
from passport.ledger.checkpoint import CheckpointState
from passport.ledger.outbox import Outbox
from passport.model.digest import to_sha256
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
        with pytest.raises(TransactionError, match="the chain refuses a checkpoint"):
            copy.anchor()
        company.publish()
        with pytest.raises(ConflictError, match="the log's entry differs from the one stored"):
            twin.receive(company.public)


def test_an_old_copy_learns_that_it_is_old(world: World, tmp_path: Path) -> None:
    company = world.beans
    world.issuer(company).anchor(steady=True)
    with copied(company, tmp_path) as old:
        issuer = world.issuer(company)
        issuer.issue(inventory(world.product()))
        issuer.anchor()
        company.publish()
        words = r"somebody knows more entries of our own log than we do; .*is this an old copy of the workspace\?"
        with pytest.raises(ConflictError, match=words):
            old.receive(company.public)
