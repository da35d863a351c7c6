"""A witness in a folder: its name and the logs it watches in the open, its key encrypted, and what it has cosigned.

witness.json        name, public key, and the public keys of the logs it cosigns for
key.pem             the private key, encrypted
cosigned.db         the last checkpoint of each log; never to be put back from a copy
cosigned.db.mark    how many cosignatures it counts, so that a copy is told
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Discriminator, StringConstraints, Tag, ValidationError, model_validator

from passport.credentials import Passphrase, decode_multikey, generate_credential_key, load_credential_key, parse
from passport.credentials.key_files import KDF_PASSES
from passport.credentials.plain_file import read_plain_file
from passport.errors import ConflictError, LedgerError, PassportError, SchemaError, SignerError, UsageError
from passport.ledger.signed_note import NoteAlgorithm, NoteKey, parse_note_key
from passport.ledger.witness import Witness
from passport.ledger.witness_file import Fork, WitnessFile
from passport.model.base import DocumentModel

WITNESS_FORMAT: Final = "carbon-passport/witness/1.0"
WITNESS_FORMAT_1_1: Final = "carbon-passport/witness/1.1"
"""With logs whose keys have names of their own, which 1.0 does not know."""

WITNESS_FILE, KEY_FILE, COSIGNED_FILE = "witness.json", "key.pem", "cosigned.db"
MAX_WITNESS_BYTES = 1 << 20


class WatchedLog(DocumentModel):
    """A log whose key has another name than the log, as that of Go's checksum database does.

    Attributes:
        origin: The first line of its checkpoints.
        key: Its public key, a vkey of type 0x01.
    """

    origin: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,1000}$")]
    key: str


def _kind_of(entry: object) -> str:
    return "log" if isinstance(entry, dict | WatchedLog) else "key"


_Log = Annotated[Annotated[str, Tag("key")] | Annotated[WatchedLog, Tag("log")], Discriminator(_kind_of)]


class WitnessSettings(DocumentModel):
    """The public facts of a witness.

    Attributes:
        key: Its public key, a vkey of type 0x04.
        logs: The logs it cosigns for: public keys, vkeys of type 0x01, whose name is the log's origin, or both apart.
    """

    format: Literal["carbon-passport/witness/1.0", "carbon-passport/witness/1.1"] = WITNESS_FORMAT
    key: str
    logs: tuple[_Log, ...] = ()

    @model_validator(mode="after")
    def _is_of_its_version(self) -> Self:
        if self.format == WITNESS_FORMAT and any(isinstance(each, WatchedLog) for each in self.logs):
            raise ValueError(f"logs with an origin of their own need format {WITNESS_FORMAT_1_1}")
        return self

    @model_validator(mode="after")
    def _keys_hold(self) -> Self:
        try:
            own = parse_note_key(self.key)
            _demand(own, NoteAlgorithm.COSIGNATURE_V1)
            for origin, keys in self.keys_of_logs().items():
                for key in keys:
                    _demand(key, NoteAlgorithm.ED25519)
                    if key.public == own.public:
                        raise LedgerError("a witness's key is no log's as well", where=origin)
                if len({(key.name, key.key_id) for key in keys}) != len(keys):
                    raise LedgerError("two keys of a log cannot be told apart", where=origin)
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
        for each in self.logs:
            key = parse_note_key(each.key if isinstance(each, WatchedLog) else each)
            found.setdefault(each.origin if isinstance(each, WatchedLog) else key.name, []).append(key)
        return found


class WatchedLogs:
    """The logs of a witness as its settings name them at the moment; what is written there counts at once.

    Args:
        folder: The witness's.
        settings: As they were read.
        told: Called with an error once when the file does not hold any more; the logs before that go on.
    """

    def __init__(
        self, folder: Path, settings: WitnessSettings, *, told: Callable[[PassportError], None] | None = None
    ) -> None:
        self._folder = folder
        self._told = told
        self._key = settings.key
        # Read anew when first asked: what was written after `settings` were read must not go unseen.
        self._state: tuple[int, int, int] | None = None
        self._logs = settings.keys_of_logs()

    def get(self, origin: str, /) -> list[NoteKey] | None:
        """The keys of a log, None for one that is not watched."""
        state = self._found()
        if state is not None and state != self._state:
            self._state = state
            try:
                settings = read_witness(self._folder)
                if settings.key != self._key:
                    raise ConflictError("another witness lies in the folder", where=str(self._folder))
                self._logs = settings.keys_of_logs()
            except PassportError as error:
                if self._told:
                    self._told(error)
        return self._logs.get(origin)

    def _found(self) -> tuple[int, int, int] | None:
        try:
            found = (self._folder / WITNESS_FILE).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


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
    WitnessFile(folder / COSIGNED_FILE, create=True).close()
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
    return _checked(parse(read_plain_file(path, max_bytes=MAX_WITNESS_BYTES)), folder)


def _checked(document: object, folder: Path) -> WitnessSettings:
    try:
        return WitnessSettings.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ": ".join([str(folder / WITNESS_FILE), *filter(None, [".".join(str(part) for part in first["loc"])])])
        raise SchemaError(first["msg"], where=where, expected=WITNESS_FORMAT_1_1) from None


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
        settings = _checked({**settings.to_json(), "logs": [*settings.to_json()["logs"], key.text]}, folder)
        _save(folder, settings)
    return settings


@contextmanager
def open_witness(
    folder: Path,
    passphrase: Passphrase,
    *,
    clock: Callable[[], datetime],
    pace_s: int = 0,
    told: Callable[[PassportError], None] | None = None,
) -> Iterator[Witness]:
    """The witness in a folder, ready to cosign.

    Args:
        folder: Its folder.
        passphrase: Opens its key.
        clock: The time, aware.
        pace_s: A log's next checkpoint is cosigned no sooner than so many seconds after the one before.
        told: Called with an error when the logs cannot be read anew.

    Raises:
        UsageError: there is none.
        SignerError: a wrong passphrase, or the key is not the witness's.
        LedgerError: what it cosigned is gone, or was put back from an old copy.
    """
    settings = read_witness(folder)
    key = settings.note_key
    signer = load_credential_key(folder / KEY_FILE, passphrase.read(f"witness {key.name}"))
    if decode_multikey(signer.multikey).raw != key.public:
        raise SignerError("the key is not the one the witness is known by", where=str(folder / KEY_FILE))
    logs = WatchedLogs(folder, settings, told=told)
    with WitnessFile(folder / COSIGNED_FILE) as file:
        yield Witness(key, signer.sign, logs=logs, file=file, clock=clock, pace_s=pace_s)


def contradictions(folder: Path) -> list[Fork]:
    """What shows that a log lies: pairs of notes that it signed, with two roots for one size.

    Raises:
        UsageError: there is no witness here.
        LedgerError: what it cosigned is gone, or was put back from an old copy.
    """
    read_witness(folder)
    with WitnessFile(folder / COSIGNED_FILE) as file:
        return file.forks()


def _save(folder: Path, settings: WitnessSettings) -> None:
    path = folder / WITNESS_FILE
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    temporary.write_text(json.dumps(settings.to_json(), indent=2) + "\n", "utf-8")
    temporary.replace(path)
