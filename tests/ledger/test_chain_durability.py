"""The chain file under processes that are killed or write at once, and on disks and files that are not sound."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from consortium_setup import account, stored

from passport.errors import LedgerError, LedgerUnavailableError
from passport.ledger import Address, Call, EmbeddedChain, Transactor
from passport.ledger.chain_file import ChainFile

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

# Sends argv[4] transactions to the contract argv[2] as account argv[3], and prints each hash once acknowledged.
# It writes to the slots from argv[7] on, so that two processes never sign the very same transaction.
WRITER = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[5], sys.argv[6]]
from consortium_setup import GENESIS_TIME, account, stored
from passport.ledger import Call, EmbeddedChain, Transactor
chain = EmbeddedChain.open(Path(sys.argv[1]), clock=lambda: GENESIS_TIME)
sender = Transactor(chain, account(int(sys.argv[3])))
chain.simulate(sender.account.address, None, b"")
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[4])):
    receipt = sender.send(Call(sys.argv[2], stored(int(sys.argv[7]) + number, number + 1)))
    print(receipt.tx_hash.hex(), flush=True)
chain.close()
"""


@contextmanager
def writer(
    path: Path, store: Address, number: int, count: int, *, first_slot: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A process that waits for a line and then writes; ended by its own id."""
    slot = 1000 * number if first_slot is None else first_slot
    arguments = [str(path), store, str(number), str(count), str(HERE), str(ROOT), str(slot)]
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=path.parent,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the fixture `chain` lives."""
    return tmp_path / "chain.db"


def check_chain(path: Path, now: datetime) -> int:
    """Every block names its parent and holds one transaction whose state is there; returns the head's number."""
    with EmbeddedChain.open(path, clock=lambda: now) as chain:
        head = chain.head()
        parents = [chain._file.header(number)[4:36] for number in range(1, head.number + 1)]
        assert parents == [chain.block(number).hash for number in range(head.number)]
        db = sqlite3.connect(path)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT block FROM receipt ORDER BY block").fetchall() == [
            (number,) for number in range(1, head.number + 1)
        ]
        db.close()
        for number in range(1, head.number + 1):
            assert chain.state(chain.block(number)).nonce(account(9).address) > 0
    return head.number


def test_a_chain_is_seen_by_every_process(chain: EmbeddedChain, store: Address, path: Path, now: datetime) -> None:
    """One process writes, another, open all the time, sees each block when it is acknowledged."""
    with writer(path, store, 5, 3) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        before = chain.head().number
        process.stdin.write("go\n")
        process.stdin.flush()
        hashes = [process.stdout.readline().strip() for _ in range(3)]
        assert process.wait(30) == 0
        receipts = [chain.receipt(bytes.fromhex(tx_hash)) for tx_hash in hashes]
    assert [receipt and receipt.block_number for receipt in receipts] == [before + 1, before + 2, before + 3]
    assert [chain.state().storage(store, 5000 + number) for number in range(4)] == [1, 2, 3, 0]
    assert check_chain(path, now) == before + 3


def test_kill_9_loses_nothing_acknowledged_and_leaves_no_half_block(
    chain: EmbeddedChain, store: Address, path: Path, now: datetime
) -> None:
    """Killed three times amid writing, each time somewhere else; every hash it printed has its receipt."""
    acknowledged: list[str] = []
    for number, patience in ((5, 1), (6, 9), (7, 22)):
        with writer(path, store, number, 100_000) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("go\n")
            process.stdin.flush()
            lines = [process.stdout.readline() for _ in range(patience)]
            os.kill(process.pid, signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
            lines += process.stdout.readlines()
        complete = [line.strip() for line in lines if line.endswith("\n")]
        assert len(complete) >= patience
        acknowledged += complete
        with EmbeddedChain.open(path, clock=lambda: now) as survivor:
            receipts = [survivor.receipt(bytes.fromhex(tx_hash)) for tx_hash in acknowledged]
            assert all(receipt is not None and receipt.status for receipt in receipts)
            written = [survivor.state().storage(store, 1000 * number + at) for at in range(len(complete))]
            assert written == list(range(1, len(complete) + 1))
            assert Transactor(survivor, account(9)).send(Call(store, stored(0, number))).status
    # At most one block a kill was durable without its hash having been printed; three more were sent by the survivors.
    head = check_chain(path, now)
    assert 1 + len(acknowledged) + 3 <= head <= 1 + len(acknowledged) + 6


def test_two_processes_write_at_once(chain: EmbeddedChain, store: Address, path: Path, now: datetime) -> None:
    """With accounts of their own, and then with one account between them: nothing is lost, nothing is doubled."""
    for first, second, count in ((5, 6, 8), (7, 7, 6)):
        before = chain.head().number
        with writer(path, store, first, count) as a, writer(path, store, second, count, first_slot=90) as b:
            for process in (a, b):
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            hashes = []
            for process in (a, b):
                assert process.stdout is not None
                hashes += process.stdout.read().split()
                assert process.wait(60) == 0
        assert len(set(hashes)) == 2 * count
        blocks = {receipt.block_number for h in hashes if (receipt := chain.receipt(bytes.fromhex(h)))}
        assert blocks == set(range(before + 1, before + 1 + 2 * count))
    assert chain.nonce(account(7).address) == 12
    assert check_chain(path, now) == 1 + 16 + 12


# Lets no file grow beyond argv[2] bytes, sends until the disk is "full", makes room, and sends the same bytes again.
FULL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path[:0] = [sys.argv[4], sys.argv[5]]
from consortium_setup import GENESIS_TIME, account, stored
from passport.errors import LedgerUnavailableError
from passport.ledger import Call, EmbeddedChain, Transactor
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
chain = EmbeddedChain.open(Path(sys.argv[1]), clock=lambda: GENESIS_TIME)
sender = Transactor(chain, account(5))
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), hard))
acknowledged = []
for number in range(10_000):
    signed = sender.prepare(Call(sys.argv[3], stored(number, 1)))
    try:
        acknowledged.append(sender.submit(signed))
    except LedgerUnavailableError as error:
        message = str(error)
        break
head = chain.head()
assert chain.receipt(signed.hash) is None
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
sender.submit(signed)
assert chain.head().number == head.number + 1
assert all(chain.receipt(h) is not None for h in [*acknowledged, signed.hash])
chain.close()
print(len(acknowledged))
print(message)
"""


def test_a_full_disk_is_said_and_loses_nothing(chain: EmbeddedChain, store: Address, path: Path, now: datetime) -> None:
    limit = path.stat().st_size + 300_000
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path), str(limit), store, str(HERE), str(ROOT)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=path.parent,
    )
    assert done.returncode == 0, done.stderr
    count, message = done.stdout.splitlines()
    assert "the chain file cannot grow; the block was not kept and nothing acknowledged is lost" in message
    assert int(count) > 0
    assert check_chain(path, now) == 1 + int(count) + 1


def test_a_file_locked_by_another_is_said(chain: EmbeddedChain, store: Address, path: Path, now: datetime) -> None:
    transactor = Transactor(chain, account(5))
    with EmbeddedChain.open(path, clock=lambda: now, lock_timeout_s=0) as impatient:
        signed = Transactor(impatient, account(5)).prepare(Call(store, stored(1, 1)))
        holder = ChainFile(path)
        with holder.writing(), pytest.raises(LedgerUnavailableError, match="locked by another process"):
            impatient.send_raw(signed.raw)
        holder.close()
        assert impatient.receipt(signed.hash) is None
        assert impatient.send_raw(signed.raw) == signed.hash
    assert transactor.ledger.receipt(signed.hash) is not None


def test_an_error_amid_writing_leaves_the_file_as_it_was(
    chain: EmbeddedChain, store: Address, path: Path, now: datetime
) -> None:
    file = ChainFile(path)
    receipt = chain.receipt(chain.send_raw(Transactor(chain, account(5)).prepare(Call(store, stored(1, 1))).raw))
    assert receipt is not None
    head = chain.head()
    with pytest.raises(LedgerError, match="damaged"), file.writing():  # the number is taken
        file.append(b"\xc0", nodes={b"x" * 32: b"y"}, receipt=receipt)
    assert file.find_node(b"x" * 32) is None
    file.close()
    assert chain.head() == head
    assert check_chain(path, now) == head.number


def damaged(path: Path, how: str) -> None:
    """Turn a sound chain file into another thing."""
    whole = path.read_bytes()
    path.unlink()
    if how == "cut in half":
        path.write_bytes(whole[: len(whole) // 2 // 4096 * 4096])
    elif how == "cut amid a page":
        path.write_bytes(whole[: len(whole) - 1000])
    elif how == "only the first page":
        path.write_bytes(whole[:4096])
    elif how == "cut in the first page":
        path.write_bytes(whole[:50])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "a text":
        path.write_bytes(b"never a database, whatever its name says\n" * 200)
    elif how == "zeros inside":
        path.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    elif how == "a database of others":
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE node (hash, content)")
        db.close()
    elif how == "a newer format":
        path.write_bytes(whole)
        db = sqlite3.connect(path)
        db.execute("PRAGMA user_version = 2")
        db.close()
    elif how == "a directory":
        path.mkdir()


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("cut in half", "damaged"),
        ("cut amid a page", "damaged"),
        ("only the first page", "damaged"),
        ("cut in the first page", "damaged"),
        ("empty", "not a chain file"),
        ("a text", "damaged or not a chain file"),
        ("zeros inside", "damaged"),
        ("a database of others", "not a chain file"),
        ("a newer format", "another format; expected 1; found 2"),
        ("a directory", "there is no chain file"),
        ("missing", "there is no chain file"),
    ],
)
def test_files_that_are_no_sound_chain_are_refused_and_left_alone(
    consortium_file: tuple[Path, object], tmp_path: Path, how: str, reason: str
) -> None:
    path = tmp_path / "chain.db"
    shutil.copyfile(consortium_file[0], path)
    damaged(path, how)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(LedgerError, match=reason):
        EmbeddedChain.open(path)
    assert (path.read_bytes() if path.is_file() else None) == before
    with pytest.raises(
        LedgerError, match="there is no chain file" if before is None else "there is a file of this name"
    ):
        EmbeddedChain.open(path) if before is None else EmbeddedChain.create(path)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_chain_is_created_whole_or_not_at_all(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    path = tmp_path / "chain.db"
    with EmbeddedChain.create(path, clock=clock) as chain:
        genesis = chain.chain
    with pytest.raises(LedgerError, match="there is a file of this name already"):
        EmbeddedChain.create(path, clock=clock)
    with pytest.raises(LedgerError, match="cannot be opened"):
        EmbeddedChain.create(tmp_path / "nowhere" / "chain.db", clock=clock)
    with EmbeddedChain.open(path, clock=clock) as chain:
        assert chain.chain == genesis
    assert {entry.name for entry in tmp_path.iterdir()} == {"chain.db"}


def test_reading_needs_no_evm(consortium_file: tuple[Path, object]) -> None:
    """Opening a chain, reading its state and gathering and judging proofs load no py-evm."""
    code = """
import sys
from pathlib import Path
from passport.ledger import EmbeddedChain, ProvenState, PassportLogView, RegistryView, RecordingState
place, registry = Path(sys.argv[1]), sys.argv[2]
with EmbeddedChain.open(place) as chain:
    state = RecordingState(chain.state())
    assert RegistryView(state, registry).issuer_id_of(2) is not None
    evidence = chain.evidence(chain.head(), state.reads)
    proven = ProvenState(evidence, block_hash=chain.head().hash)
    assert RegistryView(proven, registry).issuer_id_of(2) is not None
heavy = {"eth", "eth_utils", "eth_abi", "eth_keys", "rlp", "web3"} & set(sys.modules)
assert not heavy, heavy
"""
    path, place = consortium_file
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), place.registry],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr


def test_a_node_gone_from_inside_is_said(chain: EmbeddedChain, store: Address, path: Path, now: datetime) -> None:
    """Reading, running and sealing say which file is damaged; what does not need the node goes on."""
    storage_root = next(
        node_hash
        for (node_hash,) in sqlite_rows(path, "SELECT hash FROM node")
        if node_hash in bytes(chain._file.node(chain.head().state_root))
    )
    call = Call(store, stored(1, 1))
    signed = Transactor(chain, account(9)).prepare(call)
    chain.close()
    db = sqlite3.connect(path)
    db.execute("DELETE FROM node WHERE hash = ?", (storage_root,))
    db.commit()
    db.close()
    with EmbeddedChain.open(path, clock=lambda: now) as hurt:
        for attempt in (
            lambda: hurt.state().storage(store, 1),
            lambda: hurt.nonce(store),
            lambda: hurt.simulate(account(9).address, store, call.data),
            lambda: hurt.send_raw(signed.raw),
        ):
            with pytest.raises(LedgerError, match="the chain file lacks a node it needs"):
                attempt()
        assert hurt.head().number == 1


def sqlite_rows(path: Path, query: str) -> list[tuple[bytes]]:
    """What a query gives, on a connection of its own."""
    db = sqlite3.connect(path)
    try:
        return db.execute(query).fetchall()
    finally:
        db.close()
