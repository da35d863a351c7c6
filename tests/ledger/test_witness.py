"""A witness cosigns one growing history of each log it knows, and answers as C2SP tlog-witness says."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from witness_world import ORIGIN, SEEN_AT, World

from passport.errors import CheckpointRefusedError, LedgerError, LedgerUnavailableError, ProofError
from passport.ledger.cosignature import Quorum, check_quorum
from passport.ledger.log_note import CheckpointNote
from passport.ledger.merkle import EMPTY_ROOT, MerkleLog
from passport.ledger.signed_note import (
    MAX_NOTE_BYTES,
    NoteAlgorithm,
    NoteKey,
    NoteSignature,
    SignedNote,
    parse_note,
    sign_note,
)
from passport.ledger.witness import AddCheckpoint, Witness, parse_add_checkpoint, read_answer
from passport.ledger.witness_file import WitnessFile

REQUEST = (
    "old 20852014\n"
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
    "\n"
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyW"
    "E+xeMcTOAYQ8=\n"
)
"""The example request of C2SP tlog-witness (CC BY 4.0)."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "witness.db")


def refused(world: World, request: AddCheckpoint | bytes, status: int, match: str) -> CheckpointRefusedError:
    before = world.witness.last_size(ORIGIN)
    body = request if isinstance(request, bytes) else request.to_bytes()
    with pytest.raises(CheckpointRefusedError, match=match) as caught:
        world.witness.answer(body)
    assert caught.value.status == status
    assert world.witness.last_size(ORIGIN) == before
    return caught.value


def test_the_example_request() -> None:
    found = parse_add_checkpoint(REQUEST.encode())
    assert (found.old_size, len(found.proof)) == (20_852_014, 4)
    assert found.proof[0].hex().startswith("3e544d0abc07")
    assert found.to_bytes() == REQUEST.encode()


def test_a_growing_log_is_cosigned(world: World) -> None:
    quorum = Quorum((world.key,), 1)
    old = 0
    for count in (1, 5, 250, 1, 0, 300):
        world.grow(count)
        request = world.request(old)
        note = read_answer(world.witness.answer(request.to_bytes()), request.note)
        (found,) = check_quorum(note, quorum)
        assert found.time == int(SEEN_AT.timestamp())
        assert note.signed_by([world.log_key])
        old = len(world.log)
        assert world.witness.last_size(ORIGIN) == old


def test_what_was_cosigned_is_remembered(world: World, tmp_path: Path) -> None:
    world.grow(3)
    world.witness.add_checkpoint(world.request(0))
    world.file.close()
    with WitnessFile(tmp_path / "witness.db") as file:
        again = world.opened(file)
        assert again.last_size(ORIGIN) == 3
        with pytest.raises(CheckpointRefusedError, match="not the size that was cosigned last") as caught:
            again.add_checkpoint(world.request(0))
        assert (caught.value.status, caught.value.last_size) == (409, 3)


def test_a_second_history_is_refused(world: World) -> None:
    """The split view that witnesses are for: at the same size, and at a later one."""
    world.grow(8)
    world.witness.add_checkpoint(world.request(0))
    other = MerkleLog()
    other.extend(bytes([n]) * 32 for n in range(12))
    error = refused(world, AddCheckpoint(8, (), world.note(other.root(8))), 409, "two histories")
    assert error.last_size is None  # no size to go on from: whoever asks again would be refused again
    forked = AddCheckpoint(8, other.consistency_proof(8), world.note(other.root(), size=12))
    refused(world, forked, 422, "does not lead to the new root")


def test_no_growth_without_proof(world: World) -> None:
    world.grow(8)
    world.witness.add_checkpoint(world.request(0))
    world.grow(8)
    good = world.request(8)
    refused(world, AddCheckpoint(8, (), good.note), 422, "too short")
    refused(world, AddCheckpoint(8, (*good.proof, bytes(32)), good.note), 422, "too long")
    refused(world, AddCheckpoint(8, (bytes(32),), good.note), 422, "does not lead to the new root")
    refused(world, AddCheckpoint(7, world.log.consistency_proof(7), good.note), 409, "not the size")
    world.witness.add_checkpoint(good)


def test_no_log_shrinks(world: World) -> None:
    world.grow(8)
    world.witness.add_checkpoint(world.request(0))
    refused(world, AddCheckpoint(8, (), world.note(world.log.root(4), size=4)), 400, "above the checkpoint")
    refused(world, AddCheckpoint(4, (), world.note(world.log.root(4), size=4)), 409, "not the size")


def test_who_signed_counts(world: World) -> None:
    world.grow(1)
    refused(world, AddCheckpoint(0, (), world.note(origin="example.com/other")), 404, "does not know")
    stranger = Ed25519PrivateKey.generate()
    text = world.note().text
    key = NoteKey(ORIGIN, NoteAlgorithm.ED25519, stranger.public_key().public_bytes_raw())
    refused(world, AddCheckpoint(0, (), sign_note(text, key, stranger.sign)), 403, "none of the keys")
    forged = SignedNote(text.replace("\n1\n", "\n2\n"), world.note().signatures)
    refused(world, AddCheckpoint(0, (), forged), 403, "does not verify")
    not_one = sign_note("a poem\n", world.log_key, world.log_private.sign)
    refused(world, AddCheckpoint(0, (), not_one), 400, "not a checkpoint")


def test_an_empty_log(world: World) -> None:
    refused(world, AddCheckpoint(0, (), world.note(bytes(32))), 422, "not the root of an empty log")
    refused(world, AddCheckpoint(0, (bytes(32),), world.note()), 422, "nothing to prove")
    world.witness.add_checkpoint(AddCheckpoint(0, (), world.note(EMPTY_ROOT)))
    world.grow(2)
    world.witness.add_checkpoint(world.request(0))
    assert world.witness.last_size(ORIGIN) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 1\n",
        REQUEST.encode().replace(b"old 20852014", b"old 020852014"),
        REQUEST.encode().replace(b"old 20852014", b"old -1"),
        REQUEST.encode().replace(b"old 20852014", b"new 1"),
        REQUEST.encode().replace(b"pkaw=\n", b"pkaw=\nAAAA\n"),
        REQUEST.encode().replace(b"pkaw=", b"pkax="),
        b"old 1\n" + b"A" * 43 + b"=\n" + b"A" * 44 * 64,
        b"old 0\n" + (b"A" * 43 + b"=\n") * 64 + REQUEST.encode()[REQUEST.index("\n\n") + 1 :],
        b"x" * 200_000,
    ],
)
def test_malformed_requests(world: World, body: bytes) -> None:
    refused(world, body, 400, r"not a request|not a hash|one spelling|too long|not a signed note")


def test_of_two_at_once_one_is_refused(world: World, tmp_path: Path) -> None:
    """Two processes' files on one database, both asked to go on from the same size, to different sizes."""
    world.grow(4)
    world.witness.add_checkpoint(world.request(0))
    requests = []
    for count in (1, 1, 1, 1):
        world.grow(count)
        requests.append(world.request(4))
    done: list[int] = []
    start = threading.Barrier(len(requests))

    def ask(request: AddCheckpoint) -> None:
        with WitnessFile(tmp_path / "witness.db") as file:
            witness = world.opened(file)
            start.wait()
            try:
                witness.add_checkpoint(request)
            except CheckpointRefusedError as error:
                assert error.status == 409  # noqa: PT017  (each thread has its own outcome)
            else:
                done.append(int(request.note.text.split("\n")[1]))

    threads = [threading.Thread(target=ask, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [world.witness.last_size(ORIGIN)]


def test_other_files_are_no_witness(tmp_path: Path, world: World) -> None:
    (tmp_path / "text").write_text("not a database, and long enough to be told from an empty one" * 20)
    with pytest.raises(LedgerError, match="not the file of a witness"):
        WitnessFile(tmp_path / "text")
    with pytest.raises(ProofError, match="not the key of a witness"):
        Witness(world.log_key, world.log_private.sign, logs={}, file=world.file, clock=lambda: SEEN_AT)
    with pytest.raises(ProofError, match="UTF-8"):
        read_answer(b"\xff\n", SignedNote("x\n"))


def signed_twice(world: World, lines: Sequence[NoteSignature]) -> AddCheckpoint:
    """A request whose note bears further lines below the log's own."""
    request = world.request(world.witness.last_size(ORIGIN))
    return replace(request, note=SignedNote(request.note.text, (*request.note.signatures, *lines)))


def test_every_line_of_a_known_key_must_verify(world: World) -> None:
    """Also the second of two: such a note is malformed (C2SP signed-note); those of strangers are ignored."""
    world.grow(2)
    (true,) = world.note().signatures
    false = NoteSignature(true.name, true.key_id, bytes(64))
    refused(world, signed_twice(world, [false]), 403, "does not verify")
    stranger = Ed25519PrivateKey.generate()
    collided = NoteSignature(true.name, true.key_id, stranger.sign(world.note().text.encode()))
    refused(world, signed_twice(world, [collided]), 403, "does not verify")  # name and id alone say nothing
    alone = SignedNote(world.note().text, (collided,))
    refused(world, AddCheckpoint(0, (), alone), 403, "does not verify")
    others = [NoteSignature(f"other{n}.example", bytes([n] * 4), bytes(64)) for n in range(63)]
    refused(world, signed_twice(world, [*others, others[0]]), 400, "too many signatures")
    world.witness.answer(signed_twice(world, [*others[:62], true]).to_bytes())
    kept = parse_note(world.witness.last_note(ORIGIN) or b"")
    assert [each.name for each in kept.signatures] == [ORIGIN, world.key.name]


def test_a_line_as_often_as_a_note_holds_poisons_nothing(world: World) -> None:
    """With the witness's own below them it would be a note that nobody reads, the witness included."""
    world.grow(2)
    (true,) = world.note().signatures
    world.witness.answer(signed_twice(world, [true] * 63).to_bytes())
    kept = parse_note(world.witness.last_note(ORIGIN) or b"")
    assert [each.name for each in kept.signatures] == [ORIGIN, world.key.name]
    world.grow(1)
    world.witness.answer(world.request(2).to_bytes())
    assert world.witness.last_size(ORIGIN) == 3


def test_a_line_in_the_name_of_the_witness_poisons_nothing(world: World) -> None:
    """Anybody can write one: it is neither kept nor a reason to stop."""
    world.grow(2)
    false = NoteSignature(world.key.name, world.key.key_id, bytes(72))
    world.witness.answer(signed_twice(world, [false]).to_bytes())
    kept = parse_note(world.witness.last_note(ORIGIN) or b"")
    check_quorum(kept, Quorum((world.key,), 1))
    world.grow(1)
    world.witness.answer(signed_twice(world, [false]).to_bytes())
    assert world.witness.last_size(ORIGIN) == 3


def test_a_witness_that_meets_its_own_word_and_does_not_know_it_stops(world: World, tmp_path: Path) -> None:
    """Its file and mark were put back together: the cosignature that the log shows it is the only trace."""
    world.grow(4)
    world.witness.add_checkpoint(world.request(0))
    with contextlib.closing(sqlite3.connect(tmp_path / "witness.db")) as database:
        old = database.serialize()
    mark = (tmp_path / "witness.db.mark").read_bytes()
    world.grow(4)
    request = world.request(4)
    seen = AddCheckpoint(4, request.proof, request.note.with_signatures([world.witness.add_checkpoint(request)]))
    world.file.close()
    (tmp_path / "witness.db").write_bytes(old)
    (tmp_path / "witness.db.mark").write_bytes(mark)
    with WitnessFile(tmp_path / "witness.db") as file:
        forgetful = world.opened(file)
        assert forgetful.last_size(ORIGIN) == 4
        with pytest.raises(LedgerError, match=r"cosigned what its file knows nothing of.*at least 8 leaves; found 4"):
            forgetful.add_checkpoint(seen)
        with pytest.raises(LedgerError, match="put back from an old copy"):
            forgetful.add_checkpoint(request)
    with pytest.raises(LedgerError, match="put back from an old copy"):
        WitnessFile(tmp_path / "witness.db")


def test_its_own_word_on_what_it_remembers_is_no_reason_to_stop(world: World) -> None:
    world.grow(4)
    request = world.request(0)
    seen = request.note.with_signatures([world.witness.add_checkpoint(request)])
    world.witness.add_checkpoint(AddCheckpoint(4, (), seen))
    world.grow(4)
    world.witness.add_checkpoint(world.request(4))
    refused(world, AddCheckpoint(4, (), seen), 409, "not the size")


def test_the_same_again_is_the_same_cosignature(world: World) -> None:
    """For a minute; nothing is written for it, so a replayed checkpoint costs no disk."""
    world.grow(4)
    first = world.witness.add_checkpoint(world.request(0))
    world.now += timedelta(seconds=59)
    assert world.witness.add_checkpoint(world.request(4)) == first
    world.now += timedelta(seconds=1)
    later = world.witness.add_checkpoint(world.request(4))
    assert [int.from_bytes(each.signature[:8], "big") for each in (first, later)] == [
        int(SEEN_AT.timestamp()),
        int(SEEN_AT.timestamp()) + 60,
    ]


def test_the_pace_of_a_log_is_bounded(tmp_path: Path) -> None:
    world = World(tmp_path / "paced.db", pace_s=10)
    world.grow(4)
    world.witness.add_checkpoint(world.request(0))
    world.grow(1)
    world.now += timedelta(seconds=7)
    error = refused(world, world.request(4), 429, "a moment ago")
    assert error.retry_after_s == 3
    world.now += timedelta(seconds=3)
    world.witness.add_checkpoint(world.request(4))
    assert world.witness.last_size(ORIGIN) == 5


def test_a_clock_that_went_back(world: World) -> None:
    """A smaller log that is said to have been seen later than a larger one would be a lie."""
    world.grow(4)
    world.witness.add_checkpoint(world.request(0))
    world.grow(1)
    world.now -= timedelta(seconds=1)
    with pytest.raises(LedgerUnavailableError, match="clock is behind its last cosignature"):
        world.witness.add_checkpoint(world.request(4))
    world.now += timedelta(seconds=1)
    world.witness.add_checkpoint(world.request(4))


def test_two_histories_are_kept_as_evidence(world: World) -> None:
    """Two notes under the log's signature, with two roots for one size; only what is signed by it is kept."""
    world.grow(8)
    first = world.request(0)
    world.witness.add_checkpoint(first)
    junk = NoteSignature("other.example", b"junk", bytes(64))
    note = world.note(bytes(range(32)))
    refused(world, AddCheckpoint(8, (), SignedNote(note.text, (*note.signatures, junk))), 409, "two histories")
    (fork,) = world.file.forks()
    held, shown = parse_note(fork.held), parse_note(fork.shown)
    assert (held.text, shown) == (first.note.text, note)
    assert held.signed_by([world.log_key]) == shown.signed_by([world.log_key]) == (world.log_key,)


def test_a_checkpoint_with_no_room_for_a_cosignature(world: World) -> None:
    """A note of the greatest length that is read, which would be longer with one line more."""
    world.grow(2)
    text = CheckpointNote(ORIGIN, 2, world.log.root(), ("x" * (MAX_NOTE_BYTES - 300),)).text
    request = AddCheckpoint(0, (), sign_note(text, world.log_key, world.log_private.sign))
    assert len(request.note.to_bytes()) < MAX_NOTE_BYTES
    refused(world, request, 400, "too long to be read")
    world.witness.add_checkpoint(world.request(0))


def test_extension_lines_are_cosigned_as_they_are(world: World) -> None:
    world.grow(2)
    text = CheckpointNote(ORIGIN, 2, world.log.root(), ("more",)).text
    request = AddCheckpoint(0, (), sign_note(text, world.log_key, world.log_private.sign))
    note = read_answer(world.witness.answer(request.to_bytes()), request.note)
    check_quorum(note, Quorum((world.key,), 1))
    world.witness.add_checkpoint(world.request(2))  # the same size and root without them: a text of its own
    assert parse_note(world.witness.last_note(ORIGIN) or b"").text == world.note().text


@given(
    shared=st.integers(0, 6),
    asked=st.lists(st.tuples(st.booleans(), st.integers(0, 10), st.integers(0, 10)), max_size=20),
)
def test_no_order_of_requests_has_two_histories_cosigned(shared: int, asked: list[tuple[bool, int, int]]) -> None:
    """Two histories that part after some leaves, each shown with true proofs at any size from any size."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "witness.db")
        histories = (MerkleLog(), MerkleLog())
        for number, log in enumerate(histories):
            log.extend(bytes([number if at >= shared else 9, at]) * 16 for at in range(10))
        cosigned: list[tuple[int, bytes]] = []
        for is_second, old, size in asked:
            log = histories[is_second]
            proof = log.consistency_proof(old, size) if 0 < old <= size else ()
            with contextlib.suppress(CheckpointRefusedError):
                world.witness.add_checkpoint(AddCheckpoint(old, proof, world.note(log.root(size), size=size)))
                cosigned.append((size, log.root(size)))
        world.file.close()
    assert [size for size, _ in cosigned] == sorted(size for size, _ in cosigned)
    assert any(all(log.root(size) == root for size, root in cosigned) for log in histories)
