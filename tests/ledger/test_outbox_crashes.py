"""A crash before or after any step, and kill -9 at any moment: no document is lost, no checkpoint lost or doubled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from issuing_process import ISSUER, KEY, clock, issue, open_outbox
from log_chain import LogChain

from passport.ledger import merkle
from passport.ledger.checkpoint import CheckpointState
from passport.ledger.outbox import Outbox
from passport.model.digest import to_sha256
from passport.store import DocumentKind, Store

PROCESS = Path(__file__).with_name("issuing_process.py")


# A crash after one of these is a crash after what came before it: they change nothing.
READS = {
    *("look", "receipt", "sealed_nonce", "sender", "next_nonce", "sending"),
    *("log_size", "open_leaf", "open_leaves", "outbox", "outbox_checkpoint", "void_nonce"),
}


class Crash(Exception):  # noqa: N818
    """The process ends here."""


class Steps:
    """Counts the moments between steps, and crashes at one of them."""

    def __init__(self, crash_at: int | None) -> None:
        self.crash_at = crash_at
        self.count = 0

    def pass_by(self) -> None:
        self.count += 1
        if self.count == self.crash_at:
            raise Crash


class Stepped:
    """Anything, with a moment after each call that does something, and before and after each transaction's end."""

    def __init__(self, real: Any, steps: Steps) -> None:
        self._real = real
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if name in READS:
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            self._steps.pass_by()
            return result

        return call

    @property
    def is_in_transaction(self) -> bool:
        return bool(self._real.is_in_transaction)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._real.transaction():
            yield
            self._steps.pass_by()
        self._steps.pass_by()


def work(store: Any, chain: Any, told: list[tuple[str, int]], *, mine: Callable[[], None]) -> None:
    """Two batches, with a reservation nobody fills; `told` is what a user has been promised."""
    outbox = Outbox(store, chain, log_key=KEY, clock=clock, padding_leaves=4)
    outbox.run()
    told.append(issue(store, outbox, "a"))
    outbox.reserve()
    told.append(issue(store, outbox, "b"))
    outbox.anchor_batch()
    mine()
    told.append(issue(store, outbox, "c"))
    outbox.anchor_batch()
    mine()
    outbox.run()


def judge(store: Store, chain: LogChain, told: list[tuple[str, int]]) -> None:
    """Everything that must hold once the outbox has run to its end."""
    entries = store.log_entries(KEY)
    for digest, index in told:
        assert store.has_document(DocumentKind.PASSPORT, digest)
        assert entries[index] == to_sha256(digest)
    stored = {to_sha256(ref.digest) for ref in store.find_documents(DocumentKind.PASSPORT)}
    voids = {index for index in range(len(entries)) if store.void_nonce(KEY, index) is not None}
    assert {entry for index, entry in enumerate(entries) if index not in voids} == stored
    assert all(entries[index] == merkle.void_entry(store.void_nonce(KEY, index)) for index in voids)
    assert store.open_leaves(KEY) == []
    checkpoints = store.outbox(KEY)
    assert all(each.state is CheckpointState.FINAL for each in checkpoints)
    assert [each.root for each in checkpoints] == [merkle.root(entries[: each.size]) for each in checkpoints]
    assert store.log_checkpoints(KEY) == chain.checkpoints(ISSUER)
    assert [each.seq for each in chain.checkpoints(ISSUER)] == list(range(1, len(checkpoints) + 1))
    assert len(entries) == (checkpoints[-1].size if checkpoints else 0)
    assert chain.sealed() == len(checkpoints)  # none was sent twice in vain


@pytest.fixture(scope="module")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database: copying it is quicker than making one for each crash."""
    path = tmp_path_factory.mktemp("new") / "store.db"
    Store.open(path, clock=clock).close()
    return path


@pytest.mark.parametrize("is_instant", [True, False], ids=["sealed at once", "sealed later"])
def test_a_crash_at_any_step(new_store: Path, tmp_path: Path, is_instant: bool) -> None:
    # The steps are much the same on both chains: on the second every fourth is enough.
    crash_at, crashed = 0, True
    while crashed:
        crash_at += 1 if is_instant else 4
        folder = tmp_path / str(crash_at)
        folder.mkdir()
        shutil.copy(new_store, folder / "store.db")
        chain = LogChain(folder / "chain", is_instant=is_instant, finality_blocks=0 if is_instant else 1)
        told: list[tuple[str, int]] = []

        def mine(chain: LogChain = chain) -> None:
            if not is_instant:
                chain.mine()

        steps = Steps(crash_at)
        with Store.open(folder / "store.db", clock=clock) as store:
            try:
                work(Stepped(store, steps), Stepped(chain, steps), told, mine=mine)
                crashed = False
            except Crash:
                crashed = True
        # A new process: nothing but the two files is left.
        with Store.open(folder / "store.db", clock=clock) as store:
            outbox = Outbox(store, chain, log_key=KEY, clock=clock, padding_leaves=4)
            outbox.run()
            mine()
            told.append(issue(store, outbox, "after"))
            outbox.anchor_batch()
            for _ in range(4):
                mine()
                outbox.run()
            judge(store, chain, told)
    assert steps.count > 40
    assert len(told) == 4


def _start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, str(PROCESS), str(folder)], stdout=subprocess.PIPE, text=True, bufsize=1)


def _promises(lines: list[str]) -> list[tuple[str, int]]:
    return [(digest, int(index)) for digest, index in (line.split() for line in lines if line.endswith("\n"))]


def test_kill_9(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    for lines_before_death in (1, 5, 11):
        process = _start(tmp_path)
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(lines_before_death)]
        process.kill()
        lines += process.stdout.readlines()
        process.stdout.close()
        assert process.wait() == -9
        told += _promises(lines)
    assert len(told) >= 17
    with Store.open(tmp_path / "store.db", clock=clock) as store:
        open_outbox(store, tmp_path).anchor_batch()
        if store.open_leaves(KEY):
            open_outbox(store, tmp_path).anchor_batch(steady=True)
        judge(store, LogChain(tmp_path / "chain"), told)


def test_two_processes_issue_at_once(tmp_path: Path) -> None:
    """Both write to one log and both anchor; one of them is killed in the middle."""
    Store.open(tmp_path / "store.db", clock=clock).close()
    processes = [_start(tmp_path), _start(tmp_path)]
    told: list[tuple[str, int]] = []
    for process in processes:
        assert process.stdout is not None
        told += _promises([process.stdout.readline() for _ in range(9)])
    for process in processes:
        process.kill()
        assert process.stdout is not None
        told += _promises(process.stdout.readlines())
        process.stdout.close()
        assert process.wait() == -9
    assert len({index for _, index in told}) == len(told) >= 18
    with Store.open(tmp_path / "store.db", clock=clock) as store:
        open_outbox(store, tmp_path).anchor_batch()
        if store.open_leaves(KEY):
            open_outbox(store, tmp_path).anchor_batch(steady=True)
        writers = {ref.document_id.split("-")[0] for ref in store.find_documents(DocumentKind.PASSPORT)}
        assert writers == {str(process.pid) for process in processes}
        judge(store, LogChain(tmp_path / "chain"), told)


def test_the_document_names_its_own_place(tmp_path: Path) -> None:
    """What the helper process stores: the index inside the document is the index in the log."""
    with Store.open(tmp_path / "store.db", clock=clock) as store:
        digest, index = issue(store, open_outbox(store, tmp_path), "x")
        assert store.get_document(DocumentKind.PASSPORT, digest) == f"x at {index}".encode()
        open_outbox(store, tmp_path).anchor_batch()
        assert store.log_entries(KEY)[index] == sha256(b"x at 0").digest()
        judge(store, LogChain(tmp_path / "chain"), [(digest, index)])
    assert os.stat(tmp_path / "store.db").st_mode & 0o777 == 0o600
