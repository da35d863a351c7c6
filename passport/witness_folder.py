"""A witness in a folder: its name and the logs it watches in the open, its key encrypted, and what it has cosigned.

witness.json     name, public key, and the public keys of the logs it cosigns for
key.pem          the private key, encrypted
cosigned.db      the last checkpoint of each log; never to be put back from a copy
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import ValidationError, model_validator

from passport.credentials import Passphrase, decode_multikey, generate_credential_key, load_credential_key, parse
from passport.credentials.key_files import KDF_PASSES
from passport.credentials.plain_file import read_plain_file
from passport.errors import ConflictError, LedgerError, SchemaError, UsageError
from passport.ledger.signed_note import NoteAlgorithm, NoteKey, parse_note_key
from passport.ledger.witness import Witness
from passport.ledger.witness_file import WitnessFile
from passport.model.base import DocumentModel

WITNESS_FORMAT: Final = "carbon-passport/witness/1.0"
WITNESS_FILE, KEY_FILE, COSIGNED_FILE = "witness.json", "key.pem", "cosigned.db"
MAX_WITNESS_BYTES = 1 << 20


class WitnessSettings(DocumentModel):
    """The public facts of a witness.

    Attributes:
        key: Its public key, a vkey of type 0x04.
        logs: Public keys of the logs it cosigns for, vkeys of type 0x01 whose name is the log's origin.
    """

    format: Literal["carbon-passport/witness/1.0"] = WITNESS_FORMAT
    key: str
    logs: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _keys_hold(self) -> Self:
        try:
            _demand(parse_note_key(self.key), NoteAlgorithm.COSIGNATURE_V1)
            for text in self.logs:
                _demand(parse_note_key(text), NoteAlgorithm.ED25519)
        except LedgerError as error:
            raise ValueError(str(error)) from None
        return self

    @property
    def note_key(self) -> NoteKey:
        """Its public key."""
        return parse_note_key(self.key)

    def keys_of_logs(self) -> dict[str, list[NoteKey]]:
        """By origin, the keys that a log may sign with."""
        found: dict[str, list[NoteKey]] = {}
        for text in self.logs:
            key = parse_note_key(text)
            found.setdefault(key.name, []).append(key)
        return found


def _demand(key: NoteKey, algorithm: NoteAlgorithm) -> None:
    if key.algorithm is not algorithm:
        raise LedgerError("a key of another kind", where=key.name, expected=algorithm.name, found=key.algorithm.name)


def found_witness(folder: Path, name: str, passphrase: Passphrase, *, kdf_passes: int = KDF_PASSES) -> WitnessSettings:
    """Make a witness with a fresh key.

    Args:
        folder: Where; must not hold one.
        name: Its name, such as a URL without its scheme.
        passphrase: Encrypts the key.
        kdf_passes: How hard the key file is to guess.

    Raises:
        ConflictError: there is one already.
        ProofError: not a name that a key can have.
    """
    if (folder / WITNESS_FILE).exists():
        raise ConflictError("there is a witness here already", where=str(folder))
    NoteKey(name, NoteAlgorithm.COSIGNATURE_V1, bytes(32))
    folder.mkdir(parents=True, exist_ok=True)
    secret = passphrase.read(f"witness {name}")
    multikey = generate_credential_key(folder / KEY_FILE, secret, kdf_passes=kdf_passes)
    key = NoteKey(name, NoteAlgorithm.COSIGNATURE_V1, decode_multikey(multikey).raw)
    settings = WitnessSettings(key=key.text)
    _save(folder, settings)
    return settings


def read_witness(folder: Path) -> WitnessSettings:
    """The public facts of the witness in a folder.

    Raises:
        UsageError: there is none.
        SchemaError: not such a file.
    """
    path = folder / WITNESS_FILE
    if not path.exists():
        raise UsageError("no witness here", where=str(folder), hint="make one with `passport log witness-init`")
    try:
        return WitnessSettings.model_validate(parse(read_plain_file(path, max_bytes=MAX_WITNESS_BYTES)))
    except ValidationError as error:
        first = error.errors()[0]
        raise SchemaError(first["msg"], where=str(path), expected=WITNESS_FORMAT) from None


def watch_log(folder: Path, key: NoteKey) -> WitnessSettings:
    """Have a witness cosign for one more log, or accept one more key of a log it knows.

    Args:
        folder: The witness's.
        key: The log's public key; its name is the log's origin.

    Raises:
        LedgerError: not the key of a log.
    """
    _demand(key, NoteAlgorithm.ED25519)
    settings = read_witness(folder)
    if key.text not in settings.logs:
        settings = settings.model_copy(update={"logs": (*settings.logs, key.text)})
        _save(folder, settings)
    return settings


@contextmanager
def open_witness(folder: Path, passphrase: Passphrase, *, clock: Callable[[], datetime]) -> Iterator[Witness]:
    """The witness in a folder, ready to cosign.

    Args:
        folder: Its folder.
        passphrase: Opens its key.
        clock: The time, aware.

    Raises:
        UsageError: there is none.
        SignerError: a wrong passphrase.
    """
    settings = read_witness(folder)
    key = settings.note_key
    signer = load_credential_key(folder / KEY_FILE, passphrase.read(f"witness {key.name}"))
    with WitnessFile(folder / COSIGNED_FILE) as file:
        yield Witness(key, signer.sign, logs=settings.keys_of_logs(), file=file, clock=clock)


def _save(folder: Path, settings: WitnessSettings) -> None:
    path = folder / WITNESS_FILE
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    temporary.write_text(json.dumps(settings.to_json(), indent=2) + "\n", "utf-8")
    temporary.replace(path)
