"""A witness's folder holds keys that can be told apart, and is read anew when it changes."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from test_signed_notes import colliding

from passport.credentials import Passphrase, passphrase_from
from passport.errors import ConflictError, LedgerError, PassportError, SchemaError, SignerError
from passport.ledger.signed_note import NoteAlgorithm, NoteKey
from passport.witness_folder import (
    COSIGNED_FILE,
    KEY_FILE,
    WITNESS_FILE,
    WITNESS_FORMAT_1_1,
    WatchedLogs,
    found_witness,
    open_witness,
    read_witness,
    watch_log,
)

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LOG = NoteKey("example.com/log", NoteAlgorithm.ED25519, bytes(range(32)))


@pytest.fixture
def passphrase(tmp_path: Path) -> Passphrase:
    phrase = tmp_path / "phrase"
    phrase.touch(mode=0o600)
    phrase.write_text("correct horse battery staple\n")
    return passphrase_from(f"file:{phrase}")


@pytest.fixture
def folder(tmp_path: Path, passphrase: Passphrase) -> Path:
    found_witness(tmp_path / "w", "w.example", passphrase, kdf_passes=1)
    return tmp_path / "w"


def write(folder: Path, **changes: object) -> None:
    document = json.loads((folder / WITNESS_FILE).read_text("utf-8"))
    (folder / WITNESS_FILE).write_text(json.dumps({**document, **changes}))


def test_a_witness_is_no_log(folder: Path) -> None:
    own = read_witness(folder).note_key
    with pytest.raises(SchemaError, match="no log's as well"):
        watch_log(folder, NoteKey("example.com/log", NoteAlgorithm.ED25519, own.public))
    assert read_witness(folder).logs == ()


def test_keys_of_a_log_that_cannot_be_told_apart(folder: Path) -> None:
    one, two = colliding("example.com/log", NoteAlgorithm.ED25519)
    watch_log(folder, one)
    with pytest.raises(SchemaError, match="cannot be told apart"):
        watch_log(folder, two)
    watch_log(folder, LOG)  # another key of the same log is no trouble
    assert read_witness(folder).keys_of_logs() == {"example.com/log": [one, LOG]}


@pytest.mark.parametrize(
    ("logs", "reason"),
    [
        ([{"origin": "", "key": LOG.text}], r"logs\.0.*origin.*match"),
        ([{"origin": "a\nb", "key": LOG.text}], "match"),
        ([{"origin": "x", "key": "nonsense"}], "not the public key"),
        ([{"origin": "x"}], "required"),
        ([{"origin": "x", "key": LOG.text, "more": 1}], "not permitted"),
        (["nonsense"], "not the public key"),
    ],
)
def test_logs_that_are_none(folder: Path, logs: list[object], reason: str) -> None:
    write(folder, format=WITNESS_FORMAT_1_1, logs=logs)
    with pytest.raises(SchemaError, match=reason):
        read_witness(folder)


def test_settings_are_read_anew_and_kept_while_broken(folder: Path) -> None:
    told: list[PassportError] = []
    logs = WatchedLogs(folder, read_witness(folder), told=told.append)
    assert logs.get("example.com/log") is None
    watch_log(folder, LOG)
    assert logs.get("example.com/log") == [LOG]
    good = (folder / WITNESS_FILE).read_bytes()
    (folder / WITNESS_FILE).write_text("{")
    assert logs.get("example.com/log") == logs.get("example.com/log") == [LOG]
    (folder / WITNESS_FILE).unlink()
    assert logs.get("example.com/log") == [LOG]
    (folder / WITNESS_FILE).write_bytes(good.replace(b"w.example+", b"v.example+"))
    assert logs.get("example.com/log") == [LOG]
    assert len(told) == 2


def test_what_is_written_while_the_key_is_opened_counts(folder: Path) -> None:
    """Opening a key takes its time, and somebody may be asked for a passphrase."""
    settings = read_witness(folder)
    watch_log(folder, LOG)
    assert WatchedLogs(folder, settings).get("example.com/log") == [LOG]


def test_another_witness_in_the_folder_changes_nothing(folder: Path, passphrase: Passphrase, tmp_path: Path) -> None:
    told: list[PassportError] = []
    logs = WatchedLogs(folder, read_witness(folder), told=told.append)
    found_witness(tmp_path / "other", "other.example", passphrase, kdf_passes=1)
    watch_log(tmp_path / "other", LOG)
    shutil.copy(tmp_path / "other" / WITNESS_FILE, folder / WITNESS_FILE)
    assert logs.get("example.com/log") is None
    assert [type(each) for each in told] == [ConflictError]


def test_a_key_that_is_not_the_witness_s(folder: Path, passphrase: Passphrase, tmp_path: Path) -> None:
    found_witness(tmp_path / "other", "other.example", passphrase, kdf_passes=1)
    shutil.copy(tmp_path / "other" / KEY_FILE, folder / KEY_FILE)
    with (
        pytest.raises(SignerError, match="not the one the witness is known by"),
        open_witness(folder, passphrase, clock=lambda: NOW),
    ):
        raise AssertionError


def test_a_memory_that_is_gone_is_not_made_anew(folder: Path, passphrase: Passphrase) -> None:
    (folder / COSIGNED_FILE).unlink()
    with pytest.raises(LedgerError, match="with it its memory"), open_witness(folder, passphrase, clock=lambda: NOW):
        raise AssertionError
    assert not (folder / COSIGNED_FILE).exists()
