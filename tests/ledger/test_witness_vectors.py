"""What other implementations of C2SP tlog-witness and tlog-cosignature publish as their tests, answered by ours.

The cosignature and the checkpoint of Go's checksum database are from sigsum-go (`pkg/checkpoint/checkpoint_test.go`,
BSD-2-Clause), the latter as https://sum.golang.org/latest was on 2024-09-23.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from witness_vectors import LOG_KEY, MISSPELT, ORIGIN, TABLE, TOO_MANY_PROOFS

from passport.credentials import passphrase_from
from passport.errors import CheckpointRefusedError, SchemaError
from passport.ledger.cosignature import Quorum, check_quorum, cosign, cosignatures
from passport.ledger.log_note import parse_checkpoint
from passport.ledger.signed_note import (
    NoteAlgorithm,
    NoteKey,
    SignedNote,
    parse_note,
    parse_note_key,
    parse_signatures,
)
from passport.ledger.witness import AddCheckpoint, LogKeys, Witness, read_answer
from passport.ledger.witness_file import WitnessFile
from passport.witness_folder import WITNESS_FILE, WITNESS_FORMAT_1_1, found_witness, open_witness, read_witness

SEEN_AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
SIGSUM_TEXT = "example.org/log\n10\nHA5HAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
_SIGSUM = "8uUAAAAAAAAATSftMzceM8zssdZ9jin9SjwIxzx9iADMf63VqirX2hafol9RsqNqbofIz0LVRqHXI2kpEBSki5RTXFtxz1vo9+"
SIGSUM_LINES = (  # another key id, the true one, another name, another length
    f"\u2014 example.org/witness yX{_SIGSUM}Cg==\n"
    f"\u2014 example.org/witness ys{_SIGSUM}Cg==\n"
    f"\u2014 example.org/witness-2 ys{_SIGSUM}Cg==\n"
    f"\u2014 example.org/witness ys{_SIGSUM}CgXX\n"
)
GO_CHECKPOINT = (
    "go.sum database tree\n30055305\nmXfgRcJ0bG0j3CPdKwgGWtUzBUbX67saZGRmFuJGGsM=\n\n"
    "\u2014 sum.golang.org "
    "Az3grpgEild5qw7+5dtV13Kf1C2Xurm8q4fhdxvcsDHnqNTaxL2AFjBY+2TyGKevucFcAAlWFJJYle3EJlDCrQ+y3A8=\n"
)
GO_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"


def witness_of(folder: Path, logs: LogKeys) -> Witness:
    private = Ed25519PrivateKey.generate()
    key = NoteKey("example.com/witness", NoteAlgorithm.COSIGNATURE_V1, private.public_key().public_bytes_raw())
    file = WitnessFile(folder / "witness.db", create=True)
    return Witness(key, private.sign, logs=logs, file=file, clock=lambda: SEEN_AT)


def test_the_table_of_sunlight(tmp_path: Path) -> None:
    witness = witness_of(tmp_path, {ORIGIN: [LOG_KEY]})
    for vector in TABLE:
        if vector.status == 200:
            note = read_answer(witness.answer(vector.body), parse_note(vector.body.partition(b"\n\n")[2]))
            (found,) = check_quorum(note, Quorum((witness.key,), 1))
            assert found.time == int(SEEN_AT.timestamp()), vector.name
            assert witness.last_size(ORIGIN) == parse_checkpoint(note.text).size
            continue
        with pytest.raises(CheckpointRefusedError) as caught:
            witness.answer(vector.body)
        assert caught.value.status == vector.status, vector.name
        size = caught.value.last_size
        assert vector.answer == (None if size is None else f"{size}\n".encode()), vector.name
    assert witness.last_size(ORIGIN) == 5


@pytest.mark.parametrize(("body", "reason"), [(TOO_MANY_PROOFS, "at most 63 lines"), (MISSPELT, "one spelling")])
def test_malformed_requests(tmp_path: Path, body: bytes, reason: str) -> None:
    with pytest.raises(CheckpointRefusedError, match=reason) as caught:
        witness_of(tmp_path, {ORIGIN: [LOG_KEY]}).answer(body)
    assert caught.value.status == 400


def test_the_cosignature_of_sigsum() -> None:
    """Ed25519 is deterministic: key, text and time give the published line; the three beside it are ignored."""
    private = Ed25519PrivateKey.from_private_bytes(bytes([17, *bytes(31)]))
    key = NoteKey("example.org/witness", NoteAlgorithm.COSIGNATURE_V1, private.public_key().public_bytes_raw())
    published = SIGSUM_LINES.splitlines(keepends=True)
    assert cosign(SIGSUM_TEXT, key, private.sign, time=1234).line == published[1]
    note = SignedNote(SIGSUM_TEXT, parse_signatures(SIGSUM_LINES))
    assert [(each.witness, each.time) for each in cosignatures(note, [key])] == [(key, 1234)]


def test_the_checksum_database_of_go_is_witnessed(tmp_path: Path) -> None:
    """A real log, whose key has another name than its origin: the witness's file names both."""
    phrase = tmp_path / "phrase"
    phrase.touch(mode=0o600)
    phrase.write_text("correct horse battery staple\n")
    passphrase = passphrase_from(f"file:{phrase}")
    folder = tmp_path / "witness"
    found_witness(folder, "witness.example/w1", passphrase, kdf_passes=1)
    request = AddCheckpoint(0, (), parse_note(GO_CHECKPOINT.encode()))

    document = json.loads((folder / WITNESS_FILE).read_text("utf-8"))
    watched = {"origin": "go.sum database tree", "key": GO_KEY}
    (folder / WITNESS_FILE).write_text(json.dumps({**document, "logs": [watched]}))
    with pytest.raises(SchemaError, match=r"need format carbon-passport/witness/1\.1"):
        read_witness(folder)
    (folder / WITNESS_FILE).write_text(json.dumps({**document, "logs": [GO_KEY]}))
    with (
        open_witness(folder, passphrase, clock=lambda: SEEN_AT) as witness,
        pytest.raises(CheckpointRefusedError, match="does not know"),
    ):
        witness.add_checkpoint(request)
    (folder / WITNESS_FILE).write_text(json.dumps({**document, "format": WITNESS_FORMAT_1_1, "logs": [watched]}))
    with open_witness(folder, passphrase, clock=lambda: SEEN_AT) as witness:
        line = witness.add_checkpoint(request)
        assert witness.last_size("go.sum database tree") == 30_055_305
        kept = witness.last_note("go.sum database tree")
        assert kept == request.note.to_bytes() + line.line.encode()
        check_quorum(parse_note(kept), Quorum((witness.key,), 1))
    assert parse_note(kept).signed_by([parse_note_key(GO_KEY)])
