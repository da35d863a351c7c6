"""What a witness remembers survives kill -9 and other processes, and an old copy of it is told as one."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path

import pytest
from witness_process import ORIGIN

from passport.errors import LedgerError, LedgerUnavailableError
from passport.ledger.log_note import CheckpointNote
from passport.ledger.merkle import EMPTY_ROOT
from passport.ledger.witness_file import MAX_FORKS, Fork, WitnessFile

HERE = Path(__file__).resolve().parent
WAIT_S = 60
PUT_BACK = "put back from an old copy"


def at(size: int, origin: str = ORIGIN) -> CheckpointNote:
    """A checkpoint whose root tells its size."""
    return CheckpointNote(origin, size, size.to_bytes(32, "big") if size else EMPTY_ROOT)


def grow(file: WitnessFile, old: int, new: int, origin: str = ORIGIN) -> bool:
    return file.replace(at(old, origin), at(new, origin), note=at(new, origin).text.encode(), time=new)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that counts two cosignatures."""
    made = tmp_path / "w" / "cosigned.db"
    made.parent.mkdir()
    with WitnessFile(made, create=True) as file:
        assert grow(file, 0, 1)
        assert grow(file, 1, 2)
    return made


@pytest.fixture
def copy(path: Path, tmp_path: Path) -> Path:
    """An old copy of that file and its mark; the file itself has gone on since."""
    shutil.copytree(path.parent, tmp_path / "old")
    with WitnessFile(path) as file:
        assert grow(file, 2, 3)
    return tmp_path / "old" / path.name


class Other:
    """A process of its own with the file."""

    def __init__(self, path: Path, dies_at: str = "never") -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "witness_process.py"), str(path), dies_at],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), str(HERE)])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.hears() == "ready"

    def tells(self, old: CheckpointNote, new: CheckpointNote) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{old.size} {old.root.hex()} {new.size} {new.root.hex()}\n")
        self.process.stdin.flush()

    def hears(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ends(self) -> int:
        self.process.communicate(timeout=WAIT_S)
        return self.process.returncode

    def __enter__(self) -> Other:
        return self

    def __exit__(self, *_: object) -> None:
        self.ends()


@pytest.fixture
def others() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_what_was_written_is_there(path: Path) -> None:
    with WitnessFile(path) as file:
        found = file.last(ORIGIN)
        assert found is not None
        assert (found.checkpoint, found.note, found.time) == (at(2), at(2).text.encode(), 2)
        assert not grow(file, 1, 4)
        assert not file.replace(CheckpointNote(ORIGIN, 2, bytes(32)), at(4), note=b"", time=4)
        assert not grow(file, 0, 4)
        assert file.last("example.com/other") is None
        assert grow(file, 0, 7, "example.com/other")
        assert file.origins() == ["example.com/log", "example.com/other"]
    assert path.with_name("cosigned.db.mark").read_text() == "3\n"


@pytest.mark.parametrize("processes", [2, 5])
def test_of_processes_that_go_on_from_one_size_one_does(path: Path, others: ExitStack, processes: int) -> None:
    """All are open and asked before the first is heard; each round has one winner, whose size the next goes on from."""
    running = [others.enter_context(Other(path)) for _ in range(processes)]
    size = 2
    for _ in range(10):
        for number, other in enumerate(running, start=1):
            other.tells(at(size), at(size + number))
        answers = [other.hears() for other in running]
        assert answers.count("True") == 1, answers
        assert answers.count("False") == processes - 1, answers
        size += 1 + answers.index("True")
    with WitnessFile(path) as file:
        last = file.last(ORIGIN)
        assert last is not None
        assert last.checkpoint == at(size)
    assert path.with_name("cosigned.db.mark").read_text() == "12\n"


@pytest.mark.parametrize(("dies_at", "size"), [("replace", 2), ("mark", 5), ("answer", 5)])
def test_killed_at_every_step(path: Path, others: ExitStack, dies_at: str, size: int) -> None:
    """Nobody was answered, what is there afterwards is one of both, and the file goes on from there."""
    other = others.enter_context(Other(path, dies_at))
    other.tells(at(2), at(5))
    assert other.hears() == ""
    assert other.ends() == -signal.SIGKILL
    with WitnessFile(path) as file:
        last = file.last(ORIGIN)
        assert last is not None
        assert last.checkpoint == at(size)
        assert not grow(file, 4, 6)
        assert grow(file, size, 6)


def test_the_database_alone_is_put_back(path: Path, copy: Path) -> None:
    shutil.copy(copy, path)
    with pytest.raises(LedgerError, match=rf"{PUT_BACK}.*2 cosignatures, where there were 3"):
        WitnessFile(path)


def test_the_database_is_put_back_under_a_running_witness(path: Path, copy: Path) -> None:
    """In place, so that the process reads the old copy from then on; its mark with it."""
    with WitnessFile(path) as file:
        assert grow(file, 3, 4)
        path.write_bytes(copy.read_bytes())
        path.with_name("cosigned.db.mark").write_text("2\n")
        with pytest.raises(LedgerError, match=rf"{PUT_BACK}.*2 cosignatures, where there were 4"):
            grow(file, 2, 9)


@pytest.mark.parametrize("is_replaced", [True, False])
def test_another_file_takes_its_place(path: Path, copy: Path, is_replaced: bool) -> None:
    """The process would go on with a file that has no name any more, beside whoever opens the new one."""
    with WitnessFile(path) as file:
        path.unlink()
        if is_replaced:
            shutil.copy(copy, path)
        with pytest.raises(LedgerError, match=rf"{PUT_BACK}.*another file lies in its place"):
            grow(file, 3, 4)
        with pytest.raises(LedgerError, match=PUT_BACK):
            file.check()


@pytest.mark.parametrize(
    ("mark", "reason"), [(None, r"and no cosigned\.db\.mark"), ("", "says: "), ("\u0663", "says"), ("-1", "says: -1")]
)
def test_the_mark_is_gone_or_no_number(path: Path, mark: str | None, reason: str) -> None:
    place = path.with_name("cosigned.db.mark")
    if mark is None:
        place.unlink()
    else:
        place.write_text(mark, "utf-8")
    with pytest.raises(LedgerError, match=reason):
        WitnessFile(path)


def test_a_condemned_file_is_never_used_again(path: Path) -> None:
    with WitnessFile(path) as file, WitnessFile(path) as other:
        file.condemn()
        for each in (file, other):
            with pytest.raises(LedgerError, match="says: put back"):
                grow(each, 2, 3)
    with pytest.raises(LedgerError, match="says: put back"):
        WitnessFile(path)


def test_no_file_is_made_where_one_is_missed(tmp_path: Path, path: Path) -> None:
    with pytest.raises(LedgerError, match=r"gone, and with it its memory.*make a new witness"):
        WitnessFile(tmp_path / "nothing.db")
    assert not (tmp_path / "nothing.db").exists()
    with pytest.raises(LedgerError, match="there already"):
        WitnessFile(path, create=True)
    with pytest.raises(LedgerUnavailableError, match="cannot be made"):
        WitnessFile(tmp_path / "nowhere" / "x.db", create=True)


@pytest.mark.parametrize("data", [b"", b"text" * 1000, b"SQLite format 3\x00"])
def test_a_file_that_is_none_is_not_made_one(path: Path, data: bytes) -> None:
    """Cut to nothing, it would else be taken for a fresh one; with a folder whose mark is gone as well."""
    path.write_bytes(data)
    path.with_name("cosigned.db.mark").unlink()
    with pytest.raises(LedgerError, match="not the file of a witness"):
        WitnessFile(path)
    assert path.read_bytes() == data


def test_a_name_that_means_something_in_an_address(tmp_path: Path) -> None:
    folder = tmp_path / "a?b#c%20d"
    folder.mkdir()
    with WitnessFile(folder / "cosigned.db", create=True) as file:
        assert grow(file, 0, 1)
    assert sorted(each.name for each in folder.iterdir()) == ["cosigned.db", "cosigned.db.mark"]


def test_a_mark_that_cannot_be_written(path: Path) -> None:
    """The cosignature is not handed out; the file says what was cosigned all the same, so nothing can contradict it."""
    mark = path.with_name("cosigned.db.mark")
    with WitnessFile(path) as file:
        mark.unlink()
        mark.mkdir()
        with pytest.raises(LedgerUnavailableError, match="mark cannot be read"):
            grow(file, 2, 3)
        last = file.last(ORIGIN)
        assert last is not None
        assert last.checkpoint == at(2)


def test_a_file_of_the_first_version(tmp_path: Path) -> None:
    """It had one table and no mark; it goes on from what it holds, and has a mark from then on."""
    path = tmp_path / "old.db"
    with sqlite3.connect(path, isolation_level=None) as made:
        made.execute(f"PRAGMA application_id={0x63505731}")
        made.execute("CREATE TABLE last (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL)")
        made.execute("INSERT INTO last VALUES (?, ?, ?)", (ORIGIN, 2, at(2).root))
    made.close()
    with WitnessFile(path) as file:
        last = file.last(ORIGIN)
        assert last is not None
        assert (last.checkpoint, last.note, last.time) == (at(2), None, None)
        assert not grow(file, 0, 3)
        assert grow(file, 2, 3)
    assert (tmp_path / "old.db.mark").read_text() == "1\n"
    with sqlite3.connect(path, isolation_level=None) as later:
        later.execute("PRAGMA user_version=2")
    later.close()
    with pytest.raises(LedgerError, match=r"of a later version.*found 2"):
        WitnessFile(path)


def test_contradictions_are_kept_and_bounded(path: Path) -> None:
    with WitnessFile(path) as file:
        for number in range(MAX_FORKS + 5):
            shown = CheckpointNote(ORIGIN, 2, number.to_bytes(32, "big"))
            for _ in range(2):  # shown twice, kept once
                file.keep_fork(shown, Fork(b"held", b"%d" % number))
        file.keep_fork(at(1, "example.com/other"), Fork(b"held", b"other"))
        found = file.forks()
    assert [each.shown for each in found] == [b"%d" % number for number in range(MAX_FORKS)] + [b"other"]


def test_a_busy_file_is_said_to_be_busy(path: Path) -> None:
    holder = sqlite3.connect(path, isolation_level=None)
    with WitnessFile(path, lock_timeout_s=0) as file:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailableError, match="cannot be used now"):
            grow(file, 2, 3)
        holder.execute("ROLLBACK")
        assert grow(file, 2, 3)
    holder.close()


def test_of_two_writers_the_slower_one_takes_no_mark_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process cosigns, and marks it, between what one wrote and its mark."""
    with WitnessFile(path) as slow, WitnessFile(path) as quick:
        writing, calls = slow._writing, [0]

        def delayed() -> AbstractContextManager[None]:
            calls[0] += 1
            if calls[0] == 2:
                assert grow(quick, 3, 4)
            return writing()

        monkeypatch.setattr(slow, "_writing", delayed)
        assert grow(slow, 2, 3)
    assert path.with_name("cosigned.db.mark").read_text() == "4\n"


def test_what_could_not_be_committed_was_not_seen(path: Path) -> None:
    """Somebody reads for long, so that nothing is committed; that is no sign of an old copy."""
    with WitnessFile(path, lock_timeout_s=0.05) as file, closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM last").fetchall()
        with pytest.raises(LedgerUnavailableError, match="locked"):
            grow(file, 2, 3)
        reader.rollback()
        assert grow(file, 2, 3)
    assert path.with_name("cosigned.db.mark").read_text() == "3\n"
