"""A witness cosigns one growing history of each log it knows, and answers as C2SP tlog-witness says."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passport.errors import CheckpointRefusedError, LedgerError, ProofError
from passport.ledger.cosignature import Quorum, check_quorum
from passport.ledger.log_note import CheckpointNote
from passport.ledger.merkle import EMPTY_ROOT, MerkleLog
from passport.ledger.signed_note import NoteAlgorithm, NoteKey, SignedNote, sign_note
from passport.ledger.witness import AddCheckpoint, Witness, parse_add_checkpoint, read_answer
from passport.ledger.witness_file import WitnessFile

ORIGIN = "example.com/log"
SEEN_AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
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


class World:
    """A log with its key, and a witness that knows it."""

    def __init__(self, path: Path) -> None:
        self.log_private, self.private = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        self.log_key = NoteKey(ORIGIN, NoteAlgorithm.ED25519, self.log_private.public_key().public_bytes_raw())
        self.key = NoteKey(
            "witness.example/w1", NoteAlgorithm.COSIGNATURE_V1, self.private.public_key().public_bytes_raw()
        )
        self.file = WitnessFile(path, create=True)
        self.witness = self.opened(self.file)
        self.log = MerkleLog()

    def opened(self, file: WitnessFile) -> Witness:
        return Witness(self.key, self.private.sign, logs={ORIGIN: [self.log_key]}, file=file, clock=lambda: SEEN_AT)

    def grow(self, count: int) -> None:
        self.log.extend((len(self.log) + n).to_bytes(32, "big") for n in range(count))

    def note(self, root: bytes | None = None, origin: str = ORIGIN, size: int | None = None) -> SignedNote:
        checkpoint = CheckpointNote(origin, len(self.log) if size is None else size, root or self.log.root())
        key = NoteKey(origin, NoteAlgorithm.ED25519, self.log_key.public)
        return sign_note(checkpoint.text, key, self.log_private.sign)

    def request(self, old_size: int) -> AddCheckpoint:
        proof = self.log.consistency_proof(old_size) if old_size else ()
        return AddCheckpoint(old_size, proof, self.note())


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
    assert error.last_size == 8
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
