"""Cosignatures of an exported log are collected from witnesses that may be down, behind, forgetful or liars."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from scripted_witness import Behaviour, Running, Said, honest, running, size_of
from witness_world import ORIGIN, SEEN_AT, World

from passport.cosigning import MAX_WITNESSES, AnswerKind, WitnessAnswer, collect_cosignatures
from passport.errors import ConflictError, LedgerError, LedgerUnavailableError, ProofError
from passport.ledger.cosignature import Quorum, check_quorum, cosign
from passport.ledger.log_note import CheckpointNote
from passport.ledger.signed_note import NoteAlgorithm, NoteKey, NoteSignature, SignedNote, parse_note
from passport.ledger.tile_folder import TileFolder
from passport.ledger.tile_writer import TileWriter
from passport.ledger.witness import Witness, parse_add_checkpoint
from passport.ledger.witness_file import WitnessFile
from passport.log_export import Served, beside, keep_checkpoint, served_checkpoint
from passport.witness_client import WitnessClient


class Log:
    """An exported log, and witnesses that know it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.world = World(folder / "unused.db")
        self.files = TileFolder(folder / "log")
        self.keys: list[NoteKey] = []

    def grow(self, count: int) -> None:
        """Grow, and export."""
        old = len(self.world.log)
        self.world.grow(count)
        writer = TileWriter(self.files, old)
        writer.extend([n.to_bytes(32, "big") for n in range(old, old + count)])
        assert writer.flush() == self.world.log.root()
        self.put(self.world.note())

    def put(self, note: SignedNote) -> None:
        size = int(note.text.split("\n")[1])
        keep_checkpoint(self.files, Served(note, CheckpointNote(ORIGIN, size, self.world.log.root())))

    def newest(self) -> SignedNote:
        served = served_checkpoint(self.files.fetch)
        assert served is not None
        return served.note

    def witness(self, name: str) -> Witness:
        """A witness with a key and a memory of its own."""
        private = Ed25519PrivateKey.generate()
        key = NoteKey(f"{name}.example", NoteAlgorithm.COSIGNATURE_V1, private.public_key().public_bytes_raw())
        self.keys.append(key)
        file = self.stack.enter_context(WitnessFile(self.folder / f"{name}.db", create=True))
        logs = {ORIGIN: [self.world.log_key]}
        return Witness(key, private.sign, logs=logs, file=file, clock=lambda: self.world.now)

    def served(self, behave: Behaviour) -> Running:
        return self.stack.enter_context(running(behave))

    def collect(self, *witnesses: Running | str) -> list[WitnessAnswer]:
        urls = [each if isinstance(each, str) else each.url for each in witnesses]
        clients = [WitnessClient(url, unsafe_private=True) for url in urls]
        note, answers = collect_cosignatures(self.files, clients, self.keys, clock=lambda: self.world.now)
        kept = self.files.fetch(beside(int(note.text.split("\n")[1]), "checkpoint"))
        assert kept is None or set(parse_note(kept).signatures) == set(note.signatures)
        return answers

    def refused(self, witness: Running) -> str:
        """Why what it answers does not count; nothing is kept of it."""
        before = self.newest()
        (answer,) = self.collect(witness)
        assert (answer.kind, answer.cosignatures) == (AnswerKind.REFUSED, ())
        assert self.newest() == before
        return answer.found


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with ExitStack() as stack:
        yield Log(tmp_path, stack)


def test_two_of_three_answer(log: Log) -> None:
    """The third's port is nobody's; in the order they were named, whoever answers first."""
    witnesses = [log.served(honest(log.witness(f"w{n}"))) for n in (1, 2)]
    log.keys.append(NoteKey("w3.example", NoteAlgorithm.COSIGNATURE_V1, bytes(range(32))))
    log.grow(5)
    answers = log.collect(witnesses[0], "http://127.0.0.1:1", witnesses[1])
    assert [(each.kind.value, each.names) for each in answers] == [
        ("cosigned", ("w1.example",)),
        ("unreachable", ()),
        ("cosigned", ("w2.example",)),
    ]
    assert "does not answer" in answers[1].found
    check_quorum(log.newest(), Quorum(tuple(log.keys), 2))
    assert log.newest().signed_by([log.world.log_key])
    before = log.newest()
    log.collect(*witnesses)  # the same within a minute
    assert log.newest() == before


def test_a_log_grows_and_tiles_prove_it(log: Log) -> None:
    """Across a full tile; one witness saw every checkpoint, one missed some and is asked again from where it stands."""
    often, seldom = log.served(honest(log.witness("often"))), log.served(honest(log.witness("seldom")))
    log.grow(3)
    log.collect(often, seldom)
    log.grow(200)
    log.collect(often)
    log.grow(300)
    answers = log.collect(often, seldom)
    assert [each.kind for each in answers] == [AnswerKind.COSIGNED, AnswerKind.COSIGNED]
    assert [parse_add_checkpoint(body).old_size for body in often.bodies] == [0, 3, 203]
    assert [parse_add_checkpoint(body).old_size for body in seldom.bodies] == [0, 203, 3]
    check_quorum(log.newest(), Quorum(tuple(log.keys), 2))


def test_a_witness_ahead_of_the_folder(log: Log) -> None:
    witness = log.served(honest(log.witness("w1")))
    log.grow(3)
    old = log.newest()
    log.grow(3)
    log.collect(witness)
    (log.files.folder / beside(6, "checkpoint")).unlink()
    log.files.replace("checkpoint", old.to_bytes())
    assert "cosigned more of the log than is here; expected at most 3 leaves; found 6" in log.refused(witness)


def test_a_witness_that_forgot(log: Log) -> None:
    """It was put back to before the last time; the log has its cosignature of then, and does not take the next."""
    honest_one = log.witness("w1")
    log.grow(3)
    log.collect(log.served(honest(honest_one)))
    path = log.folder / "w1.db"
    kept = {each: each.read_bytes() for each in (path, path.with_name("w1.db.mark"))}
    log.grow(3)
    log.collect(log.served(honest(honest_one)))
    log.grow(3)
    for each, data in kept.items():
        each.with_name(each.name.replace("w1", "back")).write_bytes(data)
    file = log.stack.enter_context(WitnessFile(log.folder / "back.db"))
    sign, logs = honest_one._sign, {ORIGIN: [log.world.log_key]}
    forgetful = Witness(honest_one.key, sign, logs=logs, file=file, clock=lambda: log.world.now)
    said = log.refused(log.served(honest(forgetful)))
    assert "has forgotten what it cosigned before, or somebody else answers in its name" in said
    assert "6 leaves or more; found 3" in said


def test_a_witness_that_names_another_size_each_time(log: Log) -> None:
    log.grow(9)
    sizes = iter(range(1, 100))
    witness = log.served(lambda body: size_of(next(sizes)))
    log.witness("w1")
    (answer,) = log.collect(witness)
    assert (answer.kind, len(witness.bodies)) == (AnswerKind.UNREACHABLE, 3)
    assert "another size each time" in answer.found


def test_a_witness_that_names_the_size_it_was_asked_from(log: Log) -> None:
    log.grow(9)
    log.witness("w1")
    witness = log.served(lambda body: size_of(0))
    assert "another size last" in log.refused(witness)
    assert len(witness.bodies) == 1


def line_of(log: Log, *, time: int = 0, text: str | None = None, key: NoteKey | None = None) -> Behaviour:
    """Answers with a line by the first witness's key or another, over another text or at another time."""
    witness = log.witness("w1")

    def behave(body: bytes) -> Said:
        own = cosign(text or log.newest().text, witness.key, witness._sign, time=int(SEEN_AT.timestamp()) + time)
        other = own if key is None else replace(own, name=key.name, key_id=key.key_id)
        return Said(other.line.encode())

    return behave


def test_a_cosignature_of_something_else(log: Log) -> None:
    log.grow(3)
    assert "does not verify" in log.refused(log.served(line_of(log, text=CheckpointNote(ORIGIN, 4, bytes(32)).text)))


def test_a_cosignature_dated_ahead(log: Log) -> None:
    log.grow(3)
    assert "dated ahead" in log.refused(log.served(line_of(log, time=301)))
    (answer,) = log.collect(log.served(honest(log.witness("w2"))))
    assert answer.kind is AnswerKind.COSIGNED


def test_the_line_of_a_stranger(log: Log) -> None:
    log.grow(3)
    stranger = NoteKey("w1.example", NoteAlgorithm.COSIGNATURE_V1, bytes(32))
    said = log.refused(log.served(line_of(log, key=stranger)))
    assert "cosigned with no key that is trusted; found w1.example" in said


def test_lines_of_strangers_beside_the_true_one_are_not_kept(log: Log) -> None:
    witness = log.witness("w1")
    junk = NoteSignature("junk.example", b"junk", bytes(72)).line.encode()
    log.grow(3)
    (answer,) = log.collect(log.served(lambda body: Said(junk + witness.answer(body))))
    assert answer.names == ("w1.example",)
    assert [each.name for each in log.newest().signatures] == [ORIGIN, "w1.example"]


def test_no_more_signatures_are_sent_than_every_reader_takes(log: Log) -> None:
    witness = log.served(honest(log.witness("w1")))
    log.grow(3)
    note = log.newest()
    log.put(note.with_signatures([NoteSignature(f"n{n}.example", b"some", bytes(64)) for n in range(40)]))
    (answer,) = log.collect(witness)
    assert answer.kind is AnswerKind.COSIGNED
    assert len(parse_add_checkpoint(witness.bodies[0]).note.signatures) == 16
    assert len(log.newest().signatures) == 42


def test_a_checkpoint_with_room_for_no_more(log: Log) -> None:
    """One line more would make a note that nobody reads; the folder stays as it is."""
    witness = log.served(honest(log.witness("w1")))
    log.grow(3)
    log.put(log.newest().with_signatures([NoteSignature(f"n{n}.example", b"some", bytes(64)) for n in range(63)]))
    before = log.newest()
    with pytest.raises(ProofError, match=r"too many signatures.*at most 64; found 65"):
        log.collect(witness)
    assert log.newest() == before


def test_somebody_else_collects_at_the_same_time(log: Log) -> None:
    """What the other one kept meanwhile stays, also where it is a later word of the same witness."""
    first, second = log.witness("w1"), log.witness("w2")
    log.grow(3)
    log.collect(log.served(honest(first)))

    def behave(body: bytes) -> Said:
        later = cosign(log.newest().text, first.key, first._sign, time=int(SEEN_AT.timestamp()) + 60)
        log.put(log.newest().with_signatures([later]))
        return honest(second)(body)

    log.collect(log.served(behave))
    assert [each.time for each in check_quorum(log.newest(), Quorum(tuple(log.keys), 2))] == [
        int(SEEN_AT.timestamp()),
        int(SEEN_AT.timestamp()) + 60,
    ]
    kept = parse_note(log.files.fetch(beside(3, "checkpoint")) or b"")
    assert set(kept.signatures) == set(log.newest().signatures)


def test_the_log_is_exported_again_meanwhile(log: Log) -> None:
    """What was cosigned stays beside its own checkpoint, and the newer one stays the newest."""
    witness = log.witness("w1")
    log.grow(3)

    def behave(body: bytes) -> Said:
        log.grow(2)
        return honest(witness)(body)

    log.collect(log.served(behave))
    assert log.newest() == log.world.note()
    assert "\n5\n" in log.newest().text
    kept = parse_note(log.files.fetch(beside(3, "checkpoint")) or b"")
    check_quorum(kept, Quorum(tuple(log.keys), 1))


def test_another_checkpoint_of_that_size_lies_there(log: Log) -> None:
    witness = log.witness("w1")
    log.grow(3)

    def behave(body: bytes) -> Said:
        log.files.replace(beside(3, "checkpoint"), log.world.note(bytes(32)).to_bytes())
        return honest(witness)(body)

    with pytest.raises(ConflictError, match="another checkpoint of that size"):
        log.collect(log.served(behave))


def test_nothing_to_cosign(log: Log) -> None:
    with pytest.raises(LedgerUnavailableError, match="no checkpoint to cosign"):
        log.collect("http://127.0.0.1:1")
    log.grow(1)
    with pytest.raises(LedgerError, match=r"too many witnesses.*at most 64"):
        log.collect(*[f"http://127.0.0.1:{n}" for n in range(1, MAX_WITNESSES + 2)])


def test_a_clock_a_little_behind_the_witness(log: Log) -> None:
    log.grow(3)
    witness = log.served(line_of(log, time=300))
    (answer,) = log.collect(witness)
    assert answer.kind is AnswerKind.COSIGNED
